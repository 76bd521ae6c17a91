"""Drafts: those that wait, one to look at before it goes on, and the ways that it can go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.access.member import user_names
from ledger.calendar import today
from ledger.errors import Fault, IdMalformed, LedgerError
from ledger.giving.choice import Choices, find_choices
from ledger.giving.draft import (
    Draft,
    DraftNotFound,
    discard_draft,
    drafts,
    look_at,
    post_draft,
    recall_draft,
    return_draft,
    submit_draft,
)
from ledger.giving.errors import CollectionRefused
from ledger.giving.model import REASON_LENGTH_MAX
from web.access import NeedsPageIn, Visit
from web.desk.document import NAMES
from web.desk.giving import drive_form
from web.desk.giving.drive import draft_uuid, own_draft
from web.desk.giving.gift_draft import only_of
from web.desk.giving.refusal import refused
from web.desk.giving.show import SEE_OTHER, UNPROCESSABLE, may_post, may_see_names, show
from web.desk.scan import KEPT, KIND, Scan, scan_named
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language

MayCollect = Annotated[Visit, Depends(NeedsPageIn("collect"))]
MayPost = Annotated[Visit, Depends(NeedsPageIn("post"))]
DraftText = Annotated[str, Path(max_length=40)]

LINE_COUNT_SHOWN: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A draft with what was found out about it."""

    draft: Draft
    choices: Choices
    faults: Sequence[Fault]
    names: Mapping[str, str]
    scan: Scan | None

    @property
    def needs_reason(self) -> bool:
        """Tell whether the list is not what was declared, which only a poster may accept."""
        tally = drive_form.tally_of(self.draft.body)
        return self.draft.kind == "drive" and not tally.is_even


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Drafts that wait, and who drafted them."""

    drafts: Sequence[Draft]
    names: Mapping[str, str]
    choices: Choices


def make_router() -> APIRouter:
    """Return the routes of drafts."""
    router = APIRouter(prefix="/desk/{association_id}/drafts", include_in_schema=False)

    @router.get("")
    def listed(visit: MayCollect, language: Spoken) -> Response:
        found = visit.read(_listed)
        rows = [(draft, drive_form.tally_of(draft.body)) for draft in found.drafts]
        here = desk_path(visit.place.association_id, "drafts")
        return show(
            "drafts.html",
            visit,
            language,
            here,
            found.choices.digits,
            submitted=[row for row in rows if row[0].state == "submitted"],
            opened=[row for row in rows if row[0].state == "open"],
            names=found.names,
            choices=found.choices,
            is_everybodys=may_see_names(visit.place.rights),
            home=desk_path(visit.place.association_id),
        )

    @router.get("/{draft_id}")
    def one(visit: MayCollect, draft_id: DraftText, language: Spoken) -> Response:
        looked = visit.write(lambda session: _look(session, draft_uuid(draft_id)))
        return _page(visit, language, looked, Form())

    @router.post("/{draft_id}/submit")
    def submit(visit: MayCollect, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _act(visit, language, draft_id, form, _submit)

    @router.post("/{draft_id}/discard")
    def discard(visit: MayCollect, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _act(visit, language, draft_id, form, _discard)

    @router.post("/{draft_id}/recall")
    def recall(visit: MayCollect, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _act(visit, language, draft_id, form, _recall)

    @router.post("/{draft_id}/return")
    def give_back(visit: MayPost, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _act(visit, language, draft_id, form, _return)

    @router.post("/{draft_id}/post")
    def post(visit: MayPost, draft_id: DraftText, form: FormBody, language: Spoken) -> Response:
        return _act(visit, language, draft_id, form, _post)

    return router


def _act(
    visit: Visit,
    language: Language,
    draft_id: str,
    form: Form,
    does: Callable[[Session, UUID, Form], tuple[str, ...]],
) -> Response:
    """Let a draft go one of its ways, on to where that leads; where it may not, show it with what is in the way."""
    uuid = draft_uuid(draft_id)
    try:
        onward = visit.write(lambda session: does(session, uuid, form))
    except DraftNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        again = _placed(form, error)
        looked = visit.write(lambda session: _look(session, uuid))
        return _page(visit, language, looked, again, status=UNPROCESSABLE)
    return RedirectResponse(desk_path(visit.place.association_id, *onward), SEE_OTHER)


def _placed(form: Form, error: FormRefused | LedgerError) -> Form:
    """Return the form to show again; what is wrong with the list itself is told by the page that shows it."""
    if isinstance(error, CollectionRefused):
        whole = [fault for fault in error.faults if fault.line is None]
        return refused(form, FormRefused([_told(fault) for fault in whole or error.faults[:1]]))
    return refused(form, error)


def _listed(session: Session) -> Listed:
    found = drafts(session.conn, session.book, of=only_of(session))
    choices = find_choices(session.conn, session.book, on=today())
    return Listed(drafts=found, names=_names(session, found), choices=choices)


def _names(session: Session, found: Sequence[Draft]) -> Mapping[str, str]:
    """Return the names of those who drafted or changed drafts, by their public ids; a token has none."""
    ids = {}
    for public_id in {each for draft in found for each in (draft.drafted_by, draft.changed_by)}:
        try:
            ids[typeid.decode(typeid.USER, public_id)] = public_id
        except IdMalformed:
            continue
    return {ids[user_id]: name for user_id, name in user_names(session.conn, ids).items()}


def _look(session: Session, draft_id: UUID) -> Looked:
    draft = own_draft(session, draft_id)
    faults: Sequence[Fault] = ()
    if draft.state in {"open", "submitted"}:
        try:
            look_at(session.conn, session.book, draft, actor=session.actor)
        except CollectionRefused as error:
            faults = error.faults
    choices = find_choices(session.conn, session.book, on=today())
    scan = scan_named(session, draft.body.get(KEPT))
    return Looked(draft=draft, choices=choices, faults=faults, names=_names(session, [draft]), scan=scan)


def _page(visit: Visit, language: Language, looked: Looked, form: Form, *, status: int = 200) -> Response:
    draft = looked.draft
    draft_id = typeid.encode(typeid.DRAFT, draft.draft_id)
    here = desk_path(visit.place.association_id, "drafts", draft_id)
    edit = ("drives", draft_id) if draft.kind == "drive" else ("contributions", "new")
    of_lines: dict[int, list[Fault]] = {}
    for fault in looked.faults:
        if fault.line is not None:
            of_lines.setdefault(fault.line, []).append(fault)
    return show(
        "draft.html",
        visit,
        language,
        here,
        looked.choices.digits,
        status=status,
        form=form,
        draft=draft,
        body=draft.body,
        lines=draft.body.get("lines", [])[:LINE_COUNT_SHOWN],
        looked=looked,
        tally=drive_form.tally_of(draft.body),
        twins=drive_form.twins_of(draft.body),
        faults=[
            FormFault(name=None, code=fault.code, fields=fault.fields) for fault in looked.faults if fault.line is None
        ],
        line_faults={
            line: [FormFault(name=None, code=fault.code, fields=fault.fields) for fault in each]
            for line, each in of_lines.items()
        },
        amount_of=drive_form.amount_of,
        choices=looked.choices,
        names=looked.names,
        scan=looked.scan,
        paper=NAMES.get(draft.body.get(KIND) or ""),
        edit=desk_path(visit.place.association_id, *edit) + ("" if draft.kind == "drive" else f"?draft={draft_id}"),
        is_poster=may_post(visit.place.rights),
        is_own=draft.drafted_by == typeid.encode(typeid.USER, visit.visitor.user_id),
        is_drive=draft.kind == "drive",
        is_salary=draft.body.get("channel") == drive_form.SALARY,
    )


def _told(fault: Fault) -> FormFault:
    return FormFault(name=None, code=fault.code, fields=fault.fields)


def _version(form: Form) -> int:
    with Reading(form) as read:
        return read.integer("version", low=1, high=2**31 - 1)


def _submit(session: Session, draft_id: UUID, form: Form) -> tuple[str, ...]:
    version = _version(form)

    def change() -> Mapping[str, object]:
        submit_draft(session.conn, session.book, draft_id, version=version, actor=session.actor, of=only_of(session))
        return {}

    once(session, form.request(f"submit {draft_id}"), change)
    return ("drafts",)


def _recall(session: Session, draft_id: UUID, form: Form) -> tuple[str, ...]:
    version = _version(form)

    def change() -> Mapping[str, object]:
        recall_draft(session.conn, session.book, draft_id, version=version, actor=session.actor)
        return {}

    once(session, form.request(f"recall {draft_id}"), change)
    return ("drafts", typeid.encode(typeid.DRAFT, draft_id))


def _return(session: Session, draft_id: UUID, form: Form) -> tuple[str, ...]:
    with Reading(form) as read:
        version = read.integer("version", low=1, high=2**31 - 1)
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def change() -> Mapping[str, object]:
        return_draft(session.conn, session.book, draft_id, version=version, reason=reason, actor=session.actor)
        return {}

    once(session, form.request(f"return {draft_id}"), change)
    return ("drafts",)


def _discard(session: Session, draft_id: UUID, form: Form) -> tuple[str, ...]:
    version = _version(form)

    def change() -> Mapping[str, object]:
        discard_draft(session.conn, session.book, draft_id, version=version, actor=session.actor, of=only_of(session))
        return {}

    once(session, form.request(f"discard {draft_id}"), change)
    return ("drafts",)


def _post(session: Session, draft_id: UUID, form: Form) -> tuple[str, ...]:
    with Reading(form) as read:
        version = read.integer("version", low=1, high=2**31 - 1)
        reason = read.optional_text("difference_reason", length_max=REASON_LENGTH_MAX)
    own_draft(session, draft_id)
    received = post_draft(
        session.conn, session.book, draft_id, version=version, actor=session.actor, difference_reason=reason
    )
    return "lists", typeid.encode(typeid.ENTRY, received.entry.entry_id), "done"
