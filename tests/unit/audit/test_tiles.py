"""Tiles and entry bundles, against the specification's examples and a published log."""

from pathlib import Path

import pytest

from audit.checkpoint import open_checkpoint
from audit.merkle import (
    EMPTY_ROOT,
    SIZE_MAX,
    Frontier,
    IndexOutOfRange,
    OldSizeTooLarge,
    TreeSizeOutOfRange,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from audit.note import parse_verifier_key
from audit.tiles import (
    Bundle,
    BundleLeafTooLarge,
    BundleTooLong,
    BundleTruncated,
    BundleWidthOutOfRange,
    Tile,
    TileError,
    TileHashes,
    TileLevelOutOfRange,
    TileOutOfRange,
    TilePathMalformed,
    TilePathNotCanonical,
    TileSizeWrong,
    TileWidthOutOfRange,
    bundles_between,
    bundles_of,
    decode_bundle,
    encode_bundle,
    parse_path,
    tiles_between,
    tiles_of,
)

LOG = Path(__file__).parents[2] / "vectors" / "tessera" / "log"
KEY = parse_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
SIZES = range(16)


def read_log(file: Tile | Bundle) -> bytes:
    return (LOG / file.path).read_bytes()


def root_at(size: int) -> bytes:
    data = (LOG / f"checkpoint.{size}").read_bytes()
    checkpoint, _ = open_checkpoint(data, origin="example.com/log/testdata", keys=[KEY])
    assert checkpoint.size == size
    return checkpoint.root


def leaves_at(size: int) -> list[bytes]:
    return [leaf for bundle in bundles_of(size) for leaf in decode_bundle(read_log(bundle), bundle.width)]


def test_the_published_log_has_exactly_the_files_of_its_sizes() -> None:
    expected = {tile.path for size in SIZES for tile in tiles_of(size)}
    expected |= {bundle.path for size in SIZES for bundle in bundles_of(size)}
    assert {str(path.relative_to(LOG)) for path in (LOG / "tile").rglob("*") if path.is_file()} == expected
    assert len(expected) == 30
    assert (LOG / "checkpoint").read_bytes() == (LOG / "checkpoint.15").read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_the_published_log_is_recomputed_from_its_leaves_and_from_its_tiles(size: int) -> None:
    leaves = leaves_at(size)
    assert leaves == leaves_at(15)[:size]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tree = TileHashes(read_log, size)
    assert tree.size == size
    assert root_at(size) == root_of(hashes) == tree.root()
    for bundle, tile in zip(bundles_of(size), tiles_of(size), strict=True):
        assert encode_bundle(leaves) == read_log(bundle)
        assert b"".join(hashes) == read_log(tile)
    for index, each in enumerate(hashes):
        proof = tree.inclusion_proof(index)
        verify_inclusion(leaf_hash=each, index=index, size=size, proof=proof, root=root_at(size))
    for old_size in range(size + 1):
        proof = tree.consistency_proof(old_size)
        verify_consistency(old_size=old_size, old_root=root_at(old_size), size=size, root=root_at(size), proof=proof)


@pytest.mark.parametrize(
    ("file", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 999, 255), "tile/1/999.p/255"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(0, 1234, 5), "tile/0/x001/234.p/5"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(7, 0, 127), "tile/7/000.p/127"),
        (Tile(0, (SIZE_MAX >> 8), 255), "tile/0/x036/x028/x797/x018/x963/967.p/255"),
        (Bundle(0, 1), "tile/entries/000.p/1"),
        (Bundle(1234067), "tile/entries/x001/x234/067"),
    ],
)
def test_a_path_is_the_one_of_the_specification(file: Tile | Bundle, path: str) -> None:
    assert file.path == path
    assert parse_path(path) == file


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("", TilePathMalformed),
        ("checkpoint", TilePathMalformed),
        ("/tile/0/000", TilePathMalformed),
        ("tile/0/000/", TilePathMalformed),
        ("tile/0/000\n", TilePathMalformed),
        ("tile/0/00", TilePathMalformed),
        ("tile/0/0000", TilePathMalformed),
        ("tile/0/001/000", TilePathMalformed),
        ("tile/0/x001", TilePathMalformed),
        ("tile/0/X001/000", TilePathMalformed),
        ("tile/0/٠٠٠", TilePathMalformed),
        ("tile/-1/000", TilePathMalformed),
        ("tile/+1/000", TilePathMalformed),
        ("tile/data/000", TilePathMalformed),
        ("tile/0/000.p/", TilePathMalformed),
        ("tile/0/000.p/1/", TilePathMalformed),
        ("tile/0/../000", TilePathMalformed),
        ("tile/0/x000/001", TilePathNotCanonical),
        ("tile/0/x000/x001/000", TilePathNotCanonical),
        ("tile/00/000", TilePathNotCanonical),
        ("tile/01/000", TilePathNotCanonical),
        ("tile/0/000.p/01", TilePathNotCanonical),
        ("tile/0/000.p/00", TilePathNotCanonical),
        ("tile/0/000.p/0", TileWidthOutOfRange),
        ("tile/0/000.p/256", TileWidthOutOfRange),
        ("tile/entries/000.p/256", TileWidthOutOfRange),
        ("tile/0/000.p/99999999999999999999", TileWidthOutOfRange),
        ("tile/64/000", TileLevelOutOfRange),
        ("tile/99999999999999999999/000", TileLevelOutOfRange),
        ("tile/8/000.p/1", TileOutOfRange),
        ("tile/63/000.p/1", TileOutOfRange),
        ("tile/7/000.p/128", TileOutOfRange),
        ("tile/0/x036/x028/x797/x018/x963/967", TileOutOfRange),
        ("tile/entries/x999/x999/x999/x999/x999/x999/x999/999", TileOutOfRange),
    ],
)
def test_every_other_spelling_is_refused(path: str, error: type[TileError]) -> None:
    with pytest.raises(TileError) as caught:
        parse_path(path)
    assert caught.type is error


