"""A gift is tied to a pledge later, or to none, by a leaf of its own; the database refuses what is not so."""

from uuid import UUID

import pytest

from audit import canonical
from ledger import typeid
from ledger.books.commands import reverse_entry
from ledger.books.event import record_event
from ledger.books.event_type import check_layout
from ledger.books.model import Book
from ledger.errors import LedgerError, TextRefused
from ledger.giving.commands import receive
from ledger.giving.pledge import PledgeCancelled, PledgeNotFound, cancel_pledge, pledge_by_id, record_pledge
from ledger.giving.pledge_correction import (
    CORRECTION_COUNT_MAX,
    GiftTakenBack,
    PledgeCorrectedTooOften,
    PledgeCurrencyDiffers,
    PledgeUnchanged,
    correct_pledge,
)
from ledger.giving.queries import ContributionNotFound, Search, contribution_by_id, search_contributions
from tests.factories import ACTOR, make_book
from tests.giving import MARCH, collection, gift
from tests.integration.books.plain_sql import refusal, take
from tests.integration.giving.conftest import Room
from tests.integration.giving.test_pledge import DUE, promise, record

INSERT = """\
INSERT INTO soquy.pledge_correction (tenant_id, contribution_id, number, book_id, pledge_id, event_id)
VALUES (:tenant_id, :contribution_id, :number, :book_id, :pledge_id, :event_id)"""


def given(room: Room, amount_minor: int = 1_000_000, pledge_id: UUID | None = None) -> UUID:
    received = room.receive(collection(gift("Công ty Mẫu", amount_minor, pledge_id=pledge_id)))
    return received.contributions[0].contribution_id


def correct(room: Room, gift_id: UUID, pledge_id: UUID | None, reason: str = "Bỏ sót khi ghi") -> None:
    correct_pledge(room.conn, room.book, gift_id, pledge_id, reason=reason, actor=ACTOR)


def fulfilled(room: Room, pledge_id: UUID) -> int:
    return pledge_by_id(room.conn, room.book, pledge_id).fulfilled_minor


def gifts_of(room: Room, pledge_id: UUID) -> list[UUID]:
    page = search_contributions(room.conn, room.book, Search(pledge_id=pledge_id))
    return [row.contribution_id for row in page.rows]


def test_the_last_correction_says_which_pledge_a_gift_fulfils(room: Room) -> None:
    one, other = record(room).pledge_id, record(room).pledge_id
    gift_id = given(room, pledge_id=one)
    for pledge_id in (other, None, one):
        correct(room, gift_id, pledge_id)
        assert contribution_by_id(room.conn, room.book, gift_id).pledge_id == pledge_id
        for each in (one, other):
            assert fulfilled(room, each) == (1_000_000 if each == pledge_id else 0)
            assert gifts_of(room, each) == ([gift_id] if each == pledge_id else [])


def test_the_leaf_names_the_gift_and_only_commits_to_the_pledge(room: Room) -> None:
    gift_id, pledge_id = given(room), record(room).pledge_id
    correct(room, gift_id, pledge_id)
    correct(room, gift_id, None)
    rows = room.ask(
        "SELECT leaf FROM soquy.audit_entry WHERE type = 'contribution.pledge_corrected' ORDER BY recorded_at"
    )
    leaves = [canonical.decode(data) for (data,) in rows]  # type: ignore[arg-type]
    assert [leaf.private.keys() for leaf in leaves] == [{"pledge", "reason"}, {"reason"}]
    for leaf in leaves:
        check_layout(leaf)
        assert leaf.payload == {"contribution": typeid.encode(typeid.CONTRIBUTION, gift_id)}


def test_what_is_taken_back_fulfils_nothing_and_is_tied_to_nothing(room: Room) -> None:
    pledge_id = record(room).pledge_id
    received = room.receive(collection(gift("Công ty Mẫu", 7)))
    gift_id = received.contributions[0].contribution_id
    correct(room, gift_id, pledge_id)
    reverse_entry(room.conn, room.book, received.entry.entry_id, on=DUE, reason="Ghi trùng", actor=ACTOR)
    assert fulfilled(room, pledge_id) == 0
    with pytest.raises(GiftTakenBack):
        correct(room, gift_id, None)


def test_a_pledge_that_the_gift_cannot_fulfil_is_refused(room: Room) -> None:
    gift_id, open_id, gone = given(room), record(room).pledge_id, record(room).pledge_id
    cancel_pledge(room.conn, room.book, gone, reason="Giải thể", actor=ACTOR)
    neighbour = make_book(room.conn, tenant_id=room.book.tenant_id)
    beyond = record_pledge(room.conn, neighbour, promise(), actor=ACTOR)
    refusals: list[tuple[UUID | None, type[LedgerError]]] = [
        (gone, PledgeCancelled),
        (record(room, promise(currency="USD")).pledge_id, PledgeCurrencyDiffers),
        (beyond, PledgeNotFound),
        (typeid.new_id(), PledgeNotFound),
        (None, PledgeUnchanged),
    ]
    for pledge_id, error in refusals:
        with pytest.raises(error):
            correct(room, gift_id, pledge_id)
    with pytest.raises(TextRefused):
        correct(room, gift_id, open_id, reason=" ")
    with pytest.raises(ContributionNotFound):
        correct(room, typeid.new_id(), open_id)
    assert room.ask("SELECT count(*) FROM soquy.pledge_correction WHERE book_id = :book_id") == [(0,)]


