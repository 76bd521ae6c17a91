"""The part of RFC 8785 that evidence is written in."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import jcs
from audit.jcs import INTEGER_MAX, CanonicalError

VECTORS = Path(__file__).parents[2] / "vectors" / "jcs"

ascii_keys = st.text(st.characters(max_codepoint=0x7F), max_size=10)
scalars = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(max_size=20)


def values(depth: int) -> st.SearchStrategy[jcs.Json]:
    if depth == 0:
        return scalars
    inner = values(depth - 1)
    return scalars | st.lists(inner, max_size=3) | st.dictionaries(ascii_keys, inner, max_size=3)


@pytest.mark.parametrize("name", ["arrays", "structures", "unicode"])
def test_published_vectors_inside_the_part_are_read_and_written_byte_for_byte(name: str) -> None:
    canonical = (VECTORS / "output" / f"{name}.json").read_bytes()
    assert canonical == bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text())
    assert jcs.encode(jcs.decode(canonical)) == canonical


@pytest.mark.parametrize("name", ["arrays", "unicode"])
def test_published_vectors_are_brought_from_any_spelling_to_the_canonical_one(name: str) -> None:
    typed = (VECTORS / "input" / f"{name}.json").read_bytes()
    assert jcs.encode(jcs.parse(typed)) == (VECTORS / "output" / f"{name}.json").read_bytes()
    with pytest.raises(jcs.NotCanonical):
        jcs.decode(typed)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("output/french", jcs.KeyNotAscii),
        ("output/weird", jcs.KeyNotAscii),
        ("output/values", jcs.NumberNotInteger),
        ("input/structures", jcs.NumberNotInteger),  # spells 56 as 56.0
    ],
)
def test_published_vectors_outside_the_part_are_refused(name: str, error: type[CanonicalError]) -> None:
    data = (VECTORS / f"{name}.json").read_bytes()
    with pytest.raises(error):
        jcs.decode(data)


@given(values(4))
def test_every_value_is_written_as_a_complete_implementation_writes_it(value: jcs.Json) -> None:
    data = jcs.encode(value)
    assert data == rfc8785.dumps(value)
    assert jcs.decode(data) == value


@given(st.binary(max_size=200) | values(3).map(lambda value: json.dumps(value).encode()))
def test_whatever_is_read_is_written_again_as_it_was(data: bytes) -> None:
    try:
        value = jcs.decode(data)
    except CanonicalError:
        return
    assert jcs.encode(value) == data


def test_the_largest_integers_are_kept_and_the_next_ones_refused() -> None:
    assert jcs.decode(b"[9007199254740991,-9007199254740991]") == [INTEGER_MAX, -INTEGER_MAX]
    for integer in (INTEGER_MAX + 1, -INTEGER_MAX - 1, 10**20):
        with pytest.raises(jcs.IntegerOutOfRange):
            jcs.encode([integer])
        with pytest.raises(jcs.IntegerOutOfRange):
            jcs.decode(b"[%d]" % integer)


def test_five_thousand_digits_are_refused_like_any_other_large_integer() -> None:
    with pytest.raises(jcs.IntegerOutOfRange):
        jcs.decode(b"9" * 5000)


@pytest.mark.parametrize(("depth", "accepted"), [(5, True), (6, False)])
def test_five_levels_are_read_and_a_sixth_refused(depth: int, *, accepted: bool) -> None:
    data = b"[" * depth + b"]" * depth
    if accepted:
        assert jcs.encode(jcs.decode(data)) == data
    else:
        with pytest.raises(jcs.NestedTooDeep) as caught:
            jcs.decode(data)
        assert caught.value.where == "$[0][0][0][0][0]"


def test_a_hundred_thousand_brackets_are_too_deep_and_not_a_crash() -> None:
    with pytest.raises(jcs.NestedTooDeep):
        jcs.decode(b"[" * 100_000)


def test_a_circle_is_too_deep() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(jcs.NestedTooDeep):
        jcs.encode(circle)  # type: ignore[arg-type]  # no static type for a circle


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.0, jcs.NumberNotInteger),
        (float("nan"), jcs.NumberNotFinite),
        (float("-inf"), jcs.NumberNotFinite),
        ({1: "x"}, jcs.KeyNotText),
        ({None: "x"}, jcs.KeyNotText),
        ({"số": "x"}, jcs.KeyNotAscii),
        ("\ud800", jcs.LoneSurrogate),
        (Decimal(1), jcs.TypeUnsupported),
        (b"x", jcs.TypeUnsupported),
        ({"x"}, jcs.TypeUnsupported),
    ],
)
def test_values_outside_the_part_are_not_written(value: jcs.Json, error: type[CanonicalError]) -> None:
    with pytest.raises(error):
        jcs.encode(value)
    with pytest.raises(error):
        jcs.encode({"a": [value]})


def test_an_error_names_the_place_and_never_the_value() -> None:
    with pytest.raises(jcs.LoneSurrogate) as caught:
        jcs.encode({"lines": [["QC", "a secret\ud800"]]})
    assert caught.value.where == "$.lines[0][1]"
    assert str(caught.value) == "$.lines[0][1]: holds half of a surrogate pair"


def test_a_place_is_shown_in_ascii_and_cut_short() -> None:
    with pytest.raises(jcs.KeyNotAscii) as caught:
        jcs.encode({"ố" * 500: 1})
    assert caught.value.where.isascii()
    assert len(caught.value.where) == 120


def test_a_duplicate_key_is_named() -> None:
    with pytest.raises(jcs.DuplicateKey) as caught:
        jcs.decode(b'{"a":1,"b":2,"b":2}')
    assert caught.value.where == "b"


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in CanonicalError.__subclasses__()]
    assert len(codes) == len(set(codes))
