"""Hold a database against the log that the world has seen, and give a log back its numbers.

What is read from outside is trusted with nothing: the checkpoint is signed by a key of the log, the hash tiles lead to
its root, and every leaf is held against the tile above it before anybody looks into it. The database's own tree is
proven to be the beginning of the published one from those tiles (RFC 9162), so a database that went another way is told
from one that merely stayed behind.

Connections here are of the owner, inside the caller's transaction; none of the functions commits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from audit.columns import plain_array
from audit.folder import CHECKPOINT, LogFolder
from audit.merkle import EMPTY_ROOT, HASH_SIZE, MerkleError, leaf_hash, verify_consistency, verify_inclusion
from audit.note import NoteError, VerifierKey
from audit.policy import Policy, PolicyError
from audit.sequencer import LogState
from audit.source import BUNDLE_SIZE_MAX, CHECKPOINT_SIZE_MAX, Source
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileError, TileHashes, bundles_between, decode_bundle, parse_path
from audit.tree import level_tiles, root_at, stage

BATCH_SIZE: Final = 20_000

_HOLD: Final = text(
    "UPDATE soquy.log_head SET held_because = :because WHERE log_id = (SELECT max(log_id) FROM soquy.log)"
)

_NUMBER: Final = text("""\
WITH due AS MATERIALIZED (
    SELECT n.leaf_index, a.tenant_id, a.event_id, a.book_id, a.book_seq, sha256('\\x00' || a.leaf) AS leaf_hash
    FROM unnest(CAST(:leaf_index AS bigint[]), CAST(:tenant_id AS integer[]), CAST(:event_id AS uuid[]))
        AS n (leaf_index, tenant_id, event_id)
    JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
), taken AS (
    DELETE FROM soquy.audit_pending AS p USING due WHERE p.tenant_id = due.tenant_id AND p.event_id = due.event_id
)
INSERT INTO soquy.log_leaf (log_id, leaf_index, tenant_id, event_id, book_id, book_seq, leaf_hash)
SELECT :log_id, due.* FROM due""")

_RECORD: Final = text("INSERT INTO soquy.log_checkpoint (log_id, size, note) VALUES (:log_id, :size, :note)")
_DISCLOSE: Final = text("INSERT INTO soquy.log_disclosure (log_id, size) VALUES (:log_id, :size)")

_BEGIN: Final = text("INSERT INTO soquy.log (log_id, origin) VALUES (:log_id, :origin)")
_BEGIN_HEAD: Final = text("INSERT INTO soquy.log_head (log_id, held_because) VALUES (:log_id, 'recovering')")
_NUMBER_AGAIN: Final = text("""\
INSERT INTO soquy.log_leaf (log_id, leaf_index, tenant_id, event_id, book_id, book_seq, leaf_hash)
SELECT :log_id, row_number() OVER (ORDER BY l.leaf_index) + :taken - 1, l.tenant_id, l.event_id, l.book_id, l.book_seq,
    l.leaf_hash
FROM soquy.log_leaf AS l
WHERE l.log_id = :old_log_id""")


class RecoveryRefused(Exception):
    """Go no further; ``fields`` are what a text for people needs."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self, **fields: str | int) -> None:
        super().__init__(f"{self.fact}: {fields}")
        self.fields = fields


class PublishedUnsigned(RecoveryRefused):
    """No key that is known here has signed it, or it is another log's."""

    code = "recovery_unsigned"
    fact = "the published checkpoint is not one that a known key of this log has signed"


class PublishedTampered(RecoveryRefused):
    """A file is not what the checkpoint says; carries which."""

    code = "recovery_tampered"
    fact = "a published file is not the one that the checkpoint stands for"


class LeavesUnreadable(RecoveryRefused):
    """Leaves were never made public, or are lost; carries ``reached``, the leaves that can be read, and ``size``."""

    code = "recovery_leaves_missing"
    fact = "not every leaf can be read"


class LogForked(RecoveryRefused):
    """Neither tree is the beginning of the other."""

    code = "recovery_forked"
    fact = "this database went another way than the published log"


