"""Read requests for consent: one, that of a subject, a book's, those that wait for somebody, and why one was denied."""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from ledger import typeid
from ledger.approvals.errors import ApprovalNotFound
from ledger.approvals.model import Action, Approval, Decision, State
from ledger.books.model import Actor, Book
from ledger.people.opening import open_denial
from ledger.reports.page import Page, row_limit

LIST_LENGTH_MAX: Final = 200

_APPROVALS: Final = """\
SELECT a.approval_id, a.action, a.subject_id, a.amount_minor, a.roles, a.is_ordered, a.drafted_by, a.expires_on,
    a.recorded_at, soquy.approval_state(a.tenant_id, a.approval_id) AS state, said.decisions
FROM soquy.approval AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS size, coalesce(bool_or(d.user_id = :user_id), false) AS is_answered,
        coalesce(jsonb_agg(jsonb_build_array(d.step, d.is_granted, d.user_id, d.recorded_at) ORDER BY d.step), '[]')
            AS decisions
    FROM soquy.approval_decision AS d WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
) AS said
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id"""

# What Approval.step_for finds: cut short by the day before any state is asked for.
_WAITS: Final = """\
a.expires_on >= soquy.today() AND a.roles && CAST(:roles AS text[]) AND a.drafted_by <> :user_id
    AND NOT said.is_answered AND soquy.approval_state(a.tenant_id, a.approval_id) = 'asked'
    AND EXISTS (SELECT FROM unnest(a.roles) WITH ORDINALITY AS s (role, step)
        WHERE s.role = ANY (CAST(:roles AS text[])) AND (NOT a.is_ordered OR s.step = said.size + 1)
            AND NOT EXISTS (SELECT FROM soquy.approval_decision AS d
                WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id AND d.step = s.step))"""

_SOME: Final = text(f"{_APPROVALS} AND a.approval_id = ANY (CAST(:approval_ids AS uuid[]))")
_LAST: Final = text(f"""\
SELECT DISTINCT ON (q.subject_id) q.* FROM ({_APPROVALS} AND a.subject_id = ANY (CAST(:subject_ids AS uuid[]))) AS q
ORDER BY q.subject_id, q.approval_id DESC""")
_WAITING: Final = text(f"{_APPROVALS} AND {_WAITS} ORDER BY a.expires_on, a.approval_id LIMIT :row_limit")
_COUNT: Final = text(f"SELECT count(*) FROM ({_APPROVALS} AND {_WAITS}) AS waiting")
_EXPIRED: Final = text("""\
SELECT count(*) FROM soquy.approval AS a
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id
    AND a.expires_on BETWEEN soquy.today() - CAST(:days AS integer) AND soquy.today() - 1
    AND soquy.approval_state(a.tenant_id, a.approval_id) = 'expired'
    AND NOT EXISTS (SELECT FROM soquy.approval AS n
        WHERE n.tenant_id = a.tenant_id AND n.subject_id = a.subject_id AND n.approval_id > a.approval_id)""")
