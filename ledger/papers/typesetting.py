"""Set papers as PDF by Typst: the same data, template version and typesetter give the same bytes.

Nothing outside of this folder is read: no system font, no package, no clock. Data reach a template as JSON that it
decodes, never as source. Every paper is tagged and archival (PDF/UA-1 and PDF/A-2a), its text selectable.
"""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final

import typst

from ledger.papers.model import Paper

VERSION: Final = "v1"
"""The templates that new papers are set by; older folders stay for their reprints."""

VERSIONS: Final = ("v1",)

ENGINE: Final = f"typst-{installed_version('typst')}"
"""What sets them: another one may set the same data to other bytes."""

MISSING_SHOWN_MAX: Final = 20

_FOLDER: Final = Path(__file__).resolve().parent
_LETTERS: Final = frozenset((_FOLDER / "fonts" / "letters.txt").read_text(encoding="utf-8")) - {"\n"} | {"\u200b"}
_STAND_IN: Final = "¤"
_FORGETTING_COUNT: Final = 11
"""The typesetter keeps what it laid out until ten more runs have not asked for it: some ten bytes for each of a PDF."""


class Typesetter:
    """Sets one paper after the other; threads wait for their turn."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FOLDER / "fonts")]
        )
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(root=str(_FOLDER), font_paths=fonts)
        self._empty = typst.Compiler(root=str(_FOLDER), font_paths=fonts)

    def set(self, paper: Paper, *, version: str = VERSION) -> bytes:
        """Return a paper as PDF.

        Raises:
            ValueError: there are no templates of this version.
        """
        return self.set_members(paper.template, data_of(paper), version=version)

    def set_members(self, template: str, data: bytes, *, version: str) -> bytes:
        """Set what ``data_of`` gave; for whoever has use for the data as well."""
        if version not in VERSIONS:
            raise ValueError(version)
        with self._lock:
            made = self._compiler.compile(
                str(_FOLDER / version / f"{template}.typ"),
                format="pdf",
                sys_inputs={"data": data.decode("ascii")},
                pdf_standards=["a-2a", "ua-1"],
                timestamp=datetime(2000, 1, 1, tzinfo=UTC),  # the day a paper has is its document's own date
            )
            for _ in range(_FORGETTING_COUNT):
                self._empty.compile(b"", format="svg")
        if not isinstance(made, bytes):
            raise TypeError(type(made))
        return made


def data_of(paper: Paper) -> bytes:
    """Return the data of a paper as its template reads them: ASCII JSON, one spelling of it.

    Letters that the font has not, which an archival PDF must not contain, become ``¤``; which ones they were, up to
    some, stands in ``missing``.
    """
    missing: dict[str, None] = {}
    members = _printable(paper.members(), missing)
    members["missing"] = [f"U+{ord(each):04X}" for each in sorted(missing)[:MISSING_SHOWN_MAX]]
    return json.dumps(members, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def _printable(value: Any, missing: dict[str, None]) -> Any:  # noqa: ANN401 - JSON holds anything
    if isinstance(value, dict):
        return {name: _printable(member, missing) for name, member in value.items()}
    if isinstance(value, list):
        return [_printable(item, missing) for item in value]
    if isinstance(value, str) and not _LETTERS.issuperset(value):
        return "".join(_stand_ins(value, missing))
    return value


def _stand_ins(text: str, missing: dict[str, None]) -> Iterator[str]:
    for character in text:
        if character in _LETTERS:
            yield character
        else:
            missing[character] = None
            yield _STAND_IN


@cache
def typesetter() -> Typesetter:
    """Return the process's typesetter, made when the first paper is asked for."""
    return Typesetter()
