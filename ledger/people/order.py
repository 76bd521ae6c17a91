"""Find names without their marks, and put them in the order of the Vietnamese alphabet.

Two keys are kept beside every name, because the database has no Vietnamese collation of its own::

    search_key("Đặng  Thị Ánh")   "dang thi anh"    what somebody types who leaves the marks out
    sort_key("Đặng Thị Ánh")      compared byte by byte (``COLLATE "C"``), as ICU's ``vi`` compares the names

The order is ICU's: ă and â after a, đ after d, ê, ô, ơ and ư in their places; a space before all else, so that "An
Bình" comes before "Anh"; where the letters are the same, tones decide, the first that differs (none, huyền, hỏi, ngã,
sắc, nặng); where those are the same too, small letters come before capitals. A sort key has these three levels::

    letters "!" tones "!" capitals      each without what it has at its end by default, and "!" below all that they hold

What is written in no Latin letters comes after what is, by code point.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_ORDER: Final = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS: Final = {letter: chr(place) for place, letter in enumerate(_ORDER, start=ord('"'))}
"""Every letter's place as one ASCII character above ``!``."""

_TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
_MARKS: Final = {
    mark: chr(place)
    for place, mark in enumerate(
        _TONES + "\u0306\u0302\u030c\u030a\u0308\u030b\u0307\u0327\u0328\u0304", start=ord("#")
    )
}
_NO_MARK: Final = '"'
_LEVEL_END: Final = "!"

_SMALL: Final = '"'
_CAPITAL: Final = "#"

_SPELLED: Final = str.maketrans({"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o\u0338", "ł": "l\u0338"})
"""Letters of the neighbours that Unicode takes for wholes."""


def search_key(name: str) -> str:
    """Return a name in small letters without any mark, its words apart by one space each."""
    plain = unicodedata.normalize("NFD", name.lower()).translate(_SPELLED)
    kept = "".join(character for character in plain if unicodedata.category(character) != "Mn")
    return " ".join(kept.replace("đ", "d").lower().split())


def sort_key(name: str) -> str:
    """Return what a name sorts by, to be compared byte by byte."""
    levels = zip(*map(_weights, unicodedata.normalize("NFC", " ".join(name.split()))), strict=True)
    letters, tones, capitals = map("".join, levels) if name.strip() else ("", "", "")
    return _LEVEL_END.join((letters, tones.rstrip(_NO_MARK), capitals.rstrip(_SMALL))).rstrip(_LEVEL_END)


@lru_cache(maxsize=4_096)
def _weights(character: str) -> tuple[str, str, str]:
    """Return what a character weighs on each of the three levels; few are ever seen, each many times."""
    small = character.lower()
    parts = _parts(small)
    return (
        "".join(_LETTERS.get(base, base) for base, _ in parts),
        "".join(_NO_MARK + "".join(_MARKS.get(mark, mark) for mark in marks) for _, marks in parts),
        (_SMALL if small == character else _CAPITAL) * len(parts),
    )


def _parts(small: str) -> list[tuple[str, str]]:
    """Return the letters of a small letter, mostly one, each with the marks that only the second level looks at.

    ă, â, ê, ô, ơ and ư are letters with which other marks go; so are letters of other alphabets.
    """
    parts: list[tuple[str, str]] = []
    for character in unicodedata.normalize("NFD", small).translate(_SPELLED):
        if unicodedata.category(character) != "Mn":
            parts.append((character, ""))
            continue
        base, marks = parts.pop() if parts else ("", "")
        whole = unicodedata.normalize("NFC", base + character)
        parts.append((whole, marks) if whole in _LETTERS else (base, marks + character))
    return parts
