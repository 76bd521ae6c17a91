"""Record gifts beside the entry that they make up: leaves, what the vault keeps, and then their rows.

Leaves and the vault's rows go in some thousand at a time, so that a list of a hundred thousand takes no more memory
than they do; the rows of the contributions themselves, which are small, in one statement, because its trigger looks at
all of them at once (``migrations/sql/0016_giving.sql``).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from audit.jcs import Json
from ledger import typeid
from ledger.books.event import Event, record_events
from ledger.books.model import Actor, Book, PostedEntry
from ledger.books.posting import BULK_SIZE_MIN
from ledger.books.tables import raise_refusal
from ledger.calendar import fiscal_year
from ledger.giving.code import new_codes
from ledger.giving.model import Collection, Gift, Recorded
from ledger.giving.rules import clean_donor
from ledger.giving.tie import Ties
from ledger.people.order import search_key, sort_key

CHUNK_SIZE: Final = 5_000
"""Gifts whose leaves travel in one statement: some three megabytes."""

_REPLAN: Final = text("DISCARD PLANS")

_KEEP: Final = text("""\
WITH giver AS (
    INSERT INTO vault.contributor (tenant_id, event_id, book_id, name, detail, search_key, sort_key, person_id)
    SELECT :tenant_id, g.event_id, :book_id, g.name, g.detail, g.search_key, g.sort_key, g.person_id
    FROM unnest(CAST(:giver_id AS uuid[]), CAST(:name AS text[]), CAST(:detail AS text[]), CAST(:search_key AS text[]),
        CAST(:sort_key AS text[]), CAST(:person_id AS uuid[]))
        AS g (event_id, name, detail, search_key, sort_key, person_id)
)
INSERT INTO vault.receipt_code (tenant_id, contribution_id, code)
SELECT :tenant_id, r.* FROM unnest(CAST(:contribution_id AS uuid[]), CAST(:code AS text[])) AS r""")

_INSERT: Final = text("""\
INSERT INTO soquy.contribution (tenant_id, book_id, seq, earmark, line_count, contribution_id, line, amount_minor,
    wish, has_donor, pledge_id, block_id, paper_number, paper_use)
SELECT :tenant_id, :book_id, :seq, CAST(:earmark AS text), :line_count, c.*
FROM unnest(CAST(:contribution_id AS uuid[]), CAST(:line AS integer[]), CAST(:amount_minor AS bigint[]),
    CAST(:wish AS text[]), CAST(:has_donor AS boolean[]), CAST(:pledge_id AS uuid[]), CAST(:block_id AS uuid[]),
    CAST(:paper_number AS integer[]), CAST(:paper_use AS smallint[])) AS c""")


def amount_text(amount_minor: int, currency: str) -> str:
    """Return the amount that a leaf commits to: in minor units, with its currency."""
    return f"{amount_minor} {currency}"


def donor_text(name: str, detail: str | None) -> str:
    """Return the giver that a leaf commits to: the name, and in a second line what tells two of that name apart."""
    return name if detail is None else f"{name}\n{detail}"


def record_gifts(
    conn: Connection,
    book: Book,
    collection: Collection,
    entry: PostedEntry,
    *,
    ties: Ties,
    recorded_at: str,
    actor: Actor,
) -> tuple[Recorded, ...]:
    """Record the gifts of an entry that this transaction has just posted; return their ids and codes, in order.

    Raises:
        RuleRefused: a rule of the database that the command had no reason to foresee.
    """
    gifts = collection.gifts
    is_bulk = len(gifts) >= BULK_SIZE_MIN
    if is_bulk:
        conn.execute(_REPLAN)
    ids = [typeid.new_id() for _ in gifts]
    codes = new_codes(len(gifts))
    at = datetime.fromisoformat(recorded_at).astimezone(UTC)
    year = fiscal_year(entry.entry_on)
    try:
        for start in range(0, len(gifts), CHUNK_SIZE):
            part = slice(start, start + CHUNK_SIZE)
            events = list(_events(collection, entry, ids[part], start=start))
            record_events(conn, book, events, actor=actor, recorded_at=at, fiscal_year=year)
            conn.execute(_KEEP, _kept(book, gifts[part], ids[part], codes[part]))
        conn.execute(_INSERT, _rows(book, collection, entry, ids, ties))
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    if is_bulk:
        conn.execute(_REPLAN)
    return tuple(Recorded(contribution_id=each, code=code) for each, code in zip(ids, codes, strict=True))


def _events(collection: Collection, entry: PostedEntry, ids: Sequence[UUID], *, start: int) -> Iterator[Event]:
    """Make the leaves: the entry, the line of so many, and commitments to what was given and by whom."""
    common: Mapping[str, Json] = {
        "entry": typeid.encode(typeid.ENTRY, entry.entry_id),
        "of": len(collection.gifts),
        "earmark": collection.earmark,
    }
    for index, event_id in enumerate(ids, start=start):
        gift = collection.gifts[index]
        private = {"amount": amount_text(gift.amount_minor, collection.currency)}
        donor = clean_donor(gift)
        if donor is not None:
            private["donor"] = donor_text(*donor)
        if gift.pledge_id is not None:
            private["pledge"] = typeid.encode(typeid.PLEDGE, gift.pledge_id)
        paper: Json = None if gift.paper is None else [gift.paper.series, gift.paper.number]
        payload: dict[str, Json] = {**common, "line": index + 1, "wish": gift.wish, "paper": paper}
        yield Event(event_id=event_id, type="contribution.recorded", payload=payload, private=private)


def _kept(book: Book, gifts: Sequence[Gift], ids: Sequence[UUID], codes: Sequence[str]) -> dict[str, object]:
    """Return what the vault keeps in plain: names, the keys to find and order them by, and codes."""
    givers = [
        (each, gift, donor)
        for each, gift, donor in zip(ids, gifts, map(clean_donor, gifts), strict=True)
        if donor is not None
    ]
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "giver_id": plain_array(each for each, _, _ in givers),
        "name": text_array(name for _, _, (name, _) in givers),
        "detail": text_array(detail for _, _, (_, detail) in givers),
        "search_key": text_array(search_key(name) for _, _, (name, _) in givers),
        "sort_key": text_array(sort_key(name) for _, _, (name, _) in givers),
        "person_id": plain_array(gift.person_id for _, gift, _ in givers),
        "contribution_id": plain_array(ids),
        "code": text_array(codes),
    }


def _rows(book: Book, collection: Collection, entry: PostedEntry, ids: Sequence[UUID], ties: Ties) -> dict[str, object]:
    gifts = collection.gifts
    slips = [ties.slips.get(index) for index in range(len(gifts))]
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "seq": entry.seq,
        "earmark": collection.earmark,
        "line_count": len(gifts),
        "contribution_id": plain_array(ids),
        "line": plain_array(range(1, len(gifts) + 1)),
        "amount_minor": plain_array(map(attrgetter("amount_minor"), gifts)),
        "wish": text_array(map(attrgetter("wish"), gifts)),
        "has_donor": plain_array(gift.donor is not None for gift in gifts),
        "pledge_id": plain_array(map(attrgetter("pledge_id"), gifts)),
        "block_id": plain_array(slip and slip.block_id for slip in slips),
        "paper_number": plain_array(gift.paper and gift.paper.number for gift in gifts),
        "paper_use": plain_array(slip and slip.use for slip in slips),
    }
