"""A log and a book in a database of each test's own: what is published is committed."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import Ledger, make_ledger
from tests.public_log import PublicLog


@pytest.fixture
def log_url(postgresql: psycopg.Connection, database_server: DatabaseServer) -> str:
    """A URL of the role that numbers and publishes."""
    return database_server.role_url(postgresql.info.dbname, "soquy_log")


@pytest.fixture
def public_log(log_url: str, tmp_path: Path) -> Iterator[PublicLog]:
    """A log that has begun."""
    engine = sa.create_engine(driver_url(log_url))
    log = PublicLog(engine=engine, home=tmp_path / "home")
    log.begin()
    yield log
    engine.dispose()


@pytest.fixture
def ledger(app_url: str) -> Iterator[Ledger]:
    """A book beside the log; founding it and its funds has left leaves."""
    engine = with_vault(sa.create_engine(driver_url(app_url), pool_size=10))
    yield make_ledger(engine)
    engine.dispose()


@pytest.fixture
def superuser(database_url: str) -> Iterator[sa.Engine]:
    """Whoever owns the machine."""
    engine = sa.create_engine(driver_url(database_url))
    yield engine
    engine.dispose()
