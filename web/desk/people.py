"""The register of an association's people: find, enter, put right, agree, guard, merge.

What somebody looks for is a name, so it travels in a body: the list is a form, and the next page of it is another. What
is sealed of a person is shown after a click that is recorded.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.calendar import today
from ledger.errors import IdMalformed, LedgerError
from ledger.people.consent import PURPOSES, consents_of, in_force
from ledger.people.detail import open_details
from ledger.people.guardian import guardianships
from ledger.people.order import search_key
from ledger.people.person import DETAILS, KINDS, PersonDraft
from ledger.people.register import (
    PersonNotFound,
    add_person,
    change_person,
    people_by_id,
    person_by_id,
)
from ledger.people.search import QUERY_LENGTH_MAX, same_names, search_people
from web.access import NeedsPageIn, Visit
from web.desk import people_words as words
from web.desk.people_change import CHANGES, DAYS
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path, render
from web.translation import Language, Message

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
PAGE_SIZE: Final = 50

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
PersonPath = Annotated[str, Path(max_length=40)]


def make_router() -> APIRouter:
    """Return the routes of an association's people."""
    router = APIRouter(prefix="/desk/{association_id}/people", include_in_schema=False)

    @router.get("")
    def people(visit: MayKeep, language: Spoken) -> Response:
        return _list(visit, language, Form())

    @router.post("")
    def look_for_people(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return _list(visit, language, form)

    @router.get("/new")
    def blank(visit: MayKeep, language: Spoken) -> Response:
        return _edit(visit, language, Form.showing({"kind": "individual"}), None)

    @router.post("/new")
    def entered(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return _enter(visit, language, form)

    _add_person(router)
    return router


def _add_person(router: APIRouter) -> None:
    """Add the routes of one person."""

    @router.get("/{person_id}")
    def person(visit: MayKeep, person_id: PersonPath, language: Spoken, done: str | None = None) -> Response:
        return _person(visit, language, _uuid(person_id), news=words.DONE.get(done or ""))

    @router.post("/{person_id}/open")
    def opened(visit: MayKeep, person_id: PersonPath, language: Spoken) -> Response:
        uuid = _uuid(person_id)
        return _person(visit, language, uuid, details=visit.write(lambda session: _open(session, uuid)))

    @router.get("/{person_id}/edit")
    def edited(visit: MayKeep, person_id: PersonPath, language: Spoken) -> Response:
        uuid = _uuid(person_id)
        return _edit(visit, language, Form.showing(visit.write(lambda session: _shown(session, uuid))), uuid)

    @router.post("/{person_id}/edit")
    def changed(visit: MayKeep, person_id: PersonPath, form: FormBody, language: Spoken) -> Response:
        return _put_right(visit, language, form, _uuid(person_id))

    @router.post("/{person_id}/{what}")
    def done(visit: MayKeep, person_id: PersonPath, what: words.What, form: FormBody, language: Spoken) -> Response:
        return _do(visit, language, form, _uuid(person_id), what)

    @router.get("/{person_id}/choose/{what}")
    def choosing(visit: MayKeep, person_id: PersonPath, what: words.Choosing, language: Spoken) -> Response:
        return _choose(visit, language, Form(), _uuid(person_id), what)

    @router.post("/{person_id}/choose/{what}")
    def chosen(
        visit: MayKeep, person_id: PersonPath, what: words.Choosing, form: FormBody, language: Spoken
    ) -> Response:
        return _choose(visit, language, form, _uuid(person_id), what)


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
        _path(visit),
        visit=visit,
        place=visit.place,
        form=form,
        found=page.rows,
        next_cursor=page.next_cursor,
        is_further=after is not None,
        words=words,
    )


def _person(
    visit: Visit,
    language: Language,
    person_id: UUID,
    *,
    form: Form | None = None,
    what: str | None = None,
    details: Mapping[str, str] | None = None,
    news: Message | None = None,
) -> Response:
    def look(session: Session) -> dict[str, Any]:
        person = person_by_id(session.conn, session.book, person_id)
        consents = consents_of(session.conn, session.book, person_id)
        alike = same_names(session.conn, session.book, [person.name]).get(search_key(person.name), [])
        linked = {*person.merged, *([] if person.merged_into is None else [person.merged_into])}
        held = [purpose for purpose in PURPOSES if in_force(consents, purpose)]
        links = guardianships(session.conn, session.book, person_id)
        return {
            "person": person,
            "consents": consents,
            "held": held,
            "held_options": [(purpose, words.PURPOSES[purpose]) for purpose in held],
            "guardians_and_guarded": links,
            "guardians": [
                (typeid.encode(typeid.PERSON, each.guardian_id), each.name)
                for each in links
                if each.minor_id == person_id
            ],
            "twins": [each for each in alike if each.person_id != person_id and each.kind == person.kind],
            "records": people_by_id(session.conn, session.book, linked),
        }

    return render(
        "desk/people/person.html",
        language,
        _path(visit, typeid.encode(typeid.PERSON, person_id)),
        status=UNPROCESSABLE if form is not None and form.faults else 200,
        visit=visit,
        place=visit.place,
        form=form or _blank(),
        blank=_blank(),
        what=what,
        details=details,
        news=news,
        words=words,
        **visit.read(look),
    )


def _blank() -> Form:
    return Form.showing({"given_on": today(), "withdrawn_on": today(), "method": "paper", "by_subject": True})


def _open(session: Session, person_id: UUID) -> Mapping[str, str]:
    person = person_by_id(session.conn, session.book, person_id)
    principal_id = session.actor.principal_id
    return open_details(session.conn, session.book, person_id, person.details, principal_id=principal_id)


def _shown(session: Session, person_id: UUID) -> dict[str, object]:
    """Return a record as a form shows it; opening its details is recorded."""
    person = person_by_id(session.conn, session.book, person_id)
    facts: dict[str, object] = {
        "name": person.name,
        "kind": person.kind,
        "country": person.country,
        "birth_year": None if person.birth_year is None else str(person.birth_year),
        "version": str(person.version),
    }
    return {**facts, **_open(session, person_id)}


def _edit(visit: Visit, language: Language, form: Form, person_id: UUID | None) -> Response:
    name = "new" if person_id is None else f"{typeid.encode(typeid.PERSON, person_id)}/edit"
    return render(
        "desk/people/edit.html",
        language,
        _path(visit, name),
        status=UNPROCESSABLE if form.faults else 200,
        visit=visit,
        place=visit.place,
        form=form,
        person_id=person_id,
        words=words,
    )


def _draft(form: Form) -> PersonDraft:
    with Reading(form) as read:
        kind = read.choice("kind", KINDS)
        birth_year = read.optional_integer("birth_year", low=1900, high=2999)
    country = form.value("country").strip().upper() or None
    details = {detail: form.value(detail) for detail in DETAILS}
    return PersonDraft(name=form.value("name"), kind=kind, country=country, birth_year=birth_year, details=details)


def _enter(visit: Visit, language: Language, form: Form) -> Response:
    try:
        draft, asked = _draft(form), form.request("person")

        def change(session: Session) -> dict[str, object]:
            person_id = add_person(session.conn, session.book, draft, actor=session.actor)
            return {"person": typeid.encode(typeid.PERSON, person_id)}

        result, _ = visit.write(lambda session: once(session, asked, lambda: change(session)))
    except (FormRefused, LedgerError) as error:
        return _edit(visit, language, form.refused(error), None)
    return _done(visit, str(result["person"]), "entered")


def _put_right(visit: Visit, language: Language, form: Form, person_id: UUID) -> Response:
    named = typeid.encode(typeid.PERSON, person_id)
    try:
        draft, asked = _draft(form), form.request(f"person {named}")
        with Reading(form) as read:
            version = read.integer("version", low=1, high=2**31 - 1)

        def change(session: Session) -> dict[str, object]:
            change_person(session.conn, session.book, person_id, draft, version=version, actor=session.actor)
            return {}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except PersonNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        return _edit(visit, language, form.refused(error), person_id)
    return _done(visit, named, "changed")


def _do(visit: Visit, language: Language, form: Form, person_id: UUID, what: words.What) -> Response:
    named = typeid.encode(typeid.PERSON, person_id)
    try:
        change, asked = CHANGES[what](form, person_id), form.request(f"{what} {named}")

        def work(session: Session) -> dict[str, object]:
            change(session)
            return {}

        visit.write(lambda session: once(session, asked, lambda: work(session)))
    except PersonNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        return _person(visit, language, person_id, form=form.refused(error, {"day": DAYS.get(what, "day")}), what=what)
    return _done(visit, named, what)


def _choose(visit: Visit, language: Language, form: Form, person_id: UUID, what: words.Choosing) -> Response:
    """Look for another record: who answers for a child, or which is the same person's."""
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
        _path(visit, typeid.encode(typeid.PERSON, person_id), "choose", what),
        visit=visit,
        place=visit.place,
        form=form,
        what=what,
        words=words,
        **visit.read(look),
    )


def _cursor(form: Form) -> UUID | None:
    try:
        return typeid.decode(typeid.PERSON, form.value("after")) if form.value("after") else None
    except IdMalformed:
        return None


def _path(visit: Visit, *more: object) -> str:
    return desk_path(visit.place.association_id, "people", *more)


def _done(visit: Visit, named: str, what: str) -> RedirectResponse:
    return RedirectResponse(f"{_path(visit, named)}?done={what}", SEE_OTHER)


def _uuid(person_id: str) -> UUID:
    try:
        return typeid.decode(typeid.PERSON, person_id)
    except IdMalformed:
        raise PersonNotFound(person=typeid.shown(person_id)) from None
