"""Tell by its content what a file is, and refuse what nobody should have to open.

A scan is a PDF, a JPEG, a PNG or a HEIC, of 15 MiB at most, can be read to its end, and is what its name says it is.
It is parsed in a process of its own (``ledger/documents/inspect_file.py``) with limits on memory and time, a few at
once; whatever such a file does to a parser, it does there.
"""

import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.documents.inspect_file import BYTE_SIZE_MAX
from ledger.errors import LedgerError
from ledger.text import clean_text

SECONDS_MAX: Final = 30
"""By the clock; of the processor's time a file gets less."""

NAME_LENGTH_MAX: Final = 200

_EXTENSIONS: Final = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/heic": ("heic", "heif"),
}
_PROGRAM: Final = Path(__file__).with_name("inspect_file.py")
_AT_ONCE: Final = threading.BoundedSemaphore(2)

_match_reason: Final = re.compile(r"[a-z_]{1,40}").fullmatch


class DocumentRefused(LedgerError):
    """The file is not taken; ``reason`` says why."""

    code = "document_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file that was looked at: its bytes, and what they are."""

    name: str
    data: bytes
    media_type: str
    page_count: int
    sha256: bytes


def check_content(name: str, data: bytes) -> Content:
    """Look at a file and return what it is.

    Raises:
        DocumentRefused: carries the reason.
        TextRefused: its name has characters that do not show.
    """
    name = clean_text(re.split(r"[\\/]", name)[-1], field="name", length_max=NAME_LENGTH_MAX)
    if not data:
        raise DocumentRefused(reason="empty")
    if len(data) > BYTE_SIZE_MAX:
        raise DocumentRefused(reason="too_large", size_max=BYTE_SIZE_MAX)
    answer = json.loads(_ask("inspect", data))
    if not answer["ok"]:
        raise DocumentRefused(reason=answer["reason"])
    expected = _EXTENSIONS[answer["media_type"]]
    if Path(name).suffix.lower().removeprefix(".") not in expected:
        raise DocumentRefused(reason="extension_differs", expected=expected[0])
    return Content(
        name=name,
        data=data,
        media_type=answer["media_type"],
        page_count=answer["page_count"],
        sha256=sha256(data).digest(),
    )


def make_preview(data: bytes) -> bytes:
    """Return a JPEG of an image, drawn anew.

    Raises:
        DocumentRefused: there is no drawing it.
    """
    found = _ask("preview", data)
    if not found.startswith(b"\xff\xd8"):
        raise DocumentRefused(reason=json.loads(found)["reason"])
    return found


def _ask(what: str, data: bytes) -> bytes:
    command = [sys.executable, "-I", str(_PROGRAM), what]
    with _AT_ONCE:
        try:
            ran = subprocess.run(command, input=data, capture_output=True, check=False, timeout=SECONDS_MAX, env={})
        except subprocess.TimeoutExpired:
            raise DocumentRefused(reason="too_complex") from None
    if ran.returncode != 0 or not ran.stdout:
        raise DocumentRefused(reason="too_complex")  # killed by a limit of its own
    return ran.stdout
