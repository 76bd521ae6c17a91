"""What waits in a book, as it goes out."""

from typing import Annotated

from pydantic import Field

from api.schemas.field import Out
from api.schemas.job import JobOut
from ledger.waiting import FAILED_DAYS

Count = Annotated[int | None, Field(description="null without the right to go on with it")]


class WaitingOut(Out):
    """How many things of each kind wait for somebody to go on with them."""

    pledges_due: Annotated[Count, Field(description="Open pledges that are due or overdue")]
    slips_missing: Annotated[
        Count, Field(description="Numbers missing from receipt blocks that came back after the last month was locked")
    ]
    goods_there: Annotated[Count, Field(description="Goods of which some are not handed over")]
    drafts_submitted: Annotated[Count, Field(description="Drafts that wait to be posted")]
    drafts_returned: Annotated[Count, Field(description="The caller's own drafts that were given back")]
    drafts_open: Annotated[Count, Field(description="The caller's own drafts that are being typed")]
    files_undecided: Annotated[Count, Field(description="Files whose columns or rows wait for a decision")]
    files_ready: Annotated[Count, Field(description="Files that wait to be posted")]
    jobs_running: Annotated[int, Field(description="Jobs that wait or run")]
    jobs_failed: Annotated[
        int, Field(description=f"Jobs that failed in the last {FAILED_DAYS} days and were not asked for again")
    ]


class JobsOut(Out):
    """Jobs, the newest first."""

    rows: list[JobOut]
