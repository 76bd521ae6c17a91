"""Goods that were given, and how many of them are still there.

Valued goods are a contribution with an entry of its own (Dr 152 or 153, Cr the fund in kind), and each handover is an
entry the other way, with its program. Counted goods post nothing. What was taken back (a reversed entry, a withdrawal,
a handover undone) counts no more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ledger import typeid
from ledger.books.model import Book
from ledger.errors import LedgerError
from ledger.reports.page import Page, row_limit

Unit = Literal["piece", "set", "pair", "book", "bag", "box", "kilogram", "litre", "metre"]
GoodsState = Literal["there", "handed_over", "reversed", "withdrawn"]


class GoodsNotFound(LedgerError):
    """The book has no such goods."""

    code = "goods_not_found"


class GoodsGone(LedgerError):
    """They were withdrawn, or their entry was reversed."""

    code = "goods_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Goods, and how many of them are still there."""

    goods_id: UUID
    received_on: date
    description: str | None
    quantity: int
    unit: Unit
    handed_quantity: int
    campaign: str | None
    entry_id: UUID | None
    contribution_id: UUID | None
    value_minor: int | None
    handed_minor: int
    account: str | None
    fund: str | None
    balance_account: str | None
    name: str | None
    detail: str | None
    is_reversed: bool
    is_withdrawn: bool

    @property
    def left_quantity(self) -> int:
        """How many are there."""
        return 0 if self.is_reversed or self.is_withdrawn else self.quantity - self.handed_quantity

    @property
    def state(self) -> GoodsState:
        """Whether any are there, and if not, why."""
        if self.is_withdrawn:
            return "withdrawn"
        if self.is_reversed:
            return "reversed"
        return "handed_over" if self.left_quantity == 0 else "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Goods that went to whom they were for."""

    event_id: UUID
    handed_on: date
    quantity: int
    program: str
    entry_id: UUID | None
    is_undone: bool


_GOODS: Final = """\
SELECT g.goods_id, g.received_on, s.value AS description, g.quantity, g.unit, c.handed_quantity, g.campaign, e.entry_id,
    k.contribution_id, p.value_minor, c.handed_minor, p.account, p.fund, f.balance_account, n.name, n.detail,
    w.goods_id IS NOT NULL AS is_withdrawn, c.is_gone AND w.goods_id IS NULL AS is_reversed, g.seq
FROM soquy.goods AS g
CROSS JOIN LATERAL soquy.count_goods(g.tenant_id, g.goods_id) AS c
LEFT JOIN soquy.goods_withdrawal AS w ON w.tenant_id = g.tenant_id AND w.goods_id = g.goods_id
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = g.tenant_id AND s.event_id = g.goods_id AND s.field = 'description'
LEFT JOIN soquy.entry AS e ON e.tenant_id = g.tenant_id AND e.book_id = g.book_id AND e.seq = g.seq
LEFT JOIN soquy.contribution AS k ON k.tenant_id = g.tenant_id AND k.book_id = g.book_id AND k.seq = g.seq
LEFT JOIN soquy.posting AS p ON p.tenant_id = g.tenant_id AND p.book_id = g.book_id AND p.seq = g.seq
    AND p.entry_on = g.received_on AND p.value_minor > 0
LEFT JOIN soquy.fund AS f ON f.tenant_id = g.tenant_id AND f.book_id = g.book_id AND f.fund = p.fund
LEFT JOIN vault.contributor AS n ON n.tenant_id = g.tenant_id
    AND n.event_id = coalesce(k.contribution_id, g.goods_id)
WHERE g.tenant_id = :tenant_id AND g.book_id = :book_id"""
_ONE: Final = text(f"{_GOODS} AND g.goods_id = :goods_id")
_LIST: Final = text(f"""\
{_GOODS} AND (NOT :is_there OR NOT c.is_gone AND c.handed_quantity < g.quantity)
    AND (CAST(:after_on AS date) IS NULL
        OR (g.received_on, g.goods_id) < (CAST(:after_on AS date), CAST(:after_id AS uuid)))
ORDER BY g.received_on DESC, g.goods_id DESC
LIMIT :row_limit""")

_HANDOVERS: Final = text("""\
SELECT h.event_id, h.handed_on, h.quantity, h.program, e.entry_id,
    u.event_id IS NOT NULL OR r.seq IS NOT NULL AS is_undone
FROM soquy.goods_handover AS h
LEFT JOIN soquy.goods_handover_undoing AS u ON u.tenant_id = h.tenant_id AND u.handover_event_id = h.event_id
LEFT JOIN soquy.entry AS e ON e.tenant_id = h.tenant_id AND e.book_id = h.book_id AND e.seq = h.seq
LEFT JOIN soquy.entry AS r ON r.tenant_id = h.tenant_id AND r.book_id = h.book_id AND r.corrects_seq = h.seq
    AND r.kind = 'reversal'
WHERE h.tenant_id = :tenant_id AND h.goods_id = :goods_id
ORDER BY h.recorded_at, h.event_id
LIMIT 1000""")


def goods_by_id(conn: Connection, book: Book, goods_id: UUID) -> Goods:
    """Return goods of a book.

    Raises:
        GoodsNotFound: the book has no such goods.
    """
    row = conn.execute(_ONE, {**_key(book), "goods_id": goods_id}).one_or_none()
    if row is None:
        raise GoodsNotFound(goods=typeid.encode(typeid.GOODS, goods_id))
    return _goods(row)


def goods_of(
    conn: Connection,
    book: Book,
    *,
    is_there: bool = False,
    after: tuple[date, UUID] | None = None,
    page_size: int = 100,
) -> Page[Goods, tuple[date, UUID]]:
    """Return goods of a book, the newest first; with ``is_there`` only what is still there."""
    after_on, after_id = after or (None, None)
    asked = {"is_there": is_there, "after_on": after_on, "after_id": after_id, "row_limit": row_limit(page_size)}
    rows = [_goods(row) for row in conn.execute(_LIST, {**_key(book), **asked})]
    last = rows[page_size - 1] if len(rows) > page_size else None
    return Page(rows=tuple(rows[:page_size]), next_cursor=None if last is None else (last.received_on, last.goods_id))


def handovers(conn: Connection, book: Book, goods_id: UUID) -> tuple[Handover, ...]:
    """Return the handovers of goods, in their order."""
    rows = conn.execute(_HANDOVERS, {"tenant_id": book.tenant_id, "goods_id": goods_id}).mappings()
    return tuple(Handover(**row) for row in rows)


def _goods(row: Row[Any]) -> Goods:
    return Goods(
        goods_id=row.goods_id,
        received_on=row.received_on,
        description=row.description,
        quantity=row.quantity,
        unit=row.unit,
        handed_quantity=int(row.handed_quantity),
        campaign=row.campaign,
        entry_id=row.entry_id,
        contribution_id=row.contribution_id,
        value_minor=row.value_minor,
        handed_minor=int(row.handed_minor),
        account=row.account,
        fund=row.fund,
        balance_account=row.balance_account,
        name=row.name,
        detail=row.detail,
        is_reversed=row.is_reversed,
        is_withdrawn=row.is_withdrawn,
    )


def _key(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
