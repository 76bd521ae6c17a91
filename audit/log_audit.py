"""Audit a published log: signatures, tree, what was seen before, leaves, books, and the figures made of them.

In this order, so that each step rests on what is proved: the checkpoint's signatures; the tiles against its root;
earlier checkpoints against the tiles; leaves against the tiles; the books as the leaves tell them; the published trial
balances against the books. The first thing that is wrong ends it.
"""

import time
from bisect import bisect_left
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from audit import balances
from audit.checkpoint import Checkpoint
from audit.finding import AuditStopped, Finding, Tampered, Unusable
from audit.leftover import check_leftovers
from audit.memory import Memory
from audit.replay import Replay
from audit.scan import scanning, tasks_of
from audit.source import CHECKPOINT_SIZE_MAX, POLICY_SIZE_MAX, Source, read_bundle
from audit.tiles import TILE_WIDTH, Bundle
from audit.tree_audit import Tree
from audit.trust import EXPORT, Named, Opened, choose, open_trusted, origin_of, read_policy

NOTED_MAX: Final = 20
"""Remarks of one kind; a folder full of other files is not worth more lines."""

Progress = Callable[[int, int], None]
"""Is told how many of how many leaves are done."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What was checked, in figures."""

    opened: Opened
    replayed_size: int = 0
    """The first so many leaves were replayed."""
    hash_count: int = 0
    leaf_count: int = 0
    upper_hash_count: int = 0
    superseded_count: int = 0
    remembered_count: int = 0
    book_count: int = 0
    entry_count: int = 0
    debit_minor: int = 0
    credit_minor: int = 0
    account_count: int | None = None
    """Compared rows of the trial balances; None where they were left out."""
    seconds: float = 0.0
    remarks: list[Finding] = field(default_factory=list)


def audit_log(
    source: Source, named: Named, *, state: Path | None = None, log_only: bool = False, progress: Progress | None = None
) -> Report:
    """Audit a log and return what was checked.

    Raises:
        Tampered: something is wrong; the first thing is named.
        Unusable: too much is missing.
    """
    begun = time.monotonic()
    opened, memory = _open(source, named, state)
    report = Report(opened=opened, remarks=_remarks(opened))
    checkpoint = opened.checkpoint
    memory.check_sizes(checkpoint)
    tree = Tree(source, checkpoint.size, checkpoint.root)
    report.upper_hash_count = tree.check()
    report.remembered_count = memory.check_consistency(checkpoint, tree.hashes())
    remember(memory, opened, report.remarks)
    if log_only:
        _read_leaves(source, tree, None, report, progress)
    else:
        with closing(_open_balances(source, opened)) as file:
            known = balances.read_header(file, checkpoint, balances_name(source))
            if known > checkpoint.size:
                raise Tampered("balances_too_new", balances_name(source), known=known, size=checkpoint.size)
            if known == 0 < checkpoint.size:
                raise Unusable("nothing_replayed", balances_name(source), size=checkpoint.size)
            if known < checkpoint.size:
                report.remarks.append(_partly_replayed(known, checkpoint.size, source))
            sums = _read_leaves(source, tree, known, report, progress)
            report.account_count = balances.compare(file, sums, balances_name(source))
    report.superseded_count, unknown = check_leftovers(source, tree)
    report.remarks += [Finding(code="file_unknown", where=path) for path in unknown[:NOTED_MAX]]
    report.seconds = time.monotonic() - begun
    return report


def _partly_replayed(known: int, size: int, source: Source) -> Finding:
    """Say it where nobody can miss it: the figures are of an earlier size, which whoever publishes them chose."""
    return Finding(code="replayed_partly", where=balances_name(source), fields={"known": known, "size": size})


def balances_name(source: Source) -> str:
    """Return how messages call the trial balances."""
    return "trial-balances.jsonl" if source.is_listed else "trial-balances"


