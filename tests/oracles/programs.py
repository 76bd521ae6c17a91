"""Libraries of other languages, asked by small programs of ours that run beside this one."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from tests.oracles.evidence import Evidence, Finding, Refused

HERE: Final = Path(__file__).parent
GO_PATH: Final = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go's packages."""

REFUSED: Final = 3
INSTALL_SECONDS_MAX: Final = 60


def _run(command: list[str], evidence: Evidence, case: Path) -> Finding:
    """Hand evidence to a program and read what it found.

    Raises:
        Refused: the program says so; any other end is a failure.
    """
    evidence.write_case(case)
    done = subprocess.run([*command, str(case)], check=False, capture_output=True, text=True, timeout=120)
    if done.returncode == REFUSED:
        raise Refused(json.loads(done.stdout)["refused"])
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return Finding(
        size=found["size"],
        root=base64.b64decode(found["root"]),
        included=tuple(found["included"]),
        grown_from=tuple(found.get("grown_from", ())),
        cosigned_at=found.get("cosigned_at"),
        inclusion=_decode(found.get("inclusion", {})),
        consistency=_decode(found.get("consistency", {})),
    )


def _decode(proofs: dict[str, list[str]]) -> dict[int, list[bytes]]:
    return {int(place): [base64.b64decode(each) for each in hashes] for place, hashes in proofs.items()}


def _skip(why: str) -> NoReturn:
    pytest.skip(why)


class GoSumdb:
    """Go's own checksum database: https://pkg.go.dev/golang.org/x/mod/sumdb; its tiles are ours under other names."""

    name: Final = "x/mod/sumdb"
    looks_at: Final = frozenset(
        {"signature", "cosignature", "key", "root", "old root", "leaf", "path", "growth", "tile", "full tile", "bundle"}
    )

    def __init__(self, folder: Path) -> None:
        go = shutil.which("go")
        if go is None:
            _skip("go is not here (Debian: golang-go)")
        if not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
            _skip(f"golang.org/x/mod is not in {GO_PATH} (Debian: golang-golang-x-mod-dev)")
        self._folder = folder
        self._program = folder / "read"
        environment = {
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": str(GO_PATH),
            "GOFLAGS": "",
            "GOPROXY": "off",
            "GOCACHE": str(folder / "cache"),
            "CGO_ENABLED": "0",
        }
        command = [go, "build", "-o", str(self._program), str(HERE / "go" / "main.go")]
        built = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=240)
        assert built.returncode == 0, built.stderr

    def read(self, evidence: Evidence) -> Finding:
        return _run([str(self._program)], evidence, self._folder / "case.json")


class SigstoreVerify:
    """https://github.com/sigstore/sigstore-js, packages/verify: what verifies entries of Rekor's log for npm."""

    name: Final = "@sigstore/verify"
    looks_at: Final = frozenset({"signature", "key", "root", "leaf", "path"})

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node")
        if node is None:
            _skip("node is not here")
        self._command = [node, str(HERE / "node" / "read.js"), str(_node_modules())]
        self._case = folder / "case.json"

    def read(self, evidence: Evidence) -> Finding:
        return _run(self._command, evidence, self._case)


def _node_modules() -> Path:
    """Return the folder with the packages of the lock file; one that is not there yet is made in the user's cache."""
    named = os.environ.get("SOQUY_TEST_NODE_MODULES")
    here = HERE / "node" / "node_modules"
    for found in (Path(named),) if named else (here,):
        if (found / "@sigstore" / "verify").is_dir():
            return found
    if named:
        _skip(f"SOQUY_TEST_NODE_MODULES={named} has no @sigstore/verify")
    npm = shutil.which("npm")
    if npm is None:
        _skip("npm is not here, and @sigstore/verify is not installed")
    lock = (HERE / "node" / "package-lock.json").read_bytes()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = caches / "soquy-tests" / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (cache / "installed").exists():
        _install(npm, cache)
    return cache / "node_modules"


def _install(npm: str, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / "node" / name, cache / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=20000"]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=cache, timeout=INSTALL_SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        _skip(f"npm did not install @sigstore/verify within {INSTALL_SECONDS_MAX} seconds")
    if done.returncode:
        _skip(f"npm could not install @sigstore/verify: {done.stderr.strip()[-200:]}")
    (cache / "installed").touch()


PROGRAMS: Final = (GoSumdb, SigstoreVerify)
