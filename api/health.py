"""Is the process alive, and can it do its work?"""

from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from ledger.calendar import today

NEXT_YEAR_WANTED_FROM: Final = (10, 1)
"""From 1 October on the partition of the coming year must be there: nobody wants to make it on New Year's Eve."""

_REVISION: Final = text("SELECT version_num FROM soquy.alembic_version")
_PARTITION: Final = text("SELECT to_regclass('soquy.posting_' || CAST(CAST(:year AS integer) AS text)) IS NOT NULL")

_HELD: Final = text("SELECT held_because IS NOT NULL FROM soquy.log_head ORDER BY log_id DESC LIMIT 1")


def years_wanted(day: date) -> list[int]:
    """Return the years whose postings must have a place on a day."""
    years = [day.year]
    if (day.month, day.day) >= NEXT_YEAR_WANTED_FROM:
        years.append(day.year + 1)
    return years


def missing(conn: Connection, *, revision: str | None) -> list[str]:
    """Return what keeps the service from its work: nothing, if it is ready."""
    found = []
    if conn.execute(_REVISION).scalar() != revision:
        found.append("schema")
    found += [
        f"posting_{year}" for year in years_wanted(today()) if not conn.execute(_PARTITION, {"year": year}).scalar()
    ]
    if conn.execute(_HELD).scalar():
        found.append("log_held")
    return found
