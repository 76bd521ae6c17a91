"""Leaving a job off while it ends: whatever comes first, it is done with its work or cancelled without it."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from audit.jcs import Json
from ledger.books.chart import open_campaign
from ledger.jobs.work import Job
from ledger.tenancy import set_tenant
from tests.integration.jobs.conftest import Yard


def _campaign(conn: sa.Connection, job: Job, code: str) -> Mapping[str, Json]:
    open_campaign(conn, job.book, campaign=code, name_vi="Đợt", opened_on=date(2024, 1, 1), actor=job.actor)
    return {"campaign": code}


def _campaigns(yard: Yard) -> set[str]:
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        return set(conn.execute(sa.text("SELECT campaign FROM soquy.campaign")).scalars())


def test_who_cancels_while_the_last_step_commits_finds_it_done(yard: Yard) -> None:
    """It is asked for before the commit and heard after it: what was done whole stays done."""
    ending = threading.Event()
    asked = threading.Event()

    def work(job: Job) -> None:
        def last(conn: sa.Connection) -> Mapping[str, Json]:
            result = _campaign(conn, job, "DOT1")
            ending.set()
            assert asked.wait(30)
            return result

        job.finish(last)

    job_id = yard.enqueue("test.thing")
    with ThreadPoolExecutor(2) as pool:
        done = pool.submit(yard.worker(work).work_one)
        assert ending.wait(30)
        status = yard.cancel(job_id)
        assert (status.state, status.is_cancelling) == ("running", True)
        asked.set()
        assert done.result(30)
    status = yard.status(job_id)
    assert (status.state, status.result) == ("done", {"campaign": "DOT1"})
    assert _campaigns(yard) == {"DOT1"}
    assert yard.cancel(job_id).state == "done"


@pytest.mark.parametrize("steps", [1, 3])
def test_a_race_between_cancel_and_finish_leaves_all_or_nothing(yard: Yard, steps: int) -> None:
    """Each step is whole; a job that was left off has the steps before, and never the result of its last."""
    for turn in range(12):
        barrier = threading.Barrier(2)

        def work(job: Job, turn: int = turn, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(30)
            for step in range(1, steps):
                job.write(lambda conn, step=step: _campaign(conn, job, f"D{turn}-{step}"))  # type: ignore[misc]
                job.progress(step, step)
            job.finish(lambda conn: _campaign(conn, job, f"D{turn}-{steps}"))

        job_id = yard.enqueue("test.thing", subject=f"turn-{turn}")

        def cancel(job_id: object = job_id, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(30)
            yard.cancel(job_id)  # type: ignore[arg-type]

        with ThreadPoolExecutor(2) as pool:
            running = pool.submit(yard.worker(work).work_one)
            pool.submit(cancel).result(60)
            assert running.result(60)
        status, last = yard.status(job_id), f"D{turn}-{steps}"
        assert status.state in {"done", "cancelled"}
        assert (status.state == "done") == (last in _campaigns(yard)) == (status.result == {"campaign": last})
        kept = {int(code.partition("-")[2]) for code in _campaigns(yard) if code.startswith(f"D{turn}-")}
        assert kept == set(range(1, len(kept) + 1)), "no step without those before it"


def test_two_who_cancel_at_once_cancel_once(yard: Yard) -> None:
    job_id = yard.enqueue("test.thing")
    with ThreadPoolExecutor(4) as pool:
        states = {status.state for status in pool.map(lambda _: yard.cancel(job_id), range(8))}
    assert states == {"cancelled"}
    assert not yard.worker(lambda _: None).work_one()
    assert yard.enqueue("test.thing") != job_id, "it may be asked for anew"
