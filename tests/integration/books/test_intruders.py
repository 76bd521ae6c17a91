"""Cleverer attacks: functions and tables of one's own, statements inside statements, and a superuser's replica mode."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import Ledger, receipt
from tests.integration.books.plain_sql import (
    MARCH,
    MAY,
    TABLES,
    Scene,
    attempt,
    insert_statement,
    line_row,
    make_scene,
    refusal,
)
from tests.integration.books.test_access import EVIDENCE
from tests.waiting import until_waiting_for_a_lock

SHADOWS = [
    "CREATE TEMP TABLE book_head AS SELECT * FROM soquy.book_head",
    "CREATE TEMP TABLE account AS SELECT * FROM soquy.account",
    "CREATE TEMP TABLE day_total AS SELECT * FROM soquy.day_total",
    "CREATE TEMP TABLE added AS SELECT * FROM soquy.entry",
    "CREATE TEMP TABLE delta AS SELECT * FROM soquy.posting",
    "CREATE FUNCTION pg_temp.today() RETURNS date LANGUAGE sql AS 'SELECT date ''2999-01-01'''",
    "CREATE FUNCTION pg_temp.current_tenant() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.refuse(text, text, jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS 'SELECT'",
    "CREATE FUNCTION pg_temp.less(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
    "CREATE OPERATOR pg_temp.< (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.less)",
    "SET LOCAL search_path = pg_temp, soquy, pg_catalog",
]


def test_temporary_objects_shadow_nothing(scene: Scene) -> None:
    """Tables, functions and operators in pg_temp, first on the search path, do not reach the owner's functions."""
    for shadow in SHADOWS:
        scene.conn.execute(sa.text(shadow))
    assert refusal(scene.conn, scene.payment(1_001)) == "day_total_overdraft_rule"
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011 - two days on is the future in every time zone
    assert refusal(scene.conn, scene.attempt(on=tomorrow, number=1)) in {
        "voucher_number_gapless_rule",
        "entry_on_future_rule",
    }
    scene.attempt().insert(scene.conn)
    real = scene.conn.execute(sa.text("SELECT last_seq FROM soquy.book_head WHERE book_id = :book_id"), scene.keys)
    assert real.scalar_one() == 2


INSIDE_OUT = f"""\
CREATE FUNCTION pg_temp.slip_in(rows jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    {insert_statement("posting").replace("CAST(:posting AS jsonb)", "rows -> 'posting'")};
    PERFORM pg_advisory_xact_lock(42);
    PERFORM soquy.take_book((rows #>> '{{entry,0,tenant_id}}')::integer, (rows #>> '{{entry,0,book_id}}')::bigint);
    {insert_statement("voucher").replace("CAST(:voucher AS jsonb)", "rows -> 'voucher'")};
    {insert_statement("audit_entry").replace("CAST(:audit_entry AS jsonb)", "rows -> 'audit_entry'")};
    RETURN false;
END $$"""
"""Called by the statement that inserts the entry, after the entry's row and before its checks: postings first, so that
their balances are read before the book is taken."""


def test_postings_are_not_slipped_in_before_the_book_is_taken(committed_ledger: Ledger) -> None:
    """A statement inside the entry's own statement cannot read balances that another payment is about to change."""
    book, engine = committed_ledger.book, committed_ledger.engine
    committed_ledger.post(receipt(100, MARCH))
    paid = (line_row("1111", -100), line_row("35381", 100))
    first = attempt(book, seq=2, on=MARCH, number=1, voucher_kind="PC", lines=paid)
    second = attempt(book, seq=3, on=MAY, number=2, voucher_kind="PC", lines=paid)
    rows = {table: getattr(second, table) for table in TABLES}
    entry = insert_statement("entry") + (
        " UNION ALL SELECT e.* FROM (SELECT " + _columns() + ") AS e WHERE pg_temp.slip_in(CAST(:rows AS jsonb))"
    )

    def slip_in() -> None:
        with engine.connect() as conn, conn.begin():
            set_tenant(conn, book.tenant_id)
            conn.execute(sa.text(INSIDE_OUT.replace(":", r"\:")))
            conn.execute(
                sa.text(entry), {"entry": json.dumps(rows["entry"], default=str), "rows": json.dumps(rows, default=str)}
            )

    with engine.connect() as gate, gate.begin(), ThreadPoolExecutor(1) as pool:
        gate.execute(sa.text("SELECT pg_advisory_xact_lock(42)"))
        attack = pool.submit(slip_in)
        until_waiting_for_a_lock(engine, attack)
        with committed_ledger.transaction() as conn:
            conn.execute(
                sa.text("SELECT soquy.take_book(:tenant_id, :book_id)"),
                {"tenant_id": book.tenant_id, "book_id": book.book_id},
            )
            if not attack.done():
                first.insert(conn)
        gate.commit()
        refused = attack.exception(timeout=60)
    with committed_ledger.transaction() as conn:
        left = conn.execute(sa.text("SELECT sum(value_minor) FROM soquy.posting WHERE account = '1111'")).scalar_one()
    assert left >= 0, "one of the two payments took money that was not there"
    assert isinstance(refused, sa.exc.DBAPIError)
    assert isinstance(refused.orig, psycopg.errors.IntegrityError)
    assert refused.orig.diag.constraint_name in {"book_taken", "posting_seq_gapless_rule", "entry_seq_gapless_rule"}


