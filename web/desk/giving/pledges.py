"""Promises: recorded, looked at by how long they have been due, turned into a gift when money comes, or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdMalformed
from ledger.giving.choice import Choices, find_choices
from ledger.giving.giver import Giver
from ledger.giving.model import DETAIL_LENGTH_MAX, NAME_LENGTH_MAX, REASON_LENGTH_MAX
from ledger.giving.pledge import (
    Ageing,
    Pledge,
    PledgeNotFound,
    PledgeState,
    Promise,
    ageing,
    cancel_pledge,
    pledge_by_id,
    pledges,
    record_pledge,
)
from ledger.giving.queries import Contribution, Search, search_contributions
from ledger.reports.page import Page, Position
from web.access import NeedsPageIn, Visit
from web.desk.giving.refusal import change
from web.desk.giving.show import UNPROCESSABLE, may_see_names, show
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path
from web.translation import Language, Message, _

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]
MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
PledgeText = Annotated[str, Path(max_length=40)]

PAGE_SIZE: Final = 50
STATES: Final[tuple[PledgeState, ...]] = ("open", "fulfilled", "cancelled")
BUCKETS: Final[Mapping[str, Message]] = {
    "not_due": _("Chưa đến hạn"),
    "days_1_30": _("Quá hạn 1–30 ngày"),
    "days_31_90": _("Quá hạn 31–90 ngày"),
    "days_over_90": _("Quá hạn trên 90 ngày"),
}
STATE_NAMES: Final[Mapping[str, Message]] = {
    "open": _("Đang chờ"),
    "fulfilled": _("Đã thực hiện"),
    "cancelled": _("Đã thôi chờ"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of promises, with what is still waited for."""

    page: Page[Pledge, tuple[date, UUID]]
    ageing: Sequence[Ageing]
    choices: Choices


