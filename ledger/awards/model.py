"""What an award is: planned, given in a round, decided on as a list. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

Category = Literal["scholarship", "award", "tet", "aid", "equipment", "training"]

CATEGORIES: Final[tuple[Category, ...]] = ("scholarship", "award", "tet", "aid", "equipment", "training")

PUPILS: Final[frozenset[Category]] = frozenset({"scholarship", "award"})
"""Of programs for pupils: who is on a list has a class and a school."""

ListState = Literal["listed", "decided", "asked", "approved", "paid", "denied", "withdrawn"]

OVER: Final[frozenset[ListState]] = frozenset({"denied", "withdrawn"})
"""What is over stays so, and a new version may follow it."""

AWARD_COUNT_MAX: Final = 10_000
CLASS_LENGTH_MAX: Final = 100
SCHOOL_LENGTH_MAX: Final = 200
REASON_LENGTH_MAX: Final = 300
NUMBER_LENGTH_MAX: Final = 60

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominee:
    """Somebody on a list as it was typed; ``reason`` says why them: hardship, a prize."""

    name: str
    amount_minor: int
    birth_year: int | None = None
    class_name: str | None = None
    school: str | None = None
    reason: str | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list as it was typed; ``count`` and ``total_minor`` are what its paper says, where it says so."""

    nominees: tuple[Nominee, ...]
    count: int | None = None
    total_minor: int | None = None

    @property
    def sum_minor(self) -> int:
        """How much the awards are together."""
        return sum(nominee.amount_minor for nominee in self.nominees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """Who an award is for, as the list has them and its leaf commits to."""

    name: str
    birth_year: int | None
    class_name: str | None
    school: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A list that was laid, and what whoever laid it should know.

    ``without_guardian`` are the lines (1, 2 …) of minors for whom nobody is recorded to answer; ``elsewhere_count`` is
    how many of the beneficiaries are given the same in other places this period.
    """

    list_id: UUID
    version: int
    award_count: int
    total_minor: int
    without_guardian: tuple[int, ...]
    elsewhere_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """That somebody came for the award of a line (1, 2 …), or sent a proxy; whoever came has signed."""

    line: int
    is_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardList:
    """A list, and how it stands; a decision's number is lost where a lost database was made again."""

    list_id: UUID
    round_id: UUID
    version: int
    award_count: int
    total_minor: int
    state: ListState
    decided_on: date | None
    number: str | None
    collected_count: int
    collected_minor: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A row of a list, for signing sheets and payments; of whom is ``None`` where it was erased or lost.

    ``is_proxy`` says who signed for it, and is ``None`` while nobody has come.
    """

    award_id: UUID
    line: int
    amount_minor: int | None
    person_id: UUID | None
    name: str | None
    birth_year: int | None
    class_name: str | None
    school: str | None
    reason: str | None
    is_proxy: bool | None

    @property
    def signed_by(self) -> Literal["beneficiary", "proxy"] | None:
        """Who signed for it, if anybody came."""
        return None if self.is_proxy is None else "proxy" if self.is_proxy else "beneficiary"
