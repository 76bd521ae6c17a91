"""Files of lists, as they come in and go out."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from api.messages import text_for
from api.schemas.field import (
    Account,
    Channel,
    Code,
    Day,
    Description,
    EntryId,
    FundCode,
    In,
    Out,
    Voucher,
)
from ledger import typeid
from ledger.errors import Fault, Value
from ledger.giving.model import Medium
from ledger.intake.cell import column_index, column_letters
from ledger.intake.delimited import Encoding
from ledger.intake.header import Role
from ledger.intake.layout import Unit
from ledger.intake.legacy import Legacy
from ledger.intake.line import Finding, ListMapping, Verdict
from ledger.intake.model import Facts, Intake, Kind, Overlap, State, Tally
from ledger.intake.queries import Decision, FileReceipt, FindingCount, ListedLine
from ledger.money import AMOUNT_MAX
from ledger.typed import Mark

INTAKE_PATTERN: Final = r"^in_[0-7][0-9a-hjkmnp-tv-z]{25}$"


def _id(prefix: str) -> BeforeValidator:
    return BeforeValidator(lambda value: typeid.encode(prefix, value) if isinstance(value, UUID) else value)


IntakeId = Annotated[str, _id(typeid.INTAKE), Field(pattern=INTAKE_PATTERN, examples=["in_01h9hsy4k1fz8tq3v2w5n7c9f1"])]
JobId = Annotated[str, _id(typeid.JOB)]
DocumentId = Annotated[str, _id(typeid.DOCUMENT)]
Letters = Annotated[str, Field(pattern=r"^[A-Z]{1,3}$", examples=["B"])]
Version = Annotated[int, Field(ge=1, description="The version of the file that you saw; another is refused")]
Reason = Annotated[Description, Field(description="Why, in a sentence; it is kept with the decision")]
PositiveAmount = Annotated[int, Field(strict=True, ge=1, le=AMOUNT_MAX)]


class ColumnIn(In):
    """What a column is for."""

    column: Annotated[Letters, Field(description="The column as the spreadsheet calls it")]
    role: Annotated[
        Role,
        Field(
            description="number, surname, name, detail (unit, class, village; several are joined), amount, "
            "paper_number, paid_on, wish (who is not to be named), or other: not used"
        ),
    ]
    legacy: Annotated[Legacy | None, Field(description="The old table its text is in; null for Unicode")] = None


class MappingIn(In):
    """How a list is to be read. Columns that are not named are not used."""

    version: Version
    first_row: Annotated[int, Field(ge=1, le=200_000, description="The first row of the list, below its header")]
    columns: Annotated[tuple[ColumnIn, ...], Field(min_length=1, max_length=200, description="The columns that matter")]
    thousands: Annotated[Mark | None, Field(description="What stands between thousands where amounts are text")] = None
    unit: Annotated[Unit, Field(description="How many đồng an amount of 1 is")] = 1

    def mapping(self) -> ListMapping:
        """Return it as the ledger takes it."""
        places = {column_index(each.column): each for each in self.columns}
        width = min(max(places) + 1, 200)
        return ListMapping(
            first_row=self.first_row - 1,
            roles=tuple(places[index].role if index in places else "other" for index in range(width)),
            thousands=self.thousands,
            unit=self.unit,
            legacy={index: each.legacy for index, each in places.items() if each.legacy is not None},
        )


class ReadingIn(In):
    """How a file is to be read anew."""

    version: Version
    sheet: Annotated[int | None, Field(ge=0, le=1_000, description="The sheet's index; null for the likeliest")] = None
    encoding: Annotated[Encoding | None, Field(description="Of a text file; null to find it out")] = None


class FactsIn(In):
    """What a whole list has in common: one entry, one voucher."""

    version: Version
    received_on: Annotated[Day, Field(description="The day the money came in, which is the entry's")]
    medium: Annotated[Medium, Field(description="cash, bank or goods")]
    account: Annotated[Account, Field(description="Where the money is now: a cash or bank account")]
    fund: Annotated[FundCode, Field(description="The fund that it goes to")]
    channel: Annotated[Channel, Field(description="Which way of giving it is")]
    campaign: Annotated[Code | None, Field(description="The campaign, if it is one's")] = None
    earmark: Annotated[Code | None, Field(description="The purpose within the fund, if there is one")] = None
    description: Annotated[Description | None, Field(description="What the voucher says it is")] = None
    declared_minor: Annotated[
        PositiveAmount | None,
        Field(description="What the bank reported, or what was counted before; a transfer is equal to the đồng"),
    ] = None
    declared_count: Annotated[int | None, Field(ge=1, le=100_000, description="How many gifts were counted before")] = (
        None
    )
    difference_reason: Annotated[
        Description | None, Field(description="Why a count in cash may differ from the list")
    ] = None
    paper_series: Annotated[
        Code | None, Field(description="The series of the paper receipts whose numbers the list has")
    ] = None

    def facts(self) -> Facts:
        """Return them as the ledger takes them."""
        return Facts(**self.model_dump(exclude={"version"}))


class FindingIn(In):
    """A finding that rows have."""

    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", description="Its code, as the rows and counts show it")]
    reason: Annotated[str | None, Field(pattern=r"^[a-z_]{1,40}$", description="Its reason, where it has several")] = (
        None
    )


class DecisionIn(In):
    """Which rows to leave out of a list, or to take back in."""

    version: Version
    is_left_out: Annotated[bool, Field(description="True leaves them out, false takes them back in")] = True
    rows: Annotated[
        tuple[Annotated[int, Field(ge=1, le=200_000)], ...],
        Field(max_length=10_000, description="Rows by the number that the file shows beside them"),
    ] = ()
    finding: Annotated[FindingIn | None, Field(description="Every row that has this finding")] = None
    reason: Reason


class StepIn(In):
    """A step of a file that was seen in a version."""

    version: Version


class FileReversalIn(In):
    """On which day and why a whole file is taken back."""

    on: Annotated[Day, Field(description="The day of the reversal, in an open month")]
    reason: Reason


class SaidOut(Out):
    """Something that is wrong, and what to do about it, in both languages."""

    code: str
    field: str | None = None
    detail: str
    detail_en: str

    @classmethod
    def of(cls, code: str, fields: dict[str, Value], field: str | None = None) -> "SaidOut":
        """Say it in words."""
        text = text_for(code, fields)
        return cls(code=code, field=field, detail=text.detail, detail_en=text.detail_en)

    @classmethod
    def of_fault(cls, fault: Fault) -> "SaidOut":
        """Say a fault in words."""
        return cls.of(fault.code, dict(fault.fields), fault.field)


class FindingOut(SaidOut):
    """A finding about a row, with the column it is in."""

    column: str
    reason: str | None = None

    @classmethod
    def of_finding(cls, finding: Finding) -> "FindingOut":
        """Say it in words."""
        text = text_for(finding.code, finding.fields)
        reason = finding.fields.get("reason")
        return cls(
            code=finding.code,
            reason=None if reason is None else str(reason),
            column=column_letters(finding.column),
            detail=text.detail,
            detail_en=text.detail_en,
        )


class RowOut(Out):
    """A row of a list as it was understood."""

    row: Annotated[int, Field(description="As the file shows it beside the row")]
    verdict: Verdict
    name: str
    detail: str
    amount_minor: int | None
    paper_number: str | None
    is_anonymous: bool
    is_twin: Annotated[bool, Field(description="Another row has the same name, detail and amount")]
    is_left_out: bool
    findings: tuple[FindingOut, ...]

    @classmethod
    def of(cls, line: ListedLine) -> "RowOut":
        """Spell a row."""
        findings = tuple(map(FindingOut.of_finding, line.findings))
        told = {name: getattr(line, name) for name in cls.model_fields if name != "findings"}
        return cls(**told, findings=findings)


class RowsOut(Out):
    """A page of rows."""

    rows: tuple[RowOut, ...]
    next_cursor: int | None


class TallyOut(Out):
    """A list counted."""

    gift_count: int
    total_minor: int
    warning_count: int
    fault_count: int
    left_out_count: int
    twin_count: int
    total_rows: Annotated[int, Field(description="Rows that are totals; no gifts")]
    group_rows: Annotated[int, Field(description="Rows that are headings of groups")]
    footer_rows: Annotated[int, Field(description="Rows below the list: signatures, remarks")]


class OverlapOut(Out):
    """An earlier file with rows in common."""

    intake: IntakeId
    row_count: int

    @classmethod
    def of(cls, overlap: Overlap) -> "OverlapOut":
        """Spell it."""
        return cls(intake=typeid.encode(typeid.INTAKE, overlap.intake_id), row_count=overlap.row_count)


class FindingCountOut(Out):
    """How many rows have one thing wrong with them."""

    code: str
    reason: str | None
    count: int
    title: str
    title_en: str

    @classmethod
    def of(cls, counted: FindingCount) -> "FindingCountOut":
        """Say it in words."""
        text = text_for(counted.code, {"reason": counted.reason} if counted.reason else {})
        return cls(
            code=counted.code, reason=counted.reason, count=counted.count, title=text.title, title_en=text.title_en
        )


class FactsOut(Out):
    """What a whole list has in common."""

    received_on: date
    medium: Medium
    account: str
    fund: str
    channel: str
    campaign: str | None
    earmark: str | None
    description: str | None
    declared_minor: int | None
    declared_count: int | None
    difference_reason: str | None
    paper_series: str | None


class DecisionOut(Out):
    """Who left which rows out, or took them back in, and why."""

    is_left_out: bool
    rows: tuple[int, ...]
    reason: str
    decided_at: AwareDatetime

    @classmethod
    def of(cls, decision: Decision) -> "DecisionOut":
        """Spell it."""
        return cls.model_validate(decision)


class IntakeOut(Out):
    """A file as it stands."""

    intake: IntakeId
    kind: Kind
    state: State
    version: int
    form: str
    name: str
    document: DocumentId
    job: JobId | None
    uploaded_at: AwareDatetime
    changed_at: AwareDatetime
    outline: Annotated[
        dict[str, Any] | None,
        Field(description="What reading found: sheets, encoding, and the proposed layout; rows and columns from 0"),
    ]
    mapping: Annotated[dict[str, Any] | None, Field(description="How the list is read; rows and columns from 0")]
    facts: FactsOut | None
    overlaps: tuple[OverlapOut, ...]
    problem: tuple[SaidOut, ...]

    @classmethod
    def of(cls, found: Intake) -> "IntakeOut":
        """Spell a file."""
        return cls(
            intake=typeid.encode(typeid.INTAKE, found.intake_id),
            kind=found.kind,
            state=found.state,
            version=found.version,
            form=found.form,
            name=found.name,
            document=typeid.encode(typeid.DOCUMENT, found.document_id),
            job=None if found.job_id is None else typeid.encode(typeid.JOB, found.job_id),
            uploaded_at=found.uploaded_at,
            changed_at=found.changed_at,
            outline=None if found.outline is None else dict(found.outline),
            mapping=None if found.mapping is None else dict(found.mapping),
            facts=None if found.facts is None else FactsOut.model_validate(found.facts),
            overlaps=tuple(map(OverlapOut.of, found.overlaps)),
            problem=problems_of(found),
        )


class IntakeSummaryOut(IntakeOut):
    """A file with its rows counted, what is wrong with them, and what is in the way of posting."""

    tally: TallyOut
    findings: tuple[FindingCountOut, ...]
    decisions: tuple[DecisionOut, ...]
    obstacles: tuple[SaidOut, ...]

    @classmethod
    def whole(
        cls,
        found: Intake,
        tally: Tally,
        findings: list[FindingCount],
        decisions: list[Decision],
        obstacles: list[Fault],
    ) -> "IntakeSummaryOut":
        """Put it together."""
        return cls(
            **dict(IntakeOut.of(found)),
            tally=TallyOut.model_validate(tally),
            findings=tuple(map(FindingCountOut.of, findings)),
            decisions=tuple(map(DecisionOut.of, decisions)),
            obstacles=tuple(map(SaidOut.of_fault, obstacles)),
        )


class IntakesOut(Out):
    """Files of a book, the newest first."""

    files: tuple[IntakeOut, ...]
    next_cursor: IntakeId | None


class FileReceiptOut(Out):
    """The receipt of a file: what it became, and by which leaf that can be checked."""

    intake: IntakeId
    entry: EntryId
    seq: int
    entry_on: date
    voucher: Voucher | None
    row_count: Annotated[int, Field(description="Rows that became contributions")]
    total_minor: int
    left_out_count: int | None
    sha256: Annotated[str | None, Field(description="Of the file's bytes, in hexadecimal; the leaf commits to it")]
    event: Annotated[str, Field(description="The leaf `intake.posted`")]
    posted_at: AwareDatetime
    reversal: EntryId | None
    reversed_on: date | None
    reversal_event: str | None

    @classmethod
    def of(cls, intake_id: UUID, told: FileReceipt) -> "FileReceiptOut":
        """Spell a receipt."""
        event = told.reversal_event_id
        return cls(
            intake=typeid.encode(typeid.INTAKE, intake_id),
            entry=typeid.encode(typeid.ENTRY, told.entry_id),
            seq=told.seq,
            entry_on=told.entry_on,
            voucher=told.voucher,  # type: ignore[arg-type] # spelled by the field
            row_count=told.row_count,
            total_minor=told.total_minor,
            left_out_count=told.left_out_count,
            sha256=None if told.sha256 is None else told.sha256.hex(),
            event=typeid.encode(typeid.EVENT, told.event_id),
            posted_at=told.recorded_at,
            reversal=None if told.reversal_id is None else typeid.encode(typeid.ENTRY, told.reversal_id),
            reversed_on=told.reversed_on,
            reversal_event=None if event is None else typeid.encode(typeid.EVENT, event),
        )


def problems_of(found: Intake) -> tuple[SaidOut, ...]:
    """Say why a file could not be read, or why its posting was refused."""
    if found.problem is None:
        return ()
    if "faults" not in found.problem:
        fields = {name: value for name, value in found.problem.items() if name != "code"}
        return (SaidOut.of(str(found.problem["code"]), fields),)
    return tuple(
        SaidOut.of(
            each["code"],
            {name: value for name, value in each.items() if name not in {"code", "field", "line"}},
            each["field"],
        )
        for each in found.problem["faults"]
    )


VERSION_EXAMPLE: Final = {"version": 3}
READING_EXAMPLE: Final = {"version": 2, "sheet": 1}
MAPPING_EXAMPLE: Final = {
    "version": 2,
    "first_row": 6,
    "columns": [
        {"column": "A", "role": "number"},
        {"column": "B", "role": "name"},
        {"column": "C", "role": "detail"},
        {"column": "E", "role": "amount"},
    ],
    "thousands": ".",
}
FACTS_EXAMPLE: Final = {
    "version": 3,
    "received_on": "2025-03-05",
    "medium": "bank",
    "account": "11211",
    "fund": "QC",
    "channel": "salary-day",
    "description": "Ủng hộ một ngày lương",
    "declared_minor": 61_800_000,
}
DECISION_EXAMPLE: Final = {"version": 4, "rows": [17, 23], "reason": "Chưa nộp, sẽ nộp đợt sau"}
FILE_REVERSAL_EXAMPLE: Final = {"on": "2025-03-07", "reason": "Nhập nhầm danh sách của tháng trước"}
