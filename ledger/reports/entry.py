"""One entry with all of it: the end of every drill-down from a public figure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger import typeid
from ledger.books.model import Book, VoucherNumber
from ledger.errors import EntryNotFound
from ledger.money import Rate
from ledger.reports.journal import voucher_of
from ledger.reports.known import NOW, Known, ReportQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """A posting with the names of its account and fund; ``amount_minor`` is in ``currency``."""

    line: int
    account: str
    account_name: str
    fund: str
    fund_name: str
    debit_minor: int
    credit_minor: int
    currency: str
    amount_minor: int
    channel: str | None
    campaign: str | None
    program: str | None
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEntry:
    """Another entry of the book that this one corrects, or that corrects it."""

    entry_id: UUID
    seq: int
    kind: str
    entry_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail:
    """An entry as it was posted; ``corrected_by`` lists reversals and adjustments in their order."""

    book_id: int
    association_id: UUID
    association_name: str
    entry_id: UUID
    seq: int
    kind: str
    entry_on: date
    recorded_at: datetime
    voucher: VoucherNumber | None
    issued_on: date | None
    description: str | None
    rate: Rate | None
    lines: tuple[EntryLine, ...]
    corrects: LinkedEntry | None
    corrected_by: tuple[LinkedEntry, ...]


_ENTRY: Final = """\
SELECT e.*, b.association_id, a.name_vi AS association_name, v.issued_on, s.value AS description
FROM soquy.entry AS e
JOIN soquy.book AS b USING (tenant_id, book_id)
JOIN soquy.association AS a USING (tenant_id, association_id)
LEFT JOIN soquy.voucher AS v ON v.tenant_id = e.tenant_id AND v.book_id = e.book_id
    AND v.voucher_kind = e.voucher_kind AND v.fiscal_year = e.fiscal_year AND v.number = e.voucher_number
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = e.tenant_id AND s.event_id = e.entry_id AND s.field = 'description'
WHERE e.tenant_id = :tenant_id AND """
_BY_ID: Final = text(_ENTRY + "e.entry_id = :entry_id")
_BY_SEQ: Final = text(_ENTRY + "e.book_id = :book_id AND e.seq = :seq")

_LINES: Final = ReportQuery("""\
SELECT p.line, p.account, a.name_vi AS account_name, p.fund, f.name_vi AS fund_name,
    greatest(p.value_minor, 0) AS debit_minor, greatest(- p.value_minor, 0) AS credit_minor,
    p.currency, p.amount_minor, p.channel, p.campaign, p.program, p.quantity
FROM known.posting(book) AS p
JOIN soquy.account AS a USING (tenant_id, book_id, account)
JOIN soquy.fund AS f USING (tenant_id, book_id, fund)
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.seq = :seq AND p.entry_on = :entry_on
ORDER BY p.line
""")

_LINKED: Final = ReportQuery("""\
SELECT e.entry_id, e.seq, e.kind, e.entry_on
FROM known.entry(book) AS e
WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id
    AND (e.seq = :corrects_seq OR e.corrects_seq = :seq AND e.corrects_seq IS NOT NULL)
ORDER BY e.seq
LIMIT 1000
""")


def entry_by_id(conn: Connection, *, tenant_id: int, entry_id: UUID, known: Known = NOW) -> EntryDetail:
    """Return the entry of an id, whichever book of the tenant it is in.

    Raises:
        EntryNotFound: no such entry in the tenant, or not known then.
    """
    row = conn.execute(_BY_ID, {"tenant_id": tenant_id, "entry_id": entry_id}).one_or_none()
    if row is None or not _is_known(conn, row, known):
        raise EntryNotFound(entry=typeid.encode(typeid.ENTRY, entry_id))
    return _detail(conn, row, known)


def entry_by_seq(conn: Connection, book: Book, seq: int, *, known: Known = NOW) -> EntryDetail:
    """Return the entry of a book that has this sequence number.

    Raises:
        EntryNotFound: the book has no such entry, or not known then.
    """
    row = conn.execute(_BY_SEQ, {"tenant_id": book.tenant_id, "book_id": book.book_id, "seq": seq}).one_or_none()
    if row is None or not _is_known(conn, row, known):
        raise EntryNotFound(seq=seq)
    return _detail(conn, row, known)


def _is_known(conn: Connection, row: Row[tuple[object, ...]], known: Known) -> bool:
    return known.at is None or row.seq <= known.seq_of(conn, tenant_id=row.tenant_id, book_id=row.book_id)


def _detail(conn: Connection, row: Row[tuple[object, ...]], known: Known) -> EntryDetail:
    key = {"tenant_id": row.tenant_id, "book_id": row.book_id, "seq": row.seq}
    lines = _LINES.run(conn, {**key, "entry_on": row.entry_on}, known).mappings()
    linked = [
        LinkedEntry(**found) for found in _LINKED.run(conn, {**key, "corrects_seq": row.corrects_seq}, known).mappings()
    ]
    return EntryDetail(
        book_id=row.book_id,
        association_id=row.association_id,
        association_name=row.association_name,
        entry_id=row.entry_id,
        seq=row.seq,
        kind=row.kind,
        entry_on=row.entry_on,
        recorded_at=row.recorded_at,
        voucher=voucher_of(row),
        issued_on=row.issued_on,
        description=row.description,
        rate=_rate(row.rate_currency, row.rate, row.rate_source),
        lines=tuple(EntryLine(**line) for line in lines),
        corrects=next((other for other in linked if other.seq < row.seq), None),
        corrected_by=tuple(other for other in linked if other.seq > row.seq),
    )


def _rate(currency: str | None, value: Decimal | None, source: str | None) -> Rate | None:
    if currency is None or value is None or source is None:
        return None
    return Rate(currency=currency, value=value, source=source)
