"""Questions to the books: ledger, trial balance, cash and bank book, fund statement, balances, overview."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.auth import Access, NeedsIn, Session
from api.parameters import (
    AccountAsked,
    AsKnownAt,
    AsOf,
    Consolidated,
    FundAsked,
    PageAsked,
    Paging,
    PeriodAsked,
    scope_of,
)
from api.reply import WantsCsv, csv_reply, json_reply
from api.routes.answer import BAD, CSV_TOO, UNFIT
from api.schemas.field import Out
from api.schemas.report import (
    AssociationShareOut,
    BalanceOut,
    BalancesOut,
    CashBookOut,
    CashRowOut,
    FundFlowOut,
    FundStatementOut,
    LedgerOut,
    LedgerRowOut,
    OverviewOut,
    TrialBalanceOut,
    TrialBalanceRowOut,
)
from ledger.errors import ReferenceUnknown
from ledger.reports.balance import balances
from ledger.reports.cash_book import cash_accounts, cash_book, cash_summary
from ledger.reports.fund_statement import FundStatement, fund_statement
from ledger.reports.general_ledger import general_ledger, ledger_summary
from ledger.reports.known import known_at
from ledger.reports.overview import overview
from ledger.reports.page import PAGE_SIZE_MAX, Page, Position
from ledger.reports.period import Period
from ledger.reports.trial_balance import trial_balance

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["reports"], responses={**BAD, **UNFIT, **CSV_TOO})

Read = Annotated[Access, Depends(NeedsIn("read"))]


def _all_pages(model: type[Out], page_after: Callable[[Position | None], Page[Any, Position]]) -> Iterator[Out]:
    after = None
    while True:
        page = page_after(after)
        yield from (model.model_validate(row) for row in page.rows)
        after = page.next_cursor
        if after is None:
            return


@router.get("/ledger", summary="The general ledger (S03-H)", response_model=LedgerOut)
def get_ledger(
    access: Read,
    account: AccountAsked,
    period: PeriodAsked,
    paging: Paging,
    *,
    as_csv: WantsCsv,
    fund: FundAsked = None,
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return the lines of an account, or of all accounts of a heading, with the balance after each."""

    def rows(session: Session) -> Iterator[Out]:
        known = known_at(session.conn, as_known_at)
        ledger_summary(
            session.conn, session.book, account, period, fund=fund, known=known
        )  # refuses an unknown account
        return _all_pages(
            LedgerRowOut,
            lambda after: general_ledger(
                session.conn,
                session.book,
                account,
                period,
                fund=fund,
                after=after,
                page_size=PAGE_SIZE_MAX,
                known=known,
            ),
        )

    def work(session: Session) -> LedgerOut:
        known = known_at(session.conn, as_known_at)
        summary = ledger_summary(session.conn, session.book, account, period, fund=fund, known=known)
        page = general_ledger(
            session.conn,
            session.book,
            account,
            period,
            fund=fund,
            after=paging.after,
            page_size=paging.size,
            known=known,
        )
        return LedgerOut(
            as_known_at=known.at,
            account=account,
            opening_minor=summary.opening_minor,
            debit_minor=summary.debit_minor,
            credit_minor=summary.credit_minor,
            closing_minor=summary.closing_minor,
            rows=[LedgerRowOut.model_validate(row) for row in page.rows],
            next_cursor=_cursor(page),
        )

    return (
        csv_reply(access, LedgerRowOut, rows, _named("s03-so-cai", as_known_at))
        if as_csv
        else json_reply(access.read(work))
    )


def _named(name: str, as_known_at: int | None) -> str:
    """Name a file; what was known when is part of what it is."""
    return name if as_known_at is None else f"{name}-k{as_known_at}"


def _cursor(page: Page[Any, Position]) -> str | None:
    return None if page.next_cursor is None else str(page.next_cursor)


