"""Run sql/0021_award.sql."""

from migrations.revision import run_sql

revision, down_revision = "0021", "0020"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0021_award.sql")
