"""Pages of rows: where one ends and the next begins.

Positions are keys, never offsets: rows added while somebody reads neither repeat nor hide others, and the last page
costs what the first did.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, Self, TypeVar

from ledger.errors import LedgerError

Row_co = TypeVar("Row_co", covariant=True)
Cursor_co = TypeVar("Cursor_co", covariant=True)

PAGE_SIZE_MAX: Final = 1_000
"""Rows: what a screen, a printer and a JSON reader take without effort."""

_match_position: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})\.([0-9]{1,6})").fullmatch


class CursorMalformed(LedgerError):
    """It is not one that a page gave out."""

    code = "cursor_malformed"


class PageSizeRefused(LedgerError):
    """A page has 1 to ``PAGE_SIZE_MAX`` rows."""

    code = "page_size_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A row's place in the order of a book: day, entry, and rank of the line within the entry.

    ``rank`` is what the report orders lines by; it is 0 where rows are whole entries.
    """

    entry_on: date
    seq: int
    rank: int = 0

    def __str__(self) -> str:
        """Return the text that ``parse`` reads: day, seq and rank with dots between."""
        return f"{self.entry_on.isoformat()}.{self.seq}.{self.rank}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the position of a text.

        Raises:
            CursorMalformed: not what ``str`` gives.
        """
        found = _match_position(text)
        if found is None:
            raise CursorMalformed(cursor=text[:40])
        try:
            return cls(entry_on=date.fromisoformat(found[1]), seq=int(found[2]), rank=int(found[3]))
        except ValueError:
            raise CursorMalformed(cursor=text[:40]) from None

    @classmethod
    def start(cls, after: Self | None, from_on: date) -> Self:
        """Return where a page begins: after the row named, and never before the first day asked for."""
        first = cls(entry_on=from_on, seq=0)
        return first if after is None or after.entry_on < from_on else after


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row_co, Cursor_co]):
    """Some rows in order; ``next_cursor`` is what the next page comes after, ``None`` on the last one."""

    rows: tuple[Row_co, ...]
    next_cursor: Cursor_co | None


def row_limit(page_size: int) -> int:
    """Return how many rows to ask for: one more than the page holds tells whether there is another.

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    if not 1 <= page_size <= PAGE_SIZE_MAX:
        raise PageSizeRefused(page_size=page_size, page_size_max=PAGE_SIZE_MAX)
    return page_size + 1
