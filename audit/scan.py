"""Read leaves in ranges: hash them against the signed tree, and tell what they say. Ranges are read side by side.

What a range says depends on nothing outside it, so it can be read in a process of its own; what depends on the order
of the whole log is left to ``audit.replay``. Results come back in the log's order, whoever was first.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from typing import IO, Final

from audit.balances import Sums
from audit.canonical import decode_members
from audit.entry import Event, read_event
from audit.finding import AuditStopped, Tampered, Unusable, leaf_place
from audit.jcs import CanonicalError
from audit.merkle import leaf_hash, root_of
from audit.source import Source, read_bundle, read_tile
from audit.tiles import TILE_WIDTH, Bundle, Tile, TileError, decode_bundle
from audit.tree_audit import Tree, fetch_tile, first_difference, split_hashes

RANGE_SIZE: Final = 16
"""In tiles of level 0: 4,096 leaves."""

PARALLEL_SIZE_MIN: Final = 20_000
"""In leaves: below, starting processes takes longer than the leaves do."""

REQUESTS_AT_ONCE: Final = 8
"""Of one process to one server."""

_AHEAD_PER_PROCESS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One tile of level 0 with its leaves: of ``width`` the first ``known`` are to be replayed."""

    index: int
    width: int
    known: int
    signed: bytes
    """The full tile's hash; for the partial tile its bytes."""
    is_required: bool
    is_sought: bool
    """Whether to look for leaves that need not be there."""


@dataclass(slots=True, kw_only=True)
class Scanned:
    """What a range of tiles says, up to the first thing that is wrong."""

    events: list[Event] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)
    hash_count: int = 0
    leaf_count: int = 0
    """Hashes compared, and leaves among them that were there to be hashed."""
    first_absent: int | None = None
    """The tile whose leaves are the first not to be there."""
    fault: AuditStopped | None = None


def scan(source: Source, tasks: list[Task]) -> Scanned:
    """Read a range of tiles and their leaves."""
    scanned = Scanned()
    if not source.is_listed:
        source = Ahead(source, tasks)
    try:
        for task in tasks:
            _scan_tile(source, task, scanned)
    except AuditStopped as fault:
        scanned.fault = fault
    return scanned


def _scan_tile(source: Source, task: Task, scanned: Scanned) -> None:
    tile = Tile(0, task.index, task.width)
    published = fetch_tile(source, tile)
    bundle, leaves = _read_leaves(source, task)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    computed = b"".join(hashes)
    signs = _signer(task)
    # Where the leaves give the tile, one look at the signed hash is enough for both.
    if computed != published[: len(computed)] or not signs(published):
        _refuse(tile, bundle, published, computed, signs)
    scanned.hash_count += task.width
    scanned.leaf_count += len(leaves)
    if not leaves and scanned.first_absent is None:
        scanned.first_absent = task.index
    if scanned.first_absent is None:
        first = task.index * TILE_WIDTH
        for index, leaf in enumerate(leaves[: task.known], first):
            try:
                members = decode_members(leaf)
            except CanonicalError as fault:
                raise Tampered("leaf_malformed", leaf_place(index), cause=fault.code, fact=str(fault)) from None
            scanned.events.append(read_event(index, members, scanned.sums))


def _read_leaves(source: Source, task: Task) -> tuple[Bundle, list[bytes]]:
    """Return the leaves of the whole tile; or of its replayed part, where bundles lag; or none."""
    bundle = Bundle(task.index, task.width)
    # Where a partial bundle is gone, the full one begins with its leaves.
    widths = {task.width: None, task.known: None, TILE_WIDTH: None} if task.is_required or task.is_sought else {}
    for width in widths:
        data = read_bundle(source, Bundle(task.index, width)) if width else None
        if data is not None:
            bundle = Bundle(task.index, width)
            try:
                return bundle, decode_bundle(data, width)[: task.width]
            except TileError as error:
                raise Tampered("bundle_malformed", bundle.path, cause=error.code, fact=error.fact) from None
    if task.is_required and task.known:
        raise Unusable("bundle_missing", bundle.path)
    return bundle, []


def _signer(task: Task) -> Callable[[bytes], bool]:
    if task.width < TILE_WIDTH:
        return lambda data: data == task.signed
    return lambda data: root_of(split_hashes(data)) == task.signed


