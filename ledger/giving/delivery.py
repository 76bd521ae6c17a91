"""Goods come, valued or only counted, and are handed over later, wholly or in parts, never more than is there.

A part of valued goods is worth its share of what is left of their value, so that the last part takes the rest to the
đồng. What is mistaken about counted ones is withdrawn or undone by name; of valued ones, the entry is reversed.

Every command takes an open connection, takes the book, appends its leaf, writes, and leaves the commit to the caller.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book, EntryDraft, Line
from ledger.books.posting import post
from ledger.books.tables import insert_row
from ledger.books.taking import take_book
from ledger.errors import FieldRefused, LedgerError, ReferenceUnknown
from ledger.giving.commands import receive
from ledger.giving.giver import Giver, keep_giver
from ledger.giving.goods import Goods, GoodsGone, Handover, Unit, goods_by_id
from ledger.giving.model import NAME_LENGTH_MAX, REASON_LENGTH_MAX, Collection, Gift, Received, Wish
from ledger.giving.record import donor_text
from ledger.giving.rules import clean_giver
from ledger.text import clean_text

QUANTITY_MAX: Final = 10_000_000
DESCRIPTION_LENGTH_MAX: Final = 500


class GoodsNotThere(LedgerError):
    """More than is there; carries how many are."""

    code = "goods_not_there"


class GoodsValued(LedgerError):
    """Valued goods and their handovers are taken back by reversing their entries."""

    code = "goods_valued"


class HandoverNotFound(LedgerError):
    """The book has no such handover, or it was undone before."""

    code = "handover_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """How goods are valued: for how much, in which account, for which fund and by which channel."""

    value_minor: int
    account: str
    fund: str
    channel: str = "goods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Goods as they come; ``value`` is ``None`` where they are only counted."""

    received_on: date
    description: str
    quantity: int
    unit: Unit
    giver: Giver | None
    wish: Wish = "named"
    campaign: str | None = None
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Goods that are recorded; ``received`` has the entry and the receipt of valued ones."""

    goods_id: UUID
    received: Received | None


_HANDOVER: Final = text("""\
SELECT h.seq FROM soquy.goods_handover AS h
WHERE h.tenant_id = :tenant_id AND h.book_id = :book_id AND h.event_id = :event_id AND NOT EXISTS (
    SELECT FROM soquy.goods_handover_undoing AS u
    WHERE u.tenant_id = h.tenant_id AND u.handover_event_id = h.event_id)""")


def receive_goods(conn: Connection, book: Book, delivery: Delivery, *, actor: Actor) -> Delivered:
    """Record goods that came: valued, with an entry, a contribution and a receipt, or only counted.

    Raises:
        FieldRefused: the quantity; or a value below a đồng each.
        TextRefused: the description or the giver's name.
        CollectionRefused: of valued goods, every fault of their entry.
    """
    if not 1 <= delivery.quantity <= QUANTITY_MAX:
        raise FieldRefused(field="quantity", rule="goods_quantity_range_check")
    description = clean_text(delivery.description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    giver = None if delivery.giver is None else _clean(delivery.giver)
    received = None
    if delivery.value is not None:
        if delivery.value.value_minor < delivery.quantity:
            raise FieldRefused(field="value_minor", rule="goods_entry_rule")
        received = receive(conn, book, _collection(delivery, description), actor=actor)
    else:
        taken = take_book(conn, book, {"campaigns": [delivery.campaign or ""]})
        _check_open(delivery.received_on, taken)
        if delivery.campaign is not None and delivery.campaign not in (taken["campaigns"] or {}):
            raise ReferenceUnknown(field="campaign", value=delivery.campaign)
    goods_id = _record_goods(conn, book, delivery, description, giver, received=received, actor=actor)
    return Delivered(goods_id=goods_id, received=received)


def _clean(giver: Giver) -> Giver:
    name, detail = clean_giver(giver.name, giver.detail)
    return Giver(name=name, detail=detail, person_id=giver.person_id)


def _check_open(day: date, taken: dict[str, Any]) -> None:
    """Refuse a day on which nothing is received, though nothing is posted."""
    if not taken["opened_on"] <= str(day) <= taken["today"] or taken["closed_on"] is not None:
        raise FieldRefused(field="received_on", rule="voucher_issued_on_rule", value=str(day))


def _collection(delivery: Delivery, description: str) -> Collection:
    value, giver = delivery.value, delivery.giver
    if value is None:
        raise AssertionError
    gift = Gift(
        donor=None if giver is None else giver.name,
        detail=None if giver is None else giver.detail,
        person_id=None if giver is None else giver.person_id,
        amount_minor=value.value_minor,
        wish=delivery.wish,
    )
    return Collection(
        received_on=delivery.received_on,
        medium="goods",
        account=value.account,
        fund=value.fund,
        channel=value.channel,
        campaign=delivery.campaign,
        description=description,
        gifts=(gift,),
    )


def _record_goods(
    conn: Connection,
    book: Book,
    delivery: Delivery,
    description: str,
    giver: Giver | None,
    *,
    received: Received | None,
    actor: Actor,
) -> UUID:
    payload: dict[str, Json] = {
        "received_on": str(delivery.received_on),
        "quantity": delivery.quantity,
        "unit": delivery.unit,
        "campaign": delivery.campaign,
        "entry": None if received is None else typeid.encode(typeid.ENTRY, received.entry.entry_id),
    }
    private = {"description": description}
    if received is None and giver is not None:
        private["donor"] = donor_text(giver.name, giver.detail)
    goods_id = record_event(conn, book, "goods.received", payload, actor=actor, private=private)
    if "donor" in private and giver is not None:
        keep_giver(conn, book, goods_id, giver)
    row = {
        **_key(book),
        "goods_id": goods_id,
        "received_on": delivery.received_on,
        "quantity": delivery.quantity,
        "unit": delivery.unit,
        "campaign": delivery.campaign,
        "seq": None if received is None else received.entry.seq,
    }
    insert_row(conn, "goods", row)
    return goods_id


def hand_over(
    conn: Connection,
    book: Book,
    goods_id: UUID,
    *,
    quantity: int,
    on: date,
    program: str,
    actor: Actor,
    recipient: str | None = None,
    program_quantity: int | None = None,
) -> Handover:
    """Hand goods over, wholly or in part; valued ones by an entry, ``program_quantity`` of the program's units.

    Raises:
        GoodsNotFound: the book has no such goods.
        GoodsGone: they were withdrawn or taken back.
        GoodsNotThere: more than is there.
        ReferenceUnknown: no such program.
        PostingRefused: the entry's faults.
        FieldRefused, TextRefused: the day before they came; the recipient.
    """
    sealed = (
        {} if recipient is None else {"recipient": clean_text(recipient, field="recipient", length_max=NAME_LENGTH_MAX)}
    )
    taken = take_book(conn, book, {"programs": [program]})
    goods = goods_by_id(conn, book, goods_id)
    public_id = typeid.encode(typeid.GOODS, goods_id)
    if goods.is_reversed or goods.is_withdrawn:
        raise GoodsGone(goods=public_id)
    if not 1 <= quantity <= goods.left_quantity:
        raise GoodsNotThere(goods=public_id, quantity=quantity, left_quantity=goods.left_quantity, field="quantity")
    if on < goods.received_on:
        raise FieldRefused(field="on", rule="goods_handover_quantity_rule", value=str(on))
    if program not in (taken["programs"] or {}):
        raise ReferenceUnknown(field="program", value=program)
    entry = None
    if goods.value_minor is not None:
        draft = _handover_draft(goods, quantity, on=on, program=program, program_quantity=program_quantity)
        entry = post(conn, book, [draft], actor=actor).entries[0]
    payload: dict[str, Json] = {
        "goods": public_id,
        "quantity": quantity,
        "handed_on": str(on),
        "program": program,
        "entry": None if entry is None else typeid.encode(typeid.ENTRY, entry.entry_id),
    }
    event_id = record_event(conn, book, "goods.handed_over", payload, actor=actor, private=sealed)
    row = {
        **_key(book),
        "event_id": event_id,
        "goods_id": goods_id,
        "handed_on": on,
        "quantity": quantity,
        "program": program,
        "seq": None if entry is None else entry.seq,
    }
    insert_row(conn, "goods_handover", row)
    return Handover(
        event_id=event_id,
        handed_on=on,
        quantity=quantity,
        program=program,
        entry_id=None if entry is None else entry.entry_id,
        is_undone=False,
    )


def _handover_draft(goods: Goods, quantity: int, *, on: date, program: str, program_quantity: int | None) -> EntryDraft:
    """Return the entry that hands a part over: its share of what is left of the value."""
    fund, account, balance, value_minor = goods.fund, goods.account, goods.balance_account, goods.value_minor
    if fund is None or account is None or balance is None or value_minor is None:
        raise AssertionError
    share_minor = (value_minor - goods.handed_minor) * quantity // goods.left_quantity
    return EntryDraft(
        entry_on=on,
        voucher="KT",
        description=goods.description,
        lines=(
            Line(account=balance, fund=fund, value_minor=share_minor, program=program, quantity=program_quantity),
            Line(account=account, fund=fund, value_minor=-share_minor),
        ),
    )


def withdraw_goods(conn: Connection, book: Book, goods_id: UUID, *, reason: str, actor: Actor) -> None:
    """Take back the record of counted goods that was a mistake, while none is handed over.

    Raises:
        GoodsNotFound, GoodsGone: no goods that could be withdrawn.
        GoodsValued: reverse their entry.
        GoodsNotThere: some were handed over.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    take_book(conn, book)
    goods = goods_by_id(conn, book, goods_id)
    public_id = typeid.encode(typeid.GOODS, goods_id)
    if goods.value_minor is not None:
        raise GoodsValued(goods=public_id)
    if goods.is_withdrawn:
        raise GoodsGone(goods=public_id)
    if goods.handed_quantity:
        raise GoodsNotThere(goods=public_id, quantity=goods.quantity, left_quantity=goods.left_quantity)
    event_id = record_event(
        conn, book, "goods.withdrawn", {"goods": public_id}, actor=actor, private={"reason": reason}
    )
    insert_row(conn, "goods_withdrawal", {"tenant_id": book.tenant_id, "goods_id": goods_id, "event_id": event_id})


def undo_handover(conn: Connection, book: Book, event_id: UUID, *, reason: str, actor: Actor) -> None:
    """Take back the record of a handover of counted goods that did not happen.

    Raises:
        HandoverNotFound: no such handover, or undone before.
        GoodsValued: reverse its entry.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    take_book(conn, book)
    row = conn.execute(_HANDOVER, {**_key(book), "event_id": event_id}).one_or_none()
    public_id = typeid.encode(typeid.EVENT, event_id)
    if row is None:
        raise HandoverNotFound(handover=public_id)
    if row.seq is not None:
        raise GoodsValued(handover=public_id)
    undoing_id = record_event(
        conn, book, "goods.handover_undone", {"handover": public_id}, actor=actor, private={"reason": reason}
    )
    undone = {"tenant_id": book.tenant_id, "handover_event_id": event_id, "event_id": undoing_id}
    insert_row(conn, "goods_handover_undoing", undone)


def _key(book: Book) -> dict[str, Any]:
    return {"tenant_id": book.tenant_id, "book_id": book.book_id}
