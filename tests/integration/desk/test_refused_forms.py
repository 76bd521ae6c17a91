"""Whatever a form is refused for, it is told in a page at the desk: for every form that the routes take."""

from collections.abc import Mapping
from typing import Final

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.books.model import Book
from tests.integration.access.test_matrix import PAGES
from tests.office import Office
from tests.page_address import address_of
from tests.people_who_sign_in import DOMAIN, Person, signed_in
from web.form import Form
from web.translation import Language

URLENCODED: Final = "application/x-www-form-urlencoded"
TORN: Final = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n1'

FORMS: Final = [route for route, method in PAGES if method == "POST"]
FOR_SCRIPTS: Final = {
    "/desk/{association_id}/contributions/donors",
    "/desk/{association_id}/drives/{draft_id}/save",
}
"""What a page's script asks for while somebody types; it shows what it is told itself."""


@pytest.fixture(scope="module")
def clients() -> dict[Book, tuple[Person, TestClient]]:
    return {}


def visitor(office: Office, book: Book, clients: dict[Book, tuple[Person, TestClient]]) -> tuple[Person, TestClient]:
    """Return somebody who may do everything at a desk, and their browser."""
    if book not in clients:
        person = office.person("chief_accountant", book=book)
        office.give(person, book, "administrator")
        clients[book] = person, signed_in(office.app, person)
    return clients[book]


def sent_wrongly() -> Mapping[str, tuple[str, bytes]]:
    """Return what no page sends: media type and body, by what is wrong with it."""
    return {
        "nothing": (URLENCODED, b""),
        "a key alone": (URLENCODED, f"key={Form().key}".encode()),
        "no form": ("text/plain", b"Nguyen Van Mau"),
        "half a form": ("multipart/form-data; boundary=x", TORN),
    }


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("route", FORMS, ids=lambda route: route.path)
def test_every_form_is_refused_at_the_desk(
    office: Office, clients: dict[Book, tuple[Person, TestClient]], route: APIRoute, language: Language
) -> None:
    book, path = address_of(office, route)
    person, client = visitor(office, book, clients)
    home = f"/desk/{typeid.encode(typeid.ASSOCIATION, book.association_id)}"
    client.cookies.set("soquy_language", language, domain=DOMAIN, path="/")
    for wrong, (media_type, body) in sent_wrongly().items():
        answer = client.post(path, content=body, headers={"Content-Type": media_type})
        if answer.status_code == 303:  # a form without fields has nothing to be wrong
            assert answer.headers["Location"].startswith(("/desk", "/account"))
            continue
        assert answer.status_code < 500, wrong
        if route.path in FOR_SCRIPTS and not media_type.startswith("text"):
            continue
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8", wrong
        assert f'<html lang="{language}">' in answer.text, wrong
        assert person.name in answer.text, wrong
        if "{association_id}" in route.path:
            assert f'href="{home}/contributions"' in answer.text, f"{wrong}: the menu is there"


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [("POST", "no-such-page", 404), ("POST", "people/none/no-such-change", 422), ("GET", "members/invite", 405)],
)
def test_what_no_page_answers_is_told_at_the_desk_too(
    office: Office, clients: dict[Book, tuple[Person, TestClient]], method: str, more: str, status: int
) -> None:
    """A form of yesterday's page, or the address of a form alone: also when it was sent and not asked for."""
    book = office.province
    person, client = visitor(office, book, clients)
    home = f"/desk/{typeid.encode(typeid.ASSOCIATION, book.association_id)}"
    answer = client.request(method, f"{home}/{more}", data={"key": Form().key} if method == "POST" else None)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert person.name in answer.text
    assert 'href="/desk"' in answer.text
