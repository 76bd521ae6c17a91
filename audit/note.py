r"""Read, write, sign and verify signed notes: https://c2sp.org/signed-note, with Ed25519 (RFC 8032).

A note is UTF-8 without control characters other than the newline: a text that ends in a newline, an empty line, and
the signatures, one a line (``\n`` at each line's end)::

    TEXT
    (an empty line: the last one of the note)
    — NAME BASE64(KEY_ID || SIGNATURE)
    — NAME BASE64(KEY_ID || SIGNATURE)

    KEY_ID         the first 4 bytes of SHA-256(NAME || "\n" || ALGORITHM || PUBLIC)
    NAME           not empty, without Unicode spaces and ``+``
    SIGNATURE      for algorithm 0x01: 64 bytes of Ed25519 over TEXT, its last newline included

Keys are lines of text, too; the hexadecimal digits are lowercase and repeat the key id::

    verifier key   NAME+KEY_ID in 8 hexadecimal digits+BASE64(ALGORITHM || PUBLIC)
    signer key     PRIVATE+KEY+NAME+KEY_ID in 8 hexadecimal digits+BASE64(0x01 || SEED)

A note has at most 100 signatures and 1,000,000 bytes, and no two of one key: the second could only be a doubt.
Signature lines of unknown keys have to be well-formed, but mean nothing.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.line import format_base64, parse_base64

ED25519: Final = 0x01
"""The algorithm of signatures over the text alone."""

COSIGNATURE_V1: Final = 0x04
"""The algorithm of a witness's timestamped signatures (``audit.cosignature``)."""

NOTE_SIZE_MAX: Final = 1_000_000
"""In bytes."""

SIGNATURES_MAX: Final = 100

KEY_ID_SIZE: Final = 4
PUBLIC_SIZE: Final = 32
SEED_SIZE: Final = 32
"""In bytes, all three."""

_SIGNATURE_START: Final = "— "
_PRIVATE_START: Final = "PRIVATE+KEY+"

# ``\s`` is every Unicode space and the ASCII separators; no name may hold what a note may not.
_match_name: Final = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+").fullmatch
_match_key_id: Final = re.compile(r"[0-9a-f]{8}").fullmatch
_search_control: Final = re.compile(r"[\x00-\x09\x0b-\x1f]").search
_search_surrogate: Final = re.compile(r"[\ud800-\udfff]").search


class NoteError(ValueError):
    """Refuse a note, a signature or a key; never shows a signer key."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class NoteTooLarge(NoteError):
    """The limit is what other programs have."""

    code = "note_too_large"
    fact = f"a note has more than {NOTE_SIZE_MAX:,} bytes"


class NoteNotUtf8(NoteError):
    """Or text that has no UTF-8: half of a surrogate pair."""

    code = "note_not_utf8"
    fact = "a note is not UTF-8"


class NoteControlCharacter(NoteError):
    """A carriage return is one, and so is a tab."""

    code = "note_control_character"
    fact = "a note has a control character other than the newline"


class NoteEndMissing(NoteError):
    """A note that was cut off could lack more than its last newline."""

    code = "note_end_missing"
    fact = "a note does not end in a newline"


class NoteBlankLineMissing(NoteError):
    """It is what divides text and signatures."""

    code = "note_blank_line_missing"
    fact = "a note has no empty line between its text and its signatures"


class NoteTextEndMissing(NoteError):
    """Without it the text would run into what follows."""

    code = "note_text_end_missing"
    fact = "a note's text does not end in a newline"


class NoteUnsigned(NoteError):
    """Text alone is no note."""

    code = "note_unsigned"
    fact = "a note has no signature"


class TooManySignatures(NoteError):
    """Each could cost a verification."""

    code = "note_too_many_signatures"
    fact = f"a note has more than {SIGNATURES_MAX} signatures"


class SignatureDuplicated(NoteError):
    """Two signatures of the same name and key id."""

    code = "note_signature_duplicated"
    fact = "a note has two signatures of one key"


class SignatureLineMalformed(NoteError):
    """Not an em dash, the name and the signature, with one space between each."""

    code = "note_signature_line_malformed"
    fact = "a signature line is not an em dash, a name and base64, separated by single spaces"


class SignatureNotBase64(NoteError):
    """Padding, alphabet and spare bits are fixed."""

    code = "note_signature_not_base64"
    fact = "a signature is not in the one right spelling of base64"


class SignatureTooShort(NoteError):
    """It has a key id and at least one byte more."""

    code = "note_signature_too_short"
    fact = f"a signature has no bytes after the {KEY_ID_SIZE} of its key id"


class SignatureWrong(NoteError):
    """One of a known key; the note was changed, or never signed by it."""

    code = "note_signature_wrong"
    fact = "a known key's signature is not one over this text"


class NoKnownSignature(NoteError):
    """Nobody whom the reader trusts vouches for the text."""

    code = "note_no_known_signature"
    fact = "no signature of the note is by a known key"


class KeyNameMalformed(NoteError):
    """``+`` and spaces are what ends a name where it is written."""

    code = "note_key_name_malformed"
    fact = "a key's name is empty or has a space, a plus sign or a control character"


class KeyMalformed(NoteError):
    """Not of the form that the module's docstring gives."""

    code = "note_key_malformed"
    fact = "a key is not its name, key id and base64, joined by plus signs"


