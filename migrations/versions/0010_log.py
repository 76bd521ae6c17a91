"""Run sql/0010_log.sql."""

from migrations.revision import run_sql

revision, down_revision = "0010", "0009"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0010_log.sql")
