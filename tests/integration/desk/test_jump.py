import re

import pytest
from fastapi.testclient import TestClient

from tests.integration.desk.test_home import path
from tests.office import Office
from tests.people_who_sign_in import signed_in


@pytest.fixture
def client(office: Office) -> TestClient:
    return signed_in(office.app, office.person("chief_accountant"))


def found(client: TestClient, office: Office, typed: str) -> list[tuple[str, str]]:
    answer = client.post(path(office.province, "jump"), data={"q": typed})
    assert answer.status_code == 200
    part = answer.text.partition('id="jump-found"')[2]
    return re.findall(r'<a href="([^"]+)"><b>([^<]+)</b>', part)


def test_a_page_is_found_without_its_marks(client: TestClient, office: Office) -> None:
    assert found(client, office, "ban lam") == [(path(office.province), "Bàn làm việc")]


@pytest.mark.parametrize("typed", ["BC/2023/168", "bc 168", "bc-2023-168", "BC168", " bc.168 "])
def test_a_voucher_is_found_however_its_number_is_typed(client: TestClient, office: Office, typed: str) -> None:
    (hit,) = found(client, office, typed)
    assert hit[1] == "BC/2023/168"
    assert "BC/2023/168" in client.get(hit[0]).text


def test_a_bare_number_finds_entries_and_vouchers_of_it(client: TestClient, office: Office) -> None:
    names = [name for _, name in found(client, office, "20")]
    assert len(names) > 2
    assert any(name.endswith("/20") for name in names)


def test_an_association_below_is_found_and_opens(client: TestClient, office: Office) -> None:
    hits = found(client, office, "chau cau")
    assert [name for _, name in hits] == ["Hội Khuyến học phường Châu Cầu"]
    assert client.get(hits[0][0]).status_code == 200


def test_a_collector_finds_pages_alone(office: Office) -> None:
    client = signed_in(office.app, office.person("collector"))
    assert found(client, office, "bc 168") == []
    assert found(client, office, "chau cau") == []
    assert found(client, office, "ban lam") != []


@pytest.mark.parametrize("typed", ["", "   ", "%", "'; --", "99999999999999999999", "\u0000", "x" * 5_000])
def test_what_finds_nothing_says_so_or_nothing(client: TestClient, office: Office, typed: str) -> None:
    assert found(client, office, typed) == []


def test_what_was_typed_stands_in_no_address(client: TestClient, office: Office) -> None:
    page = client.get(path(office.province, "jump")).text
    assert '<form method="post"' in page
    assert '<form method="get"' not in page
