"""Whatever a log holds: its proofs hold, nothing changed passes, and no bytes bring a reader down."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, CheckpointError, parse_checkpoint
from audit.cosignature import TIME_MAX, CosignatureError, CosignerKey, verify_cosignature
from audit.line import parse_base64, parse_decimal
from audit.merkle import (
    SIZE_MAX,
    Frontier,
    MerkleError,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from audit.note import (
    NoteError,
    Signature,
    SignedNote,
    SignerKey,
    parse_note,
    parse_signer_key,
    parse_verifier_key,
    verify_note,
)
from audit.policy import PolicyError, parse_policy
from audit.proof import Proof, ProofError, parse_proof
from audit.tiles import (
    Bundle,
    Tile,
    TileError,
    TileHashes,
    bundles_of,
    decode_bundle,
    encode_bundle,
    parse_path,
    tiles_between,
    tiles_of,
)

HASHES: Final = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]

SIZES_AT_EDGES: Final = (1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 70_000)

small_sizes = st.integers(1, 1500)
sizes = small_sizes | st.sampled_from(SIZES_AT_EDGES)
hashes = st.binary(min_size=32, max_size=32)

unhurried = settings(deadline=None)
"""For trees whose first root takes long where many tests run at once."""


def level_nodes() -> list[list[bytes]]:
    """The hashes of each level of tiles over all leaves."""
    levels = [HASHES]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        levels.append([root_of(below[start : start + 256]) for start in range(0, len(below) - 255, 256)])
    return levels


LEVELS: Final = level_nodes()


def read(tile: Tile) -> bytes:
    start = tile.index * 256
    return b"".join(LEVELS[tile.level][start : start + tile.width])


@cache
def root_at(size: int) -> bytes:
    frontier = Frontier()
    frontier.append(HASHES[:size])
    return frontier.root()


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962's definition, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


@st.composite
def indexes_and_sizes(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@unhurried
@given(sizes)
def test_the_root_of_tiles_leaves_and_definition_is_one(size: int) -> None:
    assert TileHashes(read, size).root() == root_at(size) == plain_root(HASHES[:size])


@given(st.lists(st.integers(0, 700), max_size=5))
def test_it_does_not_matter_in_which_batches_leaves_come(batches: list[int]) -> None:
    frontier, start = Frontier(), 0
    for batch in batches:
        frontier = Frontier(frontier.size, frontier.hashes)
        frontier.append(HASHES[start : start + batch])
        start += batch
    assert (frontier.size, frontier.root()) == (start, root_of(HASHES[:start]))


@unhurried
@given(indexes_and_sizes())
def test_every_leaf_is_provable_at_every_size(place: tuple[int, int]) -> None:
    index, size = place
    proof = TileHashes(read, size).inclusion_proof(index)
    verify_inclusion(leaf_hash=HASHES[index], index=index, size=size, proof=proof, root=root_at(size))


@unhurried
@given(indexes_and_sizes())
@example((256, 65_537))
def test_old_roots_stay_provable(place: tuple[int, int]) -> None:
    old_size, size = place[0] + 1, place[1]
    proof = TileHashes(read, size).consistency_proof(old_size)
    old_root, root = root_at(old_size), root_at(size)
    verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)


def test_every_pair_of_small_sizes_is_consistent() -> None:
    roots = [root_at(size) for size in range(40)]
    for size in range(40):
        tree = TileHashes(read, size)
        for index in range(size):
            proof = tree.inclusion_proof(index)
            verify_inclusion(leaf_hash=HASHES[index], index=index, size=size, proof=proof, root=roots[size])
        for old_size in range(size + 1):
            proof = tree.consistency_proof(old_size)
            verify_consistency(old_size=old_size, old_root=roots[old_size], size=size, root=roots[size], proof=proof)


def flip(parts: list[bytes], bit: int) -> list[bytes]:
    """Flip one bit of all these hashes' bits."""
    which, place = divmod(bit, 256)
    changed = bytearray(parts[which])
    changed[place // 8] ^= 1 << place % 8
    return [*parts[:which], bytes(changed), *parts[which + 1 :]]


@unhurried
@given(indexes_and_sizes(), st.data())
def test_any_flipped_bit_of_leaf_root_or_inclusion_proof_is_refused(
    place: tuple[int, int], data: st.DataObject
) -> None:
    index, size = place
    parts = [HASHES[index], root_at(size), *TileHashes(read, size).inclusion_proof(index)]
    leaf, root, *proof = flip(parts, data.draw(st.integers(0, 256 * len(parts) - 1)))
    with pytest.raises(MerkleError):
        verify_inclusion(leaf_hash=leaf, index=index, size=size, proof=proof, root=root)


@unhurried
@given(indexes_and_sizes(), st.data())
def test_any_flipped_bit_of_roots_or_consistency_proof_is_refused(place: tuple[int, int], data: st.DataObject) -> None:
    old_size, size = place[0] + 1, place[1]
    parts = [root_at(old_size), root_at(size), *TileHashes(read, size).consistency_proof(old_size)]
    old_root, root, *proof = flip(parts, data.draw(st.integers(0, 256 * len(parts) - 1)))
    with pytest.raises(MerkleError):
        verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)


