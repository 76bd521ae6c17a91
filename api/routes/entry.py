"""Post entries, take them back, read them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import MAY_POST, BatchBytes, JsonBytes, parse, parse_batch, takes
from api.idempotency import IdempotencyKey, recall, replayed
from api.parameters import AsKnownAt, Paging, PeriodAsked
from api.reply import WantsCsv, csv_reply, json_reply
from api.routes.answer import BAD, CONFLICT, CSV_TOO, NO_SUCH, UNFIT
from api.schemas.entry import (
    BATCH_EXAMPLE,
    ENTRY_EXAMPLE,
    REVERSAL_EXAMPLE,
    BatchIn,
    BatchOut,
    EntryIn,
    EntryOut,
    JournalOut,
    JournalRowOut,
    PostedOut,
    ReversalIn,
)
from ledger import typeid
from ledger.books.commands import reverse_entry
from ledger.books.model import EntryDraft, PostedBatch, Request
from ledger.books.posting import post, preview
from ledger.books.queries import seqs_of
from ledger.errors import EntryNotFound, Fault, IdMalformed, PostingRefused
from ledger.reports.entry import entry_by_id
from ledger.reports.journal import journal, journal_months
from ledger.reports.known import known_at
from ledger.reports.page import PAGE_SIZE_MAX

router = APIRouter(prefix="/v1/associations/{association_id}/entries", tags=["entries"])

Post = Annotated[Access, Depends(MAY_POST)]
Read = Annotated[Access, Depends(NeedsIn("read"))]
DryRun = Annotated[bool, Query(description="Find out what would happen: the real path, taken back at its end")]
EntryIdPath = Annotated[
    str, Path(description="The entry's id", examples=["en_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


@router.post(
    "",
    status_code=201,
    summary="Post an entry",
    response_model=PostedOut,
    responses={200: {"model": PostedOut, "description": "A dry run: nothing was kept"}, **BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(EntryIn, ENTRY_EXAMPLE),
)
def post_entry(access: Post, key: IdempotencyKey, body: JsonBytes, *, dry_run: DryRun = False) -> Response:
    """Post one entry to the association's book. It balances in every fund and currency, or all its faults come back."""
    entry = parse(EntryIn, body)
    batch = _posted(access, [entry], None if dry_run else key.of(entry))
    answer = PostedOut.model_validate(batch.entries[0])
    return json_reply(answer, 200 if dry_run else 201, replayed(is_replay=batch.repeated))


