"""``soquy serve`` and ``soquy demo``: the service in the foreground until somebody stops it.

SIGTERM and SIGINT are ours before they are uvicorn's: uvicorn finishes what is under way, gives the signal back, and
only then does it end the command, so that the embedded server is let go of whatever happens.
"""

import argparse
import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from api import log
from api.app import create_app
from api.demo_sign_in import DemoSecrets, let_sign_in, told
from api.job_kinds import KINDS
from api.job_worker import JobWorker
from api.log_worker import LogWorker
from api.prepared import Prepared, given_kek, prepared
from api.problems import Refusal
from api.settings import PORT_DEFAULT, Settings
from audit.publisher import wait_until_published
from ledger.demo.build import build

AppMaker = Callable[[Settings, Engine], FastAPI]
Tell = Callable[[str], Iterable[str]]
"""Gives lines to print, once it is told the address that is served."""

PORT_TRIES: Final = 20
GRACE_SECONDS: Final = 10

DEMO_LAG: Final = timedelta(0)
"""A demo's leaves are public at once: there is nobody's till to protect, and something to look at."""


class PortTaken(OSError):
    """Somebody else listens there."""


def serve(settings: Settings, asked: argparse.Namespace) -> int:
    """Serve what is in the database."""
    _catch_signals()
    listening = listen(settings, is_quiet=asked.quiet)
    with prepared(settings, is_kept_alive=True) as ready:
        _serve(settings, asked, ready, listening, is_demo=False)
    return 0


def demo(settings: Settings, asked: argparse.Namespace) -> int:
    """Build a demo province where it is missing, say who can sign in, and serve it; or tell a code.

    Raises:
        Refusal: a code was asked for, and there is no demo here.
    """
    if asked.code:
        return _tell_code(settings)
    _catch_signals()
    listening = None if asked.no_serve else listen(settings, is_quiet=asked.quiet)
    with prepared(settings, is_kept_alive=not asked.no_serve) as ready:
        people = _build(ready, asked.province, is_quiet=asked.quiet)
        if listening is None:
            wait_until_published(ready.log.publisher(lag=DEMO_LAG))
            if not asked.quiet:
                print(*people(""), sep="\n")
        else:
            _serve(settings, asked, ready, listening, is_demo=True, more=people)
    return 0


def _tell_code(settings: Settings) -> int:
    kek = given_kek(settings)
    if kek is None:
        raise Refusal("demo_missing", home=str(settings.home))
    print(DemoSecrets.of(kek).code)
    return 0


def _build(ready: Prepared, province: str, *, is_quiet: bool) -> Tell:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=is_quiet,
        transient=True,
    ) as shown:
        task = shown.add_task("Demo", total=None, visible=False)

        def progress(done: int, total: int, name: str) -> None:
            shown.update(task, completed=done, total=total, description=name[:40], visible=True)

        built = build(ready.engine, province=province, progress=progress)
        if built.is_new:
            ready.analyze()
    if not is_quiet:
        state = "built" if built.is_new else "there already"
        print(f"Demo province {province}: {built.associations} associations, {built.entries:,} entries, {state}.")
    secrets = DemoSecrets.of(ready.kek)
    users = let_sign_in(ready.engine, built, secrets)
    return lambda origin: told(users, secrets, origin)


def listen(settings: Settings, *, is_quiet: bool) -> socket.socket:
    """Take the port before anything else is started; without a chosen one, the next that is free.

    Raises:
        PortTaken: the chosen port, or twenty in a row, are somebody else's.
    """
    first = settings.port or PORT_DEFAULT
    for port in [first] if settings.port else range(first, first + PORT_TRIES):
        try:
            found = _bound(settings.host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise OSError(f"cannot listen on {settings.host} port {port}: {error.strerror}") from error
            continue
        if port != first and not is_quiet:
            print(f"Port {first} is in use, perhaps by another soquy; this one takes {port}.")
        return found
    raise PortTaken(
        f"port {first} of {settings.host} is in use, perhaps by another soquy. Stop it, or choose another with --port."
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)  # as uvicorn does; without it, a second one could bind the same port
    except OSError:
        found.close()
        raise
    return found


class _Server(uvicorn.Server):
    """Uvicorn's, that says when it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def _serve(
    settings: Settings,
    asked: argparse.Namespace,
    ready: Prepared,
    listening: socket.socket,
    *,
    is_demo: bool,
    more: Tell | None = None,
) -> None:
    log.configure(_log_level(settings, is_quiet=asked.quiet))
    app: FastAPI = asked.app_maker(settings, ready.engine)
    app.state.log = ready.log
    host, port = listening.getsockname()[:2]
    origin = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if is_demo:
        app.state.public_url = origin  # what a demo prints is checked where it runs

    def announce() -> None:
        if asked.quiet:
            return
        where = f"with its own PostgreSQL, data in {ready.data}" if ready.data else "on the database you named"
        print(f"Sổ Quỹ is ready, {where}:", flush=True)
        if asked.app_maker is not create_app:
            print(f"  {origin}/      the books, for people")
        print(f"  {origin}/docs  the API")
        if more is not None:
            print(*more(origin), sep="\n")
        print("Stop it with Ctrl-C.", flush=True)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    worker = LogWorker(ready.log, lag=DEMO_LAG if is_demo else None)
    jobs = JobWorker(ready.engine, KINDS, count=settings.job_thread_count)
    if settings.log_publisher == "inside":
        worker.start()
    jobs.start()
    try:
        _Server(config, announce).run(sockets=[listening])
    finally:
        jobs.leave()  # while the log's worker ends its step
        worker.stop()
        jobs.stop()


def _log_level(settings: Settings, *, is_quiet: bool) -> str:
    """Write a line for every request into files and pipes, but not between the words on somebody's screen."""
    if "log_level" in settings.model_fields_set:
        return settings.log_level
    return "warning" if is_quiet or sys.stderr.isatty() else settings.log_level


def _catch_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough: a second one must not interrupt the cleaning up
    raise SystemExit(0)
