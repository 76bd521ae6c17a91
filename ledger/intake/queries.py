"""Read files as they stand: one, a book's, the rows of one, and what there is to say once it is posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

from ledger import typeid
from ledger.books.model import Book, VoucherNumber
from ledger.errors import LedgerError
from ledger.intake.line import Finding, Verdict
from ledger.intake.model import Facts, Intake, Overlap, Tally

Shown = Literal["all", "gifts", "faults", "warnings", "twins", "left_out", "other"]

ROWS_MAX: Final = 200
"""Rows of a page, as many as somebody looks through; the whole list is exported."""

INTAKES_MAX: Final = 100

_SHOWN: Final[Mapping[Shown, str]] = {
    "all": "true",
    "gifts": "l.verdict IN ('ok', 'warning') AND NOT l.is_left_out",
    "faults": "l.verdict = 'fault' AND NOT l.is_left_out",
    "warnings": "l.verdict IN ('warning', 'total') AND l.findings IS NOT NULL",
    "twins": "l.is_twin",
    "left_out": "l.is_left_out",
    "other": "l.verdict IN ('total', 'group', 'footer')",
}

_COLUMNS: Final = """\
intake_id, kind, state, version, form, name, document_id, again_reason, outline, mapping, facts, alike, problem,
    job_id, uploaded_by, changed_by, uploaded_at, changed_at"""

_READ: Final = text(f"""\
SELECT {_COLUMNS} FROM vault.intake
WHERE tenant_id = :tenant_id AND book_id = :book_id AND intake_id = :intake_id""")  # noqa: S608 - composed of constants
_OPEN: Final = text(f"SELECT {_COLUMNS} FROM vault.open_intake(:tenant_id, :book_id, :intake_id)")  # noqa: S608 - as above

_LIST: Final = text(f"""\
SELECT {_COLUMNS} FROM vault.intake
WHERE tenant_id = :tenant_id AND book_id = :book_id AND (CAST(:before AS uuid) IS NULL OR intake_id < :before)
ORDER BY intake_id DESC LIMIT :limit""")  # noqa: S608 - composed of constants

_TALLY: Final = text("""\
SELECT count(*) FILTER (WHERE verdict IN ('ok', 'warning') AND NOT is_left_out) AS gift_count,
    coalesce(sum(amount_minor) FILTER (WHERE verdict IN ('ok', 'warning') AND NOT is_left_out), 0) AS total_minor,
    count(*) FILTER (WHERE verdict IN ('warning', 'total') AND findings IS NOT NULL AND NOT is_left_out)
        AS warning_count,
    count(*) FILTER (WHERE verdict = 'fault' AND NOT is_left_out) AS fault_count,
    count(*) FILTER (WHERE is_left_out) AS left_out_count,
    count(*) FILTER (WHERE is_twin AND NOT is_left_out) AS twin_count,
    count(*) FILTER (WHERE verdict = 'total') AS total_rows,
    count(*) FILTER (WHERE verdict = 'group') AS group_rows,
    count(*) FILTER (WHERE verdict = 'footer') AS footer_rows
FROM vault.intake_line
WHERE tenant_id = :tenant_id AND intake_id = :intake_id""")

_LINES: Final = """\
SELECT l.row, l.verdict, l.name, l.detail, l.amount_minor, l.paper_number, l.is_anonymous, l.findings, l.is_twin,
    l.is_left_out
FROM vault.intake_line AS l
WHERE l.tenant_id = :tenant_id AND l.intake_id = :intake_id AND l.row > :after AND {shown}
ORDER BY l.row LIMIT :limit"""

_CODES: Final = text("""\
SELECT f.value ->> 'code' AS code, f.value ->> 'reason' AS reason, count(*) AS size
FROM vault.intake_line AS l CROSS JOIN LATERAL jsonb_array_elements(l.findings) AS f
WHERE l.tenant_id = :tenant_id AND l.intake_id = :intake_id AND NOT l.is_left_out
GROUP BY 1, 2 ORDER BY size DESC, code, reason LIMIT 200""")

_DECISIONS: Final = text("""\
SELECT is_left_out, rows, reason, decided_by, decided_at
FROM vault.intake_decision
WHERE tenant_id = :tenant_id AND intake_id = :intake_id
ORDER BY decision_id LIMIT 1000""")

_RECEIPT: Final = text("""\
SELECT p.seq, p.row_count, p.total_minor, p.left_out_count, p.event_id, p.recorded_at, e.entry_id, e.entry_on,
    e.voucher_kind, e.fiscal_year, e.voucher_number, d.sha256, d.byte_size,
    back.seq AS reversed_by_seq, back.entry_id AS reversal_id, back.entry_on AS reversed_on,
    r.event_id AS reversal_event_id
FROM soquy.intake_posting AS p
JOIN soquy.entry AS e ON e.tenant_id = p.tenant_id AND e.book_id = p.book_id AND e.seq = p.seq
LEFT JOIN vault.intake AS i ON i.tenant_id = p.tenant_id AND i.intake_id = p.intake_id
LEFT JOIN vault.document AS d ON d.tenant_id = i.tenant_id AND d.document_id = i.document_id
LEFT JOIN soquy.entry AS back ON back.tenant_id = p.tenant_id AND back.book_id = p.book_id AND back.corrects_seq = p.seq
    AND back.kind = 'reversal'
