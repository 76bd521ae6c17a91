"""Enter roles and tokens again from the leaves of the public log, so that neither opens anything.

Whose a role was, and what a token's secret was, was only in the database that was lost.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import columns
from audit.canonical import Leaf
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker
from ledger.books.tables import insert_row

_TENANT: Final = text("SELECT tenant_id FROM soquy.api_token WHERE token_id = :token_id")
_TOKEN: Final = text("""\
INSERT INTO soquy.api_token (tenant_id, token_id, secret_hash, label, rights, association_ids, reaches_below,
    expires_at, created_at, event_id)
VALUES (:tenant_id, :token_id, :secret_hash, :label, CAST(:rights AS text[]), CAST(:association_ids AS uuid[]),
    :reaches_below, :expires_at, :recorded_at, :event_id)""")


def _grant(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    """Enter a role that nobody holds: it is there to be taken back."""
    row = {
        "tenant_id": book.tenant_id,
        "grant_id": typeid.decode(typeid.GRANT, payload["grant"]),
        "association_id": book.association_id,
        "user_id": typeid.new_id(),
        "role": payload["role"],
        "event_id": event_id,
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "role_grant", row)
    return str(payload["grant"])


def _revoke(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    grant_id = typeid.decode(typeid.GRANT, payload["grant"])
    row = {"grant_id": grant_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "role_revocation", {"tenant_id": book.tenant_id, **row})


def _except(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    """Enter an exception that serves nobody: who made it is not known, and might be whom it would serve."""
    first_role, second_role = payload["roles"]
    row = {
        "tenant_id": book.tenant_id,
        "exception_id": event_id,
        "association_id": book.association_id,
        "first_role": first_role,
        "second_role": second_role,
        "until_on": payload["until"],
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "role_exception", row)


def _end_exception(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    exception_id = typeid.decode(typeid.EVENT, payload["exception"])
    row = {"exception_id": exception_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "role_exception_ending", {"tenant_id": book.tenant_id, **row})


def enter_token(conn: Connection, leaf: Leaf, event_id: UUID, tenant_id: int) -> str:
    """Enter a token that no secret opens: nobody knows what hashes to chance. Return its id."""
    payload: Mapping[str, Any] = leaf.payload
    associations = (typeid.decode(typeid.ASSOCIATION, each) for each in payload["associations"])
    conn.execute(
        _TOKEN,
        {
            "tenant_id": tenant_id,
            "token_id": typeid.decode(typeid.TOKEN, payload["token"]),
            "secret_hash": os.urandom(32),
            "label": payload["token"],
            "rights": columns.text_array(payload["rights"]),
            "association_ids": columns.plain_array(associations),
            "reaches_below": payload["reaches_below"],
            "expires_at": datetime.fromisoformat(payload["expires_at"]),
            "recorded_at": leaf.recorded_at,
            "event_id": event_id,
        },
    )
    return str(payload["token"])


def revoke_token(conn: Connection, leaf: Leaf, event_id: UUID, tenant_id: int) -> None:
    """Revoke a token again."""
    token_id = typeid.decode(typeid.TOKEN, str(leaf.payload["token"]))
    row = {"tenant_id": tenant_id, "token_id": token_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "token_revocation", row)


def tenant_of_token(conn: Connection, token: str) -> int | None:
    """Return where a token is kept, if anywhere."""
    found: int | None = conn.execute(_TENANT, {"token_id": typeid.decode(typeid.TOKEN, token)}).scalar()
    return found


ACCESS_MAKERS: Final[Mapping[str, Maker]] = {
    "role.granted": _grant,
    "role.revoked": _revoke,
    "role.exception_made": _except,
    "role.exception_ended": _end_exception,
}
