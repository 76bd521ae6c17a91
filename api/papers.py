"""Answer with papers, for whoever may see the names on them: one PDF, or all sheets of an entry in an archive."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, Literal
from uuid import UUID

from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse

from api.auth import Access, Session
from api.imprint import imprint_of
from audit.receipt import Opening, Receipt, find_receipt
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.giving.opening import ReceiptOpenings, receipt_openings
from ledger.giving.queries import ContributionNotFound, contribution_by_id
from ledger.papers.facts import SHEETS_SIZE, SIZES, Wanted, gift_count
from ledger.papers.issue import Printed, print_paper, printed_of
from ledger.people.sealing import Opened

PDF: Final = "application/pdf"

_STAMP: Final = (2000, 1, 1, 0, 0, 0)
"""An archive of the same papers is the same to the byte too."""

_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def printed_for(access: Access, app: FastAPI, wanted: Wanted) -> Printed:
    """Print a paper for a caller; every step asks again whether they may.

    Raises:
        EntryNotFound, PaperRefused: as ``print_paper``.
    """
    book, actor = access.read(_who)
    return print_paper(
        lambda work: access.write(lambda session: work(session.conn)), book, wanted, imprint_of(app), actor=actor
    )


def pdf_reply(printed: Printed) -> Response:
    """Answer with a paper; the header says whether it is the first print, the same, or why it is another."""
    state = "first" if printed.is_first else printed.difference or "same"
    headers = {
        **_HEADERS,
        "Content-Disposition": f'inline; filename="{printed.name}"',
        "Soquy-Paper": state,
        "Soquy-Paper-First-Printed": printed.issued_at.isoformat(),
    }
    return Response(printed.pdf, headers=headers, media_type=PDF)


def sheets_reply(access: Access, app: FastAPI, entry_id: UUID) -> Response:
    """Answer with all receipts of an entry, a file of sheets for every hundred, one set after the other.

    Raises:
        EntryNotFound, PaperRefused: as ``print_paper``; what refuses does so before the answer begins.
    """
    total = access.read(lambda session: gift_count(session.conn, session.book, entry_id))
    wanted = [
        Wanted(entry_id=entry_id, kind="receipts", first_line=line) for line in range(1, max(total, 1) + 1, SHEETS_SIZE)
    ]
    first = printed_for(access, app, wanted[0])
    rest = (printed_for(access, app, each) for each in wanted[1:])
    name = first.name.partition("-1-")[0].removesuffix(".pdf")
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(_zipped(first, rest), headers=headers, media_type="application/zip")


def giver_file(session: Session, contribution_id: UUID) -> tuple[Receipt, tuple[Opening, ...]]:
    """Return the leaf of a gift with its proof, and what opens the amount and the name, for its giver alone.

    Raises:
        ContributionNotFound: the book has no such gift.
    """
    contribution_by_id(session.conn, session.book, contribution_id)
    opened = _opened(session, contribution_id)
    return _receipt(session, contribution_id, contribution_id), _openings(opened.gift)


def correction_file(session: Session, contribution_id: UUID) -> tuple[Receipt, tuple[Opening, ...]]:
    """Return the leaf that put a giver's name right, with its proof and what opens the name that holds since.

    Raises:
        ContributionNotFound: the book has no such gift, or its name was never put right.
    """
    contribution_by_id(session.conn, session.book, contribution_id)
    opened = _opened(session, contribution_id)
    if opened.correction_id is None:
        raise ContributionNotFound(contribution=typeid.encode(typeid.CONTRIBUTION, contribution_id))
    return _receipt(session, contribution_id, opened.correction_id), _openings(opened.correction)


def _opened(session: Session, contribution_id: UUID) -> ReceiptOpenings:
    return receipt_openings(session.conn, session.tenant_id, contribution_id, principal_id=session.actor.principal_id)


def _receipt(session: Session, contribution_id: UUID, event_id: UUID) -> Receipt:
    found = find_receipt(session.conn, session.tenant_id, session.book.association_id, event_id)
    if found is None:
        raise ContributionNotFound(contribution=typeid.encode(typeid.CONTRIBUTION, contribution_id))
    return found


def _openings(opened: Iterable[Opened]) -> tuple[Opening, ...]:
    return tuple(Opening(field=each.field, value=each.value, salt=each.salt) for each in opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOfEntry:
    """A paper that an entry has, and when it was printed first."""

    kind: Literal["voucher", "list", "receipts"]
    first_line: int
    last_line: int
    printed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersOfEntry:
    """The papers of an entry, in the order they are filed."""

    entry_id: UUID
    gift_count: int
    rows: tuple[PaperOfEntry, ...]


def papers_of(session: Session, entry_id: UUID) -> PapersOfEntry:
    """Return which papers an entry has: its voucher, the volumes of its list, the sheets of its receipts.

    Raises:
        EntryNotFound: the book has no such entry.
    """
    count = gift_count(session.conn, session.book, entry_id)
    printed = {(row.kind, row.first_line): row.issued_at for row in printed_of(session.conn, session.book, entry_id)}
    kinds: tuple[Literal["voucher", "list", "receipts"], ...] = ("voucher", "list", "receipts")
    wanted = [
        Wanted(entry_id=entry_id, kind=kind, first_line=line)
        for kind in (kinds if count else kinds[:1])
        for line in (range(1, count + 1, SIZES[kind]) if kind != "voucher" else [1])
    ]
    rows = tuple(
        PaperOfEntry(
            kind=each.kind,  # type: ignore[arg-type] # one of those above
            first_line=each.first_line,
            last_line=each.last_line(count),
            printed_at=printed.get((each.kind, each.first_line)),
        )
        for each in wanted
    )
    return PapersOfEntry(entry_id=entry_id, gift_count=count, rows=rows)


def _who(session: Session) -> tuple[Book, Actor]:
    return session.book, session.actor


def _zipped(first: Printed, rest: Iterator[Printed]) -> Iterator[bytes]:
    """Yield an archive while its files are made; a PDF is packed already."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for printed in chain([first], rest):
            archive.writestr(zipfile.ZipInfo(printed.name, _STAMP), printed.pdf)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What an archive is written to, and taken from in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override] # of whatever a buffer can be, an archive writes bytes
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
