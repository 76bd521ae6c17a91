"""The rules of awards by plain SQL, as the application's own role."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from audit.jcs import Json
from ledger import typeid
from ledger.books.event import record_event
from ledger.books.taking import take_book
from tests.factories import ACTOR
from tests.integration.awards.conftest import Commune


def insert(table: str, *columns: str) -> str:
    """Return the INSERT of one row; a table of another schema is named with it."""
    name = table if "." in table else f"soquy.{table}"
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"


def refused(commune: Commune, table: str, **row: Any) -> str:
    """Insert a row of an intruder and return the rule that refused it."""
    used = {"tenant_id": commune.book.tenant_id, "book_id": commune.book.book_id, **row}
    with pytest.raises(DatabaseError) as caught, commune.conn.begin_nested():
        commune.conn.execute(sa.text(insert(table, *used)), used)
    return str(getattr(caught.value.orig, "diag", None) and caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def leaf(commune: Commune, type_: str, payload: Mapping[str, Json], **more: Any) -> UUID:
    """Append a leaf that says what the intruder wants it to say; the book is taken."""
    take_book(commune.conn, commune.book)
    return record_event(commune.conn, commune.book, type_, payload, actor=ACTOR, **more)


PLANNED: dict[str, Json] = {
    "program": "HB",
    "year": 2024,
    "version": 2,
    "category": "scholarship",
    "fund": "QC",
    "budget_minor": 5,
}
OPENED: dict[str, Json] = {
    "program": "HB",
    "year": 2024,
    "period": "2024-2025",
    "fund": "QC",
    "collect_by": "2024-12-31",
}


def test_a_plan_has_a_leaf_that_says_the_same_and_follows_the_one_before(commune: Commune) -> None:
    event_id = leaf(commune, "program.planned", PLANNED)
    for changes in ({"budget_minor": 6}, {"version": 3}, {"category": "aid"}, {"event_id": typeid.new_id()}):
        row = {**PLANNED, "event_id": event_id, **changes}
        assert refused(commune, "program_plan", **row) == "program_plan_leaf_given_rule", changes
    skipped = {**PLANNED, "version": 4}
    event_id = leaf(commune, "program.planned", skipped)
    assert refused(commune, "program_plan", **skipped, event_id=event_id) == "program_plan_version_rule"


def test_a_round_has_a_leaf_that_says_the_same_and_a_plan(commune: Commune) -> None:
    round_id = leaf(commune, "round.opened", OPENED)
    for changes in ({"period": "2024"}, {"collect_by": "2025-12-31"}, {"round_id": typeid.new_id()}):
        row = {**OPENED, "round_id": round_id, "name_vi": "Đợt", **changes}
        assert refused(commune, "award_round", **row) == "award_round_leaf_given_rule", changes
    unplanned = {**OPENED, "year": 2025}
    round_id = leaf(commune, "round.opened", unplanned)
    assert refused(commune, "award_round", **unplanned, round_id=round_id, name_vi="Đợt") == "award_round_planned_rule"


@pytest.mark.parametrize("table", ["program_plan", "award_round"])
def test_what_was_recorded_stays(commune: Commune, table: str) -> None:
    for statement in (
        f"UPDATE soquy.{table} SET book_id = book_id",
        f"DELETE FROM soquy.{table}",
        f"TRUNCATE soquy.{table}",
    ):
        with pytest.raises(DatabaseError), commune.conn.begin_nested():
            commune.conn.execute(sa.text(statement))
