-- The vault: what is sealed out of the log, so that it can be opened for a reason and erased when its time is over.
--
-- Keys and ciphertexts stand here; the key-encryption key stands outside the database. A dump alone therefore opens
-- nothing, and tries out no guess: without its salt a commitment says nothing about any value.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'soquy_vault') THEN
        CREATE ROLE soquy_vault NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database's migration made it at the same moment
END
$$;
GRANT soquy_vault TO CURRENT_USER;

CREATE SCHEMA vault AUTHORIZATION soquy_owner;
SET LOCAL ROLE soquy_owner;

-- What was kept before there was a vault. The program seals it when it starts (ledger/people/adoption.py), because
-- SQL has no key to do it with; afterwards the table stays empty. The migration and the program that knows the new
-- name come together, and nothing else reads it.
-- squawk-ignore-file ban-set-schema, renaming-table, renaming-object
ALTER TABLE soquy.sealed_value SET SCHEMA vault;
SET LOCAL search_path = vault, pg_temp;
ALTER TABLE sealed_value RENAME TO unsealed_value;
ALTER TABLE unsealed_value RENAME CONSTRAINT sealed_value_pk TO unsealed_value_pk;
ALTER TABLE unsealed_value RENAME CONSTRAINT sealed_value_field_format_check TO unsealed_value_field_format_check;
ALTER TABLE unsealed_value RENAME CONSTRAINT sealed_value_salt_size_check TO unsealed_value_salt_size_check;
ALTER TABLE unsealed_value RENAME CONSTRAINT sealed_value_length_check TO unsealed_value_length_check;
ALTER POLICY sealed_value_tenant ON unsealed_value RENAME TO unsealed_value_tenant;
REVOKE ALL ON unsealed_value FROM soquy_app;

-- How many years after the end of its fiscal year a value is kept, as the law stands on the day that asks. Values
-- name their class and year, so a law that lengthens the time lengthens it for what is kept already.
CREATE TABLE retention_class (
    retention text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    years smallint NOT NULL,
    is_law boolean NOT NULL,
    source text NOT NULL,
    CONSTRAINT retention_class_pk PRIMARY KEY (retention, valid_from),
    CONSTRAINT retention_class_years_check CHECK (years BETWEEN 0 AND 100),
    CONSTRAINT retention_class_range_check CHECK (valid_to > valid_from)
);
INSERT INTO retention_class (retention, valid_from, years, is_law, source) VALUES
('book', '2017-01-01', 10, true, 'Decree 174/2016 Art. 13'),
('slip', '2017-01-01', 5, true, 'Decree 174/2016 Art. 12'),
('service', '2017-01-01', 5, false, 'ours: who was given access, and what was erased');

-- Data keys, wrapped by the key-encryption key: AES-256-GCM, nonce (12) and 48 bytes. Those that seal values live as
-- long as the values; those that salt the hashes of requests go when no token of their year can ask again.
-- made_in tells a key that may still be rolled back from one that may be remembered.
CREATE TABLE data_key (
    tenant_id integer NOT NULL,
    key_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    year smallint NOT NULL,
    subject_id uuid,
    wrapped bytea NOT NULL,
    kek_id text COLLATE "C" NOT NULL,
    made_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    CONSTRAINT data_key_pk PRIMARY KEY (tenant_id, key_id),
    CONSTRAINT data_key_purpose_check CHECK (purpose IN ('value', 'request', 'identity')),
    CONSTRAINT data_key_wrapped_size_check CHECK (octet_length(wrapped) = 60),
    CONSTRAINT data_key_kek_id_format_check CHECK (kek_id ~ '^[0-9a-f]{16}$')
);
CREATE UNIQUE INDEX data_key_current_unique ON data_key (tenant_id, purpose, year)
WHERE subject_id IS NULL AND retired_at IS NULL;

-- sealed is AES-256-GCM under the data key: nonce (12), ciphertext, tag (16). Inside is the salt (32) and, where value
-- is null, the value. Only the working text that every report shows is plain beside it.
CREATE TABLE sealed_value (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    value text,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    retention text COLLATE "C" NOT NULL,
    fiscal_year smallint NOT NULL,
    CONSTRAINT sealed_value_pk PRIMARY KEY (tenant_id, event_id, field),
    CONSTRAINT sealed_value_field_format_check CHECK (field ~ '^[a-z][a-z0-9_]{0,39}$'),
    CONSTRAINT sealed_value_sealed_size_check CHECK (octet_length(sealed) BETWEEN 60 AND 20000),
    CONSTRAINT sealed_value_length_check CHECK (length(value) <= 4000),
    CONSTRAINT sealed_value_working_text_check CHECK (value IS NULL OR field = 'description')
);

