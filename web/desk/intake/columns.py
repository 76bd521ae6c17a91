"""Confirm what the columns of a list are for, or say it: with the first rows beside each choice.

What reading found is chosen already, and why. Text in an old table is shown as it is and as it would be; nothing is
converted that nobody confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.errors import LedgerError
from ledger.intake.cell import Row, column_letters, is_blank, shown
from ledger.intake.commands import read_again
from ledger.intake.delimited import Encoding
from ledger.intake.header import ROLES, Role
from ledger.intake.legacy import Legacy, convert, marked_words
from ledger.intake.line import ListMapping
from ledger.intake.mapping import map_list, mapping_of, mark_of, proposed
from ledger.intake.model import OPEN, Intake
from ledger.intake.page import read_rows
from ledger.intake.queries import intake_by_id
from ledger.intake.syllable import is_syllable
from ledger.typed import Mark
from web.access import NeedsPageIn, Visit
from web.desk.intake.show import SEE_OTHER, UNPROCESSABLE, file_path, intake_uuid, show
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language, Message, _

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]

SAMPLE_ROWS: Final = 6

ROLE_NAMES: Final[Mapping[Role, Message]] = {
    "number": _("Số thứ tự"),
    "surname": _("Họ và tên đệm"),
    "name": _("Họ và tên"),
    "detail": _("Đơn vị, lớp, thôn, địa chỉ"),
    "amount": _("Số tiền"),
    "paper_number": _("Số biên lai"),
    "paid_on": _("Ngày nộp"),
    "wish": _("Ẩn danh"),
    "other": _("Không dùng"),
}
UNITS: Final[Mapping[str, Message]] = {
    "1": _("đồng"),
    "1000": _("nghìn đồng"),
    "1000000": _("triệu đồng"),
}
LEGACY_NAMES: Final[Mapping[Legacy, str]] = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI"}
ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as its choice shows it: the first cells below its header, and those converted where that is proposed."""

    index: int
    letters: str
    header: str
    by: str | None
    cells: tuple[str, ...]
    legacy: Legacy | None
    share_percent: int
    converted: tuple[str, ...]
    mark: Mark | None
    is_mixed: bool


def make_router() -> APIRouter:
    """Return the routes of a file's columns, and of reading it anew."""
    router = APIRouter(prefix="/desk/{association_id}/intake/{intake_id}", include_in_schema=False)

    @router.get("/columns")
    def columns(visit: MayKeep, intake_id: str, language: Spoken) -> Response:
        found, rows = _look(visit, intake_uuid(intake_id))
        if found.state not in OPEN:
            return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
        mapping = proposed(found.outline or {}) if found.mapping is None else mapping_of(found.mapping)
        return _page(visit, language, found, rows, Form.showing(_values(found, mapping)))

    @router.post("/columns")
    def confirm(visit: MayKeep, intake_id: str, form: FormBody, language: Spoken) -> Response:
        uuid = intake_uuid(intake_id)
        try:
            visit.write(lambda session: _map(session, uuid, form))
        except (FormRefused, LedgerError) as error:
            found, rows = _look(visit, uuid)
            if found.state not in OPEN:
                raise
            return _page(visit, language, found, rows, form.refused(error), status=UNPROCESSABLE)
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    @router.post("/reading")
    def again(visit: MayKeep, intake_id: str, form: FormBody) -> Response:
        uuid = intake_uuid(intake_id)
        visit.write(lambda session: _read_again(session, uuid, form))
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    return router


def _look(visit: Visit, intake_id: UUID) -> tuple[Intake, dict[int, Row]]:
    """Return a file with its first rows, by their numbers."""

    def work(session: Session) -> tuple[Intake, dict[int, Row]]:
        found = intake_by_id(session.conn, session.book, intake_id)
        if found.outline is None:
            return found, {}
        first = found.outline["layout"]["first_row"]
        wanted = range(max(first - 2, 0) + 1, min(first + SAMPLE_ROWS, found.outline["row_count"]) + 1)
        return found, read_rows(session.conn, session.book, intake_id, wanted)

    return visit.read(work)


