"""Awards over the API: planned, laid once, decided on, asked about; with names only for those who may see people."""

from typing import Any

import pytest

from api.body import LIST_SIZE_MAX
from ledger import typeid
from ledger.awards.model import AWARD_COUNT_MAX
from ledger.books.chart import open_program
from ledger.tenancy import set_tenant
from tests.consent import consent_to
from tests.integration.api.conftest import ACTOR, OPENED_ON, World, entry

PLANTED = "Ngô Thị Dấu Vết"
PLAN: dict[str, Any] = {
    "program": "HB",
    "year": 2025,
    "category": "scholarship",
    "fund": "QC",
    "budget_minor": 9_000_000,
}
ROUND: dict[str, Any] = {
    "program": "HB",
    "year": 2025,
    "period": "2025-2026",
    "fund": "QC",
    "collect_by": "2025-12-31",
    "name": "Học bổng đợt 1",
}


def nominee(name: str = PLANTED, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "amount_minor": 500_000,
        "birth_year": 2012,
        "class_name": "7A",
        "school": "THCS Dấu Vết",
        **more,
    }


def send(world: World, rest: str, body: Any = None, **more: Any) -> Any:
    return world.send(world.path(world.commune, rest), body, **more)


def get(world: World, rest: str, token: str = "commune") -> Any:
    return world.get(world.path(world.commune, rest), token)


def done(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def opened(world: World) -> str:
    """A round of a program that the commune has planned; its id."""
    with world.engine.begin() as conn:
        set_tenant(conn, world.province.tenant_id)
        open_program(
            conn, world.province, program="HB", unit="award", name_vi="Học bổng", opened_on=OPENED_ON, actor=ACTOR
        )
    done(send(world, "/program-plans", PLAN))
    return str(done(send(world, "/award-rounds", ROUND))["id"])


def test_a_plan_is_held_against_what_was_spent(world: World, opened: str) -> None:
    planned = done(send(world, "/program-plans", {**PLAN, "budget_minor": 7, "criteria": "Vượt khó"}))
    assert (planned["version"], planned["budget_minor"], planned["spent_minor"]) == (2, 7, 0)
    assert done(get(world, "/program-plans?year=2025", "reader"), 200)["rows"] == [planned]
    assert done(get(world, "/program-plans?year=2024"), 200)["rows"] == []
    missing = send(world, "/award-rounds", {**ROUND, "year": 2026})
    assert (missing.status_code, missing.json()["code"]) == (409, "plan_missing")


def test_a_list_goes_from_the_council_to_those_who_consent(world: World, opened: str) -> None:
    listing = {"count": 2, "total_minor": 1_000_000, "nominees": [nominee(), nominee("Trần Văn Thử")]}
    first = send(world, f"/award-rounds/{opened}/lists", listing, key="k")
    again = send(world, f"/award-rounds/{opened}/lists", listing, key="k")
    assert done(first) == done(again)
    assert again.headers["Idempotent-Replay"] == "true"
    laid = first.json()
    assert (laid["version"], laid["without_guardian"], laid["elsewhere_count"]) == (1, [1, 2], 0)
    step = f"/award-lists/{laid['id']}"
    early = send(world, f"{step}/request")
    assert (early.status_code, early.json()["code"]) == (409, "list_state")
    decided = done(send(world, f"{step}/decision", {"number": "12/QĐ-HKH", "decided_on": "2025-08-15"}), 200)
    assert (decided["state"], decided["number"]) == ("decided", "12/QĐ-HKH")
    asked = done(send(world, f"{step}/request"))
    assert asked["approval"].startswith("ap_")
    assert asked["list"]["state"] == "asked"
    unpaid = send(world, f"{step}/collection", {"collected": [{"line": 1}]})
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "list_state")
    withdrawn = done(send(world, f"{step}/withdrawal", {"reason": "Thiếu xác nhận"}), 200)
    assert withdrawn["state"] == "withdrawn"
    done(send(world, f"/award-rounds/{opened}/lists", {"nominees": [nominee()]}))
    found = done(get(world, f"/award-rounds/{opened}"), 200)
    assert [(each["version"], each["state"]) for each in found["lists"]] == [(2, "listed"), (1, "withdrawn")]
    (row,) = done(get(world, "/award-rounds?page_size=1"), 200)["rows"]
    assert row["id"] == opened


