"""Evidence as a stranger gets it: a published folder, the keys, proofs; and ways to spoil it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.line import format_base64
from audit.note import Signature, SignedNote, SignerKey, parse_note
from audit.proof import Proof
from audit.tiles import Tile, TileHashes, bundles_of


class Refused(Exception):
    """The other implementation says no; anything else that it raises is a failure of the test."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that readers get: ``proofs`` are (leaf, tlog-proof file), ``older`` are (checkpoint, consistency proof)."""

    folder: Path
    key: str
    witness_key: str
    proofs: tuple[tuple[bytes, bytes], ...]
    older: tuple[tuple[bytes, tuple[bytes, ...]], ...]

    @property
    def note(self) -> bytes:
        """The published checkpoint."""
        return (self.folder / "checkpoint").read_bytes()

    def write_case(self, path: Path) -> None:
        """Write it down for a program."""
        case = {
            "folder": str(self.folder),
            "key": self.key,
            "witness_key": self.witness_key,
            "proofs": [{"leaf": format_base64(leaf), "proof": proof.decode()} for leaf, proof in self.proofs],
            "older": [
                {"checkpoint": note.decode(), "hashes": [format_base64(each) for each in hashes]}
                for note, hashes in self.older
            ],
        }
        path.write_text(json.dumps(case))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a reader has verified, and the proofs that it made from the tiles by itself."""

    size: int
    root: bytes
    included: tuple[int, ...]
    grown_from: tuple[int, ...] = ()
    cosigned_at: int | None = None
    inclusion: dict[int, list[bytes]] = field(default_factory=dict)
    consistency: dict[int, list[bytes]] = field(default_factory=dict)


def gather(
    folder: Path, *, key: str, witness_key: str, leaves: list[bytes], older: list[bytes], indexes: tuple[int, ...]
) -> Evidence:
    """Make proofs from a folder's tiles: of leaves at these indexes, and from each older checkpoint."""
    note = (folder / "checkpoint").read_bytes()
    tree = TileHashes(lambda tile: (folder / tile.path).read_bytes(), parse_checkpoint(parse_note(note).text).size)
    return Evidence(
        folder=folder,
        key=key,
        witness_key=witness_key,
        proofs=tuple(
            (leaves[index], Proof(index, tuple(tree.inclusion_proof(index)), note).encode()) for index in indexes
        ),
        older=tuple(
            (each, tuple(tree.consistency_proof(parse_checkpoint(parse_note(each).text).size))) for each in older
        ),
    )


Spoil = Callable[[Evidence, SignerKey], Evidence]


def _with_bit_turned(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def _with_file(evidence: Evidence, name: str, data: bytes) -> Evidence:
    (evidence.folder / name).write_bytes(data)
    return evidence


def _with_checkpoint(evidence: Evidence, note: bytes) -> Evidence:
    """Put another checkpoint into the folder and into every proof, as a log that lies would."""
    (evidence.folder / "checkpoint").write_bytes(note)
    proofs = tuple((leaf, proof.partition(b"\n\n")[0] + b"\n\n" + note) for leaf, proof in evidence.proofs)
    return replace(evidence, proofs=proofs)


def _with_signature(evidence: Evidence, size: int) -> Evidence:
    """Spoil the signature that has so many bytes: 64 the log's, 72 a witness's."""
    note = parse_note(evidence.note)
    signatures = tuple(
        Signature(each.name, each.key_id, each.signature[:-1] + bytes([each.signature[-1] ^ 1]))
        if len(each.signature) == size
        else each
        for each in note.signatures
    )
    assert signatures != note.signatures
    return _with_checkpoint(evidence, SignedNote(note.text, signatures).encode())


def _other_root(note: bytes, signer: SignerKey) -> bytes:
    """Sign another root for the same size; what a witness said is left out."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    text = Checkpoint(checkpoint.origin, checkpoint.size, _with_bit_turned(checkpoint.root)).text()
    return SignedNote(text, (signer.sign(text),)).encode()


def _spoil_path(evidence: Evidence, _signer: SignerKey) -> Evidence:
    """Change the first hash of the last leaf's path."""
    *others, (leaf, data) = evidence.proofs
    head, _, note = data.partition(b"\n\n")
    lines = head.split(b"\n")
    lines[2] = (b"A" if lines[2][:1] != b"A" else b"B") + lines[2][1:]
    return replace(evidence, proofs=(*others, (leaf, b"\n".join(lines) + b"\n\n" + note)))


def _spoil_growth(evidence: Evidence, _signer: SignerKey) -> Evidence:
    *others, (note, hashes) = evidence.older
    return replace(evidence, older=(*others, (note, (_with_bit_turned(hashes[0]), *hashes[1:]))))


def _spoil_leaf(evidence: Evidence, _signer: SignerKey) -> Evidence:
    *others, (leaf, proof) = evidence.proofs
    return replace(evidence, proofs=(*others, (_with_bit_turned(leaf), proof)))


def _spoil_old_root(evidence: Evidence, signer: SignerKey) -> Evidence:
    *others, (note, hashes) = evidence.older
    return replace(evidence, older=(*others, (_other_root(note, signer), hashes)))


def _size(evidence: Evidence) -> int:
    return parse_checkpoint(parse_note(evidence.note).text).size


def _spoil_tile(evidence: Evidence, _signer: SignerKey) -> Evidence:
    """Change the first hash of the last tile of leaves, which every root rests on."""
    index, width = divmod(_size(evidence), 256)
    name = Tile(0, index, width).path
    return _with_file(evidence, name, _with_bit_turned((evidence.folder / name).read_bytes()))


def _spoil_full_tile(evidence: Evidence, _signer: SignerKey) -> Evidence:
    """Change a hash in a tile that the root is not computed from."""
    name = Tile(0, 0).path
    return _with_file(evidence, name, _with_bit_turned((evidence.folder / name).read_bytes()))


def _spoil_bundle(evidence: Evidence, _signer: SignerKey) -> Evidence:
    """Change the last leaf's last byte."""
    name = bundles_of(_size(evidence))[-1].path
    data = (evidence.folder / name).read_bytes()
    return _with_file(evidence, name, data[:-1] + bytes([data[-1] ^ 1]))


SPOILS: Final[dict[str, Spoil]] = {
    "signature": lambda evidence, _: _with_signature(evidence, 64),
    "cosignature": lambda evidence, _: _with_signature(evidence, 72),
    "key": lambda evidence, signer: replace(evidence, key=str(SignerKey.generate(signer.name).verifier)),
    "root": lambda evidence, signer: _with_checkpoint(evidence, _other_root(evidence.note, signer)),
    "old root": _spoil_old_root,
    "leaf": _spoil_leaf,
    "path": _spoil_path,
    "growth": _spoil_growth,
    "tile": _spoil_tile,
    "full tile": _spoil_full_tile,
    "bundle": _spoil_bundle,
}
"""What somebody may change, each alone; ``root`` and ``old root`` are signed by the log itself."""
