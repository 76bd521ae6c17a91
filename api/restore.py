"""Bring a backup back into an empty database, so that nobody can use it before its log is held.

A restored database is older than what the world may have seen. If it took a single entry before that is settled, the
log could fork. So the rights of the service's roles are left out while the data come in: neither may even look into the
schemas, and only the owner could, whom nobody logs in as. The last transaction gives the rights of the dump *and* holds
the log; there is no instant at which one is there without the other. Migrations, which every command of ours begins
with, wait at their own lock until then.

That transaction ends what opens a door by itself, too: sessions, remembered browsers, links and recovery codes. Which
of them were ended or used up after the backup nobody knows, so all of them are. Passwords and authenticators stay.

Killed in the middle, the database has a schema ``soquy_restoring`` and no rights for anybody: the next run clears away
what there is and begins anew. Killed after the end it is restored and held, and ``soquy restore --recover`` goes on.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from api.backup import DATABASE, VAULT, read_manifest
from api.pg_program import Reached, names
from api.problems import Refusal
from api.settings import Settings
from migrations.migrate import LOCK_KEY, newest_revision

ROLES: Final = {"soquy_owner": False, "soquy_app": True, "soquy_log": True, "soquy_vault": False}
"""The roles of the migrations, and whether somebody logs in as them: they belong to a cluster, not to a dump."""

_RIGHTS: Final = re.compile(r"^\d+; \d+ \d+ (?:DEFAULT )?ACL ")
_MAKE_ROLE: Final = """\
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} {login}; END IF;
END $$"""

_FOUND: Final = """\
SELECT n.nspname FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
    OR n.nspname = 'public' AND EXISTS (SELECT FROM pg_class AS c
        LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        WHERE c.relnamespace = n.oid AND d.objid IS NULL)
