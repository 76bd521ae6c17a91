"""Implementations by others read our log, find what we say is there, and refuse it once anybody has changed it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final, Protocol

import pytest

from audit.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from audit.cosignature import CosignerKey
from audit.cosigning import WitnessCosigner
from audit.folder import LogFolder
from audit.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from audit.note import SignedNote, SignerKey, parse_note, parse_verifier_key
from audit.policy import Policy, PolicyWitness
from audit.tiles import Tile, bundles_of, encode_bundle, tiles_of
from tests.factories import Ledger, receipt
from tests.oracles.evidence import SPOILS, Evidence, Finding, Refused, gather
from tests.oracles.packages import PACKAGES, AicsTlog, MetamorphicLog, TlogScales
from tests.oracles.programs import PROGRAMS, GoSumdb, SigstoreVerify
from tests.public_log import ORIGIN, PublicLog
from tests.unit.audit.witness_stub import TIME, StubWitness

SIGNER: Final = SignerKey(ORIGIN, bytes(range(32)))
WITNESS: Final = CosignerKey("witness.test/w1", bytes(range(1, 33)))
LEAVES: Final = [f'{{"leaf":{number},"text":"{"quỹ " * (number % 40)}"}}'.encode() for number in range(700)]
OLD_SIZES: Final = (1, 255, 256, 257, 512, 699)
INDEXES: Final = (0, 1, 254, 255, 256, 511, 512)
"""And the last; tiles have 256 hashes, so that 700 leaves fill two, begin a third, and make a second level."""


class Oracle(Protocol):
    """Somebody else's implementation."""

    def read(self, evidence: Evidence) -> Finding:
        """Verify all that it can.

        Raises:
            Refused: something of it does not hold.
        """


Kind = type[MetamorphicLog | TlogScales | AicsTlog | GoSumdb | SigstoreVerify]
Started = Callable[[Kind], Oracle | str]
"""Why it cannot be asked here, as a text, if so."""

ORACLES: Final[tuple[Kind, ...]] = (*PACKAGES, *PROGRAMS)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """Start each implementation once: compiling and installing takes longer than asking."""

    found: dict[Kind, Oracle | str] = {}

    def start(kind: Kind) -> Oracle | str:
        if kind not in found:
            try:
                found[kind] = kind(tmp_path_factory.mktemp("oracle"))
            except pytest.skip.Exception as skipped:
                found[kind] = str(skipped.msg)
        return found[kind]

    return start


@pytest.fixture
def made(tmp_path: Path) -> Evidence:
    """A log made in memory."""
    return make(tmp_path / "log", LEAVES)


def make(path: Path, leaves: list[bytes]) -> Evidence:
    folder = LogFolder(path)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for tile in tiles_of(len(leaves)):
        folder.write(tile.path, tile_data(hashes, tile))
    for bundle in bundles_of(len(leaves)):
        first = bundle.index * 256
        folder.write(bundle.path, encode_bundle(leaves[first : first + bundle.width]))

    def signed(size: int) -> SignedNote:
        text = Checkpoint(ORIGIN, size, root_of(hashes[:size])).text()
        return SignedNote(text, (SIGNER.sign(text),))

    head = signed(len(leaves))
    folder.write_checkpoint(SignedNote(head.text, (*head.signatures, WITNESS.cosign(head.text, TIME))).encode())
    return gather(
        path,
        key=str(SIGNER.verifier),
        witness_key=str(WITNESS.verifier),
        leaves=leaves,
        older=[signed(size).encode() for size in OLD_SIZES if size < len(leaves)],
        indexes=tuple(dict.fromkeys((*(index for index in INDEXES if index < len(leaves)), len(leaves) - 1))),
    )


def tile_data(hashes: list[bytes], tile: Tile) -> bytes:
    """Compute a tile from all leaves, and not as the publisher does."""
    span = 256**tile.level
    first = tile.index * 256
    return b"".join(root_of(hashes[at * span : (at + 1) * span]) for at in range(first, first + tile.width))


