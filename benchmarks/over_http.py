"""Posting one entry over HTTP beside a bare FastAPI route that does one durable insert on the same server.

Both are served alike: one process, connections that stay open, load from another process. The bare route reads the same
body, as JSON and no more, and runs one statement in autocommit through SQLAlchemy.
"""

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import Body, FastAPI

from api.app import create_app
from api.settings import Settings
from api.tokens import create_token, expiry_after
from benchmarks.books import FUND, found_books
from benchmarks.clients import Clients, Operation
from benchmarks.measure import Row, latency_rows, paired
from benchmarks.place import Database, Sizes, app_engine
from benchmarks.round_trip import counted
from benchmarks.scratch import INSERT_ENTRY, entry_parameters, make_scratch, sample_leaf
from benchmarks.web import Requests, ask_each, asking, served
from ledger import typeid
from ledger.books.model import Book
from ledger.calendar import today
from migrations.migrate import driver_url

CONNECTION_COUNTS: Final = (1, 16, 64)
COUNTED_REQUESTS: Final = 50
WARM_UP_SECONDS: Final = 2.0
_NAMED: Final = sa.text(INSERT_ENTRY.replace("%(", ":").replace(")s", ""))


def measure_http(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    books = found_books(engine)
    secret = _make_token(engine, books)
    engine.dispose()
    make_scratch(database.owner_url)
    leaf = sample_leaf(database.owner_url)
    with (
        served(_product, database.app_url) as product_port,
        served(_bare, database.owner_url, books, leaf) as bare_port,
    ):
        with Clients(1, _make_client, (product_port, bare_port), CONNECTION_COUNTS[-1], books, secret) as client:
            for operation in ("post", "insert"):  # every connection of the pools plans and prepares
                client.measure(operation, WARM_UP_SECONDS)
        for count in CONNECTION_COUNTS:
            latencies: list[float] = []
            with Clients(1, _make_client, (product_port, bare_port), count, books, secret) as client:

                def post_entries(client: Clients = client, latencies: list[float] = latencies) -> float:
                    load = client.measure("post", sizes.seconds)
                    latencies.extend(load.latencies)
                    return load.rate

                def insert_entries(client: Clients = client) -> float:
                    return client.measure("insert", sizes.seconds).rate

                name = f"one entry over HTTP, {count} connections"
                yield paired(
                    name,
                    "requests/s",
                    post_entries,
                    "bare FastAPI route, one insert",
                    insert_entries,
                    runs=sizes.runs,
                    target="≥ 0.5",
                )
            yield from latency_rows(name, latencies, runs=sizes.runs)
    yield _round_trips(database, books, secret)


def _round_trips(database: Database, books: list[Book], secret: str) -> Row:
    with (
        counted(database.server, user="soquy_app", database=database.name) as trips,
        served(_product, trips.url) as port,
    ):
        requests = iter(_requests(books, secret)(0))
        ask_each(port, itertools.islice(requests, COUNTED_REQUESTS))  # statements get prepared
        before = trips.count
        ask_each(port, itertools.islice(requests, COUNTED_REQUESTS))
        count = (trips.count - before) / COUNTED_REQUESTS
    return Row(
        name="database round trips of one entry over HTTP",
        value=count,
        unit="trips",
        runs=COUNTED_REQUESTS,
        target="≤ 4",
    )


def _product(url: str) -> FastAPI:
    return create_app(Settings(), app_engine(url))


def _bare(url: str, books: list[Book], leaf: bytes) -> FastAPI:
    engine = sa.create_engine(driver_url(url), pool_size=Settings().connection_count_max, max_overflow=0)
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    turns = itertools.count()
    app = FastAPI()

    @app.post("/v1/associations/{association_id}/entries", status_code=201)
    def insert_entry(association_id: str, entry: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        row = entry_parameters(books, leaf, next(turns))
        with autocommit.connect() as conn:
            conn.execute(_NAMED, row)
        return {"association": association_id, "seq": row["seq"], "entry_on": entry["entry_on"]}

    return app


def _make_client(_: int, ports: tuple[int, int], count: int, books: list[Book], secret: str) -> Mapping[str, Operation]:
    requests = _requests(books, secret)
    product_port, bare_port = ports
    return {"post": asking(product_port, count, requests), "insert": asking(bare_port, count, requests)}


def _requests(books: list[Book], secret: str) -> Requests:
    body = json.dumps(
        {
            "entry_on": str(today()),
            "voucher": "PT",
            "description": "Ủng hộ quỹ khuyến học",
            "lines": [
                {"account": "1111", "fund": FUND, "value_minor": 50_000},
                {"account": "35381", "fund": FUND, "value_minor": -50_000},
            ],
        }
    ).encode()
    paths = [f"/v1/associations/{typeid.encode(typeid.ASSOCIATION, book.association_id)}/entries" for book in books]

    def requests(connection: int) -> Iterator[bytes]:
        for turn in itertools.count(connection):
            yield (
                f"POST {paths[turn % len(paths)]} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {secret}\r\n"
                f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode() + body

    return requests


def _make_token(engine: sa.Engine, books: list[Book]) -> str:
    with engine.begin() as conn:
        token = create_token(
            conn,
            tenant_id=books[0].tenant_id,
            label="benchmark",
            rights=["post", "read"],
            association_ids=[book.association_id for book in books],
            reaches_below=False,
            expires_at=expiry_after(1),
            actor=None,
        )
    return token.secret
