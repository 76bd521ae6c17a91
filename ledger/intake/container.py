"""Look at a file before anything parses it: what it is by its content, and whether it is safe to open.

The name's ending says what somebody believes; the bytes say what it is. Nothing is unpacked here: of a zip only the
end record and the central directory are read, of an old Office file only its directory, and both within bounds, so a
few kilobytes that claim to be terabytes cost nothing. What the bytes then turn out to hold is the reading process's
matter, which has limits of its own (``reading.py``).
"""

import io
import re
import struct
import zipfile
from dataclasses import dataclass
from typing import Final, Literal

from ledger.intake.refusal import FileRefused

Form = Literal["xlsx", "xls", "ods", "csv"]

FILE_SIZE_MAX: Final = 15 * 1024 * 1024
ENTRY_COUNT_MAX: Final = 2_000
DIRECTORY_SIZE_MAX: Final = 512 * 1024
UNPACKED_SIZE_MAX: Final = 300 * 1024 * 1024
RATIO_MAX: Final = 200
"""How many bytes one byte of a part may unpack to: tables of equal amounts reach 60, bombs 1,000."""

RATIO_SIZE_MIN: Final = 1024 * 1024
"""Smaller parts may pack as well as they like."""

_ENDINGS: Final[dict[str, Form]] = {
    "xlsx": "xlsx",
    "xls": "xls",
    "ods": "ods",
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
}
_MACRO_ENDINGS: Final = frozenset({"xlsm", "xltm", "xlam", "xlsb"})

_END_SIGNATURE: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_COMMENT_SIZE_MAX: Final = 65_535
_ZIP64_COUNT: Final = 0xFFFF
_ZIP64_SIZE: Final = 0xFFFFFFFF
_IS_ENCRYPTED: Final = 0x1
_NESTED: Final = re.compile(r"\.(zip|jar|7z|rar|gz|tgz|bz2|xz|xls[xmb]?|od[st]|doc[xm]?|ppt[xm]?)$", re.IGNORECASE)
_MIMETYPE_SIZE_MAX: Final = 200
_ODS_TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_TYPES_PART: Final = "[Content_Types].xml"

_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTORS_MAX: Final = 40_000
_LAST_SECTOR: Final = 0xFFFFFFFA
_OLE_ENTRY_SIZE: Final = 128

# What else people upload, by how it begins, and what to call it.
_OTHERS: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "document"),
)
_find_markup: Final = re.compile(rb"<(?:!doctype|html|table|\?xml|head|body|meta)", re.IGNORECASE).search


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a zip, as its directory describes it."""

    name: str
    packed_size: int
    size: int


def check_file(data: bytes, ending: str) -> Form:
    """Return what a file is, if it may be read; ``ending`` is what its name ends with, without the dot.

    Raises:
        FileRefused: ``reason`` is empty, too_large, macros, binary_workbook, password, markup, is_pdf, is_image,
            is_archive, is_document, damaged, zip64, entry_count, unpacked_size, ratio, nested, other_ending or
            ending_unknown; ``found`` says what it is where that helps.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise FileRefused(reason="empty")
    if len(data) > FILE_SIZE_MAX:
        raise FileRefused(reason="too_large", size_max=FILE_SIZE_MAX)
    found = _form_of(data)
    given = ending.lower().lstrip(".")
    if given in _MACRO_ENDINGS:
        raise FileRefused(reason="binary_workbook" if given == "xlsb" else "macros")
    if given not in _ENDINGS:
        raise FileRefused(reason="ending_unknown", found=found)
    if _ENDINGS[given] != found:
        raise FileRefused(reason="other_ending", given=given, found=found)
    return found


