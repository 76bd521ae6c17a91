"""How a report changed since it was given: the difference between two sizes of the log."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Access, NeedsIn, Session
from api.parameters import PAGE_SIZE_DEFAULT, Consolidated, PageSize, PeriodAsked, scope_of
from api.reply import WantsCsv, csv_reply, json_reply
from api.routes.answer import BAD, CSV_TOO, UNFIT
from api.schemas.field import Out
from api.schemas.report import LearntEntryOut, RestatedAccountOut, RestatedRowOut, RestatementOut
from ledger.money import AMOUNT_MAX
from ledger.reports.page import PAGE_SIZE_MAX
from ledger.reports.restatement import RestatedAccount, known_pair, learnt_entries, restated_accounts

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["reports"], responses={**BAD, **UNFIT, **CSV_TOO})

_SIZES: Final = ("opening", "debit", "credit", "closing")

Before = Annotated[int, Query(ge=0, le=AMOUNT_MAX, description="The earlier size of the log", examples=[0])]
After = Annotated[int | None, Query(ge=0, le=AMOUNT_MAX, description="The later size of the log; what it has now")]
Part = Annotated[
    Literal["accounts", "entries"], Query(description="What CSV has: the accounts that differ, or all the entries")
]
IndexCursor = Annotated[int | None, Query(ge=0, le=AMOUNT_MAX, description="`next_cursor` of the page before")]


@router.get("/restatement", summary="How the trial balance changed", response_model=RestatementOut)
def get_restatement(
    access: Annotated[Access, Depends(NeedsIn("read"))],
    period: PeriodAsked,
    known_before: Before,
    *,
    as_csv: WantsCsv,
    known_after: After = None,
    consolidated: Consolidated = False,
    part: Part = "accounts",
    cursor: IndexCursor = None,
    page_size: PageSize = PAGE_SIZE_DEFAULT,
) -> Response:
    """Return the accounts of a trial balance that differ as known at two sizes of the log, and the entries of the
    period that became known between, in the order of the log.
    """  # noqa: D205 - the first sentence is the API's own text

    def work(session: Session) -> RestatementOut:
        before, after = known_pair(session.conn, known_before, known_after)
        scope = scope_of(session, is_consolidated=consolidated)
        accounts = restated_accounts(session.conn, scope, period, before=before, after=after)
        page = learnt_entries(
            session.conn, scope, period, before=before, after=after, after_index=cursor, page_size=page_size
        )
        return RestatementOut(
            known_before=known_before,
            known_after=after.at or 0,
            accounts=[RestatedAccountOut.model_validate(each) for each in accounts],
            entries=[LearntEntryOut.model_validate(each) for each in page.rows],
            next_cursor=None if page.next_cursor is None else str(page.next_cursor),
        )

    def account_rows(session: Session) -> Iterator[Out]:
        before, after = known_pair(session.conn, known_before, known_after)
        scope = scope_of(session, is_consolidated=consolidated)
        return map(_flat, restated_accounts(session.conn, scope, period, before=before, after=after))

    def entry_rows(session: Session) -> Iterator[Out]:
        before, after = known_pair(session.conn, known_before, known_after)
        scope, after_index = scope_of(session, is_consolidated=consolidated), None
        while True:
            page = learnt_entries(
                session.conn,
                scope,
                period,
                before=before,
                after=after,
                after_index=after_index,
                page_size=PAGE_SIZE_MAX,
            )
            yield from (LearntEntryOut.model_validate(each) for each in page.rows)
            after_index = page.next_cursor
            if after_index is None:
                return

    if not as_csv:
        return json_reply(access.read(work))
    if part == "entries":
        return csv_reply(access, LearntEntryOut, entry_rows, "but-toan-biet-them")
    return csv_reply(access, RestatedRowOut, account_rows, "chenh-lech")


def _flat(account: RestatedAccount) -> RestatedRowOut:
    amounts = {
        f"{size}_{when}_minor": getattr(getattr(account, when), f"{size}_minor")
        for size in _SIZES
        for when in ("before", "after", "difference")
    }
    return RestatedRowOut(account=account.account, name_vi=account.name_vi, name_en=account.name_en, **amounts)
