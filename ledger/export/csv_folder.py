"""The books as a folder of CSV files (RFC 4180) that any spreadsheet or program reads.

Lines end in CR LF, the text is UTF-8. A byte order mark stands before it: without one the spreadsheets that treasurers
use read Vietnamese as something else. Amounts are whole đồng, without separators; ids are the public ones.

No name of a person, no description and no typed purpose is written; names of associations, accounts, funds, campaigns
and programs are. A name that a spreadsheet would take for a formula gets an apostrophe before it.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.reports.scope import SCOPE_SQL, Scope, latest_sql, scope_parameters
from ledger.text import as_csv_text

FETCH_SIZE: Final = 5_000
"""Rows held at a time, and between two reports of progress."""

_TABLES: Final[Mapping[str, str]] = {
    "associations": """\
        SELECT a.association_id AS association, a.parent_id AS parent, a.level, a.kind, a.name_vi, a.name_en,
            a.unit_code, b.chart, a.founded_on, b.opened_on AS books_open_on, a.closed_on, a.is_sample
        FROM scope
        JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = scope.association_id
        JOIN soquy.book AS b ON b.tenant_id = :tenant_id AND b.book_id = scope.book_id
        ORDER BY scope.book_id""",
    "accounts": """\
        SELECT scope.association_id AS association, a.account, a.parent, a.name_vi, a.name_en, a.side, a.role,
            a.currency, a.is_parent AS is_heading, a.opened_on, a.closed_on
        FROM scope
        JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = scope.book_id
        ORDER BY scope.book_id, a.account""",
    "funds": """\
        SELECT scope.association_id AS association, f.fund, f.kind, f.balance_account, f.is_restricted, f.name_vi,
            f.name_en, f.opened_on, f.closed_on
        FROM scope
        JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = scope.book_id
        ORDER BY scope.book_id, f.fund""",
    "campaigns": """\
        SELECT c.campaign, c.name_vi, c.name_en, c.opened_on, c.closed_on
        FROM soquy.campaign AS c
        WHERE c.tenant_id = :tenant_id
        ORDER BY c.campaign""",
    "programs": """\
        SELECT p.program, p.unit, p.name_vi, p.name_en, p.opened_on, p.closed_on
        FROM soquy.program AS p
        WHERE p.tenant_id = :tenant_id
        ORDER BY p.program""",
    "vouchers": """\
        SELECT scope.association_id AS association, v.voucher_kind, v.fiscal_year, v.number, v.issued_on,
            w.number IS NOT NULL AS is_void
        FROM scope
        JOIN soquy.voucher AS v ON v.tenant_id = :tenant_id AND v.book_id = scope.book_id
        LEFT JOIN soquy.voucher_void AS w ON w.tenant_id = v.tenant_id AND w.book_id = v.book_id
            AND w.voucher_kind = v.voucher_kind AND w.fiscal_year = v.fiscal_year AND w.number = v.number
        WHERE v.issued_on <= :as_of
        ORDER BY scope.book_id, v.voucher_kind, v.fiscal_year, v.number""",
    "entries": """\
        SELECT scope.association_id AS association, e.seq, e.entry_id AS entry, e.kind, e.entry_on, e.recorded_at,
            e.voucher_kind, e.fiscal_year, e.voucher_number, e.rate_currency, e.rate, e.rate_source, e.corrects_seq
        FROM scope
        JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id
        WHERE e.entry_on <= :as_of
        ORDER BY e.book_id, e.seq""",
    "postings": """\
        SELECT scope.association_id AS association, p.seq, p.line, p.entry_on, p.account, p.fund,
            greatest(p.value_minor, 0) AS debit_minor, greatest(- p.value_minor, 0) AS credit_minor, p.currency,
            p.amount_minor, p.channel, p.campaign, p.program, p.quantity
        FROM scope
        JOIN soquy.posting AS p ON p.tenant_id = :tenant_id AND p.book_id = scope.book_id
        WHERE p.entry_on <= :as_of
        ORDER BY p.book_id, p.seq, p.line""",
    "trial_balance": f"""\
        SELECT scope.association_id AS association, k.account, k.fund, greatest(latest.balance_minor, 0) AS debit_minor,
            greatest(- latest.balance_minor, 0) AS credit_minor
        FROM scope
        JOIN soquy.balance_key AS k ON k.tenant_id = :tenant_id AND k.book_id = scope.book_id
        CROSS JOIN LATERAL {latest_sql("t.total_on <= :as_of")} AS latest
        ORDER BY scope.book_id, k.account, k.fund""",
}

_TYPED: Final = frozenset({"name_vi", "name_en"})
_PREFIXES: Final = {"association": typeid.ASSOCIATION, "parent": typeid.ASSOCIATION, "entry": typeid.ENTRY}


def write_csv(
    conn: Connection, scope: Scope, folder: Path, *, as_of: date, progress: Callable[[str, int], None] = lambda *_: None
) -> Mapping[str, int]:
    """Write the books of a scope up to the end of a day; return how many rows each file has.

    The folder is made where it is missing; each file appears under its name when it is complete. Rows stream from the
    server. ``progress`` hears the file and its rows so far. The transaction should be REPEATABLE READ, so that the
    files speak of one moment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {**scope_parameters(conn, scope), "as_of": as_of}
    counts = {}
    for table, query in _TABLES.items():
        counts[table] = _write_table(
            conn, query, parameters, folder / f"{table}.csv", progress=partial(progress, table)
        )
    return counts


def _write_table(
    conn: Connection, query: str, parameters: Mapping[str, object], path: Path, *, progress: Callable[[int], None]
) -> int:
    scoped = text(f"WITH {SCOPE_SQL}\n{query}")
    rows = conn.execute(scoped, parameters, execution_options={"stream_results": True, "yield_per": FETCH_SIZE})
    columns = list(rows.keys())
    partial_path = path.with_name(path.name + ".partial")
    count = 0
    with partial_path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for part in rows.partitions():
            writer.writerows([_cell(column, value) for column, value in zip(columns, row, strict=True)] for row in part)
            count += len(part)
            progress(count)
    partial_path.replace(path)
    return count


def _cell(column: str, value: object) -> object:
    """Return a value as its cell shows it; numbers and plain codes go as they are."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case UUID():
            return typeid.encode(_PREFIXES[column], value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case Decimal():
            return f"{value.normalize():f}"
        case str() if column in _TYPED:
            return as_csv_text(value)
        case _:
            return value
