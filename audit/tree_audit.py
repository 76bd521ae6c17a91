"""Check a log's tiles from the signed root downward, every hash of every level above the leaves' own.

A full tile is checked against its hash in the tile above it, and the partial tiles at the right edge by folding them to
the root, so that afterwards each hash of level 1 is known to be signed. Leaves and tiles of level 0 are left to
``audit.scan``. When something is wrong, the tile is built again from those below it, to name which tile it is, and
which of its hashes.
"""

from typing import Final

from audit.finding import AuditStopped, Tampered, Unusable
from audit.merkle import HASH_SIZE, leaf_hash, root_of
from audit.source import Source, read_bundle, read_tile
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileError, TileHashes, decode_bundle

_HEIGHT: Final = 8


def split_hashes(data: bytes) -> list[bytes]:
    """Return the hashes of a tile's bytes."""
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def fetch_tile(source: Source, tile: Tile) -> bytes:
    """Return a tile's bytes, of the right size; a partial tile that is gone is the beginning of the full one.

    Raises:
        Unusable: it is not there.
        Tampered: it has another size.
    """
    data = read_tile(source, tile)
    if data is None and tile.width < TILE_WIDTH:
        full = read_tile(source, Tile(tile.level, tile.index))
        data = None if full is None else full[: tile.size]
    if data is None:
        raise Unusable("tile_missing", tile.path)
    if len(data) != tile.size:
        raise Tampered("tile_size", tile.path, size=tile.size)
    return data


class Tree:
    """The tree of a checkpoint's size; ``check`` proves its upper levels against the root."""

    def __init__(self, source: Source, size: int, root: bytes) -> None:
        self.size = size
        self._source = source
        self._root = root
        self._edge: dict[int, bytes] = {}
        self._above: bytes = b""

    def tile(self, level: int, index: int) -> Tile:
        """Return the tile at this place, with the width that it has in this tree."""
        return Tile(level, index, min(TILE_WIDTH, (self.size >> (_HEIGHT * level)) - index * TILE_WIDTH))

    def check(self) -> int:
        """Check every tile above level 0 and the right edge; return how many hashes there are above level 0.

        Raises:
            Tampered: names the first wrong tile, from the root downward.
            Unusable: a tile is missing.
        """
        counts: list[int] = []
        while (count := self.size >> (_HEIGHT * len(counts))) > 0:
            counts.append(count)
        for level, count in enumerate(counts):
            if count % TILE_WIDTH:
                self._edge[level] = fetch_tile(self._source, self.tile(level, count // TILE_WIDTH))
        if self._fold(self._edge) != self._root:
            self._refuse_edge()
        for level in range(len(counts) - 1, 0, -1):
            self._above = self._check_level(level, counts[level], self._above)
        return sum(counts[1:])

    def signed_hash(self, index: int) -> bytes:
        """Return the hash of a full tile of level 0, once ``check`` has seen that the root covers it."""
        return self._above[index * HASH_SIZE : (index + 1) * HASH_SIZE]

    @property
    def edge_tile(self) -> bytes:
        """The partial tile of level 0, once ``check`` has seen that the root covers it; empty where there is none."""
        return self._edge.get(0, b"")

    def hashes(self) -> TileHashes:
        """Return what proofs are made of; tiles are read anew, so a proof is to be verified."""
        return TileHashes(lambda tile: fetch_tile(self._source, tile), self.size)

    def _fold(self, edge: dict[int, bytes]) -> bytes:
        return TileHashes(lambda tile: edge[tile.level], self.size).root()

    def _check_level(self, level: int, count: int, above: bytes) -> bytes:
        """Return all hashes of a level, each full tile of which has its hash in ``above``."""
        found = bytearray()
        for index in range(count // TILE_WIDTH):
            tile = Tile(level, index)
            data = fetch_tile(self._source, tile)
            signed = above[index * HASH_SIZE : (index + 1) * HASH_SIZE]
            if root_of(split_hashes(data)) != signed:
                self._refuse_tile(tile, data, signed)
            found += data
        return bytes(found + self._edge.get(level, b""))

    def _refuse_tile(self, tile: Tile, data: bytes, signed: bytes) -> None:
        rebuilt = self._rebuild(tile)
        if rebuilt is not None and root_of(split_hashes(rebuilt)) == signed:
            raise Tampered("tile_hash", tile.path, hash=first_difference(data, rebuilt))
        raise Tampered("tile_not_signed", tile.path)

    def _refuse_edge(self) -> None:
        """Name the partial tile that is wrong, if those below it and the last leaves are right."""
        rebuilt = {
            level: self._rebuild(self.tile(level, self._last(level))) or data for level, data in self._edge.items()
        }
        if self._fold(rebuilt) == self._root:
            for level in sorted(self._edge):
                if rebuilt[level] != self._edge[level]:
                    path = self.tile(level, self._last(level)).path
                    raise Tampered("tile_hash", path, hash=first_difference(self._edge[level], rebuilt[level]))
        paths = [self.tile(level, self._last(level)).path for level in sorted(self._edge)]
        raise Tampered("root_mismatch", "checkpoint", size=self.size, tiles=", ".join(paths))

    def _last(self, level: int) -> int:
        return (self.size >> (_HEIGHT * level)) // TILE_WIDTH

    def _rebuild(self, tile: Tile) -> bytes | None:
        """Build a tile from those below it, or from its leaves; None where they can't be read."""
        try:
            if tile.level == 0:
                data = read_bundle(self._source, Bundle(tile.index, tile.width))
                return None if data is None else b"".join(map(leaf_hash, decode_bundle(data, tile.width)))
            first = tile.index * TILE_WIDTH
            below = (Tile(tile.level - 1, first + offset) for offset in range(tile.width))
            return b"".join(root_of(split_hashes(fetch_tile(self._source, each))) for each in below)
        except (AuditStopped, TileError):
            return None


def first_difference(found: bytes, expected: bytes) -> int:
    """Return the place of the first hash in which two tiles differ."""
    pairs = zip(split_hashes(found), split_hashes(expected), strict=True)
    return next(place for place, (one, other) in enumerate(pairs) if one != other)
