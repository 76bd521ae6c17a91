"""Run the PostgreSQL that comes with the program.

Guarantees: one server per home folder however many processes use it; the first to come starts it, the
last to leave stops it; a server left behind by a killed process is joined, one that was itself killed
is started again and recovers. It listens on a unix socket in a private folder and nowhere else.

Who still uses the server is known from shared locks that the kernel drops with the process, so
nothing has to be cleaned up after ``kill -9``. Layout of ``home/postgresql``::

    data/          the cluster          server.log   what PostgreSQL says
    socket/        its socket           start.lock   held while starting or stopping
    users.lock     shared by everyone who uses the server
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from api.cluster import (
    SETTINGS,
    Account,
    Binaries,
    EmbeddedServerError,
    account_for,
    make_cluster,
    place_for,
    reachable_binaries,
    server_environment,
    socket_folder,
)

PORT = 5432  # names the socket; nothing listens on the network
SUPERUSER = "postgres"
DATABASE = "soquy"
START_SECONDS_MAX = 120.0  # crash recovery of a large log takes its time
STOP_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02
WATCH_SECONDS = 1.0
LOG_BYTES_MAX = 16_000_000


class ServerNotStarted(EmbeddedServerError):
    """PostgreSQL did not come up; the message carries the end of its log."""

    code = "embedded_server_not_started"


def default_home() -> Path:
    """Return SOQUY_HOME, or the place for a user's data that the XDG convention names."""
    chosen = os.environ.get("SOQUY_HOME")
    data = os.environ.get("XDG_DATA_HOME")
    return Path(chosen) if chosen else (Path(data) if data else Path.home() / ".local" / "share") / "soquy"


