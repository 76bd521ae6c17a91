"""Keep the register of a book's people: add, put right, merge, part.

Every command takes an open connection, works set-wise where many may come, and leaves the commit to the caller. A
record is the book's own: of another book's people nothing is found or changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.calendar import today
from ledger.errors import Fault, LedgerError
from ledger.people.detail import open_details, put_details
from ledger.people.person import CleanPerson, PersonDraft, PersonRefused, clean_person, is_minor

PEOPLE_COUNT_MAX: Final = 100_000
"""People of one call."""

_INSERT: Final = text("""\
INSERT INTO vault.person (tenant_id, person_id, book_id, kind, name, search_key, sort_key, country, birth_year,
    created_by, changed_by)
SELECT :tenant_id, n.person_id, :book_id, n.kind, n.name, n.search_key, n.sort_key, n.country, n.birth_year,
    :principal_id, :principal_id
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:search_keys AS text[]),
    CAST(:sort_keys AS text[]), CAST(:countries AS text[]), CAST(:birth_years AS smallint[]))
    AS n (person_id, kind, name, search_key, sort_key, country, birth_year)""")

_CHANGE: Final = text("""\
SELECT vault.change_person(:tenant_id, :book_id, :person_id, :version, :kind, :name, :search_key, :sort_key, :country,
    CAST(:birth_year AS smallint), :principal_id)""")

_READ: Final = text("""\
SELECT p.person_id, p.kind, p.name, p.country, p.birth_year, p.version, p.merged_into, p.changed_at,
    ARRAY(SELECT d.field FROM vault.person_detail AS d
        WHERE d.tenant_id = p.tenant_id AND d.person_id = p.person_id ORDER BY d.field) AS details,
    ARRAY(SELECT m.person_id FROM vault.person AS m
        WHERE m.tenant_id = p.tenant_id AND m.merged_into = p.person_id ORDER BY m.person_id) AS merged
FROM vault.person AS p
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.person_id = ANY (CAST(:person_ids AS uuid[]))""")

_MERGE: Final = text("SELECT vault.merge_people(:tenant_id, :book_id, :kept_id, :merged_id, :principal_id)")
_PART: Final = text("SELECT vault.part_people(:tenant_id, :book_id, :person_id, :principal_id)")


class PersonNotFound(LedgerError):
    """No such person in this book's register: there never was, or they were erased."""

    code = "person_not_found"


class PersonChanged(LedgerError):
    """Somebody else put the record right meanwhile, or merged it; carries the version that is there now."""

    code = "person_changed"


class MergeRefused(LedgerError):
    """The two cannot be one person; ``reason`` says why."""

    code = "merge_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A record of the register: ``details`` names what is sealed of them, ``merged`` the records that lead here."""

    person_id: UUID
    kind: str
    name: str
    country: str | None
    birth_year: int | None
    version: int
    merged_into: UUID | None
    changed_at: datetime
    details: tuple[str, ...]
    merged: tuple[UUID, ...]

    @property
    def is_minor(self) -> bool:
        """Whether they may be younger than eighteen today."""
        return is_minor(self.birth_year, today())


def add_person(conn: Connection, book: Book, draft: PersonDraft, *, actor: Actor) -> UUID:
    """Add one person; return the id.

    Raises:
        PersonRefused: carries every fault, without ``entry``.
    """
    return _insert(conn, book, [clean_person(draft, today=today())], actor)[0]


def add_people(conn: Connection, book: Book, drafts: Sequence[PersonDraft], *, actor: Actor) -> list[UUID]:
    """Add many people, all or none, in a fixed number of statements; return their ids in the same order.

    Raises:
        PersonRefused: carries every fault of all of them; ``entry`` counts from 0.
    """
    if len(drafts) > PEOPLE_COUNT_MAX:
        raise PersonRefused((Fault(code="list_too_long", fields={"size_max": PEOPLE_COUNT_MAX}),))
    day = today()
    faults: list[Fault] = []
    cleaned: list[CleanPerson] = []
    for index, draft in enumerate(drafts):
        try:
            cleaned.append(clean_person(draft, today=day, index=index))
        except PersonRefused as refused:
            faults.extend(refused.faults)
    if faults:
        raise PersonRefused(tuple(faults))
    return _insert(conn, book, cleaned, actor)


