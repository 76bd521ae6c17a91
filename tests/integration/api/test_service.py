"""What surrounds the routes: health, figures, headers, logs, documentation, and answers to what is not there."""

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api import health, log
from api.app import create_app
from api.database import make_engine
from api.settings import Settings
from tests.integration.api.conftest import World, entry


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the service writes into its log."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    log.configure("info")
    yield written
    structlog.reset_defaults()


def test_health_needs_no_database() -> None:
    settings = Settings()
    with TestClient(create_app(settings, make_engine("postgresql://x@/nowhere?host=/nowhere", settings))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])
        assert "soquy_requests_total" in client.get("/metrics").text


def test_a_database_that_is_away_is_told_as_such(world: World) -> None:
    settings = Settings()
    app = create_app(settings, make_engine("postgresql://x@/nowhere?host=/nowhere", settings))
    with TestClient(app) as client:
        headers = {"Authorization": f"Bearer {world.secrets['commune']}"}
        answer = client.get(world.path(world.commune), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"]


def test_ready_means_schema_and_room_for_the_year(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.client.get("/readyz").json() == {"status": "ok", "missing": []}
    monkeypatch.setattr(health, "today", lambda: date(2998, 9, 30))
    assert world.client.get("/readyz").json()["missing"] == ["posting_2998"]
    monkeypatch.setattr(health, "today", lambda: date(2998, 10, 1))
    assert world.client.get("/readyz").json()["missing"] == ["posting_2998", "posting_2999"]
    monkeypatch.setattr(world.app.state, "revision", "9999")
    assert "schema" in world.client.get("/readyz").json()["missing"]


def test_figures_are_by_route_and_nobody_can_add_labels(world: World) -> None:
    for number in range(20):
        world.client.get(f"/v1/invented-{number}")
        world.client.request(f"VERB{number}", "/healthz")
        world.get(world.path(world.commune))
    figures = world.client.get("/metrics").text
    assert 'route="/v1/associations/{association_id}",status="200"' in figures
    assert "invented" not in figures
    assert "VERB1" not in figures
    assert float(figures.split("\nsoquy_pending_leaves ")[1].split()[0]) > 0


def test_answers_carry_an_id_and_say_how_to_treat_them(world: World) -> None:
    answer = world.get(world.path(world.commune), headers={"X-Request-ID": "proxy-7"})
    assert answer.headers["x-request-id"] == "proxy-7"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    odd = world.get("/v1/nothing", headers={"X-Request-ID": "a b\tc"})
    assert odd.headers["x-request-id"] == odd.json()["request_id"] != "a b\tc"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/v1/associations", 405, "method_not_allowed"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem_too(world: World, method: str, path: str, status: int, code: str) -> None:
    answer = world.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"]


def test_the_log_has_ids_and_codes_and_nothing_of_what_was_typed(world: World, lines: io.StringIO) -> None:
    path = world.path(world.commune, "/entries")
    world.send(path, entry(987_654, description="Nguyễn Văn Bí Mật"))
    world.send(f"{path}?dry_run=true&note=Secret", entry(-9_876_543, description="Nguyễn Văn Bí Mật"))
    world.send(path, b'{"entry_on": "Secret')
    written = lines.getvalue()
    found = [json.loads(line) for line in written.splitlines()]
    assert [line["status"] for line in found] == [201, 422, 400]
    assert found[0]["route"].endswith("/entries")
    assert found[0]["association_id"].startswith("as_")
    assert found[1]["codes"] == ["consent_missing", "posting_refused"]
    for secret in ("Bí Mật", "B\\u00ed", "Secret", "98765", world.secrets["commune"], "1111"):
        assert secret not in written


def test_an_unforeseen_error_tells_the_log_where_and_the_caller_nothing(
    world: World, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Nguyễn Văn Bí Mật")

    monkeypatch.setattr("api.routes.entry.post", broken)
    answer = world.send(world.path(world.commune, "/entries"), entry(description="Bí Mật"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Bí Mật" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    written = lines.getvalue()
    assert "Bí Mật" not in written
    first = next(line for line in map(json.loads, written.splitlines()) if line["event"] == "unforeseen")
    last = json.loads(written.splitlines()[-1])
    assert (last["event"], last["status"], last["codes"]) == ("request", 500, ["internal_error"])
    assert (first["error"], first["request_id"]) == ("RuntimeError", answer.json()["request_id"])
    assert any("test_service.py" in place for place in first["places"])
    with world.engine.begin() as conn:
        conn.execute(text("SELECT set_config('soquy.tenant_id', '1', true)"))
        assert conn.execute(text("SELECT count(*) FROM soquy.idempotency WHERE key = 'x'")).scalar_one() == 0


def test_an_error_of_the_database_does_not_quote_what_was_typed(world: World) -> None:
    with world.engine.begin() as conn, pytest.raises(DBAPIError) as caught:
        conn.execute(text("SELECT 1 / CAST(:zero AS integer), CAST(:typed AS text)"), {"zero": 0, "typed": "Bí Mật"})
    assert "Bí Mật" not in str(caught.value)


def test_the_documentation_is_one_page_that_fetches_nothing(world: World) -> None:
    answer = world.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert "/v1/associations/{association_id}/entries/batch" in page
    assert "'unsafe" not in answer.headers["content-security-policy"]
