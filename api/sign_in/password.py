"""Passwords: argon2id, as OWASP's cheat sheet has it, and a hash that never travels.

The database keeps ``SHA-256(argon2id(password, salt))`` and compares it itself. So this program reads the salt and the
cost, works as long as argon2id takes with no connection held, and hands the result over; nothing that it could read
would sign anybody in. For an address that nobody has it does exactly the same, in vain.

A password is taken in the form NFKC, as NIST SP 800-63B § 3.1.1.2 has it: keyboards spell "ế" in one character, two or
three.
"""

import os
import threading
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.errors import LedgerError
from ledger.people.order import search_key
from ledger.tenancy import DEPLOYMENT, set_tenant

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 200
SALT_SIZE: Final = 16
TAG_SIZE: Final = 32

_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Each takes 19 MiB and all of a core: more at once would only slow each other down, and the books with them."""

_VARIED_MIN: Final = 5
_OWN_PART_LENGTH_MIN: Final = 4
_WORD_SHARE: Final = 2

_COST: Final = text("SELECT * FROM soquy.password_cost(:email_key, :browser_hash)")
_CHOOSE: Final = text("""\
INSERT INTO vault.user_password (tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier)
VALUES (:tenant_id, :user_id, :salt, :time_cost, :memory_kib, :lanes, :verifier)""")
_REHASH: Final = text("SELECT soquy.rehash_password(:user_id, :tag, :salt, :time_cost, :memory_kib, :lanes, :verifier)")

_COMMON: Final = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
"""What is tried first, without capitals, marks and spaces."""


class PasswordRefused(LedgerError):
    """A password that would be guessed; ``reason`` says why, and the password is nowhere in it."""

    code = "password_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What argon2id is told beside the password."""

    salt: bytes
    time_cost: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1

    @classmethod
    def fresh(cls) -> Self:
        """Return today's cost with a new salt."""
        return cls(salt=os.urandom(SALT_SIZE))

    @property
    def is_of_today(self) -> bool:
        """Tell whether a password need not be hashed anew."""
        return self == Cost(salt=self.salt)

    def tag(self, password: str, pepper: bytes = b"") -> bytes:
        """Work up a password; some tens of milliseconds, and Python's lock is free meanwhile."""
        with _AT_ONCE:
            return hash_secret_raw(
                secret=unicodedata.normalize("NFKC", password).encode() + pepper,
                salt=self.salt,
                time_cost=self.time_cost,
                memory_cost=self.memory_kib,
                parallelism=self.lanes,
                hash_len=TAG_SIZE,
                type=Type.ID,
            )

    def parameters(self, tag: bytes) -> dict[str, object]:
        """Return what the database keeps, as parameters of its functions."""
        return {
            "salt": self.salt,
            "time_cost": self.time_cost,
            "memory_kib": self.memory_kib,
            "lanes": self.lanes,
            "verifier": sha256(tag).digest(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be who they say; where nobody has the address, an id that is nobody's.

    ``is_known`` tells that this person signed in with this browser before.
    """

    user_id: UUID
    cost: Cost
    is_known: bool
    is_nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A password that was chosen, worked up."""

    cost: Cost
    tag: bytes

    @classmethod
    def of(cls, password: str) -> Self:
        """Work a password up at today's cost."""
        cost = Cost.fresh()
        return cls(cost=cost, tag=cost.tag(password))

    def parameters(self) -> dict[str, object]:
        """Return what the database keeps."""
        return self.cost.parameters(self.tag)


def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is too short or would be among the first guesses.

    Raises:
        PasswordRefused: ``too_short``, ``too_long``, ``common`` or ``own`` (the person's name or address).
    """
    if len(password) < LENGTH_MIN:
        raise PasswordRefused(field="password", reason="too_short", length_min=LENGTH_MIN)
    if len(password) > LENGTH_MAX:
        raise PasswordRefused(field="password", reason="too_long", length_max=LENGTH_MAX)
    plain = _plain(password)
    if len(set(plain)) < _VARIED_MIN or _is_common(plain):
        raise PasswordRefused(field="password", reason="common")
    account = email.partition("@")[0]
    for own in {_plain(email), _plain(account), _plain(name)}:
        if len(own) >= _OWN_PART_LENGTH_MIN and own in plain and len(own) * _WORD_SHARE >= len(plain):
            raise PasswordRefused(field="password", reason="own")


def _plain(value: str) -> str:
    return "".join(search_key(value).split())


def _is_common(plain: str) -> bool:
    """Tell whether it is a common one: as it is, with figures around it, or over and over."""
    word = plain.strip("0123456789!@#$%^&*().,-_+=?")
    repeated = next((plain[:size] for size in range(1, len(plain) // 2 + 1) if _is_repeated(plain, size)), None)
    return any(each in _COMMON for each in (plain, word, repeated)) or word == ""


def _is_repeated(plain: str, size: int) -> bool:
    return plain == (plain[:size] * (len(plain) // size + 1))[: len(plain)]


def find_candidate(conn: Connection, email_key: str, browser_hash: bytes | None) -> Candidate:
    """Return what hashing the password of an address needs; for an unknown one, something that takes as long."""
    row = conn.execute(_COST, {"email_key": email_key, "browser_hash": browser_hash}).one_or_none()
    if row is None:
        return Candidate(user_id=typeid.new_id(), cost=Cost.fresh(), is_known=False, is_nobody=True)
    cost = Cost(salt=row.salt, time_cost=row.time_cost, memory_kib=row.memory_kib, lanes=row.lanes)
    return Candidate(user_id=row.user_id, cost=cost, is_known=row.is_known)


def choose_first(conn: Connection, user_id: UUID, chosen: NewPassword) -> None:
    """Keep the first password of a new user; the transaction goes on in the deployment's tenant."""
    set_tenant(conn, DEPLOYMENT)
    conn.execute(_CHOOSE, {"tenant_id": DEPLOYMENT, "user_id": user_id, **chosen.parameters()})


def rehash(conn: Connection, candidate: Candidate, tag: bytes, chosen: NewPassword) -> None:
    """Keep a password that was just proved at today's cost."""
    conn.execute(_REHASH, {"user_id": candidate.user_id, "tag": tag, **chosen.parameters()})
