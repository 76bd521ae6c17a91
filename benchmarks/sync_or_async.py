"""Threads beside asyncio: the same FastAPI route, the same three statements and durable commit, either way.

What ``docs/adr/0002-sync.md`` decides by. Both have the same pool and the same driver; the statements are a setting, a
row that is taken, and an insert, as posting has them, but without its rules: the more the database did, the less the
difference would be.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Final

import psycopg
import sqlalchemy as sa
from fastapi import Body, FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.books import found_books
from benchmarks.clients import Clients, Operation
from benchmarks.measure import Row, latency_rows, paired
from benchmarks.place import Database, Sizes, app_engine
from benchmarks.scratch import INSERT_ENTRY, entry_parameters, make_scratch, sample_leaf
from benchmarks.web import asking, served
from ledger.books.model import Book
from migrations.migrate import driver_url

CONNECTION_COUNTS: Final = (1, 16, 64)
POOL_SIZE: Final = 20

_SET: Final = sa.text("SELECT set_config('soquy.tenant_id', CAST(:tenant_id AS text), true)")
_TAKE: Final = sa.text("UPDATE scratch.head SET taken = taken + 1 WHERE book_id = :book_id RETURNING taken")
_INSERT: Final = sa.text(INSERT_ENTRY.replace("%(", ":").replace(")s", ""))


def measure_sync(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    books = found_books(engine)
    engine.dispose()
    make_scratch(database.owner_url)
    with psycopg.connect(database.owner_url) as conn:
        conn.execute("CREATE TABLE scratch.head (book_id bigint PRIMARY KEY, taken bigint) WITH (fillfactor = 40)")
        conn.execute("INSERT INTO scratch.head SELECT book_id, 0 FROM soquy.book")
    leaf = sample_leaf(database.owner_url)
    with (
        served(_threads, database.owner_url, books, leaf) as threads_port,
        served(_asyncio, database.owner_url, books, leaf) as asyncio_port,
    ):
        for count in CONNECTION_COUNTS:
            latencies: dict[str, list[float]] = {"threads": [], "asyncio": []}
            with Clients(1, _make_client, threads_port, asyncio_port, count) as client:

                def measured(kind: str, client: Clients = client, seen: dict[str, list[float]] = latencies) -> float:
                    load = client.measure(kind, sizes.seconds)
                    seen[kind].extend(load.latencies)
                    return load.rate

                for kind in latencies:
                    client.measure(kind, sizes.seconds / 2)
                yield paired(
                    f"def route, thread pool, {count} connections",
                    "requests/s",
                    partial(measured, "threads"),
                    "async def route, asyncio",
                    partial(measured, "asyncio"),
                    runs=sizes.runs,
                    target="> 0.77 keeps threads",
                )
            for kind, seconds in latencies.items():
                yield from latency_rows(f"{kind}, {count} connections", seconds, runs=sizes.runs)


def _threads(url: str, books: list[Book], leaf: bytes) -> FastAPI:
    engine = sa.create_engine(driver_url(url), pool_size=POOL_SIZE, max_overflow=0)
    turns = itertools.count()
    app = FastAPI()

    @app.post("/entries")
    def post_entry(entry: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        row = entry_parameters(books, leaf, next(turns))
        with engine.begin() as conn:
            conn.execute(_SET, {"tenant_id": row["tenant_id"]})
            conn.execute(_TAKE, {"book_id": row["book_id"]}).scalar_one()
            conn.execute(_INSERT, row)
        return entry

    return app


def _asyncio(url: str, books: list[Book], leaf: bytes) -> FastAPI:
    engine = create_async_engine(driver_url(url), pool_size=POOL_SIZE, max_overflow=0)
    # Beside the other's entries, not among them.
    turns = itertools.count(1_000_000_000 * len(books))
    app = FastAPI()

    @app.post("/entries")
    async def post_entry(entry: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        row = entry_parameters(books, leaf, next(turns))
        async with engine.begin() as conn:
            await conn.execute(_SET, {"tenant_id": row["tenant_id"]})
            (await conn.execute(_TAKE, {"book_id": row["book_id"]})).scalar_one()
            await conn.execute(_INSERT, row)
        return entry

    return app


def _make_client(_: int, threads_port: int, asyncio_port: int, count: int) -> Mapping[str, Operation]:
    body = json.dumps({"entry_on": "2024-01-01", "lines": [{"account": "1111", "value_minor": 50_000}] * 2}).encode()
    head = f"POST /entries HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    request = f"{head}\r\n\r\n".encode() + body
    return {
        "threads": asking(threads_port, count, lambda _: itertools.repeat(request)),
        "asyncio": asking(asyncio_port, count, lambda _: itertools.repeat(request)),
    }