@dataclass(slots=True, kw_only=True)
class EmbeddedServer:
    """A hold on the running server; give it back with :meth:`stop` or by leaving the ``with`` block."""

    place: Path
    binaries: Binaries
    account: Account
    socket_directory: Path
    settings: Mapping[str, str]
    _hold: int | None = None
    _leaving: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(
        cls, home: Path | None = None, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> Self:
        """Start the server of a home folder, or join it if it runs, and hold it.

        ``binaries`` is a folder with another PostgreSQL's programs; ``settings`` override ours and
        take effect when the server is started, not when it is joined.

        Raises:
            EmbeddedServerError: it cannot serve; the subclass and the message say why.
        """
        home = Path(os.path.realpath(home or default_home()))
        found = Binaries.at(binaries) if binaries else Binaries.of_wheel()
        try:
            place, account = place_for(home)
            account.make_folder(place)
            place = Path(os.path.realpath(place))
            with _locked(place):
                account = account_for(place / "data") if (place / "data").exists() else account
                server = cls(
                    place=place,
                    binaries=reachable_binaries(found, account=account, place=place),
                    account=account,
                    socket_directory=socket_folder(place, account=account),
                    settings={**SETTINGS, **(settings or {})},
                )
                make_cluster(server.data, binaries=server.binaries, account=account)
                server._ensure_accepting()
                server._hold = _open_lock(place / "users.lock")
                fcntl.flock(server._hold, fcntl.LOCK_SH)
        except PermissionError as error:
            raise EmbeddedServerError(
                f"Cannot use {error.filename or home}: {error.strerror}. Set SOQUY_HOME to a folder of yours."
            ) from error
        return server

    @property
    def data(self) -> Path:
        """The folder of the cluster."""
        return self.place / "data"

    @property
    def log(self) -> Path:
        """The file PostgreSQL writes its log to."""
        return self.place / "server.log"

    def url(self, user: str = SUPERUSER, database: str = DATABASE) -> str:
        """Return a libpq URL; the socket's folder stands in its query, percent-encoded."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def pid(self) -> int | None:
        """Return the process id of this cluster's running postmaster, if there is one."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if _works_in(pid, self.data) else None

    def ensure_running(self) -> None:
        """Start the server again if it died; do nothing while it runs.

        Raises:
            ServerNotStarted: it did not come up again.
        """
        if self.pid() is None:
            with _locked(self.place):
                self._ensure_accepting()

    def watch(self) -> None:
        """Keep the server alive from a background thread until :meth:`stop`."""
        threading.Thread(target=self._watch, name="embedded-postgresql", daemon=True).start()

    def _watch(self) -> None:
        while not self._leaving.wait(WATCH_SECONDS):
            with contextlib.suppress(EmbeddedServerError, OSError):  # said in the log; tried again in a second
                self.ensure_running()

    def stop(self) -> None:
        """Let go of the server; the last one to let go shuts it down. Harmless when repeated."""
        self._leaving.set()
        if self._hold is None:
            return
        hold, self._hold = self._hold, None
        with _locked(self.place):
            try:
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()
                if self.socket_directory.parent != self.place:  # a short path elsewhere: leave nothing there
                    shutil.rmtree(self.socket_directory, ignore_errors=True)
            except BlockingIOError:
                pass  # others use it
            finally:
                os.close(hold)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ensure_accepting(self) -> None:
        """Bring the server to where it answers queries, and make our database; the start lock is held."""
        deadline = time.monotonic() + START_SECONDS_MAX
        launched: int | None = None
        while not self._answers():
            running = self.pid()
            if running and not (self.socket_directory / f".s.PGSQL.{PORT}").exists() and _is_ready(self.data):
                self._shut_down()  # somebody swept its socket away: nobody can reach it any more
            elif launched and not _is_alive(launched) and not self._is_haunted():
                raise ServerNotStarted(f"PostgreSQL ended while starting. {self._last_words()}")
            elif running is None and (launched is None or not _is_alive(launched)):
                launched = self._launch()
            if time.monotonic() > deadline:
                raise ServerNotStarted(f"PostgreSQL does not answer. {self._last_words()}")
            time.sleep(POLL_SECONDS)
        with psycopg.connect(self.url(database="postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url(database="postgres"), connect_timeout=10):
                return True
        except psycopg.OperationalError:
            return False

    def _launch(self) -> int:
        """Start ``postgres`` so that it outlives us and is nobody's zombie; return its process id."""
        self._sweep()
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        socket_directories = f'"{self.socket_directory}"'  # quoted: the setting is a list
        settings = {**self.settings, "port": str(PORT), "unix_socket_directories": socket_directories}
        options = [f"--{name}={value}" for name, value in settings.items()]
        postgres = [str(self.binaries.directory / "postgres"), "-D", str(self.data), *options]
        started = subprocess.run(
            [*self.account.prefix, "/bin/sh", "-c", '"$@" </dev/null >>"$0" 2>&1 & echo $!', str(self.log), *postgres],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=server_environment(),
            cwd="/",
            start_new_session=True,
            umask=0o077,
        )
        return int(started.stdout)

    def _sweep(self) -> None:
        """Remove the lock files of a dead server whose process id another process has by now.

        PostgreSQL removes them itself unless a process of that id is alive, which after a restart of
        the machine may be anybody's. A server of this cluster, or one of its backends still holding
        shared memory, works in the data folder: only when no process does are the files stale.
        """
        if not Path("/proc/self/cwd").exists():
            return
        if any(_works_in(int(entry.name), self.data) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            return
        stale = [self.data / "postmaster.pid"]
        stale = [path for path in stale if _is_alive(_first_number(path), zombies=True)]
        for path in (*stale, *self.socket_directory.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        """Stop the server, rolling back what is under way; the start lock is held."""
        pid = self.pid()
        if pid is None:
            return
        for order in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's fast and immediate shutdown
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order)
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while _is_alive(pid) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            if not _is_alive(pid):
                return

    def _is_haunted(self) -> bool:
        """Tell whether the start failed on what backends of a killed server still hold; they go within moments."""
        words = self._last_words()
        return "pre-existing shared memory" in words or '"postmaster.pid" already exists' in words

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        except OSError:
            lines = []
        return f"Its log {self.log} ends:\n" + "\n".join(lines)


def _open_lock(path: Path) -> int:
    # Readable by all who can enter the folder: a lock that root made must not lock its owner out.
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Be the only process that starts or stops this server."""
    lock = _open_lock(place / "start.lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _first_number(path: Path) -> int:
    try:
        return int(path.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def _is_ready(data: Path) -> bool:
    """Tell whether the postmaster wrote into its lock file that it accepts connections."""
    with contextlib.suppress(OSError):
        return "ready" in (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()[-1]
    return False


def _is_alive(pid: int, *, zombies: bool = False) -> bool:
    """Tell whether a process exists; a dead one that its parent has not noticed counts as asked."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return not Path("/proc/self/stat").exists()
    return zombies or state not in {"Z", "X"}


def _works_in(pid: int, folder: Path) -> bool:
    """Tell whether a live process has the folder as its working directory, as every PostgreSQL process has."""
    if not Path("/proc/self/cwd").exists():
        return _is_alive(pid)
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder and _is_alive(pid)
    except OSError:
        return False
