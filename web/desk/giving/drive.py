"""Type the list of a drive or of a salary day: kept as a draft while it is typed, checked, handed on, posted.

The list is on the server from its first line on, under an id that the page was given, so that sending it again, from
here or after a broken connection, is the same draft. Every save starts from a version; what another tab saved
meanwhile is never written over: both lists go on existing, and a person chooses.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.auth import Session
from api.messages import text_for
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdMalformed, LedgerError
from ledger.giving.choice import Choices, find_choices
from ledger.giving.draft import (
    Draft,
    DraftNotFound,
    DraftStale,
    DraftStateRefused,
    draft_by_id,
    look_at,
    save_draft,
    start_draft,
)
from ledger.giving.errors import CollectionRefused
from web.access import NeedsPageIn, Visit
from web.desk.giving import drive_form
from web.desk.giving.gift_draft import only_of
from web.desk.giving.gift_form import CHANNEL_ORDER
from web.desk.giving.refusal import refused
from web.desk.giving.show import CONFLICT, SEE_OTHER, UNPROCESSABLE, may_see_names, show
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.site import DESK_HEADERS, desk_path
from web.translation import Language, _

MayCollect = Annotated[Visit, Depends(NeedsPageIn("collect"))]
DraftText = Annotated[str, Path(max_length=40)]

_match_version: Final = re.compile("[0-9]{1,9}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A list as its page shows it; ``draft`` is ``None`` before it was first saved."""

    choices: Choices
    draft: Draft | None


