"""Look through a list row by row before it is posted, decide about rows, and take the faulty ones home."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.errors import LedgerError
from ledger.intake.commands import decide, let_go
from ledger.intake.export import EXPORTS, rows_csv, rows_xlsx
from ledger.intake.model import REASON_LENGTH_MAX
from ledger.intake.queries import Shown, intake_by_id
from web.access import NeedsPageIn, Visit
from web.desk.intake.looking import look, page
from web.desk.intake.show import SEE_OTHER, UNPROCESSABLE, file_path, intake_uuid, say
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import _

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]


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
        looked = look(visit, intake_uuid(intake_id), rows, after)
        if looked.found.state == "read":
            return RedirectResponse(file_path(visit, looked.found.intake_id, "columns"), SEE_OTHER)
        return page(visit, language, looked, rows, after, form=Form())

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
            looked = look(visit, uuid, rows, after)
            if looked.found.state not in {"mapped", "ready"}:
                raise
            return page(visit, language, looked, rows, after, form=form.refused(error), status=UNPROCESSABLE)
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
