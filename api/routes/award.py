"""Awards: plans of programs, rounds, lists that a council decides on, and who came for what was theirs."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import MAY_COLLECT, JsonBytes, ListBytes, parse, parse_listing, takes
from api.idempotency import IdempotencyKey
from api.parameters import PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.contribution import sees_names
from api.routes.entry import DryRun
from api.routes.giving import Collect, Read, change_once, path_id
from api.schemas.award import (
    COLLECTING_EXAMPLE,
    DECISION_EXAMPLE,
    LIST_PAYMENT_EXAMPLE,
    LISTING_EXAMPLE,
    PLAN_EXAMPLE,
    ROUND_EXAMPLE,
    AwardListOut,
    AwardsOut,
    CollectingIn,
    ConsentAskedOut,
    DecisionIn,
    ExecutionOut,
    ExecutionsOut,
    ListingIn,
    ListPaymentIn,
    PlanIn,
    RoundIn,
    RoundListsOut,
    RoundOut,
    RoundsOut,
    SubmittedOut,
    Year,
    award_out,
)
from api.schemas.keeping import REASON_EXAMPLE, ReasonIn
from api.schemas.proposal import ProposalOut, proposal_out
from ledger import typeid
from ledger.awards.collecting import collect_awards
from ledger.awards.decision import ask_for_list, decide_list, withdraw_list
from ledger.awards.errors import ListNotFound, RoundNotFound
from ledger.awards.listing import preview_list, submit_list
from ledger.awards.model import AWARD_COUNT_MAX, Submitted
from ledger.awards.payment import propose_list_payment
from ledger.awards.plan import executions, plan_program
from ledger.awards.queries import awards, list_by_id, lists_of
from ledger.awards.round import open_round, round_by_id, rounds
from ledger.errors import IdMalformed
from ledger.proposals.queries import proposal_by_id
from ledger.reports.page import CursorMalformed

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["awards"])

Chart = Annotated[Access, Depends(NeedsIn("chart"))]
Propose = Annotated[Access, Depends(NeedsIn("propose"))]
ListAccess = Annotated[Access, Depends(MAY_COLLECT)]
RoundPath = Annotated[
    str, Path(description="The round's id", examples=["rd_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]
ListPath = Annotated[str, Path(description="The list's id", examples=["al_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]


@router.get(
    "/program-plans", summary="Budgets against what was spent", response_model=ExecutionsOut, responses={**BAD, **UNFIT}
)
def get_plans(access: Read, year: Annotated[Year, Query(description="The fiscal year")]) -> Response:
    """Return every program that was planned for a year or spent something in it."""
    rows = access.read(lambda session: executions(session.conn, session.book, year))
    return json_reply(ExecutionsOut(rows=[ExecutionOut.model_validate(row) for row in rows]))


@router.post(
    "/program-plans",
    status_code=201,
    summary="Plan a program for a year",
    response_model=ExecutionOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(PlanIn, PLAN_EXAMPLE),
)
def post_plan(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Plan what a program may spend in a year, or plan it anew: the newest version counts, and the log has all."""
    asked = parse(PlanIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        plan_program(session.conn, session.book, asked.plan(), actor=session.actor)
        return {}

    def answer(session: Session, _: Mapping[str, Any]) -> ExecutionOut:
        rows = executions(session.conn, session.book, asked.year)
        return ExecutionOut.model_validate(next(row for row in rows if row.program == asked.program))

    return change_once(access, key.of(asked), change, answer, status=201)


@router.get("/award-rounds", summary="The rounds", response_model=RoundsOut, responses={**BAD, **UNFIT})
def get_rounds(
    access: Read,
    cursor: Annotated[str | None, Query(max_length=60, description="`next_cursor` of the page before")] = None,
    page_size: PageSize = 100,
) -> Response:
    """Return the rounds of the book, the newest first."""
    try:
        after = None if cursor is None else typeid.decode(typeid.ROUND, cursor)
    except IdMalformed:
        raise CursorMalformed(cursor=(cursor or "")[:40]) from None
    page = access.read(lambda session: rounds(session.conn, session.book, after=after, page_size=page_size))
    return json_reply(RoundsOut.model_validate(page))


@router.post(
    "/award-rounds",
    status_code=201,
    summary="Open a round",
    response_model=RoundOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(RoundIn, ROUND_EXAMPLE),
)
def post_round(access: Collect, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open a round of a program that is planned for the year."""
    asked = parse(RoundIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        round_id = open_round(session.conn, session.book, asked.draft(), actor=session.actor)
        return {"round": typeid.encode(typeid.ROUND, round_id)}

    def answer(session: Session, made: Mapping[str, Any]) -> RoundOut:
        round_id = typeid.decode(typeid.ROUND, made["round"])
        return RoundOut.model_validate(round_by_id(session.conn, session.book, round_id))

    return change_once(access, key.of(asked), change, answer, status=201)


@router.get("/award-rounds/{round_id}", summary="One round", response_model=RoundListsOut, responses={**BAD, **NO_SUCH})
def get_round(access: Read, round_id: RoundPath) -> Response:
    """Return a round with every version of its list."""
    uuid = path_id(typeid.ROUND, round_id, RoundNotFound)

    def work(session: Session) -> RoundListsOut:
        found = round_by_id(session.conn, session.book, uuid)
        lists = lists_of(session.conn, session.book, uuid)
        return RoundListsOut.model_validate({**dataclasses.asdict(found), "lists": lists})

    return json_reply(access.read(work))


@router.post(
    "/award-rounds/{round_id}/lists",
    status_code=201,
    summary="Lay a list before the council",
    response_model=SubmittedOut,
    responses={
        200: {"model": SubmittedOut, "description": "A dry run: nothing was kept"},
        **BAD,
        **NO_SUCH,
        **CONFLICT,
        **UNFIT,
    },
    openapi_extra=takes(ListingIn, LISTING_EXAMPLE),
)
def post_list(
    access: ListAccess, key: IdempotencyKey, round_id: RoundPath, body: ListBytes, *, dry_run: DryRun = False
) -> Response:
    """Freeze up to 10,000 awards, all or none; what is wrong comes back at once, with its `row`. Nobody is given the
    same twice in a period. To change a list, withdraw it and lay a new version.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = path_id(typeid.ROUND, round_id, RoundNotFound)
    asked = parse_listing(body)
    listing = asked.listing()

    if dry_run:
        found = access.write(
            lambda session: preview_list(session.conn, session.book, uuid, listing, actor=session.actor)
        )
        return json_reply(SubmittedOut.model_validate(found), 200)

    def change(session: Session) -> Mapping[str, Any]:
        submitted = submit_list(session.conn, session.book, uuid, listing, actor=session.actor)
        return _remembered(submitted)

    return change_once(access, key.of(asked), change, lambda _, made: SubmittedOut.model_validate({**made}), status=201)


def _remembered(submitted: Submitted) -> dict[str, Any]:
    """Return what a repeated request is answered with: warnings are of the moment, and nowhere else."""
    told = dataclasses.asdict(submitted)
    return {**told, "list_id": typeid.encode(typeid.AWARD_LIST, submitted.list_id)}


@router.get(
    "/award-lists/{award_list_id}", summary="One list", response_model=AwardListOut, responses={**BAD, **NO_SUCH}
)
def get_list(access: Read, award_list_id: ListPath) -> Response:
    """Return a list and how it stands: listed, decided, asked, approved, paid, denied or withdrawn."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)
    return json_reply(access.read(lambda session: _told(session, uuid)))


def _told(session: Session, list_id: UUID) -> AwardListOut:
    return AwardListOut.model_validate(list_by_id(session.conn, session.book, list_id))


@router.get(
    "/award-lists/{award_list_id}/awards",
    summary="Who is on a list",
    response_model=AwardsOut,
    responses={**BAD, **NO_SUCH},
)
def get_awards(
    access: Read,
    award_list_id: ListPath,
    after_line: Annotated[int, Query(ge=0, le=AWARD_COUNT_MAX, description="`next_cursor` of the page before")] = 0,
    page_size: PageSize = 1_000,
) -> Response:
    """Return a list's rows, for signing sheets and payments; who they are, to those with the right `people`."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)

    def work(session: Session) -> AwardsOut:
        list_by_id(session.conn, session.book, uuid)
        page = awards(session.conn, session.book, uuid, after=after_line, page_size=page_size)
        rows = [award_out(row, with_names=sees_names(session)) for row in page.rows]
        return AwardsOut(rows=rows, next_cursor=page.next_cursor)

    return json_reply(access.read(work))


@router.post(
    "/award-lists/{award_list_id}/decision",
    summary="Record the council's decision",
    response_model=AwardListOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DecisionIn, DECISION_EXAMPLE),
)
def post_decision(access: Collect, key: IdempotencyKey, award_list_id: ListPath, body: JsonBytes) -> Response:
    """Record number and day of the decision, with its scan; the log commits to number and scan."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)
    asked = parse(DecisionIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        decide_list(
            session.conn,
            session.book,
            uuid,
            number=asked.number,
            decided_on=asked.decided_on,
            document_id=None if asked.document is None else typeid.decode(typeid.DOCUMENT, asked.document),
            actor=session.actor,
        )
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))


@router.post(
    "/award-lists/{award_list_id}/request",
    status_code=201,
    summary="Ask for consent to a list",
    response_model=ConsentAskedOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
)
def post_request(access: Collect, key: IdempotencyKey, award_list_id: ListPath) -> Response:
    """Ask those whom the association's policy names for their consent to a list that was decided on."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)

    def change(session: Session) -> Mapping[str, Any]:
        approval_id = ask_for_list(session.conn, session.book, uuid, actor=session.actor)
        return {"approval": typeid.encode(typeid.APPROVAL, approval_id)}

    def answer(session: Session, made: Mapping[str, Any]) -> ConsentAskedOut:
        return ConsentAskedOut(approval=made["approval"], list=_told(session, uuid))

    return change_once(access, key.of(), change, answer, status=201)


@router.post(
    "/award-lists/{award_list_id}/payment",
    status_code=201,
    summary="Propose to pay a list",
    response_model=ProposalOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ListPaymentIn, LIST_PAYMENT_EXAMPLE),
)
def post_payment(access: Propose, key: IdempotencyKey, award_list_id: ListPath, body: JsonBytes) -> Response:
    """Propose one voucher for all of an approved list; when it is approved and executed, the list is paid, once."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)
    asked = parse(ListPaymentIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        made = propose_list_payment(
            session.conn,
            session.book,
            uuid,
            account=asked.account,
            voucher=asked.voucher,
            issued_on=asked.issued_on,
            description=asked.description,
            payee=asked.payee,
            actor=session.actor,
        )
        return {"proposal": typeid.encode(typeid.PROPOSAL, made.proposal_id)}

    def answer(session: Session, made: Mapping[str, Any]) -> ProposalOut:
        found = proposal_by_id(session.conn, session.book, typeid.decode(typeid.PROPOSAL, made["proposal"]))
        return proposal_out(found, with_payee=sees_names(session))

    return change_once(access, key.of(asked), change, answer, status=201)


@router.post(
    "/award-lists/{award_list_id}/withdrawal",
    summary="Take a list back",
    response_model=AwardListOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, REASON_EXAMPLE),
)
def post_withdrawal(access: Collect, key: IdempotencyKey, award_list_id: ListPath, body: JsonBytes) -> Response:
    """Take a list back while nothing of it is paid, and with it what is asked about it; a new version may follow."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        withdraw_list(session.conn, session.book, uuid, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))


@router.post(
    "/award-lists/{award_list_id}/collection",
    summary="Record who came",
    response_model=AwardListOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(CollectingIn, COLLECTING_EXAMPLE),
)
def post_collection(access: Collect, key: IdempotencyKey, award_list_id: ListPath, body: JsonBytes) -> Response:
    """Record which awards of a paid list were signed for, each once, with the scan of the signed sheet."""
    uuid = path_id(typeid.AWARD_LIST, award_list_id, ListNotFound)
    asked = parse(CollectingIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        collect_awards(
            session.conn,
            session.book,
            uuid,
            asked.lines(),
            document_id=None if asked.document is None else typeid.decode(typeid.DOCUMENT, asked.document),
            actor=session.actor,
        )
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))
