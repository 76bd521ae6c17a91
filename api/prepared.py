"""A database that is there, migrated, and let go of at the end: what every command begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from api.database import APP_ROLE, make_engine
from api.embedded import EmbeddedServer
from api.settings import Settings
from ledger.calendar import today
from migrations.migrate import driver_url, upgrade

OWNER_ROLE = "soquy_owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An engine of the application role, the URL of who may do more, and where an embedded server keeps its data."""

    engine: Engine
    admin_url: str
    data: Path | None

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """Read one state of all books as their owner, whom row-level security does not bind."""
        engine = sa.create_engine(
            driver_url(self.admin_url), poolclass=sa.NullPool, connect_args={"options": f"-c role={OWNER_ROLE}"}
        )
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
            yield conn


@contextmanager
def prepared(settings: Settings, *, is_kept_alive: bool = False) -> Iterator[Prepared]:
    """Start or join the embedded server, or use the one that is named; bring its schema up to date.

    Raises:
        EmbeddedServerError: the embedded server cannot serve.
        sqlalchemy.exc.OperationalError: the database named does not answer.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        admin = settings.admin_database_url
        with _migrated(url, url if admin is None else admin.get_secret_value(), settings, None) as ready:
            yield ready
        return
    with EmbeddedServer.start(settings.home) as server:
        if is_kept_alive:
            server.watch()
        with _migrated(server.url("soquy_app"), server.url(), settings, server.place) as ready:
            yield ready


@contextmanager
def _migrated(url: str, admin_url: str, settings: Settings, data: Path | None) -> Iterator[Prepared]:
    upgrade(admin_url)
    open_to_app(admin_url)
    engine = make_engine(url, settings)
    try:
        yield Prepared(engine=engine, admin_url=admin_url, data=data)
    finally:
        engine.dispose()


def open_to_app(admin_url: str) -> None:
    """Make the partitions of this and the next year, and let the service see which schema it stands on."""
    engine = sa.create_engine(driver_url(admin_url), poolclass=sa.NullPool)
    with engine.begin() as conn:
        for year in (today().year, today().year + 1):
            conn.execute(sa.text("SELECT soquy.make_posting_partition(:year)"), {"year": year})
        conn.execute(sa.text(f"GRANT SELECT ON soquy.alembic_version TO {APP_ROLE}"))
