"""Plan what goes out: awards whose number and cost sum to the published figures exactly.

Prices are whole ten thousands within what is usual: 50,000–500,000 đ for a gift or prize, 1–5 million for a
scholarship. One factor scales every price near the budget; then single prices are raised step by step until nothing is
left over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ledger.demo.apportion import apportion
from ledger.demo.dice import dice, draw_weight
from ledger.demo.movement import Movement, draw_days, event_count, season_days
from ledger.demo.scenario import EQUIPMENT, PRICE_STEP, Medium, Outlay, Scenario, Season, Year

_SCHOOL_SEASON: Final = (Season(first=(7, 3), last=(11, 15)),)
_SCHOOL_STEP: Final = 100_000
_FACTOR_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Occasion:
    unit: str
    on: date
    program: str
    fund: str
    medium: Medium
    quantity: int
    price: int
    price_min: int
    price_max: int


def plan_spending(scenario: Scenario, year: Year, *, seed: int) -> Iterator[Movement]:
    """Give every payment of a year; together they are ``year.spent`` for ``year.awards`` and ``year.schools``."""
    outlays = [outlay for outlay in year.outlays if outlay.share and season_days(outlay.seasons, year)]
    quantities = apportion(year.awards, [outlay.share for outlay in outlays])
    occasions = [
        occasion
        for outlay, quantity in zip(outlays, quantities, strict=True)
        for occasion in _outlay_occasions(outlay, quantity, scenario, year, seed)
    ]
    for occasion in settle_prices(occasions, year.spent - year.schools_spent):
        yield Movement(
            unit=occasion.unit,
            on=occasion.on,
            fund=occasion.fund,
            medium=occasion.medium,
            value_minor=-occasion.quantity * occasion.price,
            program=occasion.program,
            quantity=occasion.quantity,
        )
    if year.schools:
        yield from _school_movements(scenario, year, seed)


def _outlay_occasions(outlay: Outlay, total: int, scenario: Scenario, year: Year, seed: int) -> Iterator[_Occasion]:
    units = [unit for unit in scenario.units if unit.level == outlay.level][:: outlay.one_in]
    seasons = season_days(outlay.seasons, year)
    chance = dice(seed, scenario.key, year.from_on, outlay.level, outlay.program, outlay.fund, outlay.per)
    places = []
    for unit in units:
        count = max(1, event_count(unit, outlay.per, outlay.events) * len(seasons) // len(outlay.seasons))
        days = draw_days(chance, seasons, count, banking=outlay.medium == "bank")
        places += [(unit.code, on, unit.weight * draw_weight(chance) // count) for on in days]
    places = places[:total]
    # Every occasion has one award at least; the rest goes by weight.
    parts = apportion(total - len(places), [share for _, _, share in places])
    for (unit_code, on, _), part in zip(places, parts, strict=True):
        yield _Occasion(
            unit=unit_code,
            on=on,
            program=outlay.program,
            fund=outlay.fund,
            medium=outlay.medium,
            quantity=part + 1,
            price=outlay.price * draw_weight(chance) // 110,
            price_min=outlay.price_min,
            price_max=outlay.price_max,
        )


def settle_prices(occasions: Sequence[_Occasion], budget: int) -> list[_Occasion]:
    """Return the occasions with prices that cost ``budget`` exactly.

    Raises:
        ValueError: no prices within their bounds do.
    """
    low, high = 0, _FACTOR_MAX
    while low < high:
        middle = (low + high + 1) // 2
        if sum(each.quantity * _price(each, middle) for each in occasions) <= budget:
            low = middle
        else:
            high = middle - 1
    prices = [_price(each, low) for each in occasions]
    left = budget - sum(each.quantity * price for each, price in zip(occasions, prices, strict=True))
    largest_first = sorted(range(len(occasions)), key=lambda index: (-occasions[index].quantity, index))
    raised = True
    while left and raised:
        raised = False
        for index in largest_first:
            step_cost = occasions[index].quantity * PRICE_STEP
            if step_cost <= left and prices[index] < occasions[index].price_max:
                prices[index] += PRICE_STEP
                left -= step_cost
                raised = True
    if left:
        raise ValueError(f"{left} đ of {budget} are left over at any price")
    return [replace(each, price=price) for each, price in zip(occasions, prices, strict=True)]


def _price(occasion: _Occasion, factor: int) -> int:
    price = occasion.price * factor // 1_000 // PRICE_STEP * PRICE_STEP
    return min(max(price, occasion.price_min), occasion.price_max)


def _school_movements(scenario: Scenario, year: Year, seed: int) -> Iterator[Movement]:
    chance = dice(seed, scenario.key, year.from_on, "schools")
    higher = [unit for unit in scenario.units if unit.level != "commune"]
    counts = apportion(year.schools, [4 * len(higher) if unit.level == "province" else 7 for unit in higher])
    codes = [unit.code for unit, count in zip(higher, counts, strict=True) for _ in range(count)]
    parts = apportion(year.schools_spent, [draw_weight(chance) for _ in codes], unit=_SCHOOL_STEP)
    days = draw_days(chance, season_days(_SCHOOL_SEASON, year), len(codes), banking=True)
    for code, on, part in zip(codes, days, parts, strict=True):
        yield Movement(unit=code, on=on, fund=EQUIPMENT, medium="bank", value_minor=-part, program="TB", quantity=1)
