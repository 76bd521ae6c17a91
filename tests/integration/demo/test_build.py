import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from ledger.access.role import ROLES as ROLE_NAMES
from ledger.associations.commands import found_tenant
from ledger.demo.build import SEED, build
from ledger.demo.collecting import is_whole
from ledger.demo.plan import plan_province
from ledger.demo.provinces import scenario
from ledger.demo.users import approvers_of, sample_users
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url
from tests.database import with_vault
from tests.demo_province import Demo, build_and_die
from tests.factories import make_book

SAMPLE = re.compile(r"\b(Mẫu|mẫu|Thử|Ví Dụ|Sample)\b.*\d")

FROM_POSTINGS = """\
SELECT coalesce(sum(- p.value_minor) FILTER (WHERE p.channel IS NOT NULL), 0) AS received,
    coalesce(sum(p.value_minor) FILTER (WHERE p.program IS NOT NULL), 0) AS used,
    coalesce(sum(p.quantity) FILTER (WHERE pr.unit = 'award'), 0) AS awards,
    coalesce(sum(p.quantity) FILTER (WHERE pr.unit = 'school'), 0) AS schools
FROM soquy.posting AS p LEFT JOIN soquy.program AS pr USING (tenant_id, program)
WHERE p.entry_on BETWEEN '2023-01-01' AND '2023-12-31'"""

FROM_TOTALS = """\
SELECT sum(m.credit_minor - m.debit_minor) FILTER (WHERE m.channel <> '') AS received,
    sum(m.debit_minor - m.credit_minor) FILTER (WHERE m.program <> '') AS used,
    sum(m.quantity) FILTER (WHERE pr.unit = 'award') AS awards,
    sum(m.quantity) FILTER (WHERE pr.unit = 'school') AS schools
FROM soquy.month_total AS m LEFT JOIN soquy.program AS pr USING (tenant_id, program)
WHERE m.month_on BETWEEN '2023-01-01' AND '2023-12-31'"""

JOURNAL = """\
SELECT a.unit_code, e.seq, e.kind, e.entry_on, e.voucher_kind, e.voucher_number, p.line, p.account, p.fund,
    p.value_minor, p.channel, p.campaign, p.program, p.quantity
FROM soquy.posting AS p JOIN soquy.entry AS e USING (tenant_id, book_id, seq) JOIN soquy.book USING (tenant_id, book_id)
JOIN soquy.association AS a USING (tenant_id, association_id)
WHERE e.kind <> 'reversal' AND e.kind <> 'adjustment' AND a.unit_code = ANY (:codes)
ORDER BY a.unit_code, e.seq, p.line"""

GIFTS = """\
SELECT a.unit_code, c.seq, c.line, c.amount_minor, c.wish, g.name, g.detail
FROM soquy.contribution AS c JOIN soquy.book USING (tenant_id, book_id)
JOIN soquy.association AS a USING (tenant_id, association_id)
LEFT JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
WHERE a.unit_code = ANY (:codes)
ORDER BY a.unit_code, c.seq, c.line"""

SUMS = """\
SELECT count(*), count(*) FILTER (WHERE given.amount_minor = credited.amount_minor), sum(given.size)
FROM (
    SELECT tenant_id, book_id, seq, sum(amount_minor) AS amount_minor, count(*) AS size
    FROM soquy.contribution GROUP BY 1, 2, 3
) AS given
JOIN (
    SELECT tenant_id, book_id, seq, - sum(amount_minor) AS amount_minor
    FROM soquy.posting WHERE channel IS NOT NULL GROUP BY 1, 2, 3
) AS credited USING (tenant_id, book_id, seq)"""

RECEIPTS_WITHOUT_GIFTS = """\
SELECT DISTINCT a.unit_code
FROM soquy.entry AS e JOIN soquy.posting AS p USING (tenant_id, book_id, seq) JOIN soquy.book USING (tenant_id, book_id)
JOIN soquy.association AS a USING (tenant_id, association_id)
WHERE p.channel IS NOT NULL AND e.kind = 'ordinary' AND NOT EXISTS (SELECT FROM soquy.contribution AS c
    WHERE c.tenant_id = e.tenant_id AND c.book_id = e.book_id AND c.seq = e.seq)"""

