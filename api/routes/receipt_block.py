"""Books of paper receipts: give them out, void slips, take them back."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.auth import Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.contribution import sees_names
from api.routes.giving import Collect, Read, change_once, path_id
from api.schemas.keeping import (
    BLOCK_CLOSING_EXAMPLE,
    BLOCK_EXAMPLE,
    VOID_EXAMPLE,
    BlockClosingIn,
    BlockIn,
    BlockOut,
    BlockSlipsOut,
    BlocksOut,
    SlipOut,
    VoidIn,
)
from ledger import typeid
from ledger.giving.block import (
    Block,
    BlockNotFound,
    block_by_id,
    blocks,
    close_block,
    issue_block,
    slips,
    void_slip,
)

router = APIRouter(prefix="/v1/associations/{association_id}/receipt-blocks", tags=["giving"])

BlockPath = Annotated[
    str, Path(description="The block's id", examples=["bl_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


def _out(session: Session, block: Block) -> BlockOut:
    out = BlockOut.model_validate(block)
    return out if sees_names(session) else out.model_copy(update={"holder": None})


def _told(session: Session, block_id: UUID) -> BlockOut:
    return _out(session, block_by_id(session.conn, session.book, block_id))


@router.get("", summary="The books of paper receipts", response_model=BlocksOut, responses={**BAD, **UNFIT})
def get_blocks(access: Read) -> Response:
    """Return the books of paper receipts that were given out, by series and number."""

    def work(session: Session) -> BlocksOut:
        return BlocksOut(rows=[_out(session, block) for block in blocks(session.conn, session.book)])

    return json_reply(access.read(work))


@router.post(
    "",
    status_code=201,
    summary="Give out a book of paper receipts",
    response_model=BlockOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(BlockIn, BLOCK_EXAMPLE),
)
def post_block(access: Collect, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Record who carries which numbers; a number of a series is of one book."""
    asked = parse(BlockIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        block_id = issue_block(
            session.conn,
            session.book,
            series=asked.series,
            first_number=asked.first_number,
            last_number=asked.last_number,
            holder=asked.held_by(),
            issued_on=asked.issued_on,
            actor=session.actor,
        )
        return {"block": typeid.encode(typeid.BLOCK, block_id)}

    return change_once(
        access,
        key.of(asked),
        change,
        lambda session, made: _told(session, typeid.decode(typeid.BLOCK, made["block"])),
        status=201,
    )


@router.get(
    "/{block_id}",
    summary="A book of paper receipts, number by number",
    response_model=BlockSlipsOut,
    responses={**BAD, **NO_SUCH},
)
def get_block(access: Read, block_id: BlockPath) -> Response:
    """Return every number with what became of it: used, void, blank, returned or missing."""
    uuid = path_id(typeid.BLOCK, block_id, BlockNotFound)

    def work(session: Session) -> BlockSlipsOut:
        found = slips(session.conn, session.book, uuid)
        return BlockSlipsOut(block=_told(session, uuid), slips=[SlipOut.model_validate(slip) for slip in found])

    return json_reply(access.read(work))


@router.post(
    "/{block_id}/voids",
    status_code=201,
    summary="Void a slip",
    response_model=BlockOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(VoidIn, VOID_EXAMPLE),
)
def post_void(access: Collect, key: IdempotencyKey, block_id: BlockPath, body: JsonBytes) -> Response:
    """Void a slip that was spoilt; its number stays used."""
    uuid = path_id(typeid.BLOCK, block_id, BlockNotFound)
    asked = parse(VoidIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        void_slip(session.conn, session.book, uuid, asked.number, reason=asked.reason, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid), status=201)


@router.post(
    "/{block_id}/closing",
    summary="Take a book of paper receipts back",
    response_model=BlockOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(BlockClosingIn, BLOCK_CLOSING_EXAMPLE),
)
def post_block_closing(access: Collect, key: IdempotencyKey, block_id: BlockPath, body: JsonBytes) -> Response:
    """Count a book that comes back: from the number named on its slips are blank; any other blank one is missing."""
    uuid = path_id(typeid.BLOCK, block_id, BlockNotFound)
    asked = parse(BlockClosingIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        close_block(session.conn, session.book, uuid, returned_from=asked.returned_from, actor=session.actor)
        return {}

    return change_once(access, key.of(asked), change, lambda session, _: _told(session, uuid))
