"""What a person in a register is, and what of it may be typed: pure, with every fault at once.

A person is an individual, a household, a business or an organisation; somebody abroad has a country. The year of birth
is asked of those who may be minors. Whoever may be younger than eighteen by it is treated as a minor, and whoever may
be seven is asked themself: with a year alone, both are taken to the side that protects more.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, TypeVar

from ledger.errors import Fault, FaultsFound, TextRefused, Value
from ledger.people.order import search_key, sort_key
from ledger.text import clean_text

Clean = TypeVar("Clean")

KINDS: Final = ("individual", "household", "business", "organisation")
DETAILS: Final = ("address", "phone", "email", "tax_number", "bank_account", "note")
"""What is sealed under the person's own key."""

NAME_LENGTH_MAX: Final = 200
SEARCH_KEY_SIZE_MAX: Final = 700
SORT_KEY_SIZE_MAX: Final = 1_500
"""In bytes, as the table has them: names of hundreds of marks fit no index."""

BIRTH_YEAR_MIN: Final = 1900
AGE_OF_MAJORITY: Final = 18
AGE_OF_ASSENT: Final = 7
"""From which a child is asked too (Law 91/2025 Art. 24)."""

_LENGTHS: Final = {"address": 300, "phone": 30, "email": 254, "tax_number": 20, "bank_account": 100, "note": 1_000}

_match_country: Final = re.compile(r"[A-Z]{2}").fullmatch
_match_phone: Final = re.compile(r"\+?[0-9]{8,15}").fullmatch
_match_email: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+").fullmatch
_match_tax_number: Final = re.compile(r"[0-9]{10}(?:-?[0-9]{3})?|[0-9]{12}").fullmatch
# Vietnamese puts two marks on a letter at most; a heap of them covers the lines above and below.
_find_heap: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4}").search
_drop_spacing: Final = re.compile(r"[\s.()-]").sub


class PersonRefused(FaultsFound):
    """A person as it was typed is not taken. ``entry`` counts people from 0."""

    code = "person_refused"
    lists = ("people", "details")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    """A person as somebody typed it; a detail of ``None`` or nothing is none."""

    name: str
    kind: str = "individual"
    country: str | None = None
    birth_year: int | None = None
    details: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanPerson:
    """A person as it is kept, with the keys that it is found and ordered by."""

    name: str
    search_key: str
    sort_key: str
    kind: str
    country: str | None
    birth_year: int | None
    details: Mapping[str, str | None]


def is_minor(birth_year: int | None, on: date) -> bool:
    """Tell whether somebody born in a year may be younger than eighteen on a day."""
    return birth_year is not None and on.year <= birth_year + AGE_OF_MAJORITY


def is_asked_too(birth_year: int | None, on: date) -> bool:
    """Tell whether somebody born in a year may be seven or older, and so has a say."""
    return birth_year is None or on.year >= birth_year + AGE_OF_ASSENT


def clean_person(draft: PersonDraft, *, today: date, index: int | None = None) -> CleanPerson:
    """Return a person as it is kept.

    Raises:
        PersonRefused: carries every fault; ``index`` is where the person stands among others.
    """
    faults: list[Fault] = []

    def taken(name: str, clean: Callable[[], Clean]) -> Clean | None:
        try:
            return clean()
        except TextRefused as error:
            told = {key: value for key, value in error.fields.items() if key != "field"}
            faults.append(Fault(code="text_refused", entry=index, field=name, fields=told))
            return None

    named = taken("name", partial(_clean_name, draft.name))
    details = {}
    for detail, typed in draft.details.items():
        if detail in DETAILS:
            details[detail] = taken(detail, partial(_clean_detail, detail, typed))
        else:
            faults.append(Fault(code="field_unknown", entry=index, field=detail[:40]))
    for where, code, told in _fact_faults(draft, today):
        faults.append(Fault(code=code, entry=index, field=where, fields=told))
    if faults or named is None:
        raise PersonRefused(tuple(faults))
    name, found, sorted_by = named
    return CleanPerson(
        name=name,
        search_key=found,
        sort_key=sorted_by,
        kind=draft.kind,
        country=draft.country,
        birth_year=draft.birth_year,
        details=details,
    )


def _clean_name(typed: str) -> tuple[str, str, str]:
    """Return a name and its two keys."""
    name = clean_text(" ".join(typed[: 4 * NAME_LENGTH_MAX].split(" ")), field="name", length_max=NAME_LENGTH_MAX)
    name = " ".join(name.split())
    found, sorted_by = search_key(name), sort_key(name)
    if not found:
        raise TextRefused(field="name", reason="empty")
    if _find_heap(unicodedata.normalize("NFD", name)) is not None:
        raise TextRefused(field="name", reason="marks")
    if len(found.encode()) > SEARCH_KEY_SIZE_MAX or len(sorted_by.encode()) > SORT_KEY_SIZE_MAX:
        raise TextRefused(field="name", reason="too_long", length=len(name), length_max=NAME_LENGTH_MAX)
    return name, found, sorted_by


def _clean_detail(detail: str, typed: str | None) -> str | None:
    if typed is None or not typed.strip():
        return None
    text = clean_text(typed, field=detail, length_max=_LENGTHS[detail], multiline=detail in {"address", "note"})
    if detail in {"phone", "tax_number"}:
        plain = _drop_spacing("", text)
        match = _match_phone if detail == "phone" else _match_tax_number
        if match(plain) is None:
            raise TextRefused(field=detail, reason=f"{detail}_form")
        return plain
    if detail == "email" and _match_email(text) is None:
        raise TextRefused(field=detail, reason="email_form")
    return text


def _fact_faults(draft: PersonDraft, today: date) -> Iterator[tuple[str, str, dict[str, Value]]]:
    """Yield field, code and fields of what is wrong besides texts."""
    if draft.kind not in KINDS:
        yield "kind", "choice_refused", {"expected": ", ".join(KINDS)}
    if draft.country is not None and _match_country(draft.country) is None:
        yield "country", "person_country", {}
    if draft.birth_year is None:
        return
    if draft.kind != "individual":
        yield "birth_year", "birth_year_not_theirs", {}
    elif not BIRTH_YEAR_MIN <= draft.birth_year <= today.year:
        yield "birth_year", "birth_year_range", {"first": BIRTH_YEAR_MIN, "last": today.year}