_ROLES: Final = text("""\
SELECT soquy.roles_that_count(tenant_id, association_id, held.user_id, held.roles)
FROM soquy.role_holder AS held JOIN soquy.book USING (tenant_id, association_id)
WHERE held.tenant_id = :tenant_id AND book.book_id = :book_id AND held.user_id = :user_id""")
_DENIAL: Final = text("""\
SELECT event_id FROM soquy.approval_decision
WHERE tenant_id = :tenant_id AND approval_id = :approval_id AND NOT is_granted""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who may be asked: a user, and those of their roles that count."""

    user_id: UUID
    roles: Collection[str]


def approval_by_id(conn: Connection, book: Book, approval_id: UUID) -> Approval:
    """Return a request of the book.

    Raises:
        ApprovalNotFound: it has none of this id.
    """
    found = known_approvals(conn, book, [approval_id]).get(approval_id)
    if found is None:
        raise ApprovalNotFound(approval=typeid.encode(typeid.APPROVAL, approval_id))
    return found


def known_approvals(conn: Connection, book: Book, approval_ids: Sequence[UUID]) -> Mapping[UUID, Approval]:
    """Return those of the requests that the book has."""
    rows = conn.execute(_SOME, {**_home(book), "approval_ids": plain_array(approval_ids)}).mappings()
    return {row["approval_id"]: _approval(row) for row in rows}


def last_approvals(conn: Connection, book: Book, subject_ids: Sequence[UUID]) -> dict[UUID, Approval]:
    """Return the last request about each subject that was asked about."""
    rows = conn.execute(_LAST, {**_home(book), "subject_ids": plain_array(subject_ids)}).mappings()
    return {row["subject_id"]: _approval(row) for row in rows}


def approvals(
    conn: Connection,
    book: Book,
    *,
    state: State | None = None,
    action: Action | None = None,
    asked: Asked | None = None,
    after: UUID | None = None,
    page_size: int = 100,
) -> Page[Approval, UUID]:
    """Return requests of a book, the newest first; ``asked`` leaves those that wait for somebody."""
    conditions, values = [], _home(book)
    if asked is not None:
        conditions.append(_WAITS)
        values |= _asked(asked)
    if action is not None:
        conditions.append("a.action = :action")
        values["action"] = action
    if state is not None:
        conditions.append("soquy.approval_state(a.tenant_id, a.approval_id) = :state")
        values["state"] = state
    if after is not None:
        conditions.append("a.approval_id < :after")
        values["after"] = after
    query = " AND ".join([_APPROVALS, *conditions]) + " ORDER BY a.approval_id DESC LIMIT :row_limit"
    found = conn.execute(text(query), {**values, "row_limit": row_limit(page_size)}).mappings()
    rows = [_approval(row) for row in found]
    more = len(rows) > page_size
    return Page(rows=tuple(rows[:page_size]), next_cursor=rows[page_size - 1].approval_id if more else None)


def waiting_for(
    conn: Connection, book: Book, user_id: UUID, roles: Collection[str], *, row_limit: int = LIST_LENGTH_MAX
) -> tuple[Approval, ...]:
    """Return what somebody in whom these roles count can decide now, what is due first first."""
    asked = {**_home(book), **_asked(Asked(user_id=user_id, roles=roles)), "row_limit": row_limit}
    return tuple(_approval(row) for row in conn.execute(_WAITING, asked).mappings())


def count_waiting_for(conn: Connection, book: Book, user_id: UUID, roles: Collection[str]) -> int:
    """Return how many requests somebody in whom these roles count can decide now."""
    asked = {**_home(book), **_asked(Asked(user_id=user_id, roles=roles))}
    return int(conn.execute(_COUNT, asked).scalar_one())


def count_expired(conn: Connection, book: Book, *, days: int = 30) -> int:
    """Return how many requests nobody answered in time, of the last days, that were not asked anew."""
    return int(
        conn.execute(_EXPIRED, {"tenant_id": book.tenant_id, "book_id": book.book_id, "days": days}).scalar_one()
    )


def roles_held(conn: Connection, book: Book, user_id: UUID) -> frozenset[str]:
    """Return the roles that a user holds in the association of a book itself."""
    return frozenset(conn.execute(_ROLES, {**_home(book), "user_id": user_id}).scalar() or ())


def denial_reason(
    conn: Connection, book: Book, approval: Approval, *, rights: Collection[str], actor: Actor
) -> str | None:
    """Open why a request was denied to whoever asked, and to those with the right to see people: it may name some.

    That it was opened is written down. ``None`` where it is not for them, was not denied, or was erased.

    Raises:
        SealBroken: a row was tampered with.
    """
    is_theirs = approval.drafted_by == actor.principal_id or "people" in rights
    if approval.state != "denied" or not is_theirs:
        return None
    asked = {"tenant_id": book.tenant_id, "approval_id": approval.approval_id}
    event_id = conn.execute(_DENIAL, asked).scalar_one()
    return open_denial(conn, book.tenant_id, event_id, principal_id=actor.principal_id)


def _home(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "user_id": None}


def _asked(who: Asked) -> dict[str, Any]:
    return {"user_id": who.user_id, "roles": text_array(sorted(who.roles))}


def _approval(found: Mapping[Any, Any]) -> Approval:
    row = dict(found)
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
