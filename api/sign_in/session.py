"""Sessions: a row of the database a sign-in, found by the hash of a secret that the browser alone holds.

The secret is 32 random bytes. It is made anew at sign-in and whenever a session is raised, so that whoever planted or
saw an earlier one has nothing (session fixation). A session ends of idleness, after a day's work, or when it is ended.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from api.visit import SignedIn
from ledger import typeid

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)

Begun = Literal["whole", "half", "unproved"]
"""All is proved; the code is to come; or no authenticator is there, which a role of the user needs."""

_BEGIN: Final = text("""\
SELECT soquy.begin_session(:user_id, :tag, :session_id, :secret_hash, :browser_hash, :client, :idle_seconds,
    :seconds)""")
_TOUCH: Final = text("SELECT soquy.touch_session(:secret_hash)")
_END: Final = text("SELECT soquy.end_session(:secret_hash)")
_END_OTHERS: Final = text("SELECT soquy.end_other_sessions(:secret_hash, :session_id)")
_LIST: Final = text("SELECT * FROM soquy.sessions_of(:secret_hash)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that begins; ``secret`` goes into the browser's cookie and nowhere else."""

    session_id: UUID
    secret: str
    state: Begun


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as its user sees it; ``client`` is a browser and a system, not more."""

    session_id: UUID
    client: str
    begun_at: datetime
    seen_at: datetime
    is_by_pin: bool
    is_this: bool


def make_secret() -> tuple[str, bytes]:
    """Return a secret of 256 random bits, as 43 characters, and its hash."""
    secret = secrets.token_urlsafe(32)
    return secret, sha256(secret.encode()).digest()


def begun_parameters(client: str) -> tuple[str, dict[str, object]]:
    """Return a new session's secret, and what the database is told of the session."""
    secret, secret_hash = make_secret()
    return secret, {
        "session_id": typeid.new_id(),
        "secret_hash": secret_hash,
        "client": client,
        "idle_seconds": int(IDLE.total_seconds()),
        "seconds": int(LONGEST.total_seconds()),
    }


def begin(
    conn: Connection, user_id: UUID, tag: bytes, *, client: str, browser_hash: bytes | None = None
) -> NewSession | None:
    """Begin a session for whoever knows the password; ``None`` where it is another."""
    secret, asked = begun_parameters(client)
    state = conn.execute(_BEGIN, {"user_id": user_id, "tag": tag, "browser_hash": browser_hash, **asked}).scalar_one()
    if state is None:
        return None
    return NewSession(session_id=UUID(str(asked["session_id"])), secret=secret, state=state)


def touch(conn: Connection, caller: SignedIn) -> None:
    """Keep a session from ending of idleness."""
    conn.execute(_TOUCH, {"secret_hash": caller.secret_hash})


def end(conn: Connection, caller: SignedIn) -> UUID | None:
    """End a session; return whose it was, ``None`` where it was over."""
    ended: UUID | None = conn.execute(_END, {"secret_hash": caller.secret_hash}).scalar()
    return ended


def end_others(conn: Connection, caller: SignedIn, session_id: UUID | None = None) -> int:
    """End another session of the caller's user, or all the others; return how many ended."""
    return int(conn.execute(_END_OTHERS, {"secret_hash": caller.secret_hash, "session_id": session_id}).scalar_one())


def list_sessions(conn: Connection, caller: SignedIn) -> Sequence[SessionRow]:
    """Return the sessions of the caller's user that are not over, the last used first."""
    return [SessionRow(**row) for row in conn.execute(_LIST, {"secret_hash": caller.secret_hash}).mappings()]
