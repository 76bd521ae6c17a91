"""Run sql/0003_chart_tt24.sql."""

from migrations.revision import run_sql

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0003_chart_tt24.sql")
