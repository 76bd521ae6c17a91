"""Data keys are made once, remembered only when they are committed, and wrapped anew without touching a value."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.associations.commands import found_tenant
from ledger.books.check import check
from ledger.books.model import Request
from ledger.errors import IdempotencyConflict
from ledger.people.kek import Kek, VaultKeyWrong
from ledger.people.opening import open_for_inspection
from ledger.people.request import is_same_request, request_digest
from ledger.people.rotation import retire_data_keys, rotate_kek
from ledger.people.sealing import INSERT_SQL, SERVICE, Sealing
from ledger.people.vault import Vault, attach, kek_ids, vault_of
from ledger.tenancy import DEPLOYMENT, set_tenant
from migrations.migrate import driver_url
from tests.database import KEK, with_vault
from tests.factories import ACTOR, Ledger, receipt, request
from tests.integration.people.conftest import MARCH, TYPED

NEW = Kek.of(bytes(32))
DRAFT = replace(receipt(500, MARCH), description=TYPED)


def opened_text(ledger: Ledger, engine: sa.Engine, seq: int = 1) -> str:
    with engine.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        query = "SELECT entry_id FROM soquy.entry WHERE seq = :seq"
        event_id = conn.execute(sa.text(query), {"seq": seq}).scalar_one()
        tenant_id = ledger.book.tenant_id
        found = open_for_inspection(conn, tenant_id, event_id, ["actor", "description"], reason="x", principal_id=None)
        return found[1].value


def test_after_a_rotation_the_new_key_opens_everything_and_the_old_one_nothing(
    ledger: Ledger, keeper: sa.Engine, app_url: str
) -> None:
    ledger.post(DRAFT, request=request("k"))
    with keeper.begin() as conn:
        assert rotate_kek(conn, KEK, NEW) == 2  # one for values, one for requests
        assert kek_ids(conn) == [NEW.id]
    for kek, is_right in ((NEW, True), (KEK, False)):
        engine = attach(sa.create_engine(driver_url(app_url), poolclass=sa.NullPool), Vault(kek))
        if is_right:
            assert opened_text(ledger, engine) == TYPED
        else:
            with pytest.raises(VaultKeyWrong):
                opened_text(ledger, engine)
    # A process that runs goes on with the keys it remembers.
    assert ledger.post(DRAFT, request=request("k")).repeated
    assert ledger.post(DRAFT).first_seq == 2


def test_a_rotation_from_another_key_changes_nothing(ledger: Ledger, keeper: sa.Engine) -> None:
    with pytest.raises(VaultKeyWrong), keeper.begin() as conn:
        rotate_kek(conn, NEW, KEK)
    with keeper.begin() as conn:
        assert kek_ids(conn) == [KEK.id]


def identity_secret(engine: sa.Engine) -> bytes:
    with engine.begin() as conn:
        return vault_of(conn).identity_key(conn).secret


def test_the_key_of_identities_is_one_whatever_other_keys_become(
    ledger: Ledger, keeper: sa.Engine, app_url: str
) -> None:
    """Under another one nobody would be found again who was given something before."""
    secret = identity_secret(ledger.engine)
    with keeper.begin() as conn:
        retire_data_keys(conn)
    assert identity_secret(ledger.engine) == secret
    with keeper.begin() as conn:
        rotate_kek(conn, KEK, NEW)
    moved = attach(sa.create_engine(driver_url(app_url), poolclass=sa.NullPool), Vault(NEW))
    assert identity_secret(moved) == secret
    with pytest.raises(VaultKeyWrong):
        identity_secret(ledger.engine)


def test_a_retired_key_opens_what_it_sealed_and_seals_nothing_new(
    ledger: Ledger, keeper: sa.Engine, app_url: str
) -> None:
    ledger.post(DRAFT, request=request("k"))
    with keeper.begin() as conn:
        assert retire_data_keys(conn) == 2
    engine = with_vault(sa.create_engine(driver_url(app_url), poolclass=sa.NullPool))
    later = Ledger(engine=engine, book=ledger.book)
    later.post(DRAFT, request=request("l"))
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        keys = conn.execute(
            sa.text("""\
            SELECT count(DISTINCT s.key_id) FROM vault.sealed_value AS s
            JOIN soquy.entry AS e ON e.tenant_id = s.tenant_id AND e.entry_id = s.event_id""")
        ).scalar_one()
    assert keys == 2
    assert opened_text(ledger, engine, 1) == opened_text(ledger, engine, 2) == TYPED
    # A request remembered under the retired key is found again.
    assert later.post(DRAFT, request=request("k")).repeated


def test_two_first_users_of_a_tenant_get_one_key(ledger: Ledger, app_url: str) -> None:
    """The second waits for the first; if the first is rolled back, the second's key it is."""
    for is_committed in (True, False):
        with ledger.engine.begin() as conn:
            set_tenant(conn, DEPLOYMENT)
            tenant_id = found_tenant(conn, "Mới")
        made = threading.Event()
        engines = [with_vault(sa.create_engine(driver_url(app_url), poolclass=sa.NullPool)) for _ in range(2)]
        vaults = [Vault(KEK), Vault(KEK)]

        def second(tenant_id: int = tenant_id) -> object:
            with engines[1].begin() as conn:  # noqa: B023 - ends within the round
                set_tenant(conn, tenant_id)
                made.set()  # noqa: B023 - as above
                return vaults[1].current_key(conn, tenant_id).key_id  # noqa: B023 - as above

        with ThreadPoolExecutor(1) as pool, engines[0].connect() as conn:
            transaction = conn.begin()
            set_tenant(conn, tenant_id)
            first = vaults[0].current_key(conn, tenant_id)
            waiting = pool.submit(second)
            assert made.wait(10)
            transaction.commit() if is_committed else transaction.rollback()
            assert (waiting.result(10) == first.key_id) is is_committed


