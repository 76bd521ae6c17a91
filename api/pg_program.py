"""Run PostgreSQL's own ``pg_dump`` and ``pg_restore`` against a database that is reached by a URL.

A password goes into the program's environment, never among its arguments, which everybody on the machine can read.
What takes longer than two seconds says how far it is.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.cluster import server_environment
from api.embedded import EmbeddedServer
from api.problems import Refusal
from api.settings import Settings

QUIET_SECONDS: Final = 2.0
_LAST_WORDS: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A database, by the URL of who may do everything in it, and the folder of its programs, or the PATH."""

    url: str
    programs: Path | None
    is_embedded: bool

    def run(
        self,
        program: str,
        *arguments: str | Path,
        reads_database: bool = True,
        progress: Callable[[], str] | None = None,
    ) -> str:
        """Run a program to its end and return what it printed; ``progress`` says how far it is.

        Raises:
            Refusal: it is not there, or failed; with its last words.
        """
        environment = server_environment()
        words: list[str | Path] = [self._path(program), *arguments]
        if reads_database:
            given = conninfo_to_dict(self.url)
            password = given.pop("password", None)
            if password is not None:
                environment["PGPASSWORD"] = str(password)
            words.append(f"--dbname={make_conninfo(**{name: str(value) for name, value in given.items()})}")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment) as running:
                try:
                    _watch(running, progress)
                except BaseException:
                    running.kill()
                    raise
            out.seek(0)
            if running.returncode:
                err.seek(0)
                said = err.read().decode(errors="replace").strip()[-_LAST_WORDS:]
                raise Refusal("backup_program_failed", program=program, said=said)
            return out.read().decode()

    def check_program(self, program: str, server_major: int) -> None:
        """Refuse a program that is older than the server.

        Raises:
            Refusal: it is, or it is missing.
        """
        said = self.run(program, "--version", reads_database=False)
        found = re.search(r"(\d+)(?:\.\d+|beta\d+|rc\d+|devel)", said)
        if found is None or int(found[1]) < server_major:
            raise Refusal("backup_program_old", program=program, server=server_major, found=said.strip()[-40:])

    def _path(self, program: str) -> Path:
        found = shutil.which(program) if self.programs is None else str(self.programs / program)
        if found is None:
            raise Refusal("backup_program_missing", program=program)
        return Path(found)


def _watch(running: subprocess.Popen[bytes], progress: Callable[[], str] | None) -> None:
    begun = time.monotonic()
    is_shown = progress is not None and sys.stderr.isatty()
    while True:
        try:
            running.wait(QUIET_SECONDS)
        except subprocess.TimeoutExpired:
            if progress is not None:
                said = f"{progress()}, {time.monotonic() - begun:.0f} s"
                sys.stderr.write(f"\r\x1b[K{said}" if is_shown else f"{said}\n")
                sys.stderr.flush()
        else:
            break
    if is_shown and time.monotonic() - begun > QUIET_SECONDS:
        sys.stderr.write("\r\x1b[K")


@contextmanager
def reached(settings: Settings) -> Iterator[Reached]:
    """Reach the settings' database as who may do everything; nothing in it is changed, not even its schema."""
    if settings.database_url is not None:
        named = settings.admin_database_url or settings.database_url
        yield Reached(url=named.get_secret_value(), programs=None, is_embedded=False)
        return
    with EmbeddedServer.start(settings.home) as server:
        yield Reached(url=server.url(), programs=server.binaries.directory, is_embedded=True)


def connect(at: Reached) -> psycopg.Connection:
    """Open a connection of who may do everything."""
    return psycopg.connect(at.url)


def names(rows: Sequence[tuple[object, ...]]) -> list[str]:
    """Return the first column as text."""
    return [str(row[0]) for row in rows]
