"""Files read by a process of their own: what comes out, and what such a process survives for us."""

import io
import json
import struct
import time
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest

from ledger.errors import LedgerError
from ledger.intake import reader
from ledger.intake.container import Form, check_file, open_zip
from ledger.intake.delimited import Encoding
from ledger.intake.reading import MEBIBYTE, Limits, Outline, read_file
from ledger.intake.refusal import FileRefused, FileUnreadable
from ledger.intake.workbook import CELL_COUNT_MAX, COLUMN_COUNT_MAX, ROW_COUNT_MAX, _xlsx_faults, _xlsx_part
from tests.list_files import HEADER, PEOPLE, csv, ods, repacked, sheet_xml, xls, xlsx, zipped

ROWS = [HEADER, *PEOPLE]
SHEET = "xl/worksheets/sheet1.xml"
FORMULA = '<table:table-cell table:formula="of:=1"/>'


def read(data: bytes, form: Form, **more: Any) -> tuple[list[list[Any]], Outline]:
    pages: list[bytes] = []
    outline = read_file(data, form, pages.append, **more)
    return [row for page in pages for row in json.loads(page)], outline


def read_here(data: bytes, form: Form, sheet: int | None = None, encoding: Encoding | None = None) -> Any:
    """Read in this process, where there are no limits: what is asked is only what comes out."""
    out = io.BytesIO()
    told = reader._read(data, form, sheet, encoding, out)
    return [row for line in out.getvalue().splitlines() for row in json.loads(line)], told


def refused(data: bytes, form: Form, **more: Any) -> dict[str, Any]:
    with pytest.raises(LedgerError) as caught:
        read_here(data, form, **more)
    assert isinstance(caught.value, FileRefused)
    return caught.value.fields


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (xlsx(ROWS), "xlsx"),
        (xls(ROWS), "xls"),
        (ods(ROWS), "ods"),
        (csv(ROWS), "csv"),
        (csv(ROWS, encoding="utf-16"), "csv"),
    ],
)
def test_every_form_of_a_list_gives_the_same_rows(data: bytes, form: Form) -> None:
    rows, outline = read(data, form)
    assert [[str(cell).removesuffix(".0") for cell in row] for row in rows] == [[str(c) for c in row] for row in ROWS]
    assert (outline.row_count, outline.column_count, outline.sheet) == (4, 4, 0)
    assert [column["role"] for column in outline.layout["columns"]] == ["number", "name", "detail", "amount"]
    assert (outline.layout["header_row"], outline.layout["first_row"]) == (0, 1)


def test_a_text_says_how_it_was_read() -> None:
    _, outline = read(csv(ROWS, delimiter=","), "csv")
    assert (outline.encoding, outline.delimiter, outline.sheets) == ("utf-8", ",", ())


def test_days_are_days() -> None:
    rows, _ = read_here(xlsx([["Ngày"], [date(2026, 9, 5)]]), "xlsx")
    assert rows[1] == [{"at": "2026-09-05T00:00:00"}] or rows[1] == [{"on": "2026-09-05"}]


def test_the_sheet_that_looks_most_like_a_list_is_read_and_another_may_be_asked_for() -> None:
    data = xlsx([["Hướng dẫn"]], title="Đọc trước", more={"Bảng kê": ROWS, "Nháp": [["x", 1]]})
    rows, told = read_here(data, "xlsx")
    assert (told["sheet"], rows[0]) == (1, HEADER)
    assert [each["name"] for each in told["sheets"]] == ["Đọc trước", "Bảng kê", "Nháp"]
    assert read_here(data, "xlsx", sheet=0)[0] == [["Hướng dẫn"]]
    assert refused(data, "xlsx", sheet=7) == {"reason": "sheet_unknown"}


