"""Ask for consent, give it, refuse it, take the question back.

Each step takes the book, so that two at once follow each other, and has its leaf. What is asked about is another room's
row, which does not change while somebody is asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from audit.log import recording_time
from ledger import typeid
from ledger.approvals.errors import (
    ApprovalNotFound,
    ApprovalStateRefused,
    AskedAlready,
    DecisionsRefused,
    NotAsked,
    WithdrawalRefused,
)
from ledger.approvals.model import PREFIXES, REASON_LENGTH_MAX, Action, Approval
from ledger.approvals.queries import approval_by_id, known_approvals, last_approvals, roles_held
from ledger.books.event import Event, record_event, record_events
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row, raise_refusal
from ledger.books.taking import take_book
from ledger.calendar import TIME_ZONE, fiscal_year, today
from ledger.errors import LedgerError
from ledger.text import clean_text

_TERMS: Final = text("""\
SELECT terms.roles, terms.is_ordered, terms.days
FROM unnest(CAST(:action AS text[]), CAST(:amount_minor AS bigint[]))
    WITH ORDINALITY AS asked (action, amount_minor, place)
CROSS JOIN LATERAL soquy.approval_terms(:tenant_id, :book_id, asked.action, asked.amount_minor) AS terms
ORDER BY asked.place""")
_ASK: Final = text("""\
INSERT INTO soquy.approval (tenant_id, book_id, drafted_by, approval_id, action, subject_id, amount_minor, roles,
    is_ordered, expires_on)
SELECT :tenant_id, :book_id, CAST(:drafted_by AS uuid), a.approval_id, a.action, a.subject_id, a.amount_minor,
    string_to_array(a.roles, ','), a.is_ordered, a.expires_on
