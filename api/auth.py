"""Who asks, and whether they may: bearer tokens, and the right that each route declares.

A token is ``sq_<tenant>_<43 characters>``, the characters being 32 random bytes in base64url. Only the SHA-256 of the
whole text is stored: the secret has 256 bits, so there is nothing to guess and nothing to slow down. Which tenant it
lives in stands in front, because the database looks it up within one.

A route reaches the database only through an ``Access``, and gets one only by naming the right it needs. The first
statement of every transaction asks the database whether the caller may do this to that association, and sets the tenant
that row-level security shows; a refused request has seen nothing. The routes of the API take tokens alone; pages take
people who signed in alone (``api/visit.py``), so no other site can make a browser use the API.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, NoReturn, Protocol, TypeVar
from uuid import UUID

from fastapi import Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection, Engine

from api import database
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.errors import AssociationNotFound, IdMalformed, LedgerError
from ledger.tenancy import DEPLOYMENT

Result = TypeVar("Result")
Right = Literal[
    "read",
    "collect",
    "people",
    "propose",
    "approve",
    "pay",
    "post",
    "lock",
    "chart",
    "found",
    "member",
    "token",
    "inspect",
]

RIGHTS: Final[dict[Right, str]] = {
    "read": "read books and reports",
    "collect": "draft and submit contributions, issue numbers of receipt blocks",
    "people": "see and edit people, documents, files and the drafts of others, print papers with names",
    "propose": "propose payments and adjustments, and give them up",
    "approve": "answer requests for approval, and take them back",
    "pay": "pay in cash what was approved",
    "post": "post, reverse, issue and void, execute what the bank paid",
    "lock": "lock months",
    "chart": "open and close accounts, funds, campaigns and programs, say whose approval is asked",
    "found": "found associations",
    "member": "invite people, give and take roles",
    "token": "make and revoke tokens",
    "inspect": "open sealed values, with a reason",
}

_match_token: Final = re.compile(r"sq_(0|[1-9][0-9]{0,8})_[A-Za-z0-9_-]{43}").fullmatch

_AUTHENTICATE: Final = "SELECT soquy.authenticate(%s::integer, %s::bytea, %s::uuid)"


class TokenMissing(LedgerError):
    """No bearer token came with the request."""

    code = "token_missing"


class TokenMalformed(LedgerError):
    """It has not the form of a token."""

    code = "token_malformed"


class TokenUnknown(LedgerError):
    """Nobody was given this token; whether it ever existed is not said."""

    code = "token_unknown"


class TokenExpired(LedgerError):
    """Its time is over."""

    code = "token_expired"


class TokenRevoked(LedgerError):
    """It was revoked."""

    code = "token_revoked"


class RightMissing(LedgerError):
    """The caller is known, but may not do this."""

    code = "right_missing"


class Caller(Protocol):
    """Who asks, as the request says: it authenticates itself in a transaction."""

    def authenticate(self, conn: Connection, right: Right | None, association_id: UUID | None) -> "Session":
        """Return the session of a caller who may; ``None`` asks for no right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as its holder sent it: where to look for it, and the hash to look for."""

    tenant_id: int
    secret_hash: bytes

    def authenticate(self, conn: Connection, right: Right | None, association_id: UUID | None) -> "Session":
        """Authenticate the holder; raises as ``authenticate``."""
        return authenticate(conn, self, right, association_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A transaction of somebody who may do what they ask.

    ``tenant_id`` is where the transaction works, ``token_tenant_id`` where the caller is kept: a token in its storage
    home, a person in the deployment's. ``is_server`` tells a token of the server itself, which reaches everything.
    ``counting`` are the roles of a person that count in this session; ``None`` where there is no second factor to give.
    """

    conn: Connection
    actor: Actor
    tenant_id: int
    token_tenant_id: int
    is_server: bool
    rights: frozenset[str]
    association_ids: tuple[UUID, ...]
    reaches_below: bool
    expires_at: datetime
    home: Book | None
    counting: frozenset[str] | None = None

    @property
    def book(self) -> Book:
        """The book of the association that the path names."""
        if self.home is None:
            raise AssociationNotFound
        return self.home


def parse_token(value: str) -> Token:
    """Return what to look a token up by.

    Raises:
        TokenMalformed: another form.
    """
    found = _match_token(value)
    if found is None:
        raise TokenMalformed
    return Token(tenant_id=int(found[1]), secret_hash=sha256(value.encode()).digest())


