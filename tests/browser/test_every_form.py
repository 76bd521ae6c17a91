"""What comes of every form: the page that refuses it, found in the routes, and the pages that no address leads to.

``test_every_page.py`` looks at what is asked for, this at what is sent: in both languages, on a phone and at a desk.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

import pyotp
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ledger import typeid
from ledger.books.model import Book
from ledger.calendar import today
from ledger.jobs.queue import cancel, enqueue
from ledger.people.person import PersonDraft
from ledger.people.register import add_people
from ledger.tenancy import set_tenant
from tests.browser.accessibility import DESK, PHONE, assert_accessible, open_page
from tests.browser.conftest import serve
from tests.factories import ACTOR
from tests.integration.desk.test_refused_forms import FOR_SCRIPTS, FORMS
from tests.integration.documents.files import pdf
from tests.office import Office
from tests.page_address import address_of
from tests.people_who_sign_in import Person, secret_of
from web.form import Form

Look = Callable[[Person], Page]
"""Give the window in which somebody is signed in."""

SEND: Final = """([path, key]) => {
    const form = document.createElement("form");
    [form.method, form.action] = ["post", path];
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", "key", key];
    form.append(field);
    document.body.append(form);
    form.submit();
}"""

VIEWS: Final = pytest.mark.parametrize(
    ("size", "scheme", "language"), [(PHONE, "dark", "vi"), (DESK, "light", "en")], ids=["phone-vi", "desk-en"]
)


@pytest.fixture(scope="module")
def site(browser: Browser, office: Office) -> Iterator[str]:
    with serve(office.app) as address:
        yield address


@pytest.fixture(scope="module")
def windows() -> Iterator[dict[tuple[Person, str], Page]]:
    opened: dict[tuple[Person, str], Page] = {}
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.fixture
def look(
    browser: Browser,
    office: Office,
    site: str,
    windows: dict[tuple[Person, str], Page],
    *,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    language: Literal["vi", "en"],
) -> Look:
    def look(person: Person) -> Page:
        if (person, language) not in windows:
            page = open_page(browser, size, scheme, for_axe=True)
            page.context.set_default_timeout(10_000)
            cookies = {"soquy_session": secret_of(office.engine, person), "soquy_language": language}
            page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
            windows[person, language] = page
        return windows[person, language]

    return look


Keeper = Callable[[Book], Person]


@pytest.fixture(scope="module")
def keepers() -> dict[tuple[Book, str], Person]:
    return {}


@pytest.fixture
def keeper(office: Office, keepers: dict[tuple[Book, str], Person], language: str) -> Keeper:
    """Give somebody who may do everything at a desk, in each language another: one ends the sessions of oneself."""

    def keeper(book: Book) -> Person:
        if (book, language) not in keepers:
            keepers[book, language] = office.person("chief_accountant", book=book)
            office.give(keepers[book, language], book, "administrator")
        return keepers[book, language]

    return keeper


def home(site: str, book: Book, *more: str) -> str:
    return "/".join([site, "desk", typeid.encode(typeid.ASSOCIATION, book.association_id), *more])


def send(page: Page, button: str = "main [data-submit]") -> None:
    """Press a button, and look at what comes of it: another page, or this one with what is wrong."""
    page.locator("main").evaluate("main => { main.dataset.old = 'yes'; }")
    page.locator(button).click()
    page.locator("main:not([data-old])").wait_for()
    page.wait_for_load_state()
    assert_accessible(page)


@VIEWS
@pytest.mark.parametrize("route", [each for each in FORMS if each.path not in FOR_SCRIPTS], ids=lambda each: each.path)
def test_a_form_that_is_refused_is_accessible_and_fits_the_screen(
    office: Office, site: str, look: Look, keeper: Keeper, route: APIRoute
) -> None:
    book, path = address_of(office, route)
    page = look(keeper(book))
    page.goto(f"{site}/account/password")
    with page.expect_navigation():
        page.evaluate(SEND, [path, Form().key])
    expect(page.locator("main h1")).to_have_count(1)
    page.evaluate("scrollTo(0, 0)")  # what has slid half under the head of the page is no small target
    assert_accessible(page)


@VIEWS
def test_ones_own_authenticator_codes_device_and_pin(office: Office, site: str, look: Look) -> None:
    collector = office.person("collector")
    page = look(collector)
    page.goto(f"{site}/account/authenticator")
    send(page)
    secret = page.locator("main code").first.inner_text().replace(" ", "")
    page.locator("[name=code]").fill("000000")
    send(page)
    page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    send(page)
    page.goto(f"{site}/account/device")
    page.locator("[name=name]").fill("Máy thử")
    for name, value in (("pin", "493817"), ("again", "493817"), ("password", collector.password)):
        page.locator(f"[name={name}]").fill(value)
    send(page)
    page.context.clear_cookies(name="soquy_session")
    page.goto(f"{site}/sign-in")
    page.locator("[name=pin]").fill("000000")
    send(page)
    page.locator("[name=pin]").fill("493817")
    send(page)
    assert "/sign-in" not in page.url


@VIEWS
def test_an_invitation_shows_its_link_once(
    office: Office, site: str, look: Look, keeper: Keeper, language: str
) -> None:
    page = look(keeper(office.province))
    page.goto(home(site, office.province, "members"))
    page.locator("[name=email]").fill(f"thu-{language}@mau.invalid")
    page.locator("form[action$=invite] [name=role][value=cashier]").check()
    send(page, "form[action$=invite] [data-submit]")
    expect(page.locator("main #link")).to_have_value(re.compile("/invitation/"))


@VIEWS
def test_two_duties_are_one_persons_until_the_exception_ends(
    office: Office, site: str, look: Look, keeper: Keeper, language: str
) -> None:
    """From above; what no longer counts is marked, and the public page tells of both days."""
    commune = office.communes[-1 if language == "vi" else -2]
    page = look(keeper(office.province))
    page.goto(home(site, commune, "members"))
    page.locator("details:has(form[action$='/except']) summary").press("Enter")
    page.locator("form[action$='/except'] [name=roles][value=accountant-cashier]").check()
    page.locator("form[action$='/except'] [name=until]").fill(f"{today():%d/%m/%Y}")
    page.locator("form[action$='/except'] [name=reason]").fill("Xã chỉ có một tình nguyện viên")
    send(page, "form[action$='/except'] [data-submit]")
    someone = office.person("accountant", "cashier", book=commune)
    page.goto(home(site, commune, "members"))
    marked, mark = page.locator("tr", has_text=someone.email), {"vi": "Không còn hiệu lực", "en": "no longer counts"}
    expect(marked).not_to_contain_text(mark[language])
    send(page, "form[action$='/end-exception'] button")
    expect(marked).to_contain_text(mark[language])
    page.goto(f"{site}/a/{typeid.encode(typeid.ASSOCIATION, commune.association_id)}?lang={language}")
    expect(page.locator("section[aria-labelledby=exceptions] li")).to_have_count(1)
    assert_accessible(page)


@VIEWS
def test_people_are_found_opened_and_given_a_guardian(
    office: Office, site: str, look: Look, keeper: Keeper, language: str
) -> None:
    surname = {"vi": "Đoàn", "en": "Đinh"}[language]
    drafts = [
        PersonDraft(name=f"{surname} Thị Thử", details={"phone": "0900000000", "note": "Ghi chú mẫu"}),
        PersonDraft(name=f"{surname} Văn Bé Mẫu", birth_year=today().year - 9),
    ]
    with office.engine.begin() as conn:
        set_tenant(conn, office.province.tenant_id)
        adult, child = add_people(conn, office.province, drafts, actor=ACTOR)
    page = look(keeper(office.province))
    page.goto(home(site, office.province, "people"))
    page.get_by_role("searchbox").fill(surname)
    page.locator("#people-found tbody tr").nth(1).wait_for()
    assert_accessible(page)
    page.goto(home(site, office.province, "people", typeid.encode(typeid.PERSON, adult)))
    send(page, "form[action$='/open'] button")
    expect(page.locator("main")).to_contain_text("0900000000")
    page.goto(home(site, office.province, "people", typeid.encode(typeid.PERSON, child), "choose", "guardian"))
    page.get_by_role("searchbox").fill(surname)
    send(page, "main form[role=search] button")
    page.locator("[name=other]").first.check()
    send(page)
    page.locator("details:has(form[action$='/consent']) summary").click()
    page.locator("form[action$='/consent'] [name=purpose]").select_option("minor_data")
    page.locator("form[action$='/consent'] [name=by_subject]").check()
    page.locator("form[action$='/consent'] [name=given_on]").fill(f"{today():%d/%m/%Y}")
    page.locator("form[action$='/consent'] [name=guardian]").select_option(index=1)
    send(page, "form[action$='/consent'] [data-submit]")
    page.locator("details:has(form[action$='/withdrawal']) summary").click()
    assert_accessible(page)


@VIEWS
def test_a_scan_is_attached_and_disowned(office: Office, site: str, look: Look, keeper: Keeper) -> None:
    page = look(keeper(office.province))
    page.goto(home(site, office.province, "entries", "1", "documents"))
    scan = {"name": "phieu-thu.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.locator("input[type=file]").set_input_files(scan)  # type: ignore[arg-type] # a file of no folder
    send(page)
    expect(page.locator("main")).to_contain_text("phieu-thu.pdf")


@VIEWS
def test_a_job_in_each_of_its_states(office: Office, site: str, look: Look, keeper: Keeper) -> None:
    """It waits, was left off, failed for a reason, and is done."""
    book = office.province
    page = look(keeper(book))
    for state in ("waiting", "cancelled"):
        with office.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            job_id = enqueue(conn, book, "papers.receipts", subject=str(typeid.new_id()), actor=ACTOR, arguments={})
            if state == "cancelled":
                cancel(conn, book, job_id)
        page.goto(home(site, book, "jobs", typeid.encode(typeid.JOB, job_id)))
        assert_accessible(page)


@VIEWS
def test_what_is_searched_is_found(office: Office, site: str, look: Look, keeper: Keeper) -> None:
    page = look(keeper(office.province))
    page.goto(home(site, office.province, "jump"))
    page.locator("main [type=search]").fill("nguyen")
    send(page, "main form[role=search] button")