class KeyNotBase64(NoteError):
    """As ``SignatureNotBase64``."""

    code = "note_key_not_base64"
    fact = "a key is not in the one right spelling of base64"


class KeyIdMalformed(NoteError):
    """In a key's text: 8 lowercase hexadecimal digits; else 4 bytes."""

    code = "note_key_id_malformed"
    fact = f"a key id is not {KEY_ID_SIZE} bytes, or their lowercase hexadecimal digits"


class KeyIdMismatch(NoteError):
    """The name or the key was changed, or mistyped."""

    code = "note_key_id_mismatch"
    fact = "a key's id is not that of its name and its bytes"


class KeyAlgorithmUnknown(NoteError):
    """Ed25519 and cosignatures over it are known here."""

    code = "note_key_algorithm_unknown"
    fact = "a key's algorithm is not known, or not one that can be used here"


class KeySizeWrong(NoteError):
    """A public key and a seed have the same size."""

    code = "note_key_size"
    fact = f"an Ed25519 key has {PUBLIC_SIZE} bytes"


class KeyAmbiguous(NoteError):
    """Names and ids are what a signature is recognised by."""

    code = "note_key_ambiguous"
    fact = "two different keys have one name and key id"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line.

    Raises:
        NoteError: it could not be written.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.key_id) != KEY_ID_SIZE:
            raise KeyIdMalformed
        if not self.signature:
            raise SignatureTooShort

    def __str__(self) -> str:
        return f"{_SIGNATURE_START}{self.name} {format_base64(self.key_id + self.signature)}"


