"""Find earlier files of a book that have rows in common with one: the same list again, or one in another order.

Rows are the same by their digests (``judging.py``): name, detail and amount. A staff list comes every month with the
same rows, so it is for a person to say what they mean. They are shown the nearest of the last files; what was posted
after they were shown them, by the entries of the book, is not posted again in their name.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger.books.model import Book
from ledger.intake.judging import DIGEST_SIZE
from ledger.intake.model import Overlap

_EARLIER_MAX: Final = 50
"""Files that a new one is held against, the last that were posted."""

_OVERLAPS_MAX: Final = 10

_SEEN: Final = text("SELECT last_seq FROM soquy.book_head WHERE tenant_id = :tenant_id AND book_id = :book_id")

_EARLIER: Final = text("""\
SELECT d.intake_id, d.digests
FROM soquy.intake_posting AS p
JOIN vault.intake_digest AS d ON d.tenant_id = p.tenant_id AND d.intake_id = p.intake_id
LEFT JOIN soquy.entry AS back ON back.tenant_id = p.tenant_id AND back.book_id = p.book_id AND back.corrects_seq = p.seq
    AND back.kind = 'reversal'
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.seq > :after AND p.intake_id <> :intake_id
    AND back.seq IS NULL
ORDER BY p.seq DESC LIMIT :limit""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What a look at earlier files found, the nearest first, and up to which entry of the book it saw them."""

    overlaps: tuple[Overlap, ...]
    seen_seq: int

    def members(self) -> dict[str, Any]:
        """Return it as it is kept with the file."""
        told = [{"intake_id": str(each.intake_id), "row_count": each.row_count} for each in self.overlaps]
        return {"seen_seq": self.seen_seq, "overlaps": told}


def look_for_likeness(conn: Connection, book: Book, intake_id: UUID, ours: Collection[bytes]) -> Likeness:
    """Hold a file's rows against the last files that were posted."""
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    seen_seq = conn.execute(_SEEN, place).scalar_one()  # before the files, so that none is between the two
    found = sorted(_overlaps(conn, book, intake_id, ours, after=0), key=lambda each: -each.row_count)
    return Likeness(overlaps=tuple(found[:_OVERLAPS_MAX]), seen_seq=seen_seq)


def posted_since(conn: Connection, book: Book, intake_id: UUID, ours: Collection[bytes], *, seen_seq: int) -> int:
    """Return how many rows a file shares with the nearest of those that were posted after an entry."""
    found = _overlaps(conn, book, intake_id, ours, after=seen_seq)
    return max((each.row_count for each in found), default=0)


def _overlaps(conn: Connection, book: Book, intake_id: UUID, ours: Collection[bytes], *, after: int) -> list[Overlap]:
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id, "after": after}
    rows = conn.execute(_EARLIER, {**asked, "limit": _EARLIER_MAX}) if ours else ()
    counted = [Overlap(intake_id=row.intake_id, row_count=_common(row, ours)) for row in rows]
    return [each for each in counted if each.row_count]


def _common(row: Row[Any], ours: Collection[bytes]) -> int:
    theirs = bytes(row.digests)
    return sum(theirs[at : at + DIGEST_SIZE] in ours for at in range(0, len(theirs), DIGEST_SIZE))