@pytest.fixture
def posted(public_log: PublicLog, ledger: Ledger) -> Evidence:
    """A log of entries that were posted, published in several steps and cosigned by a witness over HTTP's own bytes."""
    witness = StubWitness(WITNESS, {ORIGIN: public_log.keyring().signers()[0].verifier})
    public_log.witnesses = WitnessCosigner(
        Policy(witnesses=(PolicyWitness("w1", WITNESS.verifier, "http://w1"),), quorum="w1"), witness.post
    )
    older = []
    for count in (1, 252, 1, 300, 145):
        ledger.post(*(receipt(1_000, date(2024, 3, 1)) for _ in range(count)))
        public_log.publisher.publish()
        older.append(public_log.folder.checkpoint() or b"")
    (key,) = public_log.keyring().verifiers()
    leaves = public_log.leaves()
    return gather(
        public_log.folder.path,
        key=str(key),
        witness_key=str(WITNESS.verifier),
        leaves=leaves,
        older=older[:-1],
        indexes=(*INDEXES, len(leaves) - 1),
    )


def oracle_of(started: Started, kind: Kind) -> Oracle:
    oracle = started(kind)
    if isinstance(oracle, str):
        pytest.skip(oracle)
    return oracle


def assert_found(finding: Finding, evidence: Evidence, looks_at: frozenset[str]) -> None:
    """Compare with our own numbers, and verify with our own code what the other implementation proved by itself."""
    key = parse_verifier_key(evidence.key)
    head, _ = open_checkpoint(evidence.note, origin=ORIGIN, keys=[key])
    older = {each.size: each for each in (parse_checkpoint(parse_note(note).text) for note, _ in evidence.older)}
    hashes = {size: list(proof) for size, (_, proof) in zip(older, evidence.older, strict=True)}
    indexes = tuple(dict.fromkeys((*(index for index in INDEXES if index < head.size), head.size - 1)))
    assert (finding.size, finding.root, finding.included) == (head.size, head.root, indexes)
    assert finding.grown_from == (tuple(older) if "growth" in looks_at else ())
    assert finding.cosigned_at == (TIME if "cosignature" in looks_at else None)
    if "tile" in looks_at:
        assert finding.consistency == hashes
        assert tuple(finding.inclusion) == indexes
        for (leaf, _), (index, proof) in zip(evidence.proofs, finding.inclusion.items(), strict=True):
            verify_inclusion(leaf_hash=leaf_hash(leaf), index=index, size=head.size, proof=proof, root=head.root)
        for size, proof in finding.consistency.items():
            verify_consistency(old_size=size, old_root=older[size].root, size=head.size, root=head.root, proof=proof)


@pytest.mark.parametrize("kind", ORACLES, ids=lambda kind: kind.name)
def test_a_log_made_in_memory_is_read_by_others(started: Started, kind: Kind, made: Evidence) -> None:
    assert_found(oracle_of(started, kind).read(made), made, kind.looks_at)


@pytest.mark.parametrize("kind", ORACLES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257])
def test_logs_of_every_shape_are_read_by_others(started: Started, kind: Kind, size: int, tmp_path: Path) -> None:
    evidence = make(tmp_path / "log", LEAVES[:size])
    assert_found(oracle_of(started, kind).read(evidence), evidence, kind.looks_at)


def test_what_was_posted_and_published_is_read_by_others(started: Started, posted: Evidence) -> None:
    """One log is enough for all of them; at least one that reads tiles is always installed."""
    read = 0
    for kind in ORACLES:
        oracle = started(kind)
        if not isinstance(oracle, str):
            assert_found(oracle.read(posted), posted, kind.looks_at)
            read += 1
    assert read >= 2


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        pytest.param(kind, what, id=f"{kind.name}: {what}")
        for kind in ORACLES
        for what in SPOILS
        if what in kind.looks_at
    ],
)
def test_what_was_changed_is_refused_by_others(started: Started, kind: Kind, what: str, made: Evidence) -> None:
    oracle = oracle_of(started, kind)
    with pytest.raises(Refused):
        oracle.read(SPOILS[what](made, SIGNER))


def test_every_change_is_refused_by_somebody() -> None:
    """And by somebody who is always there: the packages of the development environment."""
    assert set(SPOILS) == TlogScales.looks_at