@dataclass(frozen=True, slots=True)
class Published:
    """A log as it was published: its checkpoint, verified, and its files.

    ``beside`` holds the leaves that are not public yet, where this is our own folder.
    """

    source: Source
    checkpoint: Checkpoint
    note: bytes
    beside: LogFolder | None = None
    tree: TileHashes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", TileHashes(self._tile, self.checkpoint.size))

    def leaves(self, first: int) -> Iterator[tuple[int, bytes]]:
        """Yield index and bytes of every leaf from ``first`` on, each proven to be of this log.

        Raises:
            LeavesUnreadable: a bundle is nowhere.
            PublishedTampered: a bundle or a tile has other bytes.
        """
        for bundle in bundles_between(first, self.checkpoint.size):
            start = bundle.index * TILE_WIDTH
            hashes = self.leaf_hashes(bundle.index)
            leaves = self._bundle(bundle, max(first, start))
            for offset, leaf in enumerate(leaves):
                if leaf_hash(leaf) != hashes[offset]:
                    raise PublishedTampered(file=bundle.path, place=start + offset)
                if start + offset >= first:
                    yield start + offset, leaf

    def leaf_hashes(self, index: int) -> list[bytes]:
        """Return the hashes of a tile of leaves, all proven by the way of the first one to the root."""
        size, start = self.checkpoint.size, index * TILE_WIDTH
        tile = Tile(0, index, min(TILE_WIDTH, size - start))
        data = self._tile(tile)
        hashes = [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]
        try:
            proof = self.tree.inclusion_proof(start)
            verify_inclusion(leaf_hash=hashes[0], index=start, size=size, proof=proof, root=self.checkpoint.root)
        except (MerkleError, TileError) as error:
            raise PublishedTampered(file=tile.path, place=start) from error
        return hashes

    def _tile(self, tile: Tile) -> bytes:
        for path, size in ((tile.path, tile.size), (_full(tile.path), TILE_WIDTH * HASH_SIZE)):
            data = self.source.read(path, size)
            if data is not None:
                if len(data) != size:
                    raise PublishedTampered(file=path, place=tile.index)
                return data[: tile.size]
        raise PublishedTampered(file=tile.path, place=tile.index)

    def _bundle(self, bundle: Bundle, reached: int) -> list[bytes]:
        for path, width in ((bundle.path, bundle.width), (_full(bundle.path), TILE_WIDTH)):
            data = self.source.read(path, BUNDLE_SIZE_MAX)
            if data is None and self.beside is not None:
                data = self.beside.read(path)
            if data is not None:
                try:
                    return decode_bundle(data, width)[: bundle.width]
                except TileError as error:
                    raise PublishedTampered(file=path, place=bundle.index * TILE_WIDTH) from error
        raise LeavesUnreadable(reached=reached, size=self.checkpoint.size)


def _full(path: str) -> str:
    return path.partition(".p/")[0]


def open_published(
    source: Source, *, origin: str, keys: Sequence[VerifierKey], policy: Policy | None, beside: LogFolder | None = None
) -> Published:
    """Read a published log's checkpoint, and its tree as far as the root needs it.

    With a policy, its keys count too, and as many of its witnesses must have cosigned as it asks for.

    Raises:
        PublishedUnsigned: nobody whom we know has signed it.
        PublishedTampered: the tiles do not lead to its root.
    """
    data = source.read(CHECKPOINT, CHECKPOINT_SIZE_MAX) or b""
    trusted = [*keys, *([] if policy is None else [each.key for each in policy.logs])]
    try:
        checkpoint, note = open_checkpoint(data, origin=origin, keys=trusted)
        if policy is not None:
            policy.check(note)
    except (NoteError, CheckpointError, PolicyError) as error:
        raise PublishedUnsigned(place=source.name, origin=origin, cause=error.code) from error
    published = Published(source, checkpoint, data, beside)
    try:
        root = published.tree.root()
    except TileError as error:
        raise PublishedTampered(file=source.name, place=checkpoint.size) from error
    if root != checkpoint.root:
        raise PublishedTampered(file=source.name, place=checkpoint.size)
    return published


