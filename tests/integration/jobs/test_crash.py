"""A worker that is killed in the middle leaves no half a job: it is taken again, and done once."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.jobs.work import Job
from ledger.tenancy import set_tenant
from tests.integration.jobs.conftest import Yard
from tests.integration.jobs.test_jobs import campaign

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """\
import sys, time
from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.jobs.work import job_kind
from tests.database import with_vault
from tests.integration.jobs.test_jobs import campaign

def hang():
    print("in the middle", flush=True)
    time.sleep(600)

@job_kind("test.thing", right=None)
def work(job):
    job.write(lambda conn: campaign(conn, job, "DOT1"), done=1, total=2)
    if sys.argv[2] == "between":
        hang()
    def last(conn):
        campaign(conn, job, "DOT2")
        hang()
    job.finish(last)

engine = with_vault(make_engine(sys.argv[1], Settings(connection_count_max=4)))
JobWorker(engine, [work], lease_seconds=3).work_one()
"""


@pytest.mark.parametrize("place", ["between", "within"])
def test_a_killed_job_is_taken_again_and_done_once(yard: Yard, app_url: str, place: str) -> None:
    job_id = yard.enqueue("test.thing")
    command = [sys.executable, "-P", "-c", PROGRAM, app_url, place]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in the middle\n"
        process.kill()
    status = yard.status(job_id)
    assert (status.state, status.done_count, status.total_count) == ("running", 1, 2)

    def work(job: Job) -> None:
        def last(conn: sa.Connection) -> dict[str, int]:
            there = conn.execute(sa.text("SELECT campaign FROM soquy.campaign")).scalars().all()
            assert there == ["DOT1"], "the step that was committed is there, the one under way is not"
            campaign(conn, job, "DOT2")
            return {"campaigns": 2}

        job.finish(last)

    worker = yard.worker(work)
    while not worker.work_one():
        pass  # until the lease has ended
    status = yard.status(job_id)
    assert (status.state, status.attempt_count, status.result) == ("done", 2, {"campaigns": 2})
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.campaign")).scalar_one() == 2
