"""Bring a database to the newest schema.

Guarantees: everything that is missing is applied in one transaction or not at all; two starts at once
migrate once, the second waiting for the first; a migration that would wait long for somebody's lock
gives up instead of stopping the whole service behind it.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

FOLDER = Path(__file__).resolve().parent
# Any number that nobody else uses: advisory locks are one space for the whole database.
LOCK_KEY = 0x536F_5175_79
WAIT_FOR_ANOTHER_MIGRATION = "15min"
LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "15min"


def upgrade(url: str) -> None:
    """Apply every migration that the database has not seen.

    ``url`` is a libpq URL of a user who may create roles and schemas.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached, or a lock was not to be had.
        psycopg.Error: a statement failed; a note names the file and line. Nothing was changed.
    """
    engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin():
        _set_local(connection, "lock_timeout", WAIT_FOR_ANOTHER_MIGRATION)
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        _set_local(connection, "lock_timeout", LOCK_TIMEOUT)
        _set_local(connection, "statement_timeout", STATEMENT_TIMEOUT)
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS soquy"))
        command.upgrade(_configuration(connection), "head")


def newest_revision() -> str | None:
    """Return the revision a database of this program is at after :func:`upgrade`."""
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def driver_url(url: str) -> sa.URL:
    """Return a libpq URL as SQLAlchemy's, with psycopg 3 as the driver."""
    return sa.make_url(url).set(drivername="postgresql+psycopg")


def _configuration(connection: sa.Connection | None = None) -> Config:
    configuration = Config(attributes={"connection": connection})
    configuration.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    configuration.set_main_option("path_separator", "newline")
    return configuration


def _set_local(connection: sa.Connection, setting: str, value: str) -> None:
    connection.execute(sa.text("SELECT set_config(:setting, :value, true)"), {"setting": setting, "value": value})
