"""Take a book, and learn in the same round trip what posting needs to know of it."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from audit.columns import text_array
from ledger import typeid
from ledger.books.model import (
    AccountFacts,
    Actor,
    Book,
    BookFacts,
    CorrectedFacts,
    EntryDraft,
    FundFacts,
    Request,
    Span,
    VoucherFacts,
    VoucherNumber,
)
from ledger.books.tables import raise_refusal
from ledger.calendar import fiscal_year
from ledger.errors import AssociationNotFound
from ledger.money import VND

_match_code: Final = re.compile(r"[A-Za-z0-9-]{1,40}").fullmatch

_TAKE: Final = text("""\
    SELECT soquy.take_book(:tenant_id, :book_id, CAST(:accounts AS text[]), CAST(:funds AS text[]),
        CAST(:more AS jsonb))""")


def take_book(conn: Connection, book: Book, named: Mapping[str, Collection[Any]] | None = None) -> dict[str, Any]:
    """Take the book for this transaction; return its head and what exists of the codes named.

    ``named`` holds lists of accounts, funds, numbers (kind and year of vouchers to be issued), channels, campaigns,
    programs, currencies, vouchers (kind, year, number) and corrects (seqs), and ``key`` with ``principal_id``; the
    answer has nothing under a name that is left out.

    Raises:
        AssociationNotFound: no such book in the transaction's tenant.
    """
    more = dict(named or {})
    parameters = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "accounts": text_array(more.pop("accounts", ())),
        "funds": text_array(more.pop("funds", ())),
        "more": json.dumps({name: codes for name, codes in more.items() if codes}),
    }
    try:
        taken = conn.execute(_TAKE, parameters).scalar()
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    if taken is None:
        raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, book.association_id))
    return dict(taken)


def named_codes(drafts: Sequence[EntryDraft], actor: Actor, request: Request | None) -> dict[str, Collection[Any]]:
    """Return what to ask of a book for these drafts: each code once, however often it is named."""
    lines = [line for draft in drafts for line in draft.lines]
    vouchers = {draft.voucher for draft in drafts if isinstance(draft.voucher, VoucherNumber)}
    named: dict[str, Collection[Any]] = {
        "accounts": _codes(line.account for line in lines),
        "funds": _codes(line.fund for line in lines),
        "numbers": list(
            {
                (draft.voucher, fiscal_year(draft.entry_on))
                for draft in drafts
                if isinstance(draft.voucher, str) and _match_code(draft.voucher)
            }
        ),
        "channels": _codes(line.channel for line in lines),
        "campaigns": _codes(line.campaign for line in lines),
        "programs": _codes(line.program for line in lines),
        "currencies": _codes(
            {line.currency for line in lines} - {VND} | {draft.rate.currency for draft in drafts if draft.rate}
        ),
        "vouchers": [
            [voucher.kind, voucher.fiscal_year, voucher.number] for voucher in vouchers if _match_code(voucher.kind)
        ],
        "corrects": list({draft.corrects_seq for draft in drafts} - {None}),
    }
    if request is not None:
        named |= {"key": request.key, "principal_id": str(actor.principal_id)}
    return named


def _codes(named: Iterable[str | None]) -> list[str]:
    """Return each code once; what has no code's form names nothing, and need not be asked for."""
    return [code for code in set(named) if code is not None and _match_code(code)]


def book_facts(taken: Mapping[str, Any]) -> BookFacts:
    """Parse what ``take_book`` told."""
    day = date.fromisoformat
    return BookFacts(
        recorded_at=taken["recorded_at"],
        today=day(taken["today"]),
        last_seq=taken["last_seq"],
        locked_through=_day(taken["locked_through"]),
        opened_on=day(taken["opened_on"]),
        closed_on=_day(taken["closed_on"]),
        accounts={
            code: AccountFacts(is_parent=parent, role=role, currency=unit, opened_on=day(first), closed_on=_day(last))
            for code, (parent, role, unit, first, last) in (taken["accounts"] or {}).items()
        },
        funds={
            code: FundFacts(balance_account=account, opened_on=day(first), closed_on=_day(last))
            for code, (account, first, last) in (taken["funds"] or {}).items()
        },
        voucher_kinds=taken["voucher_kinds"] or {},
        counters={(kind, year): last for kind, year, last in taken["counters"] or () if last},
        channels=frozenset(taken.get("channels") or ()),
        campaigns=_spans(taken.get("campaigns")),
        programs=_spans(taken.get("programs")),
        minor_digits=taken.get("currencies") or {},
        vouchers={
            VoucherNumber(kind=kind, fiscal_year=year, number=number): VoucherFacts(
                issued_on=day(issued_on), is_void=is_void, executed_seq=seq
            )
            for kind, year, number, issued_on, is_void, seq in taken.get("vouchers") or ()
        },
        corrected={
            int(seq): CorrectedFacts(kind=kind, entry_on=day(on), entry_id=UUID(entry_id), reversed_by_seq=by)
            for seq, (kind, on, entry_id, by) in (taken.get("corrected") or {}).items()
        },
    )


def _spans(taken: Mapping[str, Sequence[str]] | None) -> dict[str, Span]:
    return {
        code: Span(opened_on=date.fromisoformat(first), closed_on=_day(last))
        for code, (first, last) in (taken or {}).items()
    }


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
