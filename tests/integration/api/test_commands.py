"""What changes a book besides entries: once for each request, whoever repeats it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ledger.tenancy import set_tenant
from tests.integration.api.conftest import World, entry

CHANGES: list[tuple[str, dict[str, Any], int]] = [
    (
        "/accounts",
        {"account": "1121B", "parent": "1121", "name_vi": "Tiền gửi", "name_en": "Bank", "opened_on": "2025-01-01"},
        201,
    ),
    ("/accounts/1411/closing", {"closed_on": "2025-06-30"}, 200),
    (
        "/funds",
        {"fund": "HB", "kind": "earmarked", "name_vi": "Học bổng", "purpose": "Học bổng", "opened_on": "2025-01-01"},
        201,
    ),
    ("/funds/QC/closing", {"closed_on": "2025-06-30"}, 200),
    ("/campaigns", {"campaign": "KH2025", "name_vi": "Một ngày lương", "opened_on": "2025-09-01"}, 201),
    ("/programs", {"program": "HOCBONG", "unit": "award", "name_vi": "Học bổng", "opened_on": "2025-01-01"}, 201),
    ("/vouchers", {"kind": "PC", "issued_on": "2025-03-05"}, 201),
    ("/locks", {"through": "2025-02-14"}, 201),
]


def change(world: World, path: str, body: dict[str, Any], key: str | None = None) -> Any:
    """Send a change to the commune, and what a whole tree shares to the province at its top."""
    book, token = (world.province, "province") if path in {"/campaigns", "/programs"} else (world.commune, "commune")
    return world.send(world.path(book, path), body, token=token, key=key)


def leaves(world: World) -> list[str]:
    found: list[str] = []
    with world.engine.begin() as conn:
        for tenant_id in (0, 1, 2):
            set_tenant(conn, tenant_id)
            found += conn.execute(text("SELECT type FROM soquy.audit_entry ORDER BY event_id")).scalars()
    return found


@pytest.mark.parametrize(("path", "body", "status"), CHANGES, ids=[path for path, _, _ in CHANGES])
def test_a_change_happens_once_however_often_it_is_asked_for(
    world: World, path: str, body: dict[str, Any], status: int
) -> None:
    first = change(world, path, body, key="k")
    assert first.status_code == status, first.text
    before = leaves(world)
    again = change(world, path, body, key="k")
    assert (again.status_code, again.json()) == (status, first.json())
    assert again.headers["idempotent-replay"] == "true"
    assert leaves(world) == before
    other = {**body, next(iter(body)): body[next(iter(body))] + "0"}
    conflict = change(world, path, other, key="k")
    assert conflict.status_code in {409, 422}


def test_what_was_opened_is_listed(world: World) -> None:
    for path, body, _ in CHANGES:
        change(world, path, body)
    accounts = world.get(world.path(world.commune, "/accounts")).json()["rows"]
    assert next(row for row in accounts if row["account"] == "1121B")["role"] == "bank"
    funds = world.get(world.path(world.commune, "/funds")).json()["rows"]
    assert [row["fund"] for row in funds] == ["HB", "QC"]
    assert world.get(world.path(world.commune, "/campaigns")).json()["rows"][0]["campaign"] == "KH2025"
    assert world.get(world.path(world.commune, "/programs")).json()["rows"][0]["unit"] == "award"
    assert world.get(world.path(world.commune, "/locks")).json()["rows"][0]["locked_through"] == "2025-02-28"


@pytest.mark.parametrize("what", ["campaign", "program"])
def test_what_a_whole_tree_shares_is_opened_at_its_top_alone(world: World, what: str) -> None:
    body = next(body for path, body, _ in CHANGES if path == f"/{what}s")
    answer = world.send(world.path(world.commune, f"/{what}s"), body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_at_top")


def test_an_account_without_an_english_name_takes_the_vietnamese_one(world: World) -> None:
    account = {"account": "1121B", "parent": "1121", "name_vi": "Tiền gửi", "opened_on": "2025-01-01"}
    made = world.send(world.path(world.commune, "/accounts"), account)
    assert (made.status_code, made.json()["name_en"]) == (201, "Tiền gửi"), made.text


def test_what_requests_may_name_is_listed_and_a_refusal_says_where(world: World) -> None:
    found = world.get("/v1/charts", token="reader").json()
    regime = next(row for row in found["rows"] if row["chart"] == "TT24")
    kinds = {kind["kind"]: kind["account"] for kind in regime["fund_kinds"]}
    assert (kinds["general"], kinds["in-kind"], len(kinds)) == ("35381", "35385", 6)
    assert {kind["kind"]: kind["moves"] for kind in regime["voucher_kinds"]}["PT"] == "cash in"
    assert "household" in {each["channel"] for each in found["channels"]}
    assert found["program_units"] == ["award", "school", "piece"]
    fund = {"fund": "X", "kind": "no-kind", "name_vi": "Quỹ", "opened_on": "2025-01-01"}
    wrong_channel = entry()
    wrong_channel["lines"][1]["channel"] = "nowhere"
    for path, body in (
        ("/funds", fund),
        ("/vouchers", {"kind": "XX", "issued_on": "2025-03-05"}),
        ("/entries", wrong_channel),
        ("/entries", entry(voucher="XX")),
    ):
        error = world.send(world.path(world.commune, path), body).json()["errors"][0]
        assert "GET /v1/charts" in error["detail"], error
        assert "GET /v1/charts" in error["detail_en"], error
    chart = world.send("/v1/associations", {**ASSOCIATION, "chart": "TT99"}, token="server").json()
    assert "GET /v1/charts" in chart["detail"]


def test_a_voucher_is_issued_executed_or_voided(world: World) -> None:
    world.send(world.path(world.commune, "/entries"), entry())
    agreed = world.agreed(entry(-1_000))
    world.send(world.path(world.commune, "/vouchers"), {"kind": "PC", "issued_on": "2025-03-05"})
    paid = world.send(world.path(world.commune, "/entries"), agreed)
    assert paid.json()["voucher"] == "PC/2025/1"
    path = world.path(world.commune, "/vouchers/PC/2025/2/void")
    voided = world.send(path, {"reason": "Người nhận không đến"})
    assert voided.json()["voided_at"] is not None
    assert world.send(path, {"reason": "Lần nữa"}).json()["code"] == "voucher_void"
    executed = world.send(world.path(world.commune, "/vouchers/PC/2025/1/void"), {"reason": "x"})
    assert (executed.status_code, executed.json()["code"]) == (409, "voucher_executed")
    missing = world.send(world.path(world.commune, "/vouchers/PC/2025/9/void"), {"reason": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "voucher_not_found")
    page = world.get(world.path(world.commune, "/vouchers?kind=PC&year=2025&page_size=1")).json()
    assert (page["rows"][0]["entry_id"], page["next_cursor"]) == (paid.json()["id"], "1")
    rest = world.get(world.path(world.commune, "/vouchers?kind=PC&year=2025&cursor=1")).json()
    assert ([row["voucher"] for row in rest["rows"]], rest["next_cursor"]) == (["PC/2025/2"], None)


def test_refusals_of_the_ledger_say_what_and_where(world: World) -> None:
    def code(path: str, body: dict[str, Any]) -> tuple[int, str]:
        answer = world.send(world.path(world.commune, path), body)
        return answer.status_code, answer.json()["code"]

    fund = {"fund": "QC", "kind": "general", "name_vi": "Quỹ", "opened_on": "2025-01-01"}
    assert code("/funds", fund) == (409, "code_taken")
    assert code("/funds", {**fund, "fund": "X", "kind": "no-kind"}) == (422, "reference_unknown")
    assert code("/funds", {**fund, "fund": "X", "kind": "tet"}) == (422, "field_refused")
    assert code("/locks", {"through": "2999-01-01"}) == (422, "month_not_lockable")
    world.send(world.path(world.commune, "/entries"), entry())
    assert code("/funds/QC/closing", {"closed_on": "2025-12-31"}) == (422, "closing_refused")
    world.send(world.path(world.commune, "/locks"), {"through": "2025-03-31"})
    assert code("/entries", entry()) == (422, "posting_refused")


ASSOCIATION = {
    "name_vi": "Hội mới",
    "kind": "learning-promotion",
    "level": "commune",
    "founded_on": "2025-01-01",
    "books_open_on": "2025-01-01",
}


def test_the_server_founds_a_tree_and_the_tree_founds_below_itself(world: World) -> None:
    root = world.send("/v1/associations", {**ASSOCIATION, "level": "province"}, token="server", key="f")
    assert root.status_code == 201, root.text
    again = world.send("/v1/associations", {**ASSOCIATION, "level": "province"}, token="server", key="f")
    assert (again.json(), again.headers["idempotent-replay"]) == (root.json(), "true")
    parent = world.path(world.province).rpartition("/")[2]
    child = world.send("/v1/associations", {**ASSOCIATION, "parent": parent}, token="province")
    assert (child.status_code, child.json()["parent"]) == (201, parent)
    alone = world.send("/v1/associations", ASSOCIATION, token="province")
    assert (alone.status_code, alone.json()["code"]) == (403, "founding_refused")
    foreign = world.path(world.elsewhere).rpartition("/")[2]
    stranger = world.send("/v1/associations", {**ASSOCIATION, "parent": foreign}, token="province")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "association_not_found")


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def asked_token(world: World, **more: Any) -> dict[str, Any]:
    own = world.path(world.commune).rpartition("/")[2]
    return {"label": "Máy 2", "rights": ["read"], "associations": [own], "expires_at": in_days(10), **more}


def test_a_token_is_made_used_and_revoked(world: World) -> None:
    body = asked_token(world)
    made = world.send("/v1/tokens", body, key="t")
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    world.secrets["new"] = made.json()["token"]
    assert world.get(world.path(world.commune), token="new").status_code == 200
    again = world.send("/v1/tokens", body, key="t")
    assert again.json() == {**made.json(), "token": None}
    listed = world.get("/v1/tokens").json()["rows"]
    assert made.json()["id"] in [row["id"] for row in listed]
    assert all(row["label"] != "province" for row in listed)
    revoked = world.send(f"/v1/tokens/{made.json()['id']}", b"", method="DELETE", key="x")
    assert revoked.json()["revoked_at"] is not None
    replay = world.send(f"/v1/tokens/{made.json()['id']}", b"", method="DELETE", key="x")
    assert replay.headers["idempotent-replay"] == "true"
    twice = world.send(f"/v1/tokens/{made.json()['id']}", b"", method="DELETE")
    assert (twice.status_code, twice.json()["code"]) == (404, "token_not_found")
    assert world.get(world.path(world.commune), token="new").json()["code"] == "token_revoked"
    made_and_revoked = (len(world.secrets), 2)
    assert tuple(leaves(world).count(name) for name in ("token.created", "token.revoked")) == made_and_revoked


def test_a_token_hands_on_no_more_than_it_has(world: World) -> None:
    above = world.path(world.province).rpartition("/")[2]

    def code(token: str = "commune", **more: Any) -> str:
        return str(world.send("/v1/tokens", asked_token(world, **more), token=token).json()["code"])

    assert code(associations=[above]) == "token_scope_refused"
    assert code(associations=[]) == "token_scope_refused"
    assert code(reaches_below=True) == "token_scope_refused"
    assert code(expires_at=in_days(-1)) == "token_expiry_refused"
    assert code(expires_at=in_days(9_999)) == "token_expiry_refused"
    assert code(rights=["read", "fly"]) == "request_refused"
    made = world.send("/v1/tokens", asked_token(world, rights=["token", "read"])).json()
    world.secrets["small"] = made["token"]
    assert code(token="small", rights=["post"]) == "token_right_refused"
    others = world.get("/v1/tokens", token="province").json()["rows"]
    theirs = next(row["id"] for row in others if row["label"] == "province")
    answer = world.send(f"/v1/tokens/{theirs}", b"", method="DELETE", token="small")
    assert (answer.status_code, answer.json()["code"]) == (404, "token_not_found")


def test_a_narrow_token_neither_sees_nor_outlives_a_broad_one(world: World) -> None:
    """Of the same association, a token with more rights or a longer reach is out of a lesser one's sight."""
    soon = in_days(1)
    made = world.send("/v1/tokens", asked_token(world, rights=["token"], expires_at=soon)).json()
    world.secrets["narrow"] = made["token"]
    broad = world.send("/v1/tokens", asked_token(world, rights=["token", "read"])).json()
    seen = {row["id"] for row in world.get("/v1/tokens", token="narrow").json()["rows"]}
    assert made["id"] in seen
    assert broad["id"] not in seen
    revoked = world.send(f"/v1/tokens/{broad['id']}", b"", method="DELETE", token="narrow")
    assert (revoked.status_code, revoked.json()["code"]) == (404, "token_not_found")
    longer = world.send("/v1/tokens", asked_token(world, rights=["token"], expires_at=in_days(2)), token="narrow")
    assert longer.json()["code"] == "token_expiry_refused"


def test_the_servers_own_token_sees_and_makes_tokens_everywhere(world: World) -> None:
    labels = {row["label"] for row in world.get("/v1/tokens", token="server").json()["rows"]}
    assert {"server", "province", "elsewhere"} <= labels
    made = world.send("/v1/tokens", asked_token(world, reaches_below=True), token="server")
    assert made.json()["token"].startswith(f"sq_{world.commune.tenant_id}_")
    revoked = world.send(f"/v1/tokens/{made.json()['id']}", b"", method="DELETE", token="server")
    assert revoked.status_code == 200
