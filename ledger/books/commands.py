"""Change a book: its accounts and funds, its vouchers, its months; reverse an entry.

Every command takes an open connection, takes the book, writes, appends its leaf, and leaves the commit to the caller.
Entries themselves are posted by ``books.posting``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy
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
from ledger.books.tables import raise_refusal
from ledger.books.taking import take_book
from ledger.calendar import fiscal_year, month_end
from ledger.errors import (
    AlreadyReversed,
    CodeRefused,
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
from ledger.text import clean_text
from ledger.typeid import new_id

NAME_LENGTH_MAX: Final = 200
PURPOSE_LENGTH_MAX: Final = 1_000
REASON_LENGTH_MAX: Final = 500

_ACCOUNT_CODE: Final = re.compile(r"[0-9]{3,5}[A-Z0-9]{0,8}")
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")


def open_account(
    conn: Connection,
    book: Book,
    *,
    account: str,
    parent: str,
    name_vi: str,
    name_en: str,
    opened_on: date,
    actor: Actor,
    currency: str = VND,
) -> None:
    """Open an account under a heading of the book's chart: a bank account under 1121, for one.

    Side, and for cash and bank the role, follow from the heading.

    Raises:
        CodeRefused: not a number of three to five digits, with letters or digits of its own after the heading's.
        ReferenceUnknown: no such heading, or no such currency.
        CodeTaken: the account exists.
        RuleRefused: the heading has been posted to.
    """
    if not _ACCOUNT_CODE.fullmatch(account) or not account.startswith(parent) or account == parent:
        raise CodeRefused(field="account", value=account)
    take_book(conn, book)
    heading = conn.execute(
        text(
            "SELECT side FROM soquy.account WHERE tenant_id = :tenant_id AND book_id = :book_id AND account = :account"
        ),
        {"tenant_id": book.tenant_id, "book_id": book.book_id, "account": parent},
    ).one_or_none()
    if heading is None:
        raise ReferenceUnknown(field="parent", value=parent)
    _check_currency(conn, currency)
    role = "cash" if account.startswith("111") else "bank" if account.startswith("112") else "other"
    _insert(
        conn,
        "account",
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "account": account,
            "parent": parent,
            "name_vi": clean_text(name_vi, field="name_vi", length_max=NAME_LENGTH_MAX),
            "name_en": clean_text(name_en, field="name_en", length_max=NAME_LENGTH_MAX),
            "side": heading.side,
            "role": role,
            "currency": currency,
            "opened_on": opened_on,
        },
    )
    payload = {"account": account, "parent": parent, "currency": currency, "opened_on": str(opened_on)}
    record_event(conn, book, "account.opened", payload, actor=actor)


def _check_currency(conn: Connection, currency: str) -> None:
    known = conn.execute(text("SELECT 1 FROM soquy.currency WHERE currency = :currency"), {"currency": currency})
    if known.one_or_none() is None:
        raise ReferenceUnknown(field="currency", value=currency)


def close_account(conn: Connection, book: Book, account: str, *, closed_on: date, actor: Actor) -> None:
    """Close an account at the end of a day; nothing is left in it and nothing was posted after.

    Raises:
        ReferenceUnknown: no such account, or closed already.
        ClosingRefused: a balance, or a later posting.
    """
    _close(conn, book, "account", account, closed_on=closed_on, actor=actor)


def open_fund(
    conn: Connection,
    book: Book,
    *,
    fund: str,
    kind: str,
    name_vi: str,
    opened_on: date,
    actor: Actor,
    name_en: str | None = None,
    purpose: str | None = None,
) -> None:
    """Open a fund; its kind fixes the account of its balance and whether it is restricted.

    Raises:
        CodeRefused: a code is up to twenty of A–Z, 0–9 and ``-``.
        ReferenceUnknown: the chart has no such kind.
        FieldRefused: a restricted fund has a purpose.
        CodeTaken: the book has a fund of this code.
    """
    _check_code("fund", fund)
    take_book(conn, book)
    rule = conn.execute(
        text("""\
            SELECT k.account, k.is_restricted FROM soquy.book JOIN soquy.fund_kind AS k USING (chart)
            WHERE tenant_id = :tenant_id AND book_id = :book_id AND fund_kind = :kind"""),
        {"tenant_id": book.tenant_id, "book_id": book.book_id, "kind": kind},
    ).one_or_none()
    if rule is None:
        raise ReferenceUnknown(field="kind", value=kind)
    if rule.is_restricted and purpose is None:
        raise FieldRefused(field="purpose", rule="fund_purpose_given_check")
    _insert(
        conn,
        "fund",
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "fund": fund,
            "kind": kind,
            "balance_account": rule.account,
            "is_restricted": rule.is_restricted,
            "name_vi": clean_text(name_vi, field="name_vi", length_max=NAME_LENGTH_MAX),
            "name_en": name_en and clean_text(name_en, field="name_en", length_max=NAME_LENGTH_MAX),
            "purpose": purpose and clean_text(purpose, field="purpose", length_max=PURPOSE_LENGTH_MAX),
            "opened_on": opened_on,
        },
    )
    payload = {"fund": fund, "kind": kind, "account": rule.account, "opened_on": str(opened_on)}
    record_event(conn, book, "fund.opened", payload, actor=actor)


def close_fund(conn: Connection, book: Book, fund: str, *, closed_on: date, actor: Actor) -> None:
    """Close a fund at the end of a day; nothing is left in it and nothing was posted after.

    Raises:
        ReferenceUnknown: no such fund, or closed already.
        ClosingRefused: a balance, or a later posting.
    """
    _close(conn, book, "fund", fund, closed_on=closed_on, actor=actor)


def _close(conn: Connection, book: Book, what: str, code: str, *, closed_on: date, actor: Actor) -> None:
    closing = text(f"SELECT soquy.close_{what}(:tenant_id, :book_id, :code, :closed_on)")
    parameters = {"tenant_id": book.tenant_id, "book_id": book.book_id, "code": code, "closed_on": closed_on}
    try:
        closed = conn.execute(closing, parameters).scalar_one()
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    if not closed:
        raise ReferenceUnknown(field=what, value=code)
    record_event(conn, book, f"{what}.closed", {what: code, "closed_on": str(closed_on)}, actor=actor)


def open_campaign(
    conn: Connection,
    book: Book,
    *,
    campaign: str,
    name_vi: str,
    opened_on: date,
    actor: Actor,
    name_en: str | None = None,
    closed_on: date | None = None,
) -> None:
    """Open a drive that every book of the tenant may receive for; the event is recorded with this book.

    Raises:
        CodeRefused: a code is up to twenty of A–Z, 0–9 and ``-``.
        CodeTaken: the tenant has a campaign of this code.
    """
    _Dimension("campaign", campaign, name_vi, name_en, opened_on, closed_on, {}).open(conn, book, actor)


def open_program(
    conn: Connection,
    book: Book,
    *,
    program: str,
    unit: str,
    name_vi: str,
    opened_on: date,
    actor: Actor,
    name_en: str | None = None,
    closed_on: date | None = None,
) -> None:
    """Open a program that money is spent on; ``unit`` is what it counts: award, school or piece.

    Raises:
        CodeRefused: a code is up to twenty of A–Z, 0–9 and ``-``.
        FieldRefused: another unit.
        CodeTaken: the tenant has a program of this code.
    """
    if unit not in {"award", "school", "piece"}:
        raise FieldRefused(field="unit", rule="program_unit_check")
    _Dimension("program", program, name_vi, name_en, opened_on, closed_on, {"unit": unit}).open(conn, book, actor)


@dataclass(frozen=True, slots=True)
class _Dimension:
    """A campaign or a program: what it is, and its columns."""

    what: str
    code: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None
    more: Mapping[str, str]

    def open(self, conn: Connection, book: Book, actor: Actor) -> None:
        _check_code(self.what, self.code)
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise FieldRefused(field="closed_on", rule=f"{self.what}_closed_order_check")
        row = {
            "tenant_id": book.tenant_id,
            self.what: self.code,
            "name_vi": clean_text(self.name_vi, field="name_vi", length_max=NAME_LENGTH_MAX),
            "name_en": self.name_en and clean_text(self.name_en, field="name_en", length_max=NAME_LENGTH_MAX),
            "opened_on": self.opened_on,
            "closed_on": self.closed_on,
            **self.more,
        }
        _insert(conn, self.what, row)
        days = {
            "opened_on": str(self.opened_on),
            "closed_on": None if self.closed_on is None else str(self.closed_on),
        }
        record_event(conn, book, f"{self.what}.opened", {self.what: self.code, **days, **self.more}, actor=actor)


def _check_code(field: str, code: str) -> None:
    if not _CODE.fullmatch(code):
        raise CodeRefused(field=field, value=code[:40])


def _insert(conn: Connection, table: str, row: Mapping[str, object]) -> None:
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    try:
        # Table and columns are names of this module, never input.
        conn.execute(text(f"INSERT INTO soquy.{table} ({columns}) VALUES ({values})"), row)  # noqa: S608
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


def issue_voucher(conn: Connection, book: Book, kind: str, *, issued_on: date, actor: Actor) -> VoucherNumber:
    """Issue a voucher before it is executed: it gets its number, is printed and signed, and an entry names it later.

    Raises:
        ReferenceUnknown: the chart has no such kind.
        FieldRefused: the day is in the future, or before the book.
    """
    year = fiscal_year(issued_on)
    taken = take_book(conn, book, {"years": [year]})
    if kind not in taken["voucher_kinds"]:
        raise ReferenceUnknown(field="kind", value=kind)
    if not taken["opened_on"] <= str(issued_on) <= taken["today"]:
        raise FieldRefused(field="issued_on", rule="voucher_issued_on_rule", value=str(issued_on))
    number = next((last for counted, _, last in taken["counters"] or () if counted == kind), 0) + 1
    voucher = VoucherNumber(kind=kind, fiscal_year=year, number=number)
    _insert(conn, "voucher", {**_voucher_key(book, voucher), "issued_on": issued_on})
    payload = {"voucher": [kind, year, number], "issued_on": str(issued_on)}
    record_event(conn, book, "voucher.issued", payload, actor=actor)
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
    event_id = new_id()
    private = {"reason": reason}
    record_event(conn, book, "voucher.voided", {"voucher": key}, actor=actor, private=private, event_id=event_id)
    _insert(conn, "voucher_void", {**_voucher_key(book, voucher), "event_id": event_id})


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
    event_id = record_event(conn, book, "month.locked", {"locked_through": str(last_day)}, actor=actor)
    row = {"tenant_id": book.tenant_id, "book_id": book.book_id, "locked_through": last_day, "event_id": event_id}
    _insert(conn, "month_lock", row)
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
