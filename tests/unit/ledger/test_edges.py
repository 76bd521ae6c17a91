"""Ids, days, amounts and texts: the small pure modules, at their edges."""

import random
import unicodedata
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import calendar, money, typeid
from ledger.errors import IdMalformed, LedgerError, TextRefused
from ledger.text import as_csv_text, clean_text

TYPE_ID_VECTORS = {
    "00000000-0000-0000-0000-000000000000": "00000000000000000000000000",
    "00000000-0000-0000-0000-000000000001": "00000000000000000000000001",
    "00000000-0000-0000-0000-00000000000a": "0000000000000000000000000a",
    "00000000-0000-0000-0000-000000000010": "0000000000000000000000000g",
    "00000000-0000-0000-0000-000000000020": "00000000000000000000000010",
    "ffffffff-ffff-ffff-ffff-ffffffffffff": "7zzzzzzzzzzzzzzzzzzzzzzzzz",
    "0110c853-1d09-52d8-d73e-1194e95b5f19": "0123456789abcdefghjkmnpqrs",
    "01890a5d-ac96-774b-bcce-b302099a8057": "01h455vb4pex5vsknk084sn02q",
}
"""Valid vectors of the TypeID specification, 0.3."""


@pytest.mark.parametrize(("value", "text"), TYPE_ID_VECTORS.items())
def test_type_ids_are_those_of_the_specification(value: str, text: str) -> None:
    """Encoding and decoding agree with the specification's own vectors."""
    assert typeid.encode("prefix", uuid.UUID(value)) == f"prefix_{text}"
    assert typeid.decode("prefix", f"prefix_{text}") == uuid.UUID(value)


@given(value=st.uuids())
def test_an_id_comes_back(value: uuid.UUID) -> None:
    """Whatever is encoded decodes to itself, and sorts as the uuid does."""
    assert typeid.decode("en", typeid.encode("en", value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "en",
        "en_",
        "01h455vb4pex5vsknk084sn02q",
        "_01h455vb4pex5vsknk084sn02q",
        "as_01h455vb4pex5vsknk084sn02q",
        "EN_01h455vb4pex5vsknk084sn02q",
        "en_01h455vb4pex5vsknk084sn02Q",
        "en_81h455vb4pex5vsknk084sn02q",
        "en_01h455vb4pex5vsknk084sn02",
        "en_01h455vb4pex5vsknk084sn02qq",
        "en_01h455vb4pex5vsknk084sn0lq",
        "en_01h455vb4pex5vsknk084sn0\u0663q",
        "en_0 h455vb4pex5vsknk084sn02q",
        "en__01h455vb4pex5vsknk084sn02q",
        "en_/1h455vb4pex5vsknk084sn02q",
    ],
)
def test_what_is_no_id_of_the_kind_is_refused(text: str) -> None:
    """Another prefix, case, length or alphabet, or more than 128 bits, is no id."""
    with pytest.raises(IdMalformed) as caught:
        typeid.decode("en", text)
    assert caught.value.code == "id_malformed"
    assert str(caught.value) == "id_malformed {'prefix': 'en'}"


def test_new_ids_are_of_version_seven_and_in_order() -> None:
    """Ids made one after the other have different bits, the time first."""
    made = [typeid.new_id() for _ in range(100)]
    assert len(set(made)) == 100
    assert {value.version for value in made} == {7}
    assert [value.int >> 80 for value in made] == sorted(value.int >> 80 for value in made)


@given(day=st.dates(max_value=date(9999, 11, 30)))
def test_a_month_has_a_first_and_a_last_day(day: date) -> None:
    """The day lies between them, and the day after the last is a first."""
    first, last = calendar.month_start(day), calendar.month_end(day)
    assert first <= day <= last
    assert (first.day, first.month, last.month) == (1, day.month, day.month)
    assert date.fromordinal(last.toordinal() + 1).day == 1
    assert calendar.fiscal_year(day) == day.year


def test_the_last_month_of_all_has_its_end() -> None:
    """Even the calendar's last month ends on its last day."""
    assert calendar.month_end(date(9999, 12, 5)) == date(9999, 12, 31)


def test_leap_days_end_february() -> None:
    """2024 and 2000 have one; 2023 and 1900 do not."""
    found = [calendar.month_end(date(year, 2, 1)).day for year in (2024, 2000, 2023, 1900)]
    assert found == [29, 29, 28, 28]


def test_today_is_the_day_in_viet_nam() -> None:
    """Seven hours before midnight in Greenwich, tomorrow has begun."""
    offset = calendar.TIME_ZONE.utcoffset(None)
    assert offset is not None
    assert offset.total_seconds() == 7 * 3_600
    between = (datetime.now(UTC) + offset).date(), calendar.today(), (datetime.now(UTC) + offset).date()
    assert between[0] <= between[1] <= between[2]


