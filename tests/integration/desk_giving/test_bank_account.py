"""The account that gifts are paid into, set by who keeps the chart, and tried before it is shown."""

import pytest
from fastapi.testclient import TestClient

from ledger.access.role import Role
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import desk, faults_of, form_of, text_of
from tests.people_who_sign_in import signed_in

TYPED = {"bank": "970405", "number": "1234 5678 90", "holder": "HOI KHUYEN HOC XA THU"}


@pytest.fixture
def treasurer(place: Place) -> TestClient:
    return signed_in(place.app, place.person("chief_accountant"))


def test_an_account_is_tried_set_changed_and_withdrawn(place: Place, treasurer: TestClient) -> None:
    home = desk(place.commune, "bank-accounts")
    checked = form_of(treasurer.get(f"{home}/1121A").text).send(treasurer, **TYPED, then="check")
    assert checked.status_code == 200
    assert 'class="qr"' in checked.text
    assert "1234 5678 90" in text_of(checked.text)
    assert 'class="qr"' not in treasurer.get(home).text
    for _ in range(2):
        assert form_of(checked.text).send(treasurer, then="save").headers["location"] == home
    listed = treasurer.get(home)
    assert "HOI KHUYEN HOC XA THU" in text_of(listed.text)
    changed = form_of(treasurer.get(f"{home}/1121A").text)
    assert changed.fields["number"] == "1234567890"
    changed.send(treasurer, number="9", then="save")
    assert form_of(treasurer.get(home).text).send(treasurer).headers["location"] == home
    assert 'class="qr"' not in treasurer.get(home).text


@pytest.mark.parametrize(
    ("field", "typed"),
    [("bank", "000000"), ("bank", ""), ("number", "12-34"), ("number", "1" * 20), ("number", ""), ("holder", " ")],
)
def test_what_no_bank_takes_is_refused_at_its_field(
    place: Place, treasurer: TestClient, field: str, typed: str
) -> None:
    form = form_of(treasurer.get(desk(place.commune, "bank-accounts", "1121A")).text)
    answer = form.send(treasurer, **{**TYPED, field: typed}, then="check")
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert len(faults_of(answer.text)) == 1


@pytest.mark.parametrize("account", ["1111", "1122USD", "35381", "1121", "none", "<x>"])
def test_only_a_bank_account_in_dong_is_one(place: Place, treasurer: TestClient, account: str) -> None:
    path = desk(place.commune, "bank-accounts", account)
    assert treasurer.get(path).status_code in {404, 422}
    assert treasurer.post(path, data=TYPED).status_code in {404, 422}


@pytest.mark.parametrize(
    ("role", "sees", "sets"),
    [("accountant", 200, 403), ("cashier", 200, 403), ("collector", 403, 403), ("administrator", 200, 200)],
)
def test_who_may_see_and_who_may_set(place: Place, role: Role, sees: int, sets: int) -> None:
    client = signed_in(place.app, place.person(role))
    home = desk(place.commune, "bank-accounts")
    assert client.get(home).status_code == sees
    assert client.get(f"{home}/1121A").status_code == sets
    assert client.post(f"{home}/1121A", data={**TYPED, "then": "check"}).status_code == sets
