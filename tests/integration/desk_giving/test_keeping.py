"""Promises, goods and books of paper receipts, from when they come to when nothing more is waited for."""

import re

import pytest
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.access.role import Role
from ledger.books.chart import open_fund, open_program
from ledger.tenancy import set_tenant
from tests.integration.api.conftest import ACTOR, OPENED_ON
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import Filled, desk, faults_of, form_of, text_of
from tests.people_who_sign_in import signed_in

SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def treasurer(place: Place) -> TestClient:
    with place.engine.begin() as conn:
        set_tenant(conn, place.commune.tenant_id)
        open_fund(
            conn,
            place.commune,
            fund="HV",
            kind="in-kind",
            name_vi="Quỹ hiện vật",
            purpose="Hiện vật",
            opened_on=OPENED_ON,
            actor=ACTOR,
        )
        open_program(
            conn, place.province, program="TET", unit="award", name_vi="Quà Tết", opened_on=OPENED_ON, actor=ACTOR
        )
    return signed_in(place.app, place.person("chief_accountant"))


def form_to(page: str, end: str) -> Filled:
    """Return the form of a page that goes to an address with this end."""
    count = len(re.findall('<form method="post" action="/desk', page))
    (found,) = (form for at in range(count) if (form := form_of(page, at=at)).action.endswith(end))
    return found


PROMISE = {"donor": "Đặng Thị Hứa", "amount": "500.000", "pledged_on": "1/3/2025", "due_on": "1/6/2025", "fund": "QC"}


def promised(place: Place, client: TestClient, **typed: str) -> str:
    form = form_of(client.get(desk(place.commune, "pledges", "new")).text)
    answer = form.send(client, **{**PROMISE, **typed})
    assert answer.status_code == 303, faults_of(answer.text)
    return str(answer.headers["location"])


def test_a_promise_ages_and_is_fulfilled_by_the_gift_that_names_it(place: Place, treasurer: TestClient) -> None:
    path = promised(place, treasurer)
    listed = text_of(treasurer.get(desk(place.commune, "pledges")).text)
    assert "Quá hạn trên 90 ngày" in listed
    assert "Đặng Thị Hứa" in listed
    (onward,) = re.findall(r'href="([^"]*/contributions/new\?pledge=[^"]*)"', treasurer.get(path).text)
    begun = form_of(treasurer.get(onward).text)
    assert (begun.fields["donor"], begun.fields["amount"]) == ("Đặng Thị Hứa", "500.000")
    checked = begun.send(treasurer, amount="200.000", then="check")
    assert "hứa 500.000 đ, còn 500.000 đ" in text_of(checked.text)
    assert form_of(checked.text).fields["pledge"] == path.rpartition("/")[2]
    assert form_of(checked.text).post(treasurer).status_code == 303
    assert "300.000 đ" in text_of(treasurer.get(path).text)
    # A gift of the same name is asked about, and stays one of its own unless somebody says otherwise.
    other = form_of(treasurer.get(desk(place.commune, "contributions", "new")).text)
    asked = other.send(treasurer, donor="dang thi hua", amount="300.000", fund="QC", then="check")
    assert "còn 300.000 đ" in text_of(asked.text)
    assert form_of(asked.text).fields["pledge"] == ""
    assert form_of(asked.text).post(treasurer, pledge=path.rpartition("/")[2]).status_code == 303
    assert "Đã thực hiện" in text_of(treasurer.get(path).text)
    assert "Đặng Thị Hứa" in text_of(treasurer.get(desk(place.commune, "pledges") + "?state=fulfilled").text)


def gift_of(place: Place, client: TestClient, **typed: str) -> str:
    form = form_of(client.get(desk(place.commune, "contributions", "new")).text)
    checked = form.send(client, **{"donor": "Bà Quên", "amount": "70.000", "fund": "QC", "then": "check", **typed})
    answer = form_of(checked.text).post(client)
    assert answer.status_code == 303, faults_of(answer.text)
    return str(answer.headers["location"]).removesuffix("/done")


