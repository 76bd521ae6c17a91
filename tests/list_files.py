"""Make the files that people upload: workbooks by other programs' libraries, and what no program would write."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlwt

HEADER: list[Any] = ["STT", "Họ và tên", "Đơn vị", "Số tiền"]
PEOPLE: list[list[Any]] = [
    [1, "Nguyễn Văn Mẫu", "Phòng Thử", 250_000],
    [2, "Trần Thị Thử", "Phòng Thử", 150_000],
    [3, "Lê Ví Dụ", "Phòng Mẫu", 100_000],
]

_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"
_ODS_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/"'
    ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def xlsx(
    rows: Iterable[Sequence[Any]],
    *,
    merge: Sequence[str] = (),
    title: str = "Danh sách",
    more: Mapping[str, Iterable[Sequence[Any]]] | None = None,
) -> bytes:
    """A workbook by openpyxl; more sheets by name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merge:
        sheet.merge_cells(cells)
    for name, others in (more or {}).items():
        other = book.create_sheet(name)
        for row in others:
            other.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Iterable[Sequence[Any]]) -> bytes:
    """An old workbook by xlwt."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Danh sách")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_cell(value: Any, formula: str | None = None) -> str:
    """A cell of an OpenDocument table; ``formula`` with ``None`` was never computed."""
    told = "" if formula is None else f" table:formula={quoteattr(formula)}"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"{told}/>'
    if value is None:
        return f"<table:table-cell{told}/>"
    return f'<table:table-cell office:value-type="string"{told}><text:p>{escape(value)}</text:p></table:table-cell>'


def ods(
    rows: Iterable[Sequence[Any]],
    *,
    parts: Mapping[str, bytes] | None = None,
    raw: str = "",
    declaration: str = "",
    tail: str = "",
) -> bytes:
    """A hand-written OpenDocument table; ``raw`` rows come after the others as they are."""
    body = "".join(
        "<table:table-row>"
        + "".join(value if str(value).startswith("<table:") else ods_cell(value) for value in row)
        + "</table:table-row>"
        for row in rows
    )
    head = _ODS_HEAD.replace("?>", f"?>{declaration}")
    content = f'{head}<table:table table:name="Danh sách">{body}{raw}</table:table>{_ODS_TAIL}{tail}'
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": _ODS_MANIFEST.encode(),
            **(parts or {}),
        }
    )


def csv(rows: Iterable[Sequence[Any]], *, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """A text with one list."""
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def zipped(parts: Mapping[str, bytes], *, level: int = 6) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def repacked(workbook: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """A workbook with some parts replaced, added or (``None``) taken out."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: data for name, data in {**parts, **changes}.items() if data is not None})


def sheet_xml(rows: str, dimension: str = "") -> bytes:
    """A worksheet's part with these rows, as text."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet'
        f' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{dimension}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def ole(names: Sequence[str]) -> bytes:
    """An OLE compound file whose directory has these names and nothing else ([MS-CFB])."""
    sector = 512
    entries = b"".join(_ole_entry(name) for name in ["Root Entry", *names])
    entries += b"\0" * (-len(entries) % sector)
    count = len(entries) // sector
    table = [0xFFFFFFFD, *range(2, count + 1), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (sector // 4 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += (0x3E).to_bytes(2, "little") + (3).to_bytes(2, "little") + b"\xfe\xff" + (9).to_bytes(2, "little")
    head += (6).to_bytes(2, "little") + b"\0" * 10 + (1).to_bytes(4, "little") + (1).to_bytes(4, "little")
    head += b"\0" * 4 + (4096).to_bytes(4, "little") + b"\xfe\xff\xff\xff" + b"\0" * 4 + b"\xfe\xff\xff\xff" + b"\0" * 4
    head += (0).to_bytes(4, "little") + b"\xff\xff\xff\xff" * 108
    return head + b"".join(each.to_bytes(4, "little") for each in table) + entries


def _ole_entry(name: str) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    return raw.ljust(64, b"\0") + len(raw).to_bytes(2, "little") + b"\2\1" + b"\xff" * 12 + b"\0" * 48
