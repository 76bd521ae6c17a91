"""The private log of who signed in and who was refused: ids and codes, for 90 days, never a leaf and never a name.

Of the address a keyed hash of eight bytes is kept, so that an operator sees that a hundred refusals came from one
place, and nobody where somebody lives. A user sees their own on their account's page.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from api.visit import SignedIn
from ledger import typeid
from ledger.people.vault import REQUEST, vault_of
from ledger.tenancy import DEPLOYMENT, set_tenant

Kind = Literal[
    "signed_in",
    "signed_in_by_pin",
    "password_wrong",
    "pin_wrong",
    "code_wrong",
    "proved",
    "signed_out",
    "sessions_ended",
    "password_changed",
    "password_renewed",
    "authenticator_set",
    "recovery_codes_made",
    "device_remembered",
    "device_forgotten",
    "slowed_down",
    "page_refused",
]

_ADDRESS_SIZE: Final = 8

_NOTE: Final = text("""\
INSERT INTO vault.access_event (tenant_id, access_id, kind, user_id, address)
VALUES (:tenant_id, :access_id, :kind, :user_id, :address)""")
_OWN: Final = text("SELECT * FROM soquy.own_access(:secret_hash)")
_FORGET: Final = text("SELECT soquy.forget_access()")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """Something that happened to a user's account."""

    kind: str
    recorded_at: datetime


def note(conn: Connection, kind: Kind, *, user_id: UUID | None, address: str) -> None:
    """Write down what happened; the transaction goes on in the deployment's tenant."""
    set_tenant(conn, DEPLOYMENT)
    key = vault_of(conn).current_key(conn, DEPLOYMENT, REQUEST)
    hashed = hmac.digest(key.secret, f"soquy/address/v1|{address}".encode(), sha256)[:_ADDRESS_SIZE]
    row = {"tenant_id": DEPLOYMENT, "access_id": typeid.new_id(), "kind": kind, "user_id": user_id, "address": hashed}
    conn.execute(_NOTE, row)


def own_access(conn: Connection, caller: SignedIn) -> Sequence[AccessRow]:
    """Return what happened to the caller's account lately, the newest first."""
    return [AccessRow(**row) for row in conn.execute(_OWN, {"secret_hash": caller.secret_hash}).mappings()]


def forget(conn: Connection) -> int:
    """Forget what is older than 90 days; return how many lines went."""
    return int(conn.execute(_FORGET).scalar_one())
