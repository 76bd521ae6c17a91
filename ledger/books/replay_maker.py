"""What makes the row of a leaf again: the form in which every room brings its own to ``replay.py``."""

from collections.abc import Callable
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from ledger import typeid
from ledger.books.model import Book

Maker = Callable[[Connection, Leaf, UUID, dict[str, Any], Book], str | None]
"""Makes the row of a leaf, given its event and payload; returns the code of what lost its name, if anything did."""


class Batch(Protocol):
    """Makes rows of which a list has thousands, some at a time: those of one type and one book."""

    @property
    def book(self) -> Book:
        """Whose rows they are."""

    @property
    def type(self) -> str:
        """Of the leaves."""

    def add(self, conn: Connection, event_id: UUID, leaf: Leaf, data: bytes) -> None:
        """Take a leaf in, and write those before it where they are many."""

    def write(self, conn: Connection) -> None:
        """Write what waits; the transaction works in the book's tenant and has taken the book."""


_SEQ: Final = text("SELECT seq FROM soquy.entry WHERE tenant_id = :tenant_id AND entry_id = :entry_id")


def home(book: Book) -> dict[str, int]:
    """Return the columns that every row of a book begins with."""
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}


def seq_of(conn: Connection, book: Book, entry_id: str | None) -> int | None:
    """Return the number of the entry that a leaf names; there must be one where it names one."""
    if entry_id is None:
        return None
    asked = {"tenant_id": book.tenant_id, "entry_id": typeid.decode(typeid.ENTRY, entry_id)}
    return int(conn.execute(_SEQ, asked).scalar_one())


def nothing(_conn: Connection, _leaf: Leaf, _event_id: UUID, _payload: dict[str, Any], _book: Book) -> None:
    """Leave it at the leaf: what it commits to was in the vault alone, and is entered as lost."""
