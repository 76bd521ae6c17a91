"""Map a list: judge every row as a person said it is to be read, find twins, and rows that an earlier file had.

In one transaction, a few pages in memory at a time. What was decided about rows before is dropped with them: rows may
mean something else now.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import packed_bytes, plain_array, text_array
from ledger.books.model import Actor, Book
from ledger.intake.alike import look_for_likeness
from ledger.intake.commands import change, clear, open_intake, refresh
from ledger.intake.header import Role
from ledger.intake.judging import DIGEST_SIZE, Judge
from ledger.intake.line import Finding, Line, ListMapping
from ledger.intake.model import Intake
from ledger.intake.page import read_pages
from ledger.intake.reader import PAGE_SIZE

_LINES_AT_ONCE: Final = 5_000
_INSERT: Final = text(f"""\
INSERT INTO vault.intake_line (tenant_id, intake_id, row, verdict, name, detail, amount_minor, paper_number,
    is_anonymous, findings, digest)
SELECT :tenant_id, :intake_id, l.row, l.verdict, l.name, l.detail, l.amount_minor, l.paper_number, l.is_anonymous,
    CAST(l.findings AS jsonb),
    CASE WHEN l.start > 0 THEN substring(CAST(:digests AS bytea) FROM l.start FOR {DIGEST_SIZE}) END
FROM unnest(CAST(:row AS integer[]), CAST(:verdict AS text[]), CAST(:name AS text[]), CAST(:detail AS text[]),
    CAST(:amount_minor AS bigint[]), CAST(:paper_number AS text[]), CAST(:is_anonymous AS boolean[]),
    CAST(:findings AS text[]), CAST(:start AS integer[]))
    AS l (row, verdict, name, detail, amount_minor, paper_number, is_anonymous, findings, start)""")  # noqa: S608

_TWINS: Final = text("""\
SELECT vault.mark_intake_twins(:tenant_id, :book_id, :intake_id, CAST(:rows AS integer[]))""")


def map_list(
    conn: Connection, book: Book, intake_id: UUID, mapping: ListMapping, *, version: int, actor: Actor
) -> Intake:
    """Judge every row of a file that was read.

    Raises:
        MappingRefused: the columns make no list; carries every reason.
        IntakeNotFound, IntakeChanged, IntakeStepRefused: as ``open_intake``.
    """
    found = open_intake(conn, book, intake_id, version)
    outline = found.outline or {}
    mapping = _fitted(mapping, outline["column_count"])
    votes = {column["index"]: column["thousands"] for column in outline["layout"]["columns"]}
    mixed = [index for index, each in votes.items() if each["dots"] and each["commas"]]
    mapping.check(outline["row_count"], mixed)
    clear(conn, book, intake_id, with_pages=False)
    rows = _judge(conn, book, found, mapping)
    twins = [row for rows_alike in rows.values() if len(rows_alike) > 1 for row in rows_alike]
    if twins:
        conn.execute(_TWINS, {**_place(book, intake_id), "rows": plain_array(twins)})
    likeness = look_for_likeness(conn, book, intake_id, rows)
    changed = change(
        conn,
        book,
        found,
        actor,
        state="mapped",
        mapping=mapping_json(mapping),
        alike=likeness.members(),
        problem=None,
    )
    return refresh(conn, book, changed, actor)


def _fitted(mapping: ListMapping, column_count: int) -> ListMapping:
    """Return a mapping with a purpose for every column of the sheet and none beyond."""
    unnamed: list[Role] = ["other"] * (column_count - len(mapping.roles))
    roles = (*mapping.roles[:column_count], *unnamed)
    legacy = {index: legacy for index, legacy in mapping.legacy.items() if 0 <= index < column_count}
    return replace(mapping, roles=roles, legacy=legacy)


def _judge(conn: Connection, book: Book, found: Intake, mapping: ListMapping) -> dict[bytes, list[int]]:
    """Judge and keep all rows; return the rows of the gifts by their digests."""
    judge = Judge(mapping, None if found.facts is None else found.facts.received_on)
    row_count = (found.outline or {})["row_count"]
    waiting: list[Line] = []
    rows_by_digest: dict[bytes, list[int]] = {}
    for first, rows in read_pages(conn, book, found.intake_id, -(-row_count // PAGE_SIZE)):
        lines = judge.take(rows, first)
        for line in lines:
            if line.digest:
                rows_by_digest.setdefault(line.digest, []).append(line.row)
        waiting += lines
        if len(waiting) >= _LINES_AT_ONCE:
            _keep(conn, book, found.intake_id, waiting)
            waiting = []
    _keep(conn, book, found.intake_id, waiting)
    return rows_by_digest


def _keep(conn: Connection, book: Book, intake_id: UUID, lines: Sequence[Line]) -> None:
    if not lines:
        return
    packed, starts, _ = packed_bytes([line.digest for line in lines])
    places = starts[1:-1].split(",")
    conn.execute(
        _INSERT,
        {
            "tenant_id": book.tenant_id,
            "intake_id": intake_id,
            "row": plain_array(line.row for line in lines),
            "verdict": text_array(line.verdict for line in lines),
            "name": text_array(line.name for line in lines),
            "detail": text_array(line.detail for line in lines),
            "amount_minor": plain_array(line.amount_minor for line in lines),
            "paper_number": text_array(line.paper_number for line in lines),
            "is_anonymous": plain_array(line.is_anonymous for line in lines),
            "findings": text_array(findings_json(line.findings) if line.findings else None for line in lines),
            "digests": packed,
            "start": plain_array(place if line.digest else 0 for place, line in zip(places, lines, strict=True)),
        },
    )


def findings_json(findings: Sequence[Finding]) -> str:
    """Return findings as they are kept."""
    return json.dumps([{"code": each.code, "column": each.column, **each.fields} for each in findings])


def mapping_json(mapping: ListMapping) -> dict[str, Any]:
    """Return a mapping as it is kept."""
    return {
        "first_row": mapping.first_row,
        "roles": list(mapping.roles),
        "thousands": mapping.thousands,
        "unit": mapping.unit,
        "legacy": {str(index): legacy for index, legacy in mapping.legacy.items()},
    }


def mapping_of(told: Mapping[str, Any]) -> ListMapping:
    """Return a mapping as it is kept."""
    legacy = {int(index): legacy for index, legacy in told["legacy"].items()}
    return ListMapping(**{**told, "roles": tuple(told["roles"]), "legacy": legacy})


def proposed(outline: Mapping[str, Any]) -> ListMapping:
    """Return the mapping that reading proposed: what a person confirms, or changes."""
    layout = outline["layout"]
    roles = tuple(column["role"] for column in layout["columns"])
    amount = next((column for column in layout["columns"] if column["role"] == "amount"), None)
    return ListMapping(
        first_row=layout["first_row"],
        roles=roles,
        thousands=None if amount is None else mark_of(amount["thousands"]),
        unit=layout["unit"],
        legacy={
            column["index"]: column["legacy"]["legacy"] for column in layout["columns"] if column["legacy"] is not None
        },
    )


def mark_of(votes: Mapping[str, int]) -> Any:  # noqa: ANN401 - a mark, or none
    """Return the mark between thousands that a column agrees on."""
    if votes["dots"] and not votes["commas"]:
        return "."
    return "," if votes["commas"] and not votes["dots"] else None


def _place(book: Book, intake_id: UUID) -> dict[str, object]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id, "intake_id": intake_id}
