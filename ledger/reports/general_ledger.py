"""S03-H *Sổ cái*: the lines of one account in order, each with its contra accounts and the balance after it.

A heading (111) is read as the lines of all accounts below it. The balance of a page's first line starts from the day
before, which the totals carry, and the lines of its own day that came on earlier pages: no page adds up the history.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row

from ledger.books.model import Book, VoucherNumber
from ledger.errors import ReferenceUnknown
from ledger.reports.journal import voucher_of
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.page import Page, Position, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import FAMILY_SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One line of S03-H; ``balance_minor`` is the account's after it, debit positive.

    ``contra_accounts`` are those on the other side of the same entry and fund.
    """

    entry_on: date
    seq: int
    line: int
    entry_id: UUID
    voucher: VoucherNumber | None
    issued_on: date | None
    description: str | None
    account: str
    fund: str
    contra_accounts: tuple[str, ...]
    debit_minor: int
    credit_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSummary:
    """Opening, movement and closing of an account between two days; balances are debit positive."""

    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


_SUMMARY: Final = ReportQuery(f"""\
WITH RECURSIVE {FAMILY_SQL}
SELECT (SELECT count(*) FROM family) AS account_count,
    CAST(coalesce(sum(opening.balance_minor), 0) AS bigint) AS opening_minor,
    CAST(coalesce(sum(closing.debit_to_date_minor - coalesce(opening.debit_to_date_minor, 0)), 0) AS bigint)
        AS debit_minor,
    CAST(coalesce(sum(closing.credit_to_date_minor - coalesce(opening.credit_to_date_minor, 0)), 0) AS bigint)
        AS credit_minor
FROM family
JOIN known.balance_key(book) AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.account = family.account
    AND (CAST(:fund AS text) IS NULL OR k.fund = CAST(:fund AS text))
LEFT JOIN LATERAL known.latest(t.total_on < :from_on) AS opening ON true
LEFT JOIN LATERAL known.latest(t.total_on <= :to_on) AS closing ON true
""")

# Each account of the family gives at most a page from its index, so a heading costs its accounts, not its lines.
_LEDGER: Final = ReportQuery(f"""\
WITH RECURSIVE {FAMILY_SQL}, shown AS (
    SELECT p.*
    FROM family
    CROSS JOIN LATERAL (
        SELECT p.entry_on, p.seq, p.line, p.account, p.fund, p.value_minor
        FROM known.posting(book) AS p
        WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.account = family.account
            AND p.entry_on BETWEEN :after_on AND :to_on
            AND (p.entry_on, p.seq, p.line) > (:after_on, :after_seq, :after_line)
            AND (CAST(:fund AS text) IS NULL OR p.fund = CAST(:fund AS text))
        ORDER BY p.entry_on, p.seq, p.line
        LIMIT :row_limit
    ) AS p
    ORDER BY p.entry_on, p.seq, p.line
    LIMIT :row_limit
), carried AS (
    SELECT coalesce(sum(latest.balance_minor), 0) AS balance_minor
    FROM family
    JOIN known.balance_key(book) AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id
        AND k.account = family.account
        AND (CAST(:fund AS text) IS NULL OR k.fund = CAST(:fund AS text))
    CROSS JOIN LATERAL known.latest(t.total_on < :after_on) AS latest
), same_day AS (
    SELECT coalesce(sum(p.value_minor), 0) AS moved_minor
    FROM family
    JOIN known.posting(book) AS p ON p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.account = family.account
        AND p.entry_on = :after_on AND (p.seq, p.line) <= (:after_seq, :after_line)
        AND (CAST(:fund AS text) IS NULL OR p.fund = CAST(:fund AS text))
)
SELECT shown.entry_on, shown.seq, shown.line, shown.account, shown.fund,
    greatest(shown.value_minor, 0) AS debit_minor, greatest(- shown.value_minor, 0) AS credit_minor,
    CAST(carried.balance_minor + same_day.moved_minor
        + sum(shown.value_minor) OVER (ORDER BY shown.entry_on, shown.seq, shown.line) AS bigint) AS balance_minor,
    e.entry_id, e.voucher_kind, e.fiscal_year, e.voucher_number, v.issued_on, s.value AS description,
    ARRAY(
        SELECT DISTINCT o.account
        FROM known.posting(book) AS o
        WHERE o.tenant_id = :tenant_id AND o.book_id = :book_id AND o.seq = shown.seq AND o.entry_on = shown.entry_on
            AND o.fund = shown.fund AND sign(o.value_minor) <> sign(shown.value_minor)
        ORDER BY o.account
    ) AS contra_accounts
FROM shown
CROSS JOIN carried
CROSS JOIN same_day
JOIN known.entry(book) AS e ON e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.seq = shown.seq
LEFT JOIN soquy.voucher AS v ON v.tenant_id = :tenant_id AND v.book_id = :book_id
    AND v.voucher_kind = e.voucher_kind AND v.fiscal_year = e.fiscal_year AND v.number = e.voucher_number
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = :tenant_id AND s.event_id = e.entry_id AND s.field = 'description'
ORDER BY shown.entry_on, shown.seq, shown.line
""")


def general_ledger(
    conn: Connection,
    book: Book,
    account: str,
    period: Period,
    *,
    fund: str | None = None,
    after: Position | None = None,
    page_size: int = 100,
    known: Known = NOW,
) -> Page[LedgerRow, Position]:
    """Return a page of an account's lines (S03-H).

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    start = Position.start(after, period.from_on)
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "account": account,
        "fund": fund,
        "to_on": period.to_on,
        "after_on": start.entry_on,
        "after_seq": start.seq,
        "after_line": start.rank,
        "row_limit": row_limit(page_size),
    }
    rows = _LEDGER.run(conn, parameters, known).all()
    last = rows[page_size - 1] if len(rows) > page_size else None
    return Page(
        rows=tuple(_ledger_row(row) for row in rows[:page_size]),
        next_cursor=None if last is None else Position(entry_on=last.entry_on, seq=last.seq, rank=last.line),
    )


def ledger_summary(
    conn: Connection, book: Book, account: str, period: Period, *, fund: str | None = None, known: Known = NOW
) -> LedgerSummary:
    """Return the head and foot of S03-H: what stands above and below its lines.

    Raises:
        ReferenceUnknown: the book has no such account.
    """
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "account": account,
        "fund": fund,
        **period.parameters(),
    }
    row = _SUMMARY.run(conn, parameters, known).one()
    if row.account_count == 0:
        raise ReferenceUnknown(field="account", value=account)
    return LedgerSummary(
        opening_minor=row.opening_minor,
        debit_minor=row.debit_minor,
        credit_minor=row.credit_minor,
        closing_minor=row.opening_minor + row.debit_minor - row.credit_minor,
    )


def _ledger_row(row: Row[tuple[object, ...]]) -> LedgerRow:
    return LedgerRow(
        entry_on=row.entry_on,
        seq=row.seq,
        line=row.line,
        entry_id=row.entry_id,
        voucher=voucher_of(row),
        issued_on=row.issued_on,
        description=row.description,
        account=row.account,
        fund=row.fund,
        contra_accounts=tuple(row.contra_accounts),
        debit_minor=row.debit_minor,
        credit_minor=row.credit_minor,
        balance_minor=row.balance_minor,
    )
