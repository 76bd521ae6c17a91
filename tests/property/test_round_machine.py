"""Rounds in any order of opening, laying, deciding, asking, answering, withdrawing: a model says what may be."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.access.role import Role
from ledger.approvals.commands import deny, grant
from ledger.approvals.queries import last_approvals
from ledger.awards.decision import ask_for_list, decide_list, withdraw_list
from ledger.awards.errors import ListRefused
from ledger.awards.listing import submit_list
from ledger.awards.model import Listing
from ledger.awards.queries import awards, list_by_id
from ledger.awards.round import open_round
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError
from tests.factories import ACTOR, Ledger, make_book, make_ledger
from tests.integration.approvals.conftest import appoint
from tests.integration.awards.conftest import DECIDED_ON, ROUND, make_programs, plan_programs, pupil

CHILDREN = [f"Học sinh Thử {letter}" for letter in "ABCDE"]
MAY = {
    "decide": {"listed"},
    "ask": {"decided"},
    "withdraw": {"listed", "decided", "asked", "approved"},
}
"""Step → states of a list in which it is taken."""

ROLES: tuple[Role, ...] = ("accountant", "chief_accountant", "account_holder")

any_number = st.integers(0, 99)


@dataclass(slots=True, kw_only=True)
class Laid:
    """A list as the model has it."""

    list_id: UUID
    book: int
    round_id: UUID
    children: list[int]
    state: str = "listed"
    granted: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in {"denied", "withdrawn"}


class Giving(RuleBasedStateMachine):
    """Two communes of a province with one program, one period and five children; each step is a transaction."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        first = make_ledger(self.engine)
        with first.transaction() as conn:
            make_programs(conn, first.book)
            second = Ledger(engine=self.engine, book=make_book(conn, tenant_id=first.book.tenant_id))
            self.ledgers = [first, second]
            self.people: list[dict[str, Actor]] = []
            for ledger in self.ledgers:
                plan_programs(conn, ledger.book)
                self.people.append({role: appoint(conn, ledger.book, role) for role in ROLES})
        self.rounds: list[tuple[int, UUID]] = []
        self.laid: list[Laid] = []
        self.numbers: set[tuple[int, str]] = set()
        self.open(0)

    def step(self, book: int, work: Callable[[sa.Connection, Book], object], due: str | None) -> object:
        """Do it, and see that it is refused when it should be."""
        code, done = None, None
        try:
            with self.ledgers[book].transaction() as conn:
                done = work(conn, self.ledgers[book].book)
        except LedgerError as error:
            code = error.code
        assert code == due
        return done

    @rule(book=st.integers(0, 1))
    def open(self, book: int) -> None:
        with self.ledgers[book].transaction() as conn:
            self.rounds.append((book, open_round(conn, self.ledgers[book].book, ROUND, actor=ACTOR)))

    @rule(which=any_number, children=st.lists(st.integers(0, len(CHILDREN) - 1), min_size=1, max_size=3))
    def lay(self, which: int, children: list[int]) -> None:
        """Lay a list, with children twice or on other lists among them."""
        book, round_id = self.rounds[which % len(self.rounds)]
        listing = Listing(nominees=tuple(pupil(CHILDREN[child]) for child in children))
        held = {child for laid in self.laid if not laid.is_over for child in laid.children}
        due = [row for row, child in enumerate(children) for wrong in (child in children[:row], child in held) if wrong]
        ledger = self.ledgers[book]
        if any(laid.round_id == round_id and not laid.is_over for laid in self.laid):
            self.step(book, lambda conn, at: submit_list(conn, at, round_id, listing, actor=ACTOR), "list_state")
            return
        if due:
            with pytest.raises(ListRefused) as caught, ledger.transaction() as conn:
                submit_list(conn, ledger.book, round_id, listing, actor=ACTOR)
            assert [fault.line for fault in caught.value.faults] == due
            return
        with ledger.transaction() as conn:
            submitted = submit_list(conn, ledger.book, round_id, listing, actor=ACTOR)
        self.laid.append(Laid(list_id=submitted.list_id, book=book, round_id=round_id, children=children))

    @rule(which=any_number, number=st.sampled_from(["1/QĐ", "2/qđ", "2 / QĐ"]))
    def decide(self, which: int, number: str) -> None:
        laid = self.chosen(which)
        if laid is None:
            return
        taken = (laid.book, number.replace(" ", "").upper())
        due = "list_state" if laid.state not in MAY["decide"] else None
        due = due or ("decision_number_taken" if taken in self.numbers else None)
        said = {"number": number, "decided_on": DECIDED_ON}
        self.step(laid.book, lambda conn, at: decide_list(conn, at, laid.list_id, **said, actor=ACTOR), due)  # type: ignore[arg-type]
        if due is None:
            laid.state = "decided"
            self.numbers.add(taken)

    @rule(which=any_number)
    def ask(self, which: int) -> None:
        laid = self.chosen(which)
        if laid is None:
            return
        due = None if laid.state in MAY["ask"] else "list_state"
        actor = self.people[laid.book]["accountant"]
        self.step(laid.book, lambda conn, at: ask_for_list(conn, at, laid.list_id, actor=actor), due)
        laid.state = laid.state if due else "asked"

    @rule(which=any_number, is_granted=st.sampled_from([True, True, False]))
    def answer(self, which: int, is_granted: bool) -> None:
        asked = [laid for laid in self.laid if laid.state == "asked"]
        if not asked:
            return
        laid = asked[which % len(asked)]
        person = self.people[laid.book]["account_holder" if laid.granted else "chief_accountant"]
        with self.ledgers[laid.book].transaction() as conn:
            book = self.ledgers[laid.book].book
            found = last_approvals(conn, book, [laid.list_id])[laid.list_id]
            if is_granted:
                grant(conn, book, found.approval_id, actor=person)
            else:
                deny(conn, book, found.approval_id, reason="Sai", actor=person)
        laid.granted += is_granted
        laid.state = "denied" if not is_granted else "approved" if laid.granted == 2 else "asked"

    @rule(which=any_number)
    def withdraw(self, which: int) -> None:
        laid = self.chosen(which)
        if laid is None:
            return
        due = None if laid.state in MAY["withdraw"] else "list_state"
        step = lambda conn, at: withdraw_list(conn, at, laid.list_id, reason="Thiếu", actor=ACTOR)  # noqa: E731
        self.step(laid.book, step, due)
        laid.state = laid.state if due else "withdrawn"

    def chosen(self, which: int) -> Laid | None:
        """Return any list, rather a late one: early ones are mostly over."""
        return self.laid[-1 - which % min(len(self.laid), 4)] if self.laid else None

    @invariant()
    def every_list_stands_as_the_model_says(self) -> None:
        for laid in self.laid:
            ledger = self.ledgers[laid.book]
            with ledger.transaction() as conn:
                found = list_by_id(conn, ledger.book, laid.list_id)
                rows = awards(conn, ledger.book, laid.list_id).rows
            assert found.state == laid.state
            assert [row.name for row in rows] == [CHILDREN[child] for child in laid.children]

    @invariant()
    def nobody_is_on_two_lists(self) -> None:
        held = [child for laid in self.laid if not laid.is_over for child in laid.children]
        assert len(held) == len(set(held))


def test_lists_stand_as_they_were_decided_and_nobody_is_on_two(committed_engine: sa.Engine) -> None:
    run_state_machine_as_test(
        type("Machine", (Giving,), {"engine": committed_engine}),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
