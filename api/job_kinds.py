"""The kinds of job that this program's workers know; a job of another kind waits for a program that does."""

from typing import Final

from ledger.intake.work import post_intake, read_intake
from ledger.jobs.work import JobKind
from ledger.papers.batch import print_receipts

KINDS: Final[tuple[JobKind, ...]] = (print_receipts, read_intake, post_intake)
"""Each is made by ``ledger.jobs.work.job_kind`` beside what it works on."""
