"""The commands as somebody types them, on a database of the test's own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from api.cli import main
from ledger.people.kek import Kek
from tests.database import key_file
from tests.integration.api.conftest import World, entry


@pytest.fixture
def on(world: World, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """The commands' environment: the database of ``world``, and its key."""
    monkeypatch.setenv("SOQUY_DATABASE_URL", database_url)
    monkeypatch.setenv("SOQUY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOQUY_VAULT_KEY_FILE", str(key_file(tmp_path / "vault.key")))
    assert world.send(world.path(world.commune, "/entries"), entry()).status_code == 201
    return world


def test_a_token_made_on_the_server_may_found_the_first_association(
    on: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "create", "--label", "Máy chủ", "--quiet"]) == 0
    on.secrets["made"] = capsys.readouterr().out.strip()
    body = {
        "name_vi": "Hội đầu tiên",
        "kind": "learning-promotion",
        "level": "province",
        "founded_on": "2025-01-01",
        "books_open_on": "2025-01-01",
    }
    assert on.send("/v1/associations", body, token="made").status_code == 201


def test_a_token_for_an_association_is_listed_and_revoked(on: World, capsys: pytest.CaptureFixture[str]) -> None:
    association = on.path(on.commune).rpartition("/")[2]
    assert main(["token", "create", "--label", "Đọc", "--right", "read", "--association", association]) == 0
    said = capsys.readouterr().out
    token_id = re.search(r"tk_[0-9a-z]{26}", said)
    assert token_id is not None
    on.secrets["made"] = said.splitlines()[-1]
    assert on.get(on.path(on.commune), token="made").status_code == 200
    assert on.send(on.path(on.commune, "/entries"), entry(), token="made").status_code == 403
    assert main(["token", "list"]) == 0
    assert f"{token_id[0]}\tgood\tread\t{association}" in capsys.readouterr().out
    assert main(["token", "revoke", token_id[0]]) == 0
    assert on.get(on.path(on.commune), token="made").json()["code"] == "token_revoked"
    assert main(["token", "revoke", token_id[0]]) == 1
    assert "no such token" not in capsys.readouterr().out


def test_check_is_silent_about_sound_books(on: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().err == "Everything agrees.\n"


def test_export_writes_both_forms(on: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("export")
    association = on.path(on.province).rpartition("/")[2]
    options = ["--association", association, "--as-of", "2025-12-31", "--quiet"]
    assert main(["export", "--format", "beancount", *options, str(folder / "books.beancount")]) == 0
    assert "1111" in (folder / "books.beancount").read_text(encoding="utf-8")
    assert main(["export", "--format", "csv", *options, str(folder / "csv")]) == 0
    assert (folder / "csv" / "postings.csv").exists()


def test_an_export_of_several_trees_lists_them(on: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--format", "csv", str(tmp_path / "all")]) == 1
    said = capsys.readouterr().err
    for book, name in ((on.province, "Tỉnh"), (on.elsewhere, "Khác")):
        assert f"{on.path(book).rpartition('/')[2]} {name}\n" in said
    assert on.path(on.commune).rpartition("/")[2] not in said
    assert "--association" in said


def test_an_export_into_a_folder_that_is_not_there_names_it(
    on: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--format", "beancount", str(tmp_path / "nodir" / "x.bean")]) == 1
    assert f"The folder {tmp_path / 'nodir'} does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["fly"], ["export", "x"], ["token", "create"], ["demo", "--province", "hue"]])
def test_misuse_is_told_from_failure(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SOQUY_PORT", "80000")
    assert main(["check"]) == 2
    assert "SOQUY_PORT" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOQUY_DATABASE_URL", "postgresql://u:hunter2@/d?host=/nowhere")
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "does not answer" in said
    assert "hunter2" not in said


def test_a_port_in_use_is_explained(on: World, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "in use" in capsys.readouterr().err


def test_serve_says_where_it_is_and_ends_cleanly_when_told(on: World) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "web", "serve", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout is not None
        deadline = time.monotonic() + 60
        said = ""
        while "Stop it" not in said and time.monotonic() < deadline:
            line = running.stdout.readline()
            assert line, running.stderr and running.stderr.read()
            said += line
        assert f"http://127.0.0.1:{port}/docs" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


def last_entry(on: World) -> str:
    answer = on.send(on.path(on.commune, "/entries"), entry(description="Chị Kín góp"))
    return str(answer.json()["id"])


def test_a_sealed_value_is_opened_for_a_reason(on: World, capsys: pytest.CaptureFixture[str]) -> None:
    entry_id = last_entry(on)
    assert main(["vault", "open", entry_id, "--field", "description", "--reason", "Thanh tra"]) == 0
    opened = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (opened["field"], opened["value"], len(opened["salt"])) == ("description", "Chị Kín góp", 64)
    assert main(["vault", "open", entry_id, "--field", "phone", "--reason", "Thanh tra"]) == 1
    assert main(["vault", "open", entry_id, "--field", "description", "--reason", " "]) == 1
    assert "The vault has no such value" in capsys.readouterr().err


def test_what_the_law_keeps_is_not_erased(on: World, capsys: pytest.CaptureFixture[str]) -> None:
    entry_id = last_entry(on)
    assert main(["vault", "erase", entry_id, "--field", "description", "--reason", "Xin xóa"]) == 1
    assert "2035-12-31" in capsys.readouterr().err
    assert main(["vault", "erase", "--expired"]) == 0
    assert "erased: 0" in capsys.readouterr().out
    for wrong in (["--expired", "--as-of", "2999-01-01"], [], [entry_id], [entry_id, "--expired"]):
        assert main(["vault", "erase", *wrong]) == 1


def test_keys_are_rotated_and_the_old_one_is_refused(
    on: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    new = key_file(tmp_path / "new.key", Kek.of(bytes(32)))
    assert main(["vault", "rotate", "--data-keys"]) == 0
    assert main(["vault", "rotate", "--new-key-file", str(new)]) == 0
    assert main(["vault", "status"]) == 1
    assert "This is not" not in capsys.readouterr().out
    monkeypatch.setenv("SOQUY_VAULT_KEY_FILE", str(new))
    assert main(["vault", "status"]) == 0
    assert f"Key-encryption key {Kek.of(bytes(32)).id}." in capsys.readouterr().out
    assert main(["check"]) == 0
