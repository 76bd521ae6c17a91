"""Make the rows of what was given again from the leaves of the public log.

A leaf has neither amounts of lists nor names, so a contribution comes back with its place, its wish and its ties, and
without what it was: ``amount_minor`` is known only of a gift that is an entry by itself. Whoever holds their own
receipt can still open it. Codes of receipts are lost, as are how much was promised and by which gifts it was fulfilled;
drafts, which no leaf tells of, are gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from audit.columns import packed_bytes, plain_array, text_array
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home, seq_of
from ledger.books.tables import insert_row
from ledger.money import VND

BATCH_SIZE: Final = 2_000

_INSERT: Final = text("""\
WITH leaf AS (
    INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, recorded_at, leaf)
    SELECT :tenant_id, a.event_id, 'contribution.recorded', CAST(:association_id AS uuid), :book_id, a.recorded_at,
        substring(CAST(:leaf_bytes AS bytea) FROM a.start FOR a.size)
    FROM unnest(CAST(:event_id AS uuid[]), CAST(:recorded_at AS timestamptz[]), CAST(:leaf_start AS integer[]),
        CAST(:leaf_size AS integer[])) AS a (event_id, recorded_at, start, size)
)
INSERT INTO soquy.contribution (tenant_id, book_id, seq, contribution_id, line, line_count, wish, has_donor, earmark,
    recorded_at, amount_minor, block_id, paper_number, paper_use)
SELECT :tenant_id, :book_id, e.seq, c.event_id, c.line, c.line_count, c.wish, c.has_donor, c.earmark, c.recorded_at,
    CASE WHEN c.line_count = 1 THEN (
        SELECT - sum(p.amount_minor) FROM soquy.posting AS p
        WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq AND p.entry_on = e.entry_on
            AND p.channel IS NOT NULL) END,
    k.block_id, c.paper_number,
    CASE WHEN k.block_id IS NOT NULL THEN 1 + (
        SELECT count(*) FROM soquy.contribution AS used
        WHERE used.tenant_id = :tenant_id AND used.block_id = k.block_id AND used.paper_number = c.paper_number) END
FROM unnest(CAST(:event_id AS uuid[]), CAST(:recorded_at AS timestamptz[]), CAST(:entry_id AS uuid[]),
    CAST(:line AS integer[]), CAST(:line_count AS integer[]), CAST(:wish AS text[]), CAST(:has_donor AS boolean[]),
    CAST(:earmark AS text[]), CAST(:series AS text[]), CAST(:paper_number AS integer[]))
    AS c (event_id, recorded_at, entry_id, line, line_count, wish, has_donor, earmark, series, paper_number)
JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.entry_id = c.entry_id
LEFT JOIN soquy.receipt_block AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.series = c.series
    AND c.paper_number BETWEEN k.first_number AND k.last_number""")


@dataclass(slots=True)
class GiftReplay:
    """The contributions of one book that wait to be written."""

    book: Book
    waiting: list[tuple[UUID, Leaf, bytes]] = field(default_factory=list)
    type: ClassVar[str] = "contribution.recorded"

    def add(self, conn: Connection, event_id: UUID, leaf: Leaf, data: bytes) -> None:
        """Take a contribution in, and write those before it where they are many."""
        self.waiting.append((event_id, leaf, data))
        if len(self.waiting) >= BATCH_SIZE:
            self.write(conn)

    def write(self, conn: Connection) -> None:
        """Write what waits; the transaction works in the book's tenant and has taken the book."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        payloads: list[Mapping[str, Any]] = [leaf.payload for _, leaf, _ in waiting]
        packed, start, size = packed_bytes([data for _, _, data in waiting])
        papers = [payload["paper"] or (None, None) for payload in payloads]
        conn.execute(
            _INSERT,
            {
                "tenant_id": self.book.tenant_id,
                "book_id": self.book.book_id,
                "association_id": self.book.association_id,
                "leaf_bytes": packed,
                "leaf_start": start,
                "leaf_size": size,
                "event_id": plain_array(event_id for event_id, _, _ in waiting),
                "recorded_at": plain_array(leaf.recorded_at.isoformat() for _, leaf, _ in waiting),
                "entry_id": plain_array(typeid.decode(typeid.ENTRY, payload["entry"]) for payload in payloads),
                "line": plain_array(payload["line"] for payload in payloads),
                "line_count": plain_array(payload["of"] for payload in payloads),
                "wish": text_array(payload["wish"] for payload in payloads),
                "has_donor": plain_array("donor" in leaf.private for _, leaf, _ in waiting),
                "earmark": text_array(payload["earmark"] for payload in payloads),
                "series": text_array(series for series, _ in papers),
                "paper_number": plain_array(number for _, number in papers),
            },
        )


