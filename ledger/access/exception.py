"""Let one person hold two duties that the law keeps apart, where an association has nobody else.

An exception is of one pair of roles in one association, from the day it is recorded until another, at most a year
later. That there is one is public; why, is sealed. It serves everybody but whoever recorded it, so that nobody excepts
themselves; the database judges all of it (``soquy.roles_that_count``), see ADR 17.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.access.role import Pair, Role
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.errors import LedgerError, RuleRefused
from ledger.text import clean_text

REASON_LENGTH_MAX: Final = 500
LISTED_MAX: Final = 100

_LIST: Final = text(f"""\
SELECT e.exception_id, e.first_role, e.second_role, e.until_on, x.event_id AS ending_id,
    CAST(e.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) AS from_on,
    CAST(x.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) AS ended_on,
    x.event_id IS NULL AND e.until_on >= soquy.today() AS is_in_force
FROM soquy.role_exception AS e
LEFT JOIN soquy.role_exception_ending AS x USING (tenant_id, exception_id)
WHERE e.tenant_id = :tenant_id AND e.association_id = :association_id
ORDER BY is_in_force DESC, e.recorded_at DESC, e.exception_id
LIMIT {LISTED_MAX}""")  # noqa: S608 - a number of this program
_IN_FORCE: Final = text("""\
SELECT EXISTS (
    SELECT FROM soquy.role_exception AS e
    LEFT JOIN soquy.role_exception_ending AS x USING (tenant_id, exception_id)
    WHERE e.tenant_id = :tenant_id AND e.association_id = :association_id AND e.exception_id = :exception_id
        AND x.event_id IS NULL AND e.until_on >= soquy.today())""")


class ExceptionOwn(LedgerError):
    """Whoever records it holds one of the two roles there: somebody else, here or above, may."""

    code = "role_exception_own"


class ExceptionTooLong(LedgerError):
    """The last day is over, or more than a year away."""

    code = "role_exception_until"


class ExceptionNotFound(LedgerError):
    """No such exception is in force in this association."""

    code = "role_exception_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleException:
    """A pair of roles that one person may hold, both days included; ``ended_on`` is when it ended before its last."""

    exception_id: UUID
    roles: tuple[Role, Role]
    from_on: date
    until_on: date
    ended_on: date | None
    ending_id: UUID | None
    is_in_force: bool


def make_exception(conn: Connection, book: Book, roles: Pair, *, until_on: date, reason: str, actor: Actor) -> UUID:
    """Let one person of an association hold both roles until a day; return the exception's id.

    Raises:
        TextRefused: there is no reason.
        ExceptionTooLong: the day is over, or more than a year away.
        ExceptionOwn: ``actor`` holds one of the two roles there.
    """
    private = {"reason": clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)}
    payload = {"roles": list(roles), "until": str(until_on)}
    with conn.begin_nested():  # the leaf comes first, and without an exception there is none
        exception_id = record_event(conn, book, "role.exception_made", payload, actor=actor, private=private)
        row = {
            "tenant_id": book.tenant_id,
            "exception_id": exception_id,
            "association_id": book.association_id,
            "first_role": roles[0],
            "second_role": roles[1],
            "until_on": until_on,
            "made_by": actor.principal_id,
        }
        try:
            insert_row(conn, "role_exception", row)
        except RuleRefused as error:
            if error.fields.get("rule") == "role_exception_until_rule":
                raise ExceptionTooLong(field="until") from error
            if error.fields.get("rule") == "role_exception_own_rule":
                raise ExceptionOwn from error
            raise
    return exception_id


def end_exception(conn: Connection, book: Book, exception_id: UUID, *, actor: Actor) -> None:
    """End an exception, at once; of two roles that one person held by it, the later one no longer counts.

    Raises:
        ExceptionNotFound: none of this id is in force in the association.
    """
    key = {"tenant_id": book.tenant_id, "exception_id": exception_id}
    if not conn.execute(_IN_FORCE, {**key, "association_id": book.association_id}).scalar_one():
        raise ExceptionNotFound
    with conn.begin_nested():
        payload = {"exception": typeid.encode(typeid.EVENT, exception_id)}
        event_id = record_event(conn, book, "role.exception_ended", payload, actor=actor)
        try:
            insert_row(conn, "role_exception_ending", {**key, "event_id": event_id})
        except RuleRefused as error:  # somebody else came first
            if error.fields.get("rule") in {"role_exception_ending_pk", "role_exception_ending_over_rule"}:
                raise ExceptionNotFound from error
            raise


def list_exceptions(conn: Connection, book: Book) -> Sequence[RoleException]:
    """Return the exceptions of an association: those in force first, then the newest."""
    rows = conn.execute(_LIST, {"tenant_id": book.tenant_id, "association_id": book.association_id})
    return [
        RoleException(
            exception_id=row.exception_id,
            roles=(row.first_role, row.second_role),
            from_on=row.from_on,
            until_on=row.until_on,
            ended_on=row.ended_on,
            ending_id=row.ending_id,
            is_in_force=row.is_in_force,
        )
        for row in rows
    ]
