"""Take files in and back on one connection, in its transaction; the jobs between the steps are worked in it too."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from sqlalchemy import Connection

from api.job_worker import JobWorker
from ledger.books.model import Book
from ledger.intake.commands import hand_over, set_facts, take_in
from ledger.intake.mapping import map_list, proposed
from ledger.intake.model import Facts
from ledger.intake.queries import intake_by_id
from ledger.intake.settlement import reverse_file
from ledger.intake.work import post_intake, read_intake
from tests.factories import ACTOR
from tests.list_files import HEADER, PEOPLE, xlsx

Result = TypeVar("Result")


class WholeWorker(JobWorker):
    """A worker that opens no transaction of its own."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn.engine, [read_intake, post_intake])

        def run(work: Callable[[Connection], Result], *, read_only: bool = False) -> Result:
            return work(conn)

        self._run = run  # type: ignore[assignment] # the same call, on the caller's connection


def take_file_and_take_it_back(conn: Connection, book: Book, *, on: date) -> None:
    """Post a list of three people as one entry, then reverse the whole of it."""
    worker = WholeWorker(conn)
    intake_id = take_in(
        conn, book, kind="household", name="danh-sach.xlsx", data=xlsx([HEADER, *PEOPLE]), actor=ACTOR
    ).intake_id
    assert worker.work_one()
    found = intake_by_id(conn, book, intake_id)
    found = map_list(conn, book, intake_id, proposed(found.outline or {}), version=found.version, actor=ACTOR)
    facts = Facts(received_on=on, medium="cash", account="1111", fund="QC", channel="household")
    found = set_facts(conn, book, intake_id, facts, version=found.version, actor=ACTOR)
    hand_over(conn, book, intake_id, version=found.version, actor=ACTOR)
    assert worker.work_one()
    reverse_file(conn, book, intake_id, on=on, reason="Nhập nhầm tệp", actor=ACTOR)
