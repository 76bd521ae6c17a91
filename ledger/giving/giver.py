"""Who gives, promises or brings something: the name as typed, and what the vault keeps to find and order it by."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.giving.known_person import check_person
from ledger.people.order import search_key, sort_key

_KEEP: Final = text("""\
INSERT INTO vault.contributor (tenant_id, event_id, book_id, name, detail, search_key, sort_key, person_id)
VALUES (:tenant_id, :event_id, :book_id, :name, :detail, :search_key, :sort_key, :person_id)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """A person or a body; ``detail`` tells two of one name apart."""

    name: str
    detail: str | None = None
    person_id: UUID | None = None


def keep_giver(conn: Connection, book: Book, event_id: UUID, giver: Giver) -> None:
    """Keep the name that an event's leaf commits to, after the leaf and before the event's row.

    Raises:
        PersonNotFound: the book's register has no such person.
    """
    check_person(conn, book, giver.person_id)
    conn.execute(
        _KEEP,
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "event_id": event_id,
            "name": giver.name,
            "detail": giver.detail,
            "search_key": search_key(giver.name),
            "sort_key": sort_key(giver.name),
            "person_id": giver.person_id,
        },
    )
