"""Where benchmarks run: a server of their own in a temporary home, durable as in production, and gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import psycopg
import sqlalchemy as sa

from api.database import make_engine
from api.embedded import EmbeddedServer
from api.settings import Settings
from ledger.people.kek import Kek
from ledger.people.vault import Vault, attach
from migrations.migrate import upgrade

_KEK: Final = Kek.of(bytes(range(32)))
_TEMPLATE: Final = "soquy_template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured; ``quick`` is for seeing that it works, not for quoting."""

    runs: int
    seconds: float
    """Of one measurement under load."""
    bulk_entry_count: int
    history_posting_counts: tuple[int, ...]
    consolidated_book_count: int
    consolidated_posting_count: int
    verify_leaf_count: int
    roster_line_count: int

    @classmethod
    def full(cls) -> Self:
        """Return the sizes that the README quotes."""
        return cls(
            runs=5,
            seconds=2.0,
            bulk_entry_count=20_000,
            history_posting_counts=(100_000, 1_000_000, 10_000_000),
            consolidated_book_count=3_500,
            consolidated_posting_count=10_000_000,
            verify_leaf_count=1_000_000,
            roster_line_count=100_000,
        )

    @classmethod
    def quick(cls) -> Self:
        """Return sizes for a run of about a minute."""
        return cls(
            runs=3,
            seconds=0.5,
            bulk_entry_count=3_000,
            history_posting_counts=(100_000, 1_000_000),
            consolidated_book_count=350,
            consolidated_posting_count=1_000_000,
            verify_leaf_count=100_000,
            roster_line_count=10_000,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A migrated database of one benchmark."""

    server: EmbeddedServer
    name: str

    @property
    def owner_url(self) -> str:
        """The superuser's URL, for what no application may do."""
        return self.server.url(database=self.name)

    @property
    def app_url(self) -> str:
        """The URL of the application role."""
        return self.server.url(user="soquy_app", database=self.name)


@contextmanager
def running_server() -> Iterator[EmbeddedServer]:
    """Start a server of our own with the product's settings (fsync and checksums on), migrate its template."""
    with (
        tempfile.TemporaryDirectory(prefix="soquy-bench-", ignore_cleanup_errors=True) as home,
        EmbeddedServer.start(Path(home)) as server,
    ):
        with psycopg.connect(server.url(database="postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {_TEMPLATE}")
        upgrade(server.url(database=_TEMPLATE))
        yield server


@contextmanager
def fresh_database(server: EmbeddedServer, name: str) -> Iterator[Database]:
    """Copy the template for one benchmark, so that none inherits another's history."""
    with psycopg.connect(server.url(database="postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE bench_{name} TEMPLATE {_TEMPLATE}")
        try:
            yield Database(server=server, name=f"bench_{name}")
        finally:
            conn.execute(f"DROP DATABASE bench_{name} WITH (FORCE)")


def app_engine(url: str) -> sa.Engine:
    """Return the engine that the service would make."""
    return attach(make_engine(url, Settings()), Vault(_KEK))
