"""What a token reaches, and what is said to whoever has none; who may ask for what is ``access/test_matrix.py``'s."""

import pytest

from tests.integration.api.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "token_missing"),
        ("Basic dTpw", "token_missing"),
        ("Bearer x", "token_malformed"),
        ("Bearer {expired}", "token_expired"),
    ],
)
def test_whoever_shows_no_token_is_told_how(world: World, authorization: str | None, code: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.format(**world.secrets)}
    answer = world.client.get(world.path(world.commune), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_without_the_right_is_told_which(world: World) -> None:
    answer = world.get(world.path(world.commune), token="poster")
    assert (answer.status_code, answer.json()["code"], answer.json()["right"]) == (403, "right_missing", "read")


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
