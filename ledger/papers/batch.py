"""Print all receipts of an entry: a job, whose progress shows, that goes on where it was killed.

It keeps no file. What it leaves behind is that every sheet was printed, so that each is set again when it is asked for,
to the byte; names stay where they are.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.jobs.queue import enqueue
from ledger.jobs.work import Job, job_kind
from ledger.papers.facts import SHEETS_SIZE, PaperRefused, Wanted, gift_count
from ledger.papers.imprint import Imprint
from ledger.papers.issue import print_paper, printed_of

KIND: Final = "papers.receipts"


def ask_for_receipts(conn: Connection, book: Book, entry_id: UUID, imprint: Imprint, *, actor: Actor) -> UUID:
    """Have all receipts of an entry printed; return the job, the same one however often it is asked for.

    Raises:
        EntryNotFound: the book has no such entry.
        PaperRefused: nothing was given with it, or papers have no address to be checked at.
    """
    if gift_count(conn, book, entry_id) == 0:
        raise PaperRefused(reason="no_gifts")
    if imprint.check_page is None:
        raise PaperRefused(reason="address")
    entry = typeid.encode(typeid.ENTRY, entry_id)
    arguments = {"entry": entry, **imprint.members()}
    return enqueue(conn, book, KIND, subject=entry, arguments=arguments, actor=actor)


@job_kind(KIND, right="people")
def print_receipts(job: Job) -> Mapping[str, Json]:
    """Print every sheet of an entry's receipts that was not printed before."""
    entry_id = typeid.decode(typeid.ENTRY, str(job.arguments["entry"]))
    imprint = Imprint.parse(dict(job.arguments))
    total = job.read(lambda conn: gift_count(conn, job.book, entry_id))
    printed = {
        row.first_line for row in job.read(lambda conn: printed_of(conn, job.book, entry_id)) if row.kind == "receipts"
    }
    for first_line in range(1, total + 1, SHEETS_SIZE):
        if first_line not in printed:
            wanted = Wanted(entry_id=entry_id, kind="receipts", first_line=first_line)
            print_paper(job.write, job.book, wanted, imprint, actor=job.actor)
        job.progress(min(first_line + SHEETS_SIZE - 1, total), total)
    return {"entry": str(job.arguments["entry"]), "receipts": total}
