"""How long work goes: a page that follows a job to its end, and leads to what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.messages import Text, text_for
from ledger import typeid
from ledger.books.queries import seqs_of
from ledger.errors import IdMalformed
from ledger.intake.commands import POST_JOB, READ_JOB
from ledger.jobs.queue import JobNotFound, JobStatus, cancel, job_by_id
from web.access import NeedsPageIn, Visit
from web.form import Form
from web.language import Spoken
from web.site import desk_path, render
from web.translation import Message, _

SEE_OTHER: Final = 303

MayEnter = Annotated[Visit, Depends(NeedsPageIn(None))]
JobIdPath = Annotated[str, Path(max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a kind of job is called, and where what came of it is: a path below the association's desk."""

    name: Message
    leads_to: Callable[[Session, Mapping[str, Any]], str | None]


def _papers_of_entry(session: Session, result: Mapping[str, Any]) -> str | None:
    entry_id = typeid.decode(typeid.ENTRY, str(result["entry"]))
    seq = seqs_of(session.conn, session.book, {entry_id}).get(entry_id)
    return None if seq is None else f"entries/{seq}/papers"


def _list(_session: Session, result: Mapping[str, Any]) -> str:
    return f"intake/{result['intake']}"


SHOWN: Final[Mapping[str, Shown]] = {
    "papers.receipts": Shown(name=_("In giấy ghi nhận của một bút toán"), leads_to=_papers_of_entry),
    READ_JOB: Shown(name=_("Đọc một danh sách"), leads_to=_list),
    POST_JOB: Shown(name=_("Ghi sổ một danh sách"), leads_to=_list),
}
"""By the kind's name; a kind that is not here is followed all the same."""

OTHER: Final = Shown(name=_("Công việc đang chạy"), leads_to=lambda _session, _result: None)

STATES: Final[Mapping[str, Message]] = {
    "waiting": _("Đang chờ đến lượt"),
    "running": _("Đang làm"),
    "done": _("Đã xong"),
    "failed": _("Không làm được"),
    "cancelled": _("Đã dừng theo yêu cầu"),
}


def make_router() -> APIRouter:
    """Return the routes of an association's jobs."""
    router = APIRouter(prefix="/desk/{association_id}/jobs/{job_id}", include_in_schema=False)

    @router.get("")
    def job(visit: MayEnter, job_id: JobIdPath, language: Spoken) -> Response:
        uuid = _uuid(job_id)

        def look(session: Session) -> tuple[JobStatus, str | None]:
            status = _theirs(session, job_by_id(session.conn, session.book, uuid))
            shown = SHOWN.get(status.kind, OTHER)
            return status, None if status.result is None else shown.leads_to(session, status.result)

        status, path = visit.read(look)
        return render(
            "desk/job.html",
            language,
            desk_path(visit.place.association_id, "jobs", job_id),
            visit=visit,
            place=visit.place,
            form=Form(),
            job=status,
            name=SHOWN.get(status.kind, OTHER).name,
            state=STATES[status.state],
            refusal=_refusal(status),
            leads_to=None if path is None else desk_path(visit.place.association_id, path),
        )

    @router.post("/cancel")
    def cancelled(visit: MayEnter, job_id: JobIdPath) -> Response:
        uuid = _uuid(job_id)

        def leave_off(session: Session) -> None:
            status = _theirs(session, job_by_id(session.conn, session.book, uuid))
            if status.principal_id == session.actor.principal_id or "post" in session.rights:
                cancel(session.conn, session.book, uuid)

        # Asked for twice it is cancelled once, so the form's key has nothing to add and is not read.
        visit.write(leave_off)
        return RedirectResponse(desk_path(visit.place.association_id, "jobs", job_id), SEE_OTHER)

    return router


def _theirs(session: Session, status: JobStatus) -> JobStatus:
    """Return a job to who asked for it or may read the books; to others there is none."""
    if status.principal_id != session.actor.principal_id and "read" not in session.rights:
        raise JobNotFound(job=typeid.encode(typeid.JOB, status.job_id))
    return status


def _refusal(status: JobStatus) -> Text | None:
    return None if status.error_code is None else text_for(status.error_code, status.error_fields or {})


def _uuid(job_id: str) -> UUID:
    try:
        return typeid.decode(typeid.JOB, job_id)
    except IdMalformed:
        raise JobNotFound(job=job_id[:40]) from None
