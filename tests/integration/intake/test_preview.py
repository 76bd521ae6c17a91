"""Preview = result: what the preview takes for a gift is exactly what is posted, and what it refuses is refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.intake.commands import IntakeNotReady
from ledger.intake.line import GIFTS, MappingRefused
from ledger.intake.queries import tally
from tests.integration.intake.conftest import HOUSEHOLD, Office
from tests.list_files import HEADER, xlsx

NAMES = st.one_of(
    st.sampled_from(["Nguyễn Văn Mẫu", "Trần Thị Thử", "Tổng cộng", "Cộng", "Kế toán", "", "I", "@Mẫu", "Lê  Ví Dụ"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
)
AMOUNTS = st.one_of(
    st.integers(-5, 10**7),
    st.floats(0, 10**6, allow_nan=False),
    st.sampled_from(["1.500.000", "1tr5", "", "500k", "20.000đ", "1,5", "0", "(5.000)", True]),
)
NUMBERS = st.one_of(st.integers(1, 99), st.sampled_from(["", "I", "2", "x"]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NUMBERS, NAMES, st.sampled_from(["Thôn 1", "Thôn 2", ""]), AMOUNTS), max_size=12))
def test_what_is_previewed_is_what_is_posted(office: Office, rows: list[Any]) -> None:
    """Of any list: with its faults it is refused; without them each row that showed as a gift is a contribution, with
    the same name, detail and amount, in the same order, and nothing else is.
    """
    cells = [[_harmless(cell) for cell in row] for row in rows]
    found = office.take_in(xlsx([HEADER, *cells]), again_reason="Thử lại")
    try:
        found = office.state(office.map(found), HOUSEHOLD)
    except MappingRefused:
        return
    previewed = office.lines(found)
    faulty = [line.row for line in previewed if line.verdict == "fault"]
    gifts = [line for line in previewed if line.verdict in GIFTS]
    if faulty or not gifts:
        with pytest.raises(IntakeNotReady):
            office.hand_over(found)
    if faulty:
        found = office.decide(found, *faulty)
    if not gifts:
        return
    counted = office.do(lambda conn: tally(conn, office.book, found.intake_id))
    assert (counted.gift_count, counted.total_minor) == (len(gifts), sum(line.amount_minor or 0 for line in gifts))
    assert office.post(found).state == "posted"
    posted = office.ask(
        """\
        SELECT g.name, coalesce(g.detail, ''), c.amount_minor, p.rows[c.line]
        FROM soquy.intake_posting AS p
        JOIN soquy.contribution AS c USING (tenant_id, book_id, seq)
        JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
        WHERE p.intake_id = :intake_id ORDER BY c.line""",
        intake_id=found.intake_id,
    )
    assert posted == [(line.name, line.detail, line.amount_minor, line.row) for line in gifts]


def _harmless(cell: Any) -> Any:
    """Keep openpyxl from making formulas, and from characters that XML cannot hold."""
    if not isinstance(cell, str):
        return cell
    kept = "".join(letter for letter in cell if letter.isprintable() and ord(letter) < 0xFFFE)
    return kept.lstrip("=")
