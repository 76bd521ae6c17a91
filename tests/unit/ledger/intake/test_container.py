"""What a file is by its content, and what is refused before anything parses it."""

import io
import struct
import zipfile

import pytest

from ledger.intake.container import (
    DIRECTORY_SIZE_MAX,
    ENTRY_COUNT_MAX,
    FILE_SIZE_MAX,
    UNPACKED_SIZE_MAX,
    check_file,
)
from ledger.intake.refusal import FileRefused
from tests.list_files import HEADER, PEOPLE, csv, ods, ole, repacked, xls, xlsx, zipped

ROWS = [HEADER, *PEOPLE]
XLSX, XLS, ODS, CSV = xlsx(ROWS), xls(ROWS), ods(ROWS), csv(ROWS)


@pytest.mark.parametrize(
    ("data", "ending", "form"),
    [
        (XLSX, "xlsx", "xlsx"),
        (XLSX, ".XLSX", "xlsx"),
        (XLS, "xls", "xls"),
        (ODS, "ods", "ods"),
        (CSV, "csv", "csv"),
        (CSV, "tsv", "csv"),
        (CSV, "txt", "csv"),
        (csv(ROWS, encoding="utf-16"), "csv", "csv"),
    ],
)
def test_a_list_is_what_its_content_says(data: bytes, ending: str, form: str) -> None:
    assert check_file(data, ending) == form


def with_sizes(data: bytes, *, size: int | None = None, count: int | None = None) -> bytes:
    """A zip whose directory lies: about the size of its first part, or about how many parts there are."""
    out = bytearray(data)
    end = out.rindex(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<I", out, end + 16)
    if size is not None:
        struct.pack_into("<I", out, directory + 24, size)
    if count is not None:
        struct.pack_into("<HH", out, end + 8, count, count)
    return bytes(out)


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"xl/workbook.xml": b"x"}))
    struct.pack_into("<H", data, data.rindex(b"PK\x01\x02") + 8, 1)
    return bytes(data)


def many_parts(count: int) -> bytes:
    return zipped({f"xl/{number}": b"" for number in range(count)})


