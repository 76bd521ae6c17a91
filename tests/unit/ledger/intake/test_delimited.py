"""Lists that are text: encodings, delimiters, fields over several lines."""

import unicodedata

import pytest

from ledger.intake.delimited import FIELD_SIZE_MAX, Encoding, open_delimited, read_rows
from ledger.intake.refusal import FileRefused
from tests.list_files import HEADER, PEOPLE, csv

ROWS = [HEADER, *PEOPLE]
TEXT_ROWS = [[str(cell) for cell in row] for row in ROWS]


def rows_of(data: bytes, encoding: Encoding | None = None) -> list[list[str]]:
    return list(read_rows(open_delimited(data, encoding)))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_form_of_unicode_and_every_delimiter_is_found(encoding: str, found: str, delimiter: str) -> None:
    source = open_delimited(csv(ROWS, delimiter=delimiter, encoding=encoding))
    assert (source.encoding, source.delimiter) == (found, delimiter)
    assert list(read_rows(source)) == TEXT_ROWS


def windows_1258(text: str) -> bytes:
    """Encode as Windows-1258 does: letters with their shape, tones after them."""
    out = b""
    for letter in text:
        for form in (letter, *_parts(letter)):
            try:
                out += form.encode("cp1258")
            except UnicodeEncodeError:
                continue
            break
    return out


def _parts(letter: str) -> list[str]:
    marks = unicodedata.normalize("NFD", letter)
    tones = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    return [unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tones)) + tones]


def test_windows_1258_is_found_and_composed() -> None:
    """Its combining tones become the letters that everybody else writes."""
    text = csv(ROWS, encoding="utf-8").decode()
    source = open_delimited(windows_1258(text))
    assert source.encoding == "windows-1258"
    assert source.text == text


@pytest.mark.parametrize("row", ["1;NguyÔn V¨n MÉu;250.000", "1;Nguyeãn Vaên Maãu;250.000"])
def test_old_tables_are_kept_as_western_signs_to_be_confirmed_later(row: str) -> None:
    source = open_delimited(f"STT;Ten;Tien\r\n{row}\r\n".encode("latin-1"))
    assert source.encoding == "windows-1252"
    assert row in source.text


def test_a_person_may_know_the_encoding_better() -> None:
    data = "Ten\r\nL\xea\r\n".encode("latin-1")
    assert open_delimited(data, "windows-1258").encoding == "windows-1258"
    with pytest.raises(FileRefused) as caught:
        open_delimited(data, "utf-8")
    assert caught.value.fields == {"reason": "encoding", "encoding": "utf-8", "position": 6}


def test_what_no_table_can_read_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        open_delimited(b"Ten\r\n\x81\x8d\xd2\r\n")
    assert caught.value.fields["reason"] == "encoding"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        open_delimited(b"\x01\x02\x03 abc")
    assert caught.value.fields == {"reason": "not_text"}


def test_vietnamese_text_with_commas_does_not_choose_the_delimiter() -> None:
    """Addresses and amounts are full of commas; the headers tell."""
    text = "Họ và tên;Địa chỉ;Số tiền\nNguyễn Văn Mẫu;Thôn 1, xã Thử, tỉnh Mẫu, số 5;1,500,000\n" * 3
    assert open_delimited(text.encode()).delimiter == ";"


def test_a_list_without_headers_is_split_where_its_rows_have_one_length() -> None:
    text = "1|Nguyễn Văn Mẫu|1.500.000\n2|Trần Thị Thử, mẹ|500.000\n"
    assert open_delimited(text.encode()).delimiter == "|"


def test_one_column_alone_is_a_list_too() -> None:
    assert rows_of(b"a\nb\n") == [["a"], ["b"]]


def test_a_field_may_go_over_lines_and_hold_its_delimiter() -> None:
    assert rows_of('Họ và tên;Số tiền\n"Nguyễn;\nVăn ""Mẫu""";5\n'.encode()) == [
        ["Họ và tên", "Số tiền"],
        ['Nguyễn;\nVăn "Mẫu"', "5"],
    ]


def test_excels_own_word_for_the_delimiter_is_no_row_of_the_list() -> None:
    """The line stays a blank row, so that rows keep their numbers."""
    assert rows_of("sep=;\r\nHọ và tên;Số tiền\r\na;5\r\n".encode()) == [[], ["Họ và tên", "Số tiền"], ["a", "5"]]


def test_a_quotation_mark_left_open_does_not_swallow_the_file() -> None:
    data = ("Họ và tên;Số tiền\n" + '"mở;5\n' + "x;5\n" * FIELD_SIZE_MAX).encode()
    with pytest.raises(FileRefused) as caught:
        rows_of(data)
    assert caught.value.fields["reason"] == "field_size"
