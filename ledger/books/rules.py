"""Find every fault of a batch before the database does, so that all can be told at once.

Pure: drafts and facts in, faults out. The database refuses the same things on its own (``migrations/sql/0007``);
here is where they get a place in the input. Only an overdraft is left to it, which knows the balances.
Faults come in the order of the input; of an account or fund that does not exist, nothing else is asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from ledger.books.model import (
    DESCRIPTION_LENGTH_MAX,
    LINE_COUNT_MAX,
    QUANTITY_MAX,
    AccountFacts,
    BookFacts,
    EntryDraft,
    FundFacts,
    Line,
    Span,
    VoucherNumber,
)
from ledger.errors import Fault, TextRefused, Value
from ledger.money import AMOUNT_MAX, RATE_DECIMALS_MAX, RATE_MAX, VND, Rate, is_worth, value_at
from ledger.text import clean_text

FAULT_COUNT_MAX: Final = 1_000
"""A batch in which everything is wrong would otherwise answer with more than it was asked."""

LINE_COUNT_MIN: Final = 2

_match_rate_source: Final = re.compile(r"[A-Za-z0-9._-]{1,40}").fullmatch
_MOVES: Final = {"cash in": ("cash", 1), "cash out": ("cash", -1), "bank in": ("bank", 1), "bank out": ("bank", -1)}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the input a rule looks."""

    entry: int
    line: int | None = None

    def fault(self, code: str, field: str, **fields: Value) -> Fault:
        return Fault(code=code, entry=self.entry, line=self.line, field=field, fields=fields)


def faults(drafts: Sequence[EntryDraft], facts: BookFacts, *, are_proposed: bool = False) -> list[Fault]:
    """Return what is wrong with a batch, up to ``FAULT_COUNT_MAX`` faults.

    ``are_proposed`` tells that the entries are not posted now, but proposed to those who consent.
    """
    found: list[Fault] = []
    executed: set[VoucherNumber] = set()
    reversed_seqs: set[int] = set()
    for index, draft in enumerate(drafts):
        found.extend(_entry_faults(_Place(index), draft, facts))
        found.extend(_consent_faults(_Place(index), draft, facts, is_proposed=are_proposed))
        if isinstance(draft.voucher, VoucherNumber):
            if draft.voucher in executed:
                found.append(_Place(index).fault("voucher_executed", "voucher", **_named(draft.voucher)))
            executed.add(draft.voucher)
        if draft.kind == "reversal" and draft.corrects_seq is not None:
            if draft.corrects_seq in reversed_seqs:
                found.append(_Place(index).fault("already_reversed", "corrects", seq=draft.corrects_seq))
            reversed_seqs.add(draft.corrects_seq)
        if len(found) >= FAULT_COUNT_MAX:
            return found[:FAULT_COUNT_MAX]
    return found


def consent_action(draft: EntryDraft, facts: BookFacts) -> Literal["payment", "adjustment"] | None:
    """Return why an entry needs consent (I11): it takes money out, pays by voucher, or adjusts another."""
    if draft.kind != "ordinary":
        return "adjustment" if draft.kind == "adjustment" else None
    kind = draft.voucher.kind if isinstance(draft.voucher, VoucherNumber) else draft.voucher
    pays = facts.voucher_kinds.get(kind or "", "") in {"cash out", "bank out"}
    return "payment" if pays or _moved(draft, facts, {"cash", "bank"}) < 0 else None


def _consent_faults(place: _Place, draft: EntryDraft, facts: BookFacts, *, is_proposed: bool) -> Iterator[Fault]:
    """Only a voucher that was issued with a proposal can have been agreed to; whether it was, the database knows."""
    action = consent_action(draft, facts)
    if is_proposed and action is None:
        yield place.fault("consent_not_needed", "voucher")
    elif not is_proposed and action is not None and isinstance(draft.voucher, str):
        yield place.fault("consent_missing", "voucher", action=action)


def _entry_faults(place: _Place, draft: EntryDraft, facts: BookFacts) -> Iterator[Fault]:
    yield from _day_faults(place, draft.entry_on, facts)
    if draft.kind == "opening" and draft.entry_on != facts.opened_on:
        yield place.fault("opening_day", "entry_on", opened_on=str(facts.opened_on))
    if not LINE_COUNT_MIN <= len(draft.lines) <= LINE_COUNT_MAX:
        yield place.fault("line_count", "lines", count=len(draft.lines), count_max=LINE_COUNT_MAX)
        return
    if draft.description is not None:
        yield from _description_faults(place, draft.description)
    if draft.rate is not None:
        yield from _rate_faults(place, draft.rate, facts)
    for index, line in enumerate(draft.lines):
        yield from _line_faults(_Place(place.entry, index), line, draft, facts)
    yield from _balance_faults(place, draft)
    yield from _voucher_faults(place, draft, facts)
    if draft.kind in {"adjustment", "reversal"}:
        yield from _correction_faults(place, draft, facts)
    elif draft.corrects_seq is not None:
        yield place.fault("corrects_not_allowed", "corrects")


