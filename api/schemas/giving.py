"""What was given, as it comes in and goes out: gifts, collections, contributions, earmarks.

Names go out only to those with the right ``people``; to others ``name``, ``detail`` and ``person`` are null.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from api.schemas.entry import RateIn, issued_voucher
from api.schemas.field import (
    Account,
    Amount,
    Channel,
    Code,
    ContributionId,
    Currency,
    Cursor,
    Day,
    Description,
    EntryId,
    FileIdIn,
    FundCode,
    In,
    Name,
    Out,
    PersonId,
    PersonIdIn,
    PledgeId,
    PledgeIdIn,
    Voucher,
)
from ledger import typeid
from ledger.giving.code import shown
from ledger.giving.model import GIFT_COUNT_MAX, Collection, Declared, Gift, Paper, Received, Source
from ledger.giving.queries import Contribution
from ledger.money import VND

ISSUED_PATTERN: Final = r"^[A-Z]{2}/[0-9]{4}/[1-9][0-9]{0,8}$"

Given = Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]
"""Read as any integer: whether it can be given is told with the other faults of its gift."""

Typed = Annotated[str, Field(max_length=2_000)]
"""As ``Given``, of a text."""

ReceiptCode = Annotated[
    str,
    BeforeValidator(lambda value: shown(value) if isinstance(value, str) and "-" not in value else value),
    Field(examples=["7ZQK-4M0T-1XW8-RDV5-H"]),
]


class SlipIn(In):
    """A slip of a book of paper receipts."""

    series: Annotated[Code, Field(description="The block's series, as printed", examples=["AA-25"])]
    number: Annotated[int, Field(ge=1, le=999_999_999, description="The slip's number, as printed", examples=[118])]


class GiftIn(In):
    """One gift by one giver."""

    donor: Annotated[
        Typed | None,
        Field(description="Who gave; null only of interest, or anonymous", examples=["Nguyễn Văn Mẫu"]),
    ] = None
    detail: Annotated[
        Typed | None, Field(description="What tells two of one name apart: a village, a class", examples=["Thôn Đông"])
    ] = None
    amount_minor: Annotated[Given, Field(description="Minor units of the collection's currency", examples=[500000])]
    wish: Annotated[Literal["named", "anonymous"], Field(description="How the giver wants to appear in public")] = (
        "named"
    )
    person: Annotated[PersonIdIn | None, Field(description="The person, where the service knows them")] = None
    pledge: Annotated[PledgeIdIn | None, Field(description="The pledge that this fulfils, wholly or in part")] = None
    paper: Annotated[SlipIn | None, Field(description="The paper slip that was handed out for it")] = None

    def gift(self) -> Gift:
        """Return the ledger's value."""
        return Gift(
            donor=self.donor,
            detail=self.detail,
            amount_minor=self.amount_minor,
            wish=self.wish,
            person_id=None if self.person is None else typeid.decode(typeid.PERSON, self.person),
            pledge_id=None if self.pledge is None else typeid.decode(typeid.PLEDGE, self.pledge),
            paper=None if self.paper is None else Paper(series=self.paper.series, number=self.paper.number),
        )


class DeclaredIn(In):
    """What was counted before the list was typed, or what the bank's line says."""

    count: Annotated[int, Field(ge=1, le=GIFT_COUNT_MAX, description="How many gifts were counted", examples=[37])]
    total_minor: Annotated[Amount, Field(ge=1, description="How much they are together", examples=[18500000])]

    def declared(self) -> Declared:
        """Return the ledger's value."""
        return Declared(count=self.count, total_minor=self.total_minor)


