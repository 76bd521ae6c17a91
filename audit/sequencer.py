"""Number what waits: pending leaves get the next indexes of the log, in one transaction, without a gap.

The database does it (``number_leaves``): it takes rows from a queue, so that a transaction which commits late is
numbered late and never lost, keeps each book's entries in their order, and lets one sequencer work at a time. Nobody's
posting waits for it.

Connections here and in the publisher are of the role ``soquy_log``, which reads leaves and hashes and nothing else of
the books. None of the functions commits.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

BATCH_SIZE: Final = 20_000
"""Leaves numbered in one transaction: two seconds' work, so that a backlog shows progress and holds nobody up."""

_BEGIN: Final = text("SELECT soquy.begin_log(:origin)")
_NUMBER: Final = text("SELECT soquy.number_leaves(:row_count)")

_STATE: Final = text("""\
SELECT log.log_id, log.origin, log.began_at, head.size, head.held_because,
    tree.size AS staged_size, tree.staged_at,
    checkpoint.size AS published_size, checkpoint.published_at, checkpoint.note,
    disclosure.size AS disclosed_size, disclosure.disclosed_at
FROM soquy.log
JOIN soquy.log_head AS head USING (log_id)
LEFT JOIN LATERAL (
    SELECT t.size, t.staged_at FROM soquy.log_tree AS t WHERE t.log_id = log.log_id ORDER BY t.size DESC LIMIT 1
) AS tree ON true
LEFT JOIN LATERAL (
    SELECT c.size, c.published_at, c.note FROM soquy.log_checkpoint AS c
    WHERE c.log_id = log.log_id ORDER BY c.size DESC, c.published_at DESC LIMIT 1
) AS checkpoint ON true
LEFT JOIN LATERAL (
    SELECT d.size, d.disclosed_at FROM soquy.log_disclosure AS d
    WHERE d.log_id = log.log_id ORDER BY d.size DESC LIMIT 1
) AS disclosure ON true
ORDER BY log.log_id DESC
LIMIT 1""")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far the log has come: numbered, staged as a tree, published, disclosed; sizes never exceed the one before.

    ``note`` is the newest checkpoint as it was signed. ``held_because`` says why nothing is numbered any more.
    """

    log_id: int
    origin: str
    began_at: datetime
    size: int
    held_because: str | None
    staged_size: int | None
    staged_at: datetime | None
    published_size: int | None
    published_at: datetime | None
    note: bytes | None
    disclosed_size: int | None
    disclosed_at: datetime | None


def begin_log(conn: Connection, origin: str) -> int:
    """Begin the deployment's log under an origin unless there is one; return the log's number."""
    return int(conn.execute(_BEGIN, {"origin": origin}).scalar_one())


def number_leaves(conn: Connection, row_count: int = BATCH_SIZE) -> int:
    """Number pending leaves, that many at most; return how many there were.

    Raises:
        sqlalchemy.exc.DBAPIError: ``log_held`` while the published log is not the one in this database.
    """
    return int(conn.execute(_NUMBER, {"row_count": row_count}).scalar_one())


def log_state(conn: Connection) -> LogState | None:
    """Return the state of the log that grows; none before it has begun."""
    row = conn.execute(_STATE).mappings().one_or_none()
    return None if row is None else LogState(**row)
