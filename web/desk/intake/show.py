"""What the pages of files share: the words for states, kinds and verdicts, and how a file is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi.responses import Response

from api.messages import text_for
from ledger import typeid
from ledger.errors import Fault, IdMalformed, Value
from ledger.intake.cell import column_letters
from ledger.intake.line import Finding, Verdict
from ledger.intake.model import Intake, Kind, State
from ledger.intake.queries import IntakeNotFound
from web.access import Visit
from web.site import desk_path, render
from web.translation import Language, Message, _

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422

KINDS: Final[Mapping[Kind, Message]] = {
    "salary": _("Ủng hộ một ngày lương"),
    "household": _("Danh sách hộ gia đình"),
    "contribution": _("Danh sách ủng hộ khác"),
}
KIND_HINTS: Final[Mapping[Kind, Message]] = {
    "salary": _("Một lần chuyển khoản và danh sách người góp; tổng phải khớp đến từng đồng."),
    "household": _("Thu tiền mặt theo thôn, tổ, khu phố."),
    "contribution": _("Doanh nghiệp, nhà hảo tâm, hội viên và danh sách khác."),
}
STATES: Final[Mapping[State, Message]] = {
    "uploaded": _("Đang đọc"),
    "unreadable": _("Không đọc được"),
    "read": _("Chờ chọn cột"),
    "mapped": _("Đang xem lại"),
    "ready": _("Sẵn sàng ghi sổ"),
    "posting": _("Đang ghi sổ"),
    "posted": _("Đã ghi sổ"),
    "reversed": _("Đã đảo"),
    "discarded": _("Đã bỏ"),
}
STATE_KINDS: Final[Mapping[State, str]] = {
    "uploaded": "info",
    "unreadable": "bad",
    "read": "warn",
    "mapped": "warn",
    "ready": "good",
    "posting": "info",
    "posted": "good",
    "reversed": "plain",
    "discarded": "plain",
}
VERDICTS: Final[Mapping[Verdict, Message]] = {
    "ok": _("Được"),
    "warning": _("Chú ý"),
    "fault": _("Lỗi"),
    "total": _("Dòng tổng"),
    "group": _("Tiêu đề nhóm"),
    "footer": _("Cuối danh sách"),
}
VERDICT_KINDS: Final[Mapping[Verdict, str]] = {
    "ok": "good",
    "warning": "warn",
    "fault": "bad",
    "total": "info",
    "group": "plain",
    "footer": "plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something wrong, in the page's language; ``place`` is its column where it has one."""

    title: str
    detail: str
    place: str = ""


def intake_uuid(intake_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        IntakeNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.INTAKE, intake_id)
    except IdMalformed:
        raise IntakeNotFound from None


def file_path(visit: Visit, intake_id: UUID, *more: str) -> str:
    """Return the path of a file's page, or of one below it."""
    return desk_path(visit.place.association_id, "intake", typeid.encode(typeid.INTAKE, intake_id), *more)


def say(language: Language, code: str, fields: Mapping[str, Value], place: str = "") -> Said:
    """Put a code into the words of a language."""
    text = text_for(code, fields)
    if language == "en":
        return Said(title=text.title_en, detail=text.detail_en, place=place)
    return Said(title=text.title, detail=text.detail, place=place)


def say_finding(language: Language, finding: Finding) -> Said:
    """Put a finding about a row into words, with its column."""
    return say(language, finding.code, finding.fields, column_letters(finding.column))


def say_fault(language: Language, fault: Fault) -> Said:
    """Put a fault into words."""
    return say(language, fault.code, fault.fields)


def problems(language: Language, found: Intake) -> tuple[Said, ...]:
    """Say why a file could not be read, or why its posting was refused."""
    if found.problem is None:
        return ()
    told = found.problem.get("faults", [found.problem])
    return tuple(
        say(language, each["code"], {name: value for name, value in each.items() if name != "code"}) for each in told
    )


def show(
    template: str,
    visit: Visit,
    language: Language,
    here: str,
    *,
    found: Intake | None = None,
    status: int = 200,
    query: Mapping[str, object] | None = None,
    **more: object,
) -> Response:
    """Return a page of files; one of a single file has the way to it above."""
    files = desk_path(visit.place.association_id, "intake")
    steps: list[tuple[str, object]] = [(files, _("Danh sách từ tệp"))]
    if found is not None:
        own = file_path(visit, found.intake_id)
        steps += [(own, found.name)] if here != own else []
    told: dict[str, object] = {
        "steps": steps if here != files else (),
        "found": found,
        "own": None if found is None else file_path(visit, found.intake_id),
        "files": files,
        "kinds": KINDS,
        "states": STATES,
        "state_kinds": STATE_KINDS,
        **more,
    }
    # What a template is told has other names than render's own parameters.
    page = f"desk/intake/{template}"
    return render(page, language, here, query, visit=visit, status=status, **told)  # type: ignore[arg-type]
