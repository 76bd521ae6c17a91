"""What of an entry its leaf carries: codes, days and amounts, each in one spelling."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books.leaf import decimal_text, entry_payload
from ledger.books.model import EntryDraft, Line, VoucherNumber
from ledger.money import Rate
from tests.factories import receipt

RATE = Rate(currency="USD", value=Decimal("24650.50"), source="SBV")


def test_an_ordinary_entry_carries_its_lines_and_voucher() -> None:
    """A line that is only account, fund and value has three members."""
    voucher = VoucherNumber(kind="PT", fiscal_year=2024, number=7)
    assert entry_payload(receipt(500, date(2024, 3, 1)), voucher) == {
        "kind": "ordinary",
        "lines": [["1111", "QC", 500], ["35381", "QC", -500]],
        "rate": None,
        "voucher": ["PT", 2024, 7],
    }


def test_what_a_line_has_besides_comes_in_a_fourth_member() -> None:
    """Channel, campaign, program, quantity, and a foreign line's currency and amount."""
    more = {"channel": "household", "campaign": "TET", "program": "HB", "quantity": 3}
    line = Line(account="35381", fund="QC", value_minor=-24_651, currency="USD", amount_minor=-100, **more)  # type: ignore[arg-type]
    draft = EntryDraft(entry_on=date(2024, 1, 1), kind="opening", voucher=None, lines=(line,), rate=RATE)
    assert entry_payload(draft, None) == {
        "kind": "opening",
        "lines": [["35381", "QC", -24_651, {**more, "currency": "USD", "amount_minor": -100}]],
        "rate": ["USD", "24650.5", "SBV"],
        "voucher": None,
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("24650", "24650"),
        ("24650.00", "24650"),
        ("2.465E+4", "24650"),
        ("1E-8", "0.00000001"),
        ("100", "100"),
        ("0.10", "0.1"),
    ],
)
def test_a_rate_has_one_spelling(value: str, text: str) -> None:
    """No exponent, no zeros at the end; the zeros of a whole number stay."""
    assert decimal_text(replace(RATE, value=Decimal(value))) == text


@given(value=st.decimals(Decimal("1e-8"), Decimal(10**11), places=8))
def test_a_rate_comes_back_from_its_spelling(value: Decimal) -> None:
    """Equal rates are spelled alike, and nothing is lost."""
    text = decimal_text(replace(RATE, value=value))
    assert Decimal(text) == value
    assert text == decimal_text(replace(RATE, value=value.normalize()))
