"""How a job stands, as it goes out."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from api.messages import text_for
from api.schemas.field import Out
from ledger import typeid
from ledger.jobs.queue import JobStatus, State


class JobErrorOut(Out):
    """Why a job failed, or was tried in vain so far."""

    code: str
    title: str
    title_en: str
    detail: str
    detail_en: str


class JobOut(Out):
    """A job: how far it is, and what came of it."""

    job: Annotated[str, Field(examples=["jb_01h9hsy4k1fz8tq3v2w5n7c9ar"])]
    kind: Annotated[str, Field(description="What is done", examples=["papers.receipts"])]
    state: State
    done: Annotated[int, Field(description="Steps done so far")]
    total: Annotated[int | None, Field(description="Steps in all; null while that is not known")]
    is_cancelling: Annotated[bool, Field(description="It will be left off at its next step")]
    result: Annotated[dict[str, Any] | None, Field(description="Ids and counts of what came of it, once it is done")]
    error: Annotated[JobErrorOut | None, Field(description="Why it failed; while it waits, why it is tried again")]
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None

    @classmethod
    def of(cls, status: JobStatus) -> "JobOut":
        """Spell a job's status for the API."""
        error = None
        if status.error_code is not None:
            text = text_for(status.error_code, status.error_fields or {})
            error = JobErrorOut(
                code=status.error_code,
                title=text.title,
                title_en=text.title_en,
                detail=text.detail,
                detail_en=text.detail_en,
            )
        return cls(
            job=typeid.encode(typeid.JOB, status.job_id),
            kind=status.kind,
            state=status.state,
            done=status.done_count,
            total=status.total_count,
            is_cancelling=status.is_cancelling,
            result=None if status.result is None else dict(status.result),
            error=error,
            created_at=status.created_at,
            started_at=status.started_at,
            finished_at=status.finished_at,
        )
