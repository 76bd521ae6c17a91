"""Make the chart of a book again from the leaves of the public log: what entries name, and what closes.

Names were only in the database, so the codes stand in for them.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from ledger.books.model import Book
from ledger.books.replay_entry import LeafUnreplayable
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row

_HEADING: Final = text("""\
SELECT side FROM soquy.account WHERE tenant_id = :tenant_id AND book_id = :book_id AND account = :parent""")
_FUND_KIND: Final = text("""\
SELECT k.is_restricted FROM soquy.book JOIN soquy.fund_kind AS k USING (chart)
WHERE tenant_id = :tenant_id AND book_id = :book_id AND fund_kind = :kind""")
_CLOSE: Final = {
    "account.closed": text("SELECT soquy.close_account(:tenant_id, :book_id, :account, :closed_on, :event_id)"),
    "fund.closed": text("SELECT soquy.close_fund(:tenant_id, :book_id, :fund, :closed_on, :event_id)"),
    "association.closed": text("SELECT soquy.close_association(:tenant_id, :association_id, :closed_on, :event_id)"),
}


def _account(conn: Connection, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    code: str = payload["account"]
    side = conn.execute(_HEADING, {**home(book), "parent": payload["parent"]}).scalar()
    role = "cash" if code.startswith("111") else "bank" if code.startswith("112") else "other"
    named = {"name_vi": code, "name_en": code, "side": side, "role": role, "event_id": event_id}
    insert_row(conn, "account", {**home(book), **payload, **named})
    return code


def _fund(conn: Connection, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    is_restricted = bool(conn.execute(_FUND_KIND, {**home(book), "kind": payload["kind"]}).scalar())
    code: str = payload["fund"]
    named = {
        "balance_account": payload.pop("account"),
        "is_restricted": is_restricted,
        "name_vi": code,
        "purpose": code if is_restricted else None,
        "event_id": event_id,
    }
    insert_row(conn, "fund", {**home(book), **payload, **named})
    return code


def _dimension(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    what = leaf.type.partition(".")[0]
    code: str = payload[what]
    insert_row(conn, what, {**payload, "tenant_id": book.tenant_id, "name_vi": code, "event_id": event_id})
    return code


def _lock(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {**home(book), **payload, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "month_lock", row)


def _voucher(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {"issued_on": payload["issued_on"], "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "voucher", {**_voucher_key(book, payload), **row})


def _void(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {"event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "voucher_void", {**_voucher_key(book, payload), **row})


def _close(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    asked = {**home(book), "association_id": book.association_id, **payload, "event_id": event_id}
    if not conn.execute(_CLOSE[leaf.type], asked).scalar():
        raise LeafUnreplayable(cause="closing_refused")


def _voucher_key(book: Book, payload: Mapping[str, Any]) -> dict[str, object]:
    kind, fiscal_year, number = payload["voucher"]
    return {**home(book), "voucher_kind": kind, "fiscal_year": fiscal_year, "number": number}


CHART_MAKERS: Final[Mapping[str, Maker]] = {
    "account.opened": _account,
    "fund.opened": _fund,
    "campaign.opened": _dimension,
    "program.opened": _dimension,
    "month.locked": _lock,
    "voucher.issued": _voucher,
    "voucher.voided": _void,
    **dict.fromkeys(_CLOSE, _close),
}
