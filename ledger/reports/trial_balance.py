"""S05-H *Bảng cân đối số phát sinh*: opening, movement and closing of every account between two days.

The three pairs of totals agree, or a book is wrong. What was moved by the end of a day is read by key, one row for each
account and fund ever used, at both ends of the period: the cost grows with accounts, not with history.

An opening entry is movement here, as it is in the journal, where its day lies in the period. Books that open on the day
before their first year begins show it where people look for it.

Over several books it is a simple consolidation: rows of the same account are added up, and money moved between the
books stands on both sides.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from ledger.reports.known import NOW, Known, ReportQuery
from ledger.reports.page import Page, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceRow:
    """One account of S05-H; a balance stands on one side, the other is 0. A heading adds up what is below it."""

    account: str
    parent: str | None
    name_vi: str
    name_en: str
    is_parent: bool
    opening_debit_minor: int
    opening_credit_minor: int
    debit_minor: int
    credit_minor: int
    closing_debit_minor: int
    closing_credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """S05-H; the totals count postable accounts only, so headings never count twice."""

    rows: tuple[TrialBalanceRow, ...]
    opening_debit_minor: int
    opening_credit_minor: int
    debit_minor: int
    credit_minor: int
    closing_debit_minor: int
    closing_credit_minor: int

    @property
    def agrees(self) -> bool:
        """Whether debits equal credits in all three pairs."""
        return (
            self.opening_debit_minor == self.opening_credit_minor
            and self.debit_minor == self.credit_minor
            and self.closing_debit_minor == self.closing_credit_minor
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationMovement:
    """What an association's book has and moved in one account or heading; balances are debit positive."""

    association_id: UUID
    book_id: int
    level: str
    name_vi: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


_AMOUNTS: Final = (
    "opening_debit_minor",
    "opening_credit_minor",
    "debit_minor",
    "credit_minor",
    "closing_debit_minor",
    "closing_credit_minor",
)


def _moved_sql(books: str) -> str:
    return f"""\
    SELECT k.book_id, k.account, opening.balance_minor AS opening_minor,
        closing.debit_to_date_minor - coalesce(opening.debit_to_date_minor, 0) AS debit_minor,
        closing.credit_to_date_minor - coalesce(opening.credit_to_date_minor, 0) AS credit_minor
    FROM {books}
    JOIN known.balance_key({books}) AS k ON k.tenant_id = :tenant_id AND k.book_id = {books}.book_id
        AND (CAST(:fund AS text) IS NULL OR k.fund = CAST(:fund AS text))
    LEFT JOIN LATERAL known.latest(t.total_on < :from_on) AS opening ON true
    LEFT JOIN LATERAL known.latest(t.total_on <= :to_on) AS closing ON true"""


# A code means the same account in every book of a scope; names and headings are those of the first that moved it.
_TRIAL_BALANCE: Final = ReportQuery(f"""\
WITH RECURSIVE {SCOPE_SQL}, moved AS (
{_moved_sql("scope")}
), leaf AS (
    SELECT account, min(book_id) AS book_id, coalesce(sum(opening_minor), 0) AS opening_minor,
        coalesce(sum(debit_minor), 0) AS debit_minor, coalesce(sum(credit_minor), 0) AS credit_minor
    FROM moved
    GROUP BY account
), sided AS (
    SELECT account, book_id, debit_minor, credit_minor,
        greatest(opening_minor, 0) AS opening_debit_minor, greatest(- opening_minor, 0) AS opening_credit_minor,
        greatest(opening_minor + debit_minor - credit_minor, 0) AS closing_debit_minor,
        greatest(credit_minor - debit_minor - opening_minor, 0) AS closing_credit_minor
    FROM leaf
    WHERE opening_minor <> 0 OR debit_minor <> 0 OR credit_minor <> 0
), rolled AS (
    SELECT sided.account AS row_account, sided.* FROM sided
    UNION ALL
    SELECT a.parent, rolled.account, rolled.book_id, rolled.debit_minor, rolled.credit_minor,
        rolled.opening_debit_minor, rolled.opening_credit_minor, rolled.closing_debit_minor,
        rolled.closing_credit_minor
    FROM rolled
    JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = rolled.book_id
        AND a.account = rolled.row_account
    WHERE a.parent IS NOT NULL AND :with_headings
), summed AS (
    SELECT row_account AS account, min(book_id) AS book_id, bool_or(account <> row_account) AS is_parent,
        CAST(sum(opening_debit_minor) AS bigint) AS opening_debit_minor,
        CAST(sum(opening_credit_minor) AS bigint) AS opening_credit_minor,
        CAST(sum(debit_minor) AS bigint) AS debit_minor,
        CAST(sum(credit_minor) AS bigint) AS credit_minor,
        CAST(sum(closing_debit_minor) AS bigint) AS closing_debit_minor,
        CAST(sum(closing_credit_minor) AS bigint) AS closing_credit_minor
    FROM rolled
    GROUP BY row_account
)
SELECT summed.account, a.parent, a.name_vi, a.name_en, summed.is_parent, summed.opening_debit_minor,
    summed.opening_credit_minor, summed.debit_minor, summed.credit_minor, summed.closing_debit_minor,
    summed.closing_credit_minor
FROM summed
JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = summed.book_id AND a.account = summed.account
UNION ALL
SELECT NULL, NULL, '', '', false, CAST(coalesce(sum(opening_debit_minor), 0) AS bigint),
    CAST(coalesce(sum(opening_credit_minor), 0) AS bigint), CAST(coalesce(sum(debit_minor), 0) AS bigint),
    CAST(coalesce(sum(credit_minor), 0) AS bigint), CAST(coalesce(sum(closing_debit_minor), 0) AS bigint),
    CAST(coalesce(sum(closing_credit_minor), 0) AS bigint)
FROM sided
ORDER BY account NULLS FIRST
LIMIT 10001
""")

