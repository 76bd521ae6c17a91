"""Make plans, rounds, lists and awards again from their leaves.

Criteria and names of rounds, which no leaf has, are lost; so are who awards were for, how much each was, and the
numbers of decisions. How many they were and how much together is in the list's leaf. Nobody on such a list is found
again when the next one is laid, and of what was collected it is known how much, not by whom.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from audit.canonical import Leaf
from ledger import typeid
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


def _list(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {
        "list_id": event_id,
        "round_id": typeid.decode(typeid.ROUND, payload["round"]),
        "version": payload["version"],
        "award_count": payload["awards"],
        "total_minor": payload["total_minor"],
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "award_list", {**home(book), **row})


def _award(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    place = {"list_id": _list_id(payload), "line": payload["line"], "line_count": payload["of"]}
    insert_row(conn, "award", {**home(book), **place, "award_id": event_id, "recorded_at": leaf.recorded_at})


def _decision(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {"list_id": _list_id(payload), "decided_on": payload["decided_on"], "event_id": event_id}
    insert_row(conn, "award_decision", {**home(book), **row, "recorded_at": leaf.recorded_at})


def _withdrawal(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {"list_id": _list_id(payload), "event_id": event_id, "recorded_at": leaf.recorded_at}
    insert_row(conn, "award_list_withdrawal", {**home(book), **row})


def _sitting(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    row = {
        "list_id": _list_id(payload),
        "collected_count": payload["collected"],
        "proxy_count": payload["proxy"],
        "total_minor": payload["total_minor"],
        "event_id": event_id,
        "recorded_at": leaf.recorded_at,
    }
    insert_row(conn, "award_sitting", {**home(book), **row})


def _list_id(payload: Mapping[str, Any]) -> UUID:
    return typeid.decode(typeid.AWARD_LIST, payload["list"])


AWARD_MAKERS: Final[Mapping[str, Maker]] = {
    "program.planned": _plan,
    "round.opened": _round,
    "round.listed": _list,
    "award.listed": _award,
    "round.decided": _decision,
    "round.list_withdrawn": _withdrawal,
    "round.collected": _sitting,
}
"""Type of leaf → what makes its row again."""
