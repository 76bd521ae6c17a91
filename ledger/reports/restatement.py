"""How a trial balance changed between two sizes of the log, and the entries by which it did.

A figure that was published as known at K1 and reads otherwise as known at K2 differs by what was learnt between: the
accounts whose opening, movement or closing is another, and the entries of the period that became known. An opening may
also differ by entries of earlier days; they stand in the restatement of a period that has those days.
"""
# ruff: noqa: S608 - queries are put together from constants of the program; values always travel as parameters

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.model import VoucherNumber
from ledger.reports.journal import voucher_of
from ledger.reports.known import Known, KnownRefused, known_at, log_size
from ledger.reports.page import Page, row_limit
from ledger.reports.period import Period
from ledger.reports.scope import SCOPE_SQL, Scope, scope_parameters
from ledger.reports.trial_balance import TrialBalanceRow, trial_balance


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAmounts:
    """What an account had, moved and had left; balances are debit positive."""

    opening_minor: int = 0
    debit_minor: int = 0
    credit_minor: int = 0
    closing_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestatedAccount:
    """An account whose figures became others; ``difference`` is after less before."""

    account: str
    name_vi: str
    name_en: str
    before: AccountAmounts
    after: AccountAmounts
    difference: AccountAmounts


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntEntry:
    """An entry of the period that was not known before; ``leaf_index`` is where the log has it."""

    leaf_index: int
    association_id: UUID
    book_id: int
    seq: int
    entry_id: UUID
    kind: str
    entry_on: date
    voucher: VoucherNumber | None


# Each book gives at most a page of its own from its index of the log, so a page costs the books asked for and the
# entries of other periods that are passed over.
_LEARNT: Final = text(f"""\
WITH {SCOPE_SQL}
SELECT learnt.leaf_index, scope.association_id, scope.book_id, learnt.seq, learnt.entry_id, learnt.kind,
    learnt.entry_on, learnt.voucher_kind, learnt.fiscal_year, learnt.voucher_number
FROM scope
CROSS JOIN LATERAL (
    SELECT l.leaf_index, e.seq, e.entry_id, e.kind, e.entry_on, e.voucher_kind, e.fiscal_year, e.voucher_number
    FROM soquy.log_leaf AS l
    JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.book_id = scope.book_id AND e.seq = l.book_seq
    WHERE l.log_id = CAST(:log_id AS smallint) AND l.tenant_id = :tenant_id AND l.book_id = scope.book_id
        AND l.book_seq IS NOT NULL AND l.leaf_index >= :first_index AND l.leaf_index < :known_after
        AND e.entry_on BETWEEN :from_on AND :to_on
    ORDER BY l.leaf_index
    LIMIT :row_limit
) AS learnt
ORDER BY learnt.leaf_index
LIMIT :row_limit
""")


def known_pair(conn: Connection, before: int, after: int | None) -> tuple[Known, Known]:
    """Return two sizes of the log; the later is what the log has now, unless given.

    Raises:
        KnownRefused: the later is the smaller, or one is below zero.
        LogTooShort: the log has not grown to it.
    """
    later = log_size(conn) if after is None else after
    pair = known_at(conn, before), known_at(conn, later)
    if later < before:
        raise KnownRefused(known_before=before, known_after=later)
    return pair


def restated_accounts(
    conn: Connection, scope: Scope, period: Period, *, before: Known, after: Known
) -> tuple[RestatedAccount, ...]:
    """Return the accounts of the trial balance that differ, by account."""
    was, became = (
        {row.account: row for row in trial_balance(conn, scope, period, known=known).rows} for known in (before, after)
    )
    found = []
    for account in sorted(was.keys() | became.keys()):
        named = became.get(account) or was[account]
        old, new = _amounts(was.get(account)), _amounts(became.get(account))
        if old != new:
            found.append(
                RestatedAccount(
                    account=account,
                    name_vi=named.name_vi,
                    name_en=named.name_en,
                    before=old,
                    after=new,
                    difference=_difference(old, new),
                )
            )
    return tuple(found)


def _amounts(row: TrialBalanceRow | None) -> AccountAmounts:
    if row is None:
        return AccountAmounts()
    return AccountAmounts(
        opening_minor=row.opening_debit_minor - row.opening_credit_minor,
        debit_minor=row.debit_minor,
        credit_minor=row.credit_minor,
        closing_minor=row.closing_debit_minor - row.closing_credit_minor,
    )


def _difference(old: AccountAmounts, new: AccountAmounts) -> AccountAmounts:
    return AccountAmounts(
        opening_minor=new.opening_minor - old.opening_minor,
        debit_minor=new.debit_minor - old.debit_minor,
        credit_minor=new.credit_minor - old.credit_minor,
        closing_minor=new.closing_minor - old.closing_minor,
    )


def learnt_entries(
    conn: Connection,
    scope: Scope,
    period: Period,
    *,
    before: Known,
    after: Known,
    after_index: int | None = None,
    page_size: int = 100,
) -> Page[LearntEntry, int]:
    """Return a page of the period's entries that became known between, as the log has them; the cursor is an index.

    Raises:
        PageSizeRefused: outside 1 to ``PAGE_SIZE_MAX``.
    """
    first = before.at or 0
    parameters = {
        **scope_parameters(conn, scope),
        **period.parameters(),
        "log_id": after.log_id,
        "first_index": first if after_index is None else max(first, after_index + 1),
        "known_after": after.at,
        "row_limit": row_limit(page_size),
    }
    found = conn.execute(_LEARNT, parameters).all()
    rows = tuple(
        LearntEntry(
            leaf_index=row.leaf_index,
            association_id=row.association_id,
            book_id=row.book_id,
            seq=row.seq,
            entry_id=row.entry_id,
            kind=row.kind,
            entry_on=row.entry_on,
            voucher=voucher_of(row),
        )
        for row in found[:page_size]
    )
    return Page(rows=rows, next_cursor=rows[-1].leaf_index if len(found) > page_size else None)
