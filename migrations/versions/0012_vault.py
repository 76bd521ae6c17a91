"""Run sql/0012_vault.sql."""

from migrations.revision import run_sql

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0012_vault.sql")
