"""Papers made of nothing but invented people, and what can be read from a PDF."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader

from ledger.banking.vietqr import Transfer, encode, transfer_text
from ledger.books.model import VoucherNumber
from ledger.money import Rate
from ledger.papers.model import (
    Amount,
    Booking,
    Gift,
    GiftList,
    ListRow,
    Named,
    Notice,
    Paper,
    Poster,
    Receipts,
    Sums,
    Unit,
    Voucher,
)

UNIT: Final = Unit(
    name=Named(vi="Hội Khuyến học xã Thử Nghiệm", en="Trial Commune Association for Learning Promotion"),
    above="Hội Khuyến học tỉnh Mẫu",
)
PAGE_URL: Final = "https://quy.example/e/as_01h455vb4pex5vsknk084sn02q/57"
CODE: Final = "0123-4567-89AB-CDEF-G"
CAMPAIGN_URL: Final = "https://quy.example/c/as_01h455vb4pex5vsknk084sn02q/TSDT-2025"
PAY_TEXT: Final = transfer_text("TSDT-2025", "ung ho")
PAY_CODE: Final = encode(Transfer(bank_bin="970436", account="0123456789", text=PAY_TEXT))


def booking(**changes: Any) -> Booking:
    """Return what an entry of 1,005,000 đ in cash has to tell."""
    told: dict[str, Any] = {
        "unit": UNIT,
        "voucher": VoucherNumber(kind="PT", fiscal_year=2025, number=12),
        "dated": date(2025, 9, 5),
        "seq": 57,
        "entry_id": "en_01h9hsy4k1fz8tq3v2w5n7c9ar",
        "fund": Named(vi="Quỹ khuyến học chung"),
        "campaign": Named(vi="Tiếp sức đến trường 2025"),
        "channel": Named(vi="Hộ gia đình", en="Households"),
        "medium": "cash",
        "amount": Amount(minor=1_005_000),
        "value_minor": 1_005_000,
        "rate": None,
        "gift_count": 1,
        "document_count": 0,
        "reason": "Ủng hộ quỹ khuyến học năm học 2025–2026",
        "is_reason_erased": False,
        "page_url": PAGE_URL,
    }
    return Booking(**told | changes)


def voucher(
    payer: str | None = "Nguyễn Văn Mẫu",
    address: str | None = "Thôn Thử Nghiệm",
    *,
    is_payer_erased: bool = False,
    **changes: Any,
) -> Voucher:
    """Return a phiếu thu, or what the changes make of it."""
    told = booking(**changes)
    return Voucher(
        booking=told,
        debits=[Sums(account="1111", value_minor=told.value_minor)],
        credits=[Sums(account="35381", value_minor=told.value_minor)],
        payer=payer,
        is_payer_erased=is_payer_erased,
        address=address,
    )


def gift(line: int = 1, **changes: Any) -> Gift:
    """Return one donor's contribution."""
    told: dict[str, Any] = {
        "line": line,
        "leaf_id": "ev_01h9hsy4k1fz8tq3v2w5n7c9ar",
        "code": CODE,
        "check_url": f"https://quy.example/r/{CODE}",
        "name": f"Trần Thị Thử {line}",
        "is_erased": False,
        "detail": "Lớp 3A",
        "earmark": None,
        "amount": Amount(minor=50_000 * line),
    }
    return Gift(**told | changes)


def receipts(*gifts: Gift, is_sheet: bool = False, **changes: Any) -> Receipts:
    """Return donors' receipts, of one gift where none is given."""
    return Receipts(
        booking=booking(**changes),
        gifts=gifts or [gift()],
        check_page="quy.example/r",
        log_key="quy.example/log+1a2b3c4d",
        is_sheet=is_sheet,
    )


def gift_list(count: int, **changes: Any) -> GiftList:
    """Return a list of so many contributions, the first of 50,000 đ, each other a thousand more."""
    rows = [
        ListRow(line=line, name=f"Trần Thị Thử {line}", is_erased=False, detail=None, minor=49_000 + 1_000 * line)
        for line in range(1, count + 1)
    ]
    total = Amount(minor=sum(row.minor for row in rows))
    return GiftList(booking=booking(gift_count=count, amount=total, **changes), rows=rows)


def poster(**changes: Any) -> Poster:
    """Return a campaign's poster."""
    told: dict[str, Any] = {
        "unit": UNIT,
        "campaign": Named(vi="Tiếp sức đến trường 2025"),
        "dated": date(2025, 9, 5),
        "bank": "Vietcombank",
        "account": "0123456789",
        "holder": "HOI KHUYEN HOC XA THU NGHIEM",
        "pay_text": PAY_TEXT,
        "pay_code": PAY_CODE,
        "amount": None,
        "page_url": CAMPAIGN_URL,
    }
    return Poster(**told | changes)


def samples() -> Mapping[str, Paper]:
    """Return one paper of each kind, the frozen ones among them."""
    dollars: dict[str, Any] = {
        "voucher": VoucherNumber(kind="BC", fiscal_year=2025, number=3),
        "medium": "bank",
        "amount": Amount(minor=123_450, currency="USD", digits=2),
        "rate": Rate(currency="USD", value=Decimal("25345.5"), source="VCB.2025-09-05"),
        "value_minor": 31_289_020,
    }
    notices = [
        Notice(kind="sample"),
        Notice(kind="reversed", voucher=VoucherNumber(kind="DC", fiscal_year=2025, number=1)),
        Notice(kind="erased"),
        Notice(kind="corrected"),
        Notice(kind="engine"),
    ]
    return {
        "voucher": voucher(),
        "voucher_bank": voucher(**dollars, notices=notices),
        "list": gift_list(100),
        "receipt": receipts(),
        "receipts": receipts(*map(gift, range(1, 4)), is_sheet=True, gift_count=3),
        "poster": poster(),
        "poster_a3": poster(size="a3", amount=500_000),
    }


def text_of(pdf: bytes) -> str:
    """Return the text of all pages with single spaces, as somebody who selects all would copy it."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


PDFTOPPM: Final = shutil.which("pdftoppm")
NO_PDFTOPPM: Final = "pdftoppm (poppler-utils) is not installed, and a PDF has to be drawn to be scanned"


def drawn(pdf: bytes, folder: Path, *, dots_per_inch: int = 150, is_grey: bool = True) -> list[Image.Image]:
    """Draw every page, as a printer would."""
    assert PDFTOPPM is not None, NO_PDFTOPPM
    (folder / "paper.pdf").write_bytes(pdf)
    command = [PDFTOPPM, "-r", str(dots_per_inch), "-png", *["-gray"] * is_grey, "paper.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    return [Image.open(path) for path in sorted(folder.glob("page*.png"))]


def scanned(pages: list[Image.Image]) -> list[str]:
    """Return the texts of all codes on the pages, as a camera reads them."""
    return [code.text for page in pages for code in zxingcpp.read_barcodes(page)]


def code_drawn(svg: str, pixels: int = 4) -> Image.Image:
    """Draw the dark rectangles of a code, as a renderer that knows nothing else would."""
    size = int(re.findall(r'viewBox="0 0 ([0-9]+)', svg)[0])
    image = Image.new("L", (size * pixels, size * pixels), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width in re.findall(r"M([0-9]+) ([0-9]+)h([0-9]+)v1h-[0-9]+z", svg):
        left, top = int(x) * pixels, int(y) * pixels
        pen.rectangle((left, top, left + int(width) * pixels - 1, top + pixels - 1), fill=0)
    return image
