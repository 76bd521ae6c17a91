"""Read what a book is made of: its chart, funds, vouchers and locks, and the drives and programs of its tenant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import Book, VoucherNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of a book's chart."""

    account: str
    parent: str | None
    name_vi: str
    name_en: str
    side: str
    role: str
    currency: str
    is_parent: bool
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A fund of a book."""

    fund: str
    kind: str
    balance_account: str
    is_restricted: bool
    name_vi: str
    name_en: str | None
    purpose: str | None
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A drive that money comes in by."""

    campaign: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What money is spent on; ``unit`` is what its quantities count."""

    program: str
    unit: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher that was issued, and what became of it: an entry, a voiding, or nothing yet."""

    voucher: VoucherNumber
    issued_on: date
    recorded_at: datetime
    entry_id: UUID | None
    voided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Every month up to a day, and when it was locked."""

    locked_through: date
    recorded_at: datetime


_ACCOUNTS: Final = text("""\
SELECT account, parent, name_vi, name_en, side, role, currency, is_parent, opened_on, closed_on
FROM soquy.account
WHERE tenant_id = :tenant_id AND book_id = :book_id AND (CAST(:code AS text) IS NULL OR account = CAST(:code AS text))
ORDER BY account
LIMIT 10000""")

_FUNDS: Final = text("""\
SELECT fund, kind, balance_account, is_restricted, name_vi, name_en, purpose, opened_on, closed_on
FROM soquy.fund
WHERE tenant_id = :tenant_id AND book_id = :book_id AND (CAST(:code AS text) IS NULL OR fund = CAST(:code AS text))
ORDER BY fund
LIMIT 10000""")

_CAMPAIGNS: Final = text("""\
SELECT campaign, name_vi, name_en, opened_on, closed_on
FROM soquy.campaign
WHERE tenant_id = :tenant_id AND (CAST(:code AS text) IS NULL OR campaign = CAST(:code AS text))
ORDER BY campaign
LIMIT 10000""")

_PROGRAMS: Final = text("""\
SELECT program, unit, name_vi, name_en, opened_on, closed_on
FROM soquy.program
WHERE tenant_id = :tenant_id AND (CAST(:code AS text) IS NULL OR program = CAST(:code AS text))
ORDER BY program
LIMIT 10000""")

_VOUCHERS: Final = text("""\
SELECT v.number, v.issued_on, v.recorded_at, e.entry_id, w.recorded_at AS voided_at
FROM soquy.voucher AS v
LEFT JOIN soquy.entry AS e ON e.tenant_id = v.tenant_id AND e.book_id = v.book_id
    AND e.voucher_kind = v.voucher_kind AND e.fiscal_year = v.fiscal_year AND e.voucher_number = v.number
LEFT JOIN soquy.voucher_void AS w ON w.tenant_id = v.tenant_id AND w.book_id = v.book_id
    AND w.voucher_kind = v.voucher_kind AND w.fiscal_year = v.fiscal_year AND w.number = v.number
WHERE v.tenant_id = :tenant_id AND v.book_id = :book_id AND v.voucher_kind = :kind AND v.fiscal_year = :fiscal_year
    AND v.number > :after_number
ORDER BY v.number
LIMIT :row_count""")

_LOCKS: Final = text("""\
SELECT locked_through, recorded_at
FROM soquy.month_lock
WHERE tenant_id = :tenant_id AND book_id = :book_id
ORDER BY locked_through DESC
LIMIT 10000""")

_SEQS: Final = text("""\
SELECT entry_id, seq
FROM soquy.entry
WHERE tenant_id = :tenant_id AND book_id = :book_id AND entry_id = ANY (CAST(:entry_ids AS uuid[]))""")


def accounts(conn: Connection, book: Book, code: str | None = None) -> tuple[Account, ...]:
    """Return the accounts of a book, or the one of a code."""
    return tuple(Account(**row) for row in conn.execute(_ACCOUNTS, _key(book, code)).mappings())


def funds(conn: Connection, book: Book, code: str | None = None) -> tuple[Fund, ...]:
    """Return the funds of a book, or the one of a code."""
    return tuple(Fund(**row) for row in conn.execute(_FUNDS, _key(book, code)).mappings())


def campaigns(conn: Connection, book: Book, code: str | None = None) -> tuple[Campaign, ...]:
    """Return the drives of a book's tenant, or the one of a code."""
    return tuple(Campaign(**row) for row in conn.execute(_CAMPAIGNS, _key(book, code)).mappings())


def programs(conn: Connection, book: Book, code: str | None = None) -> tuple[Program, ...]:
    """Return the programs of a book's tenant, or the one of a code."""
    return tuple(Program(**row) for row in conn.execute(_PROGRAMS, _key(book, code)).mappings())


def vouchers(
    conn: Connection, book: Book, kind: str, fiscal_year: int, *, after_number: int = 0, row_count: int = 100
) -> tuple[Voucher, ...]:
    """Return vouchers of a kind and year by number, those that come after one."""
    parameters = _key(book) | {
        "kind": kind,
        "fiscal_year": fiscal_year,
        "after_number": after_number,
        "row_count": row_count,
    }
    return tuple(
        Voucher(
            voucher=VoucherNumber(kind=kind, fiscal_year=fiscal_year, number=row.number),
            issued_on=row.issued_on,
            recorded_at=row.recorded_at,
            entry_id=row.entry_id,
            voided_at=row.voided_at,
        )
        for row in conn.execute(_VOUCHERS, parameters)
    )


def locks(conn: Connection, book: Book) -> tuple[Lock, ...]:
    """Return the locks of a book, the last first."""
    return tuple(Lock(**row) for row in conn.execute(_LOCKS, _key(book)).mappings())


def seqs_of(conn: Connection, book: Book, entry_ids: set[UUID]) -> dict[UUID, int]:
    """Return the numbers of those of the entries that are in the book."""
    rows = conn.execute(_SEQS, _key(book) | {"entry_ids": list(entry_ids)})
    return {row.entry_id: row.seq for row in rows}


def _key(book: Book, code: str | None = None) -> dict[str, object]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "code": code}
