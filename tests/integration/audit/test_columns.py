"""Arrays travel as text: whatever is in them arrives as it was sent."""

import uuid
from datetime import date

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.columns import packed_bytes, plain_array, text_array

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
nasty = st.sampled_from(
    ["", "NULL", "null", '"', "\\", '\\"', "{", "}", ",", "{,}", " ", "'", "\n", "\t", "%s", ":x", "''"]
)
once = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@once
@given(sent=st.lists(st.none() | nasty | texts | st.lists(nasty, max_size=5).map("".join), max_size=8))
def test_any_texts_arrive_as_they_were_sent(connection: sa.Connection, sent: list[str | None]) -> None:
    """Quotes, backslashes, braces, commas, the word NULL and nothing at all are values like others."""
    literal = text_array(sent)
    found = connection.execute(sa.text("SELECT CAST(:literal AS text[])"), {"literal": literal}).scalar_one()
    assert found == sent


@once
@given(
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=5),
    days=st.lists(st.none() | st.dates(), max_size=5),
    ids=st.lists(st.none() | st.uuids(), max_size=5),
)
def test_any_plain_values_arrive_as_they_were_sent(
    connection: sa.Connection, numbers: list[int | None], days: list[date | None], ids: list[uuid.UUID | None]
) -> None:
    """Numbers, days and ids need no quotes."""
    row = connection.execute(
        sa.text("SELECT CAST(:numbers AS bigint[]), CAST(:days AS date[]), CAST(:ids AS uuid[])"),
        {"numbers": plain_array(numbers), "days": plain_array(days), "ids": plain_array(ids)},
    ).one()
    assert tuple(row) == (numbers, days, ids)


@once
@given(sent=st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_packed_bytes_are_cut_where_they_were_joined(connection: sa.Connection, sent: list[bytes]) -> None:
    """Each value starts where the one before it ends."""
    packed, starts, sizes = packed_bytes(sent)
    rows = connection.execute(
        sa.text("""\
            SELECT substring(CAST(:packed AS bytea) FROM start FOR size)
            FROM unnest(CAST(:starts AS integer[]), CAST(:sizes AS integer[])) WITH ORDINALITY AS p (start, size, place)
            ORDER BY place"""),
        {"packed": packed, "starts": starts, "sizes": sizes},
    )
    assert [bytes(row) for row in rows.scalars()] == sent
