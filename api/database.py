"""Reach the database: one engine a process, transactions that are retried when that is safe and never otherwise.

What may be repeated: a transaction that the database rolled back to resolve a conflict (serialization failure,
deadlock), one that lost its connection before COMMIT was sent, and one that found its idempotency key just taken by a
twin, whose result the repetition then finds. What may not: a COMMIT whose answer was lost, or that came back with a
warning about synchronous replication. It may have happened or not, and only the caller, with the same
``Idempotency-Key``, can ask again.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from api.settings import Settings
from ledger.errors import RuleRefused
from migrations.migrate import driver_url

Result = TypeVar("Result")

APP_ROLE: Final = "soquy_app"
ATTEMPTS_MAX: Final = 4
POOL_SECONDS_MAX: Final = 10
IDLE_SECONDS_MAX: Final = 60
"""A transaction left open longer than this is ours gone wrong; the database ends it."""

_CONFLICTS: Final = ("40001", "40P01")
_GIVEN_UP: Final = ("55P03", "57014")
"""Waited too long for a lock; worked too long on a statement."""

_RETRY_PAUSE_SECONDS: Final = 0.02


class DatabaseProblem(Exception):
    """The database could not do its work; nothing is wrong with the request."""

    code: ClassVar[str] = "database_unavailable"


class DatabaseUnavailable(DatabaseProblem):
    """It cannot be reached."""


class DatabaseBusy(DatabaseProblem):
    """A lock or a connection was not to be had, or a statement took too long; nothing was done."""

    code = "database_busy"


class LogHeld(DatabaseProblem):
    """The published log is another one than the database's; nothing is recorded until that is settled."""

    code = "log_held"


class CommitInDoubt(DatabaseProblem):
    """It may have been done or not; the same request with the same key finds out."""

    code = "outcome_unknown"


def make_engine(url: str, settings: Settings) -> Engine:
    """Make the process's engine: the application role, its own search path, and a limit on every wait."""
    target = driver_url(url)
    limits = {
        "search_path": "soquy,pg_temp",
        "statement_timeout": f"{settings.request_seconds_max}s",
        "lock_timeout": f"{settings.lock_seconds_max}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS_MAX}s",
        "timezone": "UTC",
    }
    if target.username != APP_ROLE:
        limits["role"] = APP_ROLE
    given = target.query.get("options", "")
    options = " ".join(
        [given if isinstance(given, str) else " ".join(given)] + [f"-c {k}={v}" for k, v in limits.items()]
    )
    engine = sa.create_engine(
        target.update_query_dict({"options": options.strip(), "application_name": "soquy"}),
        pool_size=settings.connection_count_max,
        max_overflow=0,
        pool_timeout=POOL_SECONDS_MAX,
        pool_use_lifo=True,
        hide_parameters=True,  # an error's text must not carry names and amounts into the log
    )
    sa.event.listen(engine, "connect", _hear_warnings)
    sa.event.listen(engine, "checkin", _put_back)
    return engine


def _hear_warnings(connection: psycopg.Connection, record: ConnectionPoolEntry) -> None:
    warnings: list[str] = []
    record.info["warnings"] = warnings

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            warnings.append(diagnostic.message_primary or "")

    connection.add_notice_handler(note)


def _put_back(connection: psycopg.Connection | None, _record: ConnectionPoolEntry) -> None:
    """Let psycopg begin transactions itself again, as everybody expects of a connection from the pool."""
    if connection is not None and connection.autocommit and not connection.closed:
        connection.autocommit = False


@contextmanager
def transaction(engine: Engine, *, read_only: bool = False) -> Iterator[Connection]:
    """Open a transaction; commit it at the end, or roll it back where an error leaves the block.

    A reading one sees one state of the database from its first statement to its last, however many it takes.

    Raises:
        CommitInDoubt: COMMIT got no answer, or a warning instead of a plain one.
    """
    with engine.connect() as conn:
        if read_only:
            conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        begun = conn.begin()
        try:
            yield conn
        except BaseException:
            if conn.invalidated:
                begun.close()
            else:
                begun.rollback()
            raise
        warnings = conn.info["warnings"]
        warnings.clear()
        try:
            begun.commit()
        except DBAPIError as error:
            if _is_disconnect(error):
                raise CommitInDoubt from error
            raise
        if warnings:
            raise CommitInDoubt(*warnings)


