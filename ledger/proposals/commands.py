"""Propose entries, execute what was agreed to, give up what will not be done.

A proposal issues its voucher, fixes the entry's lines and asks for consent, in one transaction; executing it posts the
entry, by ``books.posting`` like any other, and the database uses up the consent (``migrations/sql/0020_proposal.sql``).
However many are proposed, the number of statements is the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit.columns import plain_array, text_array
from audit.jcs import Json
from ledger import typeid
from ledger.approvals.commands import Question, ask_all, withdraw
from ledger.books.commands import void_voucher
from ledger.books.event import Event, record_events
from ledger.books.leaf import entry_payload
from ledger.books.model import (
    DESCRIPTION_LENGTH_MAX,
    Actor,
    Book,
    BookFacts,
    EntryDraft,
    PostedBatch,
    Request,
    VoucherNumber,
)
from ledger.books.posting import numbered, post, refuse_size
from ledger.books.rules import consent_action, faults
from ledger.books.tables import raise_refusal
from ledger.books.taking import book_facts, named_codes, take_book
from ledger.calendar import fiscal_year
from ledger.errors import Fault, PostingRefused, TextRefused
from ledger.proposals.errors import ExecutionRefused, ProposalStateRefused
from ledger.proposals.model import PAYEE_LENGTH_MAX, Proposal, Proposed, WaitingEntry
from ledger.proposals.queries import proposal_by_id, proposals_by_id
from ledger.text import clean_text

_ISSUE: Final = text("""\
INSERT INTO soquy.voucher (tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on, event_id)
SELECT :tenant_id, :book_id, v.* FROM unnest(CAST(:voucher_kind AS text[]), CAST(:fiscal_year AS smallint[]),
    CAST(:number AS integer[]), CAST(:issued_on AS date[]), CAST(:event_id AS uuid[])) AS v""")
_KEEP: Final = text("""\
INSERT INTO vault.payee (tenant_id, book_id, proposal_id, name, person_id)
SELECT :tenant_id, :book_id, p.* FROM unnest(CAST(:proposal_id AS uuid[]), CAST(:name AS text[]),
    CAST(:person_id AS uuid[])) AS p""")
_PROPOSE: Final = text("""\
INSERT INTO soquy.entry_proposal (tenant_id, book_id, proposal_id, action, kind, voucher_kind, fiscal_year, number,
    lines, rate, corrects_id, list_id, amount_minor)
SELECT :tenant_id, :book_id, p.proposal_id, p.action, p.kind, p.voucher_kind, p.fiscal_year, p.number,
    CAST(p.lines AS jsonb), CAST(p.rate AS jsonb), p.corrects_id, p.list_id, p.amount_minor