def authenticate(conn: Connection, token: Token, right: Right | None, association_id: UUID | None) -> Session:
    """Ask who holds the token and whether they may; set the transaction's tenant. One round trip, with BEGIN.

    An association out of reach and one that does not exist are the same to the caller.

    Raises:
        TokenUnknown, TokenRevoked, TokenExpired: it opens nothing.
        AssociationNotFound: not within the token's reach.
        RightMissing: carries the right.
    """
    facts = database.first_value(conn, _AUTHENTICATE, (token.tenant_id, token.secret_hash, association_id))
    if facts is None:
        raise TokenUnknown
    if facts["revoked"]:
        raise TokenRevoked
    if facts["expired"]:
        raise TokenExpired
    if not facts["reached"]:
        refuse_association(association_id)
    if right is not None and right not in facts["rights"]:
        raise RightMissing(right=right)
    return Session(
        conn=conn,
        actor=Actor(principal_id=UUID(facts["token_id"]), role="token"),
        tenant_id=facts["tenant_id"],
        token_tenant_id=facts["token_tenant_id"],
        is_server=facts["token_tenant_id"] == DEPLOYMENT,
        rights=frozenset(facts["rights"]),
        association_ids=tuple(UUID(value) for value in facts["association_ids"]),
        reaches_below=facts["reaches_below"],
        expires_at=datetime.fromisoformat(facts["expires_at"]),
        home=home_of(facts, association_id),
    )


def home_of(facts: Mapping[str, Any], association_id: UUID | None) -> Book | None:
    """Return the book that was asked about, of what ``authenticate`` or ``authenticate_session`` told."""
    if association_id is None:
        return None
    return Book(tenant_id=facts["tenant_id"], book_id=facts["book_id"], association_id=association_id)


def refuse_association(association_id: UUID | None) -> NoReturn:
    """Refuse an association out of reach as one that does not exist.

    Raises:
        AssociationNotFound: always.
    """
    named = None if association_id is None else typeid.encode(typeid.ASSOCIATION, association_id)
    raise AssociationNotFound(association=named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a route works through: the caller and the right the route declares."""

    engine: Engine
    caller: Caller
    right: Right | None
    association_id: UUID | None

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Ask questions of one state of the database."""
        return database.run(self.engine, lambda conn: work(self._session(conn)), read_only=True)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Change something, in one transaction that is repeated where that is safe."""
        return database.run(self.engine, lambda conn: work(self._session(conn)))

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction for a long answer, which its reader closes; begin it with ``session``."""
        return database.long_reading(self.engine)

    def session(self, conn: Connection) -> Session:
        """Authenticate in a transaction of ``reading``."""
        return self._session(conn)

    def again(self, conn: Connection, association_id: UUID) -> Session:
        """Ask once more, of another association that the body names; the transaction goes on in its tenant.

        Raises:
            AssociationNotFound: not within the caller's reach.
        """
        return self.caller.authenticate(conn, self.right, association_id)

    def _session(self, conn: Connection) -> Session:
        return self.caller.authenticate(conn, self.right, self.association_id)


_bearer: Final = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="sq_<tenant>_<43 characters>",
    description="An API token, made with `soquy token create` or `POST /v1/tokens`.",
)


class Needs:
    """Declare the right that a route needs; gives the route its ``Access``."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Access:
        """Read the token; whether it is good is asked in the request's own transaction."""
        return self._access(request, credentials, None)

    def _access(
        self, request: Request, credentials: HTTPAuthorizationCredentials | None, association_id: UUID | None
    ) -> Access:
        if credentials is None:
            raise TokenMissing
        token = parse_token(credentials.credentials)
        return Access(engine=request.app.state.engine, caller=token, right=self.right, association_id=association_id)


class NeedsIn(Needs):
    """Declare the right that a route needs in the association that its path names."""

    async def __call__(  # type: ignore[override] # FastAPI reads the path's parameter from the signature
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
        association_id: Annotated[
            str, Path(description="The association's id", examples=["as_01h455vb4pex5vsknk084sn02q"], max_length=40)
        ],
    ) -> Access:
        """Read the token and the association's id."""
        try:
            uuid = typeid.decode(typeid.ASSOCIATION, association_id)
        except IdMalformed:
            uuid = None
        access = self._access(request, credentials, uuid)
        if uuid is None:
            raise AssociationNotFound
        return access