def parse_signature_line(line: str) -> Signature:
    """Return the signature of a line, given without its newline.

    Raises:
        NoteError: it is none.
    """
    start, _, rest = line.partition(" ")
    name, space, text = rest.partition(" ")
    if f"{start} " != _SIGNATURE_START or not space:
        raise SignatureLineMalformed
    data = parse_base64(text)
    if data is None:
        raise SignatureNotBase64
    if len(data) <= KEY_ID_SIZE:
        raise SignatureTooShort
    return Signature(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note whose form is right; whether anybody signed it, ``verify_note`` says.

    Raises:
        NoteError: it could not be written.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not self.signatures:
            raise NoteUnsigned
        if len(self.signatures) > SIGNATURES_MAX:
            raise TooManySignatures
        if len({(each.name, each.key_id) for each in self.signatures}) != len(self.signatures):
            raise SignatureDuplicated

    def encode(self) -> bytes:
        """Return the note's bytes: ``parse_note(note.encode()) == note``.

        Raises:
            NoteTooLarge: it would not be read again.
        """
        data = "\n".join([self.text, *map(str, self.signatures), ""]).encode()
        if len(data) > NOTE_SIZE_MAX:
            raise NoteTooLarge
        return data


def parse_note(data: bytes) -> SignedNote:
    """Return the note of these bytes: ``parse_note(data).encode() == data``, always.

    Raises:
        NoteError: of several faults one is reported; faults of the whole come before those of a line.
    """
    if len(data) > NOTE_SIZE_MAX:
        raise NoteTooLarge
    try:
        note = data.decode()
    except UnicodeDecodeError:
        raise NoteNotUtf8 from None
    if _search_control(note):
        raise NoteControlCharacter
    if not note.endswith("\n"):
        raise NoteEndMissing
    text, blank_line, lines = note.rpartition("\n\n")
    if not blank_line:
        raise NoteBlankLineMissing
    if not lines:
        raise NoteUnsigned
    # Counted first, so that a million empty lines are not parsed one by one.
    if lines.count("\n") > SIGNATURES_MAX:
        raise TooManySignatures
    return SignedNote(f"{text}\n", tuple(parse_signature_line(line) for line in lines.removesuffix("\n").split("\n")))


def check_text(text: str) -> None:
    """Check that a note may have this text.

    Raises:
        NoteError: it may not.
    """
    if _search_surrogate(text):
        raise NoteNotUtf8
    if _search_control(text):
        raise NoteControlCharacter
    if not text.endswith("\n"):
        raise NoteTextEndMissing


def check_key_name(name: str) -> None:
    """Check that a key may have this name.

    Raises:
        KeyNameMalformed: it may not.
    """
    if _match_name(name) is None:
        raise KeyNameMalformed


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key, its name and what it signs; ``str()`` writes it as one line.

    Raises:
        NoteError: it is not usable as such.
    """

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if self.algorithm not in {ED25519, COSIGNATURE_V1}:
            raise KeyAlgorithmUnknown
        if len(self.public) != PUBLIC_SIZE:
            raise KeySizeWrong

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{format_base64(bytes([self.algorithm]) + self.public)}"

    @property
    def key_id(self) -> bytes:
        """The four bytes that, with the name, tell whose a signature is."""
        message = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(message).digest()[:KEY_ID_SIZE]


def parse_verifier_key(text: str) -> VerifierKey:
    """Return the key of a line, given without its newline: ``str(parse_verifier_key(text)) == text``.

    Raises:
        NoteError: it is none, or its id is another one's.
    """
    name, key_id, algorithm, public = _parse_key(text)
    key = VerifierKey(name, algorithm, public)
    if key.key_id != key_id:
        raise KeyIdMismatch
    return key


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key of algorithm 0x01; ``str()`` writes the secret as one line, ``repr()`` does not show it.

    Raises:
        NoteError: it is not usable as such.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.seed) != SEED_SIZE:
            raise KeySizeWrong

    def __str__(self) -> str:
        return f"{_PRIVATE_START}{self.name}+{self.verifier.key_id.hex()}+{format_base64(bytes([ED25519]) + self.seed)}"

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key of random bytes."""
        return cls(name, os.urandom(SEED_SIZE))

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        return VerifierKey(self.name, ED25519, public_of(self.seed))

    def sign(self, text: str) -> Signature:
        """Return the signature over a text.

        Raises:
            NoteError: no note may have this text.
        """
        check_text(text)
        return Signature(self.name, self.verifier.key_id, sign_ed25519(self.seed, text.encode()))


def parse_signer_key(text: str) -> SignerKey:
    """Return the private key of a line, given without its newline.

    Raises:
        NoteError: it is none, or its id is another one's; the text is not shown.
    """
    if not text.startswith(_PRIVATE_START):
        raise KeyMalformed
    name, key_id, algorithm, seed = _parse_key(text.removeprefix(_PRIVATE_START))
    if algorithm != ED25519:
        raise KeyAlgorithmUnknown
    key = SignerKey(name, seed)
    if key.verifier.key_id != key_id:
        raise KeyIdMismatch
    return key


def _parse_key(text: str) -> tuple[str, bytes, int, bytes]:
    """Return name, key id, algorithm and the key's bytes, of which only the form is known to be right."""
    name, first_plus, rest = text.partition("+")
    key_id, second_plus, encoded = rest.partition("+")
    if not first_plus or not second_plus:
        raise KeyMalformed
    if _match_key_id(key_id) is None:
        raise KeyIdMalformed
    data = parse_base64(encoded)
    if data is None:
        raise KeyNotBase64
    if not data:
        raise KeySizeWrong
    return name, bytes.fromhex(key_id), data[0], data[1:]


def verify_note(note: SignedNote, keys: Iterable[VerifierKey]) -> tuple[Signature, ...]:
    """Return the signatures by these keys, all of them right; those of other keys are not looked at.

    Keys sign by algorithm 0x01; whether a witness cosigned says ``audit.cosignature``.

    Raises:
        NoteError: ``SignatureWrong`` where a known key's signature is not over this text, ``NoKnownSignature`` where
            there is none by these keys, ``KeyAlgorithmUnknown`` or ``KeyAmbiguous`` where the keys can't be used so.
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if key.algorithm != ED25519:
            raise KeyAlgorithmUnknown
        if known.setdefault((key.name, key.key_id), key) != key:
            raise KeyAmbiguous
    message = note.text.encode()
    verified = []
    for signature in note.signatures:
        found = known.get((signature.name, signature.key_id))
        if found is None:
            continue
        if not verify_ed25519(found.public, signature.signature, message):
            raise SignatureWrong
        verified.append(signature)
    if not verified:
        raise NoKnownSignature
    return tuple(verified)


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature is this key's over this message; whatever is malformed is not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_ed25519(seed: bytes, message: bytes) -> bytes:
    """Return the 64 bytes of a seed's signature over a message."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def public_of(seed: bytes) -> bytes:
    """Return the public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