def remember(memory: Memory, opened: Opened, remarks: list[Finding]) -> None:
    """Keep a checkpoint for the next audit; not being able to is a remark, no failure."""
    try:
        memory.remember(opened.checkpoint, opened.data, opened.trust.keys)
    except OSError as error:
        reason = str(error.strerror or error)
        remarks.append(Finding(code="not_remembered", where=str(memory.path), fields={"reason": reason}))


def _open(source: Source, named: Named, state: Path | None) -> tuple[Opened, Memory]:
    data = source.read("checkpoint", CHECKPOINT_SIZE_MAX)
    if data is None:
        raise Unusable("checkpoint_missing", source.name)
    origin = origin_of(data, "checkpoint")
    memory = Memory(state, origin)
    beside = source.read("policy", POLICY_SIZE_MAX)
    found = Named() if beside is None else Named(policy=read_policy(beside, "policy"))
    trust = choose(named, memory, origin, found=found, where="checkpoint")
    return open_trusted(data, origin, trust, "checkpoint"), memory


def _remarks(opened: Opened) -> list[Finding]:
    remarks = [
        Finding(code="signature_unknown", where="checkpoint", fields={"name": name})
        for name in opened.unknown[:NOTED_MAX]
    ]
    if opened.trust.origin_of_keys == EXPORT:
        remarks.append(Finding(code="keys_from_export", where="checkpoint"))
    return remarks


def _open_balances(source: Source, opened: Opened) -> IO[bytes]:
    file = source.balances()
    if file is not None and not source.is_listed:
        file = _ask_for_covered(source, opened.checkpoint, file)
    if file is None:
        raise Unusable("balances_missing", balances_name(source))
    return file


def _ask_for_covered(source: Source, checkpoint: Checkpoint, file: IO[bytes]) -> IO[bytes] | None:
    """Ask a service again where it tells of more than the checkpoint has, or than the leaves it gives out."""
    try:
        known = balances.read_header(file, checkpoint, balances_name(source))
    except AuditStopped:
        file.close()
        raise
    size = covered_size(source, min(known, checkpoint.size), checkpoint.size)
    if size != known:
        file.close()
        return source.balances(size)
    file.seek(0)
    return file


def covered_size(source: Source, known: int, size: int) -> int:
    """Return how many of the first ``known`` leaves of a log can be read: the newest bundles may be held back."""
    if known == 0 or _has_bundle(source, (known - 1) // TILE_WIDTH, known, size):
        return known
    full = range(known // TILE_WIDTH)
    return TILE_WIDTH * bisect_left(full, 1, key=lambda index: read_bundle(source, Bundle(index)) is None)


def _has_bundle(source: Source, index: int, known: int, size: int) -> bool:
    first = index * TILE_WIDTH
    widths = {min(TILE_WIDTH, size - first), known - first, TILE_WIDTH}
    return any(read_bundle(source, Bundle(index, width)) is not None for width in widths)


def _read_leaves(
    source: Source, tree: Tree, known: int | None, report: Report, progress: Progress | None
) -> balances.Sums:
    """Hash every leaf and replay the known ones; return what each account of each fund has moved."""
    ranges = tasks_of(tree, known, is_listed=source.is_listed)
    with closing(Replay()) as replay, scanning(source, ranges, tree.size) as results:
        is_whole = True
        for scanned in results:
            if is_whole:
                replay.add(scanned.events, scanned.sums)
            if scanned.fault is not None:
                raise scanned.fault
            is_whole = is_whole and scanned.first_absent is None
            report.hash_count += scanned.hash_count
            report.leaf_count += scanned.leaf_count
            if progress is not None:
                progress(report.hash_count, tree.size)
        report.replayed_size = replay.event_count
        report.book_count, report.entry_count = replay.book_count, replay.entry_count
        report.debit_minor = sum(debit for debit, _ in replay.sums.values())
        report.credit_minor = sum(credit for _, credit in replay.sums.values())
        return replay.sums
