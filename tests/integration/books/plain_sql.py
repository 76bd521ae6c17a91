"""Write to the journal as an intruder would who has the application's connection: plain SQL, any row.

An ``Attempt`` starts as a right entry with its lines, voucher and leaf; an attack changes what it likes before the
one statement that inserts all of it runs.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import psycopg
import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.chart import open_fund
from ledger.books.model import Book, EntryDraft, Line
from ledger.books.posting import post
from ledger.money import VND, Rate
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal
from tests.consent import agree
from tests.factories import ACTOR, GENERAL, TET, make_book, make_tenant, receipt

Row = dict[str, Any]

MARCH: Final = date(2024, 3, 1)
MAY: Final = date(2024, 5, 15)
RECEIVED: Final = 1_000
"""What seq 1 of a scene brought into the general fund's cash on the first of March, by receipt 1."""

COLUMNS: Final = {
    "voucher": "tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on, event_id",
    "voucher_void": "tenant_id, book_id, voucher_kind, fiscal_year, number, event_id",
    "audit_entry": "tenant_id, event_id, type, association_id, book_id, book_seq, leaf",
    "entry": "tenant_id, book_id, seq, entry_id, kind, entry_on, line_count, voucher_kind, fiscal_year,"
    " voucher_number, rate_currency, rate, rate_source, corrects_seq, actor_id",
    "posting": "tenant_id, book_id, seq, line, entry_on, account, fund, value_minor, amount_minor, currency,"
    " channel, campaign, program, quantity",
}


def insert_statement(table: str, tenant_id: str = "tenant_id") -> str:
    """Return the INSERT of rows given as one JSON array, named after the table."""
    columns = COLUMNS[table]
    return (
        f"INSERT INTO soquy.{table} ({columns}) SELECT {columns.replace('tenant_id', tenant_id, 1)}"
        f" FROM jsonb_populate_recordset(CAST(NULL AS soquy.{table}), CAST(:{table} AS jsonb))"
    )


TABLES: Final = ("voucher", "audit_entry", "entry", "posting")


@dataclass(slots=True, kw_only=True)
class Attempt:
    """Rows to be inserted by one statement."""

    entry: list[Row] = field(default_factory=list)
    posting: list[Row] = field(default_factory=list)
    voucher: list[Row] = field(default_factory=list)
    audit_entry: list[Row] = field(default_factory=list)

    def parameters(self) -> dict[str, str]:
        """Return the rows of each table as one JSON array."""
        return {table: json.dumps(getattr(self, table), default=str) for table in TABLES}

    def insert(self, conn: sa.Connection) -> None:
        """Insert everything by one statement, the postings last."""
        ctes = ", ".join(f"{table}_rows AS ({insert_statement(table)})" for table in TABLES[:-1])
        conn.execute(sa.text(f"WITH {ctes} {insert_statement('posting')}"), self.parameters())


def line_row(account: str, value_minor: int, fund: str = GENERAL, **more: object) -> Row:
    """Return a line without its place."""
    return {
        "account": account,
        "fund": fund,
        "value_minor": value_minor,
        "amount_minor": value_minor,
        "currency": "VND",
        **more,
    }


RECEIPT: Final = (line_row("1111", 500), line_row("35381", -500))


def attempt(
    book: Book,
    *,
    seq: int,
    on: date,
    number: int,
    voucher_kind: str = "PT",
    kind: str = "ordinary",
    corrects_seq: int | None = None,
    lines: Sequence[Mapping[str, object]] = RECEIPT,
) -> Attempt:
    """Return an entry with everything that belongs to it."""
    home = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    entry_id = typeid.new_id()
    voucher = {"voucher_kind": voucher_kind, "fiscal_year": on.year}
    entry = {
        **home,
        **voucher,
        "seq": seq,
        "entry_id": entry_id,
        "kind": kind,
        "entry_on": on,
        "line_count": len(lines),
        "voucher_number": number,
        "corrects_seq": corrects_seq,
        "actor_id": typeid.new_id(),
    }
    leaf = {
        **home,
        "event_id": entry_id,
        "type": "entry",
        "association_id": book.association_id,
        "book_seq": seq,
        "leaf": r"\x7b7d",
    }
    placed = [
        {**home, "seq": seq, "line": number, "entry_on": on, **line} for number, line in enumerate(lines, start=1)
    ]
    issued = {**home, **voucher, "number": number, "issued_on": on, "event_id": entry_id}
    return Attempt(entry=[entry], posting=placed, voucher=[issued], audit_entry=[leaf])