def _day_faults(place: _Place, day: date, facts: BookFacts) -> Iterator[Fault]:
    if day < facts.opened_on:
        yield place.fault("day_before_opening", "entry_on", day=str(day), opened_on=str(facts.opened_on))
    elif facts.locked_through is not None and day <= facts.locked_through:
        yield place.fault("month_locked", "entry_on", day=str(day), locked_through=str(facts.locked_through))
    if facts.closed_on is not None:
        yield place.fault("association_closed", "entry_on", closed_on=str(facts.closed_on))
    if day > facts.today:
        yield place.fault("day_in_future", "entry_on", day=str(day), today=str(facts.today))


def _description_faults(place: _Place, description: str) -> Iterator[Fault]:
    try:
        clean_text(description, field="description", length_max=DESCRIPTION_LENGTH_MAX, multiline=True)
    except TextRefused as refused:
        more = {name: value for name, value in refused.fields.items() if name != "field"}
        yield place.fault("text_refused", "description", **more)


def _rate_faults(place: _Place, rate: Rate, facts: BookFacts) -> Iterator[Fault]:
    if rate.currency == VND or rate.currency not in facts.minor_digits:
        yield place.fault("currency_unknown", "rate", currency=rate.currency)
    if not _is_rate(rate):
        yield place.fault("rate_range", "rate", decimals_max=RATE_DECIMALS_MAX, rate_max=RATE_MAX)
    if not _match_rate_source(rate.source):
        yield place.fault("rate_source", "rate")


def _is_rate(rate: Rate) -> bool:
    value = rate.value
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -RATE_DECIMALS_MAX and 0 < value < RATE_MAX


def _line_faults(place: _Place, line: Line, draft: EntryDraft, facts: BookFacts) -> Iterator[Fault]:
    if line.value_minor == 0 or line.amount_minor == 0:
        yield place.fault("amount_zero", "value_minor")
    elif abs(line.value_minor) > AMOUNT_MAX or abs(line.own_minor) > AMOUNT_MAX:
        yield place.fault("amount_too_large", "value_minor", amount_max=AMOUNT_MAX)
    elif (line.value_minor > 0) != (line.own_minor > 0):
        yield place.fault("amount_sign", "amount_minor")
    elif line.currency != VND or line.amount_minor is not None:
        yield from _worth_faults(place, line, draft, facts)
    account = facts.accounts.get(line.account)
    yield from _account_faults(place, line, account, draft.entry_on)
    yield from _fund_faults(place, line, account, facts.funds.get(line.fund), draft.entry_on)
    if line.channel is not None or line.campaign is not None or line.program is not None:
        yield from _dimension_faults(place, line, account, draft, facts)
    if line.quantity is not None:
        yield from _quantity_faults(place, line.quantity, line)


def _worth_faults(place: _Place, line: Line, draft: EntryDraft, facts: BookFacts) -> Iterator[Fault]:
    digits = facts.minor_digits.get(line.currency)
    if line.currency == VND:
        if line.own_minor != line.value_minor:
            yield place.fault("amount_not_value", "amount_minor")
    elif digits is None:
        yield place.fault("currency_unknown", "currency", currency=line.currency)
    elif draft.rate is None or draft.rate.currency != line.currency or not _is_rate(draft.rate):
        yield place.fault("rate_missing", "rate", currency=line.currency)
    elif line.amount_minor is None:
        yield place.fault("amount_missing", "amount_minor", currency=line.currency)
    else:
        worth = value_at(line.amount_minor, draft.rate, digits)
        if not is_worth(line.value_minor, line.amount_minor, draft.rate, digits):
            yield place.fault("rate_value", "value_minor", value_minor=worth)


def _account_faults(place: _Place, line: Line, account: AccountFacts | None, day: date) -> Iterator[Fault]:
    if account is None:
        yield place.fault("account_unknown", "account", account=line.account)
    elif account.is_parent:
        yield place.fault("account_parent", "account", account=line.account)
    elif day < account.opened_on or account.closed_on is not None:
        yield place.fault("account_not_open", "account", account=line.account, day=str(day))
    elif line.currency != VND and account.role in {"cash", "bank"} and line.currency != account.currency:
        yield place.fault("account_currency", "currency", account=line.account, currency=account.currency)


def _fund_faults(
    place: _Place, line: Line, account: AccountFacts | None, fund: FundFacts | None, day: date
) -> Iterator[Fault]:
    if fund is None:
        yield place.fault("fund_unknown", "fund", fund=line.fund)
    elif day < fund.opened_on or fund.closed_on is not None:
        yield place.fault("fund_not_open", "fund", fund=line.fund, day=str(day))
    elif account is not None and account.role == "fund" and fund.balance_account != line.account:
        yield place.fault("fund_account", "account", fund=line.fund, balance_account=fund.balance_account)


