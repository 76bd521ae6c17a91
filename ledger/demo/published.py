"""Figures as associations or newspapers published them, each with its qualifier and its source.

They are shown beside what the books say and never mixed with it. Some (chapters, members) count what keeps no books.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """One published figure; ``qualifier`` is ``over``, ``nearly``, ``average`` … or ``as published``."""

    place: str
    period_start: date | None
    period_end: date
    kind: str
    measure: str
    value: Decimal
    unit: str
    qualifier: str
    note: str
    source: str
    url: str


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """Return every figure of ``data/seed_figures.csv``."""
    with (files("ledger.demo") / "data" / "seed_figures.csv").open(encoding="utf-8") as opened:
        return tuple(
            PublishedFigure(
                place=row["association"],
                period_start=date.fromisoformat(row["period_start"]) if row["period_start"] else None,
                period_end=date.fromisoformat(row["period_end"]),
                kind=row["kind"],
                measure=row["measure"],
                value=Decimal(row["value"]),
                unit=row["unit"],
                qualifier=row["qualifier"],
                note=row["note"],
                source=row["source"],
                url=row["url"],
            )
            for row in csv.DictReader(opened)
        )


def figures_of(place: str, year: int) -> dict[str, PublishedFigure]:
    """Return what was published of a place for a year, by measure; targets are no figures of the year."""
    return {
        figure.measure: figure
        for figure in published_figures()
        if figure.place == place and figure.period_end.year == year and figure.kind != "target"
    }
