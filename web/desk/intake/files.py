"""The files of a book, and taking one in."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.books.model import Request
from ledger.errors import IdMalformed, LedgerError
from ledger.intake.commands import FileAgain, take_in
from ledger.intake.container import FILE_SIZE_MAX
from ledger.intake.export import TEMPLATE_NAME, template
from ledger.intake.model import MEDIA_TYPES, REASON_LENGTH_MAX, Kind
from ledger.intake.queries import IntakeNotFound, intakes
from ledger.intake.refusal import FileRefused
from web.access import NeedsPageIn, Visit
from web.desk.intake.show import KIND_HINTS, KINDS, SEE_OTHER, UNPROCESSABLE, file_path, intake_uuid, show
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language

PAGE_SIZE: Final = 30
ACCEPTED: Final = ".xlsx,.xls,.ods,.csv,.tsv,.txt"

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def make_router() -> APIRouter:
    """Return the routes of the list of files and of taking one in."""
    router = APIRouter(prefix="/desk/{association_id}/intake", include_in_schema=False)

    @router.get("")
    def listed(
        visit: MayKeep, language: Spoken, before: Annotated[str | None, Query(max_length=40)] = None
    ) -> Response:
        here = desk_path(visit.place.association_id, "intake")
        uuid = None if before is None else intake_uuid(before)
        rows = visit.read(lambda session: intakes(session.conn, session.book, before=uuid, limit=PAGE_SIZE + 1))
        page = rows[:PAGE_SIZE]
        following = typeid.encode(typeid.INTAKE, page[-1].intake_id) if len(rows) > PAGE_SIZE else None
        return show("files.html", visit, language, here, rows=page, following=following, first=before is None)

    @router.get("/new")
    def new(visit: MayKeep, language: Spoken, kind: Kind = "household") -> Response:
        return _new(visit, language, Form.showing({"kind": kind}))

    @router.post("/new")
    def upload(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        try:
            intake_id = _take_in(visit, form)
        except (FormRefused, FileRefused, FileAgain) as error:
            is_again = isinstance(error, FileAgain)
            names = {"name": "file"} if not isinstance(error, FileRefused) else {}
            again = form.refused(error if not isinstance(error, FileRefused) else _at_file(error), names)
            return _new(visit, language, again, earlier=_earlier(visit, error) if is_again else None)
        return RedirectResponse(file_path(visit, intake_uuid(intake_id)), SEE_OTHER)

    @router.get("/template.xlsx")
    def empty_list(visit: MayKeep, kind: Kind = "contribution") -> Response:
        visit.read(lambda _: None)
        headers = {"Content-Disposition": f'attachment; filename="{TEMPLATE_NAME[kind]}.xlsx"'}
        return Response(template(kind), headers=headers, media_type=MEDIA_TYPES["xlsx"])

    return router


def _take_in(visit: Visit, form: Form) -> str:
    with Reading(form) as read:
        kind = read.choice("kind", _KINDS)
        sent = read.upload("file", size_max=FILE_SIZE_MAX)
        reason = read.optional_text("again_reason", length_max=REASON_LENGTH_MAX)
    assert sent is not None
    data = sent.file.read(FILE_SIZE_MAX + 1)
    asked = form.request("intake")
    request = Request(key=asked.key, hash=sha256(asked.hash + sha256(data).digest()).digest())

    def work(session: Session) -> str:
        def make() -> Mapping[str, object]:
            made = take_in(
                session.conn,
                session.book,
                kind=kind,
                name=sent.name,
                data=data,
                actor=session.actor,
                again_reason=reason,
            )
            return {"intake": typeid.encode(typeid.INTAKE, made.intake_id)}

        result, _ = once(session, request, make)
        return str(result["intake"])

    return visit.write(work)


def _at_file(error: FileRefused) -> FormRefused:
    """Say what is wrong with a file, and what to do, at the field that it was chosen in."""
    return FormRefused([FormFault(name="file", code=error.code, fields=error.fields, is_titled=True)])


def _earlier(visit: Visit, error: Exception) -> str | None:
    named = error.fields.get("intake") if isinstance(error, LedgerError) else None
    try:
        return file_path(visit, intake_uuid(str(named)))
    except (IdMalformed, IntakeNotFound):
        return None


def _new(visit: Visit, language: Language, form: Form, *, earlier: str | None = None) -> Response:
    here = desk_path(visit.place.association_id, "intake", "new")
    return show(
        "upload.html",
        visit,
        language,
        here,
        status=UNPROCESSABLE if form.faults else 200,
        form=form,
        hints=KIND_HINTS,
        kind_names=KINDS,
        accepted=ACCEPTED,
        size_max=FILE_SIZE_MAX // (1024 * 1024),
        earlier=earlier,
    )
