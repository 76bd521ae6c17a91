"""Whatever is asked of a book, in whatever order, it answers as a bookkeeper with a good memory would."""

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
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

from ledger.books import chart, commands
from ledger.books.model import EntryDraft, PostedBatch, Request, VoucherNumber
from ledger.books.posting import post, preview
from ledger.calendar import month_end, today
from ledger.errors import FieldRefused, IdempotencyConflict, LedgerError, MonthNotLockable, PostingRefused
from tests import strategies
from tests.consent import consented
from tests.factories import ACTOR, BALANCE_ACCOUNTS, OPENED_ON, Ledger, make_ledger, request, with_line
from tests.property.bookkeeper import Bookkeeper

EXAMPLES = int(os.environ.get("SOQUY_TEST_LONG", "0")) or 30
STEPS = 25

PROJECTIONS = {
    "day_total": """\
        SELECT account, fund, entry_on, sum(sum(greatest(value_minor, 0))) OVER key_days,
            - sum(sum(least(value_minor, 0))) OVER key_days, 0, sum(sum(value_minor)) OVER key_days
        FROM soquy.posting WHERE book_id = :book_id GROUP BY account, fund, entry_on
        WINDOW key_days AS (PARTITION BY account, fund ORDER BY entry_on)""",
    "balance_key": "SELECT DISTINCT account, fund FROM soquy.posting WHERE book_id = :book_id",
    "month_total": """\
        SELECT date_trunc('month', entry_on)::date, account, fund, coalesce(channel, ''), coalesce(campaign, ''),
            coalesce(program, ''), sum(greatest(value_minor, 0)), - sum(least(value_minor, 0)),
            sum(coalesce(quantity, 0))
        FROM soquy.posting JOIN soquy.account USING (tenant_id, book_id, account)
        WHERE book_id = :book_id AND role = 'fund' GROUP BY 1, 2, 3, 4, 5, 6""",
}
COLUMNS = {
    "day_total": "account, fund, total_on, debit_to_date_minor, credit_to_date_minor, foreign_to_date_minor,"
    " balance_minor",
    "balance_key": "account, fund",
    "month_total": "month_on, account, fund, channel, campaign, program, debit_minor, credit_minor, quantity",
}


UNASKED = {"consent_missing"}
"""What every payment and adjustment is refused for besides, where it is refused before anybody is asked."""


