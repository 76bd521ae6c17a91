"""Read requests for consent: one, that of a subject, and those that wait for somebody."""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import text_array
from ledger import typeid
from ledger.approvals.errors import ApprovalNotFound
from ledger.approvals.model import Action, Approval, Decision
from ledger.books.model import Book

LIST_LENGTH_MAX: Final = 200

_APPROVALS: Final = """\
SELECT a.approval_id, a.action, a.subject_id, a.amount_minor, a.roles, a.is_ordered, a.drafted_by, a.expires_on,
    a.recorded_at, soquy.approval_state(a.tenant_id, a.approval_id) AS state, said.decisions
FROM soquy.approval AS a
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_array(d.step, d.is_granted, d.user_id, d.recorded_at) ORDER BY d.step), '[]')
        AS decisions
    FROM soquy.approval_decision AS d WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
) AS said
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id"""

_ONE: Final = text(f"{_APPROVALS} AND a.approval_id = :approval_id")
_OF: Final = text(f"""\
{_APPROVALS} AND a.action = :action AND a.subject_id = :subject_id ORDER BY a.approval_id DESC LIMIT 1""")
_WAITING: Final = text(f"""\
SELECT q.* FROM ({_APPROVALS} AND a.expires_on >= soquy.today() AND a.drafted_by <> :user_id
    AND a.roles && CAST(:roles AS text[])) AS q
WHERE q.state = 'asked' ORDER BY q.expires_on, q.approval_id LIMIT :row_limit""")


def approval_by_id(conn: Connection, book: Book, approval_id: UUID) -> Approval:
    """Return a request of the book.

    Raises:
        ApprovalNotFound: it has none of this id.
    """
    row = conn.execute(_ONE, {**_home(book), "approval_id": approval_id}).mappings().one_or_none()
    if row is None:
        raise ApprovalNotFound(approval=typeid.encode(typeid.APPROVAL, approval_id))
    return _approval(dict(row))


def approval_of(conn: Connection, book: Book, action: Action, subject_id: UUID) -> Approval | None:
    """Return the last request about a subject."""
    row = conn.execute(_OF, {**_home(book), "action": action, "subject_id": subject_id}).mappings().one_or_none()
    return None if row is None else _approval(dict(row))


def waiting_for(conn: Connection, book: Book, user_id: UUID, roles: Sequence[str]) -> tuple[Approval, ...]:
    """Return what somebody who holds these roles can decide now, what is due first first."""
    asked = {**_home(book), "user_id": user_id, "roles": text_array(roles), "row_limit": LIST_LENGTH_MAX}
    found = (_approval(dict(row)) for row in conn.execute(_WAITING, asked).mappings())
    return tuple(each for each in found if each.step_for(user_id, roles) is not None)


def _home(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}


def _approval(row: dict[str, Any]) -> Approval:
    roles = tuple(row.pop("roles"))
    decisions = tuple(
        Decision(
            step=step,
            role=roles[step - 1],
            is_granted=is_granted,
            user_id=None if user_id is None else UUID(user_id),
            recorded_at=datetime.fromisoformat(recorded_at),
        )
        for step, is_granted, user_id, recorded_at in row.pop("decisions")
    )
    return Approval(roles=roles, decisions=decisions, **row)
