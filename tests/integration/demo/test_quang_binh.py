"""The other province: half a year more, three fewer published figures, and the same people."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pytest_postgresql.executors import NoopExecutor
from sqlalchemy import Connection

from ledger.demo.build import SEED, build
from ledger.demo.provinces import scenario
from ledger.demo.users import approvers_of
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.database import DatabaseServer, own_database, with_vault
from tests.integration.demo.test_build import SAMPLE, SUMS

HELD = """\
SELECT - sum(p.value_minor), - sum(p.value_minor) FILTER (WHERE a.level = 'province')
FROM soquy.posting AS p JOIN soquy.account AS k USING (tenant_id, book_id, account)
JOIN soquy.book USING (tenant_id, book_id) JOIN soquy.association AS a USING (tenant_id, association_id)
WHERE k.role = 'fund'"""

USED = """\
SELECT extract(year FROM entry_on), sum(quantity), sum(value_minor) FROM soquy.posting
WHERE program IS NOT NULL GROUP BY 1 ORDER BY 1"""

STATES = """\
SELECT (SELECT count(*) FROM soquy.role_grant), (SELECT count(*) FROM soquy.block_closing),
    (SELECT count(DISTINCT book_id) FROM soquy.pledge), (SELECT count(*) FROM soquy.entry WHERE kind = 'reversal'),
    (SELECT count(*) FROM soquy.goods_handover WHERE seq IS NOT NULL)"""


@pytest.fixture(scope="module")
def conn(postgresql_noproc: NoopExecutor, database_server: DatabaseServer) -> Iterator[Connection]:
    name = "soquy_quang_binh"
    with own_database(postgresql_noproc, name):
        engine = with_vault(sa.create_engine(driver_url(database_server.app_url(name))))
        built = build(engine, province="quang-binh")
        with engine.begin() as opened:
            set_tenant(opened, built.tenant_id)
            yield opened
        engine.dispose()


def test_it_closes_with_what_was_published(conn: Connection) -> None:
    assert tuple(conn.execute(sa.text(HELD)).one()) == (49_000_000_000, 5_000_000_000)
    used = [tuple(map(int, row)) for row in conn.execute(sa.text(USED))]
    assert used == [(2024, 169_000, 34_000_000_000), (2025, 21_894, 13_000_000_000)]


def test_its_givers_gave_what_its_entries_say_and_are_samples(conn: Connection) -> None:
    entries, equal, gifts = conn.execute(sa.text(SUMS)).one()
    assert entries == equal > 800
    assert 12_000 < gifts < 30_000
    names = conn.execute(sa.text("SELECT name FROM vault.contributor UNION SELECT name FROM vault.person")).scalars()
    assert [name for name in names if not SAMPLE.search(name)] == []


def test_its_people_have_as_much_to_look_at(conn: Connection) -> None:
    grants, closed_blocks, books_with_pledges, reversals, handovers = conn.execute(sa.text(STATES)).one()
    chosen = scenario("quang-binh", seed=SEED)
    approving = [user for unit in chosen.units for user in approvers_of(chosen, unit)]
    assert (grants, closed_blocks, books_with_pledges) == (13 + len(approving), 2, 3)
    assert reversals >= 6
    assert handovers >= 1
