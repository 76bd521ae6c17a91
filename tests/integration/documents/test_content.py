"""A document is what its content says; what nobody should have to open is refused, with what to do instead."""

import io
import time
from contextlib import suppress

import pytest
from PIL import Image

from api.messages import CATALOGUE
from ledger.documents.content import SECONDS_MAX, DocumentRefused, check_content, make_preview
from ledger.errors import TextRefused
from tests.integration.documents.files import HEIC, image, pdf, png_bomb, raw_pdf, stream

MEBIBYTE = 1024 * 1024

TAKEN = {
    "scan.pdf": (pdf(3), "application/pdf", 3),
    "SCAN.PDF": (raw_pdf(), "application/pdf", 1),
    "phieu.jpg": (image(), "image/jpeg", 1),
    "phieu.jpeg": (image(), "image/jpeg", 1),
    "phieu.png": (image("PNG", mode="RGBA"), "image/png", 1),
    "anh.heic": (HEIC, "image/heic", 1),
    "nhiều trang.pdf": (pdf(200), "application/pdf", 200),
    "link.pdf": (raw_pdf(b"<</S/URI/URI(https://example.org)>>"), "application/pdf", 1),
    "open.pdf": (raw_pdf(catalog=b"/OpenAction[3 0 R/Fit]"), "application/pdf", 1),
}

ACTS = {
    "an action of script": raw_pdf(catalog=b"/OpenAction<</S/JavaScript/JS(1)>>"),
    "script in a table of names": raw_pdf(catalog=b"/Names<</JavaScript<</Names[(a)4 0 R]>>>>"),
    "script with its name spelled out": raw_pdf(catalog=b"/OpenAction<</S/J#61vaScript/#4aS(app.alert\\(1\\))>>"),
    "a program to launch": raw_pdf(b"<</S/Launch/F(calc.exe)>>"),
    "an embedded file": pdf(add_attachment=("x.exe", b"MZ")),
    "a file nobody points to": raw_pdf(stream(b"MZ", b"/Type/Embedded#46ile")),
    "a form of another language": raw_pdf(catalog=b"/AcroForm<</XFA 4 0 R>>"),
    "a form that is sent off": raw_pdf(b"<</S/SubmitForm/F(http://example.org)>>"),
    "moving pictures": raw_pdf(b"<</Type/Annot/Subtype/RichMedia>>"),
    "script in an older version of the file": raw_pdf(b"<</S/JavaScript/JS(1)>>") + b"\n%%EOF\n",
    "script among compressed objects": raw_pdf(
        stream(b"5 0 <</S/J#61vaScript>>", b"/Type/ObjStm/N 1/First 4"), catalog=b"/OpenAction<</S/J#61vaScript>>"
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_scan_is_taken(name: str) -> None:
    data, media_type, page_count = TAKEN[name]
    content = check_content(name, data)
    assert (content.name, content.media_type, content.page_count) == (name, media_type, page_count)


def refused(name: str, data: bytes) -> str:
    with pytest.raises(DocumentRefused) as caught:
        check_content(name, data)
    reason = str(caught.value.fields["reason"])
    assert f"document_refused/{reason}" in CATALOGUE, "everybody is told what to do"
    return reason


@pytest.mark.parametrize("data", ACTS.values(), ids=ACTS)
def test_a_pdf_that_acts_or_hides_something_is_refused(data: bytes) -> None:
    assert refused("scan.pdf", data) == "pdf_active"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"%PDF-1.7\n" + bytes(15 * MEBIBYTE), "too_large"),
        ("a.pdf", pdf(encrypt=("mật khẩu",)), "pdf_encrypted"),
        ("a.pdf", pdf(201), "pdf_too_long"),
        ("a.pdf", b"%PDF-1.7\nnothing", "damaged"),
        ("a.pdf", pdf()[:200], "damaged"),
        ("a.pdf", b"MZ" + pdf(), "type_unknown"),
        ("a.jpg", image()[:400], "damaged"),
        ("a.png", image("PNG", (500, 500))[:300], "damaged"),
        ("a.gif", image("GIF"), "type_unknown"),
        ("a.heic", HEIC[:1000], "damaged"),
        ("a.xlsx", b"PK\x03\x04", "type_unknown"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type_unknown"),
        ("a.html", b"<script>alert(1)</script>", "type_unknown"),
        ("a.jpg", image("PNG"), "extension_differs"),
        ("a.pdf.exe", pdf(), "extension_differs"),
        ("pdf", pdf(), "extension_differs"),
        ("a.png", png_bomb(30_000), "image_too_large"),
        ("a.png", png_bomb(60_000), "image_too_large"),
    ],
)
def test_what_is_no_scan_is_refused_with_a_reason(name: str, data: bytes, reason: str) -> None:
    assert refused(name, data) == reason


def test_bombs_end_in_their_own_process() -> None:
    """A stream that unfolds to gigabytes, a page tree that bites its tail, objects nested without end."""
    bomb = zlib_bomb()
    loop = raw_pdf().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[2 0 R]/Count 1")
    deep = raw_pdf(b"[" * 100_000 + b"]" * 100_000)
    pressed = raw_pdf(stream(b"5 0 " + b"<<" * 500_000, b"/Type/ObjStm/N 1/First 4"))
    many = raw_pdf(*([b"<<>>"] * 100_000))
    for data in (bomb, loop, deep, pressed, many):
        begun = time.monotonic()
        with suppress(DocumentRefused):
            check_content("a.pdf", data)
        assert time.monotonic() - begun < SECONDS_MAX + 5


def zlib_bomb() -> bytes:
    return raw_pdf(stream(bytes(200 * MEBIBYTE), b"/Type/ObjStm/N 1/First 4"))


@pytest.mark.parametrize("name", ["..\\..\\etc\\passwd.pdf", "/etc/../a.pdf", "C:\\scan.pdf"])
def test_a_name_is_no_path(name: str) -> None:
    assert check_content(name, pdf()).name in {"passwd.pdf", "a.pdf", "scan.pdf"}


@pytest.mark.parametrize("name", ["a\u202efdp.exe.pdf", "a\n.pdf", "", "x" * 300 + ".pdf"])
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(TextRefused):
        check_content(name, pdf())


@pytest.mark.parametrize("data", [image(size=(4000, 3000)), image("PNG", (2000, 100), "RGBA"), HEIC])
def test_a_preview_is_drawn_anew_and_small(data: bytes) -> None:
    drawn = Image.open(io.BytesIO(make_preview(data)))
    assert drawn.format == "JPEG"
    assert max(drawn.size) <= 1600


def test_a_preview_does_not_tell_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Nhà bà Thử"
    data = image(exif=exif)
    assert Image.open(io.BytesIO(data)).getexif()
    assert not Image.open(io.BytesIO(make_preview(data))).getexif()


def test_a_pdf_has_no_preview() -> None:
    with pytest.raises(DocumentRefused) as caught:
        make_preview(pdf())
    assert caught.value.fields["reason"] == "no_preview"
