"""Numbers, days and terms as people read them, in Vietnamese or English."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ledger.calendar import TIME_ZONE
from web.translation import Language, Message, _, grouped

BILLION: Final = 1_000_000_000
MILLION: Final = 1_000_000

# Accounting Law Art. 11: "." groups thousands in Vietnamese text, "," is the decimal sign.
_NO_BREAK: Final = "\u00a0"
_MINUS: Final = "−"

_NAME_PREFIXES: Final = ("Hội Khuyến học ", "Learning Promotion Association of ")

_MONTHS_EN: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

QUALIFIERS: Final[Mapping[str, Message]] = {
    "over": _("hơn"),
    "nearly": _("gần"),
    "average": _("bình quân"),
    "at least": _("ít nhất"),
}

LEVELS: Final[Mapping[str, Message]] = {
    "nation": _("Trung ương"),
    "province": _("Cấp tỉnh"),
    "district": _("Cấp huyện"),
    "commune": _("Cấp xã"),
    "chapter": _("Chi hội"),
}

ENTRY_KINDS: Final[Mapping[str, Message]] = {
    "opening": _("Số dư đầu kỳ"),
    "ordinary": _("Bút toán"),
    "adjustment": _("Điều chỉnh"),
    "reversal": _("Bút toán đảo"),
}

ROLES: Final[Mapping[str, Message]] = {
    "chief_accountant": _("Kế toán trưởng"),
    "accountant": _("Kế toán"),
    "cashier": _("Thủ quỹ"),
    "collector": _("Người thu"),
    "account_holder": _("Chủ tài khoản"),
    "inspector": _("Ban kiểm tra"),
    "administrator": _("Quản trị"),
}

UNITS: Final[Mapping[str, Message]] = {
    "award": _("suất"),
    "school": _("trường"),
    "piece": _("món"),
}


def pick(language: Language, vietnamese: str, english: str | None) -> str:
    """Return the text of a language; the Vietnamese one where there is no other."""
    return english if language == "en" and english else vietnamese


def short_name(name: str) -> str:
    """Return an association's name as a list of its like needs it: the place, without what all are called."""
    for prefix in _NAME_PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix)].upper() + name[len(prefix) + 1 :]
    return name


def count(language: Language, number: int) -> str:
    """Write a whole number with its thousands grouped."""
    return grouped(language, number)


def money(language: Language, amount_minor: int) -> str:
    """Write an amount of đồng in full."""
    return f"{count(language, amount_minor)}{_NO_BREAK}đ"


def short_money(language: Language, amount_minor: int) -> str:
    """Write an amount of đồng short: billions from one on, else millions; one decimal at most, rounded half up."""
    unit, name = (BILLION, _("tỷ")) if abs(amount_minor) >= BILLION else (MILLION, _("triệu"))
    value = (Decimal(amount_minor) / unit).quantize(Decimal("0.1"), ROUND_HALF_UP)
    text = f"{abs(value):,.1f}".removesuffix(".0")
    if language == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{_MINUS if value < 0 else ''}{text}{_NO_BREAK}{name.said(language)}{_NO_BREAK}đ"


def foreign_money(language: Language, amount_minor: int, minor_digits: int, currency: str) -> str:
    """Write an amount of another currency in full."""
    text = f"{Decimal(abs(amount_minor)).scaleb(-minor_digits):,.{minor_digits}f}"
    if language == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{_MINUS if amount_minor < 0 else ''}{text}{_NO_BREAK}{currency}"


def decimal_number(language: Language, value: Decimal) -> str:
    """Write a rate or a percentage without zeros at its end."""
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def day(language: Language, value: date) -> str:
    """Write a day: 5/9/2023, or 5 Sep 2023."""
    if language == "vi":
        return f"{value.day}/{value.month}/{value.year}"
    return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"


def moment(language: Language, value: datetime) -> str:
    """Write an instant as the clock in Việt Nam showed it."""
    local = value.astimezone(TIME_ZONE)
    return f"{local:%H:%M} {day(language, local.date())}"


def month(language: Language, value: date) -> str:
    """Write a month of a year that is known: Tháng 9, or Sep."""
    return f"Tháng{_NO_BREAK}{value.month}" if language == "vi" else _MONTHS_EN[value.month - 1]


def short_month(language: Language, value: date) -> str:
    """Write a month below a bar: T9, or Sep."""
    return f"T{value.month}" if language == "vi" else _MONTHS_EN[value.month - 1]


def qualified(language: Language, qualifier: str) -> str:
    """Return what stands before a published figure: "hơn", "over"; nothing for one given as it is."""
    return QUALIFIERS[qualifier].said(language) if qualifier in QUALIFIERS else ""
