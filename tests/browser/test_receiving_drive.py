"""A village's list, typed like a spreadsheet: by keyboard, pasted, on a phone, without script, without a connection."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pytest_postgresql.executors import NoopExecutor

from ledger import typeid
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.browser.accessibility import DESK, PHONE, assert_accessible
from tests.browser.receiving import Commune, Typist, commune
from tests.database import DatabaseServer
from tests.factories import ACTOR

VILLAGE = "STT\tHọ và tên\tSố tiền\n1\tNguyễn Văn Mẫu\t1.500.000\n2\tTrần Thị Thử\t200,000\n\tCộng\t1.700.000\n"


IN_SIGHT = """() => {
    const box = document.activeElement.getBoundingClientRect();
    return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === document.activeElement;
}"""


@pytest.fixture(scope="module")
def desk(browser: Browser, postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Commune]:
    with commune(postgresql_noproc, database_server, "soquy_drive") as served:
        yield served


def begin(page: Page, desk: Commune, count: str = "2", total: str = "150000") -> Page:
    page.goto(desk.path("drives", "new"))
    page.locator("[name=declared_count]").fill(count)
    page.locator("[name=declared_total]").fill(total)
    return page


def cell(page: Page, row: int, name: str) -> Locator:
    return page.locator(f'[name="lines.{row}.{name}"]')


def paste(page: Page, text: str) -> None:
    """Paste what a spreadsheet copied into the cell that has the focus."""
    page.evaluate(
        """text => {
            const clipboard = new DataTransfer();
            clipboard.setData("text/plain", text);
            const event = new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def test_a_village_is_typed_checked_and_posted_by_keyboard_alone(browser: Browser, desk: Commune) -> None:
    page = desk.visit(browser)
    page.goto(desk.path("drives", "new"))
    page.locator("[name=declared_count]").focus()
    typist = Typist(page)
    typist.type("2")
    typist.press("Tab")
    typist.type("150000")
    cell(page, 0, "donor").focus()
    for name, amount in (("Nguyen Van Mau", "50000"), ("Tran Thi Thu", "100000")):
        typist.type(name)
        typist.press("Tab", "Tab")
        typist.type(amount)
        typist.press("Enter")
    assert typist.focused() == "lines.2.donor"
    expect(page.locator("[data-grid-total] [data-apart]")).to_have_text("khớp")
    expect(page.locator("[data-grid-count] [data-apart]")).to_have_text("khớp")
    typist.press("Control+Enter")
    expect(page.get_by_text("Khớp số đã khai")).to_be_visible()
    page.get_by_role("button", name="Ghi sổ").focus()
    typist.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã ghi sổ")
    expect(page.get_by_text("2 khoản trong một chứng từ")).to_be_visible()
    page.context.close()


def test_somebody_of_the_register_is_chosen_in_a_line_and_pasting_unties(browser: Browser, desk: Commune) -> None:
    with desk.engine.begin() as conn:
        set_tenant(conn, desk.book.tenant_id)
        made = add_person(conn, desk.book, PersonDraft(name="Khúc Thị Sổ"), actor=ACTOR)
    person = typeid.encode(typeid.PERSON, made)
    page = begin(desk.visit(browser), desk, "1", "50000")
    cell(page, 3, "donor").focus()
    typist = Typist(page)
    typist.type("khuc so")
    suggested = page.get_by_role("listbox", name="Tên gợi ý").get_by_role("option")
    expect(suggested).to_have_count(1)
    expect(suggested).to_be_in_viewport(ratio=1)
    field, box = cell(page, 3, "donor").bounding_box(), suggested.bounding_box()
    assert field is not None
    assert box is not None
    is_apart = box["y"] >= field["y"] + field["height"] or box["y"] + box["height"] <= field["y"]
    assert is_apart, "what is typed stays in sight"
    assert_accessible(page)
    typist.press("ArrowDown", "Enter")
    assert typist.focused() == "lines.3.donor", "the choice is taken, and the line is gone on with"
    expect(cell(page, 3, "donor")).to_have_value("Khúc Thị Sổ")
    expect(cell(page, 3, "person")).to_have_value(person)
    expect(page.locator("[data-grid-count] [data-value]")).to_have_text("1")
    paste(page, "Người Khác\t\t50000\n")
    expect(cell(page, 3, "donor")).to_have_value("Người Khác")
    expect(cell(page, 3, "person")).to_have_value("")
    cell(page, 3, "donor").fill("")
    typist.type("khuc so")
    expect(suggested).to_have_count(1)
    typist.press("ArrowDown", "Tab")
    assert typist.focused() == "lines.3.detail"
    expect(cell(page, 3, "person")).to_have_value(person)
    typist.press("Control+Enter")
    expect(page.get_by_text("Khớp số đã khai")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("Trong danh sách người")).to_be_visible()
    page.context.close()


def test_a_list_is_pasted_from_a_spreadsheet_with_its_head_numbers_and_sum(browser: Browser, desk: Commune) -> None:
    page = begin(desk.visit(browser), desk, "2", "1700000")
    cell(page, 0, "donor").focus()
    paste(page, VILLAGE)
    expect(cell(page, 0, "donor")).to_have_value("Nguyễn Văn Mẫu")
    expect(cell(page, 0, "amount")).to_have_value("1.500.000")
    expect(cell(page, 1, "donor")).to_have_value("Trần Thị Thử")
    expect(cell(page, 1, "amount")).to_have_value("200.000")
    expect(cell(page, 2, "donor")).to_have_value("")
    expect(page.locator("[data-grid-said]")).to_contain_text("2")
    expect(page.locator("[data-grid-total] [data-apart]")).to_have_text("khớp")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(cell(page, 0, "donor")).to_have_value("")
    page.context.close()


def test_a_list_survives_a_connection_that_is_cut_and_a_page_that_is_closed(browser: Browser, desk: Commune) -> None:
    page = begin(desk.visit(browser), desk)
    cell(page, 0, "donor").fill("Hộ Một")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
    address = page.url
    assert "/drives/dr_" in address
    page.context.set_offline(True)
    cell(page, 1, "donor").fill("Hộ Hai")
    cell(page, 1, "amount").fill("70000")
    expect(page.locator("[data-saved]")).to_contain_text("đang thử lại")
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-kept]")).to_contain_text("Đã lấy lại phần gõ")
    expect(cell(page, 1, "donor")).to_have_value("Hộ Hai")
    expect(cell(page, 1, "amount")).to_have_value("70.000")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
    page.reload()
    expect(page.locator("[data-kept]")).to_be_hidden()
    expect(cell(page, 1, "donor")).to_have_value("Hộ Hai")
    context.close()