def rate(value: str) -> money.Rate:
    return money.Rate(currency="USD", value=Decimal(value), source="SBV")


@pytest.mark.parametrize(
    ("amount_minor", "value", "digits", "worth"),
    [
        (100_00, "24650", 2, 2_465_000),
        (1, "24650", 2, 247),
        (-1, "24650", 2, -247),
        (1, "150", 2, 2),
        (1, "50", 2, 1),
        (1, "49.99", 2, 0),
        (7, "161.5", 0, 1_131),
        (0, "24650", 2, 0),
    ],
)
def test_a_foreign_amount_is_worth_its_rate(amount_minor: int, value: str, digits: int, worth: int) -> None:
    """Half a đồng rounds away from nothing, on either side."""
    assert money.value_at(amount_minor, rate(value), digits) == worth


@given(amount=st.integers(-money.AMOUNT_MAX, money.AMOUNT_MAX), cents=st.integers(1, 10_000_000))
def test_rounding_is_off_by_half_a_dong_at_most(amount: int, cents: int) -> None:
    """No float comes near: the worth is exact to the half đồng, however large."""
    exact = amount * cents
    worth = money.value_at(amount, rate(f"{cents // 100}.{cents % 100:02}"), 0)
    assert abs(worth * 100 - exact) <= 50
    assert money.value_at(-amount, rate(f"{cents // 100}.{cents % 100:02}"), 0) == -worth


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (999, "999"), (1_000, "1.000"), (-64_700_000_000, "-64.700.000.000")]
)
def test_amounts_are_grouped_as_the_law_wants(amount: int, text: str) -> None:
    """A full stop stands between thousands."""
    assert money.grouped(amount) == text


@pytest.mark.parametrize("given_text", ["Quỹ khuyến học", "QC", "a" * 200, "Đỗ Văn Ẩn", "100% – « thử »", "中文", "🎓"])
def test_text_that_shows_is_kept(given_text: str) -> None:
    """Any script, sign or emoji that shows what it is stays as it is."""
    assert clean_text(given_text, field="name_vi", length_max=200) == given_text


def test_text_is_composed_and_trimmed() -> None:
    """What a Mac or a phone decomposes is composed again, before its length is counted."""
    decomposed = unicodedata.normalize("NFD", "  Quỹ Tết\u00a0 ")
    assert clean_text(decomposed, field="name_vi", length_max=7) == "Quỹ Tết"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \u00a0\n ", "empty"),
        ("a" * 11, "too_long"),
        ("a\u200bb", "invisible_character"),
        ("a\u202eb", "invisible_character"),
        ("\ufeffab", "invisible_character"),
        ("a\x00b", "invisible_character"),
        ("a\tb", "invisible_character"),
        ("a\nb", "invisible_character"),
        ("a\u2028b", "invisible_character"),
        ("a\ud800b", "invisible_character"),
        ("a\ue000b", "invisible_character"),
        ("a\U000e0041b", "invisible_character"),
        ("a\u0378b", "invisible_character"),
    ],
)
def test_text_that_does_not_show_is_refused(text: str, reason: str) -> None:
    """Zero-width, right-to-left, control and unassigned characters are refused and named, not stripped."""
    with pytest.raises(TextRefused) as caught:
        clean_text(text, field="name_vi", length_max=10)
    assert caught.value.fields["reason"] == reason
    assert caught.value.fields["field"] == "name_vi"


def test_several_lines_are_kept_where_they_may_be() -> None:
    """A line break is text where the field has several lines; a tab is none anywhere."""
    assert clean_text("một\nhai", field="note", length_max=10, multiline=True) == "một\nhai"
    assert clean_text("1\n2", field="note", length_max=10, multiline=True) == "1\n2"
    with pytest.raises(TextRefused):
        clean_text("một\thai", field="note", length_max=10, multiline=True)


@given(text=st.text(max_size=40))
def test_what_was_cleaned_is_clean(text: str) -> None:
    """Cleaning is done once: its result comes through unchanged, and PostgreSQL takes it as NFC."""
    try:
        kept = clean_text(text, field="name_vi", length_max=40)
    except LedgerError:
        return
    assert clean_text(kept, field="name_vi", length_max=40) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert "\x00" not in kept
    kept.encode()


def test_an_error_without_fields_is_its_code() -> None:
    """For logs and tracebacks: a code, and what it carries."""
    assert str(LedgerError()) == "ledger_error"
    assert str(LedgerError(seq=random.Random(0).randrange(1, 2))) == "ledger_error {'seq': 1}"


@pytest.mark.parametrize("start", [*"=+-@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_in_csv_is_never_a_formula(start: str) -> None:
    assert as_csv_text(f"{start}SUM(A1)") == f"'{start}SUM(A1)"
    assert as_csv_text(f"Mẫu {start} 1") == f"Mẫu {start} 1"
