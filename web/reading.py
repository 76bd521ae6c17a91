"""Understand what was typed into a form, and find every fault at once.

A form is read in a block that gathers what is wrong::

    def gift_of(form: Form) -> Gift:
        with Reading(form) as read:
            amount_minor = read.amount("amount")
            received_on = read.day("on")
            fund = read.choice("fund", codes)
            donors = [row.text("name", length_max=200) for row in read.rows("gift", ("name", "detail"))]
        return Gift(amount_minor=amount_minor, received_on=received_on, fund=fund, donors=donors)

At the end of the block ``FormRefused`` carries all faults; until then a getter that found one gives something of its
type to go on with. What a getter gives is right, as far as a form can tell: clean text, an amount, a day that exists,
one of the choices that were offered.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Final, Self, TypeVar
from uuid import UUID

from ledger import typeid
from ledger.errors import LedgerError
from ledger.text import clean_text
from ledger.typed import parse_amount, parse_day
from web.form import Form, FormFault, FormRefused, Upload
from web.translation import Message, _, _n

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=str)

_match_integer: Final = re.compile(r"[0-9]{1,3}(?:[. ,]?[0-9]{3})*|[0-9]+").fullmatch
_match_decimal: Final = re.compile(
    r"([0-9]+|[0-9]{1,3}(?:([., ])[0-9]{3})(?:\2[0-9]{3})*)(?:([.,])([0-9]{1,8}))?"
).fullmatch

_GROUP: Final = 3  # digits between two marks

NOT_CHOSEN: Final = _("%(label)s: chọn một mục.")
NOT_OFFERED: Final = _("%(label)s: mục đã chọn không còn. Chọn lại.")
NO_INTEGER: Final = _("%(label)s: gõ bằng chữ số.")
NO_DECIMAL: Final = _("%(label)s: gõ bằng chữ số, dấu phẩy trước phần lẻ, ví dụ 25.480,5.")
NO_FILE: Final = _("%(label)s: chọn một tệp.")
UNCHECKED: Final = _("%(label)s: đánh dấu ô này để tiếp tục.")


class Reading:
    """A form while it is read; ``faults`` is what was found so far, of all its rows."""

    def __init__(self, form: Form, prefix: str = "", faults: list[FormFault] | None = None) -> None:
        self._form = form
        self._prefix = prefix
        self.faults: list[FormFault] = [] if faults is None else faults

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Refuse what has faults."""
        if error is None and self.faults:
            raise FormRefused(self.faults)

    def fault(self, name: str | None, message: Message) -> None:
        """Say what is wrong with a field, or with the whole form where it is in no one field."""
        self.faults.append(FormFault(name=None if name is None else self._prefix + name, message=message))

    def text(self, name: str, *, length_max: int, multiline: bool = False) -> str:
        """Return a text that must be there, as it is kept."""
        return self._taken(
            name,
            lambda typed: clean_text(typed, field=self._prefix + name, length_max=length_max, multiline=multiline),
            "",
        )

    def optional_text(self, name: str, *, length_max: int, multiline: bool = False) -> str | None:
        """Return a text, ``None`` where there is none."""
        return None if self.is_blank(name) else self.text(name, length_max=length_max, multiline=multiline)

    def amount(self, name: str, *, is_zero_taken: bool = False) -> int:
        """Return an amount of đồng."""
        return self._taken(name, lambda typed: parse_amount(typed, is_zero_taken=is_zero_taken), 0)

    def optional_amount(self, name: str, *, is_zero_taken: bool = False) -> int | None:
        """Return an amount of đồng, ``None`` where there is none."""
        return None if self.is_blank(name) else self.amount(name, is_zero_taken=is_zero_taken)

    def day(self, name: str) -> date:
        """Return a day."""
        return self._taken(name, parse_day, date.min)

    def optional_day(self, name: str) -> date | None:
        """Return a day, ``None`` where there is none."""
        return None if self.is_blank(name) else self.day(name)

    def integer(self, name: str, *, low: int = 0, high: int) -> int:
        """Return a whole number between two, both included."""
        typed = self._typed(name)
        if not _match_integer(typed):
            return self._wrong(name, NO_INTEGER, low)
        number = int(re.sub("[., ]", "", typed))
        if not low <= number <= high:
            self.fault(name, _("%(label)s: từ %(low)s đến %(high)s.", low=low, high=high))
            return low
        return number

    def optional_integer(self, name: str, *, low: int = 0, high: int) -> int | None:
        """Return a whole number between two, ``None`` where there is none."""
        return None if self.is_blank(name) else self.integer(name, low=low, high=high)

    def decimal(self, name: str) -> Decimal:
        """Return a number with decimals, of a rate or of foreign money.

        One mark before three digits stands between thousands, as the law writes it (Accounting Law Art. 11).
        """
        found = _match_decimal(self._typed(name))
        if found is None or (found[2] is not None and found[2] == found[3]):
            return self._wrong(name, NO_DECIMAL, Decimal(1))
        whole, part = re.sub("[., ]", "", found[1]), found[4]
        is_grouped = found[2] is None and part is not None and len(part) == _GROUP and whole.strip("0") != ""
        if is_grouped and len(whole) <= _GROUP:
            return Decimal(whole + part)
        return Decimal(f"{whole}.{part}" if part else whole)

    def choice(self, name: str, choices: Sequence[Choice]) -> Choice:
        """Return the one of several that was chosen."""
        if self.is_blank(name) or not choices:
            return self._wrong(name, NOT_CHOSEN, choices[0] if choices else "")  # type: ignore[return-value]
        typed = self._typed(name)
        found = next((each for each in choices if each == typed), None)
        return self._wrong(name, NOT_OFFERED, choices[0]) if found is None else found

    def optional_choice(self, name: str, choices: Sequence[Choice]) -> Choice | None:
        """Return the one of several that was chosen, ``None`` where none was."""
        return None if self.is_blank(name) else self.choice(name, choices)

    def choices(self, name: str, choices: Collection[Choice]) -> frozenset[Choice]:
        """Return those that were chosen, which may be none."""
        typed = frozenset(self._form.values.get(self._prefix + name, ()))
        found = frozenset(each for each in choices if each in typed)
        if typed - found:
            self.fault(name, NOT_OFFERED)
        return found

    def flag(self, name: str) -> bool:
        """Tell whether a box is checked."""
        return bool(self.value(name))

    def agreed(self, name: str) -> bool:
        """Ask for a box to be checked."""
        if not self.flag(name):
            self.fault(name, UNCHECKED)
        return True

    def typeid(self, name: str, prefix: str) -> UUID:
        """Return the id that a field of the page carries."""
        return self._taken(name, lambda typed: typeid.decode(prefix, typed), UUID(int=0))

    def optional_typeid(self, name: str, prefix: str) -> UUID | None:
        """Return the id that a field carries, ``None`` where it is empty."""
        return None if self.is_blank(name) else self.typeid(name, prefix)

    def upload(self, name: str, *, size_max: int) -> Upload | None:
        """Return the file that was chosen; ``None`` after a fault, so that nobody reads one that is not there."""
        found = self._form.uploads.get(self._prefix + name, ())
        if not found:
            return self._wrong(name, NO_FILE, None)
        if found[0].size > size_max:
            self.fault(name, _("%(label)s: tệp được tối đa %(size)s MB.", size=size_max // (1024 * 1024)))
            return None
        return found[0]

    def value(self, name: str) -> str:
        """Return what stands in a field, as it was typed."""
        return self._form.value(self._prefix + name)

    def is_blank(self, name: str) -> bool:
        """Tell whether nothing stands in a field."""
        return not self.value(name).strip()

    def rows(self, list_name: str, fields: Collection[str], *, count_max: int = 2_000) -> Iterator["Row"]:
        """Give the rows of a list in which any of the fields is filled; the others were never begun."""
        numbers = self._form.rows(list_name)
        if len(numbers) > count_max:
            self.fault(None, _n("Một lần gửi được tối đa %(num)s dòng.", count_max))
            return
        for number in numbers:
            row = Row(self._form, number, f"{self._prefix}{list_name}.{number}.", self.faults)
            if not all(row.is_blank(name) for name in fields):
                yield row

    def _typed(self, name: str) -> str:
        return self.value(name).strip()

    def _taken(self, name: str, parse: Callable[[str], Value], otherwise: Value) -> Value:
        try:
            return parse(self.value(name))
        except LedgerError as error:
            self.faults.append(FormFault(name=self._prefix + name, code=error.code, fields=error.fields))
            return otherwise

    def _wrong(self, name: str, message: Message, otherwise: Value) -> Value:
        self.fault(name, message)
        return otherwise


class Row(Reading):
    """A row of a list; ``number`` is its own in the form, which stays when rows above it are blank."""

    def __init__(self, form: Form, number: int, prefix: str, faults: list[FormFault]) -> None:
        super().__init__(form, prefix, faults)
        self.number = number
