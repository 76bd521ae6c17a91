"""What was known at a size of the log: every report's second time, beside the days it is about.

As known at K is, for each book, every entry whose ``book_seq`` is at most the largest of that book among the leaves
below index K of the newest log. Leaves are only ever added, so the answer is the same years later, and two K show a
restatement as a difference. Without a K a report answers for now: everything committed, numbered or not.

A report writes one query, reads the journal and its totals only through the names below, and runs it as a
``ReportQuery``, which has it in two forms. ``(book)`` stands for the book of ``:book_id``, any other name for a
relation of the query with columns ``book_id`` and ``known_seq``, as ``scope`` of ``SCOPE_SQL`` has::

    known.entry(book) AS e          the entries of the book
    known.posting(scope) AS p       the postings of the books of scope
    known.balance_key(scope) AS k   the accounts and funds ever used
    known.month_total(scope) AS m   the movement of months (of all books of scope, not of a row of it)
    LEFT JOIN LATERAL known.latest(t.total_on <= :to_on) AS closing ON true
                                    beside a k: its sums of the last day for which the condition holds

For now each is the table itself. As known, rows of the journal are those up to the book's last known one, and a total
is the one of today less what came since, read by the key of ``posting`` (tenant, book, seq): the cost grows with what
came since, not with the history. A row that exists only because of what came since is not there.

What is not money is told as it stands: names, the tree of associations and the chart are today's, and a description
that was erased since is erased in every answer.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, text

from ledger.errors import LedgerError
from ledger.reports.scope import SCOPE_SQL, latest_sql


class LogTooShort(LedgerError):
    """The log has not grown to the size that was asked for; carries both."""

    code = "log_too_short"


class KnownRefused(LedgerError):
    """A size of the log is not below zero, and the later of two not below the earlier."""

    code = "known_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A size of a log, or now, where ``at`` is ``None``; made by ``known_at``."""

    at: int | None = None
    log_id: int | None = None

    def seq_of(self, conn: Connection, *, tenant_id: object, book_id: object) -> int:
        """Return the last entry of a book that was known, 0 where none was; not to be asked of now."""
        asked = {"tenant_id": tenant_id, "book_id": book_id, "known_at": self.at, "known_log_id": self.log_id}
        return int(conn.execute(_SEQ, asked).scalar_one())


NOW: Final = Known()


def _seq_sql(book_id: str) -> str:
    return f"""\
coalesce((
        SELECT l.book_seq
        FROM soquy.log_leaf AS l
        WHERE l.log_id = CAST(:known_log_id AS smallint) AND l.tenant_id = :tenant_id AND l.book_id = {book_id}
            AND l.book_seq IS NOT NULL AND l.leaf_index < CAST(:known_at AS bigint)
        ORDER BY l.leaf_index DESC
        LIMIT 1
    ), 0)"""


_SEQ: Final = text(f"SELECT {_seq_sql(':book_id')}")

_HEAD: Final = text("SELECT log_id, size FROM soquy.log_head ORDER BY log_id DESC LIMIT 1")

_SCOPE_KNOWN_SQL: Final = f"""\
scope AS MATERIALIZED (
    SELECT book.book_id, book.association_id, {_seq_sql("book.book_id")} AS known_seq
    FROM soquy.book AS book
    WHERE book.tenant_id = :tenant_id AND book.book_id = ANY (CAST(:scope_book_ids AS bigint[]))
)"""

# The upper bound tells the planner that this is a narrow range: of one bound alone it thinks a third of the table.
_AFTER_SQL: Final = "BETWEEN CAST({seq} AS bigint) + 1 AND 9223372036854775807"

_SINCE_BOOK_SQL: Final = f"""\
    FROM soquy.posting AS p
    WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id AND p.seq {_AFTER_SQL.format(seq=":known_seq")}"""

_SINCE_SCOPE_SQL: Final = f"""\
    FROM scope
    CROSS JOIN LATERAL (
        SELECT each.*
        FROM soquy.posting AS each
        WHERE each.tenant_id = :tenant_id AND each.book_id = scope.book_id
            AND each.seq {_AFTER_SQL.format(seq="scope.known_seq")}
        OFFSET 0
    ) AS p"""


