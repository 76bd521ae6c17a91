"""Amounts and days as people type them: what is read, what is refused, and what the refusal proposes."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import AMOUNT_MAX, grouped
from ledger.typed import TYPED_LENGTH_MAX, AmountRefused, DayRefused, Mark, day_of_serial, parse_amount, parse_day

TAKEN = {
    "1500000": 1_500_000,
    "1.500.000": 1_500_000,
    "1,500,000": 1_500_000,
    "1 500 000": 1_500_000,
    "1\u00a0500\u00a0000": 1_500_000,
    "1\u202f500\u202f000 đồng": 1_500_000,
    "  1.500.000  ": 1_500_000,
    "1.500.000đ": 1_500_000,
    "1.500.000 đ": 1_500_000,
    "1.500.000 đ.": 1_500_000,
    "1.500.000.": 1_500_000,
    "1.500.000 ĐỒNG": 1_500_000,
    "1.500.000 đo\u0302\u0300ng": 1_500_000,
    "1 500 000 đồng": 1_500_000,
    "1.500.000 VND": 1_500_000,
    "1.500.000vnđ": 1_500_000,
    "VND 1,500,000": 1_500_000,
    "₫1.500.000": 1_500_000,
    "1.500.000d": 1_500_000,
    "1.500.000,00": 1_500_000,
    "1,500,000.00": 1_500_000,
    "1 500 000,00": 1_500_000,
    "1 500 000.0 đ": 1_500_000,
    "1.500,00": 1_500,
    "1500000,00": 1_500_000,
    "1500000.0": 1_500_000,
    "1.500": 1_500,
    "1,500": 1_500,
    "500": 500,
    "１．５００．０００": 1_500_000,
    "１，５００，０００": 1_500_000,
    "１５００": 1_500,
    "9007199254740991": AMOUNT_MAX,
}


@pytest.mark.parametrize(("typed", "amount"), TAKEN.items())
def test_an_amount_with_one_meaning_is_read(typed: str, amount: int) -> None:
    assert parse_amount(typed) == amount


REFUSED: dict[str, dict[str, Any]] = {
    "": {"reason": "blank"},
    " \u00a0\t": {"reason": "blank"},
    "-": {"reason": "blank"},
    "–": {"reason": "blank"},
    "1" * (TYPED_LENGTH_MAX + 1): {"reason": "too_long", "length_max": TYPED_LENGTH_MAX},
    "1.500\u200b.000": {"reason": "invisible"},
    "\ufeff1500000": {"reason": "invisible"},
    "=1500000": {"reason": "formula"},
    "=SUM(A1:A9)": {"reason": "formula"},
    "+1500000": {"reason": "formula"},
    "＋1500000": {"reason": "formula"},
    "@1500000": {"reason": "formula"},
    "-cmd|' /C calc'!A0": {"reason": "formula"},
    "-1.500.000": {"reason": "negative"},
    "−1.500.000": {"reason": "negative"},
    "- 1500000 đ": {"reason": "negative"},
    "(1.500.000)": {"reason": "negative"},
    "1.500.000-": {"reason": "negative"},
    "#N/A": {"reason": "error_value"},
    "#REF!": {"reason": "error_value"},
    "100 USD": {"reason": "currency"},
    "$100": {"reason": "currency"},
    "100usd": {"reason": "currency"},
    "€ 100": {"reason": "currency"},
    "1tr5": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1TR5": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1tr": {"reason": "shorthand", "meant_minor": 1_000_000},
    "1tr05": {"reason": "shorthand", "meant_minor": 1_050_000},
    "1tr500": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1tr500k": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1 triệu 500 nghìn": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1 triệu 500 nghìn đồng": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1 triệu rưỡi": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1,5 triệu": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1.5tr": {"reason": "shorthand", "meant_minor": 1_500_000},
    "1,25 tỷ": {"reason": "shorthand", "meant_minor": 1_250_000_000},
    "2 tỉ": {"reason": "shorthand", "meant_minor": 2_000_000_000},
    "500k": {"reason": "shorthand", "meant_minor": 500_000},
    "500 K đ": {"reason": "shorthand", "meant_minor": 500_000},
    "50 nghìn": {"reason": "shorthand", "meant_minor": 50_000},
    "50 ngàn": {"reason": "shorthand", "meant_minor": 50_000},
    "50n": {"reason": "shorthand", "meant_minor": 50_000},
    "1.500k": {"reason": "shorthand_unclear"},
    "1,5tr5": {"reason": "shorthand_unclear"},
    "1,5 triệu rưỡi": {"reason": "shorthand_unclear"},
    "1k500tr": {"reason": "shorthand_unclear"},
    "0k": {"reason": "shorthand_unclear"},
    "khoảng 2 triệu": {"reason": "shorthand_unclear"},
    "1tr2k3": {"reason": "shorthand_unclear"},
    "một triệu": {"reason": "unreadable"},
    "1.500.000 x": {"reason": "unreadable"},
    "1'500'000": {"reason": "unreadable"},
    "1500²": {"reason": "unreadable"},
    "١٥٠٠": {"reason": "unreadable"},
    "1e6": {"reason": "unreadable"},
    "1. 500. 000": {"reason": "grouping", "meant_minor": 1_500_000},
    "1..500": {"reason": "grouping", "meant_minor": 1_500},
    "1.5000.000": {"reason": "grouping", "meant_minor": 15_000_000},
    "15.00.000": {"reason": "grouping", "meant_minor": 1_500_000},
    "1500.000.000": {"reason": "grouping", "meant_minor": 1_500_000_000},
    "1 50 000": {"reason": "grouping", "meant_minor": 150_000},
    "1.500 000": {"reason": "grouping", "meant_minor": 1_500_000},
    "0.500": {"reason": "grouping", "meant_minor": 500},
    "1.500,000.00": {"reason": "grouping", "meant_minor": 150_000_000},
    "1.500,000": {"reason": "ambiguous", "meant_minor": 1_500, "meant_other_minor": 1_500_000},
    "1500.000": {"reason": "ambiguous", "meant_minor": 1_500, "meant_other_minor": 1_500_000},
    "15.00": {"reason": "ambiguous", "meant_minor": 15, "meant_other_minor": 15_000},
    "50,0": {"reason": "ambiguous", "meant_minor": 50, "meant_other_minor": 50_000},
    "1,5": {"reason": "decimals"},
    "1.500.000,50": {"reason": "decimals"},
    "1500.500": {"reason": "decimals"},
    "0912345678": {"reason": "leading_zero", "meant_minor": 912_345_678},
    "0": {"reason": "zero"},
    "000": {"reason": "zero"},
    "0 đ": {"reason": "zero"},
    "0,00": {"reason": "zero"},
    "9007199254740992": {"reason": "too_large", "amount_max": AMOUNT_MAX},
}


@pytest.mark.parametrize(("typed", "fields"), REFUSED.items())
def test_any_other_amount_is_refused_by_name(typed: str, fields: dict[str, Any]) -> None:
    """The refusal says why and what may have been meant, and never repeats what was typed."""
    with pytest.raises(AmountRefused) as caught:
        parse_amount(typed)
    assert caught.value.fields == fields


@pytest.mark.parametrize("typed", ["0", "0 đ", "0,00"])
def test_nothing_is_an_amount_where_the_caller_takes_it(typed: str) -> None:
    assert parse_amount(typed, is_zero_taken=True) == 0


@pytest.mark.parametrize(
    ("typed", "thousands", "amount"),
    [
        ("1.500", ".", 1_500),
        ("1.500,00", ".", 1_500),
        ("1500,00", ".", 1_500),
        ("1,500", ",", 1_500),
        ("1500.0", ",", 1_500),
        ("1 500 000", ",", 1_500_000),
        ("1.500.000,0", ".", 1_500_000),
    ],
)
def test_a_known_mark_of_thousands_leaves_one_meaning(typed: str, thousands: Mark, amount: int) -> None:
    assert parse_amount(typed, thousands=thousands) == amount


@pytest.mark.parametrize(
    ("typed", "thousands", "reason"),
    [
        ("1.500", ",", "separator_other"),
        ("250,000", ".", "separator_other"),
        ("1.500,000", ".", "ambiguous"),
        ("1500.000", ",", "ambiguous"),
        ("15,00", ".", "ambiguous"),
        ("1,5", ".", "decimals"),
        ("1,500.000", ".", "separator_other"),
        ("1.500.000", ",", "separator_other"),
        ("1500.000", ".", "grouping"),
        ("15.00", ".", "grouping"),
    ],
)
def test_the_other_mark_is_refused_where_one_is_known(typed: str, thousands: Mark, reason: str) -> None:
    with pytest.raises(AmountRefused) as caught:
        parse_amount(typed, thousands=thousands)
    assert caught.value.fields["reason"] == reason


@given(amount=st.integers(1, AMOUNT_MAX), ending=st.sampled_from(["", "đ", " đồng", ",00 đ", " VND"]))
def test_what_the_books_write_is_read_back(amount: int, ending: str) -> None:
    """An amount as the law writes it, whatever its size, is the same amount, and so is its English form."""
    if amount >= 1_000 or not ending.startswith(","):
        assert parse_amount(grouped(amount) + ending) == amount
        assert parse_amount(f"{amount:,}") == amount


@given(typed=st.text(alphabet="0123456789.,  -=+đktrtriệu()", max_size=20))
def test_nothing_typed_is_read_as_more_digits_than_it_has(typed: str) -> None:
    """Whatever is read has the digits that were typed, in their order, but for nil decimals."""
    try:
        amount = parse_amount(typed)
    except AmountRefused:
        return
    digits = "".join(character for character in typed if character.isdigit())
    assert digits.startswith(str(amount))
    assert set(digits.removeprefix(str(amount))) <= {"0"}


DAYS = {
    "5/9/2026": date(2026, 9, 5),
    "05/09/2026": date(2026, 9, 5),
    "05-09-2026": date(2026, 9, 5),
    "5.9.2026": date(2026, 9, 5),
    "5 / 9 / 2026": date(2026, 9, 5),
    "2026-09-05": date(2026, 9, 5),
    "2026/9/5": date(2026, 9, 5),
    "2026-09-05T00:00:00": date(2026, 9, 5),
    "2026-09-05 00:00:00.000": date(2026, 9, 5),
    "05/09/2026 0:00": date(2026, 9, 5),
    "ngày 5 tháng 9 năm 2026": date(2026, 9, 5),
    "Ngày 05 tháng 09 năm 2026": date(2026, 9, 5),
    "5 tháng 9 năm 2026": date(2026, 9, 5),
    "29/2/2024": date(2024, 2, 29),
    "０５／０９／２０２６": date(2026, 9, 5),
    "1/1/1900": date(1900, 1, 1),
    "31/12/2100": date(2100, 12, 31),
}


@pytest.mark.parametrize(("typed", "day"), DAYS.items())
def test_a_day_with_one_meaning_is_read(typed: str, day: date) -> None:
    assert parse_day(typed) == day


DAYS_REFUSED: dict[str, dict[str, Any]] = {
    "": {"reason": "blank"},
    "5/9/2026" + " " * TYPED_LENGTH_MAX: {"reason": "too_long", "length_max": TYPED_LENGTH_MAX},
    "5/9\u200e/2026": {"reason": "invisible"},
    "=TODAY()": {"reason": "formula"},
    "-5/9/2026": {"reason": "formula"},
    "5.9.26": {"reason": "year_short", "meant": "2026-09-05"},
    "5/9/26": {"reason": "year_short", "meant": "2026-09-05"},
    "1/1/85": {"reason": "year_short", "meant": "1985-01-01"},
    "31/2/26": {"reason": "no_such_day"},
    "9/25/2026": {"reason": "month_first", "meant": "2026-09-25"},
    "2026-25-09": {"reason": "month_first", "meant": "2026-09-25"},
    "31/4/2026": {"reason": "no_such_day"},
    "29/2/2026": {"reason": "no_such_day"},
    "0/9/2026": {"reason": "no_such_day"},
    "5/9": {"reason": "year_missing"},
    "5/9/1899": {"reason": "year_out_of_range", "first_year": 1900, "last_year": 2100},
    "5/9/0206": {"reason": "year_out_of_range", "first_year": 1900, "last_year": 2100},
    "5/9/206": {"reason": "unreadable"},
    "206/9/5": {"reason": "unreadable"},
    "2026/9/2026": {"reason": "unreadable"},
    "5/9-2026": {"reason": "unreadable"},
    "20260905": {"reason": "unreadable"},
    "45905": {"reason": "unreadable"},
    "hôm qua": {"reason": "unreadable"},
    "2026-09-05 07:30": {"reason": "time"},
}


@pytest.mark.parametrize(("typed", "fields"), DAYS_REFUSED.items())
def test_any_other_day_is_refused_by_name(typed: str, fields: dict[str, Any]) -> None:
    with pytest.raises(DayRefused) as caught:
        parse_day(typed)
    assert caught.value.fields == fields


@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_in_both_orders(day: date) -> None:
    assert parse_day(f"{day.day}/{day.month}/{day.year}") == parse_day(day.isoformat()) == day


def test_a_spreadsheets_number_is_a_day() -> None:
    """As spreadsheets count: 1 March 1900 is 61, the first day on which all of them agree."""
    assert day_of_serial(61) == date(1900, 3, 1)
    assert day_of_serial(45_905.0) == date(2025, 9, 5)
    for serial, reason in ((60, "year_out_of_range"), (80_000, "year_out_of_range"), (45_905.5, "time")):
        with pytest.raises(DayRefused) as caught:
            day_of_serial(serial)
        assert caught.value.fields["reason"] == reason