def _insert(conn: Connection, book: Book, people: Sequence[CleanPerson], actor: Actor) -> list[UUID]:
    ids = [typeid.new_id() for _ in people]
    conn.execute(
        _INSERT,
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "principal_id": actor.principal_id,
            "person_ids": plain_array(ids),
            "kinds": plain_array(person.kind for person in people),
            "names": text_array(person.name for person in people),
            "search_keys": text_array(person.search_key for person in people),
            "sort_keys": text_array(person.sort_key for person in people),
            "countries": plain_array(person.country for person in people),
            "birth_years": plain_array(person.birth_year for person in people),
        },
    )
    put_details(
        conn,
        book,
        [
            (person_id, field, value)
            for person_id, person in zip(ids, people, strict=True)
            for field, value in person.details.items()
            if value is not None
        ],
    )
    return ids


def change_person(
    conn: Connection, book: Book, person_id: UUID, draft: PersonDraft, *, version: int, actor: Actor
) -> int:
    """Put a record right; return its new version. Details that the draft does not name stay as they are.

    Raises:
        PersonNotFound: the book has no such person.
        PersonRefused: carries every fault.
        PersonChanged: ``version`` is not the one that is there.
    """
    person = clean_person(draft, today=today())
    facts = {
        name: getattr(person, name) for name in ("kind", "name", "search_key", "sort_key", "country", "birth_year")
    }
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_id": person_id}
    asked = {**place, **facts, "version": version, "principal_id": actor.principal_id}
    changed = conn.execute(_CHANGE, asked).scalar()
    if changed is None:
        found = person_by_id(conn, book, person_id)
        raise PersonChanged(person=typeid.encode(typeid.PERSON, person_id), version=found.version)
    put_details(conn, book, [(person_id, field, value) for field, value in person.details.items()])
    return int(changed)


def people_by_id(conn: Connection, book: Book, person_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return the records of a book that have these ids, as far as there are such."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_ids": plain_array(person_ids)}
    rows = conn.execute(_READ, asked).mappings()
    return {
        row["person_id"]: Person(**{**row, "details": tuple(row["details"]), "merged": tuple(row["merged"])})
        for row in rows
    }


def person_by_id(conn: Connection, book: Book, person_id: UUID) -> Person:
    """Return a record of a book.

    Raises:
        PersonNotFound: the book has no such person.
    """
    found = people_by_id(conn, book, [person_id]).get(person_id)
    if found is None:
        raise PersonNotFound(person=typeid.encode(typeid.PERSON, person_id))
    return found


def merge_people(conn: Connection, book: Book, kept_id: UUID, merged_id: UUID, *, actor: Actor) -> None:
    """Make two records one person: the second leads to the first from now on, and can be parted from it again.

    Details that the first has not are copied to it; so is the year of birth, which protects a minor under both names.

    Raises:
        PersonNotFound: the book has not both.
        MergeRefused: the same record, one that is merged already, another kind, or another year of birth.
    """
    people = people_by_id(conn, book, [kept_id, merged_id])
    for each in (kept_id, merged_id):
        if each not in people:
            raise PersonNotFound(person=typeid.encode(typeid.PERSON, each))
    kept, merged = people[kept_id], people[merged_id]
    if kept_id == merged_id:
        raise MergeRefused(reason="itself")
    if kept.kind != merged.kind:
        raise MergeRefused(reason="kind")
    if None not in (kept.birth_year, merged.birth_year) and kept.birth_year != merged.birth_year:
        raise MergeRefused(reason="birth_year")
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "principal_id": actor.principal_id}
    if not conn.execute(_MERGE, {**asked, "kept_id": kept_id, "merged_id": merged_id}).scalar_one():
        raise MergeRefused(reason="merged_already")
    missing = [field for field in merged.details if field not in kept.details]
    if missing:
        opened = open_details(conn, book, merged_id, missing, principal_id=actor.principal_id)
        put_details(conn, book, [(kept_id, field, value) for field, value in opened.items()])


def part_people(conn: Connection, book: Book, person_id: UUID, *, actor: Actor) -> None:
    """Make a record that was merged a person of its own again; what was copied from it stays copied.

    Raises:
        PersonNotFound: the book has no such record.
        MergeRefused: it is merged into none.
    """
    person_by_id(conn, book, person_id)
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_id": person_id}
    if not conn.execute(_PART, {**asked, "principal_id": actor.principal_id}).scalar_one():
        raise MergeRefused(reason="not_merged")
