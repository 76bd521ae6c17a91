"""Where a demo's people work: a book, the plan of it, and who acts there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection

from ledger.access.role import Role
from ledger.books.model import Actor, Book
from ledger.demo.plan import Plan
from ledger.demo.units import Unit
from ledger.demo.users import sample_users

ACTOR: Final = Actor(principal_id=uuid5(NAMESPACE_URL, "https://soquy.invalid/demo"), role="server")
"""Who builds a demo, and acts where an association has nobody who signs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An association's office while its book is made."""

    conn: Connection
    book: Book
    plan: Plan
    unit: Unit
    users: Mapping[Role, Actor]
    approvers: Mapping[Role, Actor]

    @property
    def has_desk(self) -> bool:
        """Whether somebody signs in here."""
        return "collector" in self.users

    @property
    def poster(self) -> Actor:
        """Who posts."""
        return self.users.get("chief_accountant", ACTOR)

    @property
    def collector(self) -> Actor:
        """Who collects and types."""
        return self.users.get("collector", ACTOR)

    @property
    def year_on(self) -> date:
        """The first day of the demo's first year."""
        return self.plan.scenario.years[0].from_on

    def name_of(self, role: Role) -> str:
        """Return the name of who has a role here."""
        return next(
            user.name for user in sample_users(self.plan.scenario) if (user.unit, user.role) == (self.unit, role)
        )
