"""A list that comes as a file: from upload to its receipt and back, by keyboard, on a phone, without script."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_postgresql.executors import NoopExecutor

from tests.browser.accessibility import DESK, PHONE, assert_accessible, complaints_of
from tests.browser.receiving import Commune, Typist, commune
from tests.database import DatabaseServer
from tests.list_files import HEADER, PEOPLE, xlsx

TOTAL = "500.000"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def desk(browser: Browser, postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Commune]:
    with commune(postgresql_noproc, database_server, "soquy_file") as served:
        yield served


def list_file(folder: Path, *more: list[object]) -> Path:
    """Write a list of an agency's, with a title above and signatures below; no two are the same."""
    number = next(_numbers)
    rows = [["Cơ quan Mẫu"], [f"Danh sách ủng hộ số {number}"], HEADER, *PEOPLE, *more]
    path = folder / f"danh-sach-{number}.xlsx"
    path.write_bytes(
        xlsx([*rows, ["", "Cộng", "", sum(row[3] for row in PEOPLE)], ["", "", "Người lập", "Thủ trưởng"]])
    )
    return path


def upload(page: Page, desk: Commune, path: Path) -> None:
    page.goto(desk.path("drives", "salary"))
    page.locator("main").get_by_role("link", name="Tải tệp lên").click()
    page.locator("input[type=file]").set_input_files(path)


def fill_facts(page: Page, total: str = TOTAL) -> None:
    page.locator("[name=received_on]").fill("5/9/2025")
    page.locator("[name=fund]").select_option("QC")
    page.locator("[name=declared_minor]").fill(total)


