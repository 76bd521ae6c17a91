"""Amounts and days as people type them: read where there is one meaning, refused by name where there are two.

Forms and files alike go through here, so that a list pasted from Excel and the same list uploaded mean the same. A
refusal names its reason and, where it can be guessed, the amount or the day that may have been meant; it never takes
the guess. What was typed itself is in no error.

Amounts are of đồng, which has no smaller unit: decimals are taken only where they are nil. Either mark may stand
between thousands (Accounting Law Art. 11 wants ``.``; spreadsheets in English write ``,``); a caller that knows
which, because it has seen a whole column, says so.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal, NoReturn

from ledger.errors import LedgerError
from ledger.money import AMOUNT_MAX

Mark = Literal[".", ","]

TYPED_LENGTH_MAX: Final = 60
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2100
_THOUSAND: Final = 1_000
_GROUP_SIZE: Final = 3
_CENTURY_TURN: Final = 50  # of a year in two digits: 26 may mean 2026, 85 may mean 1985

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Not NFKC, which would read "5²" as 52.
_PLAIN: Final = str.maketrans(
    {chr(0xFF10 + digit): str(digit) for digit in range(10)}
    | dict.fromkeys("\t\r\n\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-")
    | {"，": ",", "．": ".", "／": "/", "＋": "+", "＝": "=", "＠": "@", "（": "(", "）": ")"}
)

_CURRENCY: Final = r"(?:đồng|dong|vnđ|vnd|đ|₫|d)"
_match_coin: Final = re.compile(rf"(?:(?:vnđ|vnd|₫|đ)\.? ?)?([0-9][0-9., ]*?)\.? ?(?:{_CURRENCY}\.?)?").fullmatch
_match_negative: Final = re.compile(rf"- ?[0-9].*|\(.*[0-9].*\)|[0-9][0-9., ]*-(?: ?{_CURRENCY})?").fullmatch
_find_foreign: Final = re.compile(r"[$€£¥₩]|(?<![a-z])(?:usd|eur|gbp|jpy|aud|cad|chf|sgd|krw|cny)(?![a-z])").search
_collapse_spaces: Final = re.compile(" +").sub
_find_separator: Final = re.compile(r"[., ]").findall
_split_groups: Final = re.compile(r"[., ]").split

_UNITS: Final = {
    **dict.fromkeys(("tỷ", "tỉ", "ty", "ti"), 10**9),
    **dict.fromkeys(("triệu", "trieu", "tr", "m"), 10**6),
    **dict.fromkeys(("nghìn", "nghin", "ngàn", "ngan", "ng", "n", "k"), 10**3),
}
_UNIT: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_match_short: Final = re.compile(
    rf"(?P<whole>[0-9]{{1,6}})(?:[.,](?P<part>[0-9]{{1,3}}))? ?(?P<unit>{_UNIT})"
    rf"(?: ?(?P<half>rưỡi|ruoi)| ?(?P<more>[0-9]{{1,3}}) ?(?P<lower>{_UNIT})?)?(?: ?{_CURRENCY})?\.?"
).fullmatch
_find_unit: Final = re.compile(rf"[0-9] ?(?:{_UNIT})(?![a-z])").search

_match_numbers: Final = re.compile(r"([0-9]{1,4}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,4})").fullmatch
_match_words: Final = re.compile(
    r"(?:ngày |ngay )?([0-9]{1,2}) (?:tháng|thang) ([0-9]{1,2}) (?:năm|nam) ([0-9]{4})"
).fullmatch
_match_no_year: Final = re.compile(r"[0-9]{1,2} ?[/.-] ?[0-9]{1,2}").fullmatch
_split_time: Final = re.compile(r"^(.*[0-9])[ t]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)$").match

_SERIAL_ZERO: Final = date(1899, 12, 30)
_SERIAL_MIN: Final = 61  # 1900-03-01: before it spreadsheets disagree, because one of them counts a 29 February 1900


class AmountRefused(LedgerError):
    """A typed amount that is none, or could be two; ``reason`` says why, ``meant_minor`` what it may be."""

    code = "amount_refused"


class DayRefused(LedgerError):
    """A typed day that is none, or could be two; ``reason`` says why, ``meant`` what it may be."""

    code = "day_refused"


def parse_amount(typed: str, *, thousands: Mark | None = None, is_zero_taken: bool = False) -> int:
    """Return the đồng that a typed amount says.

    ``thousands`` is the mark that is known to stand between thousands; without it, a mark before three digits does.

    Raises:
        AmountRefused: ``reason`` is blank, too_long, invisible, formula, negative, error_value, currency, shorthand,
            shorthand_unclear, unreadable, grouping, separator_other, ambiguous, decimals, leading_zero, zero or
            too_large.
    """
    text = _plain(typed, AmountRefused)
    _refuse_signs(text)
    if _find_foreign(text):
        raise AmountRefused(reason="currency")
    coin = _match_coin(text)
    if coin is None:
        _refuse_words(text)
    amount = _number(coin[1].strip(), thousands)
    if amount > AMOUNT_MAX:
        raise AmountRefused(reason="too_large", amount_max=AMOUNT_MAX)
    if amount == 0 and not is_zero_taken:
        raise AmountRefused(reason="zero")
    return amount


def parse_day(typed: str) -> date:
    """Return the day that was typed: day, month and year, or year, month and day, with ``/``, ``-`` or ``.``.

    Raises:
        DayRefused: ``reason`` is blank, too_long, invisible, formula, unreadable, year_missing, year_short,
            month_first, no_such_day, year_out_of_range or time.
    """
    text = _plain(typed, DayRefused)
    if text[0] in "=+@-":
        raise DayRefused(reason="formula")
    timed = _split_time(text)
    if timed is not None:
        text = timed[1]
        if timed[2].strip("0:."):
            raise DayRefused(reason="time")
    words = _match_words(text)
    if words is not None:
        return _day(int(words[3]), int(words[2]), int(words[1]))
    if _match_no_year(text):
        raise DayRefused(reason="year_missing")
    numbers = _match_numbers(text)
    if numbers is None:
        raise DayRefused(reason="unreadable")
    return _day_of_numbers(numbers[1], int(numbers[3]), numbers[4])


def day_of_serial(serial: float) -> date:
    """Return the day of a spreadsheet's number, which only a cell that is a number holds, never a text.

    Raises:
        DayRefused: ``reason`` is year_out_of_range, no_such_day or time.
    """
    if serial != int(serial):
        raise DayRefused(reason="time")
    if not _SERIAL_MIN <= serial <= (date(YEAR_MAX, 12, 31) - _SERIAL_ZERO).days:
        raise DayRefused(reason="year_out_of_range", first_year=YEAR_MIN, last_year=YEAR_MAX)
    return _SERIAL_ZERO + timedelta(days=int(serial))


def _plain(typed: str, refused: type[LedgerError]) -> str:
    """Return the text with one kind of digit, space and dash, in small letters."""
    if len(typed) > TYPED_LENGTH_MAX:
        raise refused(reason="too_long", length_max=TYPED_LENGTH_MAX)
    text = _collapse_spaces(" ", unicodedata.normalize("NFC", typed).translate(_PLAIN).lower()).strip()
    if text in {"", "-"}:  # a dash is how spreadsheets write nothing
        raise refused(reason="blank")
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise refused(reason="invisible")
    return text


def _refuse_signs(text: str) -> None:
    if _match_negative(text):
        raise AmountRefused(reason="negative")
    if text[0] in "=+@-":
        raise AmountRefused(reason="formula")
    if text[0] == "#":
        raise AmountRefused(reason="error_value")


def _refuse_words(text: str) -> NoReturn:
    """Refuse what is no number, naming the amount that a shorthand such as ``1tr5`` may stand for."""
    short = _match_short(text)
    meant = short and _meant(short)
    if meant:
        raise AmountRefused(reason="shorthand", meant_minor=meant)
    raise AmountRefused(reason="shorthand_unclear" if short or _find_unit(text) else "unreadable")


def _meant(short: re.Match[str]) -> int | None:
    """Work out a shorthand in whole đồng; three decimals could as well be thousands."""
    unit = _UNITS[short["unit"]]
    amount = _share(short["whole"] + (short["part"] or ""), unit, len(short["part"] or ""))
    if len(short["part"] or "") == _GROUP_SIZE or (short["part"] and (short["half"] or short["more"])):
        return None
    if short["half"]:
        amount += unit // 2
    elif short["lower"]:
        lower = _UNITS[short["lower"]]
        if lower >= unit:
            return None
        amount += int(short["more"]) * lower
    elif short["more"]:
        amount += _share(short["more"], unit, len(short["more"]))
    return amount


def _share(digits: str, unit: int, decimals: int) -> int:
    """Return digits, so many of them behind the comma, times a unit of thousands: always whole."""
    shared: int = 10**decimals
    return int(digits) * unit // shared


def _number(text: str, thousands: Mark | None) -> int:
    """Return the number that digits and separators make."""
    marks, groups = _find_separator(text), _split_groups(text)
    if not marks and len(text) > 1 and text[0] == "0" and text.strip("0"):
        raise AmountRefused(reason="leading_zero", meant_minor=int(text))
    if not marks:
        return int(text)
    if "" in groups:
        raise AmountRefused(reason="grouping", meant_minor=int("".join(groups)))
    decimals = None
    if _is_decimal(marks, groups, thousands):
        marks, (*groups, decimals) = marks[:-1], groups
    _check_grouping(marks, groups, thousands)
    whole = int("".join(groups))
    if decimals is not None:
        _check_decimals(whole, decimals, is_grouped=bool(marks), is_known=thousands is not None)
    return whole


def _is_decimal(marks: Sequence[str], groups: Sequence[str], thousands: Mark | None) -> bool:
    """Tell whether the last mark stands before decimals."""
    last = marks[-1]
    if last == " " or (thousands is not None and last == thousands):
        return False
    if len(marks) > 1:
        return last not in marks[:-1]
    return thousands is not None or len(groups[-1]) != _GROUP_SIZE or len(groups[0]) > _GROUP_SIZE


def _check_grouping(marks: Sequence[str], groups: Sequence[str], thousands: Mark | None) -> None:
    if not marks:
        return
    together = int("".join(groups))
    if thousands is not None and set(marks) - {thousands, " "}:
        raise AmountRefused(reason="separator_other", meant_minor=together)
    is_even = len(groups[0]) <= _GROUP_SIZE and all(len(group) == _GROUP_SIZE for group in groups[1:])
    if len(set(marks)) > 1 or not is_even or groups[0][0] == "0":
        raise AmountRefused(reason="grouping", meant_minor=together)


def _check_decimals(whole: int, decimals: str, *, is_grouped: bool, is_known: bool) -> None:
    """Take decimals that are nil, unless they could be the last three digits of đồng, or what is left of them.

    Three digits are never decimals of đồng, not even where the other mark is known to stand between thousands: to read
    250,000 as 250 would be a thousand times wrong.
    """
    together = int(f"{whole}{decimals}")
    if is_known and len(decimals) == _GROUP_SIZE and not is_grouped and whole < _THOUSAND:
        raise AmountRefused(reason="separator_other", meant_minor=together)
    if decimals.strip("0"):
        raise AmountRefused(reason="decimals")
    if len(decimals) == _GROUP_SIZE or (0 < whole < _THOUSAND and not is_grouped):
        raise AmountRefused(reason="ambiguous", meant_minor=whole, meant_other_minor=whole * _THOUSAND)


def _day_of_numbers(first: str, month: int, last: str) -> date:
    """Return the day of three numbers, the year at either end of them."""
    day_size, year_size = 2, 4
    if len(first) == year_size and len(last) <= day_size:
        return _day(int(first), month, int(last))
    if len(first) > day_size or len(last) not in {day_size, year_size}:
        raise DayRefused(reason="unreadable")
    if len(last) == day_size:
        year = int(last) + (2000 if int(last) < _CENTURY_TURN else 1900)
        raise DayRefused(reason="year_short", meant=_day(year, month, int(first)).isoformat())
    return _day(int(last), month, int(first))


def _day(year: int, month: int, day: int) -> date:
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise DayRefused(reason="year_out_of_range", first_year=YEAR_MIN, last_year=YEAR_MAX)
    try:
        return date(year, month, day)
    except ValueError:
        pass
    try:
        meant = date(year, day, month).isoformat()
    except ValueError:
        raise DayRefused(reason="no_such_day") from None
    raise DayRefused(reason="month_first", meant=meant)
