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
from api.sign_in.access_log import forget as forget_access
from ledger.calendar import today
from ledger.people.adoption import adopt
from ledger.people.kek import Kek, VaultKeyMissing, make_key_file, read_key_file, run_key_command
from ledger.people.vault import Vault, attach, kek_ids
from migrations.migrate import driver_url, upgrade

OWNER_ROLE: Final = "soquy_owner"
VAULT_ROLE: Final = "soquy_vault"
UPKEEP_SECONDS: Final = 6 * 60 * 60

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An engine of the application role, the URL of who may do more, and where an embedded server keeps its data."""

    engine: Engine
    admin_url: str
    data: Path | None
    log: PublicLog
    kek: Kek

    def analyze(self) -> None:
        """Tell the planner what is in the tables, after much of it has come at once."""
        engine = sa.create_engine(driver_url(self.admin_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.execute(sa.text("ANALYZE"))

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """Read one state of all books as their owner, whom row-level security does not bind."""
        engine = attach(_engine_as(self.admin_url, OWNER_ROLE), Vault(self.kek))
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
            yield conn

    @contextmanager
    def keeper(self) -> Iterator[Connection]:
        """Open a transaction of the vault's own role, which erases and changes keys; commit it at its end."""
        with attach(_engine_as(self.admin_url, VAULT_ROLE), Vault(self.kek)).begin() as conn:
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
    kek = open_vault(admin_url, settings)
    engine = attach(make_engine(url, settings), Vault(kek))
    leaving = threading.Event()
    threading.Thread(target=_keep_up, args=(admin_url, engine, leaving), name="upkeep", daemon=True).start()
    try:
        log.begin(engine)
        yield Prepared(engine=engine, admin_url=admin_url, data=data, log=log, kek=kek)
    finally:
        leaving.set()
        log.close()
        engine.dispose()


def open_vault(admin_url: str, settings: Settings) -> Kek:
    """Find the key-encryption key and hold it against the database; seal what was kept before there was a vault.

    A key is made only where no data key waits for another: a lost file must not be answered by a new key.

    Raises:
        VaultKeyMissing: no key is given, and the database's needs one.
        VaultKeyWrong: it is another database's key, or one that was rotated out.
        VaultKeyFileRefused, VaultKeyCommandFailed, VaultKeyMalformed: there is no reading it.
    """
    engine = _engine_as(admin_url, VAULT_ROLE)
    with engine.begin() as conn:
        needed = kek_ids(conn)
    kek = _find_kek(settings, needed)
    vault = Vault(kek)
    with attach(engine, vault).begin() as conn:
        vault.check_kek(conn)
        adopted = adopt(conn)
    if adopted:
        _log.info("vault_adopted", count=adopted)
    return kek


def given_kek(settings: Settings) -> Kek | None:
    """Return the key-encryption key that there is, without a database; ``None`` where none was made yet.

    Raises:
        VaultKeyFileRefused, VaultKeyCommandFailed, VaultKeyMalformed: there is no reading it.
    """
    if settings.vault_key_command is not None:
        return run_key_command(settings.vault_key_command.get_secret_value())
    if settings.vault_key_file is not None:
        return read_key_file(settings.vault_key_file)
    path = _kek_path(settings)
    return read_key_file(path) if path.exists() else None


def _find_kek(settings: Settings, needed: list[str]) -> Kek:
    given = given_kek(settings)
    if given is not None:
        return given
    path = _kek_path(settings)
    if needed:
        raise VaultKeyMissing(path=str(path), needed=needed[0])
    return make_key_file(path)


def _kek_path(settings: Settings) -> Path:
    return settings.home / "keys" / "vault.key"


def _engine_as(admin_url: str, role: str) -> Engine:
    return sa.create_engine(
        driver_url(admin_url), poolclass=sa.NullPool, hide_parameters=True, connect_args={"options": f"-c role={role}"}
    )


def make_partitions(admin_url: str) -> None:
    """Make the partitions of this and the next year where they are missing."""
    engine = sa.create_engine(driver_url(admin_url), poolclass=sa.NullPool)
    with engine.begin() as conn:
        for year in (today().year, today().year + 1):
            conn.execute(sa.text("SELECT soquy.make_posting_partition(:year)"), {"year": year})


def _keep_up(admin_url: str, engine: Engine, leaving: threading.Event) -> None:
    """Make each year's partition long before it comes, and forget old sign-ins, in a process that may run for years."""
    while not leaving.wait(UPKEEP_SECONDS):
        try:
            make_partitions(admin_url)
            with engine.begin() as conn:
                forget_access(conn)
        except sa.exc.DBAPIError as error:  # tried again; /readyz tells of partitions from October on
            _log.warning("upkeep_failed", error=type(error.orig).__name__)
