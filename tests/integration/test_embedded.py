"""The embedded PostgreSQL through everything that happens to servers on people's machines."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from api import cluster, embedded
from api.cluster import (
    AS_NOBODY,
    NOBODY,
    SOCKET_NAME_BYTES,
    SOCKET_PATH_BYTES_MAX,
    Account,
    ClusterNotMade,
    ClusterOfAnotherOwner,
    ClusterOfAnotherVersion,
)
from api.embedded import EmbeddedServer, ServerNotStarted
from tests.database import SETTINGS

pytestmark = pytest.mark.embedded
CHECKOUT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

HOLDER = """
import sys
from pathlib import Path
from api.embedded import EmbeddedServer
server = EmbeddedServer.start(Path(sys.argv[1]))
print(server.pid(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home in a path with a space, an apostrophe, a percent sign and accents, reachable by every user."""
    folder = Path(tempfile.mkdtemp(prefix="soquy it's 100% "))
    folder.chmod(0o755)
    yield folder / "sổ quỹ"
    shutil.rmtree(folder, ignore_errors=True)


def start(home: Path) -> EmbeddedServer:
    return EmbeddedServer.start(home, settings=SETTINGS)


def holder(home: Path, *prefix: str) -> subprocess.Popen[str]:
    """Start another process that holds the server until its standard input ends."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(pid: int) -> None:
    """Kill a process and wait until the kernel says it is gone."""
    descriptor = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([descriptor], [], [], 30)[0], "the process survived SIGKILL"
    os.close(descriptor)


def value(server: EmbeddedServer, query: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_a_new_home_gets_a_durable_checksummed_server_that_knows_vietnamese_letters(home: Path) -> None:
    with EmbeddedServer.start(home) as server:
        assert value(server, "SELECT lower('ẬĐỢ')") == "ậđợ"
        assert value(server, "SHOW data_checksums") == "on"
        assert value(server, "SHOW fsync") == "on"
        assert value(server, "SHOW listen_addresses") == ""
        assert (server.socket_directory.stat().st_mode & 0o777, server.data.stat().st_mode & 0o777) == (0o700, 0o700)


def test_the_log_holds_no_statement_and_no_row(home: Path) -> None:
    with start(home) as server:
        with psycopg.connect(server.url()) as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("CREATE TABLE gift (amount bigint CHECK (amount < 5)); INSERT INTO gift VALUES (987654)")
        assert "violates check" in server.log.read_text()
        assert "987654" not in server.log.read_text()


def test_a_second_start_joins_and_the_first_exit_leaves_the_server_to_it(home: Path) -> None:
    first, second = start(home), start(home)
    assert first.pid() == second.pid()
    first.stop()
    first.stop()
    assert value(second, "SELECT 1") == 1
    second.stop()
    assert second.pid() is None


def test_two_processes_starting_at_once_share_one_server(home: Path) -> None:
    processes = [holder(home) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        pids = set(pool.map(first_line, processes))
    assert len(pids) == 1
    for process in processes:
        process.communicate(timeout=60)
    assert not embedded._is_alive(int(pids.pop()))


def test_a_server_left_by_a_killed_process_is_joined_and_stopped_by_the_next(home: Path) -> None:
    process = holder(home)
    pid = int(first_line(process))
    process.kill()
    process.communicate(timeout=60)
    with start(home) as server:
        assert server.pid() == pid
    assert server.pid() is None


def test_a_killed_server_is_started_again_and_remembers_what_was_committed(home: Path) -> None:
    with start(home) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        pid = server.pid()
        assert pid is not None
        kill(pid)
        server.ensure_running()
        assert server.pid() != pid
        assert value(server, "SELECT n FROM kept") == 7


def test_a_watched_server_comes_back_by_itself(home: Path) -> None:
    with start(home) as server:
        pid = server.pid()
        assert pid is not None
        back = threading.Event()
        original = server.ensure_running

        def ensure_running() -> None:
            original()
            if server.pid() not in {None, pid}:
                back.set()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(EmbeddedServer, "ensure_running", lambda _: ensure_running())
            server.watch()
            os.kill(pid, signal.SIGKILL)
            assert back.wait(30)
        assert value(server, "SELECT 1") == 1


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="only /proc tells whose process an id is")
def test_lock_files_of_a_dead_server_whose_process_id_is_somebody_elses_are_swept(home: Path) -> None:
    with start(home) as server:
        stopped = (server.data / "postmaster.pid").read_text().split("\n")
    stale = "\n".join([str(os.getpid()), *stopped[1:]])
    (server.data / "postmaster.pid").write_text(stale)
    (server.socket_directory / ".s.PGSQL.5432.lock").write_text(stale)
    with start(home) as again:
        assert value(again, "SELECT 1") == 1


def test_a_server_whose_socket_was_swept_away_is_replaced(home: Path) -> None:
    with start(home) as server:
        pid = server.pid()
        (server.socket_directory / ".s.PGSQL.5432").unlink()
        with start(home) as again:
            assert again.pid() != pid
            assert value(again, "SELECT 1") == 1


def test_a_home_too_deep_for_a_socket_gets_a_private_short_one_until_the_last_stop(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    with start(deep) as server:
        short = server.socket_directory
        assert len(os.fsencode(short)) + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES_MAX
        assert short.stat().st_mode & 0o777 == 0o700
        with start(deep) as again:
            assert again.socket_directory == short
            assert value(again, "SELECT 1") == 1
        assert short.exists()
    assert not short.exists()


def test_a_short_socket_folder_that_is_no_longer_private_is_not_used_again(home: Path) -> None:
    place = home / ("d" * 60) / ("e" * 60)
    place.mkdir(parents=True)
    account = Account(uid=os.geteuid(), gid=os.getegid())
    short = cluster.socket_folder(place, account=account)
    assert cluster.socket_folder(place, account=account) == short
    short.chmod(0o755)
    other = cluster.socket_folder(place, account=account)
    assert other != short
    for folder in (short, other):
        folder.rmdir()


def test_data_of_another_major_version_is_refused_by_name(home: Path) -> None:
    data = home / "postgresql" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(ClusterOfAnotherVersion, match=r"PostgreSQL 15; this program brings PostgreSQL 18"):
        start(home)


def test_a_folder_of_something_else_is_left_alone(home: Path) -> None:
    data = home / "postgresql" / "data"
    data.mkdir(parents=True)
    (data / "photo.jpg").touch()
    with pytest.raises(ClusterNotMade, match="Move it away"):
        start(home)
    assert [path.name for path in data.iterdir()] == ["photo.jpg"]


def test_an_interrupted_initdb_leaves_nothing_the_next_start_stumbles_over(home: Path) -> None:
    leftover = home / "postgresql" / "data.unfinished-killed"
    (leftover / "base").mkdir(parents=True)
    with start(home) as server:
        assert value(server, "SELECT 1") == 1
    assert not leftover.exists()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(home: Path) -> None:
    with pytest.raises(ServerNotStarted, match=r"max_connections"):
        EmbeddedServer.start(home, settings={"max_connections": "none"})


@as_root
def test_an_ordinary_user_runs_the_server_in_a_folder_of_theirs(home: Path) -> None:
    user = ("setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups", "--")
    # Not every interpreter is one that others may run: root's own, for instance.
    if subprocess.run([*user, sys.executable, "-c", "import psycopg"], check=False, capture_output=True).returncode:
        pytest.skip(f"{sys.executable} is closed to ordinary users here")
    home.mkdir(mode=0o700)
    shutil.chown(home, "daemon", "daemon")
    process = holder(home, *user)
    pid = first_line(process)
    assert Path(f"/proc/{pid}").stat().st_uid == home.stat().st_uid
    process.communicate(timeout=60)
    assert process.returncode == 0


@as_root
@pytest.mark.parametrize("uid", [1, 54321], ids=["a named user's", "a nameless user's"])
def test_root_serves_a_users_folder_as_that_user(home: Path, uid: int) -> None:
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    with start(home) as server:
        assert server.data.stat().st_uid == uid
        assert value(server, "SELECT 1") == 1


@as_root
def test_where_namespaces_are_forbidden_nobody_runs_the_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "user_namespaces_work", lambda: False)
    with start(home) as server:
        try:
            assert server.data.stat().st_uid == NOBODY
            assert value(server, "SELECT 1") == 1
            with start(home) as again:
                assert again.pid() == server.pid()
        finally:
            place = server.place
    shutil.rmtree(place)
    with contextlib.suppress(OSError):
        place.parent.rmdir()


@as_root
def test_binaries_nobody_can_reach_are_copied_with_their_libraries(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    package = cluster.Binaries.of_wheel().directory.parent.parent
    for source in (package, package.with_name(package.name + ".libs")):
        if source.is_dir():
            shutil.copytree(source, closed / source.name, symlinks=True)
    home.chmod(0o755)
    place = home / "place"
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)
    account = Account(
        uid=NOBODY, gid=NOBODY, prefix=("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
    )
    binaries = cluster.Binaries.at(closed / package.name / "pginstall" / "bin")
    copied = cluster.reachable_binaries(binaries, account=account, place=place)
    assert place in copied.directory.parents
    assert "PostgreSQL" in account.run(copied.directory / "postgres", "--version").stdout
    assert account.run(copied.directory / "psql", "--version").returncode == 0


def test_somebody_elses_data_is_refused_to_an_ordinary_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(ClusterOfAnotherOwner, match="Start as that user"):
        cluster.account_for(home)


def test_root_is_nobody_inside_a_user_namespace() -> None:
    if not cluster.user_namespaces_work():
        pytest.skip("this system forbids user namespaces")
    assert subprocess.run([*AS_NOBODY, "id", "-u"], check=True, capture_output=True, text=True).stdout.strip() == str(
        NOBODY
    )