def _form_of(data: bytes) -> Form:
    if data.startswith(b"PK\x03\x04"):
        return _zip_form(data)
    if data.startswith(_OLE_SIGNATURE):
        return _ole_form(data)
    for signature, what in _OTHERS:
        if data.startswith(signature):
            raise FileRefused(reason=f"is_{what}")
    if _find_markup(data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n"), 0, 200):
        # Programs that "export to Excel" often write a web page under another name.
        raise FileRefused(reason="markup")
    return "csv"


def _zip_form(data: bytes) -> Form:
    archive = open_zip(data)
    names = {entry.filename for entry in archive.infolist()}
    if "xl/vbaProject.bin" in names:
        raise FileRefused(reason="macros")
    if "xl/workbook.bin" in names:
        raise FileRefused(reason="binary_workbook")
    if _TYPES_PART in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    if _mimetype(archive) == _ODS_TYPE:
        if b"encryption-data" in _head(archive, "META-INF/manifest.xml"):
            raise FileRefused(reason="password")
        if any(name.startswith("Basic/") and name.endswith(".xml") for name in names):
            raise FileRefused(reason="macros")
        return "ods"
    is_office = "word/document.xml" in names or "ppt/presentation.xml" in names or "mimetype" in names
    raise FileRefused(reason="is_document" if is_office else "is_archive")


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip whose directory promises nothing beyond our limits.

    Raises:
        FileRefused: as ``check_file``.
    """
    entry_count, directory_size = _end_record(data)
    if entry_count > ENTRY_COUNT_MAX or directory_size > DIRECTORY_SIZE_MAX:
        raise FileRefused(reason="entry_count", count=entry_count, count_max=ENTRY_COUNT_MAX)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileRefused(reason="damaged") from None
    unpacked_size = 0
    for entry in archive.infolist():
        if entry.flag_bits & _IS_ENCRYPTED:
            raise FileRefused(reason="password")
        unpacked_size += entry.file_size
        if entry.file_size > RATIO_SIZE_MIN and entry.file_size > RATIO_MAX * max(entry.compress_size, 1):
            raise FileRefused(reason="ratio")
        if _NESTED.search(entry.filename):
            raise FileRefused(reason="nested")
    if unpacked_size > UNPACKED_SIZE_MAX:
        raise FileRefused(reason="unpacked_size", size_max=UNPACKED_SIZE_MAX)
    return archive


def _end_record(data: bytes) -> tuple[int, int]:
    """Return how many entries a zip's directory has, and how many bytes, before anything is made of it."""
    at = data.rfind(_END_SIGNATURE, max(0, len(data) - _END_SIZE - _COMMENT_SIZE_MAX))
    if at < 0 or at + _END_SIZE > len(data):
        raise FileRefused(reason="damaged")
    entry_count, directory_size = struct.unpack_from("<HI", data, at + 10)
    if entry_count == _ZIP64_COUNT or directory_size == _ZIP64_SIZE:
        raise FileRefused(reason="zip64")
    return entry_count, directory_size


def _mimetype(archive: zipfile.ZipFile) -> str:
    return _head(archive, "mimetype", _MIMETYPE_SIZE_MAX).decode("ascii", "replace").strip()


def _head(archive: zipfile.ZipFile, name: str, size: int = 65_536) -> bytes:
    """Return the first bytes of a part, none where there is no such part."""
    try:
        with archive.open(name) as part:
            return part.read(size)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError):
        return b""
    except Exception as error:  # zlib.error has no public base
        raise FileRefused(reason="damaged") from error


def _ole_form(data: bytes) -> Form:
    names = _ole_names(data)
    if "encryptedpackage" in names:
        raise FileRefused(reason="password")
    if "_vba_project_cur" in names or "vba" in names:
        raise FileRefused(reason="macros")
    if names & {"workbook", "book"}:
        return "xls"
    raise FileRefused(reason="is_document")


def _ole_names(data: bytes) -> set[str]:
    """Return the names in the directory of an OLE compound file, in small letters ([MS-CFB] 2.6).

    The chain of directory sectors is followed through the first 109 sectors of the allocation table, which the
    header names: room for a file four times our limit.
    """
    try:
        (shift,) = struct.unpack_from("<H", data, 30)
        (sector,) = struct.unpack_from("<I", data, 48)
        tables = struct.unpack_from("<109I", data, 76)
        if shift not in {9, 12}:
            raise FileRefused(reason="damaged")
        size = 1 << shift
        names: set[str] = set()
        for _ in range(_SECTORS_MAX):
            if sector >= _LAST_SECTOR:
                return names
            start = (sector + 1) * size
            for place in range(start, start + size, _OLE_ENTRY_SIZE):
                (length,) = struct.unpack_from("<H", data, place + 64)
                names.add(data[place : place + min(max(length, 2), 64) - 2].decode("utf-16-le", "replace").lower())
            table, index = divmod(sector, size // 4)
            (sector,) = struct.unpack_from("<I", data, (tables[table] + 1) * size + 4 * index)
    except (struct.error, IndexError):
        raise FileRefused(reason="damaged") from None
    raise FileRefused(reason="damaged")
