"""Read a sheet of a workbook: xlsx, xls and ods by calamine, and what calamine keeps quiet about.

Values that formulas came to are read, never formulas. A cell whose formula was never computed, or that shows an error,
comes out blank; a list of amounts must not lose one that way, so the parts of the file are looked through for such
cells, which become faults (``cell.py``). Runs in the reading process alone, which has limits on memory and time.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, cast
from xml.parsers import expat

import python_calamine

from ledger.intake.cell import ERROR, UNCOMPUTED, Row, column_index
from ledger.intake.container import Form, open_zip
from ledger.intake.layout import MergedRange
from ledger.intake.refusal import FileRefused

ROW_COUNT_MAX: Final = 200_000
COLUMN_COUNT_MAX: Final = 200
CELL_COUNT_MAX: Final = 4_000_000
SHEET_COUNT_MAX: Final = 50

_CHUNK_SIZE: Final = 1024 * 1024
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"

_find_cells: Final = re.compile(rb"<c\b[^>]*/>|<c\b[^>]*>.*?</c>", re.DOTALL).finditer
_find_place: Final = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"').search
_has_value: Final = re.compile(rb"<v>[^<]").search
_is_text: Final = re.compile(rb'<c\b[^>]*\bt="str"').match
_is_error: Final = re.compile(rb'<c\b[^>]*\bt="e"').match

Faults = Mapping[int, Mapping[int, str]]
"""Row → column → code of a cell that has no value to read; both from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """A sheet as a person chooses it."""

    index: int
    name: str
    is_hidden: bool


class Workbook:
    """A workbook that was opened."""

    def __init__(self, data: bytes, form: Form) -> None:
        """Open a workbook.

        Raises:
            FileRefused: ``reason`` is password, damaged or sheet_count.
        """
        self._data = data
        self._form = form
        try:
            self._book = python_calamine.load_workbook(BytesIO(data))
            found = self._book.sheets_metadata
        except python_calamine.PasswordError:
            raise FileRefused(reason="password") from None
        except python_calamine.CalamineError:
            raise FileRefused(reason="damaged") from None
        self._sheets = [
            (index, each) for index, each in enumerate(found) if each.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        if len(self._sheets) > SHEET_COUNT_MAX:
            raise FileRefused(reason="sheet_count", count=len(self._sheets), count_max=SHEET_COUNT_MAX)

    def sheets(self) -> list[SheetFacts]:
        """Return every sheet that can hold a list."""
        shown = python_calamine.SheetVisibleEnum.Visible
        return [
            SheetFacts(index=index, name=each.name, is_hidden=each.visible != shown) for index, each in self._sheets
        ]

    def open(self, index: int) -> "Sheet":
        """Open a sheet.

        Raises:
            FileRefused: ``reason`` is row_count, column_count, cell_count or damaged.
        """
        faults = self._faults(index)
        try:
            return Sheet(self._book.get_sheet_by_index(index), faults)
        except python_calamine.CalamineError:
            raise FileRefused(reason="damaged") from None

    def _faults(self, index: int) -> Faults:
        if self._form == "xlsx":
            return _xlsx_faults(open_zip(self._data), index)
        if self._form == "ods":
            return _ods_faults(open_zip(self._data), index)
        return {}


class Sheet:
    """A sheet that was opened: its size, its merged ranges, and its rows one by one."""

    def __init__(self, sheet: python_calamine.CalamineSheet, faults: Faults) -> None:
        self._sheet = sheet
        self._faults = faults
        bottom, right = sheet.end or (-1, -1)
        self._left = (sheet.start or (0, 0))[1]
        self.row_count = bottom + 1
        self.column_count = right + 1
        check_size(self.row_count, self.column_count)

    @property
    def merged(self) -> Sequence[MergedRange]:
        """The merged ranges, as far as the format tells."""
        return self._sheet.merged_cell_ranges or ()

    def rows(self) -> Iterator[Row]:
        """Yield every row from the first, blank cells as empty texts."""
        left: Row = [""] * self._left
        # What calamine makes of a cell that is no text or number is for ``cell_value`` to write.
        for number, found in enumerate(cast("Iterator[Row]", self._sheet.iter_rows())):
            row = left + found if left else found
            for column, fault in self._faults.get(number, {}).items():
                row += [""] * (column + 1 - len(row))
                row[column] = {"fault": fault}
            yield row


def check_size(row_count: int, column_count: int) -> None:
    """Refuse what is larger than a list can be.

    Raises:
        FileRefused: ``reason`` is row_count, column_count or cell_count.
    """
    if row_count > ROW_COUNT_MAX:
        raise FileRefused(reason="row_count", count_max=ROW_COUNT_MAX)
    if column_count > COLUMN_COUNT_MAX:
        raise FileRefused(reason="column_count", count_max=COLUMN_COUNT_MAX)
    if row_count * column_count > CELL_COUNT_MAX:
        raise FileRefused(reason="cell_count", count_max=CELL_COUNT_MAX)


def _xlsx_faults(archive: zipfile.ZipFile, index: int) -> Faults:
    """Find the cells of a sheet without a value, and refuse early what has too many rows.

    One pass over the bytes counts rows and asks whether there is any formula or error at all; only then are cells
    looked at one by one.
    """
    name = _xlsx_part(archive, index)
    if name is None:
        return {}
    rows, is_suspect = 0, False
    for chunk in _chunks(archive, name):
        rows += chunk.count(b"<row")
        is_suspect = is_suspect or b"<f" in chunk or b't="e"' in chunk
        if rows > ROW_COUNT_MAX:
            raise FileRefused(reason="row_count", count_max=ROW_COUNT_MAX)
    faults: dict[int, dict[int, str]] = {}
    for cell in _cells(archive, name) if is_suspect else ():
        fault = _cell_fault(cell)
        place = fault and _find_place(cell)
        if fault and place:
            faults.setdefault(int(place[2]) - 1, {})[column_index(place[1].decode())] = fault
    return faults


def _cell_fault(cell: bytes) -> str | None:
    if _is_error(cell):
        return ERROR
    is_formula = b"<f>" in cell or b"<f " in cell or b"<f/>" in cell
    # A text that a formula came to may be empty; it is marked as a text.
    return UNCOMPUTED if is_formula and not _has_value(cell) and not _is_text(cell) else None


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part's bytes, each chunk whole tags alone."""
    rest = b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK_SIZE):
            whole, _, rest = (rest + chunk).rpartition(b"<")
            rest = b"<" + rest
            yield whole
    yield rest


