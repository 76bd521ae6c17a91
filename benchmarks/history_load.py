"""Load ten years of history past the rules, as the owner of the tables.

Every entry is a receipt or payment of two lines, through one of two cash or bank accounts, of one of three funds. Seven
times as much comes in as goes out, early enough that nothing is ever overdrawn: the rules would have taken it.
"""

from collections.abc import Iterable
from typing import Final

import psycopg
from psycopg import sql

from ledger.books.model import Book

FIRST_YEAR: Final = 2015
LAST_YEAR: Final = 2024

_ASSOCIATIONS: Final = """\
INSERT INTO soquy.association (tenant_id, association_id, kind, level, name_vi, founded_on, event_id)
SELECT %(tenant_id)s, gen_random_uuid(), 'learning-promotion', 'commune', 'Hội Khuyến học xã Mẫu ' || n, %(opened_on)s,
    gen_random_uuid()
FROM generate_series(1, %(count)s) AS n
"""

_BOOKS: Final = """\
INSERT INTO soquy.book (tenant_id, association_id, chart, opened_on, event_id)
SELECT tenant_id, association_id, 'TT24-MAU', founded_on, event_id
FROM soquy.association
WHERE tenant_id = %(tenant_id)s AND founded_on = %(opened_on)s
RETURNING tenant_id, book_id, association_id
"""

_POSTINGS: Final = """\
INSERT INTO {table} (tenant_id, book_id, seq, line, entry_on, account, fund, value_minor, amount_minor, currency)
SELECT b.tenant_id, b.book_id, s.seq, l.line, %(first_on)s::date + (s.nth * 365 / b.entry_count)::integer,
    CASE WHEN l.line = 2 THEN '3538' || (1 + s.seq %% 3) WHEN s.seq %% 5 = 0 THEN '1121A' ELSE '1111' END,
    'Q' || (1 + s.seq %% 3), v.value_minor, v.value_minor, 'VND'
FROM pg_temp.load_book AS b
CROSS JOIN LATERAL (SELECT nth, nth + %(year_index)s * b.entry_count + 1 AS seq
    FROM generate_series(0, b.entry_count - 1) AS nth) AS s
CROSS JOIN (VALUES (1, 1), (2, -1)) AS l (line, sign)
CROSS JOIN LATERAL (
    SELECT l.sign * CASE WHEN s.seq %% 7 = 0 THEN -40000 ELSE 50000 + s.seq %% 1000 END) AS v (value_minor)
"""

_FUNDS: Final = """\
INSERT INTO soquy.fund (tenant_id, book_id, fund, kind, balance_account, is_restricted, name_vi, purpose, opened_on,
    event_id)
SELECT b.tenant_id, b.book_id, 'Q' || right(k.account, 1), k.fund_kind, k.account, k.is_restricted, k.name_vi,
    k.name_vi, %(first_on)s, gen_random_uuid()
FROM pg_temp.load_book AS b
JOIN soquy.book USING (tenant_id, book_id)
JOIN soquy.fund_kind AS k USING (chart)
WHERE k.account IN ('35381', '35382', '35383')
"""

_DAY_TOTALS: Final = """\
INSERT INTO soquy.day_total
    (tenant_id, book_id, account, fund, total_on, debit_to_date_minor, credit_to_date_minor, foreign_to_date_minor)
SELECT tenant_id, book_id, account, fund, entry_on, sum(debit_minor) OVER key_days, sum(credit_minor) OVER key_days, 0
FROM (SELECT tenant_id, book_id, account, fund, entry_on,
        CAST(sum(greatest(value_minor, 0)) AS bigint) AS debit_minor,
        CAST(sum(greatest(- value_minor, 0)) AS bigint) AS credit_minor
    FROM soquy.posting WHERE entry_on < '2025-01-01' GROUP BY 1, 2, 3, 4, 5) AS moved
WINDOW key_days AS (PARTITION BY tenant_id, book_id, account, fund ORDER BY entry_on)
"""

_BALANCE_KEYS: Final = """\
INSERT INTO soquy.balance_key (tenant_id, book_id, account, fund)
SELECT DISTINCT tenant_id, book_id, account, fund FROM soquy.day_total
"""


def load_books(owner: psycopg.Connection, tenant_id: int, count: int) -> list[Book]:
    """Found so many associations with their books at once, a level below nobody."""
    _pass_leaves_by(owner)
    asked = {"tenant_id": tenant_id, "count": count, "opened_on": f"{FIRST_YEAR}-01-01"}
    owner.execute(_ASSOCIATIONS, asked)
    return [
        Book(tenant_id=tenant, book_id=book, association_id=association)
        for tenant, book, association in owner.execute(_BOOKS, asked).fetchall()
    ]


def load_history(owner: psycopg.Connection, books: Iterable[tuple[Book, int]]) -> None:
    """Load so many postings into each book, evenly over the years, in place of what was posted in them."""
    owner.execute("SET LOCAL maintenance_work_mem = '512MB'")
    owner.execute("SET LOCAL work_mem = '256MB'")
    owner.execute("SET LOCAL wal_compression = off")
    owner.execute("CREATE TEMPORARY TABLE load_book (tenant_id integer, book_id bigint, entry_count integer)")
    years = LAST_YEAR - FIRST_YEAR + 1
    with owner.cursor().copy("COPY pg_temp.load_book FROM STDIN") as copy:
        for book, posting_count in books:
            copy.write_row((book.tenant_id, book.book_id, posting_count // 2 // years))
    owner.execute(_FUNDS, {"first_on": f"{FIRST_YEAR}-01-01"})
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        _load_year(owner, year)
    owner.execute("ALTER TABLE soquy.day_total DROP CONSTRAINT day_total_pk")
    owner.execute("DELETE FROM soquy.day_total")
    owner.execute("DELETE FROM soquy.balance_key")
    owner.execute(_DAY_TOTALS)
    owner.execute(
        "ALTER TABLE soquy.day_total "
        "ADD CONSTRAINT day_total_pk PRIMARY KEY (tenant_id, book_id, account, fund, total_on)"
    )
    owner.execute(_BALANCE_KEYS)
    owner.commit()
    owner.autocommit = True
    owner.execute("VACUUM (ANALYZE) soquy.posting, soquy.day_total, soquy.balance_key, soquy.association, soquy.book")
    owner.execute("CHECKPOINT")


def _pass_leaves_by(owner: psycopg.Connection) -> None:
    """Let rows in that no leaf tells of: what is measured reads none."""
    for table in ("association", "book", "account", "fund"):
        trigger = sql.Identifier(f"{table}_leaf")
        owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(sql.Identifier("soquy", table), trigger))


def _load_year(owner: psycopg.Connection, year: int) -> None:
    """Fill a table apart, give it its indexes, and put it in the place of the year's partition."""
    partition, fresh = sql.Identifier("soquy", f"posting_{year}"), sql.Identifier("soquy", f"loading_{year}")
    owner.execute(sql.SQL("DROP TABLE {}").format(partition))
    owner.execute(
        sql.SQL("CREATE TABLE {} (LIKE soquy.posting INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(fresh)
    )
    owner.execute(
        sql.SQL(_POSTINGS).format(table=fresh), {"first_on": f"{year}-01-01", "year_index": year - FIRST_YEAR}
    )
    owner.execute(
        sql.SQL("ALTER TABLE soquy.posting ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            fresh, sql.Literal(f"{year}-01-01"), sql.Literal(f"{year + 1}-01-01")
        )
    )
