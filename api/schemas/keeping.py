"""Pledges, books of paper receipts, goods and drafts, as they come in and go out."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas.field import (
    Account,
    Amount,
    BlockId,
    Channel,
    Code,
    ContributionId,
    Currency,
    Day,
    Description,
    DraftId,
    EntryId,
    EventId,
    FundCode,
    GoodsId,
    In,
    Name,
    Out,
    PersonId,
    PersonIdIn,
    PledgeId,
    UserId,
    UserIdIn,
)
from api.schemas.giving import ReceivedOut
from ledger import typeid
from ledger.giving.block import Holder
from ledger.giving.delivery import Delivery, Value
from ledger.giving.draft import LINE_COUNT_MAX
from ledger.giving.giver import Giver
from ledger.giving.goods import Unit
from ledger.giving.pledge import Pledge, Promise
from ledger.money import VND

Wish = Literal["named", "anonymous"]
Quantity = Annotated[int, Field(ge=1, le=10_000_000)]
SlipNumber = Annotated[int, Field(ge=1, le=999_999_999)]


class ReasonIn(In):
    """Why something is taken back."""

    reason: Annotated[Description, Field(description="Why, in one line of at most 500 characters; sealed")]


class GiverIn(In):
    """Who gives or promises."""

    name: Annotated[Name, Field(description="A person or a body", examples=["Công ty Mẫu"])]
    detail: Annotated[Name | None, Field(description="What tells two of that name apart")] = None
    person: Annotated[PersonIdIn | None, Field(description="The person, where the service knows them")] = None

    def giver(self) -> Giver:
        """Return the ledger's value."""
        person_id = None if self.person is None else typeid.decode(typeid.PERSON, self.person)
        return Giver(name=self.name, detail=self.detail, person_id=person_id)


class PledgeIn(In):
    """A promise. Nothing is posted before something comes."""

    giver: Annotated[GiverIn, Field(description="Who promises")]
    amount_minor: Annotated[Amount, Field(ge=1, description="Minor units of `currency`", examples=[5000000])]
    currency: Annotated[Currency, Field(description="By ISO 4217")] = VND
    pledged_on: Annotated[Day, Field(description="The day of the promise")]
    due_on: Annotated[Day, Field(description="The day by which it should come")]
    fund: Annotated[FundCode, Field(description="The fund that it is for")]
    campaign: Annotated[Code | None, Field(description="The drive that it was made in", examples=["KH2025"])] = None

    def promise(self) -> Promise:
        """Return the ledger's value."""
        return Promise(
            giver=self.giver.giver(),
            amount_minor=self.amount_minor,
            currency=self.currency,
            pledged_on=self.pledged_on,
            due_on=self.due_on,
            fund=self.fund,
            campaign=self.campaign,
        )


class PledgeOut(Out):
    """A promise and what has come of it. Names are null to those without the right `people`."""

    id: Annotated[PledgeId, Field(validation_alias="pledge_id")]
    state: Literal["open", "fulfilled", "cancelled"]
    name: str | None
    detail: str | None
    person: Annotated[PersonId | None, Field(validation_alias="person_id")]
    amount_minor: int | None
    fulfilled_minor: Annotated[int, Field(description="What its contributions add up to, reversed ones left out")]
    left_minor: int
    currency: str
    pledged_on: date
    due_on: date
    fund: str
    campaign: str | None


def pledge_out(found: Pledge, *, with_names: bool) -> PledgeOut:
    """Return a pledge as it goes out."""
    out = PledgeOut.model_validate(found)
    return out if with_names else out.model_copy(update={"name": None, "detail": None, "person": None})


class PledgesOut(Out):
    """A page of pledges."""

    rows: list[PledgeOut]
    next_cursor: str | None


class AgeingRowOut(Out):
    """What is still waited for, in one currency and of one age."""

    currency: str
    bucket: Literal["not_due", "days_1_30", "days_31_90", "days_over_90"]
    count: int
    left_minor: int


class AgeingOut(Out):
    """What is still waited for at the end of a day."""

    as_of: date
    rows: list[AgeingRowOut]


class BlockIn(In):
    """A book of paper receipts that is given to somebody who collects."""

    series: Annotated[Code, Field(description="The series that is printed on its slips", examples=["AA-25"])]
    first_number: Annotated[SlipNumber, Field(description="Of its first slip", examples=[101])]
    last_number: Annotated[SlipNumber, Field(description="Of its last slip, ten thousand on at most", examples=[150])]
    issued_on: Annotated[Day, Field(description="The day it was given out")]
    holder: Annotated[Name, Field(description="Who carries it", examples=["Trần Thị Thử"])]
    user: Annotated[UserIdIn | None, Field(description="The user, where they sign in here")] = None
    person: Annotated[PersonIdIn | None, Field(description="The person, where the service knows them")] = None

    def held_by(self) -> Holder:
        """Return the ledger's value."""
        return Holder(
            name=self.holder,
            user_id=None if self.user is None else typeid.decode(typeid.USER, self.user),
            person_id=None if self.person is None else typeid.decode(typeid.PERSON, self.person),
        )


