"""S11-H *Sổ quỹ tiền mặt* and S12-H *Sổ tiền gửi*: what came into and left a till or a bank account.

Both count entries, not lines: money moved between two funds stays in the same account, where its four lines net out
and nothing came or went, so such entries are not shown; and an entry that pays out of two funds is one payment.
"""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRow:
    """One receipt or payment; ``balance_minor`` is the account's after it, in đồng.

    ``receipt`` and ``payment`` are the voucher in the form's two columns. ``own_minor`` is the same money in the
    currency of the account, where that is not đồng.
    """

    entry_on: date
    seq: int
    entry_id: UUID
    receipt: VoucherNumber | None
    payment: VoucherNumber | None
    description: str | None
    contra_accounts: tuple[str, ...]
    in_minor: int
    out_minor: int
    balance_minor: int
    own_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashSummary:
    """The head and foot of S11-H or S12-H, in đồng."""

    opening_minor: int
    in_minor: int
    out_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashAccount:
    """A till (``cash``) or a bank account (``bank``) of a book, and its balance on a day, in đồng."""

    account: str
    name_vi: str
    name_en: str
    role: str
    currency: str
    balance_minor: int


_ACCOUNTS: Final = ReportQuery("""\
SELECT a.account, a.name_vi, a.name_en, a.role, a.currency,
    CAST(coalesce(sum(latest.balance_minor), 0) AS bigint) AS balance_minor
FROM soquy.account AS a
LEFT JOIN known.balance_key(book) AS k USING (tenant_id, book_id, account)
LEFT JOIN LATERAL known.latest(t.total_on <= :as_of) AS latest ON true
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.role IN ('cash', 'bank') AND NOT a.is_parent
GROUP BY a.account, a.name_vi, a.name_en, a.role, a.currency
ORDER BY a.account
LIMIT 1000
""")

_CARRIED: Final = ReportQuery("""\
SELECT a.currency, a.role, CAST((
    SELECT coalesce(sum(latest.balance_minor), 0)
    FROM known.balance_key(book) AS k
    CROSS JOIN LATERAL known.latest(t.total_on < :after_on) AS latest
    WHERE k.tenant_id = a.tenant_id AND k.book_id = a.book_id AND k.account = a.account
) + (
    SELECT coalesce(sum(p.value_minor), 0)
    FROM known.posting(book) AS p
    WHERE p.tenant_id = a.tenant_id AND p.book_id = a.book_id AND p.account = a.account
        AND p.entry_on = :after_on AND p.seq <= :after_seq
) AS bigint) AS balance_minor
FROM soquy.account AS a
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.account = :account
    AND a.role IN ('cash', 'bank') AND NOT a.is_parent
""")

_ROWS: Final = ReportQuery("""\
WITH moved AS (
    SELECT p.entry_on, p.seq, sum(p.value_minor) AS value_minor,
        coalesce(sum(p.amount_minor) FILTER (WHERE p.currency = :currency), 0) AS own_minor
    FROM known.posting(book) AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.account = :account
        AND p.entry_on BETWEEN :after_on AND :to_on AND (p.entry_on, p.seq) > (:after_on, :after_seq)
    GROUP BY p.entry_on, p.seq
    HAVING sum(p.value_minor) <> 0 OR coalesce(sum(p.amount_minor) FILTER (WHERE p.currency = :currency), 0) <> 0
    ORDER BY p.entry_on, p.seq
    LIMIT :row_limit
)
SELECT moved.entry_on, moved.seq, CAST(moved.value_minor AS bigint) AS value_minor,
    CAST(moved.own_minor AS bigint) AS own_minor,
    CAST(sum(moved.value_minor) OVER (ORDER BY moved.entry_on, moved.seq) AS bigint) AS running_minor,
    e.entry_id, e.voucher_kind, e.fiscal_year, e.voucher_number, s.value AS description,
    ARRAY(
        SELECT DISTINCT o.account
        FROM known.posting(book) AS o
        WHERE o.tenant_id = :tenant_id AND o.book_id = :book_id AND o.seq = moved.seq AND o.entry_on = moved.entry_on
            AND o.account <> :account
        ORDER BY o.account
    ) AS contra_accounts
FROM moved
JOIN known.entry(book) AS e ON e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.seq = moved.seq
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = :tenant_id AND s.event_id = e.entry_id AND s.field = 'description'
ORDER BY moved.entry_on, moved.seq
""")

