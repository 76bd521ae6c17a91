"""Bars as numbers for an SVG, from the same rows as the table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.reports.overview import MonthShare

WIDTH: Final = 400
HEIGHT: Final = 270
PLOT_TOP: Final = 12
PLOT_BOTTOM: Final = 244
PLOT_LEFT: Final = 44
BAR_SCALE: Final = 1_000

_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart, in its own coordinates."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBars:
    """What a month received and used, side by side; ``middle`` is where its label stands."""

    month_on: date
    middle: float
    received: Bar
    used: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """A line across, and the amount it stands for."""

    y: float
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All of a month chart."""

    months: tuple[MonthBars, ...]
    grid: tuple[GridLine, ...]


def month_chart(months: Sequence[MonthShare]) -> Chart:
    """Return the bars of a period's months; what is below nothing shows as nothing."""
    highest = max([max(each.totals.received_minor, each.totals.used_minor) for each in months], default=0)
    step = _grid_step(highest)
    top = max(step, -(-highest // step) * step)
    slot = (WIDTH - PLOT_LEFT) / max(1, len(months))
    bars = []
    for index, each in enumerate(months):
        x = PLOT_LEFT + slot * index
        width = slot * 0.38
        bars.append(
            MonthBars(
                month_on=each.month_on,
                middle=round(x + slot / 2, 1),
                received=_bar(x + slot * 0.1, width, each.totals.received_minor, top),
                used=_bar(x + slot * 0.1 + width + 1, width, each.totals.used_minor, top),
            )
        )
    grid = [GridLine(y=_height_at(amount, top), amount_minor=amount) for amount in range(0, top + 1, step)]
    return Chart(months=tuple(bars), grid=tuple(grid))


def bar_width(amount_minor: int, highest_minor: int) -> int:
    """Return the length of a table's bar, in thousandths of the longest one."""
    if highest_minor <= 0 or amount_minor <= 0:
        return 0
    return max(1, amount_minor * BAR_SCALE // highest_minor)


def _bar(x: float, width: float, amount_minor: int, top: int) -> Bar:
    y = _height_at(max(0, amount_minor), top)
    return Bar(x=round(x, 1), y=y, width=round(width, 1), height=round(PLOT_BOTTOM - y, 1))


def _height_at(amount_minor: int, top: int) -> float:
    return round(PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * amount_minor / top, 1)


def _grid_step(highest: int) -> int:
    """Return a round step that gives two to five lines."""
    step = 1_000
    while True:
        for factor in _STEPS:
            if highest <= step * factor * 4:
                return step * factor
        step *= 10
