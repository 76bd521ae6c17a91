"""The tree over the numbered leaves, as the database keeps it: hashes of leaves, and of every complete tile.

``stage`` commits the one root that a size has before anything is signed. All tiles, at any time and of any size, can be
made again from these rows, so files that a crash or a disk lost are written again with the same bytes.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, text

from audit.columns import packed_bytes, plain_array
from audit.merkle import HASH_SIZE, root_of
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileHashes, TileSizeWrong, bundles_between, encode_bundle

# A tile's hashes in one value. The bounds are bound twice so that each plan reads one index range.
_LEAF_TILES: Final = text("""\
SELECT l.leaf_index / 256 AS tile_index, string_agg(l.leaf_hash, CAST('' AS bytea) ORDER BY l.leaf_index) AS hashes
FROM soquy.log_leaf AS l
WHERE l.log_id = :log_id AND l.leaf_index >= :first AND l.leaf_index < :end
GROUP BY 1
ORDER BY 1""")

_NODE_TILES: Final = text("""\
SELECT t.tile_index / 256 AS tile_index, string_agg(t.hash, CAST('' AS bytea) ORDER BY t.tile_index) AS hashes
FROM soquy.log_tile AS t
WHERE t.log_id = :log_id AND t.level = :level AND t.tile_index >= :first AND t.tile_index < :end
GROUP BY 1
ORDER BY 1""")

_KEEP_TILES: Final = text("""\
INSERT INTO soquy.log_tile (log_id, level, tile_index, hash)
SELECT :log_id, :level, t.tile_index, substring(CAST(:hashes AS bytea) FROM t.start FOR 32)
FROM unnest(CAST(:tile_index AS bigint[]), CAST(:start AS integer[])) AS t (tile_index, start)""")

_KEEP_TREE: Final = text("INSERT INTO soquy.log_tree (log_id, size, root) VALUES (:log_id, :size, :root)")

_ROOT: Final = text("SELECT t.root FROM soquy.log_tree AS t WHERE t.log_id = :log_id AND t.size = :size")

_LEAVES: Final = text("""\
SELECT l.leaf_index, a.leaf
FROM soquy.log_leaf AS l
JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
WHERE l.log_id = :log_id AND l.leaf_index >= :first AND l.leaf_index < :end
ORDER BY l.leaf_index""")

FETCH_SIZE: Final = 64
"""Rows of 8 KiB at once."""


class HashesMissing(Exception):
    """The database has not every hash of a tree that it says it has: rows were removed behind its back."""

    code = "log_hashes_missing"

    def __init__(self, level: int, index: int) -> None:
        super().__init__(f"the hashes of tile {level}/{index} are not all there")


class LeavesMissing(Exception):
    """The database has not every leaf that it numbered."""

    code = "log_leaves_missing"

    def __init__(self, index: int) -> None:
        super().__init__(f"the leaves of bundle {index} are not all there")


def level_tiles(conn: Connection, log_id: int, level: int, first: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield tiles of a level as (index, hashes), from the one that holds hash ``first`` to before hash ``end``.

    The first begins at its own first hash; the last holds what is left, up to ``end``.
    """
    first = first // TILE_WIDTH * TILE_WIDTH
    # A cursor costs three round trips more, which one tile does not pay back.
    is_long = end - first > TILE_WIDTH
    options = {"stream_results": True, "yield_per": FETCH_SIZE} if is_long else {}
    bounds = {"log_id": log_id, "first": first, "end": end}
    query = _LEAF_TILES if level == 0 else _NODE_TILES
    more = {} if level == 0 else {"level": level - 1}
    with conn.execute(query, {**bounds, **more}, execution_options=options) as rows:
        for index, hashes in rows:
            wanted = min(end - index * TILE_WIDTH, TILE_WIDTH) * HASH_SIZE
            if len(hashes) != wanted:
                raise HashesMissing(level, index)
            yield index, bytes(hashes)


