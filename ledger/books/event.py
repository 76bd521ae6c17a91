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

from audit import canonical, log
from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.calendar import TIME_ZONE, fiscal_year
from ledger.people import sealing
from ledger.people.vault import vault_of

_SEAL: Final = text(sealing.INSERT_SQL)


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
    retention: str = sealing.BOOK,
) -> UUID:
    """Append the leaf of an event and seal its private values, who acted among them; return the event's id.

    ``retention`` is the class of how long the values are kept. The rows that the event makes or closes come after it
    and name it: the database looks for the leaf.
    """
    event_id = event_id or typeid.new_id()
    public_id = typeid.encode(typeid.EVENT, event_id)
    sealed = {"actor": actor.public_id, **(private or {})}
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
