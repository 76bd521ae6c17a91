import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from audit import verify
from tests.log_folder import SIGNER, a_ledger, export_files, write_files

ROOT = Path(verify.__file__).resolve().parent.parent

# Imports everything but what the standard library and cryptography have, and refuses the rest.
ALONE = """\
import sys
ALLOWED = {"audit", "web", "cryptography", "cffi", "_cffi_backend", *sys.stdlib_module_names}
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ModuleNotFoundError(f"not installed: {name}", name=name)
sys.meta_path.insert(0, Wall())
"""
AUDIT_ALONE = (
    ALONE
    + """\
from audit.verify import main
status = main(sys.argv[1:])
strangers = {name.partition(".")[0] for name in sys.modules} - ALLOWED - {"__main__", "__mp_main__"}
print(sorted(name for name in strangers if not name.startswith("_")))
print(sorted(name for name in sys.modules if name.startswith("audit.")))
sys.exit(status)
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "export", export_files(a_ledger(600).leaves))


def run(*command: str, state: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state)}
    return subprocess.run([sys.executable, *command], check=False, capture_output=True, text=True, env=environment)


def test_it_runs_as_a_module(folder: Path, tmp_path: Path) -> None:
    done = run("-m", "audit.verify", str(folder), state=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "ĐÚNG / OK log.example/soquy: 600 lá / leaves")
    assert "[keys_from_export]" in done.stderr
    assert len(list((tmp_path / "soquy").iterdir())) == 1


def test_it_needs_the_standard_library_and_cryptography_alone(folder: Path, tmp_path: Path) -> None:
    done = run("-c", AUDIT_ALONE, str(folder), state=tmp_path)
    assert done.returncode == 0, done.stderr
    strangers, modules = done.stdout.splitlines()[-2:]
    assert strangers == "[]"
    assert "audit.log'" not in modules
    assert "audit.columns" not in modules


def test_many_leaves_are_read_by_several_processes(tmp_path: Path) -> None:
    ledger = a_ledger(20_500)
    folder = write_files(tmp_path / "export", export_files(ledger.leaves))
    done = run("-c", AUDIT_ALONE, str(folder), "--quiet", state=tmp_path)
    assert done.stdout.splitlines()[0] == "ĐÚNG / OK log.example/soquy: 20 500 lá / leaves", done.stderr
    bundle = folder / "tile/entries/079"
    bundle.write_bytes(bundle.read_bytes().replace(b'"1111"', b'"1112"', 1))
    done = run("-m", "audit.verify", str(folder), "--quiet", state=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2].startswith("SAI / WRONG [leaf_hash] leaf 202")


def test_soquy_verify_needs_no_service_and_other_commands_say_what_to_install(folder: Path, tmp_path: Path) -> None:
    command = ALONE + "from web.command import main\nsys.exit(main())\n"
    for arguments in (["verify", str(folder)], ["--quiet", "verify", str(folder)], ["verify", str(folder), "--quiet"]):
        done = run("-c", command, *arguments, state=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("ĐÚNG / OK")
    done = run("-c", command, "serve", state=tmp_path)
    assert done.returncode == 2
    assert "soquy[service]" in done.stderr


def test_the_base_installation_is_what_the_auditor_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [each.partition(">")[0] for each in project["dependencies"]] == ["cryptography"]
    assert project["scripts"]["soquy"] == "web.command:main"


def test_quiet_prints_the_verdict_alone(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [str(folder), "--quiet", "--key", str(SIGNER.verifier), "--state", str(tmp_path / "seen.jsonl")]
    assert verify.main(asked) == 0
    printed = capsys.readouterr()
    assert printed.out == "ĐÚNG / OK log.example/soquy: 600 lá / leaves\n"
    assert "policy" not in printed.err
    assert (tmp_path / "seen.jsonl").is_file()


def test_what_is_wrong_ends_with_one_and_what_is_missing_with_two(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ["--state", str(tmp_path / "state")]
    (folder / "tile/0/000").unlink()
    assert verify.main([str(folder), *state]) == 2
    assert "NOT VERIFIABLE [tile_missing] tile/0/000" in capsys.readouterr().err
    (folder / "tile/0/000").write_bytes(bytes(8192))
    assert verify.main([str(folder), *state]) == 1
    assert "WRONG [tile_hash] tile/0/000" in capsys.readouterr().err
    assert verify.main([str(tmp_path / "nothing"), *state]) == 2
    assert verify.main([str(folder), *state, "--key", "no key"]) == 2
    assert verify.main([str(folder), *state, "--policy", str(tmp_path / "nothing")]) == 2


def test_a_machine_that_fails_says_nothing_about_the_log(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("audit.replay.Replay.add", full)
    assert verify.main([str(folder), "--state", str(tmp_path / "state")]) == 2
    assert "[audit_broken]" in capsys.readouterr().err


def test_a_spoiled_memory_is_named_and_never_ignored(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "seen.jsonl"
    assert verify.main([str(folder), "--state", str(state)]) == 0
    state.write_bytes(state.read_bytes().replace(b'"size":600', b'"size":500'))
    assert verify.main([str(folder), "--state", str(state)]) == 2
    assert "memory_unreadable" in capsys.readouterr().err


def test_a_memory_that_cannot_be_written_is_a_remark(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert verify.main([str(folder), "--state", str(tmp_path / "file" / "below")]) == 0
    assert "not_remembered" in capsys.readouterr().err
