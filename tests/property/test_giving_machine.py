"""Gifts, promises and paper receipts in any order of receiving, reversing, voiding, closing and giving up.

The model is what a treasurer would keep on a sheet: which gifts stand, what each promise still waits for, and what
became of every number of a receipt book.
"""

from dataclasses import dataclass
from typing import Any
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

from ledger.books.check import check
from ledger.books.commands import reverse_entry
from ledger.errors import FaultsFound, LedgerError
from ledger.giving.block import Holder, block_by_id, close_block, issue_block, slips, void_slip
from ledger.giving.commands import receive
from ledger.giving.giver import Giver
from ledger.giving.model import Paper
from ledger.giving.pledge import Promise, cancel_pledge, pledge_by_id, record_pledge
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, GENERAL, make_ledger
from tests.giving import MARCH, collection, gift

SIZE = 5
PLEDGES = 2
PROMISED_MINOR = 1_000
numbers = st.one_of(st.none(), st.integers(1, SIZE + 1))
pledges = st.one_of(st.none(), st.integers(0, PLEDGES - 1))


@dataclass(slots=True)
class Given:
    """A gift as it stands on the sheet."""

    entry_id: UUID
    amount_minor: int
    number: int | None
    pledge: int | None
    is_reversed: bool = False


class Giving(RuleBasedStateMachine):
    """One book with one receipt book and two promises; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        self.ledger = make_ledger(self.engine)
        book = self.ledger.book
        promise = Promise(
            giver=Giver(name="Mẫu"),
            amount_minor=PROMISED_MINOR,
            pledged_on=MARCH,
            due_on=MARCH,
            fund=GENERAL,
        )
        with self.ledger.transaction() as conn:
            numbered = {"series": "AA", "first_number": 1, "last_number": SIZE, "issued_on": MARCH}
            holder = Holder(name="Người Thu Thử")
            self.block_id = issue_block(conn, book, holder=holder, actor=ACTOR, **numbered)  # type: ignore[arg-type]
            self.pledge_ids = [record_pledge(conn, book, promise, actor=ACTOR) for _ in range(PLEDGES)]
        self.given: list[Given] = []
        self.void: set[int] = set()
        self.given_up: set[int] = set()
        self.returned_from: int | None = None
        self.is_closed = False

    def refused(self, work: Any) -> set[str]:
        """Do a step; return why it was refused, or nothing."""
        try:
            with self.ledger.transaction() as conn:
                self.done = work(conn)
        except FaultsFound as error:
            return {fault.code for fault in error.faults}
        except LedgerError as error:
            return {error.code}
        return set()

    def slip(self, number: int) -> str:
        uses = [each for each in self.given if each.number == number]
        if number in self.void:
            return "void"
        if uses:
            return "reversed" if all(each.is_reversed for each in uses) else "used"
        if not self.is_closed:
            return "blank"
        return "missing" if self.returned_from is None or number < self.returned_from else "returned"

    def paper_refusal(self, number: int | None) -> set[str]:
        if number is None:
            return set()
        if number > SIZE:
            return {"paper_unknown"}
        state = self.slip(number)
        if state in {"used", "void"}:
            return {f"paper_{state}"}
        return {"paper_closed"} if self.is_closed else set()

    @rule(amount_minor=st.integers(1, 700), number=numbers, pledge=pledges)
    def receive_a_gift(self, amount_minor: int, number: int | None, pledge: int | None) -> None:
        due = self.paper_refusal(number)
        if pledge in self.given_up:
            due.add("pledge_cancelled")
        named: dict[str, Any] = {
            "paper": None if number is None else Paper(series="AA", number=number),
            "pledge_id": None if pledge is None else self.pledge_ids[pledge],
        }
        asked = collection(gift(amount_minor=amount_minor, **named))
        assert self.refused(lambda conn: receive(conn, self.ledger.book, asked, actor=ACTOR)) == due
        if not due:
            self.given.append(Given(self.done.entry.entry_id, amount_minor, number, pledge))

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def reverse_a_gift(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.given))
        due = {"already_reversed"} if one.is_reversed else set()

        def work(conn: sa.Connection) -> object:
            return reverse_entry(conn, self.ledger.book, one.entry_id, on=MARCH, reason="Ghi nhầm", actor=ACTOR)

        assert self.refused(work) == due
        one.is_reversed = True

    @rule(number=st.integers(1, SIZE + 1))
    def void_a_slip(self, number: int) -> None:
        is_voidable = number <= SIZE and self.slip(number) in {"blank", "reversed"}
        due = {"block_closed"} if self.is_closed else set() if is_voidable else {"slip_not_voidable"}
        asked = {"reason": "Viết sai", "actor": ACTOR}
        assert self.refused(lambda conn: void_slip(conn, self.ledger.book, self.block_id, number, **asked)) == due  # type: ignore[arg-type]
        if not due:
            self.void.add(number)

    @rule(returned_from=st.one_of(st.none(), st.integers(1, SIZE)), meant=st.integers(0, 3))
    def close_the_block(self, returned_from: int | None, meant: int) -> None:
        if meant:  # most receipt books are still out
            return
        is_touched = returned_from is not None and any(self.slip(n) != "blank" for n in range(returned_from, SIZE + 1))
        due = {"block_closed"} if self.is_closed else {"block_count_refused"} if is_touched else set()

        def work(conn: sa.Connection) -> object:
            return close_block(conn, self.ledger.book, self.block_id, returned_from=returned_from, actor=ACTOR)

        assert self.refused(work) == due
        if not due:
            self.is_closed, self.returned_from = True, returned_from

    @rule(pledge=st.integers(0, PLEDGES - 1))
    def give_a_promise_up(self, pledge: int) -> None:
        due = {"pledge_cancelled"} if pledge in self.given_up else set()
        asked = {"reason": "Đã chuyển đi", "actor": ACTOR}
        assert self.refused(lambda conn: cancel_pledge(conn, self.ledger.book, self.pledge_ids[pledge], **asked)) == due  # type: ignore[arg-type]
        self.given_up.add(pledge)

    @invariant()
    def every_promise_waits_for_what_has_not_come(self) -> None:
        with self.ledger.transaction() as conn:
            for place, pledge_id in enumerate(self.pledge_ids):
                told = pledge_by_id(conn, self.ledger.book, pledge_id)
                come = sum(each.amount_minor for each in self.given if each.pledge == place and not each.is_reversed)
                left = max(PROMISED_MINOR - come, 0)
                state = "cancelled" if place in self.given_up else "open" if left else "fulfilled"
                assert (told.fulfilled_minor, told.state) == (come, state)
                assert told.left_minor == (0 if place in self.given_up else left)

    @invariant()
    def every_number_is_accounted_for(self) -> None:
        with self.ledger.transaction() as conn:
            told = slips(conn, self.ledger.book, self.block_id)
            assert [slip.state for slip in told] == [self.slip(number) for number in range(1, SIZE + 1)]
            count = block_by_id(conn, self.ledger.book, self.block_id).count
        assert count.used + count.voided + count.blank == SIZE
        assert count.voided == len(self.void)

    @invariant()
    def the_fund_holds_what_stands(self) -> None:
        query = (
            "SELECT coalesce(-sum(value_minor), 0) FROM soquy.posting WHERE book_id = :book_id AND account = '35381'"
        )
        with self.ledger.transaction() as conn:
            held = conn.execute(sa.text(query), {"book_id": self.ledger.book.book_id}).scalar_one()
        assert held == sum(each.amount_minor for each in self.given if not each.is_reversed)


def test_gifts_promises_and_paper_receipts_agree_in_any_order(
    committed_engine: sa.Engine, database_server: DatabaseServer
) -> None:
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
    name = committed_engine.url.database
    assert name is not None
    admin = with_vault(sa.create_engine(driver_url(database_server.url(name)), poolclass=sa.NullPool))
    with admin.connect() as conn:
        assert list(check(conn)) == []
    admin.dispose()
