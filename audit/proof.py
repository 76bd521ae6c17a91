r"""Read, write and verify a proof that needs no network: https://c2sp.org/tlog-proof.

It shows that a log has a leaf, to anybody who has the leaf and knows the log's key (``\n`` at each line's end)::

    c2sp.org/tlog-proof@v1
    extra BASE64             only where there is extra data; nobody signs it
    index N                  the leaf's index, decimal, without leading zeros
    BASE64(HASH)             the inclusion proof, from the leaf's sibling upward; 63 hashes of 32 bytes at most
    (an empty line)
    (the checkpoint: a signed note to its last byte, as ``audit.checkpoint`` has it)

The usual file name ends in ``.tlog-proof``; 2,000,000 bytes are the most that is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from audit.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from audit.line import NUMBER_MAX, format_base64, parse_base64, parse_decimal
from audit.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from audit.note import VerifierKey, parse_note

PROOF_SIZE_MAX: Final = 2_000_000
"""In bytes."""

HASHES_MAX: Final = 63
"""A tree of 2^63 - 1 leaves is no deeper."""

_TITLE: Final = "c2sp.org/tlog-proof@v1"


class ProofError(ValueError):
    """Refuse a proof's form."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class ProofTooLarge(ProofError):
    """It would have to be extra data, of which nobody needs so much."""

    code = "proof_too_large"
    fact = f"a proof has more than {PROOF_SIZE_MAX:,} bytes"


class ProofTitleUnknown(ProofError):
    """Another format, or a later version of this one."""

    code = "proof_title_unknown"
    fact = f"a proof does not begin with the line {_TITLE}"


class ProofBlankLineMissing(ProofError):
    """It was cut off, or the checkpoint left out."""

    code = "proof_blank_line_missing"
    fact = "a proof has no empty line before its checkpoint"


class ProofNotAscii(ProofError):
    """Only the checkpoint may have other characters."""

    code = "proof_not_ascii"
    fact = "a proof has other characters than ASCII before its checkpoint"


class ProofExtraNotBase64(ProofError):
    """Padding, alphabet and spare bits are fixed."""

    code = "proof_extra_not_base64"
    fact = "a proof's extra data is not in the one right spelling of base64"


class ProofIndexMissing(ProofError):
    """It follows the title, or the extra data."""

    code = "proof_index_missing"
    fact = "a proof has no line with its index where it has to be"


class ProofIndexMalformed(ProofError):
    """No sign, no space and no leading zero; also where it would be negative."""

    code = "proof_index_malformed"
    fact = "a proof's index is not a decimal number in its one right spelling"


class ProofIndexTooLarge(ProofError):
    """No log has so many leaves."""

    code = "proof_index_too_large"
    fact = "a proof's index is beyond 2^63 - 2"


class ProofHashNotBase64(ProofError):
    """Padding, alphabet and spare bits are fixed."""

    code = "proof_hash_not_base64"
    fact = "a hash of a proof is not in the one right spelling of base64"


class ProofHashSizeWrong(ProofError):
    """Hashes of other sizes would shift what the bytes of a node mean."""

    code = "proof_hash_size"
    fact = f"a hash of a proof has not {HASH_SIZE} bytes"


class ProofTooManyHashes(ProofError):
    """How many are right follows from index and size; never more than this."""

    code = "proof_too_many_hashes"
    fact = f"a proof has more than {HASHES_MAX} hashes"


@dataclass(frozen=True, slots=True)
class Proof:
    """A leaf's place in a log, the way from there to the root, and the checkpoint's bytes.

    Raises:
        ProofError: it could not be written.
        NoteError, CheckpointError: the checkpoint's bytes are none.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if self.index < 0:
            raise ProofIndexMalformed
        if self.index >= NUMBER_MAX:
            raise ProofIndexTooLarge
        if len(self.hashes) > HASHES_MAX:
            raise ProofTooManyHashes
        if any(len(each) != HASH_SIZE for each in self.hashes):
            raise ProofHashSizeWrong
        parse_checkpoint(parse_note(self.checkpoint).text)

    def encode(self) -> bytes:
        """Return the file's bytes: ``parse_proof(proof.encode()) == proof``.

        Raises:
            ProofTooLarge: it would not be read again.
        """
        lines = [_TITLE]
        if self.extra is not None:
            lines.append(f"extra {format_base64(self.extra)}")
        lines += [f"index {self.index}", *map(format_base64, self.hashes), "", ""]
        data = "\n".join(lines).encode() + self.checkpoint
        if len(data) > PROOF_SIZE_MAX:
            raise ProofTooLarge
        return data

    def verify(self, leaf: bytes, *, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
        """Return the log's checkpoint that covers this leaf, once one of the log's keys is seen to have signed it.

        Witnesses are not asked for: ``audit.policy`` looks at them.

        Raises:
            NoteError: the checkpoint is not signed by these keys.
            CheckpointError: it is another log's.
            MerkleError: the leaf is not at this index under the checkpoint's root.
        """
        checkpoint, _ = open_checkpoint(self.checkpoint, origin=origin, keys=keys)
        verify_inclusion(
            leaf_hash=leaf_hash(leaf),
            index=self.index,
            size=checkpoint.size,
            proof=self.hashes,
            root=checkpoint.root,
        )
        return checkpoint


def parse_proof(data: bytes) -> Proof:
    """Return the proof of a file's bytes, not verified yet: ``parse_proof(data).encode() == data``, always.

    Raises:
        ProofError: of several faults the first from top to bottom is reported.
        NoteError, CheckpointError: the checkpoint is none.
    """
    if len(data) > PROOF_SIZE_MAX:
        raise ProofTooLarge
    if not data.startswith(f"{_TITLE}\n".encode()):
        raise ProofTitleUnknown
    head, blank_line, checkpoint = data.partition(b"\n\n")
    if not blank_line:
        raise ProofBlankLineMissing
    if not head.isascii():
        raise ProofNotAscii
    lines = head.decode("ascii").split("\n")[1:]
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0).removeprefix("extra "))
        if extra is None:
            raise ProofExtraNotBase64
    if not lines or not lines[0].startswith("index "):
        raise ProofIndexMissing
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    if index is None:
        raise ProofIndexMalformed
    return Proof(index, _parse_hashes(lines), checkpoint, extra)


def _parse_hashes(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > HASHES_MAX:
        raise ProofTooManyHashes
    hashes: list[bytes] = []
    for line in lines:
        data = parse_base64(line)
        if data is None:
            raise ProofHashNotBase64
        hashes.append(data)
    return tuple(hashes)
