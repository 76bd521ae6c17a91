"""The one statement that writes a batch: its SQL, and the columns that fill it.

Entries, postings, vouchers issued with them, leaves, sealed values and the request's key go in together. Statement
triggers run when all of it is in place, so none of them has to be deferred to the commit, and there is no moment at
which an entry stands without its postings or its leaf.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from sqlalchemy import text

from audit import canonical, columns, log
from ledger import typeid
from ledger.books.leaf import decimal_text, entry_payload
from ledger.books.model import DESCRIPTION_LENGTH_MAX, Actor, Book, BookFacts, EntryDraft, PostedEntry
from ledger.calendar import fiscal_year
from ledger.people import sealing
from ledger.people.sealing import DataKey
from ledger.text import clean_text

INSERT_BATCH: Final = text(f"""\
WITH issued AS (
    INSERT INTO soquy.voucher (tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on, event_id)
    SELECT :tenant_id, :book_id, e.voucher_kind, e.fiscal_year, e.voucher_number, e.entry_on, e.entry_id
    FROM unnest(CAST(:is_issued AS boolean[]), CAST(:voucher_kind AS text[]), CAST(:fiscal_year AS smallint[]),
        CAST(:voucher_number AS integer[]), CAST(:entry_on AS date[]), CAST(:entry_id AS uuid[]))
        AS e (is_issued, voucher_kind, fiscal_year, voucher_number, entry_on, entry_id)
    WHERE e.is_issued
), leaf AS (
    {log.INSERT_SQL}
), sealed AS (
    {sealing.INSERT_SQL}), request AS (
    INSERT INTO soquy.idempotency (tenant_id, principal_id, key, request_hash, result)
    SELECT :tenant_id, CAST(:actor_id AS uuid), CAST(:request_key AS text), CAST(:request_hash AS bytea),
        CAST(:request_result AS jsonb)
    WHERE CAST(:request_key AS text) IS NOT NULL
), journal AS (
    INSERT INTO soquy.entry (tenant_id, book_id, seq, entry_id, kind, entry_on, line_count, voucher_kind, fiscal_year,
        voucher_number, rate_currency, rate, rate_source, corrects_seq, actor_id)
    SELECT :tenant_id, :book_id, e.*, CAST(:actor_id AS uuid)
    FROM unnest(CAST(:seq AS bigint[]), CAST(:entry_id AS uuid[]), CAST(:kind AS text[]), CAST(:entry_on AS date[]),
        CAST(:line_count AS smallint[]), CAST(:voucher_kind AS text[]), CAST(:fiscal_year AS smallint[]),
        CAST(:voucher_number AS integer[]), CAST(:rate_currency AS text[]), CAST(:rate AS numeric[]),
        CAST(:rate_source AS text[]), CAST(:corrects_seq AS bigint[])) AS e
)
INSERT INTO soquy.posting (tenant_id, book_id, seq, line, entry_on, account, fund, value_minor, amount_minor, currency,
    channel, campaign, program, quantity)
SELECT :tenant_id, :book_id, p.*
FROM unnest(CAST(:line_seq AS bigint[]), CAST(:line AS smallint[]), CAST(:line_on AS date[]), CAST(:account AS text[]),
    CAST(:fund AS text[]), CAST(:value_minor AS bigint[]), CAST(:amount_minor AS bigint[]), CAST(:currency AS text[]),
    CAST(:channel AS text[]), CAST(:campaign AS text[]), CAST(:program AS text[]), CAST(:quantity AS integer[])) AS p
