"""Make plans, rounds, lists and awards again from their leaves.

Criteria and names of rounds, which no leaf has, are lost; so are who awards were for, how much each was, and the
numbers of decisions. How many they were and how much together is in the list's leaf. Nobody on such a list is found
again when the next one is laid, and of what was collected it is known how much, not by whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from audit.columns import packed_bytes, plain_array
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home
from ledger.books.tables import insert_row

BATCH_SIZE: Final = 2_000

_INSERT: Final = text("""\
WITH leaf AS (
    INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, recorded_at, leaf)
    SELECT :tenant_id, a.event_id, 'award.listed', CAST(:association_id AS uuid), :book_id, a.recorded_at,
        substring(CAST(:leaf_bytes AS bytea) FROM a.start FOR a.size)
    FROM unnest(CAST(:event_id AS uuid[]), CAST(:recorded_at AS timestamptz[]), CAST(:leaf_start AS integer[]),
        CAST(:leaf_size AS integer[])) AS a (event_id, recorded_at, start, size)
)
INSERT INTO soquy.award (tenant_id, book_id, award_id, recorded_at, list_id, line, line_count)
SELECT :tenant_id, :book_id, w.* FROM unnest(CAST(:event_id AS uuid[]), CAST(:recorded_at AS timestamptz[]),
    CAST(:list_id AS uuid[]), CAST(:line AS integer[]), CAST(:line_count AS integer[])) AS w""")


@dataclass(slots=True)
class AwardReplay:
    """The awards of one book that wait to be written; their lists are there."""

    book: Book
    waiting: list[tuple[UUID, Leaf, bytes]] = field(default_factory=list)
    type: ClassVar[str] = "award.listed"

    def add(self, conn: Connection, event_id: UUID, leaf: Leaf, data: bytes) -> None:
        """Take an award in, and write those before it where they are many."""
        self.waiting.append((event_id, leaf, data))
        if len(self.waiting) >= BATCH_SIZE:
            self.write(conn)

    def write(self, conn: Connection) -> None:
        """Write what waits; the transaction works in the book's tenant and has taken the book."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        payloads: list[Mapping[str, Any]] = [leaf.payload for _, leaf, _ in waiting]
        packed, start, size = packed_bytes([data for _, _, data in waiting])
        conn.execute(
            _INSERT,
            {
                **home(self.book),
                "association_id": self.book.association_id,
                "leaf_bytes": packed,
                "leaf_start": start,
                "leaf_size": size,
                "event_id": plain_array(event_id for event_id, _, _ in waiting),
                "recorded_at": plain_array(leaf.recorded_at.isoformat() for _, leaf, _ in waiting),
                "list_id": plain_array(map(_list_id, payloads)),
                "line": plain_array(payload["line"] for payload in payloads),
                "line_count": plain_array(payload["of"] for payload in payloads),
            },
        )


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
    "round.decided": _decision,
    "round.list_withdrawn": _withdrawal,
    "round.collected": _sitting,
}
"""Type of leaf → what makes its row again."""
