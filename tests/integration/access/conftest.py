"""A province with a commune under it and a province elsewhere, with the pages on top, and people who sign in."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from pytest_postgresql.executors import NoopExecutor
from sqlalchemy import Engine, NullPool, create_engine

from api.database import make_engine
from api.prepared import make_partitions
from api.settings import Settings
from ledger.access.role import Role
from ledger.books.model import Book
from migrations.migrate import driver_url
from tests.database import DatabaseServer, own_database, with_vault
from tests.integration.api.conftest import furnish
from tests.people_who_sign_in import Person, make_person
from web.__main__ import create_app


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything a test of access needs; ``token`` by kind as ``tests.integration.api.conftest.furnish`` makes them."""

    app: FastAPI
    engine: Engine
    province: Book
    commune: Book
    elsewhere: Book
    secrets: dict[str, str] = field(default_factory=dict)

    def person(self, *roles: Role, book: Book | None = None) -> Person:
        """Make somebody with roles in the commune, or in another association."""
        with self.engine.begin() as conn:
            return make_person(conn, book or self.commune, *roles)


@pytest.fixture(scope="module")
def database_admin(place: Place, database_server: DatabaseServer) -> Iterator[Engine]:
    """A superuser of the place's database, who can make time pass."""
    engine = create_engine(driver_url(database_server.url("soquy_access")), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def place(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Place]:
    """One place for all tests of a module."""
    with own_database(postgresql_noproc, "soquy_access"):
        make_partitions(database_server.url("soquy_access"))
        settings = Settings(connection_count_max=8)
        engine = with_vault(make_engine(database_server.app_url("soquy_access"), settings))
        province, commune, elsewhere, secrets = furnish(engine)
        yield Place(
            app=create_app(settings, engine),
            engine=engine,
            province=province,
            commune=commune,
            elsewhere=elsewhere,
            secrets=secrets,
        )
        engine.dispose()
