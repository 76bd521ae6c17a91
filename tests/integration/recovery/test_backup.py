"""A backup is whole, of one instant, holds no key, and comes back only where nothing is."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from api.cli import main
from api.cluster import Binaries
from api.restore import ROLES
from audit.note import parse_signer_key
from tests.database import KEK
from tests.integration.recovery.conftest import PENDING, Deployment, Lost

pytestmark = pytest.mark.embedded  # its programs write what an older server does not read

PROGRAMS = Binaries.of_wheel().directory


def texts_of(backup: Path) -> bytes:
    """Return every byte of a backup: as it lies there, and unpacked."""
    found = b""
    for path in sorted(backup.iterdir()):
        found += path.read_bytes()
        if path.suffix == ".dump":
            shown = subprocess.run([PROGRAMS / "pg_restore", "--file=-", path], check=True, capture_output=True)
            found += shown.stdout
    return found


def halting(folder: Path, program: str, *, at: str) -> Path:
    """Put a program before the real one that stops for good where its arguments have a word, and says so by a file."""
    folder.mkdir()
    reached = folder / "reached"
    script = folder / program
    script.write_text(f"""#!/bin/sh
case "$*" in *{at}*) touch '{reached}'; exec sleep 600;; esac
exec '{PROGRAMS / program}' "$@"
""")
    script.chmod(0o755)
    return reached


def killed(at: Deployment, programs: Path, reached: Path, *words: str | Path) -> None:
    """Run a command and kill it, and what it started, where it has come to a point."""
    path = f"{programs}:{PROGRAMS}:{os.environ['PATH']}"
    environment = {**os.environ, **at.environment(), "PATH": path}
    command = [sys.executable, "-m", "api.cli", *map(str, words)]
    with subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while not reached.exists() and running.poll() is None and time.monotonic() < deadline:
            os.sched_yield()
        assert reached.exists()
        os.killpg(running.pid, signal.SIGKILL)


def test_no_key_is_in_a_backup(lost: Lost) -> None:
    found = texts_of(lost.last_backup)
    assert PENDING.encode() in found, "it is read as it is written"
    keys = [path.read_text().strip() for path in (lost.live.home / "keys").rglob("*.key")]
    signing = [parse_signer_key(key).seed for key in keys if key.startswith("PRIVATE")]
    assert len(keys) == 2
    assert len(signing) == 1
    for secret in (KEK.secret, *signing):
        for spelled in (secret, secret.hex().encode(), base64.b64encode(secret), base64.b64encode(secret)[:40]):
            assert spelled not in found
    for key in keys:
        assert key.encode() not in found


def test_a_backup_is_its_owners_alone_and_says_what_it_is(lost: Lost) -> None:
    assert lost.backup.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in lost.backup.iterdir()} == {0o600}
    manifest = json.loads((lost.backup / "manifest.json").read_text())
    assert manifest["published_size"] == manifest["log_size"] == lost.at_backup.size
    assert base64.b64decode(manifest["root"]) == lost.at_backup.root
    assert manifest["checkpoint"].startswith(f"{manifest['origin']}\n{lost.at_backup.size}\n")
    assert manifest["documents"] == "in vault.dump"


def test_private_values_are_in_the_vaults_part_alone(lost: Lost, tmp_path: Path) -> None:
    shutil.copy(lost.last_backup / "database.dump", tmp_path)
    assert PENDING.encode() not in texts_of(tmp_path)


@pytest.mark.parametrize("part", ["database.dump", "vault.dump", "manifest.json"])
def test_a_flipped_bit_is_refused_and_nothing_is_restored(
    lost: Lost, spare: Deployment, tmp_path: Path, part: str
) -> None:
    backup = tmp_path / "copy"
    shutil.copytree(lost.last_backup, backup)
    data = bytearray((backup / part).read_bytes())
    data[len(data) // 2] ^= 1
    (backup / part).write_bytes(data)
    assert "backup" in spare.refused("restore", backup)
    assert spare.ask("SELECT count(*) FROM pg_namespace WHERE nspname IN ('soquy', 'vault')") == [(0,)]


def test_nothing_is_restored_over_what_is_there(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.last_backup)
    before = spare.ask("SELECT count(*) FROM soquy.audit_entry")
    said = spare.refused("restore", lost.backup)
    assert "associations" in said
    assert "SOQUY_HOME" in said
    assert spare.ask("SELECT count(*) FROM soquy.audit_entry") == before


def test_old_vault_parts_expire_and_their_databases_stay(lost: Lost, tmp_path: Path) -> None:
    old = tmp_path / f"{datetime.now(UTC) - timedelta(days=91):%Y%m%dT%H%M%SZ}"
    young = tmp_path / f"{datetime.now(UTC) - timedelta(days=89):%Y%m%dT%H%M%SZ}"
    for folder in (old, young):
        shutil.copytree(lost.backup, folder)
    said = lost.live.done("backup", tmp_path)
    assert f"{old / 'vault.dump'}: older than 90 days, deleted." in said
    assert sorted(path.name for path in old.iterdir()) == ["database.dump", "manifest.json"]
    assert (young / "vault.dump").exists()


def test_a_backup_that_is_killed_leaves_nothing_under_a_final_name(lost: Lost, tmp_path: Path) -> None:
    reached = halting(tmp_path / "bin", "pg_dump", at="--data-only")
    out = tmp_path / "out"
    killed(lost.live, tmp_path / "bin", reached, "backup", out)
    assert [path.suffix for path in out.iterdir() if path.is_dir()] == [".part"]
    made = Path(lost.live.done("backup", out, "--quiet").strip())
    assert [path for path in out.iterdir() if path.is_dir()] == [made]


@pytest.mark.parametrize("at", ["--data-only", "--file=-"])
def test_a_restoration_that_is_killed_lets_nobody_in_and_is_begun_again(
    lost: Lost, spare: Deployment, tmp_path: Path, at: str
) -> None:
    reached = halting(tmp_path / "bin", "pg_restore", at=at)
    killed(spare, tmp_path / "bin", reached, "restore", lost.last_backup)
    assert spare.ask("SELECT count(*) > 0 FROM soquy.entry") == [(True,)]
    with psycopg.connect(spare.url) as conn:
        for role in ("soquy_app", "soquy_log", "soquy_vault"):
            conn.execute(f"SET ROLE {role}".encode())
            for table in ("soquy.entry", "soquy.log_head", "vault.sealed_value"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(f"SELECT FROM {table}".encode())
            conn.execute("RESET ROLE")
    spare.done("restore", lost.last_backup)
    assert spare.held_because() is None
    spare.done("check")


def test_a_recovery_that_is_killed_leaves_the_log_held_and_is_begun_again(lost: Lost, spare: Deployment) -> None:
    spare.refused("restore", lost.backup)
    blocked = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'soquy.log_checkpoint'::regclass"
    with psycopg.connect(spare.url) as blocking:
        blocking.execute("LOCK TABLE soquy.log_checkpoint IN SHARE MODE")
        environment = {**os.environ, **spare.environment()}
        command = [sys.executable, "-m", "api.cli", "restore", "--recover"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
            deadline = time.monotonic() + 60
            while spare.ask(blocked) != [(True,)] and running.poll() is None and time.monotonic() < deadline:
                os.sched_yield()
            assert spare.ask(blocked) == [(True,)], "everything is replayed, and nothing committed"
            running.kill()
    assert spare.held_because() == "restored"
    assert spare.ask("SELECT size FROM soquy.log_head") == [(lost.at_backup.size,)]
    spare.done("restore", "--recover")
    spare.done("check")


@pytest.mark.embedded
def test_books_move_from_one_home_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the server that comes along: nothing is on the PATH, and the new home has only keys and log of the old."""
    monkeypatch.delenv("SOQUY_DATABASE_URL", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    old, new = tmp_path / "old", tmp_path / "new"
    monkeypatch.setenv("SOQUY_HOME", str(old))
    assert main(["token", "create", "--label", "Máy chủ", "--quiet"]) == 0
    assert main(["log", "publish", "--now", "--quiet"]) == 0
    assert main(["backup", str(tmp_path / "backups"), "--quiet"]) == 0
    (backup,) = (tmp_path / "backups").glob("2*")
    assert main(["backup", str(tmp_path / "more"), "--quiet"]) == 0
    new.mkdir()
    for name in ("keys", "log"):
        shutil.copytree(old / name, new / name)
    monkeypatch.setenv("SOQUY_HOME", str(new))
    assert main(["restore", str(backup), "--quiet"]) == 0
    assert main(["check", "--quiet"]) == 0
    assert main(["restore", str(backup), "--quiet"]) == 1


def test_a_restored_database_has_the_same_rights_and_roles(lost: Lost, spare: Deployment) -> None:
    spare.done("restore", lost.last_backup)
    rights = """\
        SELECT n.nspname, c.relname, c.relacl::text, a.attname, a.attacl::text
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
        WHERE n.nspname IN ('soquy', 'vault') AND c.relname <> 'alembic_version' AND c.relkind IN ('r', 'p', 'S', 'v')
        ORDER BY 1, 2, 4"""
    functions = """\
        SELECT p.oid::regprocedure::text, p.proacl::text, p.proowner::regrole::text
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('soquy', 'vault') ORDER BY 1"""
    schemas = "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname IN ('soquy', 'vault', 'public') ORDER BY 1"
    for query in (rights, functions, schemas):
        assert spare.ask(query) == lost.live.ask(query)
    sql = "".join(path.read_text() for path in Path("migrations/sql").glob("*.sql"))
    assert dict(re.findall(r"CREATE ROLE (\w+) (\w+);", sql)) == {
        role: "LOGIN" if is_login else "NOLOGIN" for role, is_login in ROLES.items()
    }


def test_a_program_that_is_missing_is_named(lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lost.live.environment().items():
        monkeypatch.setenv(name, value)
    environment = {**os.environ, "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "api.cli", "backup", str(tmp_path / "out")]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert ran.returncode == 1
    assert "pg_dump is not on the PATH" in ran.stderr
