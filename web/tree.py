"""The associations below one: each with all that is below it added up."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from ledger.people.order import sort_key
from ledger.reports.fund_statement import FundTotals
from ledger.reports.overview import AssociationShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """An association in a list; ``totals`` include the ``below`` associations under it."""

    association_id: UUID
    level: str
    name_vi: str
    name_en: str | None
    is_sample: bool
    below: int
    totals: FundTotals


SORTS: Final[dict[str, Callable[[Branch], Any]]] = {
    "name": lambda branch: sort_key(branch.name_vi),
    "opening": lambda branch: -branch.totals.opening_minor,
    "received": lambda branch: -branch.totals.received_minor,
    "used": lambda branch: -branch.totals.used_minor,
    "closing": lambda branch: -branch.totals.closing_minor,
}
"""Names from the first letter on, amounts from the largest down."""


def branches(shares: Sequence[AssociationShare], top_id: UUID, *, sort: str) -> tuple[Branch, ...]:
    """Return what stands directly below an association."""
    children: defaultdict[UUID | None, list[AssociationShare]] = defaultdict(list)
    for share in shares:
        children[share.parent_id].append(share)
    found = [_branch(share, _subtree(share, children)) for share in children[top_id]]
    return tuple(sorted(found, key=SORTS[sort]))


def leaves(shares: Sequence[AssociationShare], level: str, *, sort: str) -> tuple[Branch, ...]:
    """Return every association of a level, each by itself."""
    return tuple(sorted((_branch(share, [share]) for share in shares if share.level == level), key=SORTS[sort]))


def _subtree(
    share: AssociationShare, children: defaultdict[UUID | None, list[AssociationShare]]
) -> list[AssociationShare]:
    found = [share]
    for each in found:
        found += children[each.association_id]
    return found


def _branch(share: AssociationShare, within: Sequence[AssociationShare]) -> Branch:
    return Branch(
        association_id=share.association_id,
        level=share.level,
        name_vi=share.name_vi,
        name_en=share.name_en,
        is_sample=share.is_sample,
        below=len(within) - 1,
        totals=FundTotals(
            **{name: sum(getattr(each.totals, name) for each in within) for name in FundTotals.__dataclass_fields__}
        ),
    )
