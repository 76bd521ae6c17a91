"""Print the papers of an entry: voucher, list, receipts. They show names, so they ask for the right `people`."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.imprint import imprint_of
from api.papers import (
    PaperOfEntry,
    PapersOfEntry,
    correction_file,
    giver_file,
    papers_of,
    pdf_reply,
    printed_for,
    sheets_reply,
)
from api.receipt import receipt_file
from ledger import typeid
from ledger.errors import IdMalformed, LedgerError
from ledger.giving.queries import ContributionNotFound, contribution_by_id
from ledger.money import AMOUNT_MAX
from ledger.papers.batch import ask_for_receipts
from ledger.papers.facts import Wanted
from ledger.papers.issue import Difference, difference_of
from ledger.reports.entry import EntryDetail, entry_by_seq
from web.access import NeedsPageIn, Visit
from web.form import Form
from web.language import Spoken
from web.site import desk_path, render

SEE_OTHER: Final = 303

COMPARED_COUNT_MAX: Final = 25
"""Papers that are held against their first print to tell of on the page; of larger ones each print tells by itself."""

MayPrint = Annotated[Visit, Depends(NeedsPageIn("people"))]
Seq = Annotated[int, Path(ge=1, le=AMOUNT_MAX)]
Line = Annotated[int, Query(ge=1, le=100_000)]
ContributionPath = Annotated[str, Path(max_length=40)]


def make_router() -> APIRouter:
    """Return the routes of an association's papers."""
    router = APIRouter(prefix="/desk/{association_id}", include_in_schema=False)

    @router.get("/entries/{seq}/papers")
    def papers(request: Request, visit: MayPrint, seq: Seq, language: Spoken) -> Response:
        detail, found, differences = visit.read(lambda session: _papers(session, seq))
        return render(
            "desk/paper/papers.html",
            language,
            desk_path(visit.place.association_id, "entries", seq, "papers"),
            visit=visit,
            place=visit.place,
            form=Form(),
            detail=detail,
            papers=found,
            differences=differences,
            has_address=imprint_of(request.app).check_page is not None,
        )

    @router.get("/entries/{seq}/paper/receipts.zip")
    def archive(request: Request, visit: MayPrint, seq: Seq) -> Response:
        return sheets_reply(visit.access, request.app, _entry_id(visit, seq))

    @router.get("/entries/{seq}/paper/{kind}.pdf")
    def paper(
        request: Request,
        visit: MayPrint,
        seq: Seq,
        kind: Literal["voucher", "list", "receipts", "receipt"],
        line: Line = 1,
    ) -> Response:
        wanted = Wanted(entry_id=_entry_id(visit, seq), kind=kind, first_line=line)
        return pdf_reply(printed_for(visit.access, request.app, wanted))

    @router.post("/entries/{seq}/papers")
    def print_all(request: Request, visit: MayPrint, seq: Seq) -> Response:
        entry_id = _entry_id(visit, seq)
        imprint = imprint_of(request.app)
        # Asked for twice it is one job, so the form's key has nothing to add and is not read.
        job_id = visit.write(
            lambda session: ask_for_receipts(session.conn, session.book, entry_id, imprint, actor=session.actor)
        )
        where = desk_path(visit.place.association_id, "jobs", typeid.encode(typeid.JOB, job_id))
        return RedirectResponse(where, SEE_OTHER)

    @router.get("/contributions/{contribution_id}/receipt.pdf")
    def receipt(request: Request, visit: MayPrint, contribution_id: ContributionPath) -> Response:
        uuid = _contribution_id(contribution_id)
        gift = visit.read(lambda session: contribution_by_id(session.conn, session.book, uuid))
        wanted = Wanted(entry_id=gift.entry_id, kind="receipt", first_line=gift.line)
        return pdf_reply(printed_for(visit.access, request.app, wanted))

    @router.get("/contributions/{contribution_id}/receipt.json")
    def own_file(request: Request, visit: MayPrint, contribution_id: ContributionPath) -> Response:
        uuid = _contribution_id(contribution_id)
        found, openings = visit.write(lambda session: giver_file(session, uuid))
        return receipt_file(request.app, found, openings, name=contribution_id)

    @router.get("/contributions/{contribution_id}/correction.json")
    def own_correction(request: Request, visit: MayPrint, contribution_id: ContributionPath) -> Response:
        uuid = _contribution_id(contribution_id)
        found, openings = visit.write(lambda session: correction_file(session, uuid))
        return receipt_file(request.app, found, openings, name=f"{contribution_id}.correction")

    return router


def _papers(session: Session, seq: int) -> tuple[EntryDetail, PapersOfEntry, dict[tuple[str, int], Difference]]:
    detail = entry_by_seq(session.conn, session.book, seq)
    found = papers_of(session, detail.entry_id)
    printed = [row for row in found.rows if row.printed_at is not None][:COMPARED_COUNT_MAX]
    differences = {(row.kind, row.first_line): _difference(session, detail.entry_id, row) for row in printed}
    return detail, found, {key: difference for key, difference in differences.items() if difference is not None}


def _difference(session: Session, entry_id: UUID, row: PaperOfEntry) -> Difference | None:
    wanted = Wanted(entry_id=entry_id, kind=row.kind, first_line=row.first_line)
    try:
        return difference_of(session.conn, session.book, wanted)
    except LedgerError:
        return None  # it is refused when it is printed, and says why


def _entry_id(visit: Visit, seq: int) -> UUID:
    return visit.read(lambda session: entry_by_seq(session.conn, session.book, seq)).entry_id


def _contribution_id(contribution_id: str) -> UUID:
    try:
        return typeid.decode(typeid.CONTRIBUTION, contribution_id)
    except IdMalformed:
        raise ContributionNotFound(contribution=typeid.shown(contribution_id)) from None
