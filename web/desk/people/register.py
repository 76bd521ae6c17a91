"""Look people up in the register.

What somebody looks for is a name, so it travels in a body: the list is a form, and the next page of it is another.
"""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from ledger import typeid
from ledger.errors import IdMalformed
from ledger.people.person import KINDS
from ledger.people.search import QUERY_LENGTH_MAX, search_people
from web.access import Visit
from web.desk.people import words
from web.desk.people.show import PAGE_SIZE, MayKeep, path
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.site import render
from web.translation import Language


def make_router() -> APIRouter:
    """Return the routes of the list."""
    router = APIRouter(prefix="/desk/{association_id}/people", include_in_schema=False)

    @router.get("")
    def people(visit: MayKeep, language: Spoken) -> Response:
        return _list(visit, language, Form())

    @router.post("")
    def look_for_people(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return _list(visit, language, form)

    return router


def _list(visit: Visit, language: Language, form: Form) -> Response:
    query = form.value("q")[:QUERY_LENGTH_MAX]
    kind = form.value("kind") if form.value("kind") in KINDS else None
    after = _cursor(form)
    page = visit.read(
        lambda session: search_people(session.conn, session.book, query, kind=kind, after=after, page_size=PAGE_SIZE)
    )
    return render(
        "desk/people/list.html",
        language,
        path(visit),
        visit=visit,
        place=visit.place,
        form=form,
        found=page.rows,
        next_cursor=page.next_cursor,
        is_further=after is not None,
        words=words,
    )


def _cursor(form: Form) -> UUID | None:
    try:
        return typeid.decode(typeid.PERSON, form.value("after")) if form.value("after") else None
    except IdMalformed:
        return None
