"""A list from a file under any order of mapping, deciding, describing, handing over, working, reversing and dropping.

Whatever is refused changes nothing; what is posted is what the preview showed when it was handed over, once.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

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

from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.errors import LedgerError
from ledger.intake.commands import decide, discard, hand_over, let_go, set_facts, take_in
from ledger.intake.line import GIFTS
from ledger.intake.mapping import map_list, proposed
from ledger.intake.model import Facts, Intake, State
from ledger.intake.queries import intake_by_id, lines, tally
from ledger.intake.settlement import reverse_file
from ledger.intake.work import post_intake, read_intake
from tests.database import with_vault
from tests.factories import ACTOR, OPENED_ON, make_ledger
from tests.list_files import HEADER, csv

AFTER: Final[dict[State, set[State]]] = {
    "read": {"read", "mapped", "ready", "discarded"},
    "mapped": {"mapped", "ready", "discarded"},
    "ready": {"mapped", "ready", "posting", "discarded"},
    "posting": {"posted", "ready"},
    "posted": {"reversed"},
    "reversed": set(),
    "discarded": set(),
}
"""State → those that a step may lead to."""

ages = st.sampled_from([0, 0, 0, 0, 1])
"""How many versions ago the page saw the file; most saw it now."""
names = st.sampled_from(["Nguyễn Văn Mẫu", "Trần Thị Thử", "Lê Ví Dụ", "Phạm Thị Mẫu", "Tổng cộng", ""])
amounts = st.sampled_from(["50.000", "100.000", "150.000", "200.000", "250.000", "1.500.000", "1tr5", ""])
rows = st.lists(st.tuples(names, st.sampled_from(["Thôn 1", ""]), amounts), min_size=1, max_size=5)


class Importing(RuleBasedStateMachine):
    """One file; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize(typed=rows, is_hurried=st.integers(0, 3).map(bool))
    def upload(self, typed: list[tuple[str, str, str]], is_hurried: bool) -> None:
        self.ledger = make_ledger(self.engine)
        self.worker = JobWorker(self.engine, [read_intake, post_intake], count=1)
        data = csv([HEADER, *([number, *row] for number, row in enumerate(typed, 1))])
        found = self.do(lambda conn, book: take_in(conn, book, kind="household", name="ds.csv", data=data, actor=ACTOR))
        self.id = found.intake_id
        self.shown: list[tuple[str, str, int | None]] | None = None
        self.work_off()
        self.seen = self.find()
        assert self.seen.state == "read"
        if is_hurried:  # most go straight on to where it can be posted, if the list can
            self.map(0)
            self.describe(0, None)

    def do(self, work: Callable[..., Any]) -> Any:
        with self.ledger.transaction() as conn:
            return work(conn, self.ledger.book)

    def find(self) -> Intake:
        return self.do(lambda conn, book: intake_by_id(conn, book, self.id))  # type: ignore[no-any-return]

    def work_off(self) -> None:
        while self.worker.work_one():
            pass

    def gifts(self) -> list[tuple[str, str, int | None]]:
        """Return what the preview shows as gifts now."""
        found = self.do(lambda conn, book: lines(conn, book, self.id))
        return [
            (line.name, line.detail, line.amount_minor)
            for line in found
            if line.verdict in GIFTS and not line.is_left_out
        ]

    def step(self, age: int, work: Callable[[sa.Connection, int], object]) -> bool:
        """Do it with the version that the page saw; a step of an old page, or one that is refused, changes nothing."""
        before = self.find()
        try:
            self.do(lambda conn, _: work(conn, before.version - age))
        except LedgerError:
            assert self.find() == before
            return False
        assert age == 0, "what the page did not see is not overwritten"
        after = self.find()
        assert after.version > before.version or after == before
        assert after.state in AFTER[before.state]
        return True

    @rule(age=ages)
    def map(self, age: int) -> None:
        mapping = proposed(self.seen.outline or {})
        self.step(age, lambda conn, at: map_list(conn, self.ledger.book, self.id, mapping, version=at, actor=ACTOR))

    @rule(age=ages, off_by=st.sampled_from([None, 0, 0, 1]))
    def describe(self, age: int, off_by: int | None) -> None:
        """Say day, fund and account, and what was counted: nothing, the sum, or a đồng more."""
        facts = Facts(received_on=OPENED_ON, medium="cash", account="1111", fund="QC", channel="household")
        if off_by is not None:
            counted = self.do(lambda conn, book: tally(conn, book, self.id))
            facts = replace(facts, declared_minor=counted.total_minor + off_by)
        self.step(age, lambda conn, at: set_facts(conn, self.ledger.book, self.id, facts, version=at, actor=ACTOR))

    @rule(age=ages, row=st.integers(2, 6), is_left_out=st.booleans())
    def decide(self, age: int, row: int, is_left_out: bool) -> None:
        told: dict[str, Any] = {"is_left_out": is_left_out, "reason": "Hỏi lại sau", "rows": [row], "actor": ACTOR}
        self.step(age, lambda conn, at: decide(conn, self.ledger.book, self.id, version=at, **told))

    @rule(age=ages)
    def hand_over(self, age: int) -> None:
        shown = self.gifts() if self.find().state == "ready" else None
        if self.step(age, lambda conn, at: hand_over(conn, self.ledger.book, self.id, version=at, actor=ACTOR)):
            self.shown = shown

    @rule()
    def work(self) -> None:
        self.work_off()

    @precondition(lambda self: self.find().state == "posting")
    @rule(age=ages)
    def take_back(self, age: int) -> None:
        """Nobody takes back what may still be posted."""
        assert not self.step(age, lambda conn, at: let_go(conn, self.ledger.book, self.id, version=at, actor=ACTOR))

    @rule(meant=st.integers(0, 2))
    def reverse(self, meant: int) -> None:
        if meant == 0:
            told: dict[str, Any] = {"on": OPENED_ON, "reason": "Nhập nhầm", "actor": ACTOR}
            self.step(0, lambda conn, _: reverse_file(conn, self.ledger.book, self.id, **told))

    @rule(age=ages, meant=st.integers(0, 7))
    def drop(self, age: int, meant: int) -> None:
        if meant == 0:
            self.step(age, lambda conn, at: discard(conn, self.ledger.book, self.id, version=at, actor=ACTOR))

    @invariant()
    def what_was_shown_is_posted_once_or_not_at_all(self) -> None:
        query = """\
            SELECT g.name, coalesce(g.detail, ''), c.amount_minor FROM soquy.contribution AS c
            JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
            WHERE c.book_id = :book_id ORDER BY c.seq, c.line"""
        posted = self.do(lambda conn, book: conn.execute(sa.text(query), {"book_id": book.book_id}).all())
        is_posted = self.find().state in {"posted", "reversed"}
        assert list(map(tuple, posted)) == (self.shown if is_posted else [])

    @invariant()
    def the_book_has_the_money_as_long_as_it_stands(self) -> None:
        query = "SELECT coalesce(sum(value_minor), 0) FROM soquy.posting WHERE book_id = :book_id AND account = '1111'"
        held = self.do(lambda conn, book: conn.execute(sa.text(query), {"book_id": book.book_id}).scalar_one())
        shown = (self.find().state == "posted" and self.shown) or []
        assert held == sum(amount or 0 for _, _, amount in shown)


def test_what_is_shown_is_posted_once_whatever_is_done_in_between(app_url: str) -> None:
    engine = with_vault(make_engine(app_url, Settings(connection_count_max=8)))
    run_state_machine_as_test(
        type("Machine", (Importing,), {"engine": engine}),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    engine.dispose()
