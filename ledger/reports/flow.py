"""What moved the funds of a scope in a period, and why: the ground of the fund statement and the public figures.

A fund's balance stands in its balance account (35381 and its like), so what moves a fund are the lines of that
account. What a line says of itself decides what it is:

- it names a **channel**: *received*, credit − debit. So a reversed contribution is less received, not more used.
- it names no channel but a **program**: *used*, debit − credit. A scholarship handed back is less used.
- it names neither: *other*, in or out. Transfers between levels and between funds are such, and corrections of them.
- it belongs to an entry of kind *opening*: part of the *opening* balance, even where its day lies in the period. A
  book that starts in the middle of a year brought its money along; nobody gave it that year.

Then opening + received − used + other in − other out = closing, for every fund and every sum of funds.

Whole months come from ``month_total``, the days at the period's edges from the lines themselves, opening entries from
the journal: a year costs its months, however many contributions it had.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from typing import Final

from sqlalchemy import Connection

from ledger.reports.period import Period
from ledger.reports.scope import Scope, scope_parameters

FUND_COUNT_MAX: Final = 100_000
"""Funds that one statement adds up: a tenant is a province, with some hundred books."""


def _edge_sql(edge: str) -> str:
    """Return the lines at one edge; where there is none, the planner sees it and reads nothing."""
    return f"""\
    SELECT p.book_id, CAST(date_trunc('month', CAST(p.entry_on AS timestamp)) AS date), p.fund,
        coalesce(p.channel, ''), coalesce(p.campaign, ''), coalesce(p.program, ''),
        greatest(p.value_minor, 0), greatest(- p.value_minor, 0), coalesce(p.quantity, 0)
    FROM held
    JOIN known.posting(held) AS p ON p.tenant_id = :tenant_id AND p.book_id = held.book_id
        AND p.account = held.balance_account AND p.fund = held.fund
    WHERE p.entry_on BETWEEN :{edge}_from_on AND :{edge}_to_on
        AND CAST(:{edge}_from_on AS date) <= CAST(:{edge}_to_on AS date)"""


FLOW_SQL: Final = f"""\
held AS (
    SELECT f.book_id, f.fund, f.balance_account, scope.known_seq
    FROM scope
    JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = scope.book_id
    WHERE (CAST(:fund AS text) IS NULL OR f.fund = CAST(:fund AS text))
        AND (f.book_id, f.fund) > (:after_book_id, CAST(:after_fund AS text))
    ORDER BY f.book_id, f.fund
    LIMIT :fund_limit
), opened AS (
    SELECT p.book_id, p.entry_on, p.fund, p.channel, p.campaign, p.program, p.value_minor, p.quantity
    FROM scope
    JOIN known.entry(scope) AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id AND e.kind = 'opening'
        AND e.entry_on BETWEEN :from_on AND :to_on
    JOIN known.posting(scope) AS p ON p.tenant_id = :tenant_id AND p.book_id = e.book_id AND p.seq = e.seq
        AND p.entry_on = e.entry_on
    JOIN held ON held.book_id = p.book_id AND held.fund = p.fund AND held.balance_account = p.account
    WHERE p.entry_on BETWEEN :from_on AND :to_on
), moved AS (
    SELECT m.book_id, m.month_on, m.fund, m.channel, m.campaign, m.program, m.debit_minor, m.credit_minor, m.quantity
    FROM held
    JOIN known.month_total(scope) AS m ON m.tenant_id = :tenant_id AND m.book_id = held.book_id AND m.fund = held.fund
        AND m.account = held.balance_account
    WHERE m.month_on BETWEEN :months_from_on AND :months_to_on
    UNION ALL
{_edge_sql("head")}
    UNION ALL
{_edge_sql("tail")}
    UNION ALL
    SELECT o.book_id, CAST(date_trunc('month', CAST(o.entry_on AS timestamp)) AS date), o.fund,
        coalesce(o.channel, ''), coalesce(o.campaign, ''), coalesce(o.program, ''),
        - greatest(o.value_minor, 0), - greatest(- o.value_minor, 0), - coalesce(o.quantity, 0)
    FROM opened AS o
), flow AS (
    SELECT moved.*, CASE WHEN channel <> '' THEN 'received' WHEN program <> '' THEN 'used' ELSE 'other' END AS side
    FROM moved
)"""
"""Parts of a ``WITH``, after ``SCOPE_SQL``.

``flow (book_id, month_on, fund, channel, campaign, program, debit_minor, credit_minor, quantity, side)`` is the
movement without opening entries, whose lines are in ``opened (book_id, fund, value_minor, …)``; ``held (book_id, fund,
balance_account, known_seq)`` are the funds asked for.
"""

REDUCED_SQL: Final = """\
reduced AS (
    SELECT side, month_on, channel, campaign, program, sum(debit_minor) AS debit_minor,
        sum(credit_minor) AS credit_minor, sum(quantity) AS quantity
    FROM flow
    GROUP BY side, month_on, channel, campaign, program
)"""
"""A part of a ``WITH``, after ``FLOW_SQL``: books and funds added up, so that breakdowns sort hundreds of rows."""


def flow_parameters(conn: Connection, scope: Scope, period: Period, fund: str | None = None) -> dict[str, object]:
    """Find the books of a scope; return the parameters of ``SCOPE_SQL`` and ``FLOW_SQL``.

    Every fund is meant, or those with one code.
    """
    return {
        **scope_parameters(conn, scope),
        **period.parameters(),
        **period.cut_parameters(),
        "fund": fund,
        "after_book_id": 0,
        "after_fund": "",
        "fund_limit": FUND_COUNT_MAX,
    }
