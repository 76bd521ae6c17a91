"""Tell whether a word can be a Vietnamese syllable: what separates a name from its bytes read in a wrong table.

Onset, rime and tone follow the spelling of the language, not a dictionary: "Ngoẹt" passes, "NguyÔn" does not. Only
text in composed form (NFC) is looked at; which words exist is not asked.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOPPED: Final = frozenset("\u0301\u0323")
"""Before c, ch, p and t only these two tones are spoken, and written."""

_ONSETS: Final = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x"

# Rimes by what may end them: nothing more, a nasal or stop of the list, or a glide that is written in them.
_OPEN: Final = """\
    a e ê i o ô ơ u ư y ia ya ua ưa oa oe uê uơ uy uya
    ai ay ao au ây âu eo êu iu oi ôi ơi ui ưi ưu yêu iêu oai oay oao oeo uai uao uay uây ueo uôi ươi ươu uyu"""
_CLOSED: Final = {
    "a": "c ch m n ng nh p t",
    "ă": "c m n ng p t",
    "â": "c m n ng p t",
    "e": "c m n ng p t",
    "ê": "c ch m n ng nh p t",
    "i": "c ch m n ng nh p t",
    "o": "c m n ng p t",
    "oo": "c ng",
    "ô": "c m n ng p t",
    "ơ": "m n p t",
    "u": "c m n ng p t",
    "ư": "c m n ng t",
    "y": "ch m n nh t",
    "iê": "c m n ng p t",
    "yê": "m n ng t",
    "uô": "c m n ng t",
    "ươ": "c m n ng p t",
    "oa": "c ch m n ng nh p t",
    "oă": "c m n ng t",
    "oe": "n t",
    "ua": "c ch m n ng nh p t",
    "uă": "c m n ng p t",
    "uâ": "n ng t",
    "ue": "n t",
    "uê": "ch n nh",
    "uy": "ch n nh p t",
    "uyê": "n t",
}

_SPELLINGS: Final = frozenset(
    onset + rime
    for onset in ["", *_ONSETS.split()]
    for rime in [*_OPEN.split(), *(nucleus + coda for nucleus, codas in _CLOSED.items() for coda in codas.split())]
)

_has_stop: Final = re.compile(r"(?:c|ch|p|t)$").search


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Tell whether one word, of letters alone, is spelled as Vietnamese is."""
    bare, tones = _untoned(word.lower())
    if len(tones) > 1 or bare not in _SPELLINGS:
        return False
    return not _has_stop(bare) or not tones or tones[0] in _STOPPED


def _untoned(word: str) -> tuple[str, str]:
    """Return a word without its tones, and the tones."""
    marks = unicodedata.normalize("NFD", word)
    bare = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    return bare, "".join(mark for mark in marks if mark in _TONES)
