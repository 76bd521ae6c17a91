"""What a book is told gift by gift: every receipt of some books, in sums that are the plan's."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from ledger.books.model import EntryDraft
from ledger.demo.build import SEED
from ledger.demo.collecting import WHOLE_COMMUNES, Gathered, book_steps, is_whole
from ledger.demo.correction import Reversal
from ledger.demo.drafts import book_drafts
from ledger.demo.gift import HABITS
from ledger.demo.plan import Plan, plan_province
from ledger.demo.units import Unit

PROVINCES = ("ha-nam", "quang-binh")
SAMPLE = re.compile(r"\b(Mẫu|mẫu|Thử|Ví Dụ|Sample)\b.*\d")


@cache
def plan_of(province: str) -> Plan:
    return plan_province(province, seed=SEED)


@cache
def steps_of(province: str, code: str) -> list[object]:
    plan = plan_of(province)
    return list(book_steps(plan, plan.books[code].unit, drafts_of(province, code)))


def drafts_of(province: str, code: str) -> list[EntryDraft]:
    return book_drafts(plan_of(province).books[code], plan_of(province).scenario.opens_on)


def told(province: str) -> Iterator[tuple[Unit, Gathered]]:
    for code, book in plan_of(province).books.items():
        for step in steps_of(province, code):
            if isinstance(step, Gathered):
                yield book.unit, step


@pytest.mark.parametrize("province", PROVINCES)
def test_gifts_sum_to_the_entry_that_was_planned(province: str) -> None:
    planned = {draft.entry_id: draft for code in plan_of(province).books for draft in drafts_of(province, code)}
    wrong = {
        step.entry_id
        for code in plan_of(province).books
        for step in steps_of(province, code)
        if isinstance(step, Reversal)
    }
    checked = 0
    for _, step in told(province):
        if step.entry_id in planned and step.entry_id not in wrong:
            assert step.collection.total_minor == planned[step.entry_id].lines[0].own_minor
            assert all(gift.amount_minor > 0 for gift in step.collection.gifts)
            checked += 1
    assert checked > 500


@pytest.mark.parametrize("province", PROVINCES)
def test_the_province_and_three_communes_are_told_completely(province: str) -> None:
    plan = plan_of(province)
    whole = [book.unit for book in plan.books.values() if is_whole(plan, book.unit)]
    assert Counter(unit.level for unit in whole) == {"province": 1, "commune": len(WHOLE_COMMUNES)}
    for unit in whole:
        for step in steps_of(province, unit.code):
            if isinstance(step, tuple):
                assert not [draft for draft in step if draft.lines[1].channel]


@pytest.mark.parametrize("province", PROVINCES)
def test_every_commune_has_drives_and_no_demo_is_too_large(province: str) -> None:
    drives = Counter(unit.code for unit, step in told(province) if step.collection.source.kind == "drive")
    communes = [unit.code for unit in plan_of(province).scenario.units if unit.level == "commune"]
    assert all(drives[code] >= 2 for code in communes)
    assert 12_000 < sum(len(step.collection.gifts) for _, step in told(province)) < 40_000
    sizes = [len(step.collection.gifts) for _, step in told(province) if step.collection.source.kind == "drive"]
    assert min(sizes) >= 5
    assert max(sizes) <= 60


@pytest.mark.parametrize("province", PROVINCES)
def test_one_salary_list_of_the_province_is_long(province: str) -> None:
    sizes = [len(step.collection.gifts) for unit, step in told(province) if unit.level == "province"]
    assert max(sizes) == 412


@pytest.mark.parametrize("province", PROVINCES)
def test_twins_stand_in_a_list_and_both_are_kept(province: str) -> None:
    with_twins = 0
    for _, step in told(province):
        gifts = Counter(gift for gift in step.collection.gifts if gift.donor)
        with_twins += max(gifts.values(), default=0) == 2
    assert with_twins > 200


@pytest.mark.parametrize("province", PROVINCES)
def test_whoever_gives_is_obviously_a_sample(province: str) -> None:
    channels: Counter[str] = Counter()
    for _, step in told(province):
        channels[step.collection.channel] += 1
        for gift in step.collection.gifts:
            assert gift.donor is None or SAMPLE.search(gift.donor), gift.donor
            assert gift.detail is None or SAMPLE.search(gift.detail), gift.detail
            assert gift.donor is not None or gift.wish == "anonymous" or step.collection.channel not in HABITS
    assert set(channels) == {*HABITS, "interest"}


def test_a_list_that_was_typed_wrong_is_reversed_and_typed_again() -> None:
    codes = [unit.code for unit in plan_of("ha-nam").scenario.units if unit.level == "commune"]
    steps = steps_of("ha-nam", codes[0])
    reversal = next(step for step in steps if isinstance(step, Reversal))
    lists = [step for step in steps if isinstance(step, Gathered) and step.collection.source.kind == "drive"]
    wrong = next(step for step in lists if step.entry_id == reversal.entry_id)
    names = [(gift.donor, gift.detail) for gift in wrong.collection.gifts]
    right = next(step for step in lists if step is not wrong and names_of(step) == names)
    assert right.collection.received_on == reversal.on
    differing = [
        (one.amount_minor, other.amount_minor)
        for one, other in zip(wrong.collection.gifts, right.collection.gifts, strict=True)
        if one != other
    ]
    assert len(differing) == 1
    assert differing[0][0] == 10 * differing[0][1]


def names_of(step: Gathered) -> list[tuple[str | None, str | None]]:
    return [(gift.donor, gift.detail) for gift in step.collection.gifts]


def test_one_drive_of_each_whole_commune_differs_from_what_was_declared_for_a_reason() -> None:
    for unit in plan_of("ha-nam").scenario.units:
        differing = [
            step.collection
            for step in steps_of("ha-nam", unit.code)
            if isinstance(step, Gathered)
            and step.collection.declared is not None
            and step.collection.declared.total_minor != step.collection.total_minor
        ]
        assert len(differing) == (unit.level == "commune" and is_whole(plan_of("ha-nam"), unit))
        assert all(each.difference_reason and each.medium == "cash" for each in differing)