ORDER BY 1"""
_CHECKS: Final = """\
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(t.tgname)
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'vault' AND NOT t.tgisinternal AND t.tgenabled = 'A' AND t.tgtype & 4 = 4"""
"""Triggers of the vault that look at rows as they come in."""

_HOLD: Final = "UPDATE soquy.log_head SET held_because = 'restored' WHERE log_id = (SELECT max(log_id) FROM soquy.log)"

_DOORS: Final = {
    "vault.user_session": "UPDATE vault.user_session SET ended_at = now() WHERE ended_at IS NULL",
    "vault.user_device": "UPDATE vault.user_device SET ended_at = now() WHERE ended_at IS NULL",
    "vault.user_recovery": "UPDATE vault.user_recovery SET used_at = now() WHERE used_at IS NULL",
    "soquy.invitation": """\
        UPDATE soquy.invitation SET withdrawn_at = now() WHERE taken_at IS NULL AND withdrawn_at IS NULL""",
}
"""What lets somebody in without a password, and how it is shut; a backup of an older version may not have the table."""


def restore(at: Reached, settings: Settings, folder: Path, *, is_quiet: bool = False) -> dict[str, Any]:
    """Restore a backup; the database is held afterwards. Return the manifest; ``has_vault`` tells of its vault part.

    Raises:
        Refusal: the backup was changed, the database is not empty, or a program is missing or failed.
    """
    manifest = read_manifest(folder)
    if str(manifest["revision"]) > (newest_revision() or ""):
        raise Refusal("restore_revision_newer", revision=str(manifest["revision"]))
    with psycopg.connect(at.url, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        at.check_program("pg_restore", lock.info.server_version // 10_000)
        _clear(lock, settings)
        for role, is_login in ROLES.items():
            lock.execute(_MAKE_ROLE.format(role=role, login="LOGIN" if is_login else "NOLOGIN"))
            lock.execute(f"GRANT {role} TO CURRENT_USER")
            if is_login:
                lock.execute(f"ALTER ROLE {role} SET search_path = soquy, pg_temp")
        lock.execute("CREATE SCHEMA soquy_restoring")
        _grant_creation(lock, "GRANT CREATE ON DATABASE {} TO soquy_owner")
        rights = _restore_data(at, lock, folder, is_quiet=is_quiet)
        with lock.transaction():
            _grant_creation(lock, "REVOKE CREATE ON DATABASE {} FROM soquy_owner")
            lock.execute(rights)
            lock.execute("RESET ALL")
            _shut_doors(lock)
            if lock.execute(_HOLD).rowcount != 1:
                raise Refusal("backup_not_one", folder=str(folder))
            lock.execute("DROP SCHEMA soquy_restoring")
        lock.execute("ANALYZE")
    return {**manifest, "has_vault": (folder / VAULT).exists()}


def _restore_data(at: Reached, lock: psycopg.Connection, folder: Path, *, is_quiet: bool) -> str:
    """Restore everything but rights, each part in one transaction; return the statements that give the rights."""
    archive = folder / DATABASE
    listed = at.run("pg_restore", "--list", archive, reads_database=False).splitlines()
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--role=soquy_owner", "--no-password"]
    with tempfile.TemporaryDirectory() as place:
        data, rights = Path(place, "data"), Path(place, "rights")
        data.write_text("\n".join(line for line in listed if not _RIGHTS.match(line)) + "\n", encoding="utf-8")
        rights.write_text("\n".join(line for line in listed if _RIGHTS.match(line)) + "\n", encoding="utf-8")

        def progress() -> str:
            return f"restoring {archive.stat().st_size / 1e6:,.1f} MB"

        shown = None if is_quiet else progress
        at.run("pg_restore", *options, f"--use-list={data}", archive, progress=shown)
        if (folder / VAULT).exists():
            with _unchecked(lock):
                at.run("pg_restore", *options, "--data-only", folder / VAULT, progress=shown)
        script = at.run("pg_restore", "--no-owner", f"--use-list={rights}", "--file=-", archive, reads_database=False)
    # Newer programs fence the script with commands of psql.
    return "\n".join(line for line in script.splitlines() if not line.startswith("\\"))


@contextmanager
def _unchecked(lock: psycopg.Connection) -> Iterator[None]:
    """Let rows of the vault come back that were right when they came first: a child of then may be grown up.

    The other part of a backup comes back before its triggers do. Killed in here, the restoration begins anew.
    """
    found = lock.execute(_CHECKS).fetchall()
    for table, trigger in found:
        lock.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    for table, trigger in found:
        lock.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def _shut_doors(lock: psycopg.Connection) -> None:
    lock.execute("SET LOCAL ROLE soquy_owner")
    for table, shut in _DOORS.items():
        if lock.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() == (True,):
            lock.execute(shut.encode())
    lock.execute("RESET ROLE")


def _clear(lock: psycopg.Connection, settings: Settings) -> None:
    """Refuse a database with something in it, unless it is what an unfinished restoration left."""
    found = names(lock.execute(_FOUND).fetchall())
    if "soquy_restoring" in found:
        with lock.transaction():
            lock.execute("DROP SCHEMA IF EXISTS soquy CASCADE")
            lock.execute("DROP SCHEMA IF EXISTS vault CASCADE")
            lock.execute("DROP SCHEMA soquy_restoring")
        found = names(lock.execute(_FOUND).fetchall())
    if not found:
        return
    what = ", ".join(found)
    if "soquy" in found:
        row = lock.execute("SELECT (SELECT count(*) FROM soquy.association), (SELECT count(*) FROM soquy.audit_entry)")
        associations, leaves = row.fetchone() or (0, 0)
        what = f"{what}: {associations:,} associations, {leaves:,} leaves"
    where = str(settings.home) if settings.database_url is None else str(lock.info.dbname)
    raise Refusal("restore_database_not_empty", database=where, found=what)


def _grant_creation(lock: psycopg.Connection, statement: str) -> None:
    lock.execute(sql.SQL(statement).format(sql.Identifier(lock.info.dbname)))
