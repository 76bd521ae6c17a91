"""What pages say, in the language that is asked for: Vietnamese is written in the code, English beside it.

The Vietnamese text is the key. Templates write ``_("Số tiền")``, ``_("Năm %(year)s", year=year)``, ``_n("%(num)s dòng",
3)`` where English needs a plural, and ``{% trans %}`` for a sentence with markup in it. Python code writes the same
``_`` and ``_n``, which give a ``Message``: it holds the text and its variables, and is said in a language only when a
page is rendered. English stands in ``web/locale/en/*.po``, a file for each room, read once, when it is first asked for;
``python -m web.catalogue`` keeps those files, and a test refuses a text that has no English.

A percent sign is written ``%%``, because every text may have variables.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, NoReturn

from babel.messages.catalog import Message as PoMessage
from babel.messages.pofile import read_po

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

LOCALE: Final = Path(__file__).resolve().parent / "locale"


class Message:
    """A text of ours that was not yet said: its language is known where it is shown."""

    __slots__ = ("number", "text", "variables")

    def __init__(self, text: str, number: int | None = None, variables: Mapping[str, object] | None = None) -> None:
        self.text: Final = text
        self.number: Final = number
        self.variables: Final = variables or {}

    def __repr__(self) -> str:
        return f"_({self.text!r})" if self.number is None else f"_n({self.text!r}, {self.number})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (self.text, self.number, self.variables) == (other.text, other.number, other.variables)

    def __hash__(self) -> int:
        return hash((self.text, self.number))

    def __str__(self) -> NoReturn:
        """Refuse: a text joined to another before its language is known would stay Vietnamese for ever."""
        raise TypeError("a Message has no language: print it by itself, or say it: said(language, message)")

    def said(self, language: Language) -> str:
        """Return the text in a language, filled in."""
        if self.number is None:
            return gettext(language, self.text, **self.variables)
        return ngettext(language, self.text, self.number, **self.variables)


def _(text: str, **variables: object) -> Message:
    """Mark a text to be said later."""
    return Message(text, None, variables)


def _n(text: str, number: int, **variables: object) -> Message:
    """Mark a text whose English depends on a number, which it shows as ``%(num)s``."""
    return Message(text, number, variables)


def said(language: Language, what: Message | str) -> str:
    """Return a text in a language; what is a plain string is somebody's name, and stays as it is."""
    return what.said(language) if isinstance(what, Message) else what


def gettext(language: Language, text: str, **variables: object) -> str:
    """Return the text of a language, with its variables."""
    return _forms(language, text)[0] % _spoken(language, variables)


def ngettext(language: Language, text: str, number: int, **variables: object) -> str:
    """Return the text of a language for a number; ``%(num)s`` is the number as the language groups it."""
    forms = _forms(language, text)
    form = forms[0] if number == 1 else forms[-1]
    return form % {"num": grouped(language, number), **_spoken(language, variables)}


def _forms(language: Language, text: str) -> tuple[str, ...]:
    return (text,) if language == "vi" else _english().get(text, (text,))


def grouped(language: Language, number: int) -> str:
    """Write a whole number with its thousands grouped (Accounting Law Art. 11: by ``.`` in Vietnamese)."""
    text = f"{abs(number):,}"
    return ("−" if number < 0 else "") + (text if language == "en" else text.replace(",", "."))


def spoken(language: Language, value: object) -> object:
    """Return a value with its language, where it is a ``Message``; anything else as it is."""
    return value.said(language) if isinstance(value, Message) else value


def _spoken(language: Language, variables: Mapping[str, object]) -> dict[str, object]:
    return {name: spoken(language, value) for name, value in variables.items()}


@cache
def _english() -> Mapping[str, tuple[str, ...]]:
    """Read every file of English texts; what has none yet is left out, and stays Vietnamese."""
    found = {}
    for path in sorted((LOCALE / "en").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale="en"):
                forms = told_forms(entry)
                if forms and not entry.fuzzy:
                    found[text_of(entry)] = forms
    return found


def text_of(entry: PoMessage) -> str:
    """Return the Vietnamese text of an entry; empty for a file's head."""
    return entry.id if isinstance(entry.id, str) else entry.id[0]


def told_forms(entry: PoMessage) -> tuple[str, ...]:
    """Return the English of an entry: one form, or one for 1 and one for other numbers; none where any is lacking."""
    forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
    return forms if entry.id and all(forms) else ()
