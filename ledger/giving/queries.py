"""Read what was given: a book's contributions, those of one entry, and what stands on a receipt.

Names come from the vault's plain columns; who may see them is the caller's to decide. What a contribution is part of
(day, voucher, fund, channel, campaign, whether it was taken back) is its entry's, and read from there.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit.columns import plain_array
from ledger import typeid
from ledger.books.model import Book, VoucherNumber
from ledger.errors import LedgerError
from ledger.giving.fulfilment import FULFILLING, LAST_CORRECTION
from ledger.giving.model import Medium, Paper, Wish
from ledger.money import Rate, value_at
from ledger.people.order import search_key
from ledger.reports.journal import voucher_of
from ledger.reports.page import Page, Position, row_limit

WORD_COUNT_MAX: Final = 6
"""Words of a name that are looked for; more would find no less."""


class ContributionNotFound(LedgerError):
    """No such contribution in this book, or none of this code."""

    code = "contribution_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """A gift with what its entry says of it; ``line`` of ``line_count``.

    ``name`` is ``None`` where none was given (``has_donor`` is false) or where it was erased. ``amount_minor`` is
    ``None`` only where a lost database was made again from the log. ``reversed_by_seq`` names the entry that took it
    back, ``reversed_on`` its day.
    """

    contribution_id: UUID
    code: str | None
    entry_id: UUID
    seq: int
    line: int
    line_count: int
    entry_on: date
    recorded_at: datetime
    voucher: VoucherNumber | None
    medium: Medium
    account: str
    fund: str
    channel: str
    campaign: str | None
    earmark: str | None
    amount_minor: int | None
    currency: str
    wish: Wish
    has_donor: bool
    name: str | None
    detail: str | None
    person_id: UUID | None
    pledge_id: UUID | None
    paper: Paper | None
    reversed_by_seq: int | None
    reversed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earmark:
    """A purpose within a fund that givers name."""

    earmark: str
    fund: str
    name_vi: str
    name_en: str | None
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What of a book's contributions is asked for; what is ``None`` does not matter."""

    from_on: date | None = None
    to_on: date | None = None
    name: str | None = None
    code: str | None = None
    amount_minor: int | None = None
    fund: str | None = None
    channel: str | None = None
    campaign: str | None = None
    earmark: str | None = None
    person_id: UUID | None = None
    pledge_id: UUID | None = None
    is_reversed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What stands on a receipt, but for the name: the gift, where it went, and who received it.

    The proof of its leaf comes from ``audit.receipt.find_receipt`` with the contribution's id.
    """

    contribution: Contribution
    association_id: UUID
    association_name: str
    association_name_en: str | None
    fund_name: str
    fund_name_en: str | None
    campaign_name: str | None
    campaign_name_en: str | None
    earmark_name: str | None
    earmark_name_en: str | None
    rate: Rate | None
    value_minor: int | None
    corrected_at: datetime | None


_COLUMNS: Final = """\
    c.contribution_id, r.code, e.entry_id, c.seq, c.line, c.line_count, e.entry_on, c.recorded_at, e.voucher_kind,
    e.fiscal_year, e.voucher_number, lines.account, lines.role, lines.fund, lines.channel, lines.campaign, c.earmark,
    c.amount_minor, lines.currency, c.wish, c.has_donor, g.name, g.detail, g.person_id,
    CASE WHEN put.number IS NULL THEN c.pledge_id ELSE put.pledge_id END AS pledge_id, k.series, c.paper_number,
    v.seq AS reversed_by_seq, v.entry_on AS reversed_on"""

_SOURCES: Final = f"""\
FROM soquy.contribution AS c
JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
CROSS JOIN LATERAL (
    SELECT max(p.account) FILTER (WHERE p.value_minor > 0) AS account,
        max(a.role) FILTER (WHERE p.value_minor > 0) AS role,
        max(p.fund) AS fund, max(p.currency) AS currency, max(p.channel) AS channel, max(p.campaign) AS campaign
    FROM soquy.posting AS p
    JOIN soquy.account AS a USING (tenant_id, book_id, account)
    WHERE p.tenant_id = c.tenant_id AND p.book_id = c.book_id AND p.seq = c.seq AND p.entry_on = e.entry_on
) AS lines
LEFT JOIN soquy.entry AS v ON v.tenant_id = c.tenant_id AND v.book_id = c.book_id AND v.corrects_seq = c.seq
    AND v.kind = 'reversal'