""")  # noqa: S608 - composed of constants


def batch_parameters(
    book: Book,
    drafts: Sequence[EntryDraft],
    entries: Sequence[PostedEntry],
    *,
    facts: BookFacts,
    actor: Actor,
    key: DataKey,
    request: tuple[str, bytes] | None,
) -> dict[str, object]:
    """Return the parameters of ``INSERT_BATCH``; ``entries`` are the drafts with their numbers, one for one.

    ``key`` seals what the leaves only commit to; ``request`` is the caller's key and what to remember it by.
    """
    request_key, request_hash = request or (None, None)
    result = {"book_id": book.book_id, "first_seq": entries[0].seq, "last_seq": entries[-1].seq}
    return {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "actor_id": actor.principal_id,
        "request_key": request_key,
        "request_hash": request_hash,
        "request_result": json.dumps(result),
        **_evidence_columns(book, drafts, entries, facts, actor, key=key),
        **entry_columns(drafts, entries),
        **posting_columns(drafts, entries),
    }


def _evidence_columns(
    book: Book,
    drafts: Sequence[EntryDraft],
    entries: Sequence[PostedEntry],
    facts: BookFacts,
    actor: Actor,
    *,
    key: DataKey,
) -> dict[str, object]:
    """Make the leaves, and the values sealed out of them: the actor of each entry, and its description."""
    association = typeid.encode(typeid.ASSOCIATION, book.association_id)
    principal = actor.public_id
    recorded_at = datetime.fromisoformat(facts.recorded_at).astimezone(UTC)
    value_count = len(drafts) + sum(draft.description is not None for draft in drafts)
    values = sealing.Sealing(key, retention=sealing.BOOK, count=value_count)
    records: list[log.Record] = []
    for draft, entry in zip(drafts, entries, strict=True):
        event_id = typeid.encode(typeid.ENTRY, entry.entry_id)
        year = fiscal_year(entry.entry_on)
        acted = values.commit(entry.entry_id, event_id, "actor", principal, fiscal_year=year)
        private = {}
        if draft.description is not None:
            kept = clean_text(draft.description, field="description", length_max=DESCRIPTION_LENGTH_MAX, multiline=True)
            private["description"] = values.commit(entry.entry_id, event_id, "description", kept, fiscal_year=year)
        corrects = None
        if draft.corrects_seq is not None:
            corrects = typeid.encode(typeid.ENTRY, facts.corrected[draft.corrects_seq].entry_id)
        leaf = canonical.Leaf(
            type="entry",
            event_id=event_id,
            association=association,
            book_seq=entry.seq,
            entry_on=entry.entry_on,
            recorded_at=recorded_at,
            actor=canonical.LeafActor(role=actor.role, commitment=acted),
            payload=entry_payload(draft, entry.voucher),
            private=private,
            corrects=corrects,
        )
        records.append(
            log.Record(
                event_id=entry.entry_id,
                type="entry",
                association_id=book.association_id,
                book_id=book.book_id,
                book_seq=entry.seq,
                leaf=canonical.encode(leaf),
            )
        )
    return log.parameters(book.tenant_id, records) | values.parameters()


def entry_columns(drafts: Sequence[EntryDraft], entries: Sequence[PostedEntry]) -> dict[str, object]:
    """Return the columns of entries' own rows."""
    rates = [draft.rate for draft in drafts]
    vouchers = [entry.voucher for entry in entries]
    return {
        # A voucher that was not issued before is issued with its entry, on its day.
        "is_issued": columns.plain_array(isinstance(draft.voucher, str) for draft in drafts),
        "seq": columns.plain_array(entry.seq for entry in entries),
        "entry_id": columns.plain_array(entry.entry_id for entry in entries),
        "kind": columns.text_array(draft.kind for draft in drafts),
        "entry_on": columns.plain_array(draft.entry_on for draft in drafts),
        "line_count": columns.plain_array(len(draft.lines) for draft in drafts),
        "voucher_kind": columns.text_array(voucher.kind if voucher else None for voucher in vouchers),
        "fiscal_year": columns.plain_array(voucher.fiscal_year if voucher else None for voucher in vouchers),
        "voucher_number": columns.plain_array(voucher.number if voucher else None for voucher in vouchers),
        "rate_currency": columns.text_array(rate.currency if rate else None for rate in rates),
        "rate": columns.plain_array(decimal_text(rate) if rate else None for rate in rates),
        "rate_source": columns.text_array(rate.source if rate else None for rate in rates),
        "corrects_seq": columns.plain_array(draft.corrects_seq for draft in drafts),
    }


def posting_columns(drafts: Sequence[EntryDraft], entries: Sequence[PostedEntry]) -> dict[str, object]:
    """Return the columns of the lines of entries."""
    lines = [line for draft in drafts for line in draft.lines]
    placed = [
        (entry.seq, number, entry.entry_on)
        for draft, entry in zip(drafts, entries, strict=True)
        for number in range(1, len(draft.lines) + 1)
    ]
    texts = ("account", "fund", "currency", "channel", "campaign", "program")
    numbers = {"value_minor": "value_minor", "amount_minor": "own_minor", "quantity": "quantity"}
    return {
        "line_seq": columns.plain_array(seq for seq, _, _ in placed),
        "line": columns.plain_array(number for _, number, _ in placed),
        "line_on": columns.plain_array(on for _, _, on in placed),
        **{name: columns.text_array(map(attrgetter(name), lines)) for name in texts},
        **{name: columns.plain_array(map(attrgetter(source), lines)) for name, source in numbers.items()},
    }
