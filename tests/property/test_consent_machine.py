"""Consents under any order of giving, withdrawing, merging, parting and growing younger: the register against a model.

The model is what a person would expect: a name is public if the last word of whoever it is was yes, and they are grown
up by every year of birth that anybody has entered.
"""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.calendar import today
from ledger.people.consent import (
    ConsentDraft,
    ConsentNotGiven,
    ConsentRefused,
    give_consent,
    public_names,
    withdraw_consent,
)
from ledger.people.person import PersonDraft
from ledger.people.register import (
    MergeRefused,
    add_people,
    change_person,
    merge_people,
    part_people,
    people_by_id,
)
from ledger.tenancy import set_tenant
from tests.factories import ACTOR, make_book

COUNT = 4
places = st.integers(0, COUNT - 1)
years = st.sampled_from([None, 1980, today().year - 10])


class Register(RuleBasedStateMachine):
    """Each step is a transaction of its own, as steps of different requests are: each has its instant."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        with self.engine.begin() as conn:
            self.book = make_book(conn)
            drafts = [PersonDraft(name=f"Mẫu {place}") for place in range(COUNT)]
            self.ids = add_people(conn, self.book, drafts, actor=ACTOR)
        self.clock = 0
        self.said: list[list[tuple[int, bool]]] = [[] for _ in range(COUNT)]
        self.year: list[int | None] = [None] * COUNT
        self.merged: list[int | None] = [None] * COUNT

    def step(self, work: Any) -> Any:
        with self.engine.begin() as conn:
            set_tenant(conn, self.book.tenant_id)
            return work(conn)

    def kept(self, place: int) -> int:
        into = self.merged[place]
        return place if into is None else into

    def group(self, place: int) -> list[int]:
        return [each for each in range(COUNT) if self.kept(each) == self.kept(place)]

    def is_minor(self, place: int) -> bool:
        year = self.year[self.kept(place)]
        return year is not None and today().year <= year + 18

    def holds(self, place: int) -> bool:
        words = [word for each in self.group(place) for word in self.said[each]]
        return bool(words) and max(words)[1]

    @rule(place=places)
    def give(self, place: int) -> None:
        draft = ConsentDraft(purpose="publish_name", method="paper", given_on=today())
        is_refused = self.merged[place] is not None or self.is_minor(place) or self.holds(place)
        try:
            self.step(lambda conn: give_consent(conn, self.book, self.ids[place], draft, actor=ACTOR))
        except ConsentRefused:
            assert is_refused
        else:
            assert not is_refused
            self.clock += 1
            self.said[place].append((self.clock, True))

    @rule(place=places)
    def withdraw(self, place: int) -> None:
        def work(conn: sa.Connection) -> None:
            said = {"purpose": "publish_name", "method": "phone"}
            withdraw_consent(conn, self.book, self.ids[place], **said, withdrawn_on=today(), actor=ACTOR)

        try:
            self.step(work)
        except ConsentNotGiven:
            assert not self.holds(place)
        else:
            assert self.holds(place)
            self.clock += 1
            # Every record whose consent was in force says no now; the others have nothing to say no to.
            last_no = max((at for each in self.group(place) for at, word in self.said[each] if not word), default=0)
            for each in self.group(place):
                if any(word and at > last_no for at, word in self.said[each]):
                    self.said[each].append((self.clock, False))

    @rule(kept=places, gone=places)
    def merge(self, kept: int, gone: int) -> None:
        years = {self.year[kept], self.year[gone]} - {None}
        is_refused = kept == gone or self.merged[kept] is not None or self.merged[gone] is not None or len(years) > 1
        try:
            self.step(lambda conn: merge_people(conn, self.book, self.ids[kept], self.ids[gone], actor=ACTOR))
        except MergeRefused:
            assert is_refused
        else:
            assert not is_refused
            self.merged = [kept if each == gone else each for each in self.merged]
            self.merged[gone] = kept
            self.year[kept] = next(iter(years), None)

    @rule(place=places)
    def part(self, place: int) -> None:
        try:
            self.step(lambda conn: part_people(conn, self.book, self.ids[place], actor=ACTOR))
        except MergeRefused:
            assert self.merged[place] is None
        else:
            assert self.merged[place] is not None
            self.merged[place] = None

    @rule(place=places, year=years)
    def correct(self, place: int, year: int | None) -> None:
        if self.merged[place] is not None:
            return

        def work(conn: sa.Connection) -> None:
            person = people_by_id(conn, self.book, [self.ids[place]])[self.ids[place]]
            draft = PersonDraft(name=person.name, birth_year=year)
            change_person(conn, self.book, person.person_id, draft, version=person.version, actor=ACTOR)

        self.step(work)
        self.year[place] = year

    @invariant()
    def the_public_sees_what_was_agreed_to(self) -> None:
        seen: dict[UUID, str] = self.step(lambda conn: public_names(conn, self.book, self.ids))
        due = {
            self.ids[place]: f"Mẫu {self.kept(place)}"
            for place in range(COUNT)
            if self.holds(place) and not self.is_minor(place)
        }
        assert seen == due


@pytest.fixture
def machine(committed_engine: sa.Engine) -> type[Register]:
    return type("Machine", (Register,), {"engine": committed_engine})


def test_a_name_is_public_by_the_last_word_alone(machine: type[Register]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
