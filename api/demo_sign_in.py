"""Let the sample people of a demo sign in, with a password and codes that only this server can tell.

Both follow from the vault's key by HKDF-SHA-256 (RFC 5869), so nothing has to be kept, another deployment's are others,
and whoever reads the program knows none. All sample people of a deployment share them::

    HKDF(key, "soquy/demo/v1", 30 bytes) = password (10 bytes, as 16 letters and figures) ‖ authenticator's secret (20)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, text

from api.sign_in import session, totp
from api.sign_in.password import NewPassword, choose_first, find_candidate
from api.visit import SignedIn
from ledger.access.member import Member, list_members
from ledger.access.role import SECOND_FACTOR
from ledger.access.user import email_key
from ledger.demo.build import LOCK_KEY, Built, founded_books
from ledger.demo.users import SampleUser
from ledger.people.kek import Kek
from ledger.tenancy import set_tenant

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PASSWORD_SIZE: Final = 10
_LETTER_BITS: Final = 5
_GROUP: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSecrets:
    """What the sample people of this deployment prove themselves with."""

    password: str
    totp: bytes

    @classmethod
    def of(cls, kek: Kek) -> Self:
        """Return what follows from the vault's key."""
        size = _PASSWORD_SIZE + totp.SECRET_SIZE
        made = HKDF(algorithm=SHA256(), length=size, salt=None, info=b"soquy/demo/v1").derive(kek.secret)
        number = int.from_bytes(made[:_PASSWORD_SIZE], "big")
        places = range(_PASSWORD_SIZE * 8 - _LETTER_BITS, -1, -_LETTER_BITS)
        letters = "".join(_LETTERS[number >> place & 31] for place in places)
        groups = (letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
        return cls(password="-".join(groups), totp=made[_PASSWORD_SIZE:])

    @property
    def code(self) -> str:
        """The code that an authenticator would show now."""
        return totp.code_at(self.totp, totp.step_now())


def let_sign_in(engine: Engine, built: Built, secrets: DemoSecrets) -> tuple[SampleUser, ...]:
    """Give whoever has none yet a password and, where a role needs it, an authenticator; return who can sign in.

    A demo that an earlier version built has no sample people.
    """
    with engine.begin() as conn:
        set_tenant(conn, built.tenant_id)
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        members = _members(conn, built)
        waiting = [user for user in built.users if user.email in members and _has_no_password(conn, user)]
        for user in waiting:
            _enrol(conn, user, members[user.email], secrets)
    return tuple(user for user in built.users if user.email in members)


def _members(conn: Connection, built: Built) -> dict[str, Member]:
    books = founded_books(conn)
    codes = {user.unit.code for user in built.users} & set(books)
    return {member.email: member for code in codes for member in list_members(conn, books[code]) if member.email}


def _has_no_password(conn: Connection, user: SampleUser) -> bool:
    return find_candidate(conn, email_key(user.email), None).is_nobody


def _enrol(conn: Connection, user: SampleUser, member: Member, secrets: DemoSecrets) -> None:
    """Choose the password and confirm the authenticator as its owner would, by a code of the step before this one."""
    chosen = NewPassword.of(secrets.password)
    choose_first(conn, member.user_id, chosen)
    if user.role not in SECOND_FACTOR:
        return
    begun = session.begin(conn, member.user_id, chosen.tag, client="soquy demo")
    if begun is None:
        raise RuntimeError("a password that was just chosen does not fit")
    caller = SignedIn.of(begun.secret)
    totp.offer(conn, caller, member.user_id, secret=secrets.totp)
    raised = totp.confirm(conn, caller, totp.code_at(secrets.totp, totp.step_now() - 1))
    if raised is None:
        raise RuntimeError("a code that was just made does not fit")
    session.end(conn, SignedIn.of(raised))


def told(users: tuple[SampleUser, ...], secrets: DemoSecrets, origin: str) -> Iterator[str]:
    """Give the lines that tell how to sign in, for the screen of whoever started the demo."""
    if not users:
        yield "No sample users: an earlier version built this demo. Build it again in a new SOQUY_HOME."
        return
    yield f"Sample users sign in at {origin}/sign-in with the password {secrets.password}"
    width = max(len(user.email) for user in users)
    for user in users:
        mark = "*" if user.role in SECOND_FACTOR else " "
        yield f"  {user.email:<{width}} {mark} {user.role.replace('_', ' '):<16}  {user.unit.name_vi}"
    yield f"  * also gives a code, each 30 seconds another: ./run demo --code (now {secrets.code})"