def _columns() -> str:
    """Return a row of nothing with the types of an entry's columns."""
    types = "integer bigint bigint uuid text date smallint text smallint integer text numeric text bigint uuid"
    return ", ".join(f"CAST(NULL AS {name})" for name in types.split())


UNTAKEN = {
    "an entry": ("whole", "entry_seq_gapless_rule"),
    "a voucher": ("voucher", "voucher_number_gapless_rule"),
}


@pytest.mark.parametrize(("what", "rule"), UNTAKEN.values(), ids=UNTAKEN.keys())
def test_a_book_that_was_not_taken_takes_nothing(committed_ledger: Ledger, what: str, rule: str) -> None:
    """Who changes a book orders itself behind the others first; what was taken before and rolled back is not taken."""
    right = attempt(committed_ledger.book, seq=1, on=MAY, number=1)
    if what == "voucher":
        right.entry, right.posting, right.audit_entry = [], [], []
    keys = {"tenant_id": committed_ledger.book.tenant_id, "book_id": committed_ledger.book.book_id}
    with committed_ledger.transaction() as conn:
        assert refusal(conn, right) in {rule, "voucher_number_gapless_rule", "book_taken", "posting_seq_gapless_rule"}
        savepoint = conn.begin_nested()
        conn.execute(sa.text("SELECT soquy.take_book(:tenant_id, :book_id)"), keys)
        savepoint.rollback()
        assert refusal(conn, right) in {rule, "voucher_number_gapless_rule", "book_taken", "posting_seq_gapless_rule"}


@pytest.fixture(params=["origin", "replica"])
def superuser(
    request: pytest.FixtureRequest, shared_database: str, database_server: DatabaseServer
) -> Iterator[sa.Connection]:
    """A superuser's connection on a book with an entry, as an ordinary session and as a replica's; rolled back."""
    engine = with_vault(sa.create_engine(driver_url(database_server.url(shared_database))))
    with engine.connect() as conn:
        transaction = conn.begin()
        conn.execute(sa.text("SET LOCAL ROLE soquy_app"))
        made = make_scene(conn)
        conn.execute(sa.text("RESET ROLE"))
        conn.execute(sa.text("SELECT set_config('session_replication_role', :mode, true)"), {"mode": request.param})
        conn.info["scene"] = made
        yield conn
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize(
    "change", ["UPDATE soquy.{} SET tenant_id = tenant_id", "DELETE FROM soquy.{}", "TRUNCATE soquy.{} CASCADE"]
)
@pytest.mark.parametrize("table", ["entry", "posting", "posting_2024", "posting_2015", "voucher", "audit_entry"])
def test_not_even_a_superuser_changes_evidence_by_mistake(superuser: sa.Connection, table: str, change: str) -> None:
    """Rows of the journal, the vouchers and the log are refused to everyone, under replica mode as well."""
    if table == "posting_2015" and "TRUNCATE" not in change:
        pytest.skip("an empty partition has no rows to refuse")
    assert refusal(superuser, change.format(table)) == "append_only"


@pytest.mark.parametrize("table", EVIDENCE)
def test_every_evidence_table_refuses_truncation(superuser: sa.Connection, table: str) -> None:
    """TRUNCATE is refused on every one of them, empty or not."""
    assert refusal(superuser, f"TRUNCATE soquy.{table} CASCADE") == "append_only"


def test_a_replica_writes_no_wrong_entry(superuser: sa.Connection) -> None:
    """The checks of the journal run in replica mode too."""
    scene: Scene = superuser.info["scene"]
    wrong = scene.attempt()
    wrong.posting[0]["value_minor"] = wrong.posting[0]["amount_minor"] = 499
    assert refusal(superuser, wrong) == "posting_balance_rule"
    assert refusal(superuser, scene.payment(1_001)) == "day_total_overdraft_rule"


def test_a_year_is_added_with_its_guards(superuser: sa.Connection) -> None:
    """A partition made later refuses changes like the first ones, and nobody but the owner can reach it."""
    made = sa.text("SELECT soquy.make_posting_partition(2999), soquy.make_posting_partition(2999)")
    assert tuple(superuser.execute(made).one()) == (True, False)
    assert refusal(superuser, "TRUNCATE soquy.posting_2999") == "append_only"
    enabled = superuser.execute(
        sa.text("""\
        SELECT array_agg(DISTINCT tgenabled::text) FROM pg_trigger
        WHERE tgrelid = 'soquy.posting_2999'::regclass AND NOT tgisinternal""")
    )
    assert enabled.scalar_one() == ["A"]
    guarded = superuser.execute(
        sa.text("""\
        SELECT relrowsecurity, has_table_privilege('soquy_app', oid, 'SELECT, INSERT, UPDATE, DELETE')
        FROM pg_class WHERE oid = 'soquy.posting_2999'::regclass""")
    )
    assert tuple(guarded.one()) == (True, False)
    for year in (1995, 3000):
        assert refusal(superuser, f"SELECT soquy.make_posting_partition({year})") == "posting_partition_year_rule"
