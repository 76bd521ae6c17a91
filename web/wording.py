"""Numbers, days and terms as people read them, in Vietnamese or English."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ledger.access.role import SECOND_FACTOR, Pair
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

ROLE_HINTS: Final[Mapping[str, Message]] = {
    "chief_accountant": _("Lập và duyệt, ghi sổ, khóa sổ, mở tài khoản và quỹ"),
    "accountant": _("Lập chứng từ, xem sổ, danh sách người ủng hộ"),
    "cashier": _("Giữ tiền mặt, ghi phiếu thu, xem sổ"),
    "collector": _("Thu tại thôn, xóm; chỉ ghi khoản mình thu"),
    "account_holder": _("Chủ tịch hoặc người đứng tên: duyệt, xem sổ"),
    "inspector": _("Xem mọi thứ, mở dữ liệu niêm phong khi có lý do; không ghi sổ"),
    "administrator": _("Mời người, trao vai trò, lập hội cấp dưới"),
}
ROLE_CHOICES: Final = tuple((role, name, ROLE_HINTS[role]) for role, name in ROLES.items())

PAIRS: Final[Mapping[Pair, Message]] = {
    ("accountant", "cashier"): _("kế toán và thủ quỹ"),
    ("cashier", "chief_accountant"): _("kế toán trưởng và thủ quỹ"),
    ("account_holder", "accountant"): _("kế toán và chủ tài khoản"),
    ("account_holder", "chief_accountant"): _("kế toán trưởng và chủ tài khoản"),
    ("account_holder", "cashier"): _("thủ quỹ và chủ tài khoản"),
}
"""Two duties that one person may hold where an exception says so."""

PROVED_ROLES: Final = SECOND_FACTOR
"""Roles that count only after a code of an authenticator."""

ACCOUNT_DONE: Final[Mapping[str, Message]] = {
    "profile": _("Đã lưu tên và ngôn ngữ."),
    "password": _("Đã đổi mật khẩu. Mọi nơi khác đã được đăng xuất."),
    "device": _("Thiết bị này đã được ghi nhớ."),
    "device_forgotten": _("Thiết bị đã được quên."),
    "sessions": _("Đã đăng xuất ở nơi khác."),
}

ACCESS_KINDS: Final[Mapping[str, Message]] = {
    "signed_in": _("đăng nhập bằng mật khẩu"),
    "signed_in_by_pin": _("đăng nhập bằng mã PIN"),
    "password_wrong": _("có người nhập sai mật khẩu"),
    "pin_wrong": _("nhập sai mã PIN"),
    "code_wrong": _("nhập sai mã xác thực"),
    "proved": _("nhập đúng mã xác thực"),
    "signed_out": _("đăng xuất"),
    "sessions_ended": _("đăng xuất các nơi khác"),
    "password_changed": _("đổi mật khẩu"),
    "password_renewed": _("đặt mật khẩu mới bằng đường dẫn"),
    "authenticator_set": _("cài ứng dụng xác thực"),
    "recovery_codes_made": _("tạo mã dự phòng mới"),
    "device_remembered": _("ghi nhớ một thiết bị"),
    "device_forgotten": _("quên một thiết bị"),
    "slowed_down": _("có người thử quá nhiều lần"),
    "page_refused": _("mở một trang không có quyền"),
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
