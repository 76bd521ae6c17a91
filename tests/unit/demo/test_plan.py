from collections import defaultdict
from datetime import date
from functools import cache
from itertools import pairwise

import pytest

from ledger.demo.build import SEED
from ledger.demo.collecting import Gathered, book_steps
from ledger.demo.correction import Adjustment, Reversal, Voiding
from ledger.demo.drafts import book_drafts, planned_id
from ledger.demo.movement import Movement
from ledger.demo.plan import Plan, plan_province
from ledger.demo.published import figures_of
from ledger.demo.scenario import TET, Year


@cache
def plan_of(province: str) -> Plan:
    return plan_province(province, seed=SEED)


YEARS = [("ha-nam", 0), ("quang-binh", 0), ("quang-binh", 1)]


def movements_of(province: str, index: int) -> tuple[Year, list[Movement]]:
    plan = plan_of(province)
    year = plan.scenario.years[index]
    return year, [each for each in plan.movements if year.from_on <= each.on <= year.to_on]


@pytest.mark.parametrize(("province", "index"), YEARS)
def test_a_year_reaches_its_totals_to_the_dong(province: str, index: int) -> None:
    year, movements = movements_of(province, index)
    assert sum(each.value_minor for each in movements if each.channel) == year.received
    assert -sum(each.value_minor for each in movements if each.program) == year.spent
    assert sum(each.quantity or 0 for each in movements if each.program != "TB") == year.awards
    assert sum(each.quantity or 0 for each in movements if each.program == "TB") == year.schools


def test_ha_nam_is_what_was_published() -> None:
    (year,) = plan_of("ha-nam").scenario.years
    published = figures_of("Hà Nam", 2023)
    assert year.received == published["raised_all_levels"].value == 64_700_000_000
    assert year.spent == published["disbursed"].value == 24_000_000_000
    assert year.awards == published["awards"].value == 55_398
    assert year.schools == published["schools_equipped"].value == 39
    units = plan_of("ha-nam").scenario.units
    communes = [unit for unit in units if unit.level == "commune"]
    assert len(communes) == published["base_associations"].value == 109
    assert sum(unit.is_sample for unit in units) == 11
    assert sum(unit.chapters for unit in units) == published["chapters"].value == 1_127
    assert sum(unit.committees for unit in units) == published["committees"].value == 2_150
    assert [unit.level for unit in units].count("district") == 6


def test_quang_binh_closes_with_what_was_published() -> None:
    plan = plan_of("quang-binh")
    published = figures_of("Quảng Bình", 2025)
    opened = sum(opening.value_minor for book in plan.books.values() for opening in book.openings)
    assert opened == 40_000_000_000
    assert opened + sum(each.value_minor for each in plan.movements) == published["fund_three_levels"].value
    province = plan.books["44"]
    own = sum(opening.value_minor for opening in province.openings)
    own += sum(each.value_minor for each in province.movements)
    assert own == published["mobilised_by_province_association"].value == 5_000_000_000
    assert plan.scenario.years[0].awards == figures_of("Quảng Bình", 2024)["awards"].value
    assert plan.scenario.years[1].awards == published["awards"].value


@pytest.mark.parametrize(("province", "index"), YEARS)
def test_prices_are_what_such_things_cost(province: str, index: int) -> None:
    _, movements = movements_of(province, index)
    for each in movements:
        if each.program and each.quantity and each.program != "TB":
            low, high = (1_000_000, 5_000_000) if each.program == "HB" else (50_000, 500_000)
            assert low <= -each.value_minor // each.quantity <= high
            assert each.value_minor % each.quantity == 0
    scholarships = sum(each.quantity or 0 for each in movements if each.program == "HB")
    assert scholarships * 5 < sum(each.quantity or 0 for each in movements)


def test_things_happen_in_their_season() -> None:
    _, movements = movements_of("ha-nam", 0)
    assert {each.on.month for each in movements if each.channel == "salary-day"} == {9, 10}
    assert {each.on.month for each in movements if each.fund == TET} == {1}
    prizes: dict[bool, int] = defaultdict(int)
    for each in movements:
        if each.program == "KT":
            prizes[each.on.month in {8, 9}] += each.quantity or 0
    assert prizes[True] > prizes[False]
    banking = [each.on for each in movements if each.medium == "bank" and each.channel not in {None, "interest"}]
    assert all(day.weekday() < 5 for day in banking)


@pytest.mark.parametrize("province", ["ha-nam", "quang-binh"])
def test_no_account_is_ever_short_at_the_end_of_a_day(province: str) -> None:
    plan = plan_of(province)
    for book in plan.books.values():
        held: dict[tuple[str, str], int] = defaultdict(int)
        by_day: dict[date, list[tuple[str, str, int]]] = defaultdict(list)
        for draft in book_drafts(book, plan.scenario.opens_on):
            for line in draft.lines:
                by_day[draft.entry_on].append((line.account, line.fund, line.value_minor))
        for day in sorted(by_day):
            for account, fund, value in by_day[day]:
                held[account, fund] += -value if account.startswith("3538") else value
            assert min(held.values()) >= 0, (book.unit.code, day)


def test_the_same_seed_plans_the_same_and_another_does_not() -> None:
    again = plan_province("ha-nam", seed=SEED)
    assert again == plan_of("ha-nam")
    other = plan_province("ha-nam", seed=SEED + 1)
    assert other.movements != again.movements
    assert sum(each.value_minor for each in other.movements) == sum(each.value_minor for each in again.movements)


def test_mistakes_are_answered_so_that_totals_stay() -> None:
    plan = plan_of("ha-nam")
    kinds: dict[type, int] = defaultdict(int)
    for book in plan.books.values():
        days = []
        for step in book_steps(plan, book.unit, book_drafts(book, plan.scenario.opens_on)):
            if isinstance(step, tuple):
                days += [draft.entry_on for draft in step]
            else:
                kinds[type(step)] += 1
                days.append(step.collection.received_on if isinstance(step, Gathered) else step.on)
        assert all(first <= second for first, second in pairwise(days))
    kinds.pop(Gathered)
    assert kinds == {Reversal: 6, Adjustment: 2, Voiding: 4}


def test_planned_ids_are_uuids_of_version_7_in_the_order_of_days() -> None:
    first, second = planned_id(date(2023, 1, 1), "a"), planned_id(date(2023, 1, 2), "a")
    assert first.version == second.version == 7
    assert first < second
    assert first == planned_id(date(2023, 1, 1), "a")


def test_an_unknown_province_is_refused() -> None:
    with pytest.raises(ValueError, match="ha-nam"):
        plan_province("ha-tay", seed=SEED)
