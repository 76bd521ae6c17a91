"""Plans: versioned, published without their criteria, and held against what was spent."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger.awards.errors import PlanMissing, RoundNotFound
from ledger.awards.plan import executions, plan_program
from ledger.awards.round import round_by_id, rounds
from ledger.books.commands import reverse_entry
from ledger.books.event_type import check_layout
from ledger.books.model import EntryDraft
from ledger.errors import CodeRefused, FieldRefused, LedgerError, ReferenceUnknown, TextRefused
from ledger.typeid import new_id
from tests.consent import post_agreed
from tests.factories import ACTOR, make_book, payment, receipt, with_line
from tests.integration.awards.conftest import PLAN, Commune

MAY = date(2024, 5, 2)


def spent(amount_minor: int, program: str, quantity: int) -> EntryDraft:
    return with_line(payment(amount_minor, MAY), 1, program=program, quantity=quantity)


def test_the_newest_plan_of_a_year_is_held_against_what_was_spent(commune: Commune) -> None:
    plan_program(
        commune.conn, commune.book, replace(PLAN, budget_minor=12_000_000, criteria="Vượt khó\nHọc giỏi"), actor=ACTOR
    )
    entries = [receipt(5_000_000, MAY), spent(1_000_000, "HB", 2), spent(500_000, "HB", 1), spent(70_000, "TB", 3)]
    posted = post_agreed(commune.conn, commune.book, entries, actor=ACTOR)
    reverse_entry(commune.conn, commune.book, posted.entries[2].entry_id, on=MAY, reason="Nhầm", actor=ACTOR)
    told = [
        (each.program, each.category, each.version, each.budget_minor, each.spent_minor, each.quantity)
        for each in executions(commune.conn, commune.book, 2024)
    ]
    assert told == [
        ("HB", "scholarship", 2, 12_000_000, 1_000_000, 2),
        ("TB", None, None, None, 70_000, 3),
        ("TET", "tet", 1, 10_000_000, 0, 0),
    ]
    assert executions(commune.conn, commune.book, 2024)[0].criteria == "Vượt khó\nHọc giỏi"
    assert executions(commune.conn, commune.book, 2025) == ()


def test_a_leaf_tells_the_budget_and_not_the_criteria_nor_a_rounds_name(commune: Commune) -> None:
    plan_program(commune.conn, commune.book, replace(PLAN, criteria="Vượt khó"), actor=ACTOR)
    commune.open()
    query = "SELECT leaf FROM soquy.audit_entry WHERE tenant_id = :t AND type IN ('program.planned', 'round.opened')"
    written = commune.conn.execute(sa.text(query), {"t": commune.book.tenant_id}).scalars().all()
    for data in written:
        check_layout(canonical.decode(data))
        assert "Vượt khó".encode() not in data
        assert "Học bổng".encode() not in data
    assert len(written) == 4


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"category": "gift"}, FieldRefused),
        ({"year": 1999}, FieldRefused),
        ({"budget_minor": -1}, FieldRefused),
        ({"budget_minor": 2**53}, FieldRefused),
        ({"criteria": "x" * 4_001}, TextRefused),
        ({"program": "KHAC"}, ReferenceUnknown),
        ({"fund": "KHAC"}, ReferenceUnknown),
    ],
)
def test_a_plan_that_cannot_be_is_refused(commune: Commune, changes: dict[str, Any], error: type[LedgerError]) -> None:
    with pytest.raises(error):
        plan_program(commune.conn, commune.book, replace(PLAN, **changes), actor=ACTOR)


def test_a_round_is_of_a_planned_program_and_found_by_its_book(commune: Commune) -> None:
    first, second = commune.open(), commune.open(program="TET", fund="TET", period="2024")
    assert [(each.round_id, each.category) for each in rounds(commune.conn, commune.book).rows] == [
        (second, "tet"),
        (first, "scholarship"),
    ]
    page = rounds(commune.conn, commune.book, page_size=1)
    assert page.next_cursor == second
    assert [each.round_id for each in rounds(commune.conn, commune.book, after=second).rows] == [first]
    stranger = make_book(commune.conn, tenant_id=commune.book.tenant_id)
    for book, round_id in ((stranger, first), (commune.book, new_id())):
        with pytest.raises(RoundNotFound):
            round_by_id(commune.conn, book, round_id)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"period": "năm 2024"}, CodeRefused),
        ({"name": " "}, TextRefused),
        ({"fund": "KHAC"}, ReferenceUnknown),
        ({"program": "TB"}, PlanMissing),
        ({"year": 2025}, PlanMissing),
    ],
)
def test_a_round_that_cannot_be_is_refused(commune: Commune, changes: dict[str, Any], error: type[LedgerError]) -> None:
    with pytest.raises(error):
        commune.open(**changes)
