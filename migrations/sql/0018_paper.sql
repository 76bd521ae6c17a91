-- Papers that were printed, so that a reprint can be held against the first, and the bank accounts that papers and pages
-- ask people to pay into.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- Where people are asked to pay. The newest version of an account counts; one without a number is shown no more. An account
-- number that somebody changed would send gifts elsewhere, so every version has its leaf and none is ever changed.
CREATE TABLE bank_account (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    bank_bin text COLLATE "C",
    number text COLLATE "C",
    holder text,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_account_pk PRIMARY KEY (tenant_id, book_id, account, version),
    CONSTRAINT bank_account_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT bank_account_version_range_check CHECK (version >= 1),
    CONSTRAINT bank_account_bank_bin_format_check CHECK (bank_bin ~ '^[0-9]{6}$'),
    CONSTRAINT bank_account_number_format_check CHECK (number ~ '^[0-9A-Za-z]{1,19}$'),
    CONSTRAINT bank_account_holder_length_check CHECK (length(holder) BETWEEN 1 AND 200),
    CONSTRAINT bank_account_holder_nfc_check CHECK (holder IS NFC NORMALIZED),
    CONSTRAINT bank_account_given_check CHECK (num_nulls(bank_bin, number, holder) IN (0, 3))
);

-- What was printed first: which paper of which entry, by which templates and typesetter, and what it showed that is not in
-- the books and may change (names of funds, the address of the service). A PDF has names on it, and whoever has its plain
-- hash can try names out; so the hashes of it and of its data are made with a key of the tenant, of purpose value.
-- A paper is no evidence of its own: vouchers and gifts have their leaves, and a lost row is made by the next print.
CREATE TABLE paper (
    tenant_id integer NOT NULL,
    paper_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    first_line integer NOT NULL,
    last_line integer NOT NULL,
    version text COLLATE "C" NOT NULL,
    engine text COLLATE "C" NOT NULL,
    context jsonb NOT NULL,
    key_id uuid NOT NULL,
    data_digest bytea NOT NULL,
    pdf_digest bytea NOT NULL,
    principal_id uuid NOT NULL,
    actor_role text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT paper_pk PRIMARY KEY (tenant_id, paper_id),
    CONSTRAINT paper_subject_unique UNIQUE (tenant_id, book_id, seq, kind, first_line),
    CONSTRAINT paper_kind_check CHECK (kind IN ('voucher', 'list', 'receipt', 'receipts')),
    CONSTRAINT paper_lines_range_check CHECK (first_line BETWEEN 1 AND last_line AND last_line <= 100000),
    CONSTRAINT paper_version_format_check CHECK (version ~ '^v[0-9]{1,4}$'),
    CONSTRAINT paper_engine_format_check CHECK (engine ~ '^[a-z]{1,20}-[0-9a-z.]{1,20}$'),
    CONSTRAINT paper_context_size_check CHECK (jsonb_typeof(context) = 'object' AND length(context::text) <= 8000),
    CONSTRAINT paper_digest_size_check CHECK (octet_length(data_digest) = 32 AND octet_length(pdf_digest) = 32),
    CONSTRAINT paper_actor_role_format_check CHECK (actor_role ~ '^[a-z][a-z_]{0,39}$')
);

ALTER TABLE bank_account ADD CONSTRAINT bank_account_account_fk
FOREIGN KEY (tenant_id, book_id, account) REFERENCES account (tenant_id, book_id, account);
ALTER TABLE paper ADD CONSTRAINT paper_entry_fk
FOREIGN KEY (tenant_id, book_id, seq) REFERENCES entry (tenant_id, book_id, seq);

CREATE FUNCTION check_bank_accounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.account, CASE
        WHEN head.taken_by IS DISTINCT FROM pg_current_xact_id() OR added.version > 1 AND prior.version IS NULL
            THEN 'bank_account_version_rule'
        WHEN a.role <> 'bank' OR a.currency <> 'VND' OR a.is_parent OR a.closed_on IS NOT NULL
            THEN 'bank_account_bank_rule'
        ELSE 'bank_account_leaf_given_rule'
    END AS rule INTO fault
    FROM added
    JOIN book USING (tenant_id, book_id)
    JOIN book_head AS head USING (tenant_id, book_id)
    LEFT JOIN account AS a ON a.tenant_id = added.tenant_id AND a.book_id = added.book_id AND a.account = added.account
    LEFT JOIN bank_account AS prior ON prior.tenant_id = added.tenant_id AND prior.book_id = added.book_id
        AND prior.account = added.account AND prior.version = added.version - 1
    WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR added.version > 1 AND prior.version IS NULL
        OR a.role <> 'bank' OR a.currency <> 'VND' OR a.is_parent OR a.closed_on IS NOT NULL
        OR NOT leaf_says(added.tenant_id, added.event_id, 'bank_account.set', book.association_id, added.book_id,
            jsonb_build_object('account', added.account, 'bank', added.bank_bin, 'number', added.number,
                'version', added.version))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('the bank account shown for %s is not as its leaf and book say', fault.account),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER bank_account_leaf AFTER INSERT ON bank_account
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_bank_accounts();

-- The key that a paper's hashes were made with, as it is wrapped; only keys that a paper names.
CREATE FUNCTION vault.paper_key(p_tenant_id integer, p_paper_id uuid)
RETURNS TABLE (key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id
        FROM soquy.paper AS p JOIN data_key AS k ON k.tenant_id = p.tenant_id AND k.key_id = p.key_id
        WHERE p.tenant_id = p_tenant_id AND p.paper_id = p_paper_id AND k.purpose = 'value';
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bank_account', 'paper'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
END
$$;
ALTER TABLE bank_account ENABLE ALWAYS TRIGGER bank_account_leaf;

GRANT SELECT ON bank_account TO soquy_app;
GRANT INSERT (tenant_id, book_id, account, version, bank_bin, number, holder, event_id) ON bank_account TO soquy_app;
GRANT SELECT (tenant_id, paper_id, book_id, seq, kind, first_line, last_line, version, engine, context, key_id, data_digest,
pdf_digest, principal_id, actor_role, issued_at) ON paper TO soquy_app;
GRANT INSERT (tenant_id, paper_id, book_id, seq, kind, first_line, last_line, version, engine, context, key_id, data_digest,
pdf_digest, principal_id, actor_role) ON paper TO soquy_app;
GRANT EXECUTE ON FUNCTION vault.paper_key(integer, uuid) TO soquy_app;
RESET ROLE;
