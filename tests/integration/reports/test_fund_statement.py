"""The fund statement (S81-H), the overview, the lines behind both, and the trial balance (S05-H)."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from ledger.reports.fund_line import FundLine, LinePosition, Side, fund_lines
from ledger.reports.fund_statement import FundRow, FundTotals, fund_rows, fund_statement
from ledger.reports.overview import overview
from ledger.reports.period import Period
from ledger.reports.scope import Scope
from ledger.reports.trial_balance import AssociationMovement, trial_balance, trial_balance_by_association
from tests.province import LATE_ON, YEAR, Posted, Province, all_lines, found_book, periods

FUND_ACCOUNTS = ("35381", "35382", "35383")


def side_of(line: Posted) -> str:
    if line.kind == "opening":
        return "opening"
    return "received" if line.channel else "used" if line.program else "other"


def totals_of(lines: list[Posted], period: Period) -> FundTotals:
    """Add up the journal's own lines, one by one."""
    moved = [line for line in lines if period.from_on <= line.entry_on <= period.to_on]
    sums = Counter[str]()
    for line in moved:
        side = side_of(line)
        sums[side if side != "other" else "in" if line.value_minor < 0 else "out"] += -line.value_minor
    return FundTotals(
        opening_minor=-sum(line.value_minor for line in lines if line.entry_on < period.from_on) + sums["opening"],
        received_minor=sums["received"],
        used_minor=-sums["used"],
        other_in_minor=sums["in"],
        other_out_minor=-sums["out"],
        closing_minor=-sum(line.value_minor for line in lines if line.entry_on <= period.to_on),
    )


def fund_movements(reader: Connection, province: Province) -> list[Posted]:
    return [line for line in all_lines(reader, province.scope) if line.account in FUND_ACCOUNTS]


@settings(max_examples=40, deadline=None)
@given(period=periods(), fund=st.sampled_from(["QC", "TET", "DC", None]))
def test_opening_and_movement_lead_to_closing_in_any_period(
    reader: Connection, province: Province, period: Period, fund: str | None
) -> None:
    lines = [line for line in fund_movements(reader, province) if fund in {None, line.fund}]
    statement = fund_statement(reader, province.scope, period, fund=fund)
    assert statement.totals == totals_of(lines, period)
    assert statement.totals.reconciles
    shown = [line for line in lines if period.from_on <= line.entry_on <= period.to_on and line.kind != "opening"]
    received = Counter[tuple[str, str | None]]()
    used, quantities = Counter[str](), Counter[str]()
    for line in shown:
        if line.channel:
            received[line.channel, line.campaign] -= line.value_minor
        elif line.program:
            used[line.program] += line.value_minor
            quantities[line.program] += line.quantity or 0
    assert {(each.channel, each.campaign): each.amount_minor for each in statement.received} == received
    assert {each.program: each.amount_minor for each in statement.used} == used
    assert {each.program: each.quantity for each in statement.used} == quantities


def test_a_reversed_contribution_is_less_received_and_nothing_used(reader: Connection, province: Province) -> None:
    statement = fund_statement(reader, province.scope, Period(from_on=date(2024, 1, 5), to_on=date(2024, 1, 5)))
    assert statement.totals.received_minor < 0
    assert statement.totals.used_minor == 0
    assert statement.used == ()


def test_money_that_a_book_brought_along_is_opening_and_not_received(reader: Connection, province: Province) -> None:
    late = Scope(tenant_id=province.scope.tenant_id, association_id=province.books["late"].association_id)
    totals = fund_statement(reader, late, YEAR).totals
    assert totals.opening_minor == 990_000_000
    assert totals == fund_statement(reader, late, Period(from_on=LATE_ON, to_on=YEAR.to_on)).totals


def test_a_scope_is_an_association_or_all_below_it_or_the_tenant(reader: Connection, province: Province) -> None:
    tenant_id = province.scope.tenant_id
    one = Scope(tenant_id=tenant_id, association_id=province.root.association_id, reaches_below=False)
    district = Scope(tenant_id=tenant_id, association_id=province.books["district"].association_id)
    below = fund_statement(reader, district, YEAR).totals.closing_minor
    own = fund_statement(reader, one, YEAR).totals.closing_minor
    everything = fund_statement(reader, Scope(tenant_id=tenant_id), YEAR).totals.closing_minor
    assert own + below == everything == fund_statement(reader, province.scope, YEAR).totals.closing_minor
    assert len({own, below, everything}) == 3


@settings(max_examples=10, deadline=None)
@given(period=periods(), page_size=st.integers(1, 13))
def test_the_list_of_funds_pages_through_every_fund_once(
    reader: Connection, province: Province, period: Period, page_size: int
) -> None:
    rows: list[FundRow] = []
    after: tuple[int, str] | None = (0, "")
    while after is not None:
        page = fund_rows(reader, province.scope, period, after=after, page_size=page_size)
        rows.extend(page.rows)
        after = page.next_cursor
    lines = fund_movements(reader, province)
    assert len(rows) == 12
    for row in rows:
        own = [line for line in lines if (line.book_id, line.fund) == (row.book_id, row.fund)]
        assert row.totals == totals_of(own, period)


