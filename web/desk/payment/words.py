"""What pages of payments call things."""

from collections.abc import Mapping
from typing import Final

from ledger.proposals.model import State
from web.translation import Message, _

STATES: Final[Mapping[State, tuple[Message, str]]] = {
    "asked": (_("Đang chờ duyệt"), "info"),
    "approved": (_("Đã duyệt, chờ chi"), "warn"),
    "denied": (_("Bị từ chối"), "bad"),
    "withdrawn": (_("Đã rút đề nghị"), "plain"),
    "expired": (_("Quá hạn duyệt"), "warn"),
    "executed": (_("Đã chi"), "good"),
    "void": (_("Đã hủy phiếu"), "plain"),
}
"""How each is called, and its colour."""

DONE: Final[Mapping[str, Message]] = {
    "proposed": _("Đã lập phiếu và đề nghị duyệt."),
    "paid": _("Đã ghi khoản chi vào sổ."),
    "asked": _("Đã đề nghị duyệt lại."),
    "void": _("Đã hủy phiếu. Số phiếu không dùng lại."),
}
