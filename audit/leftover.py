"""Look at the files of an export that the tree of its checkpoint does not ask for.

A publisher leaves partial tiles and entry bundles of smaller sizes behind. They were published, so what they say has to
agree with what is there now. What belongs to no tree of this size, and what is no file of a log, is only named.
"""

from collections.abc import Iterator
from typing import Final

from audit.finding import Tampered
from audit.merkle import HASH_SIZE, leaf_hash
from audit.source import BALANCES_FILE, Source, read_bundle, read_tile
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileError, decode_bundle, parse_path
from audit.tree_audit import Tree, fetch_tile

_OWN: Final = frozenset({"checkpoint", "policy", BALANCES_FILE})


def check_leftovers(source: Source, tree: Tree) -> tuple[int, list[str]]:
    """Compare superseded tiles and bundles with their successors; return how many there are, and files unknown here.

    Raises:
        Tampered: one of them says something else.
    """
    count = 0
    unknown: list[str] = []
    for path, part in _parts(source):
        if part is None:
            unknown += [path] if path not in _OWN else []
            continue
        level = part.level if isinstance(part, Tile) else 0
        if part.index * TILE_WIDTH + part.width > tree.size >> (8 * level):
            unknown.append(path)
            continue
        now = tree.tile(level, part.index)
        if part.width < now.width:
            _check_part(source, part, fetch_tile(source, now), now)
            count += 1
    return count, unknown


def _parts(source: Source) -> Iterator[tuple[str, Tile | Bundle | None]]:
    for path in source.files():
        try:
            yield path, parse_path(path)
        except TileError:
            yield path, None


def _check_part(source: Source, part: Tile | Bundle, current: bytes, now: Tile) -> None:
    expected = current[: part.width * HASH_SIZE]
    if isinstance(part, Tile):
        found = read_tile(source, part)
    else:
        data = read_bundle(source, part)
        try:
            found = b"".join(map(leaf_hash, decode_bundle(data or b"", part.width)))
        except TileError as error:
            raise Tampered("bundle_malformed", part.path, cause=error.code, fact=error.fact) from None
    if found != expected:
        raise Tampered("superseded_differs", part.path, now=now.path)
