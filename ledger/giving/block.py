"""Books of paper receipts: numbered by a printer, carried by a collector, and accounted for slip by slip.

A slip is used by the contribution that carries its number, void by its own leaf, or blank. When its book comes back,
the blank ones at its end were returned, and any other is missing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit.jcs import Json
from ledger import typeid
from ledger.access.member import find_member
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import CodeRefused, FieldRefused, LedgerError
from ledger.giving.known_person import check_person
from ledger.giving.model import NAME_LENGTH_MAX, REASON_LENGTH_MAX
from ledger.giving.rules import match_code
from ledger.people.sealing import SLIP
from ledger.text import clean_text

BLOCK_SIZE_MAX: Final = 10_000
NUMBER_MAX: Final = 999_999_999

SlipState = Literal["used", "reversed", "void", "blank", "returned", "missing"]


class BlockNotFound(LedgerError):
    """The book has no such block of receipts."""

    code = "block_not_found"


class BlockClosed(LedgerError):
    """It was handed back and counted."""

    code = "block_closed"


class BlockOverlaps(LedgerError):
    """Numbers of this series are of another block; carries its first and last."""

    code = "block_overlaps"


class SlipNotVoidable(LedgerError):
    """It stands for a gift, was voided before, or is none of the block's; ``reason`` says which."""

    code = "slip_not_voidable"


class BlockCountRefused(LedgerError):
    """A slip from the number named on is used or void, so it can't have come back blank."""

    code = "block_count_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who carries a block: a name, and who that is where the service knows them."""

    name: str
    user_id: UUID | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCount:
    """How many slips of a block are what; ``blank`` ones are missing or returned once the block is closed."""

    used: int
    voided: int
    blank: int
    returned: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A book of paper receipts."""

    block_id: UUID
    series: str
    first_number: int
    last_number: int
    issued_on: date
    holder: Holder | None
    is_closed: bool
    returned_from: int | None
    count: BlockCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One number of a block, and what became of it."""

    number: int
    state: SlipState
    contribution_id: UUID | None


_BLOCKS: Final = """\
SELECT k.block_id, k.series, k.first_number, k.last_number, k.issued_on, h.name, h.user_id, h.person_id,
    x.block_id IS NOT NULL AS is_closed, x.returned_from, c.used_count, c.voided_count,
    coalesce(x.returned_count, 0) AS returned_count, coalesce(x.missing_count, 0) AS missing_count
FROM soquy.receipt_block AS k
LEFT JOIN vault.block_holder AS h USING (tenant_id, block_id)
LEFT JOIN soquy.block_closing AS x USING (tenant_id, block_id)
CROSS JOIN LATERAL soquy.count_block(k.tenant_id, k.block_id, NULL) AS c
WHERE k.tenant_id = :tenant_id AND k.book_id = :book_id"""
_ALL: Final = text(f"{_BLOCKS} ORDER BY k.series, k.first_number LIMIT 1000")
_ONE: Final = text(f"{_BLOCKS} AND k.block_id = :block_id")

# A number may have been used by several contributions, of which all but the last were taken back.
_SLIPS: Final = text("""\
SELECT n.number, v.number IS NOT NULL AS is_void, g.contribution_id, g.is_reversed
FROM soquy.receipt_block AS k
CROSS JOIN LATERAL generate_series(k.first_number, k.last_number) AS n (number)
LEFT JOIN soquy.block_void AS v ON v.tenant_id = k.tenant_id AND v.block_id = k.block_id AND v.number = n.number
LEFT JOIN LATERAL (
    SELECT c.contribution_id, EXISTS (SELECT FROM soquy.entry AS r WHERE r.tenant_id = c.tenant_id
        AND r.book_id = c.book_id AND r.corrects_seq = c.seq AND r.kind = 'reversal') AS is_reversed
    FROM soquy.contribution AS c
    WHERE c.tenant_id = k.tenant_id AND c.block_id = k.block_id AND c.paper_number = n.number
    ORDER BY c.paper_use DESC LIMIT 1
) AS g ON true
WHERE k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.block_id = :block_id
ORDER BY n.number""")

