import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessibility import DESK, PHONE, assert_accessible, complaints_of, open_page


def paths(page: Page, site: str) -> dict[str, str]:
    """Find one page of each kind by following links, as a reader would."""
    page.goto(f"{site}/?every=1")
    commune = page.locator("#associations ~ .scroll tbody a").first.get_attribute("href")
    page.goto(site)
    lines = page.get_by_role("link", name="Nhà hảo tâm ở nước ngoài").get_attribute("href")
    page.goto(f"{site}{lines}")
    entry = page.locator("tbody a").first.get_attribute("href")
    return {
        "front": "/",
        "english": "/?lang=en",
        "every": "/?every=1&sort=name",
        "commune": str(commune),
        "lines": str(lines),
        "entry": str(entry),
        "missing": "/a/none",
    }


# What fits depends on the width, contrast on the scheme: two of the four tell both.
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def test_pages_are_accessible_and_fit_the_screen(
    browser: Browser, site: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(browser, size, scheme, for_axe=True)
    for path in paths(page, site).values():
        page.goto(site + path)
        assert_accessible(page)
    page.context.close()


def test_a_reader_comes_from_the_sentence_to_an_entry_without_script(browser: Browser, site: str) -> None:
    page = open_page(browser, script=False)
    page.goto(site)
    expect(page.locator(".sentence")).to_contain_text(re.compile("31,4.tỷ.đ.*64,7.tỷ.đ.*24.tỷ.đ.*72,1.tỷ.đ"))
    page.get_by_role("link", name="Thành phố Phủ Lý").click()
    page.locator("#associations ~ .scroll tbody a").nth(1).click()
    page.get_by_role("link", name="Học bổng").first.click()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bút toán số")
    expect(page.get_by_role("table")).to_contain_text("35381")
    page.context.close()


def test_the_policy_lets_everything_of_ours_through(browser: Browser, site: str) -> None:
    page = open_page(browser)
    complaints = complaints_of(page)
    page.goto(site)
    assert complaints == []
    page.context.close()


def test_the_keyboard_comes_to_the_content_first(browser: Browser, site: str) -> None:
    page = open_page(browser)
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


def test_bars_are_drawn_from_the_rows_of_the_table(browser: Browser, site: str) -> None:
    page = open_page(browser)
    page.goto(site)
    rows = page.locator("#months ~ .split tbody tr")
    received = [int(rows.nth(index).locator("td").first.inner_text().replace(".", "")) for index in range(12)]
    heights = [float(bar.get_attribute("height") or 0) for bar in page.locator(".chart rect.in").all()]
    assert sum(received) == 64_700_000_000
    assert [round(height * max(received) / max(heights) / 1e9, 0) for height in heights] == [
        round(amount / 1e9, 0) for amount in received
    ]
    page.context.close()
