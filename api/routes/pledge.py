"""Promises: record them, follow them, give them up."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.auth import Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey
from api.parameters import AsOf, PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.contribution import sees_names
from api.routes.giving import Collect, CursorAsked, Read, change_once, cursor_of, path_id, place_after
from api.schemas.field import CODE_PATTERN
from api.schemas.keeping import (
    PLEDGE_EXAMPLE,
    REASON_EXAMPLE,
    AgeingOut,
    PledgeIn,
    PledgeOut,
    PledgesOut,
    ReasonIn,
    pledge_out,
)
from ledger import typeid
from ledger.giving.pledge import PledgeNotFound, ageing, cancel_pledge, pledge_by_id, pledges, record_pledge

router = APIRouter(prefix="/v1/associations/{association_id}/pledges", tags=["giving"])

PledgePath = Annotated[
    str, Path(description="The pledge's id", examples=["pl_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


def _told(session: Session, pledge_id: UUID) -> PledgeOut:
    return pledge_out(pledge_by_id(session.conn, session.book, pledge_id), with_names=sees_names(session))


@router.get("", summary="The pledges", response_model=PledgesOut, responses={**BAD, **UNFIT})
def get_pledges(
    access: Read,
    state: Annotated[Literal["open", "fulfilled", "cancelled"] | None, Query(description="Only these")] = None,
    campaign: Annotated[str | None, Query(pattern=CODE_PATTERN, description="Of one drive alone")] = None,
    cursor: CursorAsked = None,
    page_size: PageSize = 100,
) -> Response:
    """Return the pledges of the book, the first due first, with what has come of each."""
    after = place_after(cursor, typeid.PLEDGE)

    def work(session: Session) -> PledgesOut:
        page = pledges(session.conn, session.book, state=state, campaign=campaign, after=after, page_size=page_size)
        rows = [pledge_out(row, with_names=sees_names(session)) for row in page.rows]
        return PledgesOut(rows=rows, next_cursor=cursor_of(page.next_cursor, typeid.PLEDGE))

    return json_reply(access.read(work))


@router.get("/ageing", summary="What is waited for, by age", response_model=AgeingOut, responses={**BAD, **UNFIT})
def get_ageing(access: Read, as_of: AsOf) -> Response:
    """Return what open pledges still lack at the end of a day: not due, 1 to 30 days late, 31 to 90, more."""

    def work(session: Session) -> AgeingOut:
        return AgeingOut.model_validate(_aged(session, as_of))

    return json_reply(access.read(work))


def _aged(session: Session, as_of: date) -> dict[str, Any]:
    return {"as_of": as_of, "rows": ageing(session.conn, session.book, as_of=as_of)}


@router.post(
    "",
    status_code=201,
    summary="Record a pledge",
    response_model=PledgeOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(PledgeIn, PLEDGE_EXAMPLE),
)
def post_pledge(access: Collect, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Record what somebody promises; nothing is posted before something comes and names it."""
    asked = parse(PledgeIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        pledge_id = record_pledge(session.conn, session.book, asked.promise(), actor=session.actor)
        return {"pledge": typeid.encode(typeid.PLEDGE, pledge_id)}

    return change_once(
        access,
        key.of(asked),
        change,
        lambda session, made: _told(session, typeid.decode(typeid.PLEDGE, made["pledge"])),
        status=201,
    )


@router.get("/{pledge_id}", summary="One pledge", response_model=PledgeOut, responses={**BAD, **NO_SUCH})
def get_pledge(access: Read, pledge_id: PledgePath) -> Response:
    """Return a pledge with what has come of it."""
    uuid = path_id(typeid.PLEDGE, pledge_id, PledgeNotFound)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.post(
    "/{pledge_id}/cancellation",
    summary="Give a pledge up",
    response_model=PledgeOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, REASON_EXAMPLE),
)
def post_cancellation(access: Collect, key: IdempotencyKey, pledge_id: PledgePath, body: JsonBytes) -> Response:
    """Wait for the rest no longer; what has come of it stays."""
    uuid = path_id(typeid.PLEDGE, pledge_id, PledgeNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        cancel_pledge(session.conn, session.book, uuid, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))
