"""Vouchers issued before they are executed, and the months that are locked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.parameters import PAGE_SIZE_DEFAULT, PageSize
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.chart import (
    LOCK_EXAMPLE,
    VOID_EXAMPLE,
    VOUCHER_EXAMPLE,
    LockIn,
    LockOut,
    LocksOut,
    VoidIn,
    VoucherIn,
    VoucherOut,
    VouchersOut,
)
from api.schemas.field import VOUCHER_KIND_PATTERN
from ledger.books import commands, queries
from ledger.books.model import VoucherNumber
from ledger.calendar import fiscal_year, today

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["vouchers and months"])

Post = Annotated[Access, Depends(NeedsIn("post"))]
Lock = Annotated[Access, Depends(NeedsIn("lock"))]
Read = Annotated[Access, Depends(NeedsIn("read"))]
KindPath = Annotated[str, Path(pattern=VOUCHER_KIND_PATTERN, examples=["PC"])]
YearPath = Annotated[int, Path(ge=1900, le=2999, examples=[2025])]
NumberPath = Annotated[int, Path(ge=1, le=999_999_999, examples=[17])]


@router.get("/vouchers", summary="Vouchers of a kind and year", response_model=VouchersOut, responses={**BAD, **UNFIT})
def get_vouchers(
    access: Read,
    kind: Annotated[str, Query(pattern=VOUCHER_KIND_PATTERN, examples=["PC"])],
    year: Annotated[int | None, Query(ge=1900, le=2999, description="The fiscal year; this year")] = None,
    cursor: Annotated[int, Query(ge=0, le=999_999_999, description="`next_cursor` of the page before")] = 0,
    page_size: PageSize = PAGE_SIZE_DEFAULT,
) -> Response:
    """Return vouchers by number, without a gap: executed by an entry, void, or waiting."""
    asked_year = year or fiscal_year(today())

    def work(session: Session) -> VouchersOut:
        found = queries.vouchers(
            session.conn, session.book, kind, asked_year, after_number=cursor, row_count=page_size + 1
        )
        rows = found[:page_size]
        following = str(rows[-1].voucher.number) if len(found) > page_size else None
        return VouchersOut(rows=[VoucherOut.model_validate(row) for row in rows], next_cursor=following)

    return json_reply(access.read(work))


@router.post(
    "/vouchers",
    status_code=201,
    summary="Issue a voucher",
    response_model=VoucherOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(VoucherIn, VOUCHER_EXAMPLE),
)
def post_voucher(access: Post, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Issue a voucher: it gets the next number, is printed and signed, and an entry names it when it is executed."""
    asked = parse(VoucherIn, body)

    def issue(session: Session) -> dict[str, object]:
        made = commands.issue_voucher(
            session.conn, session.book, asked.kind, issued_on=asked.issued_on, actor=session.actor
        )
        return {"fiscal_year": made.fiscal_year, "number": made.number}

    def work(session: Session) -> tuple[VoucherOut, bool]:
        result, is_replay = once(session, key.of(asked), lambda: issue(session))
        voucher = VoucherNumber(kind=asked.kind, fiscal_year=result["fiscal_year"], number=result["number"])
        return _voucher(session, voucher), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.post(
    "/vouchers/{kind}/{year}/{number}/void",
    summary="Void a voucher",
    response_model=VoucherOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(VoidIn, VOID_EXAMPLE),
)
def post_void(
    access: Post, key: IdempotencyKey, *, kind: KindPath, year: YearPath, number: NumberPath, body: JsonBytes
) -> Response:
    """Void a voucher that will not be executed; its number stays used (Accounting Law, Art. 18.3)."""
    asked = parse(VoidIn, body)
    voucher = VoucherNumber(kind=kind, fiscal_year=year, number=number)

    def void(session: Session) -> dict[str, object]:
        commands.void_voucher(session.conn, session.book, voucher, reason=asked.reason, actor=session.actor)
        return {}

    def work(session: Session) -> tuple[VoucherOut, bool]:
        _, is_replay = once(session, key.of(asked), lambda: void(session))
        return _voucher(session, voucher), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 200, replayed(is_replay=is_replay))


def _voucher(session: Session, voucher: VoucherNumber) -> VoucherOut:
    found = queries.vouchers(
        session.conn,
        session.book,
        voucher.kind,
        voucher.fiscal_year,
        after_number=voucher.number - 1,
        row_count=1,
    )
    return VoucherOut.model_validate(found[0])


@router.get("/locks", summary="Locked months", response_model=LocksOut, responses={**BAD, **UNFIT})
def get_locks(access: Read) -> Response:
    """Return the locks of the book, the last first; nothing is posted on or before the day of the first."""
    rows = access.read(lambda session: queries.locks(session.conn, session.book))
    return json_reply(LocksOut(rows=[LockOut.model_validate(row) for row in rows]))


@router.post(
    "/locks",
    status_code=201,
    summary="Lock months",
    response_model=LockOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(LockIn, LOCK_EXAMPLE),
)
def post_lock(access: Lock, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Lock every month up to the one that holds a day; it must have ended, and nothing unlocks it."""
    asked = parse(LockIn, body)

    def lock(session: Session) -> dict[str, object]:
        through = commands.lock_months(session.conn, session.book, through=asked.through, actor=session.actor)
        return {"locked_through": str(through)}

    def work(session: Session) -> tuple[LockOut, bool]:
        result, is_replay = once(session, key.of(asked), lambda: lock(session))
        found = queries.locks(session.conn, session.book)
        return LockOut.model_validate(
            next(each for each in found if str(each.locked_through) == result["locked_through"])
        ), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))
