"""What was given, found again: by name, code, day, amount and state; its name put right, its entry taken back."""

import re
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from ledger import typeid
from ledger.access.role import Role
from ledger.books.chart import open_fund
from ledger.books.model import Book
from ledger.tenancy import set_tenant
from tests.integration.api.conftest import ACTOR, OPENED_ON
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import desk, faults_of, form_of, text_of
from tests.people_who_sign_in import signed_in


def recorded(place: Place, client: TestClient, book: Book | None = None, **typed: str) -> str:
    """Record a gift through the pages; return the path of its page."""
    page = client.get(desk(book or place.commune, "contributions", "new"))
    filled = {"donor": "Nguyễn Văn Mẫu", "amount": "10.000", "channel": "household", **typed}
    checked = form_of(page.text).send(client, **filled, then="check")
    assert checked.status_code == 200, faults_of(checked.text)
    return str(form_of(checked.text).post(client).headers["location"]).removesuffix("/done")


@pytest.fixture(scope="module")
def treasurer(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


@pytest.fixture(scope="module")
def gifts(place: Place, treasurer: TestClient) -> dict[str, str]:
    """Some gifts by what is special about them, and their pages."""
    return {
        "anh": recorded(place, treasurer, donor="Đặng Thị Ánh", amount="250.000", on="1/2/2025", channel="business"),
        "binh": recorded(place, treasurer, donor="Trần Văn Bình", detail="Xóm Thử", amount="250.000", on="2/2/2025"),
        "box": recorded(place, treasurer, donor="", anonymous="1", amount="77.000", on="3/2/2025"),
    }


def rows_of(page: str) -> list[str]:
    return [text_of(each).strip() for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]]


def search(place: Place, client: TestClient, **asked: str) -> list[str]:
    listed = client.get(desk(place.commune, "contributions"))
    answer = form_of(listed.text).send(client, **asked)
    if answer.status_code == 303:
        answer = client.get(answer.headers["location"])
    assert answer.status_code == 200, faults_of(answer.text)
    return rows_of(answer.text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "dang anh"}, ["Ánh"]),
        ({"q": "ÁNH"}, ["Ánh"]),
        ({"amount": "250.000", "from": "1/2/2025", "to": "2/2/2025"}, ["Bình", "Ánh"]),
        ({"from": "2/2/2025", "to": "2/2/2025"}, ["Bình"]),
        ({"channel": "business", "to": "28/2/2025"}, ["Ánh"]),
        ({"q": "binh", "amount": "1"}, []),
        ({"amount": "77.000", "state": "kept"}, ["Không ghi tên"]),
        ({"amount": "77.000", "state": "reversed"}, []),
        ({"q": "100%"}, []),
    ],
    ids=str,
)
def test_gifts_are_found_by_what_is_known_of_them(
    place: Place, treasurer: TestClient, gifts: dict[str, str], asked: dict[str, str], found: list[str]
) -> None:
    rows = search(place, treasurer, **asked)
    assert len(rows) == len(found)
    for row, word in zip(rows, found, strict=True):
        assert word in row


def test_a_gift_is_found_by_its_code_however_typed(place: Place, treasurer: TestClient, gifts: dict[str, str]) -> None:
    told = text_of(treasurer.get(gifts["binh"]).text)
    (code,) = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z*~$=]", told)
    for typed in (code, code.lower().replace("-", " "), f" {code} "):
        (row,) = search(place, treasurer, q=typed)
        assert "Trần Văn Bình" in row


def test_what_is_looked_for_by_name_is_in_no_address(place: Place, treasurer: TestClient) -> None:
    listed = form_of(treasurer.get(desk(place.commune, "contributions")).text)
    answer = listed.send(treasurer, q="Bình", amount="250.000")
    assert answer.status_code == 200
    narrowed = listed.send(treasurer, amount="250.000", to="2/2/2025")
    assert urlsplit(narrowed.headers["location"]).query == "to=2%2F2%2F2025&amount=250.000"


def test_a_search_that_cannot_be_read_is_told_of(place: Place, treasurer: TestClient) -> None:
    answer = treasurer.get(desk(place.commune, "contributions") + "?amount=1tr5&from=31/2/2026")
    assert answer.status_code == 422
    assert len(faults_of(answer.text)) == 2


def test_who_may_not_see_people_sees_amounts_without_names(
    place: Place, treasurer: TestClient, gifts: dict[str, str]
) -> None:
    for role in ("cashier", "inspector"):
        client = signed_in(place.app, place.person(role))
        listed = client.get(desk(place.commune, "contributions"))
        shown = client.get(gifts["binh"])
        for page in (listed, shown, client.get(f"{gifts['binh']}/done")):
            assert page.status_code == 200
            assert "Bình" not in page.text
            assert "Xóm Thử" not in page.text
        assert "250.000" in text_of(shown.text)
        refused = form_of(listed.text).send(client, q="binh")
        assert refused.status_code == 422
        assert client.get(f"{gifts['binh']}/donor").status_code == 403


