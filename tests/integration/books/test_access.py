"""The application role can read its tenant's rows, add to the journal and call checked functions, and nothing more."""

import uuid

import pytest
import sqlalchemy as sa

from tests.integration.books.plain_sql import COLUMNS, MAY, Scene, attempt, insert_statement, refusal

READABLE = {
    "alembic_version",
    "tenant",
    "currency",
    "chart",
    "chart_account",
    "voucher_kind",
    "fund_kind",
    "channel",
    "association",
    "book",
    "book_head",
    "account",
    "fund",
    "campaign",
    "program",
    "month_lock",
    "voucher",
    "voucher_void",
    "entry",
    "entry_proposal",
    "posting",
    "day_total",
    "balance_key",
    "month_total",
    "audit_entry",
    "audit_pending",
    "idempotency",
    "api_token",
    "token_revocation",
    "role_kind",
    "role_right",
    "role_separation",
    "role_exception",
    "role_exception_ending",
    "role_grant",
    "role_revocation",
    "role_holder",
    "approval",
    "approval_action",
    "approval_decision",
    "approval_policy",
    "approval_use",
    "approval_withdrawal",
    "award",
    "award_collection",
    "award_decision",
    "award_list",
    "award_list_withdrawal",
    "award_payment",
    "award_round",
    "award_sitting",
    "bank_account",
    "block_closing",
    "block_void",
    "collection",
    "contribution",
    "donor_correction",
    "earmark",
    "goods",
    "goods_handover",
    "goods_handover_undoing",
    "goods_withdrawal",
    "intake_posting",
    "intake_reversal",
    "job",
    "attachment",
    "attachment_disowning",
    "paper",
    "pledge",
    "pledge_cancellation",
    "pledge_correction",
    "program_plan",
    "receipt_block",
    "log",
    "log_head",
    "log_leaf",
    "log_tile",
    "log_tree",
    "log_checkpoint",
    "log_disclosure",
}
INSERTABLE = {
    "association": "tenant_id, association_id, parent_tenant_id, parent_id, kind, level, name_vi, name_en, unit_code,"
    " founded_on, is_sample, event_id",
    "book": "tenant_id, association_id, chart, opened_on, event_id",
    "account": "tenant_id, book_id, account, parent, name_vi, name_en, side, role, currency, opened_on, event_id",
    "fund": "tenant_id, book_id, fund, kind, balance_account, is_restricted, name_vi, name_en, purpose, opened_on,"
    " event_id",
    "campaign": "tenant_id, campaign, name_vi, name_en, opened_on, closed_on, event_id",
    "program": "tenant_id, program, unit, name_vi, name_en, opened_on, closed_on, event_id",
    "month_lock": "tenant_id, book_id, locked_through, last_seq, event_id",
    "idempotency": "tenant_id, principal_id, key, request_hash, result",
    "api_token": "tenant_id, token_id, secret_hash, label, rights, association_ids, reaches_below, expires_at,"
    " event_id",
    "token_revocation": "tenant_id, token_id, event_id",
    "role_grant": "tenant_id, grant_id, association_id, user_id, role, event_id",
    "role_revocation": "tenant_id, grant_id, event_id",
    "role_exception": "tenant_id, exception_id, association_id, first_role, second_role, until_on, made_by",
    "role_exception_ending": "tenant_id, exception_id, event_id",
    "invitation": "tenant_id, invitation_id, association_id, purpose, role, secret_hash, invited_by, invited_by_prefix,"
    " invited_as, expires_at",
    "approval": "tenant_id, approval_id, book_id, action, subject_id, amount_minor, roles, is_ordered, drafted_by,"
    " expires_on",
    "entry_proposal": "tenant_id, proposal_id, book_id, action, kind, voucher_kind, fiscal_year, number, lines, rate,"
    " corrects_id, list_id, amount_minor",
    "approval_decision": "tenant_id, approval_id, step, book_id, is_granted, user_id, event_id",
    "approval_policy": "tenant_id, policy_id, book_id, action, from_minor, roles, is_ordered, days",
    "approval_withdrawal": "tenant_id, approval_id, book_id, event_id",
    "award": "tenant_id, award_id, book_id, list_id, line, line_count, amount_minor",
    "award_collection": "tenant_id, award_id, book_id, event_id, is_proxy",
    "award_decision": "tenant_id, list_id, book_id, decided_on, number, event_id",
    "award_list": "tenant_id, list_id, book_id, round_id, version, award_count, total_minor",
    "award_list_withdrawal": "tenant_id, list_id, book_id, event_id",
    "award_round": "tenant_id, round_id, book_id, program, year, period, fund, collect_by, name_vi",
    "award_sitting": "tenant_id, event_id, book_id, list_id, collected_count, proxy_count, total_minor",
    "bank_account": "tenant_id, book_id, account, version, bank_bin, number, holder, event_id",
    "block_closing": "tenant_id, block_id, event_id, returned_from, used_count, voided_count,"
    " returned_count, missing_count",
    "block_void": "tenant_id, block_id, number, event_id",
    "collection": "tenant_id, book_id, seq, line_count, declared_count, declared_minor, source, file_id, event_id",
    "contribution": "tenant_id, contribution_id, book_id, seq, line, line_count, amount_minor, wish,"
    " has_donor, earmark, pledge_id, block_id, paper_number, paper_use",
    "earmark": "tenant_id, book_id, earmark, fund, name_vi, name_en, opened_on, closed_on, event_id",
    "goods": "tenant_id, goods_id, book_id, received_on, quantity, unit, campaign, seq",
    "goods_handover": "tenant_id, event_id, goods_id, book_id, handed_on, quantity, program, seq",
    "goods_handover_undoing": "tenant_id, handover_event_id, event_id",
    "goods_withdrawal": "tenant_id, goods_id, event_id",
    "intake_posting": "tenant_id, intake_id, book_id, seq, row_count, total_minor, rows, left_out_count, event_id",
    "intake_reversal": "tenant_id, intake_id, book_id, seq, event_id",
    "job": "tenant_id, job_id, book_id, kind, subject, arguments, principal_id, actor_role, actor_prefix",
    "paper": "tenant_id, paper_id, book_id, seq, kind, first_line, last_line, version, engine,"
    " context, key_id, data_digest, pdf_digest, principal_id, actor_role",
    "pledge": "tenant_id, pledge_id, book_id, pledged_on, due_on, fund, campaign, currency, amount_minor",
    "pledge_cancellation": "tenant_id, pledge_id, event_id",
    "pledge_correction": "tenant_id, contribution_id, number, book_id, pledge_id, event_id",
    "program_plan": "tenant_id, book_id, program, year, version, category, fund, budget_minor, criteria, event_id",
    "receipt_block": "tenant_id, block_id, book_id, series, first_number, last_number, issued_on",
    "attachment": "tenant_id, event_id, book_id, target_id, is_entry, kind, document_id",
    "attachment_disowning": "tenant_id, attachment_id, event_id, book_id",
    **COLUMNS,
}
EXECUTABLE = {
    "may_still(uuid, uuid, text, text)",
    "today()",
    "current_tenant()",
    "refuse(text, text, jsonb)",
    "take_book(integer, bigint, text[], text[], jsonb)",
    "close_account(integer, bigint, text, date, uuid)",
    "close_fund(integer, bigint, text, date, uuid)",
    "close_association(integer, uuid, date, uuid)",
    "found_tenant(text)",
    "association_home(uuid)",
    "authenticate(integer, bytea, uuid)",
    "public_roots()",
    "cancel_job(integer, uuid)",
    "claim_job(integer, text[], uuid, integer, integer)",
    "count_block(integer, uuid, integer)",
    "count_goods(integer, uuid)",
    "finish_job(integer, uuid, uuid, jsonb)",
    "forget_jobs(integer, integer)",
    "give_back_job(integer, uuid, uuid, text, jsonb, integer, boolean)",
    "hold_job(integer, uuid, uuid, integer, bigint, bigint)",
    "job_figures()",
    "job_tenants(text[])",
    "roles_that_count(integer, uuid, uuid, text[])",
    "members_of(integer, uuid)",
    "user_names(uuid[])",
    "password_cost(text, bytea)",
    "begin_session(uuid, bytea, uuid, bytea, bytea, text, integer, integer)",
    "touch_session(bytea)",
    "end_session(bytea)",
    "sessions_of(bytea)",
    "end_other_sessions(bytea, uuid)",
    "try_code(bytea, boolean)",
    "strengthen_session(bytea, bytea, bigint)",
    "spend_recovery_code(bytea, bytea, bytea)",
    "offer_totp(bytea, bytea, uuid)",
    "confirm_totp(bytea, bytea, bigint)",
    "set_recovery_codes(bytea, bytea[])",
    "rehash_password(uuid, bytea, bytea, integer, integer, integer, bytea)",
    "change_password(bytea, bytea, bytea, bytea, integer, integer, integer, bytea)",
    "own_password_fits(bytea, bytea)",
    "add_device(bytea, bytea, uuid, text, bytea, bytea, integer, integer, integer, bytea)",
    "approval_state(integer, uuid)",
    "approval_terms(integer, bigint, text, bigint)",
    "award_list_state(integer, uuid)",
    "is_award_list_over(integer, uuid)",
    "device_cost(bytea)",
    "begin_device_session(bytea, bytea, uuid, bytea, text, integer, integer)",
    "devices_of(bytea)",
    "end_device(bytea, uuid)",
    "own_profile(bytea)",
    "set_profile(bytea, text, text)",
    "own_access(bytea)",
    "forget_access()",
    "may_renew(uuid, uuid)",
    "open_invitation(integer, bytea)",
    "take_invitation(integer, bytea)",
    "renew_password(integer, bytea, bytea, integer, integer, integer, bytea)",
    "withdraw_invitation(integer, uuid, uuid)",
    "invitations_of(integer, uuid)",
    "authenticate_session(bytea, uuid)",
}
"""What the application role may do. A new grant is declared here, or the tests below name it."""

