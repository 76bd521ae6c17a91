"""Run sql/0004_associations.sql."""

from migrations.revision import run_sql

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0004_associations.sql")