class CollectionIn(In):
    """Gifts that came in together: one entry, one voucher, a contribution and a receipt for each giver."""

    received_on: Annotated[Day, Field(description="The day they came in, in an open month")]
    medium: Annotated[
        Literal["cash", "bank"], Field(description="How: `cash` gives a PT, `bank` a BC; goods have their own address")
    ]
    account: Annotated[Account, Field(description="Where it is now: an open cash or bank account")]
    fund: Annotated[FundCode, Field(description="The open fund that it is for")]
    channel: Annotated[Channel, Field(description="Where it came from; see `GET /v1/charts`")]
    campaign: Annotated[Code | None, Field(description="The drive that it came in by", examples=["KH2025"])] = None
    earmark: Annotated[
        Code | None, Field(description="The purpose within the fund that the givers named", examples=["LE-THUY"])
    ] = None
    currency: Annotated[Currency, Field(description="Of every gift, by ISO 4217")] = VND
    rate: Annotated[RateIn | None, Field(description="The day's rate of a foreign currency")] = None
    voucher: Annotated[
        str | None,
        Field(
            pattern=ISSUED_PATTERN,
            description="A voucher issued before; else one is issued with the entry",
            examples=["PT/2025/17"],
        ),
    ] = None
    description: Annotated[Description | None, Field(description="What happened; never shown in public")] = None
    declared: Annotated[DeclaredIn | None, Field(description="What was counted before, to hold the list against")] = (
        None
    )
    difference_reason: Annotated[
        Description | None, Field(description="Accepts, for this reason, that the list is not what was declared")
    ] = None
    source: Annotated[
        Literal["hand", "drive"], Field(description="`drive` where the list was collected from door to door")
    ] = "hand"
    file: Annotated[FileIdIn | None, Field(description="The file that the list was read from")] = None
    # Gifts are read one by one, so that a body of wrong ones makes no list of faults a hundred times its size.
    gifts: Annotated[
        tuple[GiftIn, ...],
        Field(
            strict=False,
            description="One for each giver, in the list's order",
            json_schema_extra={"minItems": 1, "maxItems": GIFT_COUNT_MAX},
        ),
    ]

    def collection(self) -> Collection:
        """Return the ledger's value."""
        file_id = None if self.file is None else typeid.decode(typeid.INTAKE, self.file)
        return Collection(
            received_on=self.received_on,
            medium=self.medium,
            account=self.account,
            fund=self.fund,
            channel=self.channel,
            campaign=self.campaign,
            earmark=self.earmark,
            currency=self.currency,
            rate=None if self.rate is None else self.rate.rate(),
            voucher=None if self.voucher is None else issued_voucher(self.voucher),
            description=self.description,
            declared=None if self.declared is None else self.declared.declared(),
            difference_reason=self.difference_reason,
            source=Source(kind=self.source) if file_id is None else Source(kind="file", file_id=file_id),
            gifts=tuple(gift.gift() for gift in self.gifts),
        )


class RecordedOut(Out):
    """A gift that is in the book, and the code that finds its receipt."""

    id: Annotated[ContributionId, Field(validation_alias="contribution_id")]
    code: ReceiptCode


class ReceivedOut(Out):
    """What one call recorded. In a dry run: what it would, with other ids and codes."""

    entry: EntryId
    seq: Annotated[int, Field(description="The entry's number in the book", examples=[17])]
    entry_on: date
    voucher: Voucher | None
    contributions: list[RecordedOut]

    @classmethod
    def of(cls, received: Received) -> "ReceivedOut":
        """Return the answer."""
        posted = received.entry
        return cls.model_validate(
            {
                "entry": posted.entry_id,
                "seq": posted.seq,
                "entry_on": posted.entry_on,
                "voucher": posted.voucher,
                "contributions": received.contributions,
            }
        )


class UsedSlipOut(Out):
    """A slip of a book of paper receipts."""

    series: str
    number: int


