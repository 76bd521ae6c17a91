"""Papers as PDF: the same bytes always, every word readable, nothing typed ever obeyed."""

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from ledger.papers import typesetting
from ledger.papers.model import Amount, GiftList, ListRow, Named, Paper, Unit
from ledger.papers.typesetting import ENGINE, VERSIONS, Typesetter, data_of
from tests.papers import (
    CAMPAIGN_URL,
    CODE,
    NO_PDFTOPPM,
    PAGE_URL,
    PAY_CODE,
    PDFTOPPM,
    UNIT,
    booking,
    drawn,
    gift,
    gift_list,
    poster,
    receipts,
    samples,
    scanned,
    text_of,
    voucher,
)

ROOT = Path(__file__).resolve().parents[4]
FONTS = ROOT / "ledger" / "papers" / "fonts"
FROZEN = ROOT / "tests" / "vectors" / "paper"
SET = Typesetter()

MARKUP = (
    "#set text(red); $x^2$ @cite <label> \\ \"q\" 's' *b* _i_ `c` // no /* no */ = H - l + e ~ #sys.inputs {{ }} [[ ]]"
)


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """One paper of each kind."""
    return {name: SET.set(paper) for name, paper in samples().items()}


def test_a_paper_is_the_same_bytes_in_another_process_place_and_language(made: dict[str, bytes]) -> None:
    """Neither clock, zone, locale, hash seed nor what was set before changes a byte."""
    program = (
        "import hashlib, json; from ledger.papers.typesetting import Typesetter; from tests.papers import samples\n"
        "t = Typesetter()\n"
        "print(json.dumps({n: hashlib.sha256(t.set(p)).hexdigest() for n, p in reversed(samples().items())}))"
    )
    for place in (
        {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1"},
        {"TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "LANG": "de_DE.UTF-8"},
    ):
        told = subprocess.run(
            [sys.executable, "-P", "-c", program],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **place},
            cwd="/",
            check=True,
            capture_output=True,
            timeout=120,
        )
        assert json.loads(told.stdout) == {name: hashlib.sha256(pdf).hexdigest() for name, pdf in made.items()}


def test_templates_that_papers_were_set_by_have_not_changed(made: dict[str, bytes]) -> None:
    """The frozen sums hold for the typesetter that made them; another one brings its own file (docs/adr/0015)."""
    frozen = json.loads((FROZEN / f"v1_{ENGINE}.json").read_text())
    assert {name: hashlib.sha256(pdf).hexdigest() for name, pdf in made.items()} == frozen


def test_only_known_templates_are_used() -> None:
    """A version is one of those in the program, not a path."""
    assert all((Path(typesetting.__file__).parent / version / "voucher.typ").is_file() for version in VERSIONS)
    for version in ("v0", "../v1", "V1"):
        with pytest.raises(ValueError, match=re.escape(version)):
            SET.set(voucher(), version=version)


def test_papers_are_tagged_archival_and_say_their_language_and_title(made: dict[str, bytes]) -> None:
    """What a screen reader and an archive ask of a file is there (PDF/UA-1, PDF/A-2a)."""
    for name, pdf in made.items():
        reader = PdfReader(BytesIO(pdf))
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value, name
        assert root["/Lang"] == "vi-VN"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
        assert root["/StructTreeRoot"]["/K"]
        assert reader.metadata is not None
        assert reader.metadata.title
        assert reader.metadata.author == UNIT.name.vi
        assert (reader.metadata.creation_date_raw or "").startswith("D:20250905")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
        assert b"<pdfaid:part>2</pdfaid:part>" in pdf
        assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
        assert "H1" in structure(reader), name


def elements(reader: PdfReader) -> Iterator[Any]:
    """Yield the elements of a file's structure."""
    root: Any = reader.trailer["/Root"]
    waiting: list[Any] = [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield node
            if "/K" in node:
                waiting.append(node["/K"])


def structure(reader: PdfReader) -> set[str]:
    """Return which tags a file has."""
    return {str(each["/S"]).removeprefix("/") for each in elements(reader) if "/S" in each}


def alternatives(reader: PdfReader) -> set[str]:
    """Return the words that stand for pictures."""
    return {str(each["/Alt"]) for each in elements(reader) if "/Alt" in each}


def test_figures_of_a_list_are_a_table_and_codes_have_words(made: dict[str, bytes]) -> None:
    """Header cells are header cells; a code that cannot be seen is told in words."""
    assert {"Table", "THead", "TH", "TR", "TD"} <= structure(PdfReader(BytesIO(made["list"])))
    assert "Figure" in structure(PdfReader(BytesIO(made["receipt"])))
    assert f"Mã QR: mở trang kiểm tra giấy ghi nhận {CODE}" in alternatives(PdfReader(BytesIO(made["receipt"])))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("voucher", ["PHIẾU THU", "Cash receipt", "PT/2025/12", "Ngày 05 tháng 09 năm 2025", "Nguyễn Văn Mẫu",
                     "Thôn Thử Nghiệm", "Ủng hộ quỹ khuyến học năm học 2025–2026", "1.005.000 đ", "C40-BB",
                     "1111", "35381",
                     "Một triệu không trăm linh năm nghìn đồng.", "One million and five thousand dong.",
                     "Thủ trưởng đơn vị", "Kế toán trưởng", "Người nộp tiền", "Người lập phiếu", "Thủ quỹ",
                     "Hội Khuyến học xã Thử Nghiệm", "Hội Khuyến học tỉnh Mẫu", "en_01h9hsy4k1fz8tq3v2w5n7c9ar"]),
        ("voucher_bank", ["BÁO CÓ", "BC/2025/3", "1.234,50 USD", "1 USD = 25.345,5 đ (VCB.2025-09-05)", "31.289.020 đ",
                          "Một nghìn hai trăm ba mươi tư đô la Mỹ và năm mươi xu.", "SỐ LIỆU MẪU", "DC/2025/1",
                          "đã được xóa theo luật", "đính chính", "cách dàn trang có thể khác"]),
        ("list", ["BẢNG KÊ CÁC KHOẢN ỦNG HỘ", "Trần Thị Thử 1 ", "Trần Thị Thử 100", "9.950.000 đ",
                  "Trang 1/3", "Trang 3/3",
                  "Chín triệu chín trăm năm mươi nghìn đồng.", "Tổng cộng 100 khoản", "100 khoản · 9.950.000"]),
        ("receipt", ["GIẤY GHI NHẬN ỦNG HỘ", "Trần Thị Thử 1", "Lớp 3A", "50.000 đ", "Năm mươi nghìn đồng",
                     "Fifty thousand dong", CODE, "quy.example/r", "quy.example/log+1a2b3c4d",
                     "ev_01h9hsy4k1fz8tq3v2w5n7c9ar", "bằng tiền mặt"]),
        ("receipts", ["Trần Thị Thử 1", "Trần Thị Thử 3", "150.000 đ", "dòng 2/3"]),
        ("poster", ["Tiếp sức đến trường 2025", "Vietcombank", "0123456789", "HOI KHUYEN HOC XA THU NGHIEM",
                    "TSDT 2025 UNG HO", CAMPAIGN_URL]),
        ("poster_a3", ["500.000 đ"]),
    ],
)  # fmt: skip
def test_a_paper_says_what_it_has_to(made: dict[str, bytes], name: str, words: list[str]) -> None:
    """Every fact can be selected and searched as it was written, marks and all."""
    text = unicodedata.normalize("NFC", text_of(made[name]))
    assert [each for each in words if each not in text] == []


