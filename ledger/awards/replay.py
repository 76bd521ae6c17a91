"""Make plans and rounds again from their leaves; criteria and names, which no leaf has, are lost."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from audit.canonical import Leaf
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row


def _plan(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    insert_row(conn, "program_plan", {**home(book), **payload, "event_id": event_id, "recorded_at": leaf.recorded_at})


def _round(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> str:
    name = f"{payload['program']} {payload['period']}"
    row = {**payload, "round_id": event_id, "name_vi": name, "recorded_at": leaf.recorded_at}
    insert_row(conn, "award_round", {**home(book), **row})
    return name


AWARD_MAKERS: Final[Mapping[str, Maker]] = {
    "program.planned": _plan,
    "round.opened": _round,
}
"""Type of leaf → what makes its row again."""
