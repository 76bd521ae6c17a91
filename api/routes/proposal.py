"""Payments and adjustments: propose them, follow them, execute what was approved, give up what will not be done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, recall, replayed
from api.parameters import PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.giving import CursorAsked, change_once, path_id
from api.schemas.entry import BatchOut, PostedOut
from api.schemas.keeping import REASON_EXAMPLE, ReasonIn
from api.schemas.proposal import (
    EXECUTION_EXAMPLE,
    PROPOSALS_EXAMPLE,
    ExecutionIn,
    ProposalIn,
    ProposalOut,
    ProposalsIn,
    ProposalsOut,
    proposal_out,
)
from ledger import typeid
from ledger.books.model import PostedBatch
from ledger.books.queries import seqs_of
from ledger.errors import Fault, IdMalformed, PostingRefused
from ledger.proposals.commands import ask_again, give_up, pay, propose, settle
from ledger.proposals.errors import ProposalNotFound
from ledger.proposals.model import PAYEE_RIGHTS, Proposal
from ledger.proposals.queries import proposal_by_id, proposals, proposals_by_id
from ledger.reports.page import CursorMalformed

router = APIRouter(prefix="/v1/associations/{association_id}/proposals", tags=["proposals"])

Read = Annotated[Access, Depends(NeedsIn("read"))]
Propose = Annotated[Access, Depends(NeedsIn("propose"))]
Pay = Annotated[Access, Depends(NeedsIn("pay"))]
Post = Annotated[Access, Depends(NeedsIn("post"))]
ProposalPath = Annotated[
    str, Path(description="The proposal's id", examples=["po_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]
Execution = Callable[..., PostedBatch]


def _told(session: Session, proposal_id: UUID) -> ProposalOut:
    found = proposal_by_id(session.conn, session.book, proposal_id)
    return proposal_out(found, with_payee=_sees_payee(session))


def _sees_payee(session: Session) -> bool:
    return not PAYEE_RIGHTS.isdisjoint(session.rights)


def _after(cursor: str | None) -> UUID | None:
    try:
        return None if cursor is None else typeid.decode(typeid.PROPOSAL, cursor)
    except IdMalformed:
        raise CursorMalformed(cursor=cursor and cursor[:40]) from None


@router.get("", summary="Proposed entries", response_model=ProposalsOut, responses={**BAD, **UNFIT})
def get_proposals(
    access: Read,
    *,
    is_open: Annotated[bool, Query(alias="open", description="Only those neither executed nor given up")] = False,
    cursor: CursorAsked = None,
    page_size: PageSize = 100,
) -> Response:
    """Return the proposals of the book, the newest first, each with how it stands."""
    after = _after(cursor)

    def work(session: Session) -> ProposalsOut:
        page = proposals(session.conn, session.book, is_open=is_open, after=after, page_size=page_size)
        rows = [proposal_out(row, with_payee=_sees_payee(session)) for row in page.rows]
        following = None if page.next_cursor is None else typeid.encode(typeid.PROPOSAL, page.next_cursor)
        return ProposalsOut(rows=rows, next_cursor=following)

    return json_reply(access.read(work))


@router.post(
    "",
    status_code=201,
    summary="Propose entries, all or none",
    response_model=ProposalsOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(ProposalsIn, PROPOSALS_EXAMPLE),
)
def post_proposals(access: Propose, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Issue a voucher for each entry, fix its lines, and ask those whom the policy names for their approval."""
    asked = parse(ProposalsIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        drafts = _drafts(session, asked.proposals)
        made = propose(session.conn, session.book, drafts, actor=session.actor)
        return {"proposals": [typeid.encode(typeid.PROPOSAL, each.proposal_id) for each in made]}

    def answer(session: Session, made: Mapping[str, Any]) -> ProposalsOut:
        ids = [typeid.decode(typeid.PROPOSAL, each) for each in made["proposals"]]
        found = proposals_by_id(session.conn, session.book, ids)
        rows = [proposal_out(each, with_payee=_sees_payee(session)) for each in found]
        return ProposalsOut(rows=rows, next_cursor=None)

    return change_once(access, key.of(asked), change, answer, status=201)


def _drafts(session: Session, asked: Sequence[ProposalIn]) -> list[Proposal]:
    """Make drafts of what came in; what an adjustment corrects is looked up only where there is one."""
    named = {typeid.decode(typeid.ENTRY, each.corrects) for each in asked if each.corrects is not None}
    seqs = seqs_of(session.conn, session.book, named) if named else {}
    known = {typeid.encode(typeid.ENTRY, uuid): seq for uuid, seq in seqs.items()}
    missing = [
        Fault(code="corrected_not_found", entry=index, field="corrects")
        for index, each in enumerate(asked)
        if each.corrects is not None and each.corrects not in known
    ]
    if missing:
        raise PostingRefused(missing)
    return [each.proposal(None if each.corrects is None else known[each.corrects]) for each in asked]


@router.get("/{proposal_id}", summary="One proposal", response_model=ProposalOut, responses={**BAD, **NO_SUCH})
def get_proposal(access: Read, proposal_id: ProposalPath) -> Response:
    """Return a proposed entry with its lines, its approval and, where it was executed, its entry."""
    uuid = path_id(typeid.PROPOSAL, proposal_id, ProposalNotFound)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.post(
    "/payments",
    status_code=201,
    summary="Pay in cash",
    response_model=BatchOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ExecutionIn, EXECUTION_EXAMPLE),
)
def post_payments(access: Pay, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Say that the cash of approved vouchers was paid: their entries are posted as they were proposed, all or none."""
    return _executed(access, key, body, pay)


@router.post(
    "/postings",
    status_code=201,
    summary="Post what the bank paid, and adjustments",
    response_model=BatchOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ExecutionIn, EXECUTION_EXAMPLE),
)
def post_postings(access: Post, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Post the entries of approved vouchers other than cash, as they were proposed, all or none."""
    return _executed(access, key, body, settle)


def _executed(access: Access, key: IdempotencyKey, body: bytes, execution: Execution) -> Response:
    asked = parse(ExecutionIn, body)
    ids = [typeid.decode(typeid.PROPOSAL, each) for each in asked.proposals]
    request = key.of(asked)

    def work(session: Session) -> tuple[PostedBatch, bool]:
        is_replay = recall(session, request) is not None
        posted = execution(session.conn, session.book, ids, on=asked.on, actor=session.actor, request=request)
        return posted, is_replay

    batch, is_replay = access.write(work)
    answer = BatchOut(
        first_seq=batch.first_seq,
        last_seq=batch.last_seq,
        entries=[PostedOut.model_validate(entry) for entry in batch.entries],
    )
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.post(
    "/{proposal_id}/request",
    summary="Ask once more",
    response_model=ProposalOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
)
def post_request(access: Propose, key: IdempotencyKey, proposal_id: ProposalPath) -> Response:
    """Ask anew for approval that was denied, taken back or came too late; the entry stays as it was proposed."""
    uuid = path_id(typeid.PROPOSAL, proposal_id, ProposalNotFound)

    def change(session: Session) -> Mapping[str, Any]:
        ask_again(session.conn, session.book, uuid, actor=session.actor)
        return {}

    return change_once(access, key.of(), change, lambda session, _: _told(session, uuid))


@router.post(
    "/{proposal_id}/void",
    summary="Give a proposal up",
    response_model=ProposalOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, REASON_EXAMPLE),
)
def post_void(access: Propose, key: IdempotencyKey, proposal_id: ProposalPath, body: JsonBytes) -> Response:
    """Void its voucher, whose number stays used, and take the request for approval back."""
    uuid = path_id(typeid.PROPOSAL, proposal_id, ProposalNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        give_up(session.conn, session.book, uuid, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))
