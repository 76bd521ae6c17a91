"""Payment codes: the texts that others made, ours back and forth, and what is none."""

import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ledger.banking.bank import BANKS, bank_name
from ledger.banking.vietqr import (
    AMOUNT_MAX,
    TEXT_LENGTH_MAX,
    Transfer,
    VietQrError,
    decode,
    encode,
    transfer_text,
)
from ledger.qr import QUIET_MODULES, qr_svg
from tests.papers import code_drawn

STATIC = "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F"
WITH_AMOUNT = (
    "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA53037045405790005802VN"
    "62220818Ung Ho Quy Vac Xin63043ACF"
)
WITH_BILL = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang63042E2E"
)


def test_a_code_without_amount_is_the_published_one() -> None:
    """The payer chooses; the check sum is the published check value."""
    transfer = Transfer(bank_bin="970416", account="257678859")
    assert encode(transfer) == STATIC
    assert decode(STATIC) == transfer


def test_a_code_with_amount_and_text_is_the_published_one() -> None:
    """A bank's own example for a fund, to the letter."""
    transfer = Transfer(bank_bin="970415", account="113366668888", amount=79_000, text="Ung Ho Quy Vac Xin")
    assert encode(transfer) == WITH_AMOUNT
    assert decode(WITH_AMOUNT) == transfer


def test_fields_that_are_not_needed_are_left_alone() -> None:
    """The example with a bill's number reads as the transfer that it asks for."""
    expected = Transfer(bank_bin="970403", account="0011012345678", amount=180_000, text="thanh toan don hang")
    assert decode(WITH_BILL) == expected


def transfers() -> st.SearchStrategy[Transfer]:
    return st.builds(
        Transfer,
        bank_bin=st.from_regex(r"[0-9]{6}", fullmatch=True).filter(str.isascii),
        account=st.text("0123456789ABCxyz", min_size=1, max_size=19),
        amount=st.none() | st.integers(1, AMOUNT_MAX),
        text=st.text("ABCXYZ 0123456789", max_size=TEXT_LENGTH_MAX),
    )


@given(transfer=transfers())
def test_a_transfer_comes_back(transfer: Transfer) -> None:
    """What is written is read, and everything in it is ASCII."""
    text = encode(transfer)
    assert text.isascii()
    assert decode(text) == transfer


@given(transfer=transfers(), place=st.integers(0, 10_000), wrong=st.sampled_from("0123456789AZ"))
def test_a_changed_character_is_noticed(transfer: Transfer, place: int, wrong: str) -> None:
    """The check sum finds every single character that is another."""
    text = encode(transfer)
    place %= len(text)
    changed = text[:place] + wrong + text[place + 1 :]
    if changed != text:
        with pytest.raises(VietQrError):
            decode(changed)


def with_sum(text: str) -> str:
    """Give a text the check sum it needs, computed bit by bit from the definition."""
    register = 0xFFFF
    for byte in f"{text}6304".encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return f"{text}6304{register:04X}"