def test_a_key_that_was_rolled_back_is_not_remembered(ledger: Ledger) -> None:
    with ledger.engine.begin() as conn:
        set_tenant(conn, DEPLOYMENT)
        tenant_id = found_tenant(conn, "Mới")
    vault = Vault(KEK)
    with ledger.engine.connect() as conn:
        with conn.begin() as transaction:
            set_tenant(conn, tenant_id)
            with conn.begin_nested():
                lost = vault.current_key(conn, tenant_id)
            assert vault.current_key(conn, tenant_id) == lost
            transaction.rollback()
        with conn.begin():
            set_tenant(conn, tenant_id)
            found = vault.current_key(conn, tenant_id)
    assert found.key_id != lost.key_id
    # Were it used all the same, nothing would be sealed by it.
    sealing = Sealing(lost, retention=SERVICE, count=1)
    with ledger.engine.connect() as conn, conn.begin():
        set_tenant(conn, tenant_id)
        event_id = conn.execute(sa.text("SELECT gen_random_uuid()")).scalar_one()
        sealing.commit(event_id, "ev_01h455vb4pex5vsknk084sn02q", "actor", "x", fiscal_year=2024)
        with pytest.raises(sa.exc.IntegrityError, match="key_id"):
            conn.execute(sa.text(INSERT_SQL), sealing.parameters())


def test_a_remembered_request_shows_nothing_of_what_it_was(ledger: Ledger, keeper: sa.Engine) -> None:
    asked = Request(key="k", hash=bytes(range(32)))
    ledger.post(DRAFT, request=asked)
    with ledger.transaction() as conn:
        stored = conn.execute(sa.text("SELECT request_hash FROM soquy.idempotency WHERE key = 'k'")).scalar_one()
        tenant_id, principal_id = ledger.book.tenant_id, ACTOR.principal_id
        assert stored != asked.hash
        assert stored == request_digest(conn, tenant_id, principal_id, asked)
        same = {"tenant_id": tenant_id, "principal_id": principal_id, "remembered": stored}
        assert is_same_request(conn, request=asked, **same)
        assert not is_same_request(conn, request=replace(asked, key="other"), **same)
        assert not is_same_request(conn, request=replace(asked, hash=bytes(32)), **same)


def test_when_the_years_key_is_gone_a_retry_is_refused_and_never_done_twice(
    ledger: Ledger, keeper: sa.Engine, app_url: str
) -> None:
    ledger.post(DRAFT, request=request("k"))
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        asked = {"tenant_id": ledger.book.tenant_id}
        destroy = sa.text(
            "SELECT vault.destroy_request_keys(:tenant_id, (soquy_year.last + :days))"
            " FROM (SELECT make_date(max(year), 12, 31) AS last FROM vault.data_key) AS soquy_year"
        )
        assert conn.execute(destroy, asked | {"days": 400}).scalar_one() == 0
        assert conn.execute(destroy, asked | {"days": 401}).scalar_one() == 1
    later = Ledger(engine=with_vault(sa.create_engine(driver_url(app_url), poolclass=sa.NullPool)), book=ledger.book)
    with pytest.raises(IdempotencyConflict):
        later.post(DRAFT, request=request("k"))
    with later.transaction() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM soquy.entry")).scalar_one() == 1


def test_check_reads_every_seal(ledger: Ledger, database_url: str) -> None:
    ledger.post(DRAFT)
    engine = with_vault(sa.create_engine(driver_url(database_url), poolclass=sa.NullPool))
    with engine.connect() as conn:
        assert list(check(conn)) == []
