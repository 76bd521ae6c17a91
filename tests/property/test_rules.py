"""The search for faults, as pure as it is: it finds what is wrong, where it is wrong, and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books.model import (
    AccountFacts,
    BookFacts,
    CorrectedFacts,
    EntryDraft,
    FundFacts,
    Line,
    Span,
    VoucherFacts,
    VoucherNumber,
)
from ledger.books.rules import FAULT_COUNT_MAX, faults
from ledger.errors import Fault
from ledger.money import AMOUNT_MAX, Rate, value_at
from ledger.typeid import new_id
from tests import strategies
from tests.factories import GENERAL, OPENED_ON, TET, receipt, two_lines, with_line

TODAY = date(2025, 6, 30)
MARCH = date(2024, 3, 15)
ISSUED = VoucherNumber(kind="PT", fiscal_year=2024, number=1)


def account(role: str, **more: object) -> AccountFacts:
    found = AccountFacts(is_parent=False, role=role, currency="VND", opened_on=OPENED_ON, closed_on=None)
    return replace(found, **more)  # type: ignore[arg-type]


def fund(balance_account: str) -> FundFacts:
    return FundFacts(balance_account=balance_account, opened_on=OPENED_ON, closed_on=None)


FACTS = BookFacts(
    recorded_at="2025-06-30T00:00:00.000000Z",
    today=TODAY,
    last_seq=9,
    locked_through=None,
    opened_on=OPENED_ON,
    closed_on=None,
    accounts={
        "1111": account("cash"), "1121A": account("bank"), "1112USD": account("cash", currency="USD"),
        "331": account("other"), "35381": account("fund"), "35383": account("fund"),
        "112": account("other", is_parent=True),
    },
    funds={GENERAL: fund("35381"), TET: fund("35383"), strategies.LATE_FUND: fund("35381")},
    voucher_kinds={"PT": "cash in", "PC": "cash out", "BC": "bank in", "BN": "bank out", "KT": "any", "DC": "any"},
    channels=frozenset({"household"}),
    campaigns={strategies.CAMPAIGN: Span(opened_on=OPENED_ON, closed_on=date(2025, 1, 31))},
    programs={strategies.PROGRAM: Span(opened_on=OPENED_ON, closed_on=None)},
    minor_digits={"USD": 2},
    vouchers={ISSUED: VoucherFacts(issued_on=MARCH, is_void=False, executed_seq=None)},
    corrected={3: CorrectedFacts(kind="ordinary", entry_on=MARCH, entry_id=new_id(), reversed_by_seq=None)},
)  # fmt: skip


def wrong_with(drafts: Sequence[EntryDraft], facts: BookFacts = FACTS) -> list[Fault]:
    """Return all faults but that nobody was asked yet, which every payment has here."""
    return [fault for fault in faults(drafts, facts) if fault.code != "consent_missing"]


def codes(drafts: list[EntryDraft], facts: BookFacts = FACTS) -> list[str]:
    return [fault.code for fault in wrong_with(drafts, facts)]


@given(drafts=st.lists(strategies.right_drafts(), max_size=5))
def test_right_entries_have_no_faults(drafts: list[EntryDraft]) -> None:
    """Whether the money is there is not asked here; all else is right about them."""
    assert codes(drafts) == []


@given(drafts=st.lists(strategies.right_drafts(), max_size=5))
def test_nothing_leaves_without_consent_and_nothing_else_asks_for_it(drafts: list[EntryDraft]) -> None:
    """What is posted is asked about where money goes out; what is proposed, where it does not."""
    leaving = {
        index
        for index, draft in enumerate(drafts)
        if sum(line.value_minor for line in draft.lines if line.account in {"1111", "1121A"}) < 0
    }
    for are_proposed, code, expected in (
        (False, "consent_missing", leaving),
        (True, "consent_not_needed", set(range(len(drafts))) - leaving),
    ):
        found = faults(drafts, FACTS, are_proposed=are_proposed)
        assert [fault.entry for fault in found if fault.code == code] == sorted(expected)


@given(
    drafts=st.lists(strategies.right_drafts(), min_size=1, max_size=4),
    data=st.data(),
    wrong=strategies.wrong_lines,
)
def test_a_fault_is_found_where_it_is(drafts: list[EntryDraft], data: st.DataObject, wrong: dict[str, object]) -> None:
    """One wrong line makes faults in its own entry alone, at that line or at the entry, whatever is around it."""
    index = data.draw(st.integers(0, len(drafts) - 1))
    line = data.draw(st.integers(0, len(drafts[index].lines) - 1))
    drafts[index] = with_line(drafts[index], line, **wrong)
    found = wrong_with(drafts)
    assert found
    assert {fault.entry for fault in found} == {index}
    assert {fault.line for fault in found} <= {line, None}


@given(drafts=st.lists(strategies.right_drafts(on=strategies.days | strategies.wrong_days), max_size=6))
def test_faults_come_in_the_order_of_the_input(drafts: list[EntryDraft]) -> None:
    """The faults of a batch are those of its entries, one after the other."""
    alone = [replace(fault, entry=index) for index, draft in enumerate(drafts) for fault in wrong_with([draft])]
    assert wrong_with(drafts) == alone


@given(
    cents=st.integers(-(10**9), 10**9).filter(bool),
    rate=st.decimals(Decimal("0.00000001"), Decimal(10**6), places=8),
    off=st.integers(-3, 3),
)
def test_a_rate_fits_to_the_dong_either_way(cents: int, rate: Decimal, off: int) -> None:
    """A value is right when it is less than one đồng from the exact worth: what the database asks too."""
    chosen = Rate(currency="USD", value=rate, source="SBV")
    value_minor = value_at(cents, chosen, 2) + off
    if not value_minor or (value_minor > 0) != (cents > 0):
        return
    line = Line(account="1112USD", fund=GENERAL, value_minor=value_minor, currency="USD", amount_minor=cents)
    against = replace(line, account="35381", value_minor=-value_minor, amount_minor=-cents)
    draft = EntryDraft(entry_on=MARCH, voucher="KT", lines=(line, against), rate=chosen)
    is_right = abs(Decimal(cents) * rate / 100 - value_minor) < 1
    assert (codes([draft]) == []) == is_right


RIGHT = receipt(500, MARCH)
CORRECTION = replace(RIGHT, kind="reversal", voucher="DC", corrects_seq=3)


def corrected(**changes: object) -> BookFacts:
    return replace(FACTS, corrected={3: replace(FACTS.corrected[3], **changes)})  # type: ignore[arg-type]


def issued(**changes: object) -> BookFacts:
    return replace(FACTS, vouchers={ISSUED: replace(FACTS.vouchers[ISSUED], **changes)})  # type: ignore[arg-type]


def closed(code: str) -> BookFacts:
    accounts = {**FACTS.accounts, code: replace(FACTS.accounts[code], closed_on=MARCH)}
    return replace(FACTS, accounts=accounts)


LATER = MARCH + timedelta(days=1)
NAMED = replace(RIGHT, voucher=ISSUED)
CASES: dict[str, tuple[list[EntryDraft], BookFacts, list[str]]] = {
    "a day after the closing": (
        [replace(RIGHT, entry_on=LATER)],
        replace(FACTS, closed_on=MARCH),
        ["association_closed"],
    ),
    "a locked month": ([RIGHT], replace(FACTS, locked_through=MARCH), ["month_locked"]),
    "the day after a lock": ([replace(RIGHT, entry_on=LATER)], replace(FACTS, locked_through=MARCH), []),
    "tomorrow": ([replace(RIGHT, entry_on=TODAY + timedelta(days=1))], FACTS, ["day_in_future"]),
    "a closed account": ([replace(RIGHT, entry_on=LATER)], closed("1111"), ["account_not_open"]),
    "a campaign that is over": (
        [with_line(replace(RIGHT, entry_on=date(2025, 2, 1)), 1, campaign=strategies.CAMPAIGN)],
        FACTS,
        ["campaign_not_open"],
    ),
    "a program that is none": ([with_line(RIGHT, 1, program="NONE")], FACTS, ["program_unknown"]),
    "a channel and a program": (
        [with_line(RIGHT, 1, channel="household", program=strategies.PROGRAM)],
        FACTS,
        ["channel_and_program"],
    ),
    "a quantity of 0": ([with_line(RIGHT, 1, program=strategies.PROGRAM, quantity=0)], FACTS, ["quantity_range"]),
    "a quantity too large": (
        [with_line(RIGHT, 1, program=strategies.PROGRAM, quantity=10**8)],
        FACTS,
        ["quantity_range"],
    ),
    "an amount of 0": ([with_line(RIGHT, 0, amount_minor=0)], FACTS, ["amount_zero"]),
    "the largest amount": ([replace(RIGHT, lines=two_lines(AMOUNT_MAX))], FACTS, []),
    "a negative amount too large": (
        [replace(RIGHT, voucher="KT", lines=two_lines(-AMOUNT_MAX - 1))],
        FACTS,
        ["amount_too_large"] * 2,
    ),
    "an issued voucher": ([NAMED], FACTS, []),
    "an issued voucher twice": ([NAMED, NAMED], FACTS, ["voucher_executed"]),
    "an issued voucher that is void": ([NAMED], issued(is_void=True), ["voucher_void"]),
    "an issued voucher that was executed": ([NAMED], issued(executed_seq=4), ["voucher_executed"]),
    "a voucher issued later": ([NAMED], issued(issued_on=LATER), ["day_before_voucher"]),
    "a bank voucher for cash": ([replace(RIGHT, voucher="BC")], FACTS, ["voucher_kind_moves"]),
    "a reversal": ([CORRECTION], FACTS, []),
    "a reversal twice": ([CORRECTION, CORRECTION], FACTS, ["already_reversed"]),
    "a reversal of what is reversed": ([CORRECTION], corrected(reversed_by_seq=4), ["already_reversed"]),
    "a reversal of a reversal": ([CORRECTION], corrected(kind="reversal"), ["reversal_not_reversible"]),
    "a reversal of an earlier day": ([CORRECTION], corrected(entry_on=LATER), ["day_before_corrected"]),
    "an adjustment of what is reversed": ([replace(CORRECTION, kind="adjustment")], corrected(reversed_by_seq=4), []),
    "a correction by a receipt": ([replace(CORRECTION, voucher="PT")], FACTS, ["correction_voucher"]),
    "a correction by an issued receipt": ([replace(CORRECTION, voucher=ISSUED)], FACTS, ["correction_voucher"]),
    "a correction of nothing": ([replace(CORRECTION, corrects_seq=None)], FACTS, ["corrected_not_found"]),
    "a correction of what is not there": ([replace(CORRECTION, corrects_seq=4)], FACTS, ["corrected_not_found"]),
    "an ordinary entry that corrects": ([replace(RIGHT, corrects_seq=3)], FACTS, ["corrects_not_allowed"]),
    "an opening": ([replace(RIGHT, kind="opening", voucher=None, entry_on=OPENED_ON)], FACTS, []),
    "an opening later": ([replace(RIGHT, kind="opening", voucher=None)], FACTS, ["opening_day"]),
    "an opening with a voucher": (
        [replace(RIGHT, kind="opening", entry_on=OPENED_ON)],
        FACTS,
        ["voucher_not_for_opening"],
    ),
    "one line": ([replace(RIGHT, lines=RIGHT.lines[:1])], FACTS, ["line_count"]),
    "200 lines": ([replace(RIGHT, lines=RIGHT.lines * 100)], FACTS, []),
}


@pytest.mark.parametrize(("drafts", "facts", "expected"), CASES.values(), ids=CASES.keys())
def test_each_rule_has_its_code(drafts: list[EntryDraft], facts: BookFacts, expected: list[str]) -> None:
    """One thing wrong is one code, and no other."""
    assert codes(drafts, facts) == expected


@pytest.mark.parametrize(
    "per_entry", [lambda draft: draft, lambda draft: with_line(draft, 1, fund="NONE")], ids=["two", "three"]
)
def test_no_more_faults_than_can_be_read(per_entry: Callable[[EntryDraft], EntryDraft]) -> None:
    """The answer ends at a thousand faults, in the middle of an entry if need be."""
    wrong = per_entry(with_line(RIGHT, 0, account="9"))
    assert len(faults([wrong] * FAULT_COUNT_MAX, FACTS)) == FAULT_COUNT_MAX
