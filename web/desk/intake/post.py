"""Check the answers and post a file, or drop one that is not wanted."""

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger.calendar import today
from ledger.giving.choice import Choices, find_choices
from ledger.giving.errors import CollectionRefused
from ledger.intake.commands import IntakeNotReady, discard, hand_over
from ledger.intake.model import OPEN, Intake, Tally, obstacles
from ledger.intake.queries import decisions, intake_by_id, tally
from web.access import NeedsPageIn, Visit
from web.desk.intake.show import SEE_OTHER, UNPROCESSABLE, Said, file_path, intake_uuid, say_fault, show
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.translation import Language

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]


def make_router() -> APIRouter:
    """Return the routes of posting and of dropping a file."""
    router = APIRouter(prefix="/desk/{association_id}/intake/{intake_id}", include_in_schema=False)

    @router.get("/post")
    def check(visit: MayPost, intake_id: str, language: Spoken) -> Response:
        return _check(visit, language, intake_uuid(intake_id))

    @router.post("/post")
    def post(visit: MayPost, intake_id: str, form: FormBody, language: Spoken) -> Response:
        uuid = intake_uuid(intake_id)
        try:
            visit.write(lambda session: _once(session, uuid, form, "intake-post", hand_over))
        except (IntakeNotReady, CollectionRefused) as error:
            said = [say_fault(language, fault) for fault in error.faults]
            return _check(visit, language, uuid, refused=said)
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    @router.get("/discard")
    def ask_to_discard(visit: MayKeep, intake_id: str, language: Spoken) -> Response:
        uuid = intake_uuid(intake_id)
        found = visit.read(lambda session: intake_by_id(session.conn, session.book, uuid))
        if found.state not in OPEN | {"uploaded", "unreadable"}:
            return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
        here = file_path(visit, found.intake_id, "discard")
        form = Form.showing({"version": str(found.version)})
        return show("discard.html", visit, language, here, found=found, form=form)

    @router.post("/discard")
    def drop(visit: MayKeep, intake_id: str, form: FormBody) -> Response:
        uuid = intake_uuid(intake_id)
        visit.write(lambda session: _once(session, uuid, form, "intake-discard", discard))
        return RedirectResponse(file_path(visit, uuid), SEE_OTHER)

    return router


def _once(session: Session, intake_id: UUID, form: Form, name: str, step: Callable[..., Intake]) -> None:
    with Reading(form) as read:
        version = read.integer("version", high=2**31 - 1)

    def change() -> Mapping[str, object]:
        step(session.conn, session.book, intake_id, version=version, actor=session.actor)
        return {}

    once(session, form.request(name), change)


def _check(visit: Visit, language: Language, intake_id: UUID, *, refused: list[Said] | None = None) -> Response:
    def work(session: Session) -> tuple[Intake, Tally, Choices, int]:
        found = intake_by_id(session.conn, session.book, intake_id)
        choices = find_choices(session.conn, session.book, on=today())
        decided = len(decisions(session.conn, session.book, intake_id))
        return found, tally(session.conn, session.book, intake_id), choices, decided

    found, counted, choices, decided = visit.read(work)
    if found.state not in {"mapped", "ready"} or found.facts is None:
        return RedirectResponse(file_path(visit, found.intake_id), SEE_OTHER)
    in_the_way = refused or [say_fault(language, fault) for fault in obstacles(found, counted)]
    return show(
        "check.html",
        visit,
        language,
        file_path(visit, found.intake_id, "post"),
        found=found,
        status=UNPROCESSABLE if refused else 200,
        form=Form.showing({"version": str(found.version)}),
        facts=found.facts,
        counted=counted,
        decided=decided,
        in_the_way=in_the_way,
        named=lambda kind, code: next((each for each in getattr(choices, kind) if each.code == code), None),
    )
