r"""Read and write checkpoints, the signed heads of a log: https://c2sp.org/tlog-checkpoint.

A checkpoint is a signed note (``audit.note``) whose text is (``\n`` at each line's end)::

    ORIGIN       the log's name, not empty; the keys that sign for it usually have the same name
    SIZE         the number of leaves, decimal, without leading zeros
    BASE64(ROOT) the Merkle root over them, 32 bytes (``audit.merkle``)
    EXTENSION    any number of further lines, none of them empty; nobody audits them

The size is at most 2^63 - 1.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from audit.line import format_base64, parse_base64, parse_decimal
from audit.merkle import HASH_SIZE, SIZE_MAX
from audit.note import SignedNote, VerifierKey, parse_note, verify_note

# What may stand on a line of a note: no newline, no other control character, nothing without UTF-8.
_match_line: Final = re.compile(r"[^\x00-\x1f\ud800-\udfff]+").fullmatch


class CheckpointError(ValueError):
    """Refuse a checkpoint's text."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class CheckpointTruncated(CheckpointError):
    """Origin, size and root are what it is made of."""

    code = "checkpoint_truncated"
    fact = "a checkpoint has fewer than three lines"


class CheckpointEndMissing(CheckpointError):
    """The last line's newline is signed as well."""

    code = "checkpoint_end_missing"
    fact = "a checkpoint does not end in a newline"


class OriginMalformed(CheckpointError):
    """Empty, or not to be written on one line."""

    code = "checkpoint_origin_malformed"
    fact = "a checkpoint's origin is empty or has a control character"


class SizeMalformed(CheckpointError):
    """No sign, no space and no leading zero; also where it would be negative."""

    code = "checkpoint_size_malformed"
    fact = "a checkpoint's size is not a decimal number in its one right spelling"


class SizeTooLarge(CheckpointError):
    """No log has so many leaves."""

    code = "checkpoint_size_too_large"
    fact = "a checkpoint's size is beyond 2^63 - 1"


class RootNotBase64(CheckpointError):
    """Padding, alphabet and spare bits are fixed."""

    code = "checkpoint_root_not_base64"
    fact = "a checkpoint's root is not in the one right spelling of base64"


class RootSizeWrong(CheckpointError):
    """Another size is another hash's."""

    code = "checkpoint_root_size"
    fact = f"a checkpoint's root has not {HASH_SIZE} bytes"


class ExtensionMalformed(CheckpointError):
    """Empty, or not to be written on one line."""

    code = "checkpoint_extension_malformed"
    fact = "a checkpoint's extension line is empty or has a control character"


class OriginMismatch(CheckpointError):
    """A key may sign for one log only, but a reader asks for the one it knows."""

    code = "checkpoint_origin_mismatch"
    fact = "the checkpoint is another log's"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root, as its operator puts them.

    Raises:
        CheckpointError: it could not be written.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if _match_line(self.origin) is None:
            raise OriginMalformed
        if self.size < 0:
            raise SizeMalformed
        if self.size > SIZE_MAX:
            raise SizeTooLarge
        if len(self.root) != HASH_SIZE:
            raise RootSizeWrong
        if any(_match_line(extension) is None for extension in self.extensions):
            raise ExtensionMalformed

    def text(self) -> str:
        """Return the note's text, which is what is signed."""
        return "\n".join([self.origin, str(self.size), format_base64(self.root), *self.extensions, ""])


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a note's text: ``parse_checkpoint(text).text() == text``, always.

    Raises:
        CheckpointError: of several faults the first from top to bottom is reported.
    """
    if not text.endswith("\n"):
        raise CheckpointEndMissing
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3:  # noqa: PLR2004 - origin, size and root
        raise CheckpointTruncated
    origin, size_text, root_text, *extensions = lines
    size = parse_decimal(size_text)
    if size is None:
        raise SizeMalformed
    root = parse_base64(root_text)
    if root is None:
        raise RootNotBase64
    return Checkpoint(origin, size, root, tuple(extensions))


def open_checkpoint(data: bytes, *, origin: str, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, SignedNote]:
    """Return a log's checkpoint once one of its keys is seen to have signed it, and no known key wrongly.

    The text is read only after that.

    Raises:
        NoteError: it is no note, or not signed by these keys.
        CheckpointError: it is no checkpoint, or another log's.
    """
    note = parse_note(data)
    verify_note(note, keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise OriginMismatch
    return checkpoint, note
