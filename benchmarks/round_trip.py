"""Count round trips to the database: a proxy on a unix socket between a program and PostgreSQL.

A round trip is a word of the program after a word of the server, as the sockets see it: what a pipeline sends together
counts once. Answers are held back for a moment, so that a program which does not wait for one has gone on by then.
Right for one connection at a time.
"""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from api.embedded import PORT, EmbeddedServer

_CHUNK_SIZE: Final = 1 << 16
_DELAY_SECONDS: Final = 0.004


@dataclass(slots=True)
class RoundTrips:
    """The count so far, and where to connect for being counted."""

    url: str
    count: int = 0
    server_spoke: bool = False


@contextmanager
def counted(server: EmbeddedServer, *, user: str, database: str) -> Iterator[RoundTrips]:
    """Stand between whoever connects to the URL and the server."""
    with tempfile.TemporaryDirectory(prefix="soquy-count-") as folder:
        url = f"postgresql://{user}@/{database}?host={quote(folder, safe='')}&port={PORT}"
        trips = RoundTrips(url)
        target = str(server.socket_directory / f".s.PGSQL.{PORT}")
        loop = asyncio.new_event_loop()
        listening = loop.run_until_complete(
            asyncio.start_unix_server(
                lambda reader, writer: _stand_between(trips, target, reader, writer),
                str(Path(folder) / f".s.PGSQL.{PORT}"),
            )
        )
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield trips
        finally:
            loop.call_soon_threadsafe(listening.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=5)


async def _stand_between(
    trips: RoundTrips, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    server_reader, server_writer = await asyncio.open_unix_connection(target)

    async def listen_to_server() -> None:
        while data := await server_reader.read(_CHUNK_SIZE):
            await asyncio.sleep(_DELAY_SECONDS)
            trips.server_spoke = True
            writer.write(data)
            await writer.drain()
        writer.close()

    answering = asyncio.create_task(listen_to_server())
    while data := await reader.read(_CHUNK_SIZE):
        trips.count += trips.server_spoke
        trips.server_spoke = False
        server_writer.write(data)
        await server_writer.drain()
    server_writer.close()
    await answering