def test_two_tabs_both_keep_their_list(browser: Browser, desk: Commune) -> None:
    first = begin(desk.visit(browser), desk)
    cell(first, 0, "donor").fill("Hộ Chung")
    expect(first.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
    address = first.url
    second = first.context.new_page()
    second.goto(address)
    cell(second, 1, "donor").fill("Hộ của thẻ hai")
    expect(second.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
    cell(first, 1, "donor").fill("Hộ của thẻ một")
    expect(first.locator("[data-kept]")).to_contain_text("đã được sửa ở nơi khác")
    expect(cell(first, 1, "donor")).to_have_value("Hộ của thẻ một")
    first.get_by_role("button", name="Lưu thành nháp khác").click()
    expect(first.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
    assert first.url != address
    for page, path, name in ((first, first.url, "Hộ của thẻ một"), (second, address, "Hộ của thẻ hai")):
        page.goto(path)
        expect(cell(page, 1, "donor")).to_have_value(name)
    first.context.close()


def test_faults_are_told_in_their_cells_and_nothing_is_lost(browser: Browser, desk: Commune) -> None:
    page = begin(desk.visit(browser), desk)
    cell(page, 0, "donor").fill("Hộ Sai")
    cell(page, 0, "amount").fill("1tr5")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator("[data-summary]")).to_be_focused()
    page.locator("[data-summary] a").first.click()
    expect(cell(page, 0, "amount")).to_be_focused()
    expect(cell(page, 0, "amount")).to_have_value("1tr5")
    page.context.close()


def test_a_village_is_collected_on_a_phone(browser: Browser, desk: Commune) -> None:
    """Every field is named beside itself, nothing is wider than the screen, and the sums stay in sight."""
    page = desk.visit(browser, size=PHONE, has_touch=True)
    begin(page, desk)
    for row, (name, amount) in enumerate((("Hộ Tay Một", "50000"), ("Hộ Tay Hai", "100000"))):
        cell(page, row, "donor").tap()
        page.keyboard.insert_text(name)
        cell(page, row, "amount").tap()
        assert page.evaluate(IN_SIGHT), "what is typed in is not behind the sums"
        page.keyboard.insert_text(amount)
        expect(page.locator("[data-grid-total]")).to_be_in_viewport()
    expect(page.locator("[data-grid-total] [data-apart]")).to_have_text("khớp")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Kiểm tra").tap()
    page.get_by_role("button", name="Ghi sổ").tap()
    expect(page.get_by_text("2 khoản trong một chứng từ")).to_be_visible()
    page.context.close()


def test_a_day_of_salary_must_come_to_what_the_bank_says(browser: Browser, desk: Commune) -> None:
    """By keyboard alone: a đồng too few is refused, whatever the reason; then it is one voucher."""
    page = desk.visit(browser)
    page.goto(desk.path("drives", "salary"))
    page.locator("[name=declared_count]").focus()
    typist = Typist(page)
    typist.type("2")
    typist.press("Tab")
    typist.type("399999")
    page.locator("[name=description]").focus()
    typist.type("Co quan Mau")
    cell(page, 0, "donor").focus()
    for name in ("Nguyen Van Mau", "Tran Thi Thu"):
        typist.type(name)
        typist.press("Tab", "Tab")
        typist.type("200000")
        typist.press("Enter")
    expect(page.locator("[data-grid-total] [data-apart]")).to_have_text("thừa 1 đ")
    typist.press("Control+Enter")
    expect(page.locator("[data-summary]")).to_contain_text("chênh lệch 1 đ")
    expect(page.locator("[data-summary]")).to_be_focused()
    typist.press("Tab", "Enter")
    assert typist.focused() == "declared_total"
    typist.press("Control+a")
    typist.type("400000")
    typist.press("Control+Enter")
    expect(page.get_by_text("Khớp số đã khai")).to_be_visible()
    page.get_by_role("button", name="Ghi sổ").focus()
    typist.press("Enter")
    expect(page.get_by_text("2 khoản trong một chứng từ")).to_be_visible()
    page.context.close()


def test_without_script_rows_are_added_by_a_button(browser: Browser, desk: Commune) -> None:
    page = begin(desk.visit(browser, java_script_enabled=False), desk)
    before = page.locator("tbody tr").count()
    cell(page, 0, "donor").fill("Hộ Không")
    cell(page, 0, "amount").fill("150000")
    page.get_by_role("button", name="Thêm dòng").click()
    assert page.locator("tbody tr").count() >= before + 10
    expect(cell(page, 0, "donor")).to_have_value("Hộ Không")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_text(re.compile("thiếu 1 dòng"))).to_be_visible()
    page.get_by_label("Lý do chấp nhận chênh lệch").fill("Một phong bì trống")
    page.get_by_role("button", name="Ghi sổ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã ghi sổ")
    page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "dark"])
