"""What changes on a page that is not loaded anew: how far a job is, and a list that is searched while one types."""

import string
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.job_worker import JobWorker
from ledger import typeid
from ledger.jobs.queue import enqueue
from ledger.jobs.work import Job, job_kind
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.browser.accessibility import PHONE, open_page
from tests.browser.conftest import serve
from tests.factories import ACTOR
from tests.office import Office
from tests.people_who_sign_in import secret_of

_kinds = (f"test.steps_{letter}" for letter in string.ascii_lowercase)
STEPS = 4
MARK = "window.isTheSame = true"
IS_THE_SAME = "window.isTheSame === true"


@dataclass(slots=True)
class Steps:
    """A job that makes its next step when the test says so."""

    office: Office
    kind: str = field(default_factory=_kinds.__next__)
    """Its own, so that nobody works on what another test left."""
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def work(self, job: Job) -> Mapping[str, int]:
        job.hold(0, STEPS)
        for done in range(1, STEPS + 1):
            while not self.turn.acquire(timeout=0.1):
                job.hold()
                job.check()
            job.hold(done, STEPS)
        return {}

    def go(self, count: int = 1) -> None:
        for _ in range(count):
            self.turn.release()

    def enqueue(self) -> str:
        """Ask for one; return the path of its page."""
        book = self.office.province
        with self.office.engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            job_id: UUID = enqueue(conn, book, self.kind, subject=str(typeid.new_id()), actor=ACTOR)
        return f"{home(self.office)}/jobs/{typeid.encode(typeid.JOB, job_id)}"


@pytest.fixture
def steps(office: Office) -> Iterator[Steps]:
    made = Steps(office)
    worker = JobWorker(office.engine, [job_kind(made.kind, right=None)(made.work)], count=1)
    worker.start()
    yield made
    worker.stop()


@pytest.fixture(scope="module")
def site(browser: Browser, office: Office) -> Iterator[str]:
    with serve(office.app) as address:
        yield address


@pytest.fixture(scope="module")
def secret(office: Office) -> str:
    return secret_of(office.engine, office.person("chief_accountant"))


@pytest.fixture
def page(browser: Browser, site: str, secret: str) -> Iterator[Page]:
    opened = open_page(browser)
    opened.context.add_cookies([{"name": "soquy_session", "value": secret, "url": site}])
    yield opened
    opened.context.close()


def home(office: Office) -> str:
    return f"/desk/{typeid.encode(typeid.ASSOCIATION, office.province.association_id)}"


def expect_done(page: Page, done: int) -> None:
    expect(page.get_by_text(f"{done}/{STEPS} · {100 * done // STEPS} %")).to_be_visible(timeout=10_000)


def test_a_job_is_followed_to_its_end_on_one_page(page: Page, site: str, steps: Steps) -> None:
    page.goto(site + steps.enqueue())
    page.evaluate(MARK)
    for done in range(1, STEPS):
        steps.go()
        expect_done(page, done)
        assert page.get_by_role("progressbar").get_attribute("value") == str(done)
        assert page.evaluate(IS_THE_SAME), "nothing was loaded anew"
    steps.go()
    expect(page.get_by_role("status")).to_contain_text("Đã xong")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == [], "what is over is asked for no more"


