"""The lines behind a figure of a fund: they sum to exactly what the statement and the overview say.

``ledger.reports.flow`` says which lines are *received*, *used*, *other* and *opening*; here each stands by itself, with
the association, the voucher and the entry it leads to.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row

from ledger.books.model import VoucherNumber
from ledger.reports.journal import voucher_of
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.page import Page, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters

Side = Literal["received", "used", "other", "opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePosition:
    """A line's place over several books: day, book, entry, line."""

    entry_on: date
    book_id: int
    seq: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundLine:
    """One movement of a fund; ``amount_minor`` is positive for what it gained, also where ``side`` is used."""

    association_id: UUID
    association_name: str
    book_id: int
    entry_id: UUID
    entry_on: date
    seq: int
    line: int
    kind: str
    voucher: VoucherNumber | None
    side: Side
    fund: str
    channel: str | None
    campaign: str | None
    program: str | None
    quantity: int | None
    amount_minor: int


# Each book gives at most a page of its own, in order, so a page costs the books asked for and what filters skip.
_LINES: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}, shown AS (
    SELECT scope.association_id, p.*
    FROM scope
    JOIN (
        SELECT DISTINCT f.book_id, f.balance_account FROM soquy.fund AS f WHERE f.tenant_id = :tenant_id
    ) AS kept USING (book_id)
    CROSS JOIN LATERAL (
        SELECT p.book_id, p.entry_on, p.seq, p.line, p.fund, p.channel, p.campaign, p.program, p.quantity,
            p.value_minor, e.entry_id, e.kind, e.voucher_kind, e.fiscal_year, e.voucher_number,
            CASE WHEN e.kind = 'opening' THEN 'opening' WHEN p.channel IS NOT NULL THEN 'received'
                WHEN p.program IS NOT NULL THEN 'used' ELSE 'other' END AS side
        FROM known.posting(scope) AS p
        JOIN known.entry(scope) AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id AND e.seq = p.seq
        WHERE p.tenant_id = :tenant_id AND p.book_id = scope.book_id AND p.account = kept.balance_account
            AND p.entry_on BETWEEN :from_on AND :to_on
            AND (p.entry_on, p.book_id, p.seq, p.line) > (:after_on, :after_book_id, :after_seq, :after_line)
            AND (CAST(:fund AS text) IS NULL OR p.fund = CAST(:fund AS text))
            AND (CAST(:channel AS text) IS NULL OR p.channel = CAST(:channel AS text))
            AND (CAST(:campaign AS text) IS NULL OR p.campaign = CAST(:campaign AS text))
            AND (CAST(:program AS text) IS NULL OR p.program = CAST(:program AS text))
            AND (CAST(:side AS text) IS NULL OR CAST(:side AS text) = CASE WHEN e.kind = 'opening' THEN 'opening'
                WHEN p.channel IS NOT NULL THEN 'received' WHEN p.program IS NOT NULL THEN 'used' ELSE 'other' END)
        ORDER BY p.entry_on, p.seq, p.line
        LIMIT :row_limit
    ) AS p
    ORDER BY p.entry_on, p.book_id, p.seq, p.line
    LIMIT :row_limit
)
SELECT shown.*, a.name_vi AS association_name
FROM shown
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = shown.association_id
ORDER BY shown.entry_on, shown.book_id, shown.seq, shown.line
""")


def fund_lines(
    conn: Connection,
    scope: Scope,
    period: Period,
    *,
    side: Side | None = None,
    fund: str | None = None,
    channel: str | None = None,
    campaign: str | None = None,
    program: str | None = None,
    after: LinePosition | None = None,
    page_size: int = 100,
    known: Known = NOW,
) -> Page[FundLine, LinePosition]:
    """Return a page of the lines that moved the funds of a scope, filtered as a figure is.

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    start = after or LinePosition(entry_on=period.from_on, book_id=0, seq=0, line=0)
    parameters = {
        **scope_parameters(conn, scope),
        **period.parameters(),
        "side": side,
        "fund": fund,
        "channel": channel,
        "campaign": campaign,
        "program": program,
        "after_on": start.entry_on,
        "after_book_id": start.book_id,
        "after_seq": start.seq,
        "after_line": start.line,
        "row_limit": row_limit(page_size),
    }
    found = _LINES.run(conn, parameters, known).all()
    rows = tuple(_fund_line(row) for row in found[:page_size])
    if len(found) <= page_size:
        return Page(rows=rows, next_cursor=None)
    last = rows[-1]
    position = LinePosition(entry_on=last.entry_on, book_id=last.book_id, seq=last.seq, line=last.line)
    return Page(rows=rows, next_cursor=position)


def _fund_line(row: Row[tuple[object, ...]]) -> FundLine:
    return FundLine(
        association_id=row.association_id,
        association_name=row.association_name,
        book_id=row.book_id,
        entry_id=row.entry_id,
        entry_on=row.entry_on,
        seq=row.seq,
        line=row.line,
        kind=row.kind,
        voucher=voucher_of(row),
        side=row.side,
        fund=row.fund,
        channel=row.channel,
        campaign=row.campaign,
        program=row.program,
        quantity=row.quantity,
        amount_minor=-row.value_minor,
    )
