"""Run sql/0017_intake.sql."""

from migrations.revision import run_sql

revision, down_revision = "0017", "0016"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0017_intake.sql")
