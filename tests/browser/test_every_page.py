"""Every page there is, from the routes themselves: whoever reads by ear, on a phone, in either language.

A page that is added is looked at by being there. Pages of one file are gone through, state by state, in
``test_receiving_file.py``.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, ViewportSize

from ledger import typeid
from ledger.access.invitation import invite
from ledger.access.role import Role
from ledger.books.model import Book
from ledger.tenancy import set_tenant
from tests.browser.accessibility import DESK, PHONE, assert_accessible, open_page
from tests.browser.conftest import serve
from tests.integration.access.test_matrix import ROUTES, need_of
from tests.office import Office
from tests.page_address import address_of
from tests.people_who_sign_in import secret_of
from web.access import NeedsPage, NeedsPageIn

FILES: Final = re.compile(r"\.(pdf|zip|json|xlsx|jpg|\{ending\})$|/(file|inspection)$")
GONE_THROUGH: Final = re.compile(r"/intake/\{intake_id\}|/choose/\{what\}$")
"""Of one file: elsewhere. Choosing somebody answers a search, and alone with another page."""

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


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_refused_is_accessible_and_leads_on(
    browser: Browser, site: str, office: Office, known: dict[tuple[Book, Role], str], language: str
) -> None:
    """A page that is not there, one that is not theirs, and a form that comes after the session ended."""
    association = typeid.encode(typeid.ASSOCIATION, office.province.association_id)
    desk = f"{site}/desk/{association}"
    page = open_page(browser, PHONE, "dark", for_axe=True)
    page.context.add_cookies(
        [{"name": "soquy_session", "value": secret_for(office, office.province, "accountant", known), "url": site}]
    )
    for path, status in (("no-such-page", 404), ("contributions/ct_1", 404), ("members", 403)):
        answer = page.goto(f"{desk}/{path}?lang={language}")
        assert answer is not None
        assert answer.status == status
        assert_accessible(page)
        assert page.locator("main").get_by_role("link").count() > 0, "a way on"
    page.goto(f"{desk}/pledges/new?lang={language}")
    page.locator("[name=donor]").fill("Nguyễn Văn Mẫu")
    page.context.clear_cookies()
    page.locator("form[data-form]").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    page.locator("[name=password]").wait_for()
    assert "Nguyễn Văn Mẫu" in page.content(), "what was typed waits"
    assert_accessible(page)
    page.context.close()
