"""Who is signed in, and what they may do where: the people's twin of the tokens in ``api/auth.py``.

A browser holds the secret of a session, 256 random bits in base64url; only its SHA-256 is stored. What a person may do
in an association follows from the roles they hold there and above (``soquy.role_right``). Roles of approvers,
administrators and inspectors count only in a session that was raised by a code of an authenticator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal, Self
from uuid import UUID

from sqlalchemy import Connection

from api import database
from api.auth import Right, RightMissing, Session, home_of, refuse_association
from ledger import typeid
from ledger.books.model import Actor
from ledger.errors import LedgerError
from ledger.tenancy import DEPLOYMENT

_AUTHENTICATE: Final = "SELECT soquy.authenticate_session(%s::bytea, %s::uuid)"


class SessionOver(LedgerError):
    """Nobody is signed in with this secret: the session ended, or there never was one."""

    code = "session_over"


class SecondFactorNeeded(LedgerError):
    """A code of the authenticator is to come, or the right comes with a role that counts only after one."""

    code = "second_factor_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The hash of the secret that somebody's browser holds since they signed in."""

    secret_hash: bytes

    @classmethod
    def of(cls, secret: str) -> Self:
        """Return what to look a session up by."""
        return cls(secret_hash=sha256(secret.encode()).digest())

    def authenticate(self, conn: Connection, right: Right | None, association_id: UUID | None) -> "Session":
        """Authenticate the person; raises as ``visit``."""
        return visit(conn, self, right, association_id)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An association in which a person holds roles of their own, and the rights that count there at the moment."""

    association_id: UUID
    name_vi: str
    name_en: str | None
    level: str
    roles: tuple[str, ...]
    rights: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is signed in, as pages greet them; ``strength`` is 2 after a code of the authenticator."""

    user_id: UUID
    session_id: UUID
    name: str
    language: Literal["vi", "en"]
    strength: int
    has_totp: bool
    is_stale: bool
    places: tuple[Place, ...]


def visit(
    conn: Connection, caller: SignedIn, right: Right | None, association_id: UUID | None
) -> tuple[Session, Visitor, Place | None]:
    """Ask who is signed in and whether they may; set the transaction's tenant. One round trip, with BEGIN.

    Who acts is the first of the person's roles, in the order of ``soquy.role_kind``, that has the right. The place is
    the association asked for, with the roles and rights that reach it.

    Raises:
        SessionOver: it opens nothing.
        AssociationNotFound: the person has no right there at all.
        SecondFactorNeeded: the code of the user's authenticator is to come, or a role has the right, but counts only
            after one; carries the right then.
        RightMissing: carries the right.
    """
    facts = database.first_value(conn, _AUTHENTICATE, (caller.secret_hash, association_id))
    if facts is None:
        raise SessionOver
    if facts["half"]:
        raise SecondFactorNeeded
    if not facts["reached"]:
        refuse_association(association_id)
    roles = [role for role in facts["roles"] if role["counts"]]
    acting = next((role for role in roles if right is None or right in role["rights"]), None)
    if right is not None and acting is None:
        if any(right in role["rights"] for role in facts["roles"]):
            raise SecondFactorNeeded(right=right)
        raise RightMissing(right=right, reason="role")
    if association_id is not None and not roles:
        raise SecondFactorNeeded
    rights = frozenset(each for role in roles for each in role["rights"])
    places = tuple(_place(UUID(each["association_id"]), each) for each in facts["places"])
    user_id = UUID(facts["user_id"])
    session = Session(
        conn=conn,
        actor=Actor(principal_id=user_id, role=acting["role"] if acting else "member", prefix=typeid.USER),
        tenant_id=facts["tenant_id"],
        token_tenant_id=DEPLOYMENT,
        is_server=False,
        rights=rights,
        association_ids=tuple(place.association_id for place in places),
        reaches_below=any((right or "read") in role["below"] for role in roles),
        expires_at=datetime.fromisoformat(facts["expires_at"]),
        home=home_of(facts, association_id),
        counting=frozenset(role["role"] for role in roles),
    )
    visitor = Visitor(
        user_id=user_id,
        session_id=UUID(facts["session_id"]),
        name=facts["name"],
        language=facts["language"],
        strength=facts["strength"],
        has_totp=facts["has_totp"],
        is_stale=facts["is_stale"],
        places=places,
    )
    here = None
    if association_id is not None:
        held = {"roles": [role["role"] for role in roles], "rights": rights}
        here = _place(association_id, {**facts["association"], **held})
    return session, visitor, here


def _place(association_id: UUID, facts: Mapping[str, Any]) -> Place:
    return Place(
        association_id=association_id,
        name_vi=facts["name_vi"],
        name_en=facts["name_en"],
        level=facts["level"],
        roles=tuple(facts["roles"]),
        rights=frozenset(facts["rights"]),
    )
