"""The whole of a demo on paper: what every association's books will hold. Pure; no database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.demo.giving import plan_giving
from ledger.demo.movement import Movement
from ledger.demo.provinces import scenario
from ledger.demo.scenario import Scenario
from ledger.demo.spending import plan_spending
from ledger.demo.treasury import CashMove, Opening, plan_cash, plan_openings
from ledger.demo.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPlan:
    """What one association's book will hold."""

    unit: Unit
    openings: tuple[Opening, ...]
    movements: tuple[Movement, ...]
    cash_moves: tuple[CashMove, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A province's books, parents before children."""

    scenario: Scenario
    seed: int
    books: Mapping[str, BookPlan]

    @property
    def movements(self) -> list[Movement]:
        """Everything that comes in or goes out, in all books."""
        return [movement for book in self.books.values() for movement in book.movements]

    def place(self, unit: Unit) -> int:
        """Return the how manieth of its level a unit is, from 0."""
        return [each.code for each in self.scenario.units if each.level == unit.level].index(unit.code)


def plan_province(province: str, *, seed: int) -> Plan:
    """Return the plan of a province; the same for the same seed.

    Raises:
        ValueError: no such province.
    """
    chosen = scenario(province, seed=seed)
    by_unit: defaultdict[str, list[Movement]] = defaultdict(list)
    for year in chosen.years:
        for planned in (plan_giving(chosen, year, seed=seed), plan_spending(chosen, year, seed=seed)):
            for movement in planned:
                by_unit[movement.unit].append(movement)
    openings = plan_openings(chosen, [movement for of_unit in by_unit.values() for movement in of_unit])
    books = {}
    for unit in chosen.units:
        # What comes in stands before what goes out on a day; sorting keeps the order of equals.
        movements = sorted(by_unit[unit.code], key=lambda movement: (movement.on, movement.value_minor < 0))
        books[unit.code] = BookPlan(
            unit=unit,
            openings=openings[unit.code],
            movements=tuple(movements),
            cash_moves=tuple(plan_cash(openings[unit.code], movements)),
        )
    return Plan(scenario=chosen, seed=seed, books=books)