@router.post(
    "/batch",
    status_code=201,
    summary="Post many entries, all or none",
    response_model=BatchOut,
    responses={200: {"model": BatchOut, "description": "A dry run: nothing was kept"}, **BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(BatchIn, BATCH_EXAMPLE),
)
def post_batch(access: Post, key: IdempotencyKey, body: BatchBytes, *, dry_run: DryRun = False) -> Response:
    """Post up to 100,000 entries in one transaction, in their order. One that is wrong keeps all of them out; the
    answer names every fault with its `row`, counted from 1, and a JSON pointer.
    """  # noqa: D205 - the first sentences are the API's own text
    entries = parse_batch(body)
    batch = _posted(access, entries, None if dry_run else key.of(BatchIn.model_construct(entries=tuple(entries))))
    answer = BatchOut.model_validate(batch)
    return json_reply(answer, 200 if dry_run else 201, replayed(is_replay=batch.repeated))


def _posted(access: Access, entries: list[EntryIn], request: Request | None) -> PostedBatch:
    def work(session: Session) -> PostedBatch:
        drafts = _drafts(session, entries)
        if request is None:
            return preview(session.conn, session.book, drafts, actor=session.actor)
        return post(session.conn, session.book, drafts, actor=session.actor, request=request)

    return access.write(work)


def _drafts(session: Session, entries: list[EntryIn]) -> list[EntryDraft]:
    """Make drafts of what came in; what an adjustment corrects is looked up only where there is one."""
    named = {typeid.decode(typeid.ENTRY, entry.corrects) for entry in entries if entry.corrects is not None}
    if not named:
        return [entry.draft(None) for entry in entries]
    seqs = {typeid.encode(typeid.ENTRY, uuid): seq for uuid, seq in seqs_of(session.conn, session.book, named).items()}
    missing = [
        Fault(code="corrected_not_found", entry=index, field="corrects")
        for index, entry in enumerate(entries)
        if entry.corrects is not None and entry.corrects not in seqs
    ]
    if missing:
        raise PostingRefused(missing)
    return [entry.draft(None if entry.corrects is None else seqs[entry.corrects]) for entry in entries]


@router.get(
    "",
    summary="The general journal (S04-H)",
    response_model=JournalOut,
    responses={**CSV_TOO, **BAD, **UNFIT},
)
def get_journal(
    access: Read, period: PeriodAsked, paging: Paging, *, as_csv: WantsCsv, as_known_at: AsKnownAt = None
) -> Response:
    """Return the lines of the book by day and entry, debits first; CSV has all of them, JSON a page."""

    def rows(session: Session) -> object:
        known = known_at(session.conn, as_known_at)
        after = None
        while True:
            page = journal(session.conn, session.book, period, after=after, page_size=PAGE_SIZE_MAX, known=known)
            yield from (JournalRowOut.model_validate(row) for row in page.rows)
            after = page.next_cursor
            if after is None:
                return

    def work(session: Session) -> JournalOut:
        known = known_at(session.conn, as_known_at)
        page = journal(session.conn, session.book, period, after=paging.after, page_size=paging.size, known=known)
        months = journal_months(session.conn, session.book, period, known=known)
        told = {"rows": page.rows, "months": months, "next_cursor": page.next_cursor, "as_known_at": known.at}
        return JournalOut.model_validate(told)

    name = "s04-nhat-ky-chung" if as_known_at is None else f"s04-nhat-ky-chung-k{as_known_at}"
    return csv_reply(access, JournalRowOut, rows, name) if as_csv else json_reply(access.read(work))


@router.get("/{entry_id}", summary="One entry", response_model=EntryOut, responses={**BAD, **NO_SUCH})
def get_entry(access: Read, entry_id: EntryIdPath, *, as_known_at: AsKnownAt = None) -> Response:
    """Return an entry with its lines, its voucher, what it corrects and what corrects it."""
    uuid = entry_uuid(entry_id)

    def work(session: Session) -> EntryOut:
        known = known_at(session.conn, as_known_at)
        found = entry_by_id(session.conn, tenant_id=session.tenant_id, entry_id=uuid, known=known)
        if found.association_id != session.book.association_id:
            raise EntryNotFound(entry=entry_id)
        return EntryOut.model_validate(found).model_copy(update={"as_known_at": known.at})

    return json_reply(access.read(work))


@router.post(
    "/{entry_id}/reversal",
    status_code=201,
    summary="Reverse an entry",
    response_model=PostedOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReversalIn, REVERSAL_EXAMPLE),
)
def post_reversal(access: Post, key: IdempotencyKey, entry_id: EntryIdPath, body: JsonBytes) -> Response:
    """Post the mirror of an entry, in an open month, with an adjustment voucher; nothing is reversed twice."""
    uuid = entry_uuid(entry_id)
    asked = parse(ReversalIn, body)
    request = key.of(asked)

    def work(session: Session) -> tuple[PostedOut, bool]:
        is_replay = recall(session, request) is not None
        posted = reverse_entry(
            session.conn,
            session.book,
            uuid,
            on=asked.on,
            reason=asked.reason,
            actor=session.actor,
            request=request,
        )
        return PostedOut.model_validate(posted), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


def entry_uuid(entry_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        EntryNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.ENTRY, entry_id)
    except IdMalformed:
        raise EntryNotFound(entry=typeid.shown(entry_id)) from None
