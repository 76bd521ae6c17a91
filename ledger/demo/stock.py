"""Goods: a planned delivery as so many notebooks, part of which a planned outlay hands over; and goods only counted.

A handover's entry is worth its share of what is left, so the notebook's price is one of which both the delivery and the
outlay are multiples: what is posted is what was planned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import gcd
from typing import Final, TypeGuard
from uuid import UUID

from ledger.books.model import EntryDraft
from ledger.demo import name
from ledger.demo.collecting import AnyStep, Gathered
from ledger.demo.dice import dice
from ledger.demo.office import Office
from ledger.giving.delivery import Delivery, Value, hand_over, receive_goods
from ledger.giving.giver import Giver
from ledger.giving.goods import Unit as GoodsUnit
from ledger.giving.model import Collection

_PRICE: Final = 10_000
_COUNTED_AFTER: Final = timedelta(days=40)
_HANDED_AFTER: Final = timedelta(days=12)
_RECIPIENT: Final = "Trường Mẫu số 1"

_COUNTED: Final[tuple[tuple[str, int, GoodsUnit, int], ...]] = (
    ("Sách giáo khoa đã dùng (mẫu)", 120, "book", 45),
    ("Áo ấm (mẫu)", 60, "piece", 60),
    ("Xe đạp cũ (mẫu)", 8, "piece", 0),
)
"""What nobody values: how many came and how many were handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Valued goods in place of the entry of this id."""

    entry_id: UUID
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A part of goods that were delivered, in place of a planned outlay."""

    delivery_id: UUID
    on: date
    quantity: int
    program: str
    awards: int


StockStep = AnyStep | Delivered | HandedOver


def stock(steps: Sequence[AnyStep]) -> Iterator[StockStep]:
    """Give a book's steps: goods as deliveries, and the first outlay of goods after the first of them as its handover.

    Such an outlay is none where it takes more than that delivery brought.
    """
    first = next((step for step in steps if _is_goods(step)), None)
    outlay = None if first is None else _outlay_after(first, steps)
    for step in steps:
        if isinstance(step, Gathered) and _is_goods(step):
            price = gcd(_worth(step), _worth_of(outlay)) if outlay is not None and step is first else _PRICE
            yield Delivered(entry_id=step.entry_id, delivery=_delivery(step.collection, price))
        elif isinstance(step, tuple) and outlay is not None and first is not None and outlay in step:
            # At the end of its day: what is paid in cash and what is fetched from the bank for it stay in one batch.
            yield tuple(draft for draft in step if draft.entry_on <= outlay.entry_on and draft is not outlay)
            yield _handover(first, outlay)
            yield tuple(draft for draft in step if draft.entry_on > outlay.entry_on)
        else:
            yield step


def _is_goods(step: AnyStep) -> TypeGuard[Gathered]:
    return isinstance(step, Gathered) and step.collection.medium == "goods"


def _outlay_after(first: Gathered, steps: Sequence[AnyStep]) -> EntryDraft | None:
    later = steps[steps.index(first) + 1 :]
    outlays = (draft for step in later if isinstance(step, tuple) for draft in step if draft.lines[0].program)
    of_goods = (draft for draft in outlays if draft.lines[1].account == first.collection.account)
    found = next(of_goods, None)
    return found if found is not None and _worth_of(found) <= _worth(first) else None


def _worth(step: Gathered) -> int:
    return step.collection.total_minor


def _worth_of(outlay: EntryDraft) -> int:
    return outlay.lines[0].value_minor


def _delivery(collection: Collection, price: int) -> Delivery:
    gift = collection.gifts[0]
    return Delivery(
        received_on=collection.received_on,
        description="Vở học sinh (mẫu)",
        quantity=gift.amount_minor // price,
        unit="book",
        giver=Giver(name=gift.donor or "", person_id=gift.person_id),
        wish=gift.wish,
        campaign=collection.campaign,
        value=Value(value_minor=gift.amount_minor, account=collection.account, fund=collection.fund),
    )


def _handover(first: Gathered, outlay: EntryDraft) -> HandedOver:
    spent = outlay.lines[0]
    return HandedOver(
        delivery_id=first.entry_id,
        on=outlay.entry_on,
        quantity=spent.value_minor // gcd(_worth(first), spent.value_minor),
        program=str(spent.program),
        awards=spent.quantity or 0,
    )


def count_goods(office: Office) -> None:
    """Record goods that nobody values, and hand some of them over."""
    chance = dice(office.plan.seed, office.unit.code, "goods")
    on = office.year_on + _COUNTED_AFTER
    for number, (description, quantity, unit, handed) in enumerate(_COUNTED, start=1):
        giver = Giver(name=name.person(chance, number))
        delivery = Delivery(received_on=on, description=description, quantity=quantity, unit=unit, giver=giver)
        goods = receive_goods(office.conn, office.book, delivery, actor=office.poster)
        if handed:
            hand_over(
                office.conn,
                office.book,
                goods.goods_id,
                quantity=handed,
                on=on + _HANDED_AFTER,
                program="QT",
                recipient=_RECIPIENT,
                actor=office.poster,
            )
