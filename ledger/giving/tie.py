"""Look up what gifts name: earmark, people, pledges, and slips of paper receipts; each kind in one statement.

The book is taken, so what is found here stays as it is until the gifts are recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit.columns import plain_array, text_array
from ledger import typeid
from ledger.books.model import Book
from ledger.errors import Fault, Value
from ledger.giving.known_person import unknown_people
from ledger.giving.model import Collection

_EARMARK: Final = text("""\
SELECT fund, opened_on, closed_on FROM soquy.earmark
WHERE tenant_id = :tenant_id AND book_id = :book_id AND earmark = :earmark""")

_PLEDGES: Final = text("""\
SELECT p.pledge_id, p.currency, c.pledge_id IS NOT NULL AS is_cancelled
FROM soquy.pledge AS p
LEFT JOIN soquy.pledge_cancellation AS c USING (tenant_id, pledge_id)
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.pledge_id = ANY (CAST(:pledge_ids AS uuid[]))""")

_SLIPS: Final = text("""\
SELECT asked.place, k.block_id, c.block_id IS NOT NULL AS is_closed, v.block_id IS NOT NULL AS is_void,
    used.size AS use_count, used.is_used
FROM unnest(CAST(:series AS text[]), CAST(:numbers AS integer[])) WITH ORDINALITY AS asked (series, number, place)
JOIN soquy.receipt_block AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.series = asked.series
    AND asked.number BETWEEN k.first_number AND k.last_number
LEFT JOIN soquy.block_closing AS c ON c.tenant_id = k.tenant_id AND c.block_id = k.block_id
LEFT JOIN soquy.block_void AS v ON v.tenant_id = k.tenant_id AND v.block_id = k.block_id AND v.number = asked.number
CROSS JOIN LATERAL (
    SELECT count(*) AS size, coalesce(bool_or(r.seq IS NULL), false) AS is_used
    FROM soquy.contribution AS g
    LEFT JOIN soquy.entry AS r ON r.tenant_id = g.tenant_id AND r.book_id = g.book_id AND r.corrects_seq = g.seq
        AND r.kind = 'reversal'
    WHERE g.tenant_id = k.tenant_id AND g.block_id = k.block_id AND g.paper_number = asked.number
) AS used""")


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that a gift uses: its block, and the how manieth use of its number this is."""

    block_id: UUID
    use: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What was found of a collection's names, and what is wrong with them; slips by the gift's place."""

    faults: tuple[Fault, ...] = ()
    slips: dict[int, Slip] = field(default_factory=dict)


def find_ties(conn: Connection, book: Book, collection: Collection) -> Ties:
    """Find the earmark, the people, the pledges and the slips that a collection names; none named is no statement."""
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    faults = [
        *_earmark_faults(conn, key, collection),
        *_person_faults(conn, book, collection),
        *_pledge_faults(conn, key, collection),
    ]
    slips, more = _find_slips(conn, key, collection)
    return Ties(faults=(*faults, *more), slips=slips)


def _earmark_faults(conn: Connection, key: dict[str, int], collection: Collection) -> Iterator[Fault]:
    code = collection.earmark
    if code is None:
        return
    found = conn.execute(_EARMARK, {**key, "earmark": code}).one_or_none()
    fields: dict[str, Value] = {"earmark": code, "day": str(collection.received_on)}
    if found is None:
        yield Fault(code="earmark_unknown", field="earmark", fields=fields)
    elif found.fund != collection.fund:
        yield Fault(code="earmark_fund", field="earmark", fields={**fields, "fund": found.fund})
    elif not (
        found.opened_on <= collection.received_on
        and (found.closed_on or collection.received_on) >= collection.received_on
    ):
        yield Fault(code="earmark_not_open", field="earmark", fields=fields)


def _person_faults(conn: Connection, book: Book, collection: Collection) -> Iterator[Fault]:
    named = [(index, gift.person_id) for index, gift in enumerate(collection.gifts) if gift.person_id is not None]
    unknown = unknown_people(conn, book, {person_id for _, person_id in named})
    for index, person_id in named:
        if person_id in unknown:
            fields: dict[str, Value] = {"person": typeid.encode(typeid.PERSON, person_id)}
            yield Fault(code="person_not_found", line=index, field="person", fields=fields)


def _pledge_faults(conn: Connection, key: dict[str, int], collection: Collection) -> Iterator[Fault]:
    named = [(index, gift.pledge_id) for index, gift in enumerate(collection.gifts) if gift.pledge_id is not None]
    if not named:
        return
    asked = {**key, "pledge_ids": plain_array({pledge_id for _, pledge_id in named})}
    found = {row.pledge_id: row for row in conn.execute(_PLEDGES, asked)}
    for index, pledge_id in named:
        row = found.get(pledge_id)
        fields: dict[str, Value] = {"pledge": typeid.encode(typeid.PLEDGE, pledge_id)}
        if row is None:
            yield Fault(code="pledge_not_found", line=index, field="pledge", fields=fields)
        elif row.is_cancelled:
            yield Fault(code="pledge_cancelled", line=index, field="pledge", fields=fields)
        elif row.currency != collection.currency:
            fields |= {"currency": row.currency}
            yield Fault(code="pledge_currency", line=index, field="pledge", fields=fields)


def _find_slips(conn: Connection, key: dict[str, int], collection: Collection) -> tuple[dict[int, Slip], list[Fault]]:
    named = [(index, gift.paper) for index, gift in enumerate(collection.gifts) if gift.paper is not None]
    if not named:
        return {}, []
    asked = {
        **key,
        "series": text_array(paper.series for _, paper in named),
        "numbers": plain_array(paper.number for _, paper in named),
    }
    found = {row.place: row for row in conn.execute(_SLIPS, asked)}
    slips, faults = {}, []
    for place, (index, paper) in enumerate(named, start=1):
        row = found.get(place)
        code = _slip_fault(row)
        if code is not None:
            fields: dict[str, Value] = {"series": paper.series, "number": paper.number}
            faults.append(Fault(code=code, line=index, field="paper", fields=fields))
        elif row is not None:
            slips[index] = Slip(row.block_id, row.use_count + 1)
    return slips, faults


def _slip_fault(row: Row[Any] | None) -> str | None:
    if row is None:
        return "paper_unknown"
    if row.is_used:
        return "paper_used"
    if row.is_void:
        return "paper_void"
    return "paper_closed" if row.is_closed else None
