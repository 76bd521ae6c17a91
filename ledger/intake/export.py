"""Rows of a list as a file for whoever mends it, and an empty list to fill in.

What somebody typed never becomes a formula in the reader's spreadsheet: in a workbook every text is written as text,
in CSV one that begins like a formula gets an apostrophe before it, as spreadsheets themselves write it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import xlsxwriter
from sqlalchemy import Connection

from ledger.books.model import Book
from ledger.intake.cell import Row, column_letters, shown
from ledger.intake.line import Finding
from ledger.intake.model import MEDIA_TYPES, Kind
from ledger.intake.page import read_rows
from ledger.intake.queries import ROWS_MAX, ListedLine, Shown, lines
from ledger.text import as_csv_text

EXPORTS: Final[Mapping[str, str]] = {"csv": "text/csv; charset=utf-8", "xlsx": MEDIA_TYPES["xlsx"]}
EXPORTED_ROWS_MAX: Final = 20_000

TEMPLATE_NAME: Final[Mapping[Kind, str]] = {
    "salary": "mau-danh-sach-mot-ngay-luong",
    "household": "mau-danh-sach-ho-gia-dinh",
    "contribution": "mau-danh-sach-ung-ho",
}
_TEMPLATE_HEADERS: Final[Mapping[Kind, Sequence[str]]] = {
    "salary": ("STT", "Họ và tên", "Đơn vị", "Số tiền", "Ghi chú"),
    "household": ("STT", "Họ và tên chủ hộ", "Thôn/Tổ", "Số tiền", "Ghi chú"),
    "contribution": ("STT", "Họ và tên", "Địa chỉ", "Số tiền", "Ẩn danh", "Ghi chú"),
}
_WIDTHS: Final = {"STT": 6, "Số tiền": 16, "Ẩn danh": 10}
_WIDTH: Final = 28

_VERDICTS: Final = {
    "ok": "Được",
    "warning": "Chú ý",
    "fault": "Lỗi",
    "total": "Dòng tổng",
    "group": "Tiêu đề nhóm",
    "footer": "Cuối danh sách",
}
_HEAD: Final = (
    "Dòng",
    "Kết quả",
    "Họ và tên",
    "Đơn vị / địa chỉ",
    "Số tiền",
    "Trùng",
    "Bỏ qua",
    "Cột",
    "Trong tệp",
    "Việc cần làm",
)

Cells = tuple[str | int | None, ...]


def rows_csv(conn: Connection, book: Book, intake_id: UUID, wanted: Shown, said: Callable[[Finding], str]) -> bytes:
    """Return rows as CSV for Excel; ``said`` puts a finding into words."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    writer.writerows([_harmless(cell) for cell in row] for row in _rows(conn, book, intake_id, wanted, said))
    return out.getvalue().encode("utf-8-sig")


def rows_xlsx(conn: Connection, book: Book, intake_id: UUID, wanted: Shown, said: Callable[[Finding], str]) -> bytes:
    """Return rows as a workbook; ``said`` puts a finding into words."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": False}) as book_out:
        sheet = book_out.add_worksheet("Các dòng")
        bold, money = book_out.add_format({"bold": True}), book_out.add_format({"num_format": "#,##0"})
        for column, title in enumerate(_HEAD):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(_rows(conn, book, intake_id, wanted, said), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell, money if _HEAD[column] == "Số tiền" else None)
                elif cell:
                    sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.set_column(2, 3, _WIDTH)
        sheet.set_column(4, 4, _WIDTHS["Số tiền"])
        sheet.set_column(8, 9, 2 * _WIDTH)
    return out.getvalue()


def template(kind: Kind) -> bytes:
    """Return an empty list of a kind, in the words that reading recognises."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book_out:
        sheet = book_out.add_worksheet("Danh sách")
        bold = book_out.add_format({"bold": True, "border": 1, "align": "center"})
        money, text = book_out.add_format({"num_format": "#,##0"}), book_out.add_format({"num_format": "@"})
        for column, title in enumerate(_TEMPLATE_HEADERS[kind]):
            sheet.write_string(0, column, title, bold)
            form = money if title == "Số tiền" else None if title == "STT" else text
            sheet.set_column(column, column, _WIDTHS.get(title, _WIDTH), form)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _rows(
    conn: Connection, book: Book, intake_id: UUID, wanted: Shown, said: Callable[[Finding], str]
) -> Iterator[Cells]:
    """Yield a row for each finding, and one for a row that has none: up to ``EXPORTED_ROWS_MAX`` rows of the list."""
    after = 0
    for _ in range(EXPORTED_ROWS_MAX // ROWS_MAX):
        page = lines(conn, book, intake_id, shown=wanted, after=after)
        if not page:
            return
        originals = read_rows(conn, book, intake_id, [line.row for line in page if line.findings])
        for line in page:
            for finding in line.findings or (None,):
                yield _cells(line, finding, originals.get(line.row, []), said)
        after = page[-1].row


def _cells(line: ListedLine, finding: Finding | None, original: Row, said: Callable[[Finding], str]) -> Cells:
    has_cell = finding is not None and finding.column < len(original)
    return (
        line.row,
        _VERDICTS[line.verdict],
        line.name,
        line.detail,
        line.amount_minor,
        "x" if line.is_twin else "",
        "x" if line.is_left_out else "",
        "" if finding is None else column_letters(finding.column),
        shown(original[finding.column]) if finding is not None and has_cell else "",
        "" if finding is None else said(finding),
    )


def _harmless(cell: str | int | None) -> str | int | None:
    return as_csv_text(cell) if isinstance(cell, str) else cell
