"""Grant roles and take them back: each is a row of the association and a leaf, which names the grant, not the person.

Who holds a role is sealed out of the leaf, as who acted is. Duties that the law keeps apart are refused by the database
(``role_grant_separation_rule``), so that two administrators at the same moment cannot join them either.
"""

from typing import Final, NoReturn
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.access.role import Role
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row, raise_refusal
from ledger.errors import LedgerError, RuleRefused
from ledger.people import sealing

_REVOKE: Final = text("""\
INSERT INTO soquy.role_revocation (tenant_id, grant_id, event_id)
SELECT g.tenant_id, g.grant_id, :event_id
FROM soquy.role_grant AS g
WHERE g.tenant_id = :tenant_id AND g.association_id = :association_id AND g.grant_id = :grant_id
ON CONFLICT ON CONSTRAINT role_revocation_pk DO NOTHING""")


class DutiesSeparated(LedgerError):
    """The law keeps this role apart from one that the person holds, and no exception joins them; carries the role."""

    code = "duties_separated"


class RoleHeld(LedgerError):
    """The person holds the role already; carries it."""

    code = "role_held"


class LastAdministrator(LedgerError):
    """Nobody, here or above, would be left to give and take roles."""

    code = "last_administrator"


class GrantNotFound(LedgerError):
    """No such grant in this association, or it was taken back before."""

    code = "grant_not_found"


def grant_role(conn: Connection, book: Book, user_id: UUID, role: Role, *, actor: Actor) -> UUID:
    """Give a user a role in the association of a book; return the grant's id.

    Raises:
        DutiesSeparated, RoleHeld: with what the user holds there already.
    """
    grant_id = typeid.new_id()
    payload = {"grant": typeid.encode(typeid.GRANT, grant_id), "role": role}
    private = {"user": typeid.encode(typeid.USER, user_id)}
    row = {
        "tenant_id": book.tenant_id,
        "grant_id": grant_id,
        "association_id": book.association_id,
        "user_id": user_id,
        "role": role,
    }
    with conn.begin_nested():  # the leaf comes first, and without a grant there is none
        event_id = record_event(
            conn, book, "role.granted", payload, actor=actor, private=private, retention=sealing.SERVICE
        )
        try:
            insert_row(conn, "role_grant", {**row, "event_id": event_id})
        except RuleRefused as error:
            if error.fields.get("rule") == "role_grant_held_rule":
                raise RoleHeld(role=role) from error
            if error.fields.get("rule") == "role_grant_separation_rule":
                raise DutiesSeparated(role=role) from error
            raise
    return grant_id


def revoke_role(conn: Connection, book: Book, grant_id: UUID, *, actor: Actor) -> None:
    """Take a role back, at once and for good; it may be granted anew.

    Raises:
        GrantNotFound: no such grant in the association, or taken back before.
        LastAdministrator: nobody would administer the association, in it or above.
    """
    payload = {"grant": typeid.encode(typeid.GRANT, grant_id)}
    key = {"tenant_id": book.tenant_id, "association_id": book.association_id, "grant_id": grant_id}
    with conn.begin_nested():
        event_id = record_event(conn, book, "role.revoked", payload, actor=actor, retention=sealing.SERVICE)
        try:
            revoked = conn.execute(_REVOKE, {**key, "event_id": event_id}).rowcount
        except sqlalchemy.exc.DatabaseError as error:
            _raise_revocation(error)
        if revoked != 1:
            raise GrantNotFound


def _raise_revocation(error: sqlalchemy.exc.DatabaseError) -> NoReturn:
    try:
        raise_refusal(error)
    except RuleRefused as refused:
        if refused.fields.get("rule") == "role_administrator_kept_rule":
            raise LastAdministrator from refused
        raise
