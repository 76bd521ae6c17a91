"""What is repeated, what never is, and how often the database is asked."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, text

from api import database
from api.app import create_app
from api.settings import Settings
from ledger.tenancy import set_tenant
from tests.database import with_vault
from tests.integration.api.conftest import World, entry
from tests.integration.api.wire import Wire


def count_entries(world: World) -> int:
    with world.engine.begin() as conn:
        set_tenant(conn, world.commune.tenant_id)
        return int(conn.execute(text("SELECT count(*) FROM soquy.entry")).scalar_one())


@pytest.fixture
def wire(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    place = conninfo_to_dict(app_url)
    if not str(place["host"]).startswith("/"):
        pytest.skip("this server is not reached by a unix socket")
    with Wire(Path(str(place["host"])), tmp_path_factory.mktemp("w"), int(str(place["port"]))) as found:
        yield found


@pytest.fixture
def wired(world: World, wire: Wire, app_url: str) -> Iterator[TestClient]:
    """The same application, reaching the database through the wire by one connection."""
    settings = Settings(connection_count_max=1)
    url = sa.make_url(app_url).update_query_dict({"host": str(wire.folder)})
    engine = with_vault(database.make_engine(url.render_as_string(hide_password=False), settings))
    with TestClient(create_app(settings, engine), raise_server_exceptions=False) as client:
        yield client
    engine.dispose()


def post(world: World, client: TestClient, key: str, amount: int = 1_000) -> Any:
    headers = {"Authorization": f"Bearer {world.secrets['commune']}", "Idempotency-Key": key}
    return client.post(world.path(world.commune, "/entries"), json=entry(amount), headers=headers)


def test_posting_asks_the_database_four_times_at_most(world: World, wire: Wire, wired: TestClient) -> None:
    for number in range(8):  # the driver prepares statements when it has seen them a few times
        assert post(world, wired, f"warm{number}").status_code == 201
    wire.latency_seconds = 0.05
    wire.round_trips = 0
    assert post(world, wired, "measured").status_code == 201
    assert wire.round_trips == 4, "BEGIN with authentication, taking the book, the insert, COMMIT"


def test_a_lost_answer_to_commit_is_told_as_unknown_and_a_retry_finds_out(
    world: World, wire: Wire, wired: TestClient
) -> None:
    assert post(world, wired, "first").status_code == 201
    wire.cut_before_commit_answer = True
    lost = post(world, wired, "second")
    assert (lost.status_code, lost.json()["code"]) == (503, "outcome_unknown")
    assert lost.headers["retry-after"]
    wire.cut_before_commit_answer = False
    again = post(world, wired, "second")
    assert again.status_code == 201, again.text
    assert again.headers["idempotent-replay"] == "true"
    assert count_entries(world) == 2


def test_a_connection_that_died_while_idle_is_replaced_unnoticed(world: World, database_url: str) -> None:
    assert post(world, world.client, "before").status_code == 201
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert post(world, world.client, "after").status_code == 201
    assert count_entries(world) == 2


def test_conflicts_that_the_database_resolves_are_tried_again(world: World) -> None:
    seen = []

    def work(conn: Connection) -> str:
        seen.append(conn)
        if len(seen) == 1:
            conn.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$"))
        if len(seen) == 2:
            conn.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$"))
        return "done"

    assert database.run(world.engine, work) == "done"
    assert len(seen) == 3


def test_a_statement_that_takes_too_long_is_given_up_at_once(world: World) -> None:
    seen = []

    def work(conn: Connection) -> None:
        seen.append(conn)
        conn.execute(text("SET LOCAL statement_timeout = 10"))
        conn.execute(text("SELECT pg_sleep(10)"))

    with pytest.raises(database.DatabaseBusy):
        database.run(world.engine, work)
    assert len(seen) == 1


def test_other_errors_are_not_repeated(world: World) -> None:
    seen = []

    def work(conn: Connection) -> None:
        seen.append(conn)
        conn.execute(text("SELECT 1 / 0"))

    with pytest.raises(sa.exc.DataError):
        database.run(world.engine, work)
    assert len(seen) == 1


def test_a_warning_at_commit_means_that_it_is_in_doubt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PostgreSQL warns where it stopped waiting for its synchronous standby: committed here, perhaps not there."""
    plain = psycopg.Connection.commit

    def commit(driver: psycopg.Connection) -> None:
        plain(driver)
        driver.autocommit = True
        driver.execute("DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$")

    monkeypatch.setattr(psycopg.Connection, "commit", commit)
    with pytest.raises(database.CommitInDoubt):
        database.run(world.engine, lambda conn: conn.execute(text("SELECT 1")))
    answer = post(world, world.client, "doubted")
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
    monkeypatch.undo()
    assert post(world, world.client, "doubted").headers["idempotent-replay"] == "true"


def test_the_same_key_sent_many_times_at_once_is_done_once(world: World) -> None:
    ready = threading.Barrier(6)
    campaign = {"campaign": "C1", "name_vi": "Đợt", "opened_on": "2025-01-01"}

    def send(_: int) -> Any:
        ready.wait(30)
        return world.send(world.path(world.province, "/campaigns"), campaign, token="province", key="race")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1


def test_many_posting_to_one_book_at_once_get_numbers_without_a_gap(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(world, world.client, f"k{n}"), range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["seq"] for answer in answers) == list(range(1, 41))


def test_secrets_do_not_print() -> None:
    settings = Settings(database_url="postgresql://u:hunter2@h/d")  # type: ignore[arg-type] # pydantic makes it secret
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())


def test_another_user_becomes_the_application_role(database_url: str) -> None:
    engine = database.make_engine(database_url, Settings())
    with database.transaction(engine) as conn:
        assert conn.execute(text("SELECT current_user::text")).scalar_one() == "soquy_app"
        limits = conn.execute(text("SELECT current_setting('statement_timeout'), current_setting('search_path')")).one()
        assert tuple(limits) == ("1min", "soquy,pg_temp")
    engine.dispose()
