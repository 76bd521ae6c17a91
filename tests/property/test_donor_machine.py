"""Names of givers put right in any order, before and after money is taken back: the sums never move.

The model is a list of gifts with the names that each had, one after the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger import typeid
from ledger.books.check import check
from ledger.books.commands import reverse_entry
from ledger.errors import LedgerError
from ledger.giving.commands import correct_donor, receive
from ledger.giving.opening import receipt_openings
from ledger.giving.queries import Search, contribution_by_id, receipt_facts, search_contributions
from ledger.people.person import PersonDraft
from ledger.people.register import add_person
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, make_ledger
from tests.giving import MARCH, collection, gift

NAMES: Final = ("Nguyễn Văn Mẫu", "Nguyễn Văn Mầu", "Trần Thị Thử", "Lê Ví Dụ")
names = st.sampled_from(NAMES)
details = st.sampled_from([None, " ", "Thôn Đông"])
persons = st.sampled_from(["nobody", "nobody", "somebody", "a stranger"])


@dataclass(slots=True)
class Given:
    """A gift: its names in their order, each with its detail; none where nobody was named."""

    contribution_id: UUID
    entry_id: UUID
    amount_minor: int
    names: list[tuple[str, str | None]]
    person_id: UUID | None = None
    is_reversed: bool = False


class PuttingRight(RuleBasedStateMachine):
    """One book whose register has one person; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize()
    def begin(self) -> None:
        self.ledger = make_ledger(self.engine)
        with self.ledger.transaction() as conn:
            somebody = add_person(conn, self.ledger.book, PersonDraft(name=NAMES[0]), actor=ACTOR)
        self.persons = {"nobody": None, "somebody": somebody, "a stranger": typeid.new_id()}
        self.given: list[Given] = []

    def refused(self, work: Callable[[sa.Connection], Any]) -> str | None:
        """Do a step; return why it was refused."""
        try:
            with self.ledger.transaction() as conn:
                self.done = work(conn)
        except LedgerError as error:
            return error.code
        return None

    @rule(amounts=st.lists(st.integers(1, 900), min_size=1, max_size=3), name=st.one_of(names, st.none()))
    def receive(self, amounts: list[int], name: str | None) -> None:
        gifts = [gift(name, amount, wish="named" if name else "anonymous") for amount in amounts]
        assert self.refused(lambda conn: receive(conn, self.ledger.book, collection(*gifts), actor=ACTOR)) is None
        listed = [(name, None)] if name else []
        for amount, recorded in zip(amounts, self.done.contributions, strict=True):
            self.given.append(Given(recorded.contribution_id, self.done.entry.entry_id, amount, [*listed]))

    @precondition(lambda self: self.given)
    @rule(data=st.data(), name=st.one_of(names, st.just("\u202eẫuM")), detail=details, who=persons)
    def put_right(self, data: st.DataObject, name: str, detail: str | None, who: str) -> None:
        one = data.draw(st.sampled_from(self.given))
        said: dict[str, Any] = {"donor": name, "detail": detail, "reason": "Sai dấu", "person_id": self.persons[who]}
        due = None if one.names else "donor_not_kept"
        if who == "a stranger":
            due = "person_not_found"
        if name not in NAMES:
            due = "text_refused"
        asked = (self.ledger.book, one.contribution_id)
        assert self.refused(lambda conn: correct_donor(conn, *asked, actor=ACTOR, **said)) == due
        if due is None:
            one.names.append((name, (detail or "").strip() or None))
            one.person_id = self.persons[who]

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.given))
        due = "already_reversed" if one.is_reversed else None
        told: dict[str, Any] = {"on": MARCH, "reason": "Ghi nhầm", "actor": ACTOR}
        assert self.refused(lambda conn: reverse_entry(conn, self.ledger.book, one.entry_id, **told)) == due
        for each in self.given:
            each.is_reversed |= each.entry_id == one.entry_id

    @invariant()
    def every_gift_has_its_last_name_and_its_amount(self) -> None:
        with self.ledger.transaction() as conn:
            for one in self.given:
                found = contribution_by_id(conn, self.ledger.book, one.contribution_id)
                name, detail = one.names[-1] if one.names else (None, None)
                assert (found.name, found.detail, found.person_id) == (name, detail, one.person_id)
                assert found.amount_minor == one.amount_minor
                facts = receipt_facts(conn, self.ledger.book.tenant_id, one.contribution_id)
                assert (facts.corrected_at is not None) == (len(one.names) > 1)

    @invariant()
    def each_is_found_by_the_name_it_has_now(self) -> None:
        with self.ledger.transaction() as conn:
            for name in NAMES:
                page = search_contributions(conn, self.ledger.book, Search(name=name))
                has = {each.contribution_id for each in self.given if each.names and each.names[-1][0] in _alike(name)}
                assert {row.contribution_id for row in page.rows} == has

    @invariant()
    def the_givers_file_opens_what_was_sealed_then_and_the_last_name(self) -> None:
        with self.ledger.transaction() as conn:
            for one in self.given[-2:]:
                opened = receipt_openings(conn, self.ledger.book.tenant_id, one.contribution_id)
                sealed = {f"{one.amount_minor} VND", *(_sealed(*named) for named in one.names[:1])}
                assert {each.value for each in opened.gift} == sealed
                assert [each.value for each in opened.correction] == [_sealed(*named) for named in one.names[1:][-1:]]

    @invariant()
    def no_sum_moves(self) -> None:
        held = """\
            SELECT coalesce(-sum(value_minor), 0) FROM soquy.posting WHERE book_id = :book_id AND account = '35381'"""
        listed = "SELECT count(*), coalesce(sum(amount_minor), 0) FROM soquy.contribution WHERE book_id = :book_id"
        book = {"book_id": self.ledger.book.book_id}
        with self.ledger.transaction() as conn:
            held_minor = conn.execute(sa.text(held), book).scalar_one()
            count, total_minor = conn.execute(sa.text(listed), book).one()
        assert held_minor == sum(each.amount_minor for each in self.given if not each.is_reversed)
        assert (count, total_minor) == (len(self.given), sum(each.amount_minor for each in self.given))


def _alike(name: str) -> tuple[str, ...]:
    """Return the names that are the same without their marks."""
    return NAMES[:2] if name in NAMES[:2] else (name,)


def _sealed(name: str, detail: str | None) -> str:
    return name if detail is None else f"{name}\n{detail}"


def test_names_are_put_right_and_sums_stay(committed_engine: sa.Engine, database_server: DatabaseServer) -> None:
    run_state_machine_as_test(
        type("Machine", (PuttingRight,), {"engine": committed_engine}),
        settings=settings(
            max_examples=15,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    name = committed_engine.url.database
    assert name is not None
    admin = with_vault(sa.create_engine(driver_url(database_server.url(name)), poolclass=sa.NullPool))
    with admin.connect() as conn:
        assert list(check(conn)) == []
    admin.dispose()
