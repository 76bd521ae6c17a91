"""Choose which entries of a book are told gift by gift, and make the collections that real work would have entered.

Some books are told completely: the province's, whose treasurer enters every wire with its list, and three communes'.
Of all other communes the first village drives are told, and of a district's association its first salary day.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final
from uuid import UUID

from ledger.books.model import EntryDraft
from ledger.demo import name
from ledger.demo.correction import Mistakes, Step, id_of, in_order, make_mistakes
from ledger.demo.dice import dice
from ledger.demo.gift import cut_gifts
from ledger.demo.plan import Plan
from ledger.demo.scenario import EARMARK, EARMARKED
from ledger.demo.units import Unit
from ledger.giving.model import Collection, Declared, Gift, Medium, Source

WHOLE_COMMUNES: Final = (0, 4, 13)
"""Places among the communes; the last two have mistakes in their books (``ledger/demo/correction.py``)."""

_MEDIA: Final[dict[str, Medium]] = {"PT": "cash", "BC": "bank", "KT": "goods"}

_EARMARKED_ONE_IN: Final = 3
_LONG_LIST: Final = 412
_TOO_MUCH_MINOR: Final = 50_000
_DIFFERENCE: Final = "Người thu đếm nhầm khi khai; đã đếm lại cùng thủ quỹ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A collection in place of the entry of this id, which gets an id of its own when it is received."""

    entry_id: UUID
    collection: Collection


AnyStep = Step | Gathered


def is_whole(plan: Plan, unit: Unit) -> bool:
    """Tell whether every receipt of a book is told gift by gift."""
    return unit.level == "province" or (unit.level == "commune" and plan.place(unit) in WHOLE_COMMUNES)


def book_steps(plan: Plan, unit: Unit, drafts: Sequence[EntryDraft]) -> Iterator[AnyStep]:
    """Give all that happens in a book in its order: entries in batches, collections and corrections."""
    made = make_mistakes(plan, unit.code, drafts)
    gathered = {each.entry_id: each for each in _gather(plan, unit, made)}
    for step in in_order(made):
        if not isinstance(step, tuple):
            yield step
            continue
        for is_told, run in groupby(step, key=lambda draft: id_of(draft) in gathered):
            if is_told:
                yield from (gathered[id_of(draft)] for draft in run)
            else:
                yield tuple(run)


def _gather(plan: Plan, unit: Unit, made: Mistakes) -> Iterator[Gathered]:
    receipts = [draft for draft in made.drafts if draft.lines[1].channel]
    longest = max((d for d in receipts if d.lines[1].channel == "salary-day"), key=_total, default=None)
    numbers = _numbers(receipts, made)
    is_all_told = is_whole(plan, unit)
    has_difference = is_all_told and unit.level == "commune"
    for draft in receipts:
        entry_id, balance = id_of(draft), draft.lines[1]
        channel, number = str(balance.channel), numbers[made.copies.get(entry_id, entry_id)]
        if not (is_all_told or _is_told(unit, channel, number)):
            continue
        chance = dice(plan.seed, plan.scenario.key, unit.code, "gifts", channel, number)
        count = _LONG_LIST if unit.level == "province" and draft is longest else None
        gifts = cut_gifts(balance, place=_place(unit, channel, number), chance=chance, count=count)
        collection = _collection(draft, _mistyped(gifts) if entry_id in made.mistyped else gifts)
        if collection.fund == EARMARKED and number % _EARMARKED_ONE_IN == 0:
            collection = replace(collection, earmark=EARMARK)
        if has_difference and collection.source.kind == "drive" and entry_id not in made.mistyped:
            collection, has_difference = _with_difference(collection), False
        yield Gathered(entry_id=entry_id, collection=collection)


def _total(draft: EntryDraft) -> int:
    return draft.lines[0].value_minor


def _numbers(receipts: Sequence[EntryDraft], made: Mistakes) -> dict[UUID, int]:
    """Number receipts within their channels; what repeats another has none of its own."""
    numbers: dict[UUID, int] = {}
    counted: Counter[str] = Counter()
    for draft in receipts:
        if id_of(draft) not in made.copies:
            channel = str(draft.lines[1].channel)
            counted[channel] += 1
            numbers[id_of(draft)] = counted[channel]
    return numbers


def _is_told(unit: Unit, channel: str, number: int) -> bool:
    """Tell whether a receipt is told of a book that is not told as a whole: a drive in spring and one in autumn."""
    if unit.level == "commune":
        return channel == "household" and number in {1, unit.chapters + 1}
    return channel == "salary-day" and number == 1


def _place(unit: Unit, channel: str, number: int) -> str:
    """Return where a list comes from: in turn each of a commune's chapters, or some agency."""
    if channel in {"household", "membership"}:
        return name.chapter((number - 1) % max(unit.chapters, 1) + 1)
    return name.agency(number)


def _mistyped(gifts: Sequence[Gift]) -> tuple[Gift, ...]:
    """Have one nought too many in the third line."""
    third = gifts[2]
    return (*gifts[:2], replace(third, amount_minor=third.amount_minor * 10), *gifts[3:])


def _collection(draft: EntryDraft, gifts: tuple[Gift, ...]) -> Collection:
    place, balance = draft.lines
    is_list = len(gifts) > 1
    return Collection(
        received_on=draft.entry_on,
        medium=_MEDIA[str(draft.voucher)],
        account=place.account,
        fund=balance.fund,
        channel=str(balance.channel),
        gifts=gifts,
        campaign=balance.campaign,
        currency=balance.currency,
        rate=draft.rate,
        description=draft.description,
        declared=Declared(count=len(gifts), total_minor=sum(g.amount_minor for g in gifts)) if is_list else None,
        source=Source(kind="drive" if balance.channel == "household" else "hand"),
    )


def _with_difference(collection: Collection) -> Collection:
    declared = Declared(count=len(collection.gifts), total_minor=collection.total_minor + _TOO_MUCH_MINOR)
    return replace(collection, declared=declared, difference_reason=_DIFFERENCE)
