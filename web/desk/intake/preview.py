"""Look through a list row by row before it is posted, decide about rows, and see at every state what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.errors import Fault, LedgerError
from ledger.intake.cell import Row, shown
from ledger.intake.commands import decide, let_go
from ledger.intake.export import EXPORTS, rows_csv, rows_xlsx
from ledger.intake.model import REASON_LENGTH_MAX, Intake, Tally, obstacles
from ledger.intake.page import read_rows
from ledger.intake.queries import (
    Decision,
    FileReceipt,
    FindingCount,
    ListedLine,
    Shown,
    decisions,
    finding_counts,
    intake_by_id,
    lines,
    receipt,
    tally,
)
from ledger.jobs.queue import JobNotFound, JobStatus, job_by_id
from web.access import NeedsPageIn, Visit
from web.desk.intake.columns import ENCODINGS
from web.desk.intake.show import (
    SEE_OTHER,
    UNPROCESSABLE,
    VERDICT_KINDS,
    VERDICTS,
    Said,
    file_path,
    intake_uuid,
    problems,
    say,
    say_fault,
    say_finding,
    show,
)
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language, Message, _

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]

PAGE_SIZE: Final = 50

FILTERS: Final[Mapping[Shown, Message]] = {
    "all": _("Mọi dòng"),
    "faults": _("Lỗi"),
    "warnings": _("Chú ý"),
    "twins": _("Trùng nhau"),
    "left_out": _("Bỏ qua"),
    "other": _("Không phải người góp"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file with all that its page shows."""

    found: Intake
    counted: Tally
    findings: list[FindingCount]
    decisions: list[Decision]
    rows: list[ListedLine]
    originals: Mapping[int, Row]
    in_the_way: list[Fault]
    job: JobStatus | None
    receipt: FileReceipt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A row as the page shows it: what was understood, what is wrong, and what stands in the file where it is."""

    line: ListedLine
    said: tuple[tuple[Said, str], ...]


def make_router() -> APIRouter:
    """Return the routes of one file, and of decisions about its rows."""
    router = APIRouter(prefix="/desk/{association_id}/intake/{intake_id}", include_in_schema=False)

    @router.get("")
    def one(
        visit: MayKeep,
        intake_id: str,
        language: Spoken,
        rows: Shown = "all",
        after: Annotated[int, Query(ge=0, le=200_000, alias="from")] = 0,
    ) -> Response:
        looked = _look(visit, intake_uuid(intake_id), rows, after)
        if looked.found.state == "read":
            return RedirectResponse(file_path(visit, looked.found.intake_id, "columns"), SEE_OTHER)
        return _page(visit, language, looked, rows, after, form=Form())

    @router.post("")
    def decide_rows(
        visit: MayKeep,
        intake_id: str,
        form: FormBody,
        *,
        language: Spoken,
        rows: Shown = "all",
        after: Annotated[int, Query(ge=0, le=200_000, alias="from")] = 0,
    ) -> Response:
        uuid = intake_uuid(intake_id)
        try:
            visit.write(lambda session: _decide(session, uuid, form))
        except (FormRefused, LedgerError) as error:
            looked = _look(visit, uuid, rows, after)
            if looked.found.state not in {"mapped", "ready"}:
                raise
            return _page(visit, language, looked, rows, after, form=form.refused(error), status=UNPROCESSABLE)
        query = f"?rows={rows}" + (f"&from={after}" if after else "")
        return RedirectResponse(file_path(visit, uuid) + query, SEE_OTHER)

    @router.post("/release")
    def release(visit: MayKeep, intake_id: str, form: FormBody) -> Response:
        uuid = intake_uuid(intake_id)
        visit.write(lambda session: _release(session, uuid, form))
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    @router.get("/rows.{ending}")
    def export(visit: MayKeep, intake_id: str, ending: str, language: Spoken, rows: Shown = "faults") -> Response:
        uuid = intake_uuid(intake_id)
        make = rows_csv if ending == "csv" else rows_xlsx

        def work(session: Session) -> bytes:
            intake_by_id(session.conn, session.book, uuid)
            return make(
                session.conn,
                session.book,
                uuid,
                rows,
                lambda finding: say(language, finding.code, finding.fields).detail,
            )

        body = visit.read(work)
        ending = "csv" if ending == "csv" else "xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{intake_id[:40]}-{rows}.{ending}"'}
        return Response(body, headers=headers, media_type=EXPORTS[ending])

    return router


def _look(visit: Visit, intake_id: UUID, wanted: Shown, after: int) -> Looked:
    def work(session: Session) -> Looked:
        conn, book = session.conn, session.book
        found = intake_by_id(conn, book, intake_id)
        counted = tally(conn, book, intake_id)
        has_lines = found.state in {"mapped", "ready"}
        rows = lines(conn, book, intake_id, shown=wanted, after=after, limit=PAGE_SIZE + 1) if has_lines else []
        faulty = [row.row for row in rows if row.findings]
        return Looked(
            found=found,
            counted=counted,
            findings=finding_counts(conn, book, intake_id) if has_lines else [],
            decisions=decisions(conn, book, intake_id),
            rows=rows,
            originals=read_rows(conn, book, intake_id, faulty) if faulty else {},
            in_the_way=obstacles(found, counted) if has_lines else [],
            job=_job(session, found),
            receipt=receipt(conn, book, intake_id),
        )

    return visit.read(work)


def _job(session: Session, found: Intake) -> JobStatus | None:
    if found.job_id is None or found.state not in {"uploaded", "posting"}:
        return None
    try:
        return job_by_id(session.conn, session.book, found.job_id)
    except JobNotFound:
        return None


def _decide(session: Session, intake_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)
        decision = read.choice("decision", ("leave_out", "take_back"))
        code = read.optional_text("code", length_max=40)
        cause = read.optional_text("cause", length_max=40)
        rows = [int(each) for each in form.values.get("row", ()) if each.isdecimal() and len(each) <= 6]  # noqa: PLR2004
        if not rows and code is None:
            read.fault(name="row", message=_("Chọn ít nhất một dòng."))
    finding = None if code is None else {"code": code, **({"reason": cause} if cause else {})}

    def change() -> Mapping[str, object]:
        decide(
            session.conn,
            session.book,
            intake_id,
            version=version,
            actor=session.actor,
            is_left_out=decision == "leave_out",
            reason=reason,
            rows=rows,
            finding=finding,
        )
        return {}

    once(session, form.request("intake-decision"), change)


def _release(session: Session, intake_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)

    def change() -> Mapping[str, object]:
        let_go(session.conn, session.book, intake_id, version=version, actor=session.actor)
        return {}

    once(session, form.request("intake-release"), change)


def _page(
    visit: Visit,
    language: Language,
    looked: Looked,
    wanted: Shown,
    after: int,
    *,
    form: Form,
    status: int = 200,
) -> Response:
    found = looked.found
    here = file_path(visit, found.intake_id)
    if found.state in {"uploaded", "posting"}:
        return _waiting(visit, language, looked, here)
    if found.state == "unreadable":
        return show(
            "unreadable.html",
            visit,
            language,
            here,
            found=found,
            form=Form.showing({"version": str(found.version)}),
            problems=problems(language, found),
            encodings=ENCODINGS,
        )
    if found.state in {"posted", "reversed"} and looked.receipt is not None:
        return show("receipt.html", visit, language, here, found=found, told=looked.receipt, decided=looked.decisions)
    if found.state == "discarded":
        return show("discarded.html", visit, language, here, found=found)
    page = looked.rows[:PAGE_SIZE]
    return show(
        "preview.html",
        visit,
        language,
        here,
        found=found,
        status=status,
        query={"rows": wanted, "from": after} if after or wanted != "all" else None,
        form=form,
        counted=looked.counted,
        findings=[(each, say(language, each.code, _reason(each))) for each in looked.findings],
        decided=looked.decisions,
        in_the_way=[say_fault(language, fault) for fault in looked.in_the_way],
        problems=problems(language, found),
        rows=[_seen(language, line, looked.originals) for line in page],
        wanted=wanted,
        after=after,
        following=page[-1].row if len(looked.rows) > PAGE_SIZE else None,
        filters=_filters(looked.counted),
        verdicts=VERDICTS,
        verdict_kinds=VERDICT_KINDS,
        overlaps=[(file_path(visit, each.intake_id), each.row_count) for each in found.overlaps],
    )


def _waiting(visit: Visit, language: Language, looked: Looked, here: str) -> Response:
    """Show how far the work is; the page asks again by itself, with a script or without."""
    job = looked.job
    is_over = job is None or job.is_over
    return show(
        "waiting.html",
        visit,
        language,
        here,
        found=looked.found,
        job=job,
        is_over=is_over,
        problem=say(language, job.error_code, job.error_fields or {}) if job and job.error_code and is_over else None,
        form=Form.showing({"version": str(looked.found.version)}),
    )


def _reason(counted: FindingCount) -> dict[str, str | int | bool | None]:
    return {} if counted.reason is None else {"reason": counted.reason}


def _seen(language: Language, line: ListedLine, originals: Mapping[int, Row]) -> SeenRow:
    original = originals.get(line.row, [])
    said = tuple(
        (
            say_finding(language, finding),
            shown(original[finding.column]) if finding.column < len(original) else "",
        )
        for finding in line.findings
    )
    return SeenRow(line=line, said=said)


def _filters(counted: Tally) -> list[tuple[Shown, Message, int | None]]:
    counts: dict[Shown, int] = {
        "faults": counted.fault_count,
        "warnings": counted.warning_count,
        "twins": counted.twin_count,
        "left_out": counted.left_out_count,
        "other": counted.total_rows + counted.group_rows + counted.footer_rows,
    }
    return [(name, text, counts.get(name)) for name, text in FILTERS.items() if name == "all" or counts[name]]
