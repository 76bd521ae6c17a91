"""Cut what an entry received into the gifts that it is made of, to the đồng.

Twins are among them, two households of one name and one amount, because there are such and both gave.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from ledger.books.model import Line
from ledger.demo import name
from ledger.demo.apportion import apportion
from ledger.demo.dice import draw_weight
from ledger.giving.model import Gift

NAME_COUNT: Final = 90
"""How many of a kind there are, so that a business gives more than once."""

_ANONYMOUS_ONE_IN: Final = 9
_STEP: Final = 10_000

Draw = Callable[[Random, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a channel gives: by lists of so many, of about so much each, or one by one."""

    draw: Draw
    usual_minor: int | None = None
    count_min: int = 1
    count_max: int = 1
    weights: tuple[int, ...] = ()
    is_anonymous_at_times: bool = False


HABITS: Final[Mapping[str, Habit]] = {
    "salary-day": Habit(draw=name.person, usual_minor=450_000, count_min=5, count_max=250),
    "household": Habit(
        draw=name.household,
        usual_minor=300_000,
        count_min=5,
        count_max=60,
        weights=(2, 4, 4, 4, 4, 8, 8, 12, 20),
        is_anonymous_at_times=True,
    ),
    "membership": Habit(draw=name.person, usual_minor=50_000, count_min=5, count_max=60, weights=(5, 5, 5, 6, 8)),
    "business": Habit(draw=name.business),
    "organisation": Habit(draw=name.organisation),
    "donor-home": Habit(draw=name.person, is_anonymous_at_times=True),
    "donor-abroad": Habit(draw=name.abroad, usual_minor=500_000, count_max=3),
    "goods": Habit(draw=name.business),
}
"""What a channel that is not here gives, has no giver: a bank's interest."""


def cut_gifts(balance: Line, *, place: str, chance: Random, count: int | None = None) -> tuple[Gift, ...]:
    """Return the gifts that sum to what a fund's balance was credited with; ``place`` tells where they were given.

    Of a list, ``count`` overrides how many they are.
    """
    total_minor = -balance.own_minor
    habit = HABITS.get(balance.channel or "")
    if habit is None:
        return (Gift(donor=None, amount_minor=total_minor),)
    if habit.usual_minor is None:
        return (_single(habit, total_minor, chance),)
    if count is None:
        count = min(max(total_minor // habit.usual_minor, habit.count_min), habit.count_max)
    weights = [chance.choice(habit.weights) if habit.weights else draw_weight(chance) for _ in range(count)]
    step = _STEP if total_minor >= count * _STEP * 10 else 1_000
    parts = apportion(total_minor, weights, unit=step)
    gifts = [
        Gift(donor=habit.draw(chance, number), amount_minor=part, detail=place)
        for number, part in enumerate(parts, start=1)
    ]
    return tuple(_with_some_unnamed(_with_twins(gifts), chance) if habit.is_anonymous_at_times else _with_twins(gifts))


def _single(habit: Habit, amount_minor: int, chance: Random) -> Gift:
    given = Gift(donor=habit.draw(chance, chance.randrange(1, NAME_COUNT)), amount_minor=amount_minor)
    if habit.is_anonymous_at_times and chance.randrange(_ANONYMOUS_ONE_IN) == 0:
        return replace(given, wish="anonymous", donor=chance.choice((None, given.donor)))
    return given


def _with_twins(gifts: list[Gift]) -> list[Gift]:
    """Give the first neighbours that gave the same also the same name."""
    for index in range(1, len(gifts)):
        if gifts[index].amount_minor == gifts[index - 1].amount_minor:
            gifts[index] = replace(gifts[index], donor=gifts[index - 1].donor)
            break
    return gifts


def _with_some_unnamed(gifts: list[Gift], chance: Random) -> list[Gift]:
    """Let one hand that nobody knew be among the last, and somebody who asks not to be named."""
    index = chance.randrange(len(gifts) // 2, len(gifts))
    gifts[index] = replace(gifts[index], donor=None, detail=None, wish="anonymous")
    index = chance.randrange(len(gifts) // 2, len(gifts))
    gifts[index] = replace(gifts[index], wish="anonymous")
    return gifts
