"""Ask for long work, follow it, leave it off.

A request that wants long work done enqueues a job in its own transaction and answers with the job's id; a thread of the
service takes it from there (``api/job_worker.py``). So a job exists exactly if the change it belongs to does::

    job_id = enqueue(conn, book, "papers.receipts", subject=intake_id, arguments={"intake": intake_id}, actor=actor)

``subject`` makes it one: as long as a job of this kind and subject waits, runs or is done, asking again gives its id.
One that failed or was cancelled may be asked for anew. Arguments are ids, codes, numbers and truth values; whatever
somebody typed stays where it is kept and is looked up by the work. How the work is written, ``ledger/jobs/work.py``
tells. State, progress and result can be read from any other connection while it goes on.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError

LIST_LENGTH_MAX: Final = 100

State = Literal["waiting", "running", "done", "failed", "cancelled"]

_match_code: Final = re.compile(r"[A-Za-z0-9_:.,/+-]{0,200}").fullmatch

_FIND: Final = text("""\
SELECT job_id FROM soquy.job
WHERE tenant_id = :tenant_id AND kind = :kind AND subject = :subject AND state NOT IN ('failed', 'cancelled')""")

_INSERT: Final = text("""\
INSERT INTO soquy.job (tenant_id, job_id, book_id, kind, subject, arguments, principal_id, actor_role, actor_prefix)
VALUES (:tenant_id, :job_id, :book_id, :kind, :subject, CAST(:arguments AS jsonb), :principal_id, :actor_role,
    :actor_prefix)
ON CONFLICT (tenant_id, kind, subject) WHERE state NOT IN ('failed', 'cancelled') DO NOTHING
RETURNING job_id""")

_COLUMNS: Final = """\
SELECT job_id, kind, subject, state, done_count, total_count, attempt_count, is_cancelling, principal_id, result,
    error_code, error_fields, created_at, started_at, finished_at
FROM soquy.job
WHERE tenant_id = :tenant_id AND book_id = :book_id"""
_READ: Final = text(f"{_COLUMNS} AND job_id = :job_id")
_LIST: Final = text(f"""\
{_COLUMNS} AND (CAST(:principal_id AS uuid) IS NULL OR principal_id = CAST(:principal_id AS uuid))
ORDER BY job_id DESC
LIMIT :row_limit""")

_FIGURES: Final = text("SELECT waiting, oldest_seconds, failed FROM soquy.job_figures()")
_CANCEL: Final = text("SELECT soquy.cancel_job(:tenant_id, :job_id)")


class JobNotFound(LedgerError):
    """No such job of this book, or it was forgotten."""

    code = "job_not_found"

    def __init__(self, *, job: str) -> None:
        super().__init__(job=typeid.shown(job))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """How a job stands; ``error_code`` of a waiting one is why it was tried in vain before."""

    job_id: UUID
    kind: str
    subject: str
    state: State
    done_count: int
    total_count: int | None
    attempt_count: int
    is_cancelling: bool
    principal_id: UUID
    result: Mapping[str, Any] | None
    error_code: str | None
    error_fields: Mapping[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.finished_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """What operators watch, of all tenants: ``failed`` in the last day, ``oldest_seconds`` since one has been due."""

    waiting: int
    oldest_seconds: float
    failed: int


def enqueue(
    conn: Connection,
    book: Book,
    kind: str,
    *,
    subject: str,
    actor: Actor,
    arguments: Mapping[str, Json] | None = None,
) -> UUID:
    """Ask for a job in the caller's transaction; return its id, or that of the one that does the same already."""
    row = {
        "tenant_id": book.tenant_id,
        "job_id": typeid.new_id(),
        "book_id": book.book_id,
        "kind": kind,
        "subject": subject,
        "arguments": json.dumps(_codes_only(arguments or {})),
        "principal_id": actor.principal_id,
        "actor_role": actor.role,
        "actor_prefix": actor.prefix,
    }
    made: UUID | None = conn.execute(_INSERT, row).scalar_one_or_none()
    # A twin that was just committed is seen by the next statement, not by the one that ran into it.
    return made or UUID(str(conn.execute(_FIND, row).scalar_one()))


def _codes_only(arguments: Mapping[str, Json]) -> Mapping[str, Json]:
    """Keep typed words out of a table that is neither sealed nor erased."""
    for name, value in arguments.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            if not (each is None or isinstance(each, bool | int) or (isinstance(each, str) and _match_code(each))):
                raise ValueError(f"{name} of a job is neither an id, a code nor a number")
    return arguments


def job_by_id(conn: Connection, book: Book, job_id: UUID) -> JobStatus:
    """Return how a job of a book stands.

    Raises:
        JobNotFound: the book has none of this id.
    """
    row = conn.execute(_READ, _place(book, job_id)).mappings().one_or_none()
    if row is None:
        raise JobNotFound(job=typeid.encode(typeid.JOB, job_id))
    return JobStatus(**row)


def jobs_of(conn: Connection, book: Book, *, of: UUID | None = None) -> tuple[JobStatus, ...]:
    """Return a book's jobs that were asked for last, the newest first; ``of`` restricts them to one principal's."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "principal_id": of, "row_limit": LIST_LENGTH_MAX}
    return tuple(JobStatus(**row) for row in conn.execute(_LIST, asked).mappings())


def cancel(conn: Connection, book: Book, job_id: UUID) -> JobStatus:
    """Leave a job off: at once where it waits, at the next step where it runs; what its steps did stays done.

    Raises:
        JobNotFound: the book has none of this id.
    """
    job_by_id(conn, book, job_id)
    conn.execute(_CANCEL, _place(book, job_id))
    return job_by_id(conn, book, job_id)


def job_figures(conn: Connection) -> JobFigures:
    """Return how the jobs of all tenants go."""
    return JobFigures(**conn.execute(_FIGURES).mappings().one())


def _place(book: Book, job_id: UUID) -> dict[str, object]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "job_id": job_id}
