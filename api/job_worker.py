"""Work off the jobs that requests left behind: threads of the service, beside those that answer.

Each takes the job that is due longest, of one tenant after another, and holds on to it by a lease that a thread of its
own extends. When this process is killed the leases end, and whoever runs next takes the jobs again. It survives
whatever the database or a job does: it says what went wrong, and goes on.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, Row, text

from api import database
from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError, Value
from ledger.jobs.work import (
    ATTEMPT_COUNT_MAX,
    INTERRUPTED,
    OVERDUE,
    Job,
    JobCancelled,
    JobInterrupted,
    JobKind,
    JobLost,
    JobOverdue,
    Result,
)
from ledger.tenancy import set_tenant

LEASE_SECONDS: Final = 30
"""How long a job lies still after its worker was killed."""

LOOK_SECONDS: Final = 1.0
PAUSE_SECONDS_MAX: Final = 300
FORGET_DAYS: Final = 90
FORGET_EVERY_SECONDS: Final = 3_600
FORGET_COUNT_MAX: Final = 1_000
GRACE_SECONDS: Final = 10
"""How long to wait, when leaving, for work that does not look up; it is then taken again by the next process."""

_TENANTS: Final = text("SELECT job_tenants FROM soquy.job_tenants(CAST(:kinds AS text[]))")
_CLAIM: Final = text("""\
SELECT j.*, b.association_id
FROM soquy.claim_job(:tenant_id, CAST(:kinds AS text[]), :lease_id, :lease_seconds, :attempt_count_max) AS j
JOIN soquy.book AS b ON b.tenant_id = j.tenant_id AND b.book_id = j.book_id""")
_GIVE_BACK: Final = text("""\
SELECT soquy.give_back_job(:tenant_id, :job_id, :lease_id, :code, CAST(:fields AS jsonb), :pause_seconds,
    :is_counted)""")
_FORGET: Final = text("SELECT soquy.forget_jobs(:days, :limit)")

_log: Final = structlog.get_logger("soquy.job")


class _Run:
    """``database.run`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, work: Callable[[Connection], Result], *, read_only: bool = False) -> Result:
        return database.run(self._engine, work, read_only=read_only)


class JobWorker:
    """Some threads that take jobs of the kinds they were given."""

    def __init__(
        self, engine: Engine, kinds: Sequence[JobKind], *, count: int = 2, lease_seconds: int = LEASE_SECONDS
    ) -> None:
        self._run = _Run(engine)
        self._kinds = {kind.name: kind for kind in kinds}
        self._lease_seconds = lease_seconds
        self._leaving = threading.Event()
        self._lock = threading.Lock()
        self._at_work: set[Job] = set()
        self._forgot_at = float("-inf")
        self._threads = [
            threading.Thread(target=self._work_on, name=f"job-{number}", daemon=True) for number in range(count)
        ]
        self.trouble: str | None = None

    def start(self) -> None:
        """Work in threads until ``stop``."""
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Take no more; what is under way leaves at its next step and is given back."""
        self._leaving.set()
        with self._lock:
            for job in self._at_work:
                job.stop(JobInterrupted)

    def stop(self) -> None:
        """Leave, and wait until it is done, though not for ever."""
        self.leave()
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _work_on(self) -> None:
        pause = LOOK_SECONDS
        while not self._leaving.is_set():
            try:
                is_idle = not self.work_one()
                self._forget()
                pause, self.trouble = LOOK_SECONDS, None
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may find the database well
                self._complain(error)
                is_idle, pause = True, min(pause * 2, PAUSE_SECONDS_MAX)
            if is_idle:
                self._leaving.wait(pause)

    def work_one(self) -> bool:
        """Take one job that is due and work at it; return whether there was one."""
        job = self._claim()
        if job is None:
            return False
        with self._lock:
            self._at_work.add(job)
        try:
            if self._leaving.is_set():
                job.stop(JobInterrupted)
            self._do(job, self._kinds[job.kind])
        finally:
            with self._lock:
                self._at_work.discard(job)
        return True

    def _claim(self) -> Job | None:
        kinds = list(self._kinds)
        lease_id = typeid.new_id()

        def claim(conn: Connection) -> Row[tuple[object, ...]] | None:
            for tenant_id in conn.execute(_TENANTS, {"kinds": kinds}).scalars().all():
                set_tenant(conn, tenant_id)
                asked = {"tenant_id": tenant_id, "kinds": kinds, "lease_id": lease_id}
                limits = {"lease_seconds": self._lease_seconds, "attempt_count_max": ATTEMPT_COUNT_MAX}
                row = conn.execute(_CLAIM, {**asked, **limits}).one_or_none()
                if row is not None:
                    return row
            return None

        row = self._run(claim)
        if row is None:
            return None
        return Job(
            self._run,
            job_id=row.job_id,
            lease_id=lease_id,
            lease_seconds=self._lease_seconds,
            kind=row.kind,
            book=Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id),
            actor=Actor(principal_id=row.principal_id, role=row.actor_role, prefix=row.actor_prefix),
            arguments=row.arguments,
            attempt=row.attempt_count,
            right=self._kinds[row.kind].right,
        )

    def _do(self, job: Job, kind: JobKind) -> None:
        begun = time.monotonic()
        told = {"kind": job.kind, "job_id": typeid.encode(typeid.JOB, job.job_id), "attempt": job.attempt}
        try:
            with self._held(job, kind.seconds_max):
                result = kind.work(job)
                if not job.is_finished:
                    job.finish(lambda _: result)
            _log.info("job_done", ms=round((time.monotonic() - begun) * 1000), **told)
        except JobLost:
            _log.warning("job_lost", **told)
        except (JobInterrupted, JobCancelled) as stopped:
            is_back = isinstance(stopped, JobInterrupted)
            self._give_back(job, INTERRUPTED, {}, pause_seconds=0, is_counted=not is_back)
            _log.info("job_interrupted" if is_back else "job_cancelled", **told)
        except JobOverdue:
            self._give_back(job, OVERDUE, {}, pause_seconds=None)
            _log.error("job_failed", code=OVERDUE, **told)
        except LedgerError as error:
            self._give_back(job, error.code, error.fields, pause_seconds=None)
            _log.warning("job_failed", code=error.code, **told)
        except Exception as error:  # noqa: BLE001 - a job's bug must not end the worker
            self._try_again(job, error, told)

    def _try_again(self, job: Job, error: Exception, told: dict[str, object]) -> None:
        code = error.code if isinstance(error, database.DatabaseProblem) else "internal_error"
        is_last = job.attempt >= ATTEMPT_COUNT_MAX
        pause = None if is_last else min(5 * 4 ** (job.attempt - 1), PAUSE_SECONDS_MAX)
        # The message of an unforeseen error may quote what a person typed; type and place are enough to find it.
        trace = error.__traceback__
        places = []
        while trace is not None:
            places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        _log.error("job_failed", code=code, error=type(error).__name__, places=places[-8:], again_in=pause, **told)
        self._give_back(job, code, {}, pause_seconds=pause)

    def _give_back(
        self, job: Job, code: str, fields: dict[str, Value], *, pause_seconds: int | None, is_counted: bool = True
    ) -> None:
        asked = {**job.lease, "code": code, "fields": json.dumps(fields)}

        def give_back(conn: Connection) -> None:
            set_tenant(conn, job.book.tenant_id)
            conn.execute(_GIVE_BACK, {**asked, "pause_seconds": pause_seconds, "is_counted": is_counted})

        self._run(give_back)

    @contextmanager
    def _held(self, job: Job, seconds_max: int) -> Iterator[None]:
        """Extend the lease of a job while the block runs, at most for its time."""
        over = threading.Event()
        deadline = time.monotonic() + seconds_max

        def beat() -> None:
            while not over.wait(self._lease_seconds / 3):
                if time.monotonic() > deadline:
                    job.stop(JobOverdue)
                    return
                try:
                    job.hold()
                except Exception as error:  # noqa: BLE001 - the next beat may come through before the lease ends
                    _log.warning("job_not_held", error=type(error).__name__)

        thread = threading.Thread(target=beat, name="job-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _forget(self) -> None:
        with self._lock:
            if time.monotonic() - self._forgot_at < FORGET_EVERY_SECONDS:
                return
            self._forgot_at = time.monotonic()
        asked = {"days": FORGET_DAYS, "limit": FORGET_COUNT_MAX}
        self._run(lambda conn: conn.execute(_FORGET, asked))

    def _complain(self, error: Exception) -> None:
        """Say each trouble once, not at every look of it."""
        trouble = error.code if isinstance(error, database.DatabaseProblem) else type(error).__name__
        if trouble != self.trouble:
            _log.error("jobs_not_taken", code=trouble)
        self.trouble = trouble
