"""Run sql/0002_reference.sql."""

from migrations.revision import run_sql

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0002_reference.sql")
