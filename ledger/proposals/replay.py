"""Make proposals again from their leaves; who is paid and what for was sealed out of them."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from ledger import typeid
from ledger.books.model import Book
from ledger.books.replay_maker import Maker, home

_PROPOSAL: Final = text("""\
INSERT INTO soquy.entry_proposal (tenant_id, book_id, proposal_id, action, kind, voucher_kind, fiscal_year, number,
    lines, rate, corrects_id, list_id, amount_minor, recorded_at)
VALUES (:tenant_id, :book_id, :proposal_id, CASE WHEN :kind = 'adjustment' THEN 'adjustment' ELSE 'payment' END, :kind,
    :voucher_kind, :fiscal_year, :number, CAST(:lines AS jsonb), CAST(:rate AS jsonb), :corrects_id, :list_id,
    :amount_minor, :recorded_at)""")


def _proposed(conn: Connection, leaf: Leaf, event_id: UUID, payload: dict[str, Any], book: Book) -> None:
    voucher_kind, fiscal_year, number = payload["voucher"]
    corrects, listed, rate = payload["corrects"], payload["list"], payload["rate"]
    row = {
        "proposal_id": event_id,
        "kind": payload["kind"],
        "voucher_kind": voucher_kind,
        "fiscal_year": fiscal_year,
        "number": number,
        "lines": json.dumps(payload["lines"]),
        "rate": None if rate is None else json.dumps(rate),
        "corrects_id": None if corrects is None else typeid.decode(typeid.ENTRY, corrects),
        "list_id": None if listed is None else typeid.decode(typeid.AWARD_LIST, listed),
        "amount_minor": sum(max(line[2], 0) for line in payload["lines"]),
        "recorded_at": leaf.recorded_at,
    }
    conn.execute(_PROPOSAL, {**home(book), **row})


PROPOSAL_MAKERS: Final[Mapping[str, Maker]] = {"entry.proposed": _proposed}
"""Type of leaf → what makes its row again."""
