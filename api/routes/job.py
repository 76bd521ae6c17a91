"""Follow long work."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Access, NeedsIn, Session
from api.reply import json_reply
from api.routes.answer import BAD, NO_SUCH
from api.schemas.job import JobOut
from ledger import typeid
from ledger.errors import IdMalformed
from ledger.jobs.queue import JobNotFound, job_by_id

router = APIRouter(prefix="/v1/associations/{association_id}/jobs", tags=["jobs"])

Read = Annotated[Access, Depends(NeedsIn("read"))]
JobIdPath = Annotated[str, Path(description="The job's id", examples=["jb_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)]


@router.get("/{job_id}", summary="How a job stands", response_model=JobOut, responses={**BAD, **NO_SUCH})
def get_job(access: Read, job_id: JobIdPath) -> Response:
    """Return how far a job is, and once it is over what came of it or why it failed. Ask again every second or two;
    a job that ended is remembered for 90 days.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = job_uuid(job_id)

    def work(session: Session) -> JobOut:
        return JobOut.of(job_by_id(session.conn, session.book, uuid))

    return json_reply(access.read(work))


def job_uuid(job_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        JobNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.JOB, job_id)
    except IdMalformed:
        raise JobNotFound(job=job_id[:40]) from None
