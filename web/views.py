"""What each page shows: a year in one sentence, and from each of its figures down to an entry.

Pages show codes, names of associations and amounts; never a description, which may name a person.
"""

import re
from datetime import date
from typing import Final, Literal
from uuid import UUID

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from ledger import typeid
from ledger.access.exception import list_exceptions
from ledger.calendar import month_end, today
from ledger.demo.presence import demo_place
from ledger.reports.entry import entry_by_seq
from ledger.reports.fund_line import LinePosition, Side, fund_lines
from ledger.reports.fund_statement import FundRow, fund_rows
from ledger.reports.overview import Overview, overview
from ledger.reports.page import CursorMalformed, Page, Position
from ledger.reports.period import DAY_MIN, Period
from ledger.reports.scope import Scope
from web import figures
from web.chart import month_chart
from web.disclosure import disclose
from web.memory import Memory
from web.site import association_path, entry_path, render
from web.translation import Language
from web.tree import branches, leaves

PAGE_SIZE: Final = 100
FUND_COUNT_MAX: Final = 100

_YEARS_BACK: Final = 98

_LINE_CURSOR: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,4})")


class Asked(BaseModel):
    """What a page's address asks for, besides the association; what it does not know it leaves alone."""

    model_config = ConfigDict(frozen=True)

    lang: Language = "vi"
    root: str | None = Field(default=None, max_length=40)
    year: int | None = Field(default=None, ge=1900, le=2999)
    month: int | None = Field(default=None, ge=1, le=12)
    own: bool = False
    every: bool = False
    sort: Literal["name", "opening", "received", "used", "closing"] = "received"
    side: Side | None = None
    channel: str | None = Field(default=None, max_length=40)
    program: str | None = Field(default=None, max_length=40)
    after: str | None = Field(default=None, max_length=80)


def front_page(conn: Connection, memory: Memory[Overview], asked: Asked) -> Response:
    """Return the page of the tree asked for, or of the first; what to do next where there is none.

    Raises:
        LedgerError: the root is none, or its id malformed.
    """
    roots = figures.list_roots(conn)
    if not roots:
        return render("empty.html", asked.lang, "/")
    chosen = roots[0].association_id if asked.root is None else typeid.decode(typeid.ASSOCIATION, asked.root)
    return _year_page(conn, memory, asked, chosen, roots)


def association_page(conn: Connection, memory: Memory[Overview], asked: Asked, association_id: str) -> Response:
    """Return the page of one association: the same year, its own funds and its journal.

    Raises:
        LedgerError: no such association, or an id or cursor that is malformed.
    """
    return _year_page(conn, memory, asked, typeid.decode(typeid.ASSOCIATION, association_id), None)


def _year_page(
    conn: Connection,
    memory: Memory[Overview],
    asked: Asked,
    association_id: UUID,
    roots: tuple[figures.Root, ...] | None,
) -> Response:
    place = figures.find_place(conn, association_id)
    scope, years, period = _scope(conn, place, asked)
    year = period.from_on.year
    fresh = figures.find_freshness(conn, scope, period.to_on)
    told = _overview(conn, memory, scope, period, fresh)
    query: dict[str, object] = {"year": asked.year, "own": asked.own and 1}
    if roots and association_id != roots[0].association_id:
        query["root"] = typeid.encode(typeid.ASSOCIATION, association_id)
    return render(
        "association.html",
        asked.lang,
        association_path(association_id) if roots is None else "/",
        query,
        roots=roots or (),
        place=place,
        years=years,
        year=year,
        closes_on=period.to_on,
        is_whole=period == Period.of_year(year) and period.to_on < today(),
        asked=asked,
        fresh=fresh,
        told=told,
        chart=month_chart(told.months),
        listed=leaves(told.associations, "commune", sort=asked.sort)
        if asked.every
        else branches(told.associations, association_id, sort=asked.sort),
        communes=sum(each.level == "commune" for each in told.associations),
        places=sum(each.level == "commune" and not each.is_sample for each in told.associations),
        disclosed=disclose(conn, place, year, told),
        funds=_funds(conn, place, period) if roots is None else (),
        fund_names=figures.code_names(conn, place.book)["fund"],
        exceptions=list_exceptions(conn, place.book) if roots is None else (),
        journal=_journal(conn, place, asked, year) if roots is None else None,
        names=figures.dimension_names(conn, scope.tenant_id),
    )


