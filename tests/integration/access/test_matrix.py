"""Every route × everybody who may ask × own, parent, child and foreign association: what happens is what was declared.

The expectation is made from the declarations alone: the right that a route names, and the rights that
``soquy.role_right`` gives a role. So a new route is covered by being there, and one that declares nothing is a failure.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api import tokens
from api.app import PUBLIC_PATHS
from api.auth import RIGHTS, Needs, NeedsIn
from api.database import make_engine
from api.settings import Settings
from ledger import typeid
from ledger.access.role import ROLES, SECOND_FACTOR, Role
from ledger.books.model import Book
from ledger.tenancy import set_tenant
from tests.integration.access.conftest import Place
from tests.integration.api.conftest import _found
from tests.people_who_sign_in import BROWSER, COOKIE, Person, make_person, secret_of
from web.__main__ import create_app
from web.access import NeedsPage, NeedsPageIn
from web.form_body import read_form
from web.pages import PUBLIC_PAGES

AT_ONCE: Final = 6

ALLOWED: Final = "allowed"
NOBODY: Final = "session_over"
PROVE: Final = "second_factor_needed"
NO_RIGHT: Final = "right_missing"
NO_SUCH: Final = "association_not_found"
REFUSED: Final = {NOBODY, PROVE, NO_RIGHT, NO_SUCH, "token_missing", "token_unknown", "token_expired", "token_revoked"}

STATUS: Final = {NO_RIGHT: {403}, NO_SUCH: {404}, NOBODY: {303, 401}, PROVE: {303, 401}}

Dependency = Needs | NeedsPage


def _routes() -> list[tuple[APIRoute, str]]:
    settings = Settings()
    app = create_app(settings, make_engine("postgresql://soquy_app@/nowhere", settings))
    return [
        (route, method)
        for route in every_route(app.routes)
        if isinstance(route, APIRoute)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def every_route(routes: Any) -> Iterator[Any]:
    """Walk into routers that the application includes."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from every_route(inner.routes)
        else:
            yield route


def calls_of(dependant: Dependant) -> Iterator[Any]:
    """Yield what a route depends on, in the order in which it is asked."""
    for each in dependant.dependencies:
        yield from calls_of(each)
        yield each.call


def need_of(route: APIRoute) -> Dependency | None:
    needs = {id(call): call for call in calls_of(route.dependant) if isinstance(call, Needs | NeedsPage)}
    rights = {(type(call), call.right) for call in needs.values()}
    assert len(rights) <= 1, f"{route.path} declares {rights}"
    return next(iter(needs.values()), None)


ROUTES: Final = _routes()
GUARDED: Final = [(route, method) for route, method in ROUTES if need_of(route) is not None]
PAGES: Final = [(route, method) for route, method in GUARDED if isinstance(need_of(route), NeedsPage)]
API: Final = [(route, method) for route, method in GUARDED if isinstance(need_of(route), Needs)]


