"""Gather what a paper tells: the entry, what was given with it, and by whom.

Amounts, days and numbers come from the books and never change. Names come from the vault, where they can be put right
and erased; ``is_erased`` says that something of the paper is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical
from ledger import typeid
from ledger.books.model import Book
from ledger.errors import EntryNotFound, LedgerError
from ledger.giving.code import shown
from ledger.giving.queries import Contribution, contributions_of
from ledger.money import VND
from ledger.papers.context import Codes, Context, context_now
from ledger.papers.imprint import Imprint
from ledger.papers.model import (
    Amount,
    Booking,
    EntryPaper,
    Gift,
    GiftList,
    ListRow,
    Named,
    Receipts,
    Sums,
    Voucher,
)
from ledger.reports.entry import EntryDetail, entry_by_id

PaperKind = Literal["voucher", "list", "receipt", "receipts"]

PRINTED_KINDS: Final = frozenset({"PT", "BC", "KT"})
"""Vouchers of money and goods that came in."""

VOLUME_SIZE: Final = 1_000
"""Lines of one volume of a list: some twenty pages, half a second and eighty megabytes of typesetting."""

SHEETS_SIZE: Final = 100
"""Receipts in one file of sheets, two on each A4."""

SIZES: Final[Mapping[PaperKind, int]] = {"voucher": 1, "list": VOLUME_SIZE, "receipt": 1, "receipts": SHEETS_SIZE}
"""How many gifts a paper of a kind has at most; the next one begins after them."""

_MORE: Final = text("""\
SELECT a.leaf, (
        SELECT max(c.line) FROM soquy.contribution AS c
        WHERE c.tenant_id = :tenant_id AND c.book_id = :book_id AND c.seq = :seq
    ) AS line_count, (
        SELECT jsonb_object_agg(u.currency, u.minor_digits) FROM soquy.currency AS u
        WHERE u.currency = ANY (CAST(:currencies AS text[]))
    ) AS digits
FROM soquy.audit_entry AS a
WHERE a.tenant_id = :tenant_id AND a.event_id = :entry_id""")

_COUNT: Final = text("""\
SELECT (
        SELECT max(c.line) FROM soquy.contribution AS c
        WHERE c.tenant_id = e.tenant_id AND c.book_id = e.book_id AND c.seq = e.seq
    ) AS line_count