def _cells(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    rest = b""
    for chunk in _chunks(archive, name):
        data, end = rest + chunk, 0
        for found in _find_cells(data):
            end = found.end()
            yield found[0]
        rest = data[end:]


def _xlsx_part(archive: zipfile.ZipFile, index: int) -> str | None:
    """Return the part that holds a sheet: its place in the workbook, its relation, the relation's target."""
    sheets: list[str] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(" ")[2] == "sheet":
            sheets.append(attributes.get(_RELATION, ""))

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    _parse(archive, "xl/workbook.xml", sheet)
    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    target = targets.get(sheets[index], "") if index < len(sheets) else ""
    name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return name if name in names else None


def _ods_faults(archive: zipfile.ZipFile, index: int) -> Faults:
    if not any(b"table:formula" in chunk for chunk in _chunks(archive, "content.xml")):
        return {}
    reader = _OdsCells(index)
    _parse(archive, "content.xml", reader.take)
    return reader.faults


class _OdsCells:
    """Counts rows and cells of one table, those that are repeated as often as they are."""

    def __init__(self, index: int) -> None:
        self.faults: dict[int, dict[int, str]] = {}
        self._index = index
        self._table = -1
        self._row = self._next_row = self._column = 0

    def take(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if name == "table" and namespace.endswith(":table:1.0"):
            self._table += 1
            self._row = self._next_row = 0
        elif self._table != self._index:
            return
        elif name == "table-row":
            self._row, self._column = self._next_row, 0
            self._next_row += _repeated(namespace, attributes, "number-rows-repeated")
        elif name in {"table-cell", "covered-table-cell"}:
            is_formula = f"{namespace} formula" in attributes
            if is_formula and not any(each.endswith(":office:1.0 value-type") for each in attributes):
                self.faults.setdefault(self._row, {})[self._column] = UNCOMPUTED
            self._column += _repeated(namespace, attributes, "number-columns-repeated")


def _repeated(namespace: str, attributes: Mapping[str, str], name: str) -> int:
    told = attributes.get(f"{namespace} {name}", "1")
    return int(told) if told.isdecimal() else 1


def _parse(archive: zipfile.ZipFile, name: str, start: Any) -> None:  # noqa: ANN401 - a callback of expat's
    """Call ``start`` with every element of a part of a workbook.

    Raises:
        FileRefused: not well-formed, or with a document type, which no workbook has and every entity bomb needs.
    """

    def refuse(*_: object) -> None:
        raise FileRefused(reason="damaged")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    try:
        with archive.open(name) as part:
            parser.ParseFile(part)
    except expat.ExpatError:
        raise FileRefused(reason="damaged") from None