def _refuse(tile: Tile, bundle: Bundle, published: bytes, computed: bytes, signs: Callable[[bytes], bool]) -> None:
    """Name what is wrong: the tile, or the leaf; whichever of them the signed hash above is not made of."""
    rest = published[len(computed) :]
    if signs(published):
        offset = first_difference(published[: len(computed)], computed)
        raise Tampered("leaf_hash", leaf_place(tile.index * TILE_WIDTH + offset), bundle=bundle.path, tile=tile.path)
    if not computed:
        raise Tampered("tile_not_signed", tile.path)
    if signs(computed + rest):
        raise Tampered("tile_hash", tile.path, hash=first_difference(published, computed + rest))
    first, last = tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width - 1
    raise Tampered("tile_not_signed_leaves", tile.path, bundle=bundle.path, first=first, last=last)


def tasks_of(tree: Tree, known: int | None, *, is_listed: bool) -> Iterator[list[Task]]:
    """Yield the ranges of a tree; ``known`` leaves have to be there, or as many as there are where it is None."""
    tasks: list[Task] = []
    for first in range(0, tree.size, TILE_WIDTH):
        index = first // TILE_WIDTH
        width = min(TILE_WIDTH, tree.size - first)
        replayed = width if known is None else max(0, min(width, known - first))
        signed = tree.signed_hash(index) if width == TILE_WIDTH else tree.edge_tile
        is_sought = is_listed or known is None
        is_required = known is not None and replayed > 0
        task = Task(
            index=index, width=width, known=replayed, signed=signed, is_required=is_required, is_sought=is_sought
        )
        tasks.append(task)
        if len(tasks) == RANGE_SIZE:
            yield tasks
            tasks = []
    if tasks:
        yield tasks


class Ahead:
    """A source of which the files of a range are asked for all at once: a server's answers take their time."""

    is_listed: Final = False

    def __init__(self, source: Source, tasks: list[Task]) -> None:
        self._source = source
        self._answers: dict[str, Future[bytes | None]] = {}
        for task in tasks:
            tile, bundle = Tile(0, task.index, task.width), Bundle(task.index, task.width)
            self._answers[tile.path] = _threads().submit(read_tile, source, tile)
            if (task.is_required or task.is_sought) and task.known == task.width:
                self._answers[bundle.path] = _threads().submit(read_bundle, source, bundle)

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    def read(self, path: str, size_max: int) -> bytes | None:
        """Return what was asked for ahead, or ask for it now."""
        answer = self._answers.pop(path, None)
        return self._source.read(path, size_max) if answer is None else answer.result()

    def files(self) -> Iterator[str]:
        """Yield what the source does."""
        return self._source.files()

    def balances(self, known_at: int | None = None) -> IO[bytes] | None:
        """Open what the source does."""
        return self._source.balances(known_at)

    def close(self) -> None:
        """Leave the source open: it is somebody else's."""


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(REQUESTS_AT_ONCE)


def process_count() -> int:
    """Return how many processes may compute at once."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


@contextmanager
def scanning(source: Source, ranges: Iterator[list[Task]], size: int) -> Iterator[Iterator[Scanned]]:
    """Read ranges side by side where that is worth it, and give the results in the ranges' order."""
    count = process_count()
    with _uncollected():
        if size < PARALLEL_SIZE_MIN or count == 1:
            yield (scan(source, tasks) for tasks in ranges)
            return
        # Spawned, not forked: a forked process would share the parent's connections.
        pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=gc.disable)
        try:
            yield _in_order(pool, source, ranges, count * _AHEAD_PER_PROCESS)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector from walking through what it will find no circle in: that takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _in_order(pool: ProcessPoolExecutor, source: Source, ranges: Iterator[list[Task]], ahead: int) -> Iterator[Scanned]:
    waiting: deque[Future[Scanned]] = deque()
    for tasks in ranges:
        waiting.append(pool.submit(_scan_here, source, tasks))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


_sources: Final[dict[str, Source]] = {}


def _scan_here(source: Source, tasks: list[Task]) -> Scanned:
    """Scan in another process, with the source that is open there."""
    return scan(_sources.setdefault(source.name, source), tasks)
