"""The register's pages: what a treasurer does with people and scans, without script, and no name in an address."""

import re
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.job_worker import JobWorker
from ledger import typeid
from ledger.books.posting import post
from ledger.calendar import today
from ledger.jobs.queue import enqueue
from ledger.jobs.work import Job, job_kind
from ledger.people.consent import PURPOSES
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, receipt
from tests.integration.access.conftest import Place
from tests.integration.documents.files import image, pdf
from tests.people_who_sign_in import signed_in

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def desk(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


def path(place: Place, *more: object) -> str:
    return "/".join(["/desk", typeid.encode(typeid.ASSOCIATION, place.commune.association_id), *map(str, more)])


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def enter(place: Place, desk: TestClient, **more: Any) -> str:
    page = desk.get(path(place, "people", "new"))
    form = {"key": key_of(page.text), "name": "Nguyễn Văn Mẫu", "kind": "individual", **more}
    done = desk.post(path(place, "people", "new"), data=form)
    assert done.status_code == 303, done.text
    return str(done.headers["Location"]).partition("?")[0]


def test_somebody_is_entered_found_and_shown(place: Place, desk: TestClient) -> None:
    where = enter(place, desk, name="Đặng Thị Thử Tìm", phone="0900 111 222")
    page = desk.get(where)
    assert "Đặng Thị Thử Tìm" in page.text
    assert "0900111222" not in page.text
    opened = desk.post(f"{where}/open")
    assert "0900111222" in opened.text
    listed = desk.post(path(place, "people"), data={"q": "dang thu tim"})
    assert where in listed.text
    assert "dang" not in str(listed.url)


def test_a_double_click_enters_one_person(place: Place, desk: TestClient) -> None:
    page = desk.get(path(place, "people", "new"))
    form = {"key": key_of(page.text), "name": "Người Bấm Hai Lần", "kind": "individual"}
    first, second = (desk.post(path(place, "people", "new"), data=form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(place: Place, desk: TestClient) -> None:
    form = {"key": "k" * 32, "name": "", "kind": "household", "birth_year": "1990", "note": "Giữ lại nhé", "phone": "x"}
    refused = desk.post(path(place, "people", "new"), data=form)
    assert refused.status_code == 422
    assert "Giữ lại nhé" in refused.text
    for name in ("name", "birth_year", "phone"):
        assert f'href="#f-{name}"' in refused.text


def test_script_in_every_field_is_shown_as_text(place: Place, desk: TestClient) -> None:
    where = enter(place, desk, name=SCRIPT, address=SCRIPT, note=SCRIPT, bank_account=SCRIPT)
    for page in (desk.get(where), desk.post(f"{where}/open"), desk.get(f"{where}/edit")):
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text
    listed = desk.post(path(place, "people"), data={"q": SCRIPT, "kind": SCRIPT})
    assert SCRIPT not in listed.text


def test_a_stale_form_is_told_and_changes_nothing(place: Place, desk: TestClient) -> None:
    where = enter(place, desk)
    page = desk.get(f"{where}/edit").text
    form = {"key": key_of(page), "name": "Tên Mới", "kind": "individual", "version": "1"}
    assert desk.post(f"{where}/edit", data=form).status_code == 303
    stale = desk.post(f"{where}/edit", data={**form, "key": "x" * 32, "name": "Tên Cũ"})
    assert stale.status_code == 422
    assert "Tên Mới" in desk.get(where).text


def test_consents_are_given_and_withdrawn(place: Place, desk: TestClient) -> None:
    where = enter(place, desk)
    day = f"{today().day}/{today().month}/{today().year}"
    form = {"key": key_of(desk.get(where).text), "purpose": "publish_name", "method": "paper", "given_on": day}
    refused = desk.post(f"{where}/consent", data=form)
    assert refused.status_code == 422
    assert 'href="#f-by_subject"' in refused.text
    given = desk.post(f"{where}/consent", data={**form, "by_subject": "1"})
    assert given.status_code == 303
    withdrawn = {**form, "key": "w" * 32, "withdrawn_on": day}
    assert desk.post(f"{where}/withdrawal", data=withdrawn).status_code == 303
    assert "chưa đồng ý" in desk.get(where).text.lower()


def test_a_consent_that_cannot_be_given_is_not_offered(place: Place, desk: TestClient) -> None:
    """A child is never named; of who is grown up there is nothing that a guardian would have to agree to."""
    child, adult = (enter(place, desk, birth_year=year) for year in (str(today().year - 9), ""))
    offered = {where: re.findall(r'<option value="([a-z_]+)"', desk.get(where).text) for where in (child, adult)}
    purposes = {where: set(PURPOSES).intersection(offered[where]) for where in offered}
    assert purposes == {child: {"contact", "minor_data"}, adult: {"contact", "publish_name"}}


def test_a_consents_scan_comes_with_it_and_is_never_chosen_twice(place: Place, desk: TestClient) -> None:
    where = enter(place, desk, name="Người Ký Giấy")
    day = f"{today().day}/{today().month}/{today().year}"
    form = {"key": key_of(desk.get(where).text), "purpose": "publish_name", "method": "paper", "given_on": day}
    paper = {"scan": ("giấy đồng ý.pdf", pdf(2), "application/pdf")}
    refused = desk.post(f"{where}/consent", data=form, files=paper)
    assert refused.status_code == 422
    assert 'href="#f-by_subject"' in refused.text
    assert "không cần chọn lại" in refused.text
    kept = re.search(r'name="document" value="(dc_[^"]+)"', refused.text)
    assert kept is not None
    wrong = {"scan": ("a.pdf", b"MZ", "application/pdf")}
    alone = desk.post(f"{where}/consent", data={**form, "by_subject": "1"}, files=wrong)
    assert alone.status_code == 422
    assert re.findall(r'<li><a href="#f-([a-z_]+)">', alone.text) == ["scan"]
    assert "chưa đồng ý" in desk.get(where).text.lower(), "nothing was recorded without the paper that was meant"
    for _ in range(2):
        done = desk.post(f"{where}/consent", data={**form, "by_subject": "1", "document": kept[1]})
        assert done.status_code == 303
    page = desk.get(where).text
    assert page.count(f"/documents/{kept[1]}/file") == 1
    assert desk.get(path(place, "documents", kept[1], "file")).content == pdf(2)


def test_the_same_consent_with_its_scan_sent_twice_is_one(place: Place, desk: TestClient) -> None:
    where = enter(place, desk, name="Người Bấm Hai Lần Giấy")
    day = f"{today().day}/{today().month}/{today().year}"
    form = {
        "key": key_of(desk.get(where).text),
        "purpose": "contact",
        "method": "paper",
        "given_on": day,
        "by_subject": "1",
    }
    photo = {"scan": ("a.jpg", image(), "image/jpeg")}
    for _ in range(2):
        sent = desk.post(f"{where}/consent", data={**form, "by_subject": "1"}, files=photo)
        assert sent.status_code == 303
    assert desk.get(where).text.count("/file") == 1


def test_a_guardian_is_chosen_and_removed(place: Place, desk: TestClient) -> None:
    child = enter(place, desk, name="Bé Được Giám Hộ", birth_year=str(today().year - 9))
    guardian = enter(place, desk, name="Người Giám Hộ Mẫu").rpartition("/")[2]
    assert "Bé" in desk.get(f"{child}/choose/guardian").text
    chosen = desk.post(f"{child}/choose/guardian", data={"q": "giam ho mau"})
    assert guardian in chosen.text
    form = {"key": key_of(chosen.text), "other": guardian, "relation": "parent"}
    assert desk.post(f"{child}/guardian", data=form).status_code == 303
    assert "Người Giám Hộ Mẫu" in desk.get(child).text
    assert desk.post(f"{child}/guardian-end", data={"key": "g" * 32, "other": guardian}).status_code == 303


def test_twins_are_offered_and_merged(place: Place, desk: TestClient) -> None:
    kept = enter(place, desk, name="Hai Hồ Sơ")
    twin = enter(place, desk, name="Hai Ho So").rpartition("/")[2]
    assert twin in desk.get(kept).text
    assert desk.post(f"{kept}/merge", data={"key": "m" * 32, "other": twin}).status_code == 303
    assert desk.get(path(place, "people", twin)).status_code == 200
    assert desk.post(f"{kept}/part", data={"key": "p" * 32, "other": twin}).status_code == 303


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_speaks_both_languages(place: Place, desk: TestClient, language: str) -> None:
    where = enter(place, desk, name="Bé Hai Ngôn Ngữ", birth_year=str(today().year - 9))
    for each in (path(place, "people"), path(place, "people", "new"), where, f"{where}/edit", f"{where}/choose/merge"):
        answer = desk.get(f"{each}?lang={language}", follow_redirects=True)
        assert answer.status_code == 200, each
        assert f'lang="{language}"' in answer.text


def test_another_associations_people_are_not_there(place: Place, desk: TestClient) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.province.tenant_id)
        other = add_person(conn, place.province, PersonDraft(name="Của Tỉnh"), actor=ACTOR)
    theirs = path(place, "people", typeid.encode(typeid.PERSON, other))
    for each in (theirs, f"{theirs}/edit", path(place, "people", "pe_x"), path(place, "documents", "dc_x", "file")):
        assert desk.get(each).status_code == 404, each
    for each in ("open", "merge", "part", "consent"):
        answer = desk.post(f"{theirs}/{each}", data={"key": "k" * 32, "other": theirs.rpartition("/")[2]})
        assert answer.status_code in {404, 422}
        assert "Của Tỉnh" not in answer.text


def post_entry(place: Place) -> int:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        return post(conn, place.commune, [receipt(500, date(2025, 3, 5))], actor=ACTOR).entries[0].seq


def test_a_job_is_followed_to_its_end(place: Place, desk: TestClient) -> None:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        job_id = enqueue(conn, place.commune, "test.page", subject="page", actor=ACTOR)
    where = path(place, "jobs", typeid.encode(typeid.JOB, job_id))
    waiting = desk.get(where)
    assert "<noscript>" in waiting.text
    assert "data-job-over" not in waiting.text

    @job_kind("test.page", right=None)
    def work(job: Job) -> None:
        job.progress(3, 10)

    assert JobWorker(place.engine, [work]).work_one()
    assert "data-job-over" in desk.get(where).text
    collector = signed_in(place.app, place.person("collector"))
    assert collector.get(where).status_code == 404, "who neither asked for it nor reads the books"


def test_a_scan_is_attached_shown_and_disowned(place: Place, desk: TestClient) -> None:
    seq = post_entry(place)
    where = path(place, "entries", seq, "documents")
    page = desk.get(where)
    file = {"file": ("chứng từ.jpg", image(), "image/jpeg")}
    sent = desk.post(where, data={"key": key_of(page.text), "kind": "voucher"}, files=file)
    assert sent.status_code == 303
    page = desk.get(where)
    found = re.search(r'href="([^"]+)/file"', page.text)
    assert found is not None
    assert desk.get(f"{found[1]}/file").headers["Content-Disposition"].startswith("attachment")
    assert desk.get(f"{found[1]}/preview.jpg").headers["Content-Type"] == "image/jpeg"
    attachment = re.search(r'name="attachment" value="([^"]+)"', page.text)
    assert attachment is not None
    wrong = {"key": "d" * 32, "attachment": attachment[1]}
    assert desk.post(f"{where}/disown", data={**wrong, "reason": ""}).status_code == 422
    assert desk.post(f"{where}/disown", data={**wrong, "key": "e" * 32, "reason": "Nhầm phiếu"}).status_code == 303


def test_a_file_that_is_none_is_refused_at_its_field(place: Place, desk: TestClient) -> None:
    where = path(place, "entries", post_entry(place), "documents")
    for files in ({"file": ("a.pdf", b"MZ", "application/pdf")}, {"file": ("a.png", pdf(), "image/png")}, None):
        answer = desk.post(where, data={"key": "f" * 32, "kind": "voucher"}, files=files)
        assert answer.status_code == 422
        assert 'href="#f-file"' in answer.text
