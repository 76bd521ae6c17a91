"""Codes of an authenticator app (RFC 6238): six digits, SHA-1, 30 seconds, as every such app has them.

The secret is 160 random bits, sealed under a data key of the deployment's tenant and bound to its user::

    nonce (12) ‖ ciphertext (20) ‖ tag (16)      bound to "soquy/totp/v1|" user uuid

A code of the step before or after is taken as well, since clocks differ; each is good once, and none older than one
that was used (RFC 6238 § 5.2).
"""

import base64
import os
import time
from typing import Final
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, text

from ledger.people.kek import NONCE_SIZE
from ledger.people.sealing import DataKey, SealBroken
from ledger.people.vault import vault_of
from ledger.tenancy import DEPLOYMENT, set_tenant

SECRET_SIZE: Final = 20
STEP_SECONDS: Final = 30

_INSERT: Final = text("""\
INSERT INTO vault.user_totp (tenant_id, user_id, sealed, key_id)
VALUES (:tenant_id, :user_id, :sealed, :key_id)""")


def seal_secret(key: DataKey, user_id: UUID, secret: bytes) -> bytes:
    """Seal an authenticator's secret for its user alone."""
    nonce = os.urandom(NONCE_SIZE)
    return nonce + key.cipher.encrypt(nonce, secret, _place(user_id))


def unseal_secret(key: DataKey, user_id: UUID, sealed: bytes) -> bytes:
    """Open an authenticator's secret.

    Raises:
        SealBroken: it was changed, or is another user's.
    """
    try:
        return key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _place(user_id))
    except (InvalidTag, ValueError):
        raise SealBroken(field="totp") from None


def _place(user_id: UUID) -> bytes:
    return f"soquy/totp/v1|{user_id}".encode()


def keep_first(conn: Connection, user_id: UUID) -> bytes:
    """Make and keep a new user's secret, which counts for nothing until a code of it was used; return it."""
    set_tenant(conn, DEPLOYMENT)
    secret = os.urandom(SECRET_SIZE)
    key = vault_of(conn).current_key(conn, DEPLOYMENT)
    row = {"tenant_id": DEPLOYMENT, "user_id": user_id, "key_id": key.key_id}
    conn.execute(_INSERT, {**row, "sealed": seal_secret(key, user_id, secret)})
    return secret


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step of time."""
    return pyotp.TOTP(base64.b32encode(secret).decode()).generate_otp(step)


def step_now() -> int:
    """Return which step of time it is."""
    return int(time.time()) // STEP_SECONDS
