"""The key-encryption key comes from a file that nobody else reads, or from a command, and fits its database alone."""

import base64
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from ledger.people.kek import (
    Kek,
    VaultKeyCommandFailed,
    VaultKeyFileRefused,
    VaultKeyMalformed,
    VaultKeyWrong,
    make_key_file,
    parse_key,
    read_key_file,
    run_key_command,
)

SECRET = bytes(range(32))
KEK = Kek.of(SECRET)
KEY_ID = UUID(int=7)


def written(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("data", [SECRET.hex().encode(), SECRET.hex().upper().encode(), base64.b64encode(SECRET)])
@pytest.mark.parametrize("around", [b"", b"\n", b"  \r\n"])
def test_a_key_is_hexadecimal_or_base64(data: bytes, around: bytes) -> None:
    assert parse_key(around + data + around) == KEK


@pytest.mark.parametrize(
    "data",
    [b"", b"secret", SECRET, SECRET.hex().encode()[:-2], base64.b64encode(SECRET[:-1]), SECRET.hex().encode() * 2],
)
def test_anything_else_is_no_key(data: bytes) -> None:
    with pytest.raises(VaultKeyMalformed):
        parse_key(data)


def test_the_id_is_of_the_key_and_shows_none_of_it() -> None:
    assert KEK.id == "630dcd2966c43366"
    assert Kek.of(bytes(32)).id != KEK.id
    assert SECRET.hex() not in repr(KEK)
    assert repr(SECRET) not in repr(KEK)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(VaultKeyFileRefused) as caught:
        read_key_file(written(tmp_path / "key", SECRET.hex().encode(), mode))
    assert caught.value.fields["reason"] == "readable_by_others"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_is_read(tmp_path: Path, mode: int) -> None:
    assert read_key_file(written(tmp_path / "key", SECRET.hex().encode(), mode)) == KEK


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path("/dev/null")):
        with pytest.raises(VaultKeyFileRefused):
            read_key_file(path)


def test_a_made_file_has_its_owners_mode_and_is_never_made_twice(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "vault.key"
    made = make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = path.read_bytes()
    assert make_key_file(path) == made
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["vault.key"]


def test_two_makers_at_once_end_up_with_one_key(tmp_path: Path) -> None:
    """Processes differ by their id; here two children make it at the same moment."""
    path = tmp_path / "vault.key"
    program = "import sys; from pathlib import Path; from ledger.people.kek import make_key_file as make; "
    command = [sys.executable, "-c", program + "print(make(Path(sys.argv[1])).id)", str(path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    ids = [child.communicate()[0] for child in children]
    assert ids == [f"{read_key_file(path).id}\n"] * 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    written(tmp_path / "file", b"")
    with pytest.raises(VaultKeyFileRefused) as caught:
        make_key_file(tmp_path / "file" / "vault.key")
    assert caught.value.fields["reason"] == "unwritable"


def test_a_command_prints_the_key(tmp_path: Path) -> None:
    path = written(tmp_path / "a key", SECRET.hex().encode())
    assert run_key_command(f"cat '{path}'") == KEK


@pytest.mark.parametrize("command", ["false", "/nowhere/none", "", "cat 'unclosed"])
def test_a_command_that_fails_is_told_without_what_it_said(command: str) -> None:
    with pytest.raises(VaultKeyCommandFailed) as caught:
        run_key_command(command)
    assert caught.value.__suppress_context__


def test_a_command_that_prints_something_else_gave_no_key() -> None:
    with pytest.raises(VaultKeyMalformed):
        run_key_command("echo secret")


def test_a_wrapped_key_opens_in_its_place_alone() -> None:
    wrapped = KEK.wrap(1, KEY_ID, SECRET)
    assert len(wrapped) == 60
    assert KEK.unwrap(1, KEY_ID, wrapped, KEK.id) == SECRET
    assert KEK.wrap(1, KEY_ID, SECRET) != wrapped
    for tenant_id, key_id, data in (
        (2, KEY_ID, wrapped),
        (1, UUID(int=8), wrapped),
        (1, KEY_ID, wrapped[:-1]),
        (1, KEY_ID, bytes([wrapped[0] ^ 1]) + wrapped[1:]),
        (1, KEY_ID, b""),
    ):
        with pytest.raises(VaultKeyWrong):
            KEK.unwrap(tenant_id, key_id, data, KEK.id)


def test_another_key_unwraps_nothing_and_names_the_one_needed() -> None:
    other = Kek.of(bytes(32))
    wrapped = KEK.wrap(1, KEY_ID, SECRET)
    for claimed in (KEK.id, other.id):
        with pytest.raises(VaultKeyWrong) as caught:
            other.unwrap(1, KEY_ID, wrapped, claimed)
        assert caught.value.fields == {"needed": claimed, "given": other.id}