@settings(max_examples=25, deadline=None)
@given(period=periods())
def test_every_breakdown_of_the_overview_adds_up_to_its_sentence(
    reader: Connection, province: Province, period: Period
) -> None:
    found = overview(reader, province.scope, period)
    totals = found.totals
    assert totals == fund_statement(reader, province.scope, period).totals
    assert sum(each.amount_minor for each in found.channels) == totals.received_minor
    assert sum(each.amount_minor for each in found.programs) == totals.used_minor
    for name in ("received_minor", "used_minor", "other_in_minor", "other_out_minor"):
        assert sum(getattr(each.totals, name) for each in found.months) == getattr(totals, name)
        assert sum(getattr(each.totals, name) for each in found.associations) == getattr(totals, name)
    assert found.months[0].totals.opening_minor == totals.opening_minor
    assert found.months[-1].totals.closing_minor == totals.closing_minor
    assert all(month.totals.reconciles for month in found.months)
    assert all(association.totals.reconciles for association in found.associations)
    assert [each.level for each in found.associations] == ["province", "district", "commune", "commune"]


def test_the_overview_asks_as_often_for_five_books_as_for_four(reader: Connection, province: Province) -> None:
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(reader, "before_cursor_execute", count)
    try:
        overview(reader, province.scope, YEAR)
        for_four = asked
        with reader.begin_nested() as savepoint:
            found_book(reader, province.scope.tenant_id, level="chapter", parent=province.root)
            asked = 0
            assert len(overview(reader, province.scope, YEAR).associations) == 5
            assert asked == for_four == 3
            savepoint.rollback()
    finally:
        event.remove(reader, "before_cursor_execute", count)


@settings(max_examples=25, deadline=None)
@given(
    period=periods(),
    page_size=st.integers(1, 60),
    side=st.sampled_from([None, "received", "used", "other", "opening"]),
    channel=st.sampled_from([None, "household"]),
)
def test_a_figure_opens_down_to_the_lines_that_sum_to_it(
    *, reader: Connection, province: Province, period: Period, page_size: int, side: Side | None, channel: str | None
) -> None:
    rows: list[FundLine] = []
    after: LinePosition | None = None
    while True:
        page = fund_lines(reader, province.scope, period, side=side, channel=channel, after=after, page_size=page_size)
        rows.extend(page.rows)
        after = page.next_cursor
        if after is None:
            break
    expected = [
        (line.entry_on, line.book_id, line.seq, line.line, -line.value_minor, side_of(line))
        for line in fund_movements(reader, province)
        if period.from_on <= line.entry_on <= period.to_on
        and side in {None, side_of(line)}
        and channel in {None, line.channel}
    ]
    shown = [(row.entry_on, row.book_id, row.seq, row.line, row.amount_minor, row.side) for row in rows]
    assert shown == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(period=periods(), fund=st.sampled_from(["QC", "TET", None]))
def test_the_trial_balance_agrees_in_all_three_pairs(
    reader: Connection, province: Province, period: Period, fund: str | None
) -> None:
    found = trial_balance(reader, province.scope, period, fund=fund)
    assert found.agrees
    lines = [line for line in all_lines(reader, province.scope) if fund in {None, line.fund}]
    opening, closing, debit, credit = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for line in lines:
        if line.entry_on < period.from_on:
            opening[line.account] += line.value_minor
        elif line.entry_on <= period.to_on:
            (debit if line.value_minor > 0 else credit)[line.account] += abs(line.value_minor)
        if line.entry_on <= period.to_on:
            closing[line.account] += line.value_minor
    accounts = {account for each in (opening, closing, debit, credit) for account, value in each.items() if value}
    assert [row.account for row in found.rows] == sorted(accounts)
    for row in found.rows:
        assert row.opening_debit_minor - row.opening_credit_minor == opening[row.account]
        assert (row.debit_minor, row.credit_minor) == (debit[row.account], credit[row.account])
        assert row.closing_debit_minor - row.closing_credit_minor == closing[row.account]
        assert 0 in {row.closing_debit_minor, row.closing_credit_minor}


def test_headings_add_up_what_is_below_them_and_count_once(reader: Connection, province: Province) -> None:
    plain = trial_balance(reader, province.scope, YEAR)
    headed = trial_balance(reader, province.scope, YEAR, with_headings=True)
    assert [row for row in headed.rows if not row.is_parent] == list(plain.rows)
    assert (headed.debit_minor, headed.closing_debit_minor) == (plain.debit_minor, plain.closing_debit_minor)
    by_account = {row.account: row for row in headed.rows}
    for heading in ("112", "353"):
        children = [row for row in headed.rows if row.parent == heading]
        assert by_account[heading].debit_minor == sum(row.debit_minor for row in children)
        assert by_account[heading].closing_credit_minor == sum(row.closing_credit_minor for row in children)
    assert by_account["353"].is_parent


def test_an_account_of_the_trial_balance_opens_to_its_books(reader: Connection, province: Province) -> None:
    rows: list[AssociationMovement] = []
    after: int | None = 0
    while after is not None:
        page = trial_balance_by_association(reader, province.scope, "112", YEAR, after_book_id=after, page_size=3)
        rows.extend(page.rows)
        after = page.next_cursor
    assert [row.level for row in rows] == ["province", "district", "commune", "commune"]
    (heading,) = (
        row for row in trial_balance(reader, province.scope, YEAR, with_headings=True).rows if row.account == "112"
    )
    assert sum(row.debit_minor for row in rows) == heading.debit_minor
    assert sum(row.closing_minor for row in rows) == heading.closing_debit_minor
