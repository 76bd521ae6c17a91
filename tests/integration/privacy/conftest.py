"""The whole application with its public log, and one of everything in a commune."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from api.database import make_engine
from api.prepared import make_partitions
from api.public_log import PublicLog
from api.settings import Settings
from ledger.books.model import Book
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.integration.api.conftest import furnish
from tests.one_of_each import open_what_is_given_to
from web.__main__ import create_app


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A province with a commune under it and a province elsewhere; ``admin`` sees every row there is."""

    app: FastAPI
    engine: sa.Engine
    admin: sa.Engine
    province: Book
    commune: Book
    elsewhere: Book
    tokens: dict[str, str]
    log: PublicLog
    home: Path


@pytest.fixture
def house(
    database_url: str, app_url: str, postgresql: psycopg.Connection, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[House]:
    make_partitions(database_url)
    settings = Settings(home=tmp_path, connection_count_max=8, log_origin="soquy.test/log", log_lag_seconds=0)
    engine = with_vault(make_engine(app_url, settings))
    province, commune, elsewhere, tokens = furnish(engine)
    open_what_is_given_to(engine, province, commune)
    app = create_app(settings, engine)
    app.state.public_url = "https://quy.example"
    log = PublicLog.open(
        settings, database_server.role_url(postgresql.info.dbname, "soquy_log"), is_own_role=database_server.is_ours
    )
    log.begin(engine)
    app.state.log = log
    admin = sa.create_engine(driver_url(database_url), poolclass=sa.NullPool)
    yield House(
        app=app,
        engine=engine,
        admin=admin,
        province=province,
        commune=commune,
        elsewhere=elsewhere,
        tokens=tokens,
        log=log,
        home=tmp_path,
    )
    log.close()
    admin.dispose()
    engine.dispose()
