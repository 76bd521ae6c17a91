"""One gift recorded beside the entry that it is a line of, and a receipt's code looked up beside one read by key.

A gift is an entry and, in the same transaction, a leaf, two sealed values, a giver and a code; the limit is the entry
alone, posted by the same program. A code says neither tenant nor book, so it is looked for in all of them; the limit is
a driver that knows where to look.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import psycopg

from api.database import first_value, transaction
from benchmarks.books import ACTOR, FUND, SET_TENANT, found_books, poster
from benchmarks.measure import Row, paired
from benchmarks.place import Database, Sizes, app_engine
from ledger.calendar import today
from ledger.giving.commands import receive
from ledger.giving.model import Collection, Gift
from ledger.giving.queries import find_by_code
from ledger.tenancy import set_tenant

TENANT_COUNT: Final = 64
"""Deployments of a country have a tenant a province."""

_LOOKUPS: Final = 500
_BY_KEY: Final = "SELECT contribution_id FROM vault.receipt_code WHERE tenant_id = %s AND code = %s"


def measure_giving(database: Database, sizes: Sizes) -> Iterator[Row]:
    """Measure recording with one client, then codes among as many gifts as one list may have."""
    engine = app_engine(database.app_url)
    books = [found_books(engine, 1)[0] for _ in range(TENANT_COUNT)]
    single = Collection(
        received_on=today(),
        medium="cash",
        account="1111",
        fund=FUND,
        channel="household",
        gifts=[Gift(donor="Nguyễn Văn Mẫu", detail="Thôn 1", amount_minor=50_000)],
    )
    turns = iter(range(10**9))

    def give() -> None:
        book = books[next(turns) % len(books)]
        with transaction(engine) as conn:
            first_value(conn, SET_TENANT, (str(book.tenant_id),))
            receive(conn, book, single, actor=ACTOR)

    post = poster(engine, books)
    yield paired(
        "one gift recorded, 1 client",
        "gifts/s",
        lambda: _rate(give, sizes.seconds),
        "its entry alone",
        lambda: _rate(post, sizes.seconds),
        runs=sizes.runs,
        target="≥ 0.5",
    )
    book = books[len(books) // 2]
    gifts = [Gift(donor=f"Nguyễn Văn Mẫu {n}", amount_minor=1_000 + n) for n in range(sizes.roster_line_count)]
    with engine.begin() as conn:
        set_tenant(conn, book.tenant_id)
        received = receive(conn, book, replace(single, gifts=gifts), actor=ACTOR)
    codes = [each.code for each in random.Random(1).sample(received.contributions, _LOOKUPS)]
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")

        def find(code: str) -> None:
            with engine.connect() as conn:
                find_by_code(conn, code)

        yield paired(
            f"a code among {sizes.roster_line_count:,} gifts, {TENANT_COUNT} tenants",
            "ms",
            lambda: _median_ms(find, codes),
            "one read by key, tenant known",
            lambda: _median_ms(lambda code: owner.execute(_BY_KEY, (book.tenant_id, code)).fetchone(), codes),
            runs=sizes.runs,
            target="≤ 5 ms",
        )
    engine.dispose()


def _rate(work: Callable[[], None], seconds: float) -> float:
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        work()
        count += 1
    return count / (time.perf_counter() - begun)


def _median_ms(look: Callable[[str], object], codes: list[str]) -> float:
    taken = []
    for code in codes:
        begun = time.perf_counter()
        look(code)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1_000
