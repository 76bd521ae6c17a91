"""Tell the desk how many requests wait for whoever sits at it."""

from api.auth import Session
from ledger.approvals.queries import count_waiting_for
from web.desk.approval.show import decider_of
from web.desk.task import Task
from web.translation import _


def find_to_approve(session: Session) -> list[Task]:
    """Return what waits for the visitor's consent."""
    if "approve" not in session.rights:
        return []
    who = decider_of(session)
    count = count_waiting_for(session.conn, session.book, who.user_id, who.roles) if who.roles else 0
    return [Task(title=_("Đề nghị chờ tôi duyệt"), path="approvals", count=count, urgency="warn")]
