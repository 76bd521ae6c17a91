"""Listen on the wire to PostgreSQL: count how often the client waits for an answer, and cut it off."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from typing import Self


class Wire:
    """A proxy before a server's unix socket.

    A round trip is counted whenever the client sends after it has heard something: however many packets a question
    or an answer takes, it is one. Answers travel for ``latency_seconds``, as they do between two machines: a client
    that sends its next question without waiting for the last answer has sent it by then.
    """

    def __init__(self, server: Path, folder: Path, port: int) -> None:
        self.folder = folder
        self.round_trips = 0
        self.latency_seconds = 0.0
        self.cut_before_commit_answer = False
        self._server = str(server / f".s.PGSQL.{port}")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / f".s.PGSQL.{port}"))
        self._listening.listen(16)
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open += [client, server]
                heard = threading.Event()
                threading.Thread(target=self._asks, args=(client, server, heard), daemon=True).start()
                threading.Thread(target=self._answers, args=(client, server, heard), daemon=True).start()

    def _asks(self, client: socket.socket, server: socket.socket, heard: threading.Event) -> None:
        heard.set()
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                if heard.is_set():
                    self.round_trips += 1
                    heard.clear()
                server.sendall(data)
                if self.cut_before_commit_answer and b"COMMIT" in data:
                    server.recv(1 << 16)  # it happened, and nobody will hear of it
                    client.shutdown(socket.SHUT_RDWR)
                    return

    def _answers(self, client: socket.socket, server: socket.socket, heard: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 20, socket.MSG_PEEK):
                if self.cut_before_commit_answer and data.startswith(b"C\x00\x00\x00\x0bCOMMIT"):
                    return
                data = server.recv(len(data))
                time.sleep(self.latency_seconds)
                heard.set()
                client.sendall(data)