class HolderOut(Out):
    """Who carries a block."""

    name: str
    user: Annotated[UserId | None, Field(validation_alias="user_id")]
    person: Annotated[PersonId | None, Field(validation_alias="person_id")]


class BlockCountOut(Out):
    """How many slips of a block are what."""

    used: int
    voided: int
    blank: Annotated[int, Field(description="Of a closed block, those that were returned or are missing")]
    returned: int
    missing: int


class BlockOut(Out):
    """A book of paper receipts. The holder is null to those without the right `people`."""

    id: Annotated[BlockId, Field(validation_alias="block_id")]
    series: str
    first_number: int
    last_number: int
    issued_on: date
    holder: HolderOut | None
    is_closed: bool
    returned_from: int | None
    count: BlockCountOut


class BlocksOut(Out):
    """The books of paper receipts."""

    rows: list[BlockOut]


class SlipOut(Out):
    """One number, and what became of it."""

    number: int
    state: Literal["used", "reversed", "void", "blank", "returned", "missing"]
    contribution: Annotated[ContributionId | None, Field(validation_alias="contribution_id")]


class BlockSlipsOut(Out):
    """A book of paper receipts, number by number."""

    block: BlockOut
    slips: list[SlipOut]


class VoidIn(ReasonIn):
    """A slip that was spoilt."""

    number: Annotated[SlipNumber, Field(description="The slip's number", examples=[118])]


class BlockClosingIn(In):
    """A block that comes back."""

    returned_from: Annotated[
        SlipNumber | None,
        Field(description="The first of the blank slips at its end; null where none came back", examples=[141]),
    ] = None


class ValueIn(In):
    """How goods are valued."""

    value_minor: Annotated[Amount, Field(ge=1, description="In đồng, at least one each", examples=[1000000])]
    account: Annotated[Account, Field(description="152 or 153, or an account below", examples=["152"])]
    fund: Annotated[FundCode, Field(description="A fund in kind", examples=["HV"])]
    channel: Annotated[Channel, Field(description="Where they came from", examples=["goods"])] = "goods"


class GoodsIn(In):
    """Goods that came: valued, and then posted, or only counted."""

    received_on: Annotated[Day, Field(description="The day they came")]
    description: Annotated[Description, Field(description="What they are", examples=["Bộ sách giáo khoa lớp 3"])]
    quantity: Annotated[Quantity, Field(description="How many came, in `unit`", examples=[40])]
    unit: Annotated[Unit, Field(description="What they are counted in")]
    giver: Annotated[GiverIn | None, Field(description="Who brought them; null where nobody knows")] = None
    wish: Annotated[Wish, Field(description="How the giver wants to appear in public")] = "named"
    campaign: Annotated[Code | None, Field(description="The drive that they came in by", examples=["KH2025"])] = None
    value: Annotated[ValueIn | None, Field(description="How they are valued; null where they are only counted")] = None

    def delivery(self) -> Delivery:
        """Return the ledger's value."""
        value = self.value
        return Delivery(
            received_on=self.received_on,
            description=self.description,
            quantity=self.quantity,
            unit=self.unit,
            giver=None if self.giver is None else self.giver.giver(),
            wish=self.wish,
            campaign=self.campaign,
            value=None if value is None else Value(**dict(value)),
        )


class GoodsOut(Out):
    """Goods, and how many are there. Giver and description are null to those without the right `people`."""

    id: Annotated[GoodsId, Field(validation_alias="goods_id")]
    state: Literal["there", "handed_over", "reversed", "withdrawn"]
    received_on: date
    description: str | None
    quantity: int
    unit: str
    handed_quantity: int
    left_quantity: int
    campaign: str | None
    entry: Annotated[EntryId | None, Field(validation_alias="entry_id")]
    contribution: Annotated[ContributionId | None, Field(validation_alias="contribution_id")]
    value_minor: int | None
    account: str | None
    fund: str | None
    name: str | None
    detail: str | None


class GoodsListOut(Out):
    """A page of goods."""

    rows: list[GoodsOut]
    next_cursor: str | None


class HandoverIn(In):
    """Goods that go to whom they are for."""

    on: Annotated[Day, Field(description="The day they were handed over")]
    quantity: Annotated[Quantity, Field(description="How many, of those that are there", examples=[25])]
    program: Annotated[Code, Field(description="What they were handed over for", examples=["TRUONG"])]
    program_quantity: Annotated[
        Quantity | None, Field(description="How many of the program's units that is: awards, schools", examples=[1])
    ] = None
    recipient: Annotated[Name | None, Field(description="Who took them; sealed")] = None


