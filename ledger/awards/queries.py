"""Read lists, how they stand, and the awards on them: what signing sheets and payment lists are made of."""

from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.awards.errors import ListNotFound
from ledger.awards.model import Award, AwardList
from ledger.books.model import Book
from ledger.reports.page import Page, row_limit

VERSION_COUNT_MAX: Final = 1_000

_LISTS: Final = """\
SELECT l.list_id, l.round_id, l.version, l.award_count, l.total_minor,
    soquy.award_list_state(l.tenant_id, l.list_id) AS state, d.decided_on, d.number,
    collected.collected_count, collected.collected_minor, l.recorded_at
FROM soquy.award_list AS l
LEFT JOIN soquy.award_decision AS d ON d.tenant_id = l.tenant_id AND d.list_id = l.list_id
CROSS JOIN LATERAL (
    SELECT CAST(coalesce(sum(s.collected_count), 0) AS bigint) AS collected_count,
        CAST(coalesce(sum(s.total_minor), 0) AS bigint) AS collected_minor
    FROM soquy.award_sitting AS s WHERE s.tenant_id = l.tenant_id AND s.list_id = l.list_id
) AS collected
WHERE l.tenant_id = :tenant_id AND l.book_id = :book_id"""

_ONE: Final = text(f"{_LISTS} AND l.list_id = :list_id")
_OF_ROUND: Final = text(f"{_LISTS} AND l.round_id = :round_id ORDER BY l.version DESC LIMIT {VERSION_COUNT_MAX}")

_AWARDS: Final = text("""\
SELECT w.award_id, w.line, w.amount_minor, b.person_id, b.name, b.birth_year, b.class_name, b.school, b.reason,
    c.is_proxy
FROM soquy.award AS w
LEFT JOIN vault.beneficiary AS b ON b.tenant_id = w.tenant_id AND b.award_id = w.award_id
LEFT JOIN soquy.award_collection AS c ON c.tenant_id = w.tenant_id AND c.award_id = w.award_id
WHERE w.tenant_id = :tenant_id AND w.book_id = :book_id AND w.list_id = :list_id AND w.line > :after
ORDER BY w.line
LIMIT :row_limit""")


def list_by_id(conn: Connection, book: Book, list_id: UUID) -> AwardList:
    """Return a list of the book.

    Raises:
        ListNotFound: it has none of this id.
    """
    row = conn.execute(_ONE, {**_home(book), "list_id": list_id}).mappings().one_or_none()
    if row is None:
        raise ListNotFound(list=typeid.encode(typeid.AWARD_LIST, list_id))
    return AwardList(**row)


def lists_of(conn: Connection, book: Book, round_id: UUID) -> tuple[AwardList, ...]:
    """Return the versions of a round's list, the newest first."""
    rows = conn.execute(_OF_ROUND, {**_home(book), "round_id": round_id}).mappings()
    return tuple(AwardList(**row) for row in rows)


def awards(conn: Connection, book: Book, list_id: UUID, *, after: int = 0, page_size: int = 1_000) -> Page[Award, int]:
    """Return awards of a list in the order of its lines, from the one after a line on.

    Raises:
        PageSizeRefused: outside what a page holds.
    """
    asked = {**_home(book), "list_id": list_id, "after": after, "row_limit": row_limit(page_size)}
    found = [Award(**row) for row in conn.execute(_AWARDS, asked).mappings()]
    shown = tuple(found[:page_size])
    return Page(rows=shown, next_cursor=shown[-1].line if len(found) > page_size else None)


def _home(book: Book) -> dict[str, int]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