FROM unnest(CAST(:proposal_id AS uuid[]), CAST(:action AS text[]), CAST(:kind AS text[]), CAST(:voucher_kind AS text[]),
    CAST(:fiscal_year AS smallint[]), CAST(:number AS integer[]), CAST(:lines AS text[]), CAST(:rate AS text[]),
    CAST(:corrects_id AS uuid[]), CAST(:list_id AS uuid[]), CAST(:amount_minor AS bigint[]))
    AS p (proposal_id, action, kind, voucher_kind, fiscal_year, number, lines, rate, corrects_id, list_id,
        amount_minor)""")


def propose(conn: Connection, book: Book, proposals: Sequence[Proposal], *, actor: Actor) -> tuple[Proposed, ...]:
    """Propose entries, all or none: issue their vouchers and ask for the consent that each needs.

    Raises:
        PostingRefused: with every fault found: what could not be posted so, and what needs no consent.
        AssociationNotFound: no such book in the transaction's tenant.
    """
    proposals = [_cleaned(index, proposal) for index, proposal in enumerate(proposals)]
    drafts = [proposal.draft for proposal in proposals]
    refuse_size(drafts)
    facts = book_facts(take_book(conn, book, named_codes(drafts, actor, None)))
    found = faults(drafts, facts, are_proposed=True)
    if found:
        raise PostingRefused(found)
    vouchers = [entry.voucher for entry in numbered(drafts, facts) if entry.voucher is not None]
    ids = [typeid.new_id() for _ in drafts]
    issue_ids = [typeid.new_id() for _ in drafts]
    payloads = [_payload(each, voucher, facts) for each, voucher in zip(proposals, vouchers, strict=True)]
    record_events(
        conn,
        book,
        [
            *(_issued(each, draft, voucher) for each, draft, voucher in zip(issue_ids, drafts, vouchers, strict=True)),
            *(_proposed(each, proposal, said) for each, proposal, said in zip(ids, proposals, payloads, strict=True)),
        ],
        actor=actor,
        recorded_at=datetime.fromisoformat(facts.recorded_at).astimezone(UTC),
        fiscal_year=fiscal_year(facts.today),
        commits_to_actor=True,
    )
    home = {"tenant_id": book.tenant_id, "book_id": book.book_id}
    key = {
        "voucher_kind": text_array(voucher.kind for voucher in vouchers),
        "fiscal_year": plain_array(voucher.fiscal_year for voucher in vouchers),
        "number": plain_array(voucher.number for voucher in vouchers),
    }
    issued = {"issued_on": plain_array(draft.entry_on for draft in drafts), "event_id": plain_array(issue_ids)}
    amounts = [sum(max(line.value_minor, 0) for line in draft.lines) for draft in drafts]
    actions = [consent_action(draft, facts) or "payment" for draft in drafts]
    try:
        conn.execute(_ISSUE, home | key | issued)
        conn.execute(_KEEP, home | _payees(ids, proposals))
        asked_to = {"action": text_array(actions), "amount_minor": plain_array(amounts)}
        conn.execute(_PROPOSE, home | key | asked_to | _rows(ids, proposals, payloads, facts))
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    questions = [
        Question(action=action, subject_id=subject_id, amount_minor=amount)
        for action, subject_id, amount in zip(actions, ids, amounts, strict=True)
    ]
    asked = ask_all(conn, book, questions, actor=actor)
    return tuple(
        Proposed(proposal_id=each, voucher=voucher, approval_id=approval_id)
        for each, voucher, approval_id in zip(ids, vouchers, asked, strict=True)
    )


def execute(
    conn: Connection,
    book: Book,
    proposal_ids: Sequence[UUID],
    *,
    on: date,
    actor: Actor,
    request: Request | None = None,
) -> PostedBatch:
    """Post the entries that were proposed, as they were proposed, on the day on which it was done.

    Raises:
        ProposalNotFound: the book has no such proposal.
        PostingRefused: with every fault; consent that is missing is told at the entry's voucher.
        IdempotencyConflict: as ``post``.
    """
    found = proposals_by_id(conn, book, proposal_ids)
    return post(conn, book, [execution_of(each, on) for each in found], actor=actor, request=request)


def pay(
    conn: Connection,
    book: Book,
    proposal_ids: Sequence[UUID],
    *,
    on: date,
    actor: Actor,
    request: Request | None = None,
) -> PostedBatch:
    """Pay in cash: execute vouchers of cash, and no others. It is what a cashier does, who keeps no books.

    Raises:
        ExecutionRefused: one of them is no voucher of cash.
        LedgerError: as ``execute``.
    """
    _refuse_hands(conn, book, proposal_ids, is_cash=True)
    return execute(conn, book, proposal_ids, on=on, actor=actor, request=request)


def settle(
    conn: Connection,
    book: Book,
    proposal_ids: Sequence[UUID],
    *,
    on: date,
    actor: Actor,
    request: Request | None = None,
) -> PostedBatch:
    """Post what the bank has paid and what adjusts: execute vouchers of all kinds but cash, which is the cashier's.

    Raises:
        ExecutionRefused: one of them is a voucher of cash.
        LedgerError: as ``execute``.
    """
    _refuse_hands(conn, book, proposal_ids, is_cash=False)
    return execute(conn, book, proposal_ids, on=on, actor=actor, request=request)


def _refuse_hands(conn: Connection, book: Book, proposal_ids: Sequence[UUID], *, is_cash: bool) -> None:
    """The accountant is not the cashier (Decree 174/2016 Art. 19): each executes vouchers of their own."""
    for each in proposals_by_id(conn, book, proposal_ids):
        if (each.moves == "cash out") != is_cash:
            named = each.voucher
            raise ExecutionRefused(kind=named.kind, fiscal_year=named.fiscal_year, number=named.number)


def execution_of(proposal: WaitingEntry, on: date) -> EntryDraft:
    """Return the entry that executes a proposal on a day."""
    return EntryDraft(
        entry_on=on,
        kind="adjustment" if proposal.kind == "adjustment" else "ordinary",
        voucher=proposal.voucher,
        lines=proposal.lines,
        rate=proposal.rate,
        corrects_seq=proposal.corrects_seq,
        description=proposal.description,
    )


def ask_again(conn: Connection, book: Book, proposal_id: UUID, *, actor: Actor) -> UUID:
    """Ask once more for consent that was denied or came too late; return the new request's id.

    Raises:
        ProposalNotFound: the book has no such proposal.
        ProposalStateRefused: somebody is asked or agreed already, or it was done or given up.
    """
    take_book(conn, book)
    found = proposal_by_id(conn, book, proposal_id)
    if found.state not in {"denied", "withdrawn", "expired"}:
        raise ProposalStateRefused(state=found.state)
    question = Question(action=found.approval.action, subject_id=proposal_id, amount_minor=found.amount_minor)
    return ask_all(conn, book, [question], actor=actor)[0]


def give_up(conn: Connection, book: Book, proposal_id: UUID, *, reason: str, actor: Actor) -> None:
    """Void the voucher of a proposal that will not be executed, and take the question back.

    Raises:
        TextRefused: there is no reason.
        ProposalNotFound: the book has no such proposal.
        ProposalStateRefused: it was executed or given up.
    """
    take_book(conn, book)
    found = proposal_by_id(conn, book, proposal_id)
    if found.state in {"executed", "void"}:
        raise ProposalStateRefused(state=found.state)
    if found.state in {"asked", "approved"}:
        withdraw(conn, book, found.approval.approval_id, actor=actor)
    void_voucher(conn, book, found.voucher, reason=reason, actor=actor)


def _cleaned(index: int, proposal: Proposal) -> Proposal:
    if proposal.payee is None:
        return proposal
    try:
        return replace(proposal, payee=clean_text(proposal.payee, field="payee", length_max=PAYEE_LENGTH_MAX))
    except TextRefused as refused:
        more = {name: value for name, value in refused.fields.items() if name != "field"}
        raise PostingRefused([Fault(code="text_refused", entry=index, field="payee", fields=more)]) from refused


def _payload(proposal: Proposal, voucher: VoucherNumber, facts: BookFacts) -> dict[str, Json]:
    seq, list_id = proposal.draft.corrects_seq, proposal.list_id
    return {
        **entry_payload(proposal.draft, voucher),
        "corrects": None if seq is None else typeid.encode(typeid.ENTRY, facts.corrected[seq].entry_id),
        "list": None if list_id is None else typeid.encode(typeid.AWARD_LIST, list_id),
    }


def _issued(event_id: UUID, draft: EntryDraft, voucher: VoucherNumber) -> Event:
    payload: dict[str, Json] = {
        "voucher": [voucher.kind, voucher.fiscal_year, voucher.number],
        "issued_on": str(draft.entry_on),
    }
    return Event(event_id=event_id, type="voucher.issued", payload=payload)


def _proposed(event_id: UUID, proposal: Proposal, payload: Mapping[str, Json]) -> Event:
    private = {} if proposal.payee is None else {"payee": proposal.payee}
    description = proposal.draft.description
    if description is not None:
        length_max = DESCRIPTION_LENGTH_MAX
        private["description"] = clean_text(description, field="description", length_max=length_max, multiline=True)
    return Event(event_id=event_id, type="entry.proposed", payload=payload, private=private)


def _payees(ids: Sequence[UUID], proposals: Sequence[Proposal]) -> dict[str, object]:
    named = [(each, proposal) for each, proposal in zip(ids, proposals, strict=True) if proposal.payee is not None]
    return {
        "proposal_id": plain_array(each for each, _ in named),
        "name": text_array(proposal.payee for _, proposal in named),
        "person_id": plain_array(proposal.person_id for _, proposal in named),
    }


def _rows(
    ids: Sequence[UUID], proposals: Sequence[Proposal], payloads: Sequence[Mapping[str, Json]], facts: BookFacts
) -> dict[str, object]:
    seqs = [each.draft.corrects_seq for each in proposals]
    rates = [said["rate"] for said in payloads]
    return {
        "proposal_id": plain_array(ids),
        "kind": text_array(each.draft.kind for each in proposals),
        "lines": text_array(json.dumps(said["lines"]) for said in payloads),
        "rate": text_array(None if rate is None else json.dumps(rate) for rate in rates),
        "corrects_id": plain_array(None if seq is None else facts.corrected[seq].entry_id for seq in seqs),
        "list_id": plain_array(each.list_id for each in proposals),
    }
