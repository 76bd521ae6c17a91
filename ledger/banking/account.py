"""The bank accounts that an association asks people to pay into: on papers, posters and campaign pages.

They are public, and a number that somebody changed would send gifts elsewhere. So every change is a version of its own
with a leaf in the public log; the newest version of an account counts, and none is ever changed.
"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from ledger.banking.vietqr import ACCOUNT_PATTERN, BIN_PATTERN
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import FieldRefused, ReferenceUnknown
from ledger.money import VND
from ledger.text import clean_text

HOLDER_LENGTH_MAX: Final = 200

_match_bin: Final = re.compile(BIN_PATTERN).fullmatch
_match_number: Final = re.compile(ACCOUNT_PATTERN).fullmatch

_SHOWN: Final = text("""\
SELECT account, bank_bin, number, holder
FROM (
    SELECT DISTINCT ON (s.account) s.account, s.bank_bin, s.number, s.holder
    FROM soquy.bank_account AS s
    WHERE s.tenant_id = :tenant_id AND s.book_id = :book_id
    ORDER BY s.account, s.version DESC
) AS newest
JOIN soquy.account AS a USING (account)
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.closed_on IS NULL AND number IS NOT NULL
ORDER BY account
LIMIT 100""")

_NEWEST: Final = text("""\
SELECT a.account, a.role = 'bank' AND a.currency = :currency AND NOT a.is_parent AND a.closed_on IS NULL AS is_bank, (
        SELECT max(s.version) FROM soquy.bank_account AS s
        WHERE s.tenant_id = a.tenant_id AND s.book_id = a.book_id AND s.account = a.account
    ) AS version
FROM soquy.account AS a
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.account = :account""")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account at a bank: ``account`` is its code in the book, ``holder`` the name that the bank knows it by."""

    account: str
    bank_bin: str
    number: str
    holder: str


def bank_accounts(conn: Connection, book: Book) -> tuple[BankAccount, ...]:
    """Return the accounts that a book shows, in the order of their codes."""
    rows = conn.execute(_SHOWN, {"tenant_id": book.tenant_id, "book_id": book.book_id}).mappings()
    return tuple(BankAccount(**row) for row in rows)


def set_bank_account(conn: Connection, book: Book, shown: BankAccount, *, actor: Actor) -> None:
    """Show an account from now on, or another number for it.

    Raises:
        FieldRefused: a BIN has six digits, a number up to 19 letters and digits, or the account is no bank account in
            đồng.
        TextRefused: the holder's name.
        ReferenceUnknown: the book has no such account.
    """
    number = shown.number.replace(" ", "")
    for field, matches in (("bank_bin", _match_bin(shown.bank_bin)), ("number", _match_number(number))):
        if not matches:
            raise FieldRefused(field=field, rule=f"bank_account_{field}_format_check")
    holder = clean_text(shown.holder, field="holder", length_max=HOLDER_LENGTH_MAX)
    _record(conn, book, shown.account, (shown.bank_bin, number, holder), actor)


def withdraw_bank_account(conn: Connection, book: Book, account: str, *, actor: Actor) -> None:
    """Show an account no more.

    Raises:
        ReferenceUnknown: the book has no such account, or does not show it.
    """
    if all(each.account != account for each in bank_accounts(conn, book)):
        raise ReferenceUnknown(field="account", value=account[:40])
    _record(conn, book, account, (None, None, None), actor)


def _record(
    conn: Connection, book: Book, account: str, shown: tuple[str | None, str | None, str | None], actor: Actor
) -> None:
    take_book(conn, book)
    key = {"tenant_id": book.tenant_id, "book_id": book.book_id, "account": account}
    newest = conn.execute(_NEWEST, {**key, "currency": VND}).one_or_none()
    if newest is None:
        raise ReferenceUnknown(field="account", value=account[:40])
    if not newest.is_bank:
        raise FieldRefused(field="account", rule="bank_account_bank_rule")
    bank_bin, number, holder = shown
    version = (newest.version or 0) + 1
    payload = {"account": account, "bank": bank_bin, "number": number, "version": version}
    event_id = record_event(conn, book, "bank_account.set", payload, actor=actor)
    more = {"version": version, "bank_bin": bank_bin, "number": number, "holder": holder, "event_id": event_id}
    insert_row(conn, "bank_account", {**key, **more})
