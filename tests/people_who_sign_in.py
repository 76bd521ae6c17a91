"""Make people who hold roles, and browsers in which they are signed in; all through what real work uses.

::

    with engine.begin() as conn:
        someone = make_person(conn, book, "accountant")
    client = signed_in(app, someone)                    # a TestClient with the session's cookie
    client.get(f"/desk/{typeid.encode(typeid.ASSOCIATION, book.association_id)}/…")

The application is ``web.__main__.create_app(settings, engine)``. A browser's requests are same-origin, as its own forms
are. Whoever has an authenticator has used it, unless ``strength=1``, which is half a sign-in.
"""

import itertools
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine

from api.sign_in import session as sessions
from api.sign_in import totp
from api.sign_in.password import Cost, NewPassword, choose_first
from api.visit import SignedIn
from ledger.access.commands import grant_role
from ledger.access.role import SECOND_FACTOR, Role
from ledger.access.user import create_user
from ledger.books.model import Actor, Book
from ledger.tenancy import set_tenant

PASSWORD: Final = "ba con bò vàng gặm cỏ"
ACTOR: Final = Actor(principal_id=UUID(int=1), role="server")
BROWSER: Final = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
}
ORIGIN: Final = "https://testserver"
COOKIE: Final = "__Host-soquy_session"
DOMAIN: Final = "testserver.local"
"""How the client's jar calls the host, so that an answer replaces the cookie that is set here."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in, and everything they know."""

    user_id: UUID
    email: str
    name: str
    password: str
    tag: bytes
    totp: bytes | None


def make_person(
    conn: Connection,
    book: Book | None = None,
    *roles: Role,
    name: str = "Nguyễn Văn Mẫu",
    email: str | None = None,
    has_totp: bool | None = None,
) -> Person:
    """Make a user with a password and, in the association of a book, with roles; an authenticator where one needs it.

    The transaction goes on in the book's tenant.
    """
    email = email or f"mau-{next(_numbers)}@mau.invalid"
    user_id = create_user(conn, email=email, name=name)
    cost = Cost(salt=bytes(16), time_cost=1, memory_kib=8)  # nobody attacks it, and there are many
    tag = cost.tag(PASSWORD)
    choose_first(conn, user_id, NewPassword(cost=cost, tag=tag))
    needs_totp = not SECOND_FACTOR.isdisjoint(roles) if has_totp is None else has_totp
    secret = _enrol(conn, user_id, tag) if needs_totp else None
    if book is not None:
        give(conn, book, user_id, *roles)
    return Person(user_id=user_id, email=email, name=name, password=PASSWORD, tag=tag, totp=secret)


def _enrol(conn: Connection, user_id: UUID, tag: bytes) -> bytes:
    begun = sessions.begin(conn, user_id, tag, client="")
    assert begun is not None
    caller = SignedIn.of(begun.secret)
    secret = totp.offer(conn, caller, user_id)
    _, new_hash = sessions.make_secret()
    confirmed = {"secret_hash": caller.secret_hash, "new_hash": new_hash, "step": next(_numbers)}
    assert conn.execute(totp._CONFIRM, confirmed).scalar_one()
    return secret


def give(conn: Connection, book: Book, user_id: UUID, *roles: Role) -> list[UUID]:
    """Grant roles in the association of a book, in whose tenant the transaction goes on; return the grants' ids."""
    set_tenant(conn, book.tenant_id)
    return [grant_role(conn, book, user_id, role, actor=ACTOR) for role in roles]


def secret_of(engine: Engine, person: Person, *, strength: int = 2) -> str:
    """Begin a session, and raise it by a code that is never used again; return its secret."""
    with engine.begin() as conn:
        begun = sessions.begin(conn, person.user_id, person.tag, client="Firefox, Linux")
        assert begun is not None
        if strength == 1 or person.totp is None:
            return begun.secret
        raised = totp._raise(conn, SignedIn.of(begun.secret), next(_numbers), totp._STRENGTHEN)
        assert raised is not None
        return raised


def browser(app: FastAPI) -> TestClient:
    """Return a browser in which nobody is signed in."""
    return TestClient(app, base_url=ORIGIN, headers=BROWSER, follow_redirects=False)


def signed_in(app: FastAPI, person: Person, *, strength: int = 2) -> TestClient:
    """Return a browser in which somebody is signed in."""
    client = browser(app)
    client.cookies.set(COOKIE, secret_of(app.state.engine, person, strength=strength), domain=DOMAIN, path="/")
    return client