def test_a_gift_is_put_right_a_limited_number_of_times(room: Room) -> None:
    gift_id, pledge_id = given(room), record(room).pledge_id
    for place in range(CORRECTION_COUNT_MAX):
        correct(room, gift_id, None if place % 2 else pledge_id)
    with pytest.raises(PledgeCorrectedTooOften):
        correct(room, gift_id, pledge_id)


def told(room: Room, gift_id: UUID, pledge_id: UUID | None, book: Book | None = None) -> UUID:
    private = {"reason": "x"} | ({} if pledge_id is None else {"pledge": typeid.encode(typeid.PLEDGE, pledge_id)})
    payload = {"contribution": typeid.encode(typeid.CONTRIBUTION, gift_id)}
    at = book or room.book
    return record_event(room.conn, at, "contribution.pledge_corrected", payload, actor=ACTOR, private=private)


def refused(room: Room, gift_id: UUID, pledge_id: UUID | None, event_id: UUID, number: int = 1) -> str:
    row = {"contribution_id": gift_id, "number": number, "pledge_id": pledge_id, "event_id": event_id}
    return refusal(room.conn, INSERT, tenant_id=room.book.tenant_id, book_id=room.book.book_id, **row)


def test_plain_sql_gets_no_row_in_that_its_leaf_does_not_tell(room: Room) -> None:
    gift_id, other, pledge_id = given(room), given(room), record(room).pledge_id
    cancelled = record_event(
        room.conn, room.book, "pledge.cancelled", {"pledge": typeid.encode(typeid.PLEDGE, pledge_id)}, actor=ACTOR
    )
    neighbour = make_book(room.conn, tenant_id=room.book.tenant_id)
    take(room.conn, neighbour)
    rule = "pledge_correction_leaf_given_rule"
    assert refused(room, gift_id, pledge_id, typeid.new_id()) == rule
    assert refused(room, gift_id, pledge_id, cancelled) == rule
    assert refused(room, gift_id, pledge_id, told(room, other, pledge_id)) == rule
    assert refused(room, gift_id, pledge_id, told(room, gift_id, None)) == rule
    assert refused(room, gift_id, None, told(room, gift_id, pledge_id)) == rule
    assert refused(room, gift_id, pledge_id, told(room, gift_id, pledge_id, neighbour)) == rule


def test_plain_sql_ties_no_gift_or_pledge_that_does_not_fit(room: Room) -> None:
    gift_id, pledge_id, gone = given(room), record(room).pledge_id, record(room).pledge_id
    cancel_pledge(room.conn, room.book, gone, reason="Giải thể", actor=ACTOR)
    neighbour = make_book(room.conn, tenant_id=room.book.tenant_id)
    beyond = record_pledge(room.conn, neighbour, promise(), actor=ACTOR)
    theirs = receive(room.conn, neighbour, collection(gift(), received_on=MARCH), actor=ACTOR).contributions[0]
    take(room.conn, room.book)
    for wrong in (gone, record(room, promise(currency="USD")).pledge_id, beyond, typeid.new_id()):
        assert refused(room, gift_id, wrong, told(room, gift_id, wrong)) in {
            "contribution_pledge_rule",
            "pledge_correction_pledge_fk",
        }
    foreign = theirs.contribution_id
    assert refused(room, foreign, pledge_id, told(room, foreign, pledge_id)) in {
        "pledge_correction_leaf_given_rule",
        "pledge_correction_contribution_fk",
    }
    (entry_id,) = (row.entry_id for row in [contribution_by_id(room.conn, room.book, gift_id)])
    reverse_entry(room.conn, room.book, entry_id, on=DUE, reason="Ghi trùng", actor=ACTOR)
    assert refused(room, gift_id, pledge_id, told(room, gift_id, pledge_id)) == "pledge_correction_gift_rule"


def test_plain_sql_leaves_no_gap_and_changes_nothing(room: Room) -> None:
    gift_id, pledge_id = given(room), record(room).pledge_id
    event_id = told(room, gift_id, pledge_id)
    assert refused(room, gift_id, pledge_id, event_id, number=2) == "pledge_correction_number_rule"
    assert refused(room, gift_id, pledge_id, event_id, number=0) == "pledge_correction_number_range_check"
    correct(room, gift_id, pledge_id)
    again = told(room, gift_id, None)
    assert refused(room, gift_id, None, again, number=1) == "pledge_correction_pk"
    assert refused(room, gift_id, None, again, number=3) == "pledge_correction_number_rule"
    for attack in ("UPDATE soquy.pledge_correction SET pledge_id = NULL", "DELETE FROM soquy.pledge_correction"):
        assert refusal(room.conn, attack) == "InsufficientPrivilege"
