"""Measure a thing beside its limit: alternating, in one run, so that a noisy machine slows both.

What is reported is the median of each, and the median of the ratios of the pairs; a ratio is the product's share of
what the limit allows, so 1 is perfect and more is better, whether the values are rates or times.
"""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Measure = Callable[[], float]

_TIMES: Final = ("s", "ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table. ``target`` is what design §10 asks for, in words."""

    name: str
    value: float
    unit: str
    limit: str = ""
    limit_value: float | None = None
    ratio: float | None = None
    runs: int
    target: str = ""

    def published(self) -> dict[str, str | float | None]:
        """Return the row as ``--json`` writes it."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "limit": self.limit,
            "limit_value": None if self.limit_value is None else round(self.limit_value, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "runs": self.runs,
        }


def paired(name: str, unit: str, product: Measure, limit_name: str, limit: Measure, *, runs: int, target: str) -> Row:
    """Measure both ``runs`` times, the one that goes first changing; each call returns one value in ``unit``."""
    values: list[float] = []
    limits: list[float] = []
    for index in range(runs):
        for measure, measured in ((product, values), (limit, limits))[:: 1 if index % 2 else -1]:
            measured.append(measure())
    pairs = zip(values, limits, strict=True)
    ratios = [theirs / ours if unit in _TIMES else ours / theirs for ours, theirs in pairs]
    return Row(
        name=name,
        value=statistics.median(values),
        unit=unit,
        limit=limit_name,
        limit_value=statistics.median(limits),
        ratio=statistics.median(ratios),
        runs=runs,
        target=target,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def latency_rows(name: str, seconds: Sequence[float], *, runs: int, target: str = "") -> Iterable[Row]:
    """Return the 50th, 95th and 99th percentile of what single operations took; the target is the last one's."""
    for share in (50, 95, 99):
        value = percentile(seconds, share / 100) * 1000
        yield Row(name=f"{name}, p{share}", value=value, unit="ms", runs=runs, target=target if share == 99 else "")


def print_header() -> None:
    """Print the names of the columns."""
    names = ("name", "value", "unit", "limit", "its value", "ratio", "runs", "target")
    print("{:<52} {:>11} {:<11} {:<38} {:>11} {:>6} {:>4}  {}".format(*names))


def print_row(row: Row) -> None:
    """Print a row as soon as it is known."""
    limit = "" if row.limit_value is None else f"{row.limit_value:,.1f}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    print(
        f"{row.name:<52} {row.value:>11,.1f} {row.unit:<11} {row.limit:<38} {limit:>11} {ratio:>6} "
        f"{row.runs:>4}  {row.target}",
        flush=True,
    )


def write_json(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows for programs to read."""
    text = json.dumps([row.published() for row in rows], indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
