"""Every page there is, from the routes themselves: whoever reads by ear, on a phone, in either language.

A page that is added is looked at by being there. Pages of one file are gone through, state by state, in
``test_receiving_file.py``.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, ViewportSize

from ledger import typeid
from ledger.access.invitation import invite
from ledger.access.role import Role
from ledger.books.model import Book
from ledger.jobs.queue import enqueue
from ledger.tenancy import set_tenant
from tests.browser.accessibility import DESK, PHONE, assert_accessible, open_page
from tests.browser.conftest import serve
from tests.factories import ACTOR
from tests.integration.access.test_matrix import ROUTES, choices_of, need_of, params_of
from tests.office import Office
from tests.people_who_sign_in import secret_of
from web.access import NeedsPage, NeedsPageIn

FILES: Final = re.compile(r"\.(pdf|zip|json|xlsx|jpg|\{ending\})$|/(file|inspection)$")
GONE_THROUGH: Final = re.compile(r"/intake/\{intake_id\}|/choose/\{what\}$")
"""Of one file: elsewhere. Choosing somebody answers a search, and alone with another page."""

IDS: Final = {
    "person_id": (typeid.PERSON, "SELECT book_id, person_id AS id FROM vault.person"),
    "document_id": (typeid.DOCUMENT, "SELECT book_id, document_id AS id FROM vault.document"),
    "contribution_id": (typeid.CONTRIBUTION, "SELECT book_id, contribution_id AS id FROM soquy.contribution"),
    "entry_id": (
        typeid.ENTRY,
        "SELECT book_id, entry_id AS id FROM soquy.entry JOIN soquy.collection USING (tenant_id, book_id, seq)",
    ),
    "seq": (None, "SELECT book_id, seq AS id FROM soquy.contribution"),
    "draft_id": (
        typeid.DRAFT,
        "SELECT book_id, draft_id AS id FROM vault.draft WHERE kind = 'drive' AND state = 'open'",
    ),
    "pledge_id": (typeid.PLEDGE, "SELECT book_id, pledge_id AS id FROM soquy.pledge"),
    "goods_id": (typeid.GOODS, "SELECT book_id, goods_id AS id FROM soquy.goods"),
    "block_id": (typeid.BLOCK, "SELECT book_id, block_id AS id FROM soquy.receipt_block"),
    "account": (None, "SELECT book_id, account AS id FROM soquy.account WHERE account LIKE '1121%' AND NOT is_parent"),
    "job_id": (typeid.JOB, "SELECT book_id, job_id AS id FROM soquy.job"),
}
"""Parameter of a path → the prefix of its id, and where one is found."""

PAGES: Final = [
    route
    for route, method in ROUTES
    if method == "GET"
    and isinstance(need_of(route), NeedsPage)
    and not FILES.search(route.path)
    and not GONE_THROUGH.search(route.path)
]


@pytest.fixture(scope="module")
def site(browser: Browser, office: Office) -> Iterator[str]:
    with serve(office.app) as address:
        yield address


def found_of(office: Office, name: str) -> tuple[Book, str]:
    """Return an id that a path may name, and the book it belongs to."""
    prefix, query = IDS[name]
    with office.engine.begin() as conn:
        set_tenant(conn, office.province.tenant_id)
        if name == "job_id":
            enqueue(conn, office.province, "papers.receipts", subject="seq:1", actor=ACTOR, arguments={"seq": 1})
        row = conn.execute(
            sa.text(f"""\
                SELECT b.tenant_id, b.book_id, b.association_id, CAST(found.id AS text) AS id FROM ({query}) AS found
                JOIN soquy.book AS b ON b.tenant_id = :tenant_id AND b.book_id = found.book_id
                ORDER BY b.book_id LIMIT 1"""),
            {"tenant_id": office.province.tenant_id},
        ).one()
    book = Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id)
    return book, row.id if prefix is None else typeid.encode(prefix, UUID(row.id))


def address_of(office: Office, route: APIRoute) -> tuple[Book, str]:
    """Return the path of a page with something that exists in the place of each parameter, and whose page it is."""
    book, values = office.province, {}
    choices = {each.name: choices_of(each.field_info.annotation) for each in params_of(route.dependant, "path_params")}
    for name in re.findall(r"\{(\w+)\}", route.path):
        if name in IDS:
            book, values[name] = found_of(office, name)
        elif choices.get(name):
            values[name] = str(choices[name][0])
    values["association_id"] = typeid.encode(typeid.ASSOCIATION, book.association_id)
    return book, route.path.format(**values)


def secret_for(office: Office, book: Book, role: Role, known: dict[tuple[Book, Role], str]) -> str:
    """Return the session of somebody of a role there; who keeps the books also keeps the list of who signs in."""
    if (book, role) not in known:
        person = office.person(role, book=book)
        if role == "chief_accountant":
            office.give(person, book, "administrator")
        known[book, role] = secret_of(office.engine, person)
    return known[book, role]


@pytest.fixture(scope="module")
def known() -> dict[tuple[Book, Role], str]:
    return {}


@pytest.mark.parametrize(
    ("size", "scheme", "language"), [(PHONE, "dark", "vi"), (DESK, "light", "en")], ids=["phone-vi", "desk-en"]
)
@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.path)
def test_a_page_is_accessible_and_fits_the_screen(
    browser: Browser,
    site: str,
    office: Office,
    known: dict[tuple[Book, Role], str],
    *,
    route: APIRoute,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    need = need_of(route)
    assert isinstance(need, NeedsPage)
    book, path = address_of(office, route)
    secret = secret_for(office, book, "inspector" if need.right == "inspect" else "chief_accountant", known)
    page = open_page(browser, size, scheme, for_axe=True)
    page.context.add_cookies([{"name": "soquy_session", "value": secret, "url": site}])
    answer = page.goto(f"{site}{path}?lang={language}")
    assert answer is not None
    assert (answer.status, isinstance(need, NeedsPageIn)) == (200, "{association_id}" in route.path), path
    assert_accessible(page)
    page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_way_in_is_accessible_and_fits_the_screen(
    browser: Browser, site: str, office: Office, language: str
) -> None:
    """Signing in by password and by code, a link to choose a password, one that is over."""
    with office.engine.begin() as conn:
        set_tenant(conn, office.province.tenant_id)
        email = f"moi-{language}@mau.invalid"
        link = invite(conn, office.province, email=email, role="cashier", actor=None).secret
    person = office.person("chief_accountant")
    page = open_page(browser, PHONE, "dark", for_axe=True)
    for path in ("/sign-in", f"/invitation/{link}", "/invitation/1_none"):
        page.goto(f"{site}{path}?lang={language}")
        assert_accessible(page)
    page.goto(f"{site}/sign-in?lang={language}")
    page.locator("[name=email]").fill(person.email)
    page.locator("[name=password]").fill("không phải mật khẩu này")
    page.keyboard.press("Enter")
    page.locator("[data-summary], .notice").first.wait_for()
    assert_accessible(page)
    page.locator("[name=password]").fill(person.password)
    page.keyboard.press("Enter")
    page.locator("[name=code]").wait_for()
    assert_accessible(page)
    page.context.close()