def test_a_name_is_put_right_and_money_stays(place: Place, treasurer: TestClient) -> None:
    path = recorded(place, treasurer, donor="Nguyen Van Nham", amount="31.000")
    form = form_of(treasurer.get(f"{path}/donor").text)
    assert form.fields["donor"] == "Nguyen Van Nham"
    assert form.send(treasurer, donor="", reason="").status_code == 422
    for _ in range(2):
        sent = form.send(treasurer, donor="Nguyễn Văn Nhầm", detail="Thôn Mẫu", reason="Gõ thiếu dấu")
        assert (sent.status_code, sent.headers["location"]) == (303, path)
    told = text_of(treasurer.get(path).text)
    assert "Nguyễn Văn Nhầm, Thôn Mẫu" in told
    assert "31.000 đ" in told
    assert "Sửa tên lúc" in told
    box = recorded(place, treasurer, donor="", anonymous="1")
    assert form_of(treasurer.get(f"{box}/donor").text).send(treasurer, donor="X", reason="x").status_code == 422


def test_an_entry_is_taken_back_with_a_reason(place: Place, treasurer: TestClient) -> None:
    path = recorded(place, treasurer, donor="Nguyễn Văn Đảo", amount="44.000")
    form = form_of(treasurer.get(f"{path}/reverse").text)
    assert form.send(treasurer, reason="").status_code == 422
    for _ in range(2):
        assert form.send(treasurer, reason="Ghi trùng").headers["location"] == path
    told = text_of(treasurer.get(path).text)
    assert "đã được đảo" in told
    assert "Đảo bút toán" not in told
    assert "Đã đảo" in search(place, treasurer, amount="44.000")[0]
    again = form_of(treasurer.get(f"{path}/reverse").text).send(treasurer, reason="Lần nữa")
    assert again.status_code == 422
    assert len(faults_of(again.text)) == 1


@pytest.mark.parametrize("role", ["accountant", "cashier", "inspector", "account_holder"])
def test_only_who_posts_takes_back(place: Place, gifts: dict[str, str], role: Role) -> None:
    client = signed_in(place.app, place.person(role))
    page = client.get(gifts["anh"])
    assert page.status_code == 200
    assert "reverse" not in page.text
    assert client.get(f"{gifts['anh']}/reverse").status_code == 403
    assert client.post(f"{gifts['anh']}/reverse", data={"reason": "x"}).status_code == 403


def test_ids_of_others_lead_nowhere(place: Place, treasurer: TestClient, gifts: dict[str, str]) -> None:
    elsewhere = signed_in(place.app, place.person("chief_accountant", book=place.elsewhere))
    above = signed_in(place.app, place.person("chief_accountant", book=place.province))
    with place.engine.begin() as conn:
        set_tenant(conn, place.elsewhere.tenant_id)
        open_fund(conn, place.elsewhere, fund="QC", kind="general", name_vi="Quỹ", opened_on=OPENED_ON, actor=ACTOR)
    foreign = recorded(place, elsewhere, place.elsewhere).rpartition("/")[2]
    neighbour = recorded(place, above, place.province).rpartition("/")[2]
    for contribution_id in (foreign, neighbour, typeid.encode("ct", typeid.new_id()), "ct_x", "en_x", "x" * 41):
        for more in ("", "/done", "/donor", "/pledge", "/reverse"):
            path = desk(place.commune, "contributions", contribution_id) + more
            assert treasurer.get(path).status_code in {404, 422}, path
            if more in {"/donor", "/pledge", "/reverse"}:
                assert treasurer.post(path, data={"donor": "x", "reason": "x"}).status_code in {404, 422}
    for path in (gifts["anh"], desk(place.commune, "contributions"), desk(place.commune, "contributions", "new")):
        assert elsewhere.get(path).status_code == 404
    like = treasurer.get(desk(place.commune, "contributions", "new") + f"?like={foreign}")
    assert like.status_code == 200


def test_a_long_list_goes_on_page_by_page(place: Place, treasurer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        recorded(place, treasurer, donor=f"Nguyễn Văn Trang {number}", amount="1.000", on="9/9/2025")
    monkeypatch.setattr("web.desk.giving.contributions.PAGE_SIZE", 2)
    seen: list[str] = []
    path: str | None = desk(place.commune, "contributions") + "?from=9/9/2025&to=9/9/2025"
    while path is not None:
        page = treasurer.get(path).text
        seen += rows_of(page)
        found = re.search(r'href="([^"]*after=[^"]*)"', page)
        path = None if found is None else found[1].replace("&amp;", "&")
    assert [re.findall(r"Trang (\d)", row)[0] for row in seen] == ["4", "3", "2", "1", "0"]
    first = form_of(treasurer.get(desk(place.commune, "contributions")).text).send(treasurer, q="trang")
    second = form_of(first.text, at=1).send(treasurer)
    assert [re.findall(r"Trang (\d)", row)[0] for row in rows_of(first.text) + rows_of(second.text)] == list("4321")
