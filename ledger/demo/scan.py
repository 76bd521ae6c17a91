"""A list as somebody photographed it: a picture that says in large letters that it is a sample."""

from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from ledger.giving.model import Gift

_SIZE: Final = (620, 877)
_MARGIN: Final = 50
_LINE: Final = 34
_LINES_MAX: Final = 18
_PAPER: Final = 250
_INK: Final = 60
_STAMP: Final = 200


def draw_list(title: str, gifts: Sequence[Gift]) -> bytes:
    """Return the first lines of a list as a PNG, the same bytes for the same list."""
    page = Image.new("L", _SIZE, _PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, 380), "BẢN QUÉT MẪU", font=_font(64), fill=_STAMP)
    pen.text((_MARGIN, _MARGIN), title, font=_font(22), fill=_INK)
    for place, gift in enumerate(gifts[:_LINES_MAX]):
        top = 3 * _MARGIN + place * _LINE
        pen.text((_MARGIN, top), f"{place + 1}. {gift.donor or 'Không ghi tên (mẫu)'}", font=_font(16), fill=_INK)
        pen.text((_SIZE[0] - 4 * _MARGIN, top), f"{gift.amount_minor:,}".replace(",", "."), font=_font(16), fill=_INK)
    kept = BytesIO()
    page.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont:
    with (files("ledger.papers") / "fonts" / "BeVietnamPro-Regular.ttf").open("rb") as opened:
        return ImageFont.truetype(BytesIO(opened.read()), size)
