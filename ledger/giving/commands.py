"""Receive: what was given becomes an entry, its voucher, and a contribution with a receipt for each giver.

Every command takes an open connection, takes the book, appends its leaves, writes, and leaves the commit to the caller.
"""

from collections.abc import Collection as Some
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book, BookFacts, PostedEntry, Request
from ledger.books.posting import post
from ledger.books.tables import insert_row
from ledger.books.taking import book_facts, named_codes, take_book
from ledger.errors import CodeRefused, FieldRefused, LedgerError, PostingRefused, ReferenceUnknown
from ledger.giving.errors import CollectionRefused as CollectionRefused  # noqa: PLC0414 - callers catch it from here
from ledger.giving.known_person import check_person
from ledger.giving.model import NAME_LENGTH_MAX, REASON_LENGTH_MAX, Collection, Received, Recorded
from ledger.giving.queries import contribution_by_id
from ledger.giving.record import donor_text, record_gifts
from ledger.giving.rules import clean_giver, collection_faults, entry_draft, gift_faults, in_own_fields, match_code
from ledger.giving.tie import find_ties
from ledger.people.order import search_key, sort_key
from ledger.text import clean_text

_NOTHING_KNOWN: Final = BookFacts(
    recorded_at="", today=date.min, last_seq=0, locked_through=None, opened_on=date.min, closed_on=None
)

_CORRECT: Final = text("""\
SELECT vault.correct_contributor(:tenant_id, :book_id, :contribution_id, :event_id, :name, :detail, :search_key,
    :sort_key, :person_id)""")

_EARLIER: Final = text("""\
SELECT c.contribution_id, r.code
FROM soquy.contribution AS c
JOIN vault.receipt_code AS r USING (tenant_id, contribution_id)
WHERE c.tenant_id = :tenant_id AND c.book_id = :book_id AND c.seq = :seq
ORDER BY c.line""")


class DonorNotKept(LedgerError):
    """There is no name to put right: none was given, or it was erased."""

    code = "donor_not_kept"


def receive(
    conn: Connection, book: Book, collection: Collection, *, actor: Actor, request: Request | None = None
) -> Received:
    """Record gifts that came in together, up to a hundred thousand, as one entry; all or none.

    A request whose key was used before by the same principal returns what it recorded then and records nothing.

    Raises:
        CollectionRefused: with every fault found.
        IdempotencyConflict: the key belongs to a request with other content.
        AssociationNotFound: no such book in the transaction's tenant.
    """
    found = gift_faults(collection)
    taken = take_book(conn, book, _named(collection, actor, request))
    facts = book_facts(taken)
    draft = entry_draft(collection, facts)
    is_repeated = taken.get("request") is not None
    ties = find_ties(conn, book, collection)
    if not is_repeated:
        found += [*ties.faults, *collection_faults(collection, draft, facts)]
        if found:
            raise CollectionRefused(found)
    try:
        posted = post(conn, book, [draft], actor=actor, request=request)
    except PostingRefused as refused:
        raise CollectionRefused(in_own_fields(refused.faults, collection)) from refused
    entry = posted.entries[0]
    if posted.repeated:
        return earlier(conn, book, entry)
    recorded = record_gifts(conn, book, collection, entry, ties=ties, recorded_at=taken["recorded_at"], actor=actor)
    if collection.is_list:
        _record_list(conn, book, collection, entry, actor=actor)
    return Received(entry=entry, contributions=recorded)


def preview(conn: Connection, book: Book, collection: Collection, *, actor: Actor) -> Received:
    """Receive, and take it back: the real path with the real verdict, and nothing left behind.

    Raises:
        CollectionRefused: as ``receive`` would.
    """
    savepoint = conn.begin_nested()
    try:
        return receive(conn, book, collection, actor=actor)
    finally:
        savepoint.rollback()


def _named(collection: Collection, actor: Actor, request: Request | None) -> dict[str, Some[Any]]:
    """Return what to ask of the book: what the entry names, as far as it can be known before the answer."""
    draft = entry_draft(collection, _NOTHING_KNOWN)
    return named_codes([draft], actor, request)


def earlier(conn: Connection, book: Book, entry: PostedEntry) -> Received:
    """Return what an entry recorded when it was posted."""
    rows = conn.execute(_EARLIER, {"tenant_id": book.tenant_id, "book_id": book.book_id, "seq": entry.seq})
    recorded = tuple(Recorded(contribution_id=row.contribution_id, code=row.code) for row in rows)
    return Received(entry=entry, contributions=recorded, repeated=True)


