"""The books as plain text in the language of beancount, whose own checker then agrees with every balance.

Names: ``Assets:B12:1111:QC`` is account 1111 of book 12 within fund QC; which association keeps book 12 is said by a
``custom "association"`` directive. The first part follows the first digit of the account, as the chart groups them.

- An account in đồng carries đồng. What a line was in its own currency stands beside it as ``original``.
- An account in a foreign currency carries that, at a total price in đồng (``100.00 USD @@ 2450000 VND``).
- Every account has a ``balance`` assertion after each month in which it moved, from our totals and not from the lines
  above it: so a checker that accepts the file has found both to agree, account by account and fund by fund.

No name of a person, no description and nothing else that was typed about an entry is written; names of associations
are.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final, TextIO

from sqlalchemy import Connection, Row, TextClause, text

from ledger import typeid
from ledger.calendar import month_end
from ledger.money import VND
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters

Rows = Iterator[Row[tuple[object, ...]]]

FETCH_SIZE: Final = 2_000
"""Rows held at a time, and between two reports of progress."""

_ROOTS: Final = {
    "1": "Assets",
    "2": "Assets",
    "3": "Liabilities",
    "4": "Equity",
    "5": "Income",
    "6": "Expenses",
    "7": "Income",
    "8": "Expenses",
    "9": "Equity",
}

# Dividing a total price by an amount leaves a remainder in the 20th digit, hence the tolerance; a đồng is a whole one.
_HEADER: Final = """\
option "title" "Sổ Quỹ"
option "operating_currency" "VND"
option "inferred_tolerance_default" "VND:0.005"
"""

_ASSOCIATIONS: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT scope.book_id, scope.association_id, a.name_vi, b.opened_on
FROM scope
JOIN soquy.association AS a ON a.tenant_id = :tenant_id AND a.association_id = scope.association_id
JOIN soquy.book AS b ON b.tenant_id = :tenant_id AND b.book_id = scope.book_id
WHERE b.opened_on <= :as_of
ORDER BY scope.book_id
""")

_ACCOUNTS: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT k.book_id, k.account, k.fund, a.currency, greatest(a.opened_on, f.opened_on) AS opened_on,
    least(a.closed_on, f.closed_on) AS closed_on
FROM scope
JOIN soquy.balance_key AS k ON k.tenant_id = :tenant_id AND k.book_id = scope.book_id
JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = k.book_id AND a.account = k.account
JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = k.book_id AND f.fund = k.fund
WHERE EXISTS (
    SELECT FROM soquy.day_total AS t
    WHERE t.tenant_id = k.tenant_id AND t.book_id = k.book_id AND t.account = k.account AND t.fund = k.fund
        AND t.total_on <= :as_of)
ORDER BY k.book_id, k.account, k.fund
""")

_LINES: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT e.book_id, e.seq, e.entry_id, e.kind, e.entry_on, e.voucher_kind, e.fiscal_year, e.voucher_number,
    e.corrects_seq, e.rate, e.rate_source, p.account, p.fund, p.value_minor, p.amount_minor, p.currency, p.channel,
    p.campaign, p.program, p.quantity, c.minor_digits, a.currency AS account_currency
FROM scope
JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id
JOIN soquy.posting AS p ON p.tenant_id = :tenant_id AND p.book_id = e.book_id AND p.seq = e.seq
    AND p.entry_on = e.entry_on
JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = p.book_id AND a.account = p.account
JOIN soquy.currency AS c ON c.currency = p.currency
WHERE e.entry_on <= :as_of AND p.entry_on <= :as_of
ORDER BY e.book_id, e.entry_on, e.seq, p.line
""")

# Totals are kept in đồng, so what a foreign account holds of its currency is summed from its lines: they are few.
_BALANCES: Final = text(f"""\
WITH {SCOPE_SQL}, month AS (
    SELECT DISTINCT ON (t.book_id, t.account, t.fund, date_trunc('month', CAST(t.total_on AS timestamp)))
        t.book_id, t.account, t.fund, a.closed_on, CAST('VND' AS text) AS currency, t.total_on,
        CAST(t.balance_minor AS numeric) AS balance_minor
    FROM scope
    JOIN soquy.day_total AS t ON t.tenant_id = :tenant_id AND t.book_id = scope.book_id AND t.total_on <= :as_of
    JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = t.book_id AND a.account = t.account
    WHERE a.currency = 'VND'
    ORDER BY t.book_id, t.account, t.fund, date_trunc('month', CAST(t.total_on AS timestamp)), t.total_on DESC
), foreign_month AS (
    SELECT p.book_id, p.account, p.fund, a.closed_on, p.currency, max(p.entry_on) AS total_on,
        sum(sum(p.amount_minor)) OVER (
            PARTITION BY p.book_id, p.account, p.fund, p.currency
            ORDER BY date_trunc('month', CAST(p.entry_on AS timestamp))) AS balance_minor
    FROM scope
    JOIN soquy.account AS a ON a.tenant_id = :tenant_id AND a.book_id = scope.book_id AND a.currency <> 'VND'
    JOIN soquy.posting AS p ON p.tenant_id = :tenant_id AND p.book_id = a.book_id AND p.account = a.account
        AND p.entry_on <= :as_of
    GROUP BY p.book_id, p.account, p.fund, a.closed_on, p.currency, date_trunc('month', CAST(p.entry_on AS timestamp))
)
SELECT found.*, least(found.closed_on, f.closed_on) AS last_on, c.minor_digits
FROM (SELECT * FROM month UNION ALL SELECT * FROM foreign_month) AS found
JOIN soquy.fund AS f ON f.tenant_id = :tenant_id AND f.book_id = found.book_id AND f.fund = found.fund
JOIN soquy.currency AS c USING (currency)
""")


