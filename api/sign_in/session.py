"""Sessions: a row of the database a sign-in, found by the hash of a secret that the browser alone holds.

The secret is 32 random bytes. It is made anew at sign-in and whenever a session is raised, so that whoever planted or
saw an earlier one has nothing (session fixation). A session ends of idleness, after a day's work, or when it is ended.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from api.visit import SignedIn
from ledger import typeid

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)

_BEGIN: Final = text(
    "SELECT soquy.begin_session(:user_id, :tag, :session_id, :secret_hash, :client, :idle_seconds, :seconds)"
)
_TOUCH: Final = text("SELECT soquy.touch_session(:secret_hash)")
_END: Final = text("SELECT soquy.end_session(:secret_hash)")
_STRENGTHEN: Final = text("SELECT soquy.strengthen_session(:secret_hash, :new_hash, :step)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that begins; ``secret`` goes into the browser's cookie and nowhere else."""

    session_id: UUID
    secret: str


def make_secret() -> tuple[str, bytes]:
    """Return a secret and its hash."""
    secret = secrets.token_urlsafe(32)
    return secret, sha256(secret.encode()).digest()


def begin(conn: Connection, user_id: UUID, tag: bytes, *, client: str) -> NewSession | None:
    """Begin a session for whoever knows the password; ``None`` where it is another."""
    secret, secret_hash = make_secret()
    session_id = typeid.new_id()
    asked = {
        "user_id": user_id,
        "tag": tag,
        "session_id": session_id,
        "secret_hash": secret_hash,
        "client": client,
        "idle_seconds": int(IDLE.total_seconds()),
        "seconds": int(LONGEST.total_seconds()),
    }
    if not conn.execute(_BEGIN, asked).scalar_one():
        return None
    return NewSession(session_id=session_id, secret=secret)


def touch(conn: Connection, caller: SignedIn) -> None:
    """Keep a session from ending of idleness."""
    conn.execute(_TOUCH, {"secret_hash": caller.secret_hash})


def end(conn: Connection, caller: SignedIn) -> bool:
    """End a session; ``False`` where it was over."""
    return bool(conn.execute(_END, {"secret_hash": caller.secret_hash}).scalar_one())


def strengthen(conn: Connection, caller: SignedIn, step: int) -> str | None:
    """Raise a session by a code of an authenticator, which is good once; return the session's new secret.

    ``None`` where the code, or a later one, was used before, or the session is over.
    """
    secret, secret_hash = make_secret()
    asked = {"secret_hash": caller.secret_hash, "new_hash": secret_hash, "step": step}
    return secret if conn.execute(_STRENGTHEN, asked).scalar_one() else None
