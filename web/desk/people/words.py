"""How pages call what a register of people holds."""

from collections.abc import Mapping
from typing import Final, Literal

from web.translation import Message, _

What = Literal["consent", "withdrawal", "guardian", "guardian-end", "merge", "part"]
Choosing = Literal["guardian", "merge"]

KINDS: Final[Mapping[str, Message]] = {
    "individual": _("Cá nhân"),
    "household": _("Hộ gia đình"),
    "business": _("Doanh nghiệp"),
    "organisation": _("Tổ chức"),
}

DETAILS: Final[Mapping[str, Message]] = {
    "address": _("Địa chỉ"),
    "phone": _("Điện thoại"),
    "email": _("Thư điện tử"),
    "tax_number": _("Mã số thuế"),
    "bank_account": _("Tài khoản ngân hàng"),
    "note": _("Ghi chú"),
}

PURPOSES: Final[Mapping[str, Message]] = {
    "publish_name": _("Công bố tên"),
    "contact": _("Nhận liên lạc"),
    "minor_data": _("Lưu dữ liệu của trẻ"),
}

METHODS: Final[Mapping[str, Message]] = {
    "paper": _("Trên giấy"),
    "in_person": _("Nói trực tiếp"),
    "phone": _("Qua điện thoại"),
    "message": _("Qua tin nhắn, thư"),
    "online": _("Trên mạng"),
}

RELATIONS: Final[Mapping[str, Message]] = {
    "parent": _("Cha, mẹ"),
    "grandparent": _("Ông, bà"),
    "sibling": _("Anh, chị"),
    "relative": _("Họ hàng"),
    "legal": _("Giám hộ theo pháp luật"),
}

DONE: Final[Mapping[str, Message]] = {
    "entered": _("Đã lưu hồ sơ."),
    "changed": _("Đã sửa hồ sơ."),
    "consent": _("Đã ghi sự đồng ý."),
    "withdrawal": _("Đã ghi việc rút lại. Tên được ẩn ngay."),
    "guardian": _("Đã ghi người giám hộ."),
    "guardian-end": _("Đã bỏ người giám hộ."),
    "merge": _("Đã gộp hồ sơ. Có thể tách lại."),
    "part": _("Đã tách hồ sơ."),
}
