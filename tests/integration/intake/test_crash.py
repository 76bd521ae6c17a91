"""A process killed while it posts a file: nothing is half booked, and the next one books it once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.integration.intake.conftest import HOUSEHOLD, Office
from tests.list_files import HEADER, csv

ROOT = Path(__file__).resolve().parents[3]

# The process stands still where the entry is in and the leaf of the file is not yet: the worst moment there is.
PROGRAM = """\
import sys, time
from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.intake import settlement
from ledger.intake.work import post_intake
from tests.database import with_vault

def stand_still(*_, **__):
    print("half way", flush=True)
    time.sleep(600)

settlement._record_posted = stand_still
JobWorker(with_vault(make_engine(sys.argv[1], Settings())), [post_intake], count=1).work_one()
"""


@pytest.mark.slow
def test_a_file_is_posted_once_whatever_is_killed(office: Office, app_url: str, database_url: str) -> None:
    rows = [HEADER, *([n, f"Mẫu {n}", "Thôn 1", 1_000 + n] for n in range(1, 301))]
    found = office.hand_over(office.ready(csv(rows), HOUSEHOLD, name="a.csv"))
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, app_url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "half way" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    _wait_until_gone(database_url)
    assert office.find(found.intake_id).state == "posting"
    assert office.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(0,)]
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE soquy.job SET due_at = now() - interval '1 second'")
    office.work()
    assert office.find(found.intake_id).state == "posted"
    assert office.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(1,)]
    assert office.ask("SELECT count(*) FROM soquy.contribution WHERE book_id = :book_id") == [(300,)]


def _wait_until_gone(database_url: str) -> None:
    """Wait until the database has noticed that the other end of a transaction is dead."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        for _ in range(100):
            row = conn.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
            ).fetchone()
            if row == (0,):
                return
            time.sleep(0.1)
    raise AssertionError