FROM unnest(CAST(:approval_id AS uuid[]), CAST(:action AS text[]), CAST(:subject_id AS uuid[]),
    CAST(:amount_minor AS bigint[]), CAST(:roles AS text[]), CAST(:is_ordered AS boolean[]),
    CAST(:expires_on AS date[])) AS a (approval_id, action, subject_id, amount_minor, roles, is_ordered, expires_on)""")
_DECIDE: Final = text("""\
INSERT INTO soquy.approval_decision (tenant_id, approval_id, step, book_id, is_granted, user_id, event_id)
SELECT :tenant_id, said.approval_id, said.step, :book_id, :is_granted, CAST(:user_id AS uuid), said.event_id
FROM unnest(CAST(:approval_id AS uuid[]), CAST(:step AS smallint[]), CAST(:event_id AS uuid[]))
    AS said (approval_id, step, event_id)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What consent is asked to: a subject, and how much it is about."""

    action: Action
    subject_id: UUID
    amount_minor: int


def ask(conn: Connection, book: Book, action: Action, subject_id: UUID, *, amount_minor: int, actor: Actor) -> UUID:
    """Ask those whom the policy names for their consent to a subject; return the request's id.

    Raises:
        AskedAlready: somebody is asked about it already, or agreed to it.
    """
    question = Question(action=action, subject_id=subject_id, amount_minor=amount_minor)
    return ask_all(conn, book, [question], actor=actor)[0]


def ask_all(conn: Connection, book: Book, questions: Sequence[Question], *, actor: Actor) -> tuple[UUID, ...]:
    """Ask for consent to many subjects, each by itself, in a fixed number of statements; return the requests' ids.

    Raises:
        AskedAlready: as ``ask``, of the first of them.
    """
    take_book(conn, book)
    for known in last_approvals(conn, book, [each.subject_id for each in questions]).values():
        if known.state in {"asked", "approved", "used"}:
            raise AskedAlready(approval=typeid.encode(typeid.APPROVAL, known.approval_id), state=known.state)
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "action": text_array(each.action for each in questions),
        "amount_minor": plain_array(each.amount_minor for each in questions),
    }
    terms = conn.execute(_TERMS, asked).all()
    days = [today() + timedelta(days=each.days) for each in terms]
    ids = [typeid.new_id() for _ in questions]
    events = [
        Event(
            event_id=approval_id,
            type="approval.asked",
            payload={
                "action": question.action,
                "subject": typeid.encode(PREFIXES[question.action], question.subject_id),
                "amount_minor": question.amount_minor,
                "roles": list(each.roles),
                "ordered": each.is_ordered,
                "expires_on": str(expires_on),
            },
        )
        for approval_id, question, each, expires_on in zip(ids, questions, terms, days, strict=True)
    ]
    _record(conn, book, events, actor=actor)
    rows = {
        "drafted_by": actor.principal_id,
        "approval_id": plain_array(ids),
        "subject_id": plain_array(each.subject_id for each in questions),
        "roles": text_array(",".join(each.roles) for each in terms),
        "is_ordered": plain_array(each.is_ordered for each in terms),
        "expires_on": plain_array(days),
    }
    conn.execute(_ASK, asked | rows)
    return tuple(ids)


def grant(
    conn: Connection, book: Book, approval_id: UUID, *, actor: Actor, counting: Collection[str] | None = None
) -> Approval:
    """Consent to one request, as ``grant_all``; return how it stands then.

    Raises:
        ApprovalNotFound: the book has no such request.
        ApprovalStateRefused: nobody is asked any more.
        NotAsked: ``reason`` is drafter, twice, proof or role.
    """
    return _one(conn, book, approval_id, _Answer(is_granted=True, actor=actor, counting=counting))


def deny(
    conn: Connection,
    book: Book,
    approval_id: UUID,
    *,
    reason: str,
    actor: Actor,
    counting: Collection[str] | None = None,
) -> Approval:
    """Refuse one request, as ``deny_all``; return how it stands then.

    Raises:
        TextRefused: there is no reason.
        ApprovalNotFound, ApprovalStateRefused, NotAsked: as ``grant``.
    """
    return _one(conn, book, approval_id, _denial(reason, actor, counting))


def grant_all(
    conn: Connection,
    book: Book,
    approval_ids: Sequence[UUID],
    *,
    actor: Actor,
    counting: Collection[str] | None = None,
) -> tuple[Approval, ...]:
    """Consent to requests, to each in the role that it asks now; all of them or none. Return how they stand then.

    ``counting`` are those of the actor's roles that count at the moment, where not all that they hold do: roles of
    approvers count after a second factor alone.

    Raises:
        DecisionsRefused: ``Fault.entry`` counts requests from 0; codes and fields are those of ``grant``.
    """
    return _decide(conn, book, approval_ids, _Answer(is_granted=True, actor=actor, counting=counting))


def deny_all(
    conn: Connection,
    book: Book,
    approval_ids: Sequence[UUID],
    *,
    reason: str,
    actor: Actor,
    counting: Collection[str] | None = None,
) -> tuple[Approval, ...]:
    """Refuse requests for one reason, which is sealed, all of them or none; nobody else is asked then.

    Raises:
        TextRefused: there is no reason.
        DecisionsRefused: as ``grant_all``.
    """
    return _decide(conn, book, approval_ids, _denial(reason, actor, counting))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Yes, or no with its reason, and whose it is."""

    is_granted: bool
    actor: Actor
    counting: Collection[str] | None
    private: Mapping[str, str] = field(default_factory=dict)

    def step(self, found: Approval, held: frozenset[str]) -> int:
        """Return the step of a request that this answers.

        Raises:
            ApprovalStateRefused, NotAsked: as ``grant``.
        """
        user_id = self.actor.principal_id
        if found.state != "asked":
            raise ApprovalStateRefused(state=found.state)
        step = found.step_for(user_id, held if self.counting is None else held & frozenset(self.counting))
        if step is not None:
            return step
        if found.drafted_by in {None, user_id}:
            raise NotAsked(reason="drafter")
        if any(decision.user_id == user_id for decision in found.decisions):
            raise NotAsked(reason="twice")
        raise NotAsked(reason="role" if found.step_for(user_id, held) is None else "proof")


def _denial(reason: str, actor: Actor, counting: Collection[str] | None) -> _Answer:
    why = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    return _Answer(is_granted=False, actor=actor, counting=counting, private={"reason": why})


def _one(conn: Connection, book: Book, approval_id: UUID, answer: _Answer) -> Approval:
    try:
        return _decide(conn, book, [approval_id], answer)[0]
    except DecisionsRefused as refused:
        raise refused.errors[0] from None


