"""Record what people agree to, and that they agree no more.

Three things are asked for: to publish a name, to be contacted, and to keep data of a minor. A grown-up gives a consent
themself; for a household, a business or an organisation whoever speaks for it does. A minor's is given by a guardian
and, from seven years, by the child too (Law 91/2025 Art. 24), and no consent ever names a minor in public. Withdrawing
one has its effect in the same transaction: names are asked for through ``public_names``, which knows nothing older.

Each is a leaf that holds commitments alone, to this canonical JSON (and to who recorded it, and the paper's hash)::

    consent.given      consent     {"by_subject":true,"given_on":"2025-03-05","guardian":null,"method":"paper",
                                    "person":"pe_…","purpose":"publish_name"}
    consent.withdrawn  withdrawal  {"consent":"ev_…","method":"message","withdrawn_on":"2025-03-06"}

so that an inspection can open one and nobody can tell two leaves of a person from two of others.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit import jcs
from audit.columns import plain_array
from audit.jcs import Json
from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import raise_refusal
from ledger.calendar import today
from ledger.errors import Fault, FaultsFound, LedgerError
from ledger.people.guardian import guardianships
from ledger.people.person import is_asked_too
from ledger.people.register import Person, person_by_id

PURPOSES: Final = ("publish_name", "contact", "minor_data")
METHODS: Final = ("paper", "in_person", "phone", "message", "online")
RETENTION: Final = "consent"
DAY_MIN: Final = date(1990, 1, 1)

_TAKE_TURN: Final = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('soquy.person' || CAST(:person_id AS text), 0))"
)

_STATES: Final = text("""\
SELECT c.event_id, c.person_id, c.purpose, c.by_subject, c.guardian_id, c.method, c.given_on, c.document_id,
    c.recorded_at, w.withdrawn_on, w.method AS withdrawn_by, w.recorded_at AS withdrawn_at
FROM vault.records_of(:tenant_id, :person_id) AS r (person_id)
JOIN vault.consent AS c ON c.tenant_id = :tenant_id AND c.book_id = :book_id AND c.person_id = r.person_id
LEFT JOIN vault.consent_withdrawal AS w ON w.tenant_id = c.tenant_id AND w.consent_id = c.event_id
ORDER BY c.recorded_at DESC, c.event_id DESC
LIMIT 1000""")

_GIVE: Final = text("""\
INSERT INTO vault.consent (tenant_id, event_id, book_id, person_id, purpose, by_subject, guardian_id, method, given_on,
    document_id)
