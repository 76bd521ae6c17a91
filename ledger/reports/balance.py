"""Balances on a day: of an account, of a fund, of all of a book. Debit is positive.

A balance reads one row for each account and fund the book ever used, however long its history: every day with
movement carries its balance, and ``balance_key`` says where to look.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.books.model import Book
from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.scope import FAMILY_SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account holds of a fund; a credit balance, as funds have, is negative."""

    account: str
    fund: str
    role: str
    balance_minor: int


_BALANCES: Final = ReportQuery(f"""\
WITH RECURSIVE {FAMILY_SQL}
SELECT k.account, k.fund, a.role, latest.balance_minor
FROM family
JOIN known.balance_key(book) AS k ON k.tenant_id = :tenant_id AND k.book_id = :book_id AND k.account = family.account
JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.account = family.account
CROSS JOIN LATERAL known.latest(t.total_on <= :as_of) AS latest
WHERE (CAST(:fund AS text) IS NULL OR k.fund = CAST(:fund AS text))
ORDER BY k.account, k.fund
LIMIT 10000
""")


def balances(
    conn: Connection,
    book: Book,
    *,
    as_of: date,
    account: str | None = None,
    fund: str | None = None,
    known: Known = NOW,
) -> tuple[Balance, ...]:
    """Return the balances of a book at the end of a day, one for each account and fund used by then.

    A heading stands for all accounts below it.
    """
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "as_of": as_of,
        "account": account,
        "fund": fund,
    }
    return tuple(Balance(**row) for row in _BALANCES.run(conn, parameters, known).mappings())


def account_balance(
    conn: Connection, book: Book, account: str, *, as_of: date, fund: str | None = None, known: Known = NOW
) -> int:
    """Return what an account, or all accounts of a heading, hold at the end of a day: debit positive, in đồng."""
    return sum(
        each.balance_minor for each in balances(conn, book, as_of=as_of, account=account, fund=fund, known=known)
    )


def fund_balance(conn: Connection, book: Book, fund: str, *, as_of: date, known: Known = NOW) -> int:
    """Return what a fund has at the end of a day, in đồng: never negative (I5)."""
    held = balances(conn, book, as_of=as_of, fund=fund, known=known)
    return -sum(each.balance_minor for each in held if each.role == "fund")
