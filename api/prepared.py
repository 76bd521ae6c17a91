"""A database that is there, migrated, and let go of at the end: what every command begins with."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine

from api.database import make_engine
from api.embedded import EmbeddedServer
from api.public_log import LOG_ROLE, PublicLog
from api.settings import Settings
from ledger.calendar import today
from migrations.migrate import driver_url, upgrade

OWNER_ROLE: Final = "soquy_owner"
UPKEEP_SECONDS: Final = 6 * 60 * 60

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An engine of the application role, the URL of who may do more, and where an embedded server keeps its data."""

    engine: Engine
    admin_url: str
    data: Path | None
    log: PublicLog

    def analyze(self) -> None:
        """Tell the planner what is in the tables, after much of it has come at once."""
        engine = sa.create_engine(driver_url(self.admin_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.execute(sa.text("ANALYZE"))

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
        admin_url = url if admin is None else admin.get_secret_value()
        named = settings.log_database_url
        log = PublicLog.open(
            settings, admin_url if named is None else named.get_secret_value(), is_own_role=named is not None
        )
        with _migrated(url, admin_url, settings, None, log) as ready:
            yield ready
        return
    with EmbeddedServer.start(settings.home) as server:
        if is_kept_alive:
            server.watch()
        log = PublicLog.open(settings, server.url(LOG_ROLE), is_own_role=True)
        with _migrated(server.url("soquy_app"), server.url(), settings, server.place, log) as ready:
            yield ready


@contextmanager
def _migrated(url: str, admin_url: str, settings: Settings, data: Path | None, log: PublicLog) -> Iterator[Prepared]:
    upgrade(admin_url)
    make_partitions(admin_url)
    engine = make_engine(url, settings)
    leaving = threading.Event()
    threading.Thread(target=_keep_partitions, args=(admin_url, leaving), name="partitions", daemon=True).start()
    try:
        log.begin(engine)
        yield Prepared(engine=engine, admin_url=admin_url, data=data, log=log)
    finally:
        leaving.set()
        log.close()
        engine.dispose()


def make_partitions(admin_url: str) -> None:
    """Make the partitions of this and the next year where they are missing."""
    engine = sa.create_engine(driver_url(admin_url), poolclass=sa.NullPool)
    with engine.begin() as conn:
        for year in (today().year, today().year + 1):
            conn.execute(sa.text("SELECT soquy.make_posting_partition(:year)"), {"year": year})


def _keep_partitions(admin_url: str, leaving: threading.Event) -> None:
    """Make each year's partition long before it comes, in a process that may run for years."""
    while not leaving.wait(UPKEEP_SECONDS):
        try:
            make_partitions(admin_url)
        except sa.exc.DBAPIError as error:  # tried again; /readyz tells from October on
            _log.warning("partitions_not_made", error=type(error.orig).__name__)
