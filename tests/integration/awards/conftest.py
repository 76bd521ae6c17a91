"""A commune that plans scholarships and gives them, with people who hold the roles that approve."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.approvals.commands import grant
from ledger.awards.decision import ask_for_list, decide_list
from ledger.awards.listing import submit_list
from ledger.awards.model import Listing, Nominee, Plan, Round, RoundDraft, Submitted
from ledger.awards.plan import plan_program
from ledger.awards.queries import list_by_id
from ledger.awards.round import open_round, round_by_id
from ledger.books.chart import open_program
from ledger.books.model import Actor, Book
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, OPENED_ON, committed_engine, make_book
from tests.integration.approvals.conftest import NAMES, appoint

__all__ = ["committed_engine"]

DECIDED_ON: Final = date(2024, 8, 15)
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

    def submit(self, round_id: UUID, *nominees: Nominee, book: Book | None = None, **said: Any) -> Submitted:
        """Lay a list, of one pupil unless told."""
        listing = Listing(nominees=nominees or (pupil(),), **said)
        return submit_list(self.conn, book or self.book, round_id, listing, actor=self.people["accountant"])

    def decide(self, list_id: UUID, number: str = "12/QĐ-HKH", **more: Any) -> UUID:
        """Record that the council decided on a list."""
        said = {"number": number, "decided_on": DECIDED_ON, **more}
        return decide_list(self.conn, self.book, list_id, **said, actor=ACTOR)

    def asked(self, *nominees: Nominee, **changes: Any) -> tuple[UUID, UUID]:
        """Lay a list in a round of its own, have it decided on, and ask; return the ids of list and request."""
        list_id = self.submit(self.open(**changes), *nominees).list_id
        self.decide(list_id, f"{list_id.hex[-6:]}/QĐ-HKH")
        return list_id, ask_for_list(self.conn, self.book, list_id, actor=self.people["accountant"])

    def approve(self, approval_id: UUID) -> None:
        """Have everybody consent who is asked."""
        for role in ("chief_accountant", "account_holder"):
            grant(self.conn, self.book, approval_id, actor=self.people[role])

    def state(self, list_id: UUID) -> str:
        return list_by_id(self.conn, self.book, list_id).state


def pupil(name: str = "Nguyễn Thị Thử", amount_minor: int = 500_000, **more: Any) -> Nominee:
    """Make a pupil who is obviously a sample."""
    facts: dict[str, Any] = {"birth_year": 2012, "class_name": "7A", "school": "THCS Mẫu", **more}
    return Nominee(name=name, amount_minor=amount_minor, **facts)


def make_programs(conn: sa.Connection, book: Book) -> None:
    """Open three programs in the tenant of a book."""
    for code, unit in (("HB", "award"), ("TET", "award"), ("TB", "piece")):
        open_program(conn, book, program=code, unit=unit, name_vi=code, opened_on=OPENED_ON, actor=ACTOR)


def plan_programs(conn: sa.Connection, book: Book) -> None:
    """Plan the scholarships and the Tet gifts of a book."""
    plan_program(conn, book, PLAN, actor=ACTOR)
    plan_program(conn, book, replace(PLAN, program="TET", category="tet", fund="TET"), actor=ACTOR)


def make_commune(conn: sa.Connection) -> Commune:
    """Found a commune with its plans and people."""
    book = make_book(conn)
    make_programs(conn, book)
    plan_programs(conn, book)
    return Commune(conn=conn, book=book, people={name: appoint(conn, book, name) for name in NAMES})


@pytest.fixture
def commune(connection: sa.Connection) -> Commune:
    return make_commune(connection)


@pytest.fixture
def kept(shared_database: str, database_server: DatabaseServer) -> Iterator[Commune]:
    """A commune on a superuser's connection that acts as the application until it becomes somebody else."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database)), poolclass=sa.NullPool))
    with engine.connect() as conn:
        transaction = conn.begin()
        conn.execute(sa.text("SET LOCAL ROLE soquy_app"))
        yield make_commune(conn)
        transaction.rollback()
