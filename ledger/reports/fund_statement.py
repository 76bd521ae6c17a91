"""S81-H: what a fund had, received, used and has left. ``ledger.reports.flow`` says which lines are which.

A statement covers one fund, all funds of a book, or those of all books of a scope. Received is told by channel and
campaign, used by program with its quantity (suất, schools, pieces), and the rest is *other*: transfers between levels
and funds, and whatever else moved a fund without a channel or a program.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row

from ledger.reports.flow import FLOW_SQL, REDUCED_SQL, flow_parameters
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.page import Page, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came by a channel in a campaign (``None``: outside any), less what was reversed of it."""

    channel: str
    name_vi: str
    name_en: str
    campaign: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a program cost, and how many units of it: ``award``, ``school`` or ``piece``."""

    program: str
    name_vi: str
    name_en: str | None
    unit: str
    amount_minor: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundTotals:
    """Opening + received − used + other in − other out = closing, in đồng."""

    opening_minor: int
    received_minor: int
    used_minor: int
    other_in_minor: int
    other_out_minor: int
    closing_minor: int

    @property
    def reconciles(self) -> bool:
        """Whether the movement leads from the opening to the closing balance, which are read apart from it."""
        moved = self.received_minor - self.used_minor + self.other_in_minor - self.other_out_minor
        return self.opening_minor + moved == self.closing_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class FundStatement:
    """S81-H of the funds asked for, taken together."""

    totals: FundTotals
    received: tuple[Received, ...]
    used: tuple[Used, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FundRow:
    """One fund of one book in a list of statements."""

    book_id: int
    association_id: UUID
    fund: str
    kind: str
    name_vi: str
    is_restricted: bool
    totals: FundTotals


FUND_TOTALS_SQL: Final = """\
held_balance AS (
    SELECT held.book_id, held.fund, - coalesce(opening.balance_minor, 0) AS opening_minor,
        - coalesce(closing.balance_minor, 0) AS closing_minor
    FROM held
    CROSS JOIN LATERAL (
        SELECT CAST(:tenant_id AS integer) AS tenant_id, held.book_id, held.balance_account AS account, held.fund
    ) AS k
    LEFT JOIN LATERAL known.latest(t.total_on < :from_on) AS opening ON true
    LEFT JOIN LATERAL known.latest(t.total_on <= :to_on) AS closing ON true
), fund_total AS (
    SELECT held_balance.book_id, held_balance.fund,
        held_balance.opening_minor - coalesce(opened_sum.value_minor, 0) AS opening_minor,
        coalesce(flow_sum.received_minor, 0) AS received_minor, coalesce(flow_sum.used_minor, 0) AS used_minor,
        coalesce(flow_sum.other_in_minor, 0) AS other_in_minor,
        coalesce(flow_sum.other_out_minor, 0) AS other_out_minor, held_balance.closing_minor
    FROM held_balance
    LEFT JOIN (
        SELECT book_id, fund, sum(value_minor) AS value_minor FROM opened GROUP BY book_id, fund
    ) AS opened_sum USING (book_id, fund)
    LEFT JOIN (
        SELECT book_id, fund,
            sum(credit_minor - debit_minor) FILTER (WHERE side = 'received') AS received_minor,
            sum(debit_minor - credit_minor) FILTER (WHERE side = 'used') AS used_minor,
            sum(credit_minor) FILTER (WHERE side = 'other') AS other_in_minor,
            sum(debit_minor) FILTER (WHERE side = 'other') AS other_out_minor
        FROM flow
        GROUP BY book_id, fund
    ) AS flow_sum USING (book_id, fund)
)"""
"""A part of a ``WITH``, after ``FLOW_SQL``: the columns of ``FundTotals`` for each of the funds ``held``."""

_TOTAL_COLUMNS: Final = tuple(FundTotals.__dataclass_fields__)

_SUMS: Final = ", ".join(f"CAST(coalesce(sum({name}), 0) AS bigint) AS {name}" for name in _TOTAL_COLUMNS)

_TOTALS: Final = ReportQuery(f"WITH {SCOPE_SQL}, {FLOW_SQL}, {FUND_TOTALS_SQL} SELECT {_SUMS} FROM fund_total")

_ROWS: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}, {FLOW_SQL}, {FUND_TOTALS_SQL}
SELECT f.book_id, b.association_id, f.fund, f.kind, f.name_vi, f.is_restricted, {_SUMS}
FROM fund_total
JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = fund_total.book_id AND f.fund = fund_total.fund
JOIN soquy.book AS b ON b.tenant_id = :tenant_id AND b.book_id = f.book_id
GROUP BY f.book_id, b.association_id, f.fund, f.kind, f.name_vi, f.is_restricted
ORDER BY f.book_id, f.fund
""")

