"""The documents' pictures, taken as people come to what they show; ``SOQUY_PICTURES`` names where they are kept::

    SOQUY_PICTURES=docs/images python -P -m pytest tests/browser/test_pictures.py

They are taken all the same without it, so a step that a document tells and that is no more is found.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_postgresql.executors import NoopExecutor

from api.job_kinds import KINDS
from api.job_worker import JobWorker
from api.public_log import PublicLog
from api.settings import Settings
from ledger import typeid
from ledger.banking.account import BankAccount, set_bank_account
from ledger.books.model import Book
from ledger.demo.scenario import OPEN_CAMPAIGN
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.browser.conftest import serve
from tests.browser.test_signing_in import type_code, type_password
from tests.database import DatabaseServer
from tests.demo_province import Demo
from tests.factories import ACTOR
from tests.list_files import HEADER, xlsx
from tests.office import Office, open_office
from tests.papers import NO_PDFTOPPM, PDFTOPPM, drawn
from tests.people_who_sign_in import Person, secret_of

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FOLDER: Final = os.environ.get("SOQUY_PICTURES")

WIDE: Final[ViewportSize] = {"width": 1120, "height": 700}
TALL: Final[ViewportSize] = {"width": 1120, "height": 1000}
FRONT: Final[ViewportSize] = {"width": 1280, "height": 1700}
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
COLOURS: Final = 128
"""A page has few: a palette makes a picture a third as large and nobody sees it."""

SAMPLE_ACCOUNT: Final = BankAccount(
    account="1121A", bank_bin="970405", number="1234567890", holder="HOI KHUYEN HOC MAU"
)
FUND: Final = "QKH"
PUBLIC_URL: Final = "https://quy.example"

LIST: Final[list[list[Any]]] = [
    ["ỦY BAN NHÂN DÂN XÃ MẪU"],
    ["DANH SÁCH CÁN BỘ ỦNG HỘ MỘT NGÀY LƯƠNG"],
    HEADER,
    [1, "Nguyễn Văn Mẫu", "Văn phòng", 250_000],
    [2, "Trần Thị Thử", "Văn phòng", "1tr5"],
    [3, "Lê Ví Dụ", "Trường Tiểu học Mẫu", 200_000],
    [4, "Phạm Thị Thí Nghiệm", "Trường Tiểu học Mẫu", 300_000],
    [5, "Lê Ví Dụ", "Trường Tiểu học Mẫu", 200_000],
    ["", "Cộng", "", 950_000],
    ["", "", "", "Ngày 5 tháng 9 năm 2026"],
    ["", "Người lập", "", "Thủ trưởng đơn vị"],
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A commune's desk of the demo, and whoever keeps its books."""

    browser: Browser
    office: Office
    book: Book
    person: Person
    site: str
    secret: str

    def open(self, size: ViewportSize = WIDE, *path: str) -> Page:
        """Open a page of the desk as the treasurer."""
        page = new_page(self.browser, size)
        page.context.add_cookies([{"name": "soquy_session", "value": self.secret, "url": self.site}])
        page.goto(self.at(*path))
        return page

    def at(self, *path: str) -> str:
        return "/".join([self.site, "desk", typeid.encode(typeid.ASSOCIATION, self.book.association_id), *path])


@pytest.fixture(scope="module")
def studio(
    browser: Browser,
    demo: Demo,
    postgresql_noproc: NoopExecutor,
    database_server: DatabaseServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Studio]:
    name = "soquy_pictures"
    settings = Settings(home=tmp_path_factory.mktemp("home"), log_origin="quy.example/log", log_lag_seconds=0)
    with open_office(demo, postgresql_noproc, database_server, name) as office:
        book = office.communes[0]
        person = office.person("chief_accountant", book=book, name="Phạm Thị Mẫu")
        with office.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            set_bank_account(conn, book, SAMPLE_ACCOUNT, actor=ACTOR)
        log = PublicLog.open(settings, database_server.role_url(name, "soquy_log"), is_own_role=database_server.is_ours)
        log.begin(office.engine)
        log.publisher().publish()
        office.app.state.log, office.app.state.public_url = log, PUBLIC_URL
        worker = JobWorker(office.engine, KINDS, count=1)
        worker.start()
        with serve(office.app) as site:
            secret = secret_of(office.engine, person)
            yield Studio(browser=browser, office=office, book=book, person=person, site=site, secret=secret)
        worker.stop()
        log.close()


def new_page(browser: Browser, size: ViewportSize, **more: Any) -> Page:
    """Open a browser whose clock is the treasurer's."""
    return browser.new_context(viewport=size, timezone_id="Asia/Ho_Chi_Minh", **more).new_page()


