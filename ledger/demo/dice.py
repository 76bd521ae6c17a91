"""Chance that falls the same way every time."""

import random
from datetime import date, timedelta
from typing import Final

WEIGHT_MIN: Final = 60
WEIGHT_MAX: Final = 160

_SATURDAY: Final = 5


def dice(*named: object) -> random.Random:
    """Return a generator of its own for what is named, so that one more draw elsewhere moves nothing here."""
    return random.Random("/".join(map(str, named)))  # noqa: S311 - sample data, not secrets # nosec B311


def draw_weight(chance: random.Random) -> int:
    """Draw a share that is neither tiny nor huge beside its like."""
    return chance.randrange(WEIGHT_MIN, WEIGHT_MAX)


def draw_day(chance: random.Random, first: date, last: date, *, banking: bool) -> date:
    """Draw a day between two, both included; one on which banks work, where there is one."""
    day = first + timedelta(days=chance.randrange((last - first).days + 1))
    if not banking or day.weekday() < _SATURDAY:
        return day
    friday = day - timedelta(days=day.weekday() - _SATURDAY + 1)
    return friday if friday >= first else min(day + timedelta(days=7 - day.weekday()), last)
