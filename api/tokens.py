"""Make, list and revoke tokens; each making and revoking is a leaf of the log, with ids, rights and days alone.

A token hands on no more than it has: its rights are among the maker's, its associations within the maker's reach, and
it lives in their storage home. What is made on the server itself has no maker to be held against.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical, columns, log
from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor
from ledger.calendar import fiscal_year
from ledger.people import sealing
from ledger.people.vault import vault_of
from ledger.tenancy import set_tenant

DAYS_MAX: Final = 400
"""A year and a month: long enough to renew at the turn of the year, short enough that a forgotten one ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as it is listed."""

    token_id: UUID
    label: str
    rights: Sequence[str]
    association_ids: Sequence[UUID]
    reaches_below: bool
    expires_at: datetime
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token and its secret, which nobody will see again."""

    token_id: UUID
    secret: str


_INSERT: Final = text("""\
INSERT INTO soquy.api_token (tenant_id, token_id, secret_hash, label, rights, association_ids, reaches_below,
    expires_at, event_id)
VALUES (:tenant_id, :token_id, :secret_hash, :label, CAST(:rights AS text[]), CAST(:association_ids AS uuid[]),
    :reaches_below, :expires_at, :event_id)""")

_LIST: Final = text("""\
SELECT t.token_id, t.label, t.rights, t.association_ids, t.reaches_below, t.expires_at, t.created_at,
    r.recorded_at AS revoked_at
FROM soquy.api_token AS t
LEFT JOIN soquy.token_revocation AS r USING (tenant_id, token_id)
WHERE t.tenant_id = :tenant_id AND (CAST(:token_id AS uuid) IS NULL OR t.token_id = CAST(:token_id AS uuid))
ORDER BY t.created_at DESC, t.token_id
LIMIT 1000""")

_REVOKE: Final = text("""\
INSERT INTO soquy.token_revocation (tenant_id, token_id, event_id)
SELECT t.tenant_id, t.token_id, :event_id
FROM soquy.api_token AS t
WHERE t.tenant_id = :tenant_id AND t.token_id = :token_id
ON CONFLICT ON CONSTRAINT token_revocation_pk DO NOTHING""")

_SEAL: Final = text(sealing.INSERT_SQL)


def create_token(
    conn: Connection,
    *,
    tenant_id: int,
    label: str,
    rights: Sequence[str],
    association_ids: Sequence[UUID],
    reaches_below: bool,
    expires_at: datetime,
    actor: Actor | None,
) -> NewToken:
    """Make a token in a tenant, and leave the transaction working there.

    ``actor`` is ``None`` where the server itself makes it. Who may hand on what is the caller's to have checked.
    """
    set_tenant(conn, tenant_id)
    token_id = typeid.new_id()
    secret = f"sq_{tenant_id}_{secrets.token_urlsafe(32)}"
    payload: dict[str, Json] = {
        "token": typeid.encode(typeid.TOKEN, token_id),
        "rights": sorted(rights),
        "associations": [typeid.encode(typeid.ASSOCIATION, each) for each in association_ids],
        "reaches_below": reaches_below,
        "expires_at": expires_at.astimezone(UTC).isoformat(),
    }
    event_id = _record(conn, tenant_id, "token.created", payload, actor)
    parameters = {
        "tenant_id": tenant_id,
        "token_id": token_id,
        "secret_hash": sha256(secret.encode()).digest(),
        "label": label,
        "rights": columns.text_array(rights),
        "association_ids": columns.plain_array(association_ids),
        "reaches_below": reaches_below,
        "expires_at": expires_at,
        "event_id": event_id,
    }
    conn.execute(_INSERT, parameters)
    return NewToken(token_id=token_id, secret=secret)


def list_tokens(conn: Connection, tenant_id: int, token_id: UUID | None = None) -> list[TokenRow]:
    """Return the tokens of the transaction's tenant, the newest first, or the one of an id."""
    rows = conn.execute(_LIST, {"tenant_id": tenant_id, "token_id": token_id})
    return [TokenRow(**row) for row in rows.mappings()]


def revoke_token(conn: Connection, tenant_id: int, token_id: UUID, *, actor: Actor | None) -> bool:
    """Revoke a token of the transaction's tenant for good; ``False`` where there is none, or it was revoked before."""
    payload: dict[str, Json] = {"token": typeid.encode(typeid.TOKEN, token_id)}
    with conn.begin_nested() as savepoint:
        event_id = _record(conn, tenant_id, "token.revoked", payload, actor)
        key = {"tenant_id": tenant_id, "token_id": token_id, "event_id": event_id}
        if conn.execute(_REVOKE, key).rowcount == 1:
            return True
        savepoint.rollback()  # the leaf comes first, and without a revocation there is none
    return False


def expiry_after(days: int) -> datetime:
    """Return the instant that lies some days ahead."""
    return datetime.now(UTC) + timedelta(days=days)


def _record(
    conn: Connection,
    tenant_id: int,
    type_: str,
    payload: dict[str, Json],
    actor: Actor | None,
) -> UUID:
    event_id = typeid.new_id()
    public_id = typeid.encode(typeid.EVENT, event_id)
    recorded_at = log.recording_time(conn)
    leaf_actor = canonical.LeafActor(role="server", commitment=None)
    if actor is not None:
        key = vault_of(conn).current_key(conn, tenant_id)
        values = sealing.Sealing(key, retention=sealing.SERVICE, count=1)
        principal, year = actor.public_id, fiscal_year(recorded_at.date())
        committed = values.commit(event_id, public_id, "actor", principal, fiscal_year=year)
        leaf_actor = canonical.LeafActor(role=actor.role, commitment=committed)
        conn.execute(_SEAL, values.parameters())
    leaf = canonical.Leaf(
        type=type_,
        event_id=public_id,
        association=None,
        recorded_at=recorded_at,
        actor=leaf_actor,
        payload=payload,
    )
    record = log.Record(event_id=event_id, type=type_, association_id=None, leaf=canonical.encode(leaf))
    log.append(conn, tenant_id, [record])
    return event_id