def test_each_page_of_a_list_has_its_own_sum_and_what_was_counted_so_far(made: dict[str, bytes]) -> None:
    """Lines on a page add up to the page's sum, pages to what is carried, the last to the total."""
    carried = listed = 0
    pages = [page.extract_text() for page in PdfReader(BytesIO(made["list"])).pages]
    for page in pages:
        amounts = [int(each.replace(".", "")) for each in re.findall(r"Trần Thị Thử [0-9]+\s+([0-9.]+)", page)]
        (here, here_sum), (so_far, sum_so_far) = re.findall(r"([0-9.]+) khoản · ([0-9.]+)", page)[-2:]
        assert (int(here), int(here_sum.replace(".", ""))) == (len(amounts), sum(amounts))
        listed, carried = listed + len(amounts), carried + sum(amounts)
        assert (int(so_far), int(sum_so_far.replace(".", ""))) == (listed, carried)
        assert "Họ và tên" in page
    assert (listed, carried) == (100, 9_950_000)


def test_a_later_volume_goes_on_from_the_earlier() -> None:
    """It says which of how many, and counts on; the signatures are on the last alone."""
    whole = gift_list(2)
    volume = type(whole)(
        booking=whole.booking, rows=whole.rows, volume=2, volume_count=3, brought_count=2_000, brought_minor=10**9
    )
    text = text_of(SET.set(volume))
    assert "Tập 2/3" in text
    assert "2 khoản · 101.000" in text
    assert "2.002 khoản · 1.000.101.000" in text
    assert "Ký, họ tên" not in text


