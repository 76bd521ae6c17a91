"""Run sql/0018_paper.sql."""

from migrations.revision import run_sql

revision, down_revision = "0018", "0017"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0018_paper.sql")
