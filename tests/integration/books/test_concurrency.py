"""Many at once: callers of a book are ordered, never deadlocked; no number is skipped; no đồng is paid twice."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from ledger.books.commands import reverse_entry
from ledger.books.model import PostedBatch, PostedEntry
from ledger.books.posting import post
from ledger.errors import AlreadyReversed, IdempotencyConflict, PostingRefused
from tests.consent import consented
from tests.factories import ACTOR, Ledger, make_book, make_ledger, payment, receipt, request
from tests.waiting import until_waiting_for_a_lock

MARCH = date(2024, 3, 1)
CLIENTS = 16
ENTRIES = 10_000
BATCH_SIZES = (1, 1, 1, 2, 5, 20, 70)
"""A hundred entries in seven calls."""


def run_all(calls: Sequence[Callable[[], object]]) -> None:
    """Run calls at once; raise the first error."""
    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()


def test_sixteen_clients_on_one_hot_book_and_many_others(committed_engine: sa.Engine) -> None:
    """10,000 entries by 16 clients: no gap in seq or numbers, every acknowledged entry exactly once, sums right."""
    hot = make_ledger(committed_engine)
    others = [make_ledger(committed_engine) for _ in range(4)]
    hot.post(receipt(10**9, MARCH))
    acknowledged: list[list[tuple[Ledger, PostedBatch, list[int]]]] = [[] for _ in range(CLIENTS)]

    def client(number: int) -> None:
        chance = random.Random(number)
        for turn in range(ENTRIES // CLIENTS // 100 + 1):
            sizes = BATCH_SIZES if turn < ENTRIES // CLIENTS // 100 else (5, 20)
            for size in sizes:
                ledger = hot if number % 2 else others[chance.randrange(len(others))]
                amounts = [chance.randrange(1, 1_000) for _ in range(size)]
                drafts = [
                    # Only what is sure to be there is paid, so that no answer depends on the order.
                    (payment if ledger is hot and chance.random() < 0.5 else receipt)(
                        amount, MARCH + timedelta(days=chance.randrange(60))
                    )
                    for amount in amounts
                ]
                values = [draft.lines[0].value_minor for draft in drafts]
                acknowledged[number].append((ledger, ledger.post(*drafts), values))

    run_all([lambda number=number: client(number) for number in range(CLIENTS)])  # type: ignore[misc]
    everything = [answer for answers in acknowledged for answer in answers]
    assert sum(len(values) for _, _, values in everything) == ENTRIES
    for ledger in (hot, *others):
        before = [(1, 10**9)] if ledger is hot else []
        told = before + [
            (entry.seq, value)
            for where, posted, values in everything
            if where is ledger
            for entry, value in zip(posted.entries, values, strict=True)
        ]
        assert_the_book_holds(ledger, dict(told))
        assert sorted(seq for seq, _ in told) == list(range(1, len(told) + 1))


def assert_the_book_holds(ledger: Ledger, values: dict[int, int]) -> None:
    """Compare a book with what its clients were told: cash moved by seq."""
    parameters = {"book_id": ledger.book.book_id}

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in conn.execute(sa.text(statement), parameters)]

    with ledger.transaction() as conn:
        lines = ask("SELECT seq, value_minor FROM soquy.posting WHERE book_id = :book_id AND account = '1111'")
        assert {row[0]: row[1] for row in lines} == values
        assert len(lines) == len(values)
        assert ask("SELECT last_seq FROM soquy.book_head WHERE book_id = :book_id")[0][0] == len(values)
        leaves = ask("SELECT book_seq FROM soquy.audit_entry WHERE book_id = :book_id AND type = 'entry'")
        assert sorted(row[0] for row in leaves) == list(range(1, len(values) + 1))
        numbered = ask("SELECT voucher_kind, fiscal_year, number FROM soquy.voucher WHERE book_id = :book_id")
        counted = Counter((kind, year) for kind, year, _ in numbered)
        assert sorted(numbered) == sorted(
            (kind, year, number) for (kind, year), size in counted.items() for number in range(1, size + 1)
        )
        balances = ask("""\
            SELECT DISTINCT ON (account) balance_minor FROM soquy.day_total
            WHERE book_id = :book_id ORDER BY account, total_on DESC""")
        assert [row[0] for row in balances] == [sum(values.values()), -sum(values.values())]
        wrong_days = ask("""\
            SELECT total_on FROM soquy.day_total AS t WHERE book_id = :book_id AND balance_minor <> (
                SELECT sum(value_minor) FROM soquy.posting AS p
                WHERE p.book_id = t.book_id AND p.account = t.account AND p.entry_on <= t.total_on)""")
        assert wrong_days == []


def test_one_key_sent_by_eight_clients_at_once_is_one_result(committed_ledger: Ledger) -> None:
    """All of them are told of the same entry, and it is there once."""
    asked = request("thu-tien-2024-03-01")
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(committed_ledger.post, receipt(100, MARCH), request=asked) for _ in range(8)]
        told = [answer.result() for answer in sent]
    assert len({answer.entries for answer in told}) == 1
    assert sorted(answer.repeated for answer in told) == [False] + [True] * 7
    assert_the_book_holds(committed_ledger, {1: 100})


def test_one_key_on_two_books_at_once_is_a_conflict_for_one(committed_ledger: Ledger) -> None:
    """A key is its principal's, not a book's: the slower of two requests with one key is told of the conflict."""
    with committed_ledger.transaction() as conn:
        book = make_book(conn, tenant_id=committed_ledger.book.tenant_id)
    other = Ledger(engine=committed_ledger.engine, book=book)
    with ThreadPoolExecutor(1) as pool:
        with committed_ledger.transaction() as conn:
            post(conn, committed_ledger.book, [receipt(1, MARCH)], actor=ACTOR, request=request("mot-khoa"))
            slower = pool.submit(other.post, receipt(1, MARCH), request=request("mot-khoa"))
            until_waiting_for_a_lock(committed_ledger.engine, slower)
        assert isinstance(slower.exception(), IdempotencyConflict)
    assert_the_book_holds(committed_ledger, {1: 1})


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("looked", [False, True], ids=["at once", "after looking"])
def test_two_payments_race_for_the_last_dong(committed_ledger: Ledger, isolation: str, looked: bool) -> None:
    """One is paid; the other is refused, by the overdraft rule or as a conflict whose retry is refused by it."""
    committed_ledger.post(receipt(100, MARCH))
    days = (MARCH, MARCH + timedelta(days=1))
    with committed_ledger.transaction() as conn:
        early, late = consented(conn, committed_ledger.book, [payment(100, day) for day in days], actor=ACTOR)

    def pay() -> PostedBatch:
        with committed_ledger.transaction(isolation) as conn:
            return post(conn, committed_ledger.book, [early], actor=ACTOR)

    def pay_after_looking(opened: sa.Connection) -> PostedBatch:
        return post(opened, committed_ledger.book, [early], actor=ACTOR)

    with ThreadPoolExecutor(1) as pool, committed_ledger.transaction(isolation) as slower:
        if looked:
            slower.execute(sa.text("SELECT sum(balance_minor) FROM soquy.day_total"))
        with committed_ledger.transaction(isolation) as faster:
            post(faster, committed_ledger.book, [late], actor=ACTOR)
            racing = pool.submit(pay_after_looking, slower)
            until_waiting_for_a_lock(committed_ledger.engine, racing)
        error = racing.exception(timeout=60)
        if isolation == "READ COMMITTED":
            assert isinstance(error, PostingRefused)
        else:
            assert isinstance(error, sa.exc.OperationalError)
            assert isinstance(error.orig, psycopg.errors.SerializationFailure)
    with pytest.raises(PostingRefused) as caught:
        pay()
    assert {fault.code for fault in caught.value.faults} == {"overdraft"}
    assert_the_book_holds(committed_ledger, {1: 100, 2: -100})


def test_two_reversals_of_one_entry_at_once(committed_ledger: Ledger) -> None:
    """One reverses; the other hears that the entry is reversed already."""
    (entry,) = committed_ledger.post(receipt(100, MARCH)).entries

    def reverse(conn: sa.Connection, entry_id: UUID) -> PostedEntry:
        return reverse_entry(conn, committed_ledger.book, entry_id, on=MARCH, reason="Ghi nhầm", actor=ACTOR)

    def slower_one() -> PostedEntry:
        with committed_ledger.transaction() as conn:
            return reverse(conn, entry.entry_id)

    with ThreadPoolExecutor(1) as pool:
        with committed_ledger.transaction() as conn:
            reverse(conn, entry.entry_id)
            slower = pool.submit(slower_one)
            until_waiting_for_a_lock(committed_ledger.engine, slower)
        error = slower.exception(timeout=60)
    assert isinstance(error, AlreadyReversed | PostingRefused)
    codes = {fault.code for fault in error.faults} if isinstance(error, PostingRefused) else {error.code}
    assert codes == {"already_reversed"}
    assert_the_book_holds(committed_ledger, {1: 100, 2: -100})
