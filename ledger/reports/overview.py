"""A year of all books of a scope in one reconciling sentence, and what each of its numbers is made of.

*Opening + received − used + other in − other out = closing.* The same movement, told by channel, by program, by
association and by month, adds up to the sentence each time. Three queries, however many books.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row, RowMapping

from ledger.calendar import month_end, month_start
from ledger.reports.flow import FLOW_SQL, REDUCED_SQL, flow_parameters
from ledger.reports.fund_statement import FUND_TOTALS_SQL, FundTotals, Used, used_of
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShare:
    """What came by a channel in all campaigns, less what was reversed of it."""

    channel: str
    name_vi: str
    name_en: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationShare:
    """An association's own book; what is below it stands in rows of its own."""

    association_id: UUID
    parent_id: UUID | None
    book_id: int
    kind: str
    level: str
    name_vi: str
    name_en: str | None
    is_sample: bool
    totals: FundTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthShare:
    """A month, or the part of it that lies in the period; it opens with what the one before it closed."""

    month_on: date
    totals: FundTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The sentence (``totals``) and its four breakdowns, the largest first; associations by level and name."""

    totals: FundTotals
    channels: tuple[ChannelShare, ...]
    programs: tuple[Used, ...]
    associations: tuple[AssociationShare, ...]
    months: tuple[MonthShare, ...]


_ASSOCIATIONS: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}, {FLOW_SQL}, {FUND_TOTALS_SQL}, total AS (
    SELECT book_id, sum(opening_minor) AS opening_minor, sum(received_minor) AS received_minor,
        sum(used_minor) AS used_minor, sum(other_in_minor) AS other_in_minor, sum(other_out_minor) AS other_out_minor,
        sum(closing_minor) AS closing_minor
    FROM fund_total
    GROUP BY book_id
)
SELECT a.association_id, a.parent_id, scope.book_id, a.kind, a.level, a.name_vi, a.name_en, a.is_sample,
    CAST(coalesce(total.opening_minor, 0) AS bigint) AS opening_minor,
    CAST(coalesce(total.received_minor, 0) AS bigint) AS received_minor,
    CAST(coalesce(total.used_minor, 0) AS bigint) AS used_minor,
    CAST(coalesce(total.other_in_minor, 0) AS bigint) AS other_in_minor,
    CAST(coalesce(total.other_out_minor, 0) AS bigint) AS other_out_minor,
    CAST(coalesce(total.closing_minor, 0) AS bigint) AS closing_minor
FROM scope
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = scope.association_id
LEFT JOIN total USING (book_id)
ORDER BY array_position(ARRAY['nation', 'province', 'district', 'commune', 'chapter'], a.level), a.name_vi,
    a.association_id
LIMIT 10000
""")

_SHARES: Final = ReportQuery(f"""\
WITH {SCOPE_SQL}, {FLOW_SQL}, {REDUCED_SQL}, share AS (
    SELECT side, channel, program, month_on, sum(debit_minor) AS debit_minor, sum(credit_minor) AS credit_minor,
        sum(quantity) AS quantity
    FROM reduced
    GROUP BY GROUPING SETS ((side, channel), (side, program), (side, month_on))
)
SELECT share.side, share.channel, share.program, share.month_on,
    CAST(share.debit_minor AS bigint) AS debit_minor, CAST(share.credit_minor AS bigint) AS credit_minor,
    CAST(share.quantity AS bigint) AS quantity, pr.unit,
    coalesce(c.name_vi, pr.name_vi) AS name_vi, coalesce(c.name_en, pr.name_en) AS name_en
FROM share
LEFT JOIN soquy.channel AS c ON c.channel = share.channel
LEFT JOIN soquy.program AS pr ON pr.tenant_id = :tenant_id AND pr.program = share.program
WHERE share.month_on IS NOT NULL OR share.side = 'received' AND share.channel IS NOT NULL
    OR share.side = 'used' AND share.program IS NOT NULL
ORDER BY abs(share.debit_minor - share.credit_minor) DESC, share.channel, share.program
LIMIT 100000
""")

_TOTAL_COLUMNS: Final = tuple(FundTotals.__dataclass_fields__)


def overview(conn: Connection, scope: Scope, period: Period, *, known: Known = NOW) -> Overview:
    """Return the sentence of a period over the books of a scope, and its breakdowns."""
    parameters = flow_parameters(conn, scope, period)
    associations = tuple(_association(row) for row in _ASSOCIATIONS.run(conn, parameters, known).mappings())
    shares = _SHARES.run(conn, parameters, known).all()
    totals = FundTotals(**{name: sum(getattr(each.totals, name) for each in associations) for name in _TOTAL_COLUMNS})
    return Overview(
        totals=totals,
        channels=tuple(
            ChannelShare(
                channel=row.channel,
                name_vi=row.name_vi,
                name_en=row.name_en,
                amount_minor=row.credit_minor - row.debit_minor,
            )
            for row in shares
            if row.channel is not None
        ),
        programs=tuple(used_of(row) for row in shares if row.program is not None),
        associations=associations,
        months=tuple(_months(shares, period, totals.opening_minor)),
    )


def _association(row: RowMapping) -> AssociationShare:
    return AssociationShare(
        totals=FundTotals(**{name: row[name] for name in _TOTAL_COLUMNS}),
        **{name: value for name, value in row.items() if name not in _TOTAL_COLUMNS},
    )


def _months(shares: Sequence[Row[tuple[object, ...]]], period: Period, opening_minor: int) -> Iterator[MonthShare]:
    """Chain the months of the period, those without movement too."""
    moved: defaultdict[date, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in shares:
        if row.month_on is not None:
            moved[row.month_on][row.side] = (row.debit_minor, row.credit_minor)
    month_on = month_start(period.from_on)
    while month_on <= period.to_on:
        received, used, other = (moved[month_on].get(side, (0, 0)) for side in ("received", "used", "other"))
        movement = {
            "received_minor": received[1] - received[0],
            "used_minor": used[0] - used[1],
            "other_in_minor": other[1],
            "other_out_minor": other[0],
        }
        closing_minor = opening_minor + sum(credit - debit for debit, credit in (received, used, other))
        totals = FundTotals(opening_minor=opening_minor, **movement, closing_minor=closing_minor)
        yield MonthShare(month_on=month_on, totals=totals)
        opening_minor = closing_minor
        month_on = month_end(month_on) + timedelta(days=1)
