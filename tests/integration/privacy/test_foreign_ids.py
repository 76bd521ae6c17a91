"""Ids of another association's things name nothing: in one's own address they are not found, and nothing is changed.

Asked from the association above, which shares its tenant, and from a stranger's, which does not. The routes are the
application's own list, so that a new one is asked by being there.
"""

import uuid
from typing import Any, Final

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.auth import Needs
from ledger import typeid
from ledger.books.chart import open_fund
from ledger.books.model import Book
from ledger.tenancy import set_tenant
from tests.integration.access.test_matrix import GUARDED, asked_of, need_of
from tests.integration.api.conftest import ACTOR, OPENED_ON
from tests.integration.privacy.conftest import House
from tests.integration.privacy.test_leak import _fill, _known
from tests.one_of_each import ON, Maker
from tests.people_who_sign_in import give, make_person, signed_in

OWN_NOTES: Final = r"^(idempotency|api_token|user_session|access_event|user_account|log_.*)$"
"""Tables in which the asking itself may leave a note."""


def state_of(house: House) -> dict[str, str]:
    """Return a digest of all rows of every table that asking in vain must leave as it is."""
    listed = """\
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('soquy', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname !~ :own_notes"""
    with house.admin.connect() as conn:
        tables = conn.execute(sa.text(listed), {"own_notes": OWN_NOTES}).scalars().all()
        digest = "SELECT count(*) || md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {} AS t"
        return {table: conn.execute(sa.text(digest.format(table))).scalar_one() for table in tables}


def things_of(house: House) -> dict[str, str]:
    maker = Maker(
        app=house.app,
        engine=house.engine,
        book=house.commune,
        token=house.tokens["commune"],
        word=lambda kind: WORDS.get(kind, "Mẫu"),
    )
    maker.make()
    return _known(maker)


WORDS: Final = {
    "phone": "0900111222",
    "email": "mau@mau.invalid",
    "user_email": "khach@mau.invalid",
    "tax_number": "8012345678",
    "bank_account": "0071000999888",
    "password": "mưa rào trên mái ngói đỏ",
}


def ids_in(route: APIRoute) -> set[str]:
    return {each.name for each in route.dependant.path_params if each.name.endswith("_id")} - {"association_id"}


def paths(route: APIRoute, book: Book, things: dict[str, str]) -> list[str]:
    known = {**things, "association_id": typeid.encode(typeid.ASSOCIATION, book.association_id)}
    events = [things[name] for name in ("event_id", "exception_id", "attachment_id", "contribution_id", "entry_id")]
    return sorted({_fill(route, {**known, "event_id": event}) for event in events})


NAMED: Final = [(route, method) for route, method in GUARDED if ids_in(route) - {"device_id", "session_id"}]
"""A session and a remembered browser belong to somebody, and to no association."""