@pytest.mark.skipif(PDFTOPPM is None, reason=NO_PDFTOPPM)
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("voucher", [PAGE_URL]),
        ("receipt", [f"https://quy.example/r/{CODE}"]),
        ("receipts", [f"https://quy.example/r/{CODE}"] * 3),
        ("poster", [PAY_CODE, CAMPAIGN_URL]),
        ("poster_a3", [PAY_CODE, CAMPAIGN_URL]),
    ],
)
def test_printed_codes_are_read_by_a_camera(
    made: dict[str, bytes], tmp_path: Path, name: str, codes: list[str]
) -> None:
    """Drawn as a printer does, every code says what it should."""
    assert sorted(scanned(drawn(made[name], tmp_path))) == sorted(codes)


WORDS = [
    pytest.param(MARKUP, id="markup"),
    pytest.param("#" * 40 + "]" * 40 + "(" * 40, id="brackets"),
    pytest.param('\\u{202e} #eval("1") #read("/etc/passwd") #import "@preview/x:1.0.0"', id="code"),
    pytest.param("Nguyễn Thị " * 45, id="five hundred letters"),
    pytest.param("W" * 500, id="one word of five hundred"),
    pytest.param("https://" + "a" * 190 + ".example", id="address"),
]  # fmt: skip


@pytest.mark.parametrize("typed", WORDS)
def test_what_somebody_typed_is_text_in_every_field(typed: str) -> None:
    """No sign of the typesetter's language does anything; long words break, long names keep a receipt on one page."""
    unit = Unit(name=Named(vi=typed, en=typed), above=typed)
    told: dict[str, Any] = {"unit": unit, "fund": Named(vi=typed), "campaign": Named(vi=typed), "reason": typed}
    told["channel"] = Named(vi=typed)
    papers: list[Paper] = [
        voucher(typed, typed, **told),
        gift_list(1, **told),
        receipts(gift(name=typed, detail=typed, earmark=typed[:200]), fund=Named(vi=typed[:100])),
        poster(unit=unit, campaign=Named(vi=typed, en=typed[:100]), holder=typed[:100], bank=typed[:100]),
    ]
    for paper in papers:
        pdf = SET.set(paper)
        squeezed = re.sub(r"[\s\u200b]", "", text_of(pdf))
        assert re.sub(r"\s", "", typed)[:60] in squeezed
        assert inside(pdf)
    assert len(PdfReader(BytesIO(SET.set(papers[2]))).pages) == 1


def inside(pdf: bytes) -> bool:
    """Tell whether no text begins outside of its page."""
    for page in PdfReader(BytesIO(pdf)).pages:
        places: list[tuple[float, float]] = []

        def note(text: str, _cm: object, tm: list[float], _font: object, _size: object, found: Any = places) -> None:
            if text.strip():
                found.append((tm[4], tm[5]))

        page.extract_text(visitor_text=note)
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        if not all(-1 <= abs(x) <= width + 1 and -1 <= abs(y) <= height + 1 for x, y in places):
            return False
    return True


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_name_can_be_printed(name: str) -> None:
    """Whatever letters it has, the paper is made and readers open it."""
    assert PdfReader(BytesIO(SET.set(receipts(gift(name=name))))).pages


def test_letters_that_the_font_has_not_are_marked_and_told() -> None:
    """Each becomes one sign, and the paper's foot says which letters they were."""
    text = text_of(SET.set(receipts(gift(name="Лена 中 Mẫu"))))
    assert "¤¤¤¤ ¤ Mẫu" in text
    assert "U+041B, U+0430, U+0435, U+043D, U+4E2D" in text
    assert "¤" not in text_of(SET.set(receipts()))


def test_amounts_reach_the_paper_whole() -> None:
    """The largest amount the books hold, and one below nothing, in figures and words."""
    text = text_of(SET.set(receipts(gift(amount=Amount(minor=2**53 - 1)))))
    assert "9.007.199.254.740.991 đ" in text
    assert "-1.234,05 USD" in text_of(
        SET.set(voucher(amount=Amount(minor=-123_405, currency="USD", digits=2)))
    ).replace("−", "-")


