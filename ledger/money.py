"""Amounts: integers in minor units, and what a rate makes of them. No float comes near."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

AMOUNT_MAX: Final = 2**53 - 1
"""The largest amount of a line, in minor units: what every JSON reader holds exactly (RFC 8785)."""

VND: Final = "VND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Đồng for one unit of a foreign currency on a day, and who says so (Accounting Law Art. 10).

    ``source`` is a code such as ``SBV`` or ``VCB.2023-09-05``, not a sentence.
    """

    currency: str
    value: Decimal
    source: str


def value_at(amount_minor: int, rate: Rate, minor_digits: int) -> int:
    """Return what a foreign amount is worth in đồng, rounded half up."""
    return int((Decimal(amount_minor) * rate.value).scaleb(-minor_digits).quantize(Decimal(1), ROUND_HALF_UP))


def grouped(amount_minor: int) -> str:
    """Write an amount of đồng as the law wants it: ``.`` between thousands (Accounting Law Art. 11)."""
    return f"{amount_minor:,}".replace(",", ".")
