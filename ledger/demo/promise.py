"""Pledges of every kind: kept, kept in part, waited for, overdue, and cancelled.

Those that were kept are of gifts that the book has anyway; of the others nothing is posted. What is not due yet falls
due after today, because whoever looks at a demo does so today.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from ledger.calendar import today
from ledger.demo import name
from ledger.demo.collecting import AnyStep, Gathered
from ledger.demo.dice import dice
from ledger.demo.office import Office
from ledger.demo.scenario import GENERAL
from ledger.giving.giver import Giver
from ledger.giving.pledge import Promise, cancel_pledge, record_pledge

_KEPT: Final = {2: 1, 4: 1, 6: 3, 9: 2}
"""Which single gifts of businesses were promised before, and how many times as much was."""

_PROMISED_BEFORE: Final = timedelta(days=30)
_WAITED_FOR: Final = ((-75, 60, 20), (-40, 21, 5), (-70, -12, 3), (-120, -48, 8), (-400, -200, 10))
"""Days from today to the promise and to its day, and millions promised."""

_MILLION: Final = 1_000_000
_CHANNELS: Final = frozenset({"business", "organisation"})


def promise(office: Office, steps: Sequence[AnyStep]) -> Iterator[AnyStep]:
    """Record the pledges of an office, and give its steps, some gifts of which now keep a pledge."""
    _record_open(office)
    number = 0
    for step in steps:
        if not (
            isinstance(step, Gathered) and step.collection.channel in _CHANNELS and len(step.collection.gifts) == 1
        ):
            yield step
            continue
        number += 1
        yield _kept(office, step, _KEPT[number]) if number in _KEPT else step


def _kept(office: Office, step: Gathered, times: int) -> Gathered:
    """Return a step whose gift keeps a pledge, or a part of one."""
    collection, gift = step.collection, step.collection.gifts[0]
    pledge_id = _record(
        office,
        Promise(
            giver=Giver(name=gift.donor or "", person_id=gift.person_id),
            amount_minor=gift.amount_minor * times,
            pledged_on=collection.received_on - _PROMISED_BEFORE,
            due_on=collection.received_on + timedelta(days=times),
            fund=collection.fund,
            campaign=collection.campaign,
        ),
    )
    return replace(step, collection=replace(collection, gifts=(replace(gift, pledge_id=pledge_id),)))


def _record_open(office: Office) -> None:
    """Record pledges of which nothing has come: not due, overdue for days, months and longer; and one given up."""
    chance = dice(office.plan.seed, office.unit.code, "pledges")
    day = today()
    for number, (promised, due, millions) in enumerate(_WAITED_FOR, start=1):
        giver = Giver(name=(name.business if number % 2 else name.organisation)(chance, number))
        promised_on, due_on = day + timedelta(days=promised), day + timedelta(days=due)
        amount_minor = millions * _MILLION
        _record(
            office,
            Promise(giver=giver, amount_minor=amount_minor, pledged_on=promised_on, due_on=due_on, fund=GENERAL),
        )
    given_up = _record(
        office,
        Promise(
            giver=Giver(name=name.business(chance, 6)),
            amount_minor=15 * _MILLION,
            pledged_on=office.year_on,
            due_on=office.year_on + timedelta(days=90),
            fund=GENERAL,
        ),
    )
    reason = "Doanh nghiệp mẫu ngừng hoạt động, xin rút cam kết"
    cancel_pledge(office.conn, office.book, given_up, reason=reason, actor=office.poster)


def _record(office: Office, promised: Promise) -> UUID:
    return record_pledge(office.conn, office.book, promised, actor=office.poster)