def make_router() -> APIRouter:
    """Return the routes of promises."""
    router = APIRouter(prefix="/desk/{association_id}/pledges", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, request: Request, language: Spoken) -> Response:
        asked = {name: request.query_params.get(name) for name in ("state", "after")}
        return _list(visit, language, Form.showing({"state": asked["state"] or "open", "after": asked["after"]}))

    @router.post("")
    def search(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return _list(visit, language, form)

    @router.get("/new")
    def new(visit: MayKeep, language: Spoken) -> Response:
        choices = visit.read(_choices)
        only = choices.funds[0].code if len(choices.funds) == 1 else None
        form = Form.showing({"pledged_on": today(), "fund": choices.last.fund if choices.last else only})
        return _form_page(visit, language, form, choices)

    @router.post("/new")
    def record(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return change(
            visit,
            form,
            lambda session: _record(session, form),
            onward=lambda pledge_id: _path(visit, pledge_id),
            again=lambda shown: _form_page(visit, language, shown, visit.read(_choices), status=UNPROCESSABLE),
            names={"amount_minor": "amount"},
        )

    @router.get("/{pledge_id}")
    def one(visit: MayRead, pledge_id: PledgeText, language: Spoken) -> Response:
        return _one(visit, language, pledge_uuid(pledge_id), Form())

    @router.post("/{pledge_id}/cancel")
    def cancel(visit: MayKeep, pledge_id: PledgeText, form: FormBody, language: Spoken) -> Response:
        uuid = pledge_uuid(pledge_id)
        return change(
            visit,
            form,
            lambda session: _cancel(session, uuid, form),
            onward=lambda _: _path(visit, pledge_id),
            again=lambda shown: _one(visit, language, uuid, shown, status=UNPROCESSABLE),
        )

    return router


def pledge_uuid(text: str) -> UUID:
    """Return the id of a promise; raises ``PledgeNotFound`` where it is none."""
    try:
        return typeid.decode(typeid.PLEDGE, text)
    except IdMalformed:
        raise PledgeNotFound from None


def _choices(session: Session) -> Choices:
    return find_choices(session.conn, session.book, on=today(), principal_id=session.actor.principal_id)


def _path(visit: Visit, *more: str) -> str:
    return desk_path(visit.place.association_id, "pledges", *more)


def _list(visit: Visit, language: Language, form: Form) -> Response:
    state: PledgeState = next((each for each in STATES if form.value("state") == each), "open")
    listed = visit.read(lambda session: _find(session, form, state))
    following = listed.page.next_cursor
    here = _path(visit)
    tabs = [(f"{here}?state={each}", STATE_NAMES[each], each == state) for each in STATES]
    return show(
        "pledges.html",
        visit,
        language,
        here,
        listed.choices.digits,
        form=form,
        state=state,
        tabs=tabs,
        rows=listed.page.rows,
        following=None if following is None else f"{following[0]}.{typeid.encode(typeid.PLEDGE, following[1])}",
        ageing=listed.ageing,
        buckets=BUCKETS,
        states=STATE_NAMES,
        today=today(),
        choices=listed.choices,
        has_names=may_see_names(visit.place.rights),
    )


def _find(session: Session, form: Form, state: PledgeState) -> Listed:
    name = form.value("q").strip()[:NAME_LENGTH_MAX] or None
    found = pledges(
        session.conn, session.book, state=state, name=name, after=_position(form.value("after")), page_size=PAGE_SIZE
    )
    if not may_see_names(session.rights):
        found = replace(found, rows=tuple(_nameless(row) for row in found.rows))
    return Listed(page=found, ageing=ageing(session.conn, session.book, as_of=today()), choices=_choices(session))


def _nameless(pledge: Pledge) -> Pledge:
    return replace(pledge, name=None, detail=None, person_id=None)


def _position(text: str) -> tuple[date, UUID] | None:
    """Return where a page begins; from the start, where the address says something else."""
    day, _, pledge_id = text.partition(".")
    try:
        return date.fromisoformat(day), typeid.decode(typeid.PLEDGE, pledge_id)
    except (ValueError, IdMalformed):
        return None


def _form_page(visit: Visit, language: Language, form: Form, choices: Choices, *, status: int = 200) -> Response:
    return show(
        "pledge_new.html",
        visit,
        language,
        _path(visit, "new"),
        choices.digits,
        status=status,
        form=form,
        choices=choices,
        home=_path(visit),
    )


def _record(session: Session, form: Form) -> str:
    choices = _choices(session)
    with Reading(form) as read:
        amount_minor = read.amount("amount")
        promise = Promise(
            giver=Giver(
                name=read.text("donor", length_max=NAME_LENGTH_MAX),
                detail=read.optional_text("detail", length_max=DETAIL_LENGTH_MAX),
            ),
            amount_minor=amount_minor,
            pledged_on=read.day("pledged_on"),
            due_on=read.day("due_on"),
            fund=read.choice("fund", [each.code for each in choices.funds]),
            campaign=read.optional_choice("campaign", [each.code for each in choices.campaigns]),
        )

    def do() -> Mapping[str, object]:
        made = record_pledge(session.conn, session.book, promise, actor=session.actor)
        return {"pledge": typeid.encode(typeid.PLEDGE, made)}

    result, _ = once(session, form.request("pledge"), do)
    return str(result["pledge"])


def _cancel(session: Session, pledge_id: UUID, form: Form) -> None:
    with Reading(form) as read:
        reason = read.text("reason", length_max=REASON_LENGTH_MAX)

    def do() -> Mapping[str, object]:
        cancel_pledge(session.conn, session.book, pledge_id, reason=reason, actor=session.actor)
        return {}

    once(session, form.request(f"cancel {pledge_id}"), do)


def _look(session: Session, pledge_id: UUID) -> tuple[Pledge, Choices, Page[Contribution, Position]]:
    conn, book = session.conn, session.book
    pledge = pledge_by_id(conn, book, pledge_id)
    came = search_contributions(conn, book, Search(pledge_id=pledge_id), page_size=PAGE_SIZE)
    if not may_see_names(session.rights):  # whose promise a gift fulfils tells whose it is
        came = replace(came, rows=(), next_cursor=None)
    return pledge, _choices(session), came


def _one(visit: Visit, language: Language, pledge_id: UUID, form: Form, *, status: int = 200) -> Response:
    pledge, choices, gifts = visit.read(lambda session: _look(session, pledge_id))
    has_names = may_see_names(visit.place.rights)
    public_id = typeid.encode(typeid.PLEDGE, pledge_id)
    return show(
        "pledge.html",
        visit,
        language,
        _path(visit, public_id),
        choices.digits,
        status=status,
        form=form,
        pledge=pledge if has_names else _nameless(pledge),
        bucket=BUCKETS[pledge.bucket(today())],
        state_name=STATE_NAMES[pledge.state],
        choices=choices,
        gifts=gifts.rows,
        has_more=gifts.next_cursor is not None,
        gifts_home=desk_path(visit.place.association_id, "contributions"),
        has_names=has_names,
        home=_path(visit),
        record=f"{desk_path(visit.place.association_id, 'contributions', 'new')}?pledge={public_id}",
    )
