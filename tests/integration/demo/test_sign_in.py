"""The sample people of a demo sign in, by what this server alone can tell."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from api.database import make_engine
from api.demo_sign_in import DemoSecrets, let_sign_in, told
from api.settings import Settings
from api.sign_in.password import check_password
from ledger.access.role import SECOND_FACTOR
from ledger.demo.build import Built
from ledger.people.kek import Kek
from tests.database import with_vault
from tests.demo_province import build_and_die, built_until
from tests.people_who_sign_in import browser
from web.__main__ import create_app

SECRETS = DemoSecrets.of(Kek.of(bytes(32)))


@pytest.fixture
def begun(app_url: str) -> Iterator[tuple[sa.Engine, Built]]:
    """The province's association alone, whose users are there before its communes are."""
    engine = with_vault(make_engine(app_url, Settings(connection_count_max=4)))
    build_and_die(engine, after=1)
    yield engine, built_until(engine)
    engine.dispose()


def pages(engine: sa.Engine) -> FastAPI:
    return create_app(Settings(), engine)


def test_each_signs_in_with_password_and_code_and_stands_at_their_desk(begun: tuple[sa.Engine, Built]) -> None:
    engine, built = begun
    users = let_sign_in(engine, built, SECRETS)
    assert [user.role for user in users] == [user.role for user in built.users if user.unit.level == "province"]
    for user in users:
        client = browser(pages(engine))
        answer = client.post("/sign-in", data={"email": user.email, "password": SECRETS.password})
        assert answer.status_code == 303, user.role
        if user.role in SECOND_FACTOR:
            assert answer.headers["location"].startswith("/sign-in/code")
            answer = client.post("/sign-in/code", data={"code": SECRETS.code})
            assert answer.status_code == 303, user.role
        desk = client.get("/desk", follow_redirects=True)
        assert desk.status_code == 200
        assert user.unit.name_vi in desk.text


def test_a_second_start_changes_nothing(begun: tuple[sa.Engine, Built]) -> None:
    engine, built = begun
    assert let_sign_in(engine, built, SECRETS) == let_sign_in(engine, built, SECRETS)


def test_secrets_follow_from_the_vaults_key_and_are_good_enough() -> None:
    other = DemoSecrets.of(Kek.of(bytes([1]) * 32))
    assert DemoSecrets.of(Kek.of(bytes(32))) == SECRETS
    assert SECRETS.password != other.password
    assert SECRETS.totp != other.totp
    assert len(SECRETS.password) == 19
    check_password(SECRETS.password, email="ke-toan@ha-nam.invalid", name="Nguyễn Văn Mẫu 1")


def test_the_screen_tells_who_can_sign_in_and_how(begun: tuple[sa.Engine, Built]) -> None:
    engine, built = begun
    lines = "\n".join(told(let_sign_in(engine, built, SECRETS), SECRETS, "http://127.0.0.1:8000"))
    assert "http://127.0.0.1:8000/sign-in" in lines
    assert SECRETS.password in lines
    for user in built.users:
        if user.unit.level == "province":
            assert f"{user.email} " in lines


def test_of_a_demo_without_people_it_says_so() -> None:
    assert "earlier version" in "".join(told((), SECRETS, ""))