@contextmanager
def long_reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction for an answer that is sent while it is read; nothing of it can be tried again.

    Raises:
        DatabaseProblem: no connection was free, or the database does not answer.
    """
    try:
        with transaction(engine, read_only=True) as conn:
            yield conn
    except PoolTimeout as error:
        raise DatabaseBusy from error
    except (DBAPIError, psycopg.Error) as error:
        _give_up_or_go_on(engine, error, ATTEMPTS_MAX)
        raise


def run(engine: Engine, work: Callable[[Connection], Result], *, read_only: bool = False) -> Result:
    """Do work in a transaction, again where the database asks for it.

    Raises:
        DatabaseProblem: it could not be done, or may have been.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            with transaction(engine, read_only=read_only) as conn:
                return work(conn)
        except PoolTimeout as error:
            raise DatabaseBusy from error
        except (DBAPIError, psycopg.Error, RuleRefused) as error:
            _give_up_or_go_on(engine, error, attempt)
        time.sleep(_RETRY_PAUSE_SECONDS * 2**attempt * (20 + secrets.randbelow(80)) / 100)  # twins must not meet again
    raise AssertionError


def _give_up_or_go_on(engine: Engine, error: DBAPIError | psycopg.Error | RuleRefused, attempt: int) -> None:
    is_last = attempt == ATTEMPTS_MAX
    if isinstance(error, RuleRefused):
        if error.fields.get("rule") == LogHeld.code:
            raise LogHeld from error
        if is_last or error.fields.get("rule") != "idempotency_pk":
            raise error
        return
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    if _is_disconnect(error):
        engine.dispose(close=False)  # the pool's other connections went to the same server
        if is_last:
            raise DatabaseUnavailable from error
        return
    if state in _GIVEN_UP or (is_last and state in _CONFLICTS):
        raise DatabaseBusy from error
    rule = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    if rule == LogHeld.code:
        raise LogHeld from error
    taken = isinstance(cause, psycopg.errors.UniqueViolation) and rule == "idempotency_pk"
    if is_last or not (state in _CONFLICTS or taken):
        raise error


def _is_disconnect(error: DBAPIError | psycopg.Error) -> bool:
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        return isinstance(error.orig, psycopg.OperationalError) and _is_connection_state(error.orig.sqlstate)
    return isinstance(error, psycopg.OperationalError) and _is_connection_state(error.sqlstate)


def _is_connection_state(state: str | None) -> bool:
    """Tell a lost or refused connection: no state at all, class 08, or a server that is going or coming."""
    return state is None or state.startswith("08") or state in {"57P01", "57P02", "57P03", "25P03"}


def first_value(conn: Connection, statement: str, parameters: tuple[object, ...]) -> Any:  # noqa: ANN401 - jsonb holds anything
    """Run the first statement of a transaction in one round trip with its BEGIN; return its one value.

    psycopg sends a BEGIN of its own by itself and waits for the answer. So it is told that it need not, and BEGIN and
    statement travel together in a pipeline; the pool puts it back when the connection returns.
    """
    driver = conn.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(driver)
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if driver.read_only else "BEGIN"
    try:
        if driver.info.transaction_status == TransactionStatus.IDLE:
            driver.autocommit = True
            with driver.pipeline():
                driver.execute(begin)
                cursor = driver.execute(statement, parameters)
        else:
            cursor = driver.execute(statement, parameters)
        row = cursor.fetchone()
    except psycopg.OperationalError:
        if driver.closed:
            conn.invalidate()
        raise
    return None if row is None else row[0]
