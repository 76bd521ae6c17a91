"""Read lists that are text: find the encoding and the delimiter, without guessing away anybody's name.

UTF-8 and UTF-16, with a mark at the beginning or without, are recognised by form. What is neither is a table of one
byte a character: Windows-1258, the Vietnamese one, or the old tables TCVN3 and VNI, whose bytes are kept as Western
European signs, so that they are detected and confirmed column by column like those of a workbook.
"""

import codecs
import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ledger.intake.header import recognise
from ledger.intake.legacy import convert, marked_words
from ledger.intake.refusal import FileRefused
from ledger.intake.syllable import is_syllable

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "windows-1258", "windows-1252"]

_MARKS: Final[tuple[tuple[bytes, Encoding], ...]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS: Final = (";", "\t", ",", "|")
_SNIFFED_ROWS: Final = 50
_SNIFFED_SIZE: Final = 64 * 1024
_WORDS_MAX: Final = 20_000
_HEADER_LENGTH_MAX: Final = 60
_NULS_SHARE: Final = 0.3
FIELD_SIZE_MAX: Final = 32_767
"""Characters of one field, as in a workbook's cell; a quotation mark left open would otherwise swallow the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """A text that is a list: how it is encoded, and what stands between its fields."""

    text: str
    encoding: Encoding
    delimiter: str


def open_delimited(data: bytes, encoding: Encoding | None = None) -> Delimited:
    """Decode a text and find its delimiter; ``encoding`` is what a person knows better.

    Raises:
        FileRefused: ``reason`` is encoding (not decodable so) or not_text.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            data = data[len(mark) :]
            encoding = encoding or marked
            break
    used = encoding or _guess_encoding(data)
    text = _decode(data, used)
    if any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in text[:_SNIFFED_SIZE]):
        raise FileRefused(reason="not_text")
    return Delimited(text=text, encoding=used, delimiter=_guess_delimiter(text))


def read_rows(source: Delimited) -> Iterator[list[str]]:
    """Yield the rows; a field may go over several lines, and a line that is blank is a row.

    Raises:
        FileRefused: ``reason`` is field_size: usually a quotation mark that is not closed.
    """
    csv.field_size_limit(FIELD_SIZE_MAX)
    rows = csv.reader(io.StringIO(source.text, newline=""), delimiter=source.delimiter)
    try:
        for number, row in enumerate(rows):
            # Excel's own word for the delimiter, in a line before the list.
            yield [] if number == 0 and len(source.text) > len("sep=") and _is_sep_line(source, row) else row
    except csv.Error:
        raise FileRefused(reason="field_size", row=rows.line_num, size_max=FIELD_SIZE_MAX) from None


def _is_sep_line(source: Delimited, row: Sequence[str]) -> bool:
    return source.text.startswith(f"sep={source.delimiter}") and row[:1] == ["sep="]


def _decode(data: bytes, encoding: Encoding) -> str:
    try:
        if encoding == "windows-1258":
            # Its tones are characters of their own, after the letter.
            return unicodedata.normalize("NFC", data.decode("cp1258"))
        return data.decode("cp1252" if encoding == "windows-1252" else encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(reason="encoding", encoding=encoding, position=error.start) from None


def _guess_encoding(data: bytes) -> Encoding:
    nuls = data[:_SNIFFED_SIZE].count(0)
    if nuls > _NULS_SHARE * len(data[:_SNIFFED_SIZE]) / 2:
        evens = data[:_SNIFFED_SIZE:2].count(0)
        return "utf-16-be" if evens > nuls - evens else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_table(data)
    return "utf-8"


def _guess_table(data: bytes) -> Encoding:
    """Choose between Windows-1258 and the old tables, by how many words make Vietnamese syllables."""
    sample = data[: 4 * _SNIFFED_SIZE]
    western = Counter(marked_words(sample.decode("latin-1")))
    old = max(
        sum(count for word, count in western.items() if is_syllable(convert(word, legacy)))
        for legacy in ("tcvn3", "vni")
    )
    try:
        vietnamese = unicodedata.normalize("NFC", sample.decode("cp1258"))
    except UnicodeDecodeError:
        return "windows-1252"
    new = sum(is_syllable(word) for word in marked_words(vietnamese)[:_WORDS_MAX])
    return "windows-1252" if old > new else "windows-1258"


def _guess_delimiter(text: str) -> str:
    """Choose the delimiter under which the first rows have headers that mean something, and most rows one length."""
    head = text[:_SNIFFED_SIZE]
    return max(_DELIMITERS, key=lambda delimiter: _fitness(head, delimiter))


def _fitness(head: str, delimiter: str) -> tuple[float, float]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == _SNIFFED_ROWS:
                break
    except csv.Error:
        return 0.0, 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0.0
    width, count = widths.most_common(1)[0]
    headers = max(sum(recognise(cell) is not None for cell in row if len(cell) < _HEADER_LENGTH_MAX) for row in rows)
    return float(headers), count / len(rows) + width / 1_000
