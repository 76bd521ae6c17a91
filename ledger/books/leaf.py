"""The leaf of an entry: what of it the public log carries.

The payload (``audit/canonical.py`` defines the rest of the leaf)::

    {"kind":    "opening" | "ordinary" | "adjustment" | "reversal",
     "lines":   [[account, fund, value_minor], [account, fund, value_minor, {more}], …],   line 1 first
     "rate":    null | [currency, decimal, source],
     "voucher": null | [kind, fiscal_year, number]}

``more`` holds, where the line has them, ``channel``, ``campaign``, ``program``, ``quantity`` and, for a foreign line,
``currency`` and ``amount_minor``. Trial balances replay from these lines alone. The description is typed by a person,
so the leaf has only a commitment to it, as it has to who posted.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ledger.books.model import EntryDraft, Line, VoucherNumber
from ledger.money import VND, Rate


def entry_payload(draft: EntryDraft, voucher: VoucherNumber | None) -> dict[str, Any]:
    """Return the payload of an entry's leaf."""
    return {
        "kind": draft.kind,
        "lines": [_line(line) for line in draft.lines],
        "rate": None if draft.rate is None else _rate(draft.rate),
        "voucher": None if voucher is None else [voucher.kind, voucher.fiscal_year, voucher.number],
    }


def _rate(rate: Rate) -> list[str]:
    return [rate.currency, decimal_text(rate), rate.source]


def decimal_text(rate: Rate) -> str:
    """Write a rate without exponent and without zeros at its end: one spelling of one number."""
    text = f"{rate.value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _line(line: Line) -> list[Any]:
    more: dict[str, str | int] = {}
    if line.channel is not None:
        more["channel"] = line.channel
    if line.campaign is not None:
        more["campaign"] = line.campaign
    if line.program is not None:
        more["program"] = line.program
    if line.quantity is not None:
        more["quantity"] = line.quantity
    if line.currency != VND:
        more["currency"] = line.currency
        more["amount_minor"] = line.own_minor
    base: list[Any] = [line.account, line.fund, line.value_minor]
    return [*base, more] if more else base


def read_lines(spelled: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    """Return the lines that a payload spells."""
    return tuple(
        Line(account=account, fund=fund, value_minor=value_minor, **(more[0] if more else {}))
        for account, fund, value_minor, *more in spelled
    )


def read_rate(spelled: Sequence[str] | None) -> Rate | None:
    """Return the rate that a payload spells."""
    return None if spelled is None else Rate(currency=spelled[0], value=Decimal(spelled[1]), source=spelled[2])
