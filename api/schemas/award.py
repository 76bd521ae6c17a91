"""Plans, rounds, lists and what became of them, as they come in and go out.

Who is on a list goes out only to those with the right ``people``; to others what tells a person is null.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas.field import (
    Account,
    Amount,
    ApprovalId,
    AwardId,
    AwardListId,
    Code,
    Day,
    Description,
    DocumentIdIn,
    FundCode,
    In,
    Name,
    Out,
    PersonId,
    PersonIdIn,
    RoundId,
)
from api.schemas.giving import Given, Typed
from ledger import typeid
from ledger.awards.model import (
    AWARD_COUNT_MAX,
    Award,
    Category,
    Collected,
    Listing,
    ListState,
    Nominee,
    Plan,
    RoundDraft,
)
from ledger.proposals.model import PAYEE_LENGTH_MAX

Year = Annotated[int, Field(ge=2000, le=2999, description="The fiscal year", examples=[2025])]


class PlanIn(In):
    """What a program may spend in a year, and for whom. Sent again, it is a new version."""

    program: Annotated[Code, Field(description="An open program", examples=["HB"])]
    year: Year
    category: Annotated[Category, Field(description="`scholarship` and `award` are for pupils: lists need schools")]
    fund: Annotated[FundCode, Field(description="The fund that it is spent from")]
    budget_minor: Annotated[Amount, Field(ge=0, description="The budget in đồng", examples=[120000000])]
    criteria: Annotated[
        str | None, Field(max_length=8_000, description="Who may be given it; public, at most 4,000 characters")
    ] = None

    def plan(self) -> Plan:
        """Return the ledger's value."""
        return Plan(**dict(self))


class ExecutionOut(Out):
    """A program's budget of a year against what was spent; what is null was not planned."""

    program: str
    category: Category | None
    fund: str | None
    version: int | None
    budget_minor: int | None
    spent_minor: int
    quantity: Annotated[int, Field(description="Units that were spent on: awards, schools or pieces")]
    criteria: str | None


class ExecutionsOut(Out):
    """The programs of a year."""

    rows: list[ExecutionOut]


class RoundIn(In):
    """A round in which a program gives."""

    program: Annotated[Code, Field(description="Planned for the year", examples=["HB"])]
    year: Annotated[Year, Field(description="Of the plan whose budget it draws on")]
    period: Annotated[Code, Field(description="Within which nobody is given it twice", examples=["2025-2026"])]
    fund: Annotated[FundCode, Field(description="The fund that it is paid from")]
    collect_by: Annotated[Day, Field(description="Until when it can be collected")]
    name: Annotated[Name, Field(description="What it is called in public", examples=["Học bổng vượt khó, đợt 1"])]

    def draft(self) -> RoundDraft:
        """Return the ledger's value."""
        return RoundDraft(**dict(self))


class AwardListOut(Out):
    """A list and how it stands."""

    id: Annotated[AwardListId, Field(validation_alias="list_id")]
    round: Annotated[RoundId, Field(validation_alias="round_id")]
    version: int
    award_count: int
    total_minor: int
    state: ListState
    decided_on: date | None
    number: Annotated[str | None, Field(description="Of the council's decision")]
    collected_count: int
    collected_minor: int
    recorded_at: datetime


class RoundOut(Out):
    """A round."""

    id: Annotated[RoundId, Field(validation_alias="round_id")]
    program: str
    year: int
    period: str
    fund: str
    collect_by: date
    name: str
    category: Category


class RoundsOut(Out):
    """A page of rounds."""

    rows: list[RoundOut]
    next_cursor: Annotated[RoundId | None, Field(description="Of the next page")]


class RoundListsOut(RoundOut):
    """A round, and the versions of its list, the newest first."""

    lists: list[AwardListOut]


class NomineeIn(In):
    """Somebody on a list."""

    name: Annotated[Typed, Field(description="As on the list", examples=["Nguyễn Thị Thử"])]
    amount_minor: Annotated[Given, Field(description="How much, in đồng", examples=[500000])]
    birth_year: Annotated[
        int | None, Field(ge=-9_999, le=9_999, description="Tells two of one name apart, and minors", examples=[2012])
    ] = None
    class_name: Annotated[Typed | None, Field(description="Goes with a school", examples=["7A"])] = None
    school: Annotated[Typed | None, Field(description="Goes with a class", examples=["THCS Mẫu"])] = None
    reason: Annotated[Typed | None, Field(description="Hardship, a prize; sealed", examples=["Hộ nghèo"])] = None
    person: Annotated[PersonIdIn | None, Field(description="Their record, where it is known")] = None

    def nominee(self) -> Nominee:
        """Return the ledger's value."""
        facts = {name: value for name, value in self if name != "person"}
        return Nominee(**facts, person_id=None if self.person is None else typeid.decode(typeid.PERSON, self.person))


class ListingIn(In):
    """A list as it is laid before the council."""

    count: Annotated[int | None, Field(ge=1, description="How many its paper says, to hold it against")] = None
    total_minor: Annotated[Amount | None, Field(ge=1, description="How much its paper says")] = None
    # Read one by one, as gifts are.
    nominees: Annotated[
        tuple[NomineeIn, ...],
        Field(
            strict=False,
            description="In the list's order",
            json_schema_extra={"minItems": 1, "maxItems": AWARD_COUNT_MAX},
        ),
    ]

    def listing(self) -> Listing:
        """Return the ledger's value."""
        nominees = tuple(each.nominee() for each in self.nominees)
        return Listing(nominees=nominees, count=self.count, total_minor=self.total_minor)


