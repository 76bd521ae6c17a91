"""Record what happened to a book besides entries: a leaf, and what is sealed out of it.

An event's leaf carries codes, days and numbers, in the layout that ``event_type`` declares. Names and reasons that a
person typed are committed to and sealed; names of funds and associations are public, but live in their tables, where
they can be put right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical, log
from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.calendar import TIME_ZONE, fiscal_year
from ledger.people import sealing
from ledger.people.vault import vault_of

_SEAL: Final = text(sealing.INSERT_SQL)
_RECORD: Final = text(f"WITH leaf AS (\n{log.INSERT_SQL})\n{sealing.INSERT_SQL}")


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
    documents: Sequence[tuple[str, str]] = (),
    event_id: UUID | None = None,
    retention: str = sealing.BOOK,
) -> UUID:
    """Append the leaf of an event and seal its private values, who acted among them; return the event's id.

    ``documents`` are what the event rests on: the kind of each, and the SHA-256 of its bytes in hexadecimal.
    ``retention`` is the class of how long the values are kept. The rows that the event makes or closes come after it
    and name it: the database looks for the leaf.
    """
    event_id = event_id or typeid.new_id()
    public_id = typeid.encode(typeid.EVENT, event_id)
    scans = {document_field(index): sha256 for index, (_, sha256) in enumerate(documents)}
    sealed = {"actor": actor.public_id, **(private or {}), **scans}
    recorded_at = log.recording_time(conn)
    year = fiscal_year(recorded_at.astimezone(TIME_ZONE).date())
    key = vault_of(conn).current_key(conn, book.tenant_id)
    values = sealing.Sealing(key, retention=retention, count=len(sealed))
    commitments = {
        field: values.commit(event_id, public_id, field, value, fiscal_year=year) for field, value in sealed.items()
    }
    leaf = canonical.Leaf(
        type=type_,
        event_id=public_id,
        association=typeid.encode(typeid.ASSOCIATION, book.association_id),
        recorded_at=recorded_at,
        actor=canonical.LeafActor(role=actor.role, commitment=commitments.pop("actor")),
        payload=dict(payload),
        documents=[
            canonical.LeafDocument(kind=kind, commitment=commitments.pop(document_field(index)))
            for index, (kind, _) in enumerate(documents)
        ],
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
    conn.execute(_SEAL, values.parameters())
    return event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One of many events of one act: its id, the type and payload of its leaf, and what is sealed out of it."""

    event_id: UUID
    type: str
    payload: Mapping[str, Json]
    private: Mapping[str, str] = field(default_factory=dict)


def record_events(
    conn: Connection,
    book: Book,
    events: Sequence[Event],
    *,
    actor: Actor,
    recorded_at: datetime,
    fiscal_year: int,
    retention: str = sealing.BOOK,
    commits_to_actor: bool = False,
) -> None:
    """Append the leaves of many events of a book and seal their private values, in one statement.

    Where they belong to an entry or a list, its leaf commits to who acted, and theirs name the role alone.
    ``recorded_at`` is the transaction's instant, ``fiscal_year`` the one from whose end the values' retention counts.
    """
    key = vault_of(conn).current_key(conn, book.tenant_id)
    count = sum(len(event.private) + commits_to_actor for event in events)
    values = sealing.Sealing(key, retention=retention, count=count)
    association = typeid.encode(typeid.ASSOCIATION, book.association_id)
    records = []
    for event in events:
        public_id = typeid.encode(typeid.EVENT, event.event_id)
        acted = None
        if commits_to_actor:
            acted = values.commit(event.event_id, public_id, "actor", actor.public_id, fiscal_year=fiscal_year)
        leaf = canonical.Leaf(
            type=event.type,
            event_id=public_id,
            association=association,
            recorded_at=recorded_at,
            actor=canonical.LeafActor(role=actor.role, commitment=acted),
            payload=dict(event.payload),
            private={
                name: values.commit(event.event_id, public_id, name, value, fiscal_year=fiscal_year)
                for name, value in event.private.items()
            },
        )
        records.append(
            log.Record(
                event_id=event.event_id,
                type=event.type,
                association_id=book.association_id,
                book_id=book.book_id,
                leaf=canonical.encode(leaf),
            )
        )
    conn.execute(_RECORD, log.parameters(book.tenant_id, records) | values.parameters())


def document_field(index: int) -> str:
    """Return the field under which the vault has the hash of a leaf's document (``audit/commitment.py``)."""
    return f"document_{index}"
