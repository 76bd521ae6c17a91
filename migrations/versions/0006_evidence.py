"""Run sql/0006_evidence.sql."""

from migrations.revision import run_sql

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    """Apply the file."""
    run_sql("0006_evidence.sql")
