"""Cells of a file as they are kept: JSON values that say what kind of cell it was.

A text is a string, a number a number, a blank cell an empty string. A day is ``{"on": "2026-09-05"}``, an instant
``{"at": "2026-09-05T07:30:00"}``, a length of time ``{"lasts": seconds}``. A cell that has no value to read is
``{"fault": code}``: a formula that was never computed, or an error that the spreadsheet shows.
"""

from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | dict[str, str | float] | None
Row: TypeAlias = list[Cell]

UNCOMPUTED: Final = "formula_uncomputed"
ERROR: Final = "cell_error"
TOO_LONG: Final = "cell_too_long"

CELL_LENGTH_MAX: Final = 1_000
"""Characters of one cell: an address or a note is shorter, and a preview has to show it."""


def cell_value(value: object) -> dict[str, str | float]:
    """Return the JSON value of what a workbook's cell holds besides texts and numbers.

    Raises:
        TypeError: nothing that a cell can hold.
    """
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, time):
        return {"lasts": float(value.hour * 3_600 + value.minute * 60 + value.second)}
    if isinstance(value, timedelta):
        return {"lasts": value.total_seconds()}
    raise TypeError(type(value).__name__)


def is_blank(cell: Cell) -> bool:
    """Tell whether nothing stands in a cell, or only space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """Return a cell as a person sees it in the spreadsheet, near enough to find it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return str(int(cell)) if cell == int(cell) else repr(cell)
    return _shown_day(cell)


def _shown_day(cell: dict[str, str | float]) -> str:
    if "on" in cell:
        return f"{date.fromisoformat(str(cell['on'])):%d/%m/%Y}"
    if "at" in cell:
        return f"{datetime.fromisoformat(str(cell['at'])):%d/%m/%Y %H:%M}"
    if "lasts" in cell:
        return str(timedelta(seconds=float(cell["lasts"])))
    return ""


def column_letters(index: int) -> str:
    """Return what a spreadsheet calls a column: A for 0, Z for 25, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, place = divmod(index - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the place of a column from its letters, 0 for A."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
