"""A roster of 100,000 lines: the whole import beside parsing the file alone, and the memory it takes.

The limit is calamine reading the same bytes into Python lists, and nothing else. The product reads in a process of its
own, looks for what calamine keeps quiet about, proposes the columns, seals the rows, judges each of them, and then
posts: a leaf, two sealed values, a giver and a receipt's code for every line. Reading with preview and posting are told
apart, because the first is what a person waits for and the second goes on by itself.

Each import runs in a fresh process, as the service's would be, so that its memory is its own.
"""

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Final, TypeVar

import python_calamine
import xlsxwriter
from sqlalchemy import Connection

from api.job_worker import JobWorker
from benchmarks.books import ACTOR, FUND, OPENED_ON, found_books
from benchmarks.measure import Row
from benchmarks.place import Database, Sizes, app_engine
from ledger.books.model import Book
from ledger.intake.commands import hand_over, set_facts, take_in
from ledger.intake.mapping import map_list, proposed
from ledger.intake.model import Facts
from ledger.intake.queries import intake_by_id, tally
from ledger.intake.work import post_intake, read_intake
from ledger.tenancy import set_tenant

Result = TypeVar("Result")

MEBIBYTE: Final = 1024  # ru_maxrss counts kibibytes
_UNIT_COUNT: Final = 300
_FACTS: Final = Facts(received_on=OPENED_ON, medium="cash", account="1111", fund=FUND, channel="salary-day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one import took: seconds of its two parts, and the memory of both processes in MiB."""

    preview: float
    post: float
    service: float
    reader: float


def measure_intake(database: Database, sizes: Sizes) -> Iterator[Row]:
    """Measure reading with preview, posting, both together, and the memory of each process."""
    data = roster(sizes.roster_line_count)
    engine = app_engine(database.app_url)
    books = found_books(engine, sizes.runs)
    engine.dispose()
    parsed, taken = [], []
    for book in books:
        parsed.append(_apart(partial(parse, data)))
        taken.append(_apart(partial(take_whole, database.app_url, book, data)))
    row = partial(_row, parsed, size=sizes.roster_line_count)
    yield row("read, map, judge", [each.preview for each in taken])
    yield row("post", [each.post for each in taken])
    yield row("whole import", [each.preview + each.post for each in taken], target="≥ 0.33 of parsing")
    for name, values in (
        ("reading process", [each.reader for each in taken]),
        ("service", [each.service for each in taken]),
    ):
        yield Row(
            name=f"roster, memory of the {name}", value=max(values), unit="MiB", runs=sizes.runs, target="≤ 300 MiB"
        )


def _row(parsed: list[float], name: str, values: list[float], *, size: int, target: str = "") -> Row:
    return Row(
        name=f"roster of {size:,}: {name}",
        value=statistics.median(values),
        unit="s",
        limit="parsing alone",
        limit_value=statistics.median(parsed),
        ratio=statistics.median(limit / value for limit, value in zip(parsed, values, strict=True)),
        runs=len(values),
        target=target,
    )


def _apart(work: Callable[[], Result]) -> Result:
    """Do work in a fresh process and return what it found."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work)


def roster(size: int) -> bytes:
    """Return a staff list as spreadsheets write it; every line is another person."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Danh sách")
        sheet.write_row(0, 0, ["STT", "Họ và tên", "Đơn vị", "Chức vụ", "Số tiền", "Ghi chú"])
        for number in range(1, size + 1):
            amount = 50_000 + number % 400 * 1_000
            cells = [number, f"Nguyễn Văn Mẫu {number}", f"Phòng {number % _UNIT_COUNT}", "Chuyên viên", amount]
            sheet.write_row(number, 0, cells)
    return out.getvalue()


def parse(data: bytes) -> float:
    """Return the seconds that calamine takes."""
    begun = time.perf_counter()
    rows = python_calamine.load_workbook(BytesIO(data)).get_sheet_by_index(0).to_python()
    seconds = time.perf_counter() - begun
    assert rows
    return seconds


def take_whole(url: str, book: Book, data: bytes) -> Taken:
    """Take a file in, look through it and post it, as requests and the worker do; return what it took."""
    engine = app_engine(url)
    worker = JobWorker(engine, [read_intake, post_intake], count=1)

    def do(work: Callable[[Connection], Result]) -> Result:
        with engine.begin() as conn:
            set_tenant(conn, book.tenant_id)
            return work(conn)

    begun = time.perf_counter()
    made = do(lambda conn: take_in(conn, book, kind="salary", name="roster.xlsx", data=data, actor=ACTOR))
    worker.work_one()
    read = do(lambda conn: intake_by_id(conn, book, made.intake_id))
    mapping = proposed(read.outline or {})
    mapped = do(lambda conn: map_list(conn, book, made.intake_id, mapping, version=read.version, actor=ACTOR))
    counted = do(lambda conn: tally(conn, book, made.intake_id))
    preview = time.perf_counter() - begun
    facts = replace(_FACTS, declared_minor=counted.total_minor)
    begun = time.perf_counter()
    ready = do(lambda conn: set_facts(conn, book, made.intake_id, facts, version=mapped.version, actor=ACTOR))
    do(lambda conn: hand_over(conn, book, made.intake_id, version=ready.version, actor=ACTOR))
    worker.work_one()
    post = time.perf_counter() - begun
    assert do(lambda conn: intake_by_id(conn, book, made.intake_id)).state == "posted"
    engine.dispose()
    service, reader = (
        resource.getrusage(who).ru_maxrss / MEBIBYTE for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Taken(preview=preview, post=post, service=service, reader=reader)
