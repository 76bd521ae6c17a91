"""What was given, over the API: received once, found again, and with names only for those who may see people."""

import json
from typing import Any

import pytest

from ledger import typeid
from ledger.books.chart import open_fund, open_program
from ledger.tenancy import set_tenant
from tests.integration.api.conftest import ACTOR, OPENED_ON, World

PLANTED = "Ngô Thị Dấu Vết"


def gift(amount: int = 500_000, donor: str | None = PLANTED, **more: Any) -> dict[str, Any]:
    return {"donor": donor, "amount_minor": amount, **more}


def collection(*gifts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "received_on": "2025-03-05",
        "medium": "cash",
        "account": "1111",
        "fund": "QC",
        "channel": "household",
        "gifts": list(gifts or (gift(),)),
        **more,
    }


def send(world: World, rest: str, body: Any, **more: Any) -> Any:
    return world.send(world.path(world.commune, rest), body, **more)


def get(world: World, rest: str, token: str = "commune") -> Any:
    return world.get(world.path(world.commune, rest), token)


def done(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_list_is_received_once_and_found_again(world: World) -> None:
    asked = collection(gift(), gift(250_000, "Trần Thị Thử", detail="Thôn Đông", wish="anonymous"))
    first = send(world, "/contributions", asked, key="k")
    again = send(world, "/contributions", asked, key="k")
    assert done(first) == done(again)
    assert again.headers["Idempotent-Replay"] == "true"
    other = send(world, "/contributions", collection(), key="k")
    assert other.json()["code"] == "idempotency_conflict"
    received = first.json()
    assert received["voucher"] == "PT/2025/1"
    (one, two) = received["contributions"]
    found = done(get(world, f"/contributions?code={two['code'].lower()}"), 200)["rows"]
    assert [(row["id"], row["name"], row["line"], row["line_count"]) for row in found] == [
        (two["id"], "Trần Thị Thử", 2, 2)
    ]
    listed = done(get(world, f"/entries/{received['entry']}/contributions?page_size=1"), 200)
    assert ([row["id"] for row in listed["rows"]], listed["next_cursor"]) == ([one["id"]], "1")
    paged = done(get(world, "/contributions?page_size=1"), 200)
    rest = done(get(world, f"/contributions?cursor={paged['next_cursor']}"), 200)
    assert [row["id"] for row in paged["rows"] + rest["rows"]] == [two["id"], one["id"]]


def test_names_are_for_those_who_may_see_people(world: World) -> None:
    received = done(send(world, "/contributions", collection()))
    contribution = received["contributions"][0]["id"]
    for rest in ("/contributions", f"/contributions/{contribution}", f"/entries/{received['entry']}/contributions"):
        assert PLANTED in get(world, rest).text
        seen = get(world, rest, "reader")
        assert seen.status_code == 200
        assert PLANTED not in seen.text
        assert received["contributions"][0]["code"] in seen.text


def test_a_dry_run_says_what_would_come_and_keeps_nothing(world: World) -> None:
    seen = send(world, "/contributions?dry_run=true", collection())
    assert seen.status_code == 200
    assert done(get(world, "/contributions"), 200)["rows"] == []
    assert done(send(world, "/contributions", collection()))["seq"] == seen.json()["seq"]


def test_every_fault_comes_with_its_row_and_what_to_do(world: World) -> None:
    wrong = collection(gift(0), gift(5, None), gift(5, " "), fund="NONE", declared={"count": 9, "total_minor": 9})
    refused = send(world, "/contributions", wrong)
    assert refused.status_code == 422
    told = {(each["code"], each.get("row"), each["pointer"]) for each in refused.json()["errors"]}
    assert told == {
        ("gift_amount", 1, "/gifts/0/amount_minor"),
        ("donor_missing", 2, "/gifts/1/donor"),
        ("text_refused", 3, "/gifts/2/donor"),
        ("declared_differs", None, "/declared"),
        ("fund_unknown", None, "/fund"),
    }
    assert all(each["detail"] and each["detail_en"] for each in refused.json()["errors"])


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"gifts": [gift(1.5)]}, "/gifts/0/amount_minor"),  # type: ignore[arg-type]
        ({"gifts": [gift(), {"donor": "x"}]}, "/gifts/1/amount_minor"),
        ({"gifts": "x"}, "/gifts"),
        ({"gifts": [gift(phone="0900000000")]}, "/gifts/0/phone"),
        ({"received_on": "5/3/2025"}, "/received_on"),
        ({"medium": "goods"}, "/medium"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "USD", "rate": {"currency": "USD", "value": "0", "source": "SBV"}}, "/rate"),
    ],
)
def test_what_is_no_collection_is_refused_by_its_form(world: World, changed: dict[str, Any], pointer: str) -> None:
    refused = send(world, "/contributions", {**collection(), **changed})
    assert refused.status_code == 422
    assert pointer in [each["pointer"] for each in refused.json()["errors"]]