def long_directory() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(DIRECTORY_SIZE_MAX // 65_000 + 1):
            part = zipfile.ZipInfo(f"xl/{number}")
            part.comment = b"x" * 65_000
            archive.writestr(part, b"")
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "nothing": (b"", "csv", {"reason": "empty"}),
    "only blanks": (b"\0\0 \r\n\t", "xlsx", {"reason": "empty"}),
    "larger than a file may be": (
        b"x" * (FILE_SIZE_MAX + 1),
        "csv",
        {"reason": "too_large", "size_max": FILE_SIZE_MAX},
    ),
    "xls named xlsx": (XLS, "xlsx", {"reason": "other_ending", "given": "xlsx", "found": "xls"}),
    "xlsx named xls": (XLSX, "xls", {"reason": "other_ending", "given": "xls", "found": "xlsx"}),
    "xlsx named csv": (XLSX, "csv", {"reason": "other_ending", "given": "csv", "found": "xlsx"}),
    "text named xlsx": (CSV, "xlsx", {"reason": "other_ending", "given": "xlsx", "found": "csv"}),
    "no ending that we read": (CSV, "numbers", {"reason": "ending_unknown", "found": "csv"}),
    "macros by name": (XLSX, "xlsm", {"reason": "macros"}),
    "macros by content": (repacked(XLSX, {"xl/vbaProject.bin": b"x"}), "xlsx", {"reason": "macros"}),
    "macros in an old workbook": (ole(["Workbook", "_VBA_PROJECT_CUR"]), "xls", {"reason": "macros"}),
    "macros in an OpenDocument": (ods(ROWS, parts={"Basic/Standard/Module1.xml": b"x"}), "ods", {"reason": "macros"}),
    "binary workbook by name": (XLSX, "xlsb", {"reason": "binary_workbook"}),
    "binary workbook by content": (zipped({"xl/workbook.bin": b"x"}), "xlsx", {"reason": "binary_workbook"}),
    "password on xlsx": (ole(["EncryptionInfo", "EncryptedPackage"]), "xlsx", {"reason": "password"}),
    "password on a zip": (encrypted_zip(), "xlsx", {"reason": "password"}),
    "password on an OpenDocument": (
        repacked(ODS, {"META-INF/manifest.xml": b"<manifest:encryption-data/>"}),
        "ods",
        {"reason": "password"},
    ),
    "a Word document": (zipped({"word/document.xml": b"x"}), "xlsx", {"reason": "is_document"}),
    "an old Word document": (ole(["WordDocument"]), "xls", {"reason": "is_document"}),
    "another OpenDocument": (
        zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        "ods",
        {"reason": "is_document"},
    ),
    "a zip of something": (zipped({"a.txt": b"x"}), "xlsx", {"reason": "is_archive"}),
    "a zip of a workbook": (zipped({"a.xlsx": XLSX}), "xlsx", {"reason": "nested"}),
    "a PDF": (b"%PDF-1.7", "xlsx", {"reason": "is_pdf"}),
    "a picture": (b"\x89PNG\r\n\x1a\n", "csv", {"reason": "is_image"}),
    "a page under another name": (b"\xef\xbb\xbf <HTML><table>", "xls", {"reason": "markup"}),
    "XML of 2003": (b'<?xml version="1.0"?><Workbook/>', "xls", {"reason": "markup"}),
    "too many parts": (
        many_parts(ENTRY_COUNT_MAX + 1),
        "xlsx",
        {"reason": "entry_count", "count": ENTRY_COUNT_MAX + 1, "count_max": ENTRY_COUNT_MAX},
    ),
    "too long a directory": (
        long_directory(),
        "xlsx",
        {"reason": "entry_count", "count": 9, "count_max": ENTRY_COUNT_MAX},
    ),
    "a bomb by its ratio": (zipped({"xl/a": b"\0" * 5_000_000}, level=9), "xlsx", {"reason": "ratio"}),
    "a bomb by its size": (
        with_sizes(zipped({f"xl/{n}": b"x" * 8_000_000 for n in "ab"}, level=1), size=UNPACKED_SIZE_MAX),
        "xlsx",
        {"reason": "ratio"},
    ),
    "zip64": (with_sizes(XLSX, count=0xFFFF), "xlsx", {"reason": "zip64"}),
    "cut short": (XLSX[:-30], "xlsx", {"reason": "damaged"}),
    "a first part that does not unpack": (
        ODS[:38] + b"\xff" * 20 + ODS[58:],
        "ods",
        {"reason": "damaged"},
    ),
    "half a directory": (b"PK\x03\x04" + XLSX[-40:], "xlsx", {"reason": "damaged"}),
    "half an old workbook": (XLS[:600], "xls", {"reason": "damaged"}),
    "an old workbook in a circle": (
        ole(["Workbook"] * 3)[:516] + b"\1\0\0\0" + ole(["Workbook"] * 3)[520:],
        "xls",
        {"reason": "damaged"},
    ),
    "an old workbook of odd sectors": (XLS[:30] + b"\7\0" + XLS[32:], "xls", {"reason": "damaged"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_list_is_refused_by_name(case: str) -> None:
    data, ending, fields = REFUSED[case]
    with pytest.raises(FileRefused) as caught:
        check_file(data, ending)
    assert caught.value.fields == fields


def test_much_that_packs_no_better_than_tables_do_is_refused_by_its_size() -> None:
    big = bytes(range(256)) * 4_000
    many = zipped({f"xl/{number}": big * 8 for number in range(3)}, level=1)
    data = bytearray(many)
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<II", data, at + 20, UNPACKED_SIZE_MAX // 100, UNPACKED_SIZE_MAX)
    with pytest.raises(FileRefused) as caught:
        check_file(bytes(data), "xlsx")
    assert caught.value.fields == {"reason": "unpacked_size", "size_max": UNPACKED_SIZE_MAX}