def agree_to(conn: sa.Connection, book: Book, attack: Attempt) -> Attempt:
    """Propose what an attempt says and have it agreed to; the attempt then executes the voucher of that proposal."""
    (entry,) = attack.entry
    lines = tuple(
        Line(
            account=row["account"],
            fund=row["fund"],
            value_minor=row["value_minor"],
            currency=row["currency"],
            amount_minor=None if row["currency"] == VND else row["amount_minor"],
        )
        for row in attack.posting
    )
    rate = entry.get("rate_currency") and Rate(
        currency=entry["rate_currency"], value=Decimal(entry["rate"]), source=entry["rate_source"]
    )
    draft = EntryDraft(
        entry_on=entry["entry_on"],
        kind=entry["kind"],
        voucher=entry["voucher_kind"],
        corrects_seq=entry["corrects_seq"],
        lines=lines,
        rate=rate,
    )
    (proposed,) = propose(conn, book, [Proposal(draft=draft)], actor=ACTOR)
    agree(conn, book, [proposed])
    entry["voucher_number"] = proposed.voucher.number
    attack.voucher.clear()
    return attack


def take(conn: sa.Connection, book: Book) -> None:
    """Take the book, as whoever changes it must."""
    conn.execute(
        sa.text("SELECT soquy.take_book(:tenant_id, :book_id)"), {"tenant_id": book.tenant_id, "book_id": book.book_id}
    )


def refusal(conn: sa.Connection, attack: Attempt | str, **parameters: object) -> str:
    """Return by which rule, or else by which class of error, the database refuses an attack; fail where it does not.

    What the attack did before it was refused is taken back.
    """
    savepoint = conn.begin_nested()
    try:
        if isinstance(attack, Attempt):
            attack.insert(conn)
        else:
            conn.execute(sa.text(attack), parameters)
    except sa.exc.DBAPIError as error:
        refused = error.orig
        if not isinstance(refused, psycopg.Error):
            raise
        return refused.diag.constraint_name or type(refused).__name__
    finally:
        if savepoint.is_active:
            savepoint.rollback()
    pytest.fail(f"the database let it happen: {attack}")


def tell(conn: sa.Connection, book: Book, type_: str, payload: Mapping[str, object], /, **changes: object) -> uuid.UUID:
    """Insert the leaf of an event as the application could; return its id.

    ``changes`` go into the leaf's members, or else into the row's columns.
    """
    event_id = typeid.new_id()
    members: Row = {
        "type": type_,
        "event_id": typeid.encode(typeid.EVENT, event_id),
        "association": typeid.encode(typeid.ASSOCIATION, book.association_id),
        "payload": payload,
    }
    row: Row = {
        "tenant_id": book.tenant_id,
        "event_id": event_id,
        "type": type_,
        "association_id": book.association_id,
        "book_id": book.book_id,
    }
    for name, value in changes.items():
        (members if name in {"said_type", "association", "payload"} else row)[name.removeprefix("said_")] = value
    row.setdefault("leaf", "\\x" + json.dumps(members).encode().hex())
    conn.execute(sa.text(insert_statement("audit_entry")), {"audit_entry": json.dumps([row], default=str)})
    return event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A taken book with one entry, and the books of two neighbours."""

    conn: sa.Connection
    book: Book
    sibling: Book
    stranger: Book

    @property
    def keys(self) -> dict[str, object]:
        return {"tenant_id": self.book.tenant_id, "book_id": self.book.book_id}

    def attempt(self, *lines: dict[str, object], on: date = MAY, number: int = 2, **more: object) -> Attempt:
        chosen = {"lines": lines} if lines else {}
        return attempt(self.book, seq=2, on=on, number=number, **chosen, **more)  # type: ignore[arg-type]

    def payment(self, value_minor: int, on: date = MAY, fund: str = GENERAL) -> Attempt:
        """Return a payment that two people have agreed to."""
        return agree_to(self.conn, self.book, self.unheard_payment(value_minor, on, fund))

    def unheard_payment(self, value_minor: int, on: date = MAY, fund: str = GENERAL) -> Attempt:
        """Return a payment that nobody was asked about."""
        balance_account = {GENERAL: "35381", TET: "35383"}[fund]
        lines = (line_row("1111", -value_minor, fund), line_row(balance_account, value_minor, fund))
        return self.attempt(*lines, on=on, number=1, voucher_kind="PC")


def make_scene(conn: sa.Connection) -> Scene:
    """Make the books that attacks are tried on."""
    stranger = make_book(conn)
    tenant_id = make_tenant(conn)
    sibling = make_book(conn, tenant_id=tenant_id)
    open_fund(conn, sibling, fund="SIB", kind="general", name_vi="Quỹ", opened_on=MARCH, actor=ACTOR)
    book = make_book(conn, tenant_id=tenant_id)
    post(conn, book, [receipt(RECEIVED, MARCH)], actor=ACTOR)
    return Scene(conn=conn, book=book, sibling=sibling, stranger=stranger)
