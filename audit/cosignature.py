r"""Make and verify a witness's timestamped signatures over checkpoints: https://c2sp.org/tlog-cosignature, Ed25519.

With a cosignature a witness says: at this time, this was the largest tree of this log that I had seen, and it goes on
from all that I had seen before. It is a signature line of the checkpoint's note (``audit.note``), by a key of algorithm
0x04::

    — NAME BASE64(KEY_ID || TIME || SIGNATURE)

    TIME        8 bytes, big-endian: seconds since 1970-01-01T00:00:00Z, at most 2^63 - 1
    SIGNATURE   64 bytes of Ed25519 over the message

    cosignature/v1\n
    time SECONDS\n
    (the note's text, to its last newline)

The message's first line keeps it apart from everything else that the key could sign, and from a log's own signature.
"""

import os
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

from audit.line import NUMBER_MAX
from audit.note import (
    COSIGNATURE_V1,
    SEED_SIZE,
    KeySizeWrong,
    Signature,
    SignedNote,
    VerifierKey,
    check_key_name,
    check_text,
    public_of,
    sign_ed25519,
    verify_ed25519,
)

TIME_MAX: Final = NUMBER_MAX
"""In seconds since 1970."""

_TIME_SIZE: Final = 8
_SIGNATURE_SIZE: Final = 64


class CosignatureError(ValueError):
    """Refuse a cosignature."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class CosignatureMissing(CosignatureError):
    """The note may have those of other witnesses."""

    code = "cosignature_missing"
    fact = "the note has no cosignature by this witness"


class CosignatureSizeWrong(CosignatureError):
    """Time and signature have fixed sizes."""

    code = "cosignature_size"
    fact = f"a cosignature has not the {_TIME_SIZE + _SIGNATURE_SIZE} bytes of a time and a signature"


class CosignatureTimeOutOfRange(CosignatureError):
    """Negative ones can't be written, too."""

    code = "cosignature_time_out_of_range"
    fact = "a cosignature's time is not between 0 and 2^63 - 1 seconds"


class CosignatureWrong(CosignatureError):
    """Another text, another time, or not this witness."""

    code = "cosignature_wrong"
    fact = "a witness's cosignature is not one over this checkpoint and time"


class CosignerKeyRefused(CosignatureError):
    """A log's key is none of a witness, even if its bytes are the same."""

    code = "cosignature_key_algorithm"
    fact = "a witness's key has another algorithm than 0x04"


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A witness's private key; ``repr()`` does not show the seed.

    Raises:
        NoteError: it is not usable as such.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.seed) != SEED_SIZE:
            raise KeySizeWrong

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key of random bytes."""
        return cls(name, os.urandom(SEED_SIZE))

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        return VerifierKey(self.name, COSIGNATURE_V1, public_of(self.seed))

    def cosign(self, text: str, time: int) -> Signature:
        """Return the cosignature over a checkpoint's text at a time, in seconds since 1970.

        Raises:
            NoteError: no note may have this text.
            CosignatureTimeOutOfRange: the time can't be written.
        """
        check_text(text)
        if not 0 <= time <= TIME_MAX:
            raise CosignatureTimeOutOfRange
        signature = sign_ed25519(self.seed, _message(text, time))
        return Signature(self.name, self.verifier.key_id, time.to_bytes(_TIME_SIZE, "big") + signature)


def verify_cosignature(note: SignedNote, key: VerifierKey) -> int:
    """Return when a witness cosigned a note, in seconds since 1970; whether that is recent, the caller knows.

    Raises:
        CosignatureError: ``CosignatureMissing`` where it did not, another subclass where what stands there is none.
    """
    if key.algorithm != COSIGNATURE_V1:
        raise CosignerKeyRefused
    for signature in note.signatures:
        if (signature.name, signature.key_id) == (key.name, key.key_id):
            return _verify(note.text, signature.signature, key.public)
    raise CosignatureMissing


def _verify(text: str, signature: bytes, public: bytes) -> int:
    if len(signature) != _TIME_SIZE + _SIGNATURE_SIZE:
        raise CosignatureSizeWrong
    time = int.from_bytes(signature[:_TIME_SIZE], "big")
    if time > TIME_MAX:
        raise CosignatureTimeOutOfRange
    if not verify_ed25519(public, signature[_TIME_SIZE:], _message(text, time)):
        raise CosignatureWrong
    return time


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
