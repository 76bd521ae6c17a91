"""Asking a witness to cosign: every answer that it may give, and those that it may not."""

import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit import witness
from audit.checkpoint import Checkpoint, CheckpointError, parse_checkpoint
from audit.cosignature import CosignatureError, CosignerKey, verify_cosignature
from audit.line import parse_base64
from audit.merkle import leaf_hash, root_of
from audit.note import (
    NoteError,
    Signature,
    SignatureNotBase64,
    SignedNote,
    SignerKey,
    VerifierKey,
    parse_note,
)
from audit.witness import (
    ANSWER_SIZE_MAX,
    SIZE_CONTENT_TYPE,
    Answer,
    Cosigned,
    WitnessAnswerMalformed,
    WitnessAnswerTooLarge,
    WitnessAtOtherSize,
    WitnessConflict,
    WitnessCosignatureWrong,
    WitnessError,
    WitnessKeyUntrusted,
    WitnessLogUnknown,
    WitnessNotCosigned,
    WitnessProofRefused,
    WitnessRequestMalformed,
    WitnessRequestRefused,
    WitnessStatusUnexpected,
    WitnessUnreachable,
    WitnessUrlMalformed,
    add_checkpoint,
    format_request,
    post_over_http,
)
from tests.unit.audit.witness_stub import TIME, StubWitness, serve

SEQUENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "note" / "notes_and_witness.json").read_text()
)["witness_sequence"]

ORIGIN = "example.com/log"
LOG = SignerKey(ORIGIN, bytes(32))
KEY = CosignerKey("witness.example/w1", bytes(range(32)))
HASHES = [leaf_hash(bytes([number])) for number in range(4)]


def checkpoint_of(size: int, *, origin: str = ORIGIN, key: SignerKey = LOG, root: bytes | None = None) -> bytes:
    text = Checkpoint(origin, size, root or root_of(HASHES[:size])).text()
    return SignedNote(text, (key.sign(text),)).encode()


NOTE = checkpoint_of(2)
TEXT = parse_note(NOTE).text
COSIGNATURE = KEY.cosign(TEXT, TIME)


def ask(answer: Answer, *, old_size: int = 0, key: VerifierKey = KEY.verifier) -> Cosigned:
    """Ask a witness that gives this answer, over HTTP."""
    requests: list[tuple[str, bytes]] = []
    with serve(answer, requests) as url:
        try:
            return add_checkpoint(url, key=key, old_size=old_size, proof=[], checkpoint_note=NOTE)
        finally:
            expected = format_request(old_size=old_size, proof=[], checkpoint_note=NOTE)
            assert requests == [("/add-checkpoint", expected)]


def status(number: int, body: bytes = b"why\n", content_type: str = "text/plain") -> Answer:
    return Answer(number, content_type, body)


def test_a_request_is_the_old_size_the_proof_an_empty_line_and_the_note() -> None:
    note = checkpoint_of(3)
    line = "A" * 43 + "=\n"
    body = format_request(old_size=1, proof=[bytes(32), bytes(32)], checkpoint_note=note)
    assert body == f"old 1\n{line}{line}\n".encode() + note
    assert format_request(old_size=0, proof=[], checkpoint_note=note) == b"old 0\n\n" + note


@pytest.mark.parametrize(
    ("old_size", "proof"),
    [(-1, []), (5, []), (0, [bytes(32)]), (4, [bytes(32)]), (1, [bytes(31)]), (1, [bytes(32)] * 64)],
)
def test_what_every_witness_would_refuse_is_not_sent(old_size: int, proof: list[bytes]) -> None:
    with pytest.raises(WitnessRequestMalformed):
        add_checkpoint("http://x", key=KEY.verifier, old_size=old_size, proof=proof, checkpoint_note=checkpoint_of(4))
    with pytest.raises(NoteError):
        format_request(old_size=0, proof=[], checkpoint_note=NOTE[:-1])
    with pytest.raises(CheckpointError):
        format_request(old_size=0, proof=[], checkpoint_note=SignedNote("a\n", (LOG.sign("a\n"),)).encode())


def test_a_cosignature_is_returned_with_its_time() -> None:
    cosigned = ask(status(200, f"{COSIGNATURE}\n".encode()))
    assert cosigned == Cosigned(COSIGNATURE, TIME)
    note = SignedNote(TEXT, (*parse_note(NOTE).signatures, cosigned.signature))
    assert verify_cosignature(note, KEY.verifier) == TIME


