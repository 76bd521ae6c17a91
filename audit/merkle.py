"""Hash a log's leaves to one root, and check proofs about it: the Merkle tree of RFC 6962, section 2.1 (RFC 9162, 2.1).

The tree's hash is SHA-256, and the first byte keeps leaves and nodes apart, so that no node passes for a leaf::

    hash of no leaves   SHA-256("")
    hash of a leaf      SHA-256(0x00 || leaf)
    hash of a node      SHA-256(0x01 || left || right)

Of ``size`` leaves the left subtree has the largest power of two that is smaller than ``size``, the right one the rest.

An inclusion proof holds the sibling of every node on the way from a leaf to the root. A consistency proof holds what
leads from the last complete subtree of the old tree to the roots of both, so it shows that the old leaves are the
beginning of the new ones. Both have exactly one right length, which is checked before anything is hashed; sizes are at
most 2^63 - 1 and every hash has 32 bytes.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from typing import ClassVar, Final

from audit.line import NUMBER_MAX

HASH_SIZE: Final = 32
"""In bytes."""

SIZE_MAX: Final = NUMBER_MAX
"""In leaves."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a log without leaves."""

_CHUNK_SIZE: Final = 8192
"""In leaves: what ``Frontier.append`` holds at once; larger chunks leave the processor's cache and gain nothing."""

_SIZES_RIGHT: Final = frozenset({HASH_SIZE})


