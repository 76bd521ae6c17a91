"""Numbers and base64 have one spelling each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.line import NUMBER_MAX, format_base64, parse_base64, parse_decimal


@given(st.integers(0, NUMBER_MAX))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize("text", ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "1.0", "0x1", "٣", "1\n", "\n", "1\r"])
def test_other_spellings_of_numbers_are_none(text: str) -> None:
    assert parse_decimal(text) is None


@pytest.mark.parametrize("text", [str(NUMBER_MAX + 1), "9" * 20, "1" + "0" * 10_000])
def test_a_number_too_large_is_never_a_right_one(text: str) -> None:
    number = parse_decimal(text)
    assert number is not None
    assert number > NUMBER_MAX


@given(st.binary(max_size=70))
def test_base64_is_read_as_it_is_written(data: bytes) -> None:
    assert parse_base64(format_base64(data)) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AAA", "AA=", "AB==", "AAB=", "-_8=", "AA==\n", " AA==", "AA ==", "AA==AA==", "A===", "====", "é==="],
)
def test_other_spellings_of_base64_are_none(text: str) -> None:
    assert parse_base64(text) is None
