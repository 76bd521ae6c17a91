"""Find the beneficiaries of a list in the register, make those who are not there, and see for whom nobody answers.

Somebody is found as who was given an award of this book under the same identity before, or as the one individual of
exactly this name and year of birth. Where two could be meant a new record is made: two records are merged in a moment,
and two children who were taken for one are not told apart again.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from ledger import typeid
from ledger.awards.model import Beneficiary, Nominee
from ledger.books.model import Actor, Book
from ledger.calendar import today
from ledger.errors import Fault
from ledger.people.order import search_key
from ledger.people.person import PersonDraft, is_minor
from ledger.people.register import add_people

_FIND: Final = text("""\
SELECT coalesce(earlier.person_id, named.person_id) AS person_id
FROM unnest(CAST(:place AS integer[]), CAST(:identity AS text[]), CAST(:name AS text[]), CAST(:search_key AS text[]),
    CAST(:birth_year AS smallint[])) AS a (place, identity, name, search_key, birth_year)
LEFT JOIN LATERAL (
    SELECT coalesce(p.merged_into, p.person_id) AS person_id
    FROM vault.award_claim AS c
    JOIN vault.beneficiary AS b ON b.tenant_id = c.tenant_id AND b.award_id = c.award_id AND b.book_id = :book_id
    JOIN vault.person AS p ON p.tenant_id = b.tenant_id AND p.person_id = b.person_id
    WHERE c.tenant_id = :tenant_id AND c.identity = decode(a.identity, 'hex')
    ORDER BY c.award_id DESC LIMIT 1
) AS earlier ON true
LEFT JOIN LATERAL (
    SELECT CAST(min(CAST(p.person_id AS text)) AS uuid) AS person_id FROM vault.person AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.search_key = a.search_key AND p.merged_into IS NULL
        AND p.kind = 'individual' AND p.name = a.name AND p.birth_year = a.birth_year
    HAVING count(*) = 1
) AS named ON true
ORDER BY a.place""")

_KNOWN: Final = text("""\
SELECT person_id FROM vault.person
WHERE tenant_id = :tenant_id AND book_id = :book_id AND person_id = ANY (CAST(:person_ids AS uuid[]))""")

_GUARDED: Final = text("""\
SELECT minor_id FROM vault.guardianship
WHERE tenant_id = :tenant_id AND minor_id = ANY (CAST(:person_ids AS uuid[])) AND ended_at IS NULL""")


def person_faults(conn: Connection, book: Book, nominees: Sequence[Nominee]) -> list[Fault]:
    """Return the rows that name a record which the register does not have, or which another row names."""
    named = [(index, nominee.person_id) for index, nominee in enumerate(nominees) if nominee.person_id is not None]
    if not named:
        return []
    asked = {**_home(book), "person_ids": plain_array(person_id for _, person_id in named)}
    known = set(conn.execute(_KNOWN, asked).scalars())
    first: dict[UUID, int] = {}
    faults = []
    for index, person_id in named:
        if person_id not in known:
            fields = {"person": typeid.encode(typeid.PERSON, person_id)}
            faults.append(Fault(code="person_not_found", line=index, field="person", fields=fields))
        elif person_id in first:
            faults.append(Fault(code="award_twice", line=index, field="person", fields={"first": first[person_id] + 1}))
        first.setdefault(person_id, index)
    return faults


def find_or_add(
    conn: Connection,
    book: Book,
    nominees: Sequence[Nominee],
    beneficiaries: Sequence[Beneficiary],
    identities: Sequence[bytes],
    *,
    actor: Actor,
) -> list[UUID]:
    """Return the records of beneficiaries, in order, made where there was none."""
    found = list(conn.execute(_FIND, _asked(book, beneficiaries, identities)).scalars())
    ids: list[UUID | None] = [
        nominee.person_id or person_id for nominee, person_id in zip(nominees, found, strict=True)
    ]
    meant = Counter(ids)
    ids = [
        person_id if nominee.person_id is not None or meant[person_id] == 1 else None
        for nominee, person_id in zip(nominees, ids, strict=True)
    ]
    missing = [
        PersonDraft(name=beneficiary.name, birth_year=beneficiary.birth_year)
        for person_id, beneficiary in zip(ids, beneficiaries, strict=True)
        if person_id is None
    ]
    added = iter(add_people(conn, book, missing, actor=actor) if missing else ())
    return [person_id or next(added) for person_id in ids]


def minors_without_guardian(
    conn: Connection, book: Book, beneficiaries: Sequence[Beneficiary], person_ids: Sequence[UUID]
) -> tuple[int, ...]:
    """Return the lines (1, 2 …) of minors for whom nobody is recorded to answer."""
    day = today()
    minors = {
        line: person_id
        for line, (beneficiary, person_id) in enumerate(zip(beneficiaries, person_ids, strict=True), start=1)
        if is_minor(beneficiary.birth_year, day)
    }
    guarded = set(conn.execute(_GUARDED, {**_home(book), "person_ids": plain_array(minors.values())}).scalars())
    return tuple(line for line, person_id in minors.items() if person_id not in guarded)


def _asked(book: Book, beneficiaries: Sequence[Beneficiary], identities: Sequence[bytes]) -> dict[str, object]:
    return {
        **_home(book),
        "place": plain_array(range(len(beneficiaries))),
        "identity": plain_array(identity.hex() for identity in identities),
        "name": text_array(each.name for each in beneficiaries),
        "search_key": text_array(search_key(each.name) for each in beneficiaries),
        "birth_year": plain_array(each.birth_year for each in beneficiaries),
    }


def _home(book: Book) -> dict[str, int]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
