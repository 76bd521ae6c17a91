"""Enter again what files became, from the leaves of a recovered log; the files themselves nobody has any more."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from audit.canonical import Leaf
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home, seq_of
from ledger.books.tables import insert_row


def _posted(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str | None:
    """Enter what a file became, without which of its rows it was; return the file's id, which lost its name."""
    counted = {"row_count": payload["rows"], "total_minor": payload["total"]}
    insert_row(conn, "intake_posting", {**_row(conn, leaf, event_id, payload, book), **counted})
    return str(payload["file"])


def _reversed(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str | None:
    insert_row(conn, "intake_reversal", _row(conn, leaf, event_id, payload, book))
    return None


def _row(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> dict[str, object]:
    return {
        **home(book),
        "intake_id": typeid.decode(typeid.INTAKE, payload["file"]),
        "seq": seq_of(conn, book, payload["entry"]),
        "event_id": event_id,
        "recorded_at": leaf.recorded_at,
    }


INTAKE_MAKERS: Final[Mapping[str, Maker]] = {"intake.posted": _posted, "intake.reversed": _reversed}
