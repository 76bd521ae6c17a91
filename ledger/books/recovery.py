"""The two ways on for a restored database that the published log has left behind.

``recover`` replays what is missing from the log's own leaves, and the log goes on: whoever has seen any checkpoint of
it can prove that nothing was taken back. ``succeed`` ends the log, and a successor with another name numbers all
leaves of the database anew; its first leaf says where the old one ended, and how much of it this database still has.

Each is one transaction of the owner: killed in the middle, the database is what it was, and held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical, log
from audit.checkpoint import Checkpoint
from audit.jcs import Json
from audit.recovery import (
    Published,
    adopt_checkpoint,
    begin_successor,
    hold,
    is_behind,
    number_again,
    number_as_published,
)
from audit.sequencer import LogState
from ledger import typeid
from ledger.books.replay import Replay
from ledger.people.loss import record_lost
from ledger.tenancy import DEPLOYMENT, set_tenant

_LOCK: Final = text("SELECT held_because FROM soquy.log_head WHERE log_id = :log_id FOR UPDATE")
_TAKE: Final = text("DELETE FROM soquy.audit_pending WHERE tenant_id = :tenant_id AND event_id = :event_id")
_FIRST: Final = text("""\
INSERT INTO soquy.log_leaf (log_id, leaf_index, tenant_id, event_id, leaf_hash)
SELECT :log_id, 0, a.tenant_id, a.event_id, sha256('\\x00' || a.leaf)
FROM soquy.audit_entry AS a
WHERE a.tenant_id = :tenant_id AND a.event_id = :event_id""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came back, by the type of its leaves; what lost its name; how many private values are gone."""

    first: int
    size: int
    counts: Mapping[str, int]
    lost: tuple[tuple[str, str], ...]
    values_lost: int


def let_go(conn: Connection, state: LogState) -> Recovered:
    """Let a log go on that has lost nothing of what was published; only private values may be missing."""
    conn.execute(_LOCK, {"log_id": state.log_id})
    hold(conn, "recovering")
    values_lost = _record_loss(conn, first=state.size, size=state.size)
    hold(conn, None)
    return Recovered(first=state.size, size=state.size, counts={}, lost=(), values_lost=values_lost)


def recover(conn: Connection, state: LogState, published: Published) -> Recovered:
    """Replay every leaf that the published log has and the database has not; the log goes on from there.

    Raises:
        LogForked: the database went another way.
        LeavesUnreadable: leaves are lost, or not yet public.
        PublishedTampered: a file is not what the checkpoint stands for.
        LeafUnreplayable: a leaf breaks a rule of the books.
    """
    conn.execute(_LOCK, {"log_id": state.log_id})
    if not is_behind(conn, state, published):
        return let_go(conn, state)
    hold(conn, "recovering")
    replay = Replay(conn)
    for index, data in published.leaves(state.size):
        replay.add(index, data)
    replay.finish()
    set_tenant(conn, DEPLOYMENT)
    number_as_published(conn, state.log_id, replay.numbered)
    adopt_checkpoint(conn, state, published)
    size = published.checkpoint.size
    values_lost = _record_loss(conn, first=state.size, size=size)
    hold(conn, None)
    return Recovered(
        first=state.size, size=size, counts=replay.counts, lost=tuple(replay.lost), values_lost=values_lost
    )


def succeed(conn: Connection, state: LogState, *, origin: str, key: str, ended: Checkpoint, agreed_size: int) -> int:
    """End the log at its newest published checkpoint, and begin its successor; return the successor's number.

    ``key`` is the verifier key that will sign it, which its second event names.
    """
    conn.execute(_LOCK, {"log_id": state.log_id})
    log_id = begin_successor(conn, state, origin)
    payload: dict[str, Json] = {
        "origin": ended.origin,
        "size": ended.size,
        "root": ended.root.hex(),
        "agreed_size": agreed_size,
    }
    first_id = append_event(conn, "log.succeeded", payload)
    conn.execute(_TAKE, {"tenant_id": DEPLOYMENT, "event_id": first_id})
    conn.execute(_FIRST, {"log_id": log_id, "tenant_id": DEPLOYMENT, "event_id": first_id})
    number_again(conn, log_id, state.log_id, taken=1)
    append_event(conn, "log.key_added", {"key": key})
    _record_loss(conn, first=agreed_size, size=agreed_size)
    hold(conn, None)
    return log_id


def append_event(conn: Connection, type_: str, payload: Mapping[str, Json], *, event_id: UUID | None = None) -> UUID:
    """Append the leaf of an event of the log itself, in the deployment's tenant; nobody's name stands on it."""
    set_tenant(conn, DEPLOYMENT)
    event_id = event_id or typeid.new_id()
    leaf = canonical.Leaf(
        type=type_,
        event_id=typeid.encode(typeid.EVENT, event_id),
        association=None,
        recorded_at=log.recording_time(conn),
        actor=canonical.LeafActor(role="server", commitment=None),
        payload=dict(payload),
    )
    record = log.Record(event_id=event_id, type=type_, association_id=None, leaf=canonical.encode(leaf))
    log.append(conn, DEPLOYMENT, [record])
    return event_id


def _record_loss(conn: Connection, *, first: int, size: int) -> int:
    """Say in the log which leaves came back without their private values, where any are missing."""
    event_id = typeid.new_id()
    values_lost = record_lost(conn, event_id)
    if values_lost or first < size:
        payload: dict[str, Json] = {"first": first, "size": size, "values_lost": values_lost}
        append_event(conn, "log.recovered", payload, event_id=event_id)
    return values_lost
