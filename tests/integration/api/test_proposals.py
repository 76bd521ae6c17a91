"""Payments over the API: proposed by who keeps the books, paid by who keeps the cash, refused to everybody else."""

from typing import Any

import pytest

from ledger.books.model import Book
from tests.integration.api.conftest import World, entry

ON = "2025-03-05"


def proposal(amount: int = 40_000, **more: Any) -> dict[str, Any]:
    body = {name: value for name, value in entry(-amount).items() if name != "entry_on"}
    return {**body, "issued_on": ON, "payee": "Trường Mẫu", "description": "Học bổng", **more}


def propose(world: World, *proposals: dict[str, Any], book: Book | None = None, **more: Any) -> Any:
    path = world.path(book or world.commune, "/proposals")
    return world.send(path, {"proposals": list(proposals)}, **more)


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["code"], error["pointer"]) for error in answer.json()["errors"]]


@pytest.fixture
def rich(world: World) -> World:
    assert world.send(world.path(world.commune, "/entries"), entry(500_000)).status_code == 201
    return world


def test_a_payment_is_proposed_once_read_and_paid_by_the_cashier(rich: World) -> None:
    first = propose(rich, proposal(), key="de-nghi-1")
    assert first.status_code == 201, first.text
    (row,) = first.json()["rows"]
    assert (row["state"], row["voucher"], row["amount_minor"]) == ("asked", "PC/2025/1", 40_000)
    assert (row["payee"], row["description"], row["entry"]) == ("Trường Mẫu", "Học bổng", None)
    again = propose(rich, proposal(), key="de-nghi-1")
    assert (again.json(), again.headers["idempotent-replay"]) == (first.json(), "true")
    unheard = {"proposals": [row["id"]], "on": "2025-03-10"}
    refused = rich.send(rich.path(rich.commune, "/proposals/payments"), unheard)
    assert codes(refused) == [("consent_pending", "/proposals/0/voucher")]
    read = rich.get(rich.path(rich.commune, f"/proposals/{row['id']}")).json()
    assert read == row
    assert rich.get(rich.path(rich.commune, f"/proposals/{row['id']}"), token="reader").json()["payee"] is None


def test_what_was_agreed_to_is_paid_once_by_whose_hands_it_goes_through(rich: World) -> None:
    rich.agreed(entry(-30_000))
    (row,) = rich.get(rich.path(rich.commune, "/proposals?open=true")).json()["rows"]
    assert row["state"] == "approved"
    done = {"proposals": [row["id"]], "on": "2025-03-10"}
    others = rich.send(rich.path(rich.commune, "/proposals/postings"), done)
    assert (others.status_code, others.json()["code"]) == (403, "execution_refused")
    paid = rich.send(rich.path(rich.commune, "/proposals/payments"), done, key="chi-1")
    assert paid.status_code == 201, paid.text
    assert paid.json()["entries"][0]["voucher"] == "PC/2025/1"
    again = rich.send(rich.path(rich.commune, "/proposals/payments"), done, key="chi-1")
    assert (again.json(), again.headers["idempotent-replay"]) == (paid.json(), "true")
    twice = rich.send(rich.path(rich.commune, "/proposals/payments"), done)
    assert codes(twice) == [("voucher_executed", "/proposals/0/voucher")]
    read = rich.get(rich.path(rich.commune, f"/proposals/{row['id']}")).json()
    assert (read["state"], read["entry"]) == ("executed", paid.json()["entries"][0]["id"])
    assert rich.get(rich.path(rich.commune, "/proposals?open=true")).json()["rows"] == []


def test_every_fault_of_many_is_told_at_once_and_none_is_proposed(world: World) -> None:
    wrong = proposal(lines=[{"account": "9999", "fund": "QC", "value_minor": 1}, *proposal()["lines"][:1]])
    gift = {name: value for name, value in entry(5).items() if name != "entry_on"} | {"issued_on": ON}
    refused = propose(world, proposal(), wrong, gift)
    found = codes(refused)
    assert ("account_unknown", "/proposals/1/lines/0/account") in found
    assert ("consent_not_needed", "/proposals/2/voucher") in found
    assert world.get(world.path(world.commune, "/proposals")).json() == {"rows": [], "next_cursor": None}


def test_pages_of_proposals_follow_one_another(rich: World) -> None:
    made = [row["id"] for row in propose(rich, *[proposal(10)] * 5).json()["rows"]]
    page = rich.get(rich.path(rich.commune, "/proposals?page_size=3")).json()
    rest = rich.get(rich.path(rich.commune, f"/proposals?page_size=3&cursor={page['next_cursor']}")).json()
    assert [row["id"] for row in (*page["rows"], *rest["rows"])] == sorted(made, reverse=True)
    assert rest["next_cursor"] is None
    wrong = rich.get(rich.path(rich.commune, "/proposals?cursor=x"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "cursor_malformed")


def test_a_proposal_is_given_up_with_a_reason_and_asked_about_again_only_when_nobody_is(rich: World) -> None:
    (row,) = propose(rich, proposal()).json()["rows"]
    path = rich.path(rich.commune, f"/proposals/{row['id']}")
    again = rich.send(f"{path}/request", {})
    assert (again.status_code, again.json()["code"]) == (409, "proposal_state")
    assert rich.send(f"{path}/void", {"reason": " "}).status_code == 422
    void = rich.send(f"{path}/void", {"reason": "Không chi nữa"})
    assert void.json()["state"] == "void"
    assert rich.send(f"{path}/void", {"reason": "Lần nữa"}).json()["code"] == "proposal_state"
    shown = rich.get(rich.path(rich.commune, "/vouchers?kind=PC&year=2025")).json()["rows"]
    assert [each["voided_at"] is not None for each in shown] == [True]


@pytest.mark.parametrize("proposal_id", ["po_1", "en_01h455vb4pex5vsknk084sn02q", "po_01h455vb4pex5vsknk084sn02q"])
def test_an_id_that_is_none_is_not_found(world: World, proposal_id: str) -> None:
    answer = world.get(world.path(world.commune, f"/proposals/{proposal_id}"))
    assert (answer.status_code, answer.json()["code"]) == (404, "proposal_not_found")


def test_another_associations_proposal_is_not_there(rich: World) -> None:
    (row,) = propose(rich, proposal()).json()["rows"]
    answer = rich.get(rich.path(rich.province, f"/proposals/{row['id']}"), token="province")
    assert (answer.status_code, answer.json()["code"]) == (404, "proposal_not_found")
    body = {"proposals": [row["id"]], "on": ON}
    paid = rich.send(rich.path(rich.province, "/proposals/payments"), body, token="province")
    assert (paid.status_code, paid.json()["code"]) == (404, "proposal_not_found")