@unhurried
@given(indexes_and_sizes(), indexes_and_sizes())
def test_a_proof_is_one_for_its_own_leaf_and_index_only(one: tuple[int, int], other: tuple[int, int]) -> None:
    index, size = one
    wrong_index = other[0] % size
    proof = TileHashes(read, size).inclusion_proof(index)
    root = root_at(size)
    if wrong_index != index:
        with pytest.raises(MerkleError):
            verify_inclusion(leaf_hash=HASHES[index], index=wrong_index, size=size, proof=proof, root=root)
        with pytest.raises(MerkleError):
            verify_inclusion(leaf_hash=HASHES[wrong_index], index=index, size=size, proof=proof, root=root)


@given(
    st.integers(-1, SIZE_MAX + 1), st.integers(-1, SIZE_MAX + 1), st.lists(hashes | st.binary(max_size=40), max_size=66)
)
def test_made_up_proofs_are_refused_with_the_module_s_errors(one: int, other: int, proof: list[bytes]) -> None:
    root, leaf = bytes(32), HASHES[0]
    with pytest.raises(MerkleError):
        verify_inclusion(leaf_hash=leaf, index=one, size=other, proof=proof, root=root)
    if one != other:
        with pytest.raises(MerkleError):
            verify_consistency(old_size=one, old_root=leaf, size=other, root=root, proof=proof)


@given(st.integers(0, SIZE_MAX), st.lists(hashes, min_size=63, max_size=63))
def test_a_frontier_of_any_size_goes_on(size: int, enough: list[bytes]) -> None:
    frontier = Frontier(size, enough[: size.bit_count()])
    assert Frontier(frontier.size, frontier.hashes).root() == frontier.root()
    if size < SIZE_MAX:
        frontier.append(enough[:1])
        assert (frontier.size, len(frontier.hashes)) == (size + 1, (size + 1).bit_count())


@given(small_sizes, small_sizes)
def test_tiles_and_bundles_between_sizes_add_up(one: int, other: int) -> None:
    old_size, size = sorted((one, other))
    had = set(tiles_of(old_size))
    assert set(tiles_of(size)) - had == set(tiles_between(old_size, size))
    assert sum(bundle.width for bundle in bundles_of(size)) == size
    assert sum(tile.width for tile in tiles_of(size) if tile.level == 0) == size
    for tile in tiles_of(size):
        assert parse_path(tile.path) == tile
    for bundle in bundles_of(size):
        assert parse_path(bundle.path) == bundle


@given(st.integers(0, 7), st.integers(0, SIZE_MAX >> 8), st.integers(1, 256))
def test_a_path_is_read_as_it_is_written(level: int, index: int, width: int) -> None:
    with suppress(TileError):
        tile = Tile(level, index, width)
        assert parse_path(tile.path) == tile
    with suppress(TileError):
        bundle = Bundle(index, width)
        assert parse_path(bundle.path) == bundle


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_as_it_is_written(leaves: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(leaves), len(leaves)) == leaves


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+"), min_size=1, max_size=12)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
seeds = st.binary(min_size=32, max_size=32)
signer_keys = st.builds(SignerKey, names, seeds)
cosigner_keys = st.builds(CosignerKey, names, seeds)
checkpoints = st.builds(Checkpoint, lines, st.integers(0, SIZE_MAX), hashes, st.lists(lines, max_size=3).map(tuple))
texts = st.lists(lines | st.just(""), min_size=1, max_size=5).map(lambda each: "\n".join([*each, ""]))


