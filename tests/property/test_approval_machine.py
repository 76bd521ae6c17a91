"""Consent in any order of asking, granting, denying, withdrawing and losing a role: who may is what a model says."""

from collections.abc import Callable

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger import typeid
from ledger.access.commands import grant_role, revoke_role
from ledger.access.role import Role
from ledger.approvals.commands import ask, deny, grant, withdraw
from ledger.approvals.model import Terms
from ledger.approvals.policy import set_policy
from ledger.approvals.queries import approval_by_id
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError
from tests.factories import ACTOR, make_ledger

ROLES: tuple[Role, ...] = ("accountant", "chief_accountant", "chief_accountant", "account_holder", "account_holder")
people = st.integers(0, len(ROLES) - 1)


class Consenting(RuleBasedStateMachine):
    """One subject, and five people who are asked about it; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize(is_ordered=st.booleans())
    def begin(self, is_ordered: bool) -> None:
        self.ledger = make_ledger(self.engine)
        self.subject, self.is_ordered = typeid.new_id(), is_ordered
        self.asked_by: Actor | None = None
        self.state, self.granted = "none", dict[int, int]()  # step → who
        self.people = [Actor(principal_id=typeid.new_id(), role=role, prefix=typeid.USER) for role in ROLES]
        with self.ledger.transaction() as conn:
            terms = Terms(roles=("chief_accountant", "account_holder"), is_ordered=is_ordered, days=9)
            set_policy(conn, self.ledger.book, "payment", terms, actor=ACTOR)
            self.grants = [
                grant_role(conn, self.ledger.book, person.principal_id, role, actor=ACTOR)
                for person, role in zip(self.people, ROLES, strict=True)
            ]
        self.holding = set(range(len(ROLES)))

    def step(self, work: Callable[[sa.Connection, Book], object], due: str | None) -> None:
        """Do it, and see that it is refused when it should be."""
        code = None
        try:
            with self.ledger.transaction() as conn:
                work(conn, self.ledger.book)
        except LedgerError as error:
            code = error.code
        assert code == due

    def due(self, who: int) -> tuple[str | None, int]:
        """Return why somebody's answer is refused, and which step it would be."""
        step = 1 if ROLES[who] == "chief_accountant" else 2
        if self.state != "asked":
            return "approval_state", step
        may = (
            who in self.holding
            and ROLES[who] != "accountant"
            and self.people[who] != self.asked_by
            and step not in self.granted
            and (not self.is_ordered or step == len(self.granted) + 1)
        )
        return None if may else "approval_not_asked", step

    @rule(who=people)
    def ask(self, who: int) -> None:
        actor = self.people[who]
        if self.state in {"asked", "approved"}:
            self.step(lambda conn, book: ask(conn, book, "payment", self.subject, amount_minor=9, actor=actor), TWICE)
            return
        with self.ledger.transaction() as conn:
            self.id = ask(conn, self.ledger.book, "payment", self.subject, amount_minor=9, actor=actor)
        self.asked_by, self.state, self.granted = actor, "asked", {}

    @rule(who=people)
    def grant(self, who: int) -> None:
        if self.asked_by is None:
            return
        due, step = self.due(who)
        self.step(lambda conn, book: grant(conn, book, self.id, actor=self.people[who]), due)
        if due is None:
            self.granted[step] = who
            self.state = "approved" if len(self.granted) == 2 else "asked"

    @rule(who=people, meant=st.integers(0, 3))
    def deny(self, who: int, meant: int) -> None:
        if self.asked_by is None or meant:
            return
        due, _ = self.due(who)
        self.step(lambda conn, book: deny(conn, book, self.id, reason="Sai", actor=self.people[who]), due)
        self.state = self.state if due else "denied"

    @rule(meant=st.integers(0, 3))
    def withdraw(self, meant: int) -> None:
        if self.asked_by is None or meant:
            return
        due = None if self.state in {"asked", "approved"} else "approval_state"
        self.step(lambda conn, book: withdraw(conn, book, self.id, actor=ACTOR), due)
        self.state = self.state if due else "withdrawn"

    @rule(who=people, meant=st.integers(0, 3))
    def lose_role(self, who: int, meant: int) -> None:
        if who in self.holding and meant == 0:
            self.step(lambda conn, book: revoke_role(conn, book, self.grants[who], actor=ACTOR), None)
            self.holding.discard(who)

    @invariant()
    def it_stands_as_it_was_answered(self) -> None:
        if self.asked_by is None:
            return
        with self.ledger.transaction() as conn:
            found = approval_by_id(conn, self.ledger.book, self.id)
        said = {each.step: each.user_id for each in found.decisions if each.is_granted}
        assert found.state == self.state
        assert said == {step: self.people[who].principal_id for step, who in self.granted.items()}
        assert len({found.drafted_by, *said.values()}) == 1 + len(said), "never one person twice"


TWICE = "approval_asked_already"


def test_consent_is_of_two_others_who_held_the_role_when_they_were_asked(committed_engine: sa.Engine) -> None:
    run_state_machine_as_test(
        type("Machine", (Consenting,), {"engine": committed_engine}),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
