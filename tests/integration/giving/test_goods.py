"""Goods: valued or counted, handed over wholly or in parts, and never more than is there."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.books.chart import open_fund, open_program
from ledger.books.commands import reverse_entry
from ledger.errors import FieldRefused, LedgerError, PostingRefused, ReferenceUnknown, RuleRefused, TextRefused
from ledger.giving.delivery import (
    Delivery,
    GoodsNotThere,
    GoodsValued,
    HandoverNotFound,
    Value,
    hand_over,
    receive_goods,
    undo_handover,
    withdraw_goods,
)
from ledger.giving.giver import Giver
from ledger.giving.goods import GoodsGone, GoodsNotFound, Handover, goods_by_id, goods_of, handovers
from ledger.typeid import new_id
from tests.factories import ACTOR
from tests.giving import MARCH
from tests.integration.giving.conftest import Room

LATER = date(2024, 4, 1)
VALUED = Value(value_minor=1_000_000, account="152", fund="HV")


def delivery(**more: Any) -> Delivery:
    made = Delivery(
        received_on=MARCH,
        description="Bộ sách giáo khoa lớp 3",
        quantity=7,
        unit="set",
        giver=Giver(name="Nhà sách Mẫu", detail="Thị trấn Thử"),
    )
    return replace(made, **more)


@pytest.fixture
def store(room: Room) -> Room:
    named = {"fund": "HV", "kind": "in-kind", "name_vi": "Quỹ hiện vật", "purpose": "Hiện vật", "opened_on": MARCH}
    open_fund(room.conn, room.book, actor=ACTOR, **named)  # type: ignore[arg-type]
    open_program(room.conn, room.book, program="SACH", unit="school", name_vi="Sách", opened_on=MARCH, actor=ACTOR)
    return room


def bring(store: Room, **more: Any) -> UUID:
    return receive_goods(store.conn, store.book, delivery(**more), actor=ACTOR).goods_id


def hand(store: Room, goods_id: UUID, quantity: int, on: date = LATER, **more: Any) -> Handover:
    return hand_over(store.conn, store.book, goods_id, quantity=quantity, on=on, program="SACH", actor=ACTOR, **more)


def left(store: Room, goods_id: UUID) -> tuple[int, str]:
    found = goods_by_id(store.conn, store.book, goods_id)
    return found.left_quantity, found.state


def balance(store: Room, account: str) -> object:
    query = "SELECT sum(value_minor) FROM soquy.posting WHERE book_id = :book_id AND account = :account"
    return store.ask(query, account=account)[0][0]


def test_counted_goods_post_nothing_and_go_in_parts(store: Room) -> None:
    goods_id = bring(store)
    assert store.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(0,)]
    hand(store, goods_id, 3, recipient="Trường Tiểu học Thử")
    assert left(store, goods_id) == (4, "there")
    with pytest.raises(GoodsNotThere) as refused:
        hand(store, goods_id, 5)
    assert refused.value.fields["left_quantity"] == 4
    hand(store, goods_id, 4)
    assert left(store, goods_id) == (0, "handed_over")
    found = goods_by_id(store.conn, store.book, goods_id)
    assert (found.name, found.detail, found.description) == ("Nhà sách Mẫu", "Thị trấn Thử", "Bộ sách giáo khoa lớp 3")


def test_valued_goods_are_a_contribution_with_a_receipt(store: Room) -> None:
    delivered = receive_goods(store.conn, store.book, delivery(value=VALUED), actor=ACTOR)
    assert delivered.received is not None
    assert len(delivered.received.contributions) == 1
    assert delivered.received.entry.voucher is not None
    assert delivered.received.entry.voucher.kind == "KT"
    found = goods_by_id(store.conn, store.book, delivered.goods_id)
    assert (found.value_minor, found.contribution_id) == (
        1_000_000,
        delivered.received.contributions[0].contribution_id,
    )
    assert (balance(store, "152"), balance(store, "35385")) == (1_000_000, -1_000_000)


def test_parts_of_valued_goods_take_their_share_and_the_last_one_the_rest(store: Room) -> None:
    goods_id = bring(store, value=VALUED)
    for quantity in (3, 2, 2):
        hand(store, goods_id, quantity, program_quantity=1)
    used = "SELECT value_minor, quantity FROM soquy.posting WHERE book_id = :book_id AND program = 'SACH' ORDER BY seq"
    assert store.ask(used) == [(428_571, 1), (285_714, 1), (285_715, 1)]
    assert (balance(store, "152"), balance(store, "35385")) == (0, 0)
    assert left(store, goods_id) == (0, "handed_over")


def test_a_handover_that_is_reversed_brings_the_goods_back(store: Room) -> None:
    goods_id = bring(store, value=VALUED)
    first = hand(store, goods_id, 3)
    hand(store, goods_id, 4)
    assert first.entry_id is not None
    reverse_entry(store.conn, store.book, first.entry_id, on=LATER, reason="Chưa giao", actor=ACTOR)
    assert left(store, goods_id) == (3, "there")
    assert [each.is_undone for each in handovers(store.conn, store.book, goods_id)] == [True, False]
    hand(store, goods_id, 3)
    assert balance(store, "152") == 0


def test_goods_of_which_some_are_gone_are_not_taken_back(store: Room) -> None:
    delivered = receive_goods(store.conn, store.book, delivery(value=VALUED), actor=ACTOR)
    receive_goods(store.conn, store.book, delivery(value=VALUED), actor=ACTOR)
    assert delivered.received is not None
    entry_id = delivered.received.entry.entry_id
    handed = hand(store, delivered.goods_id, 1)
    savepoint = store.conn.begin_nested()
    with pytest.raises(RuleRefused) as refused:
        reverse_entry(store.conn, store.book, entry_id, on=LATER, reason="Trả lại", actor=ACTOR)
    savepoint.rollback()
    assert refused.value.fields["rule"] == "goods_reversal_rule"
    assert handed.entry_id is not None
    reverse_entry(store.conn, store.book, handed.entry_id, on=LATER, reason="Chưa giao", actor=ACTOR)
    reverse_entry(store.conn, store.book, entry_id, on=LATER, reason="Trả lại", actor=ACTOR)
    assert left(store, delivered.goods_id) == (0, "reversed")
    with pytest.raises(GoodsGone):
        hand(store, delivered.goods_id, 1)


def test_what_is_mistaken_about_counted_goods_is_taken_back_by_name(store: Room) -> None:
    goods_id = bring(store)
    handed = hand(store, goods_id, 7)
    with pytest.raises(GoodsNotThere):
        withdraw_goods(store.conn, store.book, goods_id, reason="Ghi trùng", actor=ACTOR)
    undo_handover(store.conn, store.book, handed.event_id, reason="Chưa giao", actor=ACTOR)
    with pytest.raises(HandoverNotFound):
        undo_handover(store.conn, store.book, handed.event_id, reason="Chưa giao", actor=ACTOR)
    assert left(store, goods_id) == (7, "there")
    withdraw_goods(store.conn, store.book, goods_id, reason="Ghi trùng", actor=ACTOR)
    assert left(store, goods_id) == (0, "withdrawn")
    with pytest.raises(GoodsGone):
        withdraw_goods(store.conn, store.book, goods_id, reason="Hai lần", actor=ACTOR)
    with pytest.raises(GoodsGone):
        hand(store, goods_id, 1)


def test_what_was_valued_is_taken_back_by_its_entry(store: Room) -> None:
    goods_id = bring(store, value=VALUED)
    handed = hand(store, goods_id, 1)
    with pytest.raises(GoodsValued):
        withdraw_goods(store.conn, store.book, goods_id, reason="Sai", actor=ACTOR)
    with pytest.raises(GoodsValued):
        undo_handover(store.conn, store.book, handed.event_id, reason="Sai", actor=ACTOR)


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"quantity": 0}, FieldRefused),
        ({"quantity": 10_000_001}, FieldRefused),
        ({"description": " "}, TextRefused),
        ({"giver": Giver(name="")}, TextRefused),
        ({"campaign": "NONE"}, ReferenceUnknown),
        ({"received_on": date(2023, 12, 31)}, FieldRefused),
        ({"value": replace(VALUED, value_minor=6)}, FieldRefused),
        ({"value": replace(VALUED, account="1111")}, LedgerError),
        ({"value": replace(VALUED, fund="QC")}, LedgerError),
    ],
)
def test_goods_that_are_none_are_refused(store: Room, wrong: dict[str, Any], refused: type[LedgerError]) -> None:
    with pytest.raises(refused):
        receive_goods(store.conn, store.book, delivery(**wrong), actor=ACTOR)
    assert goods_of(store.conn, store.book).rows == ()


def test_a_handover_that_is_none_is_refused(store: Room) -> None:
    goods_id = bring(store)
    with pytest.raises(GoodsNotThere):
        hand(store, goods_id, 0)
    with pytest.raises(FieldRefused):
        hand(store, goods_id, 1, on=MARCH - timedelta(days=1))
    with pytest.raises(GoodsNotFound):
        hand(store, new_id(), 1)
    with pytest.raises(ReferenceUnknown):
        hand_over(store.conn, store.book, goods_id, quantity=1, on=LATER, program="NONE", actor=ACTOR)
    valued = bring(store, value=VALUED)
    with pytest.raises(PostingRefused):
        hand(store, valued, 1, on=date(2999, 1, 1))


def test_goods_are_listed_the_newest_first_and_what_is_there_alone(store: Room) -> None:
    made = [bring(store, received_on=MARCH + timedelta(days=day)) for day in range(3)]
    hand(store, made[1], 7)
    page = goods_of(store.conn, store.book, page_size=2)
    assert [each.goods_id for each in page.rows] == [made[2], made[1]]
    rest = goods_of(store.conn, store.book, page_size=2, after=page.next_cursor)
    assert [each.goods_id for each in rest.rows] == [made[0]]
    assert [each.goods_id for each in goods_of(store.conn, store.book, is_there=True).rows] == [made[2], made[0]]