def _values(found: Intake, mapping: ListMapping) -> dict[str, object]:
    """Return what the form shows chosen."""
    values: dict[str, object] = {
        "version": str(found.version),
        "first_row": str(mapping.first_row + 1),
        "thousands": mapping.thousands,
        "unit": str(mapping.unit),
    }
    for index, role in enumerate(mapping.roles):
        values[f"role.{index}.is"] = role
        values[f"role.{index}.legacy"] = mapping.legacy.get(index)
    return values


def _map(session: Session, intake_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)
        first_row = read.integer("first_row", low=1, high=200_000)
        marks: tuple[Mark, ...] = (".", ",")
        thousands = read.optional_choice("thousands", marks)
        unit = read.choice("unit", tuple(UNITS))
        chosen = {
            row.number: (row.choice("is", ROLES), row.optional_choice("legacy", tuple(LEGACY_NAMES)))
            for row in read.rows("role", ("is",), count_max=200)
        }
    width = max(chosen, default=-1) + 1
    other: Role = "other"
    mapping = ListMapping(
        first_row=first_row - 1,
        roles=tuple(chosen[index][0] if index in chosen else other for index in range(width)),
        thousands=thousands,
        unit=int(unit),  # type: ignore[arg-type] # one of the three that were offered
        legacy={index: legacy for index, (_, legacy) in chosen.items() if legacy is not None},
    )

    def change() -> Mapping[str, object]:
        map_list(session.conn, session.book, intake_id, mapping, version=version, actor=session.actor)
        return {}

    once(session, form.request("intake-columns"), change)


def _read_again(session: Session, intake_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)
        sheet = read.optional_integer("sheet", high=1_000)
        encoding = read.optional_choice("encoding", ENCODINGS)

    def change() -> Mapping[str, object]:
        read_again(
            session.conn,
            session.book,
            intake_id,
            version=version,
            actor=session.actor,
            sheet=sheet,
            encoding=encoding,
        )
        return {}

    once(session, form.request("intake-reading"), change)


def _page(
    visit: Visit, language: Language, found: Intake, rows: Mapping[int, Row], form: Form, *, status: int = 200
) -> Response:
    outline: Mapping[str, Any] = found.outline or {}
    first = outline["layout"]["first_row"]
    below = [rows[number] for number in sorted(rows) if number > first]
    guessed = (told["legacy"]["legacy"] for told in outline["layout"]["columns"] if told["legacy"])
    legacy: Legacy | None = next(guessed, None)
    columns = [_column(told, below, legacy) for told in outline["layout"]["columns"]]
    return show(
        "columns.html",
        visit,
        language,
        file_path(visit, found.intake_id, "columns"),
        found=found,
        status=status,
        form=form,
        columns=[column for column in columns if column.cells or column.header],
        roles=list(ROLE_NAMES.items()),
        units=list(UNITS.items()),
        legacy_names=LEGACY_NAMES,
        outline=outline,
        encodings=ENCODINGS,
        amount=next((column for column in columns if form.value(f"role.{column.index}.is") == "amount"), None),
    )


def _column(told: Mapping[str, Any], rows: Sequence[Row], elsewhere: Legacy | None) -> Column:
    index, guess = told["index"], told["legacy"]
    filled = (row[index] for row in rows if index < len(row) and not is_blank(row[index]))
    cells = tuple(dict.fromkeys(" ".join(shown(cell).split()) for cell in filled))[:SAMPLE_ROWS]
    legacy: Legacy | None = None if guess is None else guess["legacy"]
    return Column(
        index=index,
        letters=column_letters(index),
        header=_readable(told["header"], legacy or elsewhere),
        by=told["by"],
        cells=cells,
        legacy=legacy,
        share_percent=0 if guess is None else guess["share_percent"],
        converted=() if legacy is None else tuple(convert(cell, legacy) for cell in cells),
        mark=mark_of(told["thousands"]),
        is_mixed=bool(told["thousands"]["dots"] and told["thousands"]["commas"]),
    )


def _readable(header: str, legacy: Legacy | None) -> str:
    """Return a header as it reads once text like the file's is converted; shown so only, whatever is confirmed."""
    if legacy is None or all(map(is_syllable, marked_words(header))):
        return header
    return convert(header, legacy)
