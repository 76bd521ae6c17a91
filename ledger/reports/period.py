"""The days a report is about, from the first to the last of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from ledger.calendar import month_end, month_start
from ledger.errors import LedgerError

DAY_MIN: Final = date(1900, 1, 1)
DAY_MAX: Final = date(2999, 12, 31)
SPAN_MAX: Final = timedelta(days=100 * 366)


class PeriodRefused(LedgerError):
    """It ends before it begins, or leaves the days that books know."""

    code = "period_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A first and a last day, both included.

    Raises:
        PeriodRefused: ``to_on`` before ``from_on``, or one of them outside 1900 to 2999.
    """

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        if not DAY_MIN <= self.from_on <= self.to_on <= DAY_MAX or self.to_on - self.from_on > SPAN_MAX:
            raise PeriodRefused(from_on=str(self.from_on), to_on=str(self.to_on))

    @classmethod
    def of_year(cls, year: int) -> Self:
        """Return a fiscal year, which is the calendar year (Circular 24/2024 Art. 9)."""
        return cls(from_on=date(year, 1, 1), to_on=date(year, 12, 31))

    def parameters(self) -> dict[str, object]:
        """Return the two days as the parameters of a query."""
        return {"from_on": self.from_on, "to_on": self.to_on}

    def cut_parameters(self) -> dict[str, object]:
        """Cut into the days before the first whole month, the whole months, and the days after them.

        A part that is not there ends before it begins.
        """
        day = timedelta(days=1)
        months_on = self.from_on if self.from_on == month_start(self.from_on) else month_end(self.from_on) + day
        after_on = self.to_on + day if self.to_on == month_end(self.to_on) else month_start(self.to_on)
        if after_on < months_on:  # inside one month
            months_on = after_on = self.to_on + day
        return {
            "head_from_on": self.from_on,
            "head_to_on": months_on - day,
            "months_from_on": months_on,
            "months_to_on": after_on - day,
            "tail_from_on": after_on,
            "tail_to_on": self.to_on,
        }
