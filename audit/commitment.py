"""Commit to a private value: the log keeps the commitment, the vault the value and its salt.

The commitment of a value is, as 64 lowercase hexadecimal digits::

    HMAC-SHA256(key = salt, message = "soquy/v1|" event_id "|" field "|" value)

with a salt of 32 random bytes, made anew for every value, and the value as UTF-8 of its NFC form. The field is the name
under which the leaf's ``private`` has it, ``actor`` for the actor, or ``document_0``, ``document_1`` … for documents.

- It hides: without the salt even a phone number, which could be guessed, can't be tried out.
- It binds: nobody can open it to another value, nor to another field or event, which are part of the message.
- No two messages are alike: an event id and a field name hold no ``|``, so the first three bars end the three parts
  before the value, which may hold any number of them.
- Erasing value and salt leaves a random number behind, and every proof of its leaf intact.

NFC is fixed by Unicode for ever for the characters that a version knows. The vault keeps the value in the form that
was committed to, so that a character of a later Unicode cannot come to be normalised in another way.
"""

import hmac
import os
import re
import unicodedata
from typing import ClassVar, Final

from audit.canonical import COMMITMENT_PATTERN, NAME_PATTERN, TYPE_ID_PATTERN

SALT_SIZE: Final = 32
"""In bytes: the size of the hash, beyond which a longer key of HMAC adds nothing (RFC 2104, section 3)."""

_match_event_id: Final = re.compile(TYPE_ID_PATTERN).fullmatch
_match_field: Final = re.compile(NAME_PATTERN).fullmatch
_match_commitment: Final = re.compile(COMMITMENT_PATTERN).fullmatch


class CommitmentError(ValueError):
    """Refuse what can't be committed to; never shows the value, the field's content or the salt."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class SaltSizeWrong(CommitmentError):
    """A shorter salt could be guessed."""

    code = "commitment_salt_size"
    fact = f"a salt has {SALT_SIZE} bytes"


class EventIdMalformed(CommitmentError):
    """The form also keeps ``|`` out."""

    code = "commitment_event_id_malformed"
    fact = "an event id is a TypeID"


class FieldMalformed(CommitmentError):
    """The form also keeps ``|`` out."""

    code = "commitment_field_malformed"
    fact = "a field's name is lowercase ASCII letters, digits and underscores, 40 at most"


class ValueNotText(CommitmentError):
    """It could not have come from UTF-8, so no vault holds it."""

    code = "commitment_value_not_text"
    fact = "a value holds half of a surrogate pair, which has no UTF-8"


def new_salt() -> bytes:
    """Return a salt for one value."""
    return os.urandom(SALT_SIZE)


def new_salts(count: int) -> list[bytes]:
    """Return salts for many values, asked of the system at once."""
    random = os.urandom(SALT_SIZE * count)
    return [random[start : start + SALT_SIZE] for start in range(0, len(random), SALT_SIZE)]


def commit(salt: bytes, event_id: str, field: str, value: str) -> str:
    """Return the commitment to a field's value in an event.

    Raises:
        CommitmentError: one of the subclasses above.
    """
    if len(salt) != SALT_SIZE:
        raise SaltSizeWrong
    if _match_event_id(event_id) is None:
        raise EventIdMalformed
    if _match_field(field) is None:
        raise FieldMalformed
    try:
        message = f"soquy/v1|{event_id}|{field}|{unicodedata.normalize('NFC', value)}".encode()
    except UnicodeEncodeError:
        # Without the cause, whose text would show the value.
        raise ValueNotText from None
    return hmac.digest(salt, message, "sha256").hex()


def opens(commitment: str, salt: bytes, event_id: str, field: str, value: str) -> bool:
    """Tell whether a commitment is the one to this value, in the same time whichever digit differs.

    Anything but 64 lowercase hexadecimal digits is no commitment and opens to nothing.

    Raises:
        CommitmentError: salt, event id, field or value could not have been committed to.
    """
    expected = commit(salt, event_id, field, value)
    return _match_commitment(commitment) is not None and hmac.compare_digest(commitment, expected)