def test_refusals_never_say_a_name(world: World) -> None:
    for body in (collection(gift(0), gift(5, PLANTED + "\u202e")), collection(fund=PLANTED)):
        assert PLANTED not in send(world, "/contributions", body).text


def test_a_name_is_put_right_by_those_who_may_see_people(world: World) -> None:
    contribution = done(send(world, "/contributions", collection()))["contributions"][0]["id"]
    right = {"donor": "Ngô Thị Mẫu", "reason": "Sai tên"}
    assert send(world, f"/contributions/{contribution}/donor", right, token="poster").status_code == 403
    changed = done(send(world, f"/contributions/{contribution}/donor", right, key="k"), 200)
    assert changed["name"] == "Ngô Thị Mẫu"
    assert done(send(world, f"/contributions/{contribution}/donor", right, key="k"), 200) == changed


def test_a_gift_is_tied_to_a_pledge_later_by_those_who_may_see_people(world: World) -> None:
    contribution = done(send(world, "/contributions", collection()))["contributions"][0]["id"]
    promised = {"giver": {"name": "Mẫu"}, "amount_minor": 5, "pledged_on": "2025-03-01", "due_on": "2025-06-30"}
    pledge = done(send(world, "/pledges", {**promised, "fund": "QC"}))["id"]
    path, tied = f"/contributions/{contribution}/pledge", {"pledge": pledge, "reason": "Bỏ sót"}
    assert send(world, path, tied, token="poster").status_code == 403
    changed = done(send(world, path, tied, key="tie"), 200)
    assert changed["pledge"] == pledge
    assert done(send(world, path, tied, key="tie"), 200) == changed
    refused = send(world, path, tied)
    assert (refused.status_code, refused.json()["code"]) == (409, "pledge_unchanged")
    assert done(get(world, f"/pledges/{pledge}"), 200)["state"] == "fulfilled"
    for wrong in ({"reason": "x"}, {**tied, "reason": " "}, {**tied, "pledge": "ct_x"}):
        assert send(world, path, wrong).status_code == 422
    assert done(send(world, path, {"pledge": None, "reason": "Nhầm"}), 200)["pledge"] is None


def test_reversing_the_entry_takes_its_gifts_back(world: World) -> None:
    received = done(send(world, "/contributions", collection(gift(), gift(7))))
    done(send(world, f"/entries/{received['entry']}/reversal", {"on": "2025-03-06", "reason": "Ghi nhầm"}))
    rows = done(get(world, "/contributions?is_reversed=true"), 200)["rows"]
    assert [row["reversed_on"] for row in rows] == ["2025-03-06"] * 2


def test_an_earmark_is_opened_and_given_for(world: World) -> None:
    named = {"earmark": "LE-THUY", "fund": "QC", "name_vi": "Học sinh xã Mẫu", "opened_on": "2025-01-01"}
    assert done(send(world, "/earmarks", named)) == {**named, "name_en": None, "closed_on": None}
    assert send(world, "/earmarks", named).json()["code"] == "code_taken"
    assert len(done(get(world, "/earmarks"), 200)["rows"]) == 1
    done(send(world, "/contributions", collection(earmark="LE-THUY")))
    assert len(done(get(world, "/contributions?earmark=LE-THUY"), 200)["rows"]) == 1


