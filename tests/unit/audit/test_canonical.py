"""The bytes of a leaf."""

import dataclasses
import hashlib
import json
import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from audit import canonical, jcs
from audit.canonical import Leaf, LeafActor, LeafDocument, decode, encode
from audit.jcs import INTEGER_MAX, CanonicalError
from tests.unit.audit.leaf_strategy import ENTRY, leaves

VECTORS = Path(__file__).parents[2] / "vectors" / "leaf"
REFUSED: list[dict[str, str]] = json.loads((VECTORS / "refused.json").read_text())
FROZEN = sorted(path for path in VECTORS.glob("*.json") if path.name != "refused.json")


def change(**fields: Any) -> Leaf:
    return dataclasses.replace(ENTRY, **fields)


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_frozen_leaves_are_read_and_written_byte_for_byte(path: Path) -> None:
    vector = json.loads(path.read_text())
    data = bytes.fromhex(vector["bytes"])
    leaf = decode(data)
    assert encode(leaf) == data
    assert canonical._members(leaf) == vector["leaf"]
    assert len(data) == vector["size"]
    assert hashlib.sha256(data).hexdigest() == vector["sha256"]
    assert hashlib.sha256(b"\0" + data).hexdigest() == vector["rfc6962_leaf_hash"]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused["name"])
def test_what_is_no_leaf_is_refused_with_its_own_code(refused: dict[str, str]) -> None:
    data = refused["text"].encode() if "text" in refused else bytes.fromhex(refused["bytes"])
    with pytest.raises(CanonicalError) as caught:
        decode(data)
    assert caught.value.code == refused["code"]


def test_every_code_has_a_refused_leaf_but_those_that_only_writing_meets() -> None:
    only_written = {"json_key_not_text", "json_type_unsupported"}
    too_long_for_a_vector = {"leaf_too_large"}
    codes = {error.code for error in CanonicalError.__subclasses__()}
    assert {refused["code"] for refused in REFUSED} == codes - only_written - too_long_for_a_vector


def test_the_documentation_shows_a_real_leaf() -> None:
    assert canonical.__doc__ is not None
    shown = re.search(r"^    (\{\"actor\".*?\"v\":1\})$", canonical.__doc__, re.DOTALL | re.MULTILINE)
    assert shown is not None
    data = re.sub(r"\n +", "", shown[1]).encode()
    assert decode(data) == ENTRY
    assert encode(ENTRY) == data


@given(leaves)
def test_a_leaf_is_read_as_it_was_written(leaf: Leaf) -> None:
    assert decode(encode(leaf)) == leaf


def told(read: Callable[[bytes], object], data: bytes) -> object:
    """Return what a reader returns, or the code and place with which it refuses."""
    try:
        return read(data)
    except CanonicalError as error:
        return error.code, error.where


def members_of_decoded(data: bytes) -> object:
    return canonical._members(decode(data))


