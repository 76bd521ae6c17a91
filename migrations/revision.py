"""Run a numbered SQL file as an Alembic revision.

Guarantees: the file reaches PostgreSQL as it is written, with all its statements and percent signs, in
the transaction of the migration; an error names the file and the line.
"""

from pathlib import Path

import psycopg
from alembic import op

SQL = Path(__file__).resolve().parent / "sql"


def run_sql(name: str) -> None:
    """Execute a file of ``migrations/sql``.

    Raises:
        psycopg.Error: with a note that says where in the file.
    """
    path = SQL / name
    text = path.read_text(encoding="utf-8")
    connection = op.get_bind().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError(f"{name} needs psycopg's own connection, not {connection!r}.")
    try:
        # Bytes without parameters go by the simple protocol: many statements, no placeholders.
        connection.execute(text.encode())
    except psycopg.Error as error:
        position = int(error.diag.statement_position or 0)
        line = f", line {text.count(chr(10), 0, position) + 1}" if position else ""
        error.add_note(f"While running {path}{line}. {error.diag.context or ''}".rstrip())
        raise
