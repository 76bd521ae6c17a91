"""Post a file, and take it back: one entry, one voucher, a contribution for every row that is a gift.

Posting is one transaction: the entry with its contributions (``ledger/giving``), the leaf that says which file it was
and commits to its bytes, the row that names both, and the end of the job. Whatever is killed, a file is posted once or
not at all. From then on names and amounts are the contributions'; what the file's own tables had is forgotten, but for
the digests by which the same rows are recognised in a later file.

The leaves::

    intake.posted     {"entry": en_…, "file": in_…, "rows": gifts, "total": đồng}, one document of kind "list"
    intake.reversed   {"entry": en_… of the reversal, "file": in_…}, the reason committed to
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array
from audit.jcs import Json
from ledger import typeid
from ledger.books.commands import reverse_entry
from ledger.books.event import record_event
from ledger.books.model import Actor, Book, PostedEntry
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.documents.attachment import attach_document
from ledger.documents.store import document_by_id
from ledger.errors import Fault
from ledger.giving.commands import receive
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import Collection, Gift, Paper
from ledger.intake.alike import posted_since
from ledger.intake.commands import change, clear, collection_of, open_intake
from ledger.intake.judging import DIGEST_SIZE
from ledger.intake.model import REASON_LENGTH_MAX, Facts, Intake
from ledger.intake.queries import receipt
from ledger.text import clean_text

_GIFTS: Final = text("""\
SELECT row, name, detail, amount_minor, paper_number, is_anonymous, digest
FROM vault.intake_line
WHERE tenant_id = :tenant_id AND intake_id = :intake_id AND verdict IN ('ok', 'warning') AND NOT is_left_out
ORDER BY row""")

_LEFT_OUT: Final = text("""\
SELECT count(*) FROM vault.intake_line
WHERE tenant_id = :tenant_id AND intake_id = :intake_id AND is_left_out""")

_DIGESTS: Final = text("""\
INSERT INTO vault.intake_digest (tenant_id, intake_id, book_id, digests)
VALUES (:tenant_id, :intake_id, :book_id, :digests)""")


class RowsPosted(CollectionRefused):
    """Rows of the list were posted from another file since somebody looked at it."""

    def __init__(self, row_count: int) -> None:
        super().__init__([Fault(code="intake_rows_posted", fields={"count": row_count})])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gifts:
    """The gifts of a file in its order: their rows in the file, and what recognises them again."""

    gifts: tuple[Gift, ...]
    rows: tuple[int, ...]
    digests: bytes

    @property
    def recognised(self) -> frozenset[bytes]:
        """The digests, each for itself."""
        return frozenset(self.digests[at : at + DIGEST_SIZE] for at in range(0, len(self.digests), DIGEST_SIZE))


def read_gifts(conn: Connection, book: Book, found: Intake) -> Gifts:
    """Return what a mapped file would post."""
    place = {"tenant_id": book.tenant_id, "intake_id": found.intake_id}
    series = found.facts and found.facts.paper_series
    gifts, rows, digests = [], [], []
    for row in conn.execute(_GIFTS, place):
        gifts.append(
            Gift(
                donor=row.name,
                amount_minor=row.amount_minor,
                detail=row.detail or None,
                wish="anonymous" if row.is_anonymous else "named",
                paper=Paper(series=series, number=int(row.paper_number)) if series and row.paper_number else None,
            )
        )
        rows.append(row.row)
        digests.append(bytes(row.digest))
    return Gifts(gifts=tuple(gifts), rows=tuple(rows), digests=b"".join(sorted(digests)))


def full_collection(found: Intake, facts: Facts, gifts: Sequence[Gift]) -> Collection:
    """Return what giving takes of a whole file, with what was declared of it."""
    return replace(
        collection_of(found.intake_id, facts, gifts),
        declared=facts.declared(len(gifts)),
        difference_reason=facts.difference_reason,
    )


def post_file(
    conn: Connection,
    book: Book,
    intake_id: UUID,
    *,
    actor: Actor,
    watched: Callable[[Sequence[Gift]], Sequence[Gift]] = lambda gifts: gifts,
) -> Intake:
    """Post a file that was handed over; one that is posted already is returned as it is.

    ``watched`` may wrap the gifts, to see how far they are.

    Raises:
        CollectionRefused: the book does not take it; every fault.
        RowsPosted: another file with the same rows came first, and nobody was shown it.
        IntakeNotFound, IntakeStepRefused: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, None, states=frozenset({"posting", "posted", "reversed"}))
    if found.state != "posting" or found.facts is None:
        return found
    if receipt(conn, book, intake_id) is not None:  # made again from the log, which remembered what a backup did not
        return _settle(conn, book, found, actor)
    place = {"tenant_id": book.tenant_id, "intake_id": intake_id}
    read = read_gifts(conn, book, found)
    take_book(conn, book)  # of two lists at once the second sees the first
    _check_alike(conn, book, found, read)
    received = receive(conn, book, full_collection(found, found.facts, watched(read.gifts)), actor=actor)
    total_minor = sum(gift.amount_minor for gift in read.gifts)
    event_id = _record_posted(conn, book, found, received.entry, read, total_minor=total_minor, actor=actor)
    row = {
        **place,
        "book_id": book.book_id,
        "seq": received.entry.seq,
        "row_count": len(read.rows),
        "total_minor": total_minor,
        "rows": plain_array(read.rows),
        "left_out_count": conn.execute(_LEFT_OUT, place).scalar_one(),
        "event_id": event_id,
    }
    insert_row(conn, "intake_posting", row)
    conn.execute(_DIGESTS, {**place, "book_id": book.book_id, "digests": read.digests})
    attach_document(conn, book, found.document_id, target_id=received.entry.entry_id, kind="list", actor=actor)
    return _settle(conn, book, found, actor)


