"""Ids as people and other programs see them: a prefix that names the kind, and a UUIDv7 in 26 characters.

TypeID 0.3: ``prefix_`` + Crockford base32 of the 128 bits, lower case, left-padded with two zero bits. The database
keeps the uuid; the text exists at the edge and in leaves.
"""

import uuid
from typing import Final

from uuid_utils import compat

from ledger.errors import IdMalformed

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]
_SIZE: Final = 26
_PREFIX_SIZE: Final = 2

APPROVAL: Final = "ap"
ASSOCIATION: Final = "as"
AWARD: Final = "aw"
AWARD_LIST: Final = "al"
BLOCK: Final = "bl"
CONTRIBUTION: Final = "ct"
DOCUMENT: Final = "dc"
DRAFT: Final = "dr"
ENTRY: Final = "en"
EVENT: Final = "ev"
GOODS: Final = "gd"
GRANT: Final = "gr"
INTAKE: Final = "in"
INVITATION: Final = "iv"
JOB: Final = "jb"
PERSON: Final = "pe"
PLEDGE: Final = "pl"
PROPOSAL: Final = "po"
ROUND: Final = "rd"
TOKEN: Final = "tk"  # noqa: S105 - the prefix of an id, not a secret
USER: Final = "us"


def new_id() -> uuid.UUID:
    """Make a UUIDv7: ordered by time to the millisecond, random after that."""
    return compat.uuid7()


def encode(prefix: str, value: uuid.UUID) -> str:
    """Return the TypeID of a uuid."""
    number = value.int
    return f"{prefix}_{_ALPHABET[number >> 125]}{_ALPHABET[number >> 120 & 31]}" + "".join(
        [_PAIRS[number >> shift & 1023] for shift in range(110, -1, -10)]
    )


def shown(value: str) -> str:
    """Return what was given for an id if it looks like one, for an error that names it; of other text, nothing.

    Somebody may have pasted a name in its place.
    """
    head, _, tail = value.partition("_")
    is_like_one = len(head) == _PREFIX_SIZE and len(tail) == _SIZE and set(tail) <= _VALUES.keys()
    return value if is_like_one and head.isascii() and head.islower() else "…"


def decode(prefix: str, value: str) -> uuid.UUID:
    """Return the uuid of a TypeID of this kind.

    Raises:
        IdMalformed: another prefix, length or alphabet, or more than 128 bits.
    """
    head, _, tail = value.rpartition("_")
    if head != prefix or len(tail) != _SIZE or tail[0] > "7":
        raise IdMalformed(prefix=prefix)
    number = 0
    for character in tail:
        digit = _VALUES.get(character)
        if digit is None:
            raise IdMalformed(prefix=prefix)
        number = number << 5 | digit
    return uuid.UUID(int=number)
