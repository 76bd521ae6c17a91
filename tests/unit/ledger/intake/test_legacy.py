"""TCVN3 and VNI: the tables, and telling them from Unicode."""

import unicodedata

import pytest

from ledger.intake.legacy import LegacyGuess, convert, guess, marked_words
from ledger.intake.syllable import is_syllable

# Every letter of the alphabet that has a code, as GNU libc's iconv writes TCVN5712-1 (its upper half is VN3's).
LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
)  # fmt: skip
LETTERS_TCVN3 = bytes.fromhex(
    "a1a2a3a4a5a6a7a8a9aaabacadaeb5b6b7b8b9bbbcbdbec6c7c8c9cacbcccecfd0d1d2d3d4d5d6d7d8dcdddedfe1e2e3e4"
    "e5e6e7e8e9eaebecedeeeff1f2f3f4f5f6f7f8f9fafbfcfdfe"
)

TCVN3 = {
    "NguyÔn V¨n MÉu": "Nguyễn Văn Mẫu",
    "TrÇn ThÞ Thö": "Trần Thị Thử",
    "Lª VÝ Dô": "Lê Ví Dụ",
    "§ç Gi¶ §Þnh": "Đỗ Giả Định",
    "Céng hßa x· héi chñ nghÜa ViÖt Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
    "H\u00ad¬ng": "Hương",
    "NGUYÔN V¡N MÉU": "NGUYỄN VĂN MẪU",
    "§": "Đ",
    "Sè tiÒn: 500.000": "Số tiền: 500.000",
    "plain 123": "plain 123",
}

VNI = {
    "Nguyeãn Vaên Maãu": "Nguyễn Văn Mẫu",
    "Traàn Thò Thöû": "Trần Thị Thử",
    "Leâ Ví Duï": "Lê Ví Dụ",
    "Ñoã Giaû Ñònh": "Đỗ Giả Định",
    "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Ñoäc laäp - Töï do - Haïnh phuùc": "Độc lập - Tự do - Hạnh phúc",
    "Höông Thuûy Yeán Myõ Kyø Lyù": "Hương Thủy Yến Mỹ Kỳ Lý",
    "HÖÔNG ÑÖÙC": "HƯƠNG ĐỨC",
    "Aùi Aâu": "Ái Âu",
    "sæ só sî": "sỉ sĩ sỵ",
}


def test_every_letter_of_tcvn3_is_in_its_place() -> None:
    assert len(LETTERS) == len(LETTERS_TCVN3)
    read = LETTERS_TCVN3.decode("latin-1")
    assert "".join(convert(letter, "tcvn3") for letter in read) == unicodedata.normalize("NFC", LETTERS)


@pytest.mark.parametrize(("written", "meant"), TCVN3.items())
def test_tcvn3_is_read(written: str, meant: str) -> None:
    assert convert(written, "tcvn3") == meant


@pytest.mark.parametrize(("written", "meant"), VNI.items())
def test_vni_is_read(written: str, meant: str) -> None:
    assert convert(written, "vni") == meant


def words(*texts: str) -> dict[str, int]:
    return {word: 1 for text in texts for word in marked_words(text)}


@pytest.mark.parametrize(
    ("texts", "legacy"),
    [
        (tuple(TCVN3), "tcvn3"),
        (tuple(VNI), "vni"),
        (("NguyÔn",), "tcvn3"),
        (tuple(TCVN3.values()), None),
        (("Hôpital François Müller", "Łódź"), None),
        (("Nguyen Van Mau",), None),
        ((), None),
    ],
)
def test_what_a_column_is_written_in_is_guessed_by_its_syllables(texts: tuple[str, ...], legacy: str | None) -> None:
    found = guess(words(*texts))
    assert (found and found.legacy) == legacy


def test_a_guess_says_how_sure_it_is() -> None:
    assert guess(words("NguyÔn V¨n")) == LegacyGuess(legacy="tcvn3", share_percent=100, share_as_is_percent=0)


def test_a_mixed_column_is_not_guessed() -> None:
    """Half of it is Unicode: nobody could convert the column as a whole."""
    assert guess(words(*TCVN3, *TCVN3.values())) is None


NAMES = """\
Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Quách Khuất Quyền Xuân Thuỷ Thủy Hoà Hòa Khuê Quý
Quỳnh Nguyệt Uyên Yến Oanh Giang Gìn Giỏi Quốc Trường Khương Huế Tuyết Ước Ý Nghĩa Phước Khoẻ Xoài quả quen gì giếng
Mẫu Thử Ví Dụ
"""


@pytest.mark.parametrize("word", NAMES.split())
def test_names_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NguyÔn", "TrÇn", "Ph¹m", "Nguyeãn", "Mờng", "Khơng", "Müller", "càch", "càt", "hứà"])
def test_what_is_spelled_otherwise_is_none(word: str) -> None:
    assert not is_syllable(word)
