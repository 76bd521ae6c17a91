"""Find people of a book by any words of their names, without diacritics, in Vietnamese order.

Every word that was typed begins a word of the name: ``"ng a"`` finds "Nguyễn Văn Ánh". A page is read from one index,
which has the names in their order and what they are found by, from where the page before ended. What somebody searches
for is a name: it belongs in no address, so pages and programs send it in a body, and a cursor is the last row's id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import text_array
from ledger.books.model import Book
from ledger.calendar import today
from ledger.people.order import search_key
from ledger.people.person import is_minor
from ledger.reports.page import Page, row_limit

QUERY_LENGTH_MAX: Final = 200
WORD_COUNT_MAX: Final = 8
TWIN_COUNT_MAX: Final = 20

_FIRST: Final = UUID(int=0)

# A word that is nothing is found in every name. The words stand with a space before each, so what is found begins one.
_FIND: Final = text(f"""\
WITH found AS MATERIALIZED (
    SELECT p.sort_key, p.person_id
    FROM vault.person AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.merged_into IS NULL
        AND (p.sort_key, p.person_id) > (
            coalesce((SELECT a.sort_key FROM vault.person AS a WHERE a.tenant_id = :tenant_id
                AND a.book_id = :book_id AND a.person_id = :after_id), ''), CAST(:after_id AS uuid))
        AND (CAST(:kind AS text) IS NULL OR p.kind = :kind)
        {"".join(f"AND strpos(p.words, :word_{place}) > 0 " for place in range(WORD_COUNT_MAX))}
    ORDER BY p.sort_key, p.person_id
    LIMIT :limit
)
SELECT p.person_id, p.kind, p.name, p.country, p.birth_year
FROM found AS f
JOIN vault.person AS p ON p.tenant_id = :tenant_id AND p.person_id = f.person_id
ORDER BY f.sort_key, f.person_id""")  # noqa: S608 - composed of constants

_SAME_NAME: Final = text("""\
SELECT p.search_key, p.person_id, p.kind, p.name, p.country, p.birth_year
FROM vault.person AS p
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.merged_into IS NULL
    AND p.search_key = ANY (CAST(:search_keys AS text[]))
ORDER BY p.search_key, p.person_id
LIMIT :limit""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody in a list."""

    person_id: UUID
    kind: str
    name: str
    country: str | None
    birth_year: int | None

    @property
    def is_minor(self) -> bool:
        """Whether they may be younger than eighteen today."""
        return is_minor(self.birth_year, today())


def search_people(
    conn: Connection,
    book: Book,
    query: str = "",
    *,
    kind: str | None = None,
    after: UUID | None = None,
    page_size: int = 50,
) -> Page[Found, UUID]:
    """Return a page of a book's people, all of them where nothing is asked for.

    Raises:
        PageSizeRefused: outside what a page holds.
    """
    words = sorted(search_key(query[:QUERY_LENGTH_MAX]).split()[:WORD_COUNT_MAX], key=len, reverse=True)
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "kind": kind, "after_id": after or _FIRST}
    searched = {
        f"word_{place}": f" {word}" if word else ""
        for place, word in enumerate([*words, *[""] * (WORD_COUNT_MAX - len(words))])
    }
    rows = conn.execute(_FIND, {**asked, **searched, "limit": row_limit(page_size)}).mappings()
    found = [Found(**row) for row in rows]
    shown = tuple(found[:page_size])
    return Page(rows=shown, next_cursor=shown[-1].person_id if len(found) > page_size else None)


def same_names(conn: Connection, book: Book, names: Collection[str]) -> dict[str, list[Found]]:
    """Return by search key who is called alike, marks and capitals aside: they may be the same."""
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "search_keys": text_array({search_key(name) for name in names}),
        "limit": TWIN_COUNT_MAX * max(1, len(names)),
    }
    found: dict[str, list[Found]] = {}
    for row in conn.execute(_SAME_NAME, asked).mappings():
        facts = {name: value for name, value in row.items() if name != "search_key"}
        found.setdefault(row["search_key"], []).append(Found(**facts))
    return found
