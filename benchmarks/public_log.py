"""The public log: numbering and publishing, the tree in memory, and a receipt.

Publishing ends with every file on the disk. Its limit is the least that anything like it does: as many rows of the same
size in as many indexes, and the same bytes in as many files, brought to the disk as well.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa

from audit.folder import LogFolder
from audit.keyring import Keyring
from audit.merkle import Frontier
from audit.note import parse_verifier_key
from audit.publisher import Publisher
from audit.receipt import find_receipt
from audit.sequencer import begin_log, number_leaves
from benchmarks.books import ACTOR, drafts_over_a_year, found_books
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes, app_engine
from ledger.books.posting import post
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url

ORIGIN: Final = "log.example/benchmark"
MERKLE_LEAF_COUNT: Final = 1_000_000
RECEIPT_COUNT: Final = 200

_LIMIT_TABLE: Final = """\
CREATE TABLE bare_leaf (log_id smallint, leaf_index bigint, tenant_id integer, event_id uuid, book_id bigint,
    book_seq bigint, leaf_hash bytea, PRIMARY KEY (log_id, leaf_index), UNIQUE (log_id, tenant_id, event_id));
CREATE INDEX ON bare_leaf (log_id, tenant_id, book_id, leaf_index) INCLUDE (book_seq)"""

# The rows of one run, as another log each time.
_LIMIT_INSERT: Final = """\
INSERT INTO bare_leaf
SELECT CAST(%s AS smallint), row_number() OVER (), tenant_id, event_id, book_id, book_seq, sha256(leaf)
FROM (SELECT * FROM soquy.audit_entry LIMIT %s) AS a"""


def measure_merkle(_: Database, sizes: Sizes) -> Iterator[Row]:
    hashes = [sha256(index.to_bytes(8)).digest() for index in range(MERKLE_LEAF_COUNT)]
    nodes = [b"\x01" + bytes(64)] * MERKLE_LEAF_COUNT

    def tree() -> float:
        begun = time.perf_counter()
        frontier = Frontier()
        frontier.append(hashes)
        frontier.root()
        return MERKLE_LEAF_COUNT / (time.perf_counter() - begun)

    def bare() -> float:
        begun = time.perf_counter()
        for node in nodes:
            sha256(node).digest()
        return MERKLE_LEAF_COUNT / (time.perf_counter() - begun)

    name = f"Merkle tree in memory, {MERKLE_LEAF_COUNT:,} leaves"
    yield paired(name, "leaves/s", tree, "SHA-256 of as many nodes", bare, runs=sizes.runs, target="≥ 0.5")


def measure_publishing(database: Database, sizes: Sizes) -> Iterator[Row]:
    app = app_engine(database.app_url)
    books = found_books(app, 20)
    engine = sa.create_engine(driver_url(database.server.url(user="soquy_log", database=database.name)))
    count = sizes.bulk_entry_count
    seeds = iter(range(10_000))
    with tempfile.TemporaryDirectory(prefix="soquy-bench-log-", dir=database.server.place) as made:
        keyring = Keyring(Path(made) / "keys", ORIGIN)
        keyring.make()
        publisher = Publisher(
            engine=engine,
            folder=LogFolder(Path(made) / "log"),
            held=LogFolder(Path(made) / "held", is_public=False),
            keyring=lambda _origin: keyring,
            lag=timedelta(0),
        )
        with engine.begin() as conn:
            begin_log(conn, ORIGIN)

        def fill() -> None:
            for book in books:
                with app.begin() as conn:
                    set_tenant(conn, book.tenant_id)
                    post(conn, book, drafts_over_a_year(count // len(books), seed=next(seeds)), actor=ACTOR)

        fill()
        publisher.publish()
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute(_LIMIT_TABLE)

            def publish() -> float:
                fill()
                begun = time.perf_counter()
                publisher.publish()
                return count / (time.perf_counter() - begun)

            def bare() -> float:
                begun = time.perf_counter()
                owner.execute(_LIMIT_INSERT, [next(seeds), count])
                _write_files(Path(made) / f"bare-{next(seeds)}", count)
                return count / (time.perf_counter() - begun)

            name = f"numbering and publishing, {count:,} leaves, durable"
            limit = "bare insert of the rows, and the files"
            yield paired(name, "leaves/s", publish, limit, bare, runs=sizes.runs, target="≥ 10,000 leaves/s")

        def number() -> float:
            fill()
            begun = time.perf_counter()
            with engine.begin() as conn:
                number_leaves(conn, 10 * count)
            return count / (time.perf_counter() - begun)

        rates = sorted(number() for _ in range(sizes.runs))
        yield Row(name="numbering alone", value=rates[len(rates) // 2], unit="leaves/s", runs=sizes.runs)
        publisher.publish()
        yield from _receipts(database, app, str(keyring.verifiers()[0]), sizes)
    engine.dispose()


def _receipts(database: Database, app: sa.Engine, key: str, sizes: Sizes) -> Iterator[Row]:
    with psycopg.connect(database.owner_url) as owner:
        events = owner.execute(
            "SELECT a.tenant_id, a.association_id, a.event_id, l.leaf_index FROM soquy.audit_entry AS a"
            " JOIN soquy.log_leaf AS l USING (tenant_id, event_id) WHERE a.type = 'entry'"
            " ORDER BY random() LIMIT %s",
            [RECEIPT_COUNT],
        ).fetchall()
    verifier = parse_verifier_key(key)

    def receipts() -> float:
        begun = time.perf_counter()
        with app.connect() as conn:
            for tenant_id, association_id, event_id, _ in events:
                set_tenant(conn, tenant_id)
                found = find_receipt(conn, tenant_id, association_id, event_id)
                if found is None or found.proof is None:
                    raise AssertionError(event_id)
                found.proof.verify(found.leaf, origin=ORIGIN, keys=[verifier])
        return (time.perf_counter() - begun) / len(events) * 1000

    def lookups() -> float:
        begun = time.perf_counter()
        with app.connect() as conn:
            lookup = sa.text("SELECT leaf_hash FROM soquy.log_leaf WHERE log_id = 1 AND leaf_index = :index")
            for tenant_id, _, _, index in events:
                set_tenant(conn, tenant_id)
                conn.execute(lookup, {"index": index}).one()
        return (time.perf_counter() - begun) / len(events) * 1000

    yield paired(
        "a receipt, made and verified",
        "ms",
        receipts,
        "one look-up by key",
        lookups,
        runs=sizes.runs,
        target="–",
    )


def _write_files(folder: Path, count: int) -> None:
    """Write as many files as a log's tiles and bundles of so many leaves, as large, each brought to the disk."""
    folder.mkdir()
    for index in range(2 * -(-count // 256)):
        with (folder / str(index)).open("wb") as file:
            file.write(bytes(8_192 if index % 2 else 140_000))
            file.flush()
            os.fsync(file.fileno())
