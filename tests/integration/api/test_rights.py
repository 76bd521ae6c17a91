"""Every route says which right it needs, and nobody without it gets in."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import PUBLIC_PATHS, create_app
from api.auth import Needs
from api.database import make_engine
from api.settings import Settings
from ledger import typeid
from tests.integration.api.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


def every_route(routes: Any) -> Iterator[Any]:
    """Walk into routers that the application includes."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from every_route(inner.routes)
        else:
            yield route


def needs_of(dependant: Dependant) -> Iterator[Needs]:
    for each in dependant.dependencies:
        if isinstance(each.call, Needs):
            yield each.call
        yield from needs_of(each)


def _app() -> FastAPI:
    settings = Settings()
    return create_app(settings, make_engine("postgresql://soquy_app@/nowhere", settings))


GUARDED = [
    (route, method)
    for route in every_route(_app().routes)
    if route.path not in PUBLIC_PATHS
    for method in sorted(route.methods - {"HEAD"})
]


def test_every_route_declares_one_right_or_is_public() -> None:
    assert len(GUARDED) > 25
    for route, method in GUARDED:
        assert isinstance(route, APIRoute), route
        rights = {each.right for each in needs_of(route.dependant)}
        assert len(rights) == 1, f"{method} {route.path} declares {rights or 'no right'}"
        right = rights.pop()
        assert right != "read" or method == "GET", f"{method} {route.path} changes something with the right to read"
        reach = {type(each).__name__ for each in needs_of(route.dependant)}
        assert reach == ({"NeedsIn"} if "{association_id}" in route.path else {"Needs"}), route.path


def filled(path: str, uuid: UUID) -> str:
    """Put something of the right form in the place of every parameter: an id of its kind for ``…_id``."""
    values = {"account": "1111", "fund": "QC", "kind": "PT", "year": "2025", "number": "1", "paper": "list"}

    def value(found: re.Match[str]) -> str:
        kind = {"guardian_id": "person_id"}.get(found[1], found[1])
        prefix = getattr(typeid, kind.removesuffix("_id").upper(), None)
        return values[found[1]] if prefix is None else typeid.encode(prefix, uuid)

    return re.sub(r"\{(\w+)\}", value, path)


def ask(world: World, route: APIRoute, method: str, authorization: str | None) -> Any:
    path = filled(route.path, world.commune.association_id)
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    example = (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).get("application/json", {})
    query = {"account": "1111", "kind": "PT", "known_before": "0"} if method == "GET" else {}
    return world.client.request(method, path, json=example.get("example"), headers=headers, params=query)


@pytest.mark.parametrize(("route", "method"), GUARDED, ids=[f"{method} {route.path}" for route, method in GUARDED])
def test_a_route_lets_in_nobody_without_its_right(world: World, route: APIRoute, method: str) -> None:
    (right,) = {each.right for each in needs_of(route.dependant)}
    unknown = world.secrets["commune"][:-1] + ("A" if world.secrets["commune"][-1] != "A" else "B")
    for authorization, code in (
        (None, "token_missing"),
        ("Basic dTpw", "token_missing"),
        ("Bearer x", "token_malformed"),
        (f"Bearer {world.secrets['commune']} ", None),
        (f"Bearer {unknown}", "token_unknown"),
        (f"Bearer {world.secrets['expired']}", "token_expired"),
        (f"Bearer {world.secrets['revoked']}", "token_revoked"),
    ):
        if code is None:
            continue
        answer = ask(world, route, method, authorization)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    if "{association_id}" in route.path:
        answer = ask(world, route, method, f"Bearer {world.secrets['elsewhere']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "association_not_found")
    lacking = "poster" if right == "read" else "reader"
    answer = ask(world, route, method, f"Bearer {world.secrets[lacking]}")
    assert (answer.status_code, answer.json()["code"], answer.json()["right"]) == (403, "right_missing", right)


def test_a_parent_that_was_not_named_as_reaching_below_is_one_book_alone(world: World) -> None:
    assert world.get(world.path(world.province), token="commune").status_code == 404
    assert world.get(world.path(world.commune), token="province").status_code == 200
    assert world.get(world.path(world.commune), token="server").status_code == 200
    below = world.get(world.path(world.commune, "/trial-balance?consolidated=true"), token="commune")
    assert (below.status_code, below.json()["code"]) == (403, "reach_below_missing")


def test_associations_are_listed_within_reach(world: World) -> None:
    names = {
        token: [row["name_vi"] for row in world.get("/v1/associations", token=token).json()["rows"]]
        for token in ("commune", "province", "elsewhere", "server")
    }
    assert names == {
        "commune": ["Xã"],
        "province": ["Tỉnh", "Xã"],
        "elsewhere": ["Khác"],
        "server": ["Tỉnh", "Xã", "Khác"],
    }
    assert "depth" not in world.get(world.path(world.commune)).json(), "one association has no place in a list"
    first = world.get("/v1/associations?page_size=2", token="server").json()
    second = world.get(f"/v1/associations?page_size=2&cursor={first['next_cursor']}", token="server").json()
    assert ([row["name_vi"] for row in second["rows"]], second["next_cursor"]) == (["Khác"], None)


def test_only_the_hash_of_a_token_is_kept(world: World) -> None:
    with world.engine.begin() as conn:
        conn.exec_driver_sql("SELECT set_config('soquy.tenant_id', '1', true)")
        rows = conn.exec_driver_sql("SELECT secret_hash, t::text FROM soquy.api_token AS t").all()
    assert rows
    assert all(len(row[0]) == 32 for row in rows)
    for secret in world.secrets.values():
        assert not any(secret in row[1] or secret[5:] in row[1] for row in rows)