def _since_sql(source: str) -> str:
    """Return the parts of a ``WITH`` that hold what came since: its lines, and their sums by day and by key."""
    return f"""\
since_line AS MATERIALIZED (
    SELECT p.book_id, p.account, p.fund, p.entry_on, p.channel, p.campaign, p.program, p.quantity,
        greatest(p.value_minor, 0) AS debit_minor, greatest(- p.value_minor, 0) AS credit_minor
{source}
), since AS MATERIALIZED (
    SELECT book_id, account, fund, entry_on AS total_on, CAST(sum(debit_minor) AS bigint) AS debit_minor,
        CAST(sum(credit_minor) AS bigint) AS credit_minor
    FROM since_line
    GROUP BY book_id, account, fund, entry_on
), since_key AS MATERIALIZED (
    SELECT book_id, account, fund, CAST(sum(debit_minor) AS bigint) AS debit_minor,
        CAST(sum(credit_minor) AS bigint) AS credit_minor
    FROM since
    GROUP BY book_id, account, fund
)"""


def _rows_sql(table: str, book_id: str, known_seq: str) -> str:
    # A sum is no key: else the planner reads a book by seq up to there, which is nearly all of it.
    return f"""\
LATERAL (
    SELECT each.*
    FROM soquy.{table} AS each
    WHERE each.tenant_id = :tenant_id AND each.book_id = {book_id} AND each.seq + 0 <= {known_seq}
)"""


def _key_sql(book_id: str) -> str:
    """Return the keys with something known; only one that moved since may have nothing."""
    return f"""\
LATERAL (
    SELECT each.tenant_id, each.book_id, each.account, each.fund
    FROM soquy.balance_key AS each
    LEFT JOIN since_key ON since_key.book_id = each.book_id AND since_key.account = each.account
        AND since_key.fund = each.fund
    WHERE each.tenant_id = :tenant_id AND each.book_id = {book_id} AND (since_key.book_id IS NULL OR EXISTS (
        SELECT
        FROM (
            SELECT t.debit_to_date_minor, t.credit_to_date_minor
            FROM soquy.day_total AS t
            WHERE t.tenant_id = each.tenant_id AND t.book_id = each.book_id AND t.account = each.account
                AND t.fund = each.fund
            ORDER BY t.total_on DESC
            LIMIT 1
        ) AS t
        WHERE t.debit_to_date_minor > since_key.debit_minor OR t.credit_to_date_minor > since_key.credit_minor
    ))
)"""


_MONTH_SQL: Final = """\
(
    SELECT each.tenant_id, each.book_id, each.month_on, each.account, each.fund, each.channel, each.campaign,
        each.program, CAST(sum(each.debit_minor) AS bigint) AS debit_minor,
        CAST(sum(each.credit_minor) AS bigint) AS credit_minor, CAST(sum(each.quantity) AS bigint) AS quantity
    FROM (
        SELECT m.tenant_id, m.book_id, m.month_on, m.account, m.fund, m.channel, m.campaign, m.program,
            m.debit_minor, m.credit_minor, m.quantity
        FROM scope
        JOIN soquy.month_total AS m ON m.tenant_id = :tenant_id AND m.book_id = scope.book_id
        UNION ALL
        SELECT CAST(:tenant_id AS integer), book_id, CAST(date_trunc('month', CAST(entry_on AS timestamp)) AS date),
            account, fund, coalesce(channel, ''), coalesce(campaign, ''), coalesce(program, ''), - debit_minor,
            - credit_minor, - coalesce(quantity, 0)
        FROM since_line
    ) AS each
    GROUP BY each.tenant_id, each.book_id, each.month_on, each.account, each.fund, each.channel, each.campaign,
        each.program
    HAVING sum(each.debit_minor) > 0 OR sum(each.credit_minor) > 0
)"""


