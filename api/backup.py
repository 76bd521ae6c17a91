"""Make a backup: the database, the vault and the documents each apart, all of one instant.

Guarantees: both dumps are of one snapshot of the database; a folder under its final name is whole; no key is in it,
neither one that signs the log nor the one that opens the vault, for those are kept elsewhere and by others. The vault's
part expires: a person whose data were erased must not live on in old backups.

::

    DIR/20260131T020000Z/          0700
        manifest.json              what this is; size and SHA-256 of each part
        database.dump              pg_dump's custom format: everything but the vault's rows
        vault.dump                 the vault's rows: sealed values, documents, wrapped data keys, what was erased
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

import psycopg

from api.pg_program import Reached, connect, names
from api.problems import Refusal

FORMAT: Final = "soquy-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.dump"
VAULT: Final = "vault.dump"
UNFINISHED: Final = ".part"
STAMP: Final = "%Y%m%dT%H%M%SZ"
LAST_BACKUP: Final = "last-backup"
"""A file in the home with the instant of the last backup."""

DOCUMENTS: Final = "in vault.dump"
"""Where scans and files that were taken in are: rows of the vault, each encrypted."""

VAULT_TABLES: Final = """\
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'vault' AND c.relkind IN ('r', 'p') AND c.relname <> 'retention_class' ORDER BY 1"""
"""Tables whose rows expire; how long the law keeps each class is no secret and stays with the database."""

_STATE: Final = """\
SELECT (SELECT version_num FROM soquy.alembic_version), log.log_id, log.origin, head.size,
    published.size, published.note
FROM soquy.log JOIN soquy.log_head AS head USING (log_id)
LEFT JOIN LATERAL (
    SELECT c.size, c.note FROM soquy.log_checkpoint AS c
    WHERE c.log_id = log.log_id ORDER BY c.size DESC, c.published_at DESC LIMIT 1) AS published ON true
ORDER BY log.log_id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that is whole, and the earlier ones whose vault part was removed."""

    folder: Path
    manifest: dict[str, Any]
    expired: tuple[Path, ...]


def make_backup(at: Reached, out: Path, *, keep_days: int, is_quiet: bool = False) -> Made:
    """Write a backup into a folder of its own below ``out``, and let the vault parts of old ones expire.

    Raises:
        Refusal: the database is none of ours, another backup is under way, or a program is missing or failed.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(out):
        for leftover in out.glob(f"*{UNFINISHED}"):
            shutil.rmtree(leftover)
        made_at = datetime.now(UTC)
        folder = out / made_at.strftime(STAMP)
        if folder.exists():
            raise Refusal("backup_folder_taken", folder=str(folder))
        unfinished = folder.with_name(folder.name + UNFINISHED)
        unfinished.mkdir(mode=0o700)
        manifest = _fill(at, unfinished, made_at, is_quiet=is_quiet)
        _sync(unfinished)
        unfinished.rename(folder)
        _sync(out)
        return Made(folder=folder, manifest=manifest, expired=tuple(_expire(out, made_at, keep_days)))


def _fill(at: Reached, folder: Path, made_at: datetime, *, is_quiet: bool) -> dict[str, Any]:
    with connect(at) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = conn.execute("SELECT pg_export_snapshot(), to_regclass('soquy.log')::text").fetchone()
        if row is None or row[1] is None:
            raise Refusal("backup_database_foreign")
        at.check_program("pg_dump", conn.info.server_version // 10_000)
        state = _state(conn)
        tables = names(conn.execute(VAULT_TABLES).fetchall())
        options = ["--format=custom", "--no-password", f"--snapshot={row[0]}"]
        excluded = [f"--exclude-table-data={table}" for table in tables]
        included = [f"--table={table}" for table in tables]
        for name, chosen in ((DATABASE, excluded), (VAULT, ["--data-only", *included])):
            path = folder / name
            path.touch(mode=0o600)

            def progress(path: Path = path) -> str:
                return f"{path.name}: {path.stat().st_size / 1e6:,.1f} MB"

            at.run("pg_dump", *options, *chosen, f"--file={path}", progress=None if is_quiet else progress)
    manifest = {
        "format": FORMAT,
        "v": VERSION,
        "made_at": made_at.isoformat(timespec="seconds"),
        **state,
        "parts": {name: _described(folder / name) for name in (DATABASE, VAULT)},
        "documents": DOCUMENTS,
    }
    _write(folder / MANIFEST, _written(manifest))
    return manifest


def _written(manifest: dict[str, Any]) -> bytes:
    """Return the manifest's one spelling, which ends with the hash of what stands before."""
    said = sha256(json.dumps(manifest, indent=2).encode()).hexdigest()
    return json.dumps({**manifest, "sha256": said}, indent=2).encode() + b"\n"


def _state(conn: psycopg.Connection) -> dict[str, Any]:
    row = conn.execute(_STATE).fetchone()
    if row is None:
        raise Refusal("backup_database_foreign")
    revision, log_id, origin, size, published_size, note = row
    return {
        "revision": revision,
        "server_version": conn.info.parameter_status("server_version"),
        "log_id": log_id,
        "origin": origin,
        "log_size": size,
        "published_size": published_size or 0,
        "checkpoint": None if note is None else bytes(note).decode(),
        "root": None if note is None else bytes(note).decode().split("\n")[2],
    }


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": file_digest(file, "sha256").hexdigest()}


def _expire(out: Path, now: datetime, keep_days: int) -> Iterator[Path]:
    """Delete the vault part of every backup that is older than it may be kept."""
    for folder in sorted(out.iterdir()):
        try:
            made_at = datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        part = folder / VAULT
        if now - made_at > timedelta(days=keep_days) and part.exists():
            part.unlink()
            _sync(folder)
            yield folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read what a backup says of itself, and hold every part that is there against it.

    Raises:
        Refusal: it is no backup, or a byte of it has changed.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
        manifest = json.loads(data)
        manifest.pop("sha256")
        parts = manifest["parts"]
        is_ours = manifest["format"] == FORMAT and manifest["v"] == VERSION and parts.keys() == {DATABASE, VAULT}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        is_ours, manifest, parts, data = False, {}, {}, b""
    if not is_ours:
        raise Refusal("backup_not_one", folder=str(folder))
    if data != _written(manifest):
        raise Refusal("backup_part_differs", part=str(folder / MANIFEST))
    for name, described in parts.items():
        path = folder / name
        if name == VAULT and not path.exists():
            continue
        if not path.is_file() or _described(path) != described:
            raise Refusal("backup_part_differs", part=str(path))
    return dict(manifest)


def remember(home: Path, made_at: str) -> None:
    """Leave the instant of a backup in the home, where ``/metrics`` finds it."""
    if home.is_dir():
        unfinished = home / f"{LAST_BACKUP}.{os.getpid()}"
        unfinished.write_text(made_at + "\n", encoding="ascii")
        unfinished.replace(home / LAST_BACKUP)


def last_backup_at(home: Path) -> float:
    """Return the instant of the last backup in seconds since 1970; not a number where none is known."""
    try:
        return datetime.fromisoformat((home / LAST_BACKUP).read_text(encoding="ascii").strip()).timestamp()
    except (OSError, ValueError):
        return float("nan")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Be the only one who writes backups into a folder."""
    handle = os.open(out / ".lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refusal("backup_under_way", folder=str(out)) from None
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
