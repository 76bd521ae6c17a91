"""Any flipped bit of any file of an export is found, and the file named; of a leaf, its index."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.finding import AuditStopped
from audit.log_audit import audit_log
from audit.source import open_source
from audit.tiles import Bundle, parse_path
from audit.trust import Named, read_policy
from tests.log_folder import a_ledger, export_files, tree_files, write_files

LEAVES = a_ledger(600).leaves
# With what an earlier size left behind, which is looked at as well.
FILES = {**{path: data for path, data in tree_files(LEAVES[:530]).items() if ".p/" in path}, **export_files(LEAVES)}
POLICY = Named(policy=read_policy(FILES["policy"], "policy"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="soquy-flips-"))
    yield write_files(made, FILES)
    shutil.rmtree(made)


def leaf_at(path: str, place: int) -> int | None:
    """Return the index of the leaf that has this byte of a file; none has a length."""
    part = parse_path(path)
    assert isinstance(part, Bundle)
    start = 0
    for offset, leaf in enumerate(LEAVES[part.index * 256 : part.index * 256 + part.width]):
        if place < start + 2:
            return None
        start += 2 + len(leaf)
        if place < start:
            return part.index * 256 + offset
    raise AssertionError


def check_flip(folder: Path, path: str, bit: int, named: Named) -> None:
    data = bytearray(FILES[path])
    data[bit // 8] ^= 1 << bit % 8
    (folder / path).write_bytes(data)
    try:
        with pytest.raises(AuditStopped) as caught:
            audit_log(open_source(str(folder)), named, state=folder.with_suffix(".state"))
    finally:
        (folder / path).write_bytes(FILES[path])
    where = caught.value.finding.where
    if path.startswith("tile/entries/") and caught.value.code == "leaf_hash":
        assert where == f"leaf {leaf_at(path, bit // 8)}"
        assert caught.value.finding.fields["bundle"] == path
    elif path == "policy":
        assert where in {"policy", "checkpoint"}
    else:
        assert where.startswith(path)


@pytest.mark.parametrize("path", sorted(FILES.keys() - {"policy"}))
def test_any_flipped_bit_of_any_file_is_found_and_named(folder: Path, path: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, len(FILES[path]) * 8 - 1))
    def flip(bit: int) -> None:
        check_flip(folder, path, bit, POLICY)

    flip()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FILES["policy"]) * 8 - 1))
def test_any_flipped_bit_of_the_exports_own_policy_is_found(folder: Path, bit: int) -> None:
    shutil.rmtree(folder.with_suffix(".state"), ignore_errors=True)
    check_flip(folder, "policy", bit, Named())


@pytest.mark.parametrize("path", ["checkpoint", "trial-balances.jsonl", "tile/0/000.p/2", "tile/entries/000.p/2"])
def test_every_single_byte_of_a_small_export_counts(tmp_path: Path, path: str) -> None:
    files = export_files(a_ledger(2).leaves)
    folder = write_files(tmp_path / "export", files)
    for place in range(len(files[path])):
        # One bit of each byte, another one in the next: eight exports would find no other kind of fault.
        changed = bytearray(files[path])
        changed[place] ^= 1 << place % 8
        (folder / path).write_bytes(changed)
        with pytest.raises(AuditStopped):
            audit_log(open_source(str(folder)), POLICY, state=tmp_path / "state")