def _check_alike(conn: Connection, book: Book, found: Intake, read: Gifts) -> None:
    common = posted_since(conn, book, found.intake_id, read.recognised, seen_seq=found.seen_seq)
    if common:
        raise RowsPosted(common)


def _settle(conn: Connection, book: Book, found: Intake, actor: Actor) -> Intake:
    """Say that a file is posted, and forget what its own tables had of it."""
    posted = change(conn, book, found, actor, state="posted", problem=None)
    clear(conn, book, found.intake_id, with_pages=True)
    return posted


def _record_posted(
    conn: Connection,
    book: Book,
    found: Intake,
    entry: PostedEntry,
    read: Gifts,
    *,
    total_minor: int,
    actor: Actor,
) -> UUID:
    document = document_by_id(conn, book, found.document_id)
    payload: dict[str, Json] = {
        "entry": typeid.encode(typeid.ENTRY, entry.entry_id),
        "file": typeid.encode(typeid.INTAKE, found.intake_id),
        "rows": len(read.rows),
        "total": total_minor,
    }
    return record_event(conn, book, "intake.posted", payload, actor=actor, documents=[("list", document.sha256.hex())])


def reverse_file(conn: Connection, book: Book, intake_id: UUID, *, on: date, reason: str, actor: Actor) -> PostedEntry:
    """Take a whole file back: the mirror of its entry in an open month, and the leaf that says so.

    Raises:
        AlreadyReversed: its entry was reversed before; carries the reversal's seq.
        PostingRefused: the month of ``on`` is locked, or what came in has been spent since.
        IntakeNotFound, IntakeStepRefused: as ``open_intake``.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    found = open_intake(conn, book, intake_id, None, states=frozenset({"posted"}))
    posting = receipt(conn, book, intake_id)
    assert posting is not None
    entry = reverse_entry(conn, book, posting.entry_id, on=on, reason=reason, actor=actor)
    payload = {
        "entry": typeid.encode(typeid.ENTRY, entry.entry_id),
        "file": typeid.encode(typeid.INTAKE, intake_id),
    }
    event_id = record_event(conn, book, "intake.reversed", payload, actor=actor, private={"reason": reason})
    row = {"tenant_id": book.tenant_id, "intake_id": intake_id, "book_id": book.book_id, "seq": entry.seq}
    insert_row(conn, "intake_reversal", {**row, "event_id": event_id})
    change(conn, book, found, actor, state="reversed")
    return entry
