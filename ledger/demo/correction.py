"""Mistakes and what was done about them: what a book shows where people work.

Every one of them is answered, so that no total of the province changes: a contribution booked twice is reversed, a list
with one amount ten times too large is reversed and posted again as it should be, a payment under the wrong program is
adjusted, a voucher that nobody executed is voided.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from ledger.books.model import EntryDraft
from ledger.demo.drafts import planned_id
from ledger.demo.plan import Plan

_FOUND_AFTER: Final = timedelta(days=6)
_EARLIEST: Final = (5, 15)

# Places among the associations of a level, so that each demo has the same kinds of mistakes.
_BOOKED_TWICE: Final = {("commune", 4), ("commune", 41), ("commune", 78), ("district", 3)}
_WRONG_PROGRAM: Final = {("commune", 13), ("commune", 59)}
_MISTYPED: Final = {("commune", 0), ("commune", 13)}
_VOIDED: Final = {("province", 0), ("commune", 6), ("commune", 24), ("commune", 65)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Reverse the entry of this id."""

    on: date
    entry_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Post a draft that corrects the entry of this id."""

    on: date
    entry_id: UUID
    draft: EntryDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiding:
    """Issue a payment voucher and void it."""

    on: date


Correction = Reversal | Adjustment | Voiding
Step = tuple[EntryDraft, ...] | Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """A book's entries with its mistakes among them, and what answers these.

    ``copies`` names by its id each entry that was posted a second time, and the one that it repeats; ``mistyped`` are
    those whose list has one amount ten times too large.
    """

    drafts: list[EntryDraft]
    corrections: list[Correction]
    copies: dict[UUID, UUID]
    mistyped: set[UUID]


def make_mistakes(plan: Plan, code: str, drafts: Sequence[EntryDraft]) -> Mistakes:
    """Make the mistakes of a book among its entries, which are in the order of their days."""
    unit = plan.books[code].unit
    place = (unit.level, plan.place(unit))
    earliest = plan.scenario.years[0].from_on.replace(month=_EARLIEST[0], day=_EARLIEST[1])
    made = Mistakes(drafts=list(drafts), corrections=[], copies={}, mistyped=set())
    if place in _BOOKED_TWICE:
        _book_twice(made, earliest, plan.seed, plan.scenario.key, code)
    if place in _MISTYPED:
        _mistype(made, plan.seed, plan.scenario.key, code)
    if place in _WRONG_PROGRAM:
        index = _first(made.drafts, lambda d: d.entry_on >= earliest and d.lines[0].program == "KT")
        made.drafts[index], correction = _wrong_program(made.drafts[index])
        made.corrections.append(correction)
    if place in _VOIDED:
        made.corrections.append(Voiding(on=earliest))
    return made


def in_order(made: Mistakes) -> Iterator[Step]:
    """Give a book's entries in batches, with its corrections between them on their days."""
    start = 0
    for correction in sorted(made.corrections, key=lambda found: found.on):
        end = sum(draft.entry_on <= correction.on for draft in made.drafts)
        yield tuple(made.drafts[start:end])
        yield correction
        start = end
    yield tuple(made.drafts[start:])


def _first(drafts: Sequence[EntryDraft], fits: Callable[[EntryDraft], bool]) -> int:
    return next(index for index, draft in enumerate(drafts) if fits(draft))


def _book_twice(made: Mistakes, earliest: date, *named: object) -> None:
    index = _first(made.drafts, lambda d: d.entry_on >= earliest and d.lines[1].channel == "business")
    draft = made.drafts[index]
    entry_id = planned_id(draft.entry_on, *named, "again")
    _copy(made, draft, entry_id, draft.entry_on)
    on = draft.entry_on + _FOUND_AFTER
    made.corrections.append(Reversal(on=on, entry_id=entry_id, reason="Ghi trùng khoản tiếp nhận"))


def _mistype(made: Mistakes, *named: object) -> None:
    """Have the first list of households wrong at first; the right one comes before the reversal, and cash suffices."""
    wrong = made.drafts[_first(made.drafts, lambda d: d.lines[1].channel == "household")]
    on = wrong.entry_on + _FOUND_AFTER
    _copy(made, wrong, planned_id(on, *named, "typed again"), on)
    made.mistyped.add(id_of(wrong))
    reason = "Ghi nhầm số tiền của một hộ; đã lập lại danh sách đúng"
    made.corrections.append(Reversal(on=on, entry_id=id_of(wrong), reason=reason))


def _copy(made: Mistakes, draft: EntryDraft, entry_id: UUID, on: date) -> None:
    made.drafts.insert(sum(each.entry_on <= on for each in made.drafts), replace(draft, entry_on=on, entry_id=entry_id))
    made.copies[entry_id] = id_of(draft)


def id_of(draft: EntryDraft) -> UUID:
    """Return the id that an entry was planned with."""
    if draft.entry_id is None:
        raise ValueError("an entry of the demo has its id from the plan")
    return draft.entry_id


def _wrong_program(draft: EntryDraft) -> tuple[EntryDraft, Adjustment]:
    """Return the entry under the wrong program, and its adjustment to the right one."""
    right, paid = draft.lines
    wrong = replace(right, program="QT")
    taken_back = replace(wrong, value_minor=-wrong.value_minor, quantity=-(wrong.quantity or 0))
    on = draft.entry_on + _FOUND_AFTER
    adjusting = EntryDraft(
        entry_on=on,
        kind="adjustment",
        voucher="DC",
        lines=(right, taken_back),
        description="Điều chỉnh chương trình chi ghi nhầm",
    )
    return replace(draft, lines=(wrong, paid)), Adjustment(on=on, entry_id=id_of(draft), draft=adjusting)
