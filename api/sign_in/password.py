"""Passwords: argon2id, as OWASP's cheat sheet has it, and a hash that never travels.

The database keeps ``SHA-256(argon2id(password, salt))`` and compares it itself. So this program reads the salt and the
cost, works as long as argon2id takes with no connection held, and hands the result over; nothing that it could read
would sign anybody in. For an address that nobody has it works just as long.
"""

import os
import threading
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Connection, text

from ledger.tenancy import DEPLOYMENT, set_tenant

SALT_SIZE: Final = 16
TAG_SIZE: Final = 32

_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Each takes 19 MiB and all of a core: more at once would only slow each other down, and the books with them."""

_COST: Final = text("SELECT * FROM soquy.password_cost(:email_key)")
_CHOOSE: Final = text("""\
INSERT INTO vault.user_password (tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier)
VALUES (:tenant_id, :user_id, :salt, :time_cost, :memory_kib, :lanes, :verifier)""")


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
        """Tell whether a password should be hashed anew."""
        return self == Cost(salt=self.salt)

    def tag(self, password: str) -> bytes:
        """Work up a password; some tens of milliseconds, and Python's lock is free meanwhile."""
        with _AT_ONCE:
            return hash_secret_raw(
                secret=password.encode(),
                salt=self.salt,
                time_cost=self.time_cost,
                memory_cost=self.memory_kib,
                parallelism=self.lanes,
                hash_len=TAG_SIZE,
                type=Type.ID,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be who they say: ``user_id`` is ``None`` where nobody has the address."""

    user_id: UUID | None
    cost: Cost


def find_candidate(conn: Connection, email_key: str) -> Candidate:
    """Return what hashing the password of an address needs; for an unknown one, something that takes as long."""
    row = conn.execute(_COST, {"email_key": email_key}).one_or_none()
    if row is None:
        return Candidate(user_id=None, cost=Cost.fresh())
    cost = Cost(salt=row.salt, time_cost=row.time_cost, memory_kib=row.memory_kib, lanes=row.lanes)
    return Candidate(user_id=row.user_id, cost=cost)


def choose_first(conn: Connection, user_id: UUID, cost: Cost, tag: bytes) -> None:
    """Keep the first password of a new user; the transaction goes on in the deployment's tenant."""
    set_tenant(conn, DEPLOYMENT)
    verifier = sha256(tag).digest()
    kept = {"salt": cost.salt, "time_cost": cost.time_cost, "memory_kib": cost.memory_kib, "lanes": cost.lanes}
    conn.execute(_CHOOSE, {"tenant_id": DEPLOYMENT, "user_id": user_id, **kept, "verifier": verifier})
