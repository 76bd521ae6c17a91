"""A file from upload to reversal, step by step, as a treasurer takes it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.books.commands import lock_months, reverse_entry
from ledger.errors import AlreadyReversed, LedgerError, PostingRefused, TextRefused
from ledger.giving.errors import CollectionRefused
from ledger.intake.commands import (
    FileAgain,
    IntakeChanged,
    IntakeNotReady,
    IntakeStepRefused,
    decide,
    discard,
    let_go,
    read_again,
    take_in,
)
from ledger.intake.line import ListMapping, MappingRefused
from ledger.intake.mapping import mapping_of, proposed
from ledger.intake.model import Intake
from ledger.intake.page import read_rows
from ledger.intake.queries import (
    IntakeNotFound,
    decisions,
    finding_counts,
    intake_by_id,
    intakes,
    receipt,
    tally,
)
from ledger.intake.refusal import FileRefused
from ledger.jobs.queue import cancel
from tests.factories import ACTOR
from tests.integration.intake.conftest import HOUSEHOLD, ON, SALARY, Office
from tests.list_files import HEADER, PEOPLE, csv, ods, repacked, xls, xlsx

ROWS: list[list[Any]] = [HEADER, *PEOPLE]
TOTAL = 500_000


def faulty(*more: list[Any]) -> bytes:
    """A list of one good row, one twin of it, and what else is given."""
    return xlsx([HEADER, [1, "Nguyễn Văn Mẫu", "Thôn 1", 5_000], [2, "Nguyễn Văn Mẫu", "Thôn 1", 5_000], *more])


def refusal(caught: pytest.ExceptionInfo[Any]) -> list[str]:
    return [fault.code for fault in caught.value.faults]


def test_a_file_is_read_mapped_and_posted_as_one_entry(office: Office) -> None:
    found = office.take_in(xlsx(ROWS))
    assert (found.state, found.form, found.problem) == ("read", "xlsx", None)
    found = office.map(found)
    assert found.state == "mapped"
    assert [(line.row, line.verdict, line.amount_minor) for line in office.lines(found)] == [
        (2, "ok", 250_000),
        (3, "ok", 150_000),
        (4, "ok", 100_000),
    ]
    found = office.state(found)
    assert found.state == "ready"
    found = office.post(found)
    assert (found.state, found.problem) == ("posted", None)
    given = office.ask("""\
        SELECT c.line, c.amount_minor, g.name, g.detail
        FROM soquy.contribution AS c
        JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
        WHERE c.book_id = :book_id ORDER BY c.line""")
    assert given == [
        (1, 250_000, "Nguyễn Văn Mẫu", "Phòng Thử"),
        (2, 150_000, "Trần Thị Thử", "Phòng Thử"),
        (3, 100_000, "Lê Ví Dụ", "Phòng Mẫu"),
    ]


def test_a_posted_file_has_a_receipt_and_leaves_nothing_of_its_rows_behind(office: Office) -> None:
    found = office.post(office.ready(xlsx([*ROWS, ["", "Tổng cộng", "", TOTAL]])))
    told = office.do(lambda conn: receipt(conn, office.book, found.intake_id))
    assert told is not None
    assert (told.row_count, told.total_minor, told.left_out_count, told.seq) == (3, TOTAL, 0, 1)
    assert (told.voucher and told.voucher.kind, told.entry_on, told.reversed_by_seq) == ("PT", ON, None)
    assert told.sha256 is not None
    assert office.ask("SELECT rows FROM soquy.intake_posting WHERE book_id = :book_id") == [([2, 3, 4],)]
    for table in ("intake_line", "intake_page"):
        assert office.ask(f"SELECT count(*) FROM vault.{table} WHERE tenant_id = :tenant_id") == [(0,)]
    assert office.ask("SELECT octet_length(digests) FROM vault.intake_digest WHERE book_id = :book_id") == [(24,)]
    attached = office.ask("SELECT target_id, kind, is_entry FROM soquy.attachment WHERE book_id = :book_id")
    assert attached == [(told.entry_id, "list", True)]


def test_a_salary_day_equals_its_transfer_to_the_dong(office: Office) -> None:
    found = office.ready(xlsx(ROWS), facts=SALARY, kind="salary")
    assert found.state == "mapped"
    with pytest.raises(IntakeNotReady) as caught:
        office.hand_over(found)
    assert refusal(caught) == ["intake_wire_missing"]
    found = office.state(found, replace(SALARY, declared_minor=TOTAL + 1, difference_reason="Làm tròn"))
    with pytest.raises(IntakeNotReady) as caught:
        office.hand_over(found)
    (fault,) = caught.value.faults
    assert (fault.code, fault.fields["difference_minor"]) == ("wire_differs", -1)
    found = office.state(found, replace(SALARY, declared_minor=TOTAL))
    assert found.state == "ready"
    assert office.post(found).state == "posted"


def test_a_drive_may_differ_from_what_was_counted_if_somebody_says_why(office: Office) -> None:
    declared = replace(HOUSEHOLD, declared_minor=TOTAL + 20_000, declared_count=4)
    found = office.ready(xlsx(ROWS), facts=declared)
    with pytest.raises(IntakeNotReady) as caught:
        office.hand_over(found)
    assert refusal(caught) == ["declared_differs"]
    found = office.state(found, replace(declared, difference_reason="Một phong bì rỗng"))
    assert office.post(found).state == "posted"


def test_the_book_is_asked_before_a_list_is_booked_on_it(office: Office) -> None:
    found = office.map(office.take_in(xlsx(ROWS)))
    with pytest.raises(CollectionRefused) as caught:
        office.state(found, replace(HOUSEHOLD, fund="KHONG", received_on=date(2020, 1, 1)))
    assert {fault.field for fault in caught.value.faults} >= {"fund", "received_on"}
    assert office.find(found.intake_id).facts is None


def test_the_same_file_again_wants_a_reason(office: Office) -> None:
    """By its bytes; where the first one came to nothing, nobody need explain."""
    first = office.take_in(xlsx(ROWS))
    data = xlsx(ROWS)
    data = data if data == xlsx(ROWS) else b""
    same = csv(ROWS)
    kept = office.take_in(same, name="a.csv")
    with pytest.raises(FileAgain) as caught:
        office.take_in(same, name="b.csv")
    assert str(caught.value.fields["intake"]).startswith("in_")
    again = office.take_in(same, name="b.csv", again_reason="Đợt hai, cùng danh sách")
    assert (again.again_reason, again.document_id) == ("Đợt hai, cùng danh sách", kept.document_id)
    for each in (kept, again):
        office.do(lambda conn, each=each: discard(conn, office.book, each.intake_id, version=each.version, actor=ACTOR))  # type: ignore[misc]
    assert office.take_in(same, name="c.csv", again_reason="thừa").again_reason is None
    assert first.state == "read"


def test_the_same_rows_in_another_order_point_to_the_earlier_file(office: Office) -> None:
    first = office.post(office.ready(xlsx(ROWS)))
    shuffled = office.map(office.take_in(csv([HEADER, *reversed(PEOPLE)]), name="lai.csv"))
    assert [(each.intake_id, each.row_count) for each in shuffled.overlaps] == [(first.intake_id, 3)]
    part = office.map(office.take_in(csv([HEADER, PEOPLE[0], [9, "Người Khác Thử", "", 5_000]]), name="khac.csv"))
    assert [(each.intake_id, each.row_count) for each in part.overlaps] == [(first.intake_id, 1)]
    office.reverse(first)
    assert office.map(part).overlaps == ()


def test_of_two_files_with_the_same_rows_the_second_waits_for_a_person(office: Office) -> None:
    """Both were looked at before either was posted, so nobody was shown that there are two."""
    files = [office.ready(xlsx(ROWS)), office.ready(csv([HEADER, *reversed(PEOPLE)]), name="lai.csv")]
    first, second = (office.hand_over(each) for each in files)
    assert first.overlaps == second.overlaps == ()
    office.work()
    first, second = (office.find(each.intake_id) for each in files)
    if first.state != "posted":
        first, second = second, first
    assert (first.state, second.state) == ("posted", "ready")
    assert second.problem is not None
    assert [(each["code"], each["count"]) for each in second.problem["faults"]] == [("intake_rows_posted", 3)]
    assert [(each.intake_id, each.row_count) for each in second.overlaps] == [(first.intake_id, 3)]
    assert office.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(1,)]
    assert office.post(second).state == "posted", "whoever was shown it may mean it"


def test_a_second_file_waits_however_many_earlier_ones_are_nearer(office: Office) -> None:
    """As a staff list that came every month; and one of those that is taken back makes no old one look new."""
    lists = [[HEADER, *PEOPLE, [9, f"Người Tháng {month} Thử", "", 5_000]] for month in range(12)]
    earlier = [office.post(office.ready(xlsx(rows), name=f"{month}.xlsx")) for month, rows in enumerate(lists)]
    ours = office.ready(xlsx([HEADER, *PEOPLE]), name="ky.xlsx")
    assert len(ours.overlaps) == 10
    meanwhile = office.ready(csv([HEADER, PEOPLE[0]]), name="mot-dong.csv")
    assert office.post(meanwhile).state == "posted"
    ours = office.post(ours)
    assert ours.state == "ready"
    assert ours.problem is not None
    assert [(each["code"], each["count"]) for each in ours.problem["faults"]] == [("intake_rows_posted", 1)]
    office.reverse(earlier[-1])
    assert office.post(ours).state == "posted"


def test_two_workers_do_not_post_the_same_rows_at_once(office: Office) -> None:
    files = [office.ready(xlsx(ROWS)), office.ready(csv([HEADER, *reversed(PEOPLE)]), name="lai.csv")]
    for each in files:
        office.hand_over(each)
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(lambda _: office.worker.work_one(), range(2)))
    assert sorted(office.find(each.intake_id).state for each in files) == ["posted", "ready"]


def test_twins_stay_unless_somebody_decides(office: Office) -> None:
    found = office.ready(faulty())
    assert [line.is_twin for line in office.lines(found)] == [True, True]
    assert found.state == "ready"
    assert office.do(lambda conn: tally(conn, office.book, found.intake_id)).twin_count == 2
    found = office.decide(found, 3)
    counted = office.do(lambda conn: tally(conn, office.book, found.intake_id))
    assert (counted.gift_count, counted.left_out_count, counted.total_minor) == (1, 1, 5_000)
    found = office.decide(found, 3, is_left_out=False)
    assert office.post(found).state == "posted"
    assert office.ask("SELECT count(*) FROM soquy.contribution WHERE book_id = :book_id") == [(2,)]


def test_faults_keep_a_list_from_being_posted_until_they_are_left_out(office: Office) -> None:
    found = office.ready(
        faulty([3, "Trần Thị Thử", "", "1tr5"], [4, "Lê Ví Dụ", "", ""], [5, "", "", 5_000], [6, "Phạm Mẫu", "", ""])
    )
    assert found.state == "mapped"
    with pytest.raises(IntakeNotReady) as caught:
        office.hand_over(found)
    assert refusal(caught) == ["intake_rows_faulty"]
    counted = office.do(lambda conn: finding_counts(conn, office.book, found.intake_id))
    assert [(each.code, each.reason, each.count) for each in counted] == [
        ("amount_refused", "blank", 2),
        ("amount_refused", "shorthand", 1),
        ("name_missing", None, 1),
    ]
    found = office.decide(found, finding={"code": "amount_refused", "reason": "blank"})
    assert [line.row for line in office.lines(found, shown="left_out")] == [5, 7]
    found = office.decide(found, 4, 6)
    assert found.state == "ready"
    found = office.post(found)
    told = office.do(lambda conn: receipt(conn, office.book, found.intake_id))
    assert told is not None
    assert (told.row_count, told.left_out_count) == (2, 4)
    made = office.do(lambda conn: decisions(conn, office.book, found.intake_id))
    assert [(each.is_left_out, each.rows, each.reason) for each in made] == [
        (True, (5, 7), "Đã hỏi lại"),
        (True, (4, 6), "Đã hỏi lại"),
    ]


def test_nothing_is_decided_about_what_is_no_gift_or_already_so(office: Office) -> None:
    found = office.map(office.take_in(faulty(["", "Tổng cộng", "", 10_000])))
    version = found.version
    assert office.decide(found, 4).version == version
    assert office.decide(found, 99).version == version
    assert office.decide(found, 2, is_left_out=False).version == version
    with pytest.raises(TextRefused):
        office.do(
            lambda conn: decide(
                conn, office.book, found.intake_id, version=version, actor=ACTOR, is_left_out=True, reason=" ", rows=[2]
            )
        )


@pytest.mark.parametrize("shown", ["all", "gifts", "faults", "warnings", "twins", "left_out", "other"])
def test_rows_are_shown_by_what_is_to_be_done_about_them(office: Office, shown: Any) -> None:
    found = office.map(
        office.take_in(faulty([3, "", "", 1], [4, "@Mẫu", "", 7_000], ["I", "Tổ Toán", "", ""], ["", "Cộng", "", 1]))
    )
    expected = {
        "all": [2, 3, 4, 5, 6, 7],
        "gifts": [2, 3, 5],
        "faults": [4],
        "warnings": [5, 7],
        "twins": [2, 3],
        "left_out": [],
        "other": [6, 7],
    }
    assert [line.row for line in office.lines(found, shown=shown)] == expected[shown]
    assert [line.row for line in office.lines(found, shown=shown, after=4, limit=1)] == [
        row for row in expected[shown] if row > 4
    ][:1]


def test_whoever_saw_an_older_version_does_not_overwrite_a_newer(office: Office) -> None:
    found = office.map(office.take_in(xlsx(ROWS)))
    office.state(found)
    with pytest.raises(IntakeChanged):
        office.state(found)
    with pytest.raises(IntakeChanged):
        office.map(found)


def test_steps_that_a_file_does_not_take_are_refused(office: Office) -> None:
    found = office.take_in(xlsx(ROWS))
    with pytest.raises(IntakeStepRefused):
        office.decide(found, 2)
    with pytest.raises(IntakeNotReady):
        office.hand_over(found)
    posted = office.post(office.state(office.map(found)))
    steps: list[Any] = [
        lambda: office.map(posted),
        lambda: office.state(posted),
        lambda: office.hand_over(posted),
        lambda: office.do(
            lambda conn: discard(conn, office.book, posted.intake_id, version=posted.version, actor=ACTOR)
        ),
        lambda: office.do(
            lambda conn: let_go(conn, office.book, posted.intake_id, version=posted.version, actor=ACTOR)
        ),
    ]
    for step in steps:
        with pytest.raises(IntakeStepRefused):
            step()


def test_a_file_of_another_book_does_not_exist(office: Office) -> None:
    found = office.take_in(xlsx(ROWS))
    with pytest.raises(IntakeNotFound):
        office.do(lambda conn: intake_by_id(conn, office.other, found.intake_id))
    assert office.do(lambda conn: intakes(conn, office.other)) == []
    assert [each.intake_id for each in office.do(lambda conn: intakes(conn, office.book))] == [found.intake_id]


def test_another_sheet_is_read_when_somebody_asks_for_it(office: Office) -> None:
    data = xlsx([HEADER, *PEOPLE], more={"Khác": [HEADER, [1, "Phạm Mẫu", "", 7_000]]})
    found = office.map(office.take_in(data))
    again = office.do(
        lambda conn: read_again(conn, office.book, found.intake_id, version=found.version, actor=ACTOR, sheet=1)
    )
    assert (again.state, again.outline, again.mapping) == ("uploaded", None, None)
    office.work()
    read = office.find(found.intake_id)
    assert (read.state, (read.outline or {})["sheet"]) == ("read", 1)
    assert [line.name for line in office.lines(office.map(read))] == ["Phạm Mẫu"]


def test_a_file_that_cannot_be_read_says_why_and_may_be_read_otherwise(office: Office) -> None:
    data = "Họ và tên;Số tiền\nLê Mẫu;5000\n".encode("utf-16-le") + b"\x00"
    found = office.take_in(data, name="a.csv")
    assert (found.state, found.problem) == (
        "unreadable",
        {"code": "file_refused", "reason": "encoding", "encoding": "utf-16-le", "position": len(data) - 1},
    )
    assert (office.job(found).state, office.job(found).error_code) == ("failed", "file_refused")
    office.do(
        lambda conn: read_again(
            conn, office.book, found.intake_id, version=found.version, actor=ACTOR, encoding="windows-1258"
        )
    )
    office.work()
    assert office.find(found.intake_id).state == "unreadable"


def test_a_damaged_workbook_is_unreadable_and_may_be_dropped(office: Office) -> None:
    found = office.take_in(repacked(xlsx(ROWS), {"xl/workbook.xml": b"<workbook"}))
    assert (found.state, found.problem) == ("unreadable", {"code": "file_refused", "reason": "damaged"})
    gone = office.do(lambda conn: discard(conn, office.book, found.intake_id, version=found.version, actor=ACTOR))
    assert gone.state == "discarded"


def test_what_is_no_list_is_refused_at_the_door(office: Office) -> None:
    with pytest.raises(FileRefused) as caught:
        office.take_in(xls(ROWS), name="danh-sach.xlsx")
    assert caught.value.fields == {"reason": "other_ending", "given": "xlsx", "found": "xls"}
    with pytest.raises(FileRefused):
        office.take_in(xlsx(ROWS), name="khong-duoi")
    assert office.ask("SELECT count(*) FROM vault.document WHERE book_id = :book_id") == [(0,)]


def test_a_discarded_file_is_forgotten_but_for_its_having_been_here(office: Office) -> None:
    found = office.map(office.take_in(xlsx(ROWS)))
    office.do(lambda conn: discard(conn, office.book, found.intake_id, version=found.version, actor=ACTOR))
    assert office.lines(found) == []
    assert office.ask("SELECT count(*) FROM vault.intake_page WHERE tenant_id = :tenant_id") == [(0,)]
    assert office.find(found.intake_id).state == "discarded"


def test_columns_that_contradict_themselves_are_for_a_person_to_decide(office: Office) -> None:
    found = office.take_in(csv([["Họ và tên", "Số tiền"], ["Lê Mẫu", "1.500"], ["Lê Thử", "2,500"]]), name="a.csv")
    with pytest.raises(MappingRefused) as caught:
        office.map(found)
    assert caught.value.fields["reason"] == "thousands_undecided"
    found = office.map(found, replace(proposed(found.outline or {}), thousands="."))
    assert [line.verdict for line in office.lines(found)] == ["ok", "fault"]


def test_a_mapping_is_kept_as_it_was_confirmed(office: Office) -> None:
    found = office.take_in(
        csv([["Hä vµ tªn", "Sè tiÒn"], ["NguyÔn V¨n MÉu", "1.500"]], encoding="latin-1"), name="a.csv"
    )
    guessed = proposed(found.outline or {})
    assert guessed == ListMapping(first_row=1, roles=("name", "amount"), thousands=".", legacy={0: "tcvn3"})
    found = office.map(found)
    assert mapping_of(found.mapping or {}) == guessed
    assert office.lines(found)[0].name == "Nguyễn Văn Mẫu"
    unconverted = office.map(found, replace(guessed, legacy={}, roles=("name", "amount", "detail")))
    assert office.lines(unconverted)[0].name == "NguyÔn V¨n MÉu"
    assert mapping_of(unconverted.mapping or {}).roles == ("name", "amount")


def test_rows_can_be_looked_at_as_they_stand_in_the_file(office: Office) -> None:
    found = office.map(office.take_in(ods(ROWS), name="a.ods"))
    assert office.do(lambda conn: read_rows(conn, office.book, found.intake_id, [3, 999])) == {3: PEOPLE[1]}


def test_anonymous_givers_and_numbers_of_paper_receipts_come_along(office: Office) -> None:
    office.ask("SELECT 1")
    rows: list[list[Any]] = [
        ["Họ và tên", "Số tiền", "Ẩn danh"],
        ["Nguyễn Văn Mẫu", 5_000, "x"],
        ["Trần Thị Thử", 5_000, ""],
    ]
    office.post(office.ready(xlsx(rows)))
    assert office.ask("SELECT line, wish FROM soquy.contribution WHERE book_id = :book_id ORDER BY line") == [
        (1, "anonymous"),
        (2, "named"),
    ]


def test_what_the_book_refuses_meanwhile_gives_the_file_back(office: Office) -> None:
    """A month that was locked between handing over and posting: nothing is booked, and the reason stands with it."""
    found = office.hand_over(office.ready(xlsx(ROWS)))
    office.do(lambda conn: lock_months(conn, office.book, through=ON, actor=ACTOR))
    office.work()
    found = office.find(found.intake_id)
    assert found.state == "ready"
    assert found.problem is not None
    assert [fault["code"] for fault in found.problem["faults"]] == ["month_locked"]
    assert (office.job(found).state, office.job(found).error_code) == ("failed", "collection_refused")
    assert office.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(0,)]
    found = office.state(found, replace(HOUSEHOLD, received_on=date(2024, 10, 1)))
    assert office.post(found).state == "posted"


def test_a_posting_that_was_cancelled_may_be_taken_back_and_begun_again(office: Office) -> None:
    found = office.hand_over(office.ready(xlsx(ROWS)))
    with pytest.raises(IntakeStepRefused):
        office.do(lambda conn: let_go(conn, office.book, found.intake_id, version=found.version, actor=ACTOR))
    job_id = found.job_id
    assert job_id is not None
    office.do(lambda conn: cancel(conn, office.book, job_id))
    back = office.do(lambda conn: let_go(conn, office.book, found.intake_id, version=found.version, actor=ACTOR))
    assert back.state == "ready"
    assert office.post(back).state == "posted"


def test_a_whole_file_is_taken_back(office: Office) -> None:
    found = office.post(office.ready(xlsx(ROWS)))
    entry = office.reverse(found)
    assert office.find(found.intake_id).state == "reversed"
    told = office.do(lambda conn: receipt(conn, office.book, found.intake_id))
    assert told is not None
    assert (told.reversed_by_seq, told.reversal_id, told.reversed_on) == (entry.seq, entry.entry_id, ON)
    assert told.reversal_event_id is not None
    assert office.ask("SELECT sum(value_minor) FROM soquy.posting WHERE book_id = :book_id AND account = '1111'") == [
        (0,)
    ]
    with pytest.raises(IntakeStepRefused):
        office.reverse(found)


def test_a_file_whose_entry_was_reversed_by_hand_is_not_reversed_again(office: Office) -> None:
    found = office.post(office.ready(xlsx(ROWS)))
    ((entry_id,),) = office.ask("SELECT entry_id FROM soquy.entry WHERE book_id = :book_id")
    office.do(lambda conn: reverse_entry(conn, office.book, entry_id, on=ON, reason="Sai", actor=ACTOR))
    with pytest.raises(AlreadyReversed):
        office.reverse(found)
    told = office.do(lambda conn: receipt(conn, office.book, found.intake_id))
    assert told is not None
    assert (told.reversed_by_seq, told.reversal_event_id) == (2, None)


def test_what_was_spent_is_not_taken_back(office: Office) -> None:
    found = office.post(office.ready(xlsx(ROWS)))
    with pytest.raises((PostingRefused, LedgerError)):
        office.reverse(found, on=date(2024, 8, 1))
    with pytest.raises(TextRefused):
        office.reverse(found, reason=" ")
    assert office.find(found.intake_id).state == "posted"


def test_a_job_that_comes_twice_does_its_work_once(office: Office) -> None:
    """A job taken again after its work was done looks where the file stands, and leaves it there."""
    found = office.post(office.ready(xlsx(ROWS)))
    office.ask("SELECT 1")

    def again(found: Intake) -> None:
        office.do(lambda conn: take_in(conn, office.book, kind="household", name="b.csv", data=csv(ROWS), actor=ACTOR))

    again(found)
    office.work()
    assert office.ask("SELECT count(*) FROM soquy.entry WHERE book_id = :book_id") == [(1,)]