def take(page: Page, name: str) -> None:
    """Take a picture of what is on the screen now."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    keep(Image.open(BytesIO(page.screenshot())), name)


def keep(image: Image.Image, name: str) -> None:
    """Keep a picture where somebody asked for it."""
    assert name in shown_in_documents(), f"no document shows {name}.png"
    if FOLDER:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(Path(FOLDER) / f"{name}.png", optimize=True)


def shown_in_documents() -> set[str]:
    return {name for path in DOCUMENTS for name in re.findall(r"images/([a-z0-9-]+)\.png", path.read_text("utf-8"))}


def test_every_picture_that_a_document_shows_is_there_and_no_other() -> None:
    taken = set(re.findall(r'(?:take\(\w+|drawn_page\(.*), "([a-z0-9-]+)"\)', Path(__file__).read_text("utf-8")))
    assert shown_in_documents() == {path.stem for path in (ROOT / "docs" / "images").glob("*.png")} == taken


def test_the_public_pages(studio: Studio) -> None:
    page = new_page(studio.browser, FRONT)
    page.goto(studio.site)
    take(page, "front")
    lines = page.get_by_role("link", name="Nhà hảo tâm ở nước ngoài").get_attribute("href")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto(f"{studio.site}{lines}")
    page.locator("tbody a").first.click()
    take(page, "entry")
    page.context.close()
    phone = new_page(studio.browser, {"width": 360, "height": 860}, color_scheme="dark")
    phone.goto(studio.site)
    take(phone, "phone")
    phone.context.close()


def test_signing_in_with_the_second_factor(studio: Studio) -> None:
    page = new_page(studio.browser, WIDE)
    type_password(page, studio.site, studio.person)
    page.wait_for_url("**/sign-in/code**")
    take(page, "sign-in")
    type_code(page, studio.person)
    page.get_by_role("heading", name="Bắt đầu").wait_for()
    page.set_viewport_size(TALL)
    take(page, "desk")
    page.context.close()


def test_one_gift_from_the_form_to_the_giver(studio: Studio, tmp_path: Path) -> None:
    page = studio.open(WIDE, "contributions", "new")
    page.get_by_label("Người ủng hộ").fill("Nguyễn Văn Mẫu")
    page.get_by_label("Số tiền").fill("500000")
    page.get_by_label("Thôn, lớp, đơn vị").fill("Thôn Đông")
    page.locator("[name=account]").select_option("1111")
    page.locator("[name=fund]").select_option(FUND)
    page.get_by_role("heading", level=1).click()
    take(page, "gift")
    page.get_by_role("button", name="Kiểm tra").click()
    page.get_by_role("button", name="Ghi sổ").click()
    page.get_by_role("link", name="Ghi khoản tiếp").wait_for()
    take(page, "gift-done")
    code = re.findall(r"(?:[0-9A-Z]{4}-){4}.", page.locator("main").inner_text())[0]
    paper = page.get_by_role("link", name="In giấy ghi nhận").get_attribute("href")
    answer = page.context.request.get(f"{studio.site}{paper}")
    drawn_page(answer.body(), tmp_path, "receipt")
    page.get_by_role("link", name="Xem khoản này").click()
    page.get_by_role("link", name="Giấy tờ của chứng từ").click()
    take(page, "papers")
    page.context.close()
    phone = studio.open(PHONE, "contributions", "new")
    phone.get_by_label("Người ủng hộ").fill("Trần Thị Thử")
    phone.get_by_label("Số tiền").fill("200000")
    take(phone, "gift-phone")
    phone.context.close()
    the_check_of_a_receipt(studio, code)


def the_check_of_a_receipt(studio: Studio, code: str) -> None:
    studio.office.app.state.log.publisher().publish()
    phone = new_page(studio.browser, {"width": 360, "height": 900}, java_script_enabled=False)
    phone.goto(f"{studio.site}/r/{code}")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("có trong sổ")
    take(phone, "check")
    phone.context.close()


def drawn_page(pdf: bytes, folder: Path, name: str) -> None:
    """Keep the first page of a paper, in a hairline."""
    if PDFTOPPM is None:
        pytest.skip(NO_PDFTOPPM)
    page = drawn(pdf, folder, dots_per_inch=70, is_grey=False)[0]
    framed = Image.new("RGB", (page.width + 2, page.height + 2), (160, 160, 160))
    framed.paste(page, (1, 1))
    keep(framed, name)


def test_a_village_list(studio: Studio) -> None:
    for size, name in ((TALL, "drive"), (PHONE, "drive-phone")):
        page = studio.open(size, "drives", "new")
        page.locator("[name=declared_count]").fill("4")
        page.locator("[name=declared_total]").fill("1750000")
        page.locator("[name=fund]").select_option(FUND)
        people = (("Nguyễn Văn Mẫu", "500000"), ("Trần Thị Thử", "250000"), ("Lê Ví Dụ", "500000"))
        for row, (donor, amount) in enumerate(people):
            page.locator(f'[name="lines.{row}.donor"]').fill(donor)
            page.locator(f'[name="lines.{row}.amount"]').fill(amount)
        page.locator('[name="lines.2.amount"]').blur()
        expect(page.locator("[data-saved]")).to_contain_text("Đã lưu nháp lúc")
        if name == "drive":
            page.evaluate("scrollTo(0, 0)")
            take(page, "drive")
            page.get_by_role("button", name="Kiểm tra").click()
            page.locator(".check-sum").wait_for()
            page.set_viewport_size(WIDE)
            take(page, "drive-check")
        else:
            page.locator('[name="lines.1.donor"]').scroll_into_view_if_needed()
            take(page, "drive-phone")
        page.context.close()


def test_a_day_of_salary_typed_and_from_a_file_and_back(studio: Studio, tmp_path: Path) -> None:
    page = studio.open(TALL, "drives", "salary")
    page.locator("[name=declared_count]").fill("2")
    page.locator("[name=declared_total]").fill("450000")
    page.locator("[name=fund]").select_option(FUND)
    for row, (donor, amount) in enumerate((("Nguyễn Văn Mẫu", "250000"), ("Trần Thị Thử", "200000"))):
        page.locator(f'[name="lines.{row}.donor"]').fill(donor)
        page.locator(f'[name="lines.{row}.amount"]').fill(amount)
    page.evaluate("scrollTo(0, 0)")
    take(page, "salary")
    page.goto(studio.at("intake", "new?kind=salary"))
    path = tmp_path / "ngay-luong-xa-mau.xlsx"
    path.write_bytes(xlsx(LIST, merge=["A1:D1", "A2:D2"]))
    page.locator("input[type=file]").set_input_files(path)
    take(page, "file-upload")
    page.get_by_role("button", name="Tải lên và đọc").click()
    page.get_by_role("button", name="Xác nhận và xem từng dòng").wait_for()
    page.set_viewport_size(TALL)
    take(page, "file-columns")
    page.get_by_role("button", name="Xác nhận và xem từng dòng").click()
    page.locator(".verdicts").wait_for()
    page.set_viewport_size({"width": 1120, "height": 1500})
    take(page, "file-rows")
    page.get_by_role("checkbox", name="Chọn dòng 5").check()
    page.locator("#f-reason").fill("Hỏi lại cơ quan, nhập sau")
    page.get_by_role("button", name="Bỏ qua các dòng đã chọn").click()
    page.wait_for_url("**rows=all**")
    page.get_by_role("link", name="Nhập ngày, quỹ và số tiền đã khai").click()
    page.locator("[name=fund]").select_option(FUND)
    page.locator("[name=declared_minor]").fill("950000")
    page.set_viewport_size(TALL)
    take(page, "file-facts")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("link", name="Kiểm tra lần cuối và ghi sổ").click()
    page.get_by_role("button", name="Ghi sổ 950.000 đ").click()
    page.get_by_text("Biên nhận của tệp").wait_for()
    page.set_viewport_size({"width": 1120, "height": 760})
    take(page, "file-receipt")
    page.get_by_role("link", name="Đảo cả tệp").click()
    page.locator("[name=reason]").fill("Nhập nhầm tệp")
    take(page, "file-reverse")
    page.get_by_role("button", name="Đảo cả tệp").click()
    expect(page.get_by_text("Đã đảo ngày")).to_be_visible()
    page.context.close()


def test_people_and_what_they_agreed_to(studio: Studio) -> None:
    with studio.office.engine.begin() as conn:
        set_tenant(conn, studio.book.tenant_id)
        draft = PersonDraft(name="Nguyễn Thị Mẫu", details={"phone": "0900 000 000"})
        person_id = add_person(conn, studio.book, draft, actor=ACTOR)
    page = studio.open(WIDE, "people")
    page.get_by_role("searchbox").fill("nguyen thi")
    page.get_by_role("link", name="Nguyễn Thị Mẫu").wait_for()
    take(page, "people")
    page.set_viewport_size(TALL)
    page.goto(studio.at("people", typeid.encode(typeid.PERSON, person_id)))
    page.get_by_text("Ghi sự đồng ý").click()
    page.locator("[name=purpose]").select_option(label="Công bố tên")
    take(page, "consent")
    page.context.close()


def test_a_campaigns_poster(studio: Studio, tmp_path: Path) -> None:
    association = typeid.encode(typeid.ASSOCIATION, studio.book.association_id)
    page = new_page(studio.browser, WIDE)
    answer = page.context.request.get(f"{studio.site}/c/{association}/{OPEN_CAMPAIGN}/poster.pdf")
    assert answer.status == 200, answer.text()
    drawn_page(answer.body(), tmp_path, "poster")
    page.context.close()
