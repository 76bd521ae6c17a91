"""How a book stands at the moment: its money, its funds, its locked months, what it recorded last."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from ledger.books.model import Book
from ledger.calendar import month_end, month_start, today
from ledger.reports.balance import balances
from web import figures

ENTRY_COUNT: Final = 8

_LOCKED: Final = text("""\
SELECT h.locked_through, b.opened_on
FROM soquy.book_head AS h
JOIN soquy.book AS b USING (tenant_id, book_id)
WHERE h.tenant_id = :tenant_id AND h.book_id = :book_id""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an account or a fund holds."""

    code: str
    names: tuple[str, str | None]
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A book on a day; ``open_months`` are those that have ended and are not locked."""

    on: date
    cash: tuple[Held, ...]
    bank: tuple[Held, ...]
    funds: tuple[Held, ...]
    locked_through: date | None
    open_months: int
    entries: tuple[figures.EntryRow, ...]

    @property
    def cash_minor(self) -> int:
        """All that is in the till."""
        return sum(each.amount_minor for each in self.cash)

    @property
    def bank_minor(self) -> int:
        """All that is in the bank."""
        return sum(each.amount_minor for each in self.bank)

    @property
    def funds_minor(self) -> int:
        """What all funds have."""
        return sum(each.amount_minor for each in self.funds)


def find_standing(conn: Connection, book: Book) -> Standing:
    """Return how a book stands today. Four queries."""
    on = today()
    found = balances(conn, book, as_of=on)
    names = figures.code_names(conn, book)
    locked = conn.execute(_LOCKED, {"tenant_id": book.tenant_id, "book_id": book.book_id}).one()
    return Standing(
        on=on,
        cash=_held(((each.account, each.balance_minor) for each in found if each.role == "cash"), names["account"]),
        bank=_held(((each.account, each.balance_minor) for each in found if each.role == "bank"), names["account"]),
        funds=_held(((each.fund, -each.balance_minor) for each in found if each.role == "fund"), names["fund"]),
        locked_through=locked.locked_through,
        open_months=_months_between(locked.locked_through or locked.opened_on, on),
        entries=figures.latest_entries(conn, book, count=ENTRY_COUNT),
    )


def _held(amounts: Iterable[tuple[str, int]], names: dict[str, tuple[str, str | None]]) -> tuple[Held, ...]:
    sums: defaultdict[str, int] = defaultdict(int)
    for code, amount_minor in amounts:
        sums[code] += amount_minor
    return tuple(Held(code=code, names=names[code], amount_minor=amount) for code, amount in sorted(sums.items()))


def _months_between(locked_through: date, on: date) -> int:
    """Count the months after a locked one, or from a book's first day, that ended before a day."""
    first = month_start(locked_through)
    if locked_through == month_end(locked_through):
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return max(0, (on.year - first.year) * 12 + on.month - first.month)
