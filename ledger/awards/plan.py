"""Plan what a program may spend in a year, and hold that against what it spent.

A plan is put right by a new version. What was spent is read where every report reads it: the months' movements of the
funds' balance accounts that name the program and no channel.
"""

from typing import Final, cast
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger.awards.model import CATEGORIES, CRITERIA_LENGTH_MAX, YEAR_MAX, YEAR_MIN, Category, Execution, Plan
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import FieldRefused, ReferenceUnknown
from ledger.money import AMOUNT_MAX
from ledger.text import clean_text

PROGRAM_COUNT_MAX: Final = 1_000

_VERSION: Final = text("""\
SELECT coalesce(max(version), 0) FROM soquy.program_plan
WHERE tenant_id = :tenant_id AND book_id = :book_id AND program = :program AND year = :year""")

_EXECUTION: Final = text("""\
WITH planned AS (
    SELECT DISTINCT ON (p.program) p.program, p.category, p.fund, p.version, p.budget_minor, p.criteria
    FROM soquy.program_plan AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.year = :year
    ORDER BY p.program, p.version DESC
), spent AS (
    SELECT m.program, sum(m.debit_minor - m.credit_minor) AS spent_minor, sum(m.quantity) AS quantity
    FROM soquy.month_total AS m
    JOIN soquy.fund AS f ON f.tenant_id = m.tenant_id AND f.book_id = m.book_id AND f.fund = m.fund
        AND f.balance_account = m.account
    WHERE m.tenant_id = :tenant_id AND m.book_id = :book_id AND m.program <> '' AND m.channel = ''
        AND m.month_on BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 1)
    GROUP BY m.program
)
SELECT program, planned.category, planned.fund, planned.version, planned.budget_minor,
    CAST(coalesce(spent.spent_minor, 0) AS bigint) AS spent_minor,
    CAST(coalesce(spent.quantity, 0) AS bigint) AS quantity, planned.criteria
FROM planned FULL JOIN spent USING (program)
ORDER BY program
LIMIT :row_limit""")


def plan_program(conn: Connection, book: Book, plan: Plan, *, actor: Actor) -> UUID:
    """Plan a program for a year, or plan it anew; return the id of the event.

    Raises:
        FieldRefused: another category, a year or a budget out of range.
        TextRefused: the criteria.
        ReferenceUnknown: no such program or fund.
    """
    if plan.category not in CATEGORIES:
        raise FieldRefused(field="category", rule="program_plan_category_check")
    if not YEAR_MIN <= plan.year <= YEAR_MAX:
        raise FieldRefused(field="year", rule="program_plan_year_range_check")
    if not 0 <= plan.budget_minor <= AMOUNT_MAX:
        raise FieldRefused(field="budget_minor", rule="program_plan_budget_range_check")
    criteria = plan.criteria and clean_text(
        plan.criteria, field="criteria", length_max=CRITERIA_LENGTH_MAX, multiline=True
    )
    taken = take_book(conn, book, {"funds": [plan.fund], "programs": [plan.program]})
    for field, code, known in (("program", plan.program, taken["programs"]), ("fund", plan.fund, taken["funds"])):
        if code not in (known or {}):
            raise ReferenceUnknown(field=field, value=code)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "program": plan.program, "year": plan.year}
    payload: dict[str, Json] = {
        "program": plan.program,
        "year": plan.year,
        "version": conn.execute(_VERSION, place).scalar_one() + 1,
        "category": plan.category,
        "fund": plan.fund,
        "budget_minor": plan.budget_minor,
    }
    event_id = record_event(conn, book, "program.planned", payload, actor=actor)
    insert_row(conn, "program_plan", {**place, **payload, "criteria": criteria, "event_id": event_id})
    return event_id


def executions(conn: Connection, book: Book, year: int) -> tuple[Execution, ...]:
    """Return every program of a book that was planned for a year or spent something in it, in the order of codes."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "year": year, "row_limit": PROGRAM_COUNT_MAX}
    rows = conn.execute(_EXECUTION, asked).mappings()
    return tuple(Execution(**{**row, "category": cast("Category | None", row["category"])}) for row in rows)
