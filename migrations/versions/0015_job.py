"""Run sql/0015_job.sql."""

from migrations.revision import run_sql

revision, down_revision = "0015", "0014"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0015_job.sql")
