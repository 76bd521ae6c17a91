"""Leaves for property tests, in one place."""

import string
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from audit.canonical import Leaf, LeafActor, LeafDocument
from audit.jcs import INTEGER_MAX

CODE_CHARACTERS = string.ascii_letters + string.digits + "._:/+-"

names = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True).filter(
    lambda name: name not in {"true", "false", "null"}
)
codes = st.text(CODE_CHARACTERS, max_size=128)
commitments = st.binary(min_size=32, max_size=32).map(bytes.hex)
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
scalars = st.none() | st.booleans() | integers | codes


def type_ids(prefix: str) -> st.SearchStrategy[str]:
    return st.from_regex(rf"{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}", fullmatch=True)


def values(depth: int) -> st.SearchStrategy[object]:
    if depth == 0:
        return scalars
    inner = values(depth - 1)
    return scalars | st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)


leaves = st.builds(
    Leaf,
    type=st.lists(names, min_size=1, max_size=3).map(".".join),
    event_id=type_ids("en") | type_ids("vo"),
    association=st.none() | type_ids("as"),
    recorded_at=st.datetimes(timezones=st.just(UTC)),
    actor=st.builds(LeafActor, role=names, commitment=st.none() | commitments),
    payload=st.dictionaries(names, values(3), max_size=4),
    book_seq=st.none() | st.integers(1, INTEGER_MAX),
    entry_on=st.none() | st.dates(),
    documents=st.lists(st.builds(LeafDocument, kind=names, commitment=commitments), max_size=3).map(tuple),
    private=st.dictionaries(names, commitments, max_size=3),
    corrects=st.none() | type_ids("en"),
)

ENTRY = Leaf(
    type="entry",
    event_id="en_01h9hsy4k1fz8tq3v2w5n7c9ar",
    association="as_01h455vb4pex5vsknk084sn02q",
    recorded_at=datetime(2023, 9, 5, 3, 4, 5, 123456, tzinfo=UTC),
    actor=LeafActor(role="treasurer", commitment="9f2c6c1b0a4e5d7783e1c5b2a9d4f60718293a4b5c6d7e8f9a0b1c2d3e4f5061"),
    payload={
        "kind": "ordinary",
        "voucher": ["PT", 2023, 17],
        "rate": None,
        "lines": [
            ["1111", "QC", 500000],
            ["35381", "QC", -500000, {"channel": "household", "campaign": "KH2023", "quantity": 3}],
        ],
    },
    book_seq=17,
    entry_on=date(2023, 9, 5),
)
"""The leaf that the docstring of ``audit.canonical`` shows."""
