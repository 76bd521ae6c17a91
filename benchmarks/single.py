"""Posting one entry at a time, the SQL path: over many books, and to one hot book.

Every client is a process. The product does what the service does for a request: BEGIN with the tenant's setting, take
the book, insert, COMMIT. The limit is one statement by the raw driver.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchmarks.books import found_books, poster
from benchmarks.clients import Clients, Operation, repeat
from benchmarks.measure import Row, latency_rows, paired
from benchmarks.place import Database, Sizes, app_engine
from benchmarks.scratch import bare_inserter, make_scratch, sample_leaf
from ledger.books.model import Book

CLIENT_COUNTS: Final = (1, 8, 32)
HOT_CLIENT_COUNT: Final = 8
_SEQS_APART: Final = 10_000_000


def measure_single(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    books = found_books(engine)
    engine.dispose()
    make_scratch(database.owner_url)
    leaf = sample_leaf(database.owner_url)
    for count in CLIENT_COUNTS:
        latencies: list[float] = []

        with Clients(count, _make_spread, count, (database.app_url, database.owner_url), books, leaf) as clients:

            def post_entries(clients: Clients = clients, latencies: list[float] = latencies) -> float:
                load = clients.measure("post", sizes.seconds)
                latencies.extend(load.latencies)
                return load.rate

            def insert_entries(clients: Clients = clients) -> float:
                return clients.measure("insert", sizes.seconds).rate

            name = f"one entry, many books, {count} clients"
            yield paired(
                name,
                "entries/s",
                post_entries,
                "bare insert of entry, postings, leaf",
                insert_entries,
                runs=sizes.runs,
                target="≥ 0.4",
            )
        yield from latency_rows(name, latencies, runs=sizes.runs)


def measure_hot(database: Database, sizes: Sizes) -> Iterator[Row]:
    engine = app_engine(database.app_url)
    books = found_books(engine)
    engine.dispose()
    hot_latencies: list[float] = []
    with Clients(HOT_CLIENT_COUNT, _make_hot, HOT_CLIENT_COUNT, database.app_url, books) as clients:

        def post_hot() -> float:
            load = clients.measure("hot", sizes.seconds)
            hot_latencies.extend(load.latencies)
            return load.rate

        yield paired(
            f"one entry, one hot book, {HOT_CLIENT_COUNT} clients",
            "entries/s",
            post_hot,
            "the same spread over many books",
            lambda: clients.measure("spread", sizes.seconds).rate,
            runs=sizes.runs,
            target="≥ 0.4",
        )
    name = f"one entry, one hot book, {HOT_CLIENT_COUNT} clients"
    yield from latency_rows(name, hot_latencies, runs=sizes.runs, target="≤ 100 ms")


def _make_spread(
    index: int, count: int, urls: tuple[str, str], books: list[Book], leaf: bytes
) -> Mapping[str, Operation]:
    own = books[index::count]
    app_url, owner_url = urls
    # Other counts of clients have inserted before: seqs that nobody used.
    first_turn = count * _SEQS_APART * len(own)
    return {
        "post": repeat(poster(app_engine(app_url), own)),
        "insert": repeat(bare_inserter(owner_url, own, leaf, first_turn)),
    }


def _make_hot(index: int, count: int, app_url: str, books: list[Book]) -> Mapping[str, Operation]:
    engine = app_engine(app_url)
    return {
        "spread": repeat(poster(engine, books[index::count])),
        "hot": repeat(poster(engine, books[:1])),
    }
