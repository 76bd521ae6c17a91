"""Requests for consent: read them, answer one or many, take one back; and whose consent is asked."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey
from api.parameters import PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.giving import CursorAsked, change_once, path_id
from api.schemas.approval import (
    DECISIONS_EXAMPLE,
    DENIAL_EXAMPLE,
    POLICY_EXAMPLE,
    ApprovalDetailOut,
    ApprovalOut,
    ApprovalsOut,
    DecidedOut,
    DecisionsIn,
    PoliciesOut,
    PolicyIn,
    approval_out,
    policy_out,
)
from api.schemas.keeping import ReasonIn
from ledger import typeid
from ledger.access.member import names_seen
from ledger.approvals.commands import deny, deny_all, grant, grant_all, take_back
from ledger.approvals.errors import ApprovalNotFound
from ledger.approvals.model import Action, Approval, State
from ledger.approvals.policy import policies, set_policy
from ledger.approvals.queries import Asked, approval_by_id, approvals, denial_reason, known_approvals, roles_held
from ledger.errors import IdMalformed
from ledger.reports.page import CursorMalformed

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["approvals"])

Read = Annotated[Access, Depends(NeedsIn("read"))]
Approve = Annotated[Access, Depends(NeedsIn("approve"))]
Chart = Annotated[Access, Depends(NeedsIn("chart"))]
ApprovalPath = Annotated[
    str, Path(description="The request's id", examples=["ap_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


def _rows(session: Session, found: Sequence[Approval]) -> list[ApprovalOut]:
    names = names_seen(session.conn, session.rights, (who for each in found for who in each.people))
    return [approval_out(each, names, session.actor.principal_id) for each in found]


def _told(session: Session, approval_id: UUID) -> ApprovalDetailOut:
    found = approval_by_id(session.conn, session.book, approval_id)
    (row,) = _rows(session, [found])
    # Written down by the database in the same call, so this is no mere reading.
    reason = denial_reason(session.conn, session.book, found, rights=session.rights, actor=session.actor)
    return ApprovalDetailOut(**dict(row), reason=reason)


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return typeid.decode(typeid.APPROVAL, cursor)
    except IdMalformed:
        raise CursorMalformed(cursor=cursor[:40]) from None


def _policies(session: Session) -> PoliciesOut:
    return PoliciesOut(rows=[policy_out(each) for each in policies(session.conn, session.book)])


@router.get("/approvals", summary="Requests for approval", response_model=ApprovalsOut, responses={**BAD, **UNFIT})
def get_approvals(
    access: Read,
    *,
    state: Annotated[State | None, Query(description="Only these")] = None,
    action: Annotated[Action | None, Query(description="Only of this kind")] = None,
    mine: Annotated[bool, Query(description="Only those that wait for the caller")] = False,
    cursor: CursorAsked = None,
    page_size: PageSize = 100,
) -> Response:
    """Return requests of the book, the newest first, with what was said to each."""
    after = _after(cursor)

    def work(session: Session) -> ApprovalsOut:
        conn, book, me = session.conn, session.book, session.actor.principal_id
        asked = Asked(user_id=me, roles=roles_held(conn, book, me)) if mine else None
        page = approvals(conn, book, state=state, action=action, asked=asked, after=after, page_size=page_size)
        following = None if page.next_cursor is None else typeid.encode(typeid.APPROVAL, page.next_cursor)
        return ApprovalsOut(rows=_rows(session, page.rows), next_cursor=following)

    return json_reply(access.read(work))


@router.get(
    "/approvals/{approval_id}",
    summary="One request for approval",
    response_model=ApprovalDetailOut,
    responses={**BAD, **NO_SUCH},
)
def get_approval(access: Read, approval_id: ApprovalPath) -> Response:
    """Return a request with its steps and, where it was denied, why: that the caller read it is recorded."""
    uuid = path_id(typeid.APPROVAL, approval_id, ApprovalNotFound)
    return json_reply(access.write(lambda session: _told(session, uuid)))


@router.post(
    "/approvals/{approval_id}/grant",
    summary="Approve",
    response_model=ApprovalDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
)
def post_grant(access: Approve, key: IdempotencyKey, approval_id: ApprovalPath) -> Response:
    """Say yes in the role that is asked now. The caller holds it in this association, and did not ask: the database
    looks. Consent is people's: no command gives a token a role, and one without it is refused (`approval_not_asked`).
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = path_id(typeid.APPROVAL, approval_id, ApprovalNotFound)

    def change(session: Session) -> Mapping[str, Any]:
        grant(session.conn, session.book, uuid, actor=session.actor)
        return {}

    return change_once(access, key.of(), change, lambda session, _: _told(session, uuid))


@router.post(
    "/approvals/{approval_id}/denial",
    summary="Deny",
    response_model=ApprovalDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, DENIAL_EXAMPLE),
)
def post_denial(access: Approve, key: IdempotencyKey, approval_id: ApprovalPath, body: JsonBytes) -> Response:
    """Say no, with a reason: nobody else is asked then, and whoever asked may ask anew."""
    uuid = path_id(typeid.APPROVAL, approval_id, ApprovalNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        deny(session.conn, session.book, uuid, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))


@router.post(
    "/approvals/decisions",
    summary="Answer many",
    response_model=DecidedOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(DecisionsIn, DECISIONS_EXAMPLE),
)
def post_decisions(access: Approve, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Answer up to 100 requests at once, all or none; every one that cannot be is told by its place in the list."""
    asked = parse(DecisionsIn, body)
    uuids = [typeid.decode(typeid.APPROVAL, each) for each in asked.approvals]

    def change(session: Session) -> Mapping[str, Any]:
        if asked.grant:
            grant_all(session.conn, session.book, uuids, actor=session.actor)
        else:
            deny_all(session.conn, session.book, uuids, reason=asked.reason or "", actor=session.actor)
        return {}

    def answer(session: Session, _: Mapping[str, Any]) -> DecidedOut:
        found = known_approvals(session.conn, session.book, uuids)
        return DecidedOut(rows=_rows(session, [found[each] for each in uuids]))

    return change_once(access, key.of(asked), change, answer)


@router.post(
    "/approvals/{approval_id}/withdrawal",
    summary="Take a request back",
    response_model=ApprovalDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
)
def post_withdrawal(access: Approve, key: IdempotencyKey, approval_id: ApprovalPath) -> Response:
    """Ask no more, as long as it was not carried out: whoever asked does it, or a holder of a role that is asked."""
    uuid = path_id(typeid.APPROVAL, approval_id, ApprovalNotFound)

    def change(session: Session) -> Mapping[str, Any]:
        take_back(session.conn, session.book, uuid, actor=session.actor)
        return {}

    return change_once(access, key.of(), change, lambda session, _: _told(session, uuid))


@router.get(
    "/approval-policies", summary="Whose approval is asked", response_model=PoliciesOut, responses={**BAD, **UNFIT}
)
def get_policies(access: Read) -> Response:
    """Return what holds for every action, in the order of amounts; where nothing was decided, what the service asks."""
    return json_reply(access.read(_policies))


@router.post(
    "/approval-policies",
    status_code=201,
    summary="Say whose approval is asked",
    response_model=PoliciesOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(PolicyIn, POLICY_EXAMPLE),
)
def post_policy(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Ask these roles from an amount on, those of the law among them. What is asked already goes on as it was."""
    asked = parse(PolicyIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        conn, book = session.conn, session.book
        set_policy(conn, book, asked.action, asked.terms(), from_minor=asked.from_minor, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _policies(session), status=201)
