"""Keep every fund's cash and bank above nothing: what a fund opens with, and when cash goes to the bank or back.

No fund may be short at the end of a day, so its opening balance is at least what it lacks on its worst day; what the
province's opening has beyond that goes to the general funds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

from ledger.demo.apportion import apportion
from ledger.demo.movement import Movement
from ledger.demo.scenario import GENERAL, GOODS, Scenario, unit_funds

_MILLION: Final = 1_000_000
_WITHDRAWAL: Final = 10 * _MILLION
_CASH_MAX: Final = 50 * _MILLION
_CASH_KEPT: Final = 8 * _MILLION
_OPENING_STEP: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMove:
    """Cash taken from the bank, or brought there where negative."""

    on: date
    fund: str
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a fund brings along: money in cash and at the bank, or goods."""

    fund: str
    cash_minor: int
    bank_minor: int
    goods_minor: int

    @property
    def value_minor(self) -> int:
        """All of it."""
        return self.cash_minor + self.bank_minor + self.goods_minor


def plan_openings(scenario: Scenario, movements: Iterable[Movement]) -> dict[str, tuple[Opening, ...]]:
    """Return the openings of each unit, which together are ``scenario.opening``.

    Raises:
        ValueError: the scenario's opening is less than the funds lack.
    """
    by_fund: defaultdict[tuple[str, str], list[Movement]] = defaultdict(list)
    for movement in movements:
        by_fund[movement.unit, movement.fund].append(movement)
    needs = {(unit.code, fund): _lack(by_fund[unit.code, fund]) for unit in scenario.units for fund in unit_funds(unit)}
    units = scenario.units
    extra = scenario.opening - sum(needs.values())
    shares = [unit.weight * {"province": 25, "district": 8, "commune": 1}[unit.level] for unit in units]
    if scenario.province_closing is not None:
        moved = sum(m.value_minor for key, held in by_fund.items() if key[0] == units[0].code for m in held)
        own = scenario.province_closing - moved - sum(needs[units[0].code, fund] for fund in unit_funds(units[0]))
        if own < 0:
            raise ValueError(f"the province's own funds lack {-own} đ")
        needs[units[0].code, GENERAL] += own
        extra -= own
        shares[0] = 0
    if extra < 0:
        raise ValueError(f"the funds lack {-extra} đ")
    for unit, part in zip(units, apportion(extra, shares, unit=_OPENING_STEP), strict=True):
        needs[unit.code, GENERAL] += part
    return {unit.code: tuple(_opening(fund, needs[unit.code, fund]) for fund in unit_funds(unit)) for unit in units}


def _opening(fund: str, value: int) -> Opening:
    if fund == GOODS:
        return Opening(fund=fund, cash_minor=0, bank_minor=0, goods_minor=value)
    cash = min(value // 8 // _OPENING_STEP * _OPENING_STEP, _CASH_MAX)
    return Opening(fund=fund, cash_minor=cash, bank_minor=value - cash, goods_minor=0)


def _lack(movements: Sequence[Movement]) -> int:
    """Return what a fund must bring along so that it is never short; dollars are not spent here."""
    held = lowest = 0
    spendable = sorted((m for m in movements if m.medium != "usd"), key=attrgetter("on"))
    for _, of_day in groupby(spendable, key=attrgetter("on")):
        held += sum(movement.value_minor for movement in of_day)
        lowest = min(lowest, held)
    return -(lowest // _OPENING_STEP) * _OPENING_STEP


def plan_cash(openings: Iterable[Opening], movements: Iterable[Movement]) -> list[CashMove]:
    """Return the moves between cash and bank that keep both above nothing, and cash boxes small."""
    by_fund: defaultdict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        if movement.medium in {"cash", "bank"}:
            by_fund[movement.fund].append(movement)
    moves = []
    for opening in openings:
        held = {"cash": opening.cash_minor, "bank": opening.bank_minor}
        days = sorted(by_fund[opening.fund], key=attrgetter("on"))
        for on, of_day in groupby(days, key=attrgetter("on")):
            for movement in of_day:
                held[movement.medium] += movement.value_minor
            value = _cash_wanted(held)
            if value:
                held["cash"] += value
                held["bank"] -= value
                moves.append(CashMove(on=on, fund=opening.fund, value_minor=value))
    return moves


def _cash_wanted(held: Mapping[str, int]) -> int:
    """Return what to take from the bank, whole tens of millions where it has them; negative to bring there."""
    cash, bank = held["cash"], held["bank"]
    if cash < 0:
        return min(-(cash // _WITHDRAWAL) * _WITHDRAWAL, bank)
    if bank < 0:
        return -min(-(bank // _MILLION) * _MILLION, cash)
    if cash > _CASH_MAX:
        return -((cash - _CASH_KEPT) // _MILLION * _MILLION)
    return 0
