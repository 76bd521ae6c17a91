"""Cut a log's tree into tiles, files that never change: https://c2sp.org/tlog-tiles.

A tile of level 0 is 256 leaf hashes, one after the other; one of level L + 1 is the roots of 256 full tiles of level L.
At the right edge a level's last tile is partial: 1 to 255 hashes, under a path of its own. Entry bundles lie beside the
tiles of level 0 and hold the leaves themselves::

    tile/<L>/<N>             a full tile: 256 hashes of 32 bytes
    tile/<L>/<N>.p/<W>       a partial one of W hashes, 1 to 255
    tile/entries/<N>         256 leaves, each a big-endian uint16 of its length and then its bytes
    tile/entries/<N>.p/<W>   W leaves

    L   0 to 63, without leading zeros
    N   in groups of three digits, all but the last with an x before them: 1234067 is x001/x234/067

A path has one spelling: ``x000/001`` and ``.p/07`` are refused, and so is a tile that no tree of at most 2^63 - 1
leaves has.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from audit.line import parse_decimal
from audit.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    SIZE_MAX,
    IndexOutOfRange,
    OldSizeTooLarge,
    TreeSizeOutOfRange,
    fold_right_edge,
    node_hash,
    trailing_zeros,
)

TILE_WIDTH: Final = 256
"""In hashes, or leaves of a bundle: the full width."""

LEVEL_MAX: Final = 63
"""The specification's limit; 2^63 - 1 leaves need no more than the levels 0 to 7."""

LEAF_SIZE_MAX: Final = 2**16 - 1
"""In bytes: what a bundle's uint16 can say."""

_HEIGHT: Final = 8
"""A tile spans this many levels of the tree: 2^8 is its width."""

_match_path: Final = re.compile(
    r"tile/(entries|[0-9]{1,20})/((?:x[0-9]{3}/){0,20}[0-9]{3})(?:\.p/([0-9]{1,20}))?"
).fullmatch


class TileError(ValueError):
    """Refuse a tile, a bundle or the path of one."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class TilePathMalformed(TileError):
    """Not of the form that the module's docstring gives."""

    code = "tile_path_malformed"
    fact = "the path is not that of a tile or an entry bundle"


class TilePathNotCanonical(TileError):
    """Every file has one path, or a cache and a mirror would hold it twice."""

    code = "tile_path_not_canonical"
    fact = "the path has leading zeros that its one right spelling has not"


class TileLevelOutOfRange(TileError):
    """Also negative ones."""

    code = "tile_level_out_of_range"
    fact = f"a tile's level is between 0 and {LEVEL_MAX}"


class TileWidthOutOfRange(TileError):
    """In a path 256 is out of range as well: a full tile has no suffix."""

    code = "tile_width_out_of_range"
    fact = f"a tile's width is between 1 and {TILE_WIDTH}, and a partial one's below that"


class TileOutOfRange(TileError):
    """Its last hash would cover leaves beyond the largest tree."""

    code = "tile_out_of_range"
    fact = "no tree of at most 2^63 - 1 leaves has this tile"


class TileSizeWrong(TileError):
    """What was read is not the whole tile, or more than it."""

    code = "tile_size"
    fact = f"the tile's bytes are not its width times {HASH_SIZE}"


class BundleWidthOutOfRange(TileError):
    """An empty bundle is never written."""

    code = "bundle_width_out_of_range"
    fact = f"an entry bundle has between 1 and {TILE_WIDTH} leaves"


class BundleLeafTooLarge(TileError):
    """Its length has no place in sixteen bits."""

    code = "bundle_leaf_too_large"
    fact = f"a leaf has more than {LEAF_SIZE_MAX:,} bytes"


class BundleTruncated(TileError):
    """It ends in a length or a leaf, or has fewer leaves than its path says."""

    code = "bundle_truncated"
    fact = "the entry bundle ends before its last leaf does"


class BundleTooLong(TileError):
    """It has more leaves than its path says, or other bytes after them."""

    code = "bundle_too_long"
    fact = "the entry bundle goes on after its last leaf"


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's place in the tree, not its bytes.

    Raises:
        TileError: no tree has such a tile.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= LEVEL_MAX:
            raise TileLevelOutOfRange
        _check_place(self.level, self.index, self.width)

    @property
    def path(self) -> str:
        """The file's path: ``tile/0/x001/234.p/5``."""
        return f"tile/{self.level}/{_format_place(self.index, self.width)}"

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.width * HASH_SIZE


