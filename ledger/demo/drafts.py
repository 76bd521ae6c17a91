"""Turn what was planned into entries with vouchers, accounts and funds, day by day."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from ledger.books.model import EntryDraft, Line
from ledger.demo.movement import Movement
from ledger.demo.plan import BookPlan
from ledger.demo.scenario import EARMARKED, EQUIPMENT, GENERAL, GOODS, TET
from ledger.demo.treasury import CashMove, Opening

CASH: Final = "1111"
BANK: Final = "1121A"

BALANCE_ACCOUNTS: Final = {GENERAL: "35381", EARMARKED: "35382", TET: "35383", EQUIPMENT: "35384", GOODS: "35385"}

_PLACES: Final = {
    # medium: account, voucher for what comes in, voucher for what goes out
    "cash": (CASH, "PT", "PC"),
    "bank": (BANK, "BC", "BN"),
    "goods": ("152", "KT", "KT"),
    "usd": ("1122USD", "BC", "BN"),
}

_RECEIVED: Final = {
    "salary-day": "Tiếp nhận ủng hộ một ngày lương của cơ quan, đơn vị",
    "household": "Thu ủng hộ của các hộ gia đình trong chi hội",
    "business": "Tiếp nhận tài trợ của doanh nghiệp",
    "organisation": "Tiếp nhận ủng hộ của cơ quan, tổ chức",
    "donor-home": "Tiếp nhận ủng hộ của nhà hảo tâm",
    "donor-abroad": "Tiếp nhận tài trợ của nhà hảo tâm ở nước ngoài",
    "membership": "Thu hội phí của chi hội",
    "interest": "Lãi tiền gửi ngân hàng",
    "goods": "Tiếp nhận sách vở, đồ dùng học tập",
}

_SPENT: Final = {
    "HB": "Trao học bổng",
    "KT": "Chi khen thưởng",
    "TET": "Trao quà Tết cho học sinh nghèo",
    "TC": "Chi trợ cấp học sinh có hoàn cảnh khó khăn",
    "QT": "Tặng quà, sách vở, đồ dùng học tập",
    "NL": "Chi khuyến khích người lớn học tập",
    "TB": "Mua thiết bị cho trường học",
}


def planned_id(on: date, *named: object) -> UUID:
    """Return a UUIDv7 that is the same whenever the same is built: its time the day, the rest from what is named."""
    milliseconds = int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp() * 1_000)
    drawn = int.from_bytes(hashlib.sha256("/".join(map(str, named)).encode()).digest()[:10], "big")
    low = drawn & (1 << 62) - 1
    high = drawn >> 62 & (1 << 12) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def book_drafts(book: BookPlan, opens_on: date, *named: object) -> list[EntryDraft]:
    """Return all entries of a book in the order of their days: opening, then as it was planned."""
    drafts = [_opening_draft(book.openings, opens_on), *_ordinary_drafts(book)]
    drafts.sort(key=lambda draft: draft.entry_on)
    return [
        replace(draft, entry_id=planned_id(draft.entry_on, *named, book.unit.code, index))
        for index, draft in enumerate(drafts)
    ]


def _ordinary_drafts(book: BookPlan) -> Iterator[EntryDraft]:
    yield from map(_movement_draft, book.movements)
    yield from map(_cash_draft, book.cash_moves)


def _opening_draft(openings: tuple[Opening, ...], on: date) -> EntryDraft:
    lines: list[Line] = []
    for opening in openings:
        held = ((CASH, opening.cash_minor), (BANK, opening.bank_minor), ("152", opening.goods_minor))
        lines += [Line(account=account, fund=opening.fund, value_minor=value) for account, value in held if value]
        if opening.value_minor:
            account = BALANCE_ACCOUNTS[opening.fund]
            lines.append(Line(account=account, fund=opening.fund, value_minor=-opening.value_minor))
    return EntryDraft(entry_on=on, kind="opening", voucher=None, lines=tuple(lines), description="Số dư đầu kỳ (mẫu)")


def _movement_draft(movement: Movement) -> EntryDraft:
    account, voucher_in, voucher_out = _PLACES[movement.medium]
    comes_in = movement.value_minor > 0
    currency = "VND" if movement.rate is None else movement.rate.currency
    place = Line(
        account=account,
        fund=movement.fund,
        value_minor=movement.value_minor,
        currency=currency,
        amount_minor=movement.amount_minor,
    )
    balance = Line(
        account=BALANCE_ACCOUNTS[movement.fund],
        fund=movement.fund,
        value_minor=-movement.value_minor,
        currency=currency,
        amount_minor=None if movement.amount_minor is None else -movement.amount_minor,
        channel=movement.channel,
        campaign=movement.campaign,
        program=movement.program,
        quantity=movement.quantity,
    )
    return EntryDraft(
        entry_on=movement.on,
        voucher=voucher_in if comes_in else voucher_out,
        lines=(place, balance) if comes_in else (balance, place),
        description=_RECEIVED[movement.channel] if movement.channel else _SPENT[movement.program or ""],
        rate=movement.rate,
    )


def _cash_draft(move: CashMove) -> EntryDraft:
    cash = Line(account=CASH, fund=move.fund, value_minor=move.value_minor)
    bank = Line(account=BANK, fund=move.fund, value_minor=-move.value_minor)
    if move.value_minor > 0:
        text = "Rút tiền gửi ngân hàng về nhập quỹ"
        return EntryDraft(entry_on=move.on, voucher="PT", lines=(cash, bank), description=text)
    return EntryDraft(
        entry_on=move.on, voucher="PC", lines=(bank, cash), description="Nộp tiền mặt vào tài khoản ngân hàng"
    )
