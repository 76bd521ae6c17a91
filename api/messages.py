"""Texts for people, Vietnamese first: what happened, to which thing, and what to do.

The texts themselves are data (``messages.toml``). In Vietnamese amounts are written as the law wants them, ``.``
between thousands (Accounting Law Art. 11), and days as ``05/03/2025``; in English with ``,`` and as in ISO 8601.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.errors import Value
from ledger.money import grouped

_match_day: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})").fullmatch

_GROUPED: Final = re.compile(r"(_minor|_max|^count|^length|_min)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A title and a detail in both languages, filled in."""

    title: str
    title_en: str
    detail: str
    detail_en: str


def _load() -> dict[str, Text]:
    tables = tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))
    return {code: Text(**table) for code, table in tables.items()}


CATALOGUE: Final[Mapping[str, Text]] = _load()


def text_for(code: str, fields: Mapping[str, Value]) -> Text:
    """Return the text of a code, or a more particular one: of ``code/reason``, ``code/state`` or ``code/field``.

    A detail that wants a field the error does not carry gives way to its title.
    """
    cause = fields.get("reason") or fields.get("rule") or fields.get("state") or fields.get("field")
    found = CATALOGUE.get(f"{code}/{cause}") or CATALOGUE.get(code) or CATALOGUE["ledger_error"]
    vietnamese = {name: _vietnamese(name, value) for name, value in fields.items() if value is not None}
    english = {name: _english(name, value) for name, value in fields.items() if value is not None}
    return Text(
        title=found.title,
        title_en=found.title_en,
        detail=_filled(found.detail, vietnamese) or f"{found.title}.",
        detail_en=_filled(found.detail_en, english) or f"{found.title_en}.",
    )


def _filled(template: str, shown: Mapping[str, str]) -> str | None:
    try:
        return template.format_map(shown)
    except KeyError:
        return None


def _vietnamese(name: str, value: str | int) -> str:
    if _is_grouped(name, value):
        return grouped(int(value))
    if isinstance(value, str) and (day := _match_day(value)):
        return f"{day[3]}/{day[2]}/{day[1]}"
    return str(value)


def _english(name: str, value: str | int) -> str:
    return f"{value:,}" if _is_grouped(name, value) else str(value)


def _is_grouped(name: str, value: str | int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and _GROUPED.search(name) is not None
