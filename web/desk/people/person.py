"""One person: what is known of them, what they agreed to, who guards whom, and which records are theirs.

What is sealed of a person is shown after a click that is recorded.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Session
from api.idempotency import once
from ledger import typeid
from ledger.calendar import today
from ledger.errors import LedgerError
from ledger.people.consent import PURPOSES, consents_of, in_force
from ledger.people.detail import open_details
from ledger.people.guardian import guardianships
from ledger.people.order import search_key
from ledger.people.register import PersonNotFound, people_by_id, person_by_id
from ledger.people.search import same_names
from web.access import Visit
from web.desk.people import words
from web.desk.people.change import CHANGES, NAMES
from web.desk.people.show import UNPROCESSABLE, MayKeep, PersonPath, done, path, person_uuid
from web.desk.scan import ACCEPTED, KEPT, scan_named, take_scan
from web.form import Form, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.site import render
from web.translation import Language, Message


def make_router() -> APIRouter:
    """Return the routes of one person."""
    router = APIRouter(prefix="/desk/{association_id}/people/{person_id}", include_in_schema=False)

    @router.get("")
    def person(visit: MayKeep, person_id: PersonPath, language: Spoken, done: str | None = None) -> Response:
        return _page(visit, language, person_uuid(person_id), news=words.DONE.get(done or ""))

    @router.post("/open")
    def opened(visit: MayKeep, person_id: PersonPath, language: Spoken) -> Response:
        uuid = person_uuid(person_id)
        return _page(visit, language, uuid, details=visit.write(lambda session: _open(session, uuid)))

    @router.post("/{what}")
    def changed(visit: MayKeep, person_id: PersonPath, what: words.What, form: FormBody, language: Spoken) -> Response:
        return _change(visit, language, form, person_uuid(person_id), what)

    return router


def _page(
    visit: Visit,
    language: Language,
    person_id: UUID,
    *,
    form: Form | None = None,
    what: str | None = None,
    details: Mapping[str, str] | None = None,
    news: Message | None = None,
) -> Response:
    return render(
        "desk/people/person.html",
        language,
        path(visit, typeid.encode(typeid.PERSON, person_id)),
        status=UNPROCESSABLE if form is not None and form.faults else 200,
        visit=visit,
        place=visit.place,
        form=form or _blank(),
        blank=_blank(),
        what=what,
        details=details,
        news=news,
        words=words,
        accepted=ACCEPTED,
        **visit.read(lambda session: _look(session, person_id, form)),
    )


def _look(session: Session, person_id: UUID, form: Form | None) -> dict[str, Any]:
    """Return all that the page shows."""
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
            (typeid.encode(typeid.PERSON, each.guardian_id), each.name) for each in links if each.minor_id == person_id
        ],
        "twins": [each for each in alike if each.person_id != person_id and each.kind == person.kind],
        "records": people_by_id(session.conn, session.book, linked),
        "scan": None if form is None else scan_named(session, form.value(KEPT)),
    }


def _blank() -> Form:
    return Form.showing({"given_on": today(), "withdrawn_on": today(), "method": "paper", "by_subject": True})


def _open(session: Session, person_id: UUID) -> Mapping[str, str]:
    person = person_by_id(session.conn, session.book, person_id)
    principal_id = session.actor.principal_id
    return open_details(session.conn, session.book, person_id, person.details, principal_id=principal_id)


def _change(visit: Visit, language: Language, form: Form, person_id: UUID, what: words.What) -> Response:
    named = typeid.encode(typeid.PERSON, person_id)
    taken = form
    try:
        # What makes it one request is what was sent, before a file of it becomes an id.
        asked = form.request(f"{what} {named}")
        taken = take_scan(visit, form)
        change = CHANGES[what](taken, person_id)
        if taken.faults:  # of its scan alone
            raise FormRefused(())  # noqa: TRY301 - goes the way of every other fault

        def work(session: Session) -> dict[str, object]:
            change(session)
            return {}

        visit.write(lambda session: once(session, asked, lambda: work(session)))
    except PersonNotFound:
        raise
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, person_id, form=taken.refused(error, NAMES.get(what, {})), what=what)
    return done(visit, named, what)
