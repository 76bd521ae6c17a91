"""Publish the log: stage a tree, write its files, have it signed and cosigned, and put the checkpoint there last.

The order is what makes a crash harmless. Each step rests on the ones before it and can be done again with the same
result, so whoever comes next, after ``kill -9`` between any two of them, goes on where it stopped::

    numbered     what waits has its numbers (committed)
    staged       the tree of this size has its one root (committed under a unique key)
    held         bundles that are not to be public yet lie in a private folder, for a recovery
    tiled        hash tiles are on the disk
    cosigned     the checkpoint is signed, and witnesses have seen it
    published    the checkpoint is on the disk: from here on the world may know it
    recorded     the database knows what was published (committed)
    disclosed    bundles that are due are public (committed after the files)

Before all that, what the folder has published is held against the database: a larger tree or another root means that
this database is not the one that published it, a restored backup, say. Then the log is held: nothing is appended any
more until somebody recovers it. What a witness has seen is held against it in the same way.

One publisher works at a time: it holds a lock of the database for as long as its transaction lives.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.folder import LogFolder
from audit.keyring import Keyring
from audit.note import Signature, SignedNote
from audit.sequencer import BATCH_SIZE, LogState, log_state, number_leaves
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileHashes, bundles_between, tiles_between
from audit.tree import hashes_of, new_bundles, new_tiles, root_at, stage, staged_root

STEPS: Final = ("numbered", "staged", "held", "tiled", "cosigned", "published", "recorded", "disclosed")

_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('soquy.publisher', 0))")
_STILL: Final = text("SELECT 1")
_RECORD: Final = text("INSERT INTO soquy.log_checkpoint (log_id, size, note) VALUES (:log_id, :size, :note)")
_HOLD: Final = text("SELECT soquy.hold_log(:because)")
_DISCLOSE: Final = text("""\
INSERT INTO soquy.log_disclosure (log_id, size) VALUES (:log_id, :size)
ON CONFLICT ON CONSTRAINT log_disclosure_pk DO NOTHING""")

_DUE: Final = text("""\
SELECT max(c.size) FROM soquy.log_checkpoint AS c
WHERE c.log_id = :log_id AND c.published_at <= clock_timestamp() - CAST(:lag AS interval)""")


class PublishingRefused(Exception):
    """Go no further; ``code`` says why."""

    code: str
    fact: str

    def __init__(self) -> None:
        super().__init__(self.fact)


class PublisherBusy(PublishingRefused):
    """Another process publishes at this moment."""

    code = "log_publisher_busy"
    fact = "another process is publishing"


class LogHeld(PublishingRefused):
    """The published log is another one than the database's; ``because`` is restored, behind, forked or recovering."""

    code = "log_held"
    fact = "the published log is not the one in this database; recover it, or let a successor follow it"

    def __init__(self, because: str) -> None:
        super().__init__()
        self.because = because


class LogNotBegun(PublishingRefused):
    """There is nothing to publish."""

    code = "log_not_begun"
    fact = "no log has begun"


class KeyMissing(PublishingRefused):
    """There is nothing to sign with."""

    code = "log_key_missing"
    fact = "no key of this log's origin is there to sign with"


class LockLost(PublishingRefused):
    """The connection that held the publisher's lock is gone, so another may be at work."""

    code = "log_lock_lost"
    fact = "the lock that keeps publishers apart was lost"


class WitnessAhead(PublishingRefused):
    """It may be wrong, so the books go on; but nothing is published past it until somebody has looked."""

    code = "log_witness_ahead"
    fact = "a witness has seen a larger tree of this log, or another one; nothing is published until that is settled"

    def __init__(self, witness: str) -> None:
        super().__init__()
        self.witness = witness


class Witnesses(Protocol):
    """Who is asked to cosign."""

    def cosign(self, checkpoint: Checkpoint, note: SignedNote, tree: TileHashes) -> Sequence[Signature]:
        """Return the cosignatures that were to be had.

        Raises:
            WitnessAhead: a witness has seen a tree of this log that it is not a part of.
            PolicyError: too few to publish.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run came to: the checkpoint that stands now, how far leaves are public, and how many were numbered."""

    checkpoint: Checkpoint | None
    disclosed_size: int
    numbered_count: int
    is_new: bool


