"""One Hà Nam for all tests that look at it, built in three goes as if two had been killed."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from pytest_postgresql.executors import NoopExecutor

from ledger.demo.build import SEED, Built, build, look
from ledger.demo.provinces import scenario
from migrations.migrate import driver_url
from tests.database import DatabaseServer, own_database, with_vault


class Killed(Exception):
    """Stands for a kill between two transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The built province; ``engine`` has the application's role, ``admin`` sees every tenant."""

    engine: sa.Engine
    admin: sa.Engine
    built: Built


def build_and_die(engine: sa.Engine, *, province: str = "ha-nam", after: int) -> None:
    """Build until so many associations are done."""

    def progress(done: int, total: int, name: str) -> None:
        if done >= after:
            raise Killed

    with pytest.raises(Killed):
        build(engine, province=province, progress=progress)


def built_until(engine: sa.Engine, *, province: str = "ha-nam") -> Built:
    """Return what a build that was killed left behind."""
    return look(engine, scenario(province, seed=SEED), is_new=True)


@pytest.fixture(scope="session")
def demo(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Demo]:
    """Hà Nam 2023 in a database of its own, for tests that only read."""
    name = "soquy_demo"
    with own_database(postgresql_noproc, name):
        engine = with_vault(sa.create_engine(driver_url(database_server.app_url(name))))
        admin = with_vault(sa.create_engine(driver_url(database_server.url(name))))
        build_and_die(engine, after=1)
        build_and_die(engine, after=40)
        built = build(engine)
        with admin.begin() as conn:
            conn.execute(sa.text("ANALYZE"))
        yield Demo(engine=engine, admin=admin, built=built)
        engine.dispose()
        admin.dispose()
