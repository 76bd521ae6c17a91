"""Suggest who may be giving, while a name is typed: those who gave before, and those on the register.

What is typed comes in a body and goes into no address and no log.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from ledger.giving.suggestion import Suggestion, suggest_donors
from web import wording
from web.access import NeedsPageIn, Visit
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
    money, on = wording.money(language, each.amount_minor), wording.day(language, each.given_on)
    last = _("lần trước %(amount)s, %(day)s", amount=money, day=on).said(language) if each.is_vnd else on
    return {"name": each.name, "detail": each.detail or "", "more": last}
