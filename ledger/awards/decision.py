"""What becomes of a list: the council decides on it, consent is asked for, it is taken back."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from audit.jcs import Json
from ledger import typeid
from ledger.approvals.commands import ask, withdraw
from ledger.approvals.model import REASON_LENGTH_MAX
from ledger.approvals.queries import last_approvals
from ledger.awards.errors import DecisionNumberTaken, ListStateRefused
from ledger.awards.model import NUMBER_LENGTH_MAX, AwardList, ListState
from ledger.awards.queries import list_by_id
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.calendar import today
from ledger.documents.attachment import attach_document
from ledger.documents.store import document_by_id
from ledger.errors import FieldRefused, RuleRefused
from ledger.text import clean_text

DECIDED_ON_MIN: Final = date(2000, 1, 1)


def decide_list(
    conn: Connection,
    book: Book,
    list_id: UUID,
    *,
    number: str,
    decided_on: date,
    document_id: UUID | None = None,
    actor: Actor,
) -> UUID:
    """Record the council's decision of a list; return the id of its event.

    The leaf commits to the number and to the scan, which is attached to the event as well.

    Raises:
        ListNotFound: the book has no such list.
        ListStateRefused: it was decided on before, or is over.
        TextRefused: there is no number.
        FieldRefused: a day that has not come.
        DocumentNotFound: the book has no such scan.
        DecisionNumberTaken: another decision of the year has the number.
    """
    number = clean_text(number, field="number", length_max=NUMBER_LENGTH_MAX)
    if not DECIDED_ON_MIN <= decided_on <= today():
        raise FieldRefused(field="decided_on", rule="award_decision_day_range_check")
    _take(conn, book, list_id, {"listed"})
    scan = None if document_id is None else document_by_id(conn, book, document_id)
    payload: dict[str, Json] = {
        "list": typeid.encode(typeid.AWARD_LIST, list_id),
        "decided_on": str(decided_on),
    }
    event_id = record_event(
        conn,
        book,
        "round.decided",
        payload,
        actor=actor,
        private={"number": number},
        documents=() if scan is None else [("decision", scan.sha256.hex())],
    )
    row = {"tenant_id": book.tenant_id, "list_id": list_id, "book_id": book.book_id, "event_id": event_id}
    try:
        insert_row(conn, "award_decision", {**row, "decided_on": decided_on, "number": number})
    except RuleRefused as refused:
        if refused.fields.get("rule") != "award_decision_number_unique":
            raise
        raise DecisionNumberTaken(year=decided_on.year) from refused
    if document_id is not None:
        attach_document(conn, book, document_id, target_id=event_id, kind="decision", actor=actor)
    return event_id


def ask_for_list(conn: Connection, book: Book, list_id: UUID, *, actor: Actor) -> UUID:
    """Ask those whom the policy names for their consent to a list that was decided on; return the request's id.

    Raises:
        ListNotFound: the book has no such list.
        ListStateRefused: it was not decided on, is asked about already, or is over.
    """
    found = _take(conn, book, list_id, {"decided"})
    return ask(conn, book, "round", list_id, amount_minor=found.total_minor, actor=actor)


def withdraw_list(conn: Connection, book: Book, list_id: UUID, *, reason: str, actor: Actor) -> None:
    """Take a list back, and with it what is asked about it; why is sealed. A new version may follow.

    Raises:
        ListNotFound: the book has no such list.
        ListStateRefused: it was paid, or is over.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    found = _take(conn, book, list_id, {"listed", "decided", "asked", "approved"})
    asked = last_approvals(conn, book, [list_id]).get(list_id)
    if asked is not None and found.state in {"asked", "approved"}:
        withdraw(conn, book, asked.approval_id, actor=actor)
    payload: dict[str, Json] = {"list": typeid.encode(typeid.AWARD_LIST, list_id)}
    event_id = record_event(conn, book, "round.list_withdrawn", payload, actor=actor, private={"reason": reason})
    row = {"tenant_id": book.tenant_id, "list_id": list_id, "book_id": book.book_id, "event_id": event_id}
    insert_row(conn, "award_list_withdrawal", row)


def _take(conn: Connection, book: Book, list_id: UUID, states: set[ListState]) -> AwardList:
    """Take the book and return a list of it that stands as it must."""
    take_book(conn, book)
    found = list_by_id(conn, book, list_id)
    if found.state not in states:
        raise ListStateRefused(list=typeid.encode(typeid.AWARD_LIST, list_id), state=found.state)
    return found