class BooksMachine(RuleBasedStateMachine):
    """Give the same commands to a book and to a bookkeeper, and compare."""

    engine: sa.Engine

    @initialize()
    def found(self) -> None:
        self.ledger: Ledger = make_ledger(self.engine)
        self.keys = itertools.count()
        self.asked: dict[str, tuple[Request, Sequence[EntryDraft], PostedBatch]] = {}
        book = self.ledger.book
        late = {"opened_on": strategies.LATE_FUND_OPENED_ON, "actor": ACTOR}
        opened = {"name_vi": "Tên", "opened_on": OPENED_ON, "actor": ACTOR}
        with self.ledger.transaction() as conn:
            chart.open_fund(conn, book, fund=strategies.LATE_FUND, kind="general", name_vi="Quỹ muộn", **late)  # type: ignore[arg-type]
            chart.open_campaign(conn, book, campaign=strategies.CAMPAIGN, **opened)  # type: ignore[arg-type]
            chart.open_program(conn, book, program=strategies.PROGRAM, unit="award", **opened)  # type: ignore[arg-type]
        funds = {fund: (account, OPENED_ON) for fund, account in BALANCE_ACCOUNTS.items()}
        funds[strategies.LATE_FUND] = ("35381", strategies.LATE_FUND_OPENED_ON)
        self.model = Bookkeeper(opened_on=OPENED_ON, today=today(), funds=funds)

    def refused(self, command: Callable[[sa.Connection], object]) -> set[str]:
        """Run a command that should be refused; return the codes of the refusal."""
        with pytest.raises(LedgerError) as caught, self.ledger.transaction() as conn:
            command(conn)
        error = caught.value
        return {fault.code for fault in error.faults} if isinstance(error, PostingRefused) else {error.code}

    def try_posting(self, drafts: Sequence[EntryDraft], *, keyed: bool = False) -> None:
        """Post, and see that book and bookkeeper agree, in the result or in the refusal."""
        asked = request(f"key-{next(self.keys)}") if keyed else None
        expected = self.model.refusals(drafts)
        if expected:
            assert self.refused(lambda conn: self._post(conn, drafts, expected, asked)) - UNASKED == expected - UNASKED
            return
        posted = self.ledger.post(*drafts, request=asked)
        assert [(entry.seq, entry.voucher) for entry in posted.entries] == self.model.write(drafts)
        if asked is not None:
            self.asked[asked.key] = (asked, drafts, posted)

    def _post(
        self, conn: sa.Connection, drafts: Sequence[EntryDraft], expected: set[str], asked: Request | None
    ) -> PostedBatch:
        """Post what is refused; consent comes first where an overdraft alone is wrong, which is found after it."""
        ready = consented(conn, self.ledger.book, drafts, actor=ACTOR) if expected == {"overdraft"} else drafts
        return post(conn, self.ledger.book, ready, actor=ACTOR, request=asked)

    @rule(drafts=st.lists(strategies.right_drafts(), min_size=1, max_size=4), keyed=st.booleans())
    def post_entries(self, drafts: list[EntryDraft], keyed: bool) -> None:
        self.try_posting(drafts, keyed=keyed)

    @rule(draft=strategies.right_drafts(), index=st.integers(0, 1), wrong=strategies.wrong_lines)
    def post_a_wrong_line(self, draft: EntryDraft, index: int, wrong: dict[str, object]) -> None:
        self.try_posting([with_line(draft, index, **wrong)])

    @rule(draft=strategies.right_drafts(on=strategies.wrong_days))
    def post_on_a_wrong_day(self, draft: EntryDraft) -> None:
        self.try_posting([draft])

    @rule(drafts=st.lists(strategies.right_drafts(), min_size=1, max_size=3))
    def preview_entries(self, drafts: list[EntryDraft]) -> None:
        expected = self.model.refusals(drafts)
        if expected:
            refused = self.refused(lambda conn: self._preview(conn, drafts, expected))
            assert refused - UNASKED == expected - UNASKED
            return
        with self.ledger.transaction() as conn, conn.begin_nested() as savepoint:
            previewed = self._preview(conn, drafts, {"overdraft"})
            savepoint.rollback()
        assert previewed.first_seq == len(self.model.entries) + 1

    def _preview(self, conn: sa.Connection, drafts: Sequence[EntryDraft], expected: set[str]) -> PostedBatch:
        ready = consented(conn, self.ledger.book, drafts, actor=ACTOR) if expected == {"overdraft"} else drafts
        return preview(conn, self.ledger.book, ready, actor=ACTOR)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), other=st.booleans())
    def ask_again(self, data: st.DataObject, other: bool) -> None:
        asked, drafts, posted = self.asked[data.draw(st.sampled_from(sorted(self.asked)))]
        if other:
            again = request(asked.key, 1)
            refused = self.refused(lambda conn: post(conn, self.ledger.book, drafts, actor=ACTOR, request=again))
            assert refused == {IdempotencyConflict.code}
        else:
            with self.ledger.transaction() as conn:
                repeated = post(conn, self.ledger.book, drafts, actor=ACTOR, request=asked)
            assert repeated == replace(posted, repeated=True)

    @rule(kind=st.sampled_from(("PT", "PC", "KT")), on=strategies.days)
    def issue(self, kind: str, on: date) -> None:
        locked_through = self.model.locked_through
        if locked_through is not None and on <= locked_through:
            with self.ledger.transaction() as conn, pytest.raises(FieldRefused):
                commands.issue_voucher(conn, self.ledger.book, kind, issued_on=on, actor=ACTOR)
            return
        with self.ledger.transaction() as conn:
            issued = commands.issue_voucher(conn, self.ledger.book, kind, issued_on=on, actor=ACTOR)
        assert issued == self.model.issue(kind, on)

    @precondition(lambda self: self.model.papers)
    @rule(data=st.data(), draft=strategies.right_drafts(), beyond=st.integers(0, 9))
    def execute(self, data: st.DataObject, draft: EntryDraft, beyond: int) -> None:
        voucher = data.draw(st.sampled_from(sorted(self.model.papers, key=str)))
        if beyond == 0:
            voucher = self.model.next_number(voucher.kind, voucher.fiscal_year)
        if voucher.kind != "DC":
            self.try_posting([replace(draft, voucher=voucher)])

    @precondition(lambda self: self.model.papers)
    @rule(data=st.data(), beyond=st.integers(0, 9))
    def void(self, data: st.DataObject, beyond: int) -> None:
        voucher = data.draw(st.sampled_from(sorted(self.model.papers, key=str)))
        if beyond == 0:
            voucher = self.model.next_number(voucher.kind, voucher.fiscal_year)
        paper = self.model.papers.get(voucher)
        expected = (
            "voucher_not_found" if paper is None
            else "voucher_executed" if paper.executed_by is not None
            else "voucher_void" if paper.is_void
            else None
        )  # fmt: skip

        def command(conn: sa.Connection) -> None:
            commands.void_voucher(conn, self.ledger.book, voucher, reason="Viết sai", actor=ACTOR)

        if expected is None:
            assert paper is not None
            with self.ledger.transaction() as conn:
                command(conn)
            paper.is_void = True
        else:
            assert self.refused(command) == {expected}

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), on=strategies.days)
    def reverse(self, data: st.DataObject, on: date) -> None:
        seq = data.draw(st.integers(1, len(self.model.entries)))
        original = self.model.entries[seq - 1]
        mirror = tuple(
            replace(line, value_minor=-line.value_minor, quantity=line.quantity and -line.quantity)
            for line in original.draft.lines
        )
        draft = EntryDraft(entry_on=on, voucher="DC", kind="reversal", corrects_seq=seq, lines=mirror)
        expected = self.model.refusals([draft])
        # What the command asks before posting is refused first, and alone.
        expected = next(
            ({code} for code in ("reversal_not_reversible", "already_reversed") if code in expected), expected
        )
        with self.ledger.transaction() as conn:
            entry_id = conn.execute(
                sa.text("SELECT entry_id FROM soquy.entry WHERE book_id = :book_id AND seq = :seq"),
                {"book_id": self.ledger.book.book_id, "seq": seq},
            ).scalar_one()

        def command(conn: sa.Connection) -> object:
            return commands.reverse_entry(conn, self.ledger.book, entry_id, on=on, reason="Ghi nhầm", actor=ACTOR)

        if expected:
            assert self.refused(command) == expected
            return
        with self.ledger.transaction() as conn:
            command(conn)
        self.model.write([draft])

    @rule(draft=strategies.right_drafts(), seq=st.integers(1, 12))
    def adjust(self, draft: EntryDraft, seq: int) -> None:
        self.try_posting([replace(draft, kind="adjustment", voucher="DC", corrects_seq=seq)])

    @rule(through=st.sampled_from((date(2023, 12, 1), date(2024, 1, 5), date(2024, 2, 1), date(2024, 12, 31), today())))
    def lock(self, through: date) -> None:
        last_day = month_end(through)
        locked = self.model.locked_through
        if last_day >= today() or last_day < OPENED_ON or (locked is not None and last_day <= locked):
            refused = self.refused(
                lambda conn: commands.lock_months(conn, self.ledger.book, through=through, actor=ACTOR)
            )
            assert refused == {MonthNotLockable.code}
            return
        with self.ledger.transaction() as conn:
            assert commands.lock_months(conn, self.ledger.book, through=through, actor=ACTOR) == last_day
        self.model.locked_through = last_day

    @invariant()
    def totals_are_what_the_postings_add_up_to(self) -> None:
        with self.ledger.transaction() as conn:
            for table, recomputed in PROJECTIONS.items():
                kept = f"SELECT {COLUMNS[table]} FROM soquy.{table} WHERE book_id = :book_id"
                difference = f"(({kept}) EXCEPT ({recomputed})) UNION ALL (({recomputed}) EXCEPT ({kept}))"
                rows = conn.execute(sa.text(difference), {"book_id": self.ledger.book.book_id}).all()
                assert rows == [], f"{table} differs from the postings"

    @invariant()
    def book_and_bookkeeper_agree(self) -> None:
        parameters = {"book_id": self.ledger.book.book_id}
        with self.ledger.transaction() as conn:
            totals = conn.execute(
                sa.text("SELECT account, fund, total_on, balance_minor FROM soquy.day_total WHERE book_id = :book_id"),
                parameters,
            )
            assert {(row.account, row.fund, row.total_on): row.balance_minor for row in totals} == self.model.balances()
            head = conn.execute(
                sa.text("""\
                    SELECT last_seq, locked_through,
                        (SELECT count(*) FROM soquy.entry AS e WHERE e.book_id = h.book_id),
                        (SELECT count(*) FROM soquy.audit_entry AS a WHERE a.book_id = h.book_id AND type = 'entry')
                    FROM soquy.book_head AS h WHERE book_id = :book_id"""),
                parameters,
            ).one()
            size = len(self.model.entries)
            assert tuple(head) == (size, self.model.locked_through, size, size)
            issued = conn.execute(
                sa.text("SELECT voucher_kind, fiscal_year, number FROM soquy.voucher WHERE book_id = :book_id"),
                parameters,
            )
            assert {VoucherNumber(kind=kind, fiscal_year=year, number=number) for kind, year, number in issued} == set(
                self.model.papers
            )


def test_a_book_does_what_a_bookkeeper_would(committed_engine: sa.Engine) -> None:
    """Balances, numbers and refusals agree after every one of many random commands."""
    machine = type("Machine", (BooksMachine,), {"engine": committed_engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
