"""A posted entry with a description, on a database of the test's own or in a transaction that is rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger import typeid
from ledger.books.model import Book
from ledger.books.posting import post
from ledger.people.vault import Vault, attach
from migrations.migrate import driver_url
from tests.database import KEK, DatabaseServer, with_vault
from tests.factories import ACTOR, Ledger, make_book, make_ledger, receipt

MARCH = date(2024, 3, 1)
TYPED = "Chị Lê Thị Kín góp một ngày lương"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A book's entry whose values the vault keeps, and a superuser's connection that may become any role."""

    conn: sa.Connection
    book: Book
    entry_id: UUID

    @property
    def tenant_id(self) -> int:
        return self.book.tenant_id

    @property
    def place(self) -> dict[str, object]:
        return {"tenant_id": self.book.tenant_id, "event_id": self.entry_id}

    def become(self, role: str) -> sa.Connection:
        self.conn.execute(sa.text(f"SET LOCAL ROLE {role}"))
        return self.conn


@pytest.fixture
def kept(shared_database: str, database_server: DatabaseServer) -> Iterator[Kept]:
    """Acts as the application until it becomes somebody else; all of it is rolled back."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database)), poolclass=sa.NullPool))
    with engine.connect() as conn:
        transaction = conn.begin()
        conn.execute(sa.text("SET LOCAL ROLE soquy_app"))
        book = make_book(conn)
        posted = post(conn, book, [replace(receipt(500, MARCH), description=TYPED)], actor=ACTOR)
        yield Kept(conn=conn, book=book, entry_id=posted.entries[0].entry_id)
        transaction.rollback()


@pytest.fixture
def ledger(app_url: str) -> Iterator[Ledger]:
    """A committed book on a database of the test's own."""
    engine = with_vault(sa.create_engine(driver_url(app_url)))
    yield make_ledger(engine)
    engine.dispose()


@pytest.fixture
def keeper(database_url: str) -> sa.Engine:
    """The vault's own role on the same database."""
    options = {"options": "-c role=soquy_vault"}
    engine = sa.create_engine(driver_url(database_url), poolclass=sa.NullPool, connect_args=options)
    return attach(engine, Vault(KEK))


def leaf_of(conn: sa.Connection, event_id: UUID) -> canonical.Leaf:
    query = sa.text("SELECT leaf FROM soquy.audit_entry WHERE event_id = :event_id")
    return canonical.decode(conn.execute(query, {"event_id": event_id}).scalar_one())


def entry_of(event_id: UUID) -> str:
    return typeid.encode(typeid.ENTRY, event_id)
