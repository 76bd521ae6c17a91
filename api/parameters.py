"""Query parameters that several routes take: a period, a page, how far down to add up."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Query

from api.auth import Session
from api.problems import Refusal
from api.schemas.field import Day
from ledger.calendar import today
from ledger.money import AMOUNT_MAX
from ledger.reports.page import PAGE_SIZE_MAX, Position
from ledger.reports.period import Period
from ledger.reports.scope import Scope

PAGE_SIZE_DEFAULT: Final = 100


async def _period(
    from_: Annotated[Day | None, Query(alias="from", description="First day; 1 January of the last day's year")] = None,
    to: Annotated[Day | None, Query(description="Last day; today")] = None,
) -> Period:
    to_on = to or today()
    return Period(from_on=from_ or to_on.replace(month=1, day=1), to_on=to_on)


async def _as_of(
    as_of: Annotated[Day | None, Query(description="The day at whose end it is asked; today")] = None,
) -> date:
    return as_of or today()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """Which page, and how long."""

    after: Position | None
    size: int


PageSize = Annotated[int, Query(ge=1, le=PAGE_SIZE_MAX, description="Rows of a page")]


async def _page(
    cursor: Annotated[str | None, Query(max_length=60, description="`next_cursor` of the page before")] = None,
    page_size: PageSize = PAGE_SIZE_DEFAULT,
) -> PageAsked:
    return PageAsked(after=None if cursor is None else Position.parse(cursor), size=page_size)


PeriodAsked = Annotated[Period, Depends(_period)]
AsOf = Annotated[date, Depends(_as_of)]
Paging = Annotated[PageAsked, Depends(_page)]
Consolidated = Annotated[bool, Query(description="Add up the books of everything below it too")]
FundAsked = Annotated[str | None, Query(pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$", description="One fund alone")]
AccountAsked = Annotated[
    str, Query(pattern=r"^[0-9]{3,5}[A-Z0-9]{0,8}$", description="An account, or a heading", examples=["1111"])
]


AsKnownAt = Annotated[
    int | None,
    Query(
        ge=0,
        le=AMOUNT_MAX,
        description="A size of the log: only what its first leaves have of each book, told the same for ever; now",
    ),
]


def scope_of(session: Session, *, is_consolidated: bool) -> Scope:
    """Return the books that a report covers.

    Raises:
        Refusal: all below was asked for, with a token that does not reach below.
    """
    if is_consolidated and not (session.reaches_below or session.is_server):
        raise Refusal("reach_below_missing")
    book = session.book
    return Scope(tenant_id=book.tenant_id, association_id=book.association_id, reaches_below=is_consolidated)
