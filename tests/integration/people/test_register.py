"""A register of people: found without diacritics, put in order, put right by one at a time, merged and parted."""

import pytest
import sqlalchemy as sa

from ledger import typeid
from ledger.books.model import Book
from ledger.people.detail import open_details
from ledger.people.person import PersonDraft, PersonRefused
from ledger.people.register import (
    MergeRefused,
    PersonChanged,
    PersonNotFound,
    add_people,
    add_person,
    change_person,
    merge_people,
    part_people,
    people_by_id,
    person_by_id,
)
from ledger.people.search import same_names, search_people
from tests.factories import ACTOR, make_book

NAMES = ["Đặng Văn Mẫu", "Nguyễn Thị Ánh Thử", "Ân Mẫu", "An Mẫu", "Nguyen Thi Anh Thu", "An Bình Thử", "Ánh Thử"]


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    return make_book(connection)


def names(connection: sa.Connection, book: Book, query: str = "", **more: object) -> list[str]:
    return [each.name for each in search_people(connection, book, query, **more).rows]  # type: ignore[arg-type]


@pytest.fixture
def seven(connection: sa.Connection, book: Book) -> Book:
    add_people(connection, book, [PersonDraft(name=name) for name in NAMES], actor=ACTOR)
    return book


def test_everybody_stands_in_vietnamese_order(connection: sa.Connection, seven: Book) -> None:
    assert names(connection, seven) == [
        "An Bình Thử",
        "An Mẫu",
        "Ánh Thử",
        "Ân Mẫu",
        "Đặng Văn Mẫu",
        "Nguyen Thi Anh Thu",
        "Nguyễn Thị Ánh Thử",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("anh thu", {"Ánh Thử", "Nguyen Thi Anh Thu", "Nguyễn Thị Ánh Thử"}),
        ("thử NG", {"Nguyen Thi Anh Thu", "Nguyễn Thị Ánh Thử"}),
        ("dang", {"Đặng Văn Mẫu"}),
        ("nh", set()),
        ("%", set()),
        ("_n", set()),
        ("\\", set()),
        ("   ", set(NAMES)),
        ("' OR 1=1 --", set()),
    ],
)
def test_every_word_typed_begins_a_word_of_the_name(
    connection: sa.Connection, seven: Book, query: str, found: set[str]
) -> None:
    assert set(names(connection, seven, query)) == found


def test_pages_have_everybody_once(connection: sa.Connection, seven: Book) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = search_people(connection, seven, after=after, page_size=2)
        seen.extend(each.name for each in page.rows)
        after = page.next_cursor
        if after is None:
            break
    assert seen == names(connection, seven)


def test_a_kind_is_asked_for_alone(connection: sa.Connection, seven: Book) -> None:
    add_person(connection, seven, PersonDraft(name="Hộ ông Mẫu", kind="household"), actor=ACTOR)
    assert names(connection, seven, kind="household") == ["Hộ ông Mẫu"]
    assert len(names(connection, seven)) == 8


def test_who_is_called_alike_is_shown(connection: sa.Connection, seven: Book) -> None:
    found = same_names(connection, seven, ["NGUYỄN THỊ ANH THƯ", "Không Có"])
    assert {key: {each.name for each in people} for key, people in found.items()} == {
        "nguyen thi anh thu": {"Nguyen Thi Anh Thu", "Nguyễn Thị Ánh Thử"}
    }


def test_many_people_are_refused_with_every_fault_or_added_all(connection: sa.Connection, book: Book) -> None:
    drafts = [PersonDraft(name="Mẫu"), PersonDraft(name=""), PersonDraft(name="Thử", birth_year=3000)]
    with pytest.raises(PersonRefused) as refused:
        add_people(connection, book, drafts, actor=ACTOR)
    assert [(fault.entry, fault.field) for fault in refused.value.faults] == [(1, "name"), (2, "birth_year")]
    assert names(connection, book) == []


def test_many_people_are_added_in_a_fixed_number_of_statements(connection: sa.Connection, book: Book) -> None:
    counts = []
    for size in (1, 500):
        statements: list[str] = []
        listen = lambda *arguments, seen=statements: seen.append(arguments[2])  # noqa: E731
        sa.event.listen(connection, "before_cursor_execute", listen)
        drafts = [PersonDraft(name=f"Mẫu {number}", details={"phone": "0900000000"}) for number in range(size)]
        add_people(connection, book, drafts, actor=ACTOR)
        sa.event.remove(connection, "before_cursor_execute", listen)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4


def test_details_are_sealed_and_opened_on_the_record(connection: sa.Connection, book: Book) -> None:
    details = {"phone": "0900 000 000", "note": "Dặn gọi buổi tối"}
    person_id = add_person(connection, book, PersonDraft(name="Mẫu", details=details), actor=ACTOR)
    person = person_by_id(connection, book, person_id)
    assert person.details == ("note", "phone")
    opened = open_details(connection, book, person_id, ["phone", "email"], principal_id=ACTOR.principal_id)
    assert opened == {"phone": "0900000000"}


