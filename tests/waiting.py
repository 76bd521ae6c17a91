"""Wait for what happens in the database, by asking it: no test sleeps for a time that may be too short."""

import time
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

PATIENCE_SECONDS = 60.0

_WAITING = sa.text("""\
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()""")


def until_waiting_for_a_lock(engine: sa.Engine, *others: Future[Any], count: int = 1) -> None:
    """Return when sessions of this database wait for a lock, or when what should come to wait has ended.

    Raises:
        TimeoutError: neither happened in a minute.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        while conn.execute(_WAITING).scalar_one() < count:
            if others and all(other.done() for other in others):
                return
            if time.monotonic() > deadline:
                raise TimeoutError("nobody came to wait for a lock")
