"""Two who lay lists with the same child at once: one of them is told that the other has been there."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.awards.errors import ListRefused
from ledger.awards.listing import submit_list
from ledger.awards.model import Listing, Submitted
from ledger.awards.queries import lists_of
from ledger.awards.round import open_round
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, Ledger, make_book, make_ledger
from tests.integration.awards.conftest import ROUND, make_programs, plan_programs, pupil
from tests.waiting import until_waiting_for_a_lock

NAMES = [f"Học sinh Thử {letter}" for letter in "ABCDEFGH"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Two communes of one province, each with an open round."""

    first: Ledger
    second: Ledger
    rounds: dict[int, UUID]

    def lay(self, conn: sa.Connection, ledger: Ledger, *names: str) -> Submitted:
        listing = Listing(nominees=tuple(map(pupil, names)))
        return submit_list(conn, ledger.book, self.rounds[ledger.book.book_id], listing, actor=ACTOR)


@pytest.fixture
def two(committed_engine: sa.Engine) -> Two:
    first = make_ledger(committed_engine)
    with first.transaction() as conn:
        second = Ledger(engine=committed_engine, book=make_book(conn, tenant_id=first.book.tenant_id))
        make_programs(conn, first.book)
        rounds = {}
        for book in (first.book, second.book):
            plan_programs(conn, book)
            rounds[book.book_id] = open_round(conn, book, ROUND, actor=ACTOR)
    return Two(first=first, second=second, rounds=rounds)


def laid(two: Two, ledger: Ledger) -> int:
    with ledger.transaction() as conn:
        return len(lists_of(conn, ledger.book, two.rounds[ledger.book.book_id]))


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_second_waits_for_the_first_and_is_told_the_row(two: Two, is_kept: bool) -> None:
    """Whether the first list is kept or given up decides about the second."""

    def lay_second() -> Submitted:
        with two.second.transaction() as conn:
            return two.lay(conn, two.second, "Khác", NAMES[0])

    with ThreadPoolExecutor(1) as pool, two.first.engine.connect() as conn:
        transaction = conn.begin()
        set_tenant(conn, two.first.book.tenant_id)
        two.lay(conn, two.first, NAMES[0])
        second: Future[Submitted] = pool.submit(lay_second)
        until_waiting_for_a_lock(two.first.engine, count=1)
        (transaction.commit if is_kept else transaction.rollback)()
        if is_kept:
            with pytest.raises(ListRefused) as caught:
                second.result()
            assert [(fault.line, fault.code) for fault in caught.value.faults] == [(1, "award_given_before")]
        else:
            assert second.result().award_count == 2
    assert (laid(two, two.first), laid(two, two.second)) == ((1, 0) if is_kept else (0, 1))


def test_lists_of_the_same_people_in_other_orders_never_wait_for_each_other(two: Two) -> None:
    def lay(ledger: Ledger, names: list[str]) -> Callable[[], bool]:
        def call() -> bool:
            try:
                with ledger.transaction() as conn:
                    two.lay(conn, ledger, *names)
            except ListRefused:
                return False
            return True

        return call

    with ThreadPoolExecutor(2) as pool:
        calls = [lay(two.first, NAMES), lay(two.second, NAMES[::-1])]
        assert sorted(future.result() for future in [pool.submit(call) for call in calls]) == [False, True]
    assert laid(two, two.first) + laid(two, two.second) == 1
