"""Change a book: issue and void vouchers, lock months, reverse an entry.

Every command takes an open connection, takes the book, appends its leaf, writes, and leaves the commit to the caller.
Entries themselves are posted by ``books.posting``.
"""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger.books.event import record_event
from ledger.books.model import (
    DESCRIPTION_LENGTH_MAX,
    Actor,
    Book,
    EntryDraft,
    Line,
    PostedEntry,
    Request,
    VoucherNumber,
)
from ledger.books.posting import post
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.calendar import fiscal_year, month_end
from ledger.errors import (
    AlreadyReversed,
    EntryNotFound,
    FieldRefused,
    MonthNotLockable,
    ReferenceUnknown,
    ReversalNotReversible,
    Value,
    VoucherExecuted,
    VoucherNotFound,
    VoucherVoid,
)
from ledger.money import VND, Rate
from ledger.people.sealing import SLIP
from ledger.text import clean_text

REASON_LENGTH_MAX: Final = 500


def issue_voucher(conn: Connection, book: Book, kind: str, *, issued_on: date, actor: Actor) -> VoucherNumber:
    """Issue a voucher before it is executed: it gets its number, is printed and signed, and an entry names it later.

    Raises:
        ReferenceUnknown: the chart has no such kind.
        FieldRefused: the day is in the future, in a locked month or before the book; or the association is closed.
    """
    year = fiscal_year(issued_on)
    taken = take_book(conn, book, {"numbers": [[kind, year]]})
    if kind not in taken["voucher_kinds"]:
        raise ReferenceUnknown(field="kind", value=kind)
    is_locked = taken["locked_through"] is not None and str(issued_on) <= taken["locked_through"]
    if is_locked or taken["closed_on"] is not None or not taken["opened_on"] <= str(issued_on) <= taken["today"]:
        raise FieldRefused(field="issued_on", rule="voucher_issued_on_rule", value=str(issued_on))
    number = (taken["counters"][0][2] or 0) + 1
    voucher = VoucherNumber(kind=kind, fiscal_year=year, number=number)
    payload = {"voucher": [kind, year, number], "issued_on": str(issued_on)}
    event_id = record_event(conn, book, "voucher.issued", payload, actor=actor)
    insert_row(conn, "voucher", {**_voucher_key(book, voucher), "issued_on": issued_on, "event_id": event_id})
    return voucher