_SUMMARY: Final = ReportQuery("""\
SELECT CAST(coalesce(sum(greatest(moved.value_minor, 0)), 0) AS bigint) AS in_minor,
    CAST(coalesce(sum(greatest(- moved.value_minor, 0)), 0) AS bigint) AS out_minor
FROM (
    SELECT sum(p.value_minor) AS value_minor
    FROM known.posting(book) AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.account = :account
        AND p.entry_on BETWEEN :from_on AND :to_on
    GROUP BY p.entry_on, p.seq
) AS moved
""")


def cash_accounts(conn: Connection, book: Book, *, as_of: date, known: Known = NOW) -> tuple[CashAccount, ...]:
    """Return the tills and bank accounts of a book with their balances at the end of a day."""
    parameters = {"tenant_id": book.tenant_id, "book_id": book.book_id, "as_of": as_of}
    return tuple(CashAccount(**row) for row in _ACCOUNTS.run(conn, parameters, known).mappings())


def cash_book(
    conn: Connection,
    book: Book,
    account: str,
    period: Period,
    *,
    after: Position | None = None,
    page_size: int = 100,
    known: Known = NOW,
) -> Page[CashRow, Position]:
    """Return a page of the cash book (S11-H) or of a bank account's book (S12-H).

    Raises:
        ReferenceUnknown: the book has no such till or bank account.
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    start = Position.start(after, period.from_on)
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "account": account,
        "after_on": start.entry_on,
        "after_seq": start.seq,
    }
    limit = row_limit(page_size)
    carried = _CARRIED.run(conn, parameters, known).one_or_none()
    if carried is None:
        raise ReferenceUnknown(field="account", value=account)
    parameters |= {"currency": carried.currency, "to_on": period.to_on, "row_limit": limit}
    rows = _ROWS.run(conn, parameters, known).all()
    last = rows[page_size - 1] if len(rows) > page_size else None
    return Page(
        rows=tuple(_cash_row(row, carried.balance_minor, carried.currency) for row in rows[:page_size]),
        next_cursor=None if last is None else Position(entry_on=last.entry_on, seq=last.seq),
    )


def cash_summary(conn: Connection, book: Book, account: str, period: Period, *, known: Known = NOW) -> CashSummary:
    """Return what stands above and below the rows of ``cash_book``, counted by entries as they are.

    Raises:
        ReferenceUnknown: the book has no such till or bank account.
    """
    key: dict[str, object] = {"tenant_id": book.tenant_id, "book_id": book.book_id, "account": account}
    carried = _CARRIED.run(conn, {**key, "after_on": period.from_on, "after_seq": 0}, known).one_or_none()
    if carried is None:
        raise ReferenceUnknown(field="account", value=account)
    moved = _SUMMARY.run(conn, {**key, **period.parameters()}, known).one()
    return CashSummary(
        opening_minor=carried.balance_minor,
        in_minor=moved.in_minor,
        out_minor=moved.out_minor,
        closing_minor=carried.balance_minor + moved.in_minor - moved.out_minor,
    )


def _cash_row(row: Row[tuple[object, ...]], carried_minor: int, currency: str) -> CashRow:
    voucher = voucher_of(row)
    is_receipt = row.value_minor > 0
    return CashRow(
        entry_on=row.entry_on,
        seq=row.seq,
        entry_id=row.entry_id,
        receipt=voucher if is_receipt else None,
        payment=None if is_receipt else voucher,
        description=row.description,
        contra_accounts=tuple(row.contra_accounts),
        in_minor=max(row.value_minor, 0),
        out_minor=max(-row.value_minor, 0),
        balance_minor=carried_minor + row.running_minor,
        own_minor=None if currency == "VND" else row.own_minor,
    )
