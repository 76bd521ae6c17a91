"""Amounts: integers in minor units, and what a rate makes of them. No float comes near."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

AMOUNT_MAX: Final = 2**53 - 1
"""The largest amount of a line, in minor units: what every JSON reader holds exactly (RFC 8785)."""

VND: Final = "VND"


RATE_DECIMALS_MAX: Final = 8
RATE_MAX: Final = 10**12
"""Rates lie below it: the database keeps twelve digits before the comma and eight behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Đồng for one unit of a foreign currency on a day, and who says so (Accounting Law Art. 10).

    ``source`` is a code such as ``SBV`` or ``VCB.2023-09-05``, not a sentence.
    """

    currency: str
    value: Decimal
    source: str


def value_at(amount_minor: int, rate: Rate, minor_digits: int) -> int:
    """Return what a foreign amount is worth in đồng, rounded half up (away from zero)."""
    worth, unit = _worth(amount_minor, rate, minor_digits)
    rounded = (2 * abs(worth) + unit) // (2 * unit)
    return rounded if worth >= 0 else -rounded


def is_worth(value_minor: int, amount_minor: int, rate: Rate, minor_digits: int) -> bool:
    """Tell whether a value in đồng is less than one đồng from a foreign amount's exact worth.

    The parts of a sum may be rounded either way, so that they still make up the sum.
    """
    worth, unit = _worth(amount_minor, rate, minor_digits)
    return abs(worth - value_minor * unit) < unit


def _worth(amount_minor: int, rate: Rate, minor_digits: int) -> tuple[int, int]:
    """Return the exact worth as a fraction: integers, because decimals would round what is longer than 28 digits."""
    numerator, denominator = rate.value.as_integer_ratio()
    return amount_minor * numerator, denominator * 10**minor_digits


def grouped(amount_minor: int) -> str:
    """Write an amount of đồng as the law wants it: ``.`` between thousands (Accounting Law Art. 11)."""
    return f"{amount_minor:,}".replace(",", ".")