def is_behind(conn: Connection, state: LogState, published: Published) -> bool:
    """Tell whether the published log has leaves that the database has not; all else agrees.

    Raises:
        LogForked: the smaller tree is not the beginning of the larger one.
    """
    size = published.checkpoint.size
    ours = root_at(conn, state.log_id, min(size, state.size))
    try:
        if size <= state.size:
            agrees = ours == published.checkpoint.root
        else:
            proof = published.tree.consistency_proof(state.size)
            verify_consistency(
                old_size=state.size, old_root=ours, size=size, root=published.checkpoint.root, proof=proof
            )
            agrees = True
    except (MerkleError, TileError):
        agrees = False
    if not agrees:
        raise LogForked(size=state.size, published_size=size, agreed_size=agreed_size(conn, state, published))
    return size > state.size


def agreed_size(conn: Connection, state: LogState, published: Published) -> int:
    """Return how many leaves from the first on are the same in the database and in the published log."""
    common = min(state.size, published.checkpoint.size)
    for index, hashes in level_tiles(conn, state.log_id, 0, 0, common):
        theirs = b"".join(published.leaf_hashes(index))[: len(hashes)]
        if theirs != hashes:
            start = index * TILE_WIDTH
            pairs = range(0, len(hashes), HASH_SIZE)
            return start + next(at for at in pairs if hashes[at : at + 32] != theirs[at : at + 32]) // HASH_SIZE
    return common


def hold(conn: Connection, because: str | None) -> None:
    """Hold the log, or let it go; only the owner may."""
    conn.execute(_HOLD, {"because": because})


def number_as_published(conn: Connection, log_id: int, rows: Iterable[tuple[int, int, UUID]]) -> None:
    """Give leaves the indexes that they were published with: (index, tenant, event), in their order."""
    batch: list[tuple[int, int, UUID]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_SIZE:
            _number(conn, log_id, batch)
            batch.clear()
    if batch:
        _number(conn, log_id, batch)


def _number(conn: Connection, log_id: int, batch: Sequence[tuple[int, int, UUID]]) -> None:
    columns = {
        name: plain_array(row[place] for row in batch)
        for place, name in enumerate(("leaf_index", "tenant_id", "event_id"))
    }
    conn.execute(_NUMBER, {"log_id": log_id, **columns})


def adopt_checkpoint(conn: Connection, state: LogState, published: Published) -> None:
    """Make the published checkpoint the database's own, once its leaves lead to the same root.

    Raises:
        LogForked: they do not.
    """
    size = published.checkpoint.size
    if stage(conn, state.log_id, state.staged_size or 0, size) != published.checkpoint.root:
        raise LogForked(size=state.size, published_size=size, agreed_size=state.size)
    conn.execute(_RECORD, {"log_id": state.log_id, "size": size, "note": published.note})
    disclosed_size = _disclosed_size(published)
    if disclosed_size > (state.disclosed_size or 0):
        conn.execute(_DISCLOSE, {"log_id": state.log_id, "size": disclosed_size})


def _disclosed_size(published: Published) -> int:
    """Return how far leaves are public in a folder; a web server does not tell, and bundles are written again."""
    sizes = [0]
    for path in published.source.files():
        try:
            place = parse_path(path)
        except TileError:
            continue
        if isinstance(place, Bundle):
            sizes.append(place.index * TILE_WIDTH + place.width)
    return max(size for size in sizes if size <= published.checkpoint.size)


def begin_successor(conn: Connection, state: LogState, origin: str) -> int:
    """End the log that grows, and begin another under a new origin; return its number. It is held as recovering."""
    log_id = state.log_id + 1
    conn.execute(_BEGIN, {"log_id": log_id, "origin": origin})
    conn.execute(_BEGIN_HEAD, {"log_id": log_id})
    return log_id


def number_again(conn: Connection, log_id: int, old_log_id: int, *, taken: int) -> None:
    """Number every leaf of an old log anew, in its old order, after the ``taken`` that the new one has already."""
    conn.execute(_NUMBER_AGAIN, {"log_id": log_id, "old_log_id": old_log_id, "taken": taken})


def newest_known(conn: Connection, state: LogState) -> Checkpoint:
    """Return the newest checkpoint that the database itself knows to be published; the empty tree before the first."""
    size = state.published_size or 0
    root = root_at(conn, state.log_id, size) if size else EMPTY_ROOT
    return Checkpoint(state.origin, size, root)
