"""What is erased is nowhere, and every proof made before still holds."""

import subprocess
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import canonical, commitment
from ledger import typeid
from ledger.books.check import check
from ledger.books.commands import issue_voucher, void_voucher
from ledger.errors import TextRefused
from ledger.people.erasure import EVENTS_MAX, ValueRetained, erase, erase_expired
from ledger.people.opening import SealedValueNotFound, open_for_inspection
from ledger.people.sealing import Opened
from ledger.proposals.commands import propose
from ledger.proposals.model import Proposal
from ledger.tenancy import set_tenant
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.factories import ACTOR, Ledger, payment, receipt
from tests.integration.people.conftest import MARCH, TYPED, Kept, entry_of, leaf_of

LAST_DAY = date(2034, 12, 31)
"""Through which the law keeps what was booked in 2024."""
AFTER = date(2035, 1, 1)
WHY_OPENED = "Ông Trần Văn Dò hỏi lại"
WHY_ERASED = "Bà Phạm Thị Xin xóa"
FIELDS = ["actor", "description"]


def opened(conn: sa.Connection, ledger: Ledger, event_id: UUID, fields: list[str] = FIELDS) -> list[Opened]:
    tenant_id = ledger.book.tenant_id
    return open_for_inspection(conn, tenant_id, event_id, fields, reason=WHY_OPENED, principal_id=None)


