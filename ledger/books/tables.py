"""Turn a refusal of the database into the error it means, by the name of the rule that refused.

Names are those of ``migrations/sql``. Most of them are found in the input first (``books/rules.py``); what arrives
here is an overdraft, a race, or a bug of ours, and the books are safe from all three.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from ledger.books.model import EntryDraft, VoucherNumber
from ledger.errors import (
    ClosingRefused,
    CodeTaken,
    Fault,
    FieldRefused,
    LedgerError,
    MonthNotLockable,
    PostingRefused,
    RuleRefused,
)
from ledger.money import AMOUNT_MAX, VND

_TAKEN: Final = {
    "entry_id_unique": "entry_id",
    "account_pk": "account",
    "fund_pk": "fund",
    "campaign_pk": "campaign",
    "program_pk": "program",
    "association_pk": "association_id",
    "earmark_pk": "earmark",
}

_CONSENT: Final = {
    "entry_proposed_rule": "consent_missing",
    "entry_as_proposed_rule": "consent_other",
    "entry_approved_rule": "consent_pending",
    "entry_list_rule": "list_not_payable",
}

_REFUSED: Final[dict[str, type[LedgerError]]] = {
    "month_lock_ended_rule": MonthNotLockable,
    "month_lock_forward_rule": MonthNotLockable,
    "month_lock_pk": MonthNotLockable,
    "closing_empty_rule": ClosingRefused,
}


def raise_refusal(error: DatabaseError, drafts: Sequence[EntryDraft] = ()) -> NoReturn:
    """Raise what a refused statement means; anything that is no refusal is raised as it came.

    Raises:
        PostingRefused: an overdraft, with the entries of ``drafts`` that draw on what is short.
        LedgerError: another rule, a code or id that is taken.
        DatabaseError: not a rule of ours (a lost connection, a serialization failure to retry).
    """
    cause = error.orig
    if isinstance(cause, psycopg.errors.NumericValueOutOfRange):
        # A sum of many right amounts: more đồng than there are in the world, but not more than a batch can hold.
        raise PostingRefused([Fault(code="amount_too_large", fields={"amount_max": AMOUNT_MAX})]) from error
    if not isinstance(cause, psycopg.errors.IntegrityError):
        raise error
    rule = cause.diag.constraint_name or ""
    if rule == "day_total_overdraft_rule":
        raise PostingRefused(_overdraft_faults(json.loads(cause.diag.message_detail or "[]"), drafts)) from error
    if rule in _CONSENT:
        raise PostingRefused(
            [_consent_fault(_CONSENT[rule], json.loads(cause.diag.message_detail or "{}"), drafts)]
        ) from error
    if rule == "entry_opening_first_rule":
        raise PostingRefused([Fault(code="opening_first", field="kind")]) from error
    if rule in _TAKEN:
        raise CodeTaken(field=_TAKEN[rule]) from error
    if rule in _REFUSED:
        raise _REFUSED[rule] from error
    if rule.endswith("_check") and cause.diag.table_name:
        raise FieldRefused(rule=rule) from error
    raise RuleRefused(rule=rule) from error


def insert_row(conn: Connection, table: str, row: Mapping[str, object]) -> None:
    """Insert one row; table and columns are names of the program, never input.

    Raises:
        LedgerError: as ``raise_refusal`` says.
    """
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    try:
        conn.execute(text(f"INSERT INTO soquy.{table} ({columns}) VALUES ({values})"), row)  # noqa: S608
    except DatabaseError as error:
        raise_refusal(error)


def _consent_fault(code: str, refused: Mapping[str, Any], drafts: Sequence[EntryDraft]) -> Fault:
    """Name the entry whose voucher nobody proposed, says something else, or waits for consent."""
    named = tuple(refused["voucher"])
    entry = next(
        (
            index
            for index, draft in enumerate(drafts)
            if isinstance(draft.voucher, VoucherNumber)
            and (draft.voucher.kind, draft.voucher.fiscal_year, draft.voucher.number) == named
        ),
        None,
    )
    kind, fiscal_year, number = named
    fields = {"kind": kind, "fiscal_year": fiscal_year, "number": number}
    return Fault(code=code, entry=entry, field="voucher", fields=fields)


def _overdraft_faults(shortfalls: Sequence[dict[str, Any]], drafts: Sequence[EntryDraft]) -> list[Fault]:
    """Name what is short and when, at the last entry that draws on it up to that day."""
    found = []
    for short in shortfalls:
        drawing = [
            (index, line_index)
            for index, draft in enumerate(drafts)
            for line_index, line in enumerate(draft.lines)
            if line.account == short["account"]
            and line.fund == short["fund"]
            and str(draft.entry_on) <= short["total_on"]
        ]
        entry, line = drawing[-1] if drawing else (None, None)
        fields = {
            "account": short["account"],
            "fund": short["fund"],
            "day": short["total_on"],
            "balance_minor": short["balance_minor"],
            "currency": short["currency"],
        }
        code = "overdraft" if short["currency"] == VND else "overdraft_foreign"
        found.append(Fault(code=code, entry=entry, line=line, field="value_minor", fields=fields))
    return found
