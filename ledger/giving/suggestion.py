"""Find those who gave to a book before, by the beginnings of the words of their names."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.money import VND
from ledger.people.order import search_key

WORD_COUNT_MAX: Final = 6
QUERY_LENGTH_MIN: Final = 2
LOOKED_AT_MAX: Final = 400
"""Gifts of a name that are looked at; of somebody who gave more often, the last ones."""

# Every word that was typed begins a word of the name: the names stand with a space before each word.
_SUGGEST: Final = text(f"""\
WITH found AS MATERIALIZED (
    SELECT g.event_id, g.name, g.detail, g.search_key
    FROM vault.contributor AS g
    WHERE g.tenant_id = :tenant_id AND g.book_id = :book_id
        {"".join(f"AND strpos(' ' || g.search_key, :word_{place}) > 0 " for place in range(WORD_COUNT_MAX))}
    ORDER BY g.event_id DESC
    LIMIT :looked_at
), latest AS (
    SELECT DISTINCT ON (f.search_key, coalesce(f.detail, '')) f.name, f.detail, c.seq, c.amount_minor, e.entry_on,
        (SELECT max(p.currency) FROM soquy.posting AS p WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id
            AND p.seq = e.seq AND p.entry_on = e.entry_on) AS currency
    FROM found AS f
    JOIN soquy.contribution AS c ON c.tenant_id = :tenant_id AND c.contribution_id = f.event_id
    JOIN soquy.entry AS e ON e.tenant_id = c.tenant_id AND e.book_id = c.book_id AND e.seq = c.seq
    WHERE c.amount_minor IS NOT NULL
    ORDER BY f.search_key, coalesce(f.detail, ''), c.seq DESC
)
SELECT name, detail, amount_minor, entry_on, currency FROM latest ORDER BY seq DESC LIMIT :count""")  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Somebody who gave before, and what they gave last."""

    name: str
    detail: str | None
    amount_minor: int
    currency: str
    given_on: date

    @property
    def is_vnd(self) -> bool:
        """Tell whether the last gift was in đồng."""
        return self.currency == VND


def suggest_donors(conn: Connection, book: Book, typed: str, *, count: int) -> tuple[Suggestion, ...]:
    """Return those whose names begin as what is typed, the last to give first; none for less than two letters."""
    words = search_key(typed).split()[:WORD_COUNT_MAX]
    if len("".join(words)) < QUERY_LENGTH_MIN:
        return ()
    asked: dict[str, object] = {f"word_{place}": "" for place in range(WORD_COUNT_MAX)}
    asked |= {f"word_{place}": f" {word}" for place, word in enumerate(words)}
    asked |= {"tenant_id": book.tenant_id, "book_id": book.book_id, "looked_at": LOOKED_AT_MAX, "count": count}
    return tuple(
        Suggestion(
            name=row.name,
            detail=row.detail,
            amount_minor=row.amount_minor,
            currency=row.currency,
            given_on=row.entry_on,
        )
        for row in conn.execute(_SUGGEST, asked)
    )
