-- Who may do what: append-only triggers, row-level security, grants, partitions.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- I2, for every table whose rows are evidence.
DO $$
DECLARE
    evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY['entry', 'posting', 'voucher', 'voucher_void', 'month_lock', 'audit_entry',
        'idempotency', 'token_revocation'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            evidence || '_append_only', evidence);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            evidence || '_no_truncate', evidence);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            evidence, evidence || '_append_only', evidence || '_no_truncate');
    END LOOP;
END
$$;

-- The checks of the journal run ALWAYS too: a replica's loader is no way around them.
ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_check;
ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_check;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_queue;
ALTER TABLE voucher ENABLE ALWAYS TRIGGER voucher_count;
ALTER TABLE voucher_void ENABLE ALWAYS TRIGGER voucher_void_check;
ALTER TABLE month_lock ENABLE ALWAYS TRIGGER month_lock_apply;
ALTER TABLE association ENABLE ALWAYS TRIGGER association_check;
ALTER TABLE book ENABLE ALWAYS TRIGGER book_furnish;
ALTER TABLE account ENABLE ALWAYS TRIGGER account_check;
ALTER TABLE fund ENABLE ALWAYS TRIGGER fund_check;

-- One partition a year. Row triggers come along from the parent; TRUNCATE is a matter of
-- each table, so every partition gets its own refusal.
CREATE FUNCTION make_posting_partition(p_year integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    name text := 'posting_' || p_year;
BEGIN
    IF p_year NOT BETWEEN 1996 AND 2999 THEN
        PERFORM refuse('posting_partition_year_rule', 'partitions hold the years 1996 to 2999');
    END IF;
    IF to_regclass('soquy.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF posting FOR VALUES FROM (%L) TO (%L)',
        name, make_date(p_year, 1, 1), make_date(p_year + 1, 1, 1));
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        name || '_no_truncate', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER posting_append_only, ENABLE ALWAYS TRIGGER %I',
        name, name || '_no_truncate');
    RETURN true;
END
$$;

-- The first regime is valid from 1996; later years are made as they come near.
SELECT make_posting_partition(year) FROM generate_series(1996, extract(YEAR FROM today())::integer + 1) AS year;

-- Row-level security contains our own bugs: a query that forgets its tenant finds nothing.
DO $$
DECLARE
    tenanted text;
BEGIN
    FOREACH tenanted IN ARRAY ARRAY['association', 'book', 'book_head', 'account', 'fund', 'campaign', 'program',
        'month_lock', 'voucher', 'voucher_void', 'entry', 'posting', 'day_total', 'balance_key',
        'month_total', 'audit_entry', 'audit_pending', 'sealed_value', 'idempotency', 'api_token',
        'token_revocation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenanted);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            tenanted || '_tenant', tenanted);
    END LOOP;
END
$$;

-- The service reads everything of its tenant and adds rows; columns that the database
-- sets itself (recorded_at, is_parent, closed_on of what is open) it may not set.
GRANT SELECT ON association, book, book_head, account, fund, campaign, program, month_lock, voucher, voucher_void,
entry, posting, day_total, balance_key, month_total, audit_entry, audit_pending, sealed_value,
idempotency, api_token, token_revocation TO soquy_app;
GRANT INSERT (tenant_id, association_id, parent_tenant_id, parent_id, kind, level, name_vi, name_en, unit_code,
founded_on, is_sample) ON association TO soquy_app;
GRANT INSERT (tenant_id, association_id, chart, opened_on) ON book TO soquy_app;
GRANT INSERT (tenant_id, book_id, account, parent, name_vi, name_en, side, role, currency, opened_on) ON account
TO soquy_app;
GRANT INSERT (tenant_id, book_id, fund, kind, balance_account, is_restricted, name_vi, name_en, purpose, opened_on)
ON fund TO soquy_app;
GRANT INSERT ON campaign, program, sealed_value, posting TO soquy_app;
GRANT INSERT (tenant_id, book_id, locked_through, last_seq, event_id) ON month_lock TO soquy_app;
GRANT INSERT (tenant_id, book_id, voucher_kind, fiscal_year, number, issued_on) ON voucher TO soquy_app;
GRANT INSERT (tenant_id, book_id, voucher_kind, fiscal_year, number, event_id) ON voucher_void TO soquy_app;
GRANT INSERT (tenant_id, book_id, seq, entry_id, kind, entry_on, line_count, voucher_kind, fiscal_year, voucher_number,
rate_currency, rate, rate_source, corrects_seq, actor_id) ON entry TO soquy_app;
GRANT INSERT (tenant_id, event_id, type, association_id, book_id, book_seq, leaf) ON audit_entry TO soquy_app;
GRANT INSERT (tenant_id, principal_id, key, request_hash, result) ON idempotency TO soquy_app;
GRANT INSERT (tenant_id, token_id, secret_hash, label, rights, association_ids, reaches_below, expires_at)
ON api_token TO soquy_app;
GRANT INSERT (tenant_id, token_id, event_id) ON token_revocation TO soquy_app;

GRANT EXECUTE ON FUNCTION today(), current_tenant(), refuse(text, text, jsonb) TO soquy_app;
GRANT EXECUTE ON FUNCTION take_book(integer, bigint, text [], text [], jsonb), close_account(integer, bigint, text, date),
close_fund(integer, bigint, text, date), close_association(integer, uuid, date), found_tenant(text),
association_home(uuid), authenticate(integer, bytea, uuid) TO soquy_app;
RESET ROLE;

ALTER ROLE soquy_app SET search_path = soquy, pg_temp;
-- The service asks which schema it stands on; the table is the migrations' own.
GRANT SELECT ON soquy.alembic_version TO soquy_app;
