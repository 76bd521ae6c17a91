"""Amounts in words, as papers carry them beside the figures (Accounting Law 88/2015 Art. 16).

Vietnamese, and English for the second language that may stand beside it (Art. 11). Vietnamese has two spellings of two
words, by region and house: ``linh`` or ``lẻ`` where the tens are nought, ``nghìn`` or ``ngàn`` for a thousand. Which
one a paper uses is the caller's ``Spelling``; nothing else varies, so words lead back to one number.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ledger.money import AMOUNT_MAX, VND

Language: TypeAlias = Literal["vi", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The two words of Vietnamese numbers that a house chooses."""

    nought_tens: Literal["linh", "lẻ"] = "linh"
    thousand: Literal["nghìn", "ngàn"] = "nghìn"


STANDARD: Final = Spelling()

_DIGITS_VI: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION: Final = 10**9

_BELOW_TWENTY_EN: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS_EN: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES_EN: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")

_CURRENCIES: Final[dict[str, tuple[str, str, tuple[str, str], tuple[str, str]]]] = {
    "VND": ("đồng", "", ("dong", "dong"), ("", "")),
    "USD": ("đô la Mỹ", "xu", ("US dollar", "US dollars"), ("cent", "cents")),
    "EUR": ("euro", "xu", ("euro", "euros"), ("cent", "cents")),
    "JPY": ("yên Nhật", "", ("Japanese yen", "Japanese yen"), ("", "")),
    "KRW": ("won Hàn Quốc", "", ("South Korean won", "South Korean won"), ("", "")),
    "CNY": ("nhân dân tệ", "phân", ("Chinese yuan", "Chinese yuan"), ("fen", "fen")),
    "TWD": ("đô la Đài Loan", "xu", ("New Taiwan dollar", "New Taiwan dollars"), ("cent", "cents")),
    "GBP": ("bảng Anh", "xu", ("pound sterling", "pounds sterling"), ("penny", "pence")),
    "AUD": ("đô la Úc", "xu", ("Australian dollar", "Australian dollars"), ("cent", "cents")),
    "CAD": ("đô la Canada", "xu", ("Canadian dollar", "Canadian dollars"), ("cent", "cents")),
    "CHF": ("franc Thụy Sĩ", "xu", ("Swiss franc", "Swiss francs"), ("centime", "centimes")),
    "SGD": ("đô la Singapore", "xu", ("Singapore dollar", "Singapore dollars"), ("cent", "cents")),
    "THB": ("baht Thái Lan", "satang", ("Thai baht", "Thai baht"), ("satang", "satang")),
    "LAK": ("kíp Lào", "át", ("Lao kip", "Lao kip"), ("att", "att")),
    "CZK": ("koruna Séc", "haléř", ("Czech koruna", "Czech korunas"), ("haler", "halers")),
    "RUB": ("rúp Nga", "cô-pếch", ("Russian rouble", "Russian roubles"), ("kopeck", "kopecks")),
}
"""Currency → the unit and its hundredth in Vietnamese, and both in English for one and for many."""


class NumberTooLarge(ValueError):
    """Refuse a number beyond what an amount may be, rather than spell what nobody booked."""


def number_words(number: int, language: Language = "vi", spelling: Spelling = STANDARD) -> str:
    """Return a number in words, all in small letters.

    Raises:
        NumberTooLarge: it lies beyond ±(2^53 - 1).
    """
    if abs(number) > AMOUNT_MAX:
        raise NumberTooLarge(number)
    spoken = _vietnamese(abs(number), spelling) if language == "vi" else _english(abs(number))
    return spoken if number >= 0 else f"{'âm' if language == 'vi' else 'minus'} {spoken}"


