"""Open and close what a book's entries name: accounts and funds, and the campaigns and programs of its tenant.

Every command takes an open connection, takes the book, appends its leaf, writes, and leaves the commit to the caller.
Names are public and live in their tables; the leaf has the codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy
from sqlalchemy import Connection, text

from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row, raise_refusal
from ledger.books.taking import take_book
from ledger.errors import CodeRefused, FieldRefused, NotAtTop, ReferenceUnknown
from ledger.money import VND
from ledger.text import clean_text

NAME_LENGTH_MAX: Final = 200
PURPOSE_LENGTH_MAX: Final = 1_000

FUND_HEADING: Final = "3538"
"""Below it only the chart's own accounts, one for each kind of fund: the rules watch those, and reports read them."""

_ACCOUNT_CODE: Final = re.compile(r"[0-9]{3,5}[A-Z0-9]{0,8}")
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")

_OPEN: Final = {
    what: text(
        f"SELECT 1 FROM soquy.{what} "  # noqa: S608 - composed of constants
        f"WHERE tenant_id = :tenant_id AND book_id = :book_id AND {what} = :code AND closed_on IS NULL"
    )
    for what in ("account", "fund")
}
_CLOSE: Final = {
    what: text(f"SELECT soquy.close_{what}(:tenant_id, :book_id, :code, :closed_on, :event_id)") for what in _OPEN
}


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
    if parent.startswith(FUND_HEADING):
        raise FieldRefused(field="parent", rule="account_parent_fund_rule")
    _check_currency(conn, currency)
    role = "cash" if account.startswith("111") else "bank" if account.startswith("112") else "other"
    row = {
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
    }
    payload = {"account": account, "parent": parent, "currency": currency, "opened_on": str(opened_on)}
    event_id = record_event(conn, book, "account.opened", payload, actor=actor)
    insert_row(conn, "account", {**row, "event_id": event_id})


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
    row = {
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
    }
    payload = {"fund": fund, "kind": kind, "account": rule.account, "opened_on": str(opened_on)}
    event_id = record_event(conn, book, "fund.opened", payload, actor=actor)
    insert_row(conn, "fund", {**row, "event_id": event_id})


def close_fund(conn: Connection, book: Book, fund: str, *, closed_on: date, actor: Actor) -> None:
    """Close a fund at the end of a day; nothing is left in it and nothing was posted after.

    Raises:
        ReferenceUnknown: no such fund, or closed already.
        ClosingRefused: a balance, or a later posting.
    """
    _close(conn, book, "fund", fund, closed_on=closed_on, actor=actor)


def _close(conn: Connection, book: Book, what: str, code: str, *, closed_on: date, actor: Actor) -> None:
    take_book(conn, book)
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id, "code": code}
    if conn.execute(_OPEN[what], key).one_or_none() is None:
        raise ReferenceUnknown(field=what, value=code)
    event_id = record_event(conn, book, f"{what}.closed", {what: code, "closed_on": str(closed_on)}, actor=actor)
    try:
        conn.execute(_CLOSE[what], {**key, "closed_on": closed_on, "event_id": event_id})
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)


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
        NotAtTop: the book's association stands below another of the tenant.
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
        NotAtTop: the book's association stands below another of the tenant.
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
        _check_top(conn, book, self.what)
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
        days = {
            "opened_on": str(self.opened_on),
            "closed_on": None if self.closed_on is None else str(self.closed_on),
        }
        payload = {self.what: self.code, **days, **self.more}
        event_id = record_event(conn, book, f"{self.what}.opened", payload, actor=actor)
        insert_row(conn, self.what, {**row, "event_id": event_id})


def _check_top(conn: Connection, book: Book, what: str) -> None:
    """What every book of a tenant may name is opened by the association at the top of its tree alone."""
    below = conn.execute(
        text(
            "SELECT 1 FROM soquy.association WHERE tenant_id = :tenant_id AND association_id = :association_id"
            " AND parent_tenant_id = :tenant_id"
        ),
        {"tenant_id": book.tenant_id, "association_id": book.association_id},
    )
    if below.one_or_none() is not None:
        raise NotAtTop(what=what)


def _check_code(field: str, code: str) -> None:
    if not _CODE.fullmatch(code):
        raise CodeRefused(field=field, value=code[:40])
