"""Read the two things that lines of the C2SP formats hold: decimal numbers and base64, each in one spelling only.

A number has no sign, no blank and no leading zero; ``0`` alone is zero. Base64 is that of RFC 4648, section 4, with its
padding and with spare bits of zero. What is spelled otherwise would let two different files say the same, and a
signature or a hash over one of them would not cover the other.
"""

import base64
import binascii
import re
from typing import Final

NUMBER_MAX: Final = 2**63 - 1
"""No index, size or time is larger: it fits every database's and every language's signed integer."""

_DIGITS_MAX: Final = len(str(NUMBER_MAX))

_match_decimal: Final = re.compile(r"0|[1-9][0-9]*").fullmatch


def parse_decimal(text: str) -> int | None:
    """Return the number, or None for another spelling.

    A number of more digits than the largest allowed is not computed: it comes back as ``NUMBER_MAX + 1``, so that the
    caller, who has to compare with ``NUMBER_MAX`` anyway, refuses it as too large.
    """
    if _match_decimal(text) is None:
        return None
    return int(text) if len(text) <= _DIGITS_MAX else NUMBER_MAX + 1


def parse_base64(text: str) -> bytes | None:
    """Return the bytes, or None for another spelling of them."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if format_base64(data) == text else None


def format_base64(data: bytes) -> str:
    """Return the one spelling of these bytes."""
    return base64.b64encode(data).decode("ascii")
