"""As known at K: the answers that were given when the log had K leaves, years later."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ledger.reports
from ledger import typeid
from ledger.errors import EntryNotFound
from ledger.reports.balance import balances
from ledger.reports.cash_book import cash_book
from ledger.reports.entry import entry_by_id
from ledger.reports.fund_statement import fund_statement
from ledger.reports.general_ledger import general_ledger, ledger_summary
from ledger.reports.journal import journal, journal_months
from ledger.reports.known import NOW, Known, KnownRefused, LogTooShort, known_at
from ledger.reports.overview import overview
from ledger.reports.period import Period
from ledger.reports.published import LogUnpublished, trial_balance_lines
from ledger.reports.restatement import known_pair, restated_accounts
from ledger.reports.trial_balance import TrialBalance, trial_balance
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.chronicle import answers, begin_chronicle, some_entry
from tests.database import DatabaseServer, with_vault
from tests.factories import make_book, receipt
from tests.province import YEAR, found_book


@pytest.fixture(scope="module")
def owner_engine(shared_database: str, database_server: DatabaseServer) -> Iterator[sa.Engine]:
    """An engine of the superuser, who may work as any role."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database))))
    yield engine
    engine.dispose()


# A smaller year would take minutes to find, and tell no more.
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate]
)
@given(seed=st.integers(0, 2**32), steps=st.integers(2, 5))
def test_every_report_gives_again_what_it_gave_at_that_size(*, owner_engine: sa.Engine, seed: int, steps: int) -> None:
    chance = random.Random(seed)
    with begin_chronicle(owner_engine) as chronicle:
        recorded = {0: answers(chronicle, known_at(chronicle.conn, 0))}
        for _ in range(steps):
            for _ in range(chance.randrange(1, 6)):
                drafts = [some_entry(chance) for _ in range(chance.randrange(1, 5))]
                chronicle.post(chance.choice(chronicle.books), *drafts)
                if chronicle.entries and chance.random() < 0.4:
                    chronicle.reverse(chance.randrange(1000), date(2023, chance.randrange(6, 13), 15))
            size = chronicle.number(chance.choice([3, 100_000]))
            recorded[size] = answers(chronicle, known_at(chronicle.conn, size))
            if chronicle.is_all_numbered():
                assert recorded[size] == answers(chronicle), "all that is committed is known"
        chronicle.number()
        for size, told in recorded.items():
            again = answers(chronicle, known_at(chronicle.conn, size))
            assert {name: again[name] for name in told} == told
            assert again.keys() == told.keys()
        scope = chronicle.scope()
        for earlier, later in pairwise(sorted(recorded)):
            before, after = known_pair(chronicle.conn, earlier, later)
            was, became = (net(trial_balance(chronicle.conn, scope, YEAR, known=known)) for known in (before, after))
            for each in restated_accounts(chronicle.conn, scope, YEAR, before=before, after=after):
                difference = (each.difference.debit_minor, each.difference.credit_minor, each.difference.closing_minor)
                old = was.pop(each.account, (0, 0, 0))
                assert became.pop(each.account, (0, 0, 0)) == tuple(map(sum, zip(old, difference, strict=True)))
            assert was == became, "what is not told apart did not change"


def net(found: TrialBalance) -> dict[str, tuple[int, int, int]]:
    """Return debit, credit and closing of every account."""
    return {
        row.account: (row.debit_minor, row.credit_minor, row.closing_debit_minor - row.closing_credit_minor)
        for row in found.rows
    }


def test_a_reversal_learnt_later_does_not_mark_the_entry_before(owner_engine: sa.Engine) -> None:
    with begin_chronicle(owner_engine) as chronicle:
        book = chronicle.books[0]
        before = chronicle.number()
        chronicle.post(book, receipt(5_000, date(2023, 3, 1)))
        (_, entry_id), conn = chronicle.entries[-1], chronicle.conn
        posted = chronicle.number()
        chronicle.reverse(-1, date(2023, 4, 1))
        reversed_ = chronicle.number()
        asked = {"tenant_id": chronicle.tenant_id, "entry_id": entry_id}
        assert len(entry_by_id(conn, **asked).corrected_by) == 1
        assert len(entry_by_id(conn, **asked, known=known_at(conn, reversed_)).corrected_by) == 1
        assert entry_by_id(conn, **asked, known=known_at(conn, posted)).corrected_by == ()
        with pytest.raises(EntryNotFound):
            entry_by_id(conn, **asked, known=known_at(conn, before))


def test_a_size_the_log_has_not_reached_is_refused(owner_engine: sa.Engine) -> None:
    with begin_chronicle(owner_engine) as chronicle:
        size = chronicle.number()
        assert known_at(chronicle.conn, None) == NOW
        assert known_at(chronicle.conn, size).at == size
        with pytest.raises(LogTooShort) as refused:
            known_at(chronicle.conn, size + 1)
        assert refused.value.fields == {"known_at": size + 1, "size": size}
        with pytest.raises(KnownRefused):
            known_at(chronicle.conn, -1)


def test_no_report_reads_the_journal_past_what_is_known() -> None:
    """A report that read a table itself would show today's rows in an older answer."""
    allowed = {
        "campaign.py": {"entry", "month_total", "posting"},  # of today alone; it takes no size of the log
        "known.py": {"posting", "balance_key", "day_total", "month_total"},
        "scope.py": {"balance_key", "day_total"},
        "entry.py": {"entry"},  # found by its id; whether it was known is asked right after
        "restatement.py": {"entry"},  # found by leaves below the later size
    }
    for path in sorted(Path(ledger.reports.__path__[0]).glob("*.py")):
        read = set(
            re.findall(r"soquy\.(entry|posting|balance_key|day_total|month_total|voucher_void)\b", path.read_text())
        )
        assert read <= allowed.get(path.name, set()), path.name