def test_a_pledge_is_recorded_fulfilled_aged_and_given_up(world: World) -> None:
    promised = {
        "giver": {"name": PLANTED},
        "amount_minor": 5_000_000,
        "pledged_on": "2025-03-05",
        "due_on": "2025-06-30",
        "fund": "QC",
    }
    pledge = done(send(world, "/pledges", promised, key="k"))
    assert done(send(world, "/pledges", promised, key="k")) == pledge
    done(send(world, "/contributions", collection(gift(2_000_000, pledge=pledge["id"]))))
    told = done(get(world, f"/pledges/{pledge['id']}", "reader"), 200)
    assert (told["state"], told["left_minor"], told["name"]) == ("open", 3_000_000, None)
    aged = done(get(world, "/pledges/ageing?as_of=2025-07-20"), 200)["rows"]
    assert aged == [{"currency": "VND", "bucket": "days_1_30", "count": 1, "left_minor": 3_000_000}]
    gone = done(send(world, f"/pledges/{pledge['id']}/cancellation", {"reason": "Đã chuyển đi"}), 200)
    assert gone["state"] == "cancelled"
    assert done(get(world, "/pledges?state=open"), 200)["rows"] == []
    done(send(world, "/pledges", {**promised, "due_on": "2025-07-31"}))
    page = done(get(world, "/pledges?page_size=1"), 200)
    rest = done(get(world, f"/pledges?cursor={page['next_cursor']}"), 200)
    assert [row["due_on"] for row in page["rows"] + rest["rows"]] == ["2025-06-30", "2025-07-31"]
    assert get(world, "/pledges?cursor=x").json()["code"] == "cursor_malformed"


def test_a_receipt_block_is_accounted_for(world: World) -> None:
    given = {"series": "AA", "first_number": 1, "last_number": 5, "issued_on": "2025-03-01", "holder": PLANTED}
    block = done(send(world, "/receipt-blocks", given))["id"]
    assert send(world, "/receipt-blocks", {**given, "first_number": 5}).json()["code"] == "block_overlaps"
    done(send(world, "/contributions", collection(gift(paper={"series": "AA", "number": 1}))))
    used = send(world, "/contributions", collection(gift(paper={"series": "AA", "number": 1})))
    assert [each["code"] for each in used.json()["errors"]] == ["paper_used"]
    done(send(world, f"/receipt-blocks/{block}/voids", {"number": 2, "reason": "Viết sai"}))
    closed = done(send(world, f"/receipt-blocks/{block}/closing", {"returned_from": 4}), 200)
    assert closed["count"] == {"used": 1, "voided": 1, "blank": 3, "returned": 2, "missing": 1}
    told = done(get(world, f"/receipt-blocks/{block}", "reader"), 200)
    assert [slip["state"] for slip in told["slips"]] == ["used", "void", "missing", "returned", "returned"]
    assert told["block"]["holder"] is None
    assert done(get(world, "/receipt-blocks"), 200)["rows"][0]["holder"]["name"] == PLANTED


def test_goods_come_and_go(world: World) -> None:
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        named = {"kind": "in-kind", "name_vi": "Hiện vật", "purpose": "Hiện vật", "opened_on": OPENED_ON}
        open_fund(conn, world.commune, fund="HV", actor=ACTOR, **named)  # type: ignore[arg-type]
        open_program(
            conn, world.province, program="SACH", unit="school", name_vi="Sách", opened_on=OPENED_ON, actor=ACTOR
        )
    brought = {
        "received_on": "2025-03-05",
        "description": "Bộ sách",
        "quantity": 7,
        "unit": "set",
        "giver": {"name": PLANTED},
    }
    counted = done(send(world, "/goods", brought))["goods"]["id"]
    value = {"value_minor": 1_000_000, "account": "152", "fund": "HV"}
    valued = done(send(world, "/goods", {**brought, "value": value}))["goods"]["id"]
    for goods in (counted, valued):
        handed = done(send(world, f"/goods/{goods}/handovers", {"on": "2025-04-01", "quantity": 3, "program": "SACH"}))
        assert handed["goods"]["left_quantity"] == 4
        more = send(world, f"/goods/{goods}/handovers", {"on": "2025-04-01", "quantity": 5, "program": "SACH"})
        assert more.json()["code"] == "goods_not_there"
    told = done(get(world, f"/goods/{counted}"), 200)
    handover = told["handovers"][0]["id"]
    wrong = send(world, f"/goods/{valued}/handovers/{handover}/undoing", {"reason": "Chưa giao"})
    assert wrong.json()["code"] == "handover_not_found"
    undone = done(send(world, f"/goods/{counted}/handovers/{handover}/undoing", {"reason": "Chưa giao"}), 200)
    assert undone["goods"]["left_quantity"] == 7
    assert (
        done(send(world, f"/goods/{counted}/withdrawal", {"reason": "Ghi trùng"}), 200)["goods"]["state"] == "withdrawn"
    )
    rows = done(get(world, "/goods?is_there=true", "reader"), 200)["rows"]
    assert [(row["id"], row["name"], row["description"]) for row in rows] == [(valued, None, None)]


DRAFT = {
    "kind": "drive",
    "body": {
        "received_on": "5/3/2025",
        "medium": "cash",
        "account": "1111",
        "fund": "QC",
        "channel": "household",
        "declared_count": "1",
        "declared_total": "500.000",
        "lines": [{"donor": PLANTED, "amount": "500.000"}],
    },
}


