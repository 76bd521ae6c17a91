"""What the cells of a column are like: the shares that tell an amount, a name and a running number apart."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from ledger.errors import LedgerError
from ledger.intake.cell import Cell, is_blank
from ledger.intake.legacy import marked_words
from ledger.typed import Mark, parse_amount

_AMOUNT_MIN: Final = 500
"""No coin or note below it is in use: what is smaller counts something else."""

_match_name: Final = re.compile(r"[^\W\d_][^\d_]*(?: [^\d_]+){1,7}").fullmatch
_match_amount: Final = re.compile(r"[0-9][0-9., \u00a0]*(?: ?(?:đồng|đ|vnđ|vnd))?", re.IGNORECASE).fullmatch
_match_phone: Final = re.compile(r"(?:0|\+?84)[0-9 .-]{8,12}").fullmatch
_find_marks: Final = re.compile(r"[.,]").findall
_has_thousands: Final = re.compile(r"[.,][0-9]{3}(?![0-9])").search


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """A column of a sample; shares are of its filled cells."""

    filled: int = 0
    amount_share: float = 0.0
    count_share: float = 0.0
    name_share: float = 0.0
    group_share: float = 0.0
    words: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThousandsGuess:
    """Which mark stands between thousands in a column, and how many of its texts say so for either mark.

    ``None`` where no text has a mark, or where some say the one and some the other: then a person decides.
    """

    dots: int = 0
    commas: int = 0

    @property
    def mark(self) -> Mark | None:
        """The mark that every text with a mark agrees on."""
        if self.is_mixed or not (self.dots or self.commas):
            return None
        return "." if self.dots else ","

    @property
    def is_mixed(self) -> bool:
        """Tell whether texts of the column contradict each other."""
        return self.dots > 0 and self.commas > 0

    def __add__(self, other: "ThousandsGuess") -> "ThousandsGuess":
        """Join what two parts of a column say."""
        return ThousandsGuess(dots=self.dots + other.dots, commas=self.commas + other.commas)


def profile_column(cells: Sequence[Cell]) -> ColumnProfile:
    """Look through the cells of a column."""
    filled = [cell for cell in cells if not is_blank(cell)]
    if not filled:
        return ColumnProfile()
    texts = [cell.strip() for cell in filled if isinstance(cell, str)]
    numbers = [cell for cell in filled if isinstance(cell, int | float) and not isinstance(cell, bool)]
    amount_texts = [text for text in texts if _match_amount(text) and not _match_phone(text)]
    amounts = sum(_is_money(number) for number in numbers) + sum(map(_is_money_text, amount_texts))
    words = Counter(word for text in texts for word in marked_words(text))
    counted = numbers or [int(text) for text in texts if text.isdecimal()]
    steps = sum(second - first == 1 for first, second in pairwise(counted))
    names = sum(_match_name(text) is not None for text in texts)
    return ColumnProfile(
        filled=len(filled),
        amount_share=amounts / len(filled),
        count_share=(steps + 1) / len(filled) if steps else 0.0,
        # The same few words again and again are a unit or a village, not people.
        name_share=names / len(filled) * len(set(texts)) / len(filled),
        group_share=(len(texts) - len(set(texts)) - len(amount_texts)) / len(filled),
        words=words,
    )


def _is_money(number: float) -> bool:
    return number >= _AMOUNT_MIN and number % 100 == 0


def _is_money_text(text: str) -> bool:
    try:
        return parse_amount(text) >= _AMOUNT_MIN
    except LedgerError:
        return False


def guess_thousands(cells: Sequence[Cell]) -> ThousandsGuess:
    """Say which mark stands between thousands, from the cells of a column that are amounts in text.

    Two marks or more tell by the first of them, one mark by whether three digits follow it: 1.500 has it between
    thousands, 1500.00 before decimals.
    """
    votes = Counter[str]()
    for cell in cells:
        if isinstance(cell, str) and cell[:1].isdigit() and _match_amount(cell.strip()):
            marks = _find_marks(cell.rstrip("., "))
            if len(marks) > 1 or (marks and _has_thousands(cell)):
                votes[marks[0]] += 1
            elif marks:
                votes["," if marks[0] == "." else "."] += 1
    return ThousandsGuess(dots=votes["."], commas=votes[","])
