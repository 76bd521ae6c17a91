"""Record what happened to a book besides entries: a leaf, and what is sealed out of it.

An event's leaf carries codes, days and numbers, in the layout that ``event_type`` declares. Names and reasons that a
person typed are committed to and sealed; names of funds and associations are public, but live in their tables, where
they can be put right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical, columns, commitment, log
from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book

_SEAL: Final = text("""\
INSERT INTO soquy.sealed_value (tenant_id, event_id, field, value, salt)
SELECT :tenant_id, CAST(:event_id AS uuid), s.field, s.value, substring(CAST(:salts AS bytea) FROM s.start FOR 32)
FROM unnest(CAST(:field AS text[]), CAST(:value AS text[]), CAST(:start AS integer[])) AS s (field, value, start)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """Where an association is about to be founded: its leaf comes before its book, which has no number yet."""

    tenant_id: int
    association_id: UUID
    book_id: None = None


def record_event(
    conn: Connection,
    book: Book | Founding,
    type_: str,
    payload: Mapping[str, Json],
    *,
    actor: Actor,
    private: Mapping[str, str] | None = None,
    event_id: UUID | None = None,
) -> UUID:
    """Append the leaf of an event and seal its private values, who acted among them; return the event's id.

    The rows that the event makes or closes come after it and name it: the database looks for the leaf.
    """
    event_id = event_id or typeid.new_id()
    public_id = typeid.encode(typeid.EVENT, event_id)
    sealed = {"actor": typeid.encode(typeid.TOKEN, actor.principal_id), **(private or {})}
    salts = commitment.new_salts(len(sealed))
    commitments = {
        field: commitment.commit(salt, public_id, field, value)
        for salt, (field, value) in zip(salts, sealed.items(), strict=True)
    }
    leaf = canonical.Leaf(
        type=type_,
        event_id=public_id,
        association=typeid.encode(typeid.ASSOCIATION, book.association_id),
        recorded_at=log.recording_time(conn),
        actor=canonical.LeafActor(role=actor.role, commitment=commitments.pop("actor")),
        payload=dict(payload),
        private=commitments,
    )
    record = log.Record(
        event_id=event_id,
        type=type_,
        association_id=book.association_id,
        book_id=book.book_id,
        leaf=canonical.encode(leaf),
    )
    log.append(conn, book.tenant_id, [record])
    conn.execute(
        _SEAL,
        {
            "tenant_id": book.tenant_id,
            "event_id": event_id,
            "salts": b"".join(salts),
            "field": columns.text_array(sealed.keys()),
            "value": columns.text_array(sealed.values()),
            "start": columns.plain_array(range(1, len(salts) * 32 + 1, 32)),
        },
    )
    return event_id
