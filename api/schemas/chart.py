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
Unit = Literal["award", "school", "piece"]

NameVi = Annotated[Name, Field(description="Its name in Vietnamese, one line of at most 200 characters")]
NameEn = Annotated[Name | None, Field(description="Its name in English, one line of at most 200 characters")]
OpenedOn = Annotated[Day, Field(description="The first day that entries may use it", examples=["2025-01-01"])]
LastDay = Annotated[Day | None, Field(description="The last day, where it is known", examples=["2025-12-31"])]


class AssociationIn(In):
    """An association to be founded; without a parent it begins a tree, and a storage home, of its own."""

    parent: Annotated[AssociationIdIn | None, Field(description="The id of the association above it")] = None
    name_vi: NameVi
    name_en: NameEn = None
    kind: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9-]{0,39}$",
            description="What it is for: a word of your own, small letters and hyphens",
            examples=["learning-promotion"],
        ),
    ]
    level: Annotated[Level, Field(description="Where it stands: of the nation down to a hamlet's or school's chapter")]
    unit_code: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9A-Za-z.-]{1,20}$",
            description="The state's code of the administrative unit where it works",
            examples=["13285"],
        ),
    ] = None
    founded_on: Annotated[Day, Field(description="Day of founding: from 1900 on, not after the book opens")]
    books_open_on: Annotated[
        Day,
        Field(description="Day of the opening balances, often the last of a year", examples=["2025-12-31"]),
    ]
    chart: Annotated[
        str,
        Field(
            pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$",
            description="Accounting regime of the book, from `GET /v1/charts`; it covers the days after the opening",
            examples=["TT24"],
        ),
    ] = "TT24"
    is_sample: Annotated[bool, Field(description="Whether its figures are made up, and marked so on the pages")] = False


class AssociationOut(Out):
    """An association and the state of its book."""

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


class AssociationRowOut(AssociationOut):
    """An association of the list; ``depth`` counts from the top of what the token reaches."""

    depth: int


class AssociationsOut(Out):
    """A page of associations, tree by tree and level by level."""

    rows: list[AssociationRowOut]
    next_cursor: str | None


class AccountIn(In):
    """An account to be opened under a heading; its number begins with the heading's."""

    account: Annotated[
        Account, Field(description="Its number: the heading's, and letters or digits of its own", examples=["1121B"])
    ]
    parent: Annotated[Account, Field(description="The heading, to which nothing was posted yet", examples=["1121"])]
    name_vi: NameVi
    name_en: Annotated[NameEn, Field(description="Its name in English; `name_vi` if none, at most 200 characters")] = (
        None
    )
    currency: Annotated[Currency, Field(description="The one currency that it holds, by ISO 4217")] = VND
    opened_on: OpenedOn


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

    closed_on: Annotated[Day, Field(description="Its last day; nothing is left then, nothing posted after")]


class FundIn(In):
    """A fund to be opened; its kind fixes where its balance is kept, and whether it needs a purpose."""

    fund: Annotated[FundCode, Field(description="Its code, new in the book: up to 20 of A–Z, 0–9 and hyphens")]
    kind: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9-]{0,39}$",
            description="`general`, `earmarked`, `tet`, `equipment`, `in-kind` or `management`; see `GET /v1/charts`",
            examples=["earmarked"],
        ),
    ]
    name_vi: NameVi
    name_en: NameEn = None
    purpose: Annotated[
        Purpose | None,
        Field(
            description="What it may be spent on; every kind but `general` needs it, at most 1,000 characters",
            examples=["Học bổng cho học sinh nghèo vượt khó"],
        ),
    ] = None
    opened_on: OpenedOn


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

    campaign: Annotated[Code, Field(description="Its code: up to 20 of A–Z, 0–9 and hyphens", examples=["KH2025"])]
    name_vi: NameVi
    name_en: NameEn = None
    opened_on: OpenedOn
    closed_on: LastDay = None


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

    program: Annotated[Code, Field(description="Its code: up to 20 of A–Z, 0–9 and hyphens", examples=["HOCBONG"])]
    unit: Annotated[Unit, Field(description="What a line's `quantity` counts: awards (*suất*), schools or pieces")]
    name_vi: NameVi
    name_en: NameEn = None
    opened_on: OpenedOn
    closed_on: LastDay = None


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

    kind: Annotated[
        str,
        Field(
            pattern=VOUCHER_KIND_PATTERN,
            description="`PT`, `PC`, `BC`, `BN`, `KT`, `DC` or `CK`; see `GET /v1/charts`",
            examples=["PC"],
        ),
    ]
    issued_on: Annotated[Day, Field(description="The day on the paper; its year numbers it, and no entry is earlier")]


class VoidIn(In):
    """Why a voucher will not be executed."""

    reason: Annotated[Description, Field(description="Why, in one line of at most 500 characters")]


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

    through: Annotated[Day, Field(description="A day of the last month to be closed", examples=["2025-02-28"])]


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
