"""Measure Sổ Quỹ beside its physical limits: ``python -m benchmarks [NAME …] [--json FILE] [--quick] [--list]``."""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import psycopg

from api.embedded import EmbeddedServer
from benchmarks.bulk import measure_bulk
from benchmarks.evidence import measure_evidence
from benchmarks.giving import measure_giving
from benchmarks.history import measure_history
from benchmarks.intake import measure_intake
from benchmarks.measure import Row, print_header, print_row, write_json
from benchmarks.over_http import measure_http
from benchmarks.papers import measure_papers
from benchmarks.place import Database, Sizes, fresh_database, running_server
from benchmarks.public_log import measure_merkle, measure_publishing
from benchmarks.single import measure_hot, measure_single
from benchmarks.sync_or_async import measure_sync
from benchmarks.verify import measure_verify

Benchmark = Callable[[Database, Sizes], Iterator[Row]]

BENCHMARKS: Final[Mapping[str, tuple[Benchmark, str]]] = {
    "bulk": (measure_bulk, "bulk posting beside COPY"),
    "single": (measure_single, "one entry, many books, beside a bare insert"),
    "hot": (measure_hot, "one entry, one hot book, beside many"),
    "evidence": (measure_evidence, "posting beside posting without leaves"),
    "http": (measure_http, "one entry over HTTP beside a bare route; round trips"),
    "history": (measure_history, "balance and trial balance over a growing history, consolidated"),
    "giving": (measure_giving, "one gift beside its entry alone; a receipt's code looked up beside a read by key"),
    "intake": (measure_intake, "a roster as a file, read, judged and posted, beside parsing it alone"),
    "verify": (measure_verify, "the offline auditor over a log of leaves, beside hashing and parsing them"),
    "merkle": (measure_merkle, "the tree in memory beside bare hashing"),
    "publish": (measure_publishing, "numbering and publishing durably; a receipt"),
    "papers": (measure_papers, "vouchers, receipts and lists set as PDF; memory"),
    "sync": (measure_sync, "threads beside asyncio in the same route (docs/adr/0002); only when named"),
}
ON_REQUEST: Final = frozenset({"sync"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure Sổ Quỹ beside its physical limits.")
    parser.add_argument("names", metavar="NAME", nargs="*", help="all but sync if not given")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the rows as JSON")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it works, not to quote")
    parser.add_argument("--list", action="store_true", help="list the benchmarks and stop")
    asked = parser.parse_args()
    if asked.list:
        for name, (_, meaning) in BENCHMARKS.items():
            print(f"{name:<10} {meaning}")
        return
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; they are {', '.join(BENCHMARKS)}")
    names = asked.names or [name for name in BENCHMARKS if name not in ON_REQUEST]
    sizes = Sizes.quick() if asked.quick else Sizes.full()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is stopped and its home removed on the way out
    rows: list[Row] = []
    begun = time.monotonic()
    with running_server() as server:
        _print_machine(server)
        print_header()
        for name in names:
            with fresh_database(server, name) as database:
                for row in BENCHMARKS[name][0](database, sizes):
                    print_row(row)
                    rows.append(row)
    print(f"took {time.monotonic() - begun:.0f} s")
    if asked.json:
        write_json(asked.json, rows)


def _print_machine(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url(database="postgres"), autocommit=True) as conn:
        version = conn.info.parameter_status("server_version")
        settings = conn.execute(
            "SELECT string_agg(name || '=' || setting, ', ') FROM pg_settings WHERE name = ANY (%s)",
            [["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]],
        ).fetchone()
    stamp = time.strftime("%Y-%m-%d")
    print(
        f"{stamp}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PostgreSQL {version} ({settings[0] if settings else ''})"
    )
    print("Medians of alternating runs; ratio: the share of the limit that is reached. More is better.")


if __name__ == "__main__":
    main()
