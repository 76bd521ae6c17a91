"""Ask for consent, give it, refuse it, take the question back.

Each step takes the book, so that two at once follow each other, and has its leaf. What is asked about is another room's
row, which does not change while somebody is asked.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import text_array
from audit.jcs import Json
from ledger import typeid
from ledger.approvals.errors import ApprovalStateRefused, AskedAlready, NotAsked
from ledger.approvals.model import PREFIXES, REASON_LENGTH_MAX, Action, Approval
from ledger.approvals.policy import terms_of
from ledger.approvals.queries import approval_by_id, approval_of
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.calendar import today
from ledger.text import clean_text

_ASK: Final = text("""\
INSERT INTO soquy.approval (tenant_id, approval_id, book_id, action, subject_id, amount_minor, roles, is_ordered,
    drafted_by, expires_on)
VALUES (:tenant_id, :approval_id, :book_id, :action, :subject_id, :amount_minor, CAST(:roles AS text[]), :is_ordered,
    :drafted_by, :expires_on)""")
_ROLES: Final = text("""\
SELECT soquy.roles_that_count(tenant_id, association_id, held.user_id, held.roles)
FROM soquy.role_holder AS held JOIN soquy.book USING (tenant_id, association_id)
WHERE held.tenant_id = :tenant_id AND book.book_id = :book_id AND held.user_id = :user_id""")


def ask(conn: Connection, book: Book, action: Action, subject_id: UUID, *, amount_minor: int, actor: Actor) -> UUID:
    """Ask those whom the policy names for their consent to a subject; return the request's id.

    Raises:
        AskedAlready: somebody is asked about it already, or agreed to it.
    """
    take_book(conn, book)
    known = approval_of(conn, book, action, subject_id)
    if known is not None and known.state in {"asked", "approved", "used"}:
        raise AskedAlready(approval=typeid.encode(typeid.APPROVAL, known.approval_id), state=known.state)
    terms = terms_of(conn, book, action, amount_minor)
    expires_on = today() + timedelta(days=terms.days)
    payload: dict[str, Json] = {
        "action": action,
        "subject": typeid.encode(PREFIXES[action], subject_id),
        "amount_minor": amount_minor,
        "roles": list(terms.roles),
        "ordered": terms.is_ordered,
        "expires_on": str(expires_on),
    }
    approval_id = record_event(conn, book, "approval.asked", payload, actor=actor)
    row = {
        "tenant_id": book.tenant_id,
        "approval_id": approval_id,
        "book_id": book.book_id,
        "action": action,
        "subject_id": subject_id,
        "amount_minor": amount_minor,
        "roles": text_array(terms.roles),
        "is_ordered": terms.is_ordered,
        "drafted_by": actor.principal_id,
        "expires_on": expires_on,
    }
    conn.execute(_ASK, row)
    return approval_id


def grant(conn: Connection, book: Book, approval_id: UUID, *, actor: Actor) -> Approval:
    """Consent, in the role that is asked now; return how the request stands then.

    Raises:
        ApprovalNotFound: the book has no such request.
        ApprovalStateRefused: nobody is asked any more.
        NotAsked: ``reason`` is drafter, twice or role.
    """
    return _decide(conn, book, approval_id, is_granted=True, private={}, actor=actor)


def deny(conn: Connection, book: Book, approval_id: UUID, *, reason: str, actor: Actor) -> Approval:
    """Refuse, with a reason, which is sealed; nobody else is asked then.

    Raises:
        TextRefused: there is no reason.
        ApprovalNotFound, ApprovalStateRefused, NotAsked: as ``grant``.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    return _decide(conn, book, approval_id, is_granted=False, private={"reason": reason}, actor=actor)


def _decide(
    conn: Connection, book: Book, approval_id: UUID, *, is_granted: bool, private: dict[str, str], actor: Actor
) -> Approval:
    take_book(conn, book)
    found = approval_by_id(conn, book, approval_id)
    step = _step(conn, book, found, actor)
    public_id = typeid.encode(typeid.APPROVAL, approval_id)
    event_id = record_event(
        conn,
        book,
        "approval.granted" if is_granted else "approval.denied",
        {"approval": public_id, "step": step, "role": found.roles[step - 1]},
        actor=actor,
        private=private,
    )
    row = {"tenant_id": book.tenant_id, "approval_id": approval_id, "step": step, "book_id": book.book_id}
    said = {"is_granted": is_granted, "user_id": actor.principal_id, "event_id": event_id}
    insert_row(conn, "approval_decision", row | said)
    return approval_by_id(conn, book, approval_id)


def _step(conn: Connection, book: Book, found: Approval, actor: Actor) -> int:
    if found.state != "asked":
        raise ApprovalStateRefused(state=found.state)
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "user_id": actor.principal_id}
    step = found.step_for(actor.principal_id, conn.execute(_ROLES, asked).scalar() or ())
    if step is not None:
        return step
    if found.drafted_by in {None, actor.principal_id}:
        raise NotAsked(reason="drafter")
    has_decided = any(decision.user_id == actor.principal_id for decision in found.decisions)
    raise NotAsked(reason="twice" if has_decided else "role")


def withdraw(conn: Connection, book: Book, approval_id: UUID, *, actor: Actor) -> None:
    """Take the question back: what was said to it counts no more.

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
