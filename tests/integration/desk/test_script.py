"""What is typed is text on every page: script in each text field of each form, found by going through the pages."""

import html
import re
from collections.abc import Iterator
from typing import Final

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx import Response
from pytest_postgresql.executors import NoopExecutor

from ledger import typeid
from ledger.books.model import Book
from tests.database import DatabaseServer
from tests.demo_province import Demo
from tests.integration.access.test_matrix import PAGES, ROUTES, need_of
from tests.integration.desk_giving.page import form_of
from tests.office import Office, open_office
from tests.page_address import address_of
from tests.people_who_sign_in import signed_in
from web.pages import PUBLIC_PAGES

SCRIPT: Final = """'"><script>x(7)</script>"""
LOOKED_AT: Final = [
    route
    for route, method in PAGES
    if method == "GET" and not re.search(r"\.(pdf|zip|json|xlsx|jpg|\{ending\})$|/(file|inspection)$", route.path)
]
PUBLIC: Final = [
    route
    for route, method in ROUTES
    if method == "GET" and need_of(route) is None and route.path in PUBLIC_PAGES and "{secret}" not in route.path
]


@pytest.fixture(scope="module")
def office(demo: Demo, postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Office]:
    """An office of its own, because everything in it will be called by a script."""
    with open_office(demo, postgresql_noproc, database_server, "soquy_script") as opened:
        yield opened


def visitors(office: Office) -> dict[Book, TestClient]:
    """Return somebody who may do everything at each desk."""
    found = {}
    for book in (office.province, *office.communes):
        person = office.person("chief_accountant", book=book)
        office.give(person, book, "administrator")
        found[book] = signed_in(office.app, person)
    return found


def texts_of(page: str) -> set[str]:
    """Return the names of the fields into which people type words."""
    inputs = re.findall(r"<input ([^>]*)>", page)
    typed = [tag for tag in inputs if re.search(r'type="(text|search)"', tag) or "type=" not in tag]
    areas = re.findall(r"<textarea ([^>]*)>", page)
    return {found[1] for tag in (*typed, *areas) if (found := re.search(r'\bname="([^"]*)"', tag))}


def test_script_in_any_field_is_text_on_every_page(office: Office) -> None:
    clients = visitors(office)
    answers = [answer for route in LOOKED_AT for answer in fill_in(office, clients, route)]
    assert len(answers) > 40, "there are more forms than that"
    assert {answer.status_code for answer in answers} <= {200, 303, 404, 409, 413, 422, 429}
    shown = [client.get(address_of(office, route)[1]) for route in LOOKED_AT for client in clients.values()]
    place = typeid.encode(typeid.ASSOCIATION, office.province.association_id)
    shown += [TestClient(office.app).get(path) for path in ("/", f"/a/{place}", f"/a/{place}/lines")]
    shown += [TestClient(office.app).get(address_of(office, route)[1]) for route in PUBLIC]
    htmls = [answer for answer in (*answers, *shown) if "html" in answer.headers.get("content-type", "")]
    assert [str(answer.url) for answer in htmls if not is_strict(answer)] == []
    pages = [answer.text for answer in htmls]
    assert not [page for page in pages if SCRIPT in page or "<script>x(" in page]
    assert sum(html.escape(SCRIPT) in page or "&lt;script&gt;x(7)" in page for page in pages) > 40, "and it is shown"


def is_strict(answer: Response) -> bool:
    """Tell whether the policy of a page lets nothing run but files of ours, or what it knows by its hash."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    scripts = policy.get("script-src", "'none'")
    strict = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
    is_closed = all(policy.get(name) == value for name, value in strict.items())
    return is_closed and all(
        source == "'self'" or source[:8] == "'sha256-" for source in scripts.split() if source != "'none'"
    )


def fill_in(office: Office, clients: dict[Book, TestClient], route: APIRoute) -> Iterator[Response]:
    """Send every form of a page with script in each of its text fields."""
    book, path = address_of(office, route)
    client = clients[book]
    page = client.get(path).text
    for at, _ in enumerate(re.findall(r'<form method="post" action="(?!/sign-out)', page)):
        form = form_of(page, at=at)
        changes = dict.fromkeys(form.fields.keys() & texts_of(page), SCRIPT)
        if changes:
            yield form.send(client, **changes)
