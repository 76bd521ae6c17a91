"""The general journal (S04-H), its totals, and single entries."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.errors import EntryNotFound
from ledger.money import Rate
from ledger.reports.entry import entry_by_id, entry_by_seq
from ledger.reports.journal import JournalRow, journal, journal_months
from ledger.reports.page import PAGE_SIZE_MAX, CursorMalformed, PageSizeRefused, Position
from ledger.reports.period import Period, PeriodRefused
from tests.province import YEAR, Province, all_lines, periods


def whole_journal(reader: Connection, province: Province, period: Period, page_size: int) -> list[JournalRow]:
    rows: list[JournalRow] = []
    page = journal(reader, province.commune, period, page_size=page_size)
    rows.extend(page.rows)
    while page.next_cursor is not None:
        page = journal(reader, province.commune, period, after=page.next_cursor, page_size=page_size)
        rows.extend(page.rows)
    return rows


@settings(max_examples=25, deadline=None)
@given(period=periods(), page_size=st.integers(1, 40))
def test_pages_put_together_are_every_line_of_the_period_once(
    reader: Connection, province: Province, period: Period, page_size: int
) -> None:
    rows = whole_journal(reader, province, period, page_size)
    expected = [
        (line.entry_on, line.seq, line.line, line.account, line.fund, line.value_minor)
        for line in all_lines(reader, province.scope, province.commune)
        if period.from_on <= line.entry_on <= period.to_on
    ]
    shown = [
        (row.entry_on, row.seq, row.line, row.account, row.fund, row.debit_minor - row.credit_minor) for row in rows
    ]
    assert sorted(shown) == sorted(expected)


def test_lines_stand_by_day_and_entry_with_debits_before_credits(reader: Connection, province: Province) -> None:
    rows = whole_journal(reader, province, YEAR, 7)
    assert rows == sorted(rows, key=lambda row: (row.entry_on, row.seq, row.credit_minor > 0, row.line))
    assert all((row.debit_minor > 0) != (row.credit_minor > 0) for row in rows)


def test_a_row_carries_its_voucher_and_what_was_written_on_it(reader: Connection, province: Province) -> None:
    rows = whole_journal(reader, province, YEAR, 50)
    receipt = next(row for row in rows if row.voucher is not None and row.voucher.kind == "PT")
    assert receipt.description == "Thu quỹ khuyến học"
    assert receipt.issued_on == receipt.entry_on
    assert next(row for row in rows if row.kind == "opening").voucher is None


def test_months_have_their_total_and_the_year_so_far(reader: Connection, province: Province) -> None:
    months = journal_months(reader, province.commune, Period(from_on=date(2023, 3, 10), to_on=date(2024, 1, 2)))
    lines = all_lines(reader, province.scope, province.commune)
    assert months[-1].month_on == date(2024, 1, 1)
    for month in months:
        debits = [line for line in lines if line.value_minor > 0 and line.entry_on.year == month.month_on.year]
        this_month = [line.value_minor for line in debits if line.entry_on.month == month.month_on.month]
        so_far = [line.value_minor for line in debits if line.entry_on.month <= month.month_on.month]
        assert (month.moved_minor, month.cumulative_minor) == (sum(this_month), sum(so_far))


def test_an_entry_opens_with_all_its_lines_and_what_corrects_it(reader: Connection, province: Province) -> None:
    last_seq = max(line.seq for line in all_lines(reader, province.scope, province.commune))
    reversal = entry_by_seq(reader, province.commune, last_seq)
    assert reversal.kind == "reversal"
    assert reversal.corrects is not None
    original = entry_by_id(reader, tenant_id=province.scope.tenant_id, entry_id=reversal.corrects.entry_id)
    assert [each.entry_id for each in original.corrected_by] == [reversal.entry_id]
    assert original.corrects is None
    assert original.association_id == province.commune.association_id
    mirrored = [(line.account, line.fund, line.credit_minor, line.debit_minor) for line in reversal.lines]
    assert [(line.account, line.fund, line.debit_minor, line.credit_minor) for line in original.lines] == mirrored
    assert reversal.description == "Ghi nhầm"


def test_a_foreign_entry_opens_with_its_rate_and_both_amounts(reader: Connection, province: Province) -> None:
    seq = next(line.seq for line in all_lines(reader, province.scope, province.root) if line.account == "1122USD")
    detail = entry_by_seq(reader, province.root, seq)
    assert detail.rate == Rate(currency="USD", value=Decimal("24500.37"), source="VCB")
    assert (detail.lines[0].currency, detail.lines[0].amount_minor, detail.lines[0].debit_minor) == (
        "USD",
        12_345,
        3_024_571,
    )


def test_an_entry_that_is_not_there_is_said_so(reader: Connection, province: Province) -> None:
    with pytest.raises(EntryNotFound):
        entry_by_seq(reader, province.commune, 10_000)
    with pytest.raises(EntryNotFound):
        entry_by_id(reader, tenant_id=province.scope.tenant_id, entry_id=UUID(int=1))


@given(day=st.dates(), seq=st.integers(0, 10**17), rank=st.integers(0, 9_999))
def test_a_cursor_reads_back_as_the_position_it_was(day: date, seq: int, rank: int) -> None:
    position = Position(entry_on=day, seq=seq, rank=rank)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize(
    "cursor", ["", "2023-01-01", "2023-02-30.1.1", "2023-01-01.1.1;--", "x" * 1000, "٢٠٢٣-01-01.1.1"]
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(CursorMalformed):
        Position.parse(cursor)


@pytest.mark.parametrize("page_size", [0, -1, PAGE_SIZE_MAX + 1])
def test_pages_have_a_limit(reader: Connection, province: Province, page_size: int) -> None:
    with pytest.raises(PageSizeRefused):
        journal(reader, province.commune, YEAR, page_size=page_size)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodRefused):
        Period(from_on=date(2023, 2, 1), to_on=date(2023, 1, 31))
