"""Show again, from the leaves of the public log, which bank accounts people are asked to pay into."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from audit.canonical import Leaf
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row


def _account(conn: Connection, _leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    """Show the number again; whom the bank knows it by was only in the database."""
    shown = {"bank_bin": payload.pop("bank"), "holder": payload["number"] and payload["account"]}
    insert_row(conn, "bank_account", {**home(book), **payload, **shown, "event_id": event_id})
    return str(payload["account"])


BANKING_MAKERS: Final[Mapping[str, Maker]] = {"bank_account.set": _account}
