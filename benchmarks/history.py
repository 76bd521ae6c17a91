"""Balances and trial balances over a history that grows: they should cost by accounts, not by postings.

The history is not posted: the product would take half an hour for what is to be read here in milliseconds. The owner
loads the postings of ten years into fresh partitions and makes the day totals of them set-wise, as the triggers would
have; entries, leaves and month totals, which these reports do not read, are left out.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Final

import psycopg
import sqlalchemy as sa

from benchmarks.books import found_books
from benchmarks.history_load import FIRST_YEAR, LAST_YEAR, load_books, load_history
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes, app_engine
from ledger.books.model import Book
from ledger.reports.balance import account_balance
from ledger.reports.period import Period
from ledger.reports.scope import Scope
from ledger.reports.trial_balance import trial_balance
from ledger.tenancy import set_tenant

REPEATS: Final = 20
_MIDDLE_ON: Final = date((FIRST_YEAR + LAST_YEAR) // 2, 6, 15)
_YEAR: Final = Period.of_year(LAST_YEAR)


def measure_history(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    counts = sizes.history_posting_counts
    books = found_books(engine, len(counts))
    [first] = found_books(engine, 1)
    per_book = sizes.consolidated_posting_count // sizes.consolidated_book_count
    begun = time.monotonic()
    with psycopg.connect(database.owner_url) as owner:
        spread = [first, *load_books(owner, first.tenant_id, sizes.consolidated_book_count - 1)]
        load_history(owner, [*zip(books, counts, strict=True), *((book, per_book) for book in spread)])
    total = sum(counts) + per_book * len(spread)
    yield Row(name=f"loading {total:,} postings", value=time.monotonic() - begun, unit="s", runs=1)
    smallest = counts[0]
    for label, ask in (("balance on a day", _balance), ("trial balance of a year", _trial_balance)):
        for book, count in zip(books[1:], counts[1:], strict=True):
            yield paired(
                f"{label}, {count:,} postings",
                "ms",
                _timed(engine, partial(ask, book=book)),
                f"the same with {smallest:,}",
                _timed(engine, partial(ask, book=books[0])),
                runs=sizes.runs,
                target="≥ 0.5",
            )
    yield from _consolidated(engine, spread, sizes)


def _consolidated(engine: sa.Engine, books: list[Book], sizes: Sizes) -> Iterator[Row]:
    scope = Scope(tenant_id=books[0].tenant_id)
    for label, period in (
        ("year", _YEAR),
        ("month", Period(from_on=date(LAST_YEAR, 9, 1), to_on=date(LAST_YEAR, 9, 30))),
    ):
        ask = _timed(engine, partial(_agreeing, scope=scope, period=period), repeats=1)
        ask()
        yield Row(
            name=f"trial balance of a {label}, {len(books):,} books, {sizes.consolidated_posting_count:,} postings",
            value=statistics.median(ask() for _ in range(sizes.runs)),
            unit="ms",
            runs=sizes.runs,
            target="≤ 1,000 ms",
        )


def _balance(conn: sa.Connection, book: Book) -> None:
    set_tenant(conn, book.tenant_id)
    account_balance(conn, book, "111", as_of=_MIDDLE_ON)


def _trial_balance(conn: sa.Connection, book: Book) -> None:
    _agreeing(conn, Scope(tenant_id=book.tenant_id, association_id=book.association_id), _YEAR)


def _agreeing(conn: sa.Connection, scope: Scope, period: Period) -> None:
    set_tenant(conn, scope.tenant_id)
    found = trial_balance(conn, scope, period)
    if not found.agrees or not found.rows:
        raise ArithmeticError("the loaded history does not balance")


def _timed(engine: sa.Engine, ask: Callable[[sa.Connection], None], repeats: int = REPEATS) -> Callable[[], float]:
    """Return a measurement in milliseconds: the median of some questions, each in a transaction of its own."""

    def measure() -> float:
        took = []
        for _ in range(repeats):
            begun = time.perf_counter()
            with engine.begin() as conn:
                ask(conn)
            took.append((time.perf_counter() - begun) * 1000)
        return statistics.median(took)

    return measure
