"""The receipt of a posted file as data, and taking the whole file back."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from api.schemas.intake import FileReceiptOut
from ledger.calendar import today
from ledger.errors import LedgerError
from ledger.intake.model import REASON_LENGTH_MAX, Intake
from ledger.intake.queries import FileReceipt, intake_by_id, receipt
from ledger.intake.settlement import reverse_file
from web.access import NeedsPageIn, Visit
from web.desk.intake.show import SEE_OTHER, UNPROCESSABLE, file_path, intake_uuid, show
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]


def make_router() -> APIRouter:
    """Return the routes of a file's receipt and its reversal."""
    router = APIRouter(prefix="/desk/{association_id}/intake/{intake_id}", include_in_schema=False)

    @router.get("/receipt.json")
    def receipt_json(visit: MayKeep, intake_id: str) -> Response:
        found, told = _posted(visit, intake_uuid(intake_id))
        if told is None:
            return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
        body = FileReceiptOut.of(found.intake_id, told).model_dump_json(indent=2)
        headers = {"Content-Disposition": f'attachment; filename="{intake_id[:40]}.json"'}
        return Response(body, headers=headers, media_type="application/json")

    @router.get("/reverse")
    def ask_to_reverse(visit: MayPost, intake_id: str, language: Spoken) -> Response:
        return _reverse_page(visit, language, intake_uuid(intake_id), Form.showing({"on": today()}))

    @router.post("/reverse")
    def reverse(visit: MayPost, intake_id: str, form: FormBody, language: Spoken) -> Response:
        uuid = intake_uuid(intake_id)
        try:
            visit.write(lambda session: _reverse(session, uuid, form))
        except (FormRefused, LedgerError) as error:
            found, told = _posted(visit, uuid)
            if told is None or found.state != "posted":
                raise
            return _reverse_page(visit, language, uuid, form.refused(error, {"entry_on": "on", "value_minor": "on"}))
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    return router


def _reverse(session: Session, intake_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        on = read.day("on")
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def change() -> Mapping[str, object]:
        reverse_file(session.conn, session.book, intake_id, on=on, reason=reason, actor=session.actor)
        return {}

    once(session, form.request("intake-reversal"), change)


def _posted(visit: Visit, intake_id: UUID) -> tuple[Intake, FileReceipt | None]:
    return visit.read(
        lambda session: (
            intake_by_id(session.conn, session.book, intake_id),
            receipt(session.conn, session.book, intake_id),
        )
    )


def _reverse_page(visit: Visit, language: Language, intake_id: UUID, form: Form) -> Response:
    found, told = _posted(visit, intake_id)
    if told is None or found.state != "posted":
        return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
    return show(
        "reverse.html",
        visit,
        language,
        file_path(visit, found.intake_id, "reverse"),
        found=found,
        status=UNPROCESSABLE if form.faults else 200,
        form=form,
        told=told,
    )