-- Who opened what, when and to what end. Why is typed text: it stands apart, to be erased with the value.
CREATE TABLE opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    event_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    principal_id uuid,
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT opening_pk PRIMARY KEY (tenant_id, opening_id),
    CONSTRAINT opening_purpose_check CHECK (purpose IN ('inspection', 'receipt'))
);
CREATE INDEX opening_event ON opening (tenant_id, event_id, field);

CREATE TABLE opening_reason (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    reason text NOT NULL,
    CONSTRAINT opening_reason_pk PRIMARY KEY (tenant_id, opening_id),
    CONSTRAINT opening_reason_length_check CHECK (length(reason) BETWEEN 1 AND 500)
);

-- What was erased, by which event of the log: a restored backup erases it again.
CREATE TABLE erasure (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    erasing_event_id uuid NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT erasure_pk PRIMARY KEY (tenant_id, event_id, field)
);

ALTER TABLE data_key ADD CONSTRAINT data_key_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant (tenant_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['opening', 'erasure'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['data_key', 'sealed_value', 'opening', 'opening_reason', 'erasure'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
END
$$;

-- The tenant's key for a purpose this year: the one there is, or the candidate. Whoever comes second waits for the
-- first to commit, and gets its key.
CREATE FUNCTION use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text)
RETURNS TABLE (key_id uuid, wrapped bytea, kek_id text, is_settled boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    this_year smallint := extract(YEAR FROM soquy.today());
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    FOR attempt IN 1..2 LOOP
        RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id, k.made_in <> pg_current_xact_id()
            FROM data_key AS k
            WHERE k.tenant_id = p_tenant_id AND k.purpose = p_purpose AND k.year = this_year
                AND k.subject_id IS NULL AND k.retired_at IS NULL;
        EXIT WHEN FOUND;
        INSERT INTO data_key (tenant_id, key_id, purpose, year, wrapped, kek_id)
        VALUES (p_tenant_id, p_key_id, p_purpose, this_year, p_wrapped, p_kek_id)
        ON CONFLICT (tenant_id, purpose, year) WHERE subject_id IS NULL AND retired_at IS NULL DO NOTHING;
    END LOOP;
END
$$;

-- Every key that may have salted the hash of an earlier request.
CREATE FUNCTION request_keys(p_tenant_id integer)
RETURNS TABLE (key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id FROM data_key AS k
        WHERE k.tenant_id = p_tenant_id AND k.purpose = 'request' ORDER BY k.created_at DESC LIMIT 20;
END
$$;

-- Which key-encryption keys wrap the data keys of any tenant: one, unless something went wrong.
CREATE FUNCTION kek_ids() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$ SELECT DISTINCT kek_id FROM data_key ORDER BY 1 LIMIT 10 $$;

-- The only way to a ciphertext for the service: the opening is recorded in the same call. An inspection has a reason.
-- A receipt opens no more than the entry's text and, to who posted it, their own name on it.
CREATE FUNCTION open_values(
    p_tenant_id integer, p_event_id uuid, p_fields text [], p_purpose text, p_reason text, p_principal_id uuid
) RETURNS TABLE (field text, value text, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    IF p_purpose = 'inspection' AND coalesce(p_reason, '') !~ '[^[:space:]]' THEN
        PERFORM soquy.refuse('opening_reason_given_rule', 'an inspection opens nothing without a reason');
    END IF;
    IF p_purpose = 'receipt' AND NOT p_fields <@ (
        SELECT CASE WHEN EXISTS (
            SELECT FROM soquy.entry
            WHERE tenant_id = p_tenant_id AND entry_id = p_event_id AND actor_id = p_principal_id
        ) THEN ARRAY['description', 'actor'] ELSE ARRAY['description'] END
    ) THEN
        PERFORM soquy.refuse('opening_receipt_rule', 'a receipt opens its own fields alone');
    END IF;
    WITH opened AS (
        INSERT INTO opening (tenant_id, opening_id, event_id, field, purpose, principal_id)
        SELECT s.tenant_id, gen_random_uuid(), s.event_id, s.field, p_purpose, p_principal_id
        FROM sealed_value AS s
        WHERE s.tenant_id = p_tenant_id AND s.event_id = p_event_id AND s.field = ANY (p_fields)
        RETURNING tenant_id, opening_id
    )
    INSERT INTO opening_reason (tenant_id, opening_id, reason)
    SELECT tenant_id, opening_id, p_reason FROM opened WHERE p_reason IS NOT NULL;
    RETURN QUERY SELECT s.field, s.value, s.sealed, k.key_id, k.wrapped, k.kek_id
        FROM sealed_value AS s JOIN data_key AS k ON k.tenant_id = s.tenant_id AND k.key_id = s.key_id
        WHERE s.tenant_id = p_tenant_id AND s.event_id = p_event_id AND s.field = ANY (p_fields)
        ORDER BY s.field;
END
$$;

-- The last day a class of values is kept, as the law stands on a day.
CREATE FUNCTION keep_through(p_retention text, p_fiscal_year integer, p_as_of date) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT make_date(p_fiscal_year + max(years), 12, 31) FROM retention_class
    WHERE retention = p_retention AND valid_from <= p_as_of AND (valid_to IS NULL OR p_as_of < valid_to)
$$;

-- Maintenance. Let nobody make a data key until the transaction ends.
CREATE FUNCTION lock_keys() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$ LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE $$;

-- Wrap a data key anew, if it still is what the caller unwrapped.
CREATE FUNCTION rewrap_key(p_tenant_id integer, p_key_id uuid, p_was bytea, p_wrapped bytea, p_kek_id text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE data_key SET wrapped = p_wrapped, kek_id = p_kek_id
    WHERE tenant_id = p_tenant_id AND key_id = p_key_id AND wrapped = p_was;
    RETURN FOUND;
END
$$;

-- Let new values be sealed by a new key; the old one goes on opening what it sealed. The key of identities stays: under
-- another one nobody would be found again.
CREATE FUNCTION retire_keys(p_tenant_id integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    retired bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE data_key SET retired_at = now()
    WHERE tenant_id = p_tenant_id AND retired_at IS NULL AND purpose <> 'identity';
    GET DIAGNOSTICS retired = ROW_COUNT;
    RETURN retired;
END
$$;

-- A token lives 400 days at most, so after as many days no request of a year can come again: without their key the
-- hashes of that year's requests say nothing any more.
CREATE FUNCTION destroy_request_keys(p_tenant_id integer, p_as_of date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    destroyed bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    DELETE FROM data_key
    WHERE tenant_id = p_tenant_id AND purpose = 'request' AND make_date(year, 12, 31) + 400 < p_as_of;
    GET DIAGNOSTICS destroyed = ROW_COUNT;
    RETURN destroyed;
END
$$;

-- The service adds sealed values and reads the working text; the ciphertext only ``open_values`` gives it.
GRANT USAGE ON SCHEMA vault TO soquy_app, soquy_vault;
GRANT SELECT (tenant_id, event_id, field, value),
INSERT (tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year) ON sealed_value TO soquy_app;
GRANT SELECT (tenant_id, key_id) ON data_key TO soquy_app;
GRANT EXECUTE ON FUNCTION use_key(integer, text, uuid, bytea, text), request_keys(integer), kek_ids(),
open_values(integer, uuid, text [], text, text, uuid) TO soquy_app;

-- Maintenance seals what was kept before, erases, and wraps keys anew; it reads no book.
GRANT SELECT ON data_key, sealed_value, unsealed_value, opening, opening_reason, erasure, retention_class TO soquy_vault;
GRANT INSERT (tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year), DELETE ON sealed_value
TO soquy_vault;
GRANT DELETE ON unsealed_value, opening_reason TO soquy_vault;
GRANT TRUNCATE ON unsealed_value TO soquy_vault;
GRANT INSERT (tenant_id, event_id, field, erasing_event_id) ON erasure TO soquy_vault;
GRANT EXECUTE ON FUNCTION use_key(integer, text, uuid, bytea, text), kek_ids(), keep_through(text, integer, date),
lock_keys(), rewrap_key(integer, uuid, bytea, bytea, text), retire_keys(integer), destroy_request_keys(integer, date)
TO soquy_vault;
GRANT USAGE ON SCHEMA soquy TO soquy_vault;
GRANT SELECT ON soquy.tenant TO soquy_vault;
GRANT SELECT (tenant_id, event_id, type, association_id, book_id, recorded_at) ON soquy.audit_entry TO soquy_vault;
GRANT SELECT (tenant_id, entry_id, entry_on) ON soquy.entry TO soquy_vault;
GRANT INSERT (tenant_id, event_id, type, association_id, book_id, book_seq, leaf) ON soquy.audit_entry TO soquy_vault;

-- Hashes of requests that were made before they were salted could be tried out; what they stood for can't come again.
ALTER TABLE soquy.idempotency DISABLE TRIGGER idempotency_append_only;
UPDATE soquy.idempotency SET request_hash = sha256(uuid_send(gen_random_uuid()));
ALTER TABLE soquy.idempotency ENABLE ALWAYS TRIGGER idempotency_append_only;
RESET ROLE;
