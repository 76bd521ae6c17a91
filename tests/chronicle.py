"""A small tree of books that grows while its leaves are numbered, and every answer that it gave on the way."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from ledger.books.chart import open_campaign, open_program
from ledger.books.commands import reverse_entry
from ledger.books.model import Book, EntryDraft, Line
from ledger.errors import LedgerError
from ledger.reports.balance import account_balance, balances, fund_balance
from ledger.reports.cash_book import cash_accounts, cash_book, cash_summary
from ledger.reports.entry import entry_by_id, entry_by_seq
from ledger.reports.fund_line import Side, fund_lines
from ledger.reports.fund_statement import fund_rows, fund_statement
from ledger.reports.general_ledger import general_ledger, ledger_summary
from ledger.reports.journal import journal, journal_months
from ledger.reports.known import NOW, Known
from ledger.reports.overview import overview
from ledger.reports.page import Page
from ledger.reports.period import Period
from ledger.reports.scope import Scope
from ledger.reports.trial_balance import trial_balance, trial_balance_by_association
from tests.consent import post_agreed
from tests.factories import ACTOR, make_tenant, two_lines
from tests.province import YEAR, found_book

PERIODS: Final = (
    YEAR,
    Period(from_on=date(2023, 3, 1), to_on=date(2023, 8, 31)),
    Period(from_on=date(2023, 2, 11), to_on=date(2023, 5, 9)),
    Period(from_on=date(2023, 6, 5), to_on=date(2023, 6, 20)),
)
ACCOUNTS: Final = ("1111", "112", "35381")


@dataclass(kw_only=True)
class Chronicle:
    """A superuser's connection that works as one role or another, in a transaction that is rolled back."""

    conn: Connection
    tenant_id: int = 0
    books: list[Book] = field(default_factory=list)
    entries: list[tuple[Book, Any]] = field(default_factory=list)
    refused: int = 0

    @contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        """Work as another role for a while."""
        self.conn.exec_driver_sql(f"SET LOCAL ROLE {role}")
        try:
            yield
        finally:
            self.conn.exec_driver_sql("SET LOCAL ROLE soquy_app")

    def number(self, limit: int = 100_000) -> int:
        """Number waiting leaves as the sequencer does; return the size of the log."""
        with self.acting_as("soquy_log"):
            self.conn.exec_driver_sql(f"SELECT soquy.number_leaves({limit})")
            return int(self.conn.exec_driver_sql("SELECT max(size) FROM soquy.log_head").scalar_one())

    def publish(self, size: int) -> None:
        """Say that a checkpoint of a size, and its leaves, were published."""
        with self.acting_as("soquy_log"):
            for statement in (
                "INSERT INTO soquy.log_tree (log_id, size, root) VALUES (1, :size, sha256('root'))",
                "INSERT INTO soquy.log_checkpoint (log_id, size, note) VALUES (1, :size, 'note')",
                "INSERT INTO soquy.log_disclosure (log_id, size) VALUES (1, :size)",
            ):
                self.conn.execute(sa.text(statement), {"size": size})

    def is_all_numbered(self) -> bool:
        return not self.conn.exec_driver_sql("SELECT count(*) FROM soquy.audit_pending").scalar_one()

    def scope(self, book: Book | None = None, *, below: bool = True) -> Scope:
        return Scope(
            tenant_id=self.tenant_id, association_id=(book or self.books[0]).association_id, reaches_below=below
        )

    def post(self, book: Book, *drafts: EntryDraft) -> None:
        """Post, or be refused and have changed nothing."""
        with self._attempt():
            posted = post_agreed(self.conn, book, list(drafts), actor=ACTOR)
            self.entries.extend((book, each.entry_id) for each in posted.entries)

    def reverse(self, index: int, on: date) -> None:
        """Take an entry back, or be refused."""
        book, entry_id = self.entries[index % len(self.entries)]
        with self._attempt():
            self.entries.append(
                (book, reverse_entry(self.conn, book, entry_id, on=on, reason="Sai", actor=ACTOR).entry_id)
            )

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        self.refused += 1
        with suppress(LedgerError), self.conn.begin_nested():
            yield
            self.refused -= 1


@contextmanager
def begin_chronicle(engine: sa.Engine, *, book_count: int = 3) -> Iterator[Chronicle]:
    """Found a province and communes below it in a tenant of their own, and begin a log."""
    with engine.connect() as conn:
        transaction = conn.begin()
        try:
            conn.exec_driver_sql("SET LOCAL search_path = soquy, pg_temp")
            chronicle = Chronicle(conn=conn)
            with chronicle.acting_as("soquy_log"):
                conn.exec_driver_sql("SELECT soquy.begin_log('example.org/so-quy')")
            chronicle.tenant_id = make_tenant(conn)
            root = found_book(conn, chronicle.tenant_id, level="province")
            chronicle.books.append(root)
            open_program(
                conn, root, program="HB", unit="award", name_vi="Học bổng", opened_on=YEAR.from_on, actor=ACTOR
            )
            open_campaign(conn, root, campaign="KH", name_vi="Đợt", opened_on=YEAR.from_on, actor=ACTOR)
            for _ in range(book_count - 1):
                chronicle.books.append(found_book(conn, chronicle.tenant_id, level="commune", parent=root))
            for book in chronicle.books:
                brought = (*two_lines(3_000_000), *two_lines(2_000_000, fund="TET"))
                chronicle.post(book, EntryDraft(entry_on=YEAR.from_on, kind="opening", voucher=None, lines=brought))
            yield chronicle
        finally:
            transaction.rollback()


