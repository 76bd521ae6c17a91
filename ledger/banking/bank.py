"""The banks that take transfers by VietQR, to be chosen by name (``banks.csv``; its origin is in ``README.md``)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A bank: ``bin`` is its identification number at NAPAS, ``short_name`` what people call it."""

    bin: str
    short_name: str
    name: str


def _read() -> Mapping[str, Bank]:
    with Path(__file__).with_name("banks.csv").open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["bin"]: Bank(**row) for row in csv.DictReader(lines)})


BANKS: Final = _read()
"""BIN → bank."""


def bank_name(bank_bin: str) -> str:
    """Return what people call a bank; its number where the list does not have it."""
    found = BANKS.get(bank_bin)
    return found.short_name if found is not None else bank_bin
