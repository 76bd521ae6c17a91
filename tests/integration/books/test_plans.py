"""A connection posts one entry as well after a batch as before it."""

from datetime import date

import sqlalchemy as sa

from ledger.books.posting import BULK_SIZE_MIN, post
from tests.factories import ACTOR, Ledger, receipt

MARCH = date(2024, 3, 15)

ROWS_READ = sa.text("""\
SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables
WHERE relname IN ('entry', 'audit_entry', 'voucher', 'sealed_value', 'data_key') OR relname LIKE 'posting%'""")


def rows_read_whole(ledger: Ledger, conn: sa.Connection, count: int) -> int:
    """Post so many entries and return how many rows were read from whole tables of the journal for it."""
    conn.execute(sa.text("SELECT set_config('soquy.tenant_id', :tenant, true)"), {"tenant": str(ledger.book.tenant_id)})
    before = int(conn.execute(ROWS_READ).scalar_one())  # of transactions that are not yet counted elsewhere
    post(conn, ledger.book, [receipt(500, MARCH)] * count, actor=ACTOR)
    after = int(conn.execute(ROWS_READ).scalar_one())
    conn.commit()
    return after - before


def test_an_entry_after_a_batch_reads_no_whole_table(committed_ledger: Ledger) -> None:
    """A plan made for two thousand entries would read the journal from end to end for one."""
    with committed_ledger.engine.connect() as conn:
        rows_read_whole(committed_ledger, conn, 40 * BULK_SIZE_MIN)
        assert rows_read_whole(committed_ledger, conn, 1) == 0
