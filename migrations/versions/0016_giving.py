"""Run sql/0016_giving.sql."""

from migrations.revision import run_sql

revision, down_revision = "0016", "0015"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0016_giving.sql")
