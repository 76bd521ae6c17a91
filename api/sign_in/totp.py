"""Codes of an authenticator app (RFC 6238): six digits, SHA-1, 30 seconds, as every such app has them.

The secret is 160 random bits, sealed under a data key of the deployment's tenant and bound to its user::

    nonce (12) ‖ ciphertext (20) ‖ tag (16)      bound to "soquy/totp/v1|" user uuid

A code of the step before or after is taken as well, since clocks differ; each is good once, and none older than one
that was used (RFC 6238 § 5.2). A session has five tries, and then the password is asked for again.

A recovery code stands in for a lost authenticator, once: 80 random bits, of which the hash alone is kept.
"""

import base64
import hmac
import os
import secrets
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import quote
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, text

from api.sign_in.session import make_secret
from api.visit import SignedIn
from ledger.people.kek import NONCE_SIZE
from ledger.people.sealing import DataKey, SealBroken
from ledger.people.vault import vault_of
from ledger.tenancy import DEPLOYMENT, set_tenant

SECRET_SIZE: Final = 20
STEP_SECONDS: Final = 30
STEPS_AROUND: Final = (0, -1, 1)
RECOVERY_COUNT: Final = 10

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_RECOVERY_SIZE: Final = 16
_GROUP: Final = 4
_BASE32: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_BASE32_SIZE: Final = 32
_ALIKE: Final = str.maketrans("oil", "011")

_OFFER: Final = text("SELECT soquy.offer_totp(:secret_hash, :sealed, :key_id)")
_TRY: Final = text("SELECT * FROM soquy.try_code(:secret_hash, :is_pending)")
_STRENGTHEN: Final = text("SELECT soquy.strengthen_session(:secret_hash, :new_hash, :step)")
_CONFIRM: Final = text("SELECT soquy.confirm_totp(:secret_hash, :new_hash, :step)")
_SPEND: Final = text("SELECT soquy.spend_recovery_code(:secret_hash, :new_hash, :code_hash)")
_SET_CODES: Final = text("SELECT soquy.set_recovery_codes(:secret_hash, :code_hashes)")


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


def offer(conn: Connection, caller: SignedIn, user_id: UUID, *, secret: bytes | None = None) -> bytes:
    """Make a secret for the caller's authenticator, which counts once a code of it was used; return it.

    ``secret`` is given by a demo alone, whose people show their codes.
    """
    set_tenant(conn, DEPLOYMENT)
    if secret is None:
        secret = os.urandom(SECRET_SIZE)
    key = vault_of(conn).current_key(conn, DEPLOYMENT)
    sealed = seal_secret(key, user_id, secret)
    conn.execute(_OFFER, {"secret_hash": caller.secret_hash, "sealed": sealed, "key_id": key.key_id})
    return secret


def confirm(conn: Connection, caller: SignedIn, code: str) -> str | None:
    """Take a new authenticator into use by its first code; return the raised session's new secret, or ``None``."""
    found = _step_of(conn, caller, code, is_pending=True, may_try=lambda _: True)
    return None if found is None else _raise(conn, caller, found, _CONFIRM)


def prove(conn: Connection, caller: SignedIn, code: str, may_try: Callable[[UUID], bool]) -> str | None:
    """Raise a session by a code of its user's authenticator, or by a recovery code; return its new secret.

    ``None`` where the code is wrong or was used, which costs one of five tries, or where its user may not try yet: six
    figures would be guessed in a day by who knows the password and begins one session after another.
    """
    plain = "".join(code.split()).replace("-", "").lower()
    if len(plain) == _RECOVERY_SIZE:
        secret, new_hash = make_secret()
        asked = {"secret_hash": caller.secret_hash, "new_hash": new_hash, "code_hash": recovery_hash(plain)}
        return secret if conn.execute(_SPEND, asked).scalar_one() else None
    found = _step_of(conn, caller, plain, is_pending=False, may_try=may_try)
    return None if found is None else _raise(conn, caller, found, _STRENGTHEN)


def _raise(conn: Connection, caller: SignedIn, step: int, statement: object) -> str | None:
    secret, new_hash = make_secret()
    asked = {"secret_hash": caller.secret_hash, "new_hash": new_hash, "step": step}
    return secret if conn.execute(statement, asked).scalar_one() else None  # type: ignore[call-overload]


def _step_of(
    conn: Connection, caller: SignedIn, code: str, *, is_pending: bool, may_try: Callable[[UUID], bool]
) -> int | None:
    """Use up one of the session's tries; return the step of time whose code this is, and that was not used."""
    row = conn.execute(_TRY, {"secret_hash": caller.secret_hash, "is_pending": is_pending}).one_or_none()
    if row is None or not may_try(row.user_id):
        return None
    key = vault_of(conn).data_key(DEPLOYMENT, row.key_id, row.wrapped, row.kek_id)
    secret = unseal_secret(key, row.user_id, row.sealed)
    given = "".join(code.split()).encode()
    now = step_now()
    fitting = [step for step in (now + each for each in STEPS_AROUND) if _is_code(secret, step, given)]
    return next((step for step in fitting if step > row.last_step), None)


def _is_code(secret: bytes, step: int, given: bytes) -> bool:
    return hmac.compare_digest(code_at(secret, step).encode(), given)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step of time."""
    return pyotp.TOTP(base32(secret)).generate_otp(step)


def step_now() -> int:
    """Return which step of time it is."""
    return int(time.time()) // STEP_SECONDS


def base32(secret: bytes) -> str:
    """Return a secret as it is typed into an app."""
    return base64.b32encode(secret).decode()


def uri_of(secret: str, email: str) -> str:
    """Return the address that an app reads from a QR code; ``secret`` in base 32."""
    label = quote(f"Sổ Quỹ:{email}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote('Sổ Quỹ')}"


def clean_base32(text: str) -> str:
    """Return a secret in base 32 as a form gave it back; nothing where it is none."""
    return text if len(text) == _BASE32_SIZE and set(text) <= _BASE32 else ""


def renew_recovery_codes(conn: Connection, caller: SignedIn) -> Sequence[str]:
    """Replace the caller's recovery codes; return the new ones, which nobody will see again."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_SIZE)) for _ in range(RECOVERY_COUNT)]
    hashes = [recovery_hash(code) for code in codes]
    conn.execute(_SET_CODES, {"secret_hash": caller.secret_hash, "code_hashes": hashes})
    return ["-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP)) for code in codes]


def recovery_hash(plain: str) -> bytes:
    """Return what is kept of a recovery code; letters that look like figures are read as those."""
    return sha256(f"soquy/recovery/v1|{plain.translate(_ALIKE)}".encode()).digest()
