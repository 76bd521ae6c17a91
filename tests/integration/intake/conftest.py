"""A book on a database of the test's own, and a worker that reads and posts its files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.books.model import Book
from ledger.intake.commands import decide, hand_over, set_facts, take_in
from ledger.intake.line import ListMapping
from ledger.intake.mapping import map_list, proposed
from ledger.intake.model import Facts, Intake, Kind
from ledger.intake.queries import ListedLine, intake_by_id, lines
from ledger.intake.settlement import reverse_file
from ledger.intake.work import post_intake, read_intake
from ledger.jobs.queue import JobStatus, job_by_id
from ledger.tenancy import set_tenant
from tests.database import with_vault
from tests.factories import ACTOR, GENERAL, make_book

Result = TypeVar("Result")

ON = date(2024, 9, 5)

SALARY = Facts(received_on=ON, medium="bank", account="1121A", fund=GENERAL, channel="salary-day")
HOUSEHOLD = Facts(received_on=ON, medium="cash", account="1111", fund=GENERAL, channel="household")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where files come in: every step commits."""

    engine: sa.Engine
    book: Book
    other: Book
    worker: JobWorker = field(repr=False)

    def do(self, work: Callable[[sa.Connection], Result], book: Book | None = None) -> Result:
        with self.engine.begin() as conn:
            set_tenant(conn, (book or self.book).tenant_id)
            return work(conn)

    def work(self) -> None:
        """Work off what waits."""
        while self.worker.work_one():
            pass

    def take_in(self, data: bytes, name: str = "danh-sach.xlsx", kind: Kind = "household", **more: Any) -> Intake:
        """Take a file in and read it."""
        made = self.do(lambda conn: take_in(conn, self.book, kind=kind, name=name, data=data, actor=ACTOR, **more))
        self.work()
        return self.find(made.intake_id)

    def find(self, intake_id: UUID) -> Intake:
        return self.do(lambda conn: intake_by_id(conn, self.book, intake_id))

    def map(self, found: Intake, mapping: ListMapping | None = None) -> Intake:
        chosen = mapping or proposed(found.outline or {})
        return self.do(
            lambda conn: map_list(conn, self.book, found.intake_id, chosen, version=found.version, actor=ACTOR)
        )

    def state(self, found: Intake, facts: Facts = HOUSEHOLD) -> Intake:
        """Give a file its facts."""
        return self.do(
            lambda conn: set_facts(conn, self.book, found.intake_id, facts, version=found.version, actor=ACTOR)
        )

    def decide(self, found: Intake, *rows: int, is_left_out: bool = True, **more: Any) -> Intake:
        changed, _ = self.do(
            lambda conn: decide(
                conn,
                self.book,
                found.intake_id,
                version=found.version,
                actor=ACTOR,
                is_left_out=is_left_out,
                reason="Đã hỏi lại",
                rows=rows,
                **more,
            )
        )
        return changed

    def ready(self, data: bytes, facts: Facts = HOUSEHOLD, **more: Any) -> Intake:
        """Take a file in and bring it up to where it can be posted."""
        return self.state(self.map(self.take_in(data, **more)), facts)

    def hand_over(self, found: Intake) -> Intake:
        return self.do(lambda conn: hand_over(conn, self.book, found.intake_id, version=found.version, actor=ACTOR))

    def post(self, found: Intake) -> Intake:
        """Post a file that is ready."""
        self.hand_over(found)
        self.work()
        return self.find(found.intake_id)

    def reverse(self, found: Intake, on: date = ON, reason: str = "Nhập nhầm tệp") -> Any:
        return self.do(lambda conn: reverse_file(conn, self.book, found.intake_id, on=on, reason=reason, actor=ACTOR))

    def lines(self, found: Intake, **more: Any) -> list[ListedLine]:
        return self.do(lambda conn: lines(conn, self.book, found.intake_id, **more))

    def job(self, found: Intake) -> JobStatus:
        assert found.job_id is not None
        job_id = found.job_id
        return self.do(lambda conn: job_by_id(conn, self.book, job_id))

    def ask(self, query: str, **more: object) -> list[tuple[Any, ...]]:
        asked = {"tenant_id": self.book.tenant_id, "book_id": self.book.book_id, **more}
        statement = sa.text(query)
        used = {name: value for name, value in asked.items() if name in statement.compile().params}
        return self.do(lambda conn: [tuple(row) for row in conn.execute(statement, used)])


@pytest.fixture
def office(app_url: str) -> Iterator[Office]:
    engine = with_vault(make_engine(app_url, Settings(connection_count_max=8)))
    with engine.begin() as conn:
        book = make_book(conn)
        other = make_book(conn, tenant_id=book.tenant_id)
    worker = JobWorker(engine, [read_intake, post_intake], count=1)
    yield Office(engine=engine, book=book, other=other, worker=worker)
    engine.dispose()
