"""Amounts in words: golden ones, and every number leads back to itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import AMOUNT_MAX
from ledger.words import NumberTooLarge, Spelling, amount_words, number_words

SOUTHERN = Spelling(nought_tens="lẻ", thousand="ngàn")

VIETNAMESE = {
    0: "không",
    1: "một",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    44: "bốn mươi tư",
    55: "năm mươi lăm",
    91: "chín mươi mốt",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    555: "năm trăm năm mươi lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_015: "một nghìn không trăm mười lăm",
    1_100: "một nghìn một trăm",
    10_000: "mười nghìn",
    21_000: "hai mươi mốt nghìn",
    50_000: "năm mươi nghìn",
    105_000: "một trăm linh năm nghìn",
    1_000_000: "một triệu",
    1_000_005: "một triệu không trăm linh năm",
    1_005_000: "một triệu không trăm linh năm nghìn",
    1_500_000: "một triệu năm trăm nghìn",
    2_024_515: "hai triệu không trăm hai mươi tư nghìn năm trăm mười lăm",
    10**9: "một tỷ",
    10**9 + 1: "một tỷ không trăm linh một",
    15 * 10**9 + 5 * 10**6: "mười lăm tỷ không trăm linh năm triệu",
    64_700_000_000: "sáu mươi tư tỷ bảy trăm triệu",
    10**12: "một nghìn tỷ",
    10**15 + 21 * 10**9: "một triệu không trăm hai mươi mốt tỷ",
    10**12 + 10**6: "một nghìn tỷ không trăm linh một triệu",
    AMOUNT_MAX: (
        "chín triệu không trăm linh bảy nghìn một trăm chín mươi chín tỷ hai trăm năm mươi tư triệu bảy trăm bốn mươi "
        "nghìn chín trăm chín mươi mốt"
    ),
}

ENGLISH = {
    0: "zero",
    1: "one",
    13: "thirteen",
    20: "twenty",
    21: "twenty-one",
    100: "one hundred",
    101: "one hundred and one",
    999: "nine hundred and ninety-nine",
    1_000: "one thousand",
    1_005: "one thousand and five",
    1_105: "one thousand one hundred and five",
    1_005_000: "one million and five thousand",
    1_500_000: "one million five hundred thousand",
    1_500_005: "one million five hundred thousand and five",
    10**9: "one billion",
    AMOUNT_MAX: (
        "nine quadrillion seven trillion one hundred and ninety-nine billion two hundred and fifty-four million seven "
        "hundred and forty thousand nine hundred and ninety-one"
    ),
}


@pytest.mark.parametrize(("number", "words"), VIETNAMESE.items())
def test_numbers_are_spelled_as_vietnamese_papers_do(number: int, words: str) -> None:
    """Mốt, tư, lăm and mươi where they belong; không trăm and linh where digits are nought; tỷ of any size."""
    assert number_words(number) == words


@pytest.mark.parametrize(("number", "words"), VIETNAMESE.items())
def test_the_two_words_that_a_house_chooses_are_all_that_changes(number: int, words: str) -> None:
    """Lẻ for linh and ngàn for nghìn, every time."""
    chosen = " ".join({"linh": "lẻ", "nghìn": "ngàn"}.get(word, word) for word in words.split())
    assert number_words(number, spelling=SOUTHERN) == chosen


@pytest.mark.parametrize(("number", "words"), ENGLISH.items())
def test_numbers_are_spelled_in_english(number: int, words: str) -> None:
    """With hyphens, and ``and`` before a last part of less than a hundred."""
    assert number_words(number, "en") == words


@pytest.mark.parametrize(
    ("amount_minor", "currency", "digits", "vietnamese", "english"),
    [
        (1_005_000, "VND", 0, "Một triệu không trăm linh năm nghìn đồng", "One million and five thousand dong"),
        (0, "VND", 0, "Không đồng", "Zero dong"),
        (-50_000, "VND", 0, "Âm năm mươi nghìn đồng", "Minus fifty thousand dong"),
        (100_50, "USD", 2, "Một trăm đô la Mỹ và năm mươi xu", "One hundred US dollars and fifty cents"),
        (1_01, "USD", 2, "Một đô la Mỹ và một xu", "One US dollar and one cent"),
        (5, "USD", 2, "Không đô la Mỹ và năm xu", "Zero US dollars and five cents"),
        (2_00, "EUR", 2, "Hai euro", "Two euros"),
        (1_01, "GBP", 2, "Một bảng Anh và một xu", "One pound sterling and one penny"),
        (20_021, "JPY", 0, "Hai mươi nghìn không trăm hai mươi mốt yên Nhật",
         "Twenty thousand and twenty-one Japanese yen"),
        (-3_04, "CNY", 2, "Âm ba nhân dân tệ và bốn phân", "Minus three Chinese yuan and four fen"),
        (12_345, "KWD", 3, "Mười hai KWD và 345/1000", "Twelve KWD and 345/1000"),
        (7_50, "XYZ", 2, "Bảy XYZ và 50/100", "Seven XYZ and 50/100"),
    ],
)  # fmt: skip
def test_amounts_name_their_currency(
    amount_minor: int, currency: str, digits: int, vietnamese: str, english: str
) -> None:
    """The first letter is large; a currency without a name keeps its code, and its part becomes a fraction."""
    assert amount_words(amount_minor, currency, digits) == vietnamese
    assert amount_words(amount_minor, currency, digits, "en") == english


@pytest.mark.parametrize("number", [AMOUNT_MAX + 1, -AMOUNT_MAX - 1])
def test_what_no_amount_can_be_is_refused(number: int) -> None:
    """Nothing beyond what the books hold is put into words."""
    with pytest.raises(NumberTooLarge):
        number_words(number)
    with pytest.raises(NumberTooLarge):
        amount_words(number, "USD", 2)


def numbers() -> st.SearchStrategy[int]:
    """Numbers of every length, with many noughts among their digits."""
    sparse = st.lists(st.sampled_from("0000123456789"), min_size=1, max_size=15).map(
        lambda digits: int("".join(digits))
    )
    return st.one_of(st.integers(-AMOUNT_MAX, AMOUNT_MAX), st.integers(0, 2_000), sparse)


@given(number=numbers(), spelling=st.sampled_from([Spelling(), SOUTHERN]))
def test_vietnamese_words_lead_back_to_their_number(number: int, spelling: Spelling) -> None:
    """A reader of words alone gets the number that was written, and no other."""
    assert read_vietnamese(number_words(number, spelling=spelling)) == number


@given(number=numbers())
def test_english_words_lead_back_to_their_number(number: int) -> None:
    """A reader of words alone gets the number that was written, and no other."""
    assert read_english(number_words(number, "en")) == number


def read_vietnamese(words: str) -> int:
    """Read a number as a person does: what stands before a scale is counted in it."""
    if words.startswith("âm "):
        return -read_vietnamese(words[3:])
    head, _, tail = words.rpartition("tỷ")
    total = read_vietnamese(head.strip()) * 10**9 if head.strip() else 0
    for name, scale in (("triệu", 10**6), ("nghìn|ngàn", 10**3), ("$", 1)):
        found = re.match(rf"(.*?)\s*(?:{name})\s*", tail)
        if found is not None:
            total += read_hundreds(found[1].split()) * scale
            tail = tail[found.end() :]
    return total


def read_hundreds(words: list[str]) -> int:
    plain = "không một hai ba bốn năm sáu bảy tám chín"
    digits = {word: digit for digit, word in enumerate(plain.split())} | {"mốt": 1, "tư": 4, "lăm": 5}
    total = 0
    for word in words:
        if word in digits:
            total += digits[word]
        elif word == "mười":
            total += 10
        elif word == "mươi":
            total = total // 100 * 100 + total % 100 * 10
        elif word == "trăm":
            total *= 100
        else:
            assert word in {"linh", "lẻ"}
    return total


def read_english(words: str) -> int:
    small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    small += "seventeen eighteen nineteen"
    tens = "twenty thirty forty fifty sixty seventy eighty ninety"
    values = {word: value for value, word in enumerate(small.split())}
    values |= {word: value * 10 for value, word in enumerate(tens.split(), start=2)}
    large = "thousand million billion trillion quadrillion"
    scales = {word: 1000**power for power, word in enumerate(large.split(), 1)}
    total = group = 0
    for word in words.removeprefix("minus ").replace("-", " ").split():
        if word in scales:
            total, group = total + group * scales[word], 0
        elif word == "hundred":
            group *= 100
        elif word != "and":
            group += values[word]
    return (total + group) * (-1 if words.startswith("minus ") else 1)