def _dimension_faults(
    place: _Place, line: Line, account: AccountFacts | None, draft: EntryDraft, facts: BookFacts
) -> Iterator[Fault]:
    day = draft.entry_on
    if account is not None and account.role != "fund":
        yield place.fault("dimension_not_on_fund", "account", account=line.account)
    if line.channel is not None and line.program is not None:
        yield place.fault("channel_and_program", "program")
    if line.channel is not None and line.channel not in facts.channels:
        yield place.fault("channel_unknown", "channel", channel=line.channel)
    for field, code, spans in (
        ("campaign", line.campaign, facts.campaigns),
        ("program", line.program, facts.programs),
    ):
        # A mistake is reversed on the day it is found, and campaigns are over by then.
        if code is not None and (code not in spans or not (draft.kind == "reversal" or _is_open(spans[code], day))):
            state = "not_open" if code in spans else "unknown"
            named: dict[str, Value] = {field: code, "day": str(day)}
            yield place.fault(f"{field}_{state}", field, **named)


def _is_open(span: Span, day: date) -> bool:
    return span.opened_on <= day and (span.closed_on is None or day <= span.closed_on)


def _quantity_faults(place: _Place, quantity: int, line: Line) -> Iterator[Fault]:
    if line.program is None:
        yield place.fault("quantity_without_program", "quantity")
    if quantity == 0 or abs(quantity) > QUANTITY_MAX:
        yield place.fault("quantity_range", "quantity", quantity_max=QUANTITY_MAX)


def _balance_faults(place: _Place, draft: EntryDraft) -> Iterator[Fault]:
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in draft.lines:
        held = sums[line.fund, line.currency]
        held[0] += line.value_minor
        held[1] += line.own_minor
    for (fund, currency), (value_minor, amount_minor) in sums.items():
        if currency != VND and amount_minor:
            yield place.fault(
                "unbalanced_foreign", "lines", fund=fund, currency=currency, difference_minor=amount_minor
            )
        elif value_minor:
            yield place.fault("unbalanced", "lines", fund=fund, currency=VND, difference_minor=value_minor)


def _voucher_faults(place: _Place, draft: EntryDraft, facts: BookFacts) -> Iterator[Fault]:
    voucher = draft.voucher
    if (voucher is None) != (draft.kind == "opening"):
        yield place.fault("voucher_missing" if voucher is None else "voucher_not_for_opening", "voucher")
        return
    if voucher is None:
        return
    kind = voucher if isinstance(voucher, str) else voucher.kind
    moves = facts.voucher_kinds.get(kind)
    if moves is None:
        yield place.fault("voucher_kind_unknown", "voucher", kind=kind)
    elif moves in _MOVES and not _moves(draft, facts, *_MOVES[moves]):
        yield place.fault("voucher_kind_moves", "voucher", kind=kind, moves=moves)
    if isinstance(voucher, VoucherNumber):
        yield from _issued_voucher_faults(place, draft.entry_on, voucher, facts)


def _moves(draft: EntryDraft, facts: BookFacts, role: str, sign: int) -> bool:
    return _moved(draft, facts, {role}) * sign > 0


def _moved(draft: EntryDraft, facts: BookFacts, roles: AbstractSet[str]) -> int:
    accounts = ((line, facts.accounts.get(line.account)) for line in draft.lines)
    return sum(line.value_minor for line, account in accounts if account is not None and account.role in roles)


def _named(voucher: VoucherNumber) -> dict[str, Value]:
    return {"kind": voucher.kind, "fiscal_year": voucher.fiscal_year, "number": voucher.number}


def _issued_voucher_faults(place: _Place, day: date, voucher: VoucherNumber, facts: BookFacts) -> Iterator[Fault]:
    state = facts.vouchers.get(voucher)
    if state is None:
        yield place.fault("voucher_not_found", "voucher", **_named(voucher))
    elif state.is_void:
        yield place.fault("voucher_void", "voucher", **_named(voucher))
    elif state.executed_seq is not None:
        yield place.fault("voucher_executed", "voucher", **_named(voucher))
    elif day < state.issued_on:
        yield place.fault("day_before_voucher", "entry_on", day=str(day), issued_on=str(state.issued_on))


def _correction_faults(place: _Place, draft: EntryDraft, facts: BookFacts) -> Iterator[Fault]:
    kind = draft.voucher.kind if isinstance(draft.voucher, VoucherNumber) else draft.voucher
    if kind != "DC":
        yield place.fault("correction_voucher", "voucher")
    original = None if draft.corrects_seq is None else facts.corrected.get(draft.corrects_seq)
    if original is None:
        yield place.fault("corrected_not_found", "corrects", seq=draft.corrects_seq)
        return
    if draft.entry_on < original.entry_on:
        yield place.fault("day_before_corrected", "entry_on", corrected_on=str(original.entry_on))
    if draft.kind == "reversal" and original.kind == "reversal":
        yield place.fault("reversal_not_reversible", "corrects", seq=draft.corrects_seq)
    if draft.kind == "reversal" and original.reversed_by_seq is not None:
        yield place.fault("already_reversed", "corrects", seq=original.reversed_by_seq)