def test_a_hidden_sheet_is_not_chosen_over_one_that_shows() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(ROWS, more={"Danh sách 2": [["Họ và tên"], ["Nguyễn Văn Mẫu"]]})))
    book["Danh sách"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    _, told = read_here(out.getvalue(), "xlsx")
    assert told["sheet"] == 1
    assert told["sheets"][0]["is_hidden"]


def test_rows_and_columns_keep_their_places_where_a_list_begins_further_in() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["C5"], sheet["D5"], sheet["C6"], sheet["D6"] = "Họ và tên", "Số tiền", "Nguyễn Văn Mẫu", 5_000
    out = io.BytesIO()
    book.save(out)
    rows, told = read_here(out.getvalue(), "xlsx")
    assert rows[4] == ["", "", "Họ và tên", "Số tiền"]
    assert told["layout"]["first_row"] == 5
    assert [column["role"] for column in told["layout"]["columns"]] == ["other", "other", "name", "amount"]


FORMULAS: list[list[Any]] = [
    ["Họ và tên", "Số tiền"],
    ["Nguyễn Văn Mẫu", 5_000],
]


def test_values_that_formulas_came_to_are_read_and_those_never_computed_are_faults() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Số tiền</t></is></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f>1+1</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/><v></v></c><c r="B4" t="str"><f>""</f><v></v></c></row>'
        '<row r="5"><c r="A5" t="e"><v>#REF!</v></c><c r="B5"/><c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    found, _ = read_here(repacked(xlsx(ROWS), {SHEET: sheet_xml(rows)}), "xlsx")
    uncomputed, error = {"fault": "formula_uncomputed"}, {"fault": "cell_error"}
    assert [row[0] for row in found] == ["Số tiền", 2.0, uncomputed, uncomputed, error]
    assert found[3][1] == ""
    assert found[4][2] == error


def test_a_formula_of_another_program_has_no_value() -> None:
    """openpyxl writes formulas and never computes them."""
    found, _ = read_here(xlsx([*FORMULAS, ["Cộng", "=SUM(B2:B2)"]]), "xlsx")
    assert found[2] == ["Cộng", {"fault": "formula_uncomputed"}]


def test_formulas_of_an_open_document_are_told_apart_too() -> None:
    raw = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell table:formula="of:=1"/></table:table-row>'
        '<table:table-row><table:table-cell table:formula="of:=2" office:value-type="float" office:value="2"/>'
        '<table:covered-table-cell/><table:table-cell table:formula="of:=3"/>'
        "</table:table-row>"
    )
    found, _ = read_here(ods([["Số tiền"]], raw=raw), "ods")
    assert found[1][2:] == [{"fault": "formula_uncomputed"}]
    assert found[3][0] == 2.0
    assert found[3][2] == {"fault": "formula_uncomputed"}


def test_an_open_document_without_formulas_is_not_looked_through() -> None:
    assert read_here(ods(ROWS), "ods")[0][0] == HEADER


def test_a_cell_too_long_is_a_fault_and_not_cut() -> None:
    found, _ = read_here(xlsx([["Họ và tên", "x" * 1_001, "y" * 1_000]]), "xlsx")
    assert found == [["Họ và tên", {"fault": "cell_too_long"}, "y" * 1_000]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["x"]] * (ROW_COUNT_MAX + 1), "row_count"),
        ([["x"] * (COLUMN_COUNT_MAX + 1)], "column_count"),
        ([["x"] * COLUMN_COUNT_MAX] * (CELL_COUNT_MAX // COLUMN_COUNT_MAX + 1), "cell_count"),
    ],
)
def test_what_is_larger_than_a_list_is_refused(rows: list[list[str]], reason: str) -> None:
    assert refused(csv(rows), "csv")["reason"] == reason


def test_a_workbook_with_too_many_rows_is_refused_before_it_is_parsed() -> None:
    data = repacked(xlsx(ROWS), {SHEET: sheet_xml("".join(f'<row r="{n}"/>' for n in range(ROW_COUNT_MAX + 1)))})
    assert refused(data, "xlsx") == {"reason": "row_count", "count_max": ROW_COUNT_MAX}


