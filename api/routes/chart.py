"""What a book is made of: accounts, funds, campaigns and programs."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.chart import (
    ACCOUNT_EXAMPLE,
    CAMPAIGN_EXAMPLE,
    CLOSING_EXAMPLE,
    FUND_EXAMPLE,
    PROGRAM_EXAMPLE,
    AccountIn,
    AccountOut,
    AccountsOut,
    CampaignIn,
    CampaignOut,
    CampaignsOut,
    ClosingIn,
    FundIn,
    FundOut,
    FundsOut,
    ProgramIn,
    ProgramOut,
    ProgramsOut,
)
from api.schemas.field import ACCOUNT_PATTERN, CODE_PATTERN, Out
from ledger.books import chart as commands
from ledger.books import queries
from ledger.books.model import Request

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["chart"])

Chart = Annotated[Access, Depends(NeedsIn("chart"))]
Read = Annotated[Access, Depends(NeedsIn("read"))]
AccountPath = Annotated[str, Path(pattern=ACCOUNT_PATTERN, examples=["1121B"])]
FundPath = Annotated[str, Path(pattern=CODE_PATTERN, examples=["QC"])]


def _change(
    access: Access,
    request: Request,
    model: type[Out],
    *,
    change: Callable[[Session], object],
    found: Callable[[Session], tuple[Any, ...]],
    status: int = 201,
) -> Response:
    """Change the chart once, and answer with what is there then."""

    def do(session: Session) -> dict[str, object]:
        change(session)
        return {}

    def work(session: Session) -> tuple[Out, bool]:
        _, is_replay = once(session, request, lambda: do(session))
        return model.model_validate(found(session)[0]), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, status, replayed(is_replay=is_replay))


@router.get("/accounts", summary="The chart of accounts", response_model=AccountsOut, responses={**BAD, **UNFIT})
def get_accounts(access: Read) -> Response:
    """Return every account of the book; headings (`is_parent`) are not posted to."""
    rows = access.read(lambda session: queries.accounts(session.conn, session.book))
    return json_reply(AccountsOut(rows=[AccountOut.model_validate(row) for row in rows]))


@router.post(
    "/accounts",
    status_code=201,
    summary="Open an account",
    response_model=AccountOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(AccountIn, ACCOUNT_EXAMPLE),
)
def post_account(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open an account under a heading: one for each bank account, for example."""
    asked = parse(AccountIn, body)
    opened = {**dict(asked), "name_en": asked.name_en or asked.name_vi}
    return _change(
        access,
        key.of(asked),
        AccountOut,
        change=lambda session: commands.open_account(session.conn, session.book, **opened, actor=session.actor),
        found=lambda session: queries.accounts(session.conn, session.book, asked.account),
    )


@router.post(
    "/accounts/{account}/closing",
    summary="Close an account",
    response_model=AccountOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ClosingIn, CLOSING_EXAMPLE),
)
def post_account_closing(access: Chart, key: IdempotencyKey, account: AccountPath, body: JsonBytes) -> Response:
    """Close an account at the end of a day on which nothing is left in it."""
    asked = parse(ClosingIn, body)
    return _change(
        access,
        key.of(asked),
        AccountOut,
        change=lambda session: commands.close_account(
            session.conn, session.book, account, closed_on=asked.closed_on, actor=session.actor
        ),
        found=lambda session: queries.accounts(session.conn, session.book, account),
        status=200,
    )


@router.get("/funds", summary="The funds", response_model=FundsOut, responses={**BAD, **UNFIT})
def get_funds(access: Read) -> Response:
    """Return every fund of the book."""
    rows = access.read(lambda session: queries.funds(session.conn, session.book))
    return json_reply(FundsOut(rows=[FundOut.model_validate(row) for row in rows]))


@router.post(
    "/funds",
    status_code=201,
    summary="Open a fund",
    response_model=FundOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(FundIn, FUND_EXAMPLE),
)
def post_fund(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open a fund, which balances by itself from then on; a restricted one has a purpose."""
    asked = parse(FundIn, body)
    return _change(
        access,
        key.of(asked),
        FundOut,
        change=lambda session: commands.open_fund(session.conn, session.book, **dict(asked), actor=session.actor),
        found=lambda session: queries.funds(session.conn, session.book, asked.fund),
    )


@router.post(
    "/funds/{fund}/closing",
    summary="Close a fund",
    response_model=FundOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(ClosingIn, CLOSING_EXAMPLE),
)
def post_fund_closing(access: Chart, key: IdempotencyKey, fund: FundPath, body: JsonBytes) -> Response:
    """Close a fund at the end of a day on which nothing is left in it."""
    asked = parse(ClosingIn, body)
    return _change(
        access,
        key.of(asked),
        FundOut,
        change=lambda session: commands.close_fund(
            session.conn, session.book, fund, closed_on=asked.closed_on, actor=session.actor
        ),
        found=lambda session: queries.funds(session.conn, session.book, fund),
        status=200,
    )


@router.get("/campaigns", summary="The campaigns", response_model=CampaignsOut, responses={**BAD, **UNFIT})
def get_campaigns(access: Read) -> Response:
    """Return the drives that the books of this storage home receive for."""
    rows = access.read(lambda session: queries.campaigns(session.conn, session.book))
    return json_reply(CampaignsOut(rows=[CampaignOut.model_validate(row) for row in rows]))


@router.post(
    "/campaigns",
    status_code=201,
    summary="Open a campaign",
    response_model=CampaignOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(CampaignIn, CAMPAIGN_EXAMPLE),
)
def post_campaign(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open a drive for every book of the tree; only the association at its top may."""
    asked = parse(CampaignIn, body)
    return _change(
        access,
        key.of(asked),
        CampaignOut,
        change=lambda session: commands.open_campaign(session.conn, session.book, **dict(asked), actor=session.actor),
        found=lambda session: queries.campaigns(session.conn, session.book, asked.campaign),
    )


@router.get("/programs", summary="The programs", response_model=ProgramsOut, responses={**BAD, **UNFIT})
def get_programs(access: Read) -> Response:
    """Return what the books of this storage home spend money on, and what each counts."""
    rows = access.read(lambda session: queries.programs(session.conn, session.book))
    return json_reply(ProgramsOut(rows=[ProgramOut.model_validate(row) for row in rows]))


@router.post(
    "/programs",
    status_code=201,
    summary="Open a program",
    response_model=ProgramOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(ProgramIn, PROGRAM_EXAMPLE),
)
def post_program(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Open a program for every book of the tree; only the association at its top may."""
    asked = parse(ProgramIn, body)
    return _change(
        access,
        key.of(asked),
        ProgramOut,
        change=lambda session: commands.open_program(session.conn, session.book, **dict(asked), actor=session.actor),
        found=lambda session: queries.programs(session.conn, session.book, asked.program),
    )
