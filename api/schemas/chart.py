"""Associations and what their books are made of: accounts, funds, campaigns, programs, vouchers, locks."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas.field import (
    VOUCHER_KIND_PATTERN,
    Account,
    AssociationId,
    AssociationIdIn,
    Code,
    Currency,
    Day,
    Description,
    EntryId,
    FundCode,
    In,
    Name,
    Out,
    Purpose,
    Voucher,
)
from ledger.money import VND

Level = Literal["nation", "province", "district", "commune", "chapter"]


class AssociationIn(In):
    """An association to be founded; without a parent it begins a tree, and a storage home, of its own."""

    parent: AssociationIdIn | None = None
    name_vi: Name
    name_en: Name | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["learning-promotion"])]
    level: Level
    unit_code: Annotated[str | None, Field(pattern=r"^[0-9A-Za-z.-]{1,20}$", examples=["13285"])] = None
    founded_on: Day
    books_open_on: Day
    chart: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$", examples=["TT24"])] = "TT24"
    is_sample: bool = False


class AssociationOut(Out):
    """An association and the state of its book; ``depth`` counts from the top of what the token reaches."""

    id: Annotated[AssociationId, Field(validation_alias="association_id")]
    parent: Annotated[AssociationId | None, Field(validation_alias="parent_id")]
    kind: str
    level: str
    name_vi: str
    name_en: str | None
    unit_code: str | None
    founded_on: date
    closed_on: date | None
    is_sample: bool
    books_open_on: Annotated[date, Field(validation_alias="opened_on")]
    locked_through: date | None
    depth: int


class AssociationsOut(Out):
    """A page of associations, tree by tree and level by level."""

    rows: list[AssociationOut]
    next_cursor: str | None


class AccountIn(In):
    """An account to be opened under a heading; its number begins with the heading's."""

    account: Annotated[Account, Field(examples=["1121B"])]
    parent: Annotated[Account, Field(examples=["1121"])]
    name_vi: Name
    name_en: Name
    currency: Currency = VND
    opened_on: Day


class AccountOut(Out):
    """An account of the book's chart."""

    account: str
    parent: str | None
    name_vi: str
    name_en: str
    side: Annotated[str, Field(description="`D` debit, `C` credit")]
    role: Annotated[str, Field(description="`cash`, `bank`, `fund` or `other`")]
    currency: str
    is_parent: bool
    opened_on: date
    closed_on: date | None


class AccountsOut(Out):
    """The chart of a book."""

    rows: list[AccountOut]


class ClosingIn(In):
    """When something is closed: at the end of that day."""

    closed_on: Day


class FundIn(In):
    """A fund to be opened; its kind fixes where its balance is kept, and whether it needs a purpose."""

    fund: FundCode
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["earmarked"])]
    name_vi: Name
    name_en: Name | None = None
    purpose: Purpose | None = None
    opened_on: Day


class FundOut(Out):
    """A fund of the book."""

    fund: str
    kind: str
    balance_account: str
    is_restricted: bool
    name_vi: str
    name_en: str | None
    purpose: str | None
    opened_on: date
    closed_on: date | None


class FundsOut(Out):
    """The funds of a book."""

    rows: list[FundOut]


class CampaignIn(In):
    """A drive; every book of the same storage home may receive for it."""

    campaign: Annotated[Code, Field(examples=["KH2025"])]
    name_vi: Name
    name_en: Name | None = None
    opened_on: Day
    closed_on: Day | None = None


class CampaignOut(Out):
    """A drive."""

    campaign: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


class CampaignsOut(Out):
    """The drives of a storage home."""

    rows: list[CampaignOut]


class ProgramIn(In):
    """A program that money is spent on, and what its quantities count."""

    program: Annotated[Code, Field(examples=["HOCBONG"])]
    unit: Literal["award", "school", "piece"]
    name_vi: Name
    name_en: Name | None = None
    opened_on: Day
    closed_on: Day | None = None


class ProgramOut(Out):
    """A program."""

    program: str
    unit: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


class ProgramsOut(Out):
    """The programs of a storage home."""

    rows: list[ProgramOut]


class VoucherIn(In):
    """A voucher to be issued before it is executed."""

    kind: Annotated[str, Field(pattern=VOUCHER_KIND_PATTERN, examples=["PC"])]
    issued_on: Day


class VoidIn(In):
    """Why a voucher will not be executed."""

    reason: Description


class VoucherOut(Out):
    """A voucher: issued, executed by an entry, or void."""

    voucher: Voucher
    issued_on: date
    recorded_at: datetime
    entry_id: EntryId | None
    voided_at: datetime | None


class VouchersOut(Out):
    """A page of vouchers of a kind and year, by number."""

    rows: list[VoucherOut]
    next_cursor: Annotated[str | None, Field(description="The last number shown")]


class LockIn(In):
    """Which months are closed: all up to the one that holds this day."""

    through: Day


class LockOut(Out):
    """A lock: every day up to this one."""

    locked_through: date
    recorded_at: datetime


class LocksOut(Out):
    """The locks of a book, the last first."""

    rows: list[LockOut]


ASSOCIATION_EXAMPLE: Final[dict[str, Any]] = {
    "name_vi": "Hội Khuyến học tỉnh Mẫu",
    "kind": "learning-promotion",
    "level": "province",
    "founded_on": "2000-10-02",
    "books_open_on": "2025-01-01",
}
ACCOUNT_EXAMPLE: Final[dict[str, Any]] = {
    "account": "1121B",
    "parent": "1121",
    "name_vi": "Tiền gửi tại quỹ tín dụng",
    "name_en": "Deposit at the credit fund",
    "opened_on": "2025-01-01",
}
FUND_EXAMPLE: Final[dict[str, Any]] = {
    "fund": "QC",
    "kind": "general",
    "name_vi": "Quỹ khuyến học chung",
    "opened_on": "2025-01-01",
}
CAMPAIGN_EXAMPLE: Final[dict[str, Any]] = {
    "campaign": "KH2025",
    "name_vi": "Một ngày lương năm 2025",
    "opened_on": "2025-09-01",
    "closed_on": "2025-10-31",
}
PROGRAM_EXAMPLE: Final[dict[str, Any]] = {
    "program": "HOCBONG",
    "unit": "award",
    "name_vi": "Học bổng",
    "opened_on": "2025-01-01",
}
CLOSING_EXAMPLE: Final[dict[str, Any]] = {"closed_on": "2025-12-31"}
VOUCHER_EXAMPLE: Final[dict[str, Any]] = {"kind": "PC", "issued_on": "2025-03-05"}
VOID_EXAMPLE: Final[dict[str, Any]] = {"reason": "Người nhận không đến"}
LOCK_EXAMPLE: Final[dict[str, Any]] = {"through": "2025-02-28"}
