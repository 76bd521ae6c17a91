"""A commune that plans scholarships and gives them, with people who hold the roles that approve."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.awards.model import Plan, Round, RoundDraft
from ledger.awards.plan import plan_program
from ledger.awards.round import open_round, round_by_id
from ledger.books.chart import open_program
from ledger.books.model import Actor, Book
from tests.factories import ACTOR, OPENED_ON, make_book
from tests.integration.approvals.conftest import NAMES, appoint

PLAN: Final = Plan(program="HB", year=2024, category="scholarship", fund="QC", budget_minor=10_000_000)
ROUND: Final = RoundDraft(
    program="HB", year=2024, period="2024-2025", fund="QC", collect_by=date(2024, 12, 31), name="Học bổng đợt 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A book with three planned programs and one user of each role; everything is rolled back after the test."""

    conn: sa.Connection
    book: Book
    people: dict[str, Actor] = field(repr=False)

    def open(self, **changes: Any) -> UUID:
        """Open a round, of scholarships unless told."""
        return open_round(self.conn, self.book, replace(ROUND, **changes), actor=ACTOR)

    def round(self, **changes: Any) -> Round:
        return round_by_id(self.conn, self.book, self.open(**changes))


def make_programs(conn: sa.Connection, book: Book) -> None:
    """Open three programs in the tenant of a book."""
    for code, unit in (("HB", "award"), ("TET", "award"), ("TB", "piece")):
        open_program(conn, book, program=code, unit=unit, name_vi=code, opened_on=OPENED_ON, actor=ACTOR)


def plan_programs(conn: sa.Connection, book: Book) -> None:
    """Plan the scholarships and the Tet gifts of a book."""
    plan_program(conn, book, PLAN, actor=ACTOR)
    plan_program(conn, book, replace(PLAN, program="TET", category="tet", fund="TET"), actor=ACTOR)


@pytest.fixture
def commune(connection: sa.Connection) -> Commune:
    book = make_book(connection)
    make_programs(connection, book)
    plan_programs(connection, book)
    return Commune(conn=connection, book=book, people={name: appoint(connection, book, name) for name in NAMES})