def _go_on(_step: str) -> None:
    """Nothing watches the steps but tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes one deployment's log; safe to run in several processes, of which one works at a time.

    ``lag`` is how long leaves stay private after their checkpoint; ``watch`` is told each step when it is done.
    """

    engine: Engine
    folder: LogFolder
    held: LogFolder
    keyring: Callable[[str], Keyring]
    lag: timedelta = timedelta(0)
    witnesses: Witnesses | None = None
    watch: Callable[[str], None] = _go_on

    def publish(self) -> Published:
        """Number what waits and publish the tree of it all, if it grew.

        Raises:
            PublishingRefused: a subclass of here.
            PolicyError: fewer witnesses cosigned than the policy asks for; the last checkpoint stands.
            FolderError: a published file was changed.
        """
        with self._locked() as lock, self.engine.connect() as conn:
            state = _state(conn)
            published = self._reconciled(conn, state)
            conn.rollback()
            numbered_count = self._number(conn)
            state = _state(conn)
            if state.size == 0:
                return Published(checkpoint=None, disclosed_size=0, numbered_count=0, is_new=False)
            checkpoint = self._stage(conn, state)
            self.watch("staged")
            is_new = self._publish(conn, lock, state, published, checkpoint)
            disclosed = self._disclose(conn, state, published, checkpoint.size)
            return Published(
                checkpoint=checkpoint, disclosed_size=disclosed, numbered_count=numbered_count, is_new=is_new
            )

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        with self.engine.connect() as lock:
            if not lock.execute(_LOCK).scalar_one():
                raise PublisherBusy
            yield lock

    def _reconciled(self, conn: Connection, state: LogState) -> Checkpoint | None:
        """Return what the folder has published, which this database must have as well."""
        if state.held_because is not None:
            raise LogHeld(state.held_because)
        data = self.folder.checkpoint()
        said = data or state.note
        if said is None:
            return None
        # A folder that was lost is written again, but only from a tree that was signed before.
        published, _ = open_checkpoint(said, origin=state.origin, keys=self.keyring(state.origin).verifiers())
        if published.size > state.size:
            self._hold("behind")
        if root_at(conn, state.log_id, published.size) != published.root:
            self._hold("forked")
        return None if data is None else published

    def _hold(self, because: str) -> None:
        with self.engine.begin() as conn:
            conn.execute(_HOLD, {"because": because})
        raise LogHeld(because)

    def _number(self, conn: Connection) -> int:
        numbered_count = 0
        while True:
            count = number_leaves(conn)
            conn.commit()
            numbered_count += count
            if count < BATCH_SIZE:
                self.watch("numbered")
                return numbered_count

    def _stage(self, conn: Connection, state: LogState) -> Checkpoint:
        root = staged_root(conn, state.log_id, state.size)
        if root is None:
            root = stage(conn, state.log_id, state.staged_size or 0, state.size)
            conn.commit()
        elif root != root_at(conn, state.log_id, state.size):
            self._hold("forked")  # somebody else wrote the row: what it says was never computed
        return Checkpoint(state.origin, state.size, root)

    def _publish(
        self, conn: Connection, lock: Connection, state: LogState, published: Checkpoint | None, checkpoint: Checkpoint
    ) -> bool:
        """Put a tree's files and its checkpoint there; tell whether anything of it was new."""
        keyring = self.keyring(state.origin)
        signers = keyring.signers()
        if not signers:
            raise KeyMissing
        old_size = 0 if published is None else published.size
        if self.lag:
            for bundle, data in new_bundles(conn, state.log_id, old_size, checkpoint.size):
                self.held.write(bundle.path, data)
            self.held.sync()
        self.watch("held")
        for tile, data in new_tiles(conn, state.log_id, old_size, checkpoint.size):
            self.folder.write(tile.path, data)
        self.folder.sync()
        self.watch("tiled")
        note = SignedNote(checkpoint.text(), tuple(key.sign(checkpoint.text()) for key in signers))
        if self.witnesses is not None and (published != checkpoint or self._is_unsigned(note)):
            tree = hashes_of(conn, state.log_id, checkpoint.size)
            note = SignedNote(note.text, (*note.signatures, *self.witnesses.cosign(checkpoint, note, tree)))
        self.watch("cosigned")
        if published == checkpoint and not self._is_unsigned(note):
            return self._record(conn, state, self.folder.checkpoint() or b"", checkpoint)
        try:
            lock.execute(_STILL)
        except DBAPIError:
            raise LockLost from None
        self.folder.write_checkpoint(note.encode())
        self.watch("published")
        self._record(conn, state, note.encode(), checkpoint)
        self._prune(old_size, checkpoint.size)
        return True

    def _is_unsigned(self, note: SignedNote) -> bool:
        """Tell whether the published checkpoint lacks a signature of these: a key is new, or was retired."""
        data = self.folder.checkpoint()
        return data is None or any(str(signature).encode() not in data for signature in note.signatures)

    def _record(self, conn: Connection, state: LogState, note: bytes, checkpoint: Checkpoint) -> bool:
        """Let the database know what was published, unless it does; it does not after a crash in between."""
        is_new = state.note != note
        if is_new:
            conn.execute(_RECORD, {"log_id": state.log_id, "size": checkpoint.size, "note": note})
            conn.commit()
        self.watch("recorded")
        return is_new

    def _disclose(self, conn: Connection, state: LogState, published: Checkpoint | None, size: int) -> int:
        """Make public what is old enough; return how far that is. In a folder that is empty, all of it again."""
        old_size = 0 if published is None else state.disclosed_size or 0
        due = size
        if self.lag:
            due = conn.execute(_DUE, {"log_id": state.log_id, "lag": self.lag}).scalar_one() or 0
        due = max(due, state.disclosed_size or 0)
        if due > old_size:
            for bundle, data in new_bundles(conn, state.log_id, old_size, due):
                self.folder.write(bundle.path, data)
            self.folder.sync()
            conn.execute(_DISCLOSE, {"log_id": state.log_id, "size": due})
            conn.commit()
            for full in _full(bundles_between(old_size, due)):
                self.folder.prune(full.path)
                self.held.remove(full.path)
        self.watch("disclosed")
        return max(due, old_size)

    def _prune(self, old_size: int, size: int) -> None:
        for full in _full(tiles_between(old_size, size)):
            self.folder.prune(full.path)
        for full in _full(bundles_between(old_size, size)):
            self.held.prune(full.path)


def _state(conn: Connection) -> LogState:
    state = log_state(conn)
    if state is None:
        raise LogNotBegun
    return state


def _full(places: Sequence[Tile] | Sequence[Bundle]) -> Iterator[Tile | Bundle]:
    return (place for place in places if place.width == TILE_WIDTH)


def wait_until_published(publisher: Publisher, *, seconds_max: float = 30.0) -> Published:
    """Publish, waiting for another process that is at it.

    Raises:
        PublisherBusy: it is still at it.
    """
    deadline = time.monotonic() + seconds_max
    while True:
        try:
            return publisher.publish()
        except PublisherBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
