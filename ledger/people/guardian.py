"""Say who answers for a child: links between a minor and grown-up individuals of the same book."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from ledger.books.model import Actor, Book
from ledger.books.tables import raise_refusal
from ledger.errors import LedgerError
from ledger.people.register import person_by_id

RELATIONS: Final = ("parent", "grandparent", "sibling", "relative", "legal")

_RENEW: Final = text("SELECT vault.renew_guardianship(:tenant_id, :book_id, :minor_id, :guardian_id, :relation)")
_INSERT: Final = text("""\
INSERT INTO vault.guardianship (tenant_id, minor_id, guardian_id, relation, created_by)
VALUES (:tenant_id, :minor_id, :guardian_id, :relation, :principal_id)""")
_END: Final = text("SELECT vault.end_guardianship(:tenant_id, :book_id, :minor_id, :guardian_id)")
_LIST: Final = text("""\
SELECT g.minor_id, g.guardian_id, g.relation,
    CASE WHEN g.minor_id = :person_id THEN guardian.name ELSE minor.name END AS name
FROM vault.guardianship AS g
JOIN vault.person AS guardian ON guardian.tenant_id = g.tenant_id AND guardian.person_id = g.guardian_id
JOIN vault.person AS minor ON minor.tenant_id = g.tenant_id AND minor.person_id = g.minor_id
WHERE g.tenant_id = :tenant_id AND :person_id IN (g.minor_id, g.guardian_id) AND g.ended_at IS NULL
    AND minor.book_id = :book_id
ORDER BY CASE WHEN g.minor_id = :person_id THEN guardian.sort_key ELSE minor.sort_key END, g.guardian_id, g.minor_id
LIMIT 200""")


class GuardianRefused(LedgerError):
    """The two cannot be a child and who answers for it; ``reason`` says why."""

    code = "guardian_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardianship:
    """A link that holds; ``name`` is the other's, seen from the person that was asked for."""

    minor_id: UUID
    guardian_id: UUID
    relation: str
    name: str


def link_guardian(
    conn: Connection, book: Book, minor_id: UUID, guardian_id: UUID, *, relation: str, actor: Actor
) -> None:
    """Say that somebody answers for a minor; said again, it renews the link or changes the relation.

    Raises:
        PersonNotFound: the book has not both.
        GuardianRefused: the one is no minor by the year of birth, or the other no grown-up individual.
    """
    minor, guardian = person_by_id(conn, book, minor_id), person_by_id(conn, book, guardian_id)
    for is_wrong, reason in (
        (minor_id == guardian_id, "itself"),
        (relation not in RELATIONS, "relation"),
        (minor.birth_year is None, "birth_year_missing"),
        (not minor.is_minor, "not_a_minor"),
        (guardian.kind != "individual", "not_an_individual"),
        (guardian.is_minor, "guardian_is_minor"),
        (minor.merged_into is not None or guardian.merged_into is not None, "merged"),
    ):
        if is_wrong:
            raise GuardianRefused(reason=reason)
    row = {"tenant_id": book.tenant_id, "minor_id": minor_id, "guardian_id": guardian_id, "relation": relation}
    if conn.execute(_RENEW, {**row, "book_id": book.book_id}).scalar_one():
        return
    try:
        conn.execute(_INSERT, {**row, "principal_id": actor.principal_id})
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


def end_guardian(conn: Connection, book: Book, minor_id: UUID, guardian_id: UUID) -> None:
    """Say that somebody answers for a minor no more; consents that were given stay given.

    Raises:
        GuardianRefused: there is no such link.
    """
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "minor_id": minor_id, "guardian_id": guardian_id}
    if not conn.execute(_END, asked).scalar_one():
        raise GuardianRefused(reason="not_linked")


def guardianships(conn: Connection, book: Book, person_id: UUID) -> list[Guardianship]:
    """Return who answers for somebody, or for whom they answer."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_id": person_id}
    return [Guardianship(**row) for row in conn.execute(_LIST, asked).mappings()]
