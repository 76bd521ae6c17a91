"""Make files as scanners, phones and attackers make them."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image
from pypdf import PdfWriter

HEIC = (Path(__file__).resolve().parents[2] / "vectors" / "document" / "mau.heic").read_bytes()


def image(kind: str = "JPEG", size: tuple[int, int] = (80, 60), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1, **more: Any) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    for name, arguments in more.items():
        getattr(writer, name)(*arguments)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def raw_pdf(*objects: bytes, catalog: bytes = b"") -> bytes:
    """Write a one-page PDF by hand, with more objects from number 4 on and more in its catalog."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>",
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)


def stream(data: bytes, more: bytes = b"", *, is_pressed: bool = True) -> bytes:
    data = zlib.compress(data, 9) if is_pressed else data
    pressed = b"/Filter/FlateDecode" if is_pressed else b""
    return b"<</Length %d%s%s>>stream\n%s\nendstream" % (len(data), pressed, more, data)


def png_bomb(side: int) -> bytes:
    """A PNG that says it is as large as a wall, and is a few kilobytes."""
    rows = zlib.compress(b"\0" * (side // 8 + 1) * 100, 9)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
