"""Show a file as it stands: being read, unreadable, row by row before it is posted, posted, given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi.responses import Response

from api.auth import Session
from ledger.errors import Fault
from ledger.intake.cell import Row, shown
from ledger.intake.model import Intake, Tally, obstacles
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
from web.access import Visit
from web.desk.intake.columns import ENCODINGS
from web.desk.intake.show import (
    VERDICT_KINDS,
    VERDICTS,
    Said,
    file_path,
    problems,
    say,
    say_fault,
    say_finding,
    show,
)
from web.form import Form
from web.translation import Language, Message, _

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


def look(visit: Visit, intake_id: UUID, wanted: Shown, after: int) -> Looked:
    """Read a file and the rows of one page of it, those after the row ``after``."""

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


def page(
    visit: Visit,
    language: Language,
    looked: Looked,
    wanted: Shown,
    after: int,
    *,
    form: Form,
    status: int = 200,
) -> Response:
    """Answer with the page that a file in this state has."""
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
    on_page = looked.rows[:PAGE_SIZE]
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
        rows=[_seen(language, line, looked.originals) for line in on_page],
        wanted=wanted,
        after=after,
        following=on_page[-1].row if len(looked.rows) > PAGE_SIZE else None,
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
