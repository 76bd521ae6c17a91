"""Look for another record: who answers for a child, or which is the same person's."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Session
from ledger import typeid
from ledger.people.register import person_by_id
from ledger.people.search import QUERY_LENGTH_MAX, search_people
from web.access import Visit
from web.desk.people import words
from web.desk.people.show import PAGE_SIZE, MayKeep, PersonPath, path, person_uuid
from web.form import Form
from web.form_body import FormBody
from web.language import Spoken
from web.site import render
from web.translation import Language


def make_router() -> APIRouter:
    """Return the routes of choosing a record."""
    router = APIRouter(prefix="/desk/{association_id}/people/{person_id}/choose/{what}", include_in_schema=False)

    @router.get("")
    def choosing(visit: MayKeep, person_id: PersonPath, what: words.Choosing, language: Spoken) -> Response:
        return _choose(visit, language, Form(), person_uuid(person_id), what)

    @router.post("")
    def chosen(
        visit: MayKeep, person_id: PersonPath, what: words.Choosing, form: FormBody, language: Spoken
    ) -> Response:
        return _choose(visit, language, form, person_uuid(person_id), what)

    return router


def _choose(visit: Visit, language: Language, form: Form, person_id: UUID, what: words.Choosing) -> Response:
    query = form.value("q")[:QUERY_LENGTH_MAX]

    def look(session: Session) -> dict[str, Any]:
        person = person_by_id(session.conn, session.book, person_id)
        kind = person.kind if what == "merge" else "individual"
        found = search_people(session.conn, session.book, query, kind=kind, page_size=PAGE_SIZE).rows if query else ()
        others = [each for each in found if each.person_id != person_id]
        options = [
            (typeid.encode(typeid.PERSON, each.person_id), each.name, each.birth_year and str(each.birth_year))
            for each in others
        ]
        return {"person": person, "found": others, "options": options}

    return render(
        "desk/people/choose.html",
        language,
        path(visit, typeid.encode(typeid.PERSON, person_id), "choose", what),
        visit=visit,
        place=visit.place,
        form=form,
        what=what,
        words=words,
        **visit.read(look),
    )
