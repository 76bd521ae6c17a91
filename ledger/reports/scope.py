"""What a report covers: the books of an association and of everything below it; an account and all of its heading.

The tree is read within one tenant. Associations of other tenants that hang below are not covered: reports across
tenants read what those published.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

DEPTH_MAX: Final = 10
"""Levels; the deepest tree the law knows has five, and a loop in the data must end."""

BOOK_COUNT_MAX: Final = 100_000
"""Ten times the associations of the whole country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An association and, unless told otherwise, all below it; without one, every association of the tenant."""

    tenant_id: int
    association_id: UUID | None = None
    reaches_below: bool = True


_SUBTREE: Final = text("""\
WITH RECURSIVE below (association_id, depth) AS (
    SELECT top.association_id, 1
    FROM soquy.association AS top
    WHERE top.tenant_id = :tenant_id AND (
        top.association_id = CAST(:association_id AS uuid)
        OR CAST(:association_id AS uuid) IS NULL AND top.parent_tenant_id IS DISTINCT FROM :tenant_id
    )
    UNION ALL
    SELECT child.association_id, below.depth + 1
    FROM below
    JOIN soquy.association AS child ON child.tenant_id = :tenant_id AND child.parent_tenant_id = :tenant_id
        AND child.parent_id = below.association_id
    WHERE below.depth < :depth_max
)
SELECT DISTINCT book.book_id
FROM below
JOIN soquy.book AS book ON book.tenant_id = :tenant_id AND book.association_id = below.association_id
ORDER BY book.book_id
LIMIT :book_count_max
""")


SCOPE_SQL: Final = """\
scope AS (
    SELECT book.book_id, book.association_id, CAST(NULL AS bigint) AS known_seq
    FROM soquy.book AS book
    WHERE book.tenant_id = :tenant_id AND book.book_id = ANY (CAST(:scope_book_ids AS bigint[]))
)"""
"""The books of a scope, as a part of a ``WITH``: ``scope (book_id, association_id, known_seq)``, each once.

``known_seq`` says something only as known at a size of the log (``ledger.reports.known``).

They are found first and named here, because the planner can't guess how many a subtree has: it would read a whole
nation's totals for a village.
"""


def scope_parameters(conn: Connection, scope: Scope) -> dict[str, object]:
    """Find the books of a scope; return the parameters of ``SCOPE_SQL``."""
    found = conn.execute(
        _SUBTREE,
        {
            "tenant_id": scope.tenant_id,
            "association_id": scope.association_id,
            "depth_max": DEPTH_MAX if scope.reaches_below else 1,
            "book_count_max": BOOK_COUNT_MAX,
        },
    )
    return {"tenant_id": scope.tenant_id, "scope_book_ids": list(found.scalars())}


FAMILY_SQL: Final = """\
family (account) AS (
    SELECT head.account
    FROM soquy.account AS head
    WHERE head.tenant_id = :tenant_id AND head.book_id = :book_id
        AND (head.account = CAST(:account AS text) OR CAST(:account AS text) IS NULL AND head.parent IS NULL)
    UNION ALL
    SELECT child.account
    FROM family
    JOIN soquy.account AS child ON child.tenant_id = :tenant_id AND child.book_id = :book_id
        AND child.parent = family.account
)"""
"""An account of a book and all below it, or all accounts, as a part of a ``WITH RECURSIVE``: ``family (account)``.

Not all that begin alike: 1121A and 1121AB may be two accounts of one heading. A parent is shorter, so this ends.
"""


def latest_sql(until: str) -> str:
    """Return the part of a query that finds the sums of the last day for which ``until`` holds of ``t.total_on``.

    It stands in a ``LATERAL`` beside a ``soquy.balance_key AS k`` and reads one row of the totals by their key.
    """
    return f"""\
(
    SELECT t.debit_to_date_minor, t.credit_to_date_minor, t.balance_minor
    FROM soquy.day_total AS t
    WHERE t.tenant_id = k.tenant_id AND t.book_id = k.book_id AND t.account = k.account AND t.fund = k.fund
        AND {until}
    ORDER BY t.total_on DESC
    LIMIT 1
)"""