_BY_ASSOCIATION: Final = ReportQuery(f"""\
WITH RECURSIVE {SCOPE_SQL}, page AS (
    SELECT book_id, association_id
    FROM scope
    WHERE book_id > :after_book_id
    ORDER BY book_id
    LIMIT :row_limit
), family (account) AS (
    SELECT CAST(:account AS text) COLLATE "C"
    UNION
    SELECT child.account
    FROM family
    JOIN soquy.account AS child ON child.tenant_id = :tenant_id AND child.parent = family.account
        AND child.book_id IN (SELECT page.book_id FROM page)
), moved AS (
{_moved_sql("page")}
    WHERE k.account IN (SELECT family.account FROM family)
), total AS (
    SELECT book_id, sum(opening_minor) AS opening_minor, sum(debit_minor) AS debit_minor,
        sum(credit_minor) AS credit_minor
    FROM moved
    GROUP BY book_id
)
SELECT page.association_id, page.book_id, a.level, a.name_vi,
    CAST(coalesce(total.opening_minor, 0) AS bigint) AS opening_minor,
    CAST(coalesce(total.debit_minor, 0) AS bigint) AS debit_minor,
    CAST(coalesce(total.credit_minor, 0) AS bigint) AS credit_minor
FROM page
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = page.association_id
LEFT JOIN total USING (book_id)
ORDER BY page.book_id
""")


def trial_balance(
    conn: Connection,
    scope: Scope,
    period: Period,
    *,
    fund: str | None = None,
    with_headings: bool = False,
    known: Known = NOW,
) -> TrialBalance:
    """Return the trial balance (S05-H) of the books of a scope.

    With ``fund`` it is that fund's own: a fund balances by itself (I1). Accounts without balance and movement are left
    out.
    """
    parameters = {
        **scope_parameters(conn, scope),
        **period.parameters(),
        "fund": fund,
        "with_headings": with_headings,
    }
    # The totals come first: what is a heading in one book may be posted to in another, so rows can't tell them.
    total, *rows = _TRIAL_BALANCE.run(conn, parameters, known).mappings()
    return TrialBalance(rows=tuple(TrialBalanceRow(**row) for row in rows), **{name: total[name] for name in _AMOUNTS})


def trial_balance_by_association(
    conn: Connection,
    scope: Scope,
    account: str,
    period: Period,
    *,
    fund: str | None = None,
    after_book_id: int = 0,
    page_size: int = 100,
    known: Known = NOW,
) -> Page[AssociationMovement, int]:
    """Return a page of what one account or heading is made of, book by book; the cursor is the last row's book.

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    parameters = {
        **scope_parameters(conn, scope),
        "account": account,
        **period.parameters(),
        "fund": fund,
        "after_book_id": after_book_id,
        "row_limit": row_limit(page_size),
    }
    found = _BY_ASSOCIATION.run(conn, parameters, known).mappings().all()
    rows = tuple(
        AssociationMovement(**row, closing_minor=row["opening_minor"] + row["debit_minor"] - row["credit_minor"])
        for row in found[:page_size]
    )
    return Page(rows=rows, next_cursor=rows[-1].book_id if len(found) > page_size else None)
