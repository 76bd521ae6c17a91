"""Tell the desk which approved payments wait for whose hands they go through."""

from typing import Final

from sqlalchemy import text

from api.auth import Session
from web.desk.task import Task
from web.translation import _

_READY: Final = text("""\
SELECT count(*) FILTER (WHERE k.moves = 'cash out') AS cash, count(*) FILTER (WHERE k.moves <> 'cash out') AS other
FROM soquy.entry_proposal AS p
JOIN soquy.book AS b USING (tenant_id, book_id)
JOIN soquy.voucher_kind AS k ON k.chart = b.chart AND k.voucher_kind = p.voucher_kind
JOIN soquy.approval AS a ON a.tenant_id = p.tenant_id AND a.book_id = p.book_id AND a.subject_id = p.proposal_id
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id
    AND NOT EXISTS (SELECT FROM soquy.approval_use AS u
        WHERE u.tenant_id = a.tenant_id AND u.approval_id = a.approval_id)
    AND soquy.approval_state(a.tenant_id, a.approval_id) = 'approved'""")


def find_to_pay(session: Session) -> list[Task]:
    """Return what waits to be paid in cash, and what the bank paid and is to be posted."""
    if session.rights.isdisjoint({"pay", "post"}):
        return []
    row = session.conn.execute(_READY, {"tenant_id": session.tenant_id, "book_id": session.book.book_id}).one()
    count = (row.cash if "pay" in session.rights else 0) + (row.other if "post" in session.rights else 0)
    return [Task(title=_("Phiếu đã duyệt, chờ chi"), path="payments", count=count, urgency="warn")]