def _earmark(conn: Connection, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    insert_row(conn, "earmark", {**home(book), **payload, "name_vi": payload["earmark"], "event_id": event_id})
    return str(payload["earmark"])


def _list(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {
        **home(book),
        "seq": seq_of(conn, book, payload["entry"]),
        "line_count": payload["lines"],
        "declared_count": payload["declared_lines"],
        "declared_minor": payload["declared_minor"],
        "source": payload["source"],
        "file_id": payload["file"] and typeid.decode(typeid.INTAKE, payload["file"]),
        "event_id": event_id,
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "collection", row)


def _correction(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    contribution_id = typeid.decode(typeid.CONTRIBUTION, payload["contribution"])
    row = {"contribution_id": contribution_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "donor_correction", {**home(book), **row})


_NUMBER: Final = text("""\
SELECT 1 + count(*) FROM soquy.pledge_correction WHERE tenant_id = :tenant_id AND contribution_id = :contribution_id""")


def _pledge_correction(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    contribution_id = typeid.decode(typeid.CONTRIBUTION, payload["contribution"])
    place = {"tenant_id": book.tenant_id, "contribution_id": contribution_id}
    number = conn.execute(_NUMBER, place).scalar_one()
    row = {"contribution_id": contribution_id, "number": number, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "pledge_correction", {**home(book), **row})


def _pledge(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {**payload, "pledge_id": event_id, "currency": VND, "recorded_at": leaf.recorded_at}
    insert_row(conn, "pledge", {**home(book), **row})


def _block(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    numbers = {"first_number": payload.pop("first"), "last_number": payload.pop("last")}
    row = {**payload, **numbers, "block_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "receipt_block", {**home(book), **row})
    return f"{payload['series']} {numbers['first_number']}-{numbers['last_number']}"


def _goods(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    seq = seq_of(conn, book, payload.pop("entry"))
    row = {**payload, "goods_id": event_id, "seq": seq, "recorded_at": leaf.recorded_at}
    insert_row(conn, "goods", {**home(book), **row})
    return typeid.encode(typeid.GOODS, event_id)


def _handover(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    seq, goods_id = seq_of(conn, book, payload.pop("entry")), typeid.decode(typeid.GOODS, payload.pop("goods"))
    row = {**payload, "goods_id": goods_id, "event_id": event_id, "seq": seq, "recorded_at": leaf.recorded_at}
    insert_row(conn, "goods_handover", {**home(book), **row})


def _closing(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {
        "tenant_id": book.tenant_id,
        "block_id": typeid.decode(typeid.BLOCK, payload["block"]),
        "returned_from": payload["returned_from"],
        **{f"{name}_count": payload[name] for name in ("used", "voided", "returned", "missing")},
        "event_id": event_id,
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "block_closing", row)


def _about(table: str, prefix: str, *, member: str, column: str) -> Maker:
    """Return the maker of a row that says something of another one, by its id."""

    def make(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
        named = {column: typeid.decode(prefix, payload.pop(member))}
        row = {"tenant_id": book.tenant_id, **named, **payload, "event_id": event_id, "recorded_at": leaf.recorded_at}
        insert_row(conn, table, row)

    return make


GIVING_MAKERS: Final[Mapping[str, Maker]] = {
    "earmark.opened": _earmark,
    "collection.recorded": _list,
    "contribution.donor_corrected": _correction,
    "contribution.pledge_corrected": _pledge_correction,
    "pledge.recorded": _pledge,
    "pledge.cancelled": _about("pledge_cancellation", typeid.PLEDGE, member="pledge", column="pledge_id"),
    "block.issued": _block,
    "block.number_voided": _about("block_void", typeid.BLOCK, member="block", column="block_id"),
    "block.closed": _closing,
    "goods.received": _goods,
    "goods.withdrawn": _about("goods_withdrawal", typeid.GOODS, member="goods", column="goods_id"),
    "goods.handed_over": _handover,
    "goods.handover_undone": _about(
        "goods_handover_undoing", typeid.EVENT, member="handover", column="handover_event_id"
    ),
}
