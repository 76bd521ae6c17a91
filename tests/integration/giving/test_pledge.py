"""Promises never post; what comes fulfils them, and what is taken back opens them again."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from audit import canonical
from ledger.books.chart import open_campaign
from ledger.books.commands import reverse_entry
from ledger.books.event_type import check_layout
from ledger.errors import FieldRefused, LedgerError, ReferenceUnknown, TextRefused
from ledger.giving.giver import Giver
from ledger.giving.pledge import (
    Pledge,
    PledgeCancelled,
    PledgeNotFound,
    Promise,
    ageing,
    cancel_pledge,
    candidates,
    pledge_by_id,
    pledges,
    record_pledge,
)
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from ledger.typeid import new_id
from tests.factories import ACTOR, GENERAL, TET
from tests.giving import MARCH, collection, gift
from tests.integration.giving.conftest import Room

DUE = date(2024, 6, 30)


def promise(name: str = "Công ty Mẫu", amount_minor: int = 5_000_000, **more: Any) -> Promise:
    made = Promise(
        giver=Giver(name=name), amount_minor=amount_minor, pledged_on=MARCH, due_on=DUE, fund=GENERAL, campaign=None
    )
    return replace(made, **more)


def record(room: Room, made: Promise | None = None) -> Pledge:
    pledge_id = record_pledge(room.conn, room.book, made or promise(), actor=ACTOR)
    return pledge_by_id(room.conn, room.book, pledge_id)


def test_a_pledge_posts_nothing_and_its_leaf_tells_neither_amount_nor_giver(room: Room) -> None:
    pledge = record(room)
    assert (pledge.state, pledge.left_minor, pledge.name) == ("open", 5_000_000, "Công ty Mẫu")
    assert room.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(0,)]
    ((data,),) = room.ask("SELECT leaf FROM soquy.audit_entry WHERE event_id = :id", id=pledge.pledge_id)
    leaf = canonical.decode(data)  # type: ignore[arg-type]
    check_layout(leaf)
    assert leaf.private.keys() == {"amount", "donor"}


def test_what_comes_fulfils_it_and_what_is_taken_back_opens_it_again(room: Room) -> None:
    pledge_id = record(room).pledge_id
    received = [
        room.receive(collection(gift("Công ty Mẫu", amount, pledge_id=pledge_id))) for amount in (2_000_000, 3_000_000)
    ]
    assert pledge_by_id(room.conn, room.book, pledge_id).state == "fulfilled"
    second = received[1].entry.entry_id
    reverse_entry(room.conn, room.book, second, on=DUE, reason="Ngân hàng trả lại", actor=ACTOR)
    again = pledge_by_id(room.conn, room.book, pledge_id)
    assert (again.state, again.fulfilled_minor, again.left_minor) == ("open", 2_000_000, 3_000_000)


def test_a_cancelled_pledge_is_not_waited_for_and_takes_nothing_more(room: Room) -> None:
    pledge_id = record(room).pledge_id
    room.receive(collection(gift("Công ty Mẫu", 1_000_000, pledge_id=pledge_id)))
    cancel_pledge(room.conn, room.book, pledge_id, reason="Công ty giải thể", actor=ACTOR)
    pledge = pledge_by_id(room.conn, room.book, pledge_id)
    assert (pledge.state, pledge.left_minor, pledge.fulfilled_minor) == ("cancelled", 0, 1_000_000)
    with pytest.raises(PledgeCancelled):
        cancel_pledge(room.conn, room.book, pledge_id, reason="Hai lần", actor=ACTOR)
    assert room.faults(collection(gift(pledge_id=pledge_id))) == {("pledge_cancelled", 0, "pledge")}


def test_a_gift_names_a_pledge_of_its_own_book_and_currency(room: Room) -> None:
    foreign = record(room, promise(currency="USD")).pledge_id
    found = room.faults(collection(gift(pledge_id=new_id()), gift(pledge_id=foreign)))
    assert found == {("pledge_not_found", 0, "pledge"), ("pledge_currency", 1, "pledge")}


def test_one_pledge_may_be_fulfilled_twice_in_one_list(room: Room) -> None:
    pledge_id = record(room).pledge_id
    room.receive(collection(gift(amount_minor=1, pledge_id=pledge_id), gift(amount_minor=2, pledge_id=pledge_id)))
    assert pledge_by_id(room.conn, room.book, pledge_id).fulfilled_minor == 3


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        (promise(amount_minor=0), FieldRefused),
        (promise(due_on=MARCH - timedelta(days=1)), FieldRefused),
        (promise(name=" "), TextRefused),
        (promise(fund="NONE"), ReferenceUnknown),
        (promise(campaign="NONE"), ReferenceUnknown),
        (promise(currency="XXX"), ReferenceUnknown),
    ],
)
def test_a_promise_that_is_none_is_refused(room: Room, wrong: Promise, refused: type[LedgerError]) -> None:
    with pytest.raises(refused):
        record_pledge(room.conn, room.book, wrong, actor=ACTOR)
    assert pledges(room.conn, room.book).rows == ()
    with pytest.raises(PledgeNotFound):
        pledge_by_id(room.conn, room.book, new_id())


def test_pledges_age_by_the_day_on_which_they_fell_due(room: Room) -> None:
    as_of = date(2024, 7, 1)
    late = {0: "not_due", -1: "not_due", 1: "days_1_30", 30: "days_1_30", 31: "days_31_90", 90: "days_31_90"}
    late |= {91: "days_over_90"}
    for days in late:
        record(room, promise(amount_minor=1_000 + days, due_on=as_of - timedelta(days=days)))
    record(room, promise(currency="USD", amount_minor=7, due_on=as_of))
    assert {
        (each.currency, each.bucket): (each.count, each.left_minor)
        for each in ageing(room.conn, room.book, as_of=as_of)
    } == {
        ("VND", "not_due"): (2, 1_999),
        ("VND", "days_1_30"): (2, 2_031),
        ("VND", "days_31_90"): (2, 2_121),
        ("VND", "days_over_90"): (1, 1_091),
        ("USD", "not_due"): (1, 7),
    }
    for pledge in pledges(room.conn, room.book).rows:
        if pledge.currency == "VND":
            assert pledge.bucket(as_of) == late[(as_of - pledge.due_on).days]


def test_pledges_are_listed_by_the_day_they_fall_due_and_found_without_marks(room: Room) -> None:
    open_campaign(room.conn, room.book, campaign="VI-HOC", name_vi="Vì học", opened_on=MARCH, actor=ACTOR)
    for place, name in enumerate(("Hộ ông Đặng Mẫu", "Công ty Thử", "Bà Mẫu")):
        made = promise(name, due_on=DUE - timedelta(days=place), campaign="VI-HOC" if place else None)
        record(room, made)
    page = pledges(room.conn, room.book, page_size=2)
    assert [row.name for row in page.rows] == ["Bà Mẫu", "Công ty Thử"]
    rest = pledges(room.conn, room.book, page_size=2, after=page.next_cursor)
    assert ([row.name for row in rest.rows], rest.next_cursor) == (["Hộ ông Đặng Mẫu"], None)
    assert [row.name for row in pledges(room.conn, room.book, name="dang mau").rows] == ["Hộ ông Đặng Mẫu"]
    assert len(pledges(room.conn, room.book, campaign="VI-HOC", state="open").rows) == 2
    assert pledges(room.conn, room.book, state="fulfilled").rows == ()


def test_the_likeliest_pledge_is_suggested_first(room: Room) -> None:
    person = add_person(room.conn, room.book, PersonDraft(name="Ai Đó"), actor=ACTOR)
    open_campaign(room.conn, room.book, campaign="VI-HOC", name_vi="Vì học", opened_on=MARCH, actor=ACTOR)
    known = record(room, promise(amount_minor=9, giver=Giver(name="Ai Đó", person_id=person))).pledge_id
    named = record(room, promise("Công ty Mẫu", 1_000)).pledge_id
    exact = record(room, promise("Công ty Mẫu", 2_000)).pledge_id
    other = record(room, promise("Người khác", 2_000, campaign="VI-HOC")).pledge_id
    record(room, promise("Người khác nữa", 777))
    found = candidates(
        room.conn, room.book, name="cong ty mau", person_id=person, amount_minor=2_000, campaign="VI-HOC"
    )
    assert [each.pledge_id for each in found] == [known, exact, named, other]


def test_a_pledge_to_another_fund_is_fulfilled_all_the_same(room: Room) -> None:
    pledge_id = record(room, promise(fund=TET)).pledge_id
    room.receive(collection(gift(amount_minor=5_000_000, pledge_id=pledge_id)))
    assert pledge_by_id(room.conn, room.book, pledge_id).state == "fulfilled"
