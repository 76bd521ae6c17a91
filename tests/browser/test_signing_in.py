"""Signing in as people do it: by keyboard, with a password and an authenticator, with and without script."""

import base64

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import open_page
from tests.browser.conftest import serve
from tests.office import Office
from tests.people_who_sign_in import Person


def type_password(page: Page, site: str, person: Person) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("Thư điện tử").fill(person.email)
    page.get_by_label("Mật khẩu").fill(person.password)
    page.keyboard.press("Enter")


def type_code(page: Page, person: Person) -> None:
    """Type the code where the page has put the cursor: the address changes a moment before the cursor is there."""
    page.wait_for_url("**/sign-in/code**")
    expect(page.locator("main input[name=code]")).to_be_focused()
    page.keyboard.insert_text(code_of(person))
    page.keyboard.press("Enter")


def code_of(person: Person) -> str:
    assert person.totp is not None
    return pyotp.TOTP(base64.b32encode(person.totp).decode()).now()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_password_and_a_code_lead_to_the_desk_and_out_again(
    browser: Browser, office: Office, *, has_script: bool
) -> None:
    person = office.person("chief_accountant")
    with serve(office.app) as site:
        page = open_page(browser) if has_script else browser.new_context(java_script_enabled=False).new_page()
        type_password(page, site, person)
        type_code(page, person)
        page.wait_for_url("**/desk**")
        page.locator("header details.menu summary").last.click()
        page.get_by_role("button", name="Đăng xuất").click()
        page.goto(f"{site}/desk")
        expect(page).to_have_url(f"{site}/sign-in?next=%2Fdesk")
        page.context.close()


def test_a_wrong_password_says_so_and_keeps_the_address(browser: Browser, office: Office) -> None:
    person = office.person("accountant")
    with serve(office.app) as site:
        page = open_page(browser)
        page.goto(f"{site}/sign-in")
        page.get_by_label("Thư điện tử").fill(person.email)
        page.get_by_label("Mật khẩu").fill("không phải mật khẩu này")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("Thư điện tử hoặc mật khẩu")
        expect(page.get_by_label("Thư điện tử")).to_have_value(person.email)
        page.context.close()
