"""A draft under any order of saving, handing on, taking or giving back, dropping and posting, from tabs of any age."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.errors import LedgerError
from ledger.giving.draft import (
    discard_draft,
    draft_by_id,
    post_draft,
    recall_draft,
    return_draft,
    save_draft,
    start_draft,
    submit_draft,
)
from tests.factories import ACTOR, make_ledger

ages = st.sampled_from([0, 0, 0, 1, 2])
"""How many versions ago a tab saw the draft; most saw it now."""
words = st.one_of(st.integers(1, 999).map(str), st.just("1tr5"))


def body(amount: str) -> dict[str, object]:
    typed = {"received_on": "5/3/2024", "medium": "cash", "account": "1111", "fund": "QC", "channel": "household"}
    return {**typed, "lines": [{"donor": "Nguyễn Văn Mẫu", "amount": amount}]}


class Drafting(RuleBasedStateMachine):
    """One draft; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        self.ledger = make_ledger(self.engine)
        self.amount, self.state, self.version = "100", "open", 1
        with self.ledger.transaction() as conn:
            self.id = start_draft(conn, self.ledger.book, "contribution", body(self.amount), actor=ACTOR)

    def due(self, states: set[str], age: int, *, is_read: bool = False) -> str | None:
        """Return why a step is refused: its state first, then what the tab has not seen, then what was typed."""
        if self.state not in states:
            return "draft_state_refused"
        if age:
            return "draft_stale"
        return "collection_refused" if is_read and self.amount == "1tr5" else None

    def step(self, work: Callable[[sa.Connection], object], due: str | None, state: str) -> None:
        """Do it, see that it is refused when it should be, and go on to the state it leads to."""
        code = None
        try:
            with self.ledger.transaction() as conn:
                work(conn)
        except LedgerError as error:
            code = error.code
        assert code == due
        if due is None:
            self.state, self.version = state, self.version + 1

    def told(self, age: int) -> dict[str, object]:
        return {"version": self.version - age, "actor": ACTOR}

    @rule(age=ages, amount=words)
    def save(self, age: int, amount: str) -> None:
        due = self.due({"open"}, age)
        told = self.told(age)
        self.step(lambda conn: save_draft(conn, self.ledger.book, self.id, body(amount), **told), due, "open")  # type: ignore[arg-type]
        self.amount = self.amount if due else amount

    @rule(age=ages)
    def hand_on(self, age: int) -> None:
        due, told = self.due({"open"}, age, is_read=True), self.told(age)
        self.step(lambda conn: submit_draft(conn, self.ledger.book, self.id, **told), due, "submitted")  # type: ignore[arg-type]

    @rule(age=ages)
    def give_back(self, age: int) -> None:
        due, told = self.due({"submitted"}, age), {**self.told(age), "reason": "Thiếu thôn"}
        self.step(lambda conn: return_draft(conn, self.ledger.book, self.id, **told), due, "open")  # type: ignore[arg-type]

    @rule(age=ages, is_own=st.booleans())
    def take_back(self, age: int, is_own: bool) -> None:
        who = ACTOR if is_own else replace(ACTOR, principal_id=UUID(int=77))
        due = self.due({"submitted"}, age) if is_own else "draft_not_found"
        told = {**self.told(age), "actor": who}
        self.step(lambda conn: recall_draft(conn, self.ledger.book, self.id, **told), due, "open")  # type: ignore[arg-type]

    @rule(age=ages, meant=st.integers(0, 5))
    def drop(self, age: int, meant: int) -> None:
        if meant:  # most are gone on with
            return
        due, told = self.due({"open", "submitted"}, age), self.told(age)
        self.step(lambda conn: discard_draft(conn, self.ledger.book, self.id, **told), due, "discarded")  # type: ignore[arg-type]

    @rule(age=ages, meant=st.integers(0, 3))
    def post(self, age: int, meant: int) -> None:
        if meant:
            return
        told = self.told(age)
        if self.state == "posted":  # again, from whatever tab: what was posted then
            with self.ledger.transaction() as conn:
                assert post_draft(conn, self.ledger.book, self.id, **told).repeated  # type: ignore[arg-type]
            return
        due = self.due({"open", "submitted"}, age, is_read=True)
        self.step(lambda conn: post_draft(conn, self.ledger.book, self.id, **told), due, "posted")  # type: ignore[arg-type]

    @invariant()
    def it_is_what_was_done_to_it(self) -> None:
        with self.ledger.transaction() as conn:
            found = draft_by_id(conn, self.ledger.book, self.id)
        assert (found.state, found.version) == (self.state, self.version)
        assert (found.body == {}) == (self.state in {"posted", "discarded"})

    @invariant()
    def it_becomes_a_gift_once_or_never(self) -> None:
        query = "SELECT count(*), sum(amount_minor) FROM soquy.contribution WHERE book_id = :book_id"
        with self.ledger.transaction() as conn:
            count, total_minor = conn.execute(sa.text(query), {"book_id": self.ledger.book.book_id}).one()
        assert (count, total_minor) == ((1, int(self.amount)) if self.state == "posted" else (0, None))


def test_a_draft_becomes_a_gift_once_whatever_tabs_do(committed_engine: sa.Engine) -> None:
    run_state_machine_as_test(
        type("Machine", (Drafting,), {"engine": committed_engine}),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