def _record_list(conn: Connection, book: Book, collection: Collection, entry: PostedEntry, *, actor: Actor) -> None:
    """Record what was declared of a list, and where it came from; why a difference is accepted is sealed."""
    declared, source = collection.declared, collection.source
    told: dict[str, Json] = {
        "declared_lines": None if declared is None else declared.count,
        "declared_minor": None if declared is None else declared.total_minor,
        "source": source.kind,
    }
    payload: dict[str, Json] = {
        **told,
        "entry": typeid.encode(typeid.ENTRY, entry.entry_id),
        "lines": len(collection.gifts),
        "file": None if source.file_id is None else typeid.encode(typeid.INTAKE, source.file_id),
    }
    private = {}
    if _differs(collection) and collection.difference_reason is not None:
        private["reason"] = clean_text(
            collection.difference_reason, field="difference_reason", length_max=REASON_LENGTH_MAX
        )
    event_id = record_event(conn, book, "collection.recorded", payload, actor=actor, private=private)
    row = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "seq": entry.seq,
        "line_count": len(collection.gifts),
        "declared_count": told["declared_lines"],
        "declared_minor": told["declared_minor"],
        "source": source.kind,
        "file_id": source.file_id,
        "event_id": event_id,
    }
    insert_row(conn, "collection", row)


def _differs(collection: Collection) -> bool:
    declared = collection.declared
    return declared is not None and (declared.count, declared.total_minor) != (
        len(collection.gifts),
        collection.total_minor,
    )


def correct_donor(
    conn: Connection,
    book: Book,
    contribution_id: UUID,
    *,
    donor: str,
    detail: str | None,
    reason: str,
    actor: Actor,
    person_id: UUID | None = None,
) -> None:
    """Put a giver's name right without touching money; what was sealed with the gift stays what it was.

    Raises:
        ContributionNotFound: the book has no such contribution.
        DonorNotKept: it came without a name, or the name was erased.
        PersonNotFound: the book's register has no such person.
        TextRefused: carries the field.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    name, kept = clean_giver(donor, detail)
    take_book(conn, book)
    check_person(conn, book, person_id)
    contribution = contribution_by_id(conn, book, contribution_id)
    if contribution.name is None:
        raise DonorNotKept
    event_id = record_event(
        conn,
        book,
        "contribution.donor_corrected",
        {"contribution": typeid.encode(typeid.CONTRIBUTION, contribution_id)},
        actor=actor,
        private={"donor": donor_text(name, kept), "reason": reason},
    )
    conn.execute(
        _CORRECT,
        {
            "tenant_id": book.tenant_id,
            "book_id": book.book_id,
            "contribution_id": contribution_id,
            "event_id": event_id,
            "name": name,
            "detail": kept,
            "search_key": search_key(name),
            "sort_key": sort_key(name),
            "person_id": person_id,
        },
    )


def open_earmark(
    conn: Connection,
    book: Book,
    *,
    earmark: str,
    fund: str,
    name_vi: str,
    opened_on: date,
    actor: Actor,
    name_en: str | None = None,
    closed_on: date | None = None,
) -> None:
    """Open a purpose within a fund that givers name; its name is public, as a fund's is.

    Raises:
        CodeRefused: a code is up to twenty of A–Z, 0–9 and ``-``.
        ReferenceUnknown: the book has no such fund.
        CodeTaken: the book has an earmark of this code.
        FieldRefused: it closes before it opens.
    """
    if not match_code(earmark):
        raise CodeRefused(field="earmark", value=earmark[:40])
    if closed_on is not None and closed_on < opened_on:
        raise FieldRefused(field="closed_on", rule="earmark_closed_order_check")
    taken = take_book(conn, book, {"funds": [fund]})
    if fund not in (taken["funds"] or {}):
        raise ReferenceUnknown(field="fund", value=fund)
    days = {"opened_on": str(opened_on), "closed_on": None if closed_on is None else str(closed_on)}
    event_id = record_event(conn, book, "earmark.opened", {"earmark": earmark, "fund": fund, **days}, actor=actor)
    row = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "earmark": earmark,
        "fund": fund,
        "name_vi": clean_text(name_vi, field="name_vi", length_max=NAME_LENGTH_MAX),
        "name_en": name_en and clean_text(name_en, field="name_en", length_max=NAME_LENGTH_MAX),
        "opened_on": opened_on,
        "closed_on": closed_on,
        "event_id": event_id,
    }
    insert_row(conn, "earmark", row)
