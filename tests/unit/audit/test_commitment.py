"""Salted commitments to private values."""

import hashlib
import hmac
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit import commitment
from audit.commitment import CommitmentError, commit, new_salt, new_salts, opens
from tests.unit.audit.leaf_strategy import names, type_ids

VECTORS = Path(__file__).parents[2] / "vectors" / "leaf"
FROZEN: list[dict[str, str]] = [
    vector
    for path in sorted(VECTORS.glob("*.json"))
    if path.name != "refused.json"
    for vector in json.loads(path.read_text())["commitments"]
]

SALT = bytes(range(32))
EVENT_ID = "en_01h9hsy4k1fz8tq3v2w5n7c9ar"

salts = st.binary(min_size=32, max_size=32)
event_ids = type_ids("en")
values = st.text(max_size=40)
arguments = st.tuples(salts, event_ids, names, values)


@pytest.mark.parametrize("vector", FROZEN, ids=lambda vector: f"{vector['event_id'][-4:]}-{vector['field']}")
def test_frozen_commitments_stay_what_they_are(vector: dict[str, str]) -> None:
    salt = bytes.fromhex(vector["salt"])
    made = commit(salt, vector["event_id"], vector["field"], vector["value"])
    assert made == vector["commitment"]
    assert opens(vector["commitment"], salt, vector["event_id"], vector["field"], vector["value"])


def test_a_commitment_is_hmac_sha256_over_version_event_field_and_value() -> None:
    message = f"soquy/v1|{EVENT_ID}|donor|Nguyễn Thị Mẫu".encode()
    assert commit(SALT, EVENT_ID, "donor", "Nguyễn Thị Mẫu") == hmac.new(SALT, message, hashlib.sha256).hexdigest()


@given(arguments)
def test_a_commitment_opens_to_its_value(opening: tuple[bytes, str, str, str]) -> None:
    made = commit(*opening)
    assert len(made) == 64
    assert opens(made, *opening)


@given(arguments, arguments)
def test_a_commitment_opens_to_nothing_else(
    one: tuple[bytes, str, str, str], other: tuple[bytes, str, str, str]
) -> None:
    assume(unicodedata.normalize("NFC", one[3]) != unicodedata.normalize("NFC", other[3]) or one[:3] != other[:3])
    assert not opens(commit(*one), *other)


@given(arguments, st.integers(0, 3), st.data())
def test_changing_one_part_alone_changes_the_commitment(
    opening: tuple[bytes, str, str, str], part: int, data: st.DataObject
) -> None:
    replacement: Any = data.draw((salts, event_ids, names, values)[part])
    changed: list[Any] = list(opening)
    changed[part] = replacement
    same = part == 3 and unicodedata.normalize("NFC", replacement) == unicodedata.normalize("NFC", opening[3])
    assume(replacement != opening[part] and not same)
    assert commit(*changed) != commit(*opening)


def test_text_typed_in_nfd_opens_what_was_committed_to_in_nfc() -> None:
    made = commit(SALT, EVENT_ID, "donor", unicodedata.normalize("NFC", "Nguyễn Thị Mẫu"))
    assert opens(made, SALT, EVENT_ID, "donor", unicodedata.normalize("NFD", "Nguyễn Thị Mẫu"))


def test_case_space_and_invisible_characters_are_part_of_the_value() -> None:
    made = commit(SALT, EVENT_ID, "donor", "Nguyễn")
    for other in ("nguyễn", "Nguyễn ", "Nguyễn\u200b", "Nguyên", ""):
        assert not opens(made, SALT, EVENT_ID, "donor", other)


def test_a_bar_in_a_value_cannot_move_the_border_between_field_and_value() -> None:
    assert commit(SALT, EVENT_ID, "a", "b|c") != commit(SALT, EVENT_ID, "a", "b|c|")
    with pytest.raises(commitment.FieldMalformed):
        commit(SALT, EVENT_ID, "a|b", "c")
    with pytest.raises(commitment.EventIdMalformed):
        commit(SALT, f"{EVENT_ID}|a", "b", "c")


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_salt_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(commitment.SaltSizeWrong):
        commit(bytes(size), EVENT_ID, "donor", "x")


@pytest.mark.parametrize("event_id", ["", "en", "EN_01h9hsy4k1fz8tq3v2w5n7c9ar", f"{EVENT_ID}\n"])
def test_an_event_id_that_is_no_typeid_is_refused(event_id: str) -> None:
    with pytest.raises(commitment.EventIdMalformed):
        commit(SALT, event_id, "donor", "x")


@pytest.mark.parametrize("field", ["", "Donor", "người", "1st", "null", "donor\n", "d" * 41])
def test_a_field_that_is_no_name_is_refused(field: str) -> None:
    with pytest.raises(commitment.FieldMalformed):
        commit(SALT, EVENT_ID, field, "x")


def test_a_lone_surrogate_is_refused_without_showing_the_value() -> None:
    with pytest.raises(commitment.ValueNotText) as caught:
        commit(SALT, EVENT_ID, "donor", "Mẫu\ud800")
    assert caught.value.__suppress_context__
    assert "Mẫu" not in str(caught.value)


@pytest.mark.parametrize("malformed", ["", "0" * 63, "0" * 65, "é" * 64, "\ud800" * 64])
def test_what_is_no_commitment_opens_to_nothing(malformed: str) -> None:
    assert not opens(malformed, SALT, EVENT_ID, "donor", "x")


def test_a_commitment_in_capitals_is_no_commitment() -> None:
    assert not opens(commit(SALT, EVENT_ID, "donor", "x").upper(), SALT, EVENT_ID, "donor", "x")


def test_every_salt_is_new_and_of_the_right_size() -> None:
    salts = [new_salt(), new_salt(), *new_salts(1000)]
    assert {len(salt) for salt in salts} == {32}
    assert len(set(salts)) == 1002


def test_no_salts_are_no_salts() -> None:
    assert new_salts(0) == []


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in CommitmentError.__subclasses__()]
    assert len(codes) == len(set(codes))
