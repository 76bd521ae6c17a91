"""A database of the test's own with two tenants, and workers that look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.books.model import Book
from ledger.jobs import queue
from ledger.jobs.work import Job, JobKind, job_kind
from ledger.tenancy import set_tenant
from tests.database import with_vault
from tests.factories import ACTOR, make_book


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """Two books in two tenants, and what is waiting to be done for them."""

    engine: sa.Engine
    book: Book
    other: Book

    def enqueue(self, kind: str, subject: str = "thing", *, book: Book | None = None, **arguments: Any) -> UUID:
        place = book or self.book
        with self.engine.begin() as conn:
            set_tenant(conn, place.tenant_id)
            return queue.enqueue(conn, place, kind, subject=subject, arguments=arguments, actor=ACTOR)

    def status(self, job_id: UUID, *, book: Book | None = None) -> queue.JobStatus:
        place = book or self.book
        with self.engine.begin() as conn:
            set_tenant(conn, place.tenant_id)
            return queue.job_by_id(conn, place, job_id)

    def cancel(self, job_id: UUID) -> queue.JobStatus:
        with self.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            return queue.cancel(conn, self.book, job_id)

    def worker(self, work: Callable[[Job], Any], *, name: str = "test.thing", **more: Any) -> JobWorker:
        return JobWorker(self.engine, [kind(work, name)], count=1, **more)

    def make_due(self, database_url: str) -> None:
        """End every lease and every pause, as time would."""
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE soquy.job SET due_at = now() - interval '1 second'")


def kind(work: Callable[[Job], Any], name: str = "test.thing", right: str | None = None) -> JobKind:
    return job_kind(name, right=right)(work)


@pytest.fixture
def yard(app_url: str) -> Iterator[Yard]:
    engine = with_vault(make_engine(app_url, Settings(connection_count_max=8)))
    with engine.begin() as conn:
        book = make_book(conn)
        other = make_book(conn)
    yield Yard(engine=engine, book=book, other=other)
    engine.dispose()