LEFT JOIN soquy.intake_reversal AS r ON r.tenant_id = p.tenant_id AND r.intake_id = p.intake_id
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.intake_id = :intake_id""")


class IntakeNotFound(LedgerError):
    """No such file of this book."""

    code = "intake_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLine:
    """A row of a list, as it was understood and decided about."""

    row: int
    verdict: Verdict
    name: str
    detail: str
    amount_minor: int | None
    paper_number: str | None
    is_anonymous: bool
    findings: tuple[Finding, ...]
    is_twin: bool
    is_left_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How many rows have one thing wrong with them."""

    code: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who left which rows out of a list, or took them back in, and why."""

    is_left_out: bool
    rows: tuple[int, ...]
    reason: str
    decided_by: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceipt:
    """What a file became: its entry and voucher, its counts, its leaf; and what took it back.

    ``sha256`` is ``None`` where the original was erased, or lost with a database.
    """

    entry_id: UUID
    seq: int
    entry_on: date
    voucher: VoucherNumber | None
    row_count: int
    total_minor: int
    left_out_count: int | None
    event_id: UUID
    recorded_at: datetime
    sha256: bytes | None
    byte_size: int | None
    reversed_by_seq: int | None
    reversal_id: UUID | None
    reversed_on: date | None
    reversal_event_id: UUID | None


def intake_by_id(conn: Connection, book: Book, intake_id: UUID, *, for_change: bool = False) -> Intake:
    """Return a file of a book; ``for_change`` has everybody else who wants to change it wait.

    Raises:
        IntakeNotFound: the book has none of this id.
    """
    row = conn.execute(_OPEN if for_change else _READ, _place(book, intake_id)).mappings().one_or_none()
    if row is None:
        raise IntakeNotFound(intake=typeid.encode(typeid.INTAKE, intake_id))
    return _intake(row)


def intakes(conn: Connection, book: Book, *, before: UUID | None = None, limit: int = INTAKES_MAX) -> list[Intake]:
    """Return files of a book, the newest first."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "before": before, "limit": limit}
    return [_intake(row) for row in conn.execute(_LIST, asked).mappings()]


def tally(conn: Connection, book: Book, intake_id: UUID) -> Tally:
    """Count the rows of a file as they stand."""
    row = conn.execute(_TALLY, _place(book, intake_id)).mappings().one()
    return Tally(**{name: int(value) for name, value in row.items()})


def lines(
    conn: Connection, book: Book, intake_id: UUID, *, shown: Shown = "all", after: int = 0, limit: int = ROWS_MAX
) -> list[ListedLine]:
    """Return rows of a file of some kind, those after row ``after``."""
    query = text(_LINES.format(shown=_SHOWN[shown]))
    found = conn.execute(query, {**_place(book, intake_id), "after": after, "limit": limit})
    return [ListedLine(**{**row, "findings": findings_of(row["findings"] or ())}) for row in found.mappings()]


def finding_counts(conn: Connection, book: Book, intake_id: UUID) -> list[FindingCount]:
    """Return what is wrong with how many rows, most of them first."""
    rows = conn.execute(_CODES, _place(book, intake_id))
    return [FindingCount(code=row.code, reason=row.reason, count=row.size) for row in rows]


def decisions(conn: Connection, book: Book, intake_id: UUID) -> list[Decision]:
    """Return what was decided about rows of a file, in order."""
    rows = conn.execute(_DECISIONS, _place(book, intake_id)).mappings()
    return [Decision(**{**row, "rows": tuple(row["rows"])}) for row in rows]


def receipt(conn: Connection, book: Book, intake_id: UUID) -> FileReceipt | None:
    """Return what a file became; ``None`` before it is posted."""
    row = conn.execute(_RECEIPT, _place(book, intake_id)).mappings().one_or_none()
    if row is None:
        return None
    told = dict(row)
    kind, year, number = (told.pop(name) for name in ("voucher_kind", "fiscal_year", "voucher_number"))
    told["sha256"] = None if told["sha256"] is None else bytes(told["sha256"])
    voucher = None if kind is None else VoucherNumber(kind=kind, fiscal_year=year, number=number)
    return FileReceipt(**told, voucher=voucher)


def _place(book: Book, intake_id: UUID) -> dict[str, object]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id}


def _intake(row: RowMapping) -> Intake:
    told = dict(row)
    alike, facts = told.pop("alike") or {"overlaps": (), "seen_seq": 0}, told.pop("facts")
    return Intake(
        **told,
        facts=None if facts is None else facts_of(facts),
        overlaps=tuple(
            Overlap(intake_id=UUID(each["intake_id"]), row_count=each["row_count"]) for each in alike["overlaps"]
        ),
        seen_seq=alike["seen_seq"],
    )


def facts_of(told: Mapping[str, Any]) -> Facts:
    """Return facts as they are kept."""
    return Facts(**{**told, "received_on": date.fromisoformat(told["received_on"])})


def findings_of(told: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return findings as they are kept: their fields beside code and column."""
    return tuple(
        Finding(
            code=each["code"],
            column=each["column"],
            fields={name: value for name, value in each.items() if name not in {"code", "column"}},
        )
        for each in told
    )
