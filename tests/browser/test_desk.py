"""The desk's frame as people who signed in meet it: by keyboard, on a phone, without script."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ledger import typeid
from tests.browser.accessibility import DESK, PHONE, assert_accessible, complaints_of, open_page
from tests.browser.conftest import serve
from tests.office import Office
from tests.page_address import found_of
from tests.people_who_sign_in import Person, secret_of


@pytest.fixture(scope="module")
def site(browser: Browser, office: Office) -> Iterator[str]:
    with serve(office.app) as address:
        yield address


@pytest.fixture(scope="module")
def treasurer(office: Office) -> Person:
    """Somebody with a desk in the province and two below it."""
    person = office.person("chief_accountant")
    for book in office.communes[:2]:
        office.give(person, book, "collector")
    return person


@pytest.fixture
def page(browser: Browser, site: str, office: Office, treasurer: Person) -> Iterator[Page]:
    opened = open_page(browser)
    sign_in(opened, site, office, treasurer)
    yield opened
    opened.context.close()


def sign_in(page: Page, site: str, office: Office, person: Person) -> None:
    page.context.add_cookies([{"name": "soquy_session", "value": secret_of(office.engine, person), "url": site}])


def home(site: str, office: Office) -> str:
    return f"{site}/desk/{typeid.encode(typeid.ASSOCIATION, office.province.association_id)}"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_the_desk_is_accessible_and_fits_the_screen(
    browser: Browser,
    site: str,
    office: Office,
    treasurer: Person,
    *,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    page = open_page(browser, size, scheme, for_axe=True)
    sign_in(page, site, office, treasurer)
    for path in (f"{site}/desk", home(site, office), f"{home(site, office)}/jump"):
        page.goto(f"{path}?lang={language}")
        assert_accessible(page)
    page.goto(home(site, office))
    for menu in page.locator("header details.menu").all():
        menu.locator("summary").click()
        assert_accessible(page)
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").press_sequentially("168")
    expect(dialog.get_by_role("link").first).to_be_visible()
    assert_accessible(page)
    page.context.close()


def test_the_policy_lets_everything_of_ours_through(page: Page, site: str, office: Office) -> None:
    complaints = complaints_of(page)
    page.goto(home(site, office))
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("searchbox").fill("hoi")
    page.wait_for_load_state("networkidle")
    assert complaints == []


def test_ctrl_k_jumps_to_a_voucher_by_keyboard_alone(page: Page, site: str, office: Office) -> None:
    page.goto(home(site, office))
    page.keyboard.press("Control+k")
    page.keyboard.type("bc 168")  # without waiting for anything
    search = page.get_by_role("dialog").get_by_role("searchbox")
    expect(search).to_have_value("bc 168")
    hit = page.get_by_role("dialog").get_by_role("link", name="BC/2023/168")
    expect(hit).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/e/as_*/*")
    expect(page.locator("body")).to_contain_text("BC/2023/168")


def test_escape_closes_what_was_opened_and_gives_the_focus_back(page: Page, site: str, office: Office) -> None:
    page.goto(home(site, office))
    jump = page.get_by_role("link", name="Tìm")
    jump.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(jump).to_be_focused()
    menu = page.locator("details.me")
    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_a_menu_closes_when_another_opens_or_the_focus_leaves(page: Page, site: str, office: Office) -> None:
    page.goto(home(site, office))
    place, me = page.locator("details.place"), page.locator("details.me")
    place.locator("summary").click()
    me.locator("summary").click()
    expect(place).not_to_have_attribute("open", re.compile(""))
    page.get_by_role("heading", level=1).click()
    expect(me).not_to_have_attribute("open", re.compile(""))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_one_association_to_the_next_and_out_on_a_phone(
    browser: Browser, site: str, office: Office, script: bool
) -> None:
    leaving = office.person("chief_accountant")
    office.give(leaving, office.communes[0], "collector")
    page = open_page(browser, PHONE, script=script)
    sign_in(page, site, office, leaving)
    page.goto(home(site, office))
    page.locator("details.place summary").click()
    page.locator("details.place a").first.click()
    expect(page.locator("main")).to_contain_text("Người thu")
    page.get_by_text("Danh mục công việc").click()
    page.locator(".side-phone").get_by_role("link", name="Bàn làm việc").click()
    page.locator("details.me summary").click()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(home(site, office))
    expect(page).to_have_url(re.compile("/sign-in"))
    page.context.close()


def test_without_script_the_search_is_a_page(browser: Browser, site: str, office: Office, treasurer: Person) -> None:
    page = open_page(browser, PHONE, script=False)
    sign_in(page, site, office, treasurer)
    page.goto(home(site, office))
    page.get_by_role("link", name="Tìm").click()
    page.get_by_role("searchbox").fill("chau cau")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="Châu Cầu").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Châu Cầu")
    assert "chau" not in page.url
    page.context.close()


def test_the_back_button_after_signing_out_shows_nothing(page: Page, site: str, office: Office) -> None:
    page.goto(home(site, office))
    page.context.clear_cookies()
    page.goto(f"{site}/style")
    page.go_back()
    expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("room", "kept"),
    [
        ("contributions", "contribution_id"),
        ("drafts", "draft_id"),
        ("pledges", "pledge_id"),
        ("goods", "goods_id"),
        ("blocks", "block_id"),
    ],
)
def test_a_list_shows_its_figures_on_a_phone(
    browser: Browser, site: str, office: Office, *, room: str, kept: str, language: str
) -> None:
    """What somebody looks a list through for does not lie beyond the edge of its box."""
    book, _ = found_of(office, kept)
    page = open_page(browser, PHONE)
    sign_in(page, site, office, office.person("chief_accountant", book=book))
    page.goto(f"{site}/desk/{typeid.encode(typeid.ASSOCIATION, book.association_id)}/{room}?lang={language}")
    expect(page.locator("main table.rows tbody tr").first).to_be_visible()
    hidden = page.locator("main .scroll").evaluate_all("boxes => boxes.map(box => box.scrollWidth - box.clientWidth)")
    assert max(hidden) <= 0
    page.context.close()
