"""Say which bank accounts people are asked to pay into."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.banking import BANK_ACCOUNT_EXAMPLE, BankAccountIn, BankAccountOut, BankAccountsOut
from api.schemas.field import ACCOUNT_PATTERN
from ledger.banking.account import BankAccount, bank_accounts, set_bank_account, withdraw_bank_account
from ledger.banking.bank import bank_name
from ledger.books.model import Request

router = APIRouter(prefix="/v1/associations/{association_id}/bank-accounts", tags=["chart"])

Chart = Annotated[Access, Depends(NeedsIn("chart"))]
Read = Annotated[Access, Depends(NeedsIn("read"))]
AccountPath = Annotated[str, Path(pattern=ACCOUNT_PATTERN, examples=["1121A"])]


def _shown(session: Session) -> BankAccountsOut:
    return BankAccountsOut(
        rows=[
            BankAccountOut(
                account=each.account,
                bank_bin=each.bank_bin,
                bank_name=bank_name(each.bank_bin),
                number=each.number,
                holder=each.holder,
            )
            for each in bank_accounts(session.conn, session.book)
        ]
    )


def _change(access: Access, request: Request, change: Callable[[Session], None], status: int) -> Response:
    def do(session: Session) -> dict[str, object]:
        change(session)
        return {}

    def work(session: Session) -> tuple[BankAccountsOut, bool]:
        _, is_replay = once(session, request, lambda: do(session))
        return _shown(session), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, status, replayed(is_replay=is_replay))


@router.get("", summary="Bank accounts to pay into", response_model=BankAccountsOut, responses={**BAD, **UNFIT})
def get_bank_accounts(access: Read) -> Response:
    """Return the accounts that papers, posters and campaign pages show; anybody sees them there."""
    return json_reply(access.read(_shown))


@router.post(
    "",
    status_code=201,
    summary="Show a bank account",
    response_model=BankAccountsOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(BankAccountIn, BANK_ACCOUNT_EXAMPLE),
)
def post_bank_account(access: Chart, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Show an account, or another number for it, from now on. Every change is a leaf of the public log."""
    asked = parse(BankAccountIn, body)
    shown = BankAccount(account=asked.account, bank_bin=asked.bank_bin, number=asked.number, holder=asked.holder)
    return _change(
        access,
        key.of(asked),
        lambda session: set_bank_account(session.conn, session.book, shown, actor=session.actor),
        201,
    )


@router.post(
    "/{account}/withdrawal",
    summary="Show a bank account no more",
    response_model=BankAccountsOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
)
def post_withdrawal(access: Chart, key: IdempotencyKey, account: AccountPath) -> Response:
    """Take an account off papers, posters and campaign pages; what was printed keeps it."""
    return _change(
        access,
        key.of(),
        lambda session: withdraw_bank_account(session.conn, session.book, account, actor=session.actor),
        200,
    )
