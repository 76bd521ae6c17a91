"""Run sql/0019_approval.sql."""

from migrations.revision import run_sql

revision, down_revision = "0019", "0018"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0019_approval.sql")
