"""Make what tests of giving start from: gifts, collections, and what is asked of them."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from ledger.giving.model import Collection, Gift

MARCH: Final = date(2024, 3, 5)


def gift(donor: str | None = "Nguyễn Văn Mẫu", amount_minor: int = 100_000, **more: Any) -> Gift:
    """Make a gift of somebody who is obviously a sample."""
    return Gift(donor=donor, amount_minor=amount_minor, **more)


def collection(*gifts: Gift, **more: Any) -> Collection:
    """Make a household collection in cash for the general fund; one gift, unless told."""
    made = Collection(
        received_on=MARCH,
        medium="cash",
        account="1111",
        fund="QC",
        channel="household",
        gifts=gifts or (gift(),),
    )
    return replace(made, **more)


def gifts_of(*amounts_minor: int) -> tuple[Gift, ...]:
    """Make a list of gifts of these amounts."""
    return tuple(gift(f"Trần Thị Thử {index}", amount) for index, amount in enumerate(amounts_minor, start=1))
