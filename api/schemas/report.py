"""Reports as they go out. Amounts are đồng; a balance is debit positive unless it stands on a named side."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from api.schemas.field import AssociationId, Cursor, EntryId, KnownOut, Out, Voucher


class LedgerRowOut(Out):
    """A line of the general ledger (S03-H), and the account's balance after it."""

    entry_on: date
    seq: int
    line: int
    entry_id: EntryId
    voucher: Voucher | None
    issued_on: date | None
    description: str | None
    account: str
    fund: str
    contra_accounts: list[str]
    debit_minor: int
    credit_minor: int
    balance_minor: int


class LedgerOut(KnownOut):
    """A page of an account's lines, between its opening and closing balance."""

    account: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int
    rows: list[LedgerRowOut]
    next_cursor: Cursor | None


class TrialBalanceRowOut(Out):
    """An account of the trial balance (S05-H)."""

    account: str
    parent: str | None
    name_vi: str
    name_en: str
    is_parent: bool
    opening_debit_minor: int
    opening_credit_minor: int
    debit_minor: int
    credit_minor: int
    closing_debit_minor: int
    closing_credit_minor: int


class TrialBalanceOut(KnownOut):
    """The trial balance; its three pairs of totals agree, or a book is wrong."""

    rows: list[TrialBalanceRowOut]
    opening_debit_minor: int
    opening_credit_minor: int
    debit_minor: int
    credit_minor: int
    closing_debit_minor: int
    closing_credit_minor: int
    agrees: bool


class CashRowOut(Out):
    """A receipt or payment in the cash book (S11-H) or bank book (S12-H)."""

    entry_on: date
    seq: int
    entry_id: EntryId
    receipt: Voucher | None
    payment: Voucher | None
    description: str | None
    contra_accounts: list[str]
    in_minor: int
    out_minor: int
    balance_minor: int
    own_minor: int | None


class CashBookOut(KnownOut):
    """A page of a till's or bank account's book, between its opening and closing balance."""

    account: str
    opening_minor: int
    in_minor: int
    out_minor: int
    closing_minor: int
    rows: list[CashRowOut]
    next_cursor: Cursor | None


class FundTotalsOut(Out):
    """Opening + received − used + other in − other out = closing."""

    opening_minor: int
    received_minor: int
    used_minor: int
    other_in_minor: int
    other_out_minor: int
    closing_minor: int
    reconciles: bool


class ReceivedOut(Out):
    """What came by a channel in a campaign."""

    channel: str
    name_vi: str
    name_en: str
    campaign: str | None
    amount_minor: int


class UsedOut(Out):
    """What a program cost, and how many units of it."""

    program: str
    name_vi: str
    name_en: str | None
    unit: str
    amount_minor: int
    quantity: int


class FundStatementOut(KnownOut):
    """The fund statement (S81-H)."""

    totals: FundTotalsOut
    received: list[ReceivedOut]
    used: list[UsedOut]


class FundFlowOut(Out):
    """A line of the fund statement as CSV: one amount, and what it is."""

    part: str
    code: str
    campaign: str | None
    name: str
    amount_minor: int
    quantity: int | None


class BalanceOut(Out):
    """What an account holds of a fund at the end of a day."""

    account: str
    fund: str
    role: str
    balance_minor: int


class BalancesOut(KnownOut):
    """The balances of a book on a day."""

    as_of: date
    rows: list[BalanceOut]


class ChannelShareOut(Out):
    """What came by a channel."""

    channel: str
    name_vi: str
    name_en: str
    amount_minor: int


class AssociationShareOut(Out):
    """An association's own book."""

    association_id: AssociationId
    parent_id: AssociationId | None
    kind: str
    level: str
    name_vi: str
    name_en: str | None
    is_sample: bool
    totals: FundTotalsOut


class MonthShareOut(Out):
    """A month of the period."""

    month_on: date
    totals: FundTotalsOut


class OverviewOut(KnownOut):
    """The sentence of a period, and what it is made of."""

    totals: FundTotalsOut
    channels: list[ChannelShareOut]
    programs: list[UsedOut]
    associations: list[AssociationShareOut]
    months: list[MonthShareOut]


class AccountAmountsOut(Out):
    """What an account had, moved and had left; balances are debit positive."""

    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


class RestatedAccountOut(Out):
    """An account of the trial balance that reads otherwise now; the difference is after less before."""

    account: str
    name_vi: str
    name_en: str
    before: AccountAmountsOut
    after: AccountAmountsOut
    difference: AccountAmountsOut


class RestatedRowOut(Out):
    """A restated account as CSV."""

    account: str
    name_vi: str
    name_en: str
    opening_before_minor: int
    opening_after_minor: int
    opening_difference_minor: int
    debit_before_minor: int
    debit_after_minor: int
    debit_difference_minor: int
    credit_before_minor: int
    credit_after_minor: int
    credit_difference_minor: int
    closing_before_minor: int
    closing_after_minor: int
    closing_difference_minor: int


class LearntEntryOut(Out):
    """An entry of the period that became known between, and its place in the log."""

    leaf_index: int
    association_id: AssociationId
    seq: int
    entry_id: EntryId
    kind: str
    entry_on: date
    voucher: Voucher | None


class RestatementOut(Out):
    """How a trial balance changed between two sizes of the log, and a page of the entries by which it did."""

    known_before: int
    known_after: int
    accounts: list[RestatedAccountOut]
    entries: list[LearntEntryOut]
    next_cursor: Annotated[str, BeforeValidator(str), Field(examples=["1729"])] | None
