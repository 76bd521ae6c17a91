"""Promises: they never post, they fall due, and what comes fulfils them.

How much of a pledge has come is never written down: it is what the contributions that name it add up to, without those
that were taken back. So reversing a gift opens its pledge again by itself. A contribution names the pledge that it was
recorded with, or the one of its last correction (``ledger/giving/fulfilment.py``).
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import FieldRefused, LedgerError, ReferenceUnknown
from ledger.giving.fulfilment import COME
from ledger.giving.giver import Giver, keep_giver
from ledger.giving.model import REASON_LENGTH_MAX
from ledger.giving.record import amount_text, donor_text
from ledger.giving.rules import clean_giver
from ledger.money import AMOUNT_MAX, VND
from ledger.people.order import search_key
from ledger.people.sealing import SLIP
from ledger.reports.page import Page, row_limit
from ledger.text import clean_text

PledgeState = Literal["open", "fulfilled", "cancelled"]
Bucket = Literal["not_due", "days_1_30", "days_31_90", "days_over_90"]

CANDIDATE_COUNT_MAX: Final = 10


class PledgeNotFound(LedgerError):
    """The book has no such pledge."""

    code = "pledge_not_found"


class PledgeCancelled(LedgerError):
    """It was cancelled before."""

    code = "pledge_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What somebody promises; ``amount_minor`` in minor units of ``currency``."""

    giver: Giver
    amount_minor: int
    pledged_on: date
    due_on: date
    fund: str
    campaign: str | None = None
    currency: str = VND


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """A promise, and what has come of it. ``amount_minor`` is ``None`` only where a lost database was made again."""

    pledge_id: UUID
    name: str | None
    detail: str | None
    person_id: UUID | None
    amount_minor: int | None
    fulfilled_minor: int
    currency: str
    pledged_on: date
    due_on: date
    fund: str
    campaign: str | None
    is_cancelled: bool

    @property
    def left_minor(self) -> int:
        """What is still waited for."""
        return 0 if self.is_cancelled else max((self.amount_minor or 0) - self.fulfilled_minor, 0)

    @property
    def state(self) -> PledgeState:
        """Whether something is still waited for, and if not, why."""
        if self.is_cancelled:
            return "cancelled"
        return "fulfilled" if self.left_minor == 0 else "open"

    def bucket(self, as_of: date) -> Bucket:
        """Return how long it has been due at the end of a day."""
        days = (as_of - self.due_on).days
        return next((bucket for bucket, limit in _BUCKETS if days <= limit), "days_over_90")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """What is still waited for, in one currency and of one age."""

    currency: str
    bucket: Bucket
    count: int
    left_minor: int


_BUCKETS: Final[tuple[tuple[Bucket, int], ...]] = (("not_due", 0), ("days_1_30", 30), ("days_31_90", 90))

_PLEDGES: Final = f"""\
SELECT p.*
FROM (
    SELECT p.pledge_id, g.name, g.detail, g.person_id, g.search_key, p.amount_minor,
        {COME} AS fulfilled_minor, p.currency, p.pledged_on, p.due_on, p.fund, p.campaign,
        x.pledge_id IS NOT NULL AS is_cancelled
    FROM soquy.pledge AS p
    LEFT JOIN vault.contributor AS g ON g.tenant_id = p.tenant_id AND g.event_id = p.pledge_id
    LEFT JOIN soquy.pledge_cancellation AS x ON x.tenant_id = p.tenant_id AND x.pledge_id = p.pledge_id
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id
) AS p"""

_OPEN: Final = "NOT p.is_cancelled AND p.fulfilled_minor < coalesce(p.amount_minor, 1)"
_STATES: Final[dict[PledgeState, str]] = {
    "open": _OPEN,
    "fulfilled": "NOT p.is_cancelled AND p.fulfilled_minor >= p.amount_minor",
    "cancelled": "p.is_cancelled",
}

_ONE: Final = text(f"{_PLEDGES} WHERE p.pledge_id = :pledge_id")

