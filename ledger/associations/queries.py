"""Find associations and their books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.model import Book
from ledger.errors import AssociationNotFound

SUBTREE_DEPTH_MAX: Final = 10
"""Nation, province, district, commune, chapter, and room to spare; a loop in the data ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """An association as the tree shows it; ``depth`` counts from the root that was asked for."""

    association_id: UUID
    parent_id: UUID | None
    kind: str
    level: str
    name_vi: str
    name_en: str | None
    unit_code: str | None
    founded_on: date
    closed_on: date | None
    is_sample: bool
    tenant_id: int
    book_id: int
    opened_on: date
    locked_through: date | None
    depth: int


def find_book(conn: Connection, association_id: UUID) -> Book:
    """Return the book of an association of the transaction's tenant.

    Raises:
        AssociationNotFound: none of this id in the tenant.
    """
    row = conn.execute(
        text("SELECT tenant_id, book_id FROM soquy.book WHERE association_id = :association_id"),
        {"association_id": association_id},
    ).one_or_none()
    if row is None:
        raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, association_id))
    return Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=association_id)


def list_subtree(
    conn: Connection, root_id: UUID, *, depth_max: int = SUBTREE_DEPTH_MAX, limit: int = 5_000
) -> Sequence[Association]:
    """Return an association and all below it in its tenant, level by level and by unit code and name."""
    rows = conn.execute(
        text("""\
            WITH RECURSIVE tree AS (
                SELECT a.*, 0 AS depth FROM soquy.association AS a WHERE a.association_id = :root_id
                UNION ALL
                SELECT a.*, tree.depth + 1 FROM tree
                JOIN soquy.association AS a ON a.tenant_id = tree.tenant_id AND a.parent_id = tree.association_id
                WHERE tree.depth < :depth_max
            )
            SELECT tree.association_id, tree.parent_id, tree.kind, tree.level, tree.name_vi, tree.name_en,
                tree.unit_code, tree.founded_on, tree.closed_on, tree.is_sample, tree.tenant_id, tree.depth,
                book.book_id, book.opened_on, head.locked_through
            FROM tree
            JOIN soquy.book AS book USING (tenant_id, association_id)
            JOIN soquy.book_head AS head USING (tenant_id, book_id)
            ORDER BY tree.depth, tree.unit_code NULLS LAST, tree.name_vi, tree.association_id
            LIMIT :limit"""),
        {"root_id": root_id, "depth_max": depth_max, "limit": limit},
    )
    return [Association(**row._mapping) for row in rows]  # noqa: SLF001 - the documented accessor
