-- Leaves waiting for the public log, what was sealed out of them, and who asked for what.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- leaf is hashed exactly as stored; audit/canonical.py defines its bytes.
-- tlog-tiles gives a leaf's length two bytes: 65,535 is the most.
CREATE TABLE audit_entry (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    association_id uuid,
    book_id bigint,
    book_seq bigint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    leaf bytea NOT NULL,
    CONSTRAINT audit_entry_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT audit_entry_leaf_size_check CHECK (octet_length(leaf) BETWEEN 2 AND 65535),
    CONSTRAINT audit_entry_seq_given_check
    CHECK ((type = 'entry') = (book_seq IS NOT NULL) AND (book_seq IS NULL OR book_id IS NOT NULL))
);

-- Leaves committed and not yet numbered; the sequencer drains it.
CREATE TABLE audit_pending (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT audit_pending_pk PRIMARY KEY (tenant_id, event_id)
);

-- Private values that a leaf commits to, and the salts that open the commitments.
-- Erasable, unlike all the rest: erasing a row breaks no proof.
CREATE TABLE sealed_value (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    value text NOT NULL,
    salt bytea NOT NULL,
    CONSTRAINT sealed_value_pk PRIMARY KEY (tenant_id, event_id, field),
    CONSTRAINT sealed_value_field_format_check CHECK (field ~ '^[a-z][a-z0-9_.]{0,39}$'),
    CONSTRAINT sealed_value_salt_size_check CHECK (octet_length(salt) = 32),
    CONSTRAINT sealed_value_length_check CHECK (length(value) <= 4000)
);

-- I8: kept for ever, with the request's hash and what came of it, never its body.
CREATE TABLE idempotency (
    tenant_id integer NOT NULL,
    principal_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_hash bytea NOT NULL,
    result jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_pk PRIMARY KEY (tenant_id, principal_id, key),
    CONSTRAINT idempotency_key_format_check CHECK (key ~ '^[!-~]{1,100}$'),
    CONSTRAINT idempotency_hash_size_check CHECK (octet_length(request_hash) = 32),
    CONSTRAINT idempotency_result_size_check CHECK (length(result::text) <= 10000)
);

-- API tokens: only the hash of the secret is kept. A token reaches the associations
-- it names and, where reaches_below, everything under them; tenant 0's reach all.
CREATE TABLE api_token (
    tenant_id integer NOT NULL,
    token_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    label text NOT NULL,
    rights text [] NOT NULL,
    association_ids uuid [] NOT NULL,
    reaches_below boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_token_pk PRIMARY KEY (tenant_id, token_id),
    CONSTRAINT api_token_hash_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT api_token_hash_size_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT api_token_label_length_check CHECK (length(label) BETWEEN 1 AND 100),
    CONSTRAINT api_token_rights_check
    CHECK (rights <@ ARRAY['read', 'post', 'lock', 'chart', 'found', 'token'] AND cardinality(rights) >= 1),
    CONSTRAINT api_token_scope_size_check CHECK (cardinality(association_ids) <= 1000)
);

CREATE TABLE token_revocation (
    tenant_id integer NOT NULL,
    token_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT token_revocation_pk PRIMARY KEY (tenant_id, token_id)
);

ALTER TABLE api_token ADD CONSTRAINT api_token_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE token_revocation ADD CONSTRAINT token_revocation_token_fk
FOREIGN KEY (tenant_id, token_id) REFERENCES api_token (tenant_id, token_id);
RESET ROLE;
