"""Suggest who may be giving, while a name is typed: those who gave before, and those on the register.

What is typed comes in a body and goes into no address and no log. Whoever is chosen from the register is tied to the
gift by the id that comes with the suggestion; a name that is typed is a name.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from ledger import typeid
from ledger.giving.suggestion import Suggestion, suggest_donors
from web import wording
from web.access import NeedsPageIn, Visit
from web.desk.people.words import KINDS
from web.form_body import FormBody
from web.language import Spoken
from web.site import DESK_HEADERS
from web.translation import Language, _

QUERY_LENGTH_MAX: Final = 200
COUNT_SHOWN: Final = 8

MaySee = Annotated[Visit, Depends(NeedsPageIn("people"))]


def make_router() -> APIRouter:
    """Return the route that a field asks while it is typed in."""
    router = APIRouter(prefix="/desk/{association_id}/contributions", include_in_schema=False)

    @router.post("/donors")
    def donors(visit: MaySee, form: FormBody, language: Spoken) -> Response:
        typed = form.value("q")[:QUERY_LENGTH_MAX]
        found = visit.read(lambda session: suggest_donors(session.conn, session.book, typed, count=COUNT_SHOWN))
        rows = [_row(language, each) for each in found]
        return JSONResponse(rows, headers={"Cache-Control": DESK_HEADERS["Cache-Control"]})

    return router


def _row(language: Language, each: Suggestion) -> dict[str, str]:
    person = "" if each.person_id is None else typeid.encode(typeid.PERSON, each.person_id)
    return {"name": each.name, "detail": each.detail or "", "person": person, "more": _more(language, each)}


def _more(language: Language, each: Suggestion) -> str:
    """Return what tells somebody from others of the name."""
    said = []
    if each.last is not None:
        money, on = wording.money(language, each.last.amount_minor), wording.day(language, each.last.given_on)
        last = _("lần trước %(amount)s, %(day)s", amount=money, day=on).said(language) if each.last.is_vnd else on
        said.append(last)
    if each.kind is not None:
        said.append(KINDS[each.kind].said(language))
    if each.birth_year is not None:
        said.append(_("sinh năm %(year)s", year=each.birth_year).said(language))
    if each.person_id is not None:
        said.append(_("trong danh sách người").said(language))
    return " · ".join(said)
