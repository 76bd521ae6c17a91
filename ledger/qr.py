"""Draw QR codes as SVG: crisp, with their quiet zone, and with words for whoever cannot see them."""

from html import escape
from itertools import groupby
from typing import Final

import segno

QUIET_MODULES: Final = 4
"""The empty border that ISO/IEC 18004 wants around a code, in modules."""


def qr_svg(text: str, *, title: str) -> str:
    """Return a code as an SVG element that takes the size of its place; black on white, whatever the page's colours.

    All dark modules are one filled path of whole squares, so that neither a browser nor a printer shows seams between
    them. Level M is the least; a higher one is taken where the code stays as small.
    """
    rows = segno.make_qr(text, error="m", boost_error=True).matrix
    size = len(rows) + 2 * QUIET_MODULES
    path = "".join(_row(row, line) for line, row in enumerate(rows, start=QUIET_MODULES))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" class="qr" role="img" '
        f'shape-rendering="crispEdges"><title>{escape(title)}</title><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _row(modules: bytearray, line: int) -> str:
    """Return a line's dark runs as closed rectangles."""
    parts = []
    place = QUIET_MODULES
    for is_dark, run in groupby(modules):
        length = len(list(run))
        if is_dark:
            parts.append(f"M{place} {line}h{length}v1h-{length}z")
        place += length
    return "".join(parts)
