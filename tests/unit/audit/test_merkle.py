"""The Merkle tree and its proofs, against RFC 6962 and published vectors."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from audit.merkle import (
    EMPTY_ROOT,
    SIZE_MAX,
    Frontier,
    FrontierMalformed,
    HashSizeWrong,
    IndexOutOfRange,
    MerkleError,
    OldRootMismatch,
    OldSizeTooLarge,
    ProofLengthWrong,
    RootMismatch,
    TreeSizeOutOfRange,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "merkle"
INCLUSION = sorted((VECTORS / "inclusion").rglob("*.json"))
CONSISTENCY = sorted((VECTORS / "consistency").rglob("*.json"))

SHORT_ROOT_CALLED_VALID = "additional/sizes-are-equal-one-and-proof-is-empty.json"
"""The one row whose roots are placeholders of 12 bytes; it calls them valid, but roots have 32 bytes here."""

LEAVES = [leaf_hash(bytes([number])) for number in range(9)]


def row(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def hashes(texts: list[str] | None) -> list[bytes]:
    return [decoded(text) for text in texts or []]


def refuses_inclusion(vector: dict[str, Any]) -> bool:
    try:
        verify_inclusion(
            leaf_hash=decoded(vector["leafHash"]),
            index=vector["leafIdx"],
            size=vector["treeSize"],
            proof=hashes(vector["proof"]),
            root=decoded(vector["root"]),
        )
    except MerkleError:
        return True
    return False


def refuses_consistency(vector: dict[str, Any]) -> bool:
    try:
        verify_consistency(
            old_size=vector["size1"],
            old_root=decoded(vector["root1"]),
            size=vector["size2"],
            root=decoded(vector["root2"]),
            proof=hashes(vector["proof"]),
        )
    except MerkleError:
        return True
    return False


def test_the_vectors_are_all_there() -> None:
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)
    assert sum(not row(path)["wantErr"] for path in INCLUSION) == 6
    assert sum(not row(path)["wantErr"] for path in CONSISTENCY) == 6


@pytest.mark.parametrize("path", INCLUSION, ids=lambda path: str(path.relative_to(VECTORS)))
def test_inclusion_is_shown_or_refused_as_published(path: Path) -> None:
    vector = row(path)
    assert refuses_inclusion(vector) == vector["wantErr"]


@pytest.mark.parametrize("path", CONSISTENCY, ids=lambda path: str(path.relative_to(VECTORS)))
def test_consistency_is_shown_or_refused_as_published(path: Path) -> None:
    vector = row(path)
    assert refuses_consistency(vector) == (vector["wantErr"] or path.match(SHORT_ROOT_CALLED_VALID))


def test_leaves_and_nodes_are_hashed_under_different_first_bytes() -> None:
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT
    assert leaf_hash(b"a") == hashlib.sha256(b"\x00a").digest()
    assert node_hash(b"a" * 32, b"b" * 32) == hashlib.sha256(b"\x01" + b"a" * 32 + b"b" * 32).digest()
    assert leaf_hash(b"a" * 64) != node_hash(b"a" * 32, b"a" * 32)


def test_the_left_subtree_is_the_largest_complete_one() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert root_of(LEAVES[:1]) == LEAVES[0]
    left = node_hash(node_hash(*LEAVES[0:2]), node_hash(*LEAVES[2:4]))
    assert root_of(LEAVES[:7]) == node_hash(left, node_hash(node_hash(*LEAVES[4:6]), LEAVES[6]))


def test_a_frontier_goes_on_where_another_stopped() -> None:
    first = Frontier()
    first.append(LEAVES[:5])
    assert (first.size, len(first.hashes)) == (5, 2)
    assert first.hashes == (root_of(LEAVES[:4]), LEAVES[4])
    second = Frontier(first.size, first.hashes)
    second.append(iter(LEAVES[5:]))
    assert (second.size, second.root()) == (9, root_of(LEAVES))
    assert first.root() == root_of(LEAVES[:5])


def test_a_frontier_takes_more_leaves_than_it_holds_at_once() -> None:
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(20_000)]
    one_by_one = Frontier()
    for leaf in leaves:
        one_by_one.append([leaf])
    assert one_by_one.root() == root_of(leaves)


def test_a_frontier_takes_all_leaves_or_none() -> None:
    frontier = Frontier()
    frontier.append(LEAVES[:3])
    before = (frontier.size, frontier.hashes)
    with pytest.raises(HashSizeWrong):
        frontier.append([LEAVES[0]] * 20_000 + [b"short"])
    assert (frontier.size, frontier.hashes) == before


def test_a_frontier_refuses_hashes_that_are_not_its_size_s() -> None:
    with pytest.raises(FrontierMalformed):
        Frontier(3, LEAVES[:1])
    with pytest.raises(HashSizeWrong):
        Frontier(1, [b""])
    with pytest.raises(TreeSizeOutOfRange):
        Frontier(-1)


def test_no_tree_is_larger_than_the_limit() -> None:
    full = Frontier(SIZE_MAX, [LEAVES[0]] * 63)
    with pytest.raises(TreeSizeOutOfRange):
        full.append(LEAVES[:1])


def test_each_fault_of_an_inclusion_proof_has_its_error() -> None:
    root = root_of(LEAVES[:3])
    proof = [LEAVES[0], LEAVES[2]]
    verify_inclusion(leaf_hash=LEAVES[1], index=1, size=3, proof=proof, root=root)
    with pytest.raises(IndexOutOfRange):
        verify_inclusion(leaf_hash=LEAVES[1], index=3, size=3, proof=proof, root=root)
    with pytest.raises(IndexOutOfRange):
        verify_inclusion(leaf_hash=LEAVES[1], index=-1, size=3, proof=proof, root=root)
    with pytest.raises(TreeSizeOutOfRange):
        verify_inclusion(leaf_hash=LEAVES[1], index=1, size=SIZE_MAX + 1, proof=proof, root=root)
    with pytest.raises(HashSizeWrong):
        verify_inclusion(leaf_hash=LEAVES[1][:31], index=1, size=3, proof=proof, root=root)
    with pytest.raises(ProofLengthWrong):
        verify_inclusion(leaf_hash=LEAVES[1], index=1, size=3, proof=proof[:1], root=root)
    with pytest.raises(RootMismatch) as caught:
        verify_inclusion(leaf_hash=LEAVES[0], index=1, size=3, proof=proof, root=root)
    assert caught.value.code == "merkle_root_mismatch"
    assert str(caught.value) == "the proof does not lead to this root"


def test_each_fault_of_a_consistency_proof_has_its_error() -> None:
    old_root, root = root_of(LEAVES[:2]), root_of(LEAVES[:3])
    proof = [LEAVES[2]]
    verify_consistency(old_size=2, old_root=old_root, size=3, root=root, proof=proof)
    with pytest.raises(OldSizeTooLarge):
        verify_consistency(old_size=3, old_root=root, size=2, root=old_root, proof=proof)
    with pytest.raises(TreeSizeOutOfRange):
        verify_consistency(old_size=-1, old_root=old_root, size=3, root=root, proof=proof)
    with pytest.raises(ProofLengthWrong):
        verify_consistency(old_size=2, old_root=old_root, size=3, root=root, proof=[])
    with pytest.raises(RootMismatch):
        verify_consistency(old_size=2, old_root=old_root, size=3, root=old_root, proof=proof)
    three = [LEAVES[2], LEAVES[3], node_hash(*LEAVES[:2])]
    verify_consistency(old_size=3, old_root=root, size=4, root=root_of(LEAVES[:4]), proof=three)
    with pytest.raises(OldRootMismatch):
        verify_consistency(old_size=3, old_root=old_root, size=4, root=root_of(LEAVES[:4]), proof=three)


def test_every_tree_goes_on_from_the_empty_one_and_from_itself() -> None:
    root = root_of(LEAVES[:3])
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, size=3, root=root, proof=[])
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, size=0, root=EMPTY_ROOT, proof=[])
    verify_consistency(old_size=3, old_root=root, size=3, root=root, proof=[])
    with pytest.raises(OldRootMismatch):
        verify_consistency(old_size=0, old_root=root, size=3, root=root, proof=[])
    with pytest.raises(OldRootMismatch):
        verify_consistency(old_size=3, old_root=EMPTY_ROOT, size=3, root=root, proof=[])
    with pytest.raises(RootMismatch):
        verify_consistency(old_size=0, old_root=root, size=0, root=root, proof=[])
    with pytest.raises(ProofLengthWrong):
        verify_consistency(old_size=3, old_root=root, size=3, root=root, proof=[root])