def dump_of(database_server: DatabaseServer, url: str) -> bytes:
    if database_server.pg_dump is None:
        pytest.skip("no pg_dump of this server is at hand")
    command = [str(database_server.pg_dump), f"--dbname={url}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def traces(value: Opened) -> set[bytes]:
    """Return how a value and its salt would look in a dump."""
    return {value.value.encode(), value.value.encode().hex().encode(), value.salt, value.salt.hex().encode()}


def leaves_of(ledger: Ledger) -> dict[UUID, bytes]:
    with ledger.transaction() as conn:
        return {row[0]: bytes(row[1]) for row in conn.execute(sa.text("SELECT event_id, leaf FROM soquy.audit_entry"))}


def test_what_expired_is_in_no_dump_and_every_proof_holds(
    ledger: Ledger, keeper: sa.Engine, database_server: DatabaseServer, database_url: str
) -> None:
    gone = ledger.post(replace(receipt(500, MARCH), description=TYPED)).entries[0].entry_id
    later = replace(receipt(700, date(2025, 3, 1)), description="Còn trong hạn")
    kept = ledger.post(later).entries[0].entry_id
    with ledger.transaction() as conn:
        values = opened(conn, ledger, gone)
        others = opened(conn, ledger, kept)
    before = leaves_of(ledger)
    dump = dump_of(database_server, database_url)
    # Without the key even a fresh dump has the working text and the reasons alone: no salt, no actor.
    assert {trace for each in values for trace in traces(each) if trace in dump} == {TYPED.encode()}
    assert WHY_OPENED.encode() in dump

    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        assert erase_expired(conn, ledger.book.tenant_id, as_of=LAST_DAY) == 0
        assert erase_expired(conn, ledger.book.tenant_id, as_of=AFTER) == 1
        assert erase_expired(conn, ledger.book.tenant_id, as_of=AFTER) == 0

    dump = dump_of(database_server, database_url)
    assert [trace for each in values for trace in traces(each) if trace in dump] == []
    after = leaves_of(ledger)
    assert {event_id: after[event_id] for event_id in before} == before
    with ledger.transaction() as conn:
        assert opened(conn, ledger, kept) == others
        leaf = leaf_of(conn, kept)
        for each in others:
            published = leaf.actor.commitment if each.field == "actor" else leaf.private[each.field]
            assert commitment.opens(str(published), each.salt, entry_of(kept), each.field, each.value)
        with pytest.raises(SealedValueNotFound):
            opened(conn, ledger, gone)
    (erasing,) = after.keys() - before.keys()
    said = canonical.decode(after[erasing])
    assert (said.type, said.actor.role, said.private) == ("value.erased", "server", {})
    assert said.payload == {"basis": "retention", "values": [[entry_of(gone), *FIELDS]]}
    assert said.association == typeid.encode(typeid.ASSOCIATION, ledger.book.association_id)


def test_books_and_check_agree_after_an_erasure(ledger: Ledger, keeper: sa.Engine, database_url: str) -> None:
    ledger.post(replace(receipt(500, MARCH), description=TYPED))
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        assert erase_expired(conn, ledger.book.tenant_id, as_of=AFTER) == 1
    with ledger.transaction() as conn:
        shown = conn.execute(
            sa.text("""\
                SELECT e.seq, s.value FROM soquy.entry AS e
                LEFT JOIN vault.sealed_value AS s ON s.tenant_id = e.tenant_id AND s.event_id = e.entry_id""")
        )
        assert [tuple(row) for row in shown] == [(1, None)]
    assert ledger.post(receipt(100, MARCH)).first_seq == 2
    engine = with_vault(sa.create_engine(driver_url(database_url), poolclass=sa.NullPool))
    with engine.connect() as conn:
        assert list(check(conn)) == []


def test_a_value_that_is_gone_without_an_erasure_is_found(ledger: Ledger, database_url: str) -> None:
    ledger.post(replace(receipt(500, MARCH), description=TYPED))
    engine = with_vault(sa.create_engine(driver_url(database_url), poolclass=sa.NullPool))
    with engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM vault.sealed_value WHERE field = 'description'"))
        assert [finding.rule for finding in check(conn)] == ["sealed_value_kept"]


def test_many_expired_values_share_leaves_that_have_room(ledger: Ledger, keeper: sa.Engine) -> None:
    ledger.post(*[replace(receipt(500, MARCH), description=TYPED)] * (EVENTS_MAX + 50))
    counts = []
    with keeper.begin() as conn:
        set_tenant(conn, ledger.book.tenant_id)
        while count := erase_expired(conn, ledger.book.tenant_id, as_of=AFTER):
            counts.append(count)
    assert counts == [EVENTS_MAX + 50]
    with ledger.transaction() as conn:
        query = "SELECT octet_length(leaf) FROM soquy.audit_entry WHERE type = 'value.erased' ORDER BY recorded_at, 1"
        sizes = list(conn.execute(sa.text(query)).scalars())
    assert len(sizes) == 2
    assert max(sizes) < canonical.LEAF_SIZE_MAX * 0.7


def test_the_law_keeps_what_was_booked_ten_years_after_the_years_end(kept: Kept) -> None:
    conn = kept.become("soquy_vault")
    with pytest.raises(ValueRetained) as caught:
        erase(conn, kept.tenant_id, kept.entry_id, ["description"], reason=WHY_ERASED, as_of=LAST_DAY)
    assert caught.value.fields == {"field": "description", "keep_through": "2034-12-31"}
    assert erase(conn, kept.tenant_id, kept.entry_id, ["description"], reason=WHY_ERASED, as_of=AFTER) == [
        "description"
    ]
    with pytest.raises(SealedValueNotFound):
        erase(conn, kept.tenant_id, kept.entry_id, ["description"], reason=WHY_ERASED, as_of=AFTER)


def test_a_law_that_lengthens_the_time_lengthens_it_for_what_is_kept(kept: Kept) -> None:
    kept.conn.execute(sa.text("RESET ROLE"))
    kept.conn.execute(
        sa.text("""\
            UPDATE vault.retention_class SET valid_to = '2030-01-01' WHERE retention = 'book';
            INSERT INTO vault.retention_class VALUES ('book', '2030-01-01', NULL, 12, true, 'a later decree')""")
    )
    conn = kept.become("soquy_vault")
    assert erase_expired(conn, kept.tenant_id, as_of=AFTER) == 0
    assert erase_expired(conn, kept.tenant_id, as_of=date(2037, 1, 1)) == 1


def test_a_slip_that_was_not_booked_is_kept_five_years(kept: Kept) -> None:
    voucher = issue_voucher(kept.conn, kept.book, "PC", issued_on=MARCH, actor=ACTOR)
    void_voucher(kept.conn, kept.book, voucher, reason="Ghi nhầm tên", actor=ACTOR)
    conn = kept.become("soquy_vault")
    query = """\
        SELECT DISTINCT vault.keep_through(retention, fiscal_year, soquy_day) - make_date(fiscal_year, 12, 31)
        FROM vault.sealed_value, (SELECT CAST(now() AS date) AS soquy_day) AS d
        WHERE tenant_id = :tenant_id AND retention = 'slip'"""
    (days,) = conn.execute(sa.text(query), {"tenant_id": kept.tenant_id}).scalars()
    assert days in {1826, 1827}


def test_a_payee_goes_with_the_value_that_the_leaf_commits_to(kept: Kept) -> None:
    proposal = Proposal(draft=payment(1, MARCH), payee="Nguyễn Thị Mẫu")
    (proposed,) = propose(kept.conn, kept.book, [proposal], actor=ACTOR)
    conn = kept.become("soquy_vault")
    assert conn.execute(sa.text("SELECT name FROM vault.payee")).scalars().all() == ["Nguyễn Thị Mẫu"]
    erase(conn, kept.tenant_id, proposed.proposal_id, ["payee"], reason=WHY_ERASED, as_of=date(2040, 1, 1))
    assert conn.execute(sa.text("SELECT name FROM vault.payee")).all() == []


def test_a_decision_is_sealed_with_its_reason_and_recorded(kept: Kept) -> None:
    conn = kept.become("soquy_vault")
    erase(conn, kept.tenant_id, kept.entry_id, ["actor"], reason=WHY_ERASED, as_of=AFTER)
    query = "SELECT event_id, field, erasing_event_id FROM vault.erasure WHERE tenant_id = :tenant_id"
    ((event_id, field, erasing_id),) = conn.execute(sa.text(query), {"tenant_id": kept.tenant_id})
    assert (event_id, field) == (kept.entry_id, "actor")
    kept.become("soquy_app")
    leaf = leaf_of(kept.conn, erasing_id)
    assert leaf.payload == {"basis": "decision", "values": [[entry_of(kept.entry_id), "actor"]]}
    (why,) = open_for_inspection(kept.conn, kept.tenant_id, erasing_id, ["reason"], reason="x", principal_id=None)
    assert why.value == WHY_ERASED
    public_id = typeid.encode(typeid.EVENT, erasing_id)
    assert commitment.opens(leaf.private["reason"], why.salt, public_id, "reason", WHY_ERASED)


def test_a_decision_has_a_reason(kept: Kept) -> None:
    with pytest.raises(TextRefused):
        erase(kept.become("soquy_vault"), kept.tenant_id, kept.entry_id, ["actor"], reason=" ", as_of=AFTER)


def test_the_reasons_of_openings_go_with_the_value_they_opened(kept: Kept) -> None:
    for field in FIELDS:
        open_for_inspection(
            kept.conn, kept.tenant_id, kept.entry_id, [field], reason=f"{WHY_OPENED} {field}", principal_id=None
        )
    conn = kept.become("soquy_vault")
    erase(conn, kept.tenant_id, kept.entry_id, ["actor"], reason=WHY_ERASED, as_of=AFTER)
    reasons = conn.execute(sa.text("SELECT reason FROM vault.opening_reason"))
    assert list(reasons.scalars()) == [f"{WHY_OPENED} description"]
    assert conn.execute(sa.text("SELECT count(*) FROM vault.opening")).scalar_one() == 2


def test_maintenance_erases_in_the_transactions_tenant_alone(kept: Kept) -> None:
    conn = kept.become("soquy_vault")
    set_tenant(conn, 0)
    with pytest.raises(SealedValueNotFound):
        erase(conn, kept.tenant_id, kept.entry_id, ["actor"], reason=WHY_ERASED, as_of=AFTER)
