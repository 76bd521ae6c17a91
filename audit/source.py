"""Read a published log where it lies: a folder, or a web server.

Both give the same: a file's bytes by its path (``checkpoint``, ``tile/0/x001/234``), or None where there is none. The
files are trusted with nothing, so a limit stands on every size. A folder may keep ``checkpoint`` and ``tile`` under
``log/``; a URL may be the service's or that of its ``log``. Sources travel to other processes as values and open their
connections there.
"""

import http.client
import os
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol, TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit

from audit.finding import Unusable
from audit.note import NOTE_SIZE_MAX
from audit.tiles import TILE_WIDTH, Bundle, Tile

CHECKPOINT_SIZE_MAX: Final = NOTE_SIZE_MAX
POLICY_SIZE_MAX: Final = 1_000_000
BUNDLE_SIZE_MAX: Final = TILE_WIDTH * (2 + 65_535)
BALANCES_SIZE_MAX: Final = 4 << 30
"""In bytes, all four."""

BALANCES_FILE: Final = "trial-balances.jsonl"
BALANCES_ROUTE: Final = "/v1/public/trial-balances"

_TIMEOUT_S: Final = 30.0
_TRIES_MAX: Final = 5
_WAIT_MAX_S: Final = 10.0
_REDIRECTS_MAX: Final = 3
_PART_SIZE: Final = 1 << 16
_RETRIED: Final = frozenset({429, 502, 503, 504})
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_ABSENT: Final = frozenset({404, 410})


class Source(Protocol):
    """What an audit reads from."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def is_listed(self) -> bool:
        """Whether ``files`` knows every file, so that also what nobody asks for is looked at."""

    def read(self, path: str, size_max: int) -> bytes | None:
        """Return a file's bytes, one more than ``size_max`` at most, or None where it is not."""

    def files(self) -> Iterator[str]:
        """Yield the path of every file."""

    def balances(self, known_at: int | None = None) -> IO[bytes] | None:
        """Open the published trial balances, as known at a size or at the one the source chooses."""

    def close(self) -> None:
        """Close what is open; reading opens it again."""


def read_tile(source: Source, tile: Tile) -> bytes | None:
    """Return a tile's bytes; more than its size shows as one byte too many."""
    return source.read(tile.path, tile.size)


def read_bundle(source: Source, bundle: Bundle) -> bytes | None:
    """Return an entry bundle's bytes."""
    return source.read(bundle.path, BUNDLE_SIZE_MAX)


