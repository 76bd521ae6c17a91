"""Counted goods under any order of handing over, undoing and withdrawing: never more goes than came."""

from collections.abc import Callable
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

from ledger.books.chart import open_program
from ledger.errors import LedgerError
from ledger.giving.delivery import Delivery, hand_over, receive_goods, undo_handover, withdraw_goods
from ledger.giving.goods import goods_by_id
from tests.factories import ACTOR, make_ledger
from tests.giving import MARCH

CAME = 7


class Store(RuleBasedStateMachine):
    """One delivery; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        self.ledger = make_ledger(self.engine)
        book = self.ledger.book
        delivery = Delivery(received_on=MARCH, description="Vở", quantity=CAME, unit="set", giver=None)
        with self.ledger.transaction() as conn:
            open_program(conn, book, program="SACH", unit="school", name_vi="Sách", opened_on=MARCH, actor=ACTOR)
            self.goods_id = receive_goods(conn, book, delivery, actor=ACTOR).goods_id
        self.handed: list[tuple[UUID, int]] = []
        self.undone: set[UUID] = set()
        self.is_withdrawn = False

    @property
    def out(self) -> int:
        return sum(quantity for event_id, quantity in self.handed if event_id not in self.undone)

    def refused(self, work: Callable[[sa.Connection], Any]) -> str | None:
        """Do a step; return why it was refused."""
        try:
            with self.ledger.transaction() as conn:
                self.done = work(conn)
        except LedgerError as error:
            return error.code
        return None

    @rule(quantity=st.integers(0, CAME))
    def hand_some_over(self, quantity: int) -> None:
        is_there = 1 <= quantity <= CAME - self.out
        due = "goods_gone" if self.is_withdrawn else None if is_there else "goods_not_there"
        asked: dict[str, Any] = {"quantity": quantity, "on": MARCH, "program": "SACH", "actor": ACTOR}
        assert self.refused(lambda conn: hand_over(conn, self.ledger.book, self.goods_id, **asked)) == due
        if due is None:
            self.handed.append((self.done.event_id, quantity))

    @precondition(lambda self: self.handed)
    @rule(data=st.data())
    def undo_a_handover(self, data: st.DataObject) -> None:
        event_id, _ = data.draw(st.sampled_from(self.handed))
        due = "handover_not_found" if event_id in self.undone else None
        asked: dict[str, Any] = {"reason": "Chưa giao", "actor": ACTOR}
        assert self.refused(lambda conn: undo_handover(conn, self.ledger.book, event_id, **asked)) == due
        self.undone.add(event_id)

    @rule(meant=st.integers(0, 3))
    def withdraw(self, meant: int) -> None:
        if meant:  # most were no mistake
            return
        due = "goods_gone" if self.is_withdrawn else "goods_not_there" if self.out else None
        asked: dict[str, Any] = {"reason": "Ghi trùng", "actor": ACTOR}
        assert self.refused(lambda conn: withdraw_goods(conn, self.ledger.book, self.goods_id, **asked)) == due
        self.is_withdrawn = self.is_withdrawn or due is None

    @invariant()
    def what_is_there_is_what_came_and_did_not_go(self) -> None:
        with self.ledger.transaction() as conn:
            found = goods_by_id(conn, self.ledger.book, self.goods_id)
        assert (found.handed_quantity, found.is_withdrawn) == (self.out, self.is_withdrawn)
        assert found.left_quantity == (0 if self.is_withdrawn else CAME - self.out)


def test_never_more_goods_go_than_came(committed_engine: sa.Engine) -> None:
    run_state_machine_as_test(
        type("Machine", (Store,), {"engine": committed_engine}),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