def name(pair: Any) -> str:
    return f"{pair[1]} {pair[0].path}" if isinstance(pair, tuple) else str(pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A tree of three with a stranger beside it, somebody of each role in its middle, and a token of each kind."""

    app: FastAPI
    places: dict[str, Book]
    sessions: dict[str, str]
    tokens: dict[str, str]
    role_rights: dict[str, dict[str, bool]]


@pytest.fixture(scope="module")
def world(place: Place) -> World:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        chapter = _found(conn, place.commune.tenant_id, "Chi hội", "chapter", parent=place.commune)
        people: dict[str, Person] = {}
        for role in ROLES:
            people[role] = make_person(conn, place.commune, role)
            people[f"{role} unproved"] = make_person(conn, place.commune, role, has_totp=False)
        people["half"] = make_person(conn, place.commune, "chief_accountant")
        people["nobody's"] = make_person(conn, place.elsewhere, has_totp=True)
        rows = conn.execute(sa.text("SELECT role, right_name, reaches_below FROM soquy.role_right"))
        role_rights: dict[str, dict[str, bool]] = {}
        for row in rows:
            role_rights.setdefault(row.role, {})[row.right_name] = row.reaches_below
        made: dict[str, str] = {
            "all": _token(conn, place.commune, tuple(RIGHTS)),
            "all below": _token(conn, place.commune, tuple(RIGHTS), reaches_below=True),
            **{str(right): _token(conn, place.commune, (right,)) for right in RIGHTS},
        }
    sessions = {
        who: secret_of(place.engine, person, strength=1 if who == "half" else 2) for who, person in people.items()
    }
    return World(
        app=place.app,
        places={"own": place.commune, "parent": place.province, "child": chapter, "foreign": place.elsewhere},
        sessions=sessions,
        tokens={**made, **{each: place.secrets[each] for each in ("server", "expired", "revoked")}},
        role_rights=role_rights,
    )


def _token(conn: sa.Connection, book: Book, rights: Sequence[str], *, reaches_below: bool = False) -> str:
    return tokens.create_token(
        conn,
        tenant_id=book.tenant_id,
        label="Mẫu",
        rights=rights,
        association_ids=[book.association_id],
        reaches_below=reaches_below,
        expires_at=tokens.expiry_after(1),
        actor=None,
    ).secret


def test_every_route_declares_what_it_needs_or_is_public() -> None:
    public: set[str] = {route.path for route, _ in ROUTES if need_of(route) is None}
    assert public - PUBLIC_PATHS - PUBLIC_PAGES == set(), "declares nothing, and is not listed as public"
    assert {route.path for route, _ in GUARDED} & (PUBLIC_PATHS | PUBLIC_PAGES) == set()


@pytest.mark.parametrize("pair", GUARDED, ids=name)
def test_the_api_takes_tokens_and_pages_take_people(pair: tuple[APIRoute, str]) -> None:
    route, method = pair
    need = need_of(route)
    assert isinstance(need, Needs) == route.path.startswith("/v1/")
    if isinstance(need, Needs) and need.right == "read":
        assert method == "GET", "changes something with the right to read"
    inside = isinstance(need, NeedsIn | NeedsPageIn)
    assert inside == ("{association_id}" in route.path), f"{route.path} declares {type(need).__name__}"


@pytest.mark.parametrize("pair", [pair for pair in ROUTES if pair[0].path in PUBLIC_PAGES or pair in PAGES], ids=name)
def test_what_a_page_changes_no_other_site_changes(pair: tuple[APIRoute, str], world: World) -> None:
    """A form is also read only of whoever may send it, so that one whose session ended can be kept."""
    route, method = pair
    calls = list(calls_of(route.dependant))
    if method != "GET":
        answer = ask(world, route, method, "own", cookie=world.sessions["administrator"], site="cross-site")
        assert answer == ({"cross_origin_refused"}, 403)
    if read_form in calls and need_of(route) is not None:
        assert calls.index(need_of(route)) < calls.index(read_form)


PEOPLE: Final[list[str]] = [
    "nobody",
    "a stranger's cookie",
    "half",
    "nobody's",
    *ROLES,
    *(f"{role} unproved" for role in ROLES),
]


@pytest.mark.parametrize("pair", PAGES, ids=name)
def test_a_page_opens_to_whom_it_declares(pair: tuple[APIRoute, str], world: World) -> None:
    route, method = pair
    cases = [
        (who, where, due_to_person(world, need_of(route), who, where))
        for who in PEOPLE
        for where in (world.places if isinstance(need_of(route), NeedsPageIn) else ("own",))
    ]
    cookies = {"nobody": None, "a stranger's cookie": "A" * 43, **world.sessions}
    asks = [{"where": where, "cookie": cookies[who]} for who, where, _ in cases]
    answers = asyncio.run(ask_all(world, route, method, asks))
    wrong = [
        (who, where, due, answer)
        for (who, where, due), answer in zip(cases, answers, strict=True)
        if not fits(due, *answer, is_inside=isinstance(need_of(route), NeedsPageIn))
    ]
    assert wrong == []


def due_to_person(world: World, need: Any, who: str, where: str) -> str:
    """Return what should happen, from the declarations alone."""
    if who in {"nobody", "a stranger's cookie"}:
        return NOBODY
    if who == "half":
        return PROVE
    if not isinstance(need, NeedsPageIn):
        return due_anywhere(world, need.right, who)
    role = who.removesuffix(" unproved")
    if role not in ROLES or where in {"parent", "foreign"}:
        return NO_SUCH
    held = world.role_rights[role]
    rights = set(held) if where == "own" else {right for right, below in held.items() if below}
    if not rights:
        return NO_SUCH
    if counts(who):
        return ALLOWED if need.right is None or need.right in rights else NO_RIGHT
    return PROVE if need.right is None or need.right in rights else NO_RIGHT


def due_anywhere(world: World, right: str | None, who: str) -> str:
    role = who.removesuffix(" unproved")
    if right is None:
        return ALLOWED
    if role in ROLES and right in world.role_rights[role]:
        return ALLOWED if counts(who) else PROVE
    return NO_RIGHT


def counts(who: str) -> bool:
    role = who.removesuffix(" unproved")
    return role == who or role not in SECOND_FACTOR


@pytest.mark.parametrize("pair", API, ids=name)
def test_an_operation_serves_whom_it_declares(pair: tuple[APIRoute, str], world: World) -> None:
    route, method = pair
    need = need_of(route)
    assert isinstance(need, Needs)
    inside = isinstance(need, NeedsIn)
    cases: list[tuple[str, str, str]] = [
        ("no token", "own", "token_missing"),
        ("a cookie", "own", "token_missing"),
        ("malformed", "own", "token_malformed"),
        ("unknown", "own", "token_unknown"),
        ("expired", "own", "token_expired"),
        ("revoked", "own", "token_revoked"),
        *((right, "own", ALLOWED if right == need.right else NO_RIGHT) for right in RIGHTS),
        ("all", "own", ALLOWED),
        ("server", "own", ALLOWED),
    ]
    if inside:
        cases += [("all", where, NO_SUCH) for where in ("parent", "child", "foreign")]
        cases += [("all below", "child", ALLOWED), ("all below", "parent", NO_SUCH), ("all below", "foreign", NO_SUCH)]
        cases += [("server", "foreign", ALLOWED)]
    unknown = world.tokens["all"][:-1] + ("A" if world.tokens["all"][-1] != "A" else "B")
    held = {"no token": None, "a cookie": None, "malformed": "x", "unknown": unknown, **world.tokens}
    cookie = {"a cookie": world.sessions["chief_accountant"]}
    asks = [{"where": where, "token": held[who], "cookie": cookie.get(who)} for who, where, _ in cases]
    answers = asyncio.run(ask_all(world, route, method, asks))
    wrong = [
        (who, where, due, answer)
        for (who, where, due), answer in zip(cases, answers, strict=True)
        if not fits(due, *answer, is_inside=inside)
    ]
    assert wrong == []


def fits(due: str, codes: set[str], status: int, *, is_inside: bool) -> bool:
    """Tell whether an answer is the one that is due; what is allowed may still be refused for what it asks."""
    if due == ALLOWED:
        # A body may name associations that are out of reach, where the path names none.
        refused = REFUSED if is_inside else REFUSED - {NO_SUCH}
        return not codes & refused and status not in {401, 500}
    return due in codes and status in STATUS.get(due, {401})


@pytest.mark.parametrize("where", ["own", "parent", "child", "foreign"])
@pytest.mark.parametrize("who", [*ROLES, *(f"{role} unproved" for role in ROLES), "half", "nobody's", "nobody"])
def test_whoever_is_refused_has_read_nothing(place: Place, world: World, who: str, where: str) -> None:
    """The database itself sets the tenant of those whom it lets in, and of nobody else: they see no row."""
    book = world.places[where]
    secret = world.sessions.get(who, "A" * 43)
    with place.engine.begin() as conn:
        facts = conn.execute(
            sa.text("SELECT soquy.authenticate_session(sha256(convert_to(:secret, 'UTF8')), :association_id)"),
            {"secret": secret, "association_id": book.association_id},
        ).scalar_one()
        setting = conn.execute(sa.text("SELECT current_setting('soquy.tenant_id', true)")).scalar_one()
        role = who.removesuffix(" unproved")
        held = world.role_rights.get(role, {})
        reaches = where == "own" if where != "child" else any(held.values())
        is_let_in = bool(held) and reaches and where in {"own", "child"}
        assert setting == (str(book.tenant_id) if is_let_in else "")
        told = {} if facts is None or facts["half"] else {each["role"]: each for each in facts["roles"]}
        rights = {right for right, below in held.items() if where == "own" or below} if is_let_in else set()
        assert {right for each in told.values() for right in each["rights"]} == rights
        assert all(each["counts"] == counts(who) for each in told.values())
        if not is_let_in:
            for table in tables(conn):
                assert conn.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table


def test_a_tenant_shows_no_row_of_another(place: Place, world: World) -> None:
    """Whatever table the service may read: in one tenant it sees that tenant's rows alone."""
    seen = set()
    for book in (place.commune, place.elsewhere):
        with place.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            for table in tables(conn):
                rows = conn.execute(sa.text(f"SELECT DISTINCT tenant_id FROM {table}")).scalars().all()
                assert set(rows) <= {book.tenant_id}, table
                seen |= {table} if rows else set()
    assert {"soquy.association", "soquy.role_grant", "soquy.audit_entry"} <= seen


def test_the_service_reads_no_secret_of_anybody(place: Place) -> None:
    """Passwords, authenticators, sessions, devices, links and profiles: not a column."""
    query = """\
        SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute
        WHERE attnum > 0 AND NOT attisdropped AND has_column_privilege('soquy_app', attrelid, attnum, 'SELECT')
            AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'vault'::regnamespace
                AND relname ~ '^(user_|invitation_|access_)' UNION ALL SELECT 'soquy.invitation'::regclass)"""
    with place.engine.begin() as conn:
        assert conn.execute(sa.text(query)).scalars().all() == []


def tables(conn: sa.Connection) -> list[str]:
    """Return the tables of tenants of which the service may read the tenant."""
    query = """\
        SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace IN ('soquy'::regnamespace, 'vault'::regnamespace) AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND a.attname = 'tenant_id' AND c.relname <> 'tenant'
            AND c.relname !~ '^log' AND has_column_privilege('soquy_app', c.oid, a.attnum, 'SELECT') ORDER BY 1"""
    return list(conn.execute(sa.text(query)).scalars())


async def ask_all(
    world: World, route: APIRoute, method: str, asks: Sequence[dict[str, Any]]
) -> list[tuple[set[str], int]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(asked: dict[str, Any]) -> tuple[set[str], int]:
        async with gate:
            return await request(world, route, method, **asked)

    return list(await asyncio.gather(*(one(asked) for asked in asks)))


def ask(world: World, route: APIRoute, method: str, where: str, **more: Any) -> tuple[set[str], int]:
    return asyncio.run(request(world, route, method, where=where, **more))


async def request(
    world: World,
    route: APIRoute,
    method: str,
    *,
    where: str,
    token: str | None = None,
    cookie: str | None = None,
    site: str = "same-origin",
) -> tuple[set[str], int]:
    """Ask the application itself, without a client or a server between; return the codes it notes, and the status."""
    is_api = route.path.startswith("/v1/")
    headers = {"Host": "testserver", **BROWSER, "Sec-Fetch-Site": site, "Idempotency-Key": uuid4().hex}
    if is_api:
        headers["Accept"] = "application/json"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if cookie is not None:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    body = b""
    if method in {"POST", "PUT", "PATCH", "DELETE"}:
        described = (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        body = json.dumps(described["example"]).encode() if "example" in described else b""
        headers["Content-Type"] = "application/json" if is_api else "application/x-www-form-urlencoded"
    query = asked_of(route) if method == "GET" else ""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": filled(route, world.places[where].association_id),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 443),
    }
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    await world.app(scope, receive, send)
    return set(scope.get("soquy.codes", ())), status


def params_of(dependant: Dependant, place: Literal["path_params", "query_params"]) -> Iterator[Any]:
    yield from getattr(dependant, place)
    for each in dependant.dependencies:
        yield from params_of(each, place)


def choices_of(annotation: Any) -> tuple[Any, ...]:
    """Return what a parameter may be, where it is one of several."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def filled(route: APIRoute, association_id: UUID) -> str:
    """Put something of the right form in the place of every parameter of a path: an id of its kind for ``…_id``."""
    known = {"association_id": typeid.encode(typeid.ASSOCIATION, association_id)}
    choices = {each.name: choices_of(each.field_info.annotation) for each in params_of(route.dependant, "path_params")}

    def value(found: re.Match[str]) -> str:
        given = found[1].partition(":")[0]
        prefix = getattr(typeid, given.removesuffix("_id").upper(), None)
        if given in known:
            return known[given]
        if given.endswith("_id"):
            return str(UUID(int=7)) if prefix is None else typeid.encode(prefix, UUID(int=7))
        offered = choices.get(given, ())
        return str(offered[0]) if offered else PLAIN.get(given, "1")

    return re.sub(r"\{([\w:]+)\}", value, route.path)


def asked_of(route: APIRoute) -> str:
    """Ask for what a route cannot do without, and for the day of knowledge where there is one."""
    wanted = {"known_before": "0", **PLAIN}
    params = {each.name: choices_of(each.field_info.annotation) for each in params_of(route.dependant, "query_params")}
    return urlencode(
        {name: offered[0] if offered else wanted[name] for name, offered in params.items() if name in wanted}
    )


PLAIN: Final = {"account": "1111", "fund": "QC", "kind": "PT", "year": "2025", "number": "1", "seq": "1"}
"""Parameter → something of the right form, where it is no id and no choice."""


def test_the_roles_of_the_program_are_those_of_the_database(place: Place) -> None:
    with place.engine.begin() as conn:
        rows = conn.execute(sa.text("SELECT role, needs_second_factor FROM soquy.role_kind ORDER BY position")).all()
    assert tuple(row.role for row in rows) == ROLES
    assert {row.role for row in rows if row.needs_second_factor} == SECOND_FACTOR
    granted: set[str] = {right for rights in _rights_of(place).values() for right in rights}
    assert granted == set(RIGHTS)


def _rights_of(place: Place) -> dict[Role, set[str]]:
    with place.engine.begin() as conn:
        rows = conn.execute(sa.text("SELECT role, right_name FROM soquy.role_right")).all()
    found: dict[Role, set[str]] = {}
    for row in rows:
        found.setdefault(row.role, set()).add(row.right_name)
    return found
