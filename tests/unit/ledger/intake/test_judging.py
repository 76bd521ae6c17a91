"""Judge rows: every kind of row, every fault, all at once."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake.cell import Row
from ledger.intake.header import Role
from ledger.intake.judging import Judge
from ledger.intake.line import GIFTS, Finding, Line, ListMapping, MappingRefused
from ledger.money import AMOUNT_MAX, grouped

MAPPING = ListMapping(first_row=1, roles=("number", "name", "detail", "amount"), thousands=".")
HEADER: Row = ["STT", "Họ và tên", "Đơn vị", "Số tiền"]


def judged(*rows: Row, mapping: ListMapping = MAPPING, received_on: date | None = None) -> list[Line]:
    return Judge(mapping, received_on).take([list(row) for row in (HEADER, *rows)], 0)


def judge_one(*cells: Any, mapping: ListMapping = MAPPING, received_on: date | None = None) -> Line:
    (line,) = judged(list(cells), mapping=mapping, received_on=received_on)
    return line


def codes(line: Line) -> list[tuple[str, int, Any]]:
    return [(finding.code, finding.column, finding.fields.get("reason")) for finding in line.findings]


def test_a_gift_is_a_name_a_detail_and_an_amount() -> None:
    line = judge_one(1, " Nguyễn  Văn\u00a0Mẫu ", "Phòng\nThử", 250_000.0)
    assert (line.row, line.verdict, line.name, line.detail, line.amount_minor) == (
        2,
        "ok",
        "Nguyễn Văn Mẫu",
        "Phòng Thử",
        250_000,
    )
    assert line.findings == ()


@pytest.mark.parametrize("amount", ["250.000", 250_000, 250_000.0, "250.000 đ", "２５０.０００"])
def test_amounts_are_numbers_or_texts(amount: Any) -> None:
    assert judge_one(1, "Nguyễn Văn Mẫu", "", amount).amount_minor == 250_000


@pytest.mark.parametrize(
    ("amount", "code", "reason"),
    [
        ("1tr5", "amount_refused", "shorthand"),
        ("250,000", "amount_refused", "separator_other"),
        ("", "amount_refused", "blank"),
        (None, "amount_refused", "blank"),
        ("-5", "amount_refused", "negative"),
        ("=A1", "amount_refused", "formula"),
        (-5.0, "amount_refused", "negative"),
        (0, "amount_refused", "zero"),
        (1.5, "amount_refused", "decimals"),
        (1e18, "amount_refused", "too_large"),
        (True, "cell_refused", "truth_value"),
        ({"on": "2026-09-05"}, "cell_refused", "day"),
        ({"at": "2026-09-05T07:30:00"}, "cell_refused", "day"),
        ({"lasts": 60.0}, "cell_refused", "length_of_time"),
        ({"fault": "formula_uncomputed"}, "cell_refused", "formula_uncomputed"),
        ({"fault": "cell_error"}, "cell_refused", "cell_error"),
    ],
)
def test_what_is_no_amount_is_a_fault_of_its_row(amount: Any, code: str, reason: str) -> None:
    line = judge_one(1, "Nguyễn Văn Mẫu", "", amount)
    assert (line.verdict, line.amount_minor, codes(line)) == ("fault", None, [(code, 3, reason)])


def test_a_shorthand_says_what_may_have_been_meant() -> None:
    (finding,) = judge_one(1, "Nguyễn Văn Mẫu", "", "1tr5").findings
    assert finding == Finding(code="amount_refused", column=3, fields={"reason": "shorthand", "meant_minor": 1_500_000})


@pytest.mark.parametrize(
    ("unit", "amount", "worth"), [(1_000, 250.5, 250_500), (1_000, "250", 250_000), (1_000_000, 1.5, 1_500_000)]
)
def test_amounts_in_thousands_are_worth_thousands(unit: Any, amount: Any, worth: int) -> None:
    mapping = ListMapping(first_row=1, roles=MAPPING.roles, thousands=".", unit=unit)
    assert judge_one(1, "Nguyễn Văn Mẫu", "", amount, mapping=mapping).amount_minor == worth


def test_thousands_of_too_much_are_too_much() -> None:
    mapping = ListMapping(first_row=1, roles=MAPPING.roles, unit=1_000)
    line = judge_one(1, "Nguyễn Văn Mẫu", "", str(AMOUNT_MAX), mapping=mapping)
    assert codes(line) == [("amount_refused", 3, "too_large")]


def test_all_faults_of_a_row_come_at_once() -> None:
    line = judge_one(1, "", {"fault": "cell_error"}, "1tr5")
    assert line.verdict == "fault"
    assert codes(line) == [
        ("name_missing", 1, None),
        ("cell_refused", 2, "cell_error"),
        ("amount_refused", 3, "shorthand"),
    ]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("Nguyễn\u200bMẫu", "text_refused", "invisible_character"),
        ("x" * 201, "text_refused", "too_long"),
        (42, "cell_refused", "number"),
    ],
)
def test_what_is_no_name_is_a_fault(name: Any, code: str, reason: str) -> None:
    assert codes(judge_one(1, name, "", 5_000)) == [(code, 1, reason)]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+84 912", "-Mẫu", "@Mẫu"])
def test_a_name_like_a_formula_is_taken_as_text_with_a_warning(name: str) -> None:
    line = judge_one(1, name, "", 5_000)
    assert (line.verdict, line.name, codes(line)) == ("warning", name, [("formula_like", 1, None)])


@pytest.mark.parametrize(("detail", "kept"), [(7.0, "7"), ("", ""), (None, ""), ("Lớp 1A", "Lớp 1A")])
def test_a_class_may_be_a_mere_number(detail: Any, kept: str) -> None:
    assert judge_one(1, "Nguyễn Văn Mẫu", detail, 5_000).detail == kept


def test_family_and_given_names_and_several_details_are_joined() -> None:
    mapping = ListMapping(first_row=1, roles=("surname", "name", "detail", "detail", "amount"))
    line = judge_one("Nguyễn Văn", "Mẫu", "Trường Thử", "Lớp 1A", 5_000, mapping=mapping)
    assert (line.name, line.detail) == ("Nguyễn Văn Mẫu", "Trường Thử, Lớp 1A")
    assert judge_one("", "Mẫu", "", "Lớp 1A", 5_000, mapping=mapping).detail == "Lớp 1A"


def test_old_tables_are_converted_where_a_person_said_so() -> None:
    mapping = ListMapping(first_row=1, roles=MAPPING.roles, legacy={1: "tcvn3"})
    assert judge_one(1, "NguyÔn V¨n MÉu", "Tæ", 5_000, mapping=mapping).name == "Nguyễn Văn Mẫu"
    assert judge_one(1, "NguyÔn V¨n MÉu", "Tæ", 5_000, mapping=mapping).detail == "Tæ"


def test_a_conversion_that_makes_no_syllable_is_doubtful() -> None:
    """A lost soft hyphen was a letter: "Mờng" for "Mường"."""
    mapping = ListMapping(first_row=1, roles=MAPPING.roles, legacy={1: "tcvn3"})
    line = judge_one(1, "Mêng V¨n MÉu", "", 5_000, mapping=mapping)
    assert (line.verdict, line.name, codes(line)) == ("warning", "Mờng Văn Mẫu", [("legacy_unsure", 1, None)])


TOTALS = ["Tổng cộng", "TỔNG CỘNG:", "Cộng", "Tổng số", "Tổng cộng: 2 người", "Cộng lớp 1A", "Total"]
DONORS = ["Tổng công ty Mẫu", "Cộng đồng người Thử", "Tổng hội Mẫu", "Công ty Thử", "Cộng tác viên Mẫu"]


@pytest.mark.parametrize("label", TOTALS)
def test_a_total_is_held_against_the_rows_above_it(label: str) -> None:
    rows: list[Row] = [[1, "Nguyễn Văn Mẫu", "", 300], [2, "Trần Thị Thử", "", 200]]
    *_, right = judged(*rows, ["", label, "", 500])
    assert (right.verdict, right.amount_minor, right.findings) == ("total", 500, ())
    *_, wrong = judged(*rows, ["", label, "", 501])
    (finding,) = wrong.findings
    assert (wrong.verdict, finding.code, finding.is_fault) == ("total", "total_differs", False)
    assert finding.fields == {"total_minor": 501, "sum_minor": 500}


@pytest.mark.parametrize("name", DONORS)
def test_a_donor_whose_name_begins_like_a_total_is_a_donor(name: str) -> None:
    assert judge_one("", name, "", 5_000).verdict == "ok"


def test_a_numbered_row_is_a_gift_whatever_its_name_is() -> None:
    assert judge_one(1, "Cộng", "", 5_000).verdict == "ok"
    assert judge_one("2", "Tổng", "", 5_000).verdict == "ok"


def test_a_total_may_stand_in_the_column_of_numbers() -> None:
    assert judge_one("Tổng cộng", "", "", 5_000).verdict == "total"


def test_totals_of_groups_and_of_all_are_both_right() -> None:
    lines = judged(
        [1, "Nguyễn Văn Mẫu", "", 300],
        ["", "Cộng", "", 300],
        [2, "Trần Thị Thử", "", 200],
        ["", "Cộng", "", 200],
        ["", "Tổng cộng", "", 500],
    )
    assert [(line.verdict, line.findings) for line in lines if line.verdict == "total"] == [("total", ())] * 3


def test_a_total_without_an_amount_controls_nothing_and_says_so() -> None:
    line = judge_one("", "Tổng cộng", "", {"fault": "formula_uncomputed"})
    assert (line.verdict, line.amount_minor, codes(line)) == ("total", None, [("total_unreadable", 3, None)])


@pytest.mark.parametrize(
    "row",
    [
        ["", "Người lập biểu", "", ""],
        ["", "", "Kế toán", ""],
        ["", "Bằng chữ: Năm trăm nghìn đồng", "", ""],
        ["", "", "Mẫu, ngày 5 tháng 9 năm 2026", ""],
        ["", "", "Người lập biểu", "Thủ trưởng đơn vị"],
        ["", "", "", "Kế toán trưởng"],
        ["", "", "", "Mẫu, ngày 5 tháng 9 năm 2026"],
    ],
)
def test_what_is_signed_below_a_list_is_no_gift(row: Row) -> None:
    assert judge_one(*row).verdict == "footer"


def test_somebody_whose_amount_is_in_words_is_still_somebody() -> None:
    assert judge_one("", "Đại diện gia đình ông Mẫu", "", "năm trăm nghìn").verdict == "fault"


def test_after_a_total_names_without_amounts_are_signatures() -> None:
    *_, line = judged([1, "Nguyễn Văn Mẫu", "", 5], ["", "Cộng", "", 5], ["", "Trần Thị Thử", "", ""])
    assert (line.verdict, line.name) == ("footer", "Trần Thị Thử")


def test_something_in_a_column_that_is_not_used_is_kept_as_such() -> None:
    mapping = ListMapping(first_row=1, roles=("number", "name", "amount", "other"))
    line = judge_one("", "", "", "Đã đối chiếu", mapping=mapping)
    assert (line.verdict, line.name) == ("footer", "Đã đối chiếu")
    assert judge_one("", "", "", 5, mapping=mapping).verdict == "footer"


@pytest.mark.parametrize("number", ["I", "II.", "A", "1.2", ""])
def test_a_heading_of_a_group_is_no_gift(number: str) -> None:
    assert judge_one(number, "Tổ Toán", "", "").verdict == "group"


def test_a_numbered_row_without_an_amount_is_a_fault_not_a_heading() -> None:
    assert judge_one(3, "Nguyễn Văn Mẫu", "", "").verdict == "fault"
    assert judge_one("I", "Nguyễn Văn Mẫu", "Phòng Thử", "").verdict == "fault"


def test_a_heading_with_an_amount_is_for_a_person_to_decide() -> None:
    """It may be a subtotal, which would be counted twice, or a donor."""
    line = judge_one("I", "Tổ Toán", "", 5_000)
    assert (line.verdict, codes(line)) == ("fault", [("group_amount", 0, None)])


def test_without_a_column_of_numbers_a_name_without_an_amount_is_a_fault() -> None:
    mapping = ListMapping(first_row=1, roles=("name", "amount"))
    assert judge_one("Nguyễn Văn Mẫu", "", mapping=mapping).verdict == "fault"


def test_blank_rows_are_nothing_and_rows_keep_their_numbers() -> None:
    lines = judged([1, "Nguyễn Văn Mẫu", "", 5_000], ["", " ", None, ""], [], [2, "Trần Thị Thử", "", 5_000])
    assert [line.row for line in lines] == [2, 5]


def test_pages_go_on_where_the_last_one_ended() -> None:
    judge = Judge(MAPPING)
    first = judge.take([HEADER, [1, "Nguyễn Văn Mẫu", "", 300]], 0)
    second = judge.take([[2, "Trần Thị Thử", "", 200], ["", "Tổng cộng", "", 500]], 2)
    assert [line.row for line in first + second] == [2, 3, 4]
    assert second[-1].findings == ()


def test_twins_have_one_digest_and_others_have_their_own() -> None:
    rows: list[Row] = [
        [1, "Nguyễn Văn Mẫu", "Lớp 1A", 5_000],
        [2, "NGUYỄN VĂN MẪU", "lớp 1a", "5.000"],
        [3, "Nguyễn Văn Mẫu", "Lớp 1B", 5_000],
        [4, "Nguyễn Văn Mẫu", "Lớp 1A", 6_000],
    ]
    first, twin, *others = (line.digest for line in judged(*rows))
    assert len(first) == 8
    assert first == twin
    assert len({first, *others}) == 3


PAPER = ListMapping(first_row=1, roles=("name", "amount", "paper_number"))


@pytest.mark.parametrize(("cell", "kept"), [("0012", "0012"), (12.0, "12"), (12, "12"), ("", None), (None, None)])
def test_numbers_of_paper_receipts_are_kept(cell: Any, kept: str | None) -> None:
    assert judge_one("Nguyễn Văn Mẫu", 5_000, cell, mapping=PAPER).paper_number == kept


@pytest.mark.parametrize("cell", [True, 1.5, {"on": "2026-09-05"}])
def test_what_is_no_number_of_a_receipt_is_a_fault(cell: Any) -> None:
    assert judge_one("Nguyễn Văn Mẫu", 5_000, cell, mapping=PAPER).verdict == "fault"


WISH = ListMapping(first_row=1, roles=("name", "amount", "wish"))


@pytest.mark.parametrize(
    ("cell", "is_anonymous", "verdict"),
    [
        ("", False, "ok"),
        (None, False, "ok"),
        ("x", True, "ok"),
        ("Có", True, "ok"),
        ("Ẩn danh", True, "ok"),
        (1, True, "ok"),
        (True, True, "ok"),
        ("Không", False, "ok"),
        (False, False, "ok"),
        ("hỏi lại", True, "warning"),
    ],
)
def test_who_may_not_want_to_be_named_is_not_named(cell: Any, is_anonymous: bool, verdict: str) -> None:
    line = judge_one("Nguyễn Văn Mẫu", 5_000, cell, mapping=WISH)
    assert (line.is_anonymous, line.verdict) == (is_anonymous, verdict)


DAYS = ListMapping(first_row=1, roles=("name", "amount", "paid_on"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("5/9/2026", None),
        ({"on": "2026-09-05"}, None),
        ({"at": "2026-09-05T07:30:00"}, None),
        (46270, None),
        ("", None),
        ("6/9/2026", "day_differs"),
        ("5/9", "day_refused"),
        (True, "cell_refused"),
        ({"lasts": 5.0}, "cell_refused"),
        (46270.5, "day_refused"),
    ],
)
def test_days_of_rows_are_held_against_the_day_of_the_list(cell: Any, code: str | None) -> None:
    line = judge_one("Nguyễn Văn Mẫu", 5_000, cell, mapping=DAYS, received_on=date(2026, 9, 5))
    assert [finding.code for finding in line.findings] == ([] if code is None else [code])


def test_days_are_read_where_there_is_no_day_to_hold_them_against() -> None:
    assert judge_one("Nguyễn Văn Mẫu", 5_000, "6/9/2026", mapping=DAYS).verdict == "ok"


@pytest.mark.parametrize(
    ("roles", "first_row", "reasons"),
    [
        (("name",), 0, "amount_missing"),
        (("amount", "detail"), 0, "name_missing"),
        (("other",), 9, "amount_missing,name_missing,first_row"),
        (("name", "amount", "amount", "number", "number"), 0, "amount_twice,number_twice"),
        (("surname", "amount"), -1, "first_row"),
    ],
)
def test_columns_that_make_no_list_are_refused_with_every_reason(
    roles: tuple[Role, ...], first_row: int, reasons: str
) -> None:
    with pytest.raises(MappingRefused) as caught:
        ListMapping(first_row=first_row, roles=roles).check(row_count=9)
    assert caught.value.fields == {"reason": reasons.split(",", maxsplit=1)[0], "reasons": reasons}


def test_columns_that_make_a_list_are_taken() -> None:
    ListMapping(first_row=0, roles=("surname", "amount")).check(row_count=1, mixed=(0, 7))


def test_where_amounts_contradict_each_other_a_person_decides_which_mark_it_is() -> None:
    with pytest.raises(MappingRefused) as caught:
        ListMapping(first_row=0, roles=("surname", "amount")).check(row_count=1, mixed=(1,))
    assert caught.value.fields["reason"] == "thousands_undecided"
    ListMapping(first_row=0, roles=("surname", "amount"), thousands=",").check(row_count=1, mixed=(1,))


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["Tổng cộng", "Cộng", "I", "1tr5", "1.500.000", "Kế toán", "=1", "x", "5/9/2026"]),
    st.sampled_from([{"on": "2026-09-05"}, {"fault": "cell_error"}, {"lasts": 1.0}]),
)


@given(rows=st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_whatever_stands_in_a_file_every_row_gets_a_verdict(rows: list[Any]) -> None:
    """No row raises, none that has anything in it is lost, and what counts as a gift has all that a gift needs."""
    mapping = ListMapping(
        first_row=0, roles=("number", "name", "amount", "wish", "paid_on", "paper_number"), legacy={1: "vni"}
    )
    lines = Judge(mapping, date(2026, 9, 5)).take([list(row) for row in rows], 0)
    filled = [number for number, row in enumerate(rows, 1) if any(str(cell or "").strip() for cell in row)]
    assert {line.row for line in lines} >= {number for number in filled if _has_used(rows[number - 1])}
    for line in lines:
        if line.verdict in GIFTS:
            assert line.name
            assert line.amount_minor is not None
            assert 0 < line.amount_minor <= AMOUNT_MAX
            assert line.digest
        assert (line.verdict == "fault") == any(f.is_fault for f in line.findings if line.verdict != "total")


def _has_used(row: list[Any]) -> bool:
    return any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in row)


@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_a_total_that_is_the_sum_is_never_doubted(amounts: list[int]) -> None:
    rows: list[Row] = [[n, f"Mẫu {'a' * n}", "", grouped(amount)] for n, amount in enumerate(amounts, 1)]
    *_, total = judged(*rows, ["", "Tổng cộng", "", grouped(sum(amounts))])
    assert (total.verdict, total.findings) == ("total", ())
