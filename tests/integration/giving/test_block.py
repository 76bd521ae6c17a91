"""Books of paper receipts: every slip is used, void, returned or missing."""

from datetime import date
from uuid import UUID

import pytest

from ledger.books.commands import reverse_entry
from ledger.errors import CodeRefused, FieldRefused, TextRefused
from ledger.giving.block import (
    BlockClosed,
    BlockCount,
    BlockCountRefused,
    BlockNotFound,
    BlockOverlaps,
    Holder,
    SlipNotVoidable,
    block_by_id,
    blocks,
    close_block,
    issue_block,
    slips,
    void_slip,
)
from ledger.giving.model import Paper
from ledger.giving.queries import contribution_by_id
from ledger.typeid import new_id
from tests.factories import ACTOR
from tests.giving import MARCH, collection, gift
from tests.integration.giving.conftest import Room

HOLDER = Holder(name="Trần Thị Thử")


def issue(room: Room, first: int = 101, last: int = 105, series: str = "AA-24") -> UUID:
    return issue_block(
        room.conn,
        room.book,
        series=series,
        first_number=first,
        last_number=last,
        holder=HOLDER,
        issued_on=MARCH,
        actor=ACTOR,
    )


def slip(number: int, series: str = "AA-24") -> Paper:
    return Paper(series=series, number=number)


def states(room: Room, block_id: UUID) -> dict[int, str]:
    return {each.number: each.state for each in slips(room.conn, room.book, block_id)}


def test_a_block_is_accounted_for_slip_by_slip(room: Room) -> None:
    block_id = issue(room)
    received = room.receive(collection(gift(paper=slip(101)), gift(paper=slip(102))))
    void_slip(room.conn, room.book, block_id, 103, reason="Viết sai", actor=ACTOR)
    assert states(room, block_id) == {101: "used", 102: "used", 103: "void", 104: "blank", 105: "blank"}
    used = {each.number: each.contribution_id for each in slips(room.conn, room.book, block_id)}
    assert used[102] == received.contributions[1].contribution_id
    found = contribution_by_id(room.conn, room.book, received.contributions[1].contribution_id)
    assert found.paper == slip(102)
    counted = close_block(room.conn, room.book, block_id, returned_from=105, actor=ACTOR)
    assert counted == BlockCount(used=2, voided=1, blank=2, returned=1, missing=1)
    assert states(room, block_id) == {101: "used", 102: "used", 103: "void", 104: "missing", 105: "returned"}
    (block,) = blocks(room.conn, room.book)
    assert (block.is_closed, block.holder, block.count) == (True, HOLDER, counted)


def test_a_slip_is_used_once_and_again_only_when_its_gift_was_taken_back(room: Room) -> None:
    block_id = issue(room)
    received = room.receive(collection(gift(paper=slip(101))))
    assert room.faults(collection(gift(paper=slip(101)))) == {("paper_used", 0, "paper")}
    reverse_entry(room.conn, room.book, received.entry.entry_id, on=MARCH, reason="Sai số tiền", actor=ACTOR)
    assert states(room, block_id)[101] == "reversed"
    room.receive(collection(gift(paper=slip(101))))
    assert states(room, block_id)[101] == "used"
    assert room.faults(collection(gift(paper=slip(101)))) == {("paper_used", 0, "paper")}
    assert block_by_id(room.conn, room.book, block_id).count.used == 1


def test_every_wrong_slip_of_a_list_is_told_at_once(room: Room) -> None:
    block_id, closed_id = issue(room), issue(room, 201, 202)
    void_slip(room.conn, room.book, block_id, 105, reason="Rách", actor=ACTOR)
    close_block(room.conn, room.book, closed_id, returned_from=201, actor=ACTOR)
    wrong = (slip(102), slip(102), slip(105), slip(106), slip(101, "BB"), slip(201))
    found = room.faults(collection(*(gift(paper=each) for each in wrong)))
    assert found == {
        ("paper_twice", 1, "paper"),
        ("paper_void", 2, "paper"),
        ("paper_unknown", 3, "paper"),
        ("paper_unknown", 4, "paper"),
        ("paper_closed", 5, "paper"),
    }


def test_a_number_of_a_series_is_of_one_block(room: Room) -> None:
    issue(room, 101, 150)
    for first, last in ((150, 160), (90, 101), (120, 121), (1, 1_000)):
        with pytest.raises(BlockOverlaps) as refused:
            issue(room, first, last)
        assert refused.value.fields == {"series": "AA-24", "first_number": 101, "last_number": 150}
    issue(room, 151, 200)
    issue(room, 101, 150, series="BB")


def test_a_block_that_is_none_is_refused(room: Room) -> None:
    for first, last in ((0, 5), (5, 4), (1, 10_001)):
        with pytest.raises(FieldRefused):
            issue(room, first, last)
    with pytest.raises(CodeRefused):
        issue(room, series="aa 24")
    with pytest.raises(TextRefused):
        issue_block(
            room.conn,
            room.book,
            series="AA",
            first_number=1,
            last_number=2,
            holder=Holder(name=" "),
            issued_on=date(2024, 1, 2),
            actor=ACTOR,
        )
    with pytest.raises(BlockNotFound):
        slips(room.conn, room.book, new_id())


def test_only_a_slip_that_stands_for_nothing_is_voided(room: Room) -> None:
    block_id = issue(room)
    received = room.receive(collection(gift(paper=slip(101))))
    void_slip(room.conn, room.book, block_id, 102, reason="Viết sai", actor=ACTOR)
    for number, reason in ((101, "used"), (102, "void"), (99, "unknown")):
        with pytest.raises(SlipNotVoidable) as refused:
            void_slip(room.conn, room.book, block_id, number, reason="Viết sai", actor=ACTOR)
        assert refused.value.fields == {"number": number, "reason": reason}
    reverse_entry(room.conn, room.book, received.entry.entry_id, on=MARCH, reason="Sai", actor=ACTOR)
    void_slip(room.conn, room.book, block_id, 101, reason="Viết sai", actor=ACTOR)
    assert states(room, block_id)[101] == "void"


def test_a_block_is_closed_once_with_slips_that_can_have_come_back(room: Room) -> None:
    block_id = issue(room)
    room.receive(collection(gift(paper=slip(104))))
    with pytest.raises(BlockCountRefused):
        close_block(room.conn, room.book, block_id, returned_from=103, actor=ACTOR)
    with pytest.raises(FieldRefused):
        close_block(room.conn, room.book, block_id, returned_from=106, actor=ACTOR)
    counted = close_block(room.conn, room.book, block_id, returned_from=None, actor=ACTOR)
    assert (counted.returned, counted.missing) == (0, 4)
    with pytest.raises(BlockClosed):
        close_block(room.conn, room.book, block_id, returned_from=None, actor=ACTOR)
    with pytest.raises(BlockClosed):
        void_slip(room.conn, room.book, block_id, 101, reason="Mất", actor=ACTOR)
