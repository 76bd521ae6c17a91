"""``soquy init``, as somebody types it."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.cli import main
from api.database import make_engine
from api.settings import Settings
from migrations.migrate import driver_url
from tests.database import key_file, with_vault
from tests.people_who_sign_in import browser
from web.__main__ import create_app

NEW = "mưa rào trên mái ngói đỏ"


@pytest.fixture
def home(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty database, and the commands' environment."""
    monkeypatch.setenv("SOQUY_DATABASE_URL", database_url)
    monkeypatch.setenv("SOQUY_HOME", str(tmp_path))
    monkeypatch.setenv("SOQUY_VAULT_KEY_FILE", str(key_file(tmp_path / "vault.key")))
    return tmp_path


@pytest.fixture
def client(home: Path, app_url: str) -> TestClient:
    settings = Settings(connection_count_max=4)
    return browser(create_app(settings, with_vault(make_engine(app_url, settings))))


def link_in(said: str) -> str:
    found = re.search(r"^https?://\S+(/invitation/\S+)$", said, re.MULTILINE)
    assert found is not None
    return found[1]


def test_init_founds_and_lets_the_administrator_in(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    found = ["--association", "Hội Khuyến học tỉnh Mẫu", "--administrator", "quan-tri@mau.invalid"]
    assert main(["init", *found, "--unit-code", "00"]) == 0
    said = capsys.readouterr().out
    association = re.search(r"as_[0-9a-z]{26}", said)
    assert association is not None
    link = link_in(said)
    assert "Hội Khuyến học tỉnh Mẫu" in client.get(link).text
    taken = client.post(link, data={"name": "Nguyễn Văn Mẫu", "new": NEW, "again": NEW})
    assert taken.headers["location"].startswith("/account/authenticator")
    capsys.readouterr()
    assert main(["init", *found]) == 0, "once more it says what is there"
    said = capsys.readouterr().out
    assert association[0] in said
    assert not re.search(r"^http", said, re.MULTILINE)
    assert main(["init", "--association", "Hội khác", "--administrator", "b@mau.invalid"]) == 1
    assert "as_" in capsys.readouterr().err


def test_init_makes_another_administrators_link(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--association", "Hội Mẫu", "--administrator", "a@mau.invalid", "--quiet"])
    (first,) = capsys.readouterr().out.splitlines()
    client.post(link_in(first), data={"name": "Nguyễn Văn Mẫu", "new": NEW, "again": NEW})
    capsys.readouterr()
    main(["init", "--association", "Hội Mẫu", "--administrator", "a@mau.invalid"])
    association = re.search(r"as_[0-9a-z]{26}", capsys.readouterr().out)
    assert association is not None
    for email, purpose in (("b@mau.invalid", "Lời mời làm Quản trị"), ("A@mau.invalid", "Đặt mật khẩu mới")):
        capsys.readouterr()
        assert main(["init", "--association", association[0], "--administrator", email, "--quiet"]) == 0
        (link,) = capsys.readouterr().out.splitlines()
        assert purpose in client.get(link_in(link)).text


@pytest.mark.parametrize(
    "wrong",
    [
        ["--administrator", "không phải thư"],
        ["--association", "as_00000000000000000000000000"],
        ["--association", "\u202e"],
        ["--unit-code", "!"],
        ["--chart", "TT0"],
        ["--books-open-on", "2024-01-01"],
        ["--fund", "q"],
    ],
)
def test_init_refuses_what_cannot_be_and_founds_nothing(
    home: Path, database_url: str, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    given = {"--association": "Hội Mẫu", "--administrator": "a@mau.invalid", **dict([wrong])}
    assert main(["init", *[part for pair in given.items() for part in pair]]) == 1
    assert "soquy: " in capsys.readouterr().err
    engine = sa.create_engine(driver_url(database_url))
    with engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.association")).scalar_one() == 0
    engine.dispose()


def test_a_new_books_administrator_can_be_helped_by_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["init", "--help"])
    said = capsys.readouterr().out
    for option in ("--association", "--administrator", "--level", "--unit-code", "--books-open-on", "--fund"):
        assert option in said