EVIDENCE = (
    "entry",
    "posting",
    "voucher",
    "voucher_void",
    "month_lock",
    "audit_entry",
    "idempotency",
    "token_revocation",
    "role_grant",
    "role_revocation",
    "role_exception",
    "role_exception_ending",
    "attachment",
    "attachment_disowning",
    "log",
    "log_leaf",
    "log_tile",
    "log_tree",
    "log_checkpoint",
    "log_disclosure",
)
PROJECTIONS = ("log_head", "role_holder", "book_head", "day_total", "balance_key", "month_total", "audit_pending")


def test_the_application_reads_what_is_declared(connection: sa.Connection) -> None:
    """SELECT, on whole tables, is granted on these and on no partition."""
    rows = connection.execute(
        sa.text("""\
        SELECT relname FROM pg_class
        WHERE relnamespace = 'soquy'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
            AND has_any_column_privilege('soquy_app', oid, 'SELECT')""")
    )
    assert set(rows.scalars()) == READABLE


@pytest.mark.parametrize("table", sorted(READABLE))
def test_the_application_inserts_only_the_declared_columns(connection: sa.Connection, table: str) -> None:
    """INSERT is granted by column: what the database sets itself cannot be set."""
    rows = connection.execute(
        sa.text("""\
            SELECT attname FROM pg_attribute
            WHERE attrelid = CAST('soquy.' || :table AS regclass) AND attnum > 0 AND NOT attisdropped
                AND has_column_privilege('soquy_app', attrelid, attnum, 'INSERT')"""),
        {"table": table},
    )
    declared = INSERTABLE.get(table, "")
    assert set(rows.scalars()) == set(filter(None, declared.split(", ")))


