"""Post entries: one function for one entry and for a hundred thousand.

Two statements, whatever the batch: ``take_book`` orders the callers of a book and tells what exists of the codes
named; then one statement inserts everything together, and the triggers of ``migrations/sql/0007_rules.sql`` check it
as a whole. Between the two, ``rules.faults`` finds all that is wrong. Nothing here commits.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import sqlalchemy
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.model import (
    BATCH_LINE_COUNT_MAX,
    BATCH_SIZE_MAX,
    Actor,
    Book,
    BookFacts,
    EntryDraft,
    PostedBatch,
    PostedEntry,
    Request,
    VoucherNumber,
)
from ledger.books.rules import faults
from ledger.books.statement import INSERT_BATCH, batch_parameters
from ledger.books.tables import raise_refusal
from ledger.books.taking import book_facts, named_codes, take_book
from ledger.calendar import fiscal_year
from ledger.errors import CodeRefused, Fault, IdempotencyConflict, PostingRefused, RuleRefused
from ledger.people.request import is_same_request, request_digest
from ledger.people.vault import vault_of

BULK_SIZE_MIN: Final = 50
"""From so many entries on the triggers' statements are planned anew, for this batch and again for what comes after.

They have no parameters, so a connection keeps the plan of its first posting: made for one entry it costs a batch the
square of its size, made for a batch it has a single entry read whole tables (both measured).
"""

_REPLAN: Final = text("DISCARD PLANS")

_match_key: Final = re.compile(r"[!-~]{1,100}").fullmatch


def post(
    conn: Connection, book: Book, drafts: Sequence[EntryDraft], *, actor: Actor, request: Request | None = None
) -> PostedBatch:
    """Post entries to a book, in their order, all or none.

    A request whose key was used before by the same principal returns what it posted then and posts nothing.

    Raises:
        PostingRefused: with every fault found; overdrafts are only looked for where nothing else is wrong.
        IdempotencyConflict: the key belongs to a request with other content.
        AssociationNotFound: no such book in the transaction's tenant.
    """
    refuse_size(drafts)
    if request is not None and not _match_key(request.key):
        raise CodeRefused(field="idempotency_key")
    taken = take_book(conn, book, named_codes(drafts, actor, request))
    if request is not None and taken["request"] is not None:
        return _earlier(conn, book, actor, request, taken["request"])
    facts = book_facts(taken)
    found = faults(drafts, facts)
    if found:
        raise PostingRefused(found)
    entries = numbered(drafts, facts)
    is_bulk = len(drafts) >= BULK_SIZE_MIN
    if is_bulk:
        conn.execute(_REPLAN)
    key = vault_of(conn).current_key(conn, book.tenant_id)
    remembered = None
    if request is not None:
        remembered = request.key, request_digest(conn, book.tenant_id, actor.principal_id, request)
    parameters = batch_parameters(book, drafts, entries, facts=facts, actor=actor, key=key, request=remembered)
    try:
        conn.execute(INSERT_BATCH, parameters)
    except sqlalchemy.exc.DatabaseError as error:
        _refuse(error, drafts, request)
    if is_bulk:
        conn.execute(_REPLAN)
    return PostedBatch(first_seq=entries[0].seq, last_seq=entries[-1].seq, entries=tuple(entries))


def preview(conn: Connection, book: Book, drafts: Sequence[EntryDraft], *, actor: Actor) -> PostedBatch:
    """Post, and take it back: the real path with the real verdict, and nothing left behind.

    Raises:
        PostingRefused: as ``post`` would.
    """
    savepoint = conn.begin_nested()
    try:
        return post(conn, book, drafts, actor=actor)
    finally:
        savepoint.rollback()


def refuse_size(drafts: Sequence[EntryDraft]) -> None:
    """Refuse a batch of more entries or lines than one statement should carry.

    Raises:
        PostingRefused: it is empty or too large.
    """
    size = len(drafts)
    if not 1 <= size <= BATCH_SIZE_MAX:
        raise PostingRefused([Fault(code="batch_size", fields={"count": size, "count_max": BATCH_SIZE_MAX})])
    line_count = sum(len(draft.lines) for draft in drafts)
    if line_count > BATCH_LINE_COUNT_MAX:
        fields = {"count": line_count, "count_max": BATCH_LINE_COUNT_MAX}
        raise PostingRefused([Fault(code="batch_line_count", fields=fields)])


def _refuse(error: sqlalchemy.exc.DatabaseError, drafts: Sequence[EntryDraft], request: Request | None) -> NoReturn:
    try:
        raise_refusal(error, drafts)
    except RuleRefused as refused:
        # Callers of one book wait for each other, so only a request to another book can have taken the key meanwhile.
        if request is not None and refused.fields["rule"] == "idempotency_pk":
            raise IdempotencyConflict(key=request.key) from error
        raise


def numbered(drafts: Sequence[EntryDraft], facts: BookFacts) -> list[PostedEntry]:
    """Give each entry its seq, and a number to each voucher that is issued with its entry."""
    counters = dict(facts.counters)
    entries = []
    for seq, draft in enumerate(drafts, start=facts.last_seq + 1):
        voucher = draft.voucher
        if isinstance(voucher, str):
            year = fiscal_year(draft.entry_on)
            number = counters.get((voucher, year), 0) + 1
            counters[voucher, year] = number
            voucher = VoucherNumber(kind=voucher, fiscal_year=year, number=number)
        entry_id = draft.entry_id or typeid.new_id()
        entries.append(PostedEntry(entry_id=entry_id, seq=seq, entry_on=draft.entry_on, voucher=voucher))
    return entries


def _earlier(conn: Connection, book: Book, actor: Actor, request: Request, recalled: Sequence[Any]) -> PostedBatch:
    """Return what the same request posted the first time."""
    remembered, result = bytes.fromhex(recalled[0]), recalled[1]
    is_same = is_same_request(conn, book.tenant_id, actor.principal_id, request, remembered=remembered)
    if not is_same or result.get("book_id") != book.book_id:
        raise IdempotencyConflict(key=request.key)
    rows = conn.execute(
        text("""\
            SELECT entry_id, seq, entry_on, voucher_kind, fiscal_year, voucher_number
            FROM soquy.entry
            WHERE tenant_id = :tenant_id AND book_id = :book_id AND seq BETWEEN :first_seq AND :last_seq
            ORDER BY seq"""),
        {"tenant_id": book.tenant_id, **result},
    )
    entries = tuple(
        PostedEntry(entry_id=row.entry_id, seq=row.seq, entry_on=row.entry_on, voucher=_voucher(row)) for row in rows
    )
    return PostedBatch(first_seq=result["first_seq"], last_seq=result["last_seq"], entries=entries, repeated=True)


def _voucher(row: sqlalchemy.Row[Any]) -> VoucherNumber | None:
    if row.voucher_kind is None:
        return None
    return VoucherNumber(kind=row.voucher_kind, fiscal_year=row.fiscal_year, number=row.voucher_number)