def amount_words(
    amount_minor: int,
    currency: str = VND,
    minor_digits: int = 0,
    language: Language = "vi",
    spelling: Spelling = STANDARD,
) -> str:
    """Return an amount in words with its currency; the first letter is large, as papers have it.

    A currency that has no name here keeps its code, and what is less than one of it becomes a fraction in figures.

    Raises:
        NumberTooLarge: it lies beyond ±(2^53 - 1).
    """
    if abs(amount_minor) > AMOUNT_MAX:
        raise NumberTooLarge(amount_minor)
    whole, part = divmod(abs(amount_minor), 10**minor_digits)
    spoken = f"{number_words(whole, language, spelling)} {_unit(currency, whole, language)}"
    if part:
        spoken += f" {'và' if language == 'vi' else 'and'} {_part(currency, part, minor_digits, language, spelling)}"
    if amount_minor < 0:
        spoken = f"{'âm' if language == 'vi' else 'minus'} {spoken}"
    return spoken[0].upper() + spoken[1:]


def _unit(currency: str, whole: int, language: Language) -> str:
    if currency not in _CURRENCIES:
        return currency
    vietnamese, _, english, _ = _CURRENCIES[currency]
    return vietnamese if language == "vi" else english[whole != 1]


def _part(currency: str, part: int, minor_digits: int, language: Language, spelling: Spelling) -> str:
    _, vietnamese, _, english = _CURRENCIES.get(currency, ("", "", ("", ""), ("", "")))
    if not vietnamese or minor_digits != 2:  # noqa: PLR2004 - the names are those of hundredths
        return f"{part}/{10**minor_digits}"
    return f"{number_words(part, language, spelling)} {vietnamese if language == 'vi' else english[part != 1]}"


def _vietnamese(number: int, spelling: Spelling) -> str:
    """Spell a number by billions: what lies above a tỷ is a number of tỷ, however large."""
    high, low = divmod(number, _BILLION)
    words = [_vietnamese(high, spelling), "tỷ"] if high else []
    for scale, name in ((10**6, "triệu"), (10**3, spelling.thousand), (1, "")):
        group, low = divmod(low, scale)
        if group:
            words += _hundreds_vi(group, spelling, is_first=not words)
            words += [name] if name else []
    return " ".join(words) or _DIGITS_VI[0]


def _hundreds_vi(group: int, spelling: Spelling, *, is_first: bool) -> list[str]:
    """Spell 1 to 999; behind a larger group the hundreds are said even where there are none."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [_DIGITS_VI[hundreds], "trăm"] if hundreds or not is_first else []
    if tens > 1:
        words += [_DIGITS_VI[tens], "mươi"]
    elif tens == 1:
        words.append("mười")
    elif units and words:
        words.append(spelling.nought_tens)
    if units:
        words.append(_units_vi(tens, units))
    return words


def _units_vi(tens: int, units: int) -> str:
    """Spell the last digit: after mươi one is mốt and four is tư, after any tens five is lăm."""
    if tens > 1 and units in {1, 4}:
        return "mốt" if units == 1 else "tư"
    return "lăm" if tens and units == 5 else _DIGITS_VI[units]  # noqa: PLR2004 - the digit itself


def _english(number: int) -> str:
    """Spell a number in groups of three digits; ``and`` comes before a last one that is less than a hundred."""
    groups = [(number // 1000**place % 1000, scale) for place, scale in enumerate(_SCALES_EN)]
    spoken = [(group, _hundreds_en(group) + scale) for group, scale in reversed(groups) if group]
    if not spoken:
        return _BELOW_TWENTY_EN[0]
    *before, last = (words for _, words in spoken)
    if before and spoken[-1][0] < 100:  # noqa: PLR2004 - a hundred
        before.append("and")
    return " ".join([*before, last])


def _hundreds_en(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    words = [f"{_BELOW_TWENTY_EN[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, units = divmod(rest, 10)
        small = (
            _BELOW_TWENTY_EN[rest]
            if rest < len(_BELOW_TWENTY_EN)
            else "-".join([_TENS_EN[tens], *([_BELOW_TWENTY_EN[units]] if units else [])])
        )
        words += ["and", small] if hundreds else [small]
    return " ".join(words)