def test_the_application_changes_removes_and_truncates_nothing(connection: sa.Connection) -> None:
    """No relation of the schema, sequences and partitions among them, has any other privilege for it."""
    rows = connection.execute(
        sa.text("""\
        SELECT relname, privilege FROM pg_class, unnest(ARRAY['UPDATE', 'REFERENCES']) AS privilege
        WHERE relnamespace = 'soquy'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
            AND has_any_column_privilege('soquy_app', oid, privilege)
        UNION ALL
        SELECT relname, privilege FROM pg_class, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
        WHERE relnamespace = 'soquy'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
            AND has_table_privilege('soquy_app', oid, privilege)
        UNION ALL
        SELECT sequencename, 'sequence' FROM pg_sequences
        WHERE schemaname = 'soquy'
            AND has_sequence_privilege('soquy_app', format('soquy.%I', sequencename), 'USAGE, SELECT, UPDATE')""")
    )
    assert rows.all() == []


def test_the_application_calls_what_is_declared(connection: sa.Connection) -> None:
    """EXECUTE is granted on these functions of the schema and no other."""
    rows = connection.execute(
        sa.text("""\
        SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' FROM pg_proc
        WHERE pronamespace = 'soquy'::regnamespace AND has_function_privilege('soquy_app', oid, 'EXECUTE')""")
    )
    assert {_without_names(signature) for signature in rows.scalars()} == EXECUTABLE


