"""What each type of leaf carries is declared once, and frozen."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import canonical
from audit.canonical import Leaf
from ledger.books import event_type
from ledger.books.event_type import LAYOUTS, EventTypeUnknown, MemberMismatched, check_layout

VECTORS = Path(__file__).parents[3] / "vectors" / "leaf"
FROZEN = sorted(VECTORS.glob("v1_*.json"))


def frozen(type_: str) -> Leaf:
    vector = json.loads((VECTORS / f"v1_{type_.replace('.', '_')}.json").read_text())
    return canonical.decode(bytes.fromhex(vector["bytes"]))


@pytest.mark.parametrize("type_", LAYOUTS[1])
def test_a_frozen_leaf_of_each_type_is_laid_out_as_declared(type_: str) -> None:
    """Another layout needs another version: the leaves that are published cannot be changed."""
    leaf = frozen(type_)
    assert (leaf.v, leaf.type) == (1, type_)
    check_layout(leaf)


def test_every_frozen_leaf_is_of_a_declared_type() -> None:
    """A vector of a type that is declared no more would say that its leaves lost their meaning."""
    assert [path.stem for path in FROZEN] == sorted(f"v1_{type_.replace('.', '_')}" for type_ in LAYOUTS[1])
    assert LAYOUTS.keys() == {canonical.LEAF_VERSION}


@pytest.mark.parametrize("type_", LAYOUTS[1])
def test_a_member_more_or_less_or_of_another_form_is_refused(type_: str) -> None:
    """Members are exactly the declared ones, and typed text is none of their forms."""
    leaf = frozen(type_)
    for name in leaf.payload:
        less = {key: value for key, value in leaf.payload.items() if key != name}
        others: tuple[Any, ...] = ("", "Nguyễn", -1, 1.5, {}, [None])
        for payload in (less, *({**leaf.payload, name: other} for other in others)):
            with pytest.raises(MemberMismatched) as refused:
                check_layout(replace(leaf, payload=payload))
            assert refused.value.where == f"$.payload.{name}"
    with pytest.raises(MemberMismatched) as refused:
        check_layout(replace(leaf, payload={**leaf.payload, "note": 1}))
    assert str(refused.value) == "$.payload.note is not what its type declares"


@pytest.mark.parametrize("type_", LAYOUTS[1])
def test_what_belongs_to_entries_belongs_to_no_other(type_: str) -> None:
    """Number, day and kind of id follow the type; what is of tokens or the log is of no association."""
    leaf = frozen(type_)
    is_entry = type_ == "entry"
    entry = frozen("entry")
    changes: dict[str, Any] = {
        "book_seq": None if is_entry else 1,
        "entry_on": None if is_entry else entry.entry_on,
        "event_id": leaf.event_id.replace("en_" if is_entry else "ev_", "tk_"),
        "corrects": None if is_entry else entry.event_id,
        "association": None if leaf.association else entry.association,
    }
    if type_ == "value.erased":
        del changes["association"]  # it has that of the values, which may be none
    for name, value in changes.items():
        with pytest.raises(MemberMismatched) as refused:
            check_layout(replace(leaf, **{name: value}))
        assert refused.value.where == f"$.{name}"


def test_a_type_or_version_that_is_not_declared_is_refused() -> None:
    """Nobody guesses at what a leaf means."""
    leaf = frozen("fund.opened")
    for unknown in (replace(leaf, type="fund.renamed"), replace(leaf, v=2)):
        with pytest.raises(EventTypeUnknown):
            check_layout(unknown)


WRONG: list[tuple[str, str, Any]] = [
    ("fund.opened", "opened_on", "2023-02-29"),
    ("fund.opened", "opened_on", "20230228"),
    ("fund.opened", "fund", "quy"),
    ("month.locked", "last_seq", True),
    ("token.created", "expires_at", "2025-01-31T00:00:00+07:00"),
    ("token.created", "expires_at", "2025-01-31T00:00:00.500+00:00"),
    ("token.created", "rights", ["read", "post"]),
    ("token.created", "rights", ["own"]),
    ("token.created", "reaches_below", 1),
    ("voucher.issued", "voucher", ["PT", 2024]),
    ("voucher.issued", "voucher", ["PT", 2024, 0]),
    ("entry", "lines", [["1111", "QC", 1]]),
    ("entry", "lines", [["1111", "QC", 1], ["35381", "QC", -1, {}]]),
    ("entry", "lines", [["1111", "QC", 1], ["35381", "QC", -1, {"note": "x"}]]),
    ("entry", "lines", [["1111", "QC", 1], ["35381", "QC", -1, {"currency": "USD"}]]),
    ("entry", "lines", [["1111", "QC", 1], ["35381", "QC", 2**53]]),
    ("entry", "rate", ["USD", "24650.50", "SBV"]),
    ("entry", "rate", ["USD", "2.4E4", "SBV"]),
]


@pytest.mark.parametrize(("type_", "name", "value"), WRONG)
def test_a_value_nearly_right_is_refused(type_: str, name: str, value: Any) -> None:
    """One spelling of each day, instant, decimal and list."""
    leaf = frozen(type_)
    with pytest.raises(MemberMismatched):
        check_layout(replace(leaf, payload={**leaf.payload, name: value}))


def test_the_documented_table_is_the_declared_one() -> None:
    """Types and members in the module's text are those of ``LAYOUTS``, in the same order."""
    assert event_type.__doc__ is not None
    table = event_type.__doc__.partition("payload\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^    ([a-z._]+) +(\{.*?\})$", table, re.DOTALL | re.MULTILINE)
    declared = [(type_, sorted(members)) for type_, members in LAYOUTS[1].items()]
    assert [(type_, re.findall(r'"(\w+)":', payload)) for type_, payload in rows] == declared
