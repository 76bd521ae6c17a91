"""Find the header, what its columns are for, and how amounts are written."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.intake.cell import CELL_LENGTH_MAX, Row
from ledger.intake.column import ThousandsGuess, guess_thousands, profile_column
from ledger.intake.header import header_key, recognise
from ledger.intake.layout import Layout, propose
from ledger.intake.legacy import LegacyGuess

HEADERS = {
    "number": ["STT", "TT", "Số TT", "S.T.T", "No."],
    "surname": ["Họ", "Họ đệm", "Họ và tên đệm", "Họ lót"],
    "name": ["Họ và tên", "HỌ TÊN", "Ho va ten", "Tên", "Họ và tên chủ hộ", "Nhà hảo tâm", "Người ủng hộ", "Name"],
    "detail": ["Đơn vị", "Lớp", "Phòng ban", "Thôn/Xóm", "Tổ dân phố", "Địa chỉ", "Đơn vị công tác", "Trường"],
    "amount": [
        "Số tiền",
        "So tien (dong)",
        "Số tiền ủng hộ (đ)",
        "Mức ủng hộ",
        "Thành tiền",
        "01 ngày lương",
        "Đã nộp",
        "Tiền (nghìn đồng)",
        "Ủng hộ",
        "Amount",
    ],
    "paper_number": ["Số biên lai", "Biên lai số", "Số phiếu thu", "Số BL"],
    "paid_on": ["Ngày nộp", "Ngày ủng hộ", "Ngày"],
    "wish": ["Ẩn danh", "Công khai tên"],
    "other": [
        "Số điện thoại",
        "SĐT",
        "Số CCCD",
        "Số tài khoản",
        "Ngày sinh",
        "Năm sinh",
        "Chức vụ",
        "Ghi chú",
        "Ký tên",
        "Số tiền bằng chữ",
        "Hệ số lương",
        "Lương",
        "Số nhân khẩu",
        "Mã số",
    ],
}


@pytest.mark.parametrize(("role", "header"), [(role, header) for role, all_ in HEADERS.items() for header in all_])
def test_headers_say_what_their_columns_are_for(role: str, header: str) -> None:
    found = recognise(header)
    assert found is not None
    assert found.role == role


@pytest.mark.parametrize("text", ["", "123", "Nguyễn Văn Mẫu", "Hội Khuyến học xã Mẫu"])
def test_other_words_say_nothing(text: str) -> None:
    assert recognise(text) is None


def test_a_header_is_read_without_marks_and_signs() -> None:
    assert header_key("  SỐ  TIỀN\n(Đồng) ") == "so tien dong"


def roles(layout: Layout) -> list[str]:
    return [column.role for column in layout.columns]


def test_a_plain_list_has_its_header_in_the_first_row() -> None:
    layout = propose([["STT", "Họ và tên", "Đơn vị", "Số tiền"], [1, "Nguyễn Văn Mẫu", "Phòng Thử", 50_000]])
    assert (layout.header_row, layout.first_row, layout.unit) == (0, 1, 1)
    assert roles(layout) == ["number", "name", "detail", "amount"]
    assert {column.by for column in layout.columns} == {"header"}
    assert [column.header for column in layout.columns] == ["STT", "Họ và tên", "Đơn vị", "Số tiền"]
    assert (layout.column_of("amount"), layout.column_of("wish")) == (3, None)


FORM: list[Row] = [
    ["HỘI KHUYẾN HỌC XÃ MẪU", "", "", "", "", ""],
    ["DANH SÁCH ỦNG HỘ MỘT NGÀY LƯƠNG", "", "", "", "", ""],
    ["Đơn vị: Trường Tiểu học Thử", "", "", "", "", ""],
    [],
    ["TT", "Họ và tên", "", "Chức vụ", "Số tiền", ""],
    ["", "", "", "", "Mức lương", "Ủng hộ (đ)"],
    ["A", "B", "", "C", 1, 2],
    [1, "Nguyễn Văn", "Mẫu", "GV", 5_000_000, 250_000],
]


def test_titles_merged_headers_and_numbered_columns_are_seen_through() -> None:
    """One header over two columns is a family name and a given name; what is paid is told from what is earned."""
    layout = propose(FORM, [((0, 0), (0, 5)), ((4, 0), (5, 0)), ((4, 1), (4, 2)), ((4, 4), (4, 5)), ((90, 0), (91, 0))])
    assert (layout.header_row, layout.first_row) == (4, 7)
    assert roles(layout) == ["number", "surname", "name", "other", "other", "amount"]
    assert layout.columns[5].header == "Số tiền Ủng hộ (đ)"


@pytest.mark.parametrize(
    ("told", "unit"),
    [
        ("ĐVT: nghìn đồng", 1_000),
        ("Đơn vị tính: 1.000 đ", 1_000),
        ("ĐVT: ngàn đồng", 1_000),
        ("ĐVT: triệu đồng", 1_000_000),
        ("ĐVT: đồng", 1),
        ("", 1),
    ],
)
def test_amounts_in_thousands_are_announced_above_the_list(told: str, unit: int) -> None:
    rows: list[Row] = [["", "", told], ["STT", "Họ và tên", "Số tiền"], [1, "Nguyễn Văn Mẫu", 50]]
    assert propose(rows).unit == unit


def test_the_plainer_of_two_amounts_is_the_amount() -> None:
    """What was paid, not what was promised; of two that say the same, the one with amounts in it."""
    rows: list[Row] = [["Họ và tên", "Số tiền đăng ký", "Số tiền đã nộp"], ["Nguyễn Văn Mẫu", 50_000, 40_000]]
    assert roles(propose(rows)) == ["name", "other", "amount"]
    rows = [["Họ và tên", "Số tiền", "Số tiền (đ)"], ["Nguyễn Văn Mẫu", "", 40_000]]
    assert roles(propose(rows)) == ["name", "other", "amount"]
    rows = [["Họ và tên", "Đã nộp", "Số tiền"], ["Nguyễn Văn Mẫu", 50_000, 40_000]]
    assert roles(propose(rows)) == ["name", "amount", "other"]


def test_an_address_is_a_detail_only_where_there_is_no_unit() -> None:
    rows: list[Row] = [["Họ và tên", "Lớp", "Địa chỉ", "Số tiền"]]
    assert roles(propose(rows)) == ["name", "detail", "other", "amount"]
    assert roles(propose([[rows[0][0], rows[0][2], rows[0][3]]])) == ["name", "detail", "amount"]


def test_several_units_are_all_details() -> None:
    rows: list[Row] = [["Họ và tên", "Trường", "Lớp", "Số tiền"]]
    assert roles(propose(rows)) == ["name", "detail", "detail", "amount"]


def test_a_list_without_a_header_is_known_by_its_content() -> None:
    layout = propose(
        [
            [1, "Nguyễn Văn Mẫu", "Lớp 1A", 50_000, "0912 345 678"],
            [2, "Trần Thị Thử", "Lớp 1A", 50_000, "0912 345 679"],
            [3, "Lê Ví Dụ", "Lớp 1A", 20_000, ""],
        ]
    )
    assert (layout.header_row, layout.first_row) == (None, 0)
    assert roles(layout) == ["number", "name", "detail", "amount", "other"]
    assert [column.by for column in layout.columns] == ["content"] * 4 + [None]


def test_what_headers_leave_open_is_found_by_content() -> None:
    layout = propose(
        [["STT", "Đơn vị", "?", "!"], ["1", "Phòng", "Nguyễn Văn Mẫu", "50.000"], ["2", "Phòng", "Lê Ví Dụ", "7.000"]]
    )
    assert roles(layout) == ["number", "detail", "name", "amount"]


def test_an_empty_sheet_proposes_nothing() -> None:
    assert propose([]).columns == ()
    assert propose([[], []]).score == 0


def test_sheets_are_told_apart_by_how_much_of_a_list_they_are() -> None:
    full = propose([["STT", "Họ và tên", "Số tiền"], [1, "Nguyễn Văn Mẫu", 50_000]])
    half = propose([["STT", "Họ và tên", "Ghi chú"], [1, "Nguyễn Văn Mẫu", "x"]])
    assert full.score > half.score > propose([["abc"]]).score


@pytest.mark.parametrize(
    ("header", "cell", "legacy"),
    [("Hä vµ tªn", "NguyÔn V¨n MÉu", "tcvn3"), ("Hoï vaø teân", "Nguyeãn Vaên Maãu", "vni")],
)
def test_headers_in_old_tables_are_recognised_and_their_columns_proposed_for_conversion(
    header: str, cell: str, legacy: Any
) -> None:
    layout = propose([["STT", header, "Tien"], [1, cell, 50_000]])
    assert layout.columns[1].role == "name"
    assert layout.columns[1].legacy == LegacyGuess(legacy=legacy, share_percent=100, share_as_is_percent=0)


@pytest.mark.parametrize(
    ("cells", "mark", "is_mixed"),
    [
        (["1.500.000", "500.000"], ".", False),
        (["1,500,000", "500"], ",", False),
        (["1.500,00", "1500"], ".", False),
        (["1500.00"], ",", False),
        (["1,5"], ".", False),
        (["1.500.000", "1,500,000"], None, True),
        (["1.500", "1,500"], None, True),
        ([1_500, 2.5, None, "", "abc", "1500", "0912.345.678 x"], None, False),
        (["500.000 đồng", "20.000đ"], ".", False),
    ],
)
def test_one_mark_between_thousands_is_decided_for_a_whole_column(cells: Row, mark: str | None, is_mixed: bool) -> None:
    found = guess_thousands(cells)
    assert (found.mark, found.is_mixed) == (mark, is_mixed)


def test_what_whole_columns_say_of_their_thousands_is_told_with_the_proposal() -> None:
    votes = [ThousandsGuess(), ThousandsGuess(dots=2) + ThousandsGuess(commas=1)]
    layout = propose([["Họ và tên", "Số tiền"], ["Nguyễn Văn Mẫu", "50.000"]], thousands=votes)
    assert layout.columns[1].thousands == ThousandsGuess(dots=2, commas=1)


def test_a_profile_of_nothing_is_empty() -> None:
    assert profile_column([None, "", "  "]).filled == 0


def test_shorthand_and_telephone_numbers_are_no_amounts() -> None:
    assert profile_column(["1tr5", "0912345678", "15.00"]).amount_share == 0
    assert profile_column(["1.500.000", "20.000"]).amount_share == 1


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=12),
    st.text(st.sampled_from("0123456789²³①٣,.-()=đ "), max_size=12),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates().map(lambda day: {"on": day.isoformat()}),
    st.just({"fault": "cell_error"}),
)


@given(rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6), has_header=st.booleans())
@example(rows=[[1, "²", "", 0.0]], has_header=True)
@example(rows=[["1" * CELL_LENGTH_MAX, "²", "", "9" * CELL_LENGTH_MAX]], has_header=False)
def test_whatever_stands_in_a_file_a_layout_is_proposed(rows: list[Row], has_header: bool) -> None:
    header: list[Row] = [["STT", "Họ và tên", "Đơn vị", "Số tiền"]] if has_header else []
    assert len(propose([*header, *rows]).columns) == (4 if header or rows else 0)