def _without_names(signature: str) -> str:
    """Drop the names of a function's arguments, and what it gives."""
    name, _, arguments = signature.rstrip(")").partition("(")
    taken = [each for each in arguments.split(", ") if each and not each.startswith("OUT ")]
    return f"{name}({', '.join(each.split(' ', 1)[-1] for each in taken)})"


def test_a_grant_to_itself_grants_nothing(scene: Scene) -> None:
    """Without the grant option, GRANT warns and changes nothing."""
    scene.conn.execute(sa.text("GRANT UPDATE, DELETE ON soquy.entry TO soquy_app"))
    assert refusal(scene.conn, "DELETE FROM soquy.entry") == "InsufficientPrivilege"


def test_the_application_owns_nothing_and_is_nobody_else(connection: sa.Connection) -> None:
    """It can neither create in a schema nor become another role; no superuser, no bypass of row-level security."""
    row = connection.execute(
        sa.text("""\
        SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,
            EXISTS (SELECT FROM pg_class WHERE relowner = r.oid),
            EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid),
            EXISTS (SELECT FROM pg_namespace AS n
                WHERE nspname NOT LIKE 'pg_temp%' AND has_schema_privilege(r.oid, n.oid, 'CREATE'))
        FROM pg_roles AS r WHERE rolname = 'soquy_app'""")
    )
    assert tuple(row.one()) == (False, False, False, False)


