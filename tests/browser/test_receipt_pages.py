"""A giver's way in a real browser: from the code on paper to a proof, and from a poster to a payment code."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from ledger import typeid
from ledger.banking.account import set_bank_account
from ledger.giving.code import encode, shown
from tests.browser.conftest import serve
from tests.integration.api.conftest import ACTOR
from tests.integration.web.test_receipt import NAMES, SHOWN, Site, campaign_path, desk, site
from tests.people_who_sign_in import make_person, signed_in
from web import verifier

__all__ = ["site"]

AXE: Final = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = 360, 1280


@pytest.fixture
def address(browser: Browser, site: Site) -> Iterator[str]:
    """The whole site, with its leaves published and an account to pay into."""
    site.change(lambda conn, book: set_bank_account(conn, book, SHOWN, actor=ACTOR))
    site.log.publisher().publish()
    with serve(site.app) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    yield context.new_page()
    context.close()


def test_a_giver_goes_from_the_code_to_a_proof_that_needs_no_server(
    browser: Browser, page: Page, address: str, site: Site, tmp_path: Path
) -> None:
    """By keyboard and without script to the file; the verifier, opened as a file, finds amount and leaf in the log."""
    page.goto(f"{address}/r")
    page.get_by_label("Mã giấy ghi nhận").fill(site.codes[1].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("có trong sổ")
    assert page.url == f"{address}/r"
    expect(page.locator(".received")).to_have_text("100.000\u00a0đ")
    with page.expect_download() as caught:
        page.get_by_role("link", name="Tải biên nhận").click()
    saved = tmp_path / "gift.receipt.json"
    caught.value.save_as(saved)
    told = verified(browser, saved)
    assert "100000 VND" in told
    assert NAMES[1] not in told


def test_the_givers_own_file_opens_the_name_too(browser: Browser, address: str, site: Site, tmp_path: Path) -> None:
    """What staff hand out is accepted by the same page, and says who gave."""
    with site.engine.begin() as conn:
        accountant = make_person(conn, site.book, "accountant")
    gift = typeid.encode(typeid.CONTRIBUTION, site.received.contributions[1].contribution_id)
    own = signed_in(site.app, accountant).get(f"/desk/{site.association}/contributions/{gift}/receipt.json")
    saved = tmp_path / "own.receipt.json"
    saved.write_bytes(own.content)
    told = verified(browser, saved)
    assert "100000 VND" in told
    assert NAMES[1] in told


def verified(browser: Browser, receipt: Path) -> str:
    """Give a file to the verifier, as a file itself; return what it shows of a receipt that holds."""
    made = browser.new_page()
    made.goto(verifier.FILE.as_uri())
    made.locator("#file").set_input_files(receipt)
    shown_verdict = made.locator("[data-verdict]")
    shown_verdict.wait_for()
    assert shown_verdict.get_attribute("data-verdict") == "open"
    told = made.locator("#result").inner_text()
    made.close()
    return told


def test_an_amount_is_put_into_the_code_without_script(page: Page, address: str, site: Site) -> None:
    """The form's address carries it, and the page says what the code asks for."""
    page.goto(address + campaign_path(site))
    page.get_by_label("Số tiền").fill("1.500.000")
    page.get_by_role("button", name="Ghi số tiền vào mã").click()
    assert "amount=1.500.000" in page.url
    expect(page.locator(".pay dl")).to_contain_text("1.500.000\u00a0đ")


def paths(site: Site) -> list[str]:
    code = site.codes[0]
    slip = ("1" if code[0] != "1" else "2") + code[1:]
    return [
        "/r",
        f"/r/{code}",
        f"/r/{code}?lang=en",
        f"/r/{slip}",
        f"/r/{shown(encode(bytes(10)))}",
        campaign_path(site),
        campaign_path(site, "?amount=1tr5"),
        campaign_path(site, "?lang=en"),
    ]


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark"), (PHONE, "dark"), (DESK, "light")])
def test_pages_are_accessible_and_fit_the_screen(
    browser: Browser, address: str, site: Site, width: int, scheme: Literal["light", "dark"]
) -> None:
    """No violation in either language and scheme, and nothing to scroll sideways on a phone."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    with site.engine.begin() as conn:
        accountant = make_person(conn, site.book, "accountant")
    made = context.new_page()
    signed = signed_in(site.app, accountant)
    for path in [*paths(site), desk(site, "/papers")]:
        if path.startswith("/desk"):
            made.set_content(signed.get(path).text.replace('href="/', f'href="{address}/'))
        else:
            made.goto(address + path)
        made.evaluate(AXE)
        found = made.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
        )
        assert [(path, each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
        assert made.evaluate("document.documentElement.scrollWidth") <= width, path
        if folder := os.environ.get("SOQUY_SCREENSHOTS"):
            name = f"{path.strip('/').replace('/', '_').replace('?', '_')[:40]}-{width}-{scheme}.png"
            made.screenshot(path=Path(folder) / name, full_page=True)
    context.close()
