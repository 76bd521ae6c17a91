"""The register of a book's people: enter, find, put right, agree, guard, merge."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.person import (
    CHANGE_EXAMPLE,
    CONSENT_EXAMPLE,
    GUARDIAN_EXAMPLE,
    INSPECTION_EXAMPLE,
    MERGE_EXAMPLE,
    OPENING_EXAMPLE,
    PERSON_EXAMPLE,
    SEARCH_EXAMPLE,
    WITHDRAWAL_EXAMPLE,
    ConsentIn,
    ConsentMadeOut,
    DetailsOut,
    GuardianIn,
    InspectionIn,
    MergeIn,
    OpeningIn,
    PeopleOut,
    PersonChangeIn,
    PersonIn,
    PersonMadeOut,
    PersonOut,
    SearchIn,
    WithdrawalIn,
)
from ledger import typeid
from ledger.books.model import Request
from ledger.errors import IdMalformed
from ledger.people.consent import consents_of, give_consent, withdraw_consent
from ledger.people.detail import Purpose, open_details
from ledger.people.guardian import end_guardian, guardianships, link_guardian
from ledger.people.register import (
    PersonNotFound,
    add_person,
    change_person,
    merge_people,
    part_people,
    person_by_id,
)
from ledger.people.search import search_people

router = APIRouter(prefix="/v1/associations/{association_id}/people", tags=["people"])

Keep = Annotated[Access, Depends(NeedsIn("people"))]
Inspect = Annotated[Access, Depends(NeedsIn("inspect"))]
PersonIdPath = Annotated[
    str, Path(description="The person's id", examples=["pe_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]

_ALL: Final = {**BAD, **NO_SUCH, **CONFLICT, **UNFIT}


@router.post(
    "",
    status_code=201,
    summary="Enter somebody in the register",
    response_model=PersonMadeOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(PersonIn, PERSON_EXAMPLE),
)
def post_person(access: Keep, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Enter a giver, guardian or collector. The name is kept in plain to be found by; details are sealed under a key of
    the person's own. Twins are not refused: search first.
    """  # noqa: D205 - the first sentences are the API's own text
    asked = parse(PersonIn, body)

    def change(session: Session) -> dict[str, object]:
        person_id = add_person(session.conn, session.book, asked.draft(), actor=session.actor)
        return {"person": typeid.encode(typeid.PERSON, person_id), "version": 1}

    return _once(access, key.of(asked), change, PersonMadeOut, 201)


@router.post(
    "/search",
    summary="Find people",
    response_model=PeopleOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(SearchIn, SEARCH_EXAMPLE),
)
def post_search(access: Keep, body: JsonBytes) -> Response:
    """Return a page of the register, in Vietnamese order: those of whose names every word of the query begins a word,
    marks aside. It changes nothing, and takes a body because a name belongs in no address.
    """  # noqa: D205 - the first sentences are the API's own text
    asked = parse(SearchIn, body)
    after = None if asked.cursor is None else typeid.decode(typeid.PERSON, asked.cursor)

    def work(session: Session) -> PeopleOut:
        page = search_people(
            session.conn, session.book, asked.query, kind=asked.kind, after=after, page_size=asked.page_size
        )
        return PeopleOut.model_validate(page)

    return json_reply(access.read(work))


@router.get("/{person_id}", summary="One person", response_model=PersonOut, responses={**BAD, **NO_SUCH})
def get_person(access: Keep, person_id: PersonIdPath) -> Response:
    """Return a record with its consents, guardians and the records that were merged into it. Details are named, not
    shown: an opening shows them, on the record.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = person_uuid(person_id)

    def work(session: Session) -> PersonOut:
        return PersonOut.told(
            person_by_id(session.conn, session.book, uuid),
            consents_of(session.conn, session.book, uuid),
            guardianships(session.conn, session.book, uuid),
        )

    return json_reply(access.read(work))


@router.put(
    "/{person_id}",
    summary="Put a record right",
    response_model=PersonMadeOut,
    responses=_ALL,
    openapi_extra=takes(PersonChangeIn, CHANGE_EXAMPLE),
)
def put_person(access: Keep, key: IdempotencyKey, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Replace a record, as far as nobody else changed it since it was read. Details that are left out stay as they are;
    null takes one away.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = person_uuid(person_id)
    asked = parse(PersonChangeIn, body)

    def change(session: Session) -> dict[str, object]:
        version = change_person(
            session.conn, session.book, uuid, asked.draft(), version=asked.version, actor=session.actor
        )
        return {"person": person_id, "version": version}

    return _once(access, key.of(asked), change, PersonMadeOut)


@router.post(
    "/{person_id}/opening",
    summary="Open details",
    response_model=DetailsOut,
    responses=_ALL,
    openapi_extra=takes(OpeningIn, OPENING_EXAMPLE),
)
def post_opening(access: Keep, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Show what is sealed of a person, to who works with them. Every call is recorded: who, what and when."""
    return _opened(access, person_id, parse(OpeningIn, body), "care", None)