_OVERLAP: Final = text("""\
SELECT first_number, last_number FROM soquy.receipt_block
WHERE tenant_id = :tenant_id AND book_id = :book_id AND series = :series
    AND first_number <= :last AND :first <= last_number
ORDER BY first_number LIMIT 1""")
_HOLD: Final = text("""\
INSERT INTO vault.block_holder (tenant_id, block_id, name, user_id, person_id)
VALUES (:tenant_id, :block_id, :name, :user_id, :person_id)""")
_COUNT: Final = text("""\
SELECT used_count, voided_count, is_touched FROM soquy.count_block(:tenant_id, :block_id, :returned_from)""")


def issue_block(
    conn: Connection,
    book: Book,
    *,
    series: str,
    first_number: int,
    last_number: int,
    holder: Holder,
    issued_on: date,
    actor: Actor,
) -> UUID:
    """Give a book of paper receipts to whoever collects with it; return its id.

    Raises:
        CodeRefused: a series is up to twenty of A–Z, 0–9 and ``-``.
        FieldRefused: the numbers run backwards, or are more than ten thousand.
        BlockOverlaps: a number of this series is of another block.
        TextRefused: the holder's name.
        PersonNotFound: the book's register has no such person.
        MemberNotFound: no user of this id has a role in the association.
    """
    if not match_code(series):
        raise CodeRefused(field="series", value=series[:40])
    if not 1 <= first_number <= last_number <= min(first_number + BLOCK_SIZE_MAX - 1, NUMBER_MAX):
        raise FieldRefused(field="last_number", rule="receipt_block_numbers_range_check")
    name = clean_text(holder.name, field="holder", length_max=NAME_LENGTH_MAX)
    take_book(conn, book)
    check_person(conn, book, holder.person_id)
    if holder.user_id is not None:
        find_member(conn, book, holder.user_id)
    asked = {**_key(book), "series": series, "first": first_number, "last": last_number}
    other = conn.execute(_OVERLAP, asked).one_or_none()
    if other is not None:
        raise BlockOverlaps(series=series, first_number=other.first_number, last_number=other.last_number)
    payload: dict[str, Json] = {
        "series": series,
        "first": first_number,
        "last": last_number,
        "issued_on": str(issued_on),
    }
    block_id = record_event(conn, book, "block.issued", payload, actor=actor, private={"holder": name}, retention=SLIP)
    held = {"name": name, "user_id": holder.user_id, "person_id": holder.person_id}
    conn.execute(_HOLD, {"tenant_id": book.tenant_id, "block_id": block_id, **held})
    row = {
        **_key(book),
        "block_id": block_id,
        "series": series,
        "first_number": first_number,
        "last_number": last_number,
        "issued_on": issued_on,
    }
    insert_row(conn, "receipt_block", row)
    return block_id