def test_a_file_becomes_gifts_and_goes_back_by_keyboard_alone(browser: Browser, desk: Commune, tmp_path: Path) -> None:
    page = desk.visit(browser)
    complaints = complaints_of(page)
    typist = Typist(page)
    upload(page, desk, list_file(tmp_path))

    def press(role: Literal["button", "link"], name: str) -> None:
        page.get_by_role(role, name=name).focus()
        typist.press("Enter")

    press("button", "Tải lên và đọc")
    page.wait_for_url("**/columns")
    press("button", "Xác nhận và xem từng dòng")
    expect(page.locator(".figure, .equation")).to_contain_text(TOTAL)
    press("link", "Nhập ngày, quỹ và số tiền đã khai")
    fill_facts(page, "499.999")
    press("button", "Lưu")
    expect(page.locator("main")).to_contain_text("chênh lệch 1 đ")
    press("link", "Ngày, quỹ và số tiền đã khai")
    page.locator("[name=declared_minor]").fill(TOTAL)
    press("button", "Lưu")
    press("link", "Kiểm tra lần cuối và ghi sổ")
    press("button", f"Ghi sổ {TOTAL} đ")
    expect(page.get_by_text("Biên nhận của tệp")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Mã SHA-256 của tệp")
    press("link", "Xem từng khoản")
    expect(page.get_by_role("link", name="Trần Thị Thử")).to_be_visible()
    page.go_back()
    press("link", "Đảo cả tệp")
    page.locator("[name=reason]").fill("Nhập nhầm tệp")
    press("button", "Đảo cả tệp")
    expect(page.locator("main")).to_contain_text("Đã đảo ngày")
    assert [each for each in complaints if not each.startswith("http")] == []  # a page that moves on leaves requests
    page.context.close()


def test_rows_that_cannot_be_read_are_left_out_with_a_reason(browser: Browser, desk: Commune, tmp_path: Path) -> None:
    page = desk.visit(browser, size=PHONE)
    upload(page, desk, list_file(tmp_path, [4, "Phạm Thị Ví Dụ", "Phòng Thử", "1tr5"]))
    page.get_by_role("button", name="Tải lên và đọc").click()
    page.get_by_role("button", name="Xác nhận và xem từng dòng").click()
    expect(page.get_by_text("Có phải là 1.500.000 đ")).to_be_visible()
    page.get_by_role("checkbox", name="Chọn dòng 7").check()
    page.get_by_role("button", name="Bỏ qua các dòng đã chọn").click()
    expect(page.locator("[data-summary]")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Chọn dòng 7")).to_be_checked()
    page.locator("#f-reason").fill("Cơ quan sẽ gửi bổ sung")
    page.get_by_role("button", name="Bỏ qua các dòng đã chọn").click()
    expect(page.locator(".verdicts")).to_contain_text("Bỏ qua")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    page.context.close()


def test_the_same_works_without_script(browser: Browser, desk: Commune, tmp_path: Path) -> None:
    page = desk.visit(browser, java_script_enabled=False)
    upload(page, desk, list_file(tmp_path))
    page.get_by_role("button", name="Tải lên và đọc").click()
    page.wait_for_url("**/columns")  # the page asked again by itself
    page.get_by_role("button", name="Xác nhận và xem từng dòng").click()
    page.get_by_role("link", name="Nhập ngày, quỹ và số tiền đã khai").click()
    fill_facts(page)
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("link", name="Kiểm tra lần cuối và ghi sổ").click()
    page.get_by_role("button", name=f"Ghi sổ {TOTAL} đ").click()
    expect(page.get_by_text("Biên nhận của tệp")).to_be_visible()
    page.context.close()


def test_a_connection_that_is_cut_posts_nothing_twice(browser: Browser, desk: Commune, tmp_path: Path) -> None:
    page = desk.visit(browser)
    upload(page, desk, list_file(tmp_path))
    page.context.set_offline(True)
    page.get_by_role("button", name="Tải lên và đọc").click()
    expect(page.locator("main")).to_contain_text("chưa có gì được ghi")
    page.context.set_offline(False)
    page.get_by_role("button", name="Gửi lại").click()
    page.get_by_role("button", name="Xác nhận và xem từng dòng").click()
    page.get_by_role("link", name="Nhập ngày, quỹ và số tiền đã khai").click()
    fill_facts(page)
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("link", name="Kiểm tra lần cuối và ghi sổ").click()
    check = page.url
    page.get_by_role("button", name=f"Ghi sổ {TOTAL} đ").click(click_count=2)
    expect(page.get_by_text("Biên nhận của tệp")).to_be_visible()
    receipt = page.locator("main .answers").inner_text()
    page.goto(check)
    expect(page.get_by_text("Biên nhận của tệp")).to_be_visible()
    assert page.locator("main .answers").inner_text() == receipt
    page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_every_page_is_accessible_and_fits_the_screen(
    browser: Browser,
    desk: Commune,
    tmp_path: Path,
    *,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: Literal["vi", "en"],
) -> None:
    page = desk.visit(browser, size=size, language=language, color_scheme=scheme, bypass_csp=True)

    def go_on(selector: str, wait_for: str) -> None:
        page.locator(selector).first.click()
        page.locator(wait_for).first.wait_for()
        assert_accessible(page)

    page.goto(desk.path("intake"))
    assert_accessible(page)
    page.goto(desk.path("intake", "new?kind=salary"))
    assert_accessible(page)
    page.locator("[data-submit]").click()
    page.locator("[data-summary]").wait_for()
    assert_accessible(page)
    page.locator("input[type=file]").set_input_files(list_file(tmp_path, [4, "Phạm Ví Dụ", "Phòng Thử", "1tr5"]))
    go_on("[data-submit]", "[name=first_row]")
    go_on("[data-submit]", ".verdicts")
    own = page.url.partition("?")[0]
    page.locator(".verdicts [name=row]").nth(3).check()
    page.locator("#f-reason").fill("Gửi sau")
    page.locator("button[name=decision]").first.click()
    page.locator(".verdicts tr.dim").wait_for()
    assert_accessible(page)
    page.goto(f"{own}/facts")
    assert_accessible(page)
    fill_facts(page)
    go_on("[data-submit]", ".equation .sum")
    page.goto(f"{own}/discard")
    assert_accessible(page)
    page.goto(f"{own}/post")
    assert_accessible(page)
    go_on("[data-submit]", "a[href$='receipt.json']")
    page.goto(f"{own}/reverse")
    assert_accessible(page)
    page.context.close()