_SHARES: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}, {FLOW_SQL}, {REDUCED_SQL}, share AS (
    SELECT side, channel, campaign, program, sum(debit_minor) AS debit_minor, sum(credit_minor) AS credit_minor,
        sum(quantity) AS quantity
    FROM reduced
    GROUP BY GROUPING SETS ((side, channel, campaign), (side, program))
)
SELECT share.side, share.channel, nullif(share.campaign, '') AS campaign, share.program, pr.unit,
    coalesce(c.name_vi, pr.name_vi) AS name_vi, coalesce(c.name_en, pr.name_en) AS name_en,
    CAST(share.debit_minor AS bigint) AS debit_minor, CAST(share.credit_minor AS bigint) AS credit_minor,
    CAST(share.quantity AS bigint) AS quantity
FROM share
LEFT JOIN soquy.channel AS c ON c.channel = share.channel
LEFT JOIN soquy.program AS pr ON pr.tenant_id = :tenant_id AND pr.program = share.program
WHERE share.side = 'received' AND share.channel IS NOT NULL OR share.side = 'used' AND share.program IS NOT NULL
ORDER BY abs(share.debit_minor - share.credit_minor) DESC, share.channel, share.campaign, share.program
LIMIT 20000
""")


def fund_statement(
    conn: Connection, scope: Scope, period: Period, *, fund: str | None = None, known: Known = NOW
) -> FundStatement:
    """Return S81-H over the books of a scope: of all their funds, or of those with one code."""
    parameters = flow_parameters(conn, scope, period, fund)
    totals = FundTotals(**_TOTALS.run(conn, parameters, known).mappings().one())
    shares = _SHARES.run(conn, parameters, known).all()
    return FundStatement(
        totals=totals,
        received=tuple(
            Received(
                channel=row.channel,
                name_vi=row.name_vi,
                name_en=row.name_en,
                campaign=row.campaign,
                amount_minor=row.credit_minor - row.debit_minor,
            )
            for row in shares
            if row.side == "received"
        ),
        used=tuple(used_of(row) for row in shares if row.side == "used"),
    )


def used_of(row: Row[tuple[object, ...]]) -> Used:
    """Return what a program used, of a row that has its names, sums and quantity."""
    return Used(
        program=row.program,
        name_vi=row.name_vi,
        name_en=row.name_en,
        unit=row.unit,
        amount_minor=row.debit_minor - row.credit_minor,
        quantity=row.quantity,
    )


def fund_rows(
    conn: Connection,
    scope: Scope,
    period: Period,
    *,
    after: tuple[int, str] = (0, ""),
    page_size: int = 100,
    known: Known = NOW,
) -> Page[FundRow, tuple[int, str]]:
    """Return a page of the funds of a scope, book by book; the cursor is the last row's book and fund.

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    parameters = {
        **flow_parameters(conn, scope, period),
        "after_book_id": after[0],
        "after_fund": after[1],
        "fund_limit": row_limit(page_size),
    }
    found = _ROWS.run(conn, parameters, known).mappings().all()
    rows = tuple(
        FundRow(
            totals=FundTotals(**{name: row[name] for name in _TOTAL_COLUMNS}),
            **{name: value for name, value in row.items() if name not in _TOTAL_COLUMNS},
        )
        for row in found[:page_size]
    )
    return Page(rows=rows, next_cursor=(rows[-1].book_id, rows[-1].fund) if len(found) > page_size else None)