def void_voucher(conn: Connection, book: Book, voucher: VoucherNumber, *, reason: str, actor: Actor) -> None:
    """Void a voucher that will not be executed; its number stays used (Accounting Law Art. 18.3).

    Raises:
        VoucherNotFound: it was never issued.
        VoucherExecuted: an entry executed it; carries the entry's seq.
        VoucherVoid: it was voided before.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    key: list[Json] = [voucher.kind, voucher.fiscal_year, voucher.number]
    taken = take_book(conn, book, {"vouchers": [key]})
    named: dict[str, Value] = {"kind": voucher.kind, "fiscal_year": voucher.fiscal_year, "number": voucher.number}
    if taken["vouchers"] is None:
        raise VoucherNotFound(**named)
    (*_, is_void, executed_seq) = taken["vouchers"][0]
    if executed_seq is not None:
        raise VoucherExecuted(**named, seq=executed_seq)
    if is_void:
        raise VoucherVoid(**named)
    event_id = record_event(
        conn, book, "voucher.voided", {"voucher": key}, actor=actor, private={"reason": reason}, retention=SLIP
    )
    insert_row(conn, "voucher_void", {**_voucher_key(book, voucher), "event_id": event_id})


def _voucher_key(book: Book, voucher: VoucherNumber) -> dict[str, object]:
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "voucher_kind": voucher.kind,
        "fiscal_year": voucher.fiscal_year,
        "number": voucher.number,
    }


def lock_months(conn: Connection, book: Book, *, through: date, actor: Actor) -> date:
    """Lock every month up to the one that holds ``through``; return its last day.

    Raises:
        MonthNotLockable: the month has not ended, is locked already, or ends before the book opened.
    """
    last_day = month_end(through)
    taken = take_book(conn, book)
    for reason, refused in (
        ("not_ended", str(last_day) >= taken["today"]),
        ("locked_already", taken["locked_through"] is not None and str(last_day) <= taken["locked_through"]),
        ("before_opening", str(last_day) < taken["opened_on"]),
    ):
        if refused:
            raise MonthNotLockable(month=f"{last_day:%Y-%m}", reason=reason)
    locked: dict[str, Json] = {"locked_through": str(last_day), "last_seq": taken["last_seq"]}
    event_id = record_event(conn, book, "month.locked", locked, actor=actor)
    row = {"tenant_id": book.tenant_id, "book_id": book.book_id, **locked, "event_id": event_id}
    insert_row(conn, "month_lock", row)
    return last_day


def reverse_entry(
    conn: Connection,
    book: Book,
    entry_id: UUID,
    *,
    on: date,
    reason: str,
    actor: Actor,
    request: Request | None = None,
) -> PostedEntry:
    """Post the mirror of an entry, dated in an open month, and link the two.

    The mirror never takes the old date silently: Accounting Law Art. 27 wants the correction where it was
    discovered. It has an adjustment voucher (DC) of its own.

    Raises:
        EntryNotFound: no such entry in this book.
        AlreadyReversed: carries the seq of the earlier reversal.
        ReversalNotReversible: the entry is a reversal itself.
        PostingRefused: the month of ``on`` is locked, or what the entry brought in has been spent since.
    """
    reason = clean_text(reason, field="reason", length_max=DESCRIPTION_LENGTH_MAX)
    original = _entry_with_lines(conn, book, entry_id)
    if original is None:
        raise EntryNotFound
    draft = EntryDraft(
        entry_on=on,
        kind="reversal",
        voucher="DC",
        corrects_seq=original["seq"],
        description=reason,
        rate=original["rate"],
        lines=original["mirror"],
    )
    # A retry finds its first result before anything is asked of the entry, which by then is reversed.
    if request is None or not _was_asked(conn, book, actor, request):
        if original["kind"] == "reversal":
            raise ReversalNotReversible(seq=original["seq"])
        if original["reversed_by_seq"] is not None:
            raise AlreadyReversed(seq=original["reversed_by_seq"])
    return post(conn, book, [draft], actor=actor, request=request).entries[0]


def _was_asked(conn: Connection, book: Book, actor: Actor, request: Request) -> bool:
    found = conn.execute(
        text("""\
            SELECT 1 FROM soquy.idempotency
            WHERE tenant_id = :tenant_id AND principal_id = :principal_id AND key = :key"""),
        {"tenant_id": book.tenant_id, "principal_id": actor.principal_id, "key": request.key},
    )
    return found.one_or_none() is not None


def _entry_with_lines(conn: Connection, book: Book, entry_id: UUID) -> dict[str, Any] | None:
    rows = conn.execute(
        text("""\
            SELECT e.seq, e.kind, e.rate_currency, e.rate, e.rate_source, r.seq AS reversed_by_seq,
                p.account, p.fund, p.value_minor, p.amount_minor, p.currency, p.channel, p.campaign, p.program,
                p.quantity
            FROM soquy.entry AS e
            JOIN soquy.posting AS p USING (tenant_id, book_id, seq, entry_on)
            LEFT JOIN soquy.entry AS r ON r.tenant_id = e.tenant_id AND r.book_id = e.book_id
                AND r.corrects_seq = e.seq AND r.kind = 'reversal'
            WHERE e.tenant_id = :tenant_id AND e.book_id = :book_id AND e.entry_id = :entry_id
            ORDER BY p.line"""),
        {"tenant_id": book.tenant_id, "book_id": book.book_id, "entry_id": entry_id},
    ).all()
    if not rows:
        return None
    first = rows[0]
    return {
        "seq": first.seq,
        "kind": first.kind,
        "reversed_by_seq": first.reversed_by_seq,
        "rate": first.rate and Rate(currency=first.rate_currency, value=first.rate, source=first.rate_source),
        "mirror": tuple(
            Line(
                account=row.account,
                fund=row.fund,
                value_minor=-row.value_minor,
                currency=row.currency,
                amount_minor=None if row.currency == VND else -row.amount_minor,
                channel=row.channel,
                campaign=row.campaign,
                program=row.program,
                quantity=row.quantity and -row.quantity,
            )
            for row in rows
        ),
    }
