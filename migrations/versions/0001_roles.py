"""Run sql/0001_roles.sql."""

from migrations.revision import run_sql

revision, down_revision = "0001", None


def upgrade() -> None:
    """Apply the file."""
    run_sql("0001_roles.sql")