class ContributionOut(Out):
    """A gift: its place in the list of its entry, and whether it was taken back."""

    id: Annotated[ContributionId, Field(validation_alias="contribution_id")]
    code: ReceiptCode | None
    entry: Annotated[EntryId, Field(validation_alias="entry_id")]
    line: Annotated[int, Field(description="Its line in the list, counted from 1")]
    line_count: int
    entry_on: date
    recorded_at: datetime
    voucher: Voucher | None
    medium: Literal["cash", "bank", "goods"]
    account: str
    fund: str
    channel: str
    campaign: str | None
    earmark: str | None
    amount_minor: Annotated[int | None, Field(description="Null only where a lost database was recovered")]
    currency: str
    wish: Literal["named", "anonymous"]
    has_donor: Annotated[
        bool, Field(description="Whether a giver was recorded: a name that is null then was erased, or is not shown")
    ]
    name: str | None
    detail: str | None
    person: Annotated[PersonId | None, Field(validation_alias="person_id")]
    pledge: Annotated[PledgeId | None, Field(validation_alias="pledge_id")]
    paper: UsedSlipOut | None
    reversed_on: Annotated[date | None, Field(description="When it was taken back, if it was")]


def contribution_out(found: Contribution, *, with_names: bool) -> ContributionOut:
    """Return a contribution as it goes out, with names only for those who may see people."""
    out = ContributionOut.model_validate(found)
    return out if with_names else out.model_copy(update={"name": None, "detail": None, "person": None, "pledge": None})


def contributions_out(rows: Sequence[Contribution], *, with_names: bool) -> list[ContributionOut]:
    """Return contributions as they go out."""
    return [contribution_out(row, with_names=with_names) for row in rows]


class ContributionsOut(Out):
    """A page of contributions."""

    rows: list[ContributionOut]
    next_cursor: Cursor | None


class DonorIn(In):
    """A giver's name put right."""

    donor: Annotated[Name, Field(description="The name as it should be")]
    detail: Annotated[Name | None, Field(description="What tells two of that name apart")] = None
    person: Annotated[PersonIdIn | None, Field(description="The person, where the service knows them")] = None
    reason: Annotated[Description, Field(description="Why, in one line of at most 500 characters")]


class GiftPledgeIn(In):
    """Which pledge a gift fulfils, put right."""

    pledge: Annotated[PledgeIdIn | None, Field(description="The pledge that it fulfils; null for none")]
    reason: Annotated[Description, Field(description="Why, in one line of at most 500 characters")]


class EarmarkIn(In):
    """A purpose within a fund that givers name. Its name is public."""

    earmark: Annotated[Code, Field(description="Up to twenty of A–Z, 0–9 and `-`", examples=["LE-THUY"])]
    fund: Annotated[FundCode, Field(description="The fund that what is given for it goes into")]
    name_vi: Annotated[Name, Field(description="Its name in Vietnamese", examples=["Học sinh xã Mẫu"])]
    name_en: Annotated[Name | None, Field(description="Its name in English")] = None
    opened_on: Annotated[Day, Field(description="The first day on which something is given for it")]
    closed_on: Annotated[Day | None, Field(description="The last such day, if there is one")] = None


class EarmarkOut(Out):
    """A purpose within a fund."""

    earmark: str
    fund: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


class EarmarksOut(Out):
    """The purposes that givers may name."""

    rows: list[EarmarkOut]


COLLECTION_EXAMPLE: Final[dict[str, Any]] = {
    "received_on": "2025-03-05",
    "medium": "cash",
    "account": "1111",
    "fund": "QC",
    "channel": "household",
    "declared": {"count": 2, "total_minor": 750000},
    "gifts": [
        {"donor": "Nguyễn Văn Mẫu", "detail": "Thôn Đông", "amount_minor": 500000},
        {"donor": "Trần Thị Thử", "amount_minor": 250000, "wish": "anonymous"},
    ],
}
DONOR_EXAMPLE: Final[dict[str, Any]] = {"donor": "Nguyễn Văn Mẫu", "detail": "Thôn Đông", "reason": "Sai dấu"}
GIFT_PLEDGE_EXAMPLE: Final[dict[str, Any]] = {"pledge": "pl_01h455vb4pex5vsknk084sn04t", "reason": "Bỏ sót khi ghi"}
EARMARK_EXAMPLE: Final[dict[str, Any]] = {
    "earmark": "LE-THUY",
    "fund": "QC",
    "name_vi": "Học sinh xã Mẫu",
    "opened_on": "2025-01-01",
}
