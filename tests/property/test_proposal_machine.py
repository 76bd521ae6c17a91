"""Payments in any order of proposing, agreeing, denying, giving up and paying: money leaves when a model says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import Role
from ledger.approvals.commands import deny, grant_all
from ledger.books.model import Actor, Book
from ledger.errors import FaultsFound, LedgerError
from ledger.proposals.commands import ask_again, execute, give_up, propose
from ledger.proposals.model import Proposal
from ledger.proposals.queries import proposals
from ledger.reports.balance import account_balance
from tests.factories import ACTOR, make_ledger, payment, receipt

ON = date(2024, 3, 1)
ROLES: tuple[Role, ...] = ("accountant", "chief_accountant", "account_holder")
DONE = {"executed": "voucher_executed", "void": "voucher_void"}

indices = st.integers(0, 30)


@dataclass(slots=True, kw_only=True)
class Model:
    """A proposal as it should stand: who has agreed, in their order."""

    proposal_id: UUID
    approval_id: UUID
    amount: int
    state: str = "asked"
    agreed: int = 0


class Paying(RuleBasedStateMachine):
    """A book with some cash; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize(cash=st.integers(1, 300))
    def begin(self, cash: int) -> None:
        self.ledger, self.cash, self.made = make_ledger(self.engine), cash, list[Model]()
        self.ledger.post(receipt(cash, ON))
        self.people = {role: Actor(principal_id=typeid.new_id(), role=role, prefix=typeid.USER) for role in ROLES}
        with self.ledger.transaction() as conn:
            for role, person in self.people.items():
                grant_role(conn, self.ledger.book, person.principal_id, role, actor=ACTOR)

    def step(self, work: Callable[[sa.Connection, Book], object], due: set[str]) -> None:
        """Do it, and see that it is refused for what it should be, or not at all."""
        found: set[str] = set()
        try:
            with self.ledger.transaction() as conn:
                work(conn, self.ledger.book)
        except FaultsFound as error:
            found = {fault.code for fault in error.faults}
        except LedgerError as error:
            found = {error.code}
        assert found == due

    def some(self, chosen: Sequence[int]) -> list[Model]:
        """Return different proposals of those that there are."""
        return [self.made[index] for index in dict.fromkeys(index % len(self.made) for index in chosen)]

    @rule(amounts=st.lists(st.integers(1, 200), min_size=1, max_size=4))
    def propose(self, amounts: list[int]) -> None:
        drafts = [Proposal(draft=payment(amount, ON)) for amount in amounts]
        with self.ledger.transaction() as conn:
            made = propose(conn, self.ledger.book, drafts, actor=self.people["accountant"])
        self.made.extend(
            Model(proposal_id=each.proposal_id, approval_id=each.approval_id, amount=amount)
            for each, amount in zip(made, amounts, strict=True)
        )

    @precondition(lambda self: self.made)
    @rule(chosen=st.lists(indices, min_size=1, max_size=3), role=st.sampled_from(ROLES))
    def agree(self, chosen: list[int], role: Role) -> None:
        wanted = self.some(chosen)
        due = {
            "approval_state" if each.state != "asked" else "approval_not_asked"
            for each in wanted
            if each.state != "asked" or ROLES.index(role) != each.agreed + 1
        }
        ids = [each.approval_id for each in wanted]
        self.step(lambda conn, book: grant_all(conn, book, ids, actor=self.people[role]), due)
        for each in wanted if not due else ():
            each.agreed += 1
            each.state = "approved" if each.agreed == len(ROLES) - 1 else "asked"

    @precondition(lambda self: self.made)
    @rule(chosen=indices, role=st.sampled_from(ROLES))
    def refuse(self, chosen: int, role: Role) -> None:
        (each,) = self.some([chosen])
        may = ROLES.index(role) == each.agreed + 1
        due = {"approval_state"} if each.state != "asked" else set() if may else {"approval_not_asked"}
        self.step(lambda conn, book: deny(conn, book, each.approval_id, reason="Không", actor=self.people[role]), due)
        if not due:
            each.state = "denied"

    @precondition(lambda self: self.made)
    @rule(chosen=indices)
    def ask_once_more(self, chosen: int) -> None:
        (each,) = self.some([chosen])
        if each.state != "denied":
            self.step(lambda conn, book: ask_again(conn, book, each.proposal_id, actor=ACTOR), {"proposal_state"})
            return
        with self.ledger.transaction() as conn:
            each.approval_id = ask_again(conn, self.ledger.book, each.proposal_id, actor=ACTOR)
        each.state, each.agreed = "asked", 0

    @precondition(lambda self: self.made)
    @rule(chosen=indices)
    def give_up(self, chosen: int) -> None:
        (each,) = self.some([chosen])
        due = {"proposal_state"} if each.state in DONE else set()
        self.step(lambda conn, book: give_up(conn, book, each.proposal_id, reason="Thôi", actor=ACTOR), due)
        if not due:
            each.state = "void"

    @precondition(lambda self: self.made)
    @rule(chosen=st.lists(indices, min_size=1, max_size=3))
    def pay(self, chosen: list[int]) -> None:
        wanted = self.some(chosen)
        due = {DONE[each.state] for each in wanted if each.state in DONE}
        total = sum(each.amount for each in wanted)
        if not due and total > self.cash:
            due = {"overdraft"}
        if not due and any(each.state != "approved" for each in wanted):
            due = {"consent_pending"}
        ids = [each.proposal_id for each in wanted]
        self.step(lambda conn, book: execute(conn, book, ids, on=ON, actor=ACTOR), due)
        if not due:
            self.cash -= total
            for each in wanted:
                each.state = "executed"

    @invariant()
    def book_and_model_agree(self) -> None:
        with self.ledger.transaction() as conn:
            told = {each.proposal_id: each.state for each in proposals(conn, self.ledger.book, page_size=500).rows}
            assert told == {each.proposal_id: each.state for each in self.made}
            assert account_balance(conn, self.ledger.book, "1111", as_of=ON) == self.cash


def test_money_leaves_when_two_people_agreed_and_never_else(committed_engine: sa.Engine) -> None:
    machine = type("Machine", (Paying,), {"engine": committed_engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
