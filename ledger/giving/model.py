"""What receiving takes and gives, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal
from uuid import UUID

from ledger.books.model import PostedEntry, VoucherNumber
from ledger.money import VND, Rate

Medium = Literal["cash", "bank", "goods"]
Wish = Literal["named", "anonymous"]
SourceKind = Literal["hand", "drive", "file"]

GIFT_COUNT_MAX: Final = 100_000
"""Gifts of one collection, which is one entry and one transaction."""

NAME_LENGTH_MAX: Final = 200
DETAIL_LENGTH_MAX: Final = 300
REASON_LENGTH_MAX: Final = 500

VOUCHER_KINDS: Final[dict[Medium, str]] = {"cash": "PT", "bank": "BC", "goods": "KT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A slip of a book of paper receipts, by series and number as its printer wrote them."""

    series: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One gift by one giver; ``amount_minor`` is in the currency of its collection.

    ``detail`` tells two of one name apart: a class, a village, a department. ``donor`` may be left out of what an
    unknown hand put into a box, and of interest. ``wish`` is how the giver wants to appear in public.
    """

    donor: str | None
    amount_minor: int
    detail: str | None = None
    person_id: UUID | None = None
    wish: Wish = "named"
    pledge_id: UUID | None = None
    paper: Paper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What was counted before anything was typed: how many gifts, and how much they are together.

    Of a bank transfer it is what the bank's line says, and no difference can be accepted.
    """

    count: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a list came from; ``file_id`` names the file."""

    kind: SourceKind = "hand"
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Gifts that came in together: one entry, one voucher, one line of the fund's balance.

    ``account`` is where it is now: cash, a bank account, or 152 and 153 for goods. ``voucher`` names one issued before;
    else one is issued with the entry, of the kind that ``medium`` asks for. ``difference_reason`` accepts that the
    gifts are not what was declared.
    """

    received_on: date
    medium: Medium
    account: str
    fund: str
    channel: str
    gifts: Sequence[Gift]
    campaign: str | None = None
    earmark: str | None = None
    currency: str = VND
    rate: Rate | None = None
    voucher: VoucherNumber | None = None
    description: str | None = None
    declared: Declared | None = None
    difference_reason: str | None = None
    source: Source = field(default_factory=Source)

    @property
    def total_minor(self) -> int:
        """What the gifts are together."""
        return sum(gift.amount_minor for gift in self.gifts)

    @property
    def is_list(self) -> bool:
        """Tell whether it has a row and a leaf of its own beside its gifts'."""
        return len(self.gifts) > 1 or self.declared is not None or self.source.kind != "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A gift that is in the book, and the code of its receipt as it is kept (``ledger/giving/code.py``)."""

    contribution_id: UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one call recorded, gifts in their order; ``repeated`` where the same request had done so before."""

    entry: PostedEntry
    contributions: tuple[Recorded, ...]
    repeated: bool = False