def test_cosignatures_of_unknown_keys_are_passed_over() -> None:
    other = CosignerKey.generate(KEY.name).cosign(TEXT, TIME)
    larger = Signature(KEY.name, bytes(4), bytes(2428))
    assert ask(status(200, f"{other}\n{larger}\n{COSIGNATURE}\n".encode())).signature == COSIGNATURE
    with pytest.raises(WitnessNotCosigned):
        ask(status(200, f"{other}\n{larger}\n".encode()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"ok\n",
        str(COSIGNATURE).encode(),
        f"{COSIGNATURE}\r\n".encode(),
        f"\n{COSIGNATURE}\n".encode(),
        f"{COSIGNATURE}\n\n".encode(),
        f"{COSIGNATURE}\n{COSIGNATURE}\n".encode(),
        f"{COSIGNATURE} \n".encode(),
        b"\xff\n",
        NOTE,
    ],
)
def test_an_answer_of_200_that_is_not_signature_lines_is_malformed(body: bytes) -> None:
    with pytest.raises(WitnessAnswerMalformed):
        ask(status(200, body))


def test_a_cosignature_over_something_else_is_refused() -> None:
    for wrong in (
        KEY.cosign(parse_note(checkpoint_of(3)).text, TIME),
        Signature(KEY.name, KEY.verifier.key_id, bytes(72)),
        Signature(KEY.name, KEY.verifier.key_id, COSIGNATURE.signature[:-1]),
    ):
        with pytest.raises(WitnessCosignatureWrong) as caught:
            ask(status(200, f"{wrong}\n".encode()))
        assert isinstance(caught.value.__cause__, CosignatureError)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(400), WitnessRequestRefused),
        (status(403), WitnessKeyUntrusted),
        (status(404), WitnessLogUnknown),
        (status(409), WitnessConflict),
        (status(409, b""), WitnessConflict),
        (status(422), WitnessProofRefused),
        (status(409, b"", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"3", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"03\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"+3\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"3\r\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"3\n\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"\xff\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"9223372036854775808\n", SIZE_CONTENT_TYPE), WitnessAnswerMalformed),
        (status(409, b"1\n", SIZE_CONTENT_TYPE), WitnessConflict),
    ],
)
def test_each_status_of_the_specification_has_its_error(answer: Answer, error: type[WitnessError]) -> None:
    with pytest.raises(WitnessError) as caught:
        ask(answer, old_size=1)
    assert caught.type is error
    assert str(caught.value) == error.fact


@pytest.mark.parametrize("content_type", [SIZE_CONTENT_TYPE, "Text/X.tlog.size; charset=utf-8"])
def test_a_witness_at_another_size_says_which(content_type: str) -> None:
    with pytest.raises(WitnessAtOtherSize) as caught:
        ask(status(409, b"20852014\n", content_type))
    assert caught.value.size == 20_852_014


@pytest.mark.parametrize("number", [201, 204, 301, 307, 308, 401, 405, 413, 418, 429, 500, 502, 503])
def test_every_other_status_is_unexpected(number: int) -> None:
    body = b"" if number == 204 else f"{COSIGNATURE}\n".encode()
    with pytest.raises(WitnessStatusUnexpected) as caught:
        ask(status(number, body))
    assert caught.value.status == number


def test_a_redirect_is_not_followed() -> None:
    elsewhere: list[tuple[str, bytes]] = []
    here: list[tuple[str, bytes]] = []
    with (
        serve(status(200, f"{COSIGNATURE}\n".encode()), elsewhere) as target,
        serve(status(307), here, {"Location": f"{target}/add-checkpoint"}) as url,
        pytest.raises(WitnessStatusUnexpected),
    ):
        add_checkpoint(f"{url}/prefix/", key=KEY.verifier, old_size=0, proof=[], checkpoint_note=NOTE)
    assert [path for path, _ in here] == ["/prefix/add-checkpoint"]
    assert elsewhere == []


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    with pytest.raises(WitnessAnswerTooLarge):
        ask(status(200, b"a" * (ANSWER_SIZE_MAX + 1)))
    with pytest.raises(WitnessAnswerTooLarge):
        add_checkpoint(
            "http://x",
            key=KEY.verifier,
            old_size=0,
            proof=[],
            checkpoint_note=NOTE,
            post=lambda _url, _body: status(200, b"a" * (ANSWER_SIZE_MAX + 1)),
        )


def test_a_witness_that_does_not_answer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(WitnessUnreachable) as refused:
            post_over_http(url, b"")
        listener.listen()
        monkeypatch.setattr(witness, "TIMEOUT_SECONDS", 0.05)
        with pytest.raises(WitnessUnreachable) as silent:
            post_over_http(url, b"")
    assert isinstance(refused.value.__cause__, ConnectionRefusedError)
    assert isinstance(silent.value.__cause__, TimeoutError)


def test_an_answer_that_takes_too_long_as_a_whole_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=iter((0, 50)).__next__)
    monkeypatch.setattr(witness, "time", clock)
    with serve(status(200, b"a\n"), []) as url, pytest.raises(WitnessUnreachable):
        post_over_http(url, b"")


