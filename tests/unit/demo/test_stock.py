"""Goods that a plan has as amounts become things that are delivered and handed over, worth what was planned."""

import pytest

from ledger.demo.build import SEED
from ledger.demo.collecting import Gathered, book_steps, is_whole
from ledger.demo.drafts import book_drafts
from ledger.demo.plan import plan_province
from ledger.demo.stock import Delivered, HandedOver, stock


@pytest.mark.parametrize("province", ["ha-nam", "quang-binh"])
def test_a_handover_is_worth_the_outlay_that_was_planned(province: str) -> None:
    plan = plan_province(province, seed=SEED)
    handovers = 0
    for book in plan.books.values():
        if not is_whole(plan, book.unit):
            continue
        steps = list(book_steps(plan, book.unit, book_drafts(book, plan.scenario.opens_on)))
        made = list(stock(steps))
        planned = [draft for step in steps if isinstance(step, tuple) for draft in step]
        kept = [draft for step in made if isinstance(step, tuple) for draft in step]
        assert not [step for step in made if isinstance(step, Gathered) and step.collection.medium == "goods"]
        delivered = {step.entry_id: step.delivery for step in made if isinstance(step, Delivered)}
        assert all(delivery.quantity > 0 and delivery.giver for delivery in delivered.values())
        for step in made:
            if isinstance(step, HandedOver):
                handovers += 1
                (outlay,) = [draft for draft in planned if draft not in kept]
                delivery = delivered[step.delivery_id]
                assert delivery.value is not None
                assert delivery.value.value_minor * step.quantity // delivery.quantity == outlay.lines[0].value_minor
                assert (step.program, step.awards) == (outlay.lines[0].program, outlay.lines[0].quantity)
                assert delivery.received_on <= step.on == outlay.entry_on
    assert handovers >= 1
