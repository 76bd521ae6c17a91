"""Days, months and years as the books count them; "today" is the day in Việt Nam."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from typing import Final

TIME_ZONE: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Without daylight saving since 1975; written out, because a bare machine may have no time zone data."""


def today() -> date:
    """Return the calendar day in Việt Nam, as the database's ``soquy.today()`` does."""
    return datetime.now(TIME_ZONE).date()


def month_start(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def fiscal_year(day: date) -> int:
    """Return the fiscal year of a day: the calendar year (Circular 24/2024 Art. 9)."""
    return day.year
