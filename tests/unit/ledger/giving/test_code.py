"""Codes of receipts: random, shown in fours, and typed with every slip that a person makes."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.giving.code import ReceiptCodeMalformed, ReceiptCodeMistyped, encode, new_codes, parse, shown

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

GOLDEN = [
    (bytes(10), "00000000000000000"),
    (bytes([255] * 10), "ZZZZZZZZZZZZZZZZ~"),
    ((1).to_bytes(10, "big"), "00000000000000011"),
    ((32).to_bytes(10, "big"), "0000000000000010*"),
    ((36).to_bytes(10, "big"), "0000000000000014U"),
    (bytes.fromhex("0123456789abcdef0123"), "04HMASW9NF6YY093B"),
]

random_bytes = st.binary(min_size=10, max_size=10)


def by_hand(random: bytes) -> str:
    """The definition, digit by digit: base 32, and the remainder of 37 after it."""
    number = int.from_bytes(random, "big")
    digits = "".join(ALPHABET[number // 32**place % 32] for place in range(15, -1, -1))
    return digits + (ALPHABET + "*~$=U")[number % 37]


@pytest.mark.parametrize(("random", "code"), GOLDEN)
def test_golden_codes(random: bytes, code: str) -> None:
    assert encode(random) == by_hand(random) == code
    assert parse(code) == code


@given(random_bytes)
def test_a_code_is_the_number_in_base_32_and_its_remainder(random: bytes) -> None:
    code = encode(random)
    assert code == by_hand(random)
    assert parse(shown(code)) == code
    assert [len(part) for part in shown(code).split("-")] == [4, 4, 4, 4, 1]


@given(random_bytes)
def test_a_code_is_read_however_it_was_typed(random: bytes) -> None:
    code = encode(random)
    typed = shown(code).lower().replace("0", "o").replace("1", "l")
    assert parse(f"  {typed.replace('-', ' ')}\n") == code
    assert parse(typed.replace("l", "I")) == code


@given(random_bytes, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_found(random: bytes, place: int, other: str) -> None:
    code = encode(random)
    assume(code[place] != other)
    with pytest.raises(ReceiptCodeMistyped):
        parse(code[:place] + other + code[place + 1 :])


@given(random_bytes, st.integers(0, 14))
def test_two_neighbours_that_changed_places_are_found(random: bytes, place: int) -> None:
    code = encode(random)
    assume(code[place] != code[place + 1])
    with pytest.raises(ReceiptCodeMistyped):
        parse(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7ZQK",
        "U" * 17,
        "0" * 16,
        "0" * 18,
        "0" * 61,
        "００００００００００００００００１",
        "<script>alert(1)",
        "0000-0000-0000-000é-0",
    ],
)
def test_what_is_no_code_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(ReceiptCodeMalformed) as refused:
        parse(typed)
    assert refused.value.fields == {}


def test_codes_are_new_every_time() -> None:
    made = new_codes(2_000)
    assert len(set(made)) == 2_000
    assert all(parse(code) == code for code in made)
    assert new_codes(0) == []


def test_the_system_is_asked_once_for_eighty_bits_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def urandom(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    monkeypatch.setattr("os.urandom", urandom)
    assert new_codes(3) == ["0" * 17] * 3
    assert asked == [30]