DIFFERING = """\
SELECT c.line_count, c.declared_count, c.declared_minor - sum(g.amount_minor)
FROM soquy.collection AS c JOIN soquy.contribution AS g USING (tenant_id, book_id, seq)
WHERE c.declared_minor IS NOT NULL
GROUP BY c.tenant_id, c.book_id, c.seq, c.line_count, c.declared_count, c.declared_minor
HAVING c.declared_minor <> sum(g.amount_minor)"""

ROLES = """\
SELECT a.unit_code, g.role, u.email, u.name
FROM soquy.role_grant AS g JOIN soquy.association AS a USING (tenant_id, association_id)
JOIN vault.user_profile AS u ON u.tenant_id = 0 AND u.user_id = g.user_id"""


@pytest.mark.parametrize("query", [FROM_POSTINGS, FROM_TOTALS])
def test_the_published_figures_are_in_the_books_to_the_dong(demo: Demo, query: str) -> None:
    with demo.admin.connect() as conn:
        row = conn.execute(sa.text(query)).one()
    assert tuple(map(int, row)) == (64_700_000_000, 24_000_000_000, 55_398, 39)


def test_what_givers_gave_is_what_the_entry_says(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        entries, equal, gifts = conn.execute(sa.text(SUMS)).one()
    assert entries == equal > 500
    assert 15_000 < gifts < 30_000


def test_books_that_are_told_whole_have_no_receipt_without_givers(demo: Demo) -> None:
    plan = plan_province("ha-nam", seed=SEED)
    with demo.admin.connect() as conn:
        untold = {row.unit_code for row in conn.execute(sa.text(RECEIPTS_WITHOUT_GIFTS))}
    whole = {book.unit.code for book in plan.books.values() if is_whole(plan, book.unit)}
    assert len(whole) == 4
    assert untold == {book.unit.code for book in plan.books.values()} - whole


def test_a_difference_from_what_was_declared_was_accepted_where_cash_was_counted(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        assert [tuple(row)[2] for row in conn.execute(sa.text(DIFFERING))] == [50_000] * 3


def test_every_name_in_the_vault_is_obviously_a_sample(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        found = conn.execute(
            sa.text("""\
                SELECT name FROM vault.contributor UNION SELECT detail FROM vault.contributor
                UNION SELECT name FROM vault.user_profile UNION SELECT name FROM vault.block_holder
                UNION SELECT name FROM vault.person
                UNION SELECT line ->> 'donor' FROM vault.draft, jsonb_array_elements(body -> 'lines') AS line
                UNION SELECT line ->> 'detail' FROM vault.draft, jsonb_array_elements(body -> 'lines') AS line""")
        )
        names = {name for name in found.scalars() if name is not None}
    assert len(names) > 2_000
    assert [name for name in names if not SAMPLE.search(name)] == []


def test_somebody_holds_every_role_at_the_province_and_two_people_consent_everywhere(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        roles = {(row.unit_code, row.role): row.email for row in conn.execute(sa.text(ROLES))}
    chosen = scenario("ha-nam", seed=SEED)
    signing_in = sample_users(chosen)
    approving = [user for unit in chosen.units for user in approvers_of(chosen, unit)]
    assert roles == {(user.unit.code, user.role): user.email for user in (*signing_in, *approving)}
    assert {role for code, role in roles if code == "35"} == set(ROLE_NAMES)
    assert len(signing_in) == len(ROLE_NAMES) + 2 * 3
    assert {code for code, role in roles if role == "account_holder"} == {unit.code for unit in chosen.units}


def test_everything_that_was_paid_was_proposed_and_agreed_to_by_two_people(demo: Demo) -> None:
    query = """\
        SELECT count(*), count(u.approval_id), min(d.size), max(d.size)
        FROM soquy.entry AS e
        LEFT JOIN soquy.entry_proposal AS p ON p.tenant_id = e.tenant_id AND p.book_id = e.book_id
            AND p.voucher_kind = e.voucher_kind AND p.fiscal_year = e.fiscal_year AND p.number = e.voucher_number
        LEFT JOIN soquy.approval AS a ON a.tenant_id = p.tenant_id AND a.subject_id = p.proposal_id
        LEFT JOIN soquy.approval_use AS u ON u.tenant_id = a.tenant_id AND u.approval_id = a.approval_id
        LEFT JOIN (SELECT tenant_id, approval_id, count(DISTINCT user_id) AS size FROM soquy.approval_decision
            WHERE is_granted GROUP BY tenant_id, approval_id) AS d ON d.approval_id = a.approval_id
        WHERE e.voucher_kind IN ('PC', 'BN')"""
    with demo.admin.connect() as conn:
        paid, used, fewest, most = conn.execute(sa.text(query)).one()
    assert paid == used > 1_000
    assert (fewest, most) == (2, 2)


def test_there_are_116_associations_of_which_11_are_samples(demo: Demo) -> None:
    assert demo.built.associations == 116
    with demo.admin.connect() as conn:
        found = conn.execute(
            sa.text("SELECT level, count(*), count(*) FILTER (WHERE is_sample) FROM soquy.association GROUP BY 1")
        )
        assert {tuple(row) for row in found} == {("province", 1, 0), ("district", 6, 0), ("commune", 109, 11)}


def test_a_build_that_was_killed_went_on_without_doubling(demo: Demo) -> None:
    plan = plan_province("ha-nam", seed=SEED)
    planned = sum(1 + len(book.movements) + len(book.cash_moves) for book in plan.books.values())
    reversals, adjustments = 6, 2
    assert demo.built.entries == planned + 2 * reversals + adjustments


def test_a_finished_demo_is_recognised_at_once(demo: Demo) -> None:
    begun = time.perf_counter()
    again = build(demo.engine)
    assert time.perf_counter() - begun < 1
    assert not again.is_new
    assert again.entries == demo.built.entries


def test_mistakes_and_voids_are_there(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        counted = conn.execute(sa.text("SELECT kind, count(*) FROM soquy.entry GROUP BY 1"))
        kinds = {row[0]: row[1] for row in counted}
        voids = conn.execute(sa.text("SELECT count(*) FROM soquy.voucher_void")).scalar_one()
    assert (kinds["opening"], kinds["reversal"], kinds["adjustment"], voids) == (116, 6, 2, 4)


def test_every_month_is_locked_and_a_few_are_late(demo: Demo) -> None:
    with demo.admin.connect() as conn:
        found = conn.execute(sa.text("SELECT locked_through::text, count(*) FROM soquy.book_head GROUP BY 1"))
        locked = {row[0]: row[1] for row in found}
    assert set(locked) == {"2023-12-31", "2023-11-30"}
    assert locked["2023-12-31"] > 100


def test_another_build_gives_the_same_books(demo: Demo, app_url: str) -> None:
    engine = with_vault(sa.create_engine(driver_url(app_url)))
    build_and_die(engine, after=9)
    with engine.begin() as conn:
        conn.execute(sa.text("SELECT set_config('soquy.tenant_id', '1', true)"))
        codes = list(conn.execute(sa.text("SELECT unit_code FROM soquy.association")).scalars())
        ours = [conn.execute(sa.text(query), {"codes": codes}).all() for query in (JOURNAL, GIFTS)]
    engine.dispose()
    with demo.admin.connect() as conn:
        theirs = [conn.execute(sa.text(query), {"codes": codes}).all() for query in (JOURNAL, GIFTS)]
    assert len(codes) == 9
    assert ours == theirs


def test_two_builds_at_once_build_it_once(app_url: str) -> None:
    engine = with_vault(sa.create_engine(driver_url(app_url)))
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(build_and_die, engine, after=6) for _ in range(2)]:
            done.result()
    with engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.tenant")).scalar_one() == 2
        conn.execute(sa.text("SELECT set_config('soquy.tenant_id', '1', true)"))
        assert conn.execute(sa.text("SELECT count(*) = count(DISTINCT unit_code) FROM soquy.association")).scalar_one()
    engine.dispose()


def test_a_real_tree_of_the_same_name_is_left_alone(app_url: str) -> None:
    """A demo is built beside a tenant that only happens to be called like it, and found again there."""
    engine = with_vault(sa.create_engine(driver_url(app_url)))
    with engine.begin() as conn:
        set_tenant(conn, DEPLOYMENT)
        real = found_tenant(conn, scenario("ha-nam", seed=SEED).tenant)
        set_tenant(conn, real)
        make_book(conn, tenant_id=real)
    build_and_die(engine, after=1)
    build_and_die(engine, after=2)
    counts = []
    for tenant_id in (real, real + 1):
        with engine.begin() as conn:
            set_tenant(conn, tenant_id)
            counts.append(conn.execute(sa.text("SELECT count(*) FROM soquy.association")).scalar_one())
    engine.dispose()
    assert counts == [1, 2]
