"""What a demo's plan is made of: money or goods coming to an association's fund, or leaving it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from ledger.demo.dice import draw_day
from ledger.demo.scenario import AnySeason, Medium, Per, Year
from ledger.demo.units import Unit
from ledger.money import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One occasion; ``value_minor`` is positive for what comes in."""

    unit: str
    on: date
    fund: str
    medium: Medium
    value_minor: int
    channel: str | None = None
    campaign: str | None = None
    program: str | None = None
    quantity: int | None = None
    amount_minor: int | None = None
    rate: Rate | None = None


def event_count(unit: Unit, per: Per, events: int) -> int:
    """Return how often a year something happens at an association."""
    return events * {"book": 1, "chapter": unit.chapters, "committee": unit.committees}[per]


def season_days(seasons: Sequence[AnySeason], year: Year) -> list[tuple[date, date]]:
    """Return first and last day of the seasons, as far as they lie in the year."""
    days = [season.days(year.from_on.year, year.tet_on) for season in seasons]
    return [
        (max(first, year.from_on), min(last, year.to_on))
        for first, last in days
        if first <= year.to_on and last >= year.from_on
    ]


def draw_days(chance: Random, seasons: Sequence[tuple[date, date]], count: int, *, banking: bool) -> list[date]:
    """Draw a day for each occasion, season by season in turn."""
    return [draw_day(chance, *seasons[index % len(seasons)], banking=banking) for index in range(count)]