def test_every_page_is_accessible_and_fits_the_screen(
    browser: Browser,
    desk: Commune,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: Literal["vi", "en"],
) -> None:
    page = desk.visit(browser, size=size, language=language, color_scheme=scheme, bypass_csp=True)
    for path in ("drives/salary", "pledges", "pledges/new", "goods", "goods/new", "blocks", "blocks/new", "drafts"):
        page.goto(desk.path(path))
        assert_accessible(page)
    begin(page, desk, "3", "150000")
    assert_accessible(page)
    cell(page, 0, "donor").fill("Hộ Xem")
    cell(page, 0, "amount").fill("x")
    page.locator("[data-submit]").click()
    page.locator("[data-summary]").wait_for()
    assert_accessible(page)
    cell(page, 0, "amount").fill("50000")
    cell(page, 1, "donor").fill("Hộ Xem")
    cell(page, 1, "amount").fill("50000")
    page.locator("[data-submit]").click()
    page.locator(".check-sum").wait_for()
    assert_accessible(page)
    page.goto(desk.path("drafts"))
    assert_accessible(page)
    page.goto(desk.path("blocks", "new"))
    page.locator("[name=series]").fill(f"{language.upper()}{size['width']}")
    page.locator("[name=first_number]").fill("1")
    page.locator("[name=last_number]").fill("50")
    page.locator("[name=holder]").fill("Lê Văn Thu")
    page.locator("[data-submit]").click()
    page.locator(".slips").wait_for()
    assert_accessible(page)
    page.goto(desk.path("pledges", "new"))
    page.locator("[name=donor]").fill("Nguyễn Văn Hứa")
    page.locator("[name=amount]").fill("500000")
    page.locator("[name=due_on]").fill("31/12/2099")
    page.locator("[data-submit]").click()
    page.locator(".answers").wait_for()
    assert_accessible(page)
    page.goto(desk.path("pledges"))
    assert_accessible(page)
    page.goto(desk.path("goods", "new"))
    page.locator("[name=description]").fill("Vở ô ly")
    page.locator("[name=quantity]").fill("10")
    page.locator("[data-submit]").click()
    page.locator(".equation").wait_for()
    assert_accessible(page)
    page.context.close()
