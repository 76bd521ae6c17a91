"""Bulk posting beside ``COPY`` of the very rows it wrote; both in one transaction, durable when it ends.

The limit gets its rows as ready-made bytes, so it is what PostgreSQL can take in, and not what Python can make.
Left out of it are the few rows of the totals. It is one batch behind, so that either may go first.
"""

import time
from collections import deque
from collections.abc import Iterator
from typing import Final

import psycopg
from psycopg import sql

from benchmarks.books import ACTOR, drafts_over_a_year, found_books
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes, app_engine
from benchmarks.scratch import TABLES, make_scratch
from ledger.books.model import Book
from ledger.books.posting import post
from ledger.tenancy import set_tenant

_BY_EVENT: Final = "WHERE event_id IN (SELECT entry_id FROM soquy.entry WHERE book_id = {} AND seq > {})"
_WHERE: Final = {
    "voucher": "WHERE recorded_at = (SELECT max(recorded_at) FROM soquy.entry WHERE book_id = {} AND seq > {})",
    "entry": "WHERE book_id = {} AND seq > {}",
    "posting": "WHERE book_id = {} AND seq > {}",
    "audit_entry": "WHERE book_id = {} AND book_seq > {}",
    "audit_pending": _BY_EVENT,
    "sealed_value": _BY_EVENT,
}
"""The rows of a book's newest batch: what comes after a seq."""


def measure_bulk(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    [book] = found_books(engine, 1)
    make_scratch(database.owner_url)
    seeds = iter(range(sizes.runs + 2))
    written: deque[list[tuple[sql.Composed, bytes]]] = deque()

    with psycopg.connect(database.owner_url, autocommit=True) as owner:

        def post_batch() -> float:
            drafts = drafts_over_a_year(sizes.bulk_entry_count, seed=next(seeds))
            begun = time.perf_counter()
            with engine.begin() as conn:
                set_tenant(conn, book.tenant_id)
                batch = post(conn, book, drafts, actor=ACTOR)
            rate = len(drafts) / (time.perf_counter() - begun)
            written.append(_copied_out(owner, book, batch.first_seq - 1))
            return rate

        def copy_batch() -> float:
            rows = written.popleft()
            begun = time.perf_counter()
            with owner.transaction(), owner.cursor() as cursor:
                for statement, data in rows:
                    with cursor.copy(statement) as copy:
                        copy.write(data)
            return sizes.bulk_entry_count / (time.perf_counter() - begun)

        post_batch()
        copy_batch()  # both have a history, and warm caches
        post_batch()
        yield paired(
            f"bulk posting, {sizes.bulk_entry_count:,} entries of 2 lines",
            "entries/s",
            post_batch,
            "COPY of the same rows, no rules",
            copy_batch,
            runs=sizes.runs,
            target="≥ 0.5",
        )


def _copied_out(owner: psycopg.Connection, book: Book, after_seq: int) -> list[tuple[sql.Composed, bytes]]:
    """Return for each table the COPY statement of the limit and the rows of the newest batch as its bytes."""
    copied = []
    for table, schema in TABLES.items():
        name = sql.Identifier(table)
        where = sql.SQL(_WHERE[table])
        selected = where.format(sql.Literal(book.book_id), sql.Literal(after_seq))
        query = sql.SQL("COPY (SELECT * FROM {}.{} {}) TO STDOUT").format(sql.Identifier(schema), name, selected)
        with owner.cursor().copy(query) as copy:
            data = b"".join(bytes(block) for block in copy)
        copied.append((sql.SQL("COPY scratch.{} FROM STDIN").format(name), data))
    return copied