@pytest.mark.parametrize("who", ["province", "elsewhere"])
def test_ids_of_another_association_are_not_found_and_change_nothing(house: House, who: str) -> None:
    things = things_of(house)
    book: Book = getattr(house, who)
    with house.engine.begin() as conn:
        person = make_person(conn, book, "chief_accountant")
        give(conn, book, person.user_id, "administrator")
        others = {"inspect": make_person(conn, book, "inspector"), "pay": make_person(conn, book, "cashier")}
    keeps = signed_in(house.app, person)
    desks = {right: signed_in(house.app, other) for right, other in others.items()}
    program = TestClient(house.app, raise_server_exceptions=False)
    before = state_of(house)
    wrong: list[tuple[str, str, int]] = []
    assert len(NAMED) > 80
    for route, method in NAMED:
        need = need_of(route)
        is_api = isinstance(need, Needs)
        desk = keeps if need is None else desks.get(need.right or "", keeps)
        described = (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        headers = {"Authorization": f"Bearer {house.tokens[who]}", "Idempotency-Key": uuid.uuid4().hex}
        typed = {"key": uuid.uuid4().hex, "version": "1", "reason": "Mẫu", "on": "5/3/2025", "number": "1"}
        for path in paths(route, book, things):
            query = asked_of(route)
            if is_api:
                body: dict[str, Any] = {"json": described["example"]} if "example" in described else {}
                answer = program.request(method, path, params=query, headers=headers, **body)
            else:
                answer = desk.request(method, path, params=query, data=typed if method == "POST" else None)
            if answer.status_code not in _due(method) and not _is_empty(answer):
                wrong.append((method, route.path, answer.status_code))
    assert sorted(set(wrong)) == []
    after = state_of(house)
    assert {table for table in before if before[table] != after[table]} == set()


def _due(method: str) -> set[int]:
    """Not found; a form or a body may be refused for itself before anything is looked for."""
    return {404} if method == "GET" else {404, 422}


def _is_empty(answer: Any) -> bool:
    """Tell whether a list of what belongs to a thing is of nothing."""
    return bool(answer.status_code == 200 and answer.json() == {"rows": [], "next_cursor": None})


@pytest.mark.parametrize("who", ["province", "elsewhere"])
def test_ids_of_another_association_are_refused_in_a_body_too(house: House, who: str) -> None:
    things = things_of(house)
    book: Book = getattr(house, who)
    if who == "elsewhere":
        with house.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            named: dict[str, Any] = {"kind": "general", "name_vi": "Quỹ", "opened_on": OPENED_ON, "actor": ACTOR}
            open_fund(conn, book, fund="QC", **named)
    own = Maker(
        app=house.app, engine=house.engine, book=book, token=house.tokens[who], word=lambda kind: WORDS.get(kind, "Mẫu")
    )
    own.people()
    own.documents()
    with house.engine.begin() as conn:
        set_tenant(conn, house.commune.tenant_id)
        stranger = make_person(conn, house.commune, "cashier")
    giver = {"name": "Mẫu", "person": things["person_id"]}
    gift = {"donor": "Mẫu", "amount_minor": 500_000}
    cash = {"received_on": ON, "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}
    me = f"/people/{own.ids['guardian_id']}"
    mine = own.made("/contributions", {**cash, "gifts": [gift]})["contributions"][0]["id"]
    consent = {"purpose": "contact", "method": "paper", "given_on": ON}
    block = {"series": "ZZ", "first_number": 1, "last_number": 5, "issued_on": "2025-03-01", "holder": "Mẫu"}
    promised = {"amount_minor": 5, "pledged_on": ON, "due_on": "2025-06-30", "fund": "QC"}
    asked: list[tuple[str, Any]] = [
        ("/contributions", {**cash, "gifts": [{**gift, "person": things["person_id"]}]}),
        ("/contributions", {**cash, "gifts": [{**gift, "pledge": things["pledge_id"]}]}),
        (f"/contributions/{mine}/pledge", {"pledge": things["pledge_id"], "reason": "Mẫu"}),
        ("/pledges", {**promised, "giver": giver}),
        ("/goods", {"received_on": ON, "description": "Mẫu", "quantity": 1, "unit": "set", "giver": giver}),
        ("/receipt-blocks", {**block, "person": things["person_id"]}),
        (f"{me}/guardians", {"guardian": things["guardian_id"], "relation": "parent"}),
        (f"{me}/merge", {"merged": things["person_id"]}),
        (f"{me}/consents", {**consent, "document": things["document_id"]}),
        (f"{me}/consents", {**consent, "guardian": things["guardian_id"]}),
        (f"/documents/{own.ids['document_id']}/attachments", {"entry": things["entry_id"], "kind": "photo"}),
        (f"/documents/{own.ids['document_id']}/attachments", {"event": things["contribution_id"], "kind": "photo"}),
    ]
    if who == "elsewhere":  # somebody of the same tenant may be given a role by whoever administers above
        asked.append(("/roles", {"user": typeid.encode(typeid.USER, stranger.user_id), "role": "cashier"}))
    before = state_of(house)
    answers = [(rest, body, own.ask(rest, body).status_code) for rest, body in asked]
    assert [(rest, sorted(body), status) for rest, body, status in answers if status not in {404, 409, 422}] == []
    after = state_of(house)
    assert {table for table in before if before[table] != after[table]} == set()
