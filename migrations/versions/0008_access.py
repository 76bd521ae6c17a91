"""Run sql/0008_access.sql."""

from migrations.revision import run_sql

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0008_access.sql")
