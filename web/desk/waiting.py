"""What waits at an association's desk, a line each: what somebody can go on with, the most pressing first."""

from typing import Final

from api.auth import Session
from ledger.waiting import count_waiting
from web.desk.task import Task, Urgency
from web.translation import Message, _

LINES: Final[tuple[tuple[str, Message, str, Urgency], ...]] = (
    ("jobs_failed", _("Việc chạy nền không làm được"), "jobs", "bad"),
    ("slips_missing", _("Số biên lai thiếu khi thu quyển về"), "blocks", "bad"),
    ("drafts_submitted", _("Danh sách đã nộp, chờ ghi sổ"), "drafts", "warn"),
    ("drafts_returned", _("Nháp bị trả lại, cần sửa"), "drafts", "warn"),
    ("files_ready", _("Tệp đã xem xong, chờ ghi sổ"), "intake", "warn"),
    ("files_undecided", _("Tệp chờ xem lại và quyết định"), "intake", "warn"),
    ("pledges_due", _("Cam kết đến hạn hoặc quá hạn"), "pledges", "warn"),
    ("goods_there", _("Hiện vật chưa trao hết"), "goods", "info"),
    ("drafts_open", _("Nháp đang làm dở"), "drafts", "info"),
    ("jobs_running", _("Việc đang chạy nền"), "jobs", "info"),
)
"""What is counted, how it is called, the page below the desk that leads on, and how pressing it is."""


def find_waiting(session: Session) -> list[Task]:
    """Return what waits for whoever asks."""
    found = count_waiting(session.conn, session.book, rights=session.rights, actor=session.actor)
    return [
        Task(title=title, path=path, count=getattr(found, name) or 0, urgency=urgency)
        for name, title, path, urgency in LINES
    ]
