"""What a row of a list was understood as, and what was found about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger.errors import LedgerError, Value
from ledger.intake.header import SINGLE, Role
from ledger.intake.layout import Unit
from ledger.intake.legacy import Legacy
from ledger.typed import Mark

Verdict = Literal["ok", "warning", "fault", "total", "group", "footer"]

GIFTS: Final = frozenset[Verdict]({"ok", "warning"})
"""What will be posted; a fault may only be mended or left out, and the others are no gifts."""

NAME_LENGTH_MAX: Final = 200
DETAIL_LENGTH_MAX: Final = 300
PAPER_NUMBER_LENGTH_MAX: Final = 40

_WARNINGS: Final = frozenset(
    {"legacy_unsure", "formula_like", "total_differs", "total_unreadable", "wish_unclear", "day_differs"}
)


class CellRefused(LedgerError):
    """A cell that holds something else than it should; ``reason`` says what it holds."""

    code = "cell_refused"


class MappingRefused(LedgerError):
    """Columns that make no list; ``reason`` is the first thing wrong, ``reasons`` all of it."""

    code = "intake_mapping_refused"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(reason=reasons[0], reasons=",".join(reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMapping:
    """How a list is to be read, as a person confirmed it: what each column is for, from which row on, and how.

    ``first_row`` counts from 0. ``legacy`` says which columns are in an old table; nothing else is converted.
    """

    first_row: int
    roles: tuple[Role, ...]
    thousands: Mark | None = None
    unit: Unit = 1
    legacy: Mapping[int, Legacy] = field(default_factory=dict)

    def check(self, row_count: int, mixed: Collection[int] = ()) -> None:
        """Refuse what makes no list; ``mixed`` are the columns whose amounts contradict each other in their marks.

        Raises:
            MappingRefused: reasons are amount_missing, name_missing, ROLE_twice, first_row and thousands_undecided.
        """
        reasons = [f"{role}_twice" for role in sorted(SINGLE) if self.roles.count(role) > 1]
        if "amount" not in self.roles:
            reasons.append("amount_missing")
        if not {"name", "surname"} & set(self.roles):
            reasons.append("name_missing")
        if not 0 <= self.first_row < row_count:
            reasons.append("first_row")
        if self.thousands is None and any(self.roles[index] == "amount" for index in mixed if index < len(self.roles)):
            reasons.append("thousands_undecided")
        if reasons:
            raise MappingRefused(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a row: a code, in which column it stands, and what its text needs; never what was typed."""

    code: str
    column: int
    fields: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Tell whether the row cannot be posted with it."""
        return self.code not in _WARNINGS


@dataclass(slots=True, kw_only=True)
class Line:
    """A row of the file as it was understood; ``row`` is the number that a spreadsheet shows beside it.

    ``digest`` is the same for the same name, detail and amount: twins have it in common, and so have a file and the
    same file in another order.
    """

    row: int
    verdict: Verdict
    name: str = ""
    detail: str = ""
    amount_minor: int | None = None
    paper_number: str | None = None
    is_anonymous: bool = False
    findings: Sequence[Finding] = ()
    digest: bytes = b""
