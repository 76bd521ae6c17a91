r"""Ask a witness to cosign a checkpoint: https://c2sp.org/tlog-witness, the log's side of it.

``POST <submission prefix>/add-checkpoint`` with (``\n`` at each line's end)::

    old SIZE                 the size that the witness has seen last, as far as the log knows; 0 where it knows none
    BASE64(HASH)             the consistency proof from there to the checkpoint, 63 hashes at most, none from 0
    (an empty line)
    (the checkpoint: a signed note to its last byte)

and the witness answers::

    200   signature lines, each ended by a newline: its cosignatures over the checkpoint
    400   the request is malformed, or the old size larger than the checkpoint's
    403   no signature by a key that it trusts for this log
    404   a log that it does not know
    409   it has seen another size last: Content-Type text/x.tlog.size, and the size with a newline; or, where the sizes
          are the same, another root, which means that the log has forked
    422   the consistency proof is wrong

Every one of these has a result or an error of its own, and so has everything else that comes back. A cosignature is
returned only after it was verified with the witness's key over exactly the note that was sent. A redirect is not
followed, and of an answer 100,000 bytes are read at most.
"""

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import SplitResult, urlsplit

from audit.checkpoint import parse_checkpoint
from audit.cosignature import CosignatureError, CosignatureMissing, verify_cosignature
from audit.line import NUMBER_MAX, format_base64, parse_decimal
from audit.merkle import HASH_SIZE
from audit.note import NoteError, Signature, SignedNote, VerifierKey, parse_note, parse_signature_line

ANSWER_SIZE_MAX: Final = 100_000
"""In bytes: more than a hundred cosignatures have, or a few of a larger kind."""

TIMEOUT_SECONDS: Final = 10.0
"""For connecting, for each wait after that, and for the answer as a whole."""

PROOF_LINES_MAX: Final = 63

SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"


class WitnessError(Exception):
    """Say why a witness did not cosign."""

    code: ClassVar[str]
    fact: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.fact)


class WitnessUrlMalformed(WitnessError):
    """Only plain ones: no user, no query, no fragment."""

    code = "witness_url_malformed"
    fact = "a witness's URL is not a plain http or https one"


class WitnessRequestMalformed(WitnessError):
    """Found before anything was sent."""

    code = "witness_request_malformed"
    fact = "old size and proof can't lead to this checkpoint"


class WitnessUnreachable(WitnessError):
    """The cause says why: no connection, no answer in time, or not one of HTTP."""

    code = "witness_unreachable"
    fact = "the witness did not answer"


class WitnessRequestRefused(WitnessError):
    """Status 400."""

    code = "witness_request_refused"
    fact = "the witness calls the request malformed"


class WitnessKeyUntrusted(WitnessError):
    """Status 403; older witnesses answer so for an unknown log, too."""

    code = "witness_key_untrusted"
    fact = "the witness trusts no key that signed the checkpoint"


class WitnessLogUnknown(WitnessError):
    """Status 404."""

    code = "witness_log_unknown"
    fact = "the witness does not know the log"


class WitnessAtOtherSize(WitnessError):
    """Status 409; ``size`` is what it has seen last, to be asked again with."""

    code = "witness_at_other_size"
    fact = "the witness has seen another size of the log last"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class WitnessConflict(WitnessError):
    """Status 409 without another size: the witness knows another root for this size. Somebody has to look into it."""

    code = "witness_conflict"
    fact = "the witness has seen another root of the log at this size"


class WitnessProofRefused(WitnessError):
    """Status 422: what the witness has seen is not the beginning of the log as it is now, or the proof is wrong."""

    code = "witness_proof_refused"
    fact = "the witness finds the checkpoint not consistent with what it has seen"


class WitnessStatusUnexpected(WitnessError):
    """``status`` is none that the specification has: a redirect, or the witness's own trouble."""

    code = "witness_status_unexpected"
    fact = "the witness answered with a status that the protocol does not have"

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class WitnessAnswerTooLarge(WitnessError):
    """It was not read to its end."""

    code = "witness_answer_too_large"
    fact = f"the witness's answer has more than {ANSWER_SIZE_MAX:,} bytes"


class WitnessAnswerMalformed(WitnessError):
    """The status promises lines, or a size, that are not there."""

    code = "witness_answer_malformed"
    fact = "the witness's answer is not what its status promises"


class WitnessNotCosigned(WitnessError):
    """Status 200, but by other keys only."""

    code = "witness_not_cosigned"
    fact = "the witness's answer has no cosignature by its key"


class WitnessCosignatureWrong(WitnessError):
    """Status 200; the cause says what is wrong."""

    code = "witness_cosignature_wrong"
    fact = "the witness's cosignature is not one over the checkpoint"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    content_type: str
    body: bytes