@pytest.mark.parametrize(
    ("data", "form", "reason"),
    [
        (repacked(xlsx(ROWS), {SHEET: b"<worksheet"}), "xlsx", "damaged"),
        (repacked(xlsx(ROWS), {"xl/workbook.xml": b"<workbook"}), "xlsx", "damaged"),
        (zipped({"[Content_Types].xml": b"", "xl/x": b""}), "xlsx", "damaged"),
        (xlsx([]), "xlsx", "empty"),
        (xls(ROWS)[:3_000], "xls", "damaged"),
        (ods([["Số tiền", FORMULA]], tail="</x>"), "ods", "damaged"),
        (xlsx(ROWS, more={f"S{number}": [] for number in range(50)}), "xlsx", "sheet_count"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, form: Form, reason: str) -> None:
    assert refused(data, form)["reason"] == reason


def test_entities_are_refused_before_they_multiply() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    data = ods([["Số tiền", FORMULA]], declaration=f"{bomb}]>")
    assert refused(data, "ods") == {"reason": "damaged"}


def test_a_workbook_whose_parts_are_named_otherwise_is_read_all_the_same() -> None:
    """Cells without a value are looked for where the workbook says; where it says nothing, there is nothing to find."""
    rows = [HEADER, [1, "Nguyễn Văn Mẫu", "", "=1+1"]]
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="{}"/>'
        "</Relationships>"
    )
    whole = xlsx(rows)
    for target in ("/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"):
        data = repacked(whole, {"xl/_rels/workbook.xml.rels": rels.format(target).encode()})
        assert read_here(data, "xlsx")[0][1][3] == {"fault": "formula_uncomputed"}
    assert _xlsx_part(open_zip(repacked(whole, {"xl/workbook.xml": None})), 0) is None
    assert _xlsx_part(open_zip(whole), 7) is None
    assert _xlsx_faults(open_zip(repacked(whole, {"xl/workbook.xml": None})), 0) == {}


def test_the_process_refuses_as_this_one_would() -> None:
    with pytest.raises(FileRefused) as caught:
        read(xlsx([]), "xlsx")
    assert caught.value.fields == {"reason": "empty"}


def far_cells() -> bytes:
    """A workbook of two cells, the first and the last there can be: seventeen thousand million between them."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return repacked(xlsx(ROWS), {SHEET: sheet_xml(rows)})


def test_a_few_bytes_that_want_all_memory_take_nothing_along() -> None:
    data = far_cells()
    assert check_file(data, "xlsx") == "xlsx"
    with pytest.raises(FileUnreadable) as caught:
        read(data, "xlsx")
    assert caught.value.fields == {"reason": "memory"}


def test_a_part_that_unpacks_to_more_than_it_says_meets_the_limit_on_memory() -> None:
    """The directory says a few kilobytes; the stream goes on for a gigabyte."""
    out = io.BytesIO()
    whole = xlsx(ROWS)
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            if name != SHEET:
                archive.writestr(name, source.read(name))
        with archive.open(SHEET, "w", force_zip64=False) as part:
            part.write(sheet_xml("").replace(b"</sheetData></worksheet>", b""))
            row = b'<row><c t="inlineStr"><is><t>' + b"x" * 1_000 + b"</t></is></c></row>"
            for _ in range(600):
                part.write(row * 1_000)
    data = bytearray(out.getvalue())
    at = data.index(b"PK\x01\x02", data.rindex(SHEET.encode()) - 60)
    struct.pack_into("<I", data, at + 24, 5_000)
    assert check_file(bytes(data), "xlsx") == "xlsx"
    with pytest.raises((FileUnreadable, FileRefused)) as caught:
        read(bytes(data), "xlsx", limits=Limits(memory=300 * MEBIBYTE))
    assert caught.value.fields["reason"] in {"memory", "damaged", "row_count"}


def test_two_million_rows_of_text_are_refused_without_keeping_them() -> None:
    data = ("Họ và tên;Số tiền\n" + "a;1\n" * 2_000_000).encode()
    with pytest.raises(FileRefused) as caught:
        read(data, "csv", limits=Limits(memory=400 * MEBIBYTE))
    assert caught.value.fields == {"reason": "row_count", "count_max": ROW_COUNT_MAX}


def test_reading_ends_at_its_time() -> None:
    begun = time.monotonic()
    with pytest.raises(FileUnreadable) as caught:
        read(csv([["x" * 20] * 20] * 30_000), "csv", limits=Limits(seconds=0))
    assert caught.value.fields == {"reason": "time"}
    assert time.monotonic() - begun < 20


def test_reading_ends_at_its_limit_of_computing() -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(csv([["x;y" * 20] * 20] * 30_000), "csv", limits=Limits(cpu_seconds=0))
    assert caught.value.fields == {"reason": "time"}


@pytest.mark.parametrize("size", ["OUTPUT_SIZE_MAX", "PAGE_SIZE_MAX"])
def test_what_the_process_says_is_bounded(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setattr(f"ledger.intake.reading.{size}", 1_000)
    with pytest.raises(FileUnreadable) as caught:
        read(csv([["x" * 100] * 10] * 10), "csv")
    assert caught.value.fields == {"reason": "output"}


def test_a_process_that_cannot_even_begin_is_told_from_a_file_that_is_wrong() -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(csv(ROWS), "csv", limits=Limits(memory=MEBIBYTE))
    assert caught.value.fields["reason"] in {"memory", "damaged"}
