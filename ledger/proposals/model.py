"""What a proposal is: an entry as it will be posted, on a voucher that waits for consent. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from ledger.approvals.model import Approval
from ledger.books.model import EntryDraft, Line, VoucherNumber
from ledger.money import Rate

State = Literal["asked", "approved", "denied", "withdrawn", "expired", "executed", "void"]

PAYEE_LENGTH_MAX: Final = 200
PAYEE_RIGHTS: Final = frozenset({"people", "pay"})
"""Any of them shows who is paid: whoever counts out the money has to know."""

PROPOSAL_COUNT_MAX: Final = 10_000
"""Proposals of one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody proposes: an entry, dated the day of its voucher, whose ``voucher`` is a kind; and who is paid.

    ``person_id`` is the payee in the book's register of people, where they are in it; ``list_id`` the list of awards
    that it pays.
    """

    draft: EntryDraft
    payee: str | None = None
    person_id: UUID | None = None
    list_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposal that was made: its id, its voucher, and the request for consent."""

    proposal_id: UUID
    voucher: VoucherNumber
    approval_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEntry:
    """A proposal as the book has it, and how it stands.

    Payee and description are ``None`` where there were none, or where they were erased. ``moves`` is what its kind of
    voucher does (``"cash out"``), ``approval`` the last request for consent, ``entry_id`` the entry that executed it,
    on ``entry_on``.
    """

    proposal_id: UUID
    action: str
    kind: str
    voucher: VoucherNumber
    moves: str
    issued_on: date
    lines: tuple[Line, ...]
    rate: Rate | None
    corrects_id: UUID | None
    corrects_seq: int | None
    list_id: UUID | None
    amount_minor: int
    description: str | None
    payee: str | None
    recorded_at: datetime
    state: State
    approval: Approval
    entry_id: UUID | None
    entry_on: date | None
