"""What a person's page changes: each form read into one command of the register."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from api.auth import Session
from ledger import typeid
from ledger.people.consent import METHODS, PURPOSES, ConsentDraft, give_consent, withdraw_consent
from ledger.people.guardian import RELATIONS, end_guardian, link_guardian
from ledger.people.register import merge_people, part_people
from web.desk import scan
from web.form import Form
from web.reading import Reading

Change = Callable[[Session], object]

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "consent": {"day": "given_on", "document": scan.FILE},
    "withdrawal": {"day": "withdrawn_on"},
}
"""How a form calls what the ledger complains of."""


def _consent(form: Form, person_id: UUID) -> Change:
    with Reading(form) as read:
        draft = ConsentDraft(
            purpose=read.choice("purpose", PURPOSES),
            method=read.choice("method", METHODS),
            given_on=read.day("given_on"),
            by_subject=read.flag("by_subject"),
            guardian_id=read.optional_typeid("guardian", typeid.PERSON),
            document_id=read.optional_typeid(scan.KEPT, typeid.DOCUMENT),
        )
    return lambda session: give_consent(session.conn, session.book, person_id, draft, actor=session.actor)


def _withdrawal(form: Form, person_id: UUID) -> Change:
    with Reading(form) as read:
        purpose = read.choice("purpose", PURPOSES)
        method = read.choice("method", METHODS)
        withdrawn_on = read.day("withdrawn_on")
    return lambda session: withdraw_consent(
        session.conn,
        session.book,
        person_id,
        purpose=purpose,
        method=method,
        withdrawn_on=withdrawn_on,
        actor=session.actor,
    )


def _guardian(form: Form, person_id: UUID) -> Change:
    with Reading(form) as read:
        guardian_id = read.typeid("other", typeid.PERSON)
        relation = read.choice("relation", RELATIONS)
    return lambda session: link_guardian(
        session.conn, session.book, person_id, guardian_id, relation=relation, actor=session.actor
    )


def _guardian_end(form: Form, person_id: UUID) -> Change:
    with Reading(form) as read:
        guardian_id = read.typeid("other", typeid.PERSON)
    return lambda session: end_guardian(session.conn, session.book, person_id, guardian_id)


def _merge(form: Form, person_id: UUID) -> Change:
    with Reading(form) as read:
        merged_id = read.typeid("other", typeid.PERSON)
    return lambda session: merge_people(session.conn, session.book, person_id, merged_id, actor=session.actor)


def _part(form: Form, _person_id: UUID) -> Change:
    with Reading(form) as read:
        merged_id = read.typeid("other", typeid.PERSON)
    return lambda session: part_people(session.conn, session.book, merged_id, actor=session.actor)


CHANGES: Final[Mapping[str, Callable[[Form, UUID], Change]]] = {
    "consent": _consent,
    "withdrawal": _withdrawal,
    "guardian": _guardian,
    "guardian-end": _guardian_end,
    "merge": _merge,
    "part": _part,
}
"""By the last step of the address."""
