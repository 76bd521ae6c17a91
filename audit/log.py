"""Append leaves inside the caller's transaction: the only writer of ``audit_entry``.

A trigger of the table puts every appended leaf among the pending ones, from which the sequencer numbers them; here
nothing is numbered, so that writers of different books never wait for each other. The row's ``recorded_at`` is the
database's own clock at the start of the transaction, which the caller asks for and writes into the leaf.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import packed_bytes, plain_array, text_array

INSERT_SQL: Final = """\
INSERT INTO soquy.audit_entry (tenant_id, event_id, type, association_id, book_id, book_seq, leaf)
SELECT CAST(:leaf_tenant_id AS integer),
       record.event_id,
       record.type,
       record.association_id,
       record.book_id,
       record.book_seq,
       substring(CAST(:leaf_bytes AS bytea) FROM record.start FOR record.size)
  FROM unnest(
           CAST(:leaf_event_id AS uuid[]),
           CAST(:leaf_type AS text[]),
           CAST(:leaf_association_id AS uuid[]),
           CAST(:leaf_book_id AS bigint[]),
           CAST(:leaf_book_seq AS bigint[]),
           CAST(:leaf_start AS integer[]),
           CAST(:leaf_size AS integer[])
       ) AS record (event_id, type, association_id, book_id, book_seq, start, size)
"""
"""One statement for any number of leaves.

It ends without a semicolon, and its parameters begin with ``leaf_``, so that posting can put it into a ``WITH`` beside
the entries it belongs to: entry, postings and leaf then are one statement, and exist together or not at all.

The instant of recording is the database's ``now()``, which the application may not set: the leaf's ``recorded_at`` has
to be asked of the database in the same transaction.
"""

_INSERT: Final = text(INSERT_SQL)
_NOW: Final = text("SELECT now()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A leaf (as ``audit.canonical.encode`` returned it) and what the database finds it by."""

    event_id: UUID
    type: str
    association_id: UUID | None
    leaf: bytes
    book_id: int | None = None
    book_seq: int | None = None


def parameters(tenant_id: int, records: Sequence[Record]) -> dict[str, object]:
    """Return the parameters of ``INSERT_SQL`` for these records."""
    packed, start, size = packed_bytes([record.leaf for record in records])
    return {
        "leaf_tenant_id": tenant_id,
        "leaf_event_id": plain_array(record.event_id for record in records),
        "leaf_type": text_array(record.type for record in records),
        "leaf_association_id": plain_array(record.association_id for record in records),
        "leaf_book_id": plain_array(record.book_id for record in records),
        "leaf_book_seq": plain_array(record.book_seq for record in records),
        "leaf_start": start,
        "leaf_size": size,
        "leaf_bytes": packed,
    }


def recording_time(conn: Connection) -> datetime:
    """Return the instant at which everything of this transaction is recorded."""
    return cast("datetime", conn.execute(_NOW).scalar_one())


def append(conn: Connection, tenant_id: int, records: Sequence[Record]) -> None:
    """Append the leaves of events that stand alone; an entry's leaf travels with its entry instead.

    No record is no statement.
    """
    if records:
        conn.execute(_INSERT, parameters(tenant_id, records))
