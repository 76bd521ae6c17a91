"""Rules of ``soquy check`` on the log's trees: what was signed is the root of the hashes that are kept, at every size.

Whoever changes a leaf and its hash with it changes the root above them, which was published. One pass over the hashes,
in memory that does not grow with them.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, text

from audit.checkpoint import CheckpointError, parse_checkpoint
from audit.merkle import HASH_SIZE, Frontier, root_of
from audit.note import NoteError, parse_note
from audit.tiles import TILE_WIDTH
from audit.tree import HashesMissing, level_tiles

Fault = tuple[str, int | None, int | None, dict[str, Any]]

_LOGS: Final = text("SELECT log_id, size FROM soquy.log_head ORDER BY log_id")
_TREES: Final = text("SELECT size, root FROM soquy.log_tree WHERE log_id = :log_id ORDER BY size")
_TILES: Final = text("""\
SELECT tile_index, hash FROM soquy.log_tile WHERE log_id = :log_id AND level = :level ORDER BY tile_index""")
_NOTES: Final = text("""\
SELECT c.size, c.note, t.root
FROM soquy.log_checkpoint AS c LEFT JOIN soquy.log_tree AS t USING (log_id, size)
WHERE c.log_id = :log_id
ORDER BY c.size, c.published_at""")

_STREAMED: Final = {"stream_results": True, "yield_per": 1_000}


def tree_faults(conn: Connection) -> Iterator[Fault]:
    """Yield rule, tenant, book and what differs, for every root, tile and checkpoint that is not what it should be."""
    for log_id, size in conn.execute(_LOGS).all():
        try:
            yield from _root_faults(conn, log_id, size)
            yield from _tile_faults(conn, log_id, size)
        except HashesMissing as missing:
            yield "log_hashes", None, None, {"log_id": log_id, "missing": str(missing)}
        yield from _note_faults(conn, log_id)


def _root_faults(conn: Connection, log_id: int, size: int) -> Iterator[Fault]:
    with conn.execute(_TREES, {"log_id": log_id}, execution_options=_STREAMED) as rows:
        trees = iter(rows)
        due = next(trees, None)
        frontier = Frontier()
        for _, hashes in chain(level_tiles(conn, log_id, 0, 0, size), [(0, b"")]):
            start = 0
            while due is not None and due.size * HASH_SIZE <= frontier.size * HASH_SIZE + len(hashes) - start:
                end = start + (due.size - frontier.size) * HASH_SIZE
                frontier.append(_cut(hashes[start:end]))
                start = end
                if frontier.root() != bytes(due.root):
                    yield "log_root", None, None, {"log_id": log_id, "size": due.size}
                due = next(trees, None)
            frontier.append(_cut(hashes[start:]))
        if due is not None:
            yield "log_root", None, None, {"log_id": log_id, "size": due.size}


def _tile_faults(conn: Connection, log_id: int, size: int) -> Iterator[Fault]:
    """Compute the hash above every complete tile again, from the level below as it is kept."""
    level = 0
    while size >= TILE_WIDTH:
        complete = size // TILE_WIDTH
        kept = conn.execute(_TILES, {"log_id": log_id, "level": level}, execution_options=_STREAMED)
        with kept as rows:
            found = iter(rows)
            for index, hashes in level_tiles(conn, log_id, level, 0, complete * TILE_WIDTH):
                row = next(found, None)
                # What is numbered since the last tree was staged has no tile yet.
                if row is not None and (row.tile_index, bytes(row.hash)) != (index, root_of(_cut(hashes))):
                    yield "log_tile", None, None, {"log_id": log_id, "level": level, "tile": index}
        level, size = level + 1, complete


def _note_faults(conn: Connection, log_id: int) -> Iterator[Fault]:
    with conn.execute(_NOTES, {"log_id": log_id}, execution_options=_STREAMED) as rows:
        for row in rows:
            try:
                said = parse_checkpoint(parse_note(bytes(row.note)).text)
            except (NoteError, CheckpointError) as error:
                yield "log_checkpoint", None, None, {"log_id": log_id, "size": row.size, "code": error.code}
                continue
            if (said.size, said.root) != (row.size, row.root and bytes(row.root)):
                yield "log_checkpoint", None, None, {"log_id": log_id, "size": row.size}


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)]
