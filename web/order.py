"""Names in the order of the Vietnamese alphabet: đ after d, ă and â after a, tones last of all."""

import unicodedata
from typing import Final

_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACES: Final = {letter: place for place, letter in enumerate(_ALPHABET, start=100)}
# No tone, huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries.
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def name_key(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what a name sorts by: its letters, and only where those are the same its tones."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", name.lower()):
        marks = unicodedata.normalize("NFD", character)
        tone = next((_TONES[mark] for mark in marks if mark in _TONES), 0)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        letters.append(_PLACES.get(letter, min(ord(letter[0]), 99) if letter else 0))
        tones.append(tone)
    return tuple(letters), tuple(tones)