def _latest_known_sql(join: str, until: str, name: str) -> str:
    """Return the joins that take what came since from the sums of a day; of nothing known there is no row."""
    kind = "LEFT JOIN" if join == "LEFT" else "JOIN"
    return f"""\
LEFT JOIN LATERAL {latest_sql(until)} AS {name}_all ON true
LEFT JOIN LATERAL (
    SELECT t.book_id, t.account, t.fund, CAST(sum(t.debit_minor) AS bigint) AS debit_minor,
        CAST(sum(t.credit_minor) AS bigint) AS credit_minor
    FROM since AS t
    WHERE {until}
    GROUP BY t.book_id, t.account, t.fund
) AS {name}_since ON {name}_since.book_id = k.book_id AND {name}_since.account = k.account
    AND {name}_since.fund = k.fund
{kind} LATERAL (
    SELECT was.debit_minor AS debit_to_date_minor, was.credit_minor AS credit_to_date_minor,
        was.debit_minor - was.credit_minor AS balance_minor
    FROM (
        SELECT {name}_all.debit_to_date_minor - coalesce({name}_since.debit_minor, 0) AS debit_minor,
            {name}_all.credit_to_date_minor - coalesce({name}_since.credit_minor, 0) AS credit_minor
    ) AS was
    WHERE was.debit_minor <> 0 OR was.credit_minor <> 0
) AS {name} ON true"""


_LATEST: Final = re.compile(r"\b(LEFT|CROSS) JOIN LATERAL known\.latest\((.+?)\) AS (\w+)(\s+ON true)?", re.DOTALL)
_TABLE: Final = re.compile(r"\bknown\.(entry|posting|balance_key|month_total)\((\w+)\)")
_WITH: Final = re.compile(r"WITH (?:RECURSIVE )?")


def _now_sql(sql: str) -> str:
    with_totals = _LATEST.sub(
        lambda found: f"{found[1]} JOIN LATERAL {latest_sql(found[2])} AS {found[3]}{found[4] or ''}", sql
    )
    return _TABLE.sub(r"soquy.\1", with_totals)


def _table_known_sql(found: re.Match[str]) -> str:
    table, of = found.groups()
    if table == "month_total":
        return _MONTH_SQL
    book_id, known_seq = (
        (":book_id", "CAST(:known_seq AS bigint)") if of == "book" else (f"{of}.book_id", f"{of}.known_seq")
    )
    return _key_sql(book_id) if table == "balance_key" else _rows_sql(table, book_id, known_seq)


def _known_sql(sql: str) -> str:
    since = _since_sql(_SINCE_SCOPE_SQL if SCOPE_SQL in sql else _SINCE_BOOK_SQL)
    named = sql.replace(SCOPE_SQL, _SCOPE_KNOWN_SQL)
    with_totals = _LATEST.sub(lambda found: _latest_known_sql(found[1], found[2], found[3]), named)
    begun = _WITH.match(with_totals)
    rest = f", {with_totals[begun.end() :]}" if begun else f"\n{with_totals}"
    return f"WITH RECURSIVE {since}{_TABLE.sub(_table_known_sql, rest)}"


class ReportQuery:
    """A query of a report, of now and as known; the module's docstring says what it may read."""

    def __init__(self, sql: str) -> None:
        self._is_of_scope = SCOPE_SQL in sql
        self._now = text(_now_sql(sql))
        self._known = text(_known_sql(sql))

    def run(self, conn: Connection, parameters: Mapping[str, object], known: Known) -> CursorResult[Any]:
        """Run the query with its own parameters, as known."""
        if known.at is None:
            return conn.execute(self._now, parameters)
        if self._is_of_scope:
            return conn.execute(self._known, {**parameters, "known_at": known.at, "known_log_id": known.log_id})
        seq = known.seq_of(conn, tenant_id=parameters["tenant_id"], book_id=parameters["book_id"])
        return conn.execute(self._known, {**parameters, "known_seq": seq})


def known_at(conn: Connection, size: int | None) -> Known:
    """Return what was known when the log had a size; now, where none is given.

    Raises:
        KnownRefused: a size below zero.
        LogTooShort: the log has not grown to it.
    """
    if size is None:
        return NOW
    if size < 0:
        raise KnownRefused(known_at=size)
    head = conn.execute(_HEAD).one_or_none()
    log_size = 0 if head is None else head.size
    if size > log_size:
        raise LogTooShort(known_at=size, size=log_size)
    return Known(at=size, log_id=None if head is None else head.log_id)


def log_size(conn: Connection) -> int:
    """Return how many leaves the newest log has."""
    head = conn.execute(_HEAD).one_or_none()
    return 0 if head is None else int(head.size)