LEFT JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
LEFT JOIN vault.receipt_code AS r ON r.tenant_id = c.tenant_id AND r.contribution_id = c.contribution_id
LEFT JOIN soquy.receipt_block AS k ON k.tenant_id = c.tenant_id AND k.block_id = c.block_id
LEFT JOIN LATERAL ({LAST_CORRECTION}) AS put ON true"""

_OF_BOOK: Final = "WHERE c.tenant_id = :tenant_id AND c.book_id = :book_id"

_OF_ENTRY: Final = text(f"""\
SELECT {_COLUMNS}
{_SOURCES}
{_OF_BOOK} AND e.entry_id = :entry_id AND c.line > :after_line
ORDER BY c.line
LIMIT :row_limit""")

_FACTS: Final = text(f"""\
SELECT {_COLUMNS}, b.association_id, a.name_vi AS association_name, a.name_en AS association_name_en,
    f.name_vi AS fund_name, f.name_en AS fund_name_en, m.name_vi AS campaign_name, m.name_en AS campaign_name_en,
    h.name_vi AS earmark_name, h.name_en AS earmark_name_en, e.rate_currency, e.rate, e.rate_source,
    u.minor_digits, (
        SELECT max(d.recorded_at) FROM soquy.donor_correction AS d
        WHERE d.tenant_id = c.tenant_id AND d.contribution_id = c.contribution_id
    ) AS corrected_at
{_SOURCES}
JOIN soquy.book AS b ON b.tenant_id = c.tenant_id AND b.book_id = c.book_id
JOIN soquy.association AS a ON a.tenant_id = c.tenant_id AND a.association_id = b.association_id
JOIN soquy.fund AS f ON f.tenant_id = c.tenant_id AND f.book_id = c.book_id AND f.fund = lines.fund
JOIN soquy.currency AS u ON u.currency = lines.currency
LEFT JOIN soquy.campaign AS m ON m.tenant_id = c.tenant_id AND m.campaign = lines.campaign
LEFT JOIN soquy.earmark AS h ON h.tenant_id = c.tenant_id AND h.book_id = c.book_id AND h.earmark = c.earmark
WHERE c.tenant_id = :tenant_id AND c.contribution_id = ANY (CAST(:contribution_ids AS uuid[]))
ORDER BY c.seq, c.line""")

_EARMARKS: Final = text("""\
SELECT earmark, fund, name_vi, name_en, opened_on, closed_on
FROM soquy.earmark
WHERE tenant_id = :tenant_id AND book_id = :book_id
    AND (CAST(:code AS text) IS NULL OR earmark = CAST(:code AS text))