def lines_page(conn: Connection, memory: Memory[Overview], asked: Asked, association_id: str) -> Response:
    """Return a page of the lines that a figure is made of.

    Raises:
        LedgerError: no such association, or an id or cursor that is malformed.
    """
    place = figures.find_place(conn, typeid.decode(typeid.ASSOCIATION, association_id))
    scope, _, period = _scope(conn, place, asked)
    year = period.from_on.year
    side = "received" if asked.channel else "used" if asked.program else asked.side
    if side == "opening":
        # Books open before their first year or in the midst of it, so this figure looks back.
        period = Period(from_on=date(max(DAY_MIN.year, year - _YEARS_BACK), 1, 1), to_on=period.to_on)
    elif asked.month:
        period = Period(from_on=date(year, asked.month, 1), to_on=month_end(date(year, asked.month, 1)))
    told = _overview(conn, memory, scope, period, figures.find_freshness(conn, scope, period.to_on))
    found = fund_lines(
        conn,
        scope,
        period,
        side=side,
        channel=asked.channel,
        program=None if asked.channel else asked.program,
        after=_line_position(asked.after),
        page_size=PAGE_SIZE,
    )
    named = {"month": asked.month, "side": asked.side, "channel": asked.channel, "program": asked.program}
    return render(
        "lines.html",
        asked.lang,
        association_path(place.book.association_id, "lines"),
        {"year": asked.year, "own": asked.own and 1, **named},
        place=place,
        year=year,
        period=period,
        asked=asked,
        side=side,
        received=sum(each.amount_minor for each in told.channels if each.channel == asked.channel),
        used=next((each for each in told.programs if each.program == asked.program), None),
        totals=told.totals,
        found=found,
        next_cursor=_line_cursor(found.next_cursor),
        names=figures.dimension_names(conn, scope.tenant_id),
        is_demo=demo_place(conn, scope.tenant_id) is not None,
    )


def entry_page(conn: Connection, asked: Asked, association_id: str, seq: int) -> Response:
    """Return the page of one entry: its lines, voucher, rate, corrections and leaf.

    Raises:
        LedgerError: no such association or entry, or an id that is malformed.
    """
    place = figures.find_place(conn, typeid.decode(typeid.ASSOCIATION, association_id))
    detail = entry_by_seq(conn, place.book, seq)
    return render(
        "entry.html",
        asked.lang,
        entry_path(place.book.association_id, seq),
        place=place,
        detail=detail,
        leaf=figures.find_leaf(conn, place, detail.entry_id),
        codes=figures.code_names(conn, place.book),
        names=figures.dimension_names(conn, place.book.tenant_id),
        digits=figures.minor_digits(conn),
        is_demo=demo_place(conn, place.book.tenant_id) is not None,
    )


def _scope(conn: Connection, place: figures.Place, asked: Asked) -> tuple[Scope, tuple[int, ...], Period]:
    """Return what is asked about: the books, the years they have, and the year, the latest where none is asked."""
    scope = Scope(tenant_id=place.book.tenant_id, association_id=place.book.association_id, reaches_below=not asked.own)
    span = figures.find_span(conn, scope)
    year = asked.year or (span.years[-1] if span.years else today().year)
    return scope, span.years, span.period(year)


def _overview(
    conn: Connection, memory: Memory[Overview], scope: Scope, period: Period, fresh: figures.Freshness
) -> Overview:
    # Books only grow: the sum of their seqs and their number name one state of all of them.
    key = (scope, period, fresh.entries, fresh.books)
    return memory.recall(key, lambda: overview(conn, scope, period))


def _funds(conn: Connection, place: figures.Place, period: Period) -> tuple[FundRow, ...]:
    own = Scope(tenant_id=place.book.tenant_id, association_id=place.book.association_id, reaches_below=False)
    return fund_rows(conn, own, period, page_size=FUND_COUNT_MAX).rows


def _journal(conn: Connection, place: figures.Place, asked: Asked, year: int) -> Page[figures.EntryRow, Position]:
    return figures.list_entries(
        conn,
        place,
        from_on=date(year, asked.month or 1, 1),
        to_on=month_end(date(year, asked.month or 12, 1)),
        after=None if asked.after is None else Position.parse(asked.after),
        page_size=PAGE_SIZE,
    )


def _line_cursor(position: LinePosition | None) -> str | None:
    if position is None:
        return None
    return f"{position.entry_on}.{position.book_id}.{position.seq}.{position.line}"


def _line_position(text: str | None) -> LinePosition | None:
    if text is None:
        return None
    found = _LINE_CURSOR.fullmatch(text)
    if found is None:
        raise CursorMalformed(cursor=text[:40])
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        raise CursorMalformed(cursor=text[:40]) from None
    return LinePosition(entry_on=day, book_id=int(found[2]), seq=int(found[3]), line=int(found[4]))
