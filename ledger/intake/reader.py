"""The reading process: reads one file from its standard input and writes what stands in it to its standard output.

It is started by ``reading.py`` and does nothing else. Before it looks at the first byte it takes limits on memory and
time upon itself; it needs no file, no network and no secret, and a file that makes it fall over takes nothing along.

Input: a line of JSON ``{"form", "sheet", "encoding", "memory", "seconds"}``, then the bytes of the file. Output: a line
of JSON a page, each an array of rows, from the sheet's first row on; then one line with an object, what there is to
know of the whole (``reading.Outline``) or ``{"refused": [code, fields]}``.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice, zip_longest
from typing import Any, BinaryIO, Final, cast

from ledger.errors import LedgerError
from ledger.intake.cell import CELL_LENGTH_MAX, TOO_LONG, Row, cell_value
from ledger.intake.column import ThousandsGuess, guess_thousands
from ledger.intake.container import FILE_SIZE_MAX, Form
from ledger.intake.delimited import open_delimited, read_rows
from ledger.intake.layout import HEADER_SEARCH_MAX, SAMPLE_SIZE, MergedRange, propose
from ledger.intake.refusal import FileRefused
from ledger.intake.workbook import SheetFacts, Workbook, check_size

PAGE_SIZE: Final = 1_000
OUT_OF_MEMORY: Final = 3
"""Exit status, where there is not even memory to say so."""

_SAMPLE: Final = SAMPLE_SIZE + HEADER_SEARCH_MAX


class _Output:
    """Writes pages, and keeps of them what a proposal needs."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.sample: list[Row] = []
        self.thousands: list[ThousandsGuess] = []
        self.row_count = 0
        self.column_count = 0

    def take(self, page: list[Row]) -> None:
        self.row_count += len(page)
        if len(self.sample) < _SAMPLE:
            self.sample += page[: _SAMPLE - len(self.sample)]
        self.column_count = max(self.column_count, max(map(len, page), default=0))
        self.thousands += [ThousandsGuess()] * (self.column_count - len(self.thousands))
        for index, column in enumerate(zip_longest(*page, fillvalue="")):
            self.thousands[index] += guess_thousands(column)
        data = _dump(page)
        if max(map(len, data.split(b'"'))) > CELL_LENGTH_MAX:
            data = _dump([[_short(cell) for cell in row] for row in page])
        self._out.write(data + b"\n")


def _dump(page: list[Row]) -> bytes:
    try:
        return json.dumps(page, ensure_ascii=False, allow_nan=False, default=cell_value, separators=(",", ":")).encode()
    except (ValueError, TypeError):  # a number beyond all numbers, or half a character
        raise FileRefused(reason="damaged") from None


def _short(cell: Any) -> Any:  # noqa: ANN401 - whatever stands in a cell
    return {"fault": TOO_LONG} if isinstance(cell, str) and len(cell) > CELL_LENGTH_MAX else cell


def main() -> None:
    """Read one file and say what is in it."""
    asked = json.loads(sys.stdin.buffer.readline(4_096))
    _limit(memory=asked["memory"], seconds=asked["seconds"])
    out = sys.stdout.buffer
    try:
        told = _read(sys.stdin.buffer.read(FILE_SIZE_MAX + 1), asked["form"], asked["sheet"], asked["encoding"], out)
    except LedgerError as error:
        told = {"refused": [error.code, error.fields]}
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    out.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    out.flush()


def _limit(*, memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the file's names


def _read(data: bytes, form: Form, sheet: int | None, encoding: Any, out: BinaryIO) -> dict[str, Any]:  # noqa: ANN401
    output = _Output(out)
    sheets: list[SheetFacts] = []
    chosen, merged, source = 0, cast("Sequence[MergedRange]", ()), None
    if form == "csv":
        source = open_delimited(data, encoding)
        for page in _pages(cast("Iterator[Row]", read_rows(source))):
            output.take(page)
            check_size(output.row_count, output.column_count)
    else:
        sheets, chosen, merged = _read_workbook(Workbook(data, form), sheet, output)
    if not output.row_count:
        raise FileRefused(reason="empty")
    layout = propose(output.sample, merged, output.thousands)
    return {
        "sheets": [asdict(each) for each in sheets],
        "sheet": chosen,
        "encoding": source and source.encoding,
        "delimiter": source and source.delimiter,
        "row_count": output.row_count,
        "column_count": output.column_count,
        "layout": asdict(layout),
    }


def _read_workbook(
    book: Workbook, wanted: int | None, output: _Output
) -> tuple[list[SheetFacts], int, Sequence[MergedRange]]:
    """Read the sheet that was asked for, or the one that looks most like a list."""
    found = book.sheets()
    if not found:
        raise FileRefused(reason="empty")
    if wanted is None:
        wanted = _best_sheet(book, found) if len(found) > 1 else found[0].index
    if wanted not in {each.index for each in found}:
        raise FileRefused(reason="sheet_unknown")
    sheet = book.open(wanted)
    for page in _pages(sheet.rows()):
        output.take(page)
    return found, wanted, sheet.merged


def _best_sheet(book: Workbook, found: Sequence[SheetFacts]) -> int:
    """Choose among several sheets: one that shows, whose layout says most, that has most rows, the first of equals."""
    fitness = {}
    for each in found:
        sheet = book.open(each.index)
        head = list(islice(sheet.rows(), HEADER_SEARCH_MAX + PAGE_SIZE))
        score = propose(head, sheet.merged).score if head else -1
        fitness[each.index] = (not each.is_hidden, score, sheet.row_count, -each.index)
    return max(fitness, key=lambda index: fitness[index])


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    page: list[Row] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE_SIZE:
            yield page
            page = []
    if page:
        yield page


if __name__ == "__main__":
    main()
