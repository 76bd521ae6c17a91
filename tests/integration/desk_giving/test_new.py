"""One gift, from the form to the book."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx import Response

from ledger import typeid
from ledger.access.role import Role
from ledger.books.model import Book
from ledger.giving.queries import contribution_by_id
from ledger.people.person import PersonDraft
from ledger.people.register import add_person, merge_people
from ledger.tenancy import set_tenant
from tests.factories import ACTOR
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import Filled, desk, faults_of, form_of, text_of
from tests.people_who_sign_in import signed_in

SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture
def treasurer(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


def begun(place: Place, client: TestClient, **more: str) -> Filled:
    """Open the form and type into it."""
    page = client.get(desk(place.commune, "contributions", "new"))
    assert page.status_code == 200
    form = form_of(page.text)
    return Filled(action=form.action, fields={**form.fields, "donor": "Nguyễn Văn Mẫu", "amount": "500.000", **more})


def entries(place: Place) -> int:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        return int(
            conn.execute(
                sa.text("SELECT last_seq FROM soquy.book_head WHERE book_id = :book"), {"book": place.commune.book_id}
            ).scalar_one()
        )


def test_a_gift_is_checked_and_recorded(place: Place, treasurer: TestClient) -> None:
    before = entries(place)
    checked = begun(place, treasurer).send(treasurer, then="check")
    assert checked.status_code == 200
    told = text_of(checked.text)
    for words in (
        "Chưa có gì được ghi",
        "500.000 đ",
        "Năm trăm nghìn đồng",
        "Nguyễn Văn Mẫu",
        "Hộ gia đình",
        "Phiếu thu",
    ):
        assert words in told
    assert entries(place) == before
    recorded = form_of(checked.text).post(treasurer)
    assert recorded.status_code == 303
    assert entries(place) == before + 1
    done = treasurer.get(recorded.headers["location"])
    told = text_of(done.text)
    assert re.search(r"PT/\d{4}/\d+", told)
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z*~$=]", told)


def test_the_next_gift_begins_with_what_the_last_one_had(place: Place, treasurer: TestClient) -> None:
    checked = begun(place, treasurer, channel="business", on="1/3/2025").send(treasurer, then="check")
    recorded = form_of(checked.text).post(treasurer)
    done = treasurer.get(recorded.headers["location"]).text
    (onward,) = re.findall(r'href="([^"]*/new\?like=[^"]*)"', done)
    fields = form_of(treasurer.get(onward).text).fields
    assert (fields["channel"], fields["on"], fields["donor"], fields["amount"]) == ("business", "1/3/2025", "", "")
    # And without being told, by what the same person recorded last; the day is today's again.
    fields = form_of(treasurer.get(desk(place.commune, "contributions", "new")).text).fields
    assert fields["channel"] == "business"
    assert fields["on"] != "1/3/2025"


def test_sending_twice_records_once(place: Place, treasurer: TestClient) -> None:
    checked = form_of(begun(place, treasurer).send(treasurer, then="check").text)
    before = entries(place)
    first, second = (checked.post(treasurer) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert entries(place) == before + 1


def test_a_form_that_was_recorded_and_then_changed_is_another_gift_that_is_asked_for(
    place: Place, treasurer: TestClient
) -> None:
    checked = form_of(begun(place, treasurer).send(treasurer, then="check").text)
    checked.post(treasurer)
    before = entries(place)
    again = checked.post(treasurer, amount="600.000")
    assert again.status_code == 200
    assert "đã được ghi với nội dung khác" in text_of(again.text)
    assert entries(place) == before
    assert form_of(again.text).post(treasurer).status_code == 303
    assert entries(place) == before + 1


def test_what_was_typed_comes_back_from_the_page_that_asks(place: Place, treasurer: TestClient) -> None:
    typed = {"detail": "Thôn Mẫu", "anonymous": "1", "description": "Phong bì số 7", "channel": "donor-home"}
    checked = begun(place, treasurer, **typed).send(treasurer, then="check")
    back = form_of(checked.text).send(treasurer, then="edit-amount")
    assert back.status_code == 200
    fields = form_of(back.text).fields
    assert {name: fields[name] for name in typed} == typed
    assert (fields["donor"], fields["amount"], fields["key"]) == (
        "Nguyễn Văn Mẫu",
        "500.000",
        form_of(checked.text).fields["key"],
    )
    assert re.search(r'name="amount"[^>]*autofocus', back.text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1tr5", "1.500.000"),
        ("-500", "âm"),
        ("=1+1", "công thức"),
        ("", ""),
        ("0", ""),
        ("1,50", ""),
        ("500k", "500.000"),
        ("99999999999999999999", ""),
    ],
)
def test_an_amount_that_is_none_is_refused_by_name_and_kept(
    place: Place, treasurer: TestClient, typed: str, told: str
) -> None:
    answer = begun(place, treasurer, amount=typed).send(treasurer, then="check")
    assert answer.status_code == 422
    (fault,) = faults_of(answer.text)
    assert told in fault
    assert form_of(answer.text).fields["amount"] == typed
    assert 'href="#f-amount"' in answer.text


@pytest.mark.parametrize("typed", ["1.500.000", "1,500,000", "1500000", "1 500 000 đ"])
def test_an_amount_is_read_with_either_mark(place: Place, treasurer: TestClient, typed: str) -> None:
    assert "1.500.000 đ" in text_of(begun(place, treasurer, amount=typed).send(treasurer, then="check").text)


def test_all_faults_are_told_at_once_each_at_its_field(place: Place, treasurer: TestClient) -> None:
    wrong = {"donor": "", "amount": "x", "on": "31/2/2026", "channel": "none", "fund": "none", "paper_number": "x"}
    answer = begun(place, treasurer, **wrong).send(treasurer, then="check")
    assert answer.status_code == 422
    named = set(re.findall(r'<li><a href="#f-([a-z_]+)">', answer.text))
    assert {"amount", "on", "channel", "fund", "paper_number", "series"} <= named
    assert "Lỗi:" in re.findall(r"<title>(.*?)</title>", answer.text)[0]


def test_a_gift_without_a_name_needs_to_say_so(place: Place, treasurer: TestClient) -> None:
    answer = begun(place, treasurer, donor="").send(treasurer, then="check")
    assert answer.status_code == 422
    assert 'href="#f-donor"' in answer.text
    named = begun(place, treasurer, donor="", anonymous="1").send(treasurer, then="check")
    assert "Không ghi tên" in text_of(named.text)


@pytest.mark.parametrize(("on", "field"), [("1/1/2199", "on"), ("1/1/2001", "on")], ids=["to come", "before the book"])
def test_a_day_that_the_book_does_not_take_is_refused_at_its_field(
    place: Place, treasurer: TestClient, on: str, field: str
) -> None:
    answer = begun(place, treasurer, on=on).send(treasurer, then="check")
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


def test_foreign_money_needs_its_rate(place: Place, treasurer: TestClient) -> None:
    dollars = {"account": "1122USD", "amount": "1.234,5", "channel": "donor-abroad"}
    for rate, source, field in (("", "VCB", "rate"), ("0", "VCB", "rate"), ("25.480,5", "", "rate_source")):
        answer = begun(place, treasurer, **dollars, rate=rate, rate_source=source).send(treasurer, then="check")
        assert answer.status_code == 422, rate
        assert f'href="#f-{field}"' in answer.text
    answer = begun(place, treasurer, **dollars, rate="25.480,5", rate_source="VCB").send(treasurer, then="check")
    told = text_of(answer.text)
    assert "1.234,50 USD" in told
    assert "31.455.677 đ" in told
    assert form_of(answer.text).post(treasurer).status_code == 303
    answer = begun(place, treasurer, **{**dollars, "amount": "1,234"}).send(treasurer, then="check")
    assert answer.status_code == 422


def test_the_same_envelope_twice_is_warned_of_and_may_be_recorded(place: Place, treasurer: TestClient) -> None:
    typed = {"donor": "Trần Thị Thử", "amount": "123.000"}
    form_of(begun(place, treasurer, **typed).send(treasurer, then="check").text).post(treasurer)
    again = begun(place, treasurer, **typed).send(treasurer, then="check")
    assert "Đã có 1 khoản như thế này trong ngày" in text_of(again.text)
    assert form_of(again.text).post(treasurer).status_code == 303


def test_script_in_every_field_stays_text(place: Place, treasurer: TestClient) -> None:
    fields = dict.fromkeys(("donor", "detail", "description"), SCRIPT)
    checked = begun(place, treasurer, **fields).send(treasurer, then="check")
    assert checked.status_code == 200
    recorded = form_of(checked.text).post(treasurer)
    done = recorded.headers["location"]
    pages = [checked, treasurer.get(done), treasurer.get(done.removesuffix("/done"))]
    pages += [treasurer.get(f"{done.removesuffix('done')}{more}") for more in ("donor", "reverse")]
    everything = {name: SCRIPT for name in begun(place, treasurer).fields if name != "key"}
    pages.append(begun(place, treasurer, **everything).send(treasurer, then="check"))
    pages.append(treasurer.get(desk(place.commune, "contributions")))
    for page in pages:
        assert "<script>alert" not in page.text
        assert page.status_code in {200, 422}


@pytest.mark.parametrize(
    ("role", "status"), [("collector", 403), ("accountant", 403), ("cashier", 403), ("chief_accountant", 303)]
)
def test_only_who_posts_posts(place: Place, treasurer: TestClient, role: Role, status: int) -> None:
    checked = form_of(begun(place, treasurer).send(treasurer, then="check").text)
    client = signed_in(place.app, place.person(role))
    assert checked.post(client).status_code == status


@pytest.mark.parametrize("role", ["account_holder", "inspector", "administrator"])
def test_who_does_not_receive_has_no_form(place: Place, role: Role) -> None:
    client = signed_in(place.app, place.person(role))
    assert client.get(desk(place.commune, "contributions", "new")).status_code == 403


def test_names_are_suggested_without_marks_to_who_may_see_them(place: Place, treasurer: TestClient) -> None:
    typed = {"donor": "Đặng Thị Ánh Mẫu", "detail": "Xóm Thử", "amount": "70.000", "on": "2/3/2025"}
    form_of(begun(place, treasurer, **typed).send(treasurer, then="check").text).post(treasurer)
    address = desk(place.commune, "contributions", "donors")
    found = treasurer.post(address, data={"q": "dang anh"}).json()
    before = {"name": "Đặng Thị Ánh Mẫu", "detail": "Xóm Thử", "person": "", "more": "lần trước 70.000\xa0đ, 2/3/2025"}
    assert found == [before]
    for nothing in ("", "d", "zz", "%", "_"):
        assert treasurer.post(address, data={"q": nothing}).json() == []
    for role in ("collector", "cashier"):
        assert signed_in(place.app, place.person(role)).post(address, data={"q": "dang"}).status_code == 403


def on_register(place: Place, book: Book | None = None, **facts: Any) -> str:
    """Enter somebody into a register; return their id."""
    book = book or place.commune
    with place.engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        return typeid.encode(typeid.PERSON, add_person(conn, book, PersonDraft(**facts), actor=ACTOR))


def given_by(place: Place, client: TestClient, done: Response) -> str | None:
    """Return who of the register the gift of a page is tied to."""
    contribution = done.headers["location"].split("/")[-2 if done.headers["location"].endswith("/done") else -1]
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        found = contribution_by_id(conn, place.commune, typeid.decode(typeid.CONTRIBUTION, contribution)).person_id
    return None if found is None else typeid.encode(typeid.PERSON, found)


def test_people_of_the_register_are_suggested_and_the_chosen_one_is_tied(place: Place, treasurer: TestClient) -> None:
    person = on_register(place, name="Bùi Văn Sổ", birth_year=1960)
    on_register(place, place.elsewhere, name="Bùi Văn Sổ Khác")
    address = desk(place.commune, "contributions", "donors")
    assert treasurer.post(address, data={"q": "bui so"}).json() == [
        {
            "name": "Bùi Văn Sổ",
            "detail": "",
            "person": person,
            "more": "Cá nhân · sinh năm 1960 · trong danh sách người",
        }
    ]
    checked = begun(place, treasurer, donor="Bùi Văn Sổ", person=person, on="3/3/2025").send(treasurer, then="check")
    assert "Là ai trong danh sách người?" in text_of(checked.text)
    assert form_of(checked.text).fields["person"] == person
    assert given_by(place, treasurer, form_of(checked.text).post(treasurer)) == person
    # From now on they are somebody who gave before, once, and still the same person.
    assert treasurer.post(address, data={"q": "bui so"}).json() == [
        {
            "name": "Bùi Văn Sổ",
            "detail": "",
            "person": person,
            "more": "lần trước 500.000\xa0đ, 3/3/2025 · trong danh sách người",
        }
    ]


def test_a_typed_name_is_tied_to_nobody_unless_somebody_says_so(place: Place, treasurer: TestClient) -> None:
    """Without script: the page that asks offers who is called alike, and a person decides."""
    one, two = (on_register(place, name="Chu Thị Trùng", birth_year=year) for year in (1950, 1975))
    checked = begun(place, treasurer, donor="chu thi trung").send(treasurer, then="check")
    form = form_of(checked.text)
    assert form.fields["person"] == ""
    assert {one, two} <= set(re.findall(r'name="person" value="([^"]+)"', checked.text))
    assert "sinh năm 1950" in text_of(checked.text)
    assert given_by(place, treasurer, form.post(treasurer)) is None
    again = form_of(begun(place, treasurer, donor="Chu Thị Trùng").send(treasurer, then="check").text)
    assert given_by(place, treasurer, again.post(treasurer, person=two)) == two


def test_another_name_typed_after_the_choice_is_not_theirs(place: Place, treasurer: TestClient) -> None:
    person = on_register(place, name="Dương Văn Chọn")
    checked = begun(place, treasurer, donor="Dương Văn Khác", person=person).send(treasurer, then="check")
    assert form_of(checked.text).fields["person"] == ""
    assert person in checked.text
    merged = on_register(place, name="Dương Văn Gộp")
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        ids = [typeid.decode(typeid.PERSON, each) for each in (person, merged)]
        merge_people(conn, place.commune, *ids, actor=ACTOR)
    led = begun(place, treasurer, donor="Dương Văn Chọn", person=merged).send(treasurer, then="check")
    assert form_of(led.text).fields["person"] == person, "a merged record leads to the one that is kept"


def test_a_person_of_another_register_is_refused(place: Place, treasurer: TestClient) -> None:
    theirs = on_register(place, place.province, name="Của Tỉnh")
    answer = begun(place, treasurer, person=theirs).send(treasurer, then="check")
    assert answer.status_code == 422
    assert "Của Tỉnh" not in answer.text


def test_putting_a_name_right_leaves_the_giver_tied_unless_they_are_another(
    place: Place, treasurer: TestClient
) -> None:
    person = on_register(place, name="Giang Thị Sửa")
    checked = begun(place, treasurer, donor="Giang Thị Sửa", person=person).send(treasurer, then="check")
    done = form_of(checked.text).post(treasurer)
    gift = done.headers["location"].removesuffix("/done")
    form = form_of(treasurer.get(f"{gift}/donor").text)
    assert form.fields["person"] == person
    kept = form.send(treasurer, donor="Giang Thị Sữa", reason="Viết sai dấu")
    assert given_by(place, treasurer, kept) == person
    assert "Giang Thị Sữa" in text_of(treasurer.get(gift).text)
    parted = form_of(treasurer.get(f"{gift}/donor").text)
    assert parted.fields["person"] == person
    assert given_by(place, treasurer, parted.send(treasurer, person="", reason="Người khác")) is None
    wrong = form_of(treasurer.get(f"{gift}/donor").text).send(treasurer, reason="")
    assert wrong.status_code == 422


def test_a_collector_hands_a_gift_on_and_the_chief_accountant_posts_it(place: Place, treasurer: TestClient) -> None:
    collector = signed_in(place.app, place.person("collector"))
    typed = {"donor": "Lê Văn Gửi", "detail": "Xóm Thử", "amount": "35.000", "anonymous": "1", "on": "4/4/2025"}
    checked = form_of(begun(place, collector, **typed).send(collector, then="check").text)
    draft = Filled(action=checked.action.replace("/new", "/draft"), fields=checked.fields)
    for _ in range(2):
        assert draft.send(collector, then="submit").headers["location"] == desk(place.commune, "drafts")
    listed = treasurer.get(desk(place.commune, "drafts")).text
    (path,) = set(re.findall(r'href="([^"]*/drafts/dr_[^"]*)"[^>]*>Lê Văn Gửi', listed))
    shown = treasurer.get(path).text
    assert "35.000" in text_of(shown)
    (posts,) = (form for at in range(3) if (form := form_of(shown, at=at)).action.endswith("/post"))
    done = posts.send(treasurer).headers["location"]
    assert "Lê Văn Gửi" in text_of(treasurer.get(done.removesuffix("/done")).text)


def test_a_kept_gift_is_gone_on_with_as_it_was_typed(place: Place, treasurer: TestClient) -> None:
    accountant = signed_in(place.app, place.person("accountant"))
    typed = {"donor": "Trần Văn Giữ", "amount": "1,500,000", "on": "4/4/2025", "description": "Phong bì số 9"}
    checked = form_of(begun(place, accountant, **typed).send(accountant, then="check").text)
    Filled(action=checked.action.replace("/new", "/draft"), fields=checked.fields).send(accountant, then="keep")
    listed = accountant.get(desk(place.commune, "drafts")).text
    (path,) = set(re.findall(r'href="[^"]*/drafts/(dr_[^"]*)"[^>]*>Phong bì số 9', listed))
    again = form_of(treasurer.get(desk(place.commune, "contributions", "new") + f"?draft={path}").text)
    assert {name: again.fields[name] for name in typed} == typed
    before = entries(place)
    posted = form_of(again.send(treasurer, amount="1.600.000", then="check").text)
    for _ in range(2):
        assert posted.post(treasurer).status_code == 303
    assert entries(place) == before + 1
    assert "Đã ghi sổ" in text_of(treasurer.get(desk(place.commune, "drafts", path)).text)
