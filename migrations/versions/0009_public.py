"""Run sql/0009_public.sql."""

from migrations.revision import run_sql

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0009_public.sql")