JOURNAL_ROWS_READ = sa.text("""\
SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0)
FROM pg_class AS c
WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind IN ('r', 'i')
    AND (c.relname LIKE 'posting%' OR c.relname LIKE 'entry%')""")


@pytest.mark.embedded  # how rows are read is PostgreSQL's own choice, and counted as the newest tells it
def test_an_older_size_reads_what_came_since_and_no_more(owner_engine: sa.Engine) -> None:
    """Two thousand entries before and three since: the three are read, whichever report is asked."""
    with begin_chronicle(owner_engine, book_count=2) as chronicle:
        conn, (root, commune) = chronicle.conn, chronicle.books
        for month in range(1, 11):
            chronicle.post(commune, *[receipt(1_000, date(2023, month, 1 + day % 28)) for day in range(200)])
        chronicle.post(root, receipt(1_000, date(2023, 5, 5)))
        size = chronicle.number()
        chronicle.post(commune, *[receipt(500, date(2023, month, 7)) for month in (2, 5, 9)])
        chronicle.number()
        with chronicle.acting_as("NONE"):
            conn.exec_driver_sql("ANALYZE soquy.posting, soquy.entry, soquy.day_total, soquy.log_leaf, soquy.book")
        known, year = known_at(conn, size), Period.of_year(2023)
        asked: dict[str, Callable[[Known], object]] = {
            "trial balance": lambda known: trial_balance(conn, chronicle.scope(), year, known=known),
            "trial balance of one": lambda known: trial_balance(conn, chronicle.scope(commune), year, known=known),
            "fund statement": lambda known: fund_statement(conn, chronicle.scope(), year, known=known),
            "overview": lambda known: overview(conn, chronicle.scope(), year, known=known),
            "balances": lambda known: balances(conn, commune, as_of=year.to_on, known=known),
            "months": lambda known: journal_months(conn, commune, year, known=known),
            "ledger": lambda known: ledger_summary(conn, commune, "111", year, known=known),
            "journal": lambda known: journal(conn, commune, year, page_size=10, known=known),
            "ledger page": lambda known: general_ledger(conn, commune, "1111", year, page_size=10, known=known),
            "cash": lambda known: cash_book(conn, commune, "1111", year, page_size=10, known=known),
        }
        for name, ask in asked.items():
            rows = []
            for which in (NOW, known):
                before = conn.execute(JOURNAL_ROWS_READ).scalar_one()
                assert ask(which)
                rows.append(conn.execute(JOURNAL_ROWS_READ).scalar_one() - before)
            now_rows, known_rows = rows
            assert known_rows <= now_rows + 40, f"{name} reads {known_rows} rows of the journal, {now_rows} for now"


ADDED_UP = sa.text("""\
SELECT book.association_id, p.account, p.fund, sum(greatest(p.value_minor, 0)) AS debit_minor,
    sum(greatest(- p.value_minor, 0)) AS credit_minor
FROM soquy.posting AS p
JOIN soquy.book AS book USING (tenant_id, book_id)
WHERE p.seq <= (SELECT max(l.book_seq) FROM soquy.log_leaf AS l
    WHERE l.tenant_id = p.tenant_id AND l.book_id = p.book_id AND l.leaf_index < :size)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3""")


@pytest.mark.parametrize("role", ["soquy_app", "NONE"])
def test_published_balances_are_those_of_all_books_at_that_size(owner_engine: sa.Engine, role: str) -> None:
    """In the order of associations, whichever tenants they are in, for the service as for an owner's export."""
    chance = random.Random(7)
    with begin_chronicle(owner_engine) as chronicle:
        conn, sizes = chronicle.conn, [0]
        with pytest.raises(LogUnpublished):
            list(trial_balance_lines(conn))
        first_tenant_id = chronicle.tenant_id
        chronicle.books.append(make_book(conn, opened_on=date(2023, 1, 1)))
        set_tenant(conn, first_tenant_id)
        chronicle.books.append(found_book(conn, first_tenant_id, level="commune"))
        for limit in (5, 7, 100_000, 3, 100_000):
            for _ in range(3):
                book = chance.choice(chronicle.books)
                set_tenant(conn, book.tenant_id)
                chronicle.post(book, receipt(chance.randrange(1_000, 9_000), date(2023, chance.randrange(1, 13), 5)))
            sizes.append(chronicle.number(limit))
        chronicle.publish(sizes[-2])
        seen: set[object] = set()
        for size in sizes[:-1]:
            with chronicle.acting_as(role):
                head, *rows, end = trial_balance_lines(conn, size)
            with chronicle.acting_as("NONE"):
                expected = conn.execute(ADDED_UP, {"size": size}).all()
            assert (head["size"], end) == (size, {"end": True, "rows": len(expected)})
            assert [tuple(row.values()) for row in rows] == [
                (typeid.encode(typeid.ASSOCIATION, row.association_id), *row[1:]) for row in expected
            ]
            seen |= {row["association"] for row in rows}
        assert len(seen) == len(chronicle.books)
        with pytest.raises(LogTooShort):
            next(trial_balance_lines(conn, sizes[-1] + 1))
        assert next(trial_balance_lines(conn))["size"] == sizes[-2]
