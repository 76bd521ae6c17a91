"""Tests of giving: some roll back, some commit to books of their own."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from ledger.books.model import Book
from ledger.giving.commands import receive
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import Collection, Received
from tests.factories import ACTOR, committed_engine, committed_ledger, make_book

__all__ = ["committed_engine", "committed_ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A book on a connection that is rolled back after the test."""

    conn: sa.Connection
    book: Book

    def receive(self, collection: Collection) -> Received:
        return receive(self.conn, self.book, collection, actor=ACTOR)

    def faults(self, collection: Collection) -> set[tuple[str, int | None, str | None]]:
        """Return code, gift and field of every fault."""
        with pytest.raises(CollectionRefused) as caught:
            self.receive(collection)
        return {(fault.code, fault.line, fault.field) for fault in caught.value.faults}

    def refused(self, collection: Collection) -> set[tuple[str, int | None, str | None]]:
        """Return code, gift and field of every fault; what was asked must leave nothing behind."""
        found = self.faults(collection)
        assert self.ask("SELECT count(*) FROM soquy.contribution WHERE book_id = :book_id") == [(0,)]
        return found

    def ask(self, query: str, **more: object) -> list[tuple[object, ...]]:
        asked = {"tenant_id": self.book.tenant_id, "book_id": self.book.book_id, **more}
        statement = sa.text(query)
        used = {name: value for name, value in asked.items() if name in statement.compile().params}
        return [tuple(row) for row in self.conn.execute(statement, used)]


@pytest.fixture
def room(connection: sa.Connection) -> Room:
    return Room(conn=connection, book=make_book(connection))