def write_beancount(
    conn: Connection, scope: Scope, out: TextIO, *, as_of: date, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write the books of a scope up to the end of a day; return how many entries there were.

    Rows stream from the server, so memory does not grow with the books. ``progress`` hears the number of entries
    written so far. The transaction should be REPEATABLE READ, or entries posted meanwhile may miss their balances.
    """
    parameters = {**scope_parameters(conn, scope), "as_of": as_of}
    out.write(_HEADER)
    for row in _stream(conn, _ASSOCIATIONS, parameters):
        association = typeid.encode(typeid.ASSOCIATION, row.association_id)
        out.write(f'{row.opened_on} custom "association" "B{row.book_id}" "{association}" {_quoted(row.name_vi)}\n')
    for row in _stream(conn, _ACCOUNTS, parameters):
        currencies = VND if row.currency == VND else f"{row.currency},{VND}"
        out.write(f"{row.opened_on} open {_name(row)} {currencies}\n")
        if row.closed_on is not None and row.closed_on < as_of:
            out.write(f"{row.closed_on + timedelta(days=1)} close {_name(row)}\n")
    count = 0
    for count, (_, lines) in enumerate(
        groupby(_stream(conn, _LINES, parameters), key=lambda row: (row.book_id, row.seq)), start=1
    ):
        out.write(_transaction(list(lines)))
        if count % FETCH_SIZE == 0:
            progress(count)
    for row in _stream(conn, _BALANCES, parameters):
        day = min(each for each in (month_end(row.total_on), row.last_on, as_of) if each is not None)
        amount = f"{_number(int(row.balance_minor), row.minor_digits)} ~ 0"
        out.write(f"{day + timedelta(days=1)} balance {_name(row)} {amount} {row.currency}\n")
    progress(count)
    return count


def _stream(conn: Connection, query: TextClause, parameters: dict[str, object]) -> Rows:
    return iter(conn.execute(query, parameters, execution_options={"stream_results": True, "yield_per": FETCH_SIZE}))


def _name(row: Row[tuple[object, ...]]) -> str:
    return f"{_ROOTS[row.account[0]]}:B{row.book_id}:{row.account}:{row.fund}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(amount_minor: int, minor_digits: int) -> str:
    return f"{Decimal(amount_minor).scaleb(-minor_digits):f}"


def _transaction(lines: list[Row[tuple[object, ...]]]) -> str:
    """Return an entry as text; codes and numbers only, so nothing in it needs quoting."""
    first = lines[0]
    voucher = f"{first.voucher_kind}/{first.fiscal_year}/{first.voucher_number}" if first.voucher_kind else None
    parts = [
        f'\n{first.entry_on} * "{voucher or first.kind}"',
        f'  entry: "{typeid.encode(typeid.ENTRY, first.entry_id)}"',
        f"  seq: {first.seq}",
        f'  kind: "{first.kind}"',
    ]
    if voucher is not None:
        parts.append(f'  voucher: "{voucher}"')
    if first.corrects_seq is not None:
        parts.append(f"  corrects: {first.corrects_seq}")
    if first.rate is not None:
        parts.append(f"  rate: {first.rate.normalize():f}")
        parts.append(f'  source: "{first.rate_source}"')
    for line in lines:
        parts.extend(_posting(line))
    return "\n".join(parts) + "\n"


def _posting(line: Row[tuple[object, ...]]) -> Iterator[str]:
    own = f"{_number(line.amount_minor, line.minor_digits)} {line.currency}"
    is_foreign = line.currency != VND and line.currency == line.account_currency
    yield f"  {_name(line)} {f'{own} @@ {abs(line.value_minor)}' if is_foreign else line.value_minor} {VND}"
    if line.currency != VND and not is_foreign:
        yield f"    original: {own}"
    for name, value in (("channel", line.channel), ("campaign", line.campaign), ("program", line.program)):
        if value is not None:
            yield f'    {name}: "{value}"'
    if line.quantity is not None:
        yield f"    quantity: {line.quantity}"