def _decide(conn: Connection, book: Book, approval_ids: Sequence[UUID], answer: _Answer) -> tuple[Approval, ...]:
    """Answer requests in a fixed number of statements, however many there are."""
    take_book(conn, book)
    found = known_approvals(conn, book, approval_ids)
    held = roles_held(conn, book, answer.actor.principal_id)
    steps: dict[UUID, int] = {}
    errors: dict[int, LedgerError] = {}
    for index, approval_id in enumerate(approval_ids):
        try:
            if approval_id not in found:
                raise ApprovalNotFound(approval=typeid.encode(typeid.APPROVAL, approval_id))
            if approval_id in steps:
                raise NotAsked(reason="twice")
            steps[approval_id] = answer.step(found[approval_id], held)
        except LedgerError as error:
            errors[index] = error
    if errors:
        raise DecisionsRefused(errors)
    _keep(conn, book, [(found[each], step) for each, step in steps.items()], answer)
    after = known_approvals(conn, book, approval_ids)
    return tuple(after[each] for each in approval_ids)


def _keep(conn: Connection, book: Book, steps: Sequence[tuple[Approval, int]], answer: _Answer) -> None:
    """Write decisions down, each after its leaf."""
    events = [
        Event(
            event_id=typeid.new_id(),
            type="approval.granted" if answer.is_granted else "approval.denied",
            payload={
                "approval": typeid.encode(typeid.APPROVAL, found.approval_id),
                "step": step,
                "role": found.roles[step - 1],
            },
            private=answer.private,
        )
        for found, step in steps
    ]
    _record(conn, book, events, actor=answer.actor)
    said = {"is_granted": answer.is_granted, "user_id": answer.actor.principal_id}
    columns = {
        "approval_id": plain_array(found.approval_id for found, _ in steps),
        "step": plain_array(step for _, step in steps),
        "event_id": plain_array(event.event_id for event in events),
    }
    try:
        conn.execute(_DECIDE, {"tenant_id": book.tenant_id, "book_id": book.book_id, **said, **columns})
    except sqlalchemy.exc.DatabaseError as error:  # a role that was taken away meanwhile
        raise_refusal(error)


def _record(conn: Connection, book: Book, events: Sequence[Event], *, actor: Actor) -> None:
    at = recording_time(conn)
    year = fiscal_year(at.astimezone(TIME_ZONE).date())
    record_events(conn, book, events, actor=actor, recorded_at=at, fiscal_year=year, commits_to_actor=True)


def take_back(
    conn: Connection, book: Book, approval_id: UUID, *, actor: Actor, counting: Collection[str] | None = None
) -> None:
    """Take a question back, as ``withdraw``: whoever asked may, and those who are asked, lest it wait for ever.

    ``counting`` is as in ``grant_all``.

    Raises:
        ApprovalNotFound, ApprovalStateRefused: as ``withdraw``.
        WithdrawalRefused: they did not ask, and are not asked.
    """
    found = approval_by_id(conn, book, approval_id)
    held = roles_held(conn, book, actor.principal_id)
    if not found.is_withdrawn_by(actor.principal_id, held if counting is None else held & frozenset(counting)):
        raise WithdrawalRefused
    withdraw(conn, book, approval_id, actor=actor)


def withdraw(conn: Connection, book: Book, approval_id: UUID, *, actor: Actor) -> None:
    """Take the question back: what was said to it counts no more.

    A room does it with what is asked about; whether somebody may is its own to have checked.

    Raises:
        ApprovalNotFound: the book has no such request.
        ApprovalStateRefused: it was carried out, denied or taken back, or its time is over.
    """
    take_book(conn, book)
    found = approval_by_id(conn, book, approval_id)
    if found.state not in {"asked", "approved"}:
        raise ApprovalStateRefused(state=found.state)
    event_id = record_event(
        conn,
        book,
        "approval.withdrawn",
        {"approval": typeid.encode(typeid.APPROVAL, approval_id)},
        actor=actor,
    )
    place = {"tenant_id": book.tenant_id, "approval_id": approval_id, "book_id": book.book_id}
    insert_row(conn, "approval_withdrawal", place | {"event_id": event_id})
