"""A consent is given by whom it is theirs to give, holds until it is withdrawn, and tells the world nothing."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import canonical
from ledger import typeid
from ledger.books.model import Book
from ledger.calendar import today
from ledger.documents.store import keep_document
from ledger.people.consent import (
    ConsentDraft,
    ConsentNotGiven,
    ConsentRefused,
    consents_of,
    give_consent,
    in_force,
    public_names,
    withdraw_consent,
)
from ledger.people.guardian import GuardianRefused, end_guardian, guardianships, link_guardian
from ledger.people.opening import open_for_inspection
from ledger.people.person import PersonDraft
from ledger.people.register import add_people, add_person, change_person, merge_people, part_people
from tests.factories import ACTOR, make_book
from tests.province import scan_of

YEAR = today().year


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    return make_book(connection)


def person(connection: sa.Connection, book: Book, name: str = "Nguyễn Văn Mẫu", **more: object) -> UUID:
    return add_person(connection, book, PersonDraft(name=name, **more), actor=ACTOR)  # type: ignore[arg-type]


def give(connection: sa.Connection, book: Book, person_id: UUID, purpose: str = "publish_name", **more: object) -> UUID:
    draft = ConsentDraft(**{"purpose": purpose, "method": "paper", "given_on": today(), **more})  # type: ignore[arg-type]
    return give_consent(connection, book, person_id, draft, actor=ACTOR)


def withdraw(connection: sa.Connection, book: Book, person_id: UUID, purpose: str = "publish_name") -> list[UUID]:
    return withdraw_consent(
        connection, book, person_id, purpose=purpose, method="phone", withdrawn_on=today(), actor=ACTOR
    )


def faults(connection: sa.Connection, book: Book, person_id: UUID, purpose: str, **more: object) -> list[str]:
    with pytest.raises(ConsentRefused) as refused:
        give(connection, book, person_id, purpose, **more)
    return [fault.code for fault in refused.value.faults]


def leaf_of(connection: sa.Connection, event_id: UUID) -> canonical.Leaf:
    query = sa.text("SELECT leaf FROM soquy.audit_entry WHERE event_id = :event_id")
    return canonical.decode(connection.execute(query, {"event_id": event_id}).scalar_one())


def test_a_name_is_public_from_consent_to_withdrawal(connection: sa.Connection, book: Book) -> None:
    mau, thu = person(connection, book), person(connection, book, "Trần Thị Thử")
    assert public_names(connection, book, [mau, thu]) == {}
    give(connection, book, mau)
    assert public_names(connection, book, [mau, thu]) == {mau: "Nguyễn Văn Mẫu"}
    assert faults(connection, book, mau, "publish_name") == ["consent_in_force"]
    withdraw(connection, book, mau)
    assert public_names(connection, book, [mau, thu]) == {}
    with pytest.raises(ConsentNotGiven):
        withdraw(connection, book, mau)


def test_leaves_say_nothing_and_open_for_a_reason(connection: sa.Connection, book: Book) -> None:
    mau = person(connection, book)
    scan = keep_document(connection, book, scan_of("dong-y.pdf"), actor=ACTOR)
    given = give(connection, book, mau, document_id=scan.document_id)
    (withdrawn,) = withdraw(connection, book, mau)
    leaves = [leaf_of(connection, event_id) for event_id in (given, withdrawn)]
    assert [(leaf.payload, set(leaf.private)) for leaf in leaves] == [({}, {"consent"}), ({}, {"withdrawal"})]
    assert [document.kind for document in leaves[0].documents] == ["consent"]
    said = [set(canonical.encode(leaf).decode().split('"')) for leaf in leaves]
    shared = {each for each in said[0] & said[1] if len(each) > 20 and not each.startswith(str(YEAR))}
    assert shared == {typeid.encode(typeid.ASSOCIATION, book.association_id)}, "nothing tells that it is one person"
    fields = ["consent", "document_0"]
    opened = open_for_inspection(connection, book.tenant_id, given, fields, reason="Kiểm tra", principal_id=None)
    values = {each.field: each.value for each in opened}
    assert json.loads(values["consent"])["person"] == typeid.encode(typeid.PERSON, mau)
    assert values["document_0"] == scan.sha256.hex()


def test_a_household_or_business_agrees_by_who_speaks_for_it(connection: sa.Connection, book: Book) -> None:
    household = person(connection, book, "Hộ ông Mẫu", kind="household")
    give(connection, book, household)
    assert public_names(connection, book, [household]) == {household: "Hộ ông Mẫu"}


def test_a_child_and_a_guardian_agree_together(connection: sa.Connection, book: Book) -> None:
    child = person(connection, book, "Bé Thử", birth_year=YEAR - 10)
    infant = person(connection, book, "Bé Mẫu", birth_year=YEAR - 3)
    guardian = person(connection, book)
    assert faults(connection, book, child, "minor_data", by_subject=False) == [
        "consent_child_asked_too",
        "consent_guardian_missing",
    ]
    for minor in (child, infant):
        link_guardian(connection, book, minor, guardian, relation="parent", actor=ACTOR)
    assert faults(connection, book, child, "minor_data", by_subject=False, guardian_id=guardian) == [
        "consent_child_asked_too"
    ]
    give(connection, book, child, "minor_data", guardian_id=guardian)
    give(connection, book, infant, "minor_data", by_subject=False, guardian_id=guardian)


def test_a_minor_is_never_named(connection: sa.Connection, book: Book) -> None:
    child = person(connection, book, "Bé Thử", birth_year=YEAR - 17)
    guardian = person(connection, book)
    link_guardian(connection, book, child, guardian, relation="legal", actor=ACTOR)
    assert faults(connection, book, child, "publish_name", guardian_id=guardian) == ["consent_minor_unnamed"]


def test_who_turns_out_to_be_a_minor_is_named_no_more(connection: sa.Connection, book: Book) -> None:
    thu = person(connection, book, "Trần Thị Thử")
    give(connection, book, thu)
    change_person(connection, book, thu, PersonDraft(name="Trần Thị Thử", birth_year=YEAR - 12), version=1, actor=ACTOR)
    assert public_names(connection, book, [thu]) == {}


def test_a_grown_up_needs_no_guardian_and_is_asked_themself(connection: sa.Connection, book: Book) -> None:
    mau, other = person(connection, book), person(connection, book, "Trần Thị Thử")
    assert faults(connection, book, mau, "minor_data", by_subject=False, guardian_id=other, method="dream") == [
        "choice_refused",
        "consent_not_a_minor",
        "consent_subject_missing",
        "consent_guardian_needless",
    ]
    assert faults(connection, book, mau, "fame", given_on=today() + timedelta(days=1)) == [
        "choice_refused",
        "consent_day",
    ]
    assert faults(connection, book, mau, "contact", given_on=date(1900, 1, 1), document_id=typeid.new_id()) == [
        "consent_day",
        "document_not_found",
    ]


def test_of_merged_records_the_last_word_counts(connection: sa.Connection, book: Book) -> None:
    drafts = [PersonDraft(name="Nguyễn Văn Mẫu"), PersonDraft(name="N. V. Mẫu")]
    first, second = add_people(connection, book, drafts, actor=ACTOR)
    give(connection, book, first)
    merge_people(connection, book, first, second, actor=ACTOR)
    assert public_names(connection, book, [first, second]) == dict.fromkeys((first, second), "Nguyễn Văn Mẫu")
    assert faults(connection, book, second, "contact") == ["consent_merged"]
    withdraw(connection, book, second)
    assert public_names(connection, book, [first, second]) == {}
    part_people(connection, book, second, actor=ACTOR)
    assert in_force(consents_of(connection, book, first), "publish_name") == []


def test_guardians_are_linked_renewed_and_ended(connection: sa.Connection, book: Book) -> None:
    child = person(connection, book, "Bé Thử", birth_year=YEAR - 10)
    guardian = person(connection, book)
    link_guardian(connection, book, child, guardian, relation="parent", actor=ACTOR)
    link_guardian(connection, book, child, guardian, relation="legal", actor=ACTOR)
    (seen,) = guardianships(connection, book, child)
    assert (seen.relation, seen.name) == ("legal", "Nguyễn Văn Mẫu")
    assert [each.name for each in guardianships(connection, book, guardian)] == ["Bé Thử"]
    end_guardian(connection, book, child, guardian)
    assert guardianships(connection, book, child) == []
    with pytest.raises(GuardianRefused) as refused:
        end_guardian(connection, book, child, guardian)
    assert refused.value.fields["reason"] == "not_linked"
    link_guardian(connection, book, child, guardian, relation="parent", actor=ACTOR)
    assert len(guardianships(connection, book, child)) == 1


def test_only_a_grown_up_guards_only_a_child(connection: sa.Connection, book: Book) -> None:
    child = person(connection, book, "Bé Thử", birth_year=YEAR - 10)
    other_child = person(connection, book, "Bé Mẫu", birth_year=YEAR - 9)
    unknown = person(connection, book, "Trần Thị Thử")
    old = person(connection, book, "Cụ Mẫu", birth_year=1930)
    household = person(connection, book, "Hộ Mẫu", kind="household")
    for pair, relation, reason in (
        ((child, child), "parent", "itself"),
        ((child, unknown), "boss", "relation"),
        ((unknown, old), "parent", "birth_year_missing"),
        ((old, unknown), "parent", "not_a_minor"),
        ((child, household), "parent", "not_an_individual"),
        ((child, other_child), "sibling", "guardian_is_minor"),
    ):
        with pytest.raises(GuardianRefused) as refused:
            link_guardian(connection, book, *pair, relation=relation, actor=ACTOR)
        assert refused.value.fields["reason"] == reason
