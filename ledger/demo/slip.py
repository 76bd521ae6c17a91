"""Books of paper receipts: one in use, and one that came back with slips used, void, missing and blank."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from ledger.demo.collecting import AnyStep, Gathered
from ledger.demo.office import Office
from ledger.giving.block import Holder, close_block, issue_block, void_slip
from ledger.giving.model import Gift, Paper

SERIES_IN_USE: Final = "MAU-A"
SERIES_RETURNED: Final = "MAU-B"

_SIZE_IN_USE: Final = 100
_SIZE_RETURNED: Final = 25
_SPOILT: Final = 7
_USED_MAX: Final = 15
_RETURNED_FROM: Final = 21
_SPOILT_BECAUSE: Final = "Viết sai tên, gạch bỏ (mẫu)"

_DRIVES: Final = {3: SERIES_IN_USE, 4: SERIES_RETURNED}
"""Which of a book's drives were collected with paper receipts; the first ones were typed twice."""


def use_slips(office: Office, steps: Sequence[AnyStep]) -> tuple[list[AnyStep], dict[str, UUID]]:
    """Issue the blocks and return the steps, some gifts of which now have the number of a slip; and the blocks."""
    sizes = {SERIES_IN_USE: _SIZE_IN_USE, SERIES_RETURNED: _SIZE_RETURNED}
    blocks = {series: _issue(office, series, size) for series, size in sizes.items()}
    return list(_numbered(steps)), blocks


def take_back(office: Office, blocks: dict[str, UUID]) -> None:
    """Void a slip of each block, and take back the one whose drive is over."""
    for block_id in blocks.values():
        void_slip(office.conn, office.book, block_id, _SPOILT, reason=_SPOILT_BECAUSE, actor=office.collector)
    returned = blocks[SERIES_RETURNED]
    close_block(office.conn, office.book, returned, returned_from=_RETURNED_FROM, actor=office.poster)


def _issue(office: Office, series: str, size: int) -> UUID:
    return issue_block(
        office.conn,
        office.book,
        series=series,
        first_number=1,
        last_number=size,
        holder=Holder(name=office.name_of("collector"), user_id=office.collector.principal_id),
        issued_on=office.year_on + timedelta(days=8),
        actor=office.poster,
    )


def _numbered(steps: Sequence[AnyStep]) -> Iterator[AnyStep]:
    drives = 0
    for step in steps:
        if not (isinstance(step, Gathered) and step.collection.source.kind == "drive"):
            yield step
            continue
        drives += 1
        series = _DRIVES.get(drives)
        if series is None:
            yield step
            continue
        count = len(step.collection.gifts) if series == SERIES_IN_USE else _USED_MAX
        gifts = (*_with_slips(step.collection.gifts[:count], series), *step.collection.gifts[count:])
        yield replace(step, collection=replace(step.collection, gifts=gifts))


def _with_slips(gifts: Sequence[Gift], series: str) -> Iterator[Gift]:
    numbers = (number for number in range(1, len(gifts) + 2) if number != _SPOILT)
    for gift, number in zip(gifts, numbers, strict=False):
        yield replace(gift, paper=Paper(series=series, number=number))