def void_slip(conn: Connection, book: Book, block_id: UUID, number: int, *, reason: str, actor: Actor) -> None:
    """Void a slip that was spoilt; its number stays used.

    Raises:
        BlockNotFound, BlockClosed: no block that slips are voided in.
        SlipNotVoidable: says why.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    take_book(conn, book)
    _open_block(conn, book, block_id)
    state = next((slip.state for slip in slips(conn, book, block_id) if slip.number == number), None)
    if state not in {"blank", "reversed"}:
        raise SlipNotVoidable(number=number, reason="unknown" if state is None else state)
    payload: dict[str, Json] = {"block": typeid.encode(typeid.BLOCK, block_id), "number": number}
    event_id = record_event(
        conn, book, "block.number_voided", payload, actor=actor, private={"reason": reason}, retention=SLIP
    )
    row = {"tenant_id": book.tenant_id, "block_id": block_id, "number": number, "event_id": event_id}
    insert_row(conn, "block_void", row)


def close_block(conn: Connection, book: Book, block_id: UUID, *, returned_from: int | None, actor: Actor) -> BlockCount:
    """Take a block back and count it: from ``returned_from`` on its slips are there and blank.

    Raises:
        BlockNotFound, BlockClosed: no block that can be closed.
        FieldRefused: the number is none of the block's.
        BlockCountRefused: a slip from that number on is used or void.
    """
    take_book(conn, book)
    block = _open_block(conn, book, block_id)
    if returned_from is not None and not block.first_number <= returned_from <= block.last_number:
        raise FieldRefused(field="returned_from", rule="block_closing_count_rule")
    asked = {"tenant_id": book.tenant_id, "block_id": block_id, "returned_from": returned_from}
    counted = conn.execute(_COUNT, asked).one()
    if counted.is_touched:
        raise BlockCountRefused(field="returned_from", number=returned_from)
    returned = 0 if returned_from is None else block.last_number - returned_from + 1
    size = block.last_number - block.first_number + 1
    missing = size - counted.used_count - counted.voided_count - returned
    told = {"used": counted.used_count, "voided": counted.voided_count, "returned": returned, "missing": missing}
    payload: dict[str, Json] = {"block": typeid.encode(typeid.BLOCK, block_id), "returned_from": returned_from, **told}
    event_id = record_event(conn, book, "block.closed", payload, actor=actor, retention=SLIP)
    row = {**asked, "event_id": event_id, **{f"{name}_count": count for name, count in told.items()}}
    insert_row(conn, "block_closing", row)
    return BlockCount(blank=returned + missing, **told)


def blocks(conn: Connection, book: Book) -> tuple[Block, ...]:
    """Return the books of paper receipts of a book, by series and number."""
    return tuple(_block(row) for row in conn.execute(_ALL, _key(book)))


def block_by_id(conn: Connection, book: Book, block_id: UUID) -> Block:
    """Return a block of a book.

    Raises:
        BlockNotFound: the book has no such block.
    """
    row = conn.execute(_ONE, {**_key(book), "block_id": block_id}).one_or_none()
    if row is None:
        raise BlockNotFound(block=typeid.encode(typeid.BLOCK, block_id))
    return _block(row)


def slips(conn: Connection, book: Book, block_id: UUID) -> tuple[Slip, ...]:
    """Return a block number by number.

    Raises:
        BlockNotFound: the book has no such block.
    """
    block = block_by_id(conn, book, block_id)
    rows = conn.execute(_SLIPS, {**_key(book), "block_id": block_id})
    return tuple(Slip(number=row.number, state=_state(block, row), contribution_id=row.contribution_id) for row in rows)


def _state(block: Block, row: Row[Any]) -> SlipState:
    if row.is_void:
        return "void"
    if row.contribution_id is not None:
        return "reversed" if row.is_reversed else "used"
    if not block.is_closed:
        return "blank"
    return "missing" if block.returned_from is None or row.number < block.returned_from else "returned"


def _open_block(conn: Connection, book: Book, block_id: UUID) -> Block:
    block = block_by_id(conn, book, block_id)
    if block.is_closed:
        raise BlockClosed(block=typeid.encode(typeid.BLOCK, block_id))
    return block


def _block(row: Row[Any]) -> Block:
    blank = row.last_number - row.first_number + 1 - row.used_count - row.voided_count
    return Block(
        block_id=row.block_id,
        series=row.series,
        first_number=row.first_number,
        last_number=row.last_number,
        issued_on=row.issued_on,
        holder=None if row.name is None else Holder(name=row.name, user_id=row.user_id, person_id=row.person_id),
        is_closed=row.is_closed,
        returned_from=row.returned_from,
        count=BlockCount(
            used=row.used_count,
            voided=row.voided_count,
            blank=blank,
            returned=row.returned_count,
            missing=row.missing_count,
        ),
    )


def _key(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
