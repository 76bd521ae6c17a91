from typing import Any

import pytest
from sqlalchemy import text

from ledger.tenancy import set_tenant
from tests.integration.api.conftest import World, entry


def count_entries(world: World) -> int:
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        return int(conn.execute(text("SELECT count(*) FROM soquy.entry")).scalar_one())


def codes(answer: Any) -> list[tuple[str, str | None]]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [(error["code"], error.get("pointer")) for error in answer.json()["errors"]]


def test_an_entry_is_posted_and_read_back(world: World) -> None:
    posted = world.send(world.path(world.commune, "/entries"), entry(description="Hộ ủng hộ"))
    assert posted.status_code == 201, posted.text
    assert (posted.json()["seq"], posted.json()["voucher"]) == (1, "PT/2025/1")
    read = world.get(world.path(world.commune, f"/entries/{posted.json()['id']}"))
    assert read.status_code == 200, read.text
    assert read.json()["description"] == "Hộ ủng hộ"
    assert [line["debit_minor"] for line in read.json()["lines"]] == [500_000, 0]


def test_the_same_request_again_gives_the_first_result_and_says_so(world: World) -> None:
    path = world.path(world.commune, "/entries")
    first = world.send(path, entry(), key="k1")
    spelled_otherwise = {"kind": "ordinary", "description": None, **dict(reversed(entry().items()))}
    again = world.send(path, spelled_otherwise, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert count_entries(world) == 1


def test_the_same_key_with_other_content_is_refused(world: World) -> None:
    path = world.path(world.commune, "/entries")
    world.send(path, entry(), key="k1")
    other = world.send(path, entry(600_000), key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert count_entries(world) == 1


def test_the_same_key_on_another_book_is_another_request(world: World) -> None:
    world.send(world.path(world.commune, "/entries"), entry(), key="k1", token="province")
    other = world.send(world.path(world.province, "/entries"), entry(), key="k1", token="province")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_two_callers_may_choose_the_same_key(world: World) -> None:
    first = world.send(world.path(world.commune, "/entries"), entry(), key="k1", token="commune")
    second = world.send(world.path(world.commune, "/entries"), entry(), key="k1", token="province")
    assert (first.json()["seq"], second.json()["seq"]) == (1, 2)


def test_a_request_without_a_key_is_refused(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.secrets['commune']}"}
    answer = world.client.post(world.path(world.commune, "/entries"), json=entry(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    headers["Idempotency-Key"] = "a b"
    answer = world.client.post(world.path(world.commune, "/entries"), json=entry(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")


def test_a_batch_is_posted_in_its_order(world: World) -> None:
    body = {"entries": [entry(100_000), world.agreed(entry(-40_000)), entry(70_000)]}
    posted = world.send(world.path(world.commune, "/entries/batch"), body, key="b1")
    assert posted.status_code == 201, posted.text
    assert [each["voucher"] for each in posted.json()["entries"]] == ["PT/2025/1", "PC/2025/1", "PT/2025/2"]
    assert (posted.json()["first_seq"], posted.json()["last_seq"]) == (1, 3)
    again = world.send(world.path(world.commune, "/entries/batch"), body, key="b1")
    assert again.json() == posted.json()
    assert again.headers["idempotent-replay"] == "true"


def test_one_bad_entry_keeps_the_batch_out_and_all_faults_have_their_place(world: World) -> None:
    wrong = entry()
    wrong["lines"][0]["account"] = "1119"
    wrong["lines"][1]["fund"] = "NO-FUND"
    late = entry(entry_on="2099-01-01")
    answer = world.send(world.path(world.commune, "/entries/batch"), {"entries": [entry(), wrong, entry(), late]})
    assert answer.status_code == 422
    assert codes(answer) == [
        ("account_unknown", "/entries/1/lines/0/account"),
        ("fund_unknown", "/entries/1/lines/1/fund"),
        ("unbalanced", "/entries/1/lines"),
        ("unbalanced", "/entries/1/lines"),
        ("voucher_kind_moves", "/entries/1/voucher"),
        ("day_in_future", "/entries/3/entry_on"),
    ]
    assert [error.get("row") for error in answer.json()["errors"]] == [2, 2, 2, 2, 2, 4]
    assert "1119" in answer.json()["errors"][0]["detail"]
    assert count_entries(world) == 0


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(world: World) -> None:
    path = world.path(world.commune, "/entries")
    for body, dry in ((entry(), f"{path}?dry_run=true"), ({"entries": [entry()]}, f"{path}/batch?dry_run=true")):
        answer = world.send(dry, body, key="d1")
        assert answer.status_code == 200, answer.text
        assert "PT/2025/1" in answer.text
    unheard = world.send(f"{path}?dry_run=true", entry(-1))
    assert codes(unheard) == [("consent_missing", "/voucher")]
    too_much = world.send(f"{path}?dry_run=true", world.agreed(entry(-1)))
    assert codes(too_much)[0] == ("overdraft", "/lines/0/value_minor")
    assert count_entries(world) == 0
    assert world.send(path, entry(), key="d1").status_code == 201


def test_an_overdraft_names_account_fund_and_day(world: World) -> None:
    answer = world.send(world.path(world.commune, "/entries"), world.agreed(entry(-500_000)))
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert {error["account"] for error in errors} == {"1111", "35381"}
    assert "-500.000 đ" in errors[0]["detail"]
    assert "05/03/2025" in errors[0]["detail"]
    assert "2025-03-05" in errors[0]["detail_en"]


def test_an_entry_is_reversed_once(world: World) -> None:
    posted = world.send(world.path(world.commune, "/entries"), entry()).json()
    path = world.path(world.commune, f"/entries/{posted['id']}/reversal")
    body = {"on": "2025-03-31", "reason": "Ghi nhầm"}
    first = world.send(path, body, key="r1")
    assert first.status_code == 201, first.text
    assert first.json()["voucher"] == "DC/2025/1"
    again = world.send(path, body, key="r1")
    assert (again.json(), again.headers["idempotent-replay"]) == (first.json(), "true")
    assert world.send(path, body, key="r2").json()["code"] == "already_reversed"
    read = world.get(world.path(world.commune, f"/entries/{posted['id']}")).json()
    assert read["corrected_by"][0]["id"] == first.json()["id"]


def test_an_adjustment_names_what_it_corrects(world: World) -> None:
    path = world.path(world.commune, "/entries")
    original = world.send(path, entry()).json()["id"]
    adjustment = entry(20_000, kind="adjustment", voucher="DC", corrects=original)
    assert codes(world.send(path, adjustment)) == [("consent_missing", "/voucher")]
    assert world.send(path, world.agreed(adjustment)).status_code == 201
    stranger = entry(20_000, kind="adjustment", voucher="DC", corrects="en_01h9hsy4k1fz8tq3v2w5n7c9ar")
    assert codes(world.send(path, stranger)) == [("corrected_not_found", "/corrects")]
    proposed = {**stranger, "issued_on": stranger.pop("entry_on")}
    proposed.pop("entry_on", None)
    refused = world.send(world.path(world.commune, "/proposals"), {"proposals": [proposed]})
    assert codes(refused) == [("corrected_not_found", "/proposals/0/corrects")]


def test_an_entry_of_another_book_is_not_there(world: World) -> None:
    posted = world.send(world.path(world.province, "/entries"), entry(), token="province").json()
    answer = world.get(world.path(world.commune, f"/entries/{posted['id']}"), token="province")
    assert (answer.status_code, answer.json()["code"]) == (404, "entry_not_found")


@pytest.mark.parametrize("entry_id", ["en_1", "as_01h455vb4pex5vsknk084sn02q", "%00", "x" * 200])
def test_an_id_that_is_none_is_not_found(world: World, entry_id: str) -> None:
    assert world.get(world.path(world.commune, f"/entries/{entry_id}")).status_code in {404, 422}


def test_a_foreign_gift_is_posted_with_its_rate(world: World) -> None:
    body = {
        "entry_on": "2025-03-05",
        "voucher": "BC",
        "rate": {"currency": "USD", "value": "25432.5", "source": "SBV"},
        "lines": [
            {"account": "1122USD", "fund": "QC", "value_minor": 2_543_250, "currency": "USD", "amount_minor": 10_000},
            {
                "account": "35381",
                "fund": "QC",
                "value_minor": -2_543_250,
                "currency": "USD",
                "amount_minor": -10_000,
                "channel": "donor-abroad",
            },
        ],
    }
    posted = world.send(world.path(world.commune, "/entries"), body)
    assert posted.status_code == 201, posted.text
    read = world.get(world.path(world.commune, f"/entries/{posted.json()['id']}")).json()
    assert (read["rate"]["currency"], float(read["rate"]["value"])) == ("USD", 25432.5)


def test_the_journal_comes_in_pages_and_as_csv(world: World) -> None:
    world.send(world.path(world.commune, "/entries/batch"), {"entries": [entry(n + 1) for n in range(7)]})
    path = world.path(world.commune, "/entries?from=2025-01-01&to=2025-12-31")
    seen: list[tuple[int, int]] = []
    cursor = ""
    while True:
        page = world.get(f"{path}&page_size=4{cursor}").json()
        assert len(page["rows"]) <= 4
        seen += [(row["seq"], row["line"]) for row in page["rows"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [(seq, line) for seq in range(1, 8) for line in (1, 2)]
    for answer in (world.get(f"{path}&format=csv"), world.get(path, headers={"Accept": "text/csv"})):
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}entry_on,seq,line,")
        assert len(answer.text.splitlines()) == 15


def test_a_typed_text_does_not_become_a_formula_in_a_spreadsheet(world: World) -> None:
    world.send(world.path(world.commune, "/entries"), entry(description="=HYPERLINK(1)"))
    answer = world.get(world.path(world.commune, "/entries?from=2025-01-01&to=2025-12-31&format=csv"))
    assert "'=HYPERLINK(1)" in answer.text
