"""``soquy init``, as somebody types it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.cli import main
from api.database import make_engine
from api.settings import Settings
from ledger import typeid
from ledger.access.commands import revoke_role
from ledger.access.invitation import invite
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.database import key_file, with_vault
from tests.factories import make_book
from tests.people_who_sign_in import ACTOR, browser, give, make_person, secret_of
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
def client(home: Path, app_url: str) -> Iterator[TestClient]:
    settings = Settings(connection_count_max=4)
    engine = with_vault(make_engine(app_url, settings))
    yield browser(create_app(settings, engine))
    engine.dispose()


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


def test_a_person_who_left_is_erased(
    home: Path, database_url: str, app_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of theirs is left in the vault but what their role's time still keeps sealed; the books agree."""
    engine = with_vault(make_engine(app_url, Settings(connection_count_max=4)))
    with engine.begin() as conn:
        book = make_book(conn)
        someone = make_person(conn, book, name="Lê Thị Rời", email="roi-di@mau.invalid")
        (grant_id,) = give(conn, book, someone.user_id, "administrator")
        give(conn, book, typeid.new_id(), "administrator")  # who goes on
    secret_of(engine, someone)
    assert main(["vault", "erase-user", someone.email]) == 1
    assert "Take every role back" in capsys.readouterr().err
    with engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        revoke_role(conn, book, grant_id, actor=ACTOR)
        invite(conn, book, email=someone.email, role="cashier", actor=None)
    assert main(["vault", "erase-user", someone.email.upper()]) == 0
    assert main(["vault", "erase-user", someone.email]) == 1
    admin = sa.create_engine(driver_url(database_url))
    with admin.begin() as conn:
        listed = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('soquy', 'vault')"
        for table in conn.execute(sa.text(listed)).scalars().all():
            dump = " ".join(conn.execute(sa.text(f"SELECT t::text FROM {table} AS t")).scalars())
            for value in (someone.name, someone.email):
                assert value not in dump, table
            if table.startswith("vault."):
                assert str(someone.user_id) not in dump, table
    admin.dispose()
    engine.dispose()
    assert main(["check"]) == 0
