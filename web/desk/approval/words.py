"""What pages of consent call things."""

from collections.abc import Mapping
from typing import Final

from ledger.approvals.model import Action, State
from web.translation import Message, _

ACTIONS: Final[Mapping[Action, Message]] = {
    "payment": _("Chi tiền"),
    "round": _("Chi theo danh sách xét cấp"),
    "release": _("Dùng tiền sang mục đích khác"),
    "adjustment": _("Điều chỉnh sổ"),
    "exception": _("Việc ngoại lệ"),
}

STATES: Final[Mapping[State, tuple[Message, str]]] = {
    "asked": (_("Đang chờ duyệt"), "info"),
    "approved": (_("Đã duyệt, chưa thực hiện"), "good"),
    "used": (_("Đã duyệt và thực hiện"), "good"),
    "denied": (_("Bị từ chối"), "bad"),
    "withdrawn": (_("Đã rút"), "plain"),
    "expired": (_("Quá hạn"), "warn"),
}
"""How each is called, and its colour."""

LAW: Final[Mapping[Action, Message]] = {
    "payment": _(
        "Luật Kế toán 2015, Điều 19.3: chứng từ chi tiền phải được duyệt và kế toán trưởng ký trước khi thực hiện."
    ),
    "round": _("Chủ tài khoản quyết định chi học bổng, khen thưởng."),
    "release": _("Chủ tài khoản quyết định khi tiền được dùng khác mục đích đã nhận."),
    "adjustment": _("Chủ tài khoản biết mọi lần sổ được điều chỉnh."),
    "exception": _("Chủ tài khoản biết mọi việc làm khác quy định chung."),
}
"""Why the floor is what it is."""

DONE: Final[Mapping[str, Message]] = {
    "granted": _("Đã duyệt."),
    "denied": _("Đã từ chối. Người lập thấy lý do."),
    "withdrawn": _("Đã rút đề nghị."),
    "policy": _("Đã đặt quy định. Đề nghị lập từ bây giờ theo quy định này."),
}
