"""Goods: take them in, hand them over, take a record back."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.auth import Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey
from api.parameters import PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.contribution import sees_names
from api.routes.giving import CursorAsked, Post, Read, change_once, cursor_of, path_id, place_after
from api.schemas.keeping import (
    GOODS_EXAMPLE,
    HANDOVER_EXAMPLE,
    REASON_EXAMPLE,
    GoodsDetailOut,
    GoodsIn,
    GoodsListOut,
    GoodsOut,
    HandoverIn,
    HandoverOut,
    ReasonIn,
)
from ledger import typeid
from ledger.giving.delivery import HandoverNotFound, hand_over, receive_goods, undo_handover, withdraw_goods
from ledger.giving.goods import Goods, GoodsNotFound, goods_by_id, goods_of, handovers

router = APIRouter(prefix="/v1/associations/{association_id}/goods", tags=["giving"])

GoodsPath = Annotated[str, Path(description="The goods' id", examples=["gd_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]
HandoverPath = Annotated[
    str, Path(description="The handover's id", examples=["ev_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


def _out(session: Session, goods: Goods) -> GoodsOut:
    out = GoodsOut.model_validate(goods)
    hidden = {"name": None, "detail": None, "description": None}
    return out if sees_names(session) else out.model_copy(update=hidden)


def _told(session: Session, goods_id: UUID) -> GoodsDetailOut:
    goods = _out(session, goods_by_id(session.conn, session.book, goods_id))
    handed = handovers(session.conn, session.book, goods_id)
    return GoodsDetailOut(goods=goods, handovers=[HandoverOut.model_validate(each) for each in handed])


@router.get("", summary="The goods", response_model=GoodsListOut, responses={**BAD, **UNFIT})
def get_goods(
    access: Read,
    is_there: Annotated[bool, Query(description="Only what is still there")] = False,  # noqa: FBT002 - a query parameter
    cursor: CursorAsked = None,
    page_size: PageSize = 100,
) -> Response:
    """Return the goods that came, the newest first, with how many of each are there."""
    after = place_after(cursor, typeid.GOODS)

    def work(session: Session) -> GoodsListOut:
        page = goods_of(session.conn, session.book, is_there=is_there, after=after, page_size=page_size)
        rows = [_out(session, row) for row in page.rows]
        return GoodsListOut(rows=rows, next_cursor=cursor_of(page.next_cursor, typeid.GOODS))

    return json_reply(access.read(work))


@router.post(
    "",
    status_code=201,
    summary="Take goods in",
    response_model=GoodsDetailOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(GoodsIn, GOODS_EXAMPLE),
)
def post_goods(access: Post, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Record goods that came: valued, as a contribution with an entry and a receipt, or only counted."""
    asked = parse(GoodsIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        delivered = receive_goods(session.conn, session.book, asked.delivery(), actor=session.actor)
        return {"goods": typeid.encode(typeid.GOODS, delivered.goods_id)}

    return change_once(
        access,
        key.of(asked),
        change,
        lambda session, made: _told(session, typeid.decode(typeid.GOODS, made["goods"])),
        status=201,
    )


@router.get(
    "/{goods_id}", summary="Goods and their handovers", response_model=GoodsDetailOut, responses={**BAD, **NO_SUCH}
)
def get_goods_detail(access: Read, goods_id: GoodsPath) -> Response:
    """Return goods with every handover, also those that were taken back."""
    uuid = path_id(typeid.GOODS, goods_id, GoodsNotFound)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.post(
    "/{goods_id}/handovers",
    status_code=201,
    summary="Hand goods over",
    response_model=GoodsDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(HandoverIn, HANDOVER_EXAMPLE),
)
def post_handover(access: Post, key: IdempotencyKey, goods_id: GoodsPath, body: JsonBytes) -> Response:
    """Hand over some or all of what is there; of valued goods by an entry that spends their share of the value."""
    uuid = path_id(typeid.GOODS, goods_id, GoodsNotFound)
    asked = parse(HandoverIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        hand_over(session.conn, session.book, uuid, **dict(asked), actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid), status=201)


@router.post(
    "/{goods_id}/withdrawal",
    summary="Withdraw counted goods",
    response_model=GoodsDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, REASON_EXAMPLE),
)
def post_withdrawal(access: Post, key: IdempotencyKey, goods_id: GoodsPath, body: JsonBytes) -> Response:
    """Take back the record of counted goods that was a mistake; of valued ones, reverse the entry."""
    uuid = path_id(typeid.GOODS, goods_id, GoodsNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        withdraw_goods(session.conn, session.book, uuid, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))


@router.post(
    "/{goods_id}/handovers/{event_id}/undoing",
    summary="Undo a handover of counted goods",
    response_model=GoodsDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ReasonIn, REASON_EXAMPLE),
)
def post_undoing(
    access: Post, key: IdempotencyKey, goods_id: GoodsPath, event_id: HandoverPath, body: JsonBytes
) -> Response:
    """Take back the record of a handover that did not happen; of valued goods, reverse its entry."""
    uuid = path_id(typeid.GOODS, goods_id, GoodsNotFound)
    handover_id = path_id(typeid.EVENT, event_id, HandoverNotFound)
    asked = parse(ReasonIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        if handover_id not in {each.event_id for each in handovers(session.conn, session.book, uuid)}:
            raise HandoverNotFound(handover=event_id)
        undo_handover(session.conn, session.book, handover_id, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))
