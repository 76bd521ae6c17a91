"""What may be typed of a person, and every fault of it at once."""

from datetime import date

import pytest

from ledger.people.person import PersonDraft, PersonRefused, clean_person, is_asked_too, is_minor

TODAY = date(2025, 3, 5)

HOSTILE = [
    "Nguyễn\u200bVăn Mẫu",
    "Nguyễn \u202eVăn Mẫu",
    "Nguyễn\nVăn Mẫu",
    "Nguyễn\x00Văn Mẫu",
    "Nguyễn \u2066Mẫu",
    "\ud800",
    "",
    "   ",
    "\u0301\u0301",
    "Ma\u0302\u0303\u0301\u0300u",
    "x" * 10_000_000,
    "a" + "\u0301" * 199,
]


def faults_of(draft: PersonDraft) -> list[tuple[str, str | None]]:
    with pytest.raises(PersonRefused) as refused:
        clean_person(draft, today=TODAY)
    return [(fault.code, fault.field) for fault in refused.value.faults]


def test_a_person_is_kept_as_they_are_found_and_ordered() -> None:
    draft = PersonDraft(
        name="  Nguye\u0302\u0303n   Văn\u00a0Mẫu ",
        birth_year=1980,
        details={"phone": "(+84) 90-000.00 00", "tax_number": "0100109106-001", "email": "mau@vidu.vn", "note": "  "},
    )
    person = clean_person(draft, today=TODAY)
    assert person.name == "Nguyễn Văn Mẫu"
    assert person.search_key == "nguyen van mau"
    assert dict(person.details) == {
        "phone": "+84900000000",
        "tax_number": "0100109106001",
        "email": "mau@vidu.vn",
        "note": None,
    }


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_that_hides_something_or_has_no_end_is_refused(name: str) -> None:
    assert faults_of(PersonDraft(name=name)) == [("text_refused", "name")]


def test_script_in_a_name_is_a_name() -> None:
    """It is no harm where it is kept; whoever shows it escapes it."""
    assert clean_person(PersonDraft(name="<script>alert(1)</script>"), today=TODAY).search_key.startswith("<script>")


def test_all_faults_come_at_once_without_what_was_typed() -> None:
    draft = PersonDraft(
        name="",
        kind="clan",
        country="Pháp",
        birth_year=1820,
        details={"phone": "số của Mẫu", "email": "a@b", "tax_number": "12", "note": "a\u200bb", "hobby": "x"},
    )
    with pytest.raises(PersonRefused) as refused:
        clean_person(draft, today=TODAY, index=4)
    faults = refused.value.faults
    assert [(fault.code, fault.field, fault.fields.get("reason")) for fault in faults] == [
        ("text_refused", "name", "empty"),
        ("text_refused", "phone", "phone_form"),
        ("text_refused", "email", "email_form"),
        ("text_refused", "tax_number", "tax_number_form"),
        ("text_refused", "note", "invisible_character"),
        ("field_unknown", "hobby", None),
        ("choice_refused", "kind", None),
        ("person_country", "country", None),
        ("birth_year_not_theirs", "birth_year", None),
    ]
    assert {fault.entry for fault in faults} == {4}
    assert "Mẫu" not in str([fault.fields for fault in faults])


@pytest.mark.parametrize(("year", "fault"), [(1899, True), (1900, False), (2025, False), (2026, True)])
def test_a_year_of_birth_lies_in_living_memory(year: int, fault: bool) -> None:
    draft = PersonDraft(name="Mẫu", birth_year=year)
    if fault:
        assert faults_of(draft) == [("birth_year_range", "birth_year")]
    else:
        assert clean_person(draft, today=TODAY).birth_year == year


@pytest.mark.parametrize(
    ("birth_year", "minor", "asked"),
    [(None, False, True), (2006, False, True), (2007, True, True), (2018, True, True), (2019, True, False)],
)
def test_a_year_alone_is_taken_to_the_side_that_protects(birth_year: int | None, minor: bool, asked: bool) -> None:
    """Born in 2007 means seventeen or eighteen in March 2025; born in 2018, six or seven."""
    assert is_minor(birth_year, TODAY) is minor
    assert is_asked_too(birth_year, TODAY) is asked