VALUES (:tenant_id, :event_id, :book_id, :person_id, :purpose, :by_subject, :guardian_id, :method, :given_on,
    :document_id)""")
_WITHDRAW: Final = text("""\
INSERT INTO vault.consent_withdrawal (tenant_id, event_id, book_id, consent_id, method, withdrawn_on)
VALUES (:tenant_id, :event_id, :book_id, :consent_id, :method, :withdrawn_on)""")

_SCAN: Final = text("""\
SELECT encode(sha256, 'hex') FROM vault.document
WHERE tenant_id = :tenant_id AND book_id = :book_id AND document_id = :document_id""")

# Of all records that are one person, the last word counts: a consent that no withdrawal came after.
_PUBLIC: Final = text("""\
WITH asked AS (
    SELECT p.person_id AS asked_id, coalesce(p.merged_into, p.person_id) AS kept_id
    FROM vault.person AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.person_id = ANY (CAST(:person_ids AS uuid[]))
), record AS (
    SELECT DISTINCT kept_id, kept_id AS person_id FROM asked
    UNION ALL
    SELECT DISTINCT a.kept_id, m.person_id
    FROM asked AS a
    JOIN vault.person AS m ON m.tenant_id = :tenant_id AND m.merged_into = a.kept_id
), said AS (
    SELECT r.kept_id, max(c.recorded_at) FILTER (WHERE w.event_id IS NULL) AS given_at,
        max(w.recorded_at) AS withdrawn_at
    FROM record AS r
    JOIN vault.consent AS c ON c.tenant_id = :tenant_id AND c.person_id = r.person_id AND c.purpose = 'publish_name'
    LEFT JOIN vault.consent_withdrawal AS w ON w.tenant_id = c.tenant_id AND w.consent_id = c.event_id
    GROUP BY r.kept_id
)
SELECT a.asked_id, kept.name
FROM asked AS a
JOIN said AS s ON s.kept_id = a.kept_id AND s.given_at > coalesce(s.withdrawn_at, '-infinity')
JOIN vault.person AS kept ON kept.tenant_id = :tenant_id AND kept.person_id = a.kept_id
WHERE NOT vault.is_minor(kept.birth_year)""")


class ConsentRefused(FaultsFound):
    """This consent is not recorded."""

    code = "consent_refused"


class ConsentNotGiven(LedgerError):
    """Nothing is in force that could be withdrawn; carries the purpose."""

    code = "consent_not_given"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDraft:
    """A consent as it was given: for what, by whom, how, when, and on which paper."""

    purpose: str
    method: str
    given_on: date
    by_subject: bool = True
    guardian_id: UUID | None = None
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent in the register, of one of the records that are one person, and its end where it was withdrawn."""

    event_id: UUID
    person_id: UUID
    purpose: str
    by_subject: bool
    guardian_id: UUID | None
    method: str
    given_on: date
    document_id: UUID | None
    recorded_at: datetime
    withdrawn_on: date | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None


def consents_of(conn: Connection, book: Book, person_id: UUID) -> list[Consent]:
    """Return every consent of a person, the newest first."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_id": person_id}
    return [Consent(**row) for row in conn.execute(_STATES, asked).mappings()]


def in_force(consents: Collection[Consent], purpose: str) -> list[Consent]:
    """Return the consents to a purpose that hold: given, and by the person's last word not withdrawn."""
    chosen = [each for each in consents if each.purpose == purpose]
    last_no = max((each.withdrawn_at for each in chosen if each.withdrawn_at is not None), default=None)
    return [each for each in chosen if each.withdrawn_at is None and (last_no is None or each.recorded_at > last_no)]


def give_consent(conn: Connection, book: Book, person_id: UUID, draft: ConsentDraft, *, actor: Actor) -> UUID:
    """Record a consent; return the id of its event.

    Raises:
        PersonNotFound: the book has no such person.
        ConsentRefused: carries every fault.
    """
    conn.execute(_TAKE_TURN, {"person_id": person_id})
    person = person_by_id(conn, book, person_id)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    scan = None
    if draft.document_id is not None:
        scan = conn.execute(_SCAN, {**place, "document_id": draft.document_id}).scalar()
    faults = _faults(conn, book, person, draft)
    if draft.document_id is not None and scan is None:
        faults.append(Fault(code="document_not_found", field="document"))
    if faults:
        raise ConsentRefused(tuple(faults))
    told: dict[str, Json] = {
        "by_subject": draft.by_subject,
        "given_on": str(draft.given_on),
        "guardian": None if draft.guardian_id is None else typeid.encode(typeid.PERSON, draft.guardian_id),
        "method": draft.method,
        "person": typeid.encode(typeid.PERSON, person_id),
        "purpose": draft.purpose,
    }
    event_id = record_event(
        conn,
        book,
        "consent.given",
        {},
        actor=actor,
        private={"consent": jcs.write(told)},
        documents=[] if scan is None else [("consent", scan)],
        retention=RETENTION,
    )
    row = {
        "event_id": event_id,
        "person_id": person_id,
        "purpose": draft.purpose,
        "by_subject": draft.by_subject,
        "guardian_id": draft.guardian_id,
        "method": draft.method,
        "given_on": draft.given_on,
        "document_id": draft.document_id,
    }
    _insert(conn, _GIVE, {**place, **row})
    return event_id


