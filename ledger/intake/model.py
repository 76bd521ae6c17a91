"""A file as an object: the states it goes through, what its list has in common, and what is in the way of posting.

::

    uploaded → read → mapped ⇄ ready → posting → posted → reversed
        ↓↑       ↓       ↓        ↓
    unreadable   └───────┴────────┴──→ discarded

Reading and mapping may be done anew until posting. ``ready`` is a mapped file with nothing in the way: every fault is
mended or left out, the list has its day and place, and its sum is what was declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from ledger.errors import Fault, Value
from ledger.giving.model import GIFT_COUNT_MAX, Declared, Medium
from ledger.intake.container import Form

Kind = Literal["salary", "household", "contribution"]
State = Literal["uploaded", "unreadable", "read", "mapped", "ready", "posting", "posted", "reversed", "discarded"]

OPEN: Final = frozenset[State]({"read", "mapped", "ready"})
"""States in which a person may read it anew, map it, decide, and give its facts."""

CHANNELS: Final[Mapping[Kind, str]] = {"salary": "salary-day", "household": "household", "contribution": "donor-home"}
MEDIA: Final[Mapping[Kind, Medium]] = {"salary": "bank", "household": "cash", "contribution": "bank"}
"""What each kind of list is, unless its facts say otherwise."""

MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
}

NAME_LENGTH_MAX: Final = 200
REASON_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the whole list has in common: one entry, one voucher.

    ``declared_minor`` is what the wire brought, or what was counted before; a list that came by bank equals it to the
    đồng. ``paper_series`` is the series of the paper receipts whose numbers the list has.
    """

    received_on: date
    medium: Medium
    account: str
    fund: str
    channel: str
    campaign: str | None = None
    earmark: str | None = None
    description: str | None = None
    declared_minor: int | None = None
    declared_count: int | None = None
    difference_reason: str | None = None
    paper_series: str | None = None

    def declared(self, gift_count: int) -> Declared | None:
        """Return what was declared, of as many gifts as there are where nobody counted them."""
        if self.declared_minor is None:
            return None
        return Declared(count=self.declared_count or gift_count, total_minor=self.declared_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """An earlier file of the book that was posted, and how many rows it has in common with this one."""

    intake_id: UUID
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A list counted: gifts as they would be posted, and the rows that are none."""

    gift_count: int = 0
    total_minor: int = 0
    warning_count: int = 0
    fault_count: int = 0
    left_out_count: int = 0
    twin_count: int = 0
    total_rows: int = 0
    group_rows: int = 0
    footer_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A file, as it stands. ``overlaps`` are earlier files with the same rows, as far as the entry ``seen_seq``."""

    intake_id: UUID
    kind: Kind
    state: State
    version: int
    form: Form
    name: str
    document_id: UUID
    again_reason: str | None
    outline: Mapping[str, Any] | None
    mapping: Mapping[str, Any] | None
    facts: Facts | None
    overlaps: tuple[Overlap, ...]
    seen_seq: int
    problem: Mapping[str, Any] | None
    job_id: UUID | None
    uploaded_by: UUID
    changed_by: UUID
    uploaded_at: datetime
    changed_at: datetime


def obstacles(intake: Intake, tally: Tally) -> list[Fault]:
    """Return what is in the way of posting a mapped list, all of it that the list itself can tell."""
    found: list[Fault] = []
    if tally.fault_count:
        found.append(Fault(code="intake_rows_faulty", fields={"count": tally.fault_count}))
    if not 1 <= tally.gift_count <= GIFT_COUNT_MAX:
        fields: dict[str, Value] = {"count": tally.gift_count, "count_max": GIFT_COUNT_MAX}
        found.append(Fault(code="gift_count", fields=fields))
    if intake.facts is None:
        found.append(Fault(code="intake_facts_missing"))
        return found
    return [*found, *_declared_obstacles(intake.kind, intake.facts, tally)]


def _declared_obstacles(kind: Kind, facts: Facts, tally: Tally) -> list[Fault]:
    declared = facts.declared(tally.gift_count)
    if declared is None:
        # A salary day is one transfer: without its amount nothing says that the list is whole.
        return [Fault(code="intake_wire_missing", field="declared_minor")] if kind == "salary" else []
    if (declared.count, declared.total_minor) == (tally.gift_count, tally.total_minor):
        return []
    fields: dict[str, Value] = {
        "count": tally.gift_count,
        "declared_count": declared.count,
        "total_minor": tally.total_minor,
        "declared_minor": declared.total_minor,
        "difference_minor": tally.total_minor - declared.total_minor,
    }
    if facts.medium == "bank" and declared.total_minor != tally.total_minor:
        return [Fault(code="wire_differs", field="declared_minor", fields=fields)]
    if facts.difference_reason is None:
        return [Fault(code="declared_differs", field="declared_minor", fields=fields)]
    return []