@given(leaves, st.data())
def test_members_are_read_from_the_same_bytes_as_leaves(leaf: Leaf, data: st.DataObject) -> None:
    encoded = bytearray(encode(leaf))
    assert canonical.decode_members(bytes(encoded)) == canonical._members(leaf)
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[bit // 8] ^= 1 << bit % 8
    assert told(canonical.decode_members, bytes(encoded)) == told(members_of_decoded, bytes(encoded))


def test_members_are_read_from_the_same_bytes_as_a_leaf_with_any_bit_flipped() -> None:
    encoded = encode(ENTRY)
    for bit in range(len(encoded) * 8):
        flipped = bytearray(encoded)
        flipped[bit // 8] ^= 1 << bit % 8
        assert told(canonical.decode_members, bytes(flipped)) == told(members_of_decoded, bytes(flipped))


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused["name"])
def test_members_of_what_is_no_leaf_are_refused_with_the_same_code(refused: dict[str, str]) -> None:
    data = refused["text"].encode() if "text" in refused else bytes.fromhex(refused["bytes"])
    assert told(canonical.decode_members, data) == told(decode, data)


@given(leaves)
def test_the_bytes_are_those_of_a_complete_implementation_and_of_the_standard_library(leaf: Leaf) -> None:
    data = encode(leaf)
    members = canonical._members(leaf)
    assert data == rfc8785.dumps(members)
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    assert data == text.encode()


@given(leaves, st.data())
def test_a_flipped_bit_is_refused_or_reads_as_another_leaf(leaf: Leaf, data: st.DataObject) -> None:
    encoded = bytearray(encode(leaf))
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[bit // 8] ^= 1 << bit % 8
    expect_refusal_or_difference(bytes(encoded), leaf)


def test_each_single_flipped_bit_of_a_leaf_is_refused_or_reads_as_another_leaf() -> None:
    encoded = encode(ENTRY)
    for bit in range(len(encoded) * 8):
        flipped = bytearray(encoded)
        flipped[bit // 8] ^= 1 << bit % 8
        expect_refusal_or_difference(bytes(flipped), ENTRY)


@given(leaves, st.sampled_from(b" \t\r\n\0\xa0"), st.data())
def test_a_byte_of_space_anywhere_is_refused(leaf: Leaf, space: int, data: st.DataObject) -> None:
    encoded = encode(leaf)
    position = data.draw(st.integers(0, len(encoded)))
    with pytest.raises(CanonicalError):
        decode(encoded[:position] + bytes([space]) + encoded[position:])


def test_a_space_at_any_place_of_a_leaf_is_refused() -> None:
    encoded = encode(ENTRY)
    for position in range(len(encoded) + 1):
        with pytest.raises(CanonicalError):
            decode(encoded[:position] + b" " + encoded[position:])


@given(leaves, st.randoms())
def test_another_order_of_the_same_members_is_refused(leaf: Leaf, order: random.Random) -> None:
    members = list(canonical._members(leaf).items())
    order.shuffle(members)
    data = json.dumps(dict(members), ensure_ascii=False, separators=(",", ":")).encode()
    if data == encode(leaf):
        assert decode(data) == leaf
    else:
        with pytest.raises(jcs.NotCanonical):
            decode(data)


wild = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["QC", "K" * 128, "K" * 129, "en_01h9hsy4k1fz8tq3v2w5n7c9ar", "0" * 64, "2023-02-31"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "kind", "A", "", "null", "ý"]), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(canonical._REQUIRED | canonical._OPTIONAL)), wild)
@example("book_seq", INTEGER_MAX)
@example("payload", {"null": 1})
@example("payload", {"a": [[[[]]]]})
def test_the_grammar_accepts_nothing_that_the_walk_refuses(name: str, value: object) -> None:
    members = canonical._members(ENTRY) | {name: value}
    try:
        text = jcs.write(members)
    except ValueError:
        text = ""
    try:
        canonical._check(members)
    except CanonicalError:
        assert canonical._match_leaf(text) is None
    else:
        # Where the walk accepts, the grammar may pass only an integer of sixteen digits on to it.
        assert canonical._match_leaf(text) or re.search(r"[0-9]{16}", text)


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        decode(data)


def test_a_leaf_may_have_65535_bytes_and_no_more() -> None:
    def filled(size: int) -> Leaf:
        codes = ["K" * 128] * 480
        leaf = change(payload={"codes": [*codes, ""]})
        missing = size - len(encode(leaf))
        whole, rest = divmod(missing, 131)
        leaf = change(payload={"codes": [*codes, *["K" * 128] * whole, "K" * rest]})
        assert missing >= 0
        return leaf

    largest = filled(65_535)
    assert len(encode(largest)) == 65_535
    assert decode(encode(largest)) == largest
    with pytest.raises(canonical.LeafTooLarge):
        encode(filled(65_536))
    with pytest.raises(canonical.LeafTooLarge):
        decode(encode(largest) + b" ")


def test_deep_brackets_in_a_payload_are_too_deep_and_not_a_crash() -> None:
    data = encode(ENTRY).replace(b'"rate":null', b'"rate":' + b"[" * 30_000 + b"]" * 30_000)
    with pytest.raises(jcs.NestedTooDeep):
        decode(data)