class MerkleError(ValueError):
    """Refuse a tree, or a proof about one."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class HashSizeWrong(MerkleError):
    """Hashes of other sizes would shift what the bytes of a node mean."""

    code = "merkle_hash_size"
    fact = f"a hash has {HASH_SIZE} bytes"


class TreeSizeOutOfRange(MerkleError):
    """Negative, or more leaves than any log may have."""

    code = "merkle_size_out_of_range"
    fact = "a tree has between 0 and 2^63 - 1 leaves"


class OldSizeTooLarge(MerkleError):
    """A log never shrinks."""

    code = "merkle_old_size_too_large"
    fact = "the old tree has more leaves than the new one"


class IndexOutOfRange(MerkleError):
    """Indexes run from 0 to the size, not included."""

    code = "merkle_index_out_of_range"
    fact = "the tree has no leaf of this index"


class FrontierMalformed(MerkleError):
    """A frontier has one hash for every bit of its size that is set."""

    code = "merkle_frontier_malformed"
    fact = "the hashes are not as many as the complete subtrees of this size"


class ProofLengthWrong(MerkleError):
    """Index and sizes alone determine it."""

    code = "merkle_proof_length"
    fact = "the proof has not as many hashes as this place in the tree asks for"


class RootMismatch(MerkleError):
    """The proof leads elsewhere: leaf, index, size, proof or root is another one."""

    code = "merkle_root_mismatch"
    fact = "the proof does not lead to this root"


class OldRootMismatch(MerkleError):
    """The old tree's root is not that of the new tree's first leaves, or the proof is wrong."""

    code = "merkle_old_root_mismatch"
    fact = "the proof does not lead to this old root"


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees' hashes."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a growing tree, one hash each: all that appending leaves and the root ask for.

    At most 63 hashes are held, however large the tree. ``hashes`` gives them from left to right, the largest subtree
    first; together with ``size`` they are enough to go on later.

    Raises:
        MerkleError: the hashes are not those of a tree of this size.
    """

    __slots__ = ("_levels", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        _check_size(size)
        if len(hashes) != size.bit_count():
            raise FrontierMalformed
        _check_hashes(hashes)
        self._size = size
        from_right = iter(reversed(hashes))
        self._levels = [next(from_right) if size >> level & 1 else b"" for level in range(size.bit_length())]

    @property
    def size(self) -> int:
        """The leaves appended so far."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The complete subtrees' hashes from left to right."""
        return tuple(each for each in reversed(self._levels) if each)

    def append(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append leaves by their hashes: all of them, or none where one is refused.

        Raises:
            MerkleError: a hash has another size, or the tree would be too large.
        """
        size, levels = self._size, self._levels.copy()
        leaves = iter(leaf_hashes)
        while chunk := list(islice(leaves, _CHUNK_SIZE)):
            _check_hashes(chunk)
            size += len(chunk)
            _check_size(size)
            _append_chunk(levels, chunk)
        self._size, self._levels = size, levels

    def root(self) -> bytes:
        """Return the root over all leaves appended so far."""
        return fold_right_edge(each for each in self._levels if each)


def _append_chunk(levels: list[bytes], nodes: list[bytes]) -> None:
    """Hash nodes upward, a level at a time; ``levels`` keeps at each the one that has no right sibling yet."""
    digest = sha256
    level = 0
    while nodes:
        if level == len(levels):
            levels.append(b"")
        if waiting := levels[level]:
            nodes.insert(0, waiting)
        levels[level] = nodes.pop() if len(nodes) % 2 else b""
        pairs = iter(nodes)
        nodes = [digest(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        level += 1


def fold_right_edge(hashes: Iterable[bytes]) -> bytes:
    """Return the root over adjacent complete subtrees, given from right to left, the smallest first."""
    root = b""
    for each in hashes:
        root = node_hash(each, root) if root else each
    return root or EMPTY_ROOT


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over these leaves.

    Raises:
        HashSizeWrong: for one of them.
    """
    frontier = Frontier()
    frontier.append(leaf_hashes)
    return frontier.root()


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the tree of this size and root has this leaf at this index (RFC 9162, 2.1.3.2).

    Raises:
        MerkleError: it could not be shown; the subclass says why.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise IndexOutOfRange
    _check_hashes((leaf_hash, root, *proof))
    # Up to here the ways of this leaf and of the last one are apart; above, the leaf's siblings are all to the left.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise ProofLengthWrong
    node = leaf_hash
    for level, sibling in enumerate(proof):
        is_right = level >= inner or index >> level & 1
        node = node_hash(sibling, node) if is_right else node_hash(node, sibling)
    if node != root:
        raise RootMismatch


def verify_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the old tree's leaves are the first of the new tree's (RFC 9162, 2.1.4.2).

    The empty tree is the beginning of every tree, and every tree of itself; both take an empty proof.

    Raises:
        MerkleError: it could not be shown; the subclass says why.
    """
    _check_size(size)
    _check_size(old_size)
    if old_size > size:
        raise OldSizeTooLarge
    _check_hashes((old_root, root, *proof))
    if size == 0 and root != EMPTY_ROOT:
        raise RootMismatch
    if old_size in {0, size}:
        if proof:
            raise ProofLengthWrong
        if old_root != (root if old_size else EMPTY_ROOT):
            raise OldRootMismatch
        return
    _verify_growth(old_size, old_root, size, root, proof)


def _verify_growth(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check a proof between two sizes that are different and not zero."""
    last = old_size - 1
    # The last complete subtree of the old tree; where it is the whole tree, its root is known and not in the proof.
    level_first = trailing_zeros(old_size)
    is_whole = old_size == 1 << level_first
    inner = (last ^ (size - 1)).bit_length()
    if len(proof) != (not is_whole) + (inner - level_first) + (last >> inner).bit_count():
        raise ProofLengthWrong
    old_node = node = old_root if is_whole else proof[0]
    for level, sibling in enumerate(proof[not is_whole :], level_first):
        if level >= inner or last >> level & 1:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
        else:
            node = node_hash(node, sibling)
    if old_node != old_root:
        raise OldRootMismatch
    if node != root:
        raise RootMismatch


def trailing_zeros(size: int) -> int:
    """Return the level of the smallest complete subtree at the right edge of a tree that has leaves."""
    return (size & -size).bit_length() - 1


def _check_size(size: int) -> None:
    if not 0 <= size <= SIZE_MAX:
        raise TreeSizeOutOfRange


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if hashes and set(map(len, hashes)) != _SIZES_RIGHT:
        raise HashSizeWrong
