"""Enter somebody into the register, and put a record right."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.errors import LedgerError
from ledger.people.detail import open_details
from ledger.people.person import DETAILS, KINDS, PersonDraft
from ledger.people.register import PersonNotFound, add_person, change_person, person_by_id
from web.access import Visit
from web.desk.people import words
from web.desk.people.show import UNPROCESSABLE, MayKeep, PersonPath, done, path, person_uuid
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import render
from web.translation import Language

VERSION_MAX: Final = 2**31 - 1


def make_router() -> APIRouter:
    """Return the routes of entering and of putting right."""
    router = APIRouter(prefix="/desk/{association_id}/people", include_in_schema=False)

    @router.get("/new")
    def blank(visit: MayKeep, language: Spoken) -> Response:
        return _page(visit, language, Form.showing({"kind": "individual"}), None)

    @router.post("/new")
    def entered(visit: MayKeep, form: FormBody, language: Spoken) -> Response:
        return _enter(visit, language, form)

    @router.get("/{person_id}/edit")
    def edited(visit: MayKeep, person_id: PersonPath, language: Spoken) -> Response:
        uuid = person_uuid(person_id)
        return _page(visit, language, Form.showing(visit.write(lambda session: _shown(session, uuid))), uuid)

    @router.post("/{person_id}/edit")
    def changed(visit: MayKeep, person_id: PersonPath, form: FormBody, language: Spoken) -> Response:
        return _put_right(visit, language, form, person_uuid(person_id))

    return router


def _shown(session: Session, person_id: UUID) -> dict[str, object]:
    """Return a record as a form shows it; opening its details is recorded."""
    person = person_by_id(session.conn, session.book, person_id)
    principal_id = session.actor.principal_id
    return {
        "name": person.name,
        "kind": person.kind,
        "country": person.country,
        "birth_year": None if person.birth_year is None else str(person.birth_year),
        "version": str(person.version),
        **open_details(session.conn, session.book, person_id, person.details, principal_id=principal_id),
    }


def _page(visit: Visit, language: Language, form: Form, person_id: UUID | None) -> Response:
    name = "new" if person_id is None else f"{typeid.encode(typeid.PERSON, person_id)}/edit"
    return render(
        "desk/people/edit.html",
        language,
        path(visit, name),
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
        return _page(visit, language, form.refused(error), None)
    return done(visit, str(result["person"]), "entered")


def _put_right(visit: Visit, language: Language, form: Form, person_id: UUID) -> Response:
    named = typeid.encode(typeid.PERSON, person_id)
    try:
        draft, asked = _draft(form), form.request(f"person {named}")
        with Reading(form) as read:
            version = read.integer("version", low=1, high=VERSION_MAX)

        def change(session: Session) -> dict[str, object]:
            change_person(session.conn, session.book, person_id, draft, version=version, actor=session.actor)
            return {}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except PersonNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, form.refused(error), person_id)
    return done(visit, named, "changed")
