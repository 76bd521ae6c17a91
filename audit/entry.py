"""Read what an entry's leaf does to the books, from the public leaf alone.

The payload is laid out in ``ledger/books/leaf.py``; what is repeated of it here is what a stranger has to know::

    {"kind":    "opening" | "ordinary" | "adjustment" | "reversal",
     "lines":   [[account, fund, value_minor], [account, fund, value_minor, {more}], …],
     "rate":    null | [currency, decimal, source],
     "voucher": null | [kind, fiscal_year, number]}

``value_minor`` is in đồng, debit positive; a line of another currency has it and its amount in ``more``. In every fund
and currency an entry's values add up to nothing, and so do its amounts.
"""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

from audit.balances import Sums
from audit.finding import Tampered, leaf_place
from audit.jcs import INTEGER_MAX

KINDS: Final = ("opening", "ordinary", "adjustment", "reversal")
CORRECTING: Final = frozenset({"adjustment", "reversal"})
VOUCHER_EVENTS: Final = frozenset({"voucher.issued", "voucher.voided"})
LINE_COUNT_MIN: Final = 2
LINE_COUNT_MAX: Final = 200

_VND: Final = "VND"
_TODAY_AHEAD: Final = timedelta(hours=7)
"""An entry may have the day that it is in Việt Nam when it is recorded."""


class Event(NamedTuple):
    """What the order of a log's leaves is checked by; a plain tuple, for a million of them cross to another process."""

    leaf_index: int
    type: str
    event_id: str
    association: str | None
    book_seq: int | None
    voucher: tuple[str, int, int] | None
    corrects: str | None
    kind: str | None
    lines: bytes | None
    """A digest of an entry's lines."""
    mirror: bytes | None
    """For a reversal: the digest that the lines of the entry it reverses must have."""


class PayloadMalformed(Exception):
    """``what`` names the part of the leaf that is not laid out as it has to be."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def read_event(index: int, members: dict[str, Any], sums: Sums) -> Event:
    """Return what a leaf says, and add an entry's lines to the sums.

    Raises:
        Tampered: no entry could be laid out so, or it is not balanced.
    """
    type_ = members["type"]
    try:
        if type_ == "entry":
            return _entry(index, members, sums)
        voucher = _voucher(members["payload"].get("voucher")) if type_ in VOUCHER_EVENTS else None
    except PayloadMalformed as fault:
        raise Tampered("leaf_payload", leaf_place(index), event=members["event_id"], what=fault.what) from None
    return Event(
        index,
        type_,
        members["event_id"],
        members["association"],
        members["book_seq"],
        voucher,
        members.get("corrects"),
        None,
        None,
        None,
    )


def _entry(index: int, members: dict[str, Any], sums: Sums) -> Event:
    payload = members["payload"]
    kind, lines, corrects = payload.get("kind"), payload.get("lines"), members.get("corrects")
    association, entry_on = members["association"], members["entry_on"]
    if association is None or members["book_seq"] is None or entry_on is None:
        raise PayloadMalformed("association, book_seq, entry_on")
    if kind not in KINDS or (kind in CORRECTING) != (corrects is not None):
        raise PayloadMalformed("kind, corrects")
    if type(lines) is not list or not LINE_COUNT_MIN <= len(lines) <= LINE_COUNT_MAX:
        raise PayloadMalformed("lines")
    _add_lines(index, members["event_id"], association, lines, sums)
    if _is_ahead(entry_on, members["recorded_at"]):
        raise Tampered("entry_in_future", leaf_place(index), event=members["event_id"], entry_on=entry_on)
    return Event(
        index,
        "entry",
        members["event_id"],
        association,
        members["book_seq"],
        _voucher(payload.get("voucher")),
        corrects,
        kind,
        lines_digest(lines),
        lines_digest(mirrored(lines)) if kind == "reversal" else None,
    )


def _add_lines(index: int, event_id: str, association: str, lines: list[Any], sums: Sums) -> None:
    """Check that an entry's lines are balanced and add them, all or none."""
    balance: dict[tuple[str, str], list[int]] = {}
    moved: list[tuple[str, str, int]] = []
    for line in lines:
        account, fund, value, currency, amount = _line(line)
        held = balance.get((fund, currency))
        if held is None:
            balance[fund, currency] = [value, amount]
        else:
            held[0] += value
            held[1] += amount
        moved.append((account, fund, value))
    for (fund, currency), (value, amount) in balance.items():
        if value or amount:
            difference = value or amount
            raise Tampered(
                "entry_unbalanced",
                leaf_place(index),
                event=event_id,
                fund=fund,
                currency=currency,
                difference_minor=difference,
            )
    for account, fund, value in moved:
        place = (association, account, fund)
        total = sums.get(place)
        if total is None:
            sums[place] = total = [0, 0]
        if value > 0:
            total[0] += value
        else:
            total[1] -= value


def _line(line: Any) -> tuple[str, str, int, str, int]:  # noqa: ANN401 - the JSON of somebody else
    if type(line) is not list or not 3 <= len(line) <= 4:  # noqa: PLR2004 - account, fund, value and more
        raise PayloadMalformed("lines")
    account, fund, value = line[:3]
    if type(account) is not str or type(fund) is not str or type(value) is not int or not value:
        raise PayloadMalformed("lines")
    if len(line) == 3:  # noqa: PLR2004 - without more
        return account, fund, value, _VND, value
    more = line[3]
    if type(more) is not dict or ("currency" in more) != ("amount_minor" in more):
        raise PayloadMalformed("lines")
    currency, amount = more.get("currency", _VND), more.get("amount_minor", value)
    if type(currency) is not str or type(amount) is not int or not amount or (amount > 0) != (value > 0):
        raise PayloadMalformed("lines")
    return account, fund, value, currency, amount


def _voucher(value: Any) -> tuple[str, int, int] | None:  # noqa: ANN401 - as _line
    if value is None:
        return None
    if type(value) is list and [type(part) for part in value] == [str, int, int] and 1 <= value[2] <= INTEGER_MAX:
        return (value[0], value[1], value[2])
    raise PayloadMalformed("voucher")


def _is_ahead(entry_on: str, recorded_at: str) -> bool:
    # Text first: days are written so that they compare as text, and almost all are long past.
    if entry_on <= recorded_at[:10]:
        return False
    try:
        today = (datetime.fromisoformat(recorded_at) + _TODAY_AHEAD).date()
    except OverflowError:
        return False
    return date.fromisoformat(entry_on) > today


def lines_digest(lines: list[Any]) -> bytes:
    """Return what two lists of lines have in common only if they are the same: 16 bytes."""
    # Members are sorted in a canonical leaf, and there is no float: equal lines have one repr.
    return sha256(repr(lines).encode()).digest()[:16]


def mirrored(lines: list[Any]) -> list[Any]:
    """Return the lines with every number turned round, which is what a reversal has."""
    turned: list[Any] = []
    for account, fund, value, *rest in lines:
        more = [{name: -each if type(each) is int else each for name, each in members.items()} for members in rest]
        turned.append([account, fund, -value, *more])
    return turned
