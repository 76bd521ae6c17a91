"""An association in which people hold the roles that approve."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import Role
from ledger.approvals.commands import ask
from ledger.approvals.model import Action
from ledger.approvals.queries import approval_by_id
from ledger.books.model import Actor, Book
from tests.factories import ACTOR, make_book

NAMES: tuple[Role, ...] = ("accountant", "chief_accountant", "account_holder", "cashier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """A book, and one user of each role; everything is rolled back after the test."""

    conn: sa.Connection
    book: Book
    people: dict[str, Actor] = field(repr=False)

    def ask(self, amount_minor: int = 1_000_000, *, action: Action = "payment", subject_id: UUID | None = None) -> UUID:
        """Have the accountant ask for consent to something."""
        subject = subject_id or typeid.new_id()
        return ask(self.conn, self.book, action, subject, amount_minor=amount_minor, actor=self.people["accountant"])

    def state(self, approval_id: UUID) -> str:
        return approval_by_id(self.conn, self.book, approval_id).state

    def another(self, role: Role) -> Actor:
        """Return somebody else who holds a role."""
        return appoint(self.conn, self.book, role)


def appoint(conn: sa.Connection, book: Book, role: Role) -> Actor:
    """Give a new user a role."""
    user_id = typeid.new_id()
    grant_role(conn, book, user_id, role, actor=ACTOR)
    return Actor(principal_id=user_id, role=role, prefix=typeid.USER)


@pytest.fixture
def council(connection: sa.Connection) -> Council:
    book = make_book(connection)
    return Council(conn=connection, book=book, people={name: appoint(connection, book, name) for name in NAMES})