ORDER BY earmark
LIMIT 10000""")

_FIND: Final = text("""\
SELECT tenant_id, book_id, association_id, contribution_id FROM vault.find_receipt(:code)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where the receipt of a code is: its book, and the contribution in it."""

    book: Book
    contribution_id: UUID


def find_by_code(conn: Connection, code: str) -> Found:
    """Return where the receipt of a code is, in whichever tenant; the transaction needs none yet.

    Raises:
        ContributionNotFound: no receipt has this code.
    """
    row = conn.execute(_FIND, {"code": code}).one_or_none()
    if row is None:
        raise ContributionNotFound
    book = Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id)
    return Found(book=book, contribution_id=row.contribution_id)


def earmarks(conn: Connection, book: Book, code: str | None = None) -> tuple[Earmark, ...]:
    """Return the earmarks of a book, or the one of a code."""
    return tuple(Earmark(**row) for row in conn.execute(_EARMARKS, {**_key(book), "code": code}).mappings())


def contributions_of(
    conn: Connection, book: Book, entry_id: UUID, *, after_line: int = 0, page_size: int = 1_000
) -> Page[Contribution, int]:
    """Return the list of an entry (*bảng kê*), line by line; a cursor is the last line of the page before."""
    asked = {"entry_id": entry_id, "after_line": after_line, "row_limit": row_limit(page_size)}
    rows = [_contribution(row) for row in conn.execute(_OF_ENTRY, {**_key(book), **asked})]
    more = len(rows) > page_size
    return Page(rows=tuple(rows[:page_size]), next_cursor=rows[page_size - 1].line if more else None)


def search_contributions(
    conn: Connection, book: Book, search: Search, *, after: Position | None = None, page_size: int = 100
) -> Page[Contribution, Position]:
    """Return contributions of a book, the newest first: those of which everything holds that is asked for."""
    conditions, asked = _conditions(search)
    if after is not None:
        conditions.append("(e.entry_on, c.seq, c.line) < (:after_on, :after_seq, :after_line)")
        asked |= {"after_on": after.entry_on, "after_seq": after.seq, "after_line": after.rank}
    query = f"""\
        SELECT {_COLUMNS}
        {_SOURCES}
        {_OF_BOOK} {"".join(f" AND {condition}" for condition in conditions)}
        ORDER BY e.entry_on DESC, c.seq DESC, c.line DESC
        LIMIT :row_limit"""
    rows = [
        _contribution(row)
        for row in conn.execute(text(query), {**_key(book), **asked, "row_limit": row_limit(page_size)})
    ]
    if len(rows) <= page_size:
        return Page(rows=tuple(rows), next_cursor=None)
    last = rows[page_size - 1]
    position = Position(entry_on=last.entry_on, seq=last.seq, rank=last.line)
    return Page(rows=tuple(rows[:page_size]), next_cursor=position)


def contribution_by_id(conn: Connection, book: Book, contribution_id: UUID) -> Contribution:
    """Return a contribution of a book.

    Raises:
        ContributionNotFound: the book has no such contribution.
    """
    query = text(f"SELECT {_COLUMNS}\n{_SOURCES}\n{_OF_BOOK} AND c.contribution_id = :contribution_id")
    row = conn.execute(query, {**_key(book), "contribution_id": contribution_id}).one_or_none()
    if row is None:
        raise ContributionNotFound(contribution=typeid.encode(typeid.CONTRIBUTION, contribution_id))
    return _contribution(row)


def receipt_facts(conn: Connection, tenant_id: int, contribution_id: UUID) -> ReceiptFacts:
    """Return what stands on the receipt of a contribution.

    Raises:
        ContributionNotFound: the tenant has no such contribution.
    """
    for facts in receipts_facts(conn, tenant_id, [contribution_id]):
        return facts
    raise ContributionNotFound(contribution=typeid.encode(typeid.CONTRIBUTION, contribution_id))


def receipts_facts(conn: Connection, tenant_id: int, contribution_ids: Sequence[UUID]) -> Iterator[ReceiptFacts]:
    """Yield what stands on the receipts of contributions, by entry and line, in one statement."""
    asked = {"tenant_id": tenant_id, "contribution_ids": plain_array(contribution_ids)}
    for row in conn.execute(_FACTS, asked):
        rate = row.rate and Rate(currency=row.rate_currency, value=row.rate, source=row.rate_source)
        yield ReceiptFacts(
            contribution=_contribution(row),
            association_id=row.association_id,
            association_name=row.association_name,
            association_name_en=row.association_name_en,
            fund_name=row.fund_name,
            fund_name_en=row.fund_name_en,
            campaign_name=row.campaign_name,
            campaign_name_en=row.campaign_name_en,
            earmark_name=row.earmark_name,
            earmark_name_en=row.earmark_name_en,
            rate=rate,
            value_minor=_value(row, rate),
            corrected_at=row.corrected_at,
        )


def _value(row: Row[Any], rate: Rate | None) -> int | None:
    """Return what a gift is worth in đồng, rounded by itself: the parts of a foreign list need not make up its sum."""
    if row.amount_minor is None or rate is None:
        return None if row.amount_minor is None else int(row.amount_minor)
    return value_at(row.amount_minor, rate, row.minor_digits)


def _conditions(search: Search) -> tuple[list[str], dict[str, object]]:
    asked: dict[str, object] = {
        name: getattr(search, name)
        for name in _CONDITIONS
        if name not in {"name", "is_reversed"} and getattr(search, name) is not None
    }
    conditions = [_CONDITIONS[name] for name in asked]
    words = search_key(search.name or "").split()[:WORD_COUNT_MAX]
    if search.name is not None:
        looked_for = [f"n.search_key LIKE :word_{place}" for place in range(len(words))] or ["true"]
        asked |= {f"word_{place}": f"%{_escaped(word)}%" for place, word in enumerate(words)}
        conditions.append(
            "c.contribution_id IN (SELECT n.event_id FROM vault.contributor AS n"
            f" WHERE n.tenant_id = :tenant_id AND n.book_id = :book_id AND {' AND '.join(looked_for)})"
        )
    if search.is_reversed is not None:
        conditions.append("v.seq IS NOT NULL" if search.is_reversed else "v.seq IS NULL")
    return conditions, asked


_CONDITIONS: Final = {
    "from_on": "e.entry_on >= :from_on",
    "to_on": "e.entry_on <= :to_on",
    "code": "r.code = :code",
    "amount_minor": "c.amount_minor = :amount_minor",
    "fund": "lines.fund = :fund",
    "channel": "lines.channel = :channel",
    "campaign": "lines.campaign = :campaign",
    "earmark": "c.earmark = :earmark",
    "pledge_id": f"c.contribution_id = ANY (ARRAY(SELECT t.contribution_id FROM ({FULFILLING}) AS t"
    " WHERE t.tenant_id = :tenant_id AND t.pledge_id = :pledge_id))",
    "person_id": "g.person_id = :person_id",
}


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _contribution(row: Row[Any]) -> Contribution:
    medium: Medium = row.role if row.role in {"cash", "bank"} else "goods"
    return Contribution(
        contribution_id=row.contribution_id,
        code=row.code,
        entry_id=row.entry_id,
        seq=row.seq,
        line=row.line,
        line_count=row.line_count,
        entry_on=row.entry_on,
        recorded_at=row.recorded_at,
        voucher=voucher_of(row),
        medium=medium,
        account=row.account,
        fund=row.fund,
        channel=row.channel,
        campaign=row.campaign,
        earmark=row.earmark,
        amount_minor=row.amount_minor,
        currency=row.currency,
        wish=row.wish,
        has_donor=row.has_donor,
        name=row.name,
        detail=row.detail,
        person_id=row.person_id,
        pledge_id=row.pledge_id,
        paper=None if row.series is None else Paper(series=row.series, number=row.paper_number),
        reversed_by_seq=row.reversed_by_seq,
        reversed_on=row.reversed_on,
    )


def _key(book: Book) -> dict[str, int]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