def some_entry(chance: random.Random) -> EntryDraft:
    """Make a receipt, a payment or a move to the bank, on any day of the year: most are backdated."""
    on = YEAR.from_on + timedelta(days=chance.randrange(365))
    fund, against = chance.choice([("QC", "35381"), ("TET", "35383")])
    amount = chance.randrange(1, 50) * 1_000
    kind = chance.randrange(10)
    if kind < 5:
        channel, campaign = chance.choice([("household", None), ("business", "KH"), ("salary-day", None)])
        account, voucher = chance.choice([("1111", "PT"), ("1121B", "BC")])
        lines = (
            Line(account=account, fund=fund, value_minor=amount),
            Line(account=against, fund=fund, value_minor=-amount, channel=channel, campaign=campaign),
        )
    elif kind < 8:
        voucher, amount = "PC", amount // 4
        lines = (
            Line(account=against, fund=fund, value_minor=amount, program="HB", quantity=1),
            Line(account="1111", fund=fund, value_minor=-amount),
        )
    else:
        voucher, amount = "PC", amount // 4
        lines = (
            Line(account="1121A", fund=fund, value_minor=amount),
            Line(account="1111", fund=fund, value_minor=-amount),
        )
    return EntryDraft(entry_on=on, voucher=voucher, lines=lines, description=f"Lần {chance.randrange(1000)}")


def all_pages(page_of: Callable[..., Page[Any, Any]], cursor: str = "after") -> list[Any]:
    """Read a report to its end, page by page."""
    rows: list[Any] = []
    after: dict[str, Any] = {}
    while True:
        page = page_of(**after)
        rows.extend(page.rows)
        if page.next_cursor is None:
            return rows
        after = {cursor: page.next_cursor}


def answers(chronicle: Chronicle, known: Known = NOW) -> Mapping[str, Any]:
    """Ask every report there is, of every book and of the whole, in several periods."""
    conn = chronicle.conn
    found: dict[str, Any] = {}
    for number, book in enumerate(chronicle.books):
        for period in PERIODS:
            found |= {f"{number} {name} {period}": told for name, told in _of_book(conn, book, period, known)}
            scope = chronicle.scope(book, below=False)
            found |= {f"{number} {name} {period}": told for name, told in _of_scope(conn, scope, period, known)}
    for period in PERIODS:
        found |= {f"all {name} {period}": told for name, told in _of_scope(conn, chronicle.scope(), period, known)}
    for index, (_, entry_id) in enumerate(chronicle.entries):
        with suppress(LedgerError):
            found[f"entry {index}"] = entry_by_id(conn, tenant_id=chronicle.tenant_id, entry_id=entry_id, known=known)
    with suppress(LedgerError):
        found["first entry"] = entry_by_seq(conn, chronicle.books[0], 1, known=known)
    return found


def _of_book(conn: Connection, book: Book, period: Period, known: Known) -> Iterator[tuple[str, Any]]:
    yield "journal", all_pages(partial(journal, conn, book, period, page_size=7, known=known))
    yield "months", journal_months(conn, book, period, known=known)
    for fund in (None, "QC"):
        yield f"balances {fund}", balances(conn, book, as_of=period.to_on, fund=fund, known=known)
        yield f"account {fund}", account_balance(conn, book, "111", as_of=period.to_on, fund=fund, known=known)
        for account in ACCOUNTS:
            page_of = partial(general_ledger, conn, book, account, period, fund=fund, page_size=5, known=known)
            yield f"ledger {account} {fund}", all_pages(page_of)
            yield f"sums {account} {fund}", ledger_summary(conn, book, account, period, fund=fund, known=known)
    yield "fund", fund_balance(conn, book, "TET", as_of=period.to_on, known=known)
    yield "tills", cash_accounts(conn, book, as_of=period.to_on, known=known)
    for account in ("1111", "1121B"):
        yield f"cash {account}", all_pages(partial(cash_book, conn, book, account, period, page_size=4, known=known))
        yield f"cash sums {account}", cash_summary(conn, book, account, period, known=known)


def _of_scope(conn: Connection, scope: Scope, period: Period, known: Known) -> Iterator[tuple[str, Any]]:
    for fund in (None, "TET"):
        yield f"trial {fund}", trial_balance(conn, scope, period, fund=fund, with_headings=fund is None, known=known)
        yield f"statement {fund}", fund_statement(conn, scope, period, fund=fund, known=known)
    yield "overview", overview(conn, scope, period, known=known)
    yield "funds", all_pages(partial(fund_rows, conn, scope, period, page_size=2, known=known))
    parts = partial(trial_balance_by_association, conn, scope, "111", period, page_size=2, known=known)
    yield "by association", all_pages(parts, "after_book_id")
    sides: tuple[Side | None, ...] = (None, "received", "used", "other")
    for side in sides:
        yield f"lines {side}", all_pages(partial(fund_lines, conn, scope, period, side=side, page_size=6, known=known))
