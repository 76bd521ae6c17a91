"""A list as a person keeps it on paper beside the program: which rows count, and what is in the way of posting it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from ledger.intake.model import Facts

MENDABLE: Final = {"mapped", "ready"}

People = Sequence[tuple[str, int | str]]
"""Names with what each gave; words that are no amount are a fault."""
Gifts = list[tuple[int, str, int]]


@dataclass(slots=True)
class File:
    """A list as a person has it before them."""

    intake_id: UUID
    people: People
    version: int
    state: str = "uploaded"
    left_out: set[int] = field(default_factory=set)
    facts: Facts | None = None
    seen_at: int = 0
    previewed: Gifts = field(default_factory=list)
    posted_at: int = 0
    is_cancelled: bool = False
    is_taken_back: bool = False

    @property
    def gifts(self) -> Gifts:
        """The rows that would be posted, as the file numbers them."""
        rows = [(row, *person) for row, person in enumerate(self.people, start=2)]
        return [
            (row, name, amount) for row, name, amount in rows if isinstance(amount, int) and row not in self.left_out
        ]

    @property
    def total_minor(self) -> int:
        return sum(amount for _, _, amount in self.gifts)

    def in_the_way(self) -> set[str]:
        """Return why it cannot be posted yet."""
        found = set()
        if any(isinstance(amount, str) and row not in self.left_out for row, (_, amount) in enumerate(self.people, 2)):
            found.add("intake_rows_faulty")
        if not self.gifts:
            found.add("gift_count")
        if self.facts is None:
            found.add("intake_facts_missing")
        elif self.facts.declared_minor not in {None, self.total_minor}:
            if self.facts.medium == "bank":
                found.add("wire_differs")
            elif self.facts.difference_reason is None:
                found.add("declared_differs")
        return found

    def refresh(self) -> None:
        if self.state in MENDABLE:
            now = "mapped" if self.in_the_way() else "ready"
            self.version += now != self.state
            self.state = now
