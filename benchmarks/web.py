"""Serve a web application in its own process, and ask it over connections that stay open."""

import asyncio
import math
import multiprocessing as mp
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from api.log import configure
from benchmarks.clients import Latencies, Operation

HOST: Final = "127.0.0.1"
START_SECONDS_MAX: Final = 60
Requests = Callable[[int], Iterable[bytes]]
"""For the number of a connection, the requests it sends without end, each whole, head and body."""

_context: Final = mp.get_context("forkserver")


@contextmanager
def served(make_app: Callable[..., Any], *args: object) -> Iterator[int]:
    """Serve ``make_app(*args)`` as the product is served (one process, uvloop, httptools); give the port."""
    listening = socket.create_server((HOST, 0), backlog=256)
    port = listening.getsockname()[1]
    process = _context.Process(target=_serve, args=(listening, make_app, args), daemon=True)
    process.start()
    listening.close()
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join(timeout=15)
        if process.is_alive():
            process.kill()


def _serve(listening: socket.socket, make_app: Callable[..., Any], args: tuple[object, ...]) -> None:
    app = make_app(*args)
    # Log lines are made as in production, and written to nowhere.
    configure("info")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="auto",
        access_log=False,
        log_level="error",
    )
    uvicorn.Server(config).run(sockets=[listening])


def _wait(port: int) -> None:
    """Wait for the first answer, whatever it is: the socket listens before the application does."""
    ends_at = time.monotonic() + START_SECONDS_MAX
    with socket.create_connection((HOST, port), timeout=START_SECONDS_MAX) as conn:
        conn.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        if not conn.recv(1) or time.monotonic() > ends_at:
            raise TimeoutError("the benchmark's server does not answer")


def asking(port: int, connection_count: int, requests: Requests) -> Operation:
    """Return an operation that sends requests over so many connections, each waiting for its answer."""

    async def ask_all(seconds: float) -> Latencies:
        ends_at = time.perf_counter() + seconds
        found = await asyncio.gather(*(_ask(port, requests(n), ends_at) for n in range(connection_count)))
        return [each for latencies in found for each in latencies]

    return lambda seconds: asyncio.run(ask_all(seconds))


def ask_each(port: int, requests: Iterable[bytes]) -> None:
    """Send requests over one connection, one after the other."""
    asyncio.run(_ask(port, requests, math.inf))


async def _ask(port: int, requests: Iterable[bytes], ends_at: float) -> Latencies:
    reader, writer = await asyncio.open_connection(HOST, port)
    latencies: Latencies = []
    begun = time.perf_counter()
    for request in requests:
        if begun >= ends_at:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_content_length(head))
        if not head.startswith(b"HTTP/1.1 20"):
            raise RuntimeError((head + body).decode(errors="replace"))
        done = time.perf_counter()
        latencies.append(done - begun)
        begun = done
    writer.close()
    return latencies


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise RuntimeError("an answer without content-length")
