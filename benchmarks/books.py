"""Books for benchmarks to post to, founded by the commands that real work uses, and the entries posted to them."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from api.database import first_value, transaction
from ledger.associations.commands import found_association, found_tenant
from ledger.books.chart import open_fund
from ledger.books.model import Actor, Book, EntryDraft, Line
from ledger.books.posting import post
from ledger.calendar import today
from ledger.tenancy import DEPLOYMENT, set_tenant

ACTOR: Final = Actor(principal_id=UUID("018f0000-0000-7000-8000-00000000be9c"), role="token")
OPENED_ON: Final = date(2024, 1, 1)
BOOK_COUNT: Final = 64
FUND: Final = "QC"

SET_TENANT: Final = "SELECT set_config('soquy.tenant_id', %s, true)"


def found_books(engine: Engine, count: int = BOOK_COUNT) -> list[Book]:
    """Found a tenant and so many associations, each with one fund and some money in it."""
    with engine.begin() as conn:
        set_tenant(conn, DEPLOYMENT)
        tenant_id = found_tenant(conn, "Tỉnh đo tốc độ")
        set_tenant(conn, tenant_id)
        return [_found_book(conn, tenant_id, index) for index in range(count)]


def _found_book(conn: Connection, tenant_id: int, index: int) -> Book:
    book = found_association(
        conn,
        tenant_id=tenant_id,
        name_vi=f"Hội Khuyến học xã Mẫu {index}",
        kind="learning-promotion",
        level="commune",
        founded_on=OPENED_ON,
        books_open_on=OPENED_ON,
        chart="TT24-MAU",
        actor=ACTOR,
    )
    open_fund(conn, book, fund=FUND, kind="general", name_vi="Quỹ chung", opened_on=OPENED_ON, actor=ACTOR)
    post(conn, book, [receipt(OPENED_ON, 1_000_000)], actor=ACTOR)
    return book


def receipt(on: date, value_minor: int) -> EntryDraft:
    """Return cash received into the fund, with a voucher and a description."""
    return EntryDraft(
        entry_on=on,
        voucher="PT",
        description="Ủng hộ quỹ khuyến học",
        lines=(
            Line(account="1111", fund=FUND, value_minor=value_minor),
            Line(account="35381", fund=FUND, value_minor=-value_minor),
        ),
    )


def drafts_over_a_year(count: int, *, seed: int) -> list[EntryDraft]:
    """Return receipts in the order of their days, over the year that ends today."""
    chance = random.Random(seed)
    day = today()
    days = sorted(day - timedelta(days=chance.randrange(365)) for _ in range(count))
    return [receipt(on, chance.randrange(10, 1_000) * 1_000) for on in days]


def poster(engine: Engine, books: list[Book]) -> Callable[[], None]:
    """Return the posting of one entry of today to the next book, committed; the service's own way to the database."""
    state = {"turn": 0}
    draft = receipt(today(), 50_000)

    def work() -> None:
        book = books[state["turn"] % len(books)]
        state["turn"] += 1
        with transaction(engine) as conn:
            first_value(conn, SET_TENANT, (str(book.tenant_id),))
            post(conn, book, [draft], actor=ACTOR)

    return work
