"""Gifts are found from anywhere: by who gave, and by the code on a receipt."""

import re

import pytest
from fastapi.testclient import TestClient

from ledger.access.role import Role
from tests.integration.desk_giving.conftest import Place
from tests.integration.desk_giving.page import desk, text_of
from tests.integration.desk_giving.test_contributions import recorded
from tests.people_who_sign_in import signed_in


@pytest.fixture(scope="module")
def gift(place: Place) -> str:
    """The path of a gift's page."""
    treasurer = signed_in(place.app, place.person("chief_accountant"))
    return recorded(place, treasurer, donor="Đặng Thị Ánh", amount="250.000", on="1/2/2025")


def found(place: Place, client: TestClient, typed: str) -> list[tuple[str, str]]:
    html = client.post(desk(place.commune, "jump"), data={"q": typed}).text
    hits = re.findall(r'<li><a href="([^"]+)"><b>(.*?)</a>', html.partition('id="jump-found"')[2])
    return [(path, text_of(told).strip()) for path, told in hits]


def code_of(place: Place, gift: str) -> str:
    page = signed_in(place.app, place.person("chief_accountant")).get(gift).text
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-.", page)
    assert code is not None
    return code[0]


def may_look(place: Place, role: Role) -> TestClient:
    return signed_in(place.app, place.person(role))


@pytest.mark.parametrize("typed", ["dang anh", "Ánh", "ANH"])
def test_a_gift_is_found_by_who_gave(place: Place, gift: str, typed: str) -> None:
    hits = dict(found(place, may_look(place, "accountant"), typed))
    assert hits[gift].split() == ["Đặng", "Thị", "Ánh", "250.000", "đ,", "1/2/2025"]


def test_a_gift_is_found_by_its_receipt_without_a_name_by_who_may_see_none(place: Place, gift: str) -> None:
    code = code_of(place, gift)
    for role in ("accountant", "cashier"):
        (hit,) = found(place, may_look(place, role), code.lower().replace("-", " "))
        assert hit[0] == gift
        assert ("Ánh" in hit[1]) == (role == "accountant")


def test_nobody_finds_names_who_may_not_see_them(place: Place, gift: str) -> None:
    for role in ("cashier", "collector"):
        assert gift not in dict(found(place, may_look(place, role), "dang anh"))


def test_a_letter_or_a_number_alone_looks_for_no_name(place: Place, gift: str) -> None:
    client = may_look(place, "accountant")
    assert gift not in dict(found(place, client, "a"))
    assert gift not in dict(found(place, client, "250000"))
