"""Run sql/0007_rules.sql."""

from migrations.revision import run_sql

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0007_rules.sql")