def test_a_place_that_no_tree_has_is_refused() -> None:
    for width in (0, 257, -1):
        with pytest.raises(TileWidthOutOfRange):
            Tile(0, 0, width)
        with pytest.raises(TileWidthOutOfRange):
            Bundle(0, width)
    with pytest.raises(TileOutOfRange):
        Tile(0, -1)
    with pytest.raises(TileLevelOutOfRange):
        Tile(-1, 0)


def test_a_tree_of_70_000_leaves_has_the_tiles_of_the_specification_s_example() -> None:
    partial = [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    full = [Tile(0, index) for index in range(273)]
    assert tiles_of(70_000) == [*full, partial[0], Tile(1, 0), *partial[1:]]
    assert bundles_of(70_000) == [*(Bundle(index) for index in range(273)), Bundle(273, 112)]
    assert tiles_of(256) == [Tile(0, 0), Tile(1, 0, 1)]
    assert Tile(0, 273, 112).size == 112 * 32
    assert tiles_of(0) == []
    assert bundles_of(0) == []


@pytest.mark.parametrize(("old_size", "size"), [(0, 1), (255, 256), (256, 257), (300, 511), (512, 512), (600, 66_000)])
def test_between_two_sizes_lie_the_tiles_that_the_smaller_one_had_not(old_size: int, size: int) -> None:
    assert tiles_between(old_size, size) == [tile for tile in tiles_of(size) if tile not in set(tiles_of(old_size))]
    had = set(bundles_of(old_size))
    assert bundles_between(old_size, size) == [bundle for bundle in bundles_of(size) if bundle not in had]


def test_sizes_that_are_none_are_refused() -> None:
    for between in (tiles_between, bundles_between):
        with pytest.raises(OldSizeTooLarge):
            between(2, 1)
        with pytest.raises(TreeSizeOutOfRange):
            between(-1, 1)
        with pytest.raises(TreeSizeOutOfRange):
            between(0, SIZE_MAX + 1)


def test_a_bundle_holds_leaves_of_every_length_that_it_can_say() -> None:
    leaves = [b"", b"a", b"b" * 65_535]
    data = encode_bundle(leaves)
    assert data[:5] == b"\x00\x00\x00\x01a"
    assert decode_bundle(data, 3) == leaves
    assert decode_bundle(encode_bundle([b""] * 256), 256) == [b""] * 256


def test_each_fault_of_a_bundle_has_its_error() -> None:
    data = encode_bundle([b"one", b"two"])
    for cut in range(len(data)):
        with pytest.raises(BundleTruncated):
            decode_bundle(data[:cut], 2)
    with pytest.raises(BundleTruncated):
        decode_bundle(data, 3)
    with pytest.raises(BundleTooLong):
        decode_bundle(data + b"\x00", 2)
    with pytest.raises(BundleTooLong):
        decode_bundle(data, 1)
    for width in (0, 257):
        with pytest.raises(BundleWidthOutOfRange):
            decode_bundle(data, width)
        with pytest.raises(BundleWidthOutOfRange):
            encode_bundle([b""] * width)
    with pytest.raises(BundleLeafTooLarge) as caught:
        encode_bundle([b"a" * 65_536])
    assert (caught.value.code, str(caught.value)) == ("bundle_leaf_too_large", "a leaf has more than 65,535 bytes")


class CountingReader:
    """Serves the tiles of many leaves and remembers which were read."""

    def __init__(self, leaf_hashes: list[bytes]) -> None:
        self.files: dict[Tile, bytes] = {}
        self.read: list[Tile] = []
        size, level, nodes = len(leaf_hashes), 0, leaf_hashes
        for tile in tiles_of(size):
            if tile.level > level:
                level, nodes = tile.level, [root_of(nodes[i : i + 256]) for i in range(0, len(nodes) - 255, 256)]
            self.files[tile] = b"".join(nodes[tile.index * 256 : tile.index * 256 + tile.width])

    def __call__(self, tile: Tile) -> bytes:
        self.read.append(tile)
        return self.files[tile]


def test_each_tile_is_read_once_and_only_those_that_an_answer_needs() -> None:
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(66_000)]
    reader = CountingReader(hashes)
    tree = TileHashes(reader, len(hashes))
    root = tree.root()
    assert root == root_of(hashes)
    assert sorted(reader.read, key=lambda tile: tile.level) == [Tile(0, 257, 208), Tile(1, 1, 1), Tile(2, 0, 1)]
    proof = tree.inclusion_proof(1000)
    verify_inclusion(leaf_hash=hashes[1000], index=1000, size=len(hashes), proof=proof, root=root)
    assert reader.read[3:] == [Tile(0, 3), Tile(1, 0)]
    for old_size in (1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999):
        old = Frontier()
        old.append(hashes[:old_size])
        verify_consistency(
            old_size=old_size,
            old_root=old.root(),
            size=len(hashes),
            root=root,
            proof=tree.consistency_proof(old_size),
        )
    assert len(reader.read) == len(set(reader.read))


def test_a_tile_of_another_length_is_refused() -> None:
    for size in (0, 31, 63, 65, 96):
        with pytest.raises(TileSizeWrong):
            TileHashes({Tile(0, 0, 2): bytes(size)}.__getitem__, 2).root()


def test_trees_have_proofs_for_what_they_hold_only() -> None:
    tree = TileHashes(read_log, 3)
    for index in (-1, 3):
        with pytest.raises(IndexOutOfRange):
            tree.inclusion_proof(index)
    with pytest.raises(OldSizeTooLarge):
        tree.consistency_proof(4)
    with pytest.raises(TreeSizeOutOfRange):
        tree.consistency_proof(-1)
    with pytest.raises(TreeSizeOutOfRange):
        TileHashes(read_log, -1)
    assert TileHashes(read_log, 0).root() == EMPTY_ROOT
