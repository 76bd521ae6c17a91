"""Tell the rows of a list that are no gifts by their words: totals, headings of groups, what is signed at its end.

The words are those of Vietnamese lists, read without their marks. "Tổng công ty Mẫu" is a donor, "Tổng cộng" is none.
"""

import re
from typing import Final

from ledger.intake.cell import Cell
from ledger.intake.header import header_key

_INITIALS: Final = frozenset("tTcCsS")

_match_total: Final = re.compile(
    r"(?:tong cong|tong so(?: tien| nguoi| ho)?|tong tien|tong|cong|cong don|cong trang|total|sum)(?: [0-9 ]+.*)?"
    r"|(?:tong cong|tong so|tong|cong) "
    r"(?:lop|thon|to|phong|khoi|trang|xom|ap|ban|khu|muc|phan|nhom|don vi|toan|chung)\b.*"
).fullmatch
_match_footer: Final = re.compile(
    r"(?:nguoi lap|lap bang|lap bieu|ke toan|thu quy|thu truong|hieu truong|chu tai khoan|giam doc|chu tich|truong thon"
    r"|truong ban|dai dien|xac nhan|nguoi nop|nguoi thu|ky ten|bang chu|so tien bang chu|viet bang chu|so tien viet"
    r"|ghi chu|ngay .*thang|.* ngay .*thang .*nam)\b.*"
).fullmatch
_match_heading: Final = re.compile(r"[IVXLC]{1,6}\.?|[A-ZĐ]\.?|[0-9]+\.[0-9.]*").fullmatch


def is_total(label: str) -> bool:
    """Tell whether a row's first words are those of a total."""
    return label[:1] in _INITIALS and _match_total(header_key(label)) is not None


def is_footer(text: str) -> bool:
    """Tell whether words are those that stand below a list."""
    return _match_footer(header_key(text)) is not None


def is_heading_number(cell: Cell) -> bool:
    """Tell whether a cell numbers a group, not a line: I, II, A, 1.2."""
    return isinstance(cell, str) and _match_heading(cell.strip()) is not None


def is_counted(cell: Cell) -> bool:
    """Tell whether a cell numbers a line."""
    return (isinstance(cell, int | float) and not isinstance(cell, bool)) or (
        isinstance(cell, str) and cell.strip().isdecimal()
    )


def is_words(cell: Cell) -> bool:
    """Tell whether a cell holds words and no number."""
    return isinstance(cell, str) and not any(map(str.isdigit, cell))
