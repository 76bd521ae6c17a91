"""The jobs of files: read one, post one. Both look at where the file stands, and may be done again after any kill."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final, overload
from uuid import UUID

from sqlalchemy import Connection

from audit.jcs import Json
from ledger import typeid
from ledger.documents.store import open_document
from ledger.errors import LedgerError
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import Gift
from ledger.intake.alike import look_for_likeness
from ledger.intake.commands import POST_JOB, READ_JOB, change, clear, open_intake
from ledger.intake.model import Intake
from ledger.intake.page import keep_pages, press
from ledger.intake.queries import intake_by_id
from ledger.intake.reader import PAGE_SIZE
from ledger.intake.reading import Outline, read_file
from ledger.intake.refusal import FileRefused, FileUnreadable
from ledger.intake.settlement import RowsPosted, post_file, read_gifts
from ledger.jobs.work import Job, job_kind

FAULTS_KEPT_MAX: Final = 500


@job_kind(READ_JOB, right="people", seconds_max=600)
def read_intake(job: Job) -> Mapping[str, Json] | None:
    """Read a file that was taken in; what stops the reading is kept with the file, and ends the job."""
    intake_id = _intake_id(job)
    found = job.read(lambda conn: intake_by_id(conn, job.book, intake_id))
    if found.state != "uploaded":
        return None
    _, data = job.write(
        lambda conn: open_document(
            conn, job.book, found.document_id, purpose="preview", principal_id=job.actor.principal_id
        )
    )
    pages: list[bytes] = []

    def take(page: bytes) -> None:
        pages.append(press(page))
        job.progress(len(pages) * PAGE_SIZE)

    sheet, encoding = job.arguments.get("sheet"), job.arguments.get("encoding")
    try:
        outline = read_file(data, found.form, take, sheet=sheet, encoding=encoding)  # type: ignore[arg-type] # as it was asked
    except (FileRefused, FileUnreadable) as refused:
        job.write(partial(_give_up, job=job, intake_id=intake_id, refused=refused))
        raise
    job.finish(lambda conn: _keep(conn, job, intake_id, outline, pages))
    return None


def _keep(conn: Connection, job: Job, intake_id: UUID, outline: Outline, pages: Sequence[bytes]) -> Mapping[str, Json]:
    found = open_intake(conn, job.book, intake_id, None, states=frozenset({"uploaded"}))
    clear(conn, job.book, intake_id, with_pages=True)
    keep_pages(conn, job.book, intake_id, pages)
    change(conn, job.book, found, job.actor, state="read", outline=asdict(outline), problem=None)
    return {"intake": typeid.encode(typeid.INTAKE, intake_id), "rows": outline.row_count}


def _give_up(conn: Connection, job: Job, intake_id: UUID, refused: LedgerError) -> None:
    found = intake_by_id(conn, job.book, intake_id, for_change=True)
    if found.state == "uploaded":
        problem = {"code": refused.code, **refused.fields}
        change(conn, job.book, found, job.actor, state="unreadable", problem=problem)


@job_kind(POST_JOB, right="post")
def post_intake(job: Job) -> Mapping[str, Json] | None:
    """Post a file that was handed over; what the book refuses is kept with the file, which is ready again."""
    intake_id = _intake_id(job)
    try:
        job.finish(lambda conn: _post(conn, job, intake_id))
    except CollectionRefused as refused:
        job.write(partial(_hand_back, job=job, intake_id=intake_id, refused=refused))
        raise
    return None


def _post(conn: Connection, job: Job, intake_id: UUID) -> Mapping[str, Json]:
    post_file(conn, job.book, intake_id, actor=job.actor, watched=lambda gifts: _Watched(gifts, job))
    return {"intake": typeid.encode(typeid.INTAKE, intake_id)}


def _hand_back(conn: Connection, job: Job, intake_id: UUID, refused: CollectionRefused) -> None:
    found = intake_by_id(conn, job.book, intake_id, for_change=True)
    if found.state == "posting":
        told = [
            {"code": fault.code, "line": fault.line, "field": fault.field, **fault.fields}
            for fault in refused.faults[:FAULTS_KEPT_MAX]
        ]
        alike = {"alike": _looked_again(conn, job, found)} if isinstance(refused, RowsPosted) else {}
        change(conn, job.book, found, job.actor, state="ready", problem={"faults": told}, **alike)


def _looked_again(conn: Connection, job: Job, found: Intake) -> Mapping[str, Json]:
    recognised = read_gifts(conn, job.book, found).recognised
    return look_for_likeness(conn, job.book, found.intake_id, recognised).members()


def _intake_id(job: Job) -> UUID:
    return typeid.decode(typeid.INTAKE, str(job.arguments["intake"]))


class _Watched(Sequence[Gift]):
    """Gifts that tell the job how far they are when they are recorded, one after the other by their index."""

    def __init__(self, gifts: Sequence[Gift], job: Job) -> None:
        self._gifts = gifts
        self._job = job

    def __len__(self) -> int:
        return len(self._gifts)

    def __iter__(self) -> Iterator[Gift]:
        return iter(self._gifts)

    @overload
    def __getitem__(self, at: int) -> Gift: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Gift]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            self._job.progress(at.start or 0, len(self._gifts))
        return self._gifts[at]
