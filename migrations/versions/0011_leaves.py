"""Run sql/0011_leaves.sql."""

from migrations.revision import run_sql

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0011_leaves.sql")
