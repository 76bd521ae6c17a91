"""Receipt codes: what a giver types or scans to find their own gift, and nobody else's.

A code is 80 random bits in Crockford's base32, 16 characters, and a check character: the number modulo 37, of which
32 to 36 are written ``*~$=U`` (https://www.crockford.com/base32.html). It is kept as 17 characters and shown in fours::

    7ZQK4M0T1XW8RDV5H   7ZQK-4M0T-1XW8-RDV5-H

It follows from nothing, so no code can be worked out from an id, a leaf or another code, and at 2⁸⁰ none is guessed.
The check character tells every slip of one character, and two neighbours that changed places, from a code that is
unknown. What a reader may take for another character is read as that one: O as 0, I and L as 1; small letters as
capitals.
"""

import os
import re
from typing import Final

from ledger.errors import LedgerError

RANDOM_SIZE: Final = 10
"""In bytes: 80 bits, 16 characters."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS: Final = _ALPHABET + "*~$=U"
_MODULUS: Final = len(_CHECKS)
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_SHIFTS: Final = range(70, -1, -10)

_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_match_code: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}[0-9A-HJKMNP-TV-Z*~$=U]").fullmatch
TYPED_LENGTH_MAX: Final = 60
"""Of what is looked at: a code with every separator that anybody would type."""


class ReceiptCodeMalformed(LedgerError):
    """It has not the form of a code; what was typed is not told on."""

    code = "receipt_code_malformed"


class ReceiptCodeMistyped(LedgerError):
    """It has the form of a code, and the check character says that one of its characters is another."""

    code = "receipt_code_mistyped"


def new_codes(count: int) -> list[str]:
    """Make codes, as they are kept; the system is asked for randomness once."""
    random = os.urandom(RANDOM_SIZE * count)
    return [encode(random[start : start + RANDOM_SIZE]) for start in range(0, len(random), RANDOM_SIZE)]


def encode(random: bytes) -> str:
    """Return the code of ten bytes."""
    number = int.from_bytes(random, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS]) + _CHECKS[number % _MODULUS]


def shown(code: str) -> str:
    """Write a code in fours, as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def parse(typed: str) -> str:
    """Return a code as it is kept, however it was typed.

    Raises:
        ReceiptCodeMalformed: too short, too long, or with characters that no code has.
        ReceiptCodeMistyped: one character is wrong, or two changed places.
    """
    if len(typed) > TYPED_LENGTH_MAX:
        raise ReceiptCodeMalformed
    code = "".join(typed.split()).upper().translate(_READ_AS)
    if _match_code(code) is None:
        raise ReceiptCodeMalformed
    number = 0
    for character in code[:-1]:
        number = number << 5 | _VALUES[character]
    if _CHECKS[number % _MODULUS] != code[-1]:
        raise ReceiptCodeMistyped
    return code
