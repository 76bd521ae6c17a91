"""The general ledger (S03-H), the cash and bank books (S11-H, S12-H), and balances on a day."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.errors import ReferenceUnknown
from ledger.reports.balance import account_balance, balances, fund_balance
from ledger.reports.cash_book import CashRow, cash_accounts, cash_book, cash_summary
from ledger.reports.general_ledger import LedgerRow, general_ledger, ledger_summary
from ledger.reports.page import Position
from ledger.reports.period import Period
from tests.province import YEAR, Province, all_lines, periods

FAMILIES = {
    "1111": {"1111"},
    "1121": {"1121A", "1121B"},
    "11": set[str](),
    "112": {"1121A", "1121B", "1122USD"},
    "35381": {"35381"},
    "3538": {"35381", "35382", "35383"},
}


def whole_ledger(
    reader: Connection,
    province: Province,
    account: str,
    period: Period,
    *,
    page_size: int = 100,
    fund: str | None = None,
) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    after: Position | None = None
    while True:
        page = general_ledger(reader, province.commune, account, period, fund=fund, after=after, page_size=page_size)
        rows.extend(page.rows)
        after = page.next_cursor
        if after is None:
            return rows


@settings(max_examples=40, deadline=None)
@given(
    period=periods(),
    page_size=st.integers(1, 30),
    account=st.sampled_from(sorted(FAMILIES)),
    fund=st.sampled_from(["QC", "TET", None]),
)
def test_every_page_carries_the_balance_on(
    *, reader: Connection, province: Province, period: Period, page_size: int, account: str, fund: str | None
) -> None:
    lines = [
        line
        for line in all_lines(reader, province.scope, province.commune)
        if line.account in FAMILIES[account] and line.entry_on <= period.to_on and fund in {None, line.fund}
    ]
    balance_minor = sum(line.value_minor for line in lines if line.entry_on < period.from_on)
    expected = []
    for line in lines:
        if line.entry_on >= period.from_on:
            balance_minor += line.value_minor
            expected.append((line.entry_on, line.seq, line.line, line.value_minor, balance_minor))
    rows = whole_ledger(reader, province, account, period, page_size=page_size, fund=fund)
    assert [
        (row.entry_on, row.seq, row.line, row.debit_minor - row.credit_minor, row.balance_minor) for row in rows
    ] == expected
    if FAMILIES[account]:
        summary = ledger_summary(reader, province.commune, account, period, fund=fund)
        assert summary.closing_minor == balance_minor
        assert summary.debit_minor == sum(row.debit_minor for row in rows)
        assert summary.credit_minor == sum(row.credit_minor for row in rows)


def test_a_row_names_the_accounts_on_the_other_side(reader: Connection, province: Province) -> None:
    rows = whole_ledger(reader, province, "1111", YEAR)
    assert {row.contra_accounts for row in rows} == {("35381",)}
    moved = next(row for row in whole_ledger(reader, province, "35383", YEAR) if row.credit_minor)
    assert moved.contra_accounts == ("1121A",)


def test_an_unknown_account_is_said_so(reader: Connection, province: Province) -> None:
    with pytest.raises(ReferenceUnknown):
        ledger_summary(reader, province.commune, "9999", YEAR)
    for account in ("9999", "35381", "112"):
        with pytest.raises(ReferenceUnknown):
            cash_book(reader, province.commune, account, YEAR)


def test_a_cursor_from_before_the_period_shows_nothing_before_it(reader: Connection, province: Province) -> None:
    period = Period(from_on=date(2023, 6, 1), to_on=YEAR.to_on)
    early = Position(entry_on=date(2023, 1, 1), seq=0)
    for page in (
        general_ledger(reader, province.commune, "1111", period, after=early),
        cash_book(reader, province.commune, "1111", period, after=early),
    ):
        assert min(row.entry_on for row in page.rows) >= period.from_on


@settings(max_examples=25, deadline=None)
@given(period=periods(), page_size=st.integers(1, 20), account=st.sampled_from(["1111", "1121A", "1122USD"]))
def test_the_cash_book_counts_entries_and_nets_what_stays_in_the_account(
    reader: Connection, province: Province, period: Period, page_size: int, account: str
) -> None:
    lines = [line for line in all_lines(reader, province.scope, province.commune) if line.account == account]
    balance_minor = sum(line.value_minor for line in lines if line.entry_on < period.from_on)
    opening_minor = balance_minor
    moved: dict[tuple[date, int], int] = {}
    for line in lines:
        if period.from_on <= line.entry_on <= period.to_on:
            key = (line.entry_on, line.seq)
            moved[key] = moved.get(key, 0) + line.value_minor
    rows: list[CashRow] = []
    after: Position | None = None
    while True:
        page = cash_book(reader, province.commune, account, period, after=after, page_size=page_size)
        rows.extend(page.rows)
        after = page.next_cursor
        if after is None:
            break
    expected = []
    for (on, seq), value_minor in moved.items():
        balance_minor += value_minor
        if value_minor != 0:
            expected.append((on, seq, max(value_minor, 0), max(-value_minor, 0), balance_minor))
    assert [(row.entry_on, row.seq, row.in_minor, row.out_minor, row.balance_minor) for row in rows] == expected
    summary = cash_summary(reader, province.commune, account, period)
    assert (summary.opening_minor, summary.closing_minor) == (opening_minor, balance_minor)
    assert (summary.in_minor, summary.out_minor) == (
        sum(row.in_minor for row in rows),
        sum(row.out_minor for row in rows),
    )


def test_money_moved_between_funds_is_not_in_the_bank_book(reader: Connection, province: Province) -> None:
    lines = all_lines(reader, province.scope, province.commune)
    moved = next(line.seq for line in lines if line.fund == "TET" and line.account == "1121A" and line.value_minor > 0)
    rows = cash_book(reader, province.commune, "1121A", YEAR).rows
    assert moved not in {row.seq for row in rows}


def test_receipts_and_payments_have_columns_of_their_own(reader: Connection, province: Province) -> None:
    for row in cash_book(reader, province.commune, "1111", YEAR).rows:
        assert row.receipt is None or row.in_minor > 0
        assert row.payment is None or row.out_minor > 0
        assert row.own_minor is None
    (row,) = cash_book(reader, province.commune, "1122USD", YEAR).rows
    assert (row.in_minor, row.own_minor) == (3_024_571, 12_345)


@settings(max_examples=25, deadline=None)
@given(as_of=st.dates(date(2022, 12, 30), date(2024, 2, 1)))
def test_a_balance_is_the_sum_of_all_lines_up_to_the_day(reader: Connection, province: Province, as_of: date) -> None:
    expected: dict[tuple[str, str], int] = {}
    for line in all_lines(reader, province.scope, province.commune):
        if line.entry_on <= as_of:
            key = (line.account, line.fund)
            expected[key] = expected.get(key, 0) + line.value_minor
    found = balances(reader, province.commune, as_of=as_of)
    assert {(each.account, each.fund): each.balance_minor for each in found} == expected
    bank = sum(value for (account, _), value in expected.items() if account in FAMILIES["112"])
    assert account_balance(reader, province.commune, "112", as_of=as_of) == bank
    assert fund_balance(reader, province.commune, "QC", as_of=as_of) == -expected.get(("35381", "QC"), 0)
    assert {each.account: each.balance_minor for each in cash_accounts(reader, province.commune, as_of=as_of)} == {
        account: sum(value for (code, _), value in expected.items() if code == account)
        for account in ("1111", "1112USD", "1121A", "1121B", "1122USD")
    }