def withdraw_consent(
    conn: Connection, book: Book, person_id: UUID, *, purpose: str, method: str, withdrawn_on: date, actor: Actor
) -> list[UUID]:
    """Withdraw what a person agreed to, under whichever of their records; return the ids of the events.

    Raises:
        PersonNotFound: the book has no such person.
        ConsentRefused: an unknown method, or a day in the future.
        ConsentNotGiven: nothing of this purpose is in force.
    """
    conn.execute(_TAKE_TURN, {"person_id": person_id})
    person_by_id(conn, book, person_id)
    faults = [*_choice_faults(purpose=(purpose, PURPOSES), method=(method, METHODS)), *_day_faults(withdrawn_on)]
    if faults:
        raise ConsentRefused(tuple(faults))
    held = in_force(consents_of(conn, book, person_id), purpose)
    if not held:
        raise ConsentNotGiven(purpose=purpose)
    return [_withdraw(conn, book, each, method=method, withdrawn_on=withdrawn_on, actor=actor) for each in held]


def _withdraw(conn: Connection, book: Book, consent: Consent, *, method: str, withdrawn_on: date, actor: Actor) -> UUID:
    told: dict[str, Json] = {
        "consent": typeid.encode(typeid.EVENT, consent.event_id),
        "method": method,
        "withdrawn_on": str(withdrawn_on),
    }
    private = {"withdrawal": jcs.write(told)}
    event_id = record_event(conn, book, "consent.withdrawn", {}, actor=actor, private=private, retention=RETENTION)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "consent_id": consent.event_id}
    _insert(conn, _WITHDRAW, {**place, "event_id": event_id, "method": method, "withdrawn_on": withdrawn_on})
    return event_id


def public_names(conn: Connection, book: Book, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names that may be shown to everybody: of grown-ups whose last word on it was yes.

    Whoever is not in the answer has no public name.
    """
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "person_ids": plain_array(person_ids)}
    return {row.asked_id: row.name for row in conn.execute(_PUBLIC, asked)}


def _faults(conn: Connection, book: Book, person: Person, draft: ConsentDraft) -> list[Fault]:
    faults = [
        *_choice_faults(purpose=(draft.purpose, PURPOSES), method=(draft.method, METHODS)),
        *_day_faults(draft.given_on),
    ]
    if person.merged_into is not None:
        faults.append(Fault(code="consent_merged", field="person"))
    if not person.is_minor:
        if draft.purpose == "minor_data":
            faults.append(Fault(code="consent_not_a_minor", field="purpose"))
        if not draft.by_subject:
            faults.append(Fault(code="consent_subject_missing", field="by_subject"))
        if draft.guardian_id is not None:
            faults.append(Fault(code="consent_guardian_needless", field="guardian"))
    else:
        if draft.purpose == "publish_name":
            faults.append(Fault(code="consent_minor_unnamed", field="purpose"))
        if not draft.by_subject and is_asked_too(person.birth_year, today()):
            faults.append(Fault(code="consent_child_asked_too", field="by_subject"))
        guardians = {each.guardian_id for each in guardianships(conn, book, person.person_id)} - {person.person_id}
        if draft.guardian_id not in guardians:
            faults.append(Fault(code="consent_guardian_missing", field="guardian"))
    if not faults and in_force(consents_of(conn, book, person.person_id), draft.purpose):
        faults.append(Fault(code="consent_in_force", field="purpose"))
    return faults


def _choice_faults(**chosen: tuple[str, tuple[str, ...]]) -> list[Fault]:
    return [
        Fault(code="choice_refused", field=name, fields={"expected": ", ".join(choices)})
        for name, (value, choices) in chosen.items()
        if value not in choices
    ]


def _day_faults(day: date) -> list[Fault]:
    return [] if DAY_MIN <= day <= today() else [Fault(code="consent_day", field="day", fields={"day": str(today())})]


def _insert(conn: Connection, statement: sqlalchemy.TextClause, row: dict[str, object]) -> None:
    try:
        conn.execute(statement, row)
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