def test_a_draft_goes_its_way(world: World) -> None:
    draft = done(send(world, "/drafts", DRAFT))
    path = f"/drafts/{draft['id']}"
    saving = {"version": 1, "body": {**DRAFT["body"], "lines": [{"donor": PLANTED, "amount": "1tr5"}]}}  # type: ignore[dict-item]
    saved = done(send(world, path, saving, method="PUT"), 200)
    assert saved["version"] == 2
    stale = send(world, path, saving, method="PUT")
    assert (stale.status_code, stale.json()["code"], stale.json()["version_now"]) == (409, "draft_stale", 2)
    unread = send(world, f"{path}/submission", {"version": 2})
    assert [(each["code"], each["row"], each["pointer"]) for each in unread.json()["errors"]] == [
        ("amount_refused", 1, "/lines/0/amount")
    ]
    done(send(world, path, {"version": 2, "body": DRAFT["body"]}, method="PUT"), 200)
    done(send(world, f"{path}/submission", {"version": 3}), 200)
    returned = done(send(world, f"{path}/return", {"version": 4, "reason": "Thiếu thôn"}), 200)
    assert (returned["state"], returned["return_reason"]) == ("open", "Thiếu thôn")
    done(send(world, f"{path}/submission", {"version": 5}), 200)
    not_theirs = send(world, f"{path}/recall", {"version": 6}, token="server")
    assert (not_theirs.status_code, not_theirs.json()["code"]) == (404, "draft_not_found")
    assert done(send(world, f"{path}/recall", {"version": 6}), 200)["state"] == "open"
    done(send(world, f"{path}/submission", {"version": 7}), 200)
    posted = done(send(world, f"{path}/posting", {"version": 8}))
    assert posted["draft"]["state"] == "posted"
    assert send(world, f"{path}/recall", {"version": 9}).json()["code"] == "draft_state_refused"
    again = done(send(world, f"{path}/posting", {"version": 8}))
    assert again["received"] == posted["received"]
    assert PLANTED not in get(world, path).text
    assert done(get(world, "/drafts"), 200)["rows"] == []
    begun = done(send(world, "/drafts", DRAFT))
    assert done(send(world, f"/drafts/{begun['id']}/discard", {"version": 1}), 200)["body"] == {}


def test_what_waits_is_counted_for_what_the_token_may_go_on_with(world: World) -> None:
    promise = {"giver": {"name": PLANTED}, "amount_minor": 5, "pledged_on": "2025-03-05", "due_on": "2025-06-30"}
    before = done(get(world, "/waiting"), 200)
    done(send(world, "/pledges", {**promise, "fund": "QC"}))
    done(send(world, "/drafts", {"kind": "drive", "body": {"lines": []}}))
    after = done(get(world, "/waiting"), 200)
    assert {name for name in after if after[name] != before[name]} == {"pledges_due", "drafts_open"}
    reader = done(get(world, "/waiting", "reader"), 200)
    assert {name for name, count in reader.items() if count is not None} == {"jobs_running", "jobs_failed"}
    assert done(get(world, "/jobs"), 200) == {"rows": []}


def test_what_is_elsewhere_is_not_found(world: World) -> None:
    received = done(send(world, "/contributions", collection()))
    contribution = received["contributions"][0]["id"]
    draft = done(send(world, "/drafts", DRAFT))["id"]
    other = world.path(world.elsewhere)
    for rest in (f"/contributions/{contribution}", f"/drafts/{draft}"):
        assert world.get(other + rest, "elsewhere").status_code == 404
        assert world.get(world.path(world.commune, rest), "elsewhere").status_code == 404
    assert world.get(f"{other}/entries/{received['entry']}/contributions", "elsewhere").json()["rows"] == []
    for prefix, rest in (("ct", "contributions"), ("pl", "pledges"), ("bl", "receipt-blocks"), ("gd", "goods")):
        unknown = typeid.encode(prefix, typeid.new_id())
        assert get(world, f"/{rest}/{unknown}").status_code == 404
        assert get(world, f"/{rest}/x").status_code == 404


def test_a_long_list_is_taken_in_one_request(world: World) -> None:
    gifts = [gift(1_000 + place, f"Người Mẫu {place}") for place in range(2_500)]
    received = done(send(world, "/contributions", json.dumps(collection(*gifts)).encode()))
    assert len(received["contributions"]) == 2_500
