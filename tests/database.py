"""Give tests a real PostgreSQL: the embedded one, another one's programs, or a server that runs already.

``SOQUY_TEST_POSTGRESQL_BIN`` names a folder of other PostgreSQL programs (Debian's 15, for one) and
``SOQUY_TEST_DATABASE_URL`` a running server's superuser. The migrations run once, into a template;
every database a test gets is a copy of it. A thousand tests want one each, so a copy has to be cheap: its files are
copied as files, and in memory where there is room.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from api.embedded import PORT, SUPERUSER, EmbeddedServer
from ledger.people.kek import Kek
from ledger.people.vault import Vault, attach
from migrations.migrate import driver_url, upgrade

# A test's data need not survive a power cut; those that kill PostgreSQL do not need fsync for it.
SETTINGS = {"fsync": "off", "shared_buffers": "128MB", "max_wal_size": "256MB"}

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory
MEMORY_BYTES_MIN = 6 * 2**30
"""What a file system in memory must have free: tests fill less than half of it."""


KEK = Kek.of(bytes(range(32)))
"""The key-encryption key of every test's database that does not say otherwise."""


def with_vault(engine: sa.Engine) -> sa.Engine:
    """Give an engine a vault of its own, as a process has one."""
    return attach(engine, Vault(KEK))


def key_file(path: Path, kek: Kek = KEK) -> Path:
    """Write a key-encryption key as commands read it."""
    path.write_text(kek.secret.hex(), encoding="ascii")
    path.chmod(0o600)
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseServer:
    """Where the tests' server is; pytest-postgresql reads these names."""

    host: str
    port: int
    user: str
    password: str | None
    is_ours: bool
    pg_dump: Path | None = None
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: str = "template1"

    def url(self, database: str, *, user: str | None = None, options: str | None = None) -> str:
        """Return a libpq URL of a database on this server."""
        query = {"host": self.host, "port": str(self.port), **({"options": options} if options else {})}
        # Not SQLAlchemy's rendering: it writes a space as a plus sign, which libpq takes literally.
        words = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        password = f":{quote(self.password, safe='')}" if self.password and user is None else ""
        return f"postgresql://{quote(user or self.user, safe='')}{password}@/{quote(database, safe='')}?{words}"

    def app_url(self, database: str) -> str:
        """Return a libpq URL for the application role."""
        return self.role_url(database, "soquy_app")

    def role_url(self, database: str, role: str) -> str:
        """Return a libpq URL for one of the product's roles: a login of its own where no password is asked."""
        if self.is_ours:
            return self.url(database, user=role)
        return self.url(database, options=f"-c role={role} -c search_path=soquy,pg_temp")


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """The server all tests share."""
    running = os.environ.get("SOQUY_TEST_DATABASE_URL")
    if running:
        found = conninfo_to_dict(running)
        yield DatabaseServer(
            host=str(found.get("host") or "localhost"),
            port=int(found.get("port") or PORT),
            user=str(found.get("user") or SUPERUSER),
            password=str(found["password"]) if "password" in found else None,
            is_ours=False,
        )
        return
    programs = os.environ.get("SOQUY_TEST_POSTGRESQL_BIN")
    with (
        tempfile.TemporaryDirectory(prefix="soquy-tests-", dir=_folder()) as home,
        EmbeddedServer.start(Path(home), binaries=Path(programs) if programs else None, settings=SETTINGS) as server,
    ):
        yield DatabaseServer(
            host=str(server.socket_directory),
            port=PORT,
            user=SUPERUSER,
            password=None,
            is_ours=True,
            pg_dump=server.binaries.directory / "pg_dump",
        )


def _folder() -> Path | None:
    """Return where files are kept in memory, if tests have room there."""
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    return MEMORY if is_roomy else None


def migrate_template(*, host: str, port: int, user: str, dbname: str, password: str | None, **_: object) -> None:
    """Load the template that every test's database is copied from."""
    server = DatabaseServer(host=host, port=int(port), user=user, password=password, is_ours=True)
    upgrade(server.url(dbname))


postgresql_noproc = factories.postgresql_noproc(
    depends_on="database_server", dbname="soquy_test", load=[migrate_template]
)


class _Janitor(DatabaseJanitor):
    """Copies a template's files instead of writing them through the log, which takes six times as long."""

    def _build_create_database_sql(self) -> sql.Composed:
        return super()._build_create_database_sql() + sql.SQL(" STRATEGY FILE_COPY")


@contextmanager
def own_database(at: NoopExecutor, name: str, *, template: str | None = None) -> Iterator[str]:
    """Keep a database as long as the block lasts, a copy of the migrated template or of another; yield its name."""
    with _Janitor(
        host=at.host,
        port=at.port,
        user=at.user,
        password=at.password,
        dbname=name,
        template_dbname=template or at.template_dbname,
        maintenance_dbname=at.maintenance_dbname,
    ):
        yield name


@pytest.fixture
def postgresql(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[psycopg.Connection]:
    """A superuser's connection to a fresh database of the test's own, dropped after it."""
    with (
        own_database(postgresql_noproc, "soquy_test") as name,
        closing(psycopg.connect(database_server.url(name))) as conn,
    ):
        yield conn


@pytest.fixture
def database_url(postgresql: psycopg.Connection, database_server: DatabaseServer) -> str:
    """A superuser's URL of a fresh, migrated database: for tests that commit."""
    return database_server.url(postgresql.info.dbname)


@pytest.fixture
def app_url(postgresql: psycopg.Connection, database_server: DatabaseServer) -> str:
    """The application role's URL of the same fresh database."""
    return database_server.app_url(postgresql.info.dbname)


@pytest.fixture(scope="session")
def shared_database(postgresql_noproc: NoopExecutor) -> Iterator[str]:
    """The name of one migrated database that no test commits to."""
    with own_database(postgresql_noproc, "soquy_shared") as name:
        yield name


@pytest.fixture(scope="session")
def shared_engine(shared_database: str, database_server: DatabaseServer) -> Iterator[sa.Engine]:
    """An engine of the application role on the shared database."""
    engine = with_vault(sa.create_engine(driver_url(database_server.app_url(shared_database))))
    yield engine
    engine.dispose()


@pytest.fixture
def connection(shared_engine: sa.Engine) -> Iterator[sa.Connection]:
    """The application role's connection inside a transaction that is rolled back after the test."""
    with shared_engine.connect() as opened:
        transaction = opened.begin()
        try:
            yield opened
        finally:
            transaction.rollback()
