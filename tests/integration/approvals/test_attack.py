"""I11 by plain SQL, as the application's own role: no consent without those who are asked, and none changed later."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from audit.jcs import Json
from ledger import typeid
from ledger.approvals.commands import deny, grant, withdraw
from ledger.books.event import record_event
from ledger.books.model import Actor
from ledger.books.taking import take_book
from ledger.calendar import today
from tests.factories import ACTOR
from tests.integration.approvals.conftest import Council

DECISION = """\
INSERT INTO soquy.approval_decision (tenant_id, approval_id, step, book_id, is_granted, user_id, event_id)
VALUES (:tenant_id, :approval_id, :step, :book_id, :is_granted, :user_id, :event_id)"""
APPROVAL = """\
INSERT INTO soquy.approval (tenant_id, approval_id, book_id, action, subject_id, amount_minor, roles, is_ordered,
    drafted_by, expires_on)
VALUES (:tenant_id, :approval_id, :book_id, :action, :subject_id, :amount_minor, :roles, :is_ordered, :drafted_by,
    :expires_on)"""
POLICY = """\
INSERT INTO soquy.approval_policy (tenant_id, policy_id, book_id, action, from_minor, roles, is_ordered, days)
VALUES (:tenant_id, :policy_id, :book_id, :action, :from_minor, :roles, :is_ordered, :days)"""
WITHDRAWAL = """\
INSERT INTO soquy.approval_withdrawal (tenant_id, approval_id, book_id, event_id)
VALUES (:tenant_id, :approval_id, :book_id, :event_id)"""


def refused(council: Council, statement: str, **row: object) -> str:
    """Run a statement of an intruder and return the rule that refused it."""
    home = {"tenant_id": council.book.tenant_id, "book_id": council.book.book_id}
    asked = sa.text(statement)
    used = {name: value for name, value in {**home, **row}.items() if name in asked.compile().params}
    with pytest.raises(DatabaseError) as caught, council.conn.begin_nested():
        council.conn.execute(asked, used)
    return str(getattr(caught.value.orig, "diag", None) and caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def leaf(council: Council, type_: str, payload: Mapping[str, Json]) -> UUID:
    """Append a leaf that says what the intruder wants it to say; the book is taken."""
    take_book(council.conn, council.book)
    return record_event(council.conn, council.book, type_, payload, actor=ACTOR)


def decision(council: Council, approval_id: UUID, who: Actor, *, step: int = 1, role: str) -> str:
    """Decide with a leaf that says just that."""
    payload: dict[str, Json] = {"approval": typeid.encode(typeid.APPROVAL, approval_id), "step": step, "role": role}
    row = {"approval_id": approval_id, "step": step, "is_granted": True, "user_id": who.principal_id}
    return refused(council, DECISION, event_id=leaf(council, "approval.granted", payload), **row)


def test_a_decision_has_a_leaf_that_says_the_same(council: Council) -> None:
    asked, chief = council.ask(), council.people["chief_accountant"]
    row = {"approval_id": asked, "step": 1, "is_granted": True, "user_id": chief.principal_id}
    assert refused(council, DECISION, event_id=typeid.new_id(), **row) == "approval_decision_leaf_given_rule"
    public_id = typeid.encode(typeid.APPROVAL, asked)
    event_id = leaf(council, "approval.granted", {"approval": public_id, "step": 1, "role": "chief_accountant"})
    for changes in ({"is_granted": False}, {"step": 2}, {"step": 3}, {"approval_id": council.ask()}):
        rule = refused(council, DECISION, event_id=event_id, **{**row, **changes})
        assert rule == "approval_decision_leaf_given_rule", changes


def test_nothing_is_said_in_a_book_that_there_is_not(council: Council) -> None:
    asked = council.ask()
    said = {"is_granted": True, "step": 1, "user_id": council.people["chief_accountant"].principal_id}
    for statement, table in ((DECISION, "approval_decision"), (WITHDRAWAL, "approval_withdrawal")):
        rule = refused(council, statement, book_id=-1, approval_id=asked, event_id=typeid.new_id(), **said)
        assert rule == f"{table}_book_fk"


def test_a_decision_is_of_who_holds_the_role_and_did_not_draft_it(council: Council) -> None:
    asked = council.ask()
    for name in ("accountant", "account_holder", "cashier"):
        expected = "approval_decision_drafter_rule" if name == "accountant" else "approval_decision_role_rule"
        assert decision(council, asked, council.people[name], role="chief_accountant") == expected
    stranger = Actor(principal_id=typeid.new_id(), role="chief_accountant", prefix=typeid.USER)
    assert decision(council, asked, stranger, role="chief_accountant") == "approval_decision_role_rule"


def test_steps_follow_one_another_where_order_matters(council: Council) -> None:
    holder = council.people["account_holder"]
    assert decision(council, council.ask(), holder, step=2, role="account_holder") == "approval_decision_order_rule"


def test_nothing_is_decided_after_a_no_or_after_it_was_taken_back(council: Council) -> None:
    denied, withdrawn = council.ask(), council.ask()
    grant(council.conn, council.book, denied, actor=council.people["chief_accountant"])
    deny(council.conn, council.book, denied, reason="Sai", actor=council.people["account_holder"])
    withdraw(council.conn, council.book, withdrawn, actor=council.people["accountant"])
    other = council.another("chief_accountant")
    assert decision(council, withdrawn, other, role="chief_accountant") == "approval_decision_over_rule"
    holder = council.another("account_holder")
    assert decision(council, denied, holder, step=2, role="account_holder") == "approval_decision_pk"


def request(council: Council, **changes: Any) -> str:
    """Ask with a leaf that says just that."""
    row: dict[str, Any] = {
        "action": "payment",
        "subject_id": typeid.new_id(),
        "amount_minor": 1_000_000,
        "roles": ["chief_accountant", "account_holder"],
        "is_ordered": True,
        "expires_on": today() + timedelta(days=30),
        **changes,
    }
    payload: dict[str, Json] = {
        "action": row["action"],
        "subject": typeid.encode(typeid.PROPOSAL, row["subject_id"]),
        "amount_minor": row["amount_minor"],
        "roles": row["roles"],
        "ordered": row["is_ordered"],
        "expires_on": str(row["expires_on"]),
    }
    approval_id = leaf(council, "approval.asked", payload)
    return refused(council, APPROVAL, approval_id=approval_id, drafted_by=ACTOR.principal_id, **row)


def test_a_request_asks_whom_the_policy_names_and_no_longer_than_it_allows(council: Council) -> None:
    for changes in (
        {"roles": ["account_holder"]},
        {"roles": ["account_holder", "chief_accountant"]},
        {"is_ordered": False},
        {"expires_on": today() + timedelta(days=31)},
        {"expires_on": today() - timedelta(days=1)},
    ):
        assert request(council, **changes) == "approval_terms_rule", changes
    subject = typeid.new_id()
    council.ask(subject_id=subject)
    assert request(council, subject_id=subject) == "approval_subject_rule"


def test_a_policy_asks_at_least_those_whom_the_law_asks(council: Council) -> None:
    for roles in (["chief_accountant"], ["chief_accountant", "account_holder", "collector"]):
        row: dict[str, Any] = {"action": "payment", "from_minor": 0, "roles": roles, "is_ordered": True, "days": 5}
        payload: dict[str, Json] = {"action": "payment", "from_minor": 0, "roles": roles, "ordered": True, "days": 5}
        policy_id = leaf(council, "approval.policy_set", payload)
        assert refused(council, POLICY, policy_id=policy_id, **row) == "approval_policy_floor_rule"
        assert refused(council, POLICY, policy_id=typeid.new_id(), **row) == "approval_policy_leaf_given_rule"


def test_a_request_is_taken_back_with_a_leaf_that_says_so(council: Council) -> None:
    asked = council.ask()
    lie = leaf(council, "approval.withdrawn", {"approval": typeid.encode(typeid.APPROVAL, typeid.new_id())})
    for event_id in (typeid.new_id(), lie):
        rule = refused(council, WITHDRAWAL, approval_id=asked, event_id=event_id)
        assert rule == "approval_withdrawal_leaf_given_rule"


def test_nobody_but_the_triggers_uses_consent(council: Council) -> None:
    asked = council.ask()
    used = (
        "INSERT INTO soquy.approval_use (tenant_id, approval_id, book_id) VALUES (:tenant_id, :approval_id, :book_id)"
    )
    assert refused(council, used, approval_id=asked) == "None", "the application may not"
    call = "SELECT soquy.use_approval(:tenant_id, :book_id, 'payment', :subject_id)"
    assert refused(council, call, subject_id=typeid.new_id()) == "None", "nor call what may"


@pytest.mark.parametrize(
    "table", ["approval_policy", "approval", "approval_decision", "approval_withdrawal", "approval_use"]
)
def test_what_was_said_stays_said(council: Council, table: str) -> None:
    for statement in (
        f"UPDATE soquy.{table} SET book_id = book_id",
        f"DELETE FROM soquy.{table}",
        f"TRUNCATE soquy.{table}",
    ):
        with pytest.raises(DatabaseError), council.conn.begin_nested():
            council.conn.execute(sa.text(statement))
