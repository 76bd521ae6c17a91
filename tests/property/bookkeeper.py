"""A bookkeeper with a memory and no database: what the books should say, worked out the slow and obvious way.

Nothing here is shared with ``ledger.books``: balances are added up from every line there is, day by day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger.books.model import EntryDraft, Line, VoucherNumber
from ledger.money import AMOUNT_MAX

POSTABLE = {"1111": "cash", "1121A": "bank", "331": "other", "35381": "fund", "35383": "fund", "35384": "fund"}
HEADINGS = {"112"}
MOVES = {"PT": ("cash", 1), "PC": ("cash", -1), "BC": ("bank", 1), "BN": ("bank", -1)}


@dataclass(slots=True, kw_only=True)
class Paper:
    """A voucher that was issued."""

    issued_on: date
    is_void: bool = False
    executed_by: int | None = None


@dataclass(slots=True, kw_only=True)
class Written:
    """An entry in the book."""

    draft: EntryDraft
    voucher: VoucherNumber
    reversed_by: int | None = None


@dataclass(slots=True)
class Bookkeeper:
    """One book: its entries by seq, its vouchers, its last locked day."""

    opened_on: date
    today: date
    funds: dict[str, tuple[str, date]]
    entries: list[Written] = field(default_factory=list)
    papers: dict[VoucherNumber, Paper] = field(default_factory=dict)
    locked_through: date | None = None

    def refusals(self, drafts: Sequence[EntryDraft]) -> set[str]:
        """Return the codes of everything that is wrong; overdrafts where nothing else is."""
        found: set[str] = set()
        seen: set[object] = set()
        for draft in drafts:
            found |= self._day(draft.entry_on) | self._lines(draft) | self._voucher(draft) | self._correction(draft)
            if isinstance(draft.voucher, VoucherNumber) and draft.voucher in seen:
                found.add("voucher_executed")
            if draft.kind == "reversal" and draft.corrects_seq in seen:
                found.add("already_reversed")
            seen |= {draft.voucher, draft.corrects_seq} - {None}
        if found:
            return found
        if self.is_short(drafts):
            return {"overdraft"}
        # What was issued before, nobody was asked about here.
        issued = [draft for draft in drafts if isinstance(draft.voucher, VoucherNumber)]
        return {"consent_missing"} if any(map(self._needs_consent, issued)) else set()

    def _day(self, day: date) -> set[str]:
        found = set()
        if day < self.opened_on:
            found.add("day_before_opening")
        elif self.locked_through is not None and day <= self.locked_through:
            found.add("month_locked")
        if day > self.today:
            found.add("day_in_future")
        return found

    def _lines(self, draft: EntryDraft) -> set[str]:
        found = set()
        sums: dict[str, int] = defaultdict(int)
        for line in draft.lines:
            sums[line.fund] += line.value_minor
            found |= self._line(line, draft.entry_on)
        return found | ({"unbalanced"} if any(sums.values()) else set())

    def _line(self, line: Line, day: date) -> set[str]:
        found = self._account(line, day) | self._fund(line, day)
        if line.value_minor == 0:
            found.add("amount_zero")
        elif abs(line.value_minor) > AMOUNT_MAX:
            found.add("amount_too_large")
        return found

    def _account(self, line: Line, day: date) -> set[str]:
        if line.account in HEADINGS:
            return {"account_parent"}
        if line.account not in POSTABLE:
            return {"account_unknown"}
        return {"account_not_open"} if day < self.opened_on else set()

    def _fund(self, line: Line, day: date) -> set[str]:
        found = set()
        account, opened_on = self.funds.get(line.fund, (None, day))
        if account is None:
            found.add("fund_unknown")
        elif day < opened_on:
            found.add("fund_not_open")
        elif POSTABLE.get(line.account) == "fund" and account != line.account:
            found.add("fund_account")
        if line.channel == "nowhere":
            found.add("channel_unknown")
        if line.channel is not None and line.program is not None:
            found.add("channel_and_program")
        is_classified = (line.channel, line.campaign, line.program) != (None, None, None)
        if is_classified and (line.account in HEADINGS or POSTABLE.get(line.account, "fund") != "fund"):
            found.add("dimension_not_on_fund")
        dimensions = {"campaign": line.campaign, "program": line.program}
        return found | {f"{name}_not_open" for name, code in dimensions.items() if code and day < self.opened_on}

    def _voucher(self, draft: EntryDraft) -> set[str]:
        assert draft.voucher is not None
        kind = draft.voucher if isinstance(draft.voucher, str) else draft.voucher.kind
        found = set()
        if kind in MOVES:
            role, sign = MOVES[kind]
            if sign * sum(line.value_minor for line in draft.lines if POSTABLE.get(line.account) == role) <= 0:
                found.add("voucher_kind_moves")
        if isinstance(draft.voucher, VoucherNumber):
            paper = self.papers.get(draft.voucher)
            if paper is None:
                found.add("voucher_not_found")
            elif paper.is_void:
                found.add("voucher_void")
            elif paper.executed_by is not None:
                found.add("voucher_executed")
            elif draft.entry_on < paper.issued_on:
                found.add("day_before_voucher")
        return found

    def _needs_consent(self, draft: EntryDraft) -> bool:
        assert isinstance(draft.voucher, VoucherNumber)
        money = sum(line.value_minor for line in draft.lines if POSTABLE.get(line.account) in {"cash", "bank"})
        pays = draft.voucher.kind in {"PC", "BN"} or money < 0
        return draft.kind == "adjustment" or (draft.kind == "ordinary" and pays)

    def _correction(self, draft: EntryDraft) -> set[str]:
        if draft.kind == "ordinary":
            return set()
        seq = draft.corrects_seq
        if seq is None or not 1 <= seq <= len(self.entries):
            return {"corrected_not_found"}
        original = self.entries[seq - 1]
        found = set()
        if draft.entry_on < original.draft.entry_on:
            found.add("day_before_corrected")
        if draft.kind == "reversal" and original.draft.kind == "reversal":
            found.add("reversal_not_reversible")
        if draft.kind == "reversal" and original.reversed_by is not None:
            found.add("already_reversed")
        return found

    def is_short(self, more: Iterable[EntryDraft]) -> bool:
        """Tell whether some cash, bank or fund would end some day below nothing."""
        for (account, _, _), balance in self.balances(more).items():
            role = POSTABLE[account]
            if (role in {"cash", "bank"} and balance < 0) or (role == "fund" and balance > 0):
                return True
        return False

    def balances(self, more: Iterable[EntryDraft] = ()) -> dict[tuple[str, str, date], int]:
        """Add up what is in each account of each fund at the end of each day on which it moved."""
        moved: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for draft in (*(written.draft for written in self.entries), *more):
            for line in draft.lines:
                moved[line.account, line.fund][draft.entry_on] += line.value_minor
        found = {}
        for key, days in moved.items():
            balance = 0
            for day in sorted(days):
                balance += days[day]
                found[*key, day] = balance
        return found

    def next_number(self, kind: str, year: int) -> VoucherNumber:
        """Return the voucher that would be issued next."""
        count = sum(paper.kind == kind and paper.fiscal_year == year for paper in self.papers)
        return VoucherNumber(kind=kind, fiscal_year=year, number=count + 1)

    def issue(self, kind: str, issued_on: date) -> VoucherNumber:
        """Issue a voucher."""
        voucher = self.next_number(kind, issued_on.year)
        self.papers[voucher] = Paper(issued_on=issued_on)
        return voucher

    def write(self, drafts: Sequence[EntryDraft]) -> list[tuple[int, VoucherNumber]]:
        """Write entries down; return seq and voucher of each."""
        written = []
        for draft in drafts:
            assert draft.voucher is not None
            voucher = self.issue(draft.voucher, draft.entry_on) if isinstance(draft.voucher, str) else draft.voucher
            self.entries.append(Written(draft=draft, voucher=voucher))
            seq = len(self.entries)
            self.papers[voucher].executed_by = seq
            if draft.kind == "reversal" and draft.corrects_seq is not None:
                self.entries[draft.corrects_seq - 1].reversed_by = seq
            written.append((seq, voucher))
        return written