@dataclass(frozen=True, slots=True)
class Bundle:
    """An entry bundle's place in the log, not its leaves.

    Raises:
        TileError: no log has such a bundle.
    """

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_place(0, self.index, self.width)

    @property
    def path(self) -> str:
        """The file's path: ``tile/entries/x001/234.p/5``."""
        return f"tile/entries/{_format_place(self.index, self.width)}"


def parse_path(path: str) -> Tile | Bundle:
    """Return the tile or bundle of which this is the path.

    Raises:
        TileError: there is none, or it is spelled in another way.
    """
    match = _match_path(path)
    if match is None:
        raise TilePathMalformed
    level_text, index_text, width_text = match.groups()
    width = TILE_WIDTH
    if width_text is not None:
        number = parse_decimal(width_text)
        if number is None:
            raise TilePathNotCanonical
        if not 1 <= number < TILE_WIDTH:
            raise TileWidthOutOfRange
        width = number
    index = int(index_text.replace("x", "").replace("/", ""))
    if index_text.startswith("x000/"):
        raise TilePathNotCanonical
    if level_text == "entries":
        return Bundle(index, width)
    level = parse_decimal(level_text)
    if level is None:
        raise TilePathNotCanonical
    return Tile(level, index, width)


def _check_place(level: int, index: int, width: int) -> None:
    if not 1 <= width <= TILE_WIDTH:
        raise TileWidthOutOfRange
    if index < 0 or (index * TILE_WIDTH + width) << (_HEIGHT * level) > SIZE_MAX:
        raise TileOutOfRange


def _format_place(index: int, width: int) -> str:
    groups = f"{index % 1000:03d}"
    while index >= 1000:  # noqa: PLR2004 - a group has three digits
        index //= 1000
        groups = f"x{index % 1000:03d}/{groups}"
    return groups if width == TILE_WIDTH else f"{groups}.p/{width}"


def tiles_between(old_size: int, size: int) -> list[Tile]:
    """Return the tiles of the tree of ``size`` that the tree of ``old_size`` did not have, lower levels first.

    A partial tile that has grown is one of them, for its path is a new one.

    Raises:
        MerkleError: the sizes are none, or the tree shrinks.
    """
    _check_sizes(old_size, size)
    tiles: list[Tile] = []
    level = 0
    while size:
        tiles.extend(Tile(level, index, width) for index, width in _places_between(old_size, size))
        old_size, size, level = old_size >> _HEIGHT, size >> _HEIGHT, level + 1
    return tiles


def bundles_between(old_size: int, size: int) -> list[Bundle]:
    """Return the entry bundles of the log of ``size`` that the log of ``old_size`` did not have.

    Raises:
        MerkleError: as ``tiles_between``.
    """
    _check_sizes(old_size, size)
    return [Bundle(index, width) for index, width in _places_between(old_size, size)]


