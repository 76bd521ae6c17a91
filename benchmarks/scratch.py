"""The limit of writing: the journal's tables without its rules.

Same columns, CHECKs and indexes (``LIKE … INCLUDING ALL``), the same partitions, and no foreign keys because the
journal has none; but no triggers, no row-level security and no totals, written by the superuser.
"""

import itertools
import uuid
from collections.abc import Callable
from typing import Final

import psycopg
from psycopg import sql

from ledger.books.model import Book
from ledger.calendar import today

TABLES: Final = {
    "voucher": "soquy",
    "entry": "soquy",
    "posting": "soquy",
    "audit_entry": "soquy",
    "audit_pending": "soquy",
    "sealed_value": "vault",
}
"""What a posting writes besides the totals, in the order of writing, and in which schema."""

INSERT_ENTRY: Final = """\
WITH journal AS (
    INSERT INTO scratch.entry (tenant_id, book_id, seq, entry_id, kind, entry_on, line_count, voucher_kind,
        fiscal_year, voucher_number, actor_id)
    VALUES (%(tenant_id)s, %(book_id)s, %(seq)s, %(entry_id)s, 'ordinary', %(day)s, 2, 'PT', %(year)s, %(number)s,
        %(entry_id)s)
), leaf AS (
    INSERT INTO scratch.audit_entry (tenant_id, event_id, type, association_id, book_id, book_seq, leaf)
    VALUES (%(tenant_id)s, %(entry_id)s, 'entry', %(association_id)s, %(book_id)s, %(seq)s, %(leaf)s)
)
INSERT INTO scratch.posting (tenant_id, book_id, seq, line, entry_on, account, fund, value_minor, amount_minor,
    currency)
VALUES (%(tenant_id)s, %(book_id)s, %(seq)s, 1, %(day)s, '1111', 'QC', 50000, 50000, 'VND'),
    (%(tenant_id)s, %(book_id)s, %(seq)s, 2, %(day)s, '35381', 'QC', -50000, -50000, 'VND')
"""
"""One statement, one round trip, one transaction: nothing durable can be less."""

_PARTITIONS: Final = """\
SELECT child.relname, pg_get_expr(child.relpartbound, child.oid)
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'soquy.posting'::regclass
"""


def make_scratch(owner_url: str) -> None:
    """Make the schema ``scratch`` beside the product's."""
    with psycopg.connect(owner_url) as conn:
        conn.execute("CREATE SCHEMA scratch")
        for table, schema in TABLES.items():
            partitioned = sql.SQL("PARTITION BY RANGE (entry_on)" if table == "posting" else "")
            conn.execute(
                sql.SQL("CREATE TABLE scratch.{0} (LIKE {1}.{0} INCLUDING ALL) {2}").format(
                    sql.Identifier(table), sql.Identifier(schema), partitioned
                )
            )
        for name, bounds in conn.execute(_PARTITIONS).fetchall():
            conn.execute(
                sql.SQL("CREATE TABLE scratch.{} PARTITION OF scratch.posting {}").format(
                    sql.Identifier(name), sql.SQL(bounds)
                )
            )


def entry_parameters(books: list[Book], leaf: bytes, turn: int) -> dict[str, object]:
    """Return the parameters of ``INSERT_ENTRY`` for the ``turn``-th entry, books in turn."""
    round_, index = divmod(turn, len(books))
    book, seq, day, entry_id = books[index], round_ + 1, today(), uuid.uuid4()
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "seq": seq,
        "entry_id": entry_id,
        "day": day,
        "year": day.year,
        "number": seq,
        "association_id": book.association_id,
        "leaf": leaf,
    }


def bare_inserter(owner_url: str, books: list[Book], leaf: bytes, first_turn: int) -> Callable[[], None]:
    """Return the bare durable insert of an entry, its two postings and its leaf, by the raw driver."""
    conn = psycopg.connect(owner_url, autocommit=True)
    turns = itertools.count(first_turn)

    def work() -> None:
        conn.execute(INSERT_ENTRY, entry_parameters(books, leaf, next(turns)), prepare=True)

    return work


def sample_leaf(owner_url: str) -> bytes:
    """Return the leaf of an entry of this database."""
    with psycopg.connect(owner_url) as conn:
        row = conn.execute("SELECT leaf FROM soquy.audit_entry WHERE type = 'entry' LIMIT 1").fetchone()
    if row is None:
        raise LookupError("no entry was posted yet")
    return bytes(row[0])