def hashes_of(conn: Connection, log_id: int, size: int) -> TileHashes:
    """Return a reader of the tree of a size, over the database's rows: for its root and for proofs."""

    def read(tile: Tile) -> bytes:
        first = tile.index * TILE_WIDTH
        found = [hashes for _, hashes in level_tiles(conn, log_id, tile.level, first, first + tile.width)]
        if len(found) != 1:
            raise HashesMissing(tile.level, tile.index)
        return found[0]

    return TileHashes(read, size)


def root_at(conn: Connection, log_id: int, size: int) -> bytes:
    """Return the root of the log at a size, from the hashes themselves.

    Raises:
        HashesMissing: the database has not every hash.
    """
    try:
        return hashes_of(conn, log_id, size).root()
    except TileSizeWrong:
        raise HashesMissing(0, size) from None


def staged_root(conn: Connection, log_id: int, size: int) -> bytes | None:
    """Return the root that was staged for a size; none where the log was never published at it."""
    return conn.execute(_ROOT, {"log_id": log_id, "size": size}).scalar_one_or_none()


def stage(conn: Connection, log_id: int, old_size: int, size: int) -> bytes:
    """Keep the hash of every tile that became complete between two sizes, and the root of the larger; return the root.

    Raises:
        sqlalchemy.exc.DBAPIError: another publisher staged it, or the clock is before the last tree's.
    """
    level, old_count, count = 0, old_size, size
    while count >= TILE_WIDTH:
        complete, new_count = old_count // TILE_WIDTH, count // TILE_WIDTH
        made = [
            (index, root_of([hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)]))
            for index, hashes in level_tiles(conn, log_id, level, complete * TILE_WIDTH, new_count * TILE_WIDTH)
        ]
        _keep(conn, log_id, level, made)
        level, old_count, count = level + 1, complete, new_count
    root = root_at(conn, log_id, size)
    conn.execute(_KEEP_TREE, {"log_id": log_id, "size": size, "root": root})
    return root


def _keep(conn: Connection, log_id: int, level: int, made: Sequence[tuple[int, bytes]]) -> None:
    if made:
        packed, start, _ = packed_bytes([tile_hash for _, tile_hash in made])
        indexes = plain_array(index for index, _ in made)
        conn.execute(
            _KEEP_TILES, {"log_id": log_id, "level": level, "hashes": packed, "tile_index": indexes, "start": start}
        )


def new_tiles(conn: Connection, log_id: int, old_size: int, size: int) -> Iterator[tuple[Tile, bytes]]:
    """Yield the tiles that a tree has and a smaller one had not, level by level, in one statement each."""
    level = 0
    while size > old_size or size:
        if size > old_size:
            first = old_size // TILE_WIDTH * TILE_WIDTH
            for index, hashes in level_tiles(conn, log_id, level, first, size):
                yield Tile(level, index, min(TILE_WIDTH, size - index * TILE_WIDTH)), hashes
        level, old_size, size = level + 1, old_size // TILE_WIDTH, size // TILE_WIDTH


def new_bundles(conn: Connection, log_id: int, old_size: int, size: int) -> Iterator[tuple[Bundle, bytes]]:
    """Yield the entry bundles that a log has and a smaller one had not."""
    first = old_size // TILE_WIDTH * TILE_WIDTH
    bounds = {"log_id": log_id, "first": first, "end": size}
    options = {"stream_results": True, "yield_per": TILE_WIDTH}
    with conn.execute(_LEAVES, bounds, execution_options=options) as rows:
        parts = rows.partitions(TILE_WIDTH)
        for bundle in bundles_between(old_size, size):
            part = next(parts, ())
            start = bundle.index * TILE_WIDTH
            if [row.leaf_index for row in part] != list(range(start, start + bundle.width)):
                raise LeavesMissing(bundle.index)
            yield bundle, encode_bundle([bytes(row.leaf) for row in part])
