"""Put right which pledge a gift fulfils, after it was recorded: overlooked then, or taken for another.

A gift's row and leaf stay what they are, so what was overlooked comes by a leaf of its own, as a name that is put right
does: it names the gift and commits to the pledge, and touches no money, voucher or receipt. The last one counts, and
one without a pledge makes the gift one of its own again. A gift that was taken back fulfils nothing.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import LedgerError
from ledger.giving.model import REASON_LENGTH_MAX
from ledger.giving.pledge import PledgeCancelled, pledge_by_id
from ledger.giving.queries import Contribution, contribution_by_id
from ledger.text import clean_text

CORRECTION_COUNT_MAX: Final = 100
"""Of one gift."""

_COUNT: Final = text("""\
SELECT count(*) FROM soquy.pledge_correction WHERE tenant_id = :tenant_id AND contribution_id = :contribution_id""")


class PledgeCurrencyDiffers(LedgerError):
    """The gift is in another currency than the pledge; carries the pledge's."""

    code = "pledge_currency"


class PledgeUnchanged(LedgerError):
    """The gift fulfils this pledge already, or none already."""

    code = "pledge_unchanged"


class GiftTakenBack(LedgerError):
    """The entry of the gift was reversed, so it fulfils nothing."""

    code = "gift_taken_back"


class PledgeCorrectedTooOften(LedgerError):
    """It was put right as often as a gift can be."""

    code = "pledge_corrected_too_often"


def correct_pledge(
    conn: Connection, book: Book, contribution_id: UUID, pledge_id: UUID | None, *, reason: str, actor: Actor
) -> None:
    """Say which pledge a gift fulfils, or with ``None`` that it is one of its own; why is sealed.

    Raises:
        ContributionNotFound: the book has no such contribution.
        PledgeNotFound, PledgeCancelled, PledgeCurrencyDiffers: it is no pledge that this gift can fulfil.
        GiftTakenBack: the gift's entry was reversed.
        PledgeUnchanged: it is so already.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    take_book(conn, book)
    gift = contribution_by_id(conn, book, contribution_id)
    _check(conn, book, gift, pledge_id)
    place = {"tenant_id": book.tenant_id, "contribution_id": contribution_id}
    count = conn.execute(_COUNT, place).scalar_one()
    if count >= CORRECTION_COUNT_MAX:
        raise PledgeCorrectedTooOften(count_max=CORRECTION_COUNT_MAX)
    private = {"reason": reason}
    if pledge_id is not None:
        private["pledge"] = typeid.encode(typeid.PLEDGE, pledge_id)
    event_id = record_event(
        conn,
        book,
        "contribution.pledge_corrected",
        {"contribution": typeid.encode(typeid.CONTRIBUTION, contribution_id)},
        actor=actor,
        private=private,
    )
    row = {**place, "number": count + 1, "book_id": book.book_id, "pledge_id": pledge_id, "event_id": event_id}
    insert_row(conn, "pledge_correction", row)


def _check(conn: Connection, book: Book, gift: Contribution, pledge_id: UUID | None) -> None:
    if gift.reversed_by_seq is not None:
        raise GiftTakenBack
    if gift.pledge_id == pledge_id:
        raise PledgeUnchanged
    if pledge_id is None:
        return
    pledge = pledge_by_id(conn, book, pledge_id)
    named = typeid.encode(typeid.PLEDGE, pledge_id)
    if pledge.is_cancelled:
        raise PledgeCancelled(pledge=named)
    if pledge.currency != gift.currency:
        raise PledgeCurrencyDiffers(pledge=named, currency=pledge.currency)
