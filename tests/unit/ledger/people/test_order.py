"""Names are found without their marks, and stand in the order of the Vietnamese alphabet."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.people.order import search_key, sort_key

VECTOR = Path(__file__).resolve().parents[3] / "vectors" / "order" / "vi.txt"
NAMES = VECTOR.read_text(encoding="utf-8").splitlines()

typed = st.text(max_size=60)
latin = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯ \u0300\u0301\u0303\u0309\u0323-'(),.0123456789", max_size=40)


def in_order(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (sort_key(name).encode(), name.encode()))


def test_the_order_is_icus() -> None:
    assert in_order(list(reversed(NAMES))) == NAMES
    assert len(NAMES) > 400


@pytest.mark.parametrize(
    "names",
    [
        ["An", "Ăn", "Ân", "Bình", "Dũng", "Đạt", "Em"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "mab"],
        ["An Bình", "Anh", "Ánh", "Anh Bé"],
        ["hoà", "hoạ", "hòa", "Hòa"],
        ["Ô", "Ơ", "P"],
        ["Zung", "Иван", "李"],
    ],
)
def test_letters_come_first_then_tones_then_capitals(names: list[str]) -> None:
    assert in_order(list(reversed(names))) == names


def test_a_tone_decides_only_between_the_same_letters() -> None:
    """The first tone that differs decides, however the letters before it are written."""
    assert in_order(["Tạ An", "Ta Ân", "Tá An"]) == ["Tá An", "Tạ An", "Ta Ân"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Đặng  Thị\u00a0Ánh", "dang thi anh"),
        ("NGUYỄN ƯỚC", "nguyen uoc"),
        (unicodedata.normalize("NFD", "Trần Thị Thử"), "tran thi thu"),
        ("Łódź & Strauß", "lodz & strauss"),
        ("  ", ""),
    ],
)
def test_a_search_key_has_no_marks(name: str, key: str) -> None:
    assert search_key(name) == key


@given(typed | latin)
def test_a_search_key_is_its_own_key(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


@given(typed | latin)
def test_keys_do_not_depend_on_how_the_name_is_composed(name: str) -> None:
    """A name typed on another keyboard, in another normal form or with more space, is found and stands at its place."""
    for form in ("NFC", "NFD"):
        other = f" {unicodedata.normalize(form, name)}  "
        assert search_key(other) == search_key(name)
        assert sort_key(other) == sort_key(name)


@given(latin, latin)
def test_what_differs_in_letters_is_not_reordered_by_tones(one: str, other: str) -> None:
    letters = [sort_key(each).partition("!")[0].encode() for each in (one, other)]
    if letters[0] < letters[1]:
        assert sort_key(one).encode() < sort_key(other).encode()


@given(latin)
def test_a_sort_key_stays_in_proportion(name: str) -> None:
    assert len(sort_key(name)) <= 3 * len(unicodedata.normalize("NFD", name)) + 2
    assert "\x00" not in sort_key(name)
