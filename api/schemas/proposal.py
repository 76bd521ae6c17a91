"""Entries that are proposed before they are posted, and how they stand."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import Field

from api.schemas.entry import EntryKindIn, LineIn, RateIn, RateOut
from api.schemas.field import (
    VOUCHER_KIND_PATTERN,
    ApprovalId,
    AwardListId,
    Day,
    Description,
    EntryId,
    EntryIdIn,
    In,
    Out,
    ProposalId,
    ProposalIdIn,
    Voucher,
)
from ledger import typeid
from ledger.books.model import LINE_COUNT_MAX, EntryDraft
from ledger.proposals.model import PAYEE_LENGTH_MAX, PROPOSAL_COUNT_MAX, Proposal, State, WaitingEntry


class ProposalIn(In):
    """An entry as it should be posted once it is approved: it balances in every fund and currency."""

    issued_on: Annotated[Day, Field(description="The day of its voucher, in an open month and not in the future")]
    voucher: Annotated[
        str,
        Field(
            pattern=VOUCHER_KIND_PATTERN,
            description="The kind to issue: `PC` cash, `BN` bank, `CK` to another level, `DC` an adjustment",
            examples=["PC"],
        ),
    ]
    kind: Annotated[EntryKindIn, Field(description="`ordinary`, or `adjustment` with `corrects`")] = "ordinary"
    payee: Annotated[
        str | None,
        Field(
            max_length=PAYEE_LENGTH_MAX,
            description="Who is paid, as the voucher says it; never shown in public",
            examples=["Trường Tiểu học Mẫu"],
        ),
    ] = None
    description: Annotated[
        Description | None,
        Field(
            description="What for, in at most 500 characters; never shown in public",
            examples=["Học bổng học kỳ I năm học 2024–2025"],
        ),
    ] = None
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

    def proposal(self, corrects_seq: int | None) -> Proposal:
        """Return the ledger's value; ``corrects_seq`` is what ``corrects`` names."""
        draft = EntryDraft(
            entry_on=self.issued_on,
            lines=tuple(line.line() for line in self.lines),
            voucher=self.voucher,
            kind=self.kind,
            description=self.description,
            rate=None if self.rate is None else self.rate.rate(),
            corrects_seq=corrects_seq,
        )
        return Proposal(draft=draft, payee=self.payee)


class ProposalsIn(In):
    """Entries to be proposed together: all or none."""

    proposals: Annotated[
        tuple[ProposalIn, ...],
        Field(
            strict=False,
            description="In the order in which their vouchers are numbered",
            json_schema_extra={"minItems": 1, "maxItems": PROPOSAL_COUNT_MAX},
        ),
    ]


class ExecutionIn(In):
    """What was done, and on which day."""

    proposals: Annotated[
        tuple[ProposalIdIn, ...], Field(strict=False, description="In the order in which their entries are numbered")
    ]
    on: Annotated[Day, Field(description="The day on which the money went, in an open month")]


class ProposedLineOut(Out):
    """A line as it was proposed."""

    account: str
    fund: str
    value_minor: int
    currency: str
    amount_minor: Annotated[int, Field(validation_alias="own_minor")]
    channel: str | None
    campaign: str | None
    program: str | None
    quantity: int | None


class ProposalOut(Out):
    """A proposed entry, and how it stands."""

    id: Annotated[ProposalId, Field(validation_alias="proposal_id")]
    action: str
    kind: str
    voucher: Voucher
    issued_on: date
    amount_minor: Annotated[int, Field(description="The sum of its debits, in đồng")]
    payee: Annotated[str | None, Field(description="Null to those without the right `people` or `pay`")]
    description: str | None
    lines: list[ProposedLineOut]
    rate: RateOut | None
    corrects: Annotated[EntryId | None, Field(validation_alias="corrects_id")]
    proposed_at: Annotated[datetime, Field(validation_alias="recorded_at")]
    state: State
    approval: Annotated[ApprovalId, Field(description="The last request for approval; see `/approvals`")]
    list: Annotated[AwardListId | None, Field(validation_alias="list_id", description="The awards that it pays")]
    entry: Annotated[EntryId | None, Field(validation_alias="entry_id", description="What executed it")]
    entry_on: date | None


class ProposalsOut(Out):
    """A page of proposals."""

    rows: list[ProposalOut]
    next_cursor: str | None


def proposal_out(found: WaitingEntry, *, with_payee: bool) -> ProposalOut:
    """Return a proposal as it goes out."""
    told = {name: getattr(found, name) for name in WaitingEntry.__dataclass_fields__}
    told["approval"] = typeid.encode(typeid.APPROVAL, found.approval.approval_id)
    return ProposalOut.model_validate(told | {"payee": found.payee if with_payee else None})


PROPOSALS_EXAMPLE: Final[dict[str, Any]] = {
    "proposals": [
        {
            "issued_on": "2025-03-05",
            "voucher": "PC",
            "payee": "Trường Tiểu học Mẫu",
            "description": "Học bổng học kỳ I năm học 2024–2025",
            "lines": [
                {"account": "35381", "fund": "QC", "value_minor": 2440000, "program": "HOCBONG", "quantity": 4},
                {"account": "1111", "fund": "QC", "value_minor": -2440000},
            ],
        }
    ]
}
EXECUTION_EXAMPLE: Final[dict[str, Any]] = {"proposals": ["po_01h455vb4pex5vsknk084sn02q"], "on": "2025-03-10"}