def make_router() -> APIRouter:
    """Return the routes of typing a list."""
    router = APIRouter(prefix="/desk/{association_id}/drives", include_in_schema=False)

    @router.get("")
    def listed(visit: MayCollect) -> Response:
        return RedirectResponse(desk_path(visit.place.association_id, "drafts"), SEE_OTHER)

    @router.get("/new")
    def drive(visit: MayCollect, language: Spoken) -> Response:
        return _begin(visit, language, is_salary=False)

    @router.get("/salary")
    def salary(visit: MayCollect, language: Spoken) -> Response:
        return _begin(visit, language, is_salary=True)

    @router.get("/{draft_id}")
    def form(visit: MayCollect, draft_id: DraftText, language: Spoken) -> Response:
        uuid = draft_uuid(draft_id)
        typed = visit.read(lambda session: Typed(choices=_choices(session), draft=own_draft(session, uuid)))
        if typed.draft is None or typed.draft.state != "open":
            return RedirectResponse(desk_path(visit.place.association_id, "drafts", draft_id), SEE_OTHER)
        return _page(visit, language, uuid, drive_form.form_of(typed.draft.body), typed)

    @router.post("/{draft_id}/save")
    def autosave(visit: MayCollect, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _autosave(visit, language, draft_uuid(draft_id), form)

    @router.post("/{draft_id}")
    def send(visit: MayCollect, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _work(visit, language, draft_uuid(draft_id), form)

    return router


def draft_uuid(text: str) -> UUID:
    """Return the id of a draft; raises ``DraftNotFound`` where it is none."""
    try:
        return typeid.decode(typeid.DRAFT, text)
    except IdMalformed:
        raise DraftNotFound from None


def own_draft(session: Session, draft_id: UUID) -> Draft:
    """Return a draft that somebody may see; raises ``DraftNotFound``."""
    return draft_by_id(session.conn, session.book, draft_id, of=only_of(session))


def _choices(session: Session) -> Choices:
    return find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)


def _autosave(visit: Visit, language: Language, draft_id: UUID, form: Form) -> Response:
    """Save what is typed while it is typed, and tell the script of the page what became of it."""
    try:
        version = visit.write(lambda session: _save(session, draft_id, form)[1])
    except (DraftStale, DraftStateRefused):
        told = _("Danh sách này vừa được lưu ở nơi khác. Phần gõ ở đây vẫn còn nguyên.").said(language)
        return JSONResponse({"detail": told}, CONFLICT, DESK_HEADERS)
    except DraftNotFound:
        raise
    except LedgerError as error:
        text = text_for(error.code, error.fields)
        told = text.detail if language == "vi" else text.detail_en
        return JSONResponse({"detail": told}, UNPROCESSABLE, DESK_HEADERS)
    return JSONResponse({"version": version}, headers=DESK_HEADERS)


def _begin(visit: Visit, language: Language, *, is_salary: bool) -> Response:
    choices = visit.read(_choices)
    form = drive_form.fresh_form(choices, is_salary=is_salary)
    return _page(visit, language, typeid.new_id(), form, Typed(choices=choices, draft=None))


def _version(form: Form) -> int:
    """Return the version that a page began from, which is 0 before the first."""
    found = _match_version(form.value("version"))
    return 0 if found is None else int(found[0])


def _save(session: Session, draft_id: UUID, form: Form) -> tuple[dict[str, Any], int]:
    """Save a list as it was typed; return what is kept of it, and its version."""
    conn, book = session.conn, session.book
    body = drive_form.body_of(form, _choices(session))
    version = _version(form)
    if version == 0:
        try:
            found = draft_by_id(conn, book, draft_id, of=only_of(session))
        except DraftNotFound:
            start_draft(conn, book, "drive", body, actor=session.actor, draft_id=draft_id, of=only_of(session))
            return body, 1
        # The answer to the first save was lost on its way: the same list again is no other.
        if found.version == 1 and found.body == body and found.state == "open":
            return body, 1
        raise DraftStale(draft=typeid.encode(typeid.DRAFT, draft_id), version=0, version_now=found.version)
    found = draft_by_id(conn, book, draft_id, of=only_of(session))
    # The same list again, be it that an answer was lost, is saved already.
    if found.version in {version, version + 1} and found.body == body and found.state == "open":
        return body, found.version
    saved = save_draft(conn, book, draft_id, body, version=version, actor=session.actor, of=only_of(session))
    return body, saved


def _work(visit: Visit, language: Language, draft_id: UUID, form: Form) -> Response:
    """Save, and go on to what was asked for."""
    if form.value("more"):
        least = len(form.rows(drive_form.LIST)) + drive_form.ROW_COUNT_MORE
        typed = Typed(choices=visit.read(_choices), draft=None)
        return _page(visit, language, draft_id, form, typed, least=least)
    rows = drive_form.rows_of(form)
    path = desk_path(visit.place.association_id, "drafts", typeid.encode(typeid.DRAFT, draft_id))
    try:
        _, version = visit.write(lambda session: _save(session, draft_id, form))
    except (DraftStale, DraftStateRefused):
        # Under another id, so that sending what was typed here makes a second list beside the first.
        other = Form(values={**form.values, "version": ("0",)})
        typed = Typed(choices=visit.read(_choices), draft=None)
        return _page(visit, language, typeid.new_id(), other, typed, status=CONFLICT, conflict=draft_id)
    except DraftNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        typed = Typed(choices=visit.read(_choices), draft=None)
        return _page(visit, language, draft_id, refused(form, error), typed, status=UNPROCESSABLE)
    if form.value("then") == "save":
        return RedirectResponse(path.replace("/drafts/", "/drives/"), SEE_OTHER)
    faults = _faults(visit, draft_id, rows)
    if not faults:
        return RedirectResponse(path, SEE_OTHER)
    typed = visit.read(lambda session: Typed(choices=_choices(session), draft=own_draft(session, draft_id)))
    shown = Form(values={**form.values, "version": (str(version),)}, faults=tuple(faults), key=form.key)
    return _page(visit, language, draft_id, shown, typed, status=UNPROCESSABLE)


def _faults(visit: Visit, draft_id: UUID, rows: tuple[int, ...]) -> list[FormFault]:
    """Return everything that is wrong with a list, found by receiving it and taking it back."""

    def look(session: Session) -> None:
        look_at(session.conn, session.book, own_draft(session, draft_id), actor=session.actor)

    try:
        visit.write(look)
    except CollectionRefused as error:
        return drive_form.form_faults(error.faults, rows)
    return []


def _page(
    visit: Visit,
    language: Language,
    draft_id: UUID,
    form: Form,
    typed: Typed,
    *,
    status: int = 200,
    least: int = drive_form.ROW_COUNT_LEAST,
    conflict: UUID | None = None,
) -> Response:
    association_id = visit.place.association_id
    order = {code: place for place, code in enumerate(CHANNEL_ORDER)}
    draft = typed.draft
    version = _version(form) if draft is None else draft.version
    here = desk_path(association_id, "drives", typeid.encode(typeid.DRAFT, draft_id))
    is_salary = form.value("channel") == drive_form.SALARY
    body = drive_form.body_of(form, typed.choices)
    may_choose = may_see_names(visit.place.rights)
    suggest = desk_path(association_id, "contributions", "donors") if may_choose else None
    return show(
        "drive.html",
        visit,
        language,
        here,
        typed.choices.digits,
        status=status,
        form=form,
        choices=typed.choices,
        channels=sorted(typed.choices.channels, key=lambda each: order.get(each.code, len(order))),
        columns=drive_form.columns(is_salary=is_salary, has_paper=not is_salary, suggest=suggest),
        is_salary=is_salary,
        version=version,
        draft=draft,
        draft_key=typeid.encode(typeid.DRAFT, draft_id),
        fresh=desk_path(association_id, "drives", typeid.encode(typeid.DRAFT, typeid.new_id())),
        least=max(least, len(form.rows(drive_form.LIST)) + 3),
        row_max=drive_form.ROW_COUNT_MAX,
        tally=drive_form.tally_of(body),
        conflict=None
        if conflict is None
        else desk_path(association_id, "drives", typeid.encode(typeid.DRAFT, conflict)),
    )
