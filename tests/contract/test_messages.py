"""Every code that can reach a person has its text, in both languages."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import api
import ledger
import web
from api import problems
from api.auth import TokenMissing
from api.database import DatabaseProblem
from api.messages import CATALOGUE, text_for
from ledger.errors import LedgerError, Value

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for package in ("ledger", "api", "web") for path in (ROOT / package).rglob("*.py"))


def every_subclass(of: type[Any]) -> Iterator[type[Any]]:
    each: type[Any]
    for each in of.__subclasses__():
        yield each
        yield from every_subclass(each)


def codes_in_use() -> set[str]:
    for package in (ledger, api, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = {
        each.code for root in (LedgerError, DatabaseProblem) for each in every_subclass(root) if "code" in vars(each)
    }
    patterns = (
        r'\.fault\(\s*"([a-z_]+)"(?!,\s*_)',  # a page's own words follow its field
        r'Fault\(\s*code="([a-z_]+)"',
        r'Refusal\(\s*"([a-z_]+)"',
        r'problem\(\s*[^,]+,\s*"([a-z_]+)"',
        r'PydanticCustomError\(\s*"soquy\.([a-z_]+)"',
    )
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        for pattern in patterns:
            found |= set(re.findall(pattern, source))
    for field in ("campaign", "program"):  # written as f"{field}_unknown"
        found |= {f"{field}_unknown", f"{field}_not_open"}
    return found | set(problems._CODES.values()) | set(problems._BY_HTTP.values()) | set(problems._STATUS)


def test_every_code_has_a_text_and_every_text_a_code() -> None:
    used = codes_in_use()
    assert TokenMissing.code in used
    told = {code.partition("/")[0] for code in CATALOGUE}
    assert used - told == set()
    # Some are chosen in an expression; a text that nobody can be told is in no source at all.
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert {code for code in told - used if f'"{code}"' not in sources} == set()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_text_says_what_happened_and_what_to_do(code: str) -> None:
    text = CATALOGUE[code]
    for written in (text.title, text.title_en, text.detail, text.detail_en):
        assert written.strip() == written
        assert written
    assert not text.title.endswith(".")
    assert text.detail.endswith((".", "…"))
    assert text.detail_en.endswith((".", "…"))
    # Both languages tell the same facts, but for what one of them explains in words.
    fields = set(re.findall(r"\{(\w+)\}", text.detail_en)) - {"moves"}
    assert fields == set(re.findall(r"\{(\w+)\}", text.detail))


def test_amounts_and_days_are_written_as_each_language_writes_them() -> None:
    fields: dict[str, Value] = {"account": "1111", "fund": "QC", "day": "2025-03-05", "balance_minor": -1_234_567}
    text = text_for("overdraft", fields)
    assert "-1.234.567 đ" in text.detail
    assert "05/03/2025" in text.detail
    assert "-1,234,567 đ" in text.detail_en
    assert "2025-03-05" in text.detail_en


def test_a_text_without_its_fields_falls_back_to_its_title() -> None:
    assert text_for("already_reversed", {}).detail == "Bút toán đã được đảo."
    assert text_for("nothing_known", {}).title == CATALOGUE["ledger_error"].title


def test_braces_in_what_was_typed_are_not_read_as_fields() -> None:
    assert "{__class__}" in text_for("account_unknown", {"account": "{__class__}"}).detail
