"""A start finds a wrong or missing key before anybody is served, and seals what was kept before there was a vault."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from api.prepared import open_vault
from api.settings import Settings
from ledger.books.check import check
from ledger.people.kek import Kek, VaultKeyMissing, VaultKeyWrong
from ledger.people.opening import open_for_inspection
from ledger.tenancy import set_tenant
from migrations.migrate import _configuration, driver_url, upgrade
from tests.database import KEK, DatabaseServer, key_file, with_vault
from tests.factories import Ledger
from tests.integration.people.conftest import TYPED

EVENT = UUID("018f0000-0000-7000-8000-0000000000aa")
SALT = bytes(range(100, 132))


def settings_of(home: Path, **more: object) -> Settings:
    return Settings(home=home, **more)  # type: ignore[arg-type] # pydantic reads what it is given


def test_a_first_start_makes_the_key_and_the_next_ones_read_it(database_url: str, tmp_path: Path) -> None:
    made = open_vault(database_url, settings_of(tmp_path))
    assert (tmp_path / "keys" / "vault.key").stat().st_mode & 0o777 == 0o600
    assert open_vault(database_url, settings_of(tmp_path)) == made


def test_a_lost_key_is_not_answered_by_a_new_one(ledger: Ledger, database_url: str, tmp_path: Path) -> None:
    with pytest.raises(VaultKeyMissing) as caught:
        open_vault(database_url, settings_of(tmp_path))
    assert caught.value.fields["needed"] == KEK.id
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_is_found_at_the_start(ledger: Ledger, database_url: str, tmp_path: Path) -> None:
    other = Kek.of(bytes(32))
    path = key_file(tmp_path / "key", other)
    for settings in (
        settings_of(tmp_path, vault_key_file=path),
        settings_of(tmp_path, vault_key_command=f"cat {path}"),
    ):
        with pytest.raises(VaultKeyWrong) as caught:
            open_vault(database_url, settings)
        assert caught.value.fields == {"needed": KEK.id, "given": other.id}
    assert open_vault(database_url, settings_of(tmp_path, vault_key_file=key_file(path))) == KEK


@pytest.fixture
def old_database(database_server: DatabaseServer) -> Iterator[str]:
    """A database as the version before the vault left it, with a plain value and salt."""
    with psycopg.connect(database_server.url("postgres"), autocommit=True) as maintenance:
        maintenance.execute("CREATE DATABASE soquy_old")
        try:
            url = database_server.url("soquy_old")
            engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool)
            with engine.begin() as conn:
                conn.execute(sa.text("CREATE SCHEMA soquy"))
                command.upgrade(_configuration(conn), "0009")
            with psycopg.connect(url) as conn:
                conn.execute("SET session_replication_role = replica")
                for table in ("audit_entry", "idempotency"):
                    conn.execute(f"ALTER TABLE soquy.{table} DISABLE TRIGGER ALL".encode())
                conn.execute("INSERT INTO soquy.tenant (tenant_id, name) OVERRIDING SYSTEM VALUE VALUES (7, 'Cũ')")
                conn.execute(
                    "INSERT INTO soquy.audit_entry (tenant_id, event_id, type, leaf, recorded_at)"
                    " VALUES (7, %s, 'voucher.voided', '{}', '2023-12-31 18:00Z')",
                    (EVENT,),
                )
                for field, value in (("description", TYPED), ("reason", "Ghi nhầm")):
                    row = (EVENT, field, value, SALT)
                    conn.execute("INSERT INTO soquy.sealed_value VALUES (7, %s, %s, %s, %s)", row)
                conn.execute("INSERT INTO soquy.idempotency VALUES (7, %s, 'k', sha256('guess'), '{}')", (EVENT,))
                for table in ("audit_entry", "idempotency"):
                    conn.execute(f"ALTER TABLE soquy.{table} ENABLE TRIGGER ALL".encode())
            yield url
        finally:
            maintenance.execute("DROP DATABASE soquy_old WITH (FORCE)")


def test_what_was_kept_in_plain_is_sealed_at_the_first_start(old_database: str, tmp_path: Path) -> None:
    upgrade(old_database)
    settings = settings_of(tmp_path, vault_key_file=key_file(tmp_path / "key"))
    assert open_vault(old_database, settings) == open_vault(old_database, settings)
    engine = with_vault(sa.create_engine(driver_url(old_database), poolclass=sa.NullPool))
    with engine.begin() as conn:
        set_tenant(conn, 7)
        rows = conn.execute(
            sa.text("SELECT field, value, retention, fiscal_year, sealed FROM vault.sealed_value ORDER BY field")
        ).all()
        assert [tuple(row)[:4] for row in rows] == [
            ("description", TYPED, "slip", 2024),  # the day in Việt Nam
            ("reason", None, "slip", 2024),
        ]
        assert conn.execute(sa.text("SELECT count(*) FROM vault.unsealed_value")).scalar_one() == 0
        found = open_for_inspection(conn, 7, EVENT, ["description", "reason"], reason="x", principal_id=None)
        assert [(each.value, each.salt) for each in found] == [(TYPED, SALT), ("Ghi nhầm", SALT)]
        # A hash that could be tried out against guesses is not kept either.
        remembered = conn.execute(sa.text("SELECT request_hash <> sha256('guess') FROM soquy.idempotency"))
        assert remembered.scalar_one()
        broken = {finding.rule for finding in check(conn)}
        assert "sealed_leaf" not in broken
