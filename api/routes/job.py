"""Follow long work, and leave it off."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Access, NeedsIn, Session
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH
from api.schemas.job import JobOut
from ledger import typeid
from ledger.errors import IdMalformed
from ledger.jobs.queue import JobNotFound, cancel, job_by_id

router = APIRouter(prefix="/v1/associations/{association_id}/jobs", tags=["jobs"])

Read = Annotated[Access, Depends(NeedsIn("read"))]
Keep = Annotated[Access, Depends(NeedsIn("people"))]
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


@router.post(
    "/{job_id}/cancel",
    summary="Leave a job off",
    response_model=JobOut,
    responses={**BAD, **NO_SUCH, **CONFLICT},
    status_code=202,
)
def cancel_job(access: Keep, key: IdempotencyKey, job_id: JobIdPath) -> Response:
    """Ask that a job be left off: at once where it waits, at its next step where it runs. What it finished stays; one
    that is over stays as it is. Asked for twice it is cancelled once.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = job_uuid(job_id)

    def leave_off(session: Session) -> tuple[JobOut, bool]:
        def change() -> dict[str, object]:
            cancel(session.conn, session.book, uuid)
            return {}

        _, is_replay = once(session, key.of(), change)
        return JobOut.of(job_by_id(session.conn, session.book, uuid)), is_replay

    found, is_replay = access.write(leave_off)
    return json_reply(found, 202, replayed(is_replay=is_replay))


def job_uuid(job_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        JobNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.JOB, job_id)
    except IdMalformed:
        raise JobNotFound(job=job_id[:40]) from None
