"""Python packages by others, asked through their own public functions."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidSignature

from tests.oracles.evidence import Evidence, Finding, Refused


def _split(proof: bytes) -> tuple[int, list[bytes], str]:
    """Take a tlog-proof file apart, without our reader of it."""
    head, _, checkpoint = proof.decode().partition("\n\n")
    title, index, *hashes = head.split("\n")
    assert title == "c2sp.org/tlog-proof@v1"
    return int(index.removeprefix("index ")), [base64.b64decode(each) for each in hashes], checkpoint


def _leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


@contextmanager
def _refusing(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise Refused(str(error)) from error


def _demand(holds: object, what: str) -> None:
    if not holds:
        raise Refused(what)


class MetamorphicLog:
    """https://github.com/moss-piglet/metamorphic-log: in Rust; a verifier of notes and proofs, without tiles."""

    name: Final = "metamorphic-log"
    looks_at: Final = frozenset({"signature", "key", "root", "old root", "leaf", "path", "growth"})

    def __init__(self, _folder: Path) -> None:
        self._package: Any = pytest.importorskip("metamorphic_log", reason="metamorphic-log is not installed")

    def read(self, evidence: Evidence) -> Finding:
        package, keys = self._package, [evidence.key]
        included, grown_from = [], []
        with _refusing(package.VerifyError):
            head = package.checkpoint_verify(evidence.note.decode(), keys)
            for leaf, proof in evidence.proofs:
                index, hashes, note = _split(proof)
                package.checkpoint_verify_inclusion(note, keys, index, _leaf_hash(leaf), hashes)
                included.append(index)
            for older, growth in evidence.older:
                package.checkpoint_verify_consistency(older.decode(), evidence.note.decode(), keys, list(growth))
                grown_from.append(package.checkpoint_verify(older.decode(), keys).size)
        return Finding(size=head.size, root=head.root, included=tuple(included), grown_from=tuple(grown_from))


class TlogScales:
    """https://github.com/florolf/tlog-scales: reads tiles and bundles, and makes proofs from them."""

    name: Final = "tlog-scales"
    # A root is computed from the right edge only, so a full tile is looked at where a leaf in it is proven.
    looks_at: Final = MetamorphicLog.looks_at | {"cosignature", "tile", "full tile", "bundle"}

    def __init__(self, _folder: Path) -> None:
        self._tlog: Any = pytest.importorskip("tlog_scales.tlog", reason="tlog-scales is not installed")
        self._reader: Any = pytest.importorskip("tlog_scales.reader")
        self._signing: Any = pytest.importorskip("tlog_scales.signing")
        self._backend: Any = pytest.importorskip("tlog_scales.backend")

    def read(self, evidence: Evidence) -> Finding:
        errors = (
            InvalidSignature,
            RuntimeError,
            self._tlog.InclusionProofInvalid,
            self._tlog.ConsistencyProofInvalid,
        )
        with _refusing(*errors):
            return self._read(evidence)

    def _read(self, evidence: Evidence) -> Finding:
        key = self._signing.Vkey.from_string(evidence.key)
        reader = self._reader.TilesReader(self._backend.LocalBackend(evidence.folder))
        head = reader.get_checkpoint()
        head.verify(key)
        witnesses = self._signing.VkeySet(self._signing.Vkey.from_string(evidence.witness_key))
        times = [
            vkey.get_verifier().get_timestamp(each.payload) for vkey, each in witnesses.verify(head.signatures, head)
        ]
        _demand(times, "not cosigned")
        _demand(reader.calculate_root_hash() == head.root_hash, "the tiles have another root")
        inclusion, consistency = {}, {}
        for leaf, proof in evidence.proofs:
            index, hashes, text = _split(proof)
            checkpoint = self._tlog.Checkpoint.from_text(text)
            checkpoint.verify(key)
            ours = self._tlog.InclusionProof(index, checkpoint.size, hashes)
            for each in (leaf, reader.get_entry(index)):
                ours.check(_leaf_hash(each), checkpoint.root_hash)
            theirs = reader.get_inclusion_proof(index, head.size)
            theirs.check(_leaf_hash(leaf), head.root_hash)
            inclusion[index] = theirs.node_hashes
        for note, growth in evidence.older:
            older = self._tlog.Checkpoint.from_text(note.decode())
            older.verify(key)
            ours = self._tlog.ConsistencyProof(older.size, head.size, list(growth))
            ours.check(older.root_hash, head.root_hash)
            consistency[older.size] = reader.get_consistency_proof(older.size, head.size).node_hashes
        return Finding(
            size=head.size,
            root=head.root_hash,
            included=tuple(inclusion),
            grown_from=tuple(consistency),
            cosigned_at=times[0],
            inclusion=inclusion,
            consistency=consistency,
        )


class AicsTlog:
    """https://github.com/petros-poli/AICS-public: authenticates every tile and bundle, and makes proofs."""

    name: Final = "aics-tlog"
    looks_at: Final = TlogScales.looks_at

    def __init__(self, _folder: Path) -> None:
        self._package: Any = pytest.importorskip("aics_tlog", reason="aics-tlog is not installed; it needs Python 3.12")

    def read(self, evidence: Evidence) -> Finding:
        package = self._package
        # Its verifiers of proofs return whether they hold; what is malformed is a ValueError.
        with _refusing(ValueError, package.TileMissingError, package.TileVerificationError):
            return self._read(evidence)

    def _open(self, note: bytes, evidence: Evidence, quorum: int) -> Any:
        witnesses = [self._package.parse_vkey(evidence.witness_key)]
        opened = self._package.verify_checkpoint(
            self._package.parse_note(note), self._package.parse_vkey(evidence.key), witnesses, quorum
        )
        _demand(opened.ok, opened.error)
        return opened

    def _read(self, evidence: Evidence) -> Finding:
        package = self._package
        head = self._open(evidence.note, evidence, 1)
        files = package.FileSystemTileReader(evidence.folder)
        package.verified.audit_tiles(files, head.size, head.root)
        inclusion, consistency = {}, {}
        for leaf, proof in evidence.proofs:
            index, hashes, text = _split(proof)
            checkpoint = self._open(text.encode(), evidence, 1)
            is_there = package.verify_leaf_inclusion(leaf, index, checkpoint.size, hashes, checkpoint.root)
            _demand(is_there, "not included")
            inclusion[index] = package.inclusion_proof_from_tiles(files, index, head.size)
        for note, growth in evidence.older:
            older = self._open(note, evidence, 0)
            grew = package.verify_consistency(older.size, head.size, older.root, head.root, list(growth))
            _demand(grew, "not consistent")
            consistency[older.size] = package.consistency_proof_from_tiles(files, older.size, head.size)
        (cosigned_at,) = head.timestamps.values()
        return Finding(
            size=head.size,
            root=head.root,
            included=tuple(inclusion),
            grown_from=tuple(consistency),
            cosigned_at=cosigned_at,
            inclusion=inclusion,
            consistency=consistency,
        )


PACKAGES: Final = (MetamorphicLog, TlogScales, AicsTlog)
