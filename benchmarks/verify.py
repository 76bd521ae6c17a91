"""The offline auditor beside what it cannot do without: hashing each leaf and reading its JSON.

The log is made here, leaf by leaf in the product's own bytes, and written as an export; both sides read the same files
in as many processes as there are cores. The auditor runs as an auditor would start it, so its own start counts.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from audit import balances, canonical
from audit.checkpoint import Checkpoint
from audit.merkle import leaf_hash, root_of
from audit.note import SignedNote, SignerKey
from audit.scan import process_count
from audit.tiles import TILE_WIDTH, Bundle, Tile, decode_bundle, encode_bundle
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes

BOOK_COUNT: Final = 500
RUNS_MAX: Final = 3

_ORIGIN: Final = "log.example/benchmark"
_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_FIRST_AT: Final = datetime(2023, 1, 1, tzinfo=UTC)


def measure_verify(_: Database, sizes: Sizes) -> Iterator[Row]:
    count = sizes.verify_leaf_count
    with tempfile.TemporaryDirectory(prefix="soquy-bench-verify-") as made:
        export = Path(made) / "export"
        key = write_export(export, count)
        yield paired(
            f"soquy verify, {count:,} leaves",
            "leaves/s",
            lambda: count / _audit_seconds(export, Path(made), key),
            "SHA-256 and json.loads of the leaves",
            lambda: count / _bare_seconds(export, count),
            runs=min(sizes.runs, RUNS_MAX),
            target="as fast as Python allows",
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        yield Row(name="soquy verify, largest process", value=peak, unit="MiB", runs=1, target="≤ 300")


def _audit_seconds(export: Path, made: Path, key: str) -> float:
    command = [sys.executable, "-m", "audit.verify", str(export), "--quiet", "--key", key]
    environment = {**os.environ, "XDG_STATE_HOME": str(made / "state")}
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.monotonic() - begun


def _bare_seconds(export: Path, count: int) -> float:
    processes = process_count()
    begun = time.monotonic()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        read = sum(pool.map(_read_bare, [export] * processes, [count] * processes, range(processes)))
    assert read == count
    return time.monotonic() - begun


def _read_bare(export: Path, count: int, process: int) -> int:
    read = 0
    for index in range(process, -(-count // TILE_WIDTH), process_count()):
        bundle = Bundle(index, min(TILE_WIDTH, count - index * TILE_WIDTH))
        for leaf in decode_bundle((export / bundle.path).read_bytes(), bundle.width):
            sha256(b"\x00" + leaf).digest()
            json.loads(leaf)
            read += 1
    return read


def write_export(folder: Path, count: int) -> str:
    """Write the export of a log of so many entries; return its verifier key."""
    sums: balances.Sums = {}
    level: list[bytes] = []
    for first in range(0, count, TILE_WIDTH):
        leaves = [_leaf(number, sums) for number in range(first, min(first + TILE_WIDTH, count))]
        _write(folder, Bundle(first // TILE_WIDTH, len(leaves)).path, encode_bundle(leaves))
        level += map(leaf_hash, leaves)
    root = root_of(level)
    number = 0
    while level:
        for index, first in enumerate(range(0, len(level), TILE_WIDTH)):
            part = level[first : first + TILE_WIDTH]
            _write(folder, Tile(number, index, len(part)).path, b"".join(part))
        full = len(level) // TILE_WIDTH * TILE_WIDTH
        level = [root_of(level[first : first + TILE_WIDTH]) for first in range(0, full, TILE_WIDTH)]
        number += 1
    signer = SignerKey(_ORIGIN, b"\x01" * 32)
    text = Checkpoint(_ORIGIN, count, root).text()
    _write(folder, "checkpoint", SignedNote(text, (signer.sign(text),)).encode())
    rows = [balances.row_line(place, debit, credit) for place, (debit, credit) in sorted(sums.items())]
    table = [balances.header_line(_ORIGIN, count), *rows, balances.end_line(len(rows))]
    _write(folder, "trial-balances.jsonl", b"".join(table))
    return str(signer.verifier)


def _leaf(number: int, sums: balances.Sums) -> bytes:
    """Return an entry as households' gifts are: two lines, a channel, a campaign, and two commitments."""
    seq, book = divmod(number, BOOK_COUNT)
    association, value = _type_id("as", book + 1), 10_000 * (1 + number % 97)
    cash = ("1111", "1121")[number % 2]
    for account, debit, credit in ((cash, value, 0), ("35381", 0, value)):
        total = sums.setdefault((association, account, "QC"), [0, 0])
        total[0] += debit
        total[1] += credit
    commitment = sha256(number.to_bytes(8, "big")).hexdigest()
    more = {"campaign": "KH2023", "channel": "household"}
    recorded_at = _FIRST_AT + timedelta(seconds=number)
    leaf = canonical.Leaf(
        type="entry",
        event_id=_type_id("en", number << 74 | int(commitment[:18], 16)),
        association=association,
        recorded_at=recorded_at,
        actor=canonical.LeafActor(role="treasurer", commitment=commitment),
        payload={
            "kind": "ordinary",
            "lines": [[cash, "QC", value], ["35381", "QC", -value, more]],
            "rate": None,
            "voucher": ["PT", 2023, seq + 1],
        },
        book_seq=seq + 1,
        entry_on=date(2023, 1, 1),
        private={"description": commitment},
    )
    return canonical.encode(leaf)


def _type_id(prefix: str, number: int) -> str:
    return f"{prefix}_" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def _write(folder: Path, path: str, data: bytes) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
