"""Find every fault of a list before the database does, so that all can be told at once. Pure.

``Fault.line`` counts rows from 0; a fault without one is the list's.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.awards.model import (
    AWARD_COUNT_MAX,
    CLASS_LENGTH_MAX,
    PUPILS,
    REASON_LENGTH_MAX,
    SCHOOL_LENGTH_MAX,
    Beneficiary,
    Category,
    Listing,
    Nominee,
)
from ledger.errors import Fault, TextRefused, Value
from ledger.money import AMOUNT_MAX
from ledger.people.person import PersonDraft, PersonRefused, clean_person
from ledger.text import clean_text

FAULT_COUNT_MAX: Final = 1_000

_LENGTHS: Final = {"class_name": CLASS_LENGTH_MAX, "school": SCHOOL_LENGTH_MAX, "reason": REASON_LENGTH_MAX}


def clean_listing(listing: Listing, category: Category, *, today: date) -> tuple[list[Beneficiary | None], list[Fault]]:
    """Return who is on a list as it is kept, ``None`` where a row is not right, and everything that is wrong."""
    count = len(listing.nominees)
    if not 1 <= count <= AWARD_COUNT_MAX:
        fields: dict[str, Value] = {"count": count, "count_max": AWARD_COUNT_MAX}
        return [], [Fault(code="award_count", field="nominees", fields=fields)]
    faults: list[Fault] = []
    cleaned: list[Beneficiary | None] = []
    for index, nominee in enumerate(listing.nominees):
        beneficiary, found = _clean(nominee, index, category, today)
        cleaned.append(beneficiary)
        faults.extend(found)
    return cleaned, [*faults, *_total_faults(listing)]


def _clean(nominee: Nominee, index: int, category: Category, today: date) -> tuple[Beneficiary | None, list[Fault]]:
    """Return who a row is for, whatever it says of the amount, and what is wrong with the row."""
    faults: list[Fault] = []
    name = ""
    try:
        name = clean_person(PersonDraft(name=nominee.name, birth_year=nominee.birth_year), today=today).name
    except PersonRefused as refused:
        faults += [Fault(code=each.code, line=index, field=each.field, fields=each.fields) for each in refused.faults]
    texts: dict[str, str | None] = {}
    for field, length_max in _LENGTHS.items():
        typed = getattr(nominee, field)
        try:
            texts[field] = clean_text(typed, field=field, length_max=length_max) if typed and typed.strip() else None
        except TextRefused as refused:
            more = {key: value for key, value in refused.fields.items() if key != "field"}
            faults.append(Fault(code="text_refused", line=index, field=field, fields=more))
    if {"class_name", "school"} <= texts.keys():
        faults.extend(_school_faults(texts["class_name"], texts["school"], index, category))
    beneficiary = None if faults else Beneficiary(name=name, birth_year=nominee.birth_year, **texts)
    return beneficiary, [*faults, *_amount_faults(nominee, index)]


def _amount_faults(nominee: Nominee, index: int) -> Iterator[Fault]:
    if nominee.amount_minor < 1:
        yield Fault(code="award_amount", line=index, field="amount_minor")
    elif nominee.amount_minor > AMOUNT_MAX:
        yield Fault(code="amount_too_large", line=index, field="amount_minor", fields={"amount_max": AMOUNT_MAX})


def _school_faults(class_name: str | None, school: str | None, index: int, category: Category) -> Iterator[Fault]:
    """A class without its school leads nowhere, nor does a school without a class; pupils have both."""
    if school is None and (class_name is not None or category in PUPILS):
        yield Fault(code="school_missing", line=index, field="school")
    if class_name is None and (school is not None or category in PUPILS):
        yield Fault(code="class_missing", line=index, field="class_name")


def _total_faults(listing: Listing) -> Iterator[Fault]:
    count, sum_minor = len(listing.nominees), listing.sum_minor
    if sum_minor > AMOUNT_MAX and all(nominee.amount_minor <= AMOUNT_MAX for nominee in listing.nominees):
        yield Fault(code="amount_too_large", field="total_minor", fields={"amount_max": AMOUNT_MAX})
    if listing.count not in {None, count}:
        yield Fault(code="award_count_differs", field="count", fields={"count": count, "declared_count": listing.count})
    if listing.total_minor not in {None, sum_minor}:
        fields: dict[str, Value] = {"total_minor": sum_minor, "declared_minor": listing.total_minor}
        yield Fault(code="award_total_differs", field="total_minor", fields=fields)


def twin_faults(identities: Sequence[bytes | None]) -> Iterator[Fault]:
    """Yield every row whose beneficiary stands on the list already; ``first`` is the row, from 1, where."""
    first: dict[bytes, int] = {}
    for index, identity in enumerate(identities):
        if identity is None:
            continue
        if identity in first:
            yield Fault(code="award_twice", line=index, field="name", fields={"first": first[identity] + 1})
        first.setdefault(identity, index)
