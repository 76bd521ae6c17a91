"""Several files at once, in any order of uploading, reading, mapping, deciding, posting and taking back.

What one file goes through is in ``test_import_machine.py``; here they have rows in common, are the same file again, are
let go of by a posting that was cancelled, or had their entry reversed by hand. The model knows each refusal's reason.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

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

from api.database import make_engine
from api.job_worker import JobWorker
from api.settings import Settings
from ledger.books.check import check
from ledger.books.commands import reverse_entry
from ledger.errors import FaultsFound, LedgerError
from ledger.intake.commands import decide, discard, hand_over, let_go, read_again, set_facts, take_in
from ledger.intake.mapping import map_list, proposed
from ledger.intake.model import OPEN, Facts
from ledger.intake.queries import intake_by_id, lines, receipt, tally
from ledger.intake.settlement import reverse_file
from ledger.intake.work import post_intake, read_intake
from ledger.jobs.queue import cancel
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, GENERAL, make_ledger
from tests.giving import MARCH
from tests.list_files import HEADER, csv
from tests.property.listed import MENDABLE, File, People

FILES_MAX: Final = 4
LISTED: Final = [("Nguyễn Văn Mẫu", 1_000), ("Trần Thị Thử", 2_000), ("Lê Ví Dụ", 3_000)]

good = st.lists(st.sampled_from(LISTED), min_size=1, max_size=3)
people = st.one_of(good, good, good, good.map(lambda listed: [*listed, ("Phạm Mẫu", "1tr5")]))
ages = st.sampled_from([0, 0, 0, 1])
"""How many versions ago a tab saw the file; most saw it now."""
some_rows = st.sets(st.integers(2, 5), min_size=1, max_size=2)
declared = st.sampled_from(["nothing", "its sum", "1 đ more", "1 đ more, with a reason", "1 đ more by bank"])

POSTED: Final = sa.text("""\
SELECT p.rows[c.line], g.name, c.amount_minor
FROM soquy.intake_posting AS p
JOIN soquy.contribution AS c USING (tenant_id, book_id, seq)
JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
WHERE p.intake_id = :intake_id ORDER BY c.line""")
POSTED_NOW: Final = "SELECT intake_id, seq FROM soquy.intake_posting WHERE intake_id = ANY(:waiting) ORDER BY seq"
LEFT: Final = sa.text("""\
SELECT (SELECT count(*) FROM vault.intake_line WHERE intake_id = :intake_id),
    (SELECT count(*) FROM vault.intake_page WHERE intake_id = :intake_id)""")
HELD: Final = """\
SELECT coalesce(-sum(value_minor), 0) FROM soquy.posting WHERE book_id = :book_id AND account = '35381'"""


class TakingIn(RuleBasedStateMachine):
    """One book and a few files; each step is a transaction of its own."""

    engine: sa.Engine

    @initialize(first=good, second=people, far=st.sampled_from(["mapped", "posting", "posted"]))
    def begin(self, first: People, second: People, far: str) -> None:
        """Begin with two lists that nobody has looked at since they were mapped."""
        self.ledger = make_ledger(self.engine)
        self.worker = JobWorker(self.engine, [read_intake, post_intake], count=1)
        self.files: list[File] = []
        self.clock = 0
        for each in (first, second):
            self.take_in(each, is_meant=True, far=2)
        for one in self.files if far != "mapped" else ():
            self.post(one, 0)
        if far == "posted":
            self.work_off()

    def refused(self, work: Callable[[sa.Connection], Any]) -> set[str]:
        """Do a step; return why it was refused, or nothing."""
        self.clock += 1
        try:
            with self.ledger.transaction() as conn:
                self.done = work(conn)
        except FaultsFound as error:
            return {fault.code for fault in error.faults}
        except LedgerError as error:
            return {error.code}
        return set()

    def ask(self, query: str, **asked: object) -> list[tuple[Any, ...]]:
        with self.ledger.transaction() as conn:
            return [tuple(row) for row in conn.execute(sa.text(query), asked)]

    def step(
        self, one: File, age: int, states: Iterable[str], command: Callable[..., Any], *given: object, **named: Any
    ) -> bool:
        """Do what a tab asks for; see that it is refused when it should be, by its state first and then by its age."""
        due = {"intake_step_refused"} if one.state not in states else {"intake_changed"} if age else set[str]()
        told = {"version": one.version - age, "actor": ACTOR, **named}
        assert self.refused(lambda conn: command(conn, self.ledger.book, one.intake_id, *given, **told)) == due
        return not due

    @precondition(lambda self: len(self.files) < FILES_MAX)
    @rule(people=people, is_meant=st.booleans(), far=st.sampled_from([0, 1, 2, 3, 3]))
    def upload(self, people: People, is_meant: bool, far: int) -> None:
        """Take a list in; most people go on with its columns, with what it has in common, and with posting it."""
        self.take_in(people, is_meant=is_meant, far=far)

    def take_in(self, people: People, *, is_meant: bool, far: int) -> None:
        there = {"uploaded", "read", "mapped", "ready", "posting", "posted"}
        is_again = any(each.people == people and each.state in there for each in self.files)
        data = csv([HEADER, *([place, name, "", amount] for place, (name, amount) in enumerate(people, 1))])
        asked: dict[str, Any] = {"kind": "household", "name": "a.csv", "data": data, "actor": ACTOR}
        asked["again_reason"] = "Đợt hai" if is_meant else None
        due = {"intake_file_again"} if is_again and not is_meant else set()
        assert self.refused(lambda conn: take_in(conn, self.ledger.book, **asked)) == due
        if not due:
            one = File(self.done.intake_id, people, self.done.version)
            self.files.append(one)
            if far:
                self.work_off()
                self.map_columns(one, 0)
            if far > 1:
                self.set_facts(one, 0, "nothing")
            if far == 3:
                self.post(one, 0)

    @rule()
    def work_off(self) -> None:
        """Read what waits to be read, post what waits to be posted; rows that came meanwhile stop a list once."""
        while self.worker.work_one():
            pass
        self.clock += 1
        for one in self.files:
            if one.state == "uploaded":
                one.state, one.version = "read", one.version + 1
        waiting = {each.intake_id: each for each in self.files if each.state == "posting" and not each.is_cancelled}
        before, order = self.clock, self.ask(POSTED_NOW, waiting=list(waiting))
        for one in (waiting.pop(intake_id) for intake_id, _ in order):
            assert not self.came_meanwhile(one)
            self.clock += 1
            one.state, one.version, one.posted_at = "posted", one.version + 1, self.clock
        for one in waiting.values():
            assert self.came_meanwhile(one)
            with self.ledger.transaction() as conn:
                seen_seq = intake_by_id(conn, self.ledger.book, one.intake_id).seen_seq
            one.state, one.version = "ready", one.version + 1
            one.seen_at = before + sum(
                seq <= seen_seq for _, seq in order
            )  # not of what was posted after it was stopped

    def came_meanwhile(self, one: File) -> bool:
        """Tell whether a row of a list was posted since somebody was shown what is like it."""
        ours = {gift[1:] for gift in one.gifts}
        return any(
            each.posted_at > one.seen_at and not each.is_taken_back and ours & {gift[1:] for gift in each.previewed}
            for each in self.files
        )

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages, meant=st.integers(0, 9))
    def read_again(self, data: st.DataObject, age: int, meant: int) -> None:
        if meant:  # most lists are on the first sheet
            return
        one = data.draw(st.sampled_from(self.files))
        if self.step(one, age, OPEN, read_again):
            one.state, one.version = "uploaded", self.done.version
            one.left_out = set()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages)
    def map(self, data: st.DataObject, age: int) -> None:
        self.map_columns(data.draw(st.sampled_from(self.files)), age)

    def map_columns(self, one: File, age: int) -> None:
        with self.ledger.transaction() as conn:
            outline = intake_by_id(conn, self.ledger.book, one.intake_id).outline
        if outline is None:  # its page shows no columns yet
            return
        if self.step(one, age, OPEN, map_list, proposed(outline)):
            one.state, one.version = "mapped", one.version + 1
            one.left_out, one.seen_at = set(), self.clock
            one.refresh()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages, rows=some_rows, is_left_out=st.booleans(), goes_on=st.booleans())
    def decide(self, data: st.DataObject, age: int, rows: set[int], is_left_out: bool, goes_on: bool) -> None:
        before = [each for each in self.files if each.state in MENDABLE]
        one = data.draw(st.sampled_from(before or self.files))
        said = {"rows": sorted(rows), "is_left_out": is_left_out, "reason": "Đã hỏi lại"}
        if self.step(one, age, MENDABLE, decide, **said):
            listed = rows & set(range(2, 2 + len(one.people)))
            after = one.left_out | listed if is_left_out else one.left_out - listed
            assert self.done[1] == len(one.left_out ^ after)
            one.version += after != one.left_out
            one.left_out = after
            one.refresh()
            if goes_on:
                self.post(one, 0)
                self.work_off()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages, declared=declared)
    def say_the_facts(self, data: st.DataObject, age: int, declared: str) -> None:
        self.set_facts(data.draw(st.sampled_from(self.files)), age, declared)

    def set_facts(self, one: File, age: int, declared: str) -> None:
        is_bank, total_minor = declared.endswith("by bank"), one.total_minor if one.state in MENDABLE else 0
        facts = Facts(
            received_on=MARCH,
            medium="bank" if is_bank else "cash",
            account="1121A" if is_bank else "1111",
            fund=GENERAL,
            channel="household",
            declared_minor=None if declared == "nothing" else total_minor + declared.startswith("1 đ"),
            difference_reason="Một phong bì rỗng" if declared.endswith("reason") else None,
        )
        if self.step(one, age, OPEN, set_facts, facts):
            one.facts, one.version = facts, one.version + 1
            one.refresh()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages, goes_on=st.booleans())
    def hand_over(self, data: st.DataObject, age: int, goes_on: bool) -> None:
        ready = [each for each in self.files if each.state == "ready"]
        self.post(data.draw(st.sampled_from(ready if ready and goes_on else self.files)), age)
        if goes_on:
            self.work_off()

    def post(self, one: File, age: int) -> None:
        if one.state in OPEN and not age:
            due = {"intake_not_mapped"} if one.state == "read" else one.in_the_way()
            if due:
                told: dict[str, Any] = {"version": one.version, "actor": ACTOR}
                assert self.refused(lambda conn: hand_over(conn, self.ledger.book, one.intake_id, **told)) == due
                return
            with self.ledger.transaction() as conn:
                shown = lines(conn, self.ledger.book, one.intake_id, shown="gifts")
            one.previewed = [(line.row, line.name, line.amount_minor or 0) for line in shown]
        if self.step(one, age, OPEN, hand_over):
            one.state, one.version, one.is_cancelled = "posting", one.version + 1, False

    @precondition(lambda self: any(each.state == "posting" for each in self.files))
    @rule(data=st.data(), age=ages, is_cancelled=st.booleans())
    def let_go(self, data: st.DataObject, age: int, is_cancelled: bool) -> None:
        one = data.draw(st.sampled_from([each for each in self.files if each.state == "posting"]))
        with self.ledger.transaction() as conn:
            job_id = intake_by_id(conn, self.ledger.book, one.intake_id).job_id
            assert job_id is not None
            if is_cancelled:
                cancel(conn, self.ledger.book, job_id)
                one.is_cancelled = True
        if self.step(one, age, {"posting"} if one.is_cancelled or age else (), let_go):
            one.state, one.version = "ready", one.version + 1

    @precondition(lambda self: self.files)
    @rule(data=st.data(), age=ages, meant=st.integers(0, 9))
    def drop(self, data: st.DataObject, age: int, meant: int) -> None:
        if meant:
            return
        one = data.draw(st.sampled_from(self.files))
        if self.step(one, age, OPEN | {"uploaded"}, discard):
            one.state, one.version = "discarded", one.version + 1

    @precondition(lambda self: self.files)
    @rule(data=st.data(), by_hand=st.booleans(), meant=st.booleans())
    def take_back(self, data: st.DataObject, by_hand: bool, meant: bool) -> None:
        there = [each for each in self.files if each.posted_at]
        one = data.draw(st.sampled_from(there if there and meant else self.files))
        due = {"already_reversed"} if one.is_taken_back else set()
        told: dict[str, Any] = {"on": MARCH, "reason": "Nhập nhầm", "actor": ACTOR}
        book = self.ledger.book
        if by_hand and one.state in {"posted", "reversed"}:
            with self.ledger.transaction() as conn:
                became = receipt(conn, book, one.intake_id)
            assert became is not None
            assert self.refused(lambda conn: reverse_entry(conn, book, became.entry_id, **told)) == due
            one.is_taken_back = True
            return
        if one.state != "posted":
            due = {"intake_step_refused"}
        assert self.refused(lambda conn: reverse_file(conn, book, one.intake_id, **told)) == due
        if not due:
            one.state, one.version, one.is_taken_back = "reversed", one.version + 1, True

    @invariant()
    def every_file_is_what_was_done_to_it(self) -> None:
        """A preview counts what would be posted; what was posted is what it showed, once, and nothing else is kept."""
        with self.ledger.transaction() as conn:
            for one in self.files:
                found = intake_by_id(conn, self.ledger.book, one.intake_id)
                assert (found.state, found.version, found.facts) == (one.state, one.version, one.facts)
                if one.state in MENDABLE:
                    counted = tally(conn, self.ledger.book, one.intake_id)
                    assert (counted.gift_count, counted.total_minor) == (len(one.gifts), one.total_minor)
                    assert counted.left_out_count == len(one.left_out)
                is_posted = one.state in {"posted", "reversed"}
                posted = conn.execute(POSTED, {"intake_id": one.intake_id}).all()
                assert posted == (one.previewed if is_posted else [])
                assert not is_posted or one.previewed == one.gifts
                if is_posted or one.state == "discarded":
                    assert conn.execute(LEFT, {"intake_id": one.intake_id}).one() == (0, 0)

    @invariant()
    def the_fund_holds_what_stands(self) -> None:
        posted = [each for each in self.files if each.state == "posted" and not each.is_taken_back]
        assert self.ask(HELD, book_id=self.ledger.book.book_id) == [(sum(each.total_minor for each in posted),)]


def test_files_with_rows_in_common_become_what_was_shown_in_any_order(
    committed_engine: sa.Engine, database_server: DatabaseServer
) -> None:
    name = committed_engine.url.database
    assert name is not None
    engine = with_vault(make_engine(database_server.app_url(name), Settings(connection_count_max=8)))
    run_state_machine_as_test(
        type("Machine", (TakingIn,), {"engine": engine}),
        settings=settings(
            max_examples=18,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    engine.dispose()
    admin = with_vault(sa.create_engine(driver_url(database_server.url(name)), poolclass=sa.NullPool))
    with admin.connect() as conn:
        assert list(check(conn)) == []
    admin.dispose()