def bundle_holding(index: int, size: int) -> Bundle:
    """Return the bundle of the log of ``size`` that holds a leaf.

    Raises:
        TileError: the log is no larger than the index.
    """
    if not 0 <= index < size:
        raise TileOutOfRange
    first = index // TILE_WIDTH * TILE_WIDTH
    return Bundle(index // TILE_WIDTH, min(TILE_WIDTH, size - first))


def tiles_of(size: int) -> list[Tile]:
    """Return every tile of the tree of ``size``: the full ones, and the partial ones of exactly this size."""
    return tiles_between(0, size)


def bundles_of(size: int) -> list[Bundle]:
    """Return every entry bundle of the log of ``size``: the full ones, and a partial one of exactly this size."""
    return bundles_between(0, size)


def _places_between(old_count: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield index and width of what a level of ``count`` hashes has and one of ``old_count`` had not."""
    if count > old_count:
        for index in range(old_count // TILE_WIDTH, -(-count // TILE_WIDTH)):
            yield index, min(TILE_WIDTH, count - index * TILE_WIDTH)


def _check_sizes(old_size: int, size: int) -> None:
    if not (0 <= old_size <= SIZE_MAX and 0 <= size <= SIZE_MAX):
        raise TreeSizeOutOfRange
    if old_size > size:
        raise OldSizeTooLarge


def encode_bundle(leaves: Sequence[bytes]) -> bytes:
    """Return the bytes of an entry bundle.

    Raises:
        TileError: no leaf, too many, or one too large.
    """
    if not 1 <= len(leaves) <= TILE_WIDTH:
        raise BundleWidthOutOfRange
    parts: list[bytes] = []
    for leaf in leaves:
        if len(leaf) > LEAF_SIZE_MAX:
            raise BundleLeafTooLarge
        parts += (len(leaf).to_bytes(2, "big"), leaf)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the leaves of an entry bundle that has this many.

    Raises:
        TileError: the bundle has not exactly these, or the width is none.
    """
    if not 1 <= width <= TILE_WIDTH:
        raise BundleWidthOutOfRange
    leaves: list[bytes] = []
    start, end_of_data = 0, len(data)
    for _ in range(width):
        begin = start + 2
        end = begin + int.from_bytes(data[start:begin], "big")
        if end > end_of_data:
            raise BundleTruncated
        leaves.append(data[begin:end])
        start = end
    if start != end_of_data:
        raise BundleTooLong
    return leaves


ReadTile = Callable[[Tile], bytes]
"""Fetches a tile's bytes, from a folder or over HTTP; what it raises goes through to the caller."""


class TileHashes:
    """The tree of ``size`` as its tiles have it: its root, and the proofs that they allow.

    Only tiles of exactly this size are read, each at most once and only those that an answer needs; all that was read
    is kept. The tiles are not trusted with anything but their length: compare ``root()`` with a signed checkpoint, and
    verify a proof against that.

    Raises:
        MerkleError: the size is none.
    """

    __slots__ = ("_nodes", "_read", "_size", "_tiles")

    def __init__(self, read: ReadTile, size: int) -> None:
        _check_sizes(0, size)
        self._read = read
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}

    @property
    def size(self) -> int:
        """The leaves of the tree."""
        return self._size

    def root(self) -> bytes:
        """Return the root; the partial tiles hold all that it takes, and of a full last tile only that one is read.

        Raises:
            TileSizeWrong: a tile was read with another size than its own.
        """
        return self._right_edge(0) if self._size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the proof that ``audit.merkle.verify_inclusion`` checks.

        Raises:
            IndexOutOfRange: the tree has no such leaf.
            TileSizeWrong: as ``root``.
        """
        if not 0 <= index < self._size:
            raise IndexOutOfRange
        return self._siblings(index, 0)

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Return the proof that ``audit.merkle.verify_consistency`` checks.

        Raises:
            MerkleError: the old size is none, or larger than this tree's.
            TileSizeWrong: as ``root``.
        """
        _check_sizes(old_size, self._size)
        if old_size in {0, self._size}:
            return []
        level = trailing_zeros(old_size)
        is_whole = old_size == 1 << level
        known = [] if is_whole else [self._node(level, (old_size >> level) - 1)]
        return known + self._siblings(old_size - 1, level)

    def _siblings(self, index: int, level_first: int) -> list[bytes]:
        """Return the siblings on the way from a leaf to the root, from a level upward."""
        last = self._size - 1
        inner = (index ^ last).bit_length()
        siblings = []
        for level in range(level_first, last.bit_length()):
            if index >> level & 1:
                siblings.append(self._node(level, (index >> level) - 1))
            elif level < inner - 1:
                siblings.append(self._node(level, (index >> level) + 1))
            elif level == inner - 1:
                siblings.append(self._right_edge((index >> level) + 1 << level))
        return siblings

    def _right_edge(self, start: int) -> bytes:
        """Return the hash over all leaves from ``start``, where a complete subtree begins that has room for them."""
        count = self._size - start
        levels = (level for level in range(count.bit_length()) if count >> level & 1)
        return fold_right_edge(self._node(level, (self._size >> level) - 1) for level in levels)

    def _node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree; no deeper than to the next tile below."""
        if level % _HEIGHT == 0:
            return self._tile_hash(level // _HEIGHT, index)
        node = self._nodes.get((level, index))
        if node is None:
            node = node_hash(self._node(level - 1, 2 * index), self._node(level - 1, 2 * index + 1))
            self._nodes[level, index] = node
        return node

    def _tile_hash(self, level: int, index: int) -> bytes:
        tile_index, offset = divmod(index, TILE_WIDTH)
        data = self._tiles.get((level, tile_index))
        if data is None:
            count = self._size >> (_HEIGHT * level)
            tile = Tile(level, tile_index, min(TILE_WIDTH, count - tile_index * TILE_WIDTH))
            data = self._read(tile)
            if len(data) != tile.size:
                raise TileSizeWrong
            self._tiles[level, tile_index] = data
        return data[offset * HASH_SIZE : (offset + 1) * HASH_SIZE]
