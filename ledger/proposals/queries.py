"""Read proposals: those of some ids, one, and the list of a book with how each stands."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array
from ledger import typeid
from ledger.approvals.queries import last_approvals
from ledger.books.leaf import read_lines, read_rate
from ledger.books.model import Book, VoucherNumber
from ledger.proposals.errors import ProposalNotFound
from ledger.proposals.model import State, WaitingEntry
from ledger.reports.page import Page

_PROPOSALS: Final = """\
SELECT p.proposal_id, p.action, p.kind, k.moves, p.voucher_kind, p.fiscal_year, p.number, v.issued_on, p.lines, p.rate,
    p.corrects_id, corrected.seq AS corrects_seq, p.list_id, p.amount_minor, p.recorded_at, s.value AS description,
    y.name AS payee, e.entry_id, e.entry_on, w.event_id IS NOT NULL AS is_void
FROM soquy.entry_proposal AS p
JOIN soquy.book AS b USING (tenant_id, book_id)
JOIN soquy.voucher_kind AS k ON k.chart = b.chart AND k.voucher_kind = p.voucher_kind
JOIN soquy.voucher AS v ON v.tenant_id = p.tenant_id AND v.book_id = p.book_id AND v.voucher_kind = p.voucher_kind
    AND v.fiscal_year = p.fiscal_year AND v.number = p.number
LEFT JOIN soquy.voucher_void AS w ON w.tenant_id = p.tenant_id AND w.book_id = p.book_id
    AND w.voucher_kind = p.voucher_kind AND w.fiscal_year = p.fiscal_year AND w.number = p.number
LEFT JOIN soquy.entry AS e ON e.tenant_id = p.tenant_id AND e.book_id = p.book_id AND e.voucher_kind = p.voucher_kind
    AND e.fiscal_year = p.fiscal_year AND e.voucher_number = p.number
LEFT JOIN soquy.entry AS corrected ON corrected.tenant_id = p.tenant_id AND corrected.entry_id = p.corrects_id
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = p.tenant_id AND s.event_id = p.proposal_id
    AND s.field = 'description'
LEFT JOIN vault.payee AS y ON y.tenant_id = p.tenant_id AND y.proposal_id = p.proposal_id
WHERE p.tenant_id = :tenant_id AND p.book_id = :book_id"""

_SOME: Final = text(f"{_PROPOSALS} AND p.proposal_id = ANY (CAST(:proposal_ids AS uuid[]))")
_LIST: Final = text(f"""\
{_PROPOSALS} AND (CAST(:after AS uuid) IS NULL OR p.proposal_id < CAST(:after AS uuid))
    AND (NOT :is_open OR e.seq IS NULL AND w.event_id IS NULL)
ORDER BY p.proposal_id DESC LIMIT :row_limit""")


def known_proposals(conn: Connection, book: Book, proposal_ids: Sequence[UUID]) -> dict[UUID, WaitingEntry]:
    """Return those of the proposals that the book has."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "proposal_ids": plain_array(proposal_ids)}
    return {each.proposal_id: each for each in _told(conn, book, conn.execute(_SOME, asked).mappings().all())}


def proposals_by_id(conn: Connection, book: Book, proposal_ids: Sequence[UUID]) -> list[WaitingEntry]:
    """Return proposals in the order of their ids as they were given.

    Raises:
        ProposalNotFound: the book has none of one of them.
    """
    found = known_proposals(conn, book, proposal_ids)
    for proposal_id in proposal_ids:
        if proposal_id not in found:
            raise ProposalNotFound(proposal=typeid.encode(typeid.PROPOSAL, proposal_id))
    return [found[proposal_id] for proposal_id in proposal_ids]


def proposal_by_id(conn: Connection, book: Book, proposal_id: UUID) -> WaitingEntry:
    """Return a proposal of the book.

    Raises:
        ProposalNotFound: it has none of this id.
    """
    return proposals_by_id(conn, book, [proposal_id])[0]


def proposals(
    conn: Connection, book: Book, *, is_open: bool = False, after: UUID | None = None, page_size: int = 100
) -> Page[WaitingEntry, UUID]:
    """Return the proposals of a book, the newest first; ``is_open`` those neither executed nor given up alone."""
    asked = {
        "tenant_id": book.tenant_id,
        "book_id": book.book_id,
        "is_open": is_open,
        "after": after,
        "row_limit": page_size + 1,
    }
    rows = conn.execute(_LIST, asked).mappings().all()
    shown = _told(conn, book, rows[:page_size])
    return Page(rows=tuple(shown), next_cursor=shown[-1].proposal_id if len(rows) > page_size else None)


def _told(conn: Connection, book: Book, rows: Sequence[Any]) -> list[WaitingEntry]:
    approvals = last_approvals(conn, book, [row["proposal_id"] for row in rows])
    found = []
    for row in rows:
        told = dict(row)
        number = VoucherNumber(
            kind=told.pop("voucher_kind"), fiscal_year=told.pop("fiscal_year"), number=told.pop("number")
        )
        approval = approvals[told["proposal_id"]]
        is_void, is_executed = told.pop("is_void"), told["entry_id"] is not None
        state = "void" if is_void else "executed" if is_executed else approval.state
        lines, rate = read_lines(told.pop("lines")), read_rate(told.pop("rate"))
        found.append(
            WaitingEntry(**told, voucher=number, lines=lines, rate=rate, approval=approval, state=cast("State", state))
        )
    return found