def test_an_approved_list_is_paid_by_one_voucher_and_then_collected(world: World, opened: str) -> None:
    done(send(world, "/entries", entry(900_000)))
    listing = {"nominees": [nominee(amount_minor=300_000), nominee("Trần Văn Thử", amount_minor=200_000)]}
    laid = done(send(world, f"/award-rounds/{opened}/lists", listing))["id"]
    step = f"/award-lists/{laid}"
    done(send(world, f"{step}/decision", {"number": "13/QĐ-HKH", "decided_on": "2025-08-15"}), 200)
    asked = done(send(world, f"{step}/request"))["approval"]
    payment = {"account": "1111", "voucher": "PC", "issued_on": "2025-09-05", "payee": "2 học sinh"}
    early = send(world, f"{step}/payment", payment)
    assert (early.status_code, early.json()["code"]) == (409, "list_state")
    consent(world, asked)
    proposed = done(send(world, f"{step}/payment", payment, key="chi"))
    assert done(send(world, f"{step}/payment", payment, key="chi")) == proposed
    assert (proposed["list"], proposed["amount_minor"], proposed["voucher"]) == (laid, 500_000, "PC/2025/1")
    consent(world, proposed["approval"])
    done(send(world, "/proposals/payments", {"proposals": [proposed["id"]], "on": "2025-09-05"}))
    assert done(get(world, step), 200)["state"] == "paid"
    came = done(send(world, f"{step}/collection", {"collected": [{"line": 1}]}), 200)
    assert (came["collected_count"], came["collected_minor"]) == (1, 300_000)
    spent = done(get(world, "/program-plans?year=2025"), 200)["rows"][0]
    assert (spent["spent_minor"], spent["quantity"]) == (500_000, 2)


def consent(world: World, approval: str) -> None:
    """Have everybody consent who is asked."""
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        consent_to(conn, world.commune, [typeid.decode(typeid.APPROVAL, approval)])


def test_a_dry_run_says_what_would_come_and_keeps_nothing(world: World, opened: str) -> None:
    lists = f"/award-rounds/{opened}/lists"
    seen = done(send(world, f"{lists}?dry_run=true", {"nominees": [nominee()]}), 200)
    assert (seen["version"], seen["without_guardian"]) == (1, [1])
    assert done(get(world, f"/award-rounds/{opened}"), 200)["lists"] == []
    refused = send(world, f"{lists}?dry_run=true", {"nominees": [nominee(), nominee()]})
    assert refused.status_code == 422
    done(send(world, lists, {"nominees": [nominee()]}))


def test_every_fault_comes_at_once_and_names_nobody(world: World, opened: str) -> None:
    nominees = [nominee(), nominee(school=None), nominee("B", amount_minor=0), nominee(PLANTED.lower())]
    nominees.append(nominee("C", person="pe_01h9hsy4k1fz8tq3v2w5n7c9ar"))
    refused = send(world, f"/award-rounds/{opened}/lists", {"nominees": nominees, "count": 9})
    assert (refused.status_code, refused.json()["code"]) == (422, "list_refused")
    assert [(error.get("row"), error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        (2, "/nominees/1/school", "school_missing"),
        (3, "/nominees/2/amount_minor", "award_amount"),
        (4, "/nominees/3/name", "award_twice"),
        (5, "/nominees/4/person", "person_not_found"),
        (None, "/count", "award_count_differs"),
    ]
    for typed in (PLANTED, PLANTED.lower(), "THCS"):
        assert typed not in refused.text
    done(send(world, f"/award-rounds/{opened}/lists", {"nominees": [nominee()]}))
    other = done(send(world, "/award-rounds", ROUND))["id"]
    refused = send(world, f"/award-rounds/{other}/lists", {"nominees": [nominee()]})
    (error,) = refused.json()["errors"]
    assert error["code"] == "award_given_before"
    assert PLANTED not in refused.text


def test_who_is_on_a_list_is_for_those_who_may_see_people(world: World, opened: str) -> None:
    laid = done(send(world, f"/award-rounds/{opened}/lists", {"nominees": [nominee(reason="Hộ Dấu Vết")]}))
    (row,) = done(get(world, f"/award-lists/{laid['id']}/awards"), 200)["rows"]
    assert (row["name"], row["school"], row["amount_minor"], row["collected"]) == (
        PLANTED,
        "THCS Dấu Vết",
        500_000,
        None,
    )
    seen = get(world, f"/award-lists/{laid['id']}/awards", "reader")
    assert done(seen, 200)["rows"][0]["amount_minor"] == 500_000
    for typed in ("Dấu Vết", "2012", "7A", row["person"]):
        assert typed not in seen.text


def test_a_list_that_is_too_long_is_refused_before_it_is_read(world: World, opened: str) -> None:
    lists = f"/award-rounds/{opened}/lists"
    long = send(world, lists, {"nominees": [{}] * (AWARD_COUNT_MAX + 1)})
    assert (long.status_code, [error["code"] for error in long.json()["errors"]]) == (422, ["award_count"])
    large = send(world, lists, b" " * (LIST_SIZE_MAX + 1))
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    wrong = send(world, lists, {"nominees": [{"name": 5, "amount_minor": 1.5, "more": 1}]})
    assert (wrong.status_code, len(wrong.json()["errors"])) == (422, 3)


def test_what_is_of_another_book_is_not_found(world: World, opened: str) -> None:
    laid = done(send(world, f"/award-rounds/{opened}/lists", {"nominees": [nominee()]}))
    for rest in (f"/award-rounds/{opened}", f"/award-lists/{laid['id']}", f"/award-lists/{laid['id']}/awards"):
        for book, token in ((world.province, "province"), (world.elsewhere, "elsewhere")):
            assert world.get(world.path(book, rest), token).status_code == 404
    for rest in ("/award-rounds/rd_x", "/award-lists/al_x", f"/award-lists/{opened}"):
        assert get(world, rest).status_code == 404