def test_the_sum_is_that_of_its_definition() -> None:
    """The library's function begun at FFFF is CRC-16/CCITT-FALSE."""
    assert with_sum(STATIC[:-8]) == STATIC
    assert with_sum(WITH_BILL[:-8]) == WITH_BILL


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "crc"),
        ("6304", "crc"),
        (STATIC[:-1], "crc"),
        (STATIC.lower(), "crc"),
        (STATIC + " ", "crc"),
        (STATIC[:-1] + "\u0661", "not_ascii"),
        (with_sum(STATIC[:-8].replace("000201", "000202", 1)), "format"),
        (with_sum(STATIC[:-8].replace("010211", "010213", 1)), "format"),
        (with_sum(STATIC[:-8].replace("A000000727", "A000000728")), "not_napas"),
        (with_sum(STATIC[:-8].replace("QRIBFTTA", "QRIBFTTC")), "not_to_account"),
        (with_sum(STATIC[:-8].replace("5303704", "5303840")), "currency"),
        (with_sum(STATIC[:-8].replace("5802VN", "5802LA")), "country"),
        (with_sum(STATIC[:-8] + "54045.50"), "amount"),
        (with_sum(STATIC[:-8] + "54010"), "amount"),
        (with_sum(STATIC[:-8] + "5802VN"), "field_malformed"),
        (with_sum(STATIC[:-8] + "6299080"), "field_malformed"),
        (with_sum(STATIC[:-8] + "x"), "field_malformed"),
        (with_sum(STATIC[:-8].replace("0006970416", "0006AB0416")), "bank_bin"),
    ],
)
def test_what_is_no_such_code_is_refused(text: str, reason: str) -> None:
    """Cut off, changed, another country's or network's, or with an amount that no đồng has."""
    with pytest.raises(VietQrError) as caught:
        decode(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bank_bin": "97041"}, "bank_bin"),
        ({"bank_bin": "97041\u0661"}, "bank_bin"),
        ({"account": ""}, "account"),
        ({"account": "1" * 20}, "account"),
        ({"account": "12 34"}, "account"),
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": AMOUNT_MAX + 1}, "amount"),
        ({"text": "A" * 26}, "text"),
        ({"text": "Ủng hộ"}, "text"),
        ({"text": "A\n"}, "text"),
    ],
)
def test_what_no_code_can_carry_is_refused(changes: dict[str, object], reason: str) -> None:
    """Lengths and signs are the format's; nothing is cut silently."""
    given_parts: dict[str, object] = {"bank_bin": "970416", "account": "257678859", **changes}
    with pytest.raises(VietQrError) as caught:
        Transfer(**given_parts)  # type: ignore[arg-type]
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("TET-2025",), "TET 2025"),
        (("TET-2025", "ủng hộ"), "TET 2025 UNG HO"),
        (("Đỗ Thị Thử",), "DO THI THU"),
        (("đường",), "DUONG"),
        (("A" * 20, "UNG HO"), "A" * 20 + " UNG"),
        (("A" * 24, "B"), "A" * 24),
        (("a&b", "", "  c\n"), "A B C"),
        (("中文",), ""),
    ],
)
def test_a_transfer_says_what_banks_take(parts: tuple[str, ...], text: str) -> None:
    """Large letters without marks, digits and single spaces; the front part survives."""
    assert transfer_text(*parts) == text


@given(text=st.text(max_size=60))
def test_any_text_becomes_one_that_a_code_takes(text: str) -> None:
    """Composed or not, it is the same, and the code is made."""
    taken = transfer_text(text)
    assert taken == transfer_text(unicodedata.normalize("NFD", text))
    assert Transfer(bank_bin="970416", account="1", text=taken).text == taken


def test_banks_are_listed_once_and_by_their_numbers() -> None:
    """Each has six digits and names; one that is not listed goes by its number."""
    assert len(BANKS) >= 40
    assert all(re.fullmatch("[0-9]{6}", each.bin) and each.short_name and each.name for each in BANKS.values())
    assert len({each.short_name for each in BANKS.values()}) == len(BANKS)
    assert (bank_name("970436"), bank_name("970499")) == ("Vietcombank", "970499")


@pytest.mark.parametrize("text", [STATIC, WITH_AMOUNT, "https://quy.example/r/0123-4567-89AB-CDEF-G"])
def test_a_drawn_code_is_read_by_a_reader(text: str) -> None:
    """What a phone's camera would read is the text itself."""
    found = zxingcpp.read_barcodes(code_drawn(qr_svg(text, title="Mã")))
    assert [each.text for each in found] == [text]


def test_a_drawing_has_its_quiet_zone_and_words() -> None:
    """Four modules stay empty all around, and the title is text, whatever stands in it."""
    svg = qr_svg(STATIC, title='Mã của "A & B" <script>')
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    assert root.findtext("{http://www.w3.org/2000/svg}title") == 'Mã của "A & B" <script>'
    assert (root.attrib["role"], root.attrib["shape-rendering"]) == ("img", "crispEdges")
    image = code_drawn(svg, pixels=1)
    quiet = Image.new("L", image.size, 255)
    quiet.paste(image.crop((QUIET_MODULES,) * 2 + (image.width - QUIET_MODULES,) * 2), (QUIET_MODULES,) * 2)
    assert image.tobytes() == quiet.tobytes()
    assert "style" not in svg
