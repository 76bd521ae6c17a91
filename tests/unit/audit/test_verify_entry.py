import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from audit.balances import Sums
from audit.canonical import Leaf, decode_members, encode
from audit.entry import Event, lines_digest, mirrored, read_event
from audit.finding import Tampered
from tests.unit.audit.leaf_strategy import ENTRY, codes, integers, leaves, values

amounts = st.integers(-5, 5)
more = st.dictionaries(st.sampled_from(["currency", "amount_minor"]), codes | amounts)
almost_lines = st.lists(
    st.tuples(codes, codes, amounts).map(list) | st.tuples(codes, codes, amounts, more).map(list) | values(2),
    max_size=4,
)
almost_entries = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["opening", "ordinary", "adjustment", "reversal"]) | values(1),
        "lines": almost_lines | values(3),
        "rate": values(1),
        "voucher": st.tuples(codes, integers, integers).map(list) | values(2),
    },
)


def change(leaf: Leaf, payload: Any, type_: str) -> Leaf:
    named = {name: getattr(leaf, name) for name in Leaf.__slots__}
    return Leaf(**{**named, "payload": payload, "type": type_})


@given(leaves | st.just(ENTRY), almost_entries, st.sampled_from(["entry", "voucher.issued", "voucher.voided", "other"]))
def test_any_canonical_leaf_is_read_or_refused_as_one(leaf: Leaf, payload: Any, type_: str) -> None:
    sums: Sums = {}
    members = decode_members(encode(change(leaf, payload, type_)))
    with contextlib.suppress(Tampered):
        event = read_event(7, members, sums)
        assert isinstance(event, Event)
        assert event.leaf_index == 7
        assert sum(debit for debit, _ in sums.values()) == sum(credit for _, credit in sums.values())
        return
    assert sums == {} or type_ == "entry"


@given(st.lists(st.tuples(codes, codes, integers, st.dictionaries(codes, integers | codes)).map(list), max_size=4))
def test_a_mirror_turned_twice_is_the_same_and_once_is_not(lines: list[list[Any]]) -> None:
    assert lines_digest(mirrored(mirrored(lines))) == lines_digest(lines)
    if any(value for _, _, value, _ in lines):
        assert lines_digest(mirrored(lines)) != lines_digest(lines)