_AGEING: Final = text(f"""\
SELECT a.currency, a.bucket, count(*) AS size, sum(a.left_minor) AS left_minor
FROM (
    SELECT p.currency, p.amount_minor - p.fulfilled_minor AS left_minor, CASE
        WHEN p.due_on >= :as_of THEN 'not_due' WHEN :as_of - p.due_on <= 30 THEN 'days_1_30'
        WHEN :as_of - p.due_on <= 90 THEN 'days_31_90' ELSE 'days_over_90' END AS bucket
    FROM ({_PLEDGES} WHERE {_OPEN} AND p.amount_minor IS NOT NULL) AS p
) AS a
GROUP BY a.currency, a.bucket
ORDER BY a.currency, a.bucket""")

# Whoever it is before whatever it is: the person, then the name, then what is left to the đồng, then the drive.
_CANDIDATES: Final = text(f"""\
{_PLEDGES}
WHERE {_OPEN} AND p.currency = :currency AND (p.person_id = CAST(:person_id AS uuid)
    OR p.search_key = :search_key OR p.amount_minor - p.fulfilled_minor = :amount_minor AND p.campaign = :campaign)
ORDER BY (p.person_id = CAST(:person_id AS uuid)) IS TRUE DESC, p.search_key IS NOT DISTINCT FROM :search_key DESC,
    p.amount_minor - p.fulfilled_minor = :amount_minor DESC, p.campaign IS NOT DISTINCT FROM :campaign DESC,
    p.due_on, p.pledge_id
LIMIT {CANDIDATE_COUNT_MAX}""")


def record_pledge(conn: Connection, book: Book, promise: Promise, *, actor: Actor) -> UUID:
    """Record a promise; nothing is posted. Return its id.

    Raises:
        TextRefused: the name; carries the field.
        FieldRefused: the amount, or a day of falling due before that of the promise.
        ReferenceUnknown: no such fund, campaign or currency.
    """
    name, detail = clean_giver(promise.giver.name, promise.giver.detail)
    if not 1 <= promise.amount_minor <= AMOUNT_MAX:
        raise FieldRefused(field="amount_minor", rule="pledge_amount_range_check")
    if promise.due_on < promise.pledged_on:
        raise FieldRefused(field="due_on", rule="pledge_due_order_check")
    named = {"funds": [promise.fund], "currencies": [promise.currency], "campaigns": [promise.campaign or ""]}
    taken = take_book(conn, book, named)
    for field, code, known in (
        ("fund", promise.fund, taken["funds"]),
        ("currency", promise.currency, taken["currencies"]),
        ("campaign", promise.campaign, taken["campaigns"]),
    ):
        if code is not None and code not in (known or {}):
            raise ReferenceUnknown(field=field, value=code)
    days = {"pledged_on": str(promise.pledged_on), "due_on": str(promise.due_on)}
    pledge_id = record_event(
        conn,
        book,
        "pledge.recorded",
        {**days, "fund": promise.fund, "campaign": promise.campaign},
        actor=actor,
        private={"amount": amount_text(promise.amount_minor, promise.currency), "donor": donor_text(name, detail)},
        retention=SLIP,
    )
    keep_giver(conn, book, pledge_id, Giver(name=name, detail=detail, person_id=promise.giver.person_id))
    row = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "pledge_id": pledge_id,
        "pledged_on": promise.pledged_on,
        "due_on": promise.due_on,
        "fund": promise.fund,
        "campaign": promise.campaign,
        "currency": promise.currency,
        "amount_minor": promise.amount_minor,
    }
    insert_row(conn, "pledge", row)
    return pledge_id


