"""Papers set from plain data: one alone, and as many as a province's salary day makes. No database is asked."""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

from benchmarks.measure import Row
from benchmarks.place import Database, Sizes
from ledger.books.model import VoucherNumber
from ledger.papers.facts import SHEETS_SIZE, VOLUME_SIZE
from ledger.papers.model import (
    Amount,
    Booking,
    Gift,
    GiftList,
    ListRow,
    Named,
    Paper,
    Receipts,
    Sums,
    Unit,
    Voucher,
)
from ledger.papers.typesetting import typesetter

RUNS = 5
URL = "https://quy.example"


def measure_papers(_database: Database, sizes: Sizes) -> Iterator[Row]:
    """Yield times of single papers, of many receipts and of a long list, and what they took of memory."""
    receipt_count = 1_000 if sizes == Sizes.full() else 2 * SHEETS_SIZE
    typesetter().set(_voucher())
    yield _timed("paper: a voucher", "ms", 1_000, _voucher)
    yield _timed("paper: one receipt", "ms", 1_000, lambda: _receipts(1, 1))
    begun = time.perf_counter()
    for first in range(1, receipt_count + 1, SHEETS_SIZE):
        typesetter().set(_receipts(first, SHEETS_SIZE))
    yield Row(name=f"paper: {receipt_count:,} receipts", value=time.perf_counter() - begun, unit="s", runs=1)
    yield _timed(f"paper: a list of {VOLUME_SIZE:,}", "ms", 1_000, lambda: _list(VOLUME_SIZE))
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1_024 if sys.platform == "darwin" else 1)
    yield Row(name="paper: memory of all that", value=peak_kib / 1_024, unit="MiB", runs=1, target="≤ 300")


def _timed(name: str, unit: str, factor: int, make: Callable[[], Paper]) -> Row:
    times = []
    for _ in range(RUNS):
        paper = make()
        begun = time.perf_counter()
        typesetter().set(paper)
        times.append(time.perf_counter() - begun)
    return Row(name=name, value=sorted(times)[RUNS // 2] * factor, unit=unit, runs=RUNS)


def _booking(gift_count: int, minor: int) -> Booking:
    return Booking(
        unit=Unit(name=Named(vi="Hội Khuyến học xã Thử Nghiệm"), above="Hội Khuyến học tỉnh Mẫu"),
        voucher=VoucherNumber(kind="BC", fiscal_year=2025, number=1),
        dated=date(2025, 9, 5),
        seq=1,
        entry_id="en_01h455vb4pex5vsknk084sn02q",
        fund=Named(vi="Quỹ khuyến học"),
        campaign=None,
        channel=Named(vi="Ủng hộ một ngày lương"),
        medium="bank",
        amount=Amount(minor=minor),
        value_minor=minor,
        rate=None,
        gift_count=gift_count,
        document_count=0,
        reason="Một ngày lương tháng 9",
        is_reason_erased=False,
        page_url=f"{URL}/e/as_01h455vb4pex5vsknk084sn02q/1",
    )


def _voucher() -> Voucher:
    return Voucher(
        booking=_booking(1, 200_000),
        debits=[Sums(account="1121A", value_minor=200_000)],
        credits=[Sums(account="35381", value_minor=200_000)],
        payer="Nguyễn Văn Mẫu",
        is_payer_erased=False,
        address=None,
    )


def _receipts(first: int, count: int) -> Receipts:
    gifts = [
        Gift(
            line=line,
            leaf_id="ev_01h455vb4pex5vsknk084sn02q",
            code=f"0123-4567-{line:04}-CDEF-G",
            check_url=f"{URL}/r/0123-4567-{line:04}-CDEF-G",
            name=f"Nguyễn Văn Mẫu {line}",
            is_erased=False,
            detail="Phòng Thử Nghiệm",
            earmark=None,
            amount=Amount(minor=200_000 + line),
        )
        for line in range(first, first + count)
    ]
    return Receipts(
        booking=_booking(max(count, 2), 1),
        gifts=gifts,
        check_page="quy.example/r",
        log_key="quy.example/log+1a2b3c4d",
        is_sheet=count > 1,
    )


def _list(count: int) -> GiftList:
    rows = [
        ListRow(line=line, name=f"Nguyễn Văn Mẫu {line}", is_erased=False, detail="Phòng Thử Nghiệm", minor=200_000)
        for line in range(1, count + 1)
    ]
    return GiftList(booking=_booking(count, 200_000 * count), rows=rows)
