"""Typed text as it is kept: NFC, one line or several, with nothing in it that does not show; and as CSV carries it.

Zero-width and bidirectional characters make two names look alike, or a name read as another; they have no use in
Vietnamese or English, so they are refused, not stripped: who pasted them should know.
"""

import unicodedata
from typing import Final

from ledger.errors import TextRefused

_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def clean_text(value: str, *, field: str, length_max: int, multiline: bool = False) -> str:
    """Return the text as it is kept: NFC, without space at its ends.

    Raises:
        TextRefused: empty, longer than ``length_max`` characters, or with a character that does not show; carries
            field, reason and position (from 0).
    """
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        raise TextRefused(field=field, reason="empty")
    if len(text) > length_max:
        raise TextRefused(field=field, reason="too_long", length=len(text), length_max=length_max)
    if text.isprintable():  # nothing of the categories below, nor a space other than U+0020
        return text
    for position, character in enumerate(text):
        if unicodedata.category(character) in _REFUSED_CATEGORIES and not (multiline and character == "\n"):
            raise TextRefused(
                field=field, reason="invisible_character", position=position, character=f"U+{ord(character):04X}"
            )
    return text


def as_csv_text(value: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula: with an apostrophe before what begins like one.

    Spreadsheets write it so themselves (OWASP, "CSV Injection").
    """
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