class HandoverOut(Out):
    """Goods that went to whom they were for."""

    id: Annotated[EventId, Field(validation_alias="event_id")]
    handed_on: date
    quantity: int
    program: str
    entry: Annotated[EntryId | None, Field(validation_alias="entry_id")]
    is_undone: bool


class GoodsDetailOut(Out):
    """Goods and their handovers."""

    goods: GoodsOut
    handovers: list[HandoverOut]


class DraftIn(In):
    """What somebody has typed, field by field as texts; wrong amounts are kept as they are."""

    kind: Annotated[Literal["contribution", "drive"], Field(description="A drive declares count and total first")]
    body: Annotated[
        dict[str, Any],
        Field(description=f"The form: texts by field, and `lines` of texts, {LINE_COUNT_MAX} at most"),
    ]


class DraftSavingIn(In):
    """What is typed now, over the version that it began from."""

    version: Annotated[int, Field(ge=1, description="The version that was read", examples=[1])]
    body: Annotated[dict[str, Any], Field(description="The whole form again, as in the draft's beginning")]


class DraftMoveIn(In):
    """The version of a draft that something is done with."""

    version: Annotated[int, Field(ge=1, description="The version that was read", examples=[1])]


class DraftReturnIn(DraftMoveIn):
    """Why a draft goes back."""

    reason: Annotated[Description, Field(description="What its drafter should put right")]


class DraftPostingIn(DraftMoveIn):
    """How a draft is posted."""

    difference_reason: Annotated[
        Description | None, Field(description="Accepts, for this reason, that the list is not what was declared")
    ] = None


class DraftOut(Out):
    """A draft. Its body is empty once it was posted or discarded."""

    id: Annotated[DraftId, Field(validation_alias="draft_id")]
    kind: Literal["contribution", "drive"]
    state: Literal["open", "submitted", "posted", "discarded"]
    version: int
    line_count: int
    drafted_by: Annotated[str, Field(description="The user or token that began it")]
    changed_at: datetime
    return_reason: str | None
    entry: Annotated[EntryId | None, Field(validation_alias="entry_id")]


class DraftDetailOut(DraftOut):
    """A draft with all that was typed."""

    body: dict[str, Any]


class DraftsOut(Out):
    """Drafts that are open or submitted, the last changed first."""

    rows: list[DraftOut]


class DraftPostedOut(Out):
    """What a draft became."""

    draft: DraftOut
    received: ReceivedOut


PLEDGE_EXAMPLE: Final[dict[str, Any]] = {
    "giver": {"name": "Công ty Mẫu"},
    "amount_minor": 5000000,
    "pledged_on": "2025-03-05",
    "due_on": "2025-12-31",
    "fund": "QC",
}
REASON_EXAMPLE: Final[dict[str, Any]] = {"reason": "Ghi nhầm"}
BLOCK_EXAMPLE: Final[dict[str, Any]] = {
    "series": "AA-25",
    "first_number": 101,
    "last_number": 150,
    "issued_on": "2025-03-05",
    "holder": "Trần Thị Thử",
}
VOID_EXAMPLE: Final[dict[str, Any]] = {"number": 118, "reason": "Viết sai"}
BLOCK_CLOSING_EXAMPLE: Final[dict[str, Any]] = {"returned_from": 141}
GOODS_EXAMPLE: Final[dict[str, Any]] = {
    "received_on": "2025-03-05",
    "description": "Bộ sách giáo khoa lớp 3",
    "quantity": 40,
    "unit": "set",
    "giver": {"name": "Nhà sách Mẫu"},
}
HANDOVER_EXAMPLE: Final[dict[str, Any]] = {"on": "2025-04-01", "quantity": 25, "program": "TRUONG"}
DRAFT_BODY_EXAMPLE: Final[dict[str, Any]] = {
    "received_on": "5/3/2025",
    "medium": "cash",
    "account": "1111",
    "fund": "QC",
    "channel": "household",
    "lines": [{"donor": "Nguyễn Văn Mẫu", "amount": "500.000"}],
}
DRAFT_EXAMPLE: Final[dict[str, Any]] = {"kind": "contribution", "body": DRAFT_BODY_EXAMPLE}
DRAFT_SAVING_EXAMPLE: Final[dict[str, Any]] = {"version": 1, "body": DRAFT_BODY_EXAMPLE}
DRAFT_MOVE_EXAMPLE: Final[dict[str, Any]] = {"version": 1}
DRAFT_RETURN_EXAMPLE: Final[dict[str, Any]] = {"version": 2, "reason": "Thiếu tên thôn"}
