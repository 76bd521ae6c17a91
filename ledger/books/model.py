"""What posting takes and gives, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal
from uuid import UUID

from ledger import typeid
from ledger.money import VND, Rate

EntryKind = Literal["opening", "ordinary", "adjustment", "reversal"]

LINE_COUNT_MAX: Final = 200
BATCH_SIZE_MAX: Final = 100_000
"""Entries of one call, which are one statement and one transaction."""

BATCH_LINE_COUNT_MAX: Final = 500_000
DESCRIPTION_LENGTH_MAX: Final = 500
QUANTITY_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: the principal's id stays private, the role is published with the leaf.

    A principal is a person who signed in (``prefix`` is ``typeid.USER``) or the holder of a token.
    """

    principal_id: UUID
    role: str
    prefix: str = typeid.TOKEN

    @property
    def public_id(self) -> str:
        """The principal as the vault keeps it."""
        return typeid.encode(self.prefix, self.principal_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Where a book lives; ``association_id`` is what the world calls it by."""

    tenant_id: int
    book_id: int
    association_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One posting: ``value_minor`` in đồng, debit positive, credit negative.

    A foreign line also has its currency and its amount in minor units of it; a line in đồng leaves both alone.
    Channel, campaign, program and quantity stand on the line of the fund's balance.
    """

    account: str
    fund: str
    value_minor: int
    currency: str = VND
    amount_minor: int | None = None
    channel: str | None = None
    campaign: str | None = None
    program: str | None = None
    quantity: int | None = None

    @property
    def own_minor(self) -> int:
        """The amount in the line's own currency."""
        return self.value_minor if self.amount_minor is None else self.amount_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherNumber:
    """A voucher that was issued: kind, fiscal year, number."""

    kind: str
    fiscal_year: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """An entry as somebody wants it posted.

    ``voucher`` is a kind (``"PT"``), for a voucher to be issued with the entry, or a voucher issued before. Only an
    opening entry has none. ``corrects_seq`` names what an adjustment or reversal corrects.
    """

    entry_on: date
    lines: tuple[Line, ...]
    voucher: str | VoucherNumber | None
    kind: EntryKind = "ordinary"
    description: str | None = None
    rate: Rate | None = None
    corrects_seq: int | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEntry:
    """An entry that is in the book."""

    entry_id: UUID
    seq: int
    entry_on: date
    voucher: VoucherNumber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedBatch:
    """What one call posted; ``repeated`` where the same request had done so before."""

    first_seq: int
    last_seq: int
    entries: tuple[PostedEntry, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What makes a retry the same request: the caller's key, and the hash of what was asked."""

    key: str
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What posting needs to know of an account."""

    is_parent: bool
    role: str
    currency: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundFacts:
    """What posting needs to know of a fund."""

    balance_account: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days on which a campaign or program is open."""

    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """The state of a voucher that was issued before."""

    issued_on: date
    is_void: bool
    executed_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedFacts:
    """The entry that a draft corrects."""

    kind: str
    entry_on: date
    entry_id: UUID
    reversed_by_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFacts:
    """The book as it was taken, and what exists of the codes that a batch names."""

    recorded_at: str
    today: date
    last_seq: int
    locked_through: date | None
    opened_on: date
    closed_on: date | None
    accounts: Mapping[str, AccountFacts] = field(default_factory=dict)
    funds: Mapping[str, FundFacts] = field(default_factory=dict)
    voucher_kinds: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[tuple[str, int], int] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    campaigns: Mapping[str, Span] = field(default_factory=dict)
    programs: Mapping[str, Span] = field(default_factory=dict)
    minor_digits: Mapping[str, int] = field(default_factory=dict)
    vouchers: Mapping[VoucherNumber, VoucherFacts] = field(default_factory=dict)
    corrected: Mapping[int, CorrectedFacts] = field(default_factory=dict)