@dataclass(frozen=True, slots=True)
class Folder:
    """An export, or the folder that a service publishes from."""

    root: Path
    log: Path

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self.root)

    @property
    def is_listed(self) -> bool:
        """A folder can be listed."""
        return True

    def read(self, path: str, size_max: int) -> bytes | None:
        """Return a file's bytes, one more than ``size_max`` at most, or None where it is not."""
        try:
            with (self.log / path).open("rb") as file:
                return file.read(size_max + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Unusable("source_unreadable", path, reason=str(error.strerror)) from error

    def files(self) -> Iterator[str]:
        """Yield the path of every file, in order of their names."""
        for folder, folders, names in os.walk(self.log):
            folders.sort()
            for name in sorted(names):
                yield (Path(folder) / name).relative_to(self.log).as_posix()

    def balances(self, known_at: int | None = None) -> IO[bytes] | None:  # noqa: ARG002 - a file knows one size only
        """Open the file of trial balances."""
        for folder in (self.log, self.root):
            try:
                return (folder / BALANCES_FILE).open("rb")
            except (FileNotFoundError, IsADirectoryError):
                continue
            except OSError as error:
                raise Unusable("source_unreadable", BALANCES_FILE, reason=str(error.strerror)) from error
        return None

    def close(self) -> None:
        """Nothing stays open between two files."""


Connection: TypeAlias = http.client.HTTPConnection


class _Connections(threading.local):
    """The connections of one thread, by scheme and host."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], Connection] = {}


class Web:
    """A web server; each thread keeps a connection open, and opens it again where it broke."""

    def __init__(self, log: str, service: str) -> None:
        self.log = log
        self.service = service
        self._connections = _Connections()
        self._all: list[Connection] = []

    def __reduce__(self) -> tuple[type["Web"], tuple[str, str]]:
        return Web, (self.log, self.service)

    @property
    def name(self) -> str:
        """The log's URL."""
        return self.log

    @property
    def is_listed(self) -> bool:
        """A web server tells nothing of what it is not asked for."""
        return False

    def read(self, path: str, size_max: int) -> bytes | None:
        """Return a file's bytes, or None where the server has none."""
        url = f"{self.log}/{path}"
        for attempt in range(_TRIES_MAX):
            try:
                response = self._get(url)
                if response is None:
                    return None
                data = response.read(size_max + 1)
                if len(data) <= size_max:
                    if response.length:
                        raise http.client.IncompleteRead(data, response.length)
                    response.read()
            except (OSError, http.client.HTTPException) as error:
                self._give_up_or_wait(url, attempt, error)
                continue
            if len(data) > size_max:
                self._drop()
            return data
        raise AssertionError

    def files(self) -> Iterator[str]:
        """Yield nothing: there is no list."""
        return iter(())

    def balances(self, known_at: int | None = None) -> IO[bytes] | None:
        """Fetch the trial balances into a temporary file: they may be large, and are needed when all else is read."""
        asked = "" if known_at is None else f"?known_at={known_at}"
        for url in (f"{self.service}{BALANCES_ROUTE}{asked}", f"{self.log}/{BALANCES_FILE}"):
            for attempt in range(_TRIES_MAX):
                try:
                    response = self._get(url)
                    if response is None:
                        break
                    return self._spool(url, response)
                except (OSError, http.client.HTTPException) as error:
                    self._give_up_or_wait(url, attempt, error)
        return None

    def close(self) -> None:
        """Close what is open in any thread; the next request opens it again."""
        while self._all:
            self._all.pop().close()

    def _drop(self) -> None:
        """Close what this thread has open: an answer was left unread, or the connection broke."""
        while self._connections.open:
            self._connections.open.popitem()[1].close()

    def _spool(self, url: str, response: http.client.HTTPResponse) -> IO[bytes]:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's to close
        try:
            _copy(response, file, url)
        except BaseException:
            file.close()
            self._drop()
            raise
        file.seek(0)
        return file

    def _give_up_or_wait(self, url: str, attempt: int, error: Exception) -> None:
        """Wait before another try, longer each time; after the last one the source is unusable."""
        self._drop()
        if attempt + 1 == _TRIES_MAX or isinstance(error, ssl.SSLCertVerificationError | socket.gaierror):
            raise Unusable("source_unreachable", url, reason=str(error) or type(error).__name__) from error
        asked_s = error.retry_after_s if isinstance(error, _Busy) else 0.0
        # A connection that was kept open too long breaks at its next use, which is no reason to wait.
        is_stale = attempt == 0 and isinstance(error, ConnectionError)
        time.sleep(asked_s if is_stale else max(asked_s, 0.25 * 2**attempt))

    def _get(self, url: str) -> http.client.HTTPResponse | None:
        """Ask for a URL; follow it elsewhere only on the same host."""
        for _ in range(_REDIRECTS_MAX + 1):
            parts = urlsplit(url)
            connection = self._connection(parts)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target or "/", headers={"Accept-Encoding": "identity", "User-Agent": "soquy"})
            response = connection.getresponse()
            if response.status == http.client.OK:
                return response
            location = response.headers.get("Location")
            response.read(_PART_SIZE)
            if not response.isclosed():
                self._drop()
            if response.status in _ABSENT:
                return None
            if response.status in _RETRIED:
                raise _Busy(response)
            if response.status not in _REDIRECTED or location is None:
                raise Unusable("source_refused", url, status=response.status)
            url = _redirected(url, location)
        raise Unusable("source_redirects", url)

    def _connection(self, parts: SplitResult) -> Connection:
        key = (parts.scheme, parts.netloc)
        here = self._connections.open
        if key not in here:
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            here[key] = kind(parts.netloc, timeout=_TIMEOUT_S)
            self._all.append(here[key])
        return here[key]


def _copy(response: http.client.HTTPResponse, file: IO[bytes], url: str) -> None:
    size = 0
    while part := response.read(_PART_SIZE):
        size += len(part)
        if size > BALANCES_SIZE_MAX:
            raise Unusable("source_too_large", url, size_max=BALANCES_SIZE_MAX)
        file.write(part)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


class _Busy(OSError):
    """The server asks to come back later."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        super().__init__(f"HTTP {response.status}")
        after = response.headers.get("Retry-After", "")
        self.retry_after_s = min(float(after), _WAIT_MAX_S) if after.isdecimal() else 0.0


def _redirected(url: str, location: str) -> str:
    new = urljoin(url, location)
    old, parts = urlsplit(url), urlsplit(new)
    if parts.hostname != old.hostname or parts.scheme not in {old.scheme, "https"}:
        raise Unusable("source_redirected_elsewhere", url, host=ascii(parts.hostname)[1:-1])
    return new


def open_source(location: str) -> Source:
    """Find the log at a path or URL.

    Raises:
        Unusable: there is none.
    """
    if location.startswith(("http://", "https://")):
        return _open_web(location.rstrip("/"))
    root = Path(location)
    for log in (root, root / "log"):
        if (log / "checkpoint").is_file():
            return Folder(root, log)
    raise Unusable("checkpoint_missing", str(root))


def _open_web(base: str) -> Source:
    parts = urlsplit(base)
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise Unusable("source_url_malformed", base)
    candidates = [Web(base, base.removesuffix("/log"))]
    if not base.endswith("/log"):
        candidates.insert(0, Web(f"{base}/log", base))
    for source in candidates:
        if source.read("checkpoint", CHECKPOINT_SIZE_MAX) is not None:
            return source
        source.close()
    raise Unusable("checkpoint_missing", base)
