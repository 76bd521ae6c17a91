"""Count what waits in a book for somebody to go on with it: promises, paper receipts, goods, drafts, files, jobs.

One statement; what somebody has no right to go on with is not counted for them. How much of a promise came is asked of
its own gifts (``giving/fulfilment.py``), for those that are due; all else is counted over whole tables at once.
A promise waits from the day it falls due. A slip that is missing from a book that came back waits until the month in
which it came back is locked: then it was answered for, and the book's page says it for ever. A job that failed waits
until it is asked for again, and not longer than ``FAILED_DAYS``.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from ledger.books.model import Actor, Book
from ledger.calendar import today
from ledger.giving.fulfilment import COME

FAILED_DAYS: Final = 7

# An aggregate has one row, so that they stand beside each other; a condition that is a parameter is asked once, before
# the table is.
_COUNT: Final = text(f"""\
SELECT pledge.due AS pledges_due, slip.missing AS slips_missing, goods.there AS goods_there,
    draft.submitted AS drafts_submitted, draft.returned AS drafts_returned, draft.open AS drafts_open,
    file.undecided AS files_undecided, file.ready AS files_ready, job.running AS jobs_running, job.failed AS jobs_failed
FROM (
    SELECT count(*) AS due
    FROM soquy.pledge AS p
    WHERE CAST(:keeps AS boolean) AND p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.due_on <= :on
        AND {COME} < coalesce(p.amount_minor, 1)
        AND NOT EXISTS (
            SELECT FROM soquy.pledge_cancellation AS x WHERE x.tenant_id = p.tenant_id AND x.pledge_id = p.pledge_id)
) AS pledge, (
    SELECT coalesce(sum(x.missing_count), 0) AS missing
    FROM soquy.receipt_block AS k
    JOIN soquy.block_closing AS x ON x.tenant_id = k.tenant_id AND x.block_id = k.block_id
    JOIN soquy.book_head AS h ON h.tenant_id = k.tenant_id AND h.book_id = k.book_id
    WHERE CAST(:keeps AS boolean) AND k.tenant_id = :tenant_id AND k.book_id = :book_id
        AND (h.locked_through IS NULL
            OR (x.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date > h.locked_through)
) AS slip, (
    SELECT count(*) AS there
    FROM soquy.goods AS g
    LEFT JOIN (
        SELECT o.goods_id, sum(o.quantity) AS quantity
        FROM soquy.goods_handover AS o
        WHERE o.tenant_id = :tenant_id AND o.book_id = :book_id
            AND NOT EXISTS (SELECT FROM soquy.goods_handover_undoing AS u
                WHERE u.tenant_id = o.tenant_id AND u.handover_event_id = o.event_id)
            AND NOT EXISTS (SELECT FROM soquy.entry AS r WHERE r.tenant_id = o.tenant_id AND r.book_id = o.book_id
                AND r.corrects_seq = o.seq AND r.kind = 'reversal')
        GROUP BY o.goods_id
    ) AS handed ON handed.goods_id = g.goods_id
    WHERE CAST(:hands_over AS boolean) AND g.tenant_id = :tenant_id AND g.book_id = :book_id
        AND coalesce(handed.quantity, 0) < g.quantity
        AND NOT EXISTS (
            SELECT FROM soquy.goods_withdrawal AS w WHERE w.tenant_id = g.tenant_id AND w.goods_id = g.goods_id)
        AND NOT EXISTS (SELECT FROM soquy.entry AS r WHERE r.tenant_id = g.tenant_id AND r.book_id = g.book_id
            AND r.corrects_seq = g.seq AND r.kind = 'reversal')
) AS goods, (
    SELECT count(*) FILTER (WHERE d.state = 'submitted') AS submitted,
        count(*) FILTER (WHERE d.state = 'open' AND d.drafted_by = :me AND d.return_reason IS NULL) AS open,
        count(*) FILTER (WHERE d.state = 'open' AND d.drafted_by = :me AND d.return_reason IS NOT NULL) AS returned
    FROM vault.draft AS d
    WHERE CAST(:collects AS boolean) AND d.tenant_id = :tenant_id AND d.book_id = :book_id
        AND d.state IN ('open', 'submitted')
) AS draft, (
    SELECT count(*) FILTER (WHERE i.state <> 'ready') AS undecided, count(*) FILTER (WHERE i.state = 'ready') AS ready
    FROM vault.intake AS i
    LEFT JOIN soquy.job AS j ON j.tenant_id = i.tenant_id AND j.job_id = i.job_id
    WHERE CAST(:sees_files AS boolean) AND i.tenant_id = :tenant_id AND i.book_id = :book_id
        AND (i.state IN ('unreadable', 'read', 'mapped', 'ready')
            OR i.state IN ('uploaded', 'posting') AND (j.state IS NULL OR j.state IN ('failed', 'cancelled')))
) AS file, (
    SELECT count(*) FILTER (WHERE j.state IN ('waiting', 'running')) AS running,
        count(*) FILTER (WHERE j.state = 'failed') AS failed
    FROM soquy.job AS j
    WHERE j.tenant_id = :tenant_id AND j.book_id = :book_id
        AND (CAST(:reads AS boolean) OR j.principal_id = :principal_id)
        AND (j.state IN ('waiting', 'running') OR j.state = 'failed'
            AND j.finished_at > now() - make_interval(days => :failed_days)
            AND NOT EXISTS (SELECT FROM soquy.job AS again
                WHERE again.tenant_id = j.tenant_id AND again.kind = j.kind AND again.subject = j.subject
                    AND again.created_at > j.created_at))
) AS job""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many of each wait; ``None`` is what somebody has no right to go on with.

    ``drafts_open`` and ``drafts_returned`` are one's own. ``files_undecided`` wait for a look at their columns or rows,
    or because reading or posting them came to nothing; ``files_ready`` for who posts.
    """

    pledges_due: int | None
    slips_missing: int | None
    goods_there: int | None
    drafts_submitted: int | None
    drafts_returned: int | None
    drafts_open: int | None
    files_undecided: int | None
    files_ready: int | None
    jobs_running: int
    jobs_failed: int


def count_waiting(conn: Connection, book: Book, *, rights: Collection[str], actor: Actor) -> Waiting:
    """Return what waits in a book for somebody who has these rights there. One statement."""
    held = frozenset(rights)
    keeps, hands_over = {"read", "people"} <= held, {"read", "post"} <= held
    collects, sees_files, posts = "collect" in held, "people" in held, "post" in held
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "on": today(),
        "me": actor.public_id,
        "principal_id": actor.principal_id,
        "failed_days": FAILED_DAYS,
        "keeps": keeps,
        "hands_over": hands_over,
        "collects": collects,
        "sees_files": sees_files,
        "reads": "read" in held,
    }
    found = conn.execute(_COUNT, asked).one()
    return Waiting(
        pledges_due=found.pledges_due if keeps else None,
        slips_missing=int(found.slips_missing) if keeps else None,
        goods_there=found.goods_there if hands_over else None,
        drafts_submitted=found.drafts_submitted if collects and posts else None,
        drafts_returned=found.drafts_returned if collects else None,
        drafts_open=found.drafts_open if collects else None,
        files_undecided=found.files_undecided if sees_files else None,
        files_ready=found.files_ready if sees_files and posts else None,
        jobs_running=found.jobs_running,
        jobs_failed=found.jobs_failed,
    )
