"""Lists: laid whole or not at all, frozen, with nobody on two of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from audit import canonical, commitment
from ledger import typeid
from ledger.approvals.commands import deny
from ledger.awards.decision import withdraw_list
from ledger.awards.errors import ListRefused, ListStateRefused, RoundNotFound
from ledger.awards.listing import submit_list
from ledger.awards.model import AWARD_COUNT_MAX, Listing
from ledger.awards.queries import awards, lists_of
from ledger.books.event_type import check_layout
from ledger.money import AMOUNT_MAX
from ledger.people.guardian import link_guardian
from ledger.people.opening import open_for_inspection
from ledger.people.person import PersonDraft
from ledger.people.register import add_people, add_person
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, make_book
from tests.integration.awards.conftest import Commune, make_programs, plan_programs, pupil


def faults_of(refused: ListRefused) -> list[tuple[int | None, str | None, str]]:
    return [(fault.line, fault.field, fault.code) for fault in refused.faults]


def count_people(commune: Commune) -> int:
    query = sa.text("SELECT count(*) FROM vault.person WHERE tenant_id = :t AND book_id = :b")
    asked = {"t": commune.book.tenant_id, "b": commune.book.book_id}
    return int(commune.conn.execute(query, asked).scalar_one())


def test_a_list_is_kept_as_it_was_laid(commune: Commune) -> None:
    round_id = commune.open()
    nominees = pupil(), pupil("  Trần   Văn Thử ", 700_000, reason="Hộ nghèo", birth_year=2011)
    listed = commune.submit(round_id, *nominees, count=2, total_minor=1_200_000)
    (found,) = lists_of(commune.conn, commune.book, round_id)
    assert (found.list_id, found.version, found.award_count, found.total_minor, found.state) == (
        listed.list_id,
        1,
        2,
        1_200_000,
        "listed",
    )
    rows = awards(commune.conn, commune.book, listed.list_id).rows
    assert [(row.line, row.name, row.amount_minor, row.reason, row.school) for row in rows] == [
        (1, "Nguyễn Thị Thử", 500_000, None, "THCS Mẫu"),
        (2, "Trần Văn Thử", 700_000, "Hộ nghèo", "THCS Mẫu"),
    ]
    page = awards(commune.conn, commune.book, listed.list_id, page_size=1)
    assert page.next_cursor == 1
    assert awards(commune.conn, commune.book, listed.list_id, after=1).rows == rows[1:]


def test_a_leaf_of_an_award_tells_nothing_and_commits_to_everything(commune: Commune) -> None:
    listed = commune.submit(commune.open(), pupil(reason="Hộ nghèo"))
    query = "SELECT event_id, leaf FROM soquy.audit_entry WHERE tenant_id = :t AND type LIKE '%.listed' ORDER BY type"
    rows = commune.conn.execute(sa.text(query), {"t": commune.book.tenant_id}).all()
    of_award, of_list = (canonical.decode(row.leaf) for row in rows)
    for leaf in (of_award, of_list):
        check_layout(leaf)
    assert of_award.payload == {"list": typeid.encode("al", listed.list_id), "line": 1, "of": 1}
    assert of_award.actor.commitment is None
    assert of_list.actor.commitment is not None
    for typed in ("Nguyễn", "THCS", "7A", "Hộ nghèo", "500000"):
        assert typed.encode() not in rows[0].leaf
    opened = open_for_inspection(
        commune.conn,
        commune.book.tenant_id,
        rows[0].event_id,
        ["amount", "beneficiary"],
        reason="Thanh tra",
        principal_id=None,
    )
    assert [each.value for each in opened] == [
        "500000 VND",
        '{"birth_year":2012,"class":"7A","name":"Nguyễn Thị Thử","reason":"Hộ nghèo","school":"THCS Mẫu"}',
    ]
    for each in opened:
        committed = str(of_award.private[each.field])
        assert commitment.opens(committed, each.salt, of_award.event_id, each.field, each.value)


def test_every_fault_is_told_at_once_with_its_row_and_nothing_is_kept(commune: Commune) -> None:
    stranger = typeid.new_id()
    with pytest.raises(ListRefused) as caught:
        commune.submit(
            commune.open(),
            pupil("Lê Văn Thử", 0),
            pupil("A", AMOUNT_MAX + 1),
            pupil(" "),
            pupil("B", birth_year=1800),
            pupil("C", school=" "),
            pupil("D", class_name=None),
            pupil("E", class_name=None, school=None),
            pupil("F", school="x" * 201),
            pupil("G", person_id=stranger),
            pupil("Nguyễn  thị THƯ"),
            pupil("Nguyễn Thị Thử", 0, school="thcs  mau"),
            count=3,
            total_minor=5,
        )
    assert faults_of(caught.value) == [
        (0, "amount_minor", "award_amount"),
        (1, "amount_minor", "amount_too_large"),
        (2, "name", "text_refused"),
        (3, "birth_year", "birth_year_range"),
        (4, "school", "school_missing"),
        (5, "class_name", "class_missing"),
        (6, "school", "school_missing"),
        (6, "class_name", "class_missing"),
        (7, "school", "text_refused"),
        (8, "person", "person_not_found"),
        (10, "amount_minor", "award_amount"),
        (10, "name", "award_twice"),
        (None, "count", "award_count_differs"),
        (None, "total_minor", "award_total_differs"),
    ]
    assert caught.value.faults[-3].fields == {"first": 10}
    assert count_people(commune) == 0


@pytest.mark.parametrize("count", [0, AWARD_COUNT_MAX + 1])
def test_a_list_has_one_to_ten_thousand_awards(commune: Commune, count: int) -> None:
    with pytest.raises(ListRefused) as caught:
        submit_list(commune.conn, commune.book, commune.open(), Listing(nominees=(pupil(),) * count), actor=ACTOR)
    assert faults_of(caught.value) == [(None, "nominees", "award_count")]


def test_what_is_no_program_for_pupils_asks_for_no_school_but_for_none_without_its_class(commune: Commune) -> None:
    round_id = commune.open(program="TET", fund="TET", period="2024")
    with pytest.raises(ListRefused) as caught:
        commune.submit(round_id, pupil(class_name=None), pupil("Bà Mẫu", school=None))
    assert faults_of(caught.value) == [(0, "class_name", "class_missing"), (1, "school", "school_missing")]
    commune.submit(round_id, pupil("Bà Mẫu", birth_year=None, class_name=None, school=None))


def test_nobody_is_on_two_lists_of_a_program_and_a_period(commune: Commune) -> None:
    first = commune.open()
    commune.submit(first, pupil())
    neighbour = make_book(commune.conn, tenant_id=commune.book.tenant_id)
    plan_programs(commune.conn, neighbour)
    here = commune.open()
    there = replace(commune, book=neighbour).open()
    for book, round_id in ((commune.book, here), (neighbour, there)):
        with pytest.raises(ListRefused) as caught:
            commune.submit(
                round_id, pupil("Trần Văn Thử"), pupil("nguyễn thị thử", school="Trường THCS  MẪU"), book=book
            )
        assert faults_of(caught.value) == [(1, "name", "award_given_before")]
        assert caught.value.faults[0].fields == {
            "program": "HB",
            "period": "2024-2025",
            "round": typeid.encode(typeid.ROUND, first),
        }
    commune.submit(here, pupil(birth_year=2013), pupil(school="THCS Khác"))
    commune.submit(commune.open(period="2023-2024"), pupil())
    commune.submit(commune.open(program="TET", fund="TET"), pupil())


def test_grown_ups_of_one_name_in_two_communes_are_two_people(commune: Commune) -> None:
    neighbour = replace(commune, book=make_book(commune.conn, tenant_id=commune.book.tenant_id))
    plan_programs(commune.conn, neighbour.book)
    someone = pupil("Bà Mẫu", birth_year=1950, class_name=None, school=None)
    for place in (commune, neighbour):
        place.submit(place.open(program="TET", fund="TET", period="2024"), someone)


def test_what_is_over_frees_its_people_and_is_followed_by_a_new_version(commune: Commune) -> None:
    list_id, asked = commune.asked()
    with pytest.raises(ListRefused):
        commune.submit(commune.open(), pupil())
    deny(commune.conn, commune.book, asked, reason="Sai quỹ", actor=commune.people["chief_accountant"])
    assert commune.state(list_id) == "denied"
    round_id = commune.open()
    second = commune.submit(round_id, pupil())
    with pytest.raises(ListStateRefused) as caught:
        commune.submit(round_id, pupil("Trần Văn Thử"))
    assert caught.value.fields["state"] == "listed"
    withdraw_list(commune.conn, commune.book, second.list_id, reason="Thiếu", actor=ACTOR)
    third = commune.submit(round_id, pupil(), pupil("Trần Văn Thử"))
    assert (third.version, third.award_count) == (2, 2)
    assert [each.state for each in lists_of(commune.conn, commune.book, round_id)] == ["listed", "withdrawn"]
    ordinals = "SELECT ordinal FROM vault.award_claim WHERE tenant_id = :t ORDER BY award_id"
    asked_of = {"t": commune.book.tenant_id}
    assert sorted(commune.conn.execute(sa.text(ordinals), asked_of).scalars()) == [1, 1, 2, 3]


def test_a_round_is_of_its_book(commune: Commune) -> None:
    neighbour = make_book(commune.conn, tenant_id=commune.book.tenant_id)
    with pytest.raises(RoundNotFound):
        commune.submit(commune.open(), pupil(), book=neighbour)


def test_a_beneficiary_is_found_in_the_register_or_made_there(commune: Commune) -> None:
    known = add_person(commune.conn, commune.book, PersonDraft(name="Nguyễn Thị Thử", birth_year=2012), actor=ACTOR)
    round_id = commune.open()
    first = commune.submit(round_id, pupil(), pupil("Trần Văn Thử"), pupil("Trần Văn Thử", school="THCS Khác"))
    found = [row.person_id for row in awards(commune.conn, commune.book, first.list_id).rows]
    assert found[0] == known
    assert (len(set(found)), count_people(commune)) == (3, 3)
    again = commune.submit(
        commune.open(period="2023-2024"), pupil("Trần Văn Thử", school="THCS Khác"), pupil("Khác", person_id=known)
    )
    assert [row.person_id for row in awards(commune.conn, commune.book, again.list_id).rows] == [found[2], known]
    assert count_people(commune) == 3


def test_where_two_could_be_meant_nobody_is_taken_for_them(commune: Commune) -> None:
    twins = add_people(
        commune.conn, commune.book, [PersonDraft(name="Nguyễn Thị Thử", birth_year=2012)] * 2, actor=ACTOR
    )
    listed = commune.submit(commune.open(), pupil(), pupil(school="THCS Khác"))
    rows = awards(commune.conn, commune.book, listed.list_id).rows
    assert {row.person_id for row in rows}.isdisjoint(twins)
    with pytest.raises(ListRefused) as caught:
        commune.submit(commune.open(), pupil("A", person_id=twins[0]), pupil("B", person_id=twins[0]))
    assert faults_of(caught.value) == [(1, "person", "award_twice")]


def test_who_lists_a_minor_for_whom_nobody_answers_is_told(commune: Commune) -> None:
    drafts = [PersonDraft(name="Nguyễn Thị Thử", birth_year=2012), PersonDraft(name="Bà Mẫu", birth_year=1980)]
    minor, guardian = add_people(commune.conn, commune.book, drafts, actor=ACTOR)
    link_guardian(commune.conn, commune.book, minor, guardian, relation="parent", actor=ACTOR)
    listed = commune.submit(commune.open(), pupil(), pupil("Trần Văn Thử"), pupil("Cô Mẫu", birth_year=1990))
    assert listed.without_guardian == (2,)


@contextmanager
def elsewhere(commune: Commune) -> Iterator[Commune]:
    """Work in another province, and come back."""
    book = make_book(commune.conn)
    make_programs(commune.conn, book)
    plan_programs(commune.conn, book)
    yield replace(commune, book=book)
    set_tenant(commune.conn, commune.book.tenant_id)


def test_of_other_provinces_nothing_is_told_but_how_many(commune: Commune) -> None:
    with elsewhere(commune) as other:
        withdrawn = other.submit(other.open(), pupil("Phạm Văn Thử"))
        withdraw_list(other.conn, other.book, withdrawn.list_id, reason="Thiếu", actor=ACTOR)
        other.submit(other.open(), pupil(), pupil("Trần Văn Thử"))
    listed = commune.submit(commune.open(), pupil(), pupil("Lê Văn Thử"), pupil("Phạm Văn Thử"))
    assert listed.elsewhere_count == 1
    query = "SELECT * FROM vault.count_claims_elsewhere('HB', '2024-2025', CAST(:i AS bytea[]))"
    for asked, count in ((["\\x00"], 0), ([], 0)):
        answered = commune.conn.execute(sa.text(query), {"i": asked}).all()
        assert [tuple(row) for row in answered] == [(count,)]


def count_statements(commune: Commune, round_id: Any, size: int) -> int:
    seen = []
    listener = lambda *_: seen.append(1)  # noqa: E731 - a counter
    sa.event.listen(commune.conn, "before_cursor_execute", listener)
    commune.submit(round_id, *(pupil(f"Học sinh {size} {number}") for number in range(size)))
    sa.event.remove(commune.conn, "before_cursor_execute", listener)
    return len(seen)


def test_a_long_list_is_as_many_statements_as_a_short_one(commune: Commune) -> None:
    commune.submit(commune.open(), pupil())
    assert count_statements(commune, commune.open(), 40) == count_statements(commune, commune.open(), 2)