def test_each_person_has_a_key_of_their_own(connection: sa.Connection, book: Book) -> None:
    drafts = [PersonDraft(name=f"Mẫu {number}", details={"phone": "0900000000"}) for number in range(3)]
    ids = add_people(connection, book, drafts, actor=ACTOR)
    change_person(connection, book, ids[0], drafts[0], version=1, actor=ACTOR)
    with pytest.raises(sa.exc.DBAPIError), connection.begin_nested():
        connection.execute(sa.text("SELECT sealed FROM vault.person_detail"))
    for person_id in ids:
        assert open_details(connection, book, person_id, ["phone"], principal_id=None) == {"phone": "0900000000"}


def test_a_record_is_put_right_by_who_saw_it_last(connection: sa.Connection, book: Book) -> None:
    person_id = add_person(connection, book, PersonDraft(name="Mẫu", details={"note": "cũ"}), actor=ACTOR)
    changed = PersonDraft(name="Thử", country="FR", details={"note": None, "email": "thu@vidu.vn"})
    assert change_person(connection, book, person_id, changed, version=1, actor=ACTOR) == 2
    with pytest.raises(PersonChanged) as refused:
        change_person(connection, book, person_id, changed, version=1, actor=ACTOR)
    assert refused.value.fields["version"] == 2
    person = person_by_id(connection, book, person_id)
    assert (person.name, person.country, person.details) == ("Thử", "FR", ("email",))
    assert names(connection, book, "thu") == ["Thử"]
    assert names(connection, book, "mau") == []


def test_another_books_people_are_not_there(connection: sa.Connection, book: Book) -> None:
    person_id = add_person(connection, book, PersonDraft(name="Mẫu", details={"note": "x"}), actor=ACTOR)
    sibling = make_book(connection, tenant_id=book.tenant_id)
    assert names(connection, sibling) == []
    for refused in (
        lambda: person_by_id(connection, sibling, person_id),
        lambda: change_person(connection, sibling, person_id, PersonDraft(name="Thử"), version=1, actor=ACTOR),
        lambda: part_people(connection, sibling, person_id, actor=ACTOR),
    ):
        with pytest.raises(PersonNotFound):
            refused()
    assert open_details(connection, sibling, person_id, ["note"], principal_id=None) == {}


def test_two_records_become_one_person_and_can_be_parted(connection: sa.Connection, book: Book) -> None:
    drafts = [
        PersonDraft(name="Nguyễn Văn Mẫu", details={"phone": "0900000001"}),
        PersonDraft(name="N. V. Mẫu", birth_year=1980, details={"phone": "0900000002", "email": "mau@vidu.vn"}),
        PersonDraft(name="Ông Mẫu"),
    ]
    kept, merged, third = add_people(connection, book, drafts, actor=ACTOR)
    merge_people(connection, book, merged, third, actor=ACTOR)
    merge_people(connection, book, kept, merged, actor=ACTOR)
    people = people_by_id(connection, book, [kept, merged, third])
    assert people[kept].merged == (merged, third)
    assert {people[each].merged_into for each in (merged, third)} == {kept}
    assert people[kept].birth_year == 1980
    assert names(connection, book, "mau") == ["Nguyễn Văn Mẫu"]
    opened = open_details(connection, book, kept, ["phone", "email"], principal_id=None)
    assert opened == {"phone": "0900000001", "email": "mau@vidu.vn"}
    part_people(connection, book, merged, actor=ACTOR)
    assert names(connection, book, "mau") == ["N. V. Mẫu", "Nguyễn Văn Mẫu"]


def test_what_cannot_be_one_person_is_not_merged(connection: sa.Connection, book: Book) -> None:
    drafts = [
        PersonDraft(name="Mẫu", birth_year=1980),
        PersonDraft(name="Mẫu", birth_year=1981),
        PersonDraft(name="Hộ Mẫu", kind="household"),
        PersonDraft(name="Mẫu"),
        PersonDraft(name="Mẫu"),
    ]
    first, other, household, twin, last = add_people(connection, book, drafts, actor=ACTOR)
    merge_people(connection, book, twin, last, actor=ACTOR)
    for pair, reason in (
        ((first, first), "itself"),
        ((first, other), "birth_year"),
        ((first, household), "kind"),
        ((first, last), "merged_already"),
        ((last, first), "merged_already"),
    ):
        with pytest.raises(MergeRefused) as refused:
            merge_people(connection, book, *pair, actor=ACTOR)
        assert refused.value.fields["reason"] == reason
    with pytest.raises(PersonNotFound):
        merge_people(connection, book, first, typeid.new_id(), actor=ACTOR)
    with pytest.raises(MergeRefused) as refused:
        part_people(connection, book, first, actor=ACTOR)
    assert refused.value.fields["reason"] == "not_merged"