class SubmittedOut(Out):
    """A list that was laid. In a dry run: what it would be, with another id."""

    id: Annotated[AwardListId, Field(validation_alias="list_id")]
    version: int
    award_count: int
    total_minor: int
    without_guardian: Annotated[
        list[int], Field(description="Lines (1, 2 …) of minors for whom nobody is recorded to answer; a warning")
    ]
    elsewhere_count: Annotated[
        int, Field(description="How many are given the same in other places this period; a warning")
    ]


class AwardOut(Out):
    """A row of a list; what tells a person is null to those without the right `people`, and where it was erased."""

    id: Annotated[AwardId, Field(validation_alias="award_id")]
    line: int
    amount_minor: Annotated[int | None, Field(description="Null only where a lost database was recovered")]
    person: Annotated[PersonId | None, Field(validation_alias="person_id")]
    name: str | None
    birth_year: int | None
    class_name: str | None
    school: str | None
    reason: str | None
    collected: Annotated[
        Literal["beneficiary", "proxy"] | None, Field(validation_alias="signed_by", description="Who signed for it")
    ]


class AwardsOut(Out):
    """A page of a list's rows."""

    rows: list[AwardOut]
    next_cursor: int | None


_NOBODY: Final = dict.fromkeys(("person", "name", "birth_year", "class_name", "school", "reason"))


def award_out(found: Award, *, with_names: bool) -> AwardOut:
    """Return a row as it goes out."""
    out = AwardOut.model_validate(found)
    return out if with_names else out.model_copy(update=_NOBODY)


class DecisionIn(In):
    """The council's decision of a list."""

    number: Annotated[str, Field(max_length=400, description="Once in a year; sealed", examples=["12/QĐ-HKH"])]
    decided_on: Annotated[Day, Field(description="The day of the decision")]
    document: Annotated[DocumentIdIn | None, Field(description="The scan of the decision")] = None


class ListPaymentIn(In):
    """Out of which money an approved list is paid."""

    account: Annotated[Account, Field(description="A cash or bank account that the money of the round's fund is in")]
    voucher: Annotated[
        Literal["PC", "BN"], Field(description="`PC` the cashier pays, `BN` the bank", examples=["PC"])
    ] = "PC"
    issued_on: Annotated[Day, Field(description="The day of its voucher, in an open month and not in the future")]
    payee: Annotated[
        str | None,
        Field(max_length=PAYEE_LENGTH_MAX, description="As the voucher says it", examples=["37 học sinh"]),
    ] = None
    description: Annotated[Description | None, Field(description="What for, in at most 500 characters")] = None


class ConsentAskedOut(Out):
    """A list that consent is asked for to, and the request."""

    approval: ApprovalId
    list: AwardListOut


class CollectedIn(In):
    """That an award was signed for."""

    line: Annotated[int, Field(ge=1, le=AWARD_COUNT_MAX, description="Its line on the list", examples=[1])]
    is_proxy: Annotated[bool, Field(description="Somebody else signed for them")] = False


class CollectingIn(In):
    """Who came in one sitting."""

    collected: Annotated[
        tuple[CollectedIn, ...],
        Field(
            strict=False, max_length=AWARD_COUNT_MAX, json_schema_extra={"minItems": 1}, description="Rows of the list"
        ),
    ]
    document: Annotated[DocumentIdIn | None, Field(description="The scan of the signed sheet")] = None

    def lines(self) -> tuple[Collected, ...]:
        """Return the ledger's values."""
        return tuple(Collected(**dict(each)) for each in self.collected)


PLAN_EXAMPLE: Final[dict[str, Any]] = {
    "program": "HB",
    "year": 2025,
    "category": "scholarship",
    "fund": "QC",
    "budget_minor": 120000000,
    "criteria": "Học sinh nghèo vượt khó",
}
ROUND_EXAMPLE: Final[dict[str, Any]] = {
    "program": "HB",
    "year": 2025,
    "period": "2025-2026",
    "fund": "QC",
    "collect_by": "2025-12-31",
    "name": "Học bổng vượt khó, đợt 1",
}
LISTING_EXAMPLE: Final[dict[str, Any]] = {
    "count": 1,
    "total_minor": 500000,
    "nominees": [
        {
            "name": "Nguyễn Thị Thử",
            "amount_minor": 500000,
            "birth_year": 2012,
            "class_name": "7A",
            "school": "THCS Mẫu",
            "reason": "Hộ nghèo",
        }
    ],
}
DECISION_EXAMPLE: Final[dict[str, Any]] = {"number": "12/QĐ-HKH", "decided_on": "2025-08-15"}
COLLECTING_EXAMPLE: Final[dict[str, Any]] = {"collected": [{"line": 1}, {"line": 2, "is_proxy": True}]}
LIST_PAYMENT_EXAMPLE: Final[dict[str, Any]] = {
    "account": "1111",
    "voucher": "PC",
    "issued_on": "2025-09-05",
    "payee": "37 học sinh theo danh sách",
    "description": "Học bổng đợt 1 năm học 2025–2026",
}
