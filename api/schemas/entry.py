"""Entries as they come in and go out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from api.schemas.field import (
    VOUCHER_PATTERN,
    Account,
    Amount,
    Channel,
    Code,
    Currency,
    Cursor,
    Day,
    Description,
    EntryId,
    EntryIdIn,
    FundCode,
    In,
    KnownOut,
    Out,
    Voucher,
)
from ledger import typeid
from ledger.books.model import BATCH_SIZE_MAX, LINE_COUNT_MAX, EntryDraft, Line, VoucherNumber
from ledger.money import VND, Rate

EntryKindIn = Literal["opening", "ordinary", "adjustment"]


class LineIn(In):
    """One line: debit positive, credit negative. A foreign line also has its own amount and currency."""

    account: Annotated[Account, Field(description="An open account of the book that is no heading; a fund's own 3538x")]
    fund: Annotated[FundCode, Field(description="Code of the open fund that it belongs to; every line has one")]
    value_minor: Annotated[Amount, Field(description="Đồng, not 0; debit positive, credit negative", examples=[500000])]
    currency: Annotated[Currency, Field(description="By ISO 4217; both sides of a foreign amount name it")] = VND
    amount_minor: Annotated[
        Amount | None,
        Field(
            description="Minor units of `currency` (cents), signed as `value_minor`; never for đồng", examples=[100000]
        ),
    ] = None
    channel: Annotated[
        Channel | None,
        Field(description="Where money came from, on the fund's line; from `GET /v1/charts`", examples=["household"]),
    ] = None
    campaign: Annotated[
        Code | None, Field(description="The drive that it came in by; beside `channel`", examples=["KH2025"])
    ] = None
    program: Annotated[
        Code | None, Field(description="What it was spent on, on the fund's line", examples=["HOCBONG"])
    ] = None
    quantity: Annotated[
        int | None,
        Field(
            ge=-(2**31),
            le=2**31 - 1,
            description="How many of the program's unit: awards (*suất*), schools or pieces",
            examples=[37],
        ),
    ] = None

    def line(self) -> Line:
        """Return the ledger's value."""
        return Line(
            account=self.account,
            fund=self.fund,
            value_minor=self.value_minor,
            currency=self.currency,
            amount_minor=self.amount_minor,
            channel=self.channel,
            campaign=self.campaign,
            program=self.program,
            quantity=self.quantity,
        )


class RateIn(In):
    """Đồng for one unit of a foreign currency, and who says so. The value is a text, so that no float comes near."""

    currency: Annotated[Currency, Field(description="The foreign currency of the entry's lines, by ISO 4217")]
    value: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{1,12}(\.[0-9]{1,8})?$",
            description="Đồng for one unit (one dollar, not one cent), up to eight decimals after a point",
            examples=["25432.5"],
        ),
    ]
    source: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]{1,40}$", description="Who says so: a short code, no sentence", examples=["SBV"]
        ),
    ]

    def rate(self) -> Rate:
        """Return the ledger's value."""
        return Rate(currency=self.currency, value=Decimal(self.value), source=self.source)


class EntryIn(In):
    """An entry to be posted: it balances in every fund and currency."""

    entry_on: Annotated[
        Day, Field(description="The accounting day, in an open month of the book and not in the future")
    ]
    voucher: Annotated[
        str | None,
        Field(
            pattern=VOUCHER_PATTERN,
            description="A kind (`PT`), to issue a voucher with the entry, or one issued before (`PT/2025/17`)",
            examples=["PT"],
        ),
    ] = None
    kind: Annotated[
        EntryKindIn,
        Field(description="`opening` on the opening day, without a voucher; `adjustment` with `corrects`, if any"),
    ] = "ordinary"
    description: Annotated[
        Description | None,
        Field(
            description="What happened, one line of at most 500 characters; never shown in public",
            examples=["Các hộ xóm Đông ủng hộ quỹ khuyến học"],
        ),
    ] = None
    # How many lines there are is the ledger's rule: pydantic would count only those that are right.
    lines: Annotated[
        tuple[LineIn, ...],
        Field(
            strict=False,
            description="Debit and credit lines that add up to nothing in every fund and currency",
            json_schema_extra={"minItems": 2, "maxItems": LINE_COUNT_MAX},
        ),
    ]
    rate: Annotated[RateIn | None, Field(description="Needed where a line is not in đồng; one for the entry")] = None
    corrects: Annotated[EntryIdIn | None, Field(description="The id of the entry that an adjustment corrects")] = None
    id: Annotated[EntryIdIn | None, Field(description="Made by the caller (UUIDv7), or by the service")] = None

    def draft(self, corrects_seq: int | None) -> EntryDraft:
        """Return the ledger's value; ``corrects_seq`` is what ``corrects`` names."""
        return EntryDraft(
            entry_on=self.entry_on,
            lines=tuple(line.line() for line in self.lines),
            voucher=None if self.voucher is None else _voucher(self.voucher),
            kind=self.kind,
            description=self.description,
            rate=None if self.rate is None else self.rate.rate(),
            corrects_seq=corrects_seq,
            entry_id=None if self.id is None else typeid.decode(typeid.ENTRY, self.id),
        )


