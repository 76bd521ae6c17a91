"""What the columns of a list are for, by the words that stand above them.

Vietnamese headers with and without diacritics, abbreviated as people do. The first rule that a header fits decides;
among several columns that fit one purpose the one with the stronger words wins, and the others are left where they are.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["number", "surname", "name", "detail", "amount", "paper_number", "paid_on", "wish", "other"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
SINGLE: Final = frozenset[Role]({"number", "surname", "name", "amount", "paper_number", "paid_on", "wish"})
"""Purposes that one column serves; details of several columns are joined."""


@dataclass(frozen=True, slots=True)
class _Rule:
    role: Role
    weight: int
    pattern: re.Pattern[str]


def _rule(role: Role, weight: int, pattern: str) -> _Rule:
    return _Rule(role, weight, re.compile(pattern))


_RULES: Final = (
    # What must not be taken for money or for a name stands first.
    _rule("other", 3, r"bang chu|\b(dien thoai|dt|sdt|so dt|di dong|zalo|email|phone)\b"),
    _rule(
        "other", 3, r"\b(cccd|cmnd|cmt|can cuoc|chung minh|tai khoan|stk|mst|ma so|ma nhan vien|ma hs|ma dinh danh)\b"
    ),
    _rule("other", 3, r"\b(ngay sinh|nam sinh|sinh ngay|tuoi|gioi tinh|nam nu|dan toc|quoc tich)\b"),
    _rule("other", 3, r"\b(ky ten|ky nhan|chu ky|ky xac nhan|nguoi ky|ghi chu|note|nhan khau|so khau|so nguoi)\b"),
    _rule("other", 3, r"\b(he so|bac luong|ngach|phu cap|tong luong|luong thang|luong co ban|muc luong|tien luong)\b"),
    _rule("other", 3, r"^(luong|luong thuc linh|so ngay|so ngay cong|ty le|phan tram|con lai|con no)$"),
    _rule("wish", 2, r"\b(an danh|cong khai|nguyen vong|khong neu ten)\b"),
    _rule("number", 2, r"^(stt|s t t|tt|so tt|so thu tu|thu tu|no|sl tt)$"),
    _rule("paper_number", 2, r"\b(bien lai|so bl|phieu thu|so phieu|so ct|chung tu)\b"),
    _rule("paid_on", 2, r"\bngay (nop|dong|ung ho|chuyen|thu|gop|nhan)\b|^(ngay|ngay thang|ngay thang nam)$"),
    _rule(
        "amount",
        4,
        r"\b(thuc nop|da nop|da dong|thuc thu|thuc dong|da ung ho|so tien ung ho|so tien nop|so tien dong)\b",
    ),
    _rule(
        "amount", 3, r"\b(so tien|tien ung ho|tien dong gop|tien nop|thanh tien|ngay luong|muc (dong|ung ho|gop|nop))\b"
    ),
    _rule("amount", 2, r"^(tien|ung ho|dong gop|so tien .*|gia tri|amount|tien .*|dong|vnd|bang so|cong tien)$"),
    _rule(
        "surname", 3, r"^(ho|ho dem|ho va dem|ho va ten dem|ho ten dem|ho lot|ho va lot|ho va chu lot|ho va ten lot)$"
    ),
    _rule("name", 4, r"\b(ho va ten|ho ten|ten chu ho|chu ho|nguoi ung ho|nguoi nop|nguoi dong gop)\b"),
    _rule("name", 3, r"\b(nha hao tam|nha tai tro|manh thuong quan|don vi ung ho|to chuc ca nhan|ca nhan to chuc)\b"),
    _rule("name", 3, r"\bten (nguoi|don vi ung ho|doanh nghiep|cong ty|ca nhan|ho)\b|^(ten|ho va|name|full name)$"),
    _rule(
        "detail",
        2,
        r"\b(don vi|phong|phong ban|bo phan|co quan|khoa|truong|lop|to chuyen mon|khoi lop|chi hoi|noi cong tac)\b",
    ),
    _rule("detail", 2, r"\b(thon|xom|ap|ban|khu|khu pho|to dan pho|to|khoi|duong|so nha|cum)\b"),
    _rule("detail", 1, r"\b(dia chi|noi o|cho o|que quan|thuong tru|address)\b|^(xa|phuong|xa phuong)$"),
    _rule("other", 1, r"\b(chuc vu|chuc danh|nghe nghiep|cong viec|trinh do)\b"),
)

_drop_unit: Final = re.compile(
    r" (?:(?:tinh|dvt|don vi|don vi tinh) )?(?:1 ?000|nghin|ngan|trieu)? ?(?:dong|d|vnd|vn d)$"
).sub
_to_words: Final = re.compile(r"[^a-z0-9]+").sub


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a header says its column is for, and how plainly."""

    role: Role
    weight: int


def header_key(text: str) -> str:
    """Return a header as the rules read it: plain small letters and digits, one space between words."""
    marks = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return _to_words(" ", "".join(mark for mark in marks if unicodedata.category(mark) != "Mn")).strip()


def recognise(text: str) -> Recognised | None:
    """Return what the column under a header is for; ``None`` where the words say nothing to us."""
    key = _drop_unit("", header_key(text))
    for rule in _RULES:
        if rule.pattern.search(key):
            return Recognised(role=rule.role, weight=rule.weight)
    return None