@pytest.mark.parametrize(
    ("leaf", "code", "where"),
    [
        (lambda: change(payload={"note": "Ủng hộ quỹ"}), "leaf_text_refused", "$.payload.note"),
        (lambda: change(payload={"note": "two words"}), "leaf_text_refused", "$.payload.note"),
        (lambda: change(payload={"lines": [["1111", "K" * 129]]}), "leaf_text_refused", "$.payload.lines[0][1]"),
        (lambda: change(payload={"lines": (("1111", "a b"),)}), "leaf_text_refused", "$.payload.lines[0][1]"),
        (lambda: change(payload={"note": "\ud800"}), "json_lone_surrogate", "$.payload.note"),
        (lambda: change(payload={"Note": "QC"}), "leaf_name_refused", "$.payload.Note"),
        (lambda: change(payload={"a": {"b c": 1}}), "leaf_name_refused", "$.payload.a.b c"),
        (lambda: change(payload={"ý": 1}), "json_key_not_ascii", "$.payload.\\xfd"),
        (lambda: change(payload={1: "QC"}), "json_key_not_text", "$.payload"),
        (lambda: change(payload={True: "QC"}), "json_key_not_text", "$.payload"),
        (lambda: change(payload={1: "QC", "a": "QC"}), "json_key_not_text", "$.payload"),
        (lambda: change(payload={"a": 1.0}), "json_number_not_integer", "$.payload.a"),
        (lambda: change(payload={"a": float("nan")}), "json_number_not_finite", "$.payload.a"),
        (lambda: change(payload={"a": 2**53}), "json_integer_out_of_range", "$.payload.a"),
        (lambda: change(payload={"a": date(2023, 9, 5)}), "json_type_unsupported", "$.payload.a"),
        (lambda: change(payload={"a": [[[[]]]]}), "json_nested_too_deep", "$.payload.a[0][0][0]"),
        (lambda: change(payload=MappingProxyType({})), "json_type_unsupported", "$.payload"),
        (lambda: change(payload=[]), "leaf_field_malformed", "$.payload"),
        (lambda: change(private={"donor": "Nguyen"}), "leaf_field_malformed", "$.private.donor"),
        (lambda: change(private={"a|b": "0" * 64}), "leaf_name_refused", "$.private.a|b"),
        (lambda: change(event_id="01h9hsy4k1fz8tq3v2w5n7c9ar"), "leaf_field_malformed", "$.event_id"),
        (lambda: change(association="as_1"), "leaf_field_malformed", "$.association"),
        (lambda: change(corrects="17"), "leaf_field_malformed", "$.corrects"),
        (lambda: change(type="Entry"), "leaf_field_malformed", "$.type"),
        (lambda: change(v=2), "leaf_version_unknown", "$.v"),
        (lambda: change(v=True), "leaf_version_unknown", "$.v"),
        (lambda: change(book_seq=0), "leaf_field_malformed", "$.book_seq"),
        (lambda: change(book_seq=True), "leaf_field_malformed", "$.book_seq"),
        (lambda: change(book_seq=2**53), "json_integer_out_of_range", "$.book_seq"),
        (lambda: change(entry_on=datetime(2023, 9, 5, tzinfo=UTC)), "leaf_field_malformed", "$.entry_on"),
        (
            lambda: change(recorded_at=datetime(2023, 9, 5)),  # noqa: DTZ001 - the fault under test
            "leaf_field_malformed",
            "$.recorded_at",
        ),
        (
            lambda: change(actor=LeafActor(role="the treasurer", commitment=None)),
            "leaf_field_malformed",
            "$.actor.role",
        ),
        (
            lambda: change(actor=LeafActor(role="auditor", commitment="A" * 64)),
            "leaf_field_malformed",
            "$.actor.commitment",
        ),
        (
            lambda: change(documents=[LeafDocument(kind="scan", commitment="0")]),
            "leaf_field_malformed",
            "$.documents[0].commitment",
        ),
    ],
)
def test_what_a_leaf_may_not_hold_is_not_written(leaf: Callable[[], Leaf], code: str, where: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        encode(leaf())
    assert (caught.value.code, caught.value.where) == (code, where)


def test_a_text_in_the_wrong_place_is_not_in_the_error() -> None:
    with pytest.raises(canonical.LeafTextRefused) as caught:
        encode(change(payload={"note": "Nguyễn Thị Mẫu"}))
    assert "Mẫu" not in str(caught.value)


def test_a_field_cannot_smuggle_in_another() -> None:
    with pytest.raises(CanonicalError):
        encode(change(book_seq=None, association='as_01h455vb4pex5vsknk084sn02q","book_seq":18,"corrects":"'))


def test_an_instant_of_any_zone_is_written_in_utc() -> None:
    hanoi = timezone(timedelta(hours=7))
    leaf = change(recorded_at=datetime(2023, 9, 5, 10, 4, 5, 123456, tzinfo=hanoi))
    assert encode(leaf) == encode(ENTRY)


def test_the_two_instants_of_an_hour_that_comes_twice_are_two_leaves() -> None:
    class Winter(tzinfo):
        """Sets its clock back by an hour: ``fold`` tells the second of the two hours."""

        def utcoffset(self, dt: datetime | None, /) -> timedelta:
            return timedelta(hours=1 if dt and dt.fold else 2)

        def dst(self, _dt: datetime | None, /) -> None:
            return None

        def tzname(self, _dt: datetime | None, /) -> str:
            return "winter"

    twice = datetime(2023, 10, 29, 2, 30, tzinfo=Winter())
    first, second = (decode(encode(change(recorded_at=twice.replace(fold=fold)))).recorded_at for fold in (0, 1))
    assert second - first == timedelta(hours=1)


def test_the_order_of_documents_is_kept() -> None:
    first, second = LeafDocument(kind="scan", commitment="1" * 64), LeafDocument(kind="advice", commitment="0" * 64)
    assert decode(encode(change(documents=[first, second]))).documents == (first, second)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in CanonicalError.__subclasses__()]
    assert len(codes) == len(set(codes))


def expect_refusal_or_difference(data: bytes, leaf: Leaf) -> None:
    try:
        read = decode(data)
    except CanonicalError:
        return
    assert read != leaf
