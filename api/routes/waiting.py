"""Tell what waits for somebody to go on with it, and which long work was asked for last."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.auth import Access, NeedsIn
from api.reply import json_reply
from api.routes.answer import BAD
from api.schemas.job import JobOut
from api.schemas.waiting import JobsOut, WaitingOut
from ledger.jobs.queue import jobs_of
from ledger.waiting import count_waiting

router = APIRouter(prefix="/v1/associations/{association_id}")

Read = Annotated[Access, Depends(NeedsIn("read"))]


@router.get("/waiting", tags=["associations"], summary="What waits", response_model=WaitingOut, responses={**BAD})
def get_waiting(access: Read) -> Response:
    """Return how many things of each kind wait for the caller. What the token has no right to go on with is null."""
    found = access.read(
        lambda session: count_waiting(session.conn, session.book, rights=session.rights, actor=session.actor)
    )
    return json_reply(WaitingOut.model_validate(found))


@router.get("/jobs", tags=["jobs"], summary="The jobs", response_model=JobsOut, responses={**BAD})
def get_jobs(access: Read) -> Response:
    """Return the hundred jobs that were asked for last, the newest first."""
    rows = access.read(lambda session: jobs_of(session.conn, session.book))
    return json_reply(JobsOut(rows=[JobOut.of(row) for row in rows]))