def test_a_gift_is_tied_to_its_promise_later_and_to_none_again(place: Place, treasurer: TestClient) -> None:
    path, gift = promised(place, treasurer, donor="Hộ bà Quên Cam"), gift_of(place, treasurer)
    pledge_id = path.rpartition("/")[2]
    assert f'href="{gift}/pledge"' in treasurer.get(gift).text
    form = form_of(treasurer.get(f"{gift}/pledge").text)
    assert form.fields["pledge"] == ""
    refused = form.send(treasurer, pledge="pl_x", reason="")
    assert (refused.status_code, len(faults_of(refused.text))) == (422, 2)
    assert form.send(treasurer, pledge="", reason="Không đổi gì").status_code == 422
    found = form.send(treasurer, then="find", q="quen cam", reason="Bỏ sót")
    assert "hứa 500.000 đ, còn 500.000 đ" in text_of(found.text)
    assert form_of(found.text).fields["reason"] == "Bỏ sót"
    for _ in range(2):
        sent = form_of(found.text).send(treasurer, pledge=pledge_id, reason="Bỏ sót")
        assert (sent.status_code, sent.headers["location"]) == (303, gift)
    assert f'href="{path}"' in treasurer.get(gift).text
    told = treasurer.get(path)
    assert "430.000 đ" in text_of(told.text)
    assert f'href="{gift}"' in told.text
    freed = form_of(treasurer.get(f"{gift}/pledge").text)
    assert freed.fields["pledge"] == pledge_id
    assert freed.send(treasurer, pledge="", reason="Của người khác").status_code == 303
    assert f'href="{gift}"' not in treasurer.get(path).text
    assert f'href="{path}"' not in treasurer.get(gift).text


def test_what_cannot_be_fulfilled_is_refused_at_the_form(place: Place, treasurer: TestClient) -> None:
    path, gift = promised(place, treasurer, donor="Ông Thôi Chờ"), gift_of(place, treasurer)
    form = form_of(treasurer.get(f"{gift}/pledge").text)
    assert form_to(treasurer.get(path).text, "/cancel").send(treasurer, reason="Thôi").status_code == 303
    assert form.send(treasurer, pledge=path.rpartition("/")[2], reason="Bỏ sót").status_code == 422
    assert form.send(treasurer, pledge=typeid.encode("pl", typeid.new_id()), reason="Bỏ sót").status_code == 404
    assert form_of(treasurer.get(f"{gift}/reverse").text).send(treasurer, reason="Ghi trùng").status_code == 303
    assert f"{gift}/pledge" not in treasurer.get(gift).text
    other = promised(place, treasurer, donor="Ông Còn Chờ").rpartition("/")[2]
    assert form_of(treasurer.get(f"{gift}/pledge").text).send(treasurer, pledge=other, reason="x").status_code == 422
    cashier = signed_in(place.app, place.person("cashier"))
    assert f"{gift}/pledge" not in cashier.get(gift).text
    assert cashier.get(f"{gift}/pledge").status_code == 403
    assert cashier.post(f"{gift}/pledge", data={"pledge": other, "reason": "x"}).status_code == 403


def test_a_promise_is_given_up_with_a_reason_once(place: Place, treasurer: TestClient) -> None:
    path = promised(place, treasurer, donor="Trần Văn Thôi")
    form = form_to(treasurer.get(path).text, "/cancel")
    assert form.send(treasurer, reason="").status_code == 422
    for _ in range(2):
        assert form.send(treasurer, reason="Chuyển đi nơi khác").headers["location"] == path
    told = text_of(treasurer.get(path).text)
    assert "Đã thôi chờ" in told
    assert "contributions/new?pledge" not in treasurer.get(path).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"donor": ""}, "donor"),
        ({"amount": "1tr5"}, "amount"),
        ({"due_on": "1/1/2025"}, "due_on"),
        ({"fund": "XX"}, "fund"),
    ],
)
def test_what_is_wrong_with_a_promise_is_told_at_its_field(
    place: Place, treasurer: TestClient, typed: dict[str, str], field: str
) -> None:
    form = form_of(treasurer.get(desk(place.commune, "pledges", "new")).text)
    answer = form.send(treasurer, **{**PROMISE, **typed})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


