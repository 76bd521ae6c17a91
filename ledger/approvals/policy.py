"""Which roles an association asks for their consent, from which amount on: never fewer than the law."""

from collections.abc import Mapping
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import text_array
from audit.jcs import Json
from ledger.approvals.errors import PolicyRefused
from ledger.approvals.model import APPROVERS, DAYS_MAX, ROLE_COUNT_MAX, Action, Policy, Terms
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.taking import take_book
from ledger.money import AMOUNT_MAX

_FLOOR: Final = text("SELECT floor FROM soquy.approval_action WHERE action = :action")
_FLOORS: Final = text("SELECT action, floor FROM soquy.approval_action ORDER BY action")
_SET: Final = text("""\
INSERT INTO soquy.approval_policy (tenant_id, policy_id, book_id, action, from_minor, roles, is_ordered, days)
VALUES (:tenant_id, :policy_id, :book_id, :action, :from_minor, CAST(:roles AS text[]), :is_ordered, :days)""")
_TERMS: Final = text("""\
SELECT roles, is_ordered, days FROM soquy.approval_terms(:tenant_id, :book_id, :action, :amount_minor)""")
_POLICIES: Final = text("""\
SELECT policy_id, action, from_minor, roles, is_ordered, days
FROM (
    SELECT DISTINCT ON (action, from_minor) policy_id, action, from_minor, roles, is_ordered, days
    FROM soquy.approval_policy WHERE tenant_id = :tenant_id AND book_id = :book_id
    ORDER BY action, from_minor, policy_id DESC
) AS own
UNION ALL
SELECT NULL, action, 0, roles, is_ordered, days FROM soquy.approval_action AS a
WHERE NOT EXISTS (SELECT FROM soquy.approval_policy AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.action = a.action AND p.from_minor = 0)
ORDER BY action, from_minor""")


def set_policy(
    conn: Connection, book: Book, action: Action, terms: Terms, *, from_minor: int = 0, actor: Actor
) -> UUID:
    """Ask these roles from an amount on, instead of whom was asked until now; return the policy's id.

    What is asked for already goes on as it was asked.

    Raises:
        PolicyRefused: ``reason`` is roles, law, days or amount.
    """
    reason = _reason(conn, action, terms, from_minor)
    if reason is not None:
        raise PolicyRefused(reason=reason)
    take_book(conn, book)
    payload: dict[str, Json] = {
        "action": action,
        "from_minor": from_minor,
        "roles": list(terms.roles),
        "ordered": terms.is_ordered,
        "days": terms.days,
    }
    policy_id = record_event(conn, book, "approval.policy_set", payload, actor=actor)
    row = {
        "tenant_id": book.tenant_id,
        "policy_id": policy_id,
        "book_id": book.book_id,
        "action": action,
        "from_minor": from_minor,
        "roles": text_array(terms.roles),
        "is_ordered": terms.is_ordered,
        "days": terms.days,
    }
    conn.execute(_SET, row)
    return policy_id


def _reason(conn: Connection, action: Action, terms: Terms, from_minor: int) -> str | None:
    if not 1 <= len(terms.roles) <= ROLE_COUNT_MAX or not set(terms.roles) <= set(APPROVERS):
        return "roles"
    if not 1 <= terms.days <= DAYS_MAX:
        return "days"
    if not 0 <= from_minor <= AMOUNT_MAX:
        return "amount"
    floor = conn.execute(_FLOOR, {"action": action}).scalar_one()
    return None if set(floor) <= set(terms.roles) else "law"


def terms_of(conn: Connection, book: Book, action: Action, amount_minor: int) -> Terms:
    """Return whose consent something of this amount needs."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "action": action, "amount_minor": amount_minor}
    row = conn.execute(_TERMS, asked).one()
    return Terms(roles=tuple(row.roles), is_ordered=row.is_ordered, days=row.days)


def floors(conn: Connection) -> Mapping[Action, tuple[str, ...]]:
    """Return whom the law asks for every action, whatever an association decides."""
    return {row.action: tuple(row.floor) for row in conn.execute(_FLOORS)}


def policies(conn: Connection, book: Book) -> tuple[Policy, ...]:
    """Return what holds for every action, in the order of amounts; where nothing was decided, what the law asks."""
    rows = conn.execute(_POLICIES, {"tenant_id": book.tenant_id, "book_id": book.book_id})
    return tuple(
        Policy(
            policy_id=row.policy_id,
            action=cast("Action", row.action),
            from_minor=row.from_minor,
            terms=Terms(roles=tuple(row.roles), is_ordered=row.is_ordered, days=row.days),
        )
        for row in rows
    )
