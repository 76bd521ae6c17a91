"""Find who may be giving, by how the words of their names begin: givers of before, and people of the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.money import VND
from ledger.people.order import search_key
from ledger.people.search import Found, search_people

WORD_COUNT_MAX: Final = 6
QUERY_LENGTH_MIN: Final = 2
LOOKED_AT_MAX: Final = 400
"""Gifts of a name that are looked at; of somebody who gave more often, the last ones."""

# Every word that was typed begins a word of the name: the names stand with a space before each word.
_GIVERS: Final = text(f"""\
WITH found AS MATERIALIZED (
    SELECT g.event_id, g.name, g.detail, g.search_key, g.person_id
    FROM vault.contributor AS g
    WHERE g.tenant_id = :tenant_id AND g.book_id = :book_id
        {"".join(f"AND strpos(' ' || g.search_key, :word_{place}) > 0 " for place in range(WORD_COUNT_MAX))}
    ORDER BY g.event_id DESC
    LIMIT :looked_at
), latest AS (
    SELECT DISTINCT ON (f.search_key, coalesce(f.detail, ''), who.person_id) f.name, f.detail, who.person_id, c.seq,
        c.amount_minor, e.entry_on, (
            SELECT max(p.currency) FROM soquy.posting AS p WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id
                AND p.seq = e.seq AND p.entry_on = e.entry_on) AS currency
    FROM found AS f
    JOIN soquy.contribution AS c ON c.tenant_id = :tenant_id AND c.contribution_id = f.event_id
    JOIN soquy.entry AS e ON e.tenant_id = c.tenant_id AND e.book_id = c.book_id AND e.seq = c.seq
    LEFT JOIN LATERAL (
        SELECT coalesce(p.merged_into, p.person_id) AS person_id FROM vault.person AS p
        WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.person_id = f.person_id
    ) AS who ON true
    WHERE c.amount_minor IS NOT NULL
    ORDER BY f.search_key, coalesce(f.detail, ''), who.person_id, c.seq DESC
)
SELECT name, detail, person_id, amount_minor, entry_on, currency FROM latest ORDER BY seq DESC LIMIT :count""")  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGift:
    """What somebody gave last."""

    amount_minor: int
    currency: str
    given_on: date

    @property
    def is_vnd(self) -> bool:
        """Tell whether it was in đồng."""
        return self.currency == VND


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Somebody who may be giving: ``last`` where they gave before, ``person_id`` where they are on the register.

    ``kind`` and ``birth_year`` tell those of the register apart who never gave.
    """

    name: str
    detail: str | None = None
    person_id: UUID | None = None
    last: LastGift | None = None
    kind: str | None = None
    birth_year: int | None = None


def suggest_donors(conn: Connection, book: Book, typed: str, *, count: int) -> tuple[Suggestion, ...]:
    """Return those whose names begin as what is typed; none for less than two letters.

    Givers come first, the last to give before all; of what is shown the register's people have half, if there are as
    many who never gave.
    """
    words = search_key(typed).split()[:WORD_COUNT_MAX]
    if len("".join(words)) < QUERY_LENGTH_MIN:
        return ()
    givers = _givers(conn, book, words, count)
    known = {each.person_id for each in givers}
    others = [each for each in search_people(conn, book, typed, page_size=count).rows if each.person_id not in known]
    kept = givers[: count - min(len(others), count // 2)]
    return (*kept, *(_of_register(each) for each in others[: count - len(kept)]))


def _givers(conn: Connection, book: Book, words: Sequence[str], count: int) -> tuple[Suggestion, ...]:
    asked: dict[str, object] = {f"word_{place}": "" for place in range(WORD_COUNT_MAX)}
    asked |= {f"word_{place}": f" {word}" for place, word in enumerate(words)}
    asked |= {"tenant_id": book.tenant_id, "book_id": book.book_id, "looked_at": LOOKED_AT_MAX, "count": count}
    return tuple(
        Suggestion(
            name=row.name,
            detail=row.detail,
            person_id=row.person_id,
            last=LastGift(amount_minor=row.amount_minor, currency=row.currency, given_on=row.entry_on),
        )
        for row in conn.execute(_GIVERS, asked)
    )


def _of_register(found: Found) -> Suggestion:
    return Suggestion(name=found.name, person_id=found.person_id, kind=found.kind, birth_year=found.birth_year)
