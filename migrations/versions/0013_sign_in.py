"""Run sql/0013_sign_in.sql."""

from migrations.revision import run_sql

revision, down_revision = "0013", "0012"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0013_sign_in.sql")
