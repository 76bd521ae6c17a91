"""Run sql/0020_proposal.sql."""

from migrations.revision import run_sql

revision, down_revision = "0020", "0019"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0020_proposal.sql")
