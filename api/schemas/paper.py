"""Papers of an entry: which there are, and which were printed."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.field import EntryId, Out


class PaperOut(Out):
    """A paper that an entry has."""

    kind: Annotated[
        Literal["voucher", "list", "receipts"],
        Field(description="The voucher, the list of gifts, or the givers' receipts, two on a sheet"),
    ]
    first_line: Annotated[int, Field(description="The first gift on it; pass it as `line`")]
    last_line: int
    printed_at: Annotated[datetime | None, Field(description="When it was printed first")]


class PapersOut(Out):
    """The papers of an entry, in the order they are filed."""

    entry_id: EntryId
    gift_count: int
    rows: list[PaperOut]
