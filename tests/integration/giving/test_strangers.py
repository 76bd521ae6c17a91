"""Who is named beside a gift or carries a block is of the same association; plain SQL of the application is refused."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from audit.jcs import Json
from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.member import MemberNotFound
from ledger.books.event import record_event
from ledger.books.taking import take_book
from ledger.giving.block import Holder, block_by_id, issue_block
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, GENERAL, make_book
from tests.giving import MARCH, collection, gift
from tests.integration.giving.conftest import Room

CONTRIBUTOR = """\
INSERT INTO vault.contributor (tenant_id, event_id, book_id, name, search_key, sort_key, person_id)
VALUES (:tenant_id, :event_id, :book_id, 'Người Mẫu', 'nguoi mau', 'nguoi mau', :person_id)"""
HOLDER = """\
INSERT INTO vault.block_holder (tenant_id, block_id, name, user_id, person_id)
VALUES (:tenant_id, :event_id, 'Người Mẫu', :user_id, :person_id)"""
CORRECTION = """\
SELECT vault.correct_contributor(:tenant_id, :book_id, :gift_id, :event_id, 'Khác', NULL, 'khac', 'khac',
    :person_id)"""
BLOCK = """\
INSERT INTO soquy.receipt_block (tenant_id, block_id, book_id, series, first_number, last_number, issued_on)
VALUES (:tenant_id, :event_id, :book_id, 'AA-24', 1, 9, :issued_on)"""


@pytest.fixture
def stranger(room: Room) -> UUID:
    """A person of another association's register."""
    person_id = add_person(room.conn, make_book(room.conn), PersonDraft(name="Người Nơi Khác"), actor=ACTOR)
    set_tenant(room.conn, room.book.tenant_id)
    return person_id


def run(room: Room, *statements: str, **row: object) -> None:
    home = {"tenant_id": room.book.tenant_id, "book_id": room.book.book_id, "issued_on": MARCH, **row}
    for statement in map(sa.text, statements):
        used = {name: value for name, value in home.items() if name in statement.compile().params}
        room.conn.execute(statement, used)


def refused(room: Room, *statements: str, **row: object) -> str | None:
    with pytest.raises(DatabaseError) as caught, room.conn.begin_nested():
        run(room, *statements, **row)
    diagnosis = getattr(caught.value.orig, "diag", None)
    return None if diagnosis is None else diagnosis.constraint_name


def test_a_giver_is_no_person_of_another_register(room: Room, stranger: UUID) -> None:
    take_book(room.conn, room.book)
    days: dict[str, Json] = {"pledged_on": str(MARCH), "due_on": str(MARCH), "fund": GENERAL, "campaign": None}
    sealed = {"amount": "VND 1", "donor": "Người Mẫu"}
    event_id = record_event(room.conn, room.book, "pledge.recorded", days, actor=ACTOR, private=sealed)
    for person_id in (stranger, typeid.new_id()):
        rule = refused(room, CONTRIBUTOR, event_id=event_id, person_id=person_id)
        assert rule == "contributor_person_rule"


def test_no_name_is_put_right_to_somebody_of_another_register(room: Room, stranger: UUID) -> None:
    gift_id = room.receive(collection(gift())).contributions[0].contribution_id
    take_book(room.conn, room.book)
    payload: dict[str, Json] = {"contribution": typeid.encode(typeid.CONTRIBUTION, gift_id)}
    sealed = {"donor": "Khác", "reason": "Thử"}
    event_id = record_event(room.conn, room.book, "contribution.donor_corrected", payload, actor=ACTOR, private=sealed)
    assert (
        refused(room, CORRECTION, gift_id=gift_id, event_id=event_id, person_id=stranger) == "contributor_person_rule"
    )


def test_a_block_is_carried_by_somebody_of_the_association(room: Room, stranger: UUID) -> None:
    payload: dict[str, Json] = {"series": "AA-24", "first": 1, "last": 9, "issued_on": str(MARCH)}
    take_book(room.conn, room.book)
    event_id = record_event(room.conn, room.book, "block.issued", payload, actor=ACTOR, private={"holder": "Người Mẫu"})
    for user_id, person_id in ((typeid.new_id(), None), (None, stranger), (None, typeid.new_id())):
        rule = refused(room, HOLDER, BLOCK, event_id=event_id, user_id=user_id, person_id=person_id)
        assert rule == "receipt_block_holder_rule"


def test_a_member_carries_a_block_and_nobody_else_does(room: Room) -> None:
    member, other = typeid.new_id(), typeid.new_id()
    grant_role(room.conn, room.book, member, "collector", actor=ACTOR)
    grant_role(room.conn, make_book(room.conn), other, "collector", actor=ACTOR)
    set_tenant(room.conn, room.book.tenant_id)
    asked: dict[str, Any] = {"series": "AA-24", "first_number": 1, "last_number": 9, "issued_on": MARCH, "actor": ACTOR}
    with pytest.raises(MemberNotFound):
        issue_block(room.conn, room.book, holder=Holder(name="Người Mẫu", user_id=other), **asked)
    block_id = issue_block(room.conn, room.book, holder=Holder(name="Người Mẫu", user_id=member), **asked)
    holder = block_by_id(room.conn, room.book, block_id).holder
    assert holder is not None
    assert holder.user_id == member
