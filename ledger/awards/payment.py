"""Propose the payment of a list that was approved: one voucher for all of it, which pays it once."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.awards.errors import ListStateRefused
from ledger.awards.queries import list_by_id
from ledger.books.model import Actor, Book, EntryDraft, Line
from ledger.books.taking import take_book
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal, Proposed

_ROUND: Final = text("""\
SELECT r.program, r.fund, f.balance_account
FROM soquy.award_round AS r
JOIN soquy.fund AS f USING (tenant_id, book_id, fund)
WHERE r.tenant_id = :tenant_id AND r.book_id = :book_id AND r.round_id = :round_id""")


def propose_list_payment(
    conn: Connection,
    book: Book,
    list_id: UUID,
    *,
    account: str,
    voucher: str,
    issued_on: date,
    description: str | None = None,
    payee: str | None = None,
    actor: Actor,
) -> Proposed:
    """Propose to pay an approved list out of a cash or bank account, from the fund and for the program of its round.

    When it is executed the list is paid; a list is paid once, whatever was proposed beside it.

    Raises:
        ListNotFound: the book has no such list.
        ListStateRefused: it is not approved, or paid already.
        PostingRefused: as ``propose``.
    """
    take_book(conn, book)
    found = list_by_id(conn, book, list_id)
    if found.state != "approved":
        raise ListStateRefused(list=typeid.encode(typeid.AWARD_LIST, list_id), state=found.state)
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "round_id": found.round_id}
    opened = conn.execute(_ROUND, asked).one()
    spent = Line(
        account=opened.balance_account,
        fund=opened.fund,
        value_minor=found.total_minor,
        program=opened.program,
        quantity=found.award_count,
    )
    paid = Line(account=account, fund=opened.fund, value_minor=-found.total_minor)
    draft = EntryDraft(entry_on=issued_on, voucher=voucher, lines=(spent, paid), description=description)
    return propose(conn, book, [Proposal(draft=draft, payee=payee, list_id=list_id)], actor=actor)[0]