@router.get("/trial-balance", summary="The trial balance (S05-H)", response_model=TrialBalanceOut)
def get_trial_balance(
    access: Read,
    period: PeriodAsked,
    *,
    as_csv: WantsCsv,
    fund: FundAsked = None,
    consolidated: Consolidated = False,
    headings: bool = False,
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return opening, movement and closing of every account; with `headings`, of the headings above them too."""

    def work(session: Session) -> TrialBalanceOut:
        scope = scope_of(session, is_consolidated=consolidated)
        known = known_at(session.conn, as_known_at)
        found = trial_balance(session.conn, scope, period, fund=fund, with_headings=headings, known=known)
        return TrialBalanceOut.model_validate(found).model_copy(update={"as_known_at": known.at})

    if as_csv:
        return csv_reply(
            access, TrialBalanceRowOut, lambda session: work(session).rows, _named("s05-can-doi-phat-sinh", as_known_at)
        )
    return json_reply(access.read(work))


@router.get("/cash-book", summary="The cash book (S11-H)", response_model=CashBookOut)
def get_cash_book(
    access: Read,
    period: PeriodAsked,
    paging: Paging,
    *,
    as_csv: WantsCsv,
    account: AccountAsked = "1111",
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return receipts and payments of a till, with the balance after each."""
    return _cash(access, "cash", account, period, paging, as_csv=as_csv, as_known_at=as_known_at)


@router.get("/bank-book", summary="The bank book (S12-H)", response_model=CashBookOut)
def get_bank_book(
    access: Read,
    period: PeriodAsked,
    paging: Paging,
    *,
    as_csv: WantsCsv,
    account: AccountAsked = "1121A",
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return what came into and went out of a bank account, with the balance after each."""
    return _cash(access, "bank", account, period, paging, as_csv=as_csv, as_known_at=as_known_at)


def _cash(
    access: Access,
    role: str,
    account: str,
    period: Period,
    paging: PageAsked,
    *,
    as_csv: bool,
    as_known_at: int | None,
) -> Response:
    def check(session: Session) -> None:
        listed = cash_accounts(session.conn, session.book, as_of=period.to_on)
        if not any(each.account == account and each.role == role for each in listed):
            raise ReferenceUnknown(field="account", value=account)

    def rows(session: Session) -> Iterator[Out]:
        known = known_at(session.conn, as_known_at)
        check(session)
        return _all_pages(
            CashRowOut,
            lambda after: cash_book(
                session.conn, session.book, account, period, after=after, page_size=PAGE_SIZE_MAX, known=known
            ),
        )

    def work(session: Session) -> CashBookOut:
        known = known_at(session.conn, as_known_at)
        check(session)
        summary = cash_summary(session.conn, session.book, account, period, known=known)
        page = cash_book(
            session.conn, session.book, account, period, after=paging.after, page_size=paging.size, known=known
        )
        return CashBookOut(
            as_known_at=known.at,
            account=account,
            opening_minor=summary.opening_minor,
            in_minor=summary.in_minor,
            out_minor=summary.out_minor,
            closing_minor=summary.closing_minor,
            rows=[CashRowOut.model_validate(row) for row in page.rows],
            next_cursor=_cursor(page),
        )

    name = _named("s11-so-quy-tien-mat" if role == "cash" else "s12-so-tien-gui", as_known_at)
    return csv_reply(access, CashRowOut, rows, name) if as_csv else json_reply(access.read(work))


@router.get("/fund-statement", summary="The fund statement (S81-H)", response_model=FundStatementOut)
def get_fund_statement(
    access: Read,
    period: PeriodAsked,
    *,
    as_csv: WantsCsv,
    fund: FundAsked = None,
    consolidated: Consolidated = False,
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return opening, received by channel and campaign, used by program, and closing of one fund or of all."""

    def found(session: Session) -> FundStatement:
        scope = scope_of(session, is_consolidated=consolidated)
        return fund_statement(session.conn, scope, period, fund=fund, known=known_at(session.conn, as_known_at))

    def work(session: Session) -> FundStatementOut:
        return FundStatementOut.model_validate(found(session)).model_copy(update={"as_known_at": as_known_at})

    if as_csv:
        name = _named("s81-quy", as_known_at)
        return csv_reply(access, FundFlowOut, lambda session: _flow_rows(found(session)), name)
    return json_reply(access.read(work))


def _flow_rows(statement: FundStatement) -> Iterator[Out]:
    """Lay a statement out as rows, in the order in which it is read."""
    totals = statement.totals
    total_rows = {
        "opening": totals.opening_minor,
        "received": totals.received_minor,
        "used": totals.used_minor,
        "other_in": totals.other_in_minor,
        "other_out": totals.other_out_minor,
        "closing": totals.closing_minor,
    }
    for code, amount in total_rows.items():
        yield FundFlowOut(part="total", code=code, campaign=None, name=code, amount_minor=amount, quantity=None)
    for received in statement.received:
        yield FundFlowOut(
            part="received",
            code=received.channel,
            campaign=received.campaign,
            name=received.name_vi,
            amount_minor=received.amount_minor,
            quantity=None,
        )
    for used in statement.used:
        yield FundFlowOut(
            part="used",
            code=used.program,
            campaign=None,
            name=used.name_vi,
            amount_minor=used.amount_minor,
            quantity=used.quantity,
        )


@router.get("/balances", summary="Balances on a day", response_model=BalancesOut)
def get_balances(
    access: Read,
    as_of: AsOf,
    *,
    as_csv: WantsCsv,
    account: AccountAsked | None = None,
    fund: FundAsked = None,
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return what every account holds of every fund at the end of a day; debit is positive."""

    def work(session: Session) -> BalancesOut:
        known = known_at(session.conn, as_known_at)
        rows = balances(session.conn, session.book, as_of=as_of, account=account, fund=fund, known=known)
        return BalancesOut(as_known_at=known.at, as_of=as_of, rows=[BalanceOut.model_validate(row) for row in rows])

    if as_csv:
        return csv_reply(access, BalanceOut, lambda session: work(session).rows, _named("so-du", as_known_at))
    return json_reply(access.read(work))


@router.get("/overview", summary="A period in one sentence", response_model=OverviewOut)
def get_overview(
    access: Read,
    period: PeriodAsked,
    *,
    as_csv: WantsCsv,
    consolidated: Consolidated = False,
    as_known_at: AsKnownAt = None,
) -> Response:
    """Return opening + in − out ± other = closing, and what it is made of; CSV has the associations."""

    def work(session: Session) -> OverviewOut:
        known = known_at(session.conn, as_known_at)
        found = overview(session.conn, scope_of(session, is_consolidated=consolidated), period, known=known)
        return OverviewOut.model_validate(found).model_copy(update={"as_known_at": known.at})

    if as_csv:
        return csv_reply(
            access, AssociationShareOut, lambda session: work(session).associations, _named("tong-quan", as_known_at)
        )
    return json_reply(access.read(work))
