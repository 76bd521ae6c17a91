"""What waits in a book is counted in one statement, and for those alone who can go on with it."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from ledger.books.chart import open_fund, open_program
from ledger.books.commands import lock_months, reverse_entry
from ledger.calendar import month_start, today
from ledger.giving.block import close_block
from ledger.giving.delivery import hand_over, receive_goods, undo_handover, withdraw_goods
from ledger.giving.draft import return_draft, start_draft, submit_draft
from ledger.giving.goods import goods_of
from ledger.giving.pledge import cancel_pledge, pledges
from ledger.intake.commands import discard, take_in
from ledger.intake.queries import intake_by_id
from ledger.jobs.queue import cancel, enqueue, jobs_of
from ledger.waiting import Waiting, count_waiting
from tests.factories import ACTOR, make_book
from tests.files_taken_in import WholeWorker
from tests.giving import MARCH, collection, gift
from tests.integration.giving.conftest import Room
from tests.integration.giving.test_block import issue, slip
from tests.integration.giving.test_draft import DRIVE
from tests.integration.giving.test_goods import delivery
from tests.integration.giving.test_pledge import promise, record
from tests.list_files import HEADER, PEOPLE, xlsx

CHIEF = frozenset({"read", "collect", "people", "post", "lock", "chart"})
OTHER = replace(ACTOR, principal_id=UUID(int=7), role="collector", prefix="us")


def waiting(room: Room, rights: frozenset[str] = CHIEF, **more: Any) -> Waiting:
    return count_waiting(room.conn, room.book, rights=rights, actor=more.get("actor", ACTOR))


def counted(room: Room, **more: Any) -> dict[str, int]:
    """Return what waits, without what does not."""
    return {name: count for name, count in asdict(waiting(room, **more)).items() if count}


def test_nothing_waits_in_a_new_book(room: Room) -> None:
    assert set(asdict(waiting(room)).values()) == {0}


def test_a_promise_waits_from_the_day_it_falls_due_until_it_came_or_was_given_up(room: Room) -> None:
    late = record(room, promise(amount_minor=300_000))
    record(room, promise(due_on=today()))
    record(room, promise(due_on=today() + timedelta(days=1)))
    given_up = record(room)
    assert counted(room) == {"pledges_due": 3}
    cancel_pledge(room.conn, room.book, given_up.pledge_id, reason="Thôi", actor=ACTOR)
    part = room.receive(collection(gift(amount_minor=200_000, pledge_id=late.pledge_id)))
    assert counted(room) == {"pledges_due": 2}
    room.receive(collection(gift(amount_minor=100_000, pledge_id=late.pledge_id)))
    assert counted(room) == {"pledges_due": 1}
    reverse_entry(room.conn, room.book, part.entry.entry_id, on=MARCH, reason="Nhầm", actor=ACTOR)
    assert counted(room) == {"pledges_due": 2}
    due = [each for each in pledges(room.conn, room.book, state="open").rows if each.due_on <= today()]
    assert len(due) == 2


def test_slips_wait_that_are_missing_from_a_book_that_came_back(room: Room) -> None:
    block_id = issue(room)
    room.receive(collection(gift(paper=slip(101))))
    assert counted(room) == {}, "a book that is out has blank slips, not missing ones"
    close_block(room.conn, room.book, block_id, returned_from=105, actor=ACTOR)
    assert counted(room) == {"slips_missing": 3}
    lock_months(room.conn, room.book, through=month_start(today()) - timedelta(days=1), actor=ACTOR)
    assert counted(room) == {"slips_missing": 3}, "they were missed in a month that is open"


@pytest.fixture
def store(room: Room) -> Room:
    named = {"fund": "HV", "kind": "in-kind", "name_vi": "Quỹ hiện vật", "purpose": "Hiện vật", "opened_on": MARCH}
    open_fund(room.conn, room.book, actor=ACTOR, **named)  # type: ignore[arg-type]
    open_program(room.conn, room.book, program="SACH", unit="school", name_vi="Sách", opened_on=MARCH, actor=ACTOR)
    return room


def test_goods_wait_as_long_as_any_of_them_is_there(store: Room) -> None:
    conn, book = store.conn, store.book
    one, two, wrong = (receive_goods(conn, book, delivery(), actor=ACTOR).goods_id for _ in range(3))
    assert counted(store) == {"goods_there": 3}
    withdraw_goods(conn, book, wrong, reason="Nhầm", actor=ACTOR)
    given: dict[str, Any] = {"on": MARCH, "program": "SACH", "actor": ACTOR}
    hand_over(conn, book, one, quantity=3, **given)
    last = hand_over(conn, book, one, quantity=4, **given)
    assert counted(store) == {"goods_there": 1}
    undo_handover(conn, book, last.event_id, reason="Chưa trao", actor=ACTOR)
    hand_over(conn, book, two, quantity=7, **given)
    assert counted(store) == {"goods_there": 1}
    assert len(goods_of(conn, book, is_there=True).rows) == 1


def test_drafts_wait_for_who_drafted_them_or_who_posts(room: Room) -> None:
    conn, book = room.conn, room.book
    mine = start_draft(conn, book, "drive", DRIVE, actor=OTHER)
    start_draft(conn, book, "drive", DRIVE, actor=ACTOR)
    collects = frozenset({"collect"})
    assert counted(room, rights=collects, actor=OTHER) == {"drafts_open": 1}
    submit_draft(conn, book, mine, version=1, actor=OTHER)
    assert counted(room, rights=collects, actor=OTHER) == {}
    assert counted(room) == {"drafts_submitted": 1, "drafts_open": 1}
    return_draft(conn, book, mine, version=2, reason="Thiếu một hộ", actor=ACTOR)
    assert counted(room, rights=collects, actor=OTHER) == {"drafts_returned": 1}
    assert counted(room) == {"drafts_open": 1}


def test_files_wait_for_a_decision_and_no_longer_once_they_are_dropped(room: Room) -> None:
    conn, book = room.conn, room.book
    data = xlsx([HEADER, *PEOPLE])
    intake_id = take_in(conn, book, kind="household", name="ds.xlsx", data=data, actor=ACTOR).intake_id
    assert counted(room) == {"jobs_running": 1}
    assert WholeWorker(conn).work_one()
    assert counted(room) == {"files_undecided": 1}
    discard(conn, book, intake_id, version=intake_by_id(conn, book, intake_id).version, actor=ACTOR)
    assert counted(room) == {}


def test_a_file_whose_reading_was_cancelled_waits_for_a_person(room: Room) -> None:
    data = xlsx([HEADER, *PEOPLE])
    found = take_in(room.conn, room.book, kind="household", name="ds.xlsx", data=data, actor=ACTOR)
    assert found.job_id is not None
    cancel(room.conn, room.book, found.job_id)
    assert counted(room) == {"files_undecided": 1}


def fail(room: Room, job_id: UUID) -> None:
    asked = {"tenant_id": room.book.tenant_id, "job_id": job_id, "lease_id": uuid4()}
    room.conn.execute(sa.text("SELECT soquy.claim_job(:tenant_id, '{test.thing}', :lease_id, 60, 5)"), asked)
    room.conn.execute(
        sa.text("SELECT soquy.give_back_job(:tenant_id, :job_id, :lease_id, 'job_abandoned', '{}', NULL, true)"), asked
    )


def test_a_job_that_failed_waits_until_it_is_asked_for_again(room: Room) -> None:
    first = enqueue(room.conn, room.book, "test.thing", subject="one", actor=OTHER)
    assert counted(room) == {"jobs_running": 1}
    fail(room, first)
    assert counted(room) == {"jobs_failed": 1}
    again = enqueue(room.conn, room.book, "test.thing", subject="one", actor=OTHER)
    assert counted(room) == {"jobs_running": 1}
    assert [job.job_id for job in jobs_of(room.conn, room.book)] == [again, first]
    # Whoever does not read the books knows of what they asked for themselves.
    assert counted(room, rights=frozenset({"collect"}), actor=OTHER) == {"jobs_running": 1}
    assert counted(room, rights=frozenset({"collect"})) == {}
    assert jobs_of(room.conn, room.book, of=ACTOR.principal_id) == ()


@pytest.mark.parametrize(
    ("rights", "told"),
    [
        ({"collect"}, {"drafts_returned", "drafts_open"}),
        ({"read", "collect"}, {"drafts_returned", "drafts_open"}),
        ({"read", "people"}, {"pledges_due", "slips_missing", "files_undecided"}),
        ({"read", "inspect"}, set()),
        ({"people"}, {"files_undecided"}),
        ({"read", "post"}, {"goods_there"}),
    ],
)
def test_what_somebody_cannot_go_on_with_is_not_told(room: Room, rights: set[str], told: set[str]) -> None:
    record(room)
    start_draft(room.conn, room.book, "drive", DRIVE, actor=ACTOR)
    found = asdict(waiting(room, frozenset(rights)))
    assert {name for name, count in found.items() if count is not None} == told | {"jobs_running", "jobs_failed"}


def test_it_is_counted_in_one_statement_of_this_book_alone(room: Room) -> None:
    record(room)
    other = make_book(room.conn, tenant_id=room.book.tenant_id)
    statements = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(room.conn, "before_cursor_execute", note)
    try:
        found = count_waiting(room.conn, other, rights=CHIEF, actor=ACTOR)
    finally:
        sa.event.remove(room.conn, "before_cursor_execute", note)
    assert len(statements) == 1
    assert set(asdict(found).values()) == {0}
