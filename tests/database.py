"""Give tests a real PostgreSQL: the embedded one, another one's programs, or a server that runs already.

``SOQUY_TEST_POSTGRESQL_BIN`` names a folder of other PostgreSQL programs (Debian's 15, for one) and
``SOQUY_TEST_DATABASE_URL`` a running server's superuser. The migrations run once, into a template;
every database a test gets is a copy of it.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from api.embedded import PORT, SUPERUSER, EmbeddedServer
from ledger.people.kek import Kek
from ledger.people.vault import Vault, attach
from migrations.migrate import driver_url, upgrade

# A test's data need not survive a power cut; those that kill PostgreSQL do not need fsync for it.
SETTINGS = {"fsync": "off", "shared_buffers": "128MB"}


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
        tempfile.TemporaryDirectory(prefix="soquy-tests-") as home,
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


def migrate_template(*, host: str, port: int, user: str, dbname: str, password: str | None, **_: object) -> None:
    """Load the template that every test's database is copied from."""
    server = DatabaseServer(host=host, port=int(port), user=user, password=password, is_ours=True)
    upgrade(server.url(dbname))


postgresql_noproc = factories.postgresql_noproc(
    depends_on="database_server", dbname="soquy_test", load=[migrate_template]
)
# A superuser's connection to a fresh database of the test's own, dropped after it.
postgresql = factories.postgresql("postgresql_noproc")


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
    with DatabaseJanitor(
        host=postgresql_noproc.host,
        port=postgresql_noproc.port,
        user=postgresql_noproc.user,
        password=postgresql_noproc.password,
        dbname="soquy_shared",
        template_dbname=postgresql_noproc.template_dbname,
        maintenance_dbname=postgresql_noproc.maintenance_dbname,
    ):
        yield "soquy_shared"


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