def test_the_button_somebody_has_come_to_stays_theirs(page: Page, site: str, steps: Steps) -> None:
    page.goto(site + steps.enqueue())
    steps.go()
    expect_done(page, 1)
    page.get_by_role("button", name="Dừng việc này").focus()
    steps.go()
    expect_done(page, 2)
    expect(page.get_by_role("button", name="Dừng việc này")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã dừng theo yêu cầu")


def test_a_job_is_followed_on_after_the_line_was_cut(page: Page, site: str, steps: Steps) -> None:
    page.goto(site + steps.enqueue())
    page.context.set_offline(True)
    steps.go(2)
    page.wait_for_timeout(2500)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.set_offline(False)
    expect_done(page, 2)
    steps.go(2)
    expect(page.get_by_role("status")).to_contain_text("Đã xong")


def test_a_session_that_ends_while_a_job_is_followed_leads_to_signing_in(page: Page, site: str, steps: Steps) -> None:
    path = steps.enqueue()
    page.goto(site + path)
    page.context.clear_cookies()
    page.wait_for_url("**/sign-in?next=**")
    steps.go(STEPS)


def test_without_script_the_page_asks_again_by_itself(browser: Browser, site: str, secret: str, steps: Steps) -> None:
    page = open_page(browser, PHONE, script=False)
    page.context.add_cookies([{"name": "soquy_session", "value": secret, "url": site}])
    page.goto(site + steps.enqueue())
    steps.go(2)
    expect_done(page, 2)
    steps.go(2)
    expect(page.get_by_text("Đã xong")).to_be_visible(timeout=10_000)
    page.context.close()


@pytest.fixture(scope="module")
def people(office: Office) -> None:
    with office.engine.begin() as conn:
        set_tenant(conn, office.province.tenant_id)
        for name in ("Đặng Thị Ánh Thử", "Đặng Văn Mẫu Tìm", "Quách Ví Dụ"):
            draft = PersonDraft(name=name)
            add_person(conn, office.province, draft, actor=ACTOR)


@pytest.mark.usefixtures("people")
def test_people_are_found_while_their_name_is_typed(page: Page, site: str, office: Office) -> None:
    page.goto(f"{site}{home(office)}/people")
    page.evaluate(MARK)
    field = page.get_by_role("searchbox", name="Tìm theo tên")
    field.focus()
    page.keyboard.type("dang th")
    found = page.locator("#people-found")
    expect(found.get_by_role("link", name="Đặng Thị Ánh Thử")).to_be_visible()
    expect(found.get_by_role("link", name="Quách Ví Dụ")).to_have_count(0)
    expect(field).to_be_focused()
    expect(field).to_have_value("dang th")
    expect(found).to_have_attribute("aria-live", "polite")
    page.keyboard.type("xyz")
    expect(found).to_contain_text("Không tìm thấy ai")
    assert page.evaluate(IS_THE_SAME)
    assert "dang" not in page.url, "a name is in no address"


@pytest.mark.usefixtures("people")
def test_an_answer_that_comes_late_is_not_put_over_a_newer_one(page: Page, site: str, office: Office) -> None:
    page.goto(f"{site}{home(office)}/people")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/people", hold_the_first)
    field = page.get_by_role("searchbox", name="Tìm theo tên")
    field.fill("quach")
    page.wait_for_timeout(400)
    assert len(held) == 1
    field.fill("dang th")
    found = page.locator("#people-found")
    expect(found.get_by_role("link", name="Đặng Thị Ánh Thử")).to_be_visible()
    with page.expect_response("**/people"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(found.get_by_role("link", name="Đặng Thị Ánh Thử")).to_be_visible()
    expect(found.get_by_role("link", name="Quách Ví Dụ")).to_have_count(0)


@pytest.mark.usefixtures("people")
def test_a_cut_line_leaves_what_was_found_and_the_button(page: Page, site: str, office: Office) -> None:
    page.goto(f"{site}{home(office)}/people")
    field = page.get_by_role("searchbox", name="Tìm theo tên")
    field.fill("dang th")
    found = page.locator("#people-found").get_by_role("link", name="Đặng Thị Ánh Thử")
    expect(found).to_be_visible()
    page.context.set_offline(True)
    field.fill("quach")
    page.wait_for_timeout(500)
    expect(found).to_be_visible()
    page.context.set_offline(False)
    page.locator("main").get_by_role("button", name="Tìm").click()
    expect(page.get_by_role("link", name="Quách Ví Dụ")).to_be_visible()


@pytest.mark.usefixtures("people")
def test_a_session_that_ended_is_said_and_the_name_waits(page: Page, site: str, office: Office) -> None:
    page.goto(f"{site}{home(office)}/people")
    page.context.clear_cookies()
    page.get_by_role("searchbox", name="Tìm theo tên").fill("dang th")
    expect(page.get_by_label("Mật khẩu")).to_be_visible()
    assert "dang" not in page.url
    assert "dang th" in page.content(), "it is sent again after signing in"


@pytest.mark.usefixtures("people")
def test_without_script_a_button_searches(browser: Browser, site: str, secret: str, office: Office) -> None:
    page = open_page(browser, PHONE, script=False)
    page.context.add_cookies([{"name": "soquy_session", "value": secret, "url": site}])
    page.goto(f"{site}{home(office)}/people")
    page.get_by_role("searchbox", name="Tìm theo tên").fill("dang th")
    page.locator("main").get_by_role("button", name="Tìm").click()
    expect(page.get_by_role("link", name="Đặng Thị Ánh Thử")).to_be_visible()
    assert "dang" not in page.url
    page.context.close()