def test_who_was_erased_is_said_and_who_never_was_named_too() -> None:
    """What is gone is not an empty line; an unnamed giver is thanked all the same."""
    erased, unnamed = "đã xóa theo luật", "không nêu tên"
    assert erased in text_of(SET.set(voucher(None, is_payer_erased=True)))
    assert unnamed in text_of(SET.set(voucher(None)))
    assert erased in text_of(SET.set(voucher(reason=None, is_reason_erased=True)))
    assert "Ủng hộ Quỹ khuyến học chung" in text_of(SET.set(voucher(reason=None)))
    assert erased in text_of(SET.set(receipts(gift(name=None, is_erased=True))))
    assert unnamed in text_of(SET.set(receipts(gift(name=None))))
    rows = [ListRow(line=line, name=None, is_erased=line == 1, detail=None, minor=1) for line in (1, 2)]
    listed = text_of(SET.set(GiftList(booking=booking(gift_count=2), rows=rows)))
    assert f"1 {erased} / erased 1 2 {unnamed} 1" in listed


def test_a_voucher_of_no_gift_leaves_room_to_write() -> None:
    """What was posted without a giver has a line for the name, and no claim that somebody kept theirs back."""
    text = text_of(SET.set(voucher(None, None, gift_count=0)))
    assert "không nêu tên" not in text
    assert "Họ và tên người nộp tiền / Payer:" in text


def test_a_receipt_without_its_code_is_still_a_receipt() -> None:
    """Where the code was erased with the name, neither a code nor its picture is there."""
    pdf = SET.set(receipts(gift(code=None, check_url=None, name=None, is_erased=True)))
    assert text_of(pdf).count("đã xóa theo luật") == 2
    assert "Figure" not in structure(PdfReader(BytesIO(pdf)))


def test_data_have_one_spelling() -> None:
    """ASCII, members in order, no spaces: what a reprint's data are compared by."""
    data = data_of(voucher())
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(data)["payer"] == "Nguyễn Văn Mẫu"
    assert booking().members()["dated"] == [2025, 9, 5]


def test_memory_does_not_grow_with_every_paper() -> None:
    """Twenty files of receipts, no two alike, leave the process about as large as three did."""
    program = """\
import resource
from ledger.papers.typesetting import Typesetter
from tests.papers import gift, receipts
t = Typesetter()
for round in range(20):
    t.set(receipts(*(gift(line, name=f"Thử {round} {line}") for line in range(1, 21)), is_sheet=True, gift_count=20))
    if round == 2:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / early)
"""
    told = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=240,
    )
    assert float(told.stdout) < 1.5


def glyphs(path: Path) -> Iterator[int]:
    """Yield the code points that a TrueType font has a glyph for, from its table of format 4."""
    data = path.read_bytes()
    (count,) = struct.unpack_from(">H", data, 4)
    heads = {data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    start = heads[b"cmap"] + struct.unpack_from(">I", data, heads[b"cmap"] + 8)[0]
    kind, _, _, doubled = struct.unpack_from(">4H", data, start)
    assert kind == 4
    segments = doubled // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{segments}H", data, start + 14 + doubled * place + (2 if place else 0))
        for place in range(4)
    )
    for place, (end, first, delta, offset) in enumerate(zip(ends, starts, deltas, offsets, strict=True)):
        for code in range(first, min(end, 0xFFFE) + 1):
            at = start + 16 + 3 * doubled + 2 * place + offset + 2 * (code - first)
            if (code + delta) & 0xFFFF if offset == 0 else struct.unpack_from(">H", data, at)[0]:
                yield code


def test_the_font_is_the_one_that_was_vendored_and_has_every_letter_of_vietnamese() -> None:
    """Sums are those of its README; each letter with each tone is one glyph; the list of letters is true."""
    told = (FONTS / "README.md").read_text(encoding="utf-8")
    files = sorted(FONTS.glob("*.ttf"))
    assert len(files) == 4
    shared = set.intersection(*(set(glyphs(path)) for path in files))
    for path in files:
        assert f"| `{path.name}` | `{hashlib.sha256(path.read_bytes()).hexdigest()}` |" in told
    vowels = [*"aăâeêioôơuưy", *"AĂÂEÊIOÔƠUƯY"]
    letters = {
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in vowels
        for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")
    }
    assert len(letters) == 144
    assert {*map(ord, letters), *map(ord, "đĐ.,:;–—·₫×“”’")} <= shared | {ord("₫")}
    listed = (FONTS / "letters.txt").read_text(encoding="utf-8").removesuffix("\n")
    assert [ord(each) for each in listed] == sorted(shared - {0x0D})
