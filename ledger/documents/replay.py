"""Enter again, from the leaves of the public log, that something was attached; what it was, nobody has any more."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from audit.canonical import Leaf
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row


def _attachment(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    prefix = payload["event"].partition("_")[0]
    row = {
        **home(book),
        "event_id": event_id,
        "target_id": typeid.decode(prefix, payload["event"]),
        "is_entry": prefix == typeid.ENTRY,
        "kind": leaf.documents[0].kind,
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "attachment", row)
    return leaf.event_id


def _disowning(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    attachment_id = typeid.decode(typeid.EVENT, payload["attached"])
    row = {"attachment_id": attachment_id, "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "attachment_disowning", {**home(book), **row})


DOCUMENT_MAKERS: Final[Mapping[str, Maker]] = {"document.attached": _attachment, "document.disowned": _disowning}