def received(place: Place, client: TestClient, **typed: str) -> str:
    form = form_of(client.get(desk(place.commune, "goods", "new")).text)
    filled = {"donor": "Nhà sách Mẫu", "description": "Vở ô ly", "quantity": "100", "unit": "book", "on": "5/3/2025"}
    answer = form.send(client, **{**filled, "fund": "", "account": "", **typed})
    assert answer.status_code == 303, faults_of(answer.text)
    return str(answer.headers["location"])


def test_goods_that_are_counted_are_handed_over_in_parts_and_never_more(place: Place, treasurer: TestClient) -> None:
    path = received(place, treasurer)
    form = form_to(treasurer.get(path).text, "/handover")
    given = {"quantity": "60", "program": "TET", "on": "6/3/2025"}
    for _ in range(2):  # the double click
        assert form.send(treasurer, **given).headers["location"] == path
    again = form_to(treasurer.get(path).text, "/handover")
    assert "còn" in text_of(treasurer.get(path).text).lower()
    refused = again.send(treasurer, **given)
    assert refused.status_code == 422
    assert 'href="#f-quantity"' in refused.text
    assert again.send(treasurer, **{**given, "quantity": "40"}).status_code == 303
    assert "Đã trao hết" in text_of(treasurer.get(path).text)
    assert path not in treasurer.get(desk(place.commune, "goods")).text
    assert path in treasurer.get(desk(place.commune, "goods") + "?state=all").text


def test_goods_that_are_valued_are_a_contribution_with_a_receipt(place: Place, treasurer: TestClient) -> None:
    path = received(place, treasurer, value="1.000.000", account="152", fund="HV")
    page = treasurer.get(path).text
    (gift,) = set(re.findall(r'href="([^"]*/contributions/ct_[^"]*)"', page))
    assert "1.000.000 đ" in text_of(treasurer.get(gift).text)
    assert form_to(page, "/handover").send(treasurer, quantity="100", program="TET", on="6/3/2025").status_code == 303


def test_goods_recorded_by_mistake_are_withdrawn(place: Place, treasurer: TestClient) -> None:
    path = received(place, treasurer, description="Ghi nhầm")
    assert form_to(treasurer.get(path).text, "/withdraw").send(treasurer, reason="Nhầm").headers["location"] == path
    assert "Đã rút" in text_of(treasurer.get(path).text)


def issued(place: Place, client: TestClient, **typed: str) -> str:
    form = form_of(client.get(desk(place.commune, "blocks", "new")).text)
    filled = {
        "series": "aa26",
        "first_number": "1",
        "last_number": "10",
        "holder": "Lê Văn Thu",
        "issued_on": "1/3/2025",
    }
    answer = form.send(client, **{**filled, **typed})
    assert answer.status_code == 303, faults_of(answer.text)
    return str(answer.headers["location"])


def test_every_number_of_a_receipt_book_is_accounted_for(place: Place, treasurer: TestClient) -> None:
    path = issued(place, treasurer)
    gift = form_of(treasurer.get(desk(place.commune, "contributions", "new")).text)
    typed = {"donor": "Nguyễn Văn Biên", "amount": "20.000", "fund": "QC", "series": "AA26", "paper_number": "3"}
    checked = gift.send(treasurer, **typed, then="check")
    assert "AA26 3" in text_of(checked.text)
    form_of(checked.text).post(treasurer)
    twice = gift.send(treasurer, **typed, then="check")
    assert twice.status_code == 422
    assert 'href="#f-paper_number"' in twice.text
    page = treasurer.get(path).text
    assert form_to(page, "/void").send(treasurer, number="3", reason="x").status_code == 422
    assert form_to(page, "/void").send(treasurer, number="4", reason="Viết hỏng").headers["location"] == path
    close = form_to(treasurer.get(path).text, "/close")
    assert close.send(treasurer, returned_from="2").status_code == 422
    assert close.send(treasurer, returned_from="6").headers["location"] == path
    told = text_of(treasurer.get(path).text)
    for words in ("3 Đã dùng", "4 Đã huỷ", "1 Thiếu", "5 Thiếu", "6 Trả lại", "10 Trả lại"):
        assert words in told
    assert "Thiếu 3 số" in text_of(treasurer.get(desk(place.commune, "blocks")).text)