def _voucher(text: str) -> str | VoucherNumber:
    return issued_voucher(text) if "/" in text else text


def issued_voucher(text: str) -> VoucherNumber:
    """Return the voucher that a text like ``PT/2025/17`` names."""
    kind, year, number = text.split("/")
    return VoucherNumber(kind=kind, fiscal_year=int(year), number=int(number))


class BatchIn(In):
    """Entries to be posted together, in this order: all or none."""

    entries: Annotated[
        tuple[EntryIn, ...],
        Field(
            strict=False,
            description="Entries in the order in which they are numbered; all are recorded, or none",
            json_schema_extra={"minItems": 1, "maxItems": BATCH_SIZE_MAX},
        ),
    ]


class ReversalIn(In):
    """Why and when an entry is taken back."""

    on: Annotated[Day, Field(description="The day of the reversal, in an open month")]
    reason: Annotated[Description, Field(description="Why, in one line of at most 500 characters")]


class PostedOut(Out):
    """An entry that is in the book. In a dry run: what it would be, were nothing else posted first."""

    id: Annotated[EntryId, Field(validation_alias="entry_id")]
    seq: Annotated[int, Field(description="Its number in the book, without a gap", examples=[17])]
    entry_on: date
    voucher: Voucher | None


class BatchOut(Out):
    """What one call posted."""

    first_seq: int
    last_seq: int
    entries: list[PostedOut]


RateText = Annotated[str, BeforeValidator(lambda value: f"{value:f}" if isinstance(value, Decimal) else value)]


class RateOut(Out):
    """Đồng for one unit, and who says so."""

    currency: str
    value: RateText
    source: str


class LineOut(Out):
    """A line of an entry."""

    line: int
    account: str
    account_name: str
    fund: str
    fund_name: str
    debit_minor: int
    credit_minor: int
    currency: str
    amount_minor: int
    channel: str | None
    campaign: str | None
    program: str | None
    quantity: int | None


class LinkOut(Out):
    """Another entry, that this one corrects or that corrects it."""

    id: Annotated[EntryId, Field(validation_alias="entry_id")]
    seq: int
    kind: str
    entry_on: date


class EntryOut(KnownOut):
    """An entry with all of it."""

    id: Annotated[EntryId, Field(validation_alias="entry_id")]
    seq: int
    kind: str
    entry_on: date
    recorded_at: datetime
    voucher: Voucher | None
    issued_on: date | None
    description: str | None
    rate: RateOut | None
    lines: list[LineOut]
    corrects: LinkOut | None
    corrected_by: list[LinkOut]


class JournalRowOut(Out):
    """A line of the general journal (S04-H)."""

    entry_on: date
    seq: int
    line: int
    entry_id: EntryId
    kind: str
    voucher: Voucher | None
    issued_on: date | None
    description: str | None
    account: str
    fund: str
    debit_minor: int
    credit_minor: int


class MonthFootOut(Out):
    """The foot of a month: its total, and since the year began."""

    month_on: date
    moved_minor: int
    cumulative_minor: int


class JournalOut(KnownOut):
    """A page of the general journal, and the feet of the months that the days touch."""

    rows: list[JournalRowOut]
    months: list[MonthFootOut]
    next_cursor: Cursor | None


ENTRY_EXAMPLE: Final[dict[str, Any]] = {
    "entry_on": "2025-03-05",
    "voucher": "PT",
    "description": "Các hộ xóm Đông ủng hộ quỹ khuyến học",
    "lines": [
        {"account": "1111", "fund": "QC", "value_minor": 500000},
        {"account": "35381", "fund": "QC", "value_minor": -500000, "channel": "household"},
    ],
}
BATCH_EXAMPLE: Final[dict[str, Any]] = {"entries": [ENTRY_EXAMPLE]}
REVERSAL_EXAMPLE: Final[dict[str, Any]] = {"on": "2025-03-31", "reason": "Ghi nhầm quỹ"}
