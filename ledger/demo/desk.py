"""What waits on a demo's desks: drafts of every state, which somebody began today; nothing of it is posted."""

from typing import Final

from ledger.calendar import today
from ledger.demo import name
from ledger.demo.dice import dice
from ledger.demo.drafts import BANK, CASH
from ledger.demo.office import Office
from ledger.demo.scenario import GENERAL, OPEN_CAMPAIGN
from ledger.giving.draft import discard_draft, return_draft, start_draft, submit_draft
from ledger.giving.draft_body import Body

_AMOUNTS: Final = ("200.000", "200.000", "100.000", "500.000", "150.000", "200.000", "300.000", "100.000")
_TOTAL: Final = "1.750.000"
_RETURNED_BECAUSE: Final = "Chưa ghi xóm của từng hộ; bổ sung rồi gửi lại"


def leave_drafts(office: Office) -> None:
    """Leave a drive half typed, one submitted, one returned with a reason, a gift not finished, and one thrown away."""
    conn, book, collector = office.conn, office.book, office.collector
    start_draft(conn, book, "drive", _drive(office, 1, typed=5), actor=collector)
    submitted = start_draft(conn, book, "drive", _drive(office, 2), actor=collector)
    submit_draft(conn, book, submitted, version=1, actor=collector)
    returned = start_draft(conn, book, "drive", _drive(office, 3, has_detail=False), actor=collector)
    version = submit_draft(conn, book, returned, version=1, actor=collector)
    return_draft(conn, book, returned, version=version, reason=_RETURNED_BECAUSE, actor=office.poster)
    accountant = office.users.get("accountant", office.poster)
    start_draft(conn, book, "contribution", _gift(office, "5 triệu"), actor=accountant)
    discarded = start_draft(conn, book, "contribution", _gift(office, "700.000"), actor=collector)
    discard_draft(conn, book, discarded, version=1, actor=collector)


def _drive(office: Office, number: int, *, typed: int = len(_AMOUNTS), has_detail: bool = True) -> Body:
    chance = dice(office.plan.seed, office.unit.code, "drive", number)
    lines = [
        {
            "donor": name.household(chance, place),
            "detail": name.chapter(number) if has_detail else None,
            "amount": amount,
            "wish": "named",
        }
        for place, amount in enumerate(_AMOUNTS[:typed], start=1)
    ]
    declared = {"declared_count": str(len(_AMOUNTS)), "declared_total": _TOTAL}
    return {**_facts(CASH, "household"), "medium": "cash", **declared, "lines": lines}


def _gift(office: Office, amount: str) -> Body:
    giver = name.business(dice(office.plan.seed, office.unit.code, "gift", amount), 77)
    return {
        **_facts(BANK, "business"),
        "medium": "bank",
        "lines": [{"donor": giver, "amount": amount, "wish": "named"}],
    }


def _facts(account: str, channel: str) -> dict[str, str]:
    day = today()
    return {
        "received_on": f"{day.day}/{day.month}/{day.year}",
        "account": account,
        "fund": GENERAL,
        "channel": channel,
        "campaign": OPEN_CAMPAIGN,
    }