@router.post(
    "/{person_id}/inspection",
    summary="Open details for an inspection",
    response_model=DetailsOut,
    responses=_ALL,
    openapi_extra=takes(InspectionIn, INSPECTION_EXAMPLE),
)
def post_inspection(access: Inspect, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Show what is sealed of a person to an inspector, for a reason that is kept beside the record of it."""
    asked = parse(InspectionIn, body)
    return _opened(access, person_id, asked, "inspection", asked.reason)


def _opened(access: Access, person_id: str, asked: OpeningIn, purpose: Purpose, reason: str | None) -> Response:
    uuid = person_uuid(person_id)

    def work(session: Session) -> DetailsOut:
        person_by_id(session.conn, session.book, uuid)
        opened = open_details(
            session.conn,
            session.book,
            uuid,
            asked.fields,
            principal_id=session.actor.principal_id,
            purpose=purpose,
            reason=reason,
        )
        return DetailsOut.model_validate({"details": opened})

    return json_reply(access.write(work))


@router.post(
    "/{person_id}/consents",
    status_code=201,
    summary="Record a consent",
    response_model=ConsentMadeOut,
    responses=_ALL,
    openapi_extra=takes(ConsentIn, CONSENT_EXAMPLE),
)
def post_consent(access: Keep, key: IdempotencyKey, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Record what somebody agreed to. A minor's is given by a guardian and, from seven years, by the child too; nobody
    can agree to a minor's name in public. The log gets a leaf that commits to it and says nothing.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = person_uuid(person_id)
    asked = parse(ConsentIn, body)

    def change(session: Session) -> dict[str, object]:
        event_id = give_consent(session.conn, session.book, uuid, asked.draft(), actor=session.actor)
        return {"events": [typeid.encode(typeid.EVENT, event_id)]}

    return _once(access, key.of(asked), change, ConsentMadeOut, 201)


@router.post(
    "/{person_id}/consents/withdrawal",
    status_code=201,
    summary="Withdraw a consent",
    response_model=ConsentMadeOut,
    responses=_ALL,
    openapi_extra=takes(WithdrawalIn, WITHDRAWAL_EXAMPLE),
)
def post_withdrawal(access: Keep, key: IdempotencyKey, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Record that somebody agrees no more, under whichever of their records; a name is hidden at once."""
    uuid = person_uuid(person_id)
    asked = parse(WithdrawalIn, body)

    def change(session: Session) -> dict[str, object]:
        events = withdraw_consent(
            session.conn,
            session.book,
            uuid,
            purpose=asked.purpose,
            method=asked.method,
            withdrawn_on=asked.withdrawn_on,
            actor=session.actor,
        )
        return {"events": [typeid.encode(typeid.EVENT, event_id) for event_id in events]}

    return _once(access, key.of(asked), change, ConsentMadeOut, 201)


@router.post(
    "/{person_id}/guardians",
    status_code=201,
    summary="Say who answers for a minor",
    response_model=PersonMadeOut,
    responses=_ALL,
    openapi_extra=takes(GuardianIn, GUARDIAN_EXAMPLE),
)
def post_guardian(access: Keep, key: IdempotencyKey, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Link a minor, known as one by the year of birth, to a grown-up of the same register."""
    uuid = person_uuid(person_id)
    asked = parse(GuardianIn, body)
    guardian_id = typeid.decode(typeid.PERSON, asked.guardian)

    def change(session: Session) -> dict[str, object]:
        link_guardian(session.conn, session.book, uuid, guardian_id, relation=asked.relation, actor=session.actor)
        return _told(session, uuid)

    return _once(access, key.of(asked), change, PersonMadeOut, 201)


@router.delete(
    "/{person_id}/guardians/{guardian_id}",
    summary="Say that somebody answers for a minor no more",
    response_model=PersonMadeOut,
    responses=_ALL,
)
def delete_guardian(
    access: Keep,
    key: IdempotencyKey,
    person_id: PersonIdPath,
    guardian_id: Annotated[str, Path(description="The guardian's id", max_length=40)],
) -> Response:
    """End a link; consents that were given stay given."""

    def change(session: Session) -> dict[str, object]:
        uuid, guardian_uuid = person_uuid(person_id), person_uuid(guardian_id)
        end_guardian(session.conn, session.book, uuid, guardian_uuid)
        return _told(session, uuid)

    return _once(access, key.of(), change, PersonMadeOut)


@router.post(
    "/{person_id}/merge",
    summary="Merge another record into this one",
    response_model=PersonMadeOut,
    responses=_ALL,
    openapi_extra=takes(MergeIn, MERGE_EXAMPLE),
)
def post_merge(access: Keep, key: IdempotencyKey, person_id: PersonIdPath, body: JsonBytes) -> Response:
    """Make two records one person: the other leads here from now on, and can be parted again. Details that this one has
    not are copied; of their consents the last word counts.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = person_uuid(person_id)
    asked = parse(MergeIn, body)
    merged_id = typeid.decode(typeid.PERSON, asked.merged)

    def change(session: Session) -> dict[str, object]:
        merge_people(session.conn, session.book, uuid, merged_id, actor=session.actor)
        return _told(session, uuid)

    return _once(access, key.of(asked), change, PersonMadeOut)


@router.post(
    "/{person_id}/part",
    summary="Part a record that was merged",
    response_model=PersonMadeOut,
    responses=_ALL,
)
def post_part(access: Keep, key: IdempotencyKey, person_id: PersonIdPath) -> Response:
    """Make a record that was merged into another a person of its own again."""
    uuid = person_uuid(person_id)

    def change(session: Session) -> dict[str, object]:
        part_people(session.conn, session.book, uuid, actor=session.actor)
        return _told(session, uuid)

    return _once(access, key.of(), change, PersonMadeOut)


def _once(
    access: Access,
    request: Request,
    change: Callable[[Session], Mapping[str, object]],
    answer: type[BaseModel],
    status: int = 200,
) -> Response:
    """Do it once, however often the request comes."""
    result, is_replay = access.write(lambda session: once(session, request, lambda: change(session)))
    return json_reply(answer.model_validate(result), status, replayed(is_replay=is_replay))


def _told(session: Session, person_id: UUID) -> dict[str, object]:
    person = person_by_id(session.conn, session.book, person_id)
    return {"person": typeid.encode(typeid.PERSON, person_id), "version": person.version}


def person_uuid(person_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        PersonNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.PERSON, person_id)
    except IdMalformed:
        raise PersonNotFound(person=typeid.shown(person_id)) from None
