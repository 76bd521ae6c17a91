"""S04-H *Nhật ký chung*: every line of a book by day and entry, with the totals of its months.

The order is the book's: by accounting day, then by sequence number (Accounting Law Art. 26: chronological and
continuous); within an entry debits stand before credits, as the form asks.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row

from ledger.books.model import Book, VoucherNumber
from ledger.calendar import month_end, month_start
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.page import Page, Position, row_limit
from ledger.reports.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One line of S04-H; exactly one of debit and credit is not 0."""

    entry_on: date
    seq: int
    line: int
    entry_id: UUID
    kind: str
    voucher: VoucherNumber | None
    issued_on: date | None
    description: str | None
    account: str
    fund: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalMonth:
    """The foot of a month in S04-H: its total, and the total since the year began (*lũy kế*).

    Each is the sum of the debits, which is that of the credits.
    """

    month_on: date
    moved_minor: int
    cumulative_minor: int


# Lines have ranks below 1000 where they are debits and above where they are credits (an entry has at most 200).
_JOURNAL: Final = ReportQuery("""\
WITH page AS (
    SELECT e.seq, e.entry_id, e.kind, e.entry_on, e.voucher_kind, e.fiscal_year, e.voucher_number
    FROM known.entry(book) AS e
    WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.entry_on BETWEEN :from_on AND :to_on
        AND (e.entry_on, e.seq) >= (:after_on, :after_seq)
    ORDER BY e.entry_on, e.seq
    LIMIT :row_limit
), ranked AS (
    SELECT page.*, p.line, p.account, p.fund, p.value_minor,
        CASE WHEN p.value_minor > 0 THEN 0 ELSE 1000 END + p.line AS rank
    FROM page
    JOIN known.posting(book) AS p ON p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.seq = page.seq
        AND p.entry_on = page.entry_on
    WHERE p.entry_on BETWEEN :from_on AND :to_on
), shown AS (
    SELECT *
    FROM ranked
    WHERE (entry_on, seq, rank) > (:after_on, :after_seq, :after_rank)
    ORDER BY entry_on, seq, rank
    LIMIT :row_limit
)
SELECT shown.*, v.issued_on, s.value AS description,
    greatest(shown.value_minor, 0) AS debit_minor, greatest(- shown.value_minor, 0) AS credit_minor
FROM shown
LEFT JOIN soquy.voucher AS v ON v.tenant_id = :tenant_id AND v.book_id = :book_id
    AND v.voucher_kind = shown.voucher_kind AND v.fiscal_year = shown.fiscal_year
    AND v.number = shown.voucher_number
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = :tenant_id AND s.event_id = shown.entry_id
    AND s.field = 'description'
ORDER BY shown.entry_on, shown.seq, shown.rank
""")

# A month's movement is what had moved by its end, less what had moved by the end of the month before.
_MONTHS: Final = ReportQuery("""\
WITH ended AS (
    SELECT CAST(m.month_on AS date) AS month_on, coalesce(sum(latest.debit_to_date_minor), 0) AS to_date_minor
    FROM generate_series(CAST(:year_on AS timestamp) - interval '1 month', CAST(:to_on AS timestamp), '1 month')
        AS m (month_on)
    LEFT JOIN known.balance_key(book) AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id
    LEFT JOIN LATERAL known.latest(t.total_on < m.month_on + interval '1 month' AND t.total_on <= :to_on) AS latest
        ON true
    GROUP BY 1
), month AS (
    SELECT month_on, to_date_minor - lag(to_date_minor) OVER (ORDER BY month_on) AS moved_minor
    FROM ended
), summed AS (
    SELECT month_on, moved_minor,
        sum(moved_minor) OVER (PARTITION BY extract(YEAR FROM month_on) ORDER BY month_on) AS cumulative_minor
    FROM month
)
SELECT month_on, CAST(moved_minor AS bigint) AS moved_minor, CAST(cumulative_minor AS bigint) AS cumulative_minor
FROM summed
WHERE month_on >= :from_on AND moved_minor > 0
ORDER BY month_on
LIMIT 1200
""")


def journal(
    conn: Connection,
    book: Book,
    period: Period,
    *,
    after: Position | None = None,
    page_size: int = 100,
    known: Known = NOW,
) -> Page[JournalRow, Position]:
    """Return a page of the general journal (S04-H).

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    start = Position.start(after, period.from_on)
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        **period.parameters(),
        "after_on": start.entry_on,
        "after_seq": start.seq,
        "after_rank": start.rank,
        "row_limit": row_limit(page_size),
    }
    rows = _JOURNAL.run(conn, parameters, known).all()
    last = rows[page_size - 1] if len(rows) > page_size else None
    return Page(
        rows=tuple(_journal_row(row) for row in rows[:page_size]),
        next_cursor=None if last is None else Position(entry_on=last.entry_on, seq=last.seq, rank=last.rank),
    )


def journal_months(conn: Connection, book: Book, period: Period, *, known: Known = NOW) -> tuple[JournalMonth, ...]:
    """Return the month and cumulative totals of the journal, for every month with entries that the days touch.

    Months are whole: the foot of a month in S04-H never shows a part of it.
    """
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "year_on": period.from_on.replace(month=1, day=1),
        "from_on": month_start(period.from_on),
        "to_on": month_end(period.to_on),
    }
    return tuple(JournalMonth(**row) for row in _MONTHS.run(conn, parameters, known).mappings())


def voucher_of(row: Row[tuple[object, ...]]) -> VoucherNumber | None:
    """Return the voucher of a row that has its three columns; an opening entry has none."""
    if row.voucher_kind is None:
        return None
    return VoucherNumber(kind=row.voucher_kind, fiscal_year=row.fiscal_year, number=row.voucher_number)


def _journal_row(row: Row[tuple[object, ...]]) -> JournalRow:
    return JournalRow(
        entry_on=row.entry_on,
        seq=row.seq,
        line=row.line,
        entry_id=row.entry_id,
        kind=row.kind,
        voucher=voucher_of(row),
        issued_on=row.issued_on,
        description=row.description,
        account=row.account,
        fund=row.fund,
        debit_minor=row.debit_minor,
        credit_minor=row.credit_minor,
    )
