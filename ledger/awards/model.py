"""What an award is: planned, given in a round, decided on as a list. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

Category = Literal["scholarship", "award", "tet", "aid", "equipment", "training"]

CATEGORIES: Final[tuple[Category, ...]] = ("scholarship", "award", "tet", "aid", "equipment", "training")

YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2999
CRITERIA_LENGTH_MAX: Final = 4_000
NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a book means to spend on a program in a year, and for whom; ``criteria`` is public."""

    program: str
    year: int
    category: Category
    fund: str
    budget_minor: int
    criteria: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A program's budget of a year against what was spent; without a plan, or spent out of no plan, ``None`` or 0."""

    program: str
    category: Category | None
    fund: str | None
    version: int | None
    budget_minor: int | None
    spent_minor: int
    quantity: int
    criteria: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """A round as somebody opens it; ``year`` is that of the plan whose budget it draws on."""

    program: str
    year: int
    period: str
    fund: str
    collect_by: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round that was opened, with the category of its program's newest plan."""

    round_id: UUID
    program: str
    year: int
    period: str
    fund: str
    collect_by: date
    name: str
    category: Category
