"""Look at an untrusted file, in a process of its own: what it is, whether all of it can be read, what is hidden in it.

A program, not a module of the ledger: ``ledger/documents/content.py`` runs it with ``python -I``, so that it sees no
environment and imports nothing but the libraries that parse. It limits its own memory, time and files before it reads
the first byte, takes the file on standard input, and answers on standard output::

    {"ok": true, "media_type": "application/pdf", "page_count": 3}          of "inspect"
    {"ok": false, "reason": "pdf_encrypted"}                                of either
    the bytes of a JPEG                                                     of "preview"

A preview is drawn anew from the pixels, so nothing of the original's bytes, nor where and when it was taken, is in it.
"""
# ruff: noqa: PLC0415 - what parses is imported under the limits

import io
import json
import re
import resource
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image
    from pypdf import PdfReader

MEMORY_SIZE_MAX = 1 << 30
CPU_SECONDS_MAX = 20
BYTE_SIZE_MAX = 15 * 1024 * 1024
PIXEL_COUNT_MAX = 64_000_000
SIDE_MAX = 30_000
PAGE_COUNT_MAX = 200
OBJECT_COUNT_MAX = 200_000
PREVIEW_SIDE_MAX = 1_600

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "HEIF": "image/heic"}

# What acts, or carries another file. Names may be spelled with #4A in them, which the parser undoes.
ACTIVE_NAMES = frozenset(
    {
        "/JS",
        "/JavaScript",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/EF",
        "/RichMedia",
        "/XFA",
        "/GoToE",
        "/GoToR",
        "/ImportData",
        "/SubmitForm",
        "/Rendition",
        "/Movie",
        "/Sound",
    }
)
# In what a parser that mends files may find though ours did not; long enough not to be met in compressed bytes.
ACTIVE_BYTES = re.compile(rb"/(?:JavaScript|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)\b")


class Refused(Exception):
    """The file is not taken; the argument says why."""


def limit_resources() -> None:
    """Let this process take no more than it may, whatever the file makes it do."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_SIZE_MAX),
        (resource.RLIMIT_CPU, CPU_SECONDS_MAX),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # a system that has no such limit; the others and the parent's clock hold
            continue


def kind_of(data: bytes) -> str:
    """Return the format by the file's first bytes.

    Raises:
        Refused: another one.
    """
    if data.startswith(b"%PDF-"):
        return "PDF"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"heim", b"heis"}:
        return "HEIF"
    raise Refused("type_unknown")


def inspect(data: bytes) -> dict[str, object]:
    """Return what the file is.

    Raises:
        Refused: it cannot be read to its end, or holds what it may not.
    """
    if len(data) > BYTE_SIZE_MAX:
        raise Refused("too_large")
    kind = kind_of(data)
    if kind == "PDF":
        return {"media_type": "application/pdf", "page_count": inspect_pdf(data)}
    image = open_image(data, kind)
    image.load()
    return {"media_type": FORMATS[kind], "page_count": 1}


def open_image(data: bytes, kind: str) -> "Image.Image":
    """Return an image whose size is known to be bearable; nothing is drawn yet.

    Raises:
        Refused: it is damaged, moves, or would fill the memory.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = PIXEL_COUNT_MAX
    if kind == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    image = Image.open(io.BytesIO(data), formats=[kind])
    if image.width * image.height > PIXEL_COUNT_MAX or max(image.size) > SIDE_MAX:
        raise Refused("image_too_large")
    if kind == "PNG" and getattr(image, "n_frames", 1) > 1:
        raise Refused("image_moves")
    return image


def inspect_pdf(data: bytes) -> int:
    """Return how many pages a PDF has.

    Raises:
        Refused: locked, too long, or with something in it that acts or hides.
    """
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise Refused("pdf_encrypted")
    page_count = len(reader.pages)
    if page_count == 0:
        raise Refused("damaged")
    if page_count > PAGE_COUNT_MAX:
        raise Refused("pdf_too_long")
    if ACTIVE_BYTES.search(data) or is_active(reader):
        raise Refused("pdf_active")
    for page in reader.pages:
        if min(page.mediabox.width, page.mediabox.height) <= 0:
            raise Refused("damaged")
    return page_count


def is_active(reader: "PdfReader") -> bool:
    """Tell whether any object of a PDF, reached from its pages or not, acts or carries a file."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    if len(numbers) > OBJECT_COUNT_MAX:
        raise Refused("pdf_too_complex")
    waiting: list[object] = [reader.trailer]
    waiting.extend(reader.get_object(IndirectObject(number, 0, reader)) for number in sorted(numbers) if number)
    count = 0
    while waiting:
        found = waiting.pop()
        count += 1
        if count > 10 * OBJECT_COUNT_MAX:
            raise Refused("pdf_too_complex")
        if isinstance(found, DictionaryObject):
            if not ACTIVE_NAMES.isdisjoint(found.keys()):
                return True
            waiting.extend(value for value in found.values() if not isinstance(value, IndirectObject))
        elif isinstance(found, ArrayObject):
            waiting.extend(value for value in found if not isinstance(value, IndirectObject))
        elif isinstance(found, NameObject) and found in ACTIVE_NAMES:
            return True
    return False


def preview(data: bytes) -> bytes:
    """Return an image drawn anew, small enough for a screen."""
    from PIL import Image, ImageOps

    kind = kind_of(data)
    if kind == "PDF":
        raise Refused("no_preview")
    image = open_image(data, kind)
    if kind == "JPEG":
        image.draft("RGB", (PREVIEW_SIDE_MAX, PREVIEW_SIDE_MAX))
    drawn: Image.Image = ImageOps.exif_transpose(image)
    drawn.thumbnail((PREVIEW_SIDE_MAX, PREVIEW_SIDE_MAX))
    if drawn.mode in {"RGBA", "LA", "PA", "P"}:
        seen = drawn.convert("RGBA")
        drawn = Image.new("RGB", seen.size, "white")
        drawn.paste(seen, mask=seen.getchannel("A"))
    out = io.BytesIO()
    drawn.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def answer(what: str, data: bytes) -> bytes:
    """Return what is to be said of a file."""
    try:
        if what == "preview":
            return preview(data)
        found = {"ok": True, **inspect(data)}
    except Refused as refused:
        found = {"ok": False, "reason": str(refused)}
    except (MemoryError, RecursionError):
        found = {"ok": False, "reason": "too_complex"}
    except Exception as error:  # noqa: BLE001 - whatever a parser stumbles over, the file is not one we take
        found = {"ok": False, "reason": "image_too_large" if "Decompression" in type(error).__name__ else "damaged"}
    return json.dumps(found).encode()


def main() -> None:
    """Answer for the file on standard input."""
    limit_resources()
    warnings.simplefilter("ignore")
    sys.stderr = io.StringIO()  # a parser's complaint may quote the file
    sys.stdout.buffer.write(answer(sys.argv[1], sys.stdin.buffer.read(BYTE_SIZE_MAX + 1)))


if __name__ == "__main__":
    main()
