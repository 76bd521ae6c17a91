"""See that a person whom a gift, promise, delivery or receipt book names is in the register of the same book.

An id of another association's register would tie one's papers to whom the other keeps, and to their erasure.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array
from ledger import typeid
from ledger.books.model import Book
from ledger.people.register import PersonNotFound

_KNOWN: Final = text("""\
SELECT person_id FROM vault.person
WHERE tenant_id = :tenant_id AND book_id = :book_id AND person_id = ANY (CAST(:person_ids AS uuid[]))""")


def unknown_people(conn: Connection, book: Book, person_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some ids that name nobody in the book's register; none asked for is no statement."""
    if not person_ids:
        return set()
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_ids": plain_array(person_ids)}
    return set(person_ids) - set(conn.execute(_KNOWN, asked).scalars())


def check_person(conn: Connection, book: Book, person_id: UUID | None) -> None:
    """Refuse a person who is not in the book's register.

    Raises:
        PersonNotFound: there is no such person.
    """
    if person_id is not None and unknown_people(conn, book, {person_id}):
        raise PersonNotFound(person=typeid.encode(typeid.PERSON, person_id))
