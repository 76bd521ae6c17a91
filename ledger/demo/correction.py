"""Mistakes and what was done about them: what a book shows where people work.

Every one of them is answered, so that no total of the province changes: a contribution booked twice is reversed, a
payment under the wrong program is adjusted, a voucher that nobody executed is voided.
"""

from collections.abc import Iterator, Sequence
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
_VOIDED: Final = {("province", 0), ("commune", 6), ("commune", 24), ("commune", 65)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Reverse the entry of this id."""

    on: date
    entry_id: UUID


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


def with_corrections(plan: Plan, code: str, drafts: Sequence[EntryDraft]) -> Iterator[Step]:
    """Give a book's entries in batches, with its corrections between them on their days."""
    changed, corrections = _mistakes(plan, code, list(drafts))
    start = 0
    for correction in sorted(corrections, key=lambda found: found.on):
        end = sum(draft.entry_on <= correction.on for draft in changed)
        yield tuple(changed[start:end])
        yield correction
        start = end
    yield tuple(changed[start:])


def _mistakes(plan: Plan, code: str, drafts: list[EntryDraft]) -> tuple[list[EntryDraft], list[Correction]]:
    unit = plan.books[code].unit
    place = (unit.level, [each.code for each in plan.scenario.units if each.level == unit.level].index(code))
    earliest = plan.scenario.years[0].from_on.replace(month=_EARLIEST[0], day=_EARLIEST[1])
    corrections: list[Correction] = []
    if place in _BOOKED_TWICE:
        index = next(
            index for index, d in enumerate(drafts) if d.entry_on >= earliest and d.lines[1].channel == "business"
        )
        entry_id = planned_id(drafts[index].entry_on, plan.seed, plan.scenario.key, code, "again")
        drafts.insert(index + 1, replace(drafts[index], entry_id=entry_id))
        corrections.append(Reversal(on=drafts[index].entry_on + _FOUND_AFTER, entry_id=entry_id))
    if place in _WRONG_PROGRAM:
        index = next(index for index, d in enumerate(drafts) if d.entry_on >= earliest and d.lines[0].program == "KT")
        drafts[index], correction = _wrong_program(drafts[index])
        corrections.append(correction)
    if place in _VOIDED:
        corrections.append(Voiding(on=earliest))
    return drafts, corrections


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
    assert draft.entry_id is not None
    return replace(draft, lines=(wrong, paid)), Adjustment(on=on, entry_id=draft.entry_id, draft=adjusting)
