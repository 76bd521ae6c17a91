"""Print papers: vouchers, lists of gifts, givers' receipts."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Access, NeedsIn, Session
from api.idempotency import IdempotencyKey, once, replayed
from api.imprint import imprint_of
from api.papers import correction_file, giver_file, papers_of, pdf_reply, printed_for, sheets_reply
from api.receipt import receipt_file
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, Answers
from api.routes.entry import EntryIdPath, entry_uuid
from api.schemas.job import JobOut
from api.schemas.paper import PaperOut, PapersOut
from ledger import typeid
from ledger.errors import IdMalformed
from ledger.giving.queries import ContributionNotFound, contribution_by_id
from ledger.jobs.queue import job_by_id
from ledger.papers.batch import ask_for_receipts
from ledger.papers.facts import Wanted

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["papers"])

Read = Annotated[Access, Depends(NeedsIn("read"))]
People = Annotated[Access, Depends(NeedsIn("people"))]

Line = Annotated[int, Query(ge=1, le=100_000, description="The first gift on the paper, as the list of papers says")]
ContributionPath = Annotated[
    str, Path(description="The contribution's id", examples=["ct_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]

_PDF: Answers = {200: {"content": {"application/pdf": {}}, "description": "The paper"}}
_ZIP: Answers = {200: {"content": {"application/zip": {}}, "description": "An archive of PDFs"}}
_RECEIPT: Answers = {200: {"content": {"application/json": {}}, "description": "A `*.receipt.json`"}}


@router.get(
    "/entries/{entry_id}/papers",
    summary="The papers of an entry",
    response_model=PapersOut,
    responses={**BAD, **NO_SUCH},
)
def get_papers(access: Read, entry_id: EntryIdPath) -> Response:
    """Return which papers an entry has, and when each was printed first. Printing them asks for the right `people`."""
    uuid = entry_uuid(entry_id)

    def work(session: Session) -> PapersOut:
        papers = papers_of(session, uuid)
        rows = [
            PaperOut(kind=each.kind, first_line=each.first_line, last_line=each.last_line, printed_at=each.printed_at)
            for each in papers.rows
        ]
        return PapersOut(entry_id=typeid.encode(typeid.ENTRY, uuid), gift_count=papers.gift_count, rows=rows)

    return json_reply(access.read(work))


@router.get(
    "/entries/{entry_id}/papers/{paper}.pdf",
    summary="Print a paper",
    response_class=Response,
    responses={**_PDF, **BAD, **NO_SUCH},
)
def get_paper(
    request: Request,
    access: People,
    entry_id: EntryIdPath,
    paper: Annotated[Literal["voucher", "list", "receipts", "receipt"], Path(description="Which paper")],
    line: Line = 1,
) -> Response:
    """Return a paper as PDF. The first print is kept in mind; a reprint is the same to the byte, or says on its face
    and in the header `Soquy-Paper` why it is not: `erased`, `corrected` or `engine`. `receipt` is one gift's alone.
    """  # noqa: D205 - the first sentences are the API's own text
    wanted = Wanted(entry_id=entry_uuid(entry_id), kind=paper, first_line=line)
    return pdf_reply(printed_for(access, request.app, wanted))


@router.get(
    "/entries/{entry_id}/papers/receipts.zip",
    summary="Print all receipts of an entry",
    response_class=Response,
    responses={**_ZIP, **BAD, **NO_SUCH},
)
def get_receipts(request: Request, access: People, entry_id: EntryIdPath) -> Response:
    """Return every giver's receipt, in files of a hundred; each is set while the one before is on its way."""
    return sheets_reply(access, request.app, entry_uuid(entry_id))


@router.post(
    "/entries/{entry_id}/papers/receipts",
    status_code=202,
    summary="Have all receipts of an entry printed",
    response_model=JobOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
)
def post_receipts(request: Request, access: People, key: IdempotencyKey, entry_id: EntryIdPath) -> Response:
    """Print every sheet of an entry's receipts for the first time, in a job with progress. It keeps no file: fetch the
    sheets one by one, or `receipts.zip`.
    """  # noqa: D205 - as above
    uuid = entry_uuid(entry_id)
    imprint = imprint_of(request.app)

    def work(session: Session) -> tuple[JobOut, bool]:
        def ask() -> dict[str, object]:
            job_id = ask_for_receipts(session.conn, session.book, uuid, imprint, actor=session.actor)
            return {"job": str(job_id)}

        done, is_replay = once(session, key.of(), ask)
        return JobOut.of(job_by_id(session.conn, session.book, UUID(done["job"]))), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 202, replayed(is_replay=is_replay))


@router.get(
    "/contributions/{contribution_id}/receipt.pdf",
    summary="Print a giver's receipt",
    response_class=Response,
    responses={**_PDF, **BAD, **NO_SUCH},
)
def get_receipt_pdf(request: Request, access: People, contribution_id: ContributionPath) -> Response:
    """Return the receipt of one gift, on A5, with its giver's name and the code that checks it."""
    uuid = contribution_uuid(contribution_id)
    found = access.read(lambda session: contribution_by_id(session.conn, session.book, uuid))
    wanted = Wanted(entry_id=found.entry_id, kind="receipt", first_line=found.line)
    return pdf_reply(printed_for(access, request.app, wanted))


@router.get(
    "/contributions/{contribution_id}/receipt.json",
    summary="A giver's own file",
    response_class=Response,
    responses={**_RECEIPT, **BAD, **NO_SUCH},
)
def get_receipt_file(request: Request, access: People, contribution_id: ContributionPath) -> Response:
    """Return the gift's leaf and proof with what opens the amount and the name, to be handed to the giver alone. That
    it was opened, and by whom, is written down.
    """  # noqa: D205 - as above
    uuid = contribution_uuid(contribution_id)
    receipt, openings = access.write(lambda session: giver_file(session, uuid))
    return receipt_file(request.app, receipt, openings, name=contribution_id)


@router.get(
    "/contributions/{contribution_id}/correction.json",
    summary="What put a giver's name right",
    response_class=Response,
    responses={**_RECEIPT, **BAD, **NO_SUCH},
)
def get_correction_file(request: Request, access: People, contribution_id: ContributionPath) -> Response:
    """Return the leaf and proof of the newest correction of a giver's name, with what opens the name that holds since.
    It goes with the giver's own file, whose leaf has the name as it was recorded first.
    """  # noqa: D205 - as above
    uuid = contribution_uuid(contribution_id)
    receipt, openings = access.write(lambda session: correction_file(session, uuid))
    return receipt_file(request.app, receipt, openings, name=f"{contribution_id}.correction")


def contribution_uuid(contribution_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        ContributionNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.CONTRIBUTION, contribution_id)
    except IdMalformed:
        raise ContributionNotFound(contribution=typeid.shown(contribution_id)) from None
