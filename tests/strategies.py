"""Hypothesis strategies of the books, in one place: few codes and few days, so that things meet."""

from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from ledger.books.model import EntryDraft, Line
from ledger.calendar import today
from ledger.money import AMOUNT_MAX
from tests.factories import BALANCE_ACCOUNTS, GENERAL, OPENED_ON, TET

DAYS: Final = (
    OPENED_ON,
    date(2024, 1, 31),
    date(2024, 2, 1),
    date(2024, 2, 29),
    date(2024, 3, 15),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 1, 2),
)
LATE_FUND: Final = "MUON"
LATE_FUND_OPENED_ON: Final = date(2024, 2, 1)
CAMPAIGN: Final = "TET2024"
PROGRAM: Final = "HB"

days = st.sampled_from(DAYS)
wrong_days = st.sampled_from((OPENED_ON - timedelta(days=1), today() + timedelta(days=1)))
amounts = st.integers(1, 20).map(lambda units: units * 100)
funds = st.sampled_from((GENERAL, TET, LATE_FUND))
accounts = st.sampled_from(("1111", "1111", "1121A", "331"))

VOUCHERS: Final = {("1111", 1): "PT", ("1111", -1): "PC", ("1121A", 1): "BC", ("1121A", -1): "BN"}


@st.composite
def right_drafts(draw: st.DrawFn, on: st.SearchStrategy[date] = days) -> EntryDraft:
    """A balanced entry of one fund, or one that moves money between two; it may still overdraw."""
    account, value_minor, sign = draw(accounts), draw(amounts), draw(st.sampled_from((1, 1, -1)))
    fund, other = draw(funds), draw(st.none() | funds)
    if other is None or other == fund:
        lines = fund_lines(account, fund, sign * value_minor)
        classified = draw(st.booleans())
        if classified:
            more = {"channel": "household", "campaign": CAMPAIGN} if sign > 0 else {"program": PROGRAM, "quantity": 1}
            lines = (lines[0], Line(account=lines[1].account, fund=fund, value_minor=lines[1].value_minor, **more))
        return EntryDraft(entry_on=draw(on), voucher=VOUCHERS.get((account, sign), "KT"), lines=lines)
    lines = fund_lines(account, fund, -value_minor) + fund_lines(account, other, value_minor)
    return EntryDraft(entry_on=draw(on), voucher="KT", lines=lines)


def fund_lines(account: str, fund: str, value_minor: int) -> tuple[Line, ...]:
    """Two lines that move a fund's balance and what it is held in."""
    against = BALANCE_ACCOUNTS.get(fund, "35381")
    return (
        Line(account=account, fund=fund, value_minor=value_minor),
        Line(account=against, fund=fund, value_minor=-value_minor),
    )


wrong_lines = st.sampled_from(
    (
        {"value_minor": 7},
        {"value_minor": 0},
        {"value_minor": AMOUNT_MAX + 1},
        {"account": "112"},
        {"account": "99999"},
        {"account": "35384"},
        {"fund": "NONE"},
        {"channel": "nowhere"},
    )
)
"""What may be wrong with one line of an entry."""
