"""Figures for Prometheus: requests and their times by route, how many leaves wait to be numbered, and how jobs go.

Labels are route templates, methods and statuses that the program itself knows, so that a caller cannot invent any.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import Connection, text

from ledger.associations.reach import tenants
from ledger.jobs.queue import JobFigures
from ledger.tenancy import DEPLOYMENT, set_tenant

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PENDING_COUNT_MAX: Final = 100_000
"""Where counting stops: whoever sees this many knows that the sequencer stands still."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

_PENDING: Final = text("""\
SELECT count(*) FROM (
    SELECT FROM soquy.audit_pending WHERE tenant_id = :tenant_id LIMIT :row_count
) AS pending""")


class Metrics:
    """The figures of one application; two in a process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route")
        self._requests = Counter(
            "soquy_requests_total", "Answered requests", (*labels, "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "soquy_request_seconds", "Time to the whole answer", labels, buckets=_BUCKETS, registry=self._registry
        )
        self._pending = Gauge("soquy_pending_leaves", "Leaves not yet numbered", registry=self._registry)
        self._jobs_waiting = Gauge("soquy_jobs_waiting", "Jobs not yet begun", registry=self._registry)
        self._jobs_oldest = Gauge(
            "soquy_oldest_job_due_seconds", "How long the oldest job has been due", registry=self._registry
        )
        self._jobs_failed = Gauge("soquy_jobs_failed_last_day", "Jobs that failed", registry=self._registry)
        self._backup = Gauge(
            "soquy_last_backup_timestamp_seconds", "When the last backup was made", registry=self._registry
        )

    def count(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def render(
        self, pending_count: int | None, last_backup_at: float = float("nan"), jobs: JobFigures | None = None
    ) -> bytes:
        """Write all figures; without a database, the ones of requests."""
        self._backup.set(last_backup_at)
        self._pending.set(float("nan") if pending_count is None else pending_count)
        self._jobs_waiting.set(float("nan") if jobs is None else jobs.waiting)
        self._jobs_oldest.set(float("nan") if jobs is None else jobs.oldest_seconds)
        self._jobs_failed.set(float("nan") if jobs is None else jobs.failed)
        return generate_latest(self._registry)


def pending_count(conn: Connection) -> int:
    """Return how many leaves wait in all tenants, up to ``PENDING_COUNT_MAX``."""
    found = 0
    for tenant_id in [DEPLOYMENT, *tenants(conn)]:
        set_tenant(conn, tenant_id)
        found += conn.execute(_PENDING, {"tenant_id": tenant_id, "row_count": PENDING_COUNT_MAX - found}).scalar_one()
        if found >= PENDING_COUNT_MAX:
            break
    return found
