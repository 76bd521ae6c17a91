"""What was in the books before rows named their leaves gets the ids of those leaves."""

import sqlalchemy as sa
from sqlalchemy import Connection, text

from ledger.books.check import check
from migrations.migrate import FOLDER, driver_url
from tests.database import with_vault
from tests.province import build_province, do_everything_else

COLUMNS = {
    "association": "event_id, closed_event_id",
    "book": "event_id",
    "account": "event_id, closed_event_id",
    "fund": "event_id, closed_event_id",
    "campaign": "event_id",
    "program": "event_id",
    "voucher": "event_id",
    "api_token": "event_id",
}


def kept(conn: Connection) -> dict[str, list[str]]:
    """Return every row of these tables, in one order."""
    query = "SELECT CAST(to_jsonb(t) AS text) FROM soquy.{} AS t ORDER BY 1"
    return {table: list(conn.execute(text(query.format(table))).scalars()) for table in COLUMNS}


def test_rows_of_before_find_their_leaves(database_url: str) -> None:
    """Filled by the migration's own statements, the columns are what the commands would have written."""
    script = (FOLDER / "sql" / "0011_leaves.sql").read_text(encoding="utf-8")
    fill = script.partition("-- Fill them")[2].partition("-- Filled.")[0].partition("\n")[2]
    engine = with_vault(sa.create_engine(driver_url(database_url), poolclass=sa.NullPool))
    with engine.connect() as conn:
        do_everything_else(conn, build_province(conn))
        before = kept(conn)
        for table, columns in COLUMNS.items():
            nothing = ", ".join(f"{column} = NULL" for column in columns.split(", "))
            conn.execute(text(f"ALTER TABLE soquy.{table} DISABLE TRIGGER ALL, ALTER COLUMN event_id DROP NOT NULL"))
            conn.execute(text(f"ALTER TABLE soquy.{table} DROP CONSTRAINT IF EXISTS {table}_closed_event_check"))
            conn.execute(text(f"UPDATE soquy.{table} SET {nothing}"))
        conn.execute(text("ALTER TABLE soquy.audit_entry DISABLE TRIGGER ALL"))
        founded = "UPDATE soquy.audit_entry AS a SET book_id = b.book_id FROM soquy.book AS b"
        conn.execute(text(f"{founded} WHERE b.association_id = a.association_id AND a.type = 'association.founded'"))
        conn.execute(text("SET LOCAL ROLE soquy_owner"))
        conn.execute(text("SET LOCAL search_path = soquy, pg_temp"))
        conn.exec_driver_sql(fill)
        conn.execute(text("RESET ROLE"))
        assert kept(conn) == before
        assert {finding.rule for finding in check(conn)} == {"guards_on"}
    engine.dispose()
