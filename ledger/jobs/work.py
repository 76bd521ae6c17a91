"""Do long work: what a kind of job is written with.

A kind is a function of a ``Job``, under a name that never changes; ``api/job_kinds.py`` lists those that workers know::

    @job_kind("papers.receipts", right="people")
    def make_receipts(job: Job) -> Mapping[str, Json]:
        wanted = job.read(lambda conn: receipts_to_make(conn, job.book, job.arguments["intake"]))
        for done, part in enumerate(batches(wanted), start=1):
            job.write(partial(keep_papers, papers=[render(each) for each in part]), done=done * SIZE, total=len(wanted))
        return {"papers": len(wanted)}

- ``read`` and ``write`` each are a transaction of the application's role in the job's tenant. ``write`` commits only
  while the job is still this worker's, and its progress with it; and only while whoever asked for it has the right that
  the kind names: who lost it meanwhile gets nothing done any more.
- ``progress`` tells how far it is, as often as one likes, also from within a ``write``; others see it at once.
- ``finish`` is a ``write`` that ends the job in the same commit: its work is done exactly once, whatever is killed.
  A kind that returns without it is finished afterwards, so what it did must bear being done again: after a kill the
  job begins from the start, and looks at what is there.
- A ``LedgerError`` ends the job as failed, with the error's code and fields. Anything else is tried again after a
  pause, ``ATTEMPT_COUNT_MAX`` times in all.
- ``JobStopped`` passes through the work: the job was cancelled or lost, or the service goes down. Never catch it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError
from ledger.tenancy import set_tenant

Result = TypeVar("Result")

ATTEMPT_COUNT_MAX: Final = 5
SECONDS_MAX: Final = 3_600
"""How long one attempt may take, unless its kind says otherwise."""

STATEMENT_SECONDS_MAX: Final = 600
"""How long one statement of a job may take: nobody waits for an answer."""

ABANDONED: Final = "job_abandoned"
"""The database's code for a job whose workers were all killed; ``ATTEMPT_COUNT_MAX`` of them."""

OVERDUE: Final = "job_overdue"
INTERRUPTED: Final = "job_interrupted"

TELL_SECONDS: Final = 0.5
"""Between two reports of progress."""

_LIMIT: Final = text("SELECT set_config('statement_timeout', :limit, true)")
_HOLD: Final = text("SELECT soquy.hold_job(:tenant_id, :job_id, :lease_id, :lease_seconds, :done, :total)")
_MAY_STILL: Final = text("SELECT soquy.may_still(:association_id, :principal_id, :prefix, :right)")
_FINISH: Final = text("SELECT soquy.finish_job(:tenant_id, :job_id, :lease_id, CAST(:result AS jsonb))")


class Run(Protocol):
    """Do work in a transaction, again where the database asks for it: ``api.database.run`` on the worker's engine."""

    def __call__(self, work: Callable[[Connection], Result], *, read_only: bool = False) -> Result:
        """Return what the work returned."""


class JobRightLost(LedgerError):
    """Whoever asked for the job has no right to it any more; carries the right."""

    code = "job_right_lost"


class JobStopped(Exception):
    """The work is to stop here; not an error of it."""


class JobLost(JobStopped):
    """Another worker has taken the job over."""


class JobCancelled(JobStopped):
    """Somebody has cancelled it."""


class JobInterrupted(JobStopped):
    """The service goes down; the job goes on when it is back."""


class JobOverdue(JobStopped):
    """It took longer than its kind may."""


class Job:
    """A job that this process holds the lease of."""

    def __init__(
        self,
        run: Run,
        *,
        job_id: UUID,
        lease_id: UUID,
        lease_seconds: int,
        kind: str,
        book: Book,
        actor: Actor,
        arguments: Mapping[str, Json],
        attempt: int,
        right: str | None = None,
    ) -> None:
        self.job_id = job_id
        self.kind = kind
        self.book = book
        self.actor = actor
        self.arguments = arguments
        self.attempt = attempt
        self.right = right
        self.is_finished = False
        self._run = run
        self.lease = {
            "tenant_id": book.tenant_id,
            "job_id": job_id,
            "lease_id": lease_id,
            "lease_seconds": lease_seconds,
        }
        self._stop: type[JobStopped] | None = None
        self._told_at = float("-inf")

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Ask questions of one state of the database."""
        self.check()
        return self._run(lambda conn: work(self._at_home(conn)), read_only=True)

    def write(
        self, work: Callable[[Connection], Result], *, done: int | None = None, total: int | None = None
    ) -> Result:
        """Do one step in a transaction that commits only while the job is this worker's, with the progress it makes."""
        self.check()

        def step(conn: Connection) -> Result:
            result = work(self._allowed(self._at_home(conn)))
            if conn.execute(_HOLD, {**self.lease, "done": done, "total": total}).scalar() is None:
                raise JobLost
            return result

        return self._run(step)

    def finish(self, work: Callable[[Connection], Mapping[str, Json] | None]) -> None:
        """Do the last step, or the only one, and end the job in the same commit; ``work`` returns the job's result.

        The result holds ids, codes and counts, in 10,000 characters at most.
        """
        self.check()

        def step(conn: Connection) -> None:
            result = json.dumps(dict(work(self._allowed(self._at_home(conn))) or {}))
            if not conn.execute(_FINISH, {**self.lease, "result": result}).scalar_one():
                raise JobLost

        self._run(step)
        self.is_finished = True

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is; cheap, since only a report every half second goes to the database."""
        self.check()
        if done == total or time.monotonic() - self._told_at >= TELL_SECONDS:
            self.hold(done, total)
            self.check()

    def check(self) -> None:
        """Leave the work here if it is to be left."""
        if self._stop is not None:
            raise self._stop

    def stop(self, because: type[JobStopped]) -> None:
        """Have the work leave at its next step."""
        self._stop = self._stop or because

    def hold(self, done: int | None = None, total: int | None = None) -> None:
        """Extend the lease, on a connection of its own, and hear whether the job is to be left off."""
        self._told_at = time.monotonic()

        def beat(conn: Connection) -> bool | None:
            set_tenant(conn, self.book.tenant_id)
            return conn.execute(_HOLD, {**self.lease, "done": done, "total": total}).scalar()

        is_cancelling = self._run(beat)
        if is_cancelling is None and not self.is_finished:
            self.stop(JobLost)
        elif is_cancelling:
            self.stop(JobCancelled)

    def _allowed(self, conn: Connection) -> Connection:
        asked = {
            "association_id": self.book.association_id,
            "principal_id": self.actor.principal_id,
            "prefix": self.actor.prefix,
            "right": self.right,
        }
        if self.right is not None and not conn.execute(_MAY_STILL, asked).scalar_one():
            raise JobRightLost(right=self.right)
        return conn

    def _at_home(self, conn: Connection) -> Connection:
        set_tenant(conn, self.book.tenant_id)
        conn.execute(_LIMIT, {"limit": f"{STATEMENT_SECONDS_MAX}s"})
        return conn


Work = Callable[[Job], Mapping[str, Json] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """A kind of job: its name for ever, the right of whoever may ask for it, and what is done."""

    name: str
    work: Work
    seconds_max: int
    right: str | None


def job_kind(name: str, *, right: str | None, seconds_max: int = SECONDS_MAX) -> Callable[[Work], JobKind]:
    """Make a kind of a function."""

    def make(work: Work) -> JobKind:
        return JobKind(name=name, work=work, seconds_max=seconds_max, right=right)

    return make