FROM soquy.entry AS e
WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.entry_id = :entry_id""")

_BROUGHT: Final = text("""\
SELECT count(*) AS line_count, coalesce(sum(c.amount_minor), 0) AS amount_minor
FROM soquy.contribution AS c
WHERE c.tenant_id = :tenant_id AND c.book_id = :book_id AND c.seq = :seq AND c.line < :first_line""")


class PaperRefused(LedgerError):
    """The entry has no such paper; ``reason`` says why: voucher_kind, no_gifts, line, amounts_lost or address."""

    code = "paper_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A paper of an entry; ``first_line`` to ``last_line`` are the gifts on it, 1 to 1 for a voucher."""

    entry_id: UUID
    kind: PaperKind
    first_line: int = 1

    def last_line(self, line_count: int) -> int:
        """Return the last gift on the paper, of an entry of so many."""
        return max(1, min(self.first_line + SIZES[self.kind] - 1, line_count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A paper's facts; ``last_line`` of ``line_count`` gifts, ``is_erased`` where something of it was erased since."""

    paper: EntryPaper
    context: Context
    seq: int
    last_line: int
    line_count: int
    is_erased: bool


def gather(conn: Connection, book: Book, wanted: Wanted, imprint: Imprint, *, kept: Context | None = None) -> Gathered:
    """Return what a paper tells, with the context of its first print, ``kept``, or of now.

    Raises:
        EntryNotFound: the book has no such entry.
        PaperRefused: the entry has no such paper; carries the reason.
    """
    entry = _entry(conn, book, wanted)
    context = kept or context_now(conn, book, _codes(entry), imprint)
    if wanted.kind in {"receipt", "receipts"} and context.imprint.check_page is None:
        raise PaperRefused(reason="address")
    booking = _booking(book, entry, context)
    return Gathered(
        paper=_list(conn, book, wanted, booking, entry)
        if wanted.kind == "list"
        else _paper(wanted, booking, entry, context),
        context=context,
        seq=entry.detail.seq,
        last_line=wanted.last_line(entry.line_count),
        line_count=entry.line_count,
        is_erased=entry.is_reason_erased or any(_is_erased(gift) for gift in entry.gifts),
    )


def gift_count(conn: Connection, book: Book, entry_id: UUID) -> int:
    """Return how many gifts came with an entry.

    Raises:
        EntryNotFound: the book has no such entry.
    """
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "entry_id": entry_id}
    row = conn.execute(_COUNT, asked).one_or_none()
    if row is None:
        raise EntryNotFound(entry=typeid.encode(typeid.ENTRY, entry_id))
    return int(row.line_count or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry as a paper needs it; ``line_count`` gifts came with it, 0 where none did, of which these are on it."""

    detail: EntryDetail
    line_count: int
    gifts: Sequence[Contribution]
    digits: Mapping[str, int]
    is_reason_erased: bool

    def amount(self, *, of: Literal["debit_minor", "credit_minor"]) -> Amount:
        """Return one side's sum in its currency, or in đồng where it has several."""
        lines = [line for line in self.detail.lines if getattr(line, of)]
        currencies = {line.currency for line in lines}
        if len(currencies) == 1 and currencies != {VND}:
            (currency,) = currencies
            minor = sum(abs(line.amount_minor) for line in lines)
            return Amount(minor=minor, currency=currency, digits=self.digits[currency])
        return Amount(minor=sum(getattr(line, of) for line in lines))


def _entry(conn: Connection, book: Book, wanted: Wanted) -> _Entry:
    detail = entry_by_id(conn, tenant_id=book.tenant_id, entry_id=wanted.entry_id)
    if detail.association_id != book.association_id:
        raise EntryNotFound(entry=typeid.encode(typeid.ENTRY, wanted.entry_id))
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "seq": detail.seq, "entry_id": wanted.entry_id}
    more = conn.execute(_MORE, {**asked, "currencies": [line.currency for line in detail.lines]}).one()
    line_count = more.line_count or 0
    _check(detail, line_count, wanted)
    had_reason = "description" in canonical.decode(bytes(more.leaf)).private
    return _Entry(
        detail=detail,
        line_count=line_count,
        gifts=_gifts(conn, book, wanted, line_count) if line_count else (),
        digits=more.digits,
        is_reason_erased=had_reason and detail.description is None,
    )


def _check(detail: EntryDetail, line_count: int, wanted: Wanted) -> None:
    if detail.voucher is None or detail.voucher.kind not in PRINTED_KINDS or detail.kind != "ordinary":
        raise PaperRefused(reason="voucher_kind")
    if wanted.kind != "voucher" and line_count == 0:
        raise PaperRefused(reason="no_gifts")
    if not 1 <= wanted.first_line <= max(1, line_count) or (wanted.first_line - 1) % SIZES[wanted.kind]:
        raise PaperRefused(reason="line", line=wanted.first_line, line_count=line_count)


def _gifts(conn: Connection, book: Book, wanted: Wanted, line_count: int) -> tuple[Contribution, ...]:
    """Return the gifts on the paper; for a voucher the first, which stands on it where it is the only one."""
    size = wanted.last_line(line_count) - wanted.first_line + 1
    found = contributions_of(conn, book, wanted.entry_id, after_line=wanted.first_line - 1, page_size=size)
    if any(gift.amount_minor is None for gift in found.rows):
        raise PaperRefused(reason="amounts_lost")
    return found.rows


def _is_erased(gift: Contribution) -> bool:
    return gift.code is None or _has_lost_name(gift)


def _has_lost_name(gift: Contribution) -> bool:
    return gift.has_donor and gift.name is None


def _codes(entry: _Entry) -> Codes:
    lines = entry.detail.lines
    return Codes(
        entry_id=entry.detail.entry_id,
        seq=entry.detail.seq,
        funds=sorted({line.fund for line in lines}),
        campaign=next((line.campaign for line in lines if line.campaign is not None), None),
        channel=next((line.channel for line in lines if line.channel is not None), None),
        earmark=entry.gifts[0].earmark if entry.gifts else None,
    )


def _booking(book: Book, entry: _Entry, context: Context) -> Booking:
    detail = entry.detail
    if detail.voucher is None:
        raise PaperRefused(reason="voucher_kind")
    funds = [context.funds[code] for code in sorted({line.fund for line in detail.lines})]
    return Booking(
        unit=context.unit,
        voucher=detail.voucher,
        dated=detail.issued_on or detail.entry_on,
        seq=detail.seq,
        entry_id=typeid.encode(typeid.ENTRY, detail.entry_id),
        fund=funds[0] if len(funds) == 1 else Named(vi=", ".join(each.vi for each in funds)),
        campaign=context.campaign,
        channel=context.channel,
        medium=entry.gifts[0].medium if entry.gifts else None,
        amount=entry.amount(of="credit_minor" if entry.gifts else "debit_minor"),
        value_minor=sum(line.debit_minor for line in detail.lines),
        rate=detail.rate,
        gift_count=entry.line_count,
        document_count=context.document_count,
        reason=detail.description,
        is_reason_erased=entry.is_reason_erased,
        page_url=context.imprint.entry_url(book, detail.seq),
        notices=context.notices,
        spelling=context.imprint.spelling,
    )


def _paper(wanted: Wanted, booking: Booking, entry: _Entry, context: Context) -> EntryPaper:
    if wanted.kind == "voucher":
        return _voucher(booking, entry)
    return Receipts(
        booking=booking,
        gifts=[_gift(gift, entry, context) for gift in entry.gifts],
        check_page=context.imprint.check_page or "",
        log_key=context.imprint.log_key,
        is_sheet=wanted.kind == "receipts",
    )


def _voucher(booking: Booking, entry: _Entry) -> Voucher:
    payer = entry.gifts[0] if entry.line_count == 1 else None
    return Voucher(
        booking=booking,
        debits=_sums(entry, "debit_minor"),
        credits=_sums(entry, "credit_minor"),
        payer=payer.name if payer else None,
        is_payer_erased=payer is not None and _has_lost_name(payer),
        address=payer.detail if payer else None,
    )


def _sums(entry: _Entry, side: Literal["debit_minor", "credit_minor"]) -> list[Sums]:
    sums: dict[str, int] = {}
    for line in entry.detail.lines:
        if getattr(line, side):
            sums[line.account] = sums.get(line.account, 0) + getattr(line, side)
    return [Sums(account=account, value_minor=value) for account, value in sums.items()]


def _list(conn: Connection, book: Book, wanted: Wanted, booking: Booking, entry: _Entry) -> GiftList:
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id, "seq": entry.detail.seq}
    brought = conn.execute(_BROUGHT, {**key, "first_line": wanted.first_line}).one()
    return GiftList(
        booking=booking,
        rows=[
            ListRow(
                line=gift.line,
                name=gift.name,
                is_erased=_has_lost_name(gift),
                detail=gift.detail,
                minor=gift.amount_minor or 0,
            )
            for gift in entry.gifts
        ],
        volume=(wanted.first_line - 1) // VOLUME_SIZE + 1,
        volume_count=-(-entry.line_count // VOLUME_SIZE),
        brought_count=brought.line_count,
        brought_minor=int(brought.amount_minor),
    )


def _gift(gift: Contribution, entry: _Entry, context: Context) -> Gift:
    code = None if gift.code is None else shown(gift.code)
    return Gift(
        line=gift.line,
        leaf_id=typeid.encode(typeid.EVENT, gift.contribution_id),
        code=code,
        check_url=None if code is None else context.imprint.check_url(code),
        name=gift.name,
        is_erased=_has_lost_name(gift),
        detail=gift.detail,
        earmark=None if context.earmark is None else context.earmark.vi,
        amount=Amount(minor=gift.amount_minor or 0, currency=gift.currency, digits=entry.digits[gift.currency]),
    )
