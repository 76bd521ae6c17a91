"""Run sql/0014_people.sql."""

from migrations.revision import run_sql

revision, down_revision = "0014", "0013"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0014_people.sql")
