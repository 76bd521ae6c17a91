"""Text of the time before Unicode: TCVN3 (the ABC fonts) and VNI, as spreadsheets hand it on today.

Both wrote Vietnamese in single bytes whose meaning was the font's. Read as Western European text they look like
"NguyÔn V¨n MÉu" and "Nguyeãn Vaên Maãu". What a column holds is guessed from how many of its words are Vietnamese
syllables as they stand and after each conversion; a person confirms it before anything is converted.

TCVN3 is TCVN 5712:1993, VN3: capitals with a tone have no code and are a matter of the font, so a text in capitals
comes back in capitals only where its plain letters are. VNI writes a letter and a mark after it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ledger.intake.syllable import is_syllable

Legacy = Literal["tcvn3", "vni"]

_SURE_SHARE: Final = 0.8
_AS_IS_SHARE_MAX: Final = 0.4
_FEW: Final = 2

_TCVN3_LETTERS: Final = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_TCVN3: Final = {
    chr(first + place): letter for first, letters in _TCVN3_LETTERS.items() for place, letter in enumerate(letters)
}

_VNI_MARKS: Final = {
    "a": {"ù": "á", "ø": "à", "û": "ả", "õ": "ã", "ï": "ạ"}
    | {"ê": "ă", "é": "ắ", "è": "ằ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ"}
    | {"â": "â", "á": "ấ", "à": "ầ", "å": "ẩ", "ã": "ẫ", "ä": "ậ"},
    "e": {"ù": "é", "ø": "è", "û": "ẻ", "õ": "ẽ", "ï": "ẹ"}
    | {"â": "ê", "á": "ế", "à": "ề", "å": "ể", "ã": "ễ", "ä": "ệ"},
    "o": {"ù": "ó", "ø": "ò", "û": "ỏ", "õ": "õ", "ï": "ọ"}
    | {"â": "ô", "á": "ố", "à": "ồ", "å": "ổ", "ã": "ỗ", "ä": "ộ"},
    "ô": {"ù": "ớ", "ø": "ờ", "û": "ở", "õ": "ỡ", "ï": "ợ"},
    "u": {"ù": "ú", "ø": "ù", "û": "ủ", "õ": "ũ", "ï": "ụ"},
    "ö": {"ù": "ứ", "ø": "ừ", "û": "ử", "õ": "ữ", "ï": "ự"},
    "y": {"ù": "ý", "ø": "ỳ", "û": "ỷ", "õ": "ỹ"},
}
_VNI_ALONE: Final = {"ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ", "í": "í", "ì": "ì"}


def _vni_table() -> dict[str, str]:
    """Return every sequence in both cases; a capital's mark is a capital, but people also typed it small."""
    table = dict(_VNI_ALONE)
    for letter, marks in _VNI_MARKS.items():
        table |= {letter + mark: made for mark, made in marks.items()}
    capitals = {sequence.upper(): made.upper() for sequence, made in table.items()}
    mixed = {sequence[0].upper() + sequence[1:]: made.upper() for sequence, made in table.items()}
    return mixed | table | capitals


_VNI: Final = _vni_table()
_replace_vni: Final = re.compile("|".join(sorted(_VNI, key=len, reverse=True))).sub
_find_words: Final = re.compile(r"[A-Za-z\u00a1-\u024f\u0300-\u036f\u1e00-\u1eff]+").findall
_TABLE: Final = str.maketrans(_TCVN3)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyGuess:
    """What a column may be written in: shares of its marked words that are syllables, in per cent."""

    legacy: Legacy
    share_percent: int
    share_as_is_percent: int


def convert(text: str, legacy: Legacy) -> str:
    """Return text of an old table in Unicode; what has no place in the table stays."""
    if text.isascii():
        return text
    if legacy == "vni":
        return _replace_vni(lambda found: _VNI[found[0]], text)
    made = text.translate(_TABLE)
    return made.upper() if _is_capital(text) else made


def _is_capital(text: str) -> bool:
    """Tell whether a text is in capitals: all its plain letters are, and some word has more than its first."""
    words = ["".join(letter for letter in word if letter.isascii() and letter.isalpha()) for word in text.split()]
    return max(map(len, words), default=0) >= _FEW and "".join(words).isupper()


def marked_words(text: str) -> list[str]:
    """Return the words that have more than ASCII letters, the only ones that a wrong table changes.

    In an old table any sign of Latin-1 may be a letter, the soft hyphen among them.
    """
    return [] if text.isascii() else [word for word in _find_words(text) if not word.isascii()]


def guess(words: Mapping[str, int]) -> LegacyGuess | None:
    """Say what a column seems to be written in, by its marked words and how often each stands there.

    ``None`` where it is Unicode, has no marked words, or is nothing that we know.
    """
    if not words:
        return None
    as_is = _share(words, None)
    best: Legacy = max(("tcvn3", "vni"), key=lambda legacy: _share(words, legacy))
    share = _share(words, best)
    if share < _SURE_SHARE or as_is > _AS_IS_SHARE_MAX:  # a column in two tables is not converted as one
        return None
    return LegacyGuess(legacy=best, share_percent=round(100 * share), share_as_is_percent=round(100 * as_is))


def _share(words: Mapping[str, int], legacy: Legacy | None) -> float:
    """Return which share of the words are syllables when read so."""
    good = sum(count for word, count in words.items() if is_syllable(word if legacy is None else convert(word, legacy)))
    return good / sum(words.values())
