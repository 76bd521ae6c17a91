"""Make what tests of the books start from: tenants, books with two funds, drafts of entries.

Everything is made by the commands that real work uses. The days lie in 2024, so that no test depends on the day it
runs on; the chart is the one for years before 2025.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import pytest
import sqlalchemy as sa
from pytest_postgresql.executors import NoopExecutor

from ledger.associations.commands import found_association, found_tenant
from ledger.books.chart import open_fund
from ledger.books.model import Actor, Book, EntryDraft, Line, PostedBatch, Request, VoucherNumber
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url
from tests.consent import post_agreed
from tests.database import DatabaseServer, own_database, with_vault

CHART: Final = "TT24-MAU"
OPENED_ON: Final = date(2024, 1, 1)
ACTOR: Final = Actor(principal_id=uuid.UUID("018f0000-0000-7000-8000-000000000001"), role="treasurer")

GENERAL: Final = "QC"
TET: Final = "TET"
BALANCE_ACCOUNTS: Final = {GENERAL: "35381", TET: "35383"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An engine of the application role and a book on it: what a test that commits works with."""

    engine: sa.Engine
    book: Book

    @contextmanager
    def transaction(self, isolation: str | None = None) -> Iterator[sa.Connection]:
        """Open a transaction in the book's tenant; commit at its end."""
        options = {"isolation_level": isolation} if isolation else {}
        with self.engine.connect().execution_options(**options) as conn, conn.begin():
            set_tenant(conn, self.book.tenant_id)
            yield conn

    def post(self, *drafts: EntryDraft, request: Request | None = None) -> PostedBatch:
        """Post and commit."""
        with self.transaction() as conn:
            return post_agreed(conn, self.book, drafts, actor=ACTOR, request=request)


def make_tenant(conn: sa.Connection) -> int:
    """Found a tenant and go on working in it."""
    set_tenant(conn, DEPLOYMENT)
    tenant_id = found_tenant(conn, "Tỉnh thử")
    set_tenant(conn, tenant_id)
    return tenant_id


def make_book(conn: sa.Connection, *, tenant_id: int | None = None, opened_on: date = OPENED_ON) -> Book:
    """Found an association whose book has a general fund and a Tet fund; in a tenant of its own, unless told."""
    book = found_association(
        conn,
        tenant_id=make_tenant(conn) if tenant_id is None else tenant_id,
        name_vi="Hội Khuyến học xã Thử",
        kind="learning-promotion",
        level="commune",
        founded_on=opened_on,
        books_open_on=opened_on,
        chart=CHART,
        actor=ACTOR,
    )
    open_fund(conn, book, fund=GENERAL, kind="general", name_vi="Quỹ chung", opened_on=opened_on, actor=ACTOR)
    open_fund(conn, book, fund=TET, kind="tet", name_vi="Quỹ Tết", purpose="Quà Tết", opened_on=opened_on, actor=ACTOR)
    return book


def make_ledger(engine: sa.Engine) -> Ledger:
    """Found a committed book in a tenant of its own."""
    with engine.begin() as conn:
        return Ledger(engine=engine, book=make_book(conn))


def request(key: str, content: int = 0) -> Request:
    """Make a request whose hash stands for its content."""
    return Request(key=key, hash=content.to_bytes(32, "big"))


def two_lines(value_minor: int, *, account: str = "1111", fund: str = GENERAL) -> tuple[Line, ...]:
    """Bring money into a fund (or out of it, where the value is negative) through a cash or bank account."""
    against = BALANCE_ACCOUNTS.get(fund, "35381")
    return (
        Line(account=account, fund=fund, value_minor=value_minor),
        Line(account=against, fund=fund, value_minor=-value_minor),
    )


def receipt(
    value_minor: int, on: date, *, fund: str = GENERAL, voucher: str | VoucherNumber = "PT", account: str = "1111"
) -> EntryDraft:
    """Receive cash into a fund."""
    return EntryDraft(entry_on=on, voucher=voucher, lines=two_lines(value_minor, account=account, fund=fund))


def payment(
    value_minor: int, on: date, *, fund: str = GENERAL, voucher: str | VoucherNumber = "PC", account: str = "1111"
) -> EntryDraft:
    """Pay cash out of a fund."""
    return EntryDraft(entry_on=on, voucher=voucher, lines=two_lines(-value_minor, account=account, fund=fund))


def with_line(draft: EntryDraft, index: int, **changes: object) -> EntryDraft:
    """Change one line of a draft."""
    lines = list(draft.lines)
    lines[index] = replace(lines[index], **changes)  # type: ignore[arg-type]
    return replace(draft, lines=tuple(lines))


@pytest.fixture(scope="session")
def committed_engine(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[sa.Engine]:
    """An engine of the application role on a migrated database that tests commit to, each to books of its own."""
    name = f"soquy_books_{uuid.uuid4().hex[:12]}"
    with own_database(postgresql_noproc, name):
        engine = with_vault(sa.create_engine(driver_url(database_server.app_url(name)), pool_size=20, max_overflow=4))
        yield engine
        engine.dispose()


@pytest.fixture
def committed_ledger(committed_engine: sa.Engine) -> Ledger:
    """A fresh book that the test may commit to."""
    return make_ledger(committed_engine)
