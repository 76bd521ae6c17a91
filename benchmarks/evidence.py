"""What the evidence costs: posting beside the same statements without leaf, pending and sealed rows.

The product has no such switch. The limit is ``ledger.books.posting.post`` itself in a process where the statement has
lost its leaf and sealed parts and no leaf is made, on a copy of the database whose entry check does not ask for one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import psycopg
from sqlalchemy import text

from benchmarks.books import found_books, poster
from benchmarks.clients import Clients, Operation, repeat
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes, app_engine, fresh_database
from ledger.books import posting, statement
from ledger.books.model import Book

CLIENT_COUNT: Final = 8

_CTE: Final = re.compile(r", leaf AS \(.*?\n\)(?=, request AS)", re.DOTALL)
_CHECKED: Final = "WHEN a.event_id IS NULL THEN 'entry_leaf_given_rule'"
_JOINED: Final = re.compile(r"LEFT JOIN audit_entry AS a .*?(?=LEFT JOIN voucher AS v)", re.DOTALL)


def measure_evidence(database: Database, sizes: Sizes) -> Iterator[Row]:
    with fresh_database(database.server, "without_evidence") as without:
        engines = [app_engine(each.app_url) for each in (database, without)]
        books = [found_books(engine) for engine in engines]
        for engine in engines:
            engine.dispose()
        _forget_leaves(without.owner_url)
        with (
            Clients(CLIENT_COUNT, _make, database.app_url, books[0]) as product,
            Clients(CLIENT_COUNT, _make_without, without.app_url, books[1]) as limit,
        ):
            yield paired(
                f"posting with evidence, {CLIENT_COUNT} clients",
                "entries/s",
                lambda: product.measure("post", sizes.seconds).rate,
                "without leaf, pending, sealed rows",
                lambda: limit.measure("post", sizes.seconds).rate,
                runs=sizes.runs,
                target="≥ 0.6",
            )


def _make(index: int, app_url: str, books: list[Book]) -> Mapping[str, Operation]:
    return {"post": repeat(poster(app_engine(app_url), books[index::CLIENT_COUNT]))}


def _make_without(index: int, app_url: str, books: list[Book]) -> Mapping[str, Operation]:
    def no_evidence(*_: object, **__: object) -> dict[str, Any]:
        return {}

    # The switch that the product does not have.
    vars(posting)["INSERT_BATCH"] = text(_without(_CTE, statement.INSERT_BATCH.text))
    vars(statement)["_evidence_columns"] = no_evidence
    return _make(index, app_url, books)


def _forget_leaves(owner_url: str) -> None:
    with psycopg.connect(owner_url) as conn:
        row = conn.execute("SELECT pg_get_functiondef('soquy.check_entries'::regproc)").fetchone()
        definition = _without(_JOINED, row[0] if row else "")
        conn.execute(_without(re.compile(re.escape(_CHECKED)), definition).encode())


def _without(part: re.Pattern[str], whole: str) -> str:
    """Cut a part out, which must be there: a benchmark of something else would be worse than none."""
    left, count = part.subn("", whole)
    if count != 1:
        raise LookupError(f"not found once: {part.pattern}")
    return left