@given(texts, signer_keys, cosigner_keys, st.integers(0, TIME_MAX))
def test_a_signed_note_is_read_as_it_is_written(text: str, key: SignerKey, witness: CosignerKey, time: int) -> None:
    note = SignedNote(text, (key.sign(text), witness.cosign(text, time)))
    assert parse_note(note.encode()) == note
    assert verify_note(note, [key.verifier]) == note.signatures[:1]
    assert verify_cosignature(note, witness.verifier) == time
    assert parse_verifier_key(str(witness.verifier)) == witness.verifier
    assert parse_signer_key(str(key)) == key


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_is_written(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.text()) == checkpoint


@given(checkpoints, signer_keys, st.integers(0, SIZE_MAX - 1), st.lists(hashes, max_size=63), st.none() | st.binary())
def test_a_proof_is_read_as_it_is_written(
    checkpoint: Checkpoint, key: SignerKey, index: int, way: list[bytes], extra: bytes | None
) -> None:
    text = checkpoint.text()
    proof = Proof(index, tuple(way), SignedNote(text, (key.sign(text),)).encode(), extra)
    assert parse_proof(proof.encode()) == proof


@given(texts, signer_keys, st.data())
def test_no_changed_byte_of_a_note_is_verified(text: str, key: SignerKey, data: st.DataObject) -> None:
    right = SignedNote(text, (key.sign(text),)).encode()
    place = data.draw(st.integers(0, len(right) - 1))
    changed = bytearray(right)
    changed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NoteError):
        verify_note(parse_note(bytes(changed)), [key.verifier])


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


WITNESS: Final = CosignerKey("w", bytes(32))
FRAGMENTS: Final = [
    b"\n", b"\n\n", b" ", b"+", b"\t", b"\r", b"0", b"1", b"9" * 20, b"A" * 44, b"A" * 43 + b"=", b"AAAAAAA=", b"\xff",
    b"c2sp.org/tlog-proof@v1\n", b"index ", b"extra ", b"log ", b"witness ", b"group ", b"quorum ", b"none", b"all",
    b"tile/", b"entries/", b"000", b"x001/", b".p/", b"PRIVATE+KEY+", str(WITNESS.verifier).encode(),
    "— w ".encode(), "\u00a0".encode(),
]  # fmt: skip
anything = st.binary(max_size=60) | st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=12).map(
    b"".join
)

READERS: Final[list[tuple[Callable[[bytes], object], tuple[type[ValueError], ...]]]] = [
    (parse_note, (NoteError,)),
    (lambda data: parse_checkpoint(text_of(data)), (CheckpointError,)),
    (parse_proof, (ProofError, NoteError, CheckpointError)),
    (lambda data: parse_proof(b"c2sp.org/tlog-proof@v1\n" + data), (ProofError, NoteError, CheckpointError)),
    (parse_policy, (PolicyError,)),
    (lambda data: parse_path(text_of(data)), (TileError,)),
    (lambda data: parse_path("tile/" + text_of(data)), (TileError,)),
    (lambda data: decode_bundle(data, len(data) % 300), (TileError,)),
    (lambda data: parse_verifier_key(text_of(data)), (NoteError,)),
    (lambda data: parse_signer_key("PRIVATE+KEY+" + text_of(data)), (NoteError,)),
    (lambda data: Signature("w", WITNESS.verifier.key_id, data), (NoteError,)),
    (
        lambda data: verify_cosignature(
            SignedNote("a\n", (Signature("w", WITNESS.verifier.key_id, b"\x00" + data),)), WITNESS.verifier
        ),
        (CosignatureError,),
    ),
    (lambda data: parse_decimal(text_of(data)), ()),
    (lambda data: parse_base64(text_of(data)), ()),
]


@settings(max_examples=500, deadline=None)
@given(anything)
def test_no_bytes_bring_a_reader_down(data: bytes) -> None:
    for reader, errors in READERS:
        with suppress(*errors):
            reader(data)


@given(anything)
def test_what_is_read_is_written_byte_for_byte(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        pass
    else:
        assert note.encode() == data
    try:
        checkpoint = parse_checkpoint(text_of(data))
    except CheckpointError:
        pass
    else:
        assert checkpoint.text().encode() == data
