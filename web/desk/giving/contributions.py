"""Find what was given.

A name or a receipt's code that somebody looks for is sent in a body and stands in no address; days, amounts and states
may, so that those lists can be kept and shared.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from ledger.calendar import today
from ledger.errors import LedgerError
from ledger.giving import code as receipt_code
from ledger.giving.choice import Choices, find_choices
from ledger.giving.queries import Contribution, Search, search_contributions
from ledger.reports.page import CursorMalformed, Page, Position
from web.access import NeedsPageIn, Visit
from web.desk.giving.refusal import refused
from web.desk.giving.show import SEE_OTHER, UNPROCESSABLE, may_see_names, nameless, show
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path, link
from web.translation import Language, _

PAGE_SIZE: Final = 50
QUERY_LENGTH_MAX: Final = 200
STATES: Final = ("kept", "reversed")

MayRead = Annotated[Visit, Depends(NeedsPageIn("read"))]

_IN_ADDRESS: Final = ("from", "to", "amount", "channel", "fund", "state", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of the list, and what may be asked of it."""

    choices: Choices
    page: Page[Contribution, Position]


def make_router() -> APIRouter:
    """Return the routes of the list."""
    router = APIRouter(prefix="/desk/{association_id}/contributions", include_in_schema=False)

    @router.get("")
    def listed(visit: MayRead, request: Request, language: Spoken) -> Response:
        asked = {name: request.query_params[name] for name in _IN_ADDRESS if request.query_params.get(name)}
        return _list(visit, language, Form.showing(asked))

    @router.post("")
    def search(visit: MayRead, form: FormBody, language: Spoken) -> Response:
        if form.value("q").strip():
            return _list(visit, language, form)
        asked = {name: form.value(name) for name in _IN_ADDRESS if form.value(name).strip()}
        return RedirectResponse(link("vi", desk_path(visit.place.association_id, "contributions"), **asked), SEE_OTHER)

    return router


def _list(visit: Visit, language: Language, form: Form) -> Response:
    try:
        listed = visit.read(lambda session: _find(session, form))
        status = 200
    except (FormRefused, LedgerError) as error:
        form = refused(form, error)
        listed = visit.read(lambda session: _find(session, None))
        status = UNPROCESSABLE
    here = desk_path(visit.place.association_id, "contributions")
    is_searched = bool(form.value("q").strip())
    kept = {name: form.value(name) for name in _IN_ADDRESS if name != "after" and form.value(name)}
    following = listed.page.next_cursor
    return show(
        "contributions.html",
        visit,
        language,
        here,
        listed.choices.digits,
        status=status,
        form=form,
        choices=listed.choices,
        rows=listed.page.rows,
        following=following,
        # A search by name goes on by a button, because what was looked for is in no address.
        next_link=link("vi", here, **kept, after=following) if following and not is_searched else None,
        kept=kept,
        is_searched=is_searched,
        is_narrowed=is_searched or bool(kept),
        has_names=may_see_names(visit.place.rights),
    )


def _find(session: Session, form: Form | None) -> Listed:
    choices = find_choices(session.conn, session.book, on=today())
    search, after = Search(), None
    if form is not None:
        search, after = _asked(form, choices, has_names=may_see_names(session.rights))
    page = search_contributions(session.conn, session.book, search, after=after, page_size=PAGE_SIZE)
    if not may_see_names(session.rights):
        page = replace(page, rows=tuple(nameless(row) for row in page.rows))
    return Listed(choices=choices, page=page)


def _asked(form: Form, choices: Choices, *, has_names: bool) -> tuple[Search, Position | None]:
    """Return what a form looks for; what is typed in the one box is a receipt's code, if it has the form of one."""
    with Reading(form) as read:
        q = read.optional_text("q", length_max=QUERY_LENGTH_MAX)
        code = None if q is None else _code_in(q)
        if q is not None and code is None and not has_names:
            read.fault("q", _("%(label)s: gõ đủ mã trên giấy ghi nhận. Tìm theo tên cần quyền xem người ủng hộ."))
        state = read.optional_choice("state", STATES)
        search = Search(
            from_on=read.optional_day("from"),
            to_on=read.optional_day("to"),
            name=None if code else q,
            code=code,
            amount_minor=read.optional_amount("amount"),
            channel=read.optional_choice("channel", [each.code for each in choices.channels]),
            fund=read.optional_choice("fund", [each.code for each in choices.funds]),
            is_reversed=None if state is None else state == "reversed",
        )
        after = None
        if not read.is_blank("after"):
            try:
                after = Position.parse(form.value("after"))
            except CursorMalformed:
                after = None
    return search, after


def _code_in(typed: str) -> str | None:
    try:
        return receipt_code.parse(typed)
    except LedgerError:
        return None
