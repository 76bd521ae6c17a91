"""A witness for tests: it does what https://c2sp.org/tlog-witness asks of one, on the loopback, in a thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.cosignature import CosignerKey
from audit.line import parse_base64, parse_decimal
from audit.merkle import EMPTY_ROOT, MerkleError, verify_consistency
from audit.note import NoteError, VerifierKey, parse_note, verify_note
from audit.witness import Answer

TIME = 1_700_000_000


@dataclass
class StubWitness:
    """Remembers each log's last checkpoint, and cosigns what goes on from it."""

    key: CosignerKey
    logs: dict[str, VerifierKey]
    seen: dict[str, Checkpoint] = field(default_factory=dict)

    def post(self, _url: str, body: bytes) -> Answer:
        head, _, checkpoint_note = body.partition(b"\n\n")
        first, *proof_lines = head.decode().split("\n")
        old_size = parse_decimal(first.removeprefix("old "))
        assert old_size is not None
        proof = [parse_base64(line) or b"" for line in proof_lines]
        note = parse_note(checkpoint_note)
        checkpoint = parse_checkpoint(note.text)
        if checkpoint.origin not in self.logs:
            return Answer(404, "text/plain", b"unknown log\n")
        try:
            verify_note(note, [self.logs[checkpoint.origin]])
        except NoteError:
            return Answer(403, "text/plain", b"invalid signature\n")
        if old_size > checkpoint.size:
            return Answer(400, "text/plain", b"old size too large\n")
        last = self.seen.get(checkpoint.origin, Checkpoint(checkpoint.origin, 0, EMPTY_ROOT))
        if old_size != last.size:
            return Answer(409, "text/x.tlog.size", f"{last.size}\n".encode())
        if old_size == checkpoint.size and last.root != checkpoint.root:
            return Answer(409, "text/plain", b"conflict\n")
        try:
            verify_consistency(
                old_size=old_size, old_root=last.root, size=checkpoint.size, root=checkpoint.root, proof=proof
            )
        except MerkleError:
            return Answer(422, "text/plain", b"consistency proof\n")
        self.seen[checkpoint.origin] = checkpoint
        return Answer(200, "text/plain", f"{self.key.cosign(note.text, TIME)}\n".encode())


@contextmanager
def serve(
    answer: Answer | Callable[[str, bytes], Answer],
    requests: list[tuple[str, bytes]],
    headers: dict[str, str] | None = None,
) -> Iterator[str]:
    """Give every POST this answer, or a witness's, and yield the URL; ``requests`` gets their paths and bodies."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = (self.path, self.rfile.read(int(self.headers["Content-Length"])))
            requests.append(asked)
            given = answer if isinstance(answer, Answer) else answer(*asked)
            self.send_response(given.status)
            for name, value in {"Content-Type": given.content_type, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