def test_two_books_do_not_share_a_number(place: Place, treasurer: TestClient) -> None:
    issued(place, treasurer, series="BB26")
    form = form_of(treasurer.get(desk(place.commune, "blocks", "new")).text)
    typed = {"series": "BB26", "first_number": "10", "last_number": "20", "holder": "X", "issued_on": "1/3/2025"}
    assert form.send(treasurer, **typed).status_code == 422
    assert form.send(treasurer, **{**typed, "first_number": "20", "last_number": "11"}).status_code == 422


@pytest.mark.parametrize(
    ("role", "sees", "keeps"), [("accountant", 200, 200), ("cashier", 200, 403), ("collector", 403, 403)]
)
def test_who_may_see_and_who_may_keep(place: Place, treasurer: TestClient, role: Role, sees: int, keeps: int) -> None:
    pledge, book, goods = (
        promised(place, treasurer),
        issued(place, treasurer, series=f"R{role[:3].upper()}"),
        received(place, treasurer),
    )
    client = signed_in(place.app, place.person(role))
    for path in (pledge, book, goods, *(desk(place.commune, kind) for kind in ("pledges", "blocks", "goods"))):
        page = client.get(path)
        assert page.status_code == sees, path
        if sees == 200 and keeps == 403:
            for name in ("Đặng Thị Hứa", "Lê Văn Thu", "Nhà sách Mẫu", "Vở ô ly"):
                assert name not in page.text
    for kind in ("pledges", "blocks"):
        assert client.get(desk(place.commune, kind, "new")).status_code == keeps
    assert client.get(desk(place.commune, "goods", "new")).status_code == 403
    assert client.post(f"{goods}/handover", data={"quantity": "1"}).status_code == 403


def test_ids_of_others_lead_nowhere(place: Place, treasurer: TestClient) -> None:
    elsewhere = signed_in(place.app, place.person("chief_accountant", book=place.elsewhere))
    made = [promised(place, treasurer), issued(place, treasurer, series="CC26"), received(place, treasurer)]
    for path, prefix in zip(made, ("pl", "bl", "gd"), strict=True):
        assert elsewhere.get(path).status_code == 404
        own = path.replace(desk(place.commune), desk(place.elsewhere))
        assert elsewhere.get(own).status_code == 404
        for wrong in (typeid.encode(prefix, typeid.new_id()), "x", "ct_x"):
            base = path.rpartition("/")[0]
            assert treasurer.get(f"{base}/{wrong}").status_code == 404
            for action in ("cancel", "void", "close", "handover", "withdraw"):
                answer = treasurer.post(
                    f"{base}/{wrong}/{action}", data={"reason": "x", "key": "k" * 32, "number": "1"}
                )
                assert answer.status_code in {404, 405, 422}


def test_script_in_every_field_stays_text(place: Place, treasurer: TestClient) -> None:
    made = [
        promised(place, treasurer, donor=SCRIPT, detail=SCRIPT),
        issued(place, treasurer, series="DD26", holder=SCRIPT),
        received(place, treasurer, donor=SCRIPT, detail=SCRIPT, description=SCRIPT),
    ]
    pages = [treasurer.get(path) for path in made]
    pages += [treasurer.get(desk(place.commune, kind)) for kind in ("pledges", "blocks", "goods")]
    for kind in ("pledges", "blocks", "goods"):
        form = form_of(treasurer.get(desk(place.commune, kind, "new")).text)
        pages.append(form.send(treasurer, **{name: SCRIPT for name in form.fields if name != "key"}))
    for page in pages:
        assert page.status_code in {200, 422}
        assert "<script>alert" not in page.text
