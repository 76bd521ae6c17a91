"""Consent over the API: asked by rooms, answered one by one or many at once, read with its reason, and its policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from api import tokens
from api.auth import RIGHTS
from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import Role
from ledger.approvals.commands import ask
from ledger.approvals.model import Action
from ledger.books.model import Actor
from ledger.calendar import today
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.integration.api.conftest import World
from tests.people_who_sign_in import Person, make_person

ROLES: tuple[Role, ...] = ("accountant", "chief_accountant", "account_holder")
REASON = "Thiếu biên bản họp xét của Ngô Thị Dấu Vết"


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """A commune in which tokens were given the roles that approve, and a person drafts."""

    world: World
    drafter: Person

    def ask(self, amount_minor: int = 1_000_000, *, action: Action = "exception", by: UUID | None = None) -> str:
        """Have somebody ask for consent to something."""
        actor = Actor(principal_id=by or self.drafter.user_id, role="accountant", prefix=typeid.USER)
        with self.world.engine.begin() as conn:
            set_tenant(conn, self.world.commune.tenant_id)
            made = ask(conn, self.world.commune, action, typeid.new_id(), amount_minor=amount_minor, actor=actor)
        return typeid.encode(typeid.APPROVAL, made)

    def send(self, rest: str, body: Any = None, *, token: str = "chief_accountant", **more: Any) -> Any:
        return self.world.send(self.world.path(self.world.commune, rest), body, token=token, **more)

    def answer(self, approval: str, how: str, body: Any = None, **more: Any) -> Any:
        return self.send(f"/approvals/{approval}/{how}", body, **more)

    def get(self, rest: str, token: str = "chief_accountant") -> Any:
        return self.world.get(self.world.path(self.world.commune, rest), token)

    def rows(self, query: str = "", token: str = "chief_accountant") -> list[dict[str, Any]]:
        answer = self.get(f"/approvals{query}", token)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows


@pytest.fixture
def council(world: World) -> Council:
    book = world.commune
    with world.engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        for role in ROLES:
            made = tokens.create_token(
                conn,
                tenant_id=book.tenant_id,
                label=role,
                rights=tuple(RIGHTS),
                association_ids=[book.association_id],
                reaches_below=False,
                expires_at=tokens.expiry_after(1),
                actor=None,
            )
            world.secrets[role] = made.secret
            (token_id,) = (row.token_id for row in tokens.list_tokens(conn, book.tenant_id) if row.label == role)
            grant_role(conn, book, token_id, role, actor=Actor(principal_id=UUID(int=1), role="server"))
        drafter = make_person(conn, book, "accountant", name="Lê Thị Lập")
    return Council(world=world, drafter=drafter)


@pytest.fixture
def admin(database_url: str) -> Iterator[sa.Engine]:
    """A superuser, who reads what nobody may and makes days pass."""
    engine = sa.create_engine(driver_url(database_url), poolclass=sa.NullPool)
    yield engine
    engine.dispose()


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_request_is_read_with_its_steps_and_granted_in_their_order(council: Council) -> None:
    asked = council.ask(2_500_000)
    told = done(council.get(f"/approvals/{asked}"))
    steps = [(each["step"], each["role"], each["granted"]) for each in told["steps"]]
    assert steps == [(1, "chief_accountant", None), (2, "account_holder", None)]
    assert (told["state"], told["action"], told["amount_minor"]) == ("asked", "exception", 2_500_000)
    assert told["subject"].startswith("ex_")
    assert (told["name"], told["own"], told["reason"]) == ("Lê Thị Lập", False, None)
    early = council.answer(asked, "grant", token="account_holder")
    assert (early.status_code, early.json()["code"], early.json()["reason"]) == (409, "approval_not_asked", "role")
    assert done(council.answer(asked, "grant"))["state"] == "asked"
    assert done(council.answer(asked, "grant", token="account_holder"))["state"] == "approved"
    over = council.answer(asked, "grant", token="account_holder")
    assert (over.status_code, over.json()["code"], over.json()["state"]) == (409, "approval_state", "approved")


def test_a_denial_says_why_to_those_who_see_people_and_that_is_written_down(council: Council, admin: sa.Engine) -> None:
    asked = council.ask()
    refused = council.answer(asked, "denial", {"reason": " "})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert done(council.answer(asked, "denial", {"reason": REASON}))["state"] == "denied"
    assert done(council.get(f"/approvals/{asked}"))["reason"] == REASON
    assert done(council.get(f"/approvals/{asked}", "reader"))["reason"] is None, "it may name somebody"
    assert "reason" not in council.rows()[0], "a list opens nothing"
    with admin.begin() as conn:
        opened = conn.execute(sa.text("SELECT field, purpose FROM vault.opening")).all()
    assert set(map(tuple, opened)) == {("reason", "denial")}
    again = council.answer(asked, "grant", token="account_holder")
    assert (again.status_code, again.json()["state"]) == (409, "denied")


def test_many_are_answered_at_once_or_none_with_every_fault_at_its_place(council: Council) -> None:
    first, second, third = (council.ask() for _ in range(3))
    own = council.ask(by=_principal(council, "chief_accountant"))
    done(council.answer(third, "denial", {"reason": REASON}))
    nowhere = typeid.encode(typeid.APPROVAL, typeid.new_id())
    answer = council.send("/approvals/decisions", {"approvals": [first, own, third, nowhere, first], "grant": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "approval_decisions_refused")
    assert [(each["pointer"], each["code"], each.get("reason")) for each in answer.json()["errors"]] == [
        ("/approvals/1", "approval_not_asked", "drafter"),
        ("/approvals/2", "approval_state", None),
        ("/approvals/3", "approval_not_found", None),
        ("/approvals/4", "approval_not_asked", "twice"),
    ]
    assert {row["id"]: row["steps"][0]["granted"] for row in council.rows("?state=asked")}[first] is None
    body = {"approvals": [second, first], "grant": True}
    told = council.send("/approvals/decisions", body, key="many")
    assert [(row["id"], row["steps"][0]["granted"]) for row in done(told)["rows"]] == [(second, True), (first, True)]
    again = council.send("/approvals/decisions", body, key="many")
    assert (done(again), again.headers["Idempotent-Replay"]) == (told.json(), "true")
    no_reason = council.send("/approvals/decisions", {"approvals": [first], "grant": False}, token="account_holder")
    assert (no_reason.status_code, no_reason.json()["code"]) == (422, "text_refused")
    denied = {"approvals": [first, second], "grant": False, "reason": REASON}
    rows = done(council.send("/approvals/decisions", denied, token="account_holder"))["rows"]
    assert {row["state"] for row in rows} == {"denied"}
    for approval in (first, second):
        assert done(council.get(f"/approvals/{approval}"))["reason"] == REASON


def test_more_than_a_hundred_are_not_answered_at_once(council: Council) -> None:
    ids = [typeid.encode(typeid.APPROVAL, typeid.new_id()) for _ in range(101)]
    assert council.send("/approvals/decisions", {"approvals": ids, "grant": True}).status_code == 422


def _principal(council: Council, label: str) -> UUID:
    with council.world.engine.begin() as conn:
        set_tenant(conn, council.world.commune.tenant_id)
        listed = tokens.list_tokens(conn, council.world.commune.tenant_id)
    return next(row.token_id for row in listed if row.label == label)


def test_requests_are_found_by_state_kind_and_whom_they_wait_for_page_by_page(council: Council) -> None:
    first, second = council.ask(), council.ask(action="adjustment")
    third = council.ask(by=_principal(council, "chief_accountant"))
    fourth = council.ask()
    done(council.answer(fourth, "grant"))
    ids = [row["id"] for row in council.rows()]
    assert ids == [fourth, third, second, first]
    page = done(council.get("/approvals?page_size=3"))
    rest = done(council.get(f"/approvals?page_size=3&cursor={page['next_cursor']}"))
    assert [row["id"] for row in page["rows"] + rest["rows"]] == ids
    assert rest["next_cursor"] is None
    assert [row["id"] for row in council.rows("?action=adjustment")] == [second]
    assert [row["id"] for row in council.rows("?mine=true")] == [first], "not its own, nor what is asked of others"
    assert [row["id"] for row in council.rows("?mine=true", "account_holder")] == [fourth, second]
    assert council.rows("?mine=true", "reader") == []
    done(council.answer(first, "withdrawal", token="account_holder"))
    assert [row["id"] for row in council.rows("?state=withdrawn")] == [first]
    for cursor in ("x", "pl_01h455vb4pex5vsknk084sn04t"):
        assert council.get(f"/approvals?cursor={cursor}").json()["code"] == "cursor_malformed"


def test_names_of_colleagues_are_for_those_who_may_see_them(council: Council) -> None:
    asked = council.ask()
    assert council.rows()[0]["name"] == "Lê Thị Lập"
    for rest in ("/approvals", f"/approvals/{asked}"):
        seen = council.get(rest, "reader")
        assert seen.status_code == 200
        assert "Lê Thị Lập" not in seen.text


def test_who_asked_takes_it_back_or_one_who_is_asked(council: Council) -> None:
    accountant = _principal(council, "accountant")
    own, other = council.ask(by=accountant), council.ask()
    refused = council.answer(other, "withdrawal", token="accountant")
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_withdrawal_refused")
    assert done(council.answer(own, "withdrawal", token="accountant"))["state"] == "withdrawn"
    assert council.answer(own, "withdrawal", token="accountant").json()["state"] == "withdrawn"
    for role in ("chief_accountant", "account_holder"):
        done(council.answer(other, "grant", token=role))
    assert done(council.answer(other, "withdrawal"))["state"] == "withdrawn", "as long as it was not carried out"


def test_a_policy_asks_more_from_an_amount_on_and_never_less_than_the_law(council: Council) -> None:
    before = done(council.get("/approval-policies", "reader"))["rows"]
    assert {(row["id"], row["from_minor"]) for row in before} == {(None, 0)}
    policy = {"action": "exception", "from_minor": 5_000_000, "roles": list(ROLES), "ordered": False, "days": 7}
    told = done(council.send("/approval-policies", policy), 201)["rows"]
    (made,) = (row for row in told if row["from_minor"] == 5_000_000)
    assert {name: made[name] for name in policy} == policy
    assert len(done(council.get(f"/approvals/{council.ask(5_000_000)}"))["steps"]) == 3
    assert len(done(council.get(f"/approvals/{council.ask(4_999_999)}"))["steps"]) == 2
    fewer = council.send("/approval-policies", {**policy, "roles": ["chief_accountant"]})
    assert (fewer.status_code, fewer.json()["reason"]) == (422, "law")
    assert council.send("/approval-policies", {**policy, "roles": ["cashier"]}).status_code == 422


def test_a_request_that_nobody_answered_in_time_expires(council: Council, admin: sa.Engine) -> None:
    """The day is shifted instead of the clock; what was approved before stays so."""
    late, done_before, still = council.ask(), council.ask(), council.ask()
    for role in ("chief_accountant", "account_holder"):
        done(council.answer(done_before, "grant", token=role))
    with admin.begin() as conn:
        conn.execute(sa.text("ALTER TABLE soquy.approval DISABLE TRIGGER approval_append_only"))
        for day, ids in ((today() - timedelta(days=1), (late, done_before)), (today(), (still,))):
            uuids = [typeid.decode(typeid.APPROVAL, each) for each in ids]
            shift = sa.text("UPDATE soquy.approval SET expires_on = :day WHERE approval_id = ANY (:ids)")
            conn.execute(shift, {"day": day, "ids": uuids})
        conn.execute(sa.text("ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_append_only"))
    states = {row["id"]: row["state"] for row in council.rows()}
    assert (states[late], states[done_before], states[still]) == ("expired", "approved", "asked")
    assert [row["id"] for row in council.rows("?mine=true")] == [still], "its last day counts"
    for how, body in (("grant", None), ("denial", {"reason": REASON}), ("withdrawal", None)):
        answer = council.answer(late, how, body)
        assert (answer.status_code, answer.json()["state"]) == (409, "expired")
