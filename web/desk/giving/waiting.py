"""What waits of giving at an association's desk: one's own drafts, and those that were handed in to be posted."""

from typing import Final

from sqlalchemy import text

from api.auth import Session
from web.desk.giving.show import may_post
from web.desk.task import Task
from web.translation import _

_WAITING: Final = text("""\
SELECT count(*) FILTER (WHERE d.state = 'submitted') AS submitted,
    count(*) FILTER (WHERE d.state = 'open' AND d.drafted_by = :me) AS open,
    count(*) FILTER (WHERE d.state = 'open' AND d.drafted_by = :me AND d.return_reason IS NOT NULL) AS returned
FROM vault.draft AS d
WHERE d.tenant_id = :tenant_id AND d.book_id = :book_id AND d.state IN ('open', 'submitted')""")


def find_drafts(session: Session) -> list[Task]:
    """Return how many drafts wait for whoever asks; one that was given back is more urgent than one not finished."""
    if "collect" not in session.rights:
        return []
    book = session.book
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "me": session.actor.public_id}
    found = session.conn.execute(_WAITING, asked).one()
    return [
        Task(
            title=_("Danh sách đã nộp, chờ ghi sổ"),
            path="drafts",
            count=found.submitted if may_post(session.rights) else 0,
            urgency="warn",
        ),
        Task(title=_("Nháp bị trả lại, cần sửa"), path="drafts", count=found.returned, urgency="warn"),
        Task(title=_("Nháp đang làm dở"), path="drafts", count=found.open - found.returned),
    ]