def test_what_is_not_http_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(status(99_999), []) as url, pytest.raises(WitnessUnreachable):
        post_over_http(url, b"")
    with serve(status(200), []) as url, pytest.raises(WitnessUnreachable):
        post_over_http(url.replace("http:", "https:"), b"")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example",
        "file:///etc/passwd",
        "ftp://witness.example",
        "http://",
        "http:///add",
        "http://witness.example:0",
        "http://witness.example:port",
        "http://witness.example:99999",
        "http://[::1",
        "http://user@witness.example",
        "http://witness.example?",
        "http://witness.example/?a",
        "http://witness.example/#a",
        "http://witness.example/a b",
        "http://witness.example/\r\nHost: a",
        "http://witness.example/\n",
        "http://wítness.example/",
    ],
)
def test_only_plain_urls_are_asked(url: str) -> None:
    with pytest.raises(WitnessUrlMalformed):
        add_checkpoint(url, key=KEY.verifier, old_size=0, proof=[], checkpoint_note=NOTE)


def test_a_log_catches_up_with_a_witness_step_by_step() -> None:
    stub = StubWitness(KEY, {ORIGIN: LOG.verifier})

    def ask_stub(size: int, old_size: int, proof: list[bytes], **other: Any) -> int:
        note = checkpoint_of(size, **other)
        return add_checkpoint(
            "http://x", key=KEY.verifier, old_size=old_size, proof=proof, checkpoint_note=note, post=stub.post
        ).time

    assert ask_stub(1, 0, []) == TIME
    assert ask_stub(1, 1, []) == TIME
    with pytest.raises(WitnessAtOtherSize) as caught:
        ask_stub(2, 0, [])
    assert caught.value.size == 1
    with pytest.raises(WitnessProofRefused):
        ask_stub(2, 1, [HASHES[2]])
    assert ask_stub(2, 1, [HASHES[1]]) == TIME
    with pytest.raises(WitnessConflict):
        ask_stub(2, 2, [], root=bytes(32))
    with pytest.raises(WitnessKeyUntrusted):
        ask_stub(3, 2, [HASHES[2]], key=SignerKey.generate(ORIGIN))
    with pytest.raises(WitnessLogUnknown):
        ask_stub(3, 2, [HASHES[2]], origin="example.com/other")


def test_a_note_whose_base64_has_spare_bits_is_not_sent() -> None:
    note = SEQUENCE["requests"][1]["body"].encode().partition(b"\n\n")[2]
    with pytest.raises(SignatureNotBase64):
        format_request(old_size=1, proof=[bytes(32)] * 2, checkpoint_note=note)


def test_the_published_sequence_is_sent_byte_for_byte_and_answered_as_published() -> None:
    # The second request's signature is spoilt in its last character, spare bits included: without those here.
    bodies = [request["body"].replace("rx6gx=\n", "rx6gw=\n").encode() for request in SEQUENCE["requests"]]
    assert bodies[1] != SEQUENCE["requests"][1]["body"].encode()
    witness_key = CosignerKey("example.com/witness", bytes.fromhex(SEQUENCE["witness_seed_hex"]))
    origin = parse_checkpoint(parse_note(SEQUENCE["requests"][0]["body"].encode().partition(b"\n\n")[2]).text).origin
    log_key = VerifierKey(origin, 1, bytes.fromhex(SEQUENCE["log_pubkey_hex"]))
    stub = StubWitness(witness_key, {origin: log_key})
    errors: dict[int, tuple[type[WitnessError], ...]] = {
        403: (WitnessKeyUntrusted, WitnessLogUnknown),  # this witness is older than 404 for an unknown log
        409: (WitnessAtOtherSize,),
        422: (WitnessProofRefused,),
    }
    sent: list[bytes] = []

    def post(url: str, body: bytes) -> Answer:
        sent.append(body)
        return stub.post(url, body)

    results: list[int | None] = []
    for request, body in zip(SEQUENCE["requests"], bodies, strict=True):
        head, _, note = body.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        old_size, proof = int(first.removeprefix("old ")), [parse_base64(line) or b"" for line in lines]
        arguments: dict[str, Any] = {"old_size": old_size, "proof": proof, "checkpoint_note": note, "post": post}
        if request["status"] == 200:
            results.append(add_checkpoint("http://x", key=witness_key.verifier, **arguments).time)
            continue
        with pytest.raises(errors[request["status"]]) as caught:
            add_checkpoint("http://x", key=witness_key.verifier, **arguments)
        results.append(getattr(caught.value, "size", None))
    assert sent == bodies
    assert results == [TIME, None, None, None, None, TIME, 3, TIME, 5]
