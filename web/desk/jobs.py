"""Long work of an association that goes on or is over: what was asked for last stands first."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.auth import Session
from ledger.jobs.queue import JobStatus, jobs_of
from web.access import NeedsPageIn, Visit
from web.desk.job import OTHER, SHOWN, STATES
from web.language import Spoken
from web.site import desk_path, render

MayEnter = Annotated[Visit, Depends(NeedsPageIn(None))]

STATE_KINDS: Final[Mapping[str, str]] = {
    "waiting": "info",
    "running": "info",
    "done": "good",
    "failed": "bad",
    "cancelled": "plain",
}


def make_router() -> APIRouter:
    """Return the route of the list."""
    router = APIRouter(prefix="/desk/{association_id}/jobs", include_in_schema=False)

    @router.get("")
    def jobs(visit: MayEnter, language: Spoken) -> Response:
        found = visit.read(_theirs)
        return render(
            "desk/jobs.html",
            language,
            desk_path(visit.place.association_id, "jobs"),
            visit=visit,
            rows=[(job, SHOWN.get(job.kind, OTHER).name) for job in found],
            states=STATES,
            state_kinds=STATE_KINDS,
        )

    return router


def _theirs(session: Session) -> tuple[JobStatus, ...]:
    """Return what somebody may follow: all jobs with the right to read the books, else those they asked for."""
    of = None if "read" in session.rights else session.actor.principal_id
    return jobs_of(session.conn, session.book, of=of)
