"""Have a file read by a process of its own, which may fall over, run on or eat memory without harm to the service.

The process gets the bytes through a pipe and inherits nothing else. What it says is bounded, and taken as what it is:
data that a stranger's file may have shaped.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from ledger.errors import LedgerError, Value
from ledger.intake.container import Form
from ledger.intake.delimited import Encoding
from ledger.intake.reader import OUT_OF_MEMORY
from ledger.intake.refusal import FileRefused, FileUnreadable

MEBIBYTE: Final = 1024 * 1024
OUTPUT_SIZE_MAX: Final = 256 * MEBIBYTE
PAGE_SIZE_MAX: Final = 32 * MEBIBYTE
"""In bytes, of one page as it is written."""

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_ABORTED: Final = -6
_KILLED: Final = frozenset({-9, -24})
"""By us, or by the system because of its limit on time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a reading may take."""

    memory: int = 1024 * MEBIBYTE
    cpu_seconds: int = 60
    seconds: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What there is to know of a file that was read; ``layout`` is ``layout.Layout`` as JSON."""

    sheets: tuple[Mapping[str, Any], ...]
    sheet: int
    encoding: Encoding | None
    delimiter: str | None
    row_count: int
    column_count: int
    layout: Mapping[str, Any]


def read_file(
    data: bytes,
    form: Form,
    take: Callable[[bytes], None],
    *,
    sheet: int | None = None,
    encoding: Encoding | None = None,
    limits: Limits | None = None,
) -> Outline:
    """Read a file; ``take`` gets each page as it comes, a JSON array of rows.

    Raises:
        FileRefused: the file is not one to be read; carries the reason.
        FileUnreadable: ``reason`` is damaged, memory, time or output.
    """
    limits = limits or Limits()
    asked = {
        "form": form,
        "sheet": sheet,
        "encoding": encoding,
        "memory": limits.memory,
        "seconds": limits.cpu_seconds,
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "ledger.intake.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback might quote a cell
        cwd="/",
        env={"PYTHONPATH": _ROOT, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    timer = threading.Timer(limits.seconds, process.kill)
    timer.start()
    try:
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            _give(process.stdin, json.dumps(asked).encode() + b"\n" + data)
            told = _take_pages(process.stdout, take)
            if told is None:
                raise _unread(process.wait())
    finally:
        process.kill()
        timer.cancel()
    return _outline(told)


def _give(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        pass  # it fell over; its end says how


def _take_pages(pipe: IO[bytes], take: Callable[[bytes], None]) -> dict[str, Any] | None:
    """Hand pages on until the last line, and return that; ``None`` where the output just ends."""
    size = 0
    while line := pipe.readline(PAGE_SIZE_MAX):
        size += len(line)
        if size > OUTPUT_SIZE_MAX or (len(line) == PAGE_SIZE_MAX and not line.endswith(b"\n")):
            raise FileUnreadable(reason="output")
        if not line.endswith(b"\n"):
            return None
        if line.startswith(b"{"):
            told: dict[str, Any] = json.loads(line)
            return told
        take(line)
    return None


def _unread(status: int) -> LedgerError:
    if status in _KILLED:
        return FileUnreadable(reason="time")
    return FileUnreadable(reason="memory" if status in {_ABORTED, OUT_OF_MEMORY} else "damaged")


def _outline(told: dict[str, Any]) -> Outline:
    if "refused" in told:
        fields: dict[str, Value] = told["refused"][1]
        raise FileRefused(**fields)
    return Outline(**{**told, "sheets": tuple(told["sheets"])})
