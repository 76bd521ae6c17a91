"""Run sql/0005_journal.sql."""

from migrations.revision import run_sql

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0005_journal.sql")