CHANGES = {
    "update": "UPDATE soquy.{table} SET tenant_id = tenant_id",
    "delete": "DELETE FROM soquy.{table}",
    "truncate": "TRUNCATE soquy.{table}",
    "lock": "LOCK TABLE soquy.{table} IN SHARE MODE",
    "drop": "DROP TABLE soquy.{table}",
    "disable its triggers": "ALTER TABLE soquy.{table} DISABLE TRIGGER ALL",
    "disable its policies": "ALTER TABLE soquy.{table} DISABLE ROW LEVEL SECURITY",
    "hang a rule on it": "CREATE RULE r AS ON INSERT TO soquy.{table} DO INSTEAD NOTHING",
    "hang a trigger on it": "CREATE TRIGGER t BEFORE INSERT ON soquy.{table} EXECUTE FUNCTION soquy.refuse_change()",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize(
    "table", [*EVIDENCE, *PROJECTIONS, "association", "book", "account", "fund", "api_token", "tenant"]
)
def test_no_table_is_changed(scene: Scene, table: str, change: str) -> None:
    """No row is changed, removed or locked away, and no table altered."""
    if table.startswith("log"):  # one log a deployment: it has no tenants
        change = change.replace("tenant_id", "log_id")
    assert refusal(scene.conn, change.format(table=table)) == "InsufficientPrivilege"


@pytest.mark.parametrize("table", PROJECTIONS)
def test_projections_take_no_rows(scene: Scene, table: str) -> None:
    """Totals, heads, counters and pending rows are written by triggers alone."""
    assert refusal(scene.conn, f"INSERT INTO soquy.{table} DEFAULT VALUES") == "InsufficientPrivilege"


def test_upserts_are_no_updates(scene: Scene) -> None:
    """Neither ON CONFLICT nor MERGE nor FOR UPDATE reaches a row that exists."""
    conflict = """\
        INSERT INTO soquy.campaign SELECT * FROM soquy.campaign
        ON CONFLICT ON CONSTRAINT campaign_pk DO UPDATE SET name_vi = ''"""
    assert refusal(scene.conn, conflict) == "InsufficientPrivilege"
    merge = """\
        MERGE INTO soquy.audit_entry AS t USING soquy.audit_entry AS s ON t.event_id = s.event_id
        WHEN MATCHED THEN DELETE"""
    assert refusal(scene.conn, merge) == "InsufficientPrivilege"
    assert refusal(scene.conn, "SELECT * FROM soquy.entry FOR UPDATE") == "InsufficientPrivilege"


RECORDED = ("entry", "voucher", "voucher_void", "month_lock", "audit_entry", "idempotency", "token_revocation")


@pytest.mark.parametrize("table", RECORDED)
def test_the_clock_is_the_databases(scene: Scene, table: str) -> None:
    """recorded_at cannot be set by who inserts."""
    assert refusal(scene.conn, f"INSERT INTO soquy.{table} (recorded_at) VALUES (now())") == "InsufficientPrivilege"


def test_partitions_are_out_of_reach(scene: Scene) -> None:
    """A row put straight into a partition would skip triggers and policies; reading one, the policy."""
    insert = "INSERT INTO soquy.posting_2024 SELECT * FROM soquy.posting"
    assert refusal(scene.conn, insert) == "InsufficientPrivilege"
    assert refusal(scene.conn, "SELECT * FROM soquy.posting_2024") == "InsufficientPrivilege"
    attach = (
        "CREATE TABLE soquy.posting_1999 PARTITION OF soquy.posting FOR VALUES FROM ('1999-01-01') TO ('2000-01-01')"
    )
    assert refusal(scene.conn, attach) == "InsufficientPrivilege"
    attach = "CREATE TEMP TABLE p PARTITION OF soquy.posting FOR VALUES FROM ('1999-01-01') TO ('2000-01-01')"
    assert refusal(scene.conn, attach) in {"InsufficientPrivilege", "WrongObjectType", "InvalidTableDefinition"}


SELF_PROMOTIONS = {
    "become the owner": ("SET ROLE soquy_owner", "InsufficientPrivilege"),
    "become the superuser": ("SET SESSION AUTHORIZATION postgres", "InsufficientPrivilege"),
    "be a replica": ("SET session_replication_role = replica", "InsufficientPrivilege"),
    "be a replica by a function": (
        "SELECT set_config('session_replication_role', 'replica', true)",
        "InsufficientPrivilege",
    ),
    "see without policies": ("SET LOCAL row_security = off; SELECT * FROM soquy.entry", "InsufficientPrivilege"),
    "create in the schema": ("CREATE TABLE soquy.mine (a integer)", "InsufficientPrivilege"),
    "create a function in the schema": (
        "CREATE FUNCTION soquy.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "InsufficientPrivilege",
    ),
    "create in public": ("CREATE TABLE public.mine (a integer)", "InsufficientPrivilege"),
    "create a schema": ("CREATE SCHEMA mine", "InsufficientPrivilege"),
    "replace a function": (
        "CREATE OR REPLACE FUNCTION soquy.today() RETURNS date LANGUAGE sql AS 'SELECT date ''2999-01-01'''",
        "InsufficientPrivilege",
    ),
    "unpin a search path": ("ALTER FUNCTION soquy.take_book RESET ALL", "InsufficientPrivilege"),
    "inherit": ("CREATE TEMP TABLE child () INHERITS (soquy.entry)", "InsufficientPrivilege"),
    "run a program": ("COPY (SELECT 1) TO PROGRAM 'true'", "InsufficientPrivilege"),
}


@pytest.mark.parametrize(("attack", "error"), SELF_PROMOTIONS.values(), ids=SELF_PROMOTIONS.keys())
def test_the_application_stays_what_it_is(scene: Scene, attack: str, error: str) -> None:
    """It cannot become somebody else, nor change what it runs against."""
    if "SESSION AUTHORIZATION" in attack or "ROLE soquy_owner" in attack:
        session = scene.conn.execute(sa.text("SELECT session_user")).scalar_one()
        if session != "soquy_app":
            pytest.skip(f"this server's connections begin as {session}, who may become anybody")
    assert refusal(scene.conn, attack) == error


INTERNAL = {
    "refuse_closing": "SELECT soquy.refuse_closing(:tenant_id, :book_id, NULL, NULL, '2024-12-31')",
    "leaf_says": "SELECT soquy.leaf_says(:tenant_id, gen_random_uuid(), 'entry', NULL, :book_id, '{}')",
    "leaf_members": "SELECT soquy.leaf_members('{}')",
    "make_posting_partition": "SELECT soquy.make_posting_partition(1999)",
}


@pytest.mark.parametrize("call", INTERNAL.values(), ids=INTERNAL.keys())
def test_internal_functions_are_not_called(scene: Scene, call: str) -> None:
    """Functions that only other functions use are granted to nobody."""
    parameters = scene.keys if ":" in call else {}
    assert refusal(scene.conn, call, **parameters) == "InsufficientPrivilege"


def test_another_tenants_rows_are_not_there(scene: Scene) -> None:
    """Row-level security shows a transaction its own tenant and nothing else; without a tenant, nothing at all."""
    counted = "SELECT " + ", ".join(
        f"(SELECT count(*) FROM soquy.{table} WHERE tenant_id = :tenant_id)"
        for table in (
            "association",
            "book",
            "book_head",
            "account",
            "fund",
            "entry",
            "posting",
            "audit_entry",
        )
    )
    own, foreign = ({"tenant_id": book.tenant_id} for book in (scene.book, scene.stranger))
    assert all(scene.conn.execute(sa.text(counted), own).one())
    assert not any(scene.conn.execute(sa.text(counted), foreign).one())
    for nothing in ("", "0"):
        scene.conn.execute(sa.text("SELECT set_config('soquy.tenant_id', :nothing, true)"), {"nothing": nothing})
        assert not any(scene.conn.execute(sa.text(counted), own).one())


def test_another_tenant_takes_no_rows(scene: Scene) -> None:
    """Nor can a row be written for another tenant, whatever else is right about it."""
    wrong = attempt(scene.stranger, seq=1, on=MAY, number=1)
    assert refusal(scene.conn, wrong) == "InsufficientPrivilege"
    mixed = scene.attempt()
    mixed.posting[1]["tenant_id"] = scene.stranger.tenant_id
    assert refusal(scene.conn, mixed) == "InsufficientPrivilege"


FOREIGN_CALLS = {
    "take_book": "SELECT soquy.take_book(:tenant_id, :book_id)",
    "close_account": "SELECT soquy.close_account(:tenant_id, :book_id, '1388', '2024-12-31', NULL)",
    "close_fund": "SELECT soquy.close_fund(:tenant_id, :book_id, 'QC', '2024-12-31', NULL)",
    "close_association": "SELECT soquy.close_association(:tenant_id, :association_id, '2024-12-31', NULL)",
}


@pytest.mark.parametrize("call", FOREIGN_CALLS.values(), ids=FOREIGN_CALLS.keys())
def test_functions_work_in_the_transactions_tenant_alone(scene: Scene, call: str) -> None:
    """The checked functions, which see everything, refuse another tenant's id, and any where none is set."""
    parameters = {
        "tenant_id": scene.stranger.tenant_id,
        "book_id": scene.stranger.book_id,
        "association_id": scene.stranger.association_id,
    }
    chosen = {name: value for name, value in parameters.items() if f":{name}" in call}
    assert refusal(scene.conn, call, **chosen) == "tenant_isolation"
    scene.conn.execute(sa.text("SELECT set_config('soquy.tenant_id', '', true)"))
    assert refusal(scene.conn, call, **chosen) == "tenant_isolation"
    assert refusal(scene.conn, "SELECT soquy.found_tenant('Của tôi')") == "tenant_isolation"


def test_a_tenant_that_changes_within_a_statement_hides_no_entry(scene: Scene) -> None:
    """The setting behind the policies can be changed row by row; the checks still see every row of the statement."""
    attack = scene.attempt()
    stray = {**attack.entry[0], "tenant_id": scene.stranger.tenant_id, "entry_id": str(uuid.uuid4())}
    attack.entry.insert(0, stray)  # the home row comes last, so that the other tables' rows are in its tenant again
    switching = "CAST(set_config('soquy.tenant_id', CAST(tenant_id AS text), true) AS integer)"
    ctes = ", ".join(f"{table}_rows AS ({insert_statement(table)})" for table in ("voucher", "audit_entry", "posting"))
    refused = refusal(scene.conn, f"WITH {ctes} {insert_statement('entry', switching)}", **attack.parameters())
    assert refused in {"entry_seq_gapless_rule", "entry_postings_given_rule"}
