"""Find earlier files of a book that have rows in common with one: the same list again, or one in another order.

Rows are the same by their digests (``judging.py``): name, detail and amount. A staff list comes every month with the
same rows, so it is for a person to say what they mean; what they were not shown is not posted in their name.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.intake.judging import DIGEST_SIZE
from ledger.intake.model import Overlap

_EARLIER_MAX: Final = 50
"""Files that a new one is held against, the last that were posted."""

_OVERLAPS_MAX: Final = 10

_EARLIER: Final = text("""\
SELECT d.intake_id, d.digests
FROM vault.intake_digest AS d
LEFT JOIN soquy.intake_posting AS p ON p.tenant_id = d.tenant_id AND p.intake_id = d.intake_id
LEFT JOIN soquy.entry AS back ON back.tenant_id = p.tenant_id AND back.book_id = p.book_id AND back.corrects_seq = p.seq
    AND back.kind = 'reversal'
WHERE d.tenant_id = :tenant_id AND d.book_id = :book_id AND d.intake_id <> :intake_id AND back.seq IS NULL
ORDER BY d.posted_at DESC LIMIT :limit""")


def find_overlaps(conn: Connection, book: Book, intake_id: UUID, ours: Collection[bytes]) -> list[Overlap]:
    """Return the earlier files that have rows in common with this one, the nearest first."""
    if not ours:
        return []
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id, "limit": _EARLIER_MAX}
    counted = []
    for row in conn.execute(_EARLIER, asked):
        theirs = bytes(row.digests)
        common = sum(theirs[at : at + DIGEST_SIZE] in ours for at in range(0, len(theirs), DIGEST_SIZE))
        if common:
            counted.append(Overlap(intake_id=row.intake_id, row_count=common))
    return sorted(counted, key=lambda each: -each.row_count)[:_OVERLAPS_MAX]


def overlaps_json(overlaps: Collection[Overlap]) -> list[dict[str, str | int]] | None:
    """Return overlaps as they are kept with their file."""
    return [{"intake_id": str(each.intake_id), "row_count": each.row_count} for each in overlaps] or None