Post = Callable[[str, bytes], Answer]
"""Sends a body to a URL; raises ``WitnessError`` where nothing comes back."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness's verified signature, to be put under the note, and its time in seconds since 1970."""

    signature: Signature
    time: int


def format_request(*, old_size: int, proof: Sequence[bytes], checkpoint_note: bytes) -> bytes:
    """Return the body of a request.

    Raises:
        NoteError, CheckpointError: the note is no checkpoint.
        WitnessRequestMalformed: every witness would refuse it.
    """
    size = parse_checkpoint(parse_note(checkpoint_note).text).size
    if not 0 <= old_size <= size or len(proof) > PROOF_LINES_MAX or any(len(each) != HASH_SIZE for each in proof):
        raise WitnessRequestMalformed
    if proof and old_size in {0, size}:
        raise WitnessRequestMalformed
    lines = [f"old {old_size}", *map(format_base64, proof), "", ""]
    return "\n".join(lines).encode() + checkpoint_note


def add_checkpoint(
    url: str,
    *,
    key: VerifierKey,
    old_size: int,
    proof: Sequence[bytes],
    checkpoint_note: bytes,
    post: Post | None = None,
) -> Cosigned:
    """Return a witness's cosignature over a checkpoint; ``url`` is its submission prefix, ``key`` its own.

    Raises:
        WitnessError: it did not cosign; ``WitnessAtOtherSize`` asks to try again from there.
        NoteError, CheckpointError: the note is no checkpoint; nothing was sent.
    """
    body = format_request(old_size=old_size, proof=proof, checkpoint_note=checkpoint_note)
    answer = (post or post_over_http)(f"{url.rstrip('/')}/add-checkpoint", body)
    match answer.status:
        case 200:
            return _read_cosignature(answer.body, parse_note(checkpoint_note).text, key)
        case 400:
            raise WitnessRequestRefused
        case 403:
            raise WitnessKeyUntrusted
        case 404:
            raise WitnessLogUnknown
        case 409:
            raise _conflict(answer, old_size)
        case 422:
            raise WitnessProofRefused
        case status:
            raise WitnessStatusUnexpected(status)


def _read_cosignature(body: bytes, text: str, key: VerifierKey) -> Cosigned:
    if len(body) > ANSWER_SIZE_MAX:
        raise WitnessAnswerTooLarge
    try:
        lines = body.decode().split("\n")
        if lines.pop():
            raise WitnessAnswerMalformed
        note = SignedNote(text, tuple(parse_signature_line(line) for line in lines))
    except (NoteError, UnicodeDecodeError) as fault:
        raise WitnessAnswerMalformed from fault
    try:
        cosigned_at = verify_cosignature(note, key)
    except CosignatureMissing:
        raise WitnessNotCosigned from None
    except CosignatureError as fault:
        raise WitnessCosignatureWrong from fault
    ours = next(each for each in note.signatures if (each.name, each.key_id) == (key.name, key.key_id))
    return Cosigned(ours, cosigned_at)


def _conflict(answer: Answer, old_size: int) -> WitnessError:
    """Tell the two conflicts apart: only the one of sizes comes with a size, and that is not the one that was sent."""
    if answer.content_type.partition(";")[0].strip().lower() != SIZE_CONTENT_TYPE:
        return WitnessConflict()
    text, newline, rest = answer.body.decode("latin-1").partition("\n")
    size = parse_decimal(text)
    if size is None or size > NUMBER_MAX or not newline or rest:
        return WitnessAnswerMalformed()
    return WitnessConflict() if size == old_size else WitnessAtOtherSize(size)


def post_over_http(url: str, body: bytes) -> Answer:
    """Send a body and return the answer, over a connection of its own.

    Raises:
        WitnessError: ``WitnessUrlMalformed``, ``WitnessUnreachable`` or ``WitnessAnswerTooLarge``.
    """
    parts = _split_url(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
        # A response that was not read to its end holds the socket open on its own.
        with connection.getresponse() as response:
            data = _read(response, deadline)
            return Answer(response.status, response.headers.get("Content-Type", ""), data)
    except (OSError, http.client.HTTPException) as fault:
        raise WitnessUnreachable from fault
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read an answer to its end; one that comes a byte at a time is given up at the deadline."""
    data = b""
    while chunk := response.read1(ANSWER_SIZE_MAX):
        data += chunk
        if len(data) > ANSWER_SIZE_MAX:
            raise WitnessAnswerTooLarge
        if time.monotonic() > deadline:
            raise TimeoutError
    return data


def _split_url(url: str) -> SplitResult:
    # Before splitting, which drops newlines and tabs without a word.
    if not url.isascii() or not url.isprintable() or " " in url:
        raise WitnessUrlMalformed
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise WitnessUrlMalformed from None
    if not is_plain or "@" in parts.netloc or "?" in url or "#" in url:
        raise WitnessUrlMalformed
    return parts