def cancel_pledge(conn: Connection, book: Book, pledge_id: UUID, *, reason: str, actor: Actor) -> None:
    """Wait for it no longer; what has come of it stays.

    Raises:
        PledgeNotFound: the book has no such pledge.
        PledgeCancelled: it was cancelled before.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    take_book(conn, book)
    public_id = typeid.encode(typeid.PLEDGE, pledge_id)
    if pledge_by_id(conn, book, pledge_id).is_cancelled:
        raise PledgeCancelled(pledge=public_id)
    private = {"reason": reason}
    event_id = record_event(
        conn, book, "pledge.cancelled", {"pledge": public_id}, actor=actor, private=private, retention=SLIP
    )
    row = {"tenant_id": book.tenant_id, "pledge_id": pledge_id, "event_id": event_id}
    insert_row(conn, "pledge_cancellation", row)


def pledge_by_id(conn: Connection, book: Book, pledge_id: UUID) -> Pledge:
    """Return a pledge of a book.

    Raises:
        PledgeNotFound: the book has no such pledge.
    """
    row = conn.execute(_ONE, {**_key(book), "pledge_id": pledge_id}).one_or_none()
    if row is None:
        raise PledgeNotFound(pledge=typeid.encode(typeid.PLEDGE, pledge_id))
    return _pledge(row)


def pledges(
    conn: Connection,
    book: Book,
    *,
    state: PledgeState | None = None,
    campaign: str | None = None,
    currency: str | None = None,
    name: str | None = None,
    after: tuple[date, UUID] | None = None,
    page_size: int = 100,
) -> Page[Pledge, tuple[date, UUID]]:
    """Return pledges of a book, the first due first."""
    conditions, asked = ["true"] if state is None else [_STATES[state]], {**_key(book)}
    if campaign is not None:
        conditions.append("p.campaign = :campaign")
        asked["campaign"] = campaign
    if currency is not None:
        conditions.append("p.currency = :currency")
        asked["currency"] = currency
    if name is not None:
        conditions.append("position(:name IN p.search_key) > 0")
        asked["name"] = search_key(name)
    if after is not None:
        conditions.append("(p.due_on, p.pledge_id) > (:after_on, CAST(:after_id AS uuid))")
        asked |= {"after_on": after[0], "after_id": after[1]}
    query = f"{_PLEDGES} WHERE {' AND '.join(conditions)} ORDER BY p.due_on, p.pledge_id LIMIT :row_limit"
    rows = [_pledge(row) for row in conn.execute(text(query), {**asked, "row_limit": row_limit(page_size)})]
    more = len(rows) > page_size
    last = rows[page_size - 1] if more else None
    return Page(rows=tuple(rows[:page_size]), next_cursor=None if last is None else (last.due_on, last.pledge_id))


def ageing(conn: Connection, book: Book, *, as_of: date) -> tuple[Ageing, ...]:
    """Return what is still waited for by currency and age: not due, 1 to 30 days, 31 to 90, more."""
    rows = conn.execute(_AGEING, {**_key(book), "as_of": as_of})
    return tuple(
        Ageing(currency=row.currency, bucket=row.bucket, count=row.size, left_minor=int(row.left_minor)) for row in rows
    )


def candidates(
    conn: Connection,
    book: Book,
    *,
    name: str | None,
    person_id: UUID | None,
    amount_minor: int | None,
    campaign: str | None,
    currency: str = VND,
) -> Sequence[Pledge]:
    """Suggest which open pledges a gift may fulfil, the likeliest first; a person decides."""
    asked = {
        "person_id": person_id,
        "search_key": None if name is None else search_key(name),
        "amount_minor": amount_minor,
        "campaign": campaign,
        "currency": currency,
    }
    return [_pledge(row) for row in conn.execute(_CANDIDATES, {**_key(book), **asked})]


def _pledge(row: Row[Any]) -> Pledge:
    return Pledge(
        pledge_id=row.pledge_id,
        name=row.name,
        detail=row.detail,
        person_id=row.person_id,
        amount_minor=row.amount_minor,
        fulfilled_minor=int(row.fulfilled_minor),
        currency=row.currency,
        pledged_on=row.pledged_on,
        due_on=row.due_on,
        fund=row.fund,
        campaign=row.campaign,
        is_cancelled=row.is_cancelled,
    )


def _key(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
