import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from migrations.dump import SCHEMA, dump_schema
from migrations.migrate import FOLDER, newest_revision, upgrade
from tests.database import DatabaseServer


def test_the_migrations_add_up_to_the_committed_schema(
    postgresql: psycopg.Connection, database_server: DatabaseServer
) -> None:
    if database_server.pg_dump is None or postgresql.info.server_version < 180000:
        pytest.skip("schema.sql is written by PostgreSQL 18; this server is another")
    found = dump_schema(database_server.url(postgresql.info.dbname), database_server.pg_dump)
    assert found == SCHEMA.read_text(encoding="utf-8"), "run: python -m migrations.dump"


def test_every_sql_file_has_its_revision_and_the_numbers_have_no_gap() -> None:
    files = sorted(path.stem for path in (FOLDER / "sql").glob("*.sql"))
    revisions = sorted(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))
    assert files == revisions
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", name) for name in files)


def test_a_migrated_database_stays_as_it_is_when_migrated_again(database_url: str) -> None:
    upgrade(database_url)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT version_num FROM soquy.alembic_version").fetchall()
    assert rows == [(newest_revision(),)]


def test_two_starts_at_once_migrate_an_empty_database_once(database_server: DatabaseServer) -> None:
    maintenance = database_server.url("postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute("CREATE DATABASE soquy_race")
        try:
            url = database_server.url("soquy_race")
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(upgrade, [url] * 4))
            with psycopg.connect(url) as migrated:
                rows = migrated.execute("SELECT version_num FROM soquy.alembic_version").fetchall()
            assert rows == [(newest_revision(),)]
        finally:
            connection.execute("DROP DATABASE soquy_race WITH (FORCE)")


def test_a_failing_migration_names_file_and_line_and_leaves_nothing(
    database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "versions").mkdir()
    (folder / "env.py").write_text((FOLDER / "env.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "0001_broken.sql").write_text("CREATE TABLE soquy.a (b text DEFAULT '%s');\n\nSELECT nonsense;\n")
    shim = (
        "from migrations.revision import run_sql\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n    run_sql('0001_broken.sql')\n"
    )
    (folder / "versions" / "0001_broken.py").write_text(shim, encoding="utf-8")
    monkeypatch.setattr("migrations.migrate.FOLDER", folder)
    monkeypatch.setattr("migrations.revision.SQL", folder)
    with psycopg.connect(database_server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE soquy_broken")
        try:
            url = database_server.url("soquy_broken")
            with pytest.raises(psycopg.errors.UndefinedColumn) as caught:
                upgrade(url)
            assert "0001_broken.sql, line 3" in "".join(caught.value.__notes__)
            with psycopg.connect(url) as broken:
                assert broken.execute("SELECT to_regnamespace('soquy')").fetchone() == (None,)
        finally:
            connection.execute("DROP DATABASE soquy_broken WITH (FORCE)")


def test_a_url_keeps_its_socket_folder_on_the_way_to_the_driver() -> None:
    url = sa.make_url("postgresql://postgres@/soquy?host=%2Fsrv%2Fa%20b&port=5432")
    assert url.query["host"] == "/srv/a b"
