"""Consent on a phone: two granted at once and one denied, by keyboard, without script, in both languages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_postgresql.executors import NoopExecutor

from ledger import typeid
from ledger.approvals.commands import ask
from ledger.approvals.model import Action
from ledger.books.model import Actor
from ledger.tenancy import set_tenant
from tests.browser.accessibility import DESK, PHONE, assert_accessible
from tests.browser.receiving import Commune, Typist, commune
from tests.database import DatabaseServer
from tests.people_who_sign_in import make_person


@pytest.fixture(scope="module")
def desk(browser: Browser, postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Commune]:
    with commune(postgresql_noproc, database_server, "soquy_approving") as served:
        yield served


def asked(desk: Commune, *amounts_minor: int, action: Action = "exception") -> list[str]:
    """Have an accountant ask for consent to amounts; return the requests' ids."""
    with desk.engine.begin() as conn:
        drafter = make_person(conn, desk.book, "accountant", name="Lê Thị Lập")
        set_tenant(conn, desk.book.tenant_id)
        actor = Actor(principal_id=drafter.user_id, role="accountant", prefix=typeid.USER)
        made = [ask(conn, desk.book, action, typeid.new_id(), amount_minor=each, actor=actor) for each in amounts_minor]
    return [typeid.encode(typeid.APPROVAL, each) for each in made]


def look(page: Page, name: str) -> None:
    assert_accessible(page)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def clear(desk: Commune, browser: Browser) -> None:
    """Grant what is left, so that the next test finds its own alone."""
    page = desk.visit(browser)
    page.goto(desk.path("approvals") + "?every=1")
    if page.locator(".pick").count():
        page.locator("main [data-submit]").click()
        page.get_by_role("heading", name="Xem lại trước khi duyệt").wait_for()
        page.locator("main [data-submit]").click()
        page.get_by_text("Không có gì chờ bạn duyệt").wait_for()
    page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_on_a_phone_two_are_granted_at_once_and_one_is_denied_by_keyboard_without_script(
    browser: Browser, desk: Commune, language: Literal["vi", "en"]
) -> None:
    clear(desk, browser)
    asked(desk, 1_500_000, 2_000_000, 9_000_000)
    page = desk.visit(browser, size=PHONE, language=language, java_script_enabled=False)
    words = {
        "vi": ("2 mục, cộng 3.500.000 đ", "Đã duyệt 2 mục.", "Bị từ chối"),
        "en": ("2 requests, 3,500,000 đ in all", "2 were approved.", "Denied"),
    }[language]
    page.goto(desk.path("approvals"))
    typist = Typist(page)
    boxes = page.locator("[name=approval]")
    expect(boxes).to_have_count(3)
    for box in (boxes.nth(0), boxes.nth(1)):
        box.focus()
        typist.press("Space")
    page.locator("main [data-submit]").focus()
    expect(page.locator("main [data-submit]")).to_be_in_viewport()
    typist.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text(words[0])
    page.locator("main [data-submit]").focus()
    typist.press("Enter")
    expect(page.get_by_text(words[1])).to_be_visible()
    expect(boxes).to_have_count(1)
    page.locator(".ask-what a").focus()
    typist.press("Enter")
    page.locator("details.more").first.locator("summary").focus()
    typist.press("Enter")
    page.locator("[name=reason]").focus()
    typist.type("Thieu bien ban hop")
    typist.press("Tab")
    typist.press("Enter")
    expect(page.get_by_text("Thieu bien ban hop")).to_be_visible()
    expect(page.locator(".badge")).to_have_text(words[2])
    page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (DESK, "dark")],
    ids=["phone", "dark"],
)
def test_every_page_is_accessible_and_fits_the_screen(
    browser: Browser,
    desk: Commune,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: Literal["vi", "en"],
) -> None:
    clear(desk, browser)
    name = f"{size['width']}-{scheme}-{language}"
    page = desk.visit(browser, size=size, language=language, color_scheme=scheme, bypass_csp=True)
    page.goto(desk.path("approvals"))
    look(page, f"{name}-empty")
    first, second, _ = asked(desk, 1_500_000, 250_000_000, 9_000_000)
    page.goto(desk.path())
    look(page, f"{name}-home")
    page.goto(desk.path("approvals"))
    page.locator("[name=approval]").nth(0).check()
    page.locator("[name=approval]").nth(1).check()
    expect(page.locator("main [data-submit]")).to_have_text({"vi": "Duyệt 2 mục", "en": "Approve 2"}[language])
    look(page, f"{name}-queue")
    page.locator("main [data-submit]").click()
    page.locator("h2#can").wait_for()
    look(page, f"{name}-check")
    other = page.context.new_page()
    other.goto(desk.path("approvals", second))
    look(other, f"{name}-request")
    other.locator("details.more").first.locator("summary").click()
    other.locator("form[action$='/deny'] [data-submit]").click()
    other.locator("[data-summary]").wait_for()
    look(other, f"{name}-wrong")
    other.locator("[name=reason]").fill("Chưa có biên bản họp xét của hội đồng, đề nghị bổ sung.")
    other.locator("form[action$='/deny'] [data-submit]").click()
    other.locator(".notice.good").wait_for()
    look(other, f"{name}-denied")
    page.locator("main [data-submit]").click()
    page.locator("h2#cannot").wait_for()
    look(page, f"{name}-late")
    page.locator("main [data-submit]").click()
    page.locator(".notice.good").wait_for()
    page.goto(desk.path("approvals", first))
    look(page, f"{name}-half")
    page.goto(desk.path("approvals", "all"))
    look(page, f"{name}-history")
    page.goto(desk.path("approvals", "policies"))
    look(page, f"{name}-policies")
    page.context.close()
