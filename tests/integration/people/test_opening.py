"""What the vault keeps opens for who is entitled to it or gives a reason, and is written down whenever it does."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from audit import commitment
from ledger import typeid
from ledger.books.commands import issue_voucher as issue
from ledger.books.commands import void_voucher
from ledger.errors import TextRefused
from ledger.people.kek import Kek, VaultKeyWrong
from ledger.people.opening import SealedValueNotFound, open_for_inspection, open_for_receipt
from ledger.people.sealing import SealBroken
from ledger.people.vault import Vault, VaultClosed, vault_of
from tests.factories import ACTOR
from tests.integration.books.plain_sql import refusal
from tests.integration.people.conftest import MARCH, TYPED, Kept, entry_of, leaf_of

INSPECTOR = UUID(int=99)
REASON = "Thanh tra theo quyết định 12"

INSERTABLE = "tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year"
GRANTS = {
    "soquy_app": {
        "data_key": {"SELECT": "tenant_id, key_id"},
        "sealed_value": {"SELECT": "tenant_id, event_id, field, value", "INSERT": INSERTABLE},
        "contributor": {"SELECT": "*", "INSERT": "*"},
        "beneficiary": {"SELECT": "*", "INSERT": "*"},
        "award_claim": {"SELECT": "*", "INSERT": "*"},
        "receipt_code": {"SELECT": "*", "INSERT": "*"},
        "block_holder": {"SELECT": "*", "INSERT": "*"},
        "payee": {"SELECT": "*", "INSERT": "*"},
        "draft": {
            "SELECT": "*",
            "INSERT": "tenant_id, draft_id, book_id, kind, body, line_count, drafted_by, changed_by",
        },
        "user_password": {"INSERT": "tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier"},
        "user_profile": {"INSERT": "tenant_id, user_id, email, email_key, name, language"},
        "access_event": {"INSERT": "tenant_id, access_id, kind, user_id, address"},
        "invitation_address": {"INSERT": "tenant_id, invitation_id, email, email_key"},
        "person": {
            "SELECT": "*",
            "INSERT": "tenant_id, person_id, book_id, kind, name, search_key, sort_key, country, birth_year,"
            " created_by, changed_by",
        },
        "person_detail": {"SELECT": "tenant_id, person_id, field"},
        "guardianship": {"SELECT": "*", "INSERT": "tenant_id, minor_id, guardian_id, relation, created_by"},
        "consent": {
            "SELECT": "*",
            "INSERT": "tenant_id, event_id, book_id, person_id, purpose, by_subject, guardian_id, method, given_on,"
            " document_id",
        },
        "consent_withdrawal": {
            "SELECT": "*",
            "INSERT": "tenant_id, event_id, book_id, consent_id, method, withdrawn_on",
        },
        "document": {
            "SELECT": "tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count, name, uploaded_by,"
            " created_at",
            "INSERT": "tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count, name, sealed,"
            " key_id, uploaded_by",
        },
        "document_sending": {"SELECT": "*", "INSERT": "tenant_id, document_id, principal_id"},
        "intake": {
            "SELECT": "*",
            "INSERT": "tenant_id, intake_id, book_id, kind, form, name, document_id, again_reason, job_id,"
            " uploaded_by, changed_by",
        },
        "intake_page": {
            "SELECT": "tenant_id, intake_id, page",
            "INSERT": "tenant_id, intake_id, page, sealed, key_id",
        },
        "intake_line": {
            "SELECT": "*",
            "INSERT": "tenant_id, intake_id, row, verdict, name, detail, amount_minor, paper_number, is_anonymous,"
            " findings, digest",
        },
        "intake_decision": {"SELECT": "*"},
        "intake_digest": {"SELECT": "*", "INSERT": "tenant_id, intake_id, book_id, digests"},
    },
    "soquy_vault": {
        "data_key": {"SELECT": "*"},
        "sealed_value": {"SELECT": "*", "INSERT": INSERTABLE, "DELETE": "*"},
        "unsealed_value": {"SELECT": "*", "DELETE": "*", "TRUNCATE": "*"},
        "opening": {"SELECT": "*"},
        "opening_reason": {"SELECT": "*", "DELETE": "*"},
        "erasure": {"SELECT": "*", "INSERT": "tenant_id, event_id, field, erasing_event_id"},
        "retention_class": {"SELECT": "*"},
        "contributor": {"SELECT": "*", "DELETE": "*"},
        "beneficiary": {"SELECT": "*", "DELETE": "*"},
        "award_claim": {"SELECT": "*", "DELETE": "*"},
        "receipt_code": {"SELECT": "*", "DELETE": "*"},
        "block_holder": {"SELECT": "*", "DELETE": "*"},
        "payee": {"SELECT": "*", "DELETE": "*"},
        "draft": {"SELECT": "*", "DELETE": "*"},
        "user_password": {"SELECT": "*", "DELETE": "*"},
        "user_profile": {"SELECT": "*", "DELETE": "*"},
        "user_session": {"SELECT": "*", "DELETE": "*"},
        "user_totp": {"SELECT": "*", "DELETE": "*"},
        "access_event": {"SELECT": "*", "DELETE": "*"},
        "invitation_address": {"SELECT": "*", "DELETE": "*"},
        "user_device": {"SELECT": "*", "DELETE": "*"},
        "user_recovery": {"SELECT": "*", "DELETE": "*"},
        "person": {"SELECT": "*", "DELETE": "*"},
        "person_detail": {"SELECT": "*", "DELETE": "*"},
        "person_opening": {"SELECT": "*"},
        "guardianship": {"SELECT": "*", "DELETE": "*"},
        "consent": {"SELECT": "*", "DELETE": "*"},
        "consent_withdrawal": {"SELECT": "*", "DELETE": "*"},
        "person_erasure": {"SELECT": "*", "INSERT": "tenant_id, handle, erasing_event_id"},
        "document": {"SELECT": "*", "DELETE": "*"},
        "document_sending": {"SELECT": "*"},
        "document_opening": {"SELECT": "*"},
        **{
            table: {"SELECT": "*", "DELETE": "*"}
            for table in ("intake", "intake_page", "intake_line", "intake_decision", "intake_digest")
        },
    },
}
FUNCTIONS = {
    "soquy_app": {
        "use_key",
        "use_identity_key",
        "count_claims_elsewhere",
        "request_keys",
        "kek_ids",
        "open_values",
        "find_receipt",
        "correct_contributor",
        "paper_key",
        "save_draft",
        "move_draft",
        "is_minor",
        "is_asked_too",
        "use_subject_keys",
        "change_person",
        "put_details",
        "open_person",
        "merge_people",
        "part_people",
        "end_guardianship",
        "renew_guardianship",
        "records_of",
        "open_document",
        "open_intake",
        "change_intake",
        "clear_intake",
        "intake_pages",
        "mark_intake_twins",
        "decide_intake",
    },
    "soquy_vault": {
        "use_key",
        "kek_ids",
        "keep_through",
        "lock_keys",
        "rewrap_key",
        "retire_keys",
        "destroy_request_keys",
        "destroy_subject_keys",
        "rewrap_keys",
        "records_of",
    },
}
"""What each role may do in the vault. A new grant is declared here, or the test below names it."""


@pytest.mark.parametrize("role", GRANTS)
def test_a_role_may_do_in_the_vault_what_is_declared(connection: sa.Connection, role: str) -> None:
    found: dict[str, dict[str, str]] = {}
    query = """\
        SELECT c.relname, p.name, CASE
            WHEN p.name IN ('DELETE', 'TRUNCATE', 'TRIGGER') THEN
                CASE WHEN has_table_privilege(:role, c.oid, p.name) THEN '*' END
            WHEN has_table_privilege(:role, c.oid, p.name) THEN '*'
            ELSE (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND has_column_privilege(:role, c.oid, a.attnum, p.name))
            END AS columns
        FROM pg_class AS c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES', 'DELETE', 'TRUNCATE', 'TRIGGER'])
            AS p (name)
        WHERE c.relnamespace = 'vault'::regnamespace AND c.relkind IN ('r', 'p')"""
    for row in connection.execute(sa.text(query), {"role": role}):
        if row.columns:
            found.setdefault(row.relname, {})[row.name] = row.columns
    assert found == GRANTS[role]
    query = """\
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'vault'::regnamespace AND has_function_privilege(:role, oid, 'EXECUTE')"""
    assert set(connection.execute(sa.text(query), {"role": role}).scalars()) == FUNCTIONS[role]


def test_a_sealed_row_opens_its_leafs_commitment(kept: Kept) -> None:
    opened = open_for_inspection(
        kept.conn, kept.tenant_id, kept.entry_id, ["actor", "description"], reason=REASON, principal_id=INSPECTOR
    )
    leaf = leaf_of(kept.conn, kept.entry_id)
    published = {"actor": leaf.actor.commitment, **leaf.private}
    assert {each.field: each.value for each in opened} == {
        "actor": typeid.encode(typeid.TOKEN, ACTOR.principal_id),
        "description": TYPED,
    }
    for each in opened:
        assert commitment.opens(str(published[each.field]), each.salt, entry_of(kept.entry_id), each.field, each.value)


def test_an_opening_is_recorded_with_who_what_and_why(kept: Kept) -> None:
    open_for_inspection(kept.conn, kept.tenant_id, kept.entry_id, ["actor"], reason=REASON, principal_id=INSPECTOR)
    open_for_receipt(kept.conn, kept.tenant_id, kept.entry_id, principal_id=INSPECTOR)
    rows = kept.become("soquy_vault").execute(
        sa.text("""\
            SELECT o.event_id, o.field, o.purpose, o.principal_id, r.reason
            FROM vault.opening AS o LEFT JOIN vault.opening_reason AS r USING (tenant_id, opening_id)
            WHERE o.tenant_id = :tenant_id ORDER BY o.purpose"""),
        {"tenant_id": kept.tenant_id},
    )
    assert [tuple(row) for row in rows] == [
        (kept.entry_id, "actor", "inspection", INSPECTOR, REASON),
        (kept.entry_id, "description", "receipt", INSPECTOR, None),
    ]


def test_a_receipt_opens_the_text_and_to_who_posted_it_their_name(kept: Kept) -> None:
    (opened,) = open_for_receipt(kept.conn, kept.tenant_id, kept.entry_id, principal_id=INSPECTOR)
    assert (opened.field, opened.value) == ("description", TYPED)
    own = open_for_receipt(kept.conn, kept.tenant_id, kept.entry_id, principal_id=ACTOR.principal_id)
    assert [each.field for each in own] == ["actor", "description"]


def test_a_receipt_of_somebody_else_opens_no_actor(kept: Kept) -> None:
    """The database refuses it, whoever asks with whatever statement."""
    asked = {"tenant_id": kept.tenant_id, "event_id": kept.entry_id, "principal_id": INSPECTOR}
    opening = "SELECT * FROM vault.open_values(:tenant_id, :event_id, '{actor}', 'receipt', NULL, :principal_id)"
    with pytest.raises(sa.exc.DBAPIError) as caught, kept.conn.begin_nested():
        kept.conn.execute(sa.text(opening), asked)
    assert "opens its own fields alone" in str(caught.value.orig)


def test_the_reason_of_a_void_is_sealed_and_opens(kept: Kept) -> None:
    voucher = issue(kept.conn, kept.book, "PC", issued_on=MARCH, actor=ACTOR)
    void_voucher(kept.conn, kept.book, voucher, reason="Ghi nhầm tên", actor=ACTOR)
    query = "SELECT event_id FROM soquy.voucher_void WHERE tenant_id = :tenant_id"
    event_id = kept.conn.execute(sa.text(query), {"tenant_id": kept.tenant_id}).scalar_one()
    (opened,) = open_for_inspection(
        kept.conn, kept.tenant_id, event_id, ["reason"], reason=REASON, principal_id=INSPECTOR
    )
    assert opened.value == "Ghi nhầm tên"


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_reason_opens_nothing(kept: Kept, reason: str) -> None:
    with pytest.raises(TextRefused):
        open_for_inspection(kept.conn, kept.tenant_id, kept.entry_id, ["actor"], reason=reason, principal_id=INSPECTOR)


def test_what_was_never_kept_is_not_found(kept: Kept) -> None:
    with pytest.raises(SealedValueNotFound):
        open_for_inspection(kept.conn, kept.tenant_id, typeid.new_id(), ["actor"], reason="x", principal_id=None)


OPEN = "SELECT * FROM vault.open_values(:tenant_id, :event_id, '{{{fields}}}', '{purpose}', {reason}, NULL)"
ATTACKS = {
    "read the ciphertext": ("SELECT sealed FROM vault.sealed_value", "InsufficientPrivilege"),
    "read it in a condition": ("SELECT 1 FROM vault.sealed_value WHERE sealed > ''", "InsufficientPrivilege"),
    "read whole rows": ("SELECT s FROM vault.sealed_value AS s", "InsufficientPrivilege"),
    "read the keys": ("SELECT wrapped FROM vault.data_key", "InsufficientPrivilege"),
    "return what it inserts": (
        "INSERT INTO vault.sealed_value (tenant_id) VALUES (:tenant_id) RETURNING sealed",
        "InsufficientPrivilege",
    ),
    "read what was there before": ("SELECT * FROM vault.unsealed_value", "InsufficientPrivilege"),
    "read who opened": ("SELECT * FROM vault.opening", "InsufficientPrivilege"),
    "forge an opening": ("INSERT INTO vault.opening DEFAULT VALUES", "InsufficientPrivilege"),
    "forget an opening": ("DELETE FROM vault.opening", "InsufficientPrivilege"),
    "erase": ("DELETE FROM vault.sealed_value", "InsufficientPrivilege"),
    "change a value": ("UPDATE vault.sealed_value SET value = ''", "InsufficientPrivilege"),
    "plant a key": ("INSERT INTO vault.data_key DEFAULT VALUES", "InsufficientPrivilege"),
    "destroy keys": ("SELECT vault.destroy_request_keys(:tenant_id, '2999-01-01')", "InsufficientPrivilege"),
    "retire keys": ("SELECT vault.retire_keys(:tenant_id)", "InsufficientPrivilege"),
    "open without a reason": (
        OPEN.format(fields="actor", purpose="inspection", reason="NULL"),
        "opening_reason_given_rule",
    ),
    "open for a blank reason": (
        OPEN.format(fields="actor", purpose="inspection", reason="E' \\n\\t'"),
        "opening_reason_given_rule",
    ),
    "open an actor as a receipt": (
        OPEN.format(fields="actor", purpose="receipt", reason="NULL"),
        "opening_receipt_rule",
    ),
    "open an entry as a denial": (
        OPEN.format(fields="reason", purpose="denial", reason="NULL"),
        "opening_denial_rule",
    ),
    "open an actor as a denial": (
        OPEN.format(fields="actor", purpose="denial", reason="NULL"),
        "opening_denial_rule",
    ),
    "open to an end of its own": (OPEN.format(fields="actor", purpose="fun", reason="'x'"), "opening_purpose_check"),
    "open in another tenant": (
        "SELECT * FROM vault.open_values(0, :event_id, '{actor}', 'inspection', 'x', NULL)",
        "tenant_isolation",
    ),
    "open without a tenant": (
        (
            "SELECT set_config('soquy.tenant_id', '', true), vault.open_values(:tenant_id, :event_id, '{actor}',"
            " 'inspection', 'x', NULL)"
        ),
        "tenant_isolation",
    ),
    "take another tenant's key": ("SELECT vault.use_key(0, 'value', gen_random_uuid(), '', '')", "tenant_isolation"),
    "take another tenant's request keys": ("SELECT vault.request_keys(0)", "tenant_isolation"),
    "put a person in plain": (
        (
            "INSERT INTO vault.sealed_value (tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year)"
            " SELECT :tenant_id, :event_id, 'phone', '0912', decode(repeat('00', 60), 'hex'), key_id, 'book', 2024"
            " FROM vault.data_key LIMIT 1"
        ),
        "sealed_value_working_text_check",
    ),
}


@pytest.mark.parametrize(("attack", "rule"), ATTACKS.values(), ids=ATTACKS.keys())
def test_the_application_opens_nothing_unrecorded(kept: Kept, attack: str, rule: str) -> None:
    parameters = {name: value for name, value in kept.place.items() if f":{name}" in attack}
    assert refusal(kept.conn, attack, **parameters) == rule


@pytest.mark.parametrize("table", ["opening", "erasure"])
@pytest.mark.parametrize("change", ["DELETE FROM vault.{}", "UPDATE vault.{} SET field = ''", "TRUNCATE vault.{}"])
def test_the_vaults_own_journals_are_added_to_only(kept: Kept, table: str, change: str) -> None:
    """Not even by a superuser, while the triggers stand."""
    open_for_inspection(kept.conn, kept.tenant_id, kept.entry_id, ["actor"], reason=REASON, principal_id=None)
    kept.conn.execute(sa.text("RESET ROLE"))
    kept.conn.execute(
        sa.text("INSERT INTO vault.erasure VALUES (:tenant_id, :event_id, 'x', gen_random_uuid())"), kept.place
    )
    assert refusal(kept.conn, change.format(table)) == "append_only"


def test_rows_that_changed_places_do_not_open(kept: Kept) -> None:
    kept.conn.execute(sa.text("RESET ROLE"))
    kept.conn.execute(
        sa.text("""\
            UPDATE vault.sealed_value AS s SET sealed = o.sealed FROM vault.sealed_value AS o
            WHERE s.tenant_id = :tenant_id AND o.tenant_id = :tenant_id AND s.event_id = :event_id
                AND o.event_id <> s.event_id AND s.field = 'actor' AND o.field = 'actor'"""),
        kept.place,
    )
    kept.become("soquy_app")
    with pytest.raises(SealBroken) as caught:
        open_for_inspection(kept.conn, kept.tenant_id, kept.entry_id, ["actor"], reason="x", principal_id=None)
    assert caught.value.fields == {"field": "actor"}


def test_a_process_with_another_key_opens_and_seals_nothing(kept: Kept) -> None:
    other = Vault(Kek.of(bytes(32)))
    conn = kept.conn.execution_options(soquy_vault=other)
    with pytest.raises(VaultKeyWrong):
        open_for_inspection(conn, kept.tenant_id, kept.entry_id, ["actor"], reason="x", principal_id=None)
    with pytest.raises(VaultKeyWrong):
        issue(conn, kept.book, "PC", issued_on=MARCH, actor=ACTOR)
    with pytest.raises(VaultKeyWrong):
        other.check_kek(conn)


def test_an_engine_without_a_vault_says_so(kept: Kept) -> None:
    with pytest.raises(VaultClosed):
        vault_of(kept.conn.execution_options(soquy_vault=None))
