"""Cells as they are kept and as they are shown."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake.cell import Cell, cell_value, column_index, column_letters, is_blank, shown


@pytest.mark.parametrize(
    ("value", "cell", "text"),
    [
        (date(2026, 9, 5), {"on": "2026-09-05"}, "05/09/2026"),
        (datetime(2026, 9, 5, 7, 30), {"at": "2026-09-05T07:30:00"}, "05/09/2026 07:30"),  # noqa: DTZ001 - as a cell has it
        (time(7, 30), {"lasts": 27_000.0}, "7:30:00"),
        (timedelta(hours=30), {"lasts": 108_000.0}, "1 day, 6:00:00"),
    ],
)
def test_days_and_times_are_kept_as_what_they_are(value: object, cell: Any, text: str) -> None:
    assert cell_value(value) == cell
    assert shown(cell) == text


def test_nothing_else_is_a_cell() -> None:
    with pytest.raises(TypeError):
        cell_value(b"x")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("a b", "a b"),
        (True, "TRUE"),
        (False, "FALSE"),
        (5.0, "5"),
        (5, "5"),
        (1.5, "1.5"),
        ({"fault": "x"}, ""),
    ],
)
def test_cells_are_shown_as_a_spreadsheet_does(cell: Cell, text: str) -> None:
    assert shown(cell) == text


def test_space_is_blank_and_nought_is_not() -> None:
    assert [is_blank(cell) for cell in (None, "", " \t\u00a0", 0, False, "x")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@given(index=st.integers(0, 20_000))
def test_columns_are_called_as_in_a_spreadsheet(index: int) -> None:
    assert column_index(column_letters(index)) == index


def test_columns_after_z_have_two_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
