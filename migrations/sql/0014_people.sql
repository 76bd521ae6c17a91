-- People and their consents, and the documents that events rest on.
--
-- Who gave, guards a child or collected is kept in the register of one book, in the vault: names and what they are found
-- by in plain, everything else sealed under a key of that person's own. Erasing a person destroys the key. The service
-- adds rows; it changes them through functions alone, and reads what is sealed only through functions that write down
-- who asked.

-- Nobody reads while migrations run.
-- squawk-ignore-file require-concurrent-index-creation

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = vault, pg_temp;

-- A consent outlives no voucher that shows the name.
INSERT INTO retention_class (retention, valid_from, years, is_law, source) VALUES
('consent', '2017-01-01', 10, false, 'ours: as long as the vouchers that a name may be shown with');

-- A person's own key; a retired one goes on opening what it sealed.
CREATE UNIQUE INDEX data_key_subject_unique ON data_key (tenant_id, subject_id)
WHERE subject_id IS NOT NULL AND retired_at IS NULL;
CREATE INDEX data_key_subject_idx ON data_key (tenant_id, subject_id) WHERE subject_id IS NOT NULL;

-- A giver, guardian, collector: a human being, or a household, business or organisation. handle is what the log calls a
-- person by who was erased: of chance alone, so that not even the time of registering shows. Of two records that are one
-- person, one is merged into the other.
CREATE TABLE person (
    tenant_id integer NOT NULL,
    person_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL GENERATED ALWAYS AS (' ' || search_key) STORED,
    sort_key text COLLATE "C" NOT NULL,
    country text COLLATE "C",
    birth_year smallint,
    merged_into uuid,
    version integer NOT NULL DEFAULT 1,
    handle uuid NOT NULL DEFAULT gen_random_uuid(),
    created_by uuid NOT NULL,
    changed_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_pk PRIMARY KEY (tenant_id, person_id),
    CONSTRAINT person_kind_check CHECK (kind IN ('individual', 'household', 'business', 'organisation')),
    CONSTRAINT person_name_length_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT person_name_nfc_check CHECK (name IS NFC NORMALIZED),
    CONSTRAINT person_search_key_size_check CHECK (octet_length(search_key) BETWEEN 1 AND 700),
    CONSTRAINT person_sort_key_size_check CHECK (octet_length(sort_key) BETWEEN 1 AND 1500),
    CONSTRAINT person_country_format_check CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT person_birth_year_check CHECK (birth_year IS NULL OR birth_year BETWEEN 1900 AND 2999 AND kind = 'individual'),
    CONSTRAINT person_merged_into_check CHECK (merged_into <> person_id)
);
-- The register in Vietnamese order, with what is searched: a page of it is read from the index alone.
CREATE INDEX person_order ON person (tenant_id, book_id, sort_key, person_id) INCLUDE (words, kind)
WHERE merged_into IS NULL;
CREATE INDEX person_name ON person (tenant_id, book_id, search_key) WHERE merged_into IS NULL;
CREATE INDEX person_merged ON person (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX person_handle ON person (tenant_id, handle);

-- What is sealed of a person: AES-256-GCM under the person's key: nonce (12), ciphertext, tag (16).
CREATE TABLE person_detail (
    tenant_id integer NOT NULL,
    person_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT person_detail_pk PRIMARY KEY (tenant_id, person_id, field),
    CONSTRAINT person_detail_field_check
    CHECK (field IN ('address', 'phone', 'email', 'tax_number', 'bank_account', 'note')),
    CONSTRAINT person_detail_sealed_size_check CHECK (octet_length(sealed) BETWEEN 29 AND 8000)
);

-- Who looked at what of a person, and when. Why an inspector did is in opening_reason.
CREATE TABLE person_opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    person_id uuid NOT NULL,
    fields text [] NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    principal_id uuid,
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_opening_pk PRIMARY KEY (tenant_id, opening_id),
    CONSTRAINT person_opening_purpose_check CHECK (purpose IN ('care', 'inspection'))
);
CREATE INDEX person_opening_person ON person_opening (tenant_id, person_id, opened_at);

-- Who answers for a child.
CREATE TABLE guardianship (
    tenant_id integer NOT NULL,
    minor_id uuid NOT NULL,
    guardian_id uuid NOT NULL,
    relation text COLLATE "C" NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT guardianship_pk PRIMARY KEY (tenant_id, minor_id, guardian_id),
    CONSTRAINT guardianship_relation_check CHECK (relation IN ('parent', 'grandparent', 'sibling', 'relative', 'legal')),
    CONSTRAINT guardianship_other_check CHECK (minor_id <> guardian_id)
);
CREATE INDEX guardianship_guardian ON guardianship (tenant_id, guardian_id);

-- What somebody agreed to; event_id is the leaf that commits to it. by_subject: the person themself, or who speaks for
-- a household, business or organisation.
CREATE TABLE consent (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    person_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    by_subject boolean NOT NULL,
    guardian_id uuid,
    method text COLLATE "C" NOT NULL,
    given_on date NOT NULL,
    document_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT consent_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT consent_purpose_check CHECK (purpose IN ('publish_name', 'contact', 'minor_data')),
    CONSTRAINT consent_by_check CHECK (by_subject OR guardian_id IS NOT NULL),
    CONSTRAINT consent_method_check CHECK (method IN ('paper', 'in_person', 'phone', 'message', 'online'))
);
CREATE INDEX consent_person ON consent (tenant_id, person_id, purpose);

CREATE TABLE consent_withdrawal (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    consent_id uuid NOT NULL,
    method text COLLATE "C" NOT NULL,
    withdrawn_on date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT consent_withdrawal_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT consent_withdrawal_consent_unique UNIQUE (tenant_id, consent_id),
    CONSTRAINT consent_withdrawal_method_check CHECK (method IN ('paper', 'in_person', 'phone', 'message', 'online'))
);

-- Who was erased, by which event of the log: a restored backup erases them again.
CREATE TABLE person_erasure (
    tenant_id integer NOT NULL,
    handle uuid NOT NULL,
    erasing_event_id uuid NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_erasure_pk PRIMARY KEY (tenant_id, handle)
);

-- A scan or a file, once in a book by its hash; AES-256-GCM under a key of the tenant, bound to its id.
CREATE TABLE document (
    tenant_id integer NOT NULL,
    document_id uuid NOT NULL,
    book_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    byte_size integer NOT NULL,
    page_count smallint,
    name text NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_pk PRIMARY KEY (tenant_id, document_id),
    CONSTRAINT document_sha256_unique UNIQUE (tenant_id, book_id, sha256),
    CONSTRAINT document_sha256_size_check CHECK (octet_length(sha256) = 32),
    CONSTRAINT document_media_type_check
    CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png', 'image/heic')),
    CONSTRAINT document_byte_size_check CHECK (byte_size BETWEEN 1 AND 15728640),
    CONSTRAINT document_sealed_size_check CHECK (octet_length(sealed) = byte_size + 28),
    CONSTRAINT document_page_count_check CHECK (page_count BETWEEN 1 AND 1000),
    CONSTRAINT document_name_length_check CHECK (length(name) BETWEEN 1 AND 200)
);
ALTER TABLE document ALTER COLUMN sealed SET STORAGE EXTERNAL;  -- nothing presses a ciphertext

-- Who sent a document in, each of those who did and each time: whoever may not see the book's documents sees those, and no other.
CREATE TABLE document_sending (
    tenant_id integer NOT NULL,
    document_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_sending_pk PRIMARY KEY (tenant_id, document_id, principal_id, sent_at)
);
CREATE INDEX document_sending_principal ON document_sending (tenant_id, principal_id, sent_at);

CREATE TABLE document_opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    document_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    principal_id uuid,
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_opening_pk PRIMARY KEY (tenant_id, opening_id),
    CONSTRAINT document_opening_purpose_check CHECK (purpose IN ('download', 'preview', 'inspection'))
);
CREATE INDEX document_opening_document ON document_opening (tenant_id, document_id, opened_at);

-- What events rest on, without anything personal: these rows stay when a document is erased. document_id is null where
-- a recovered log has the leaf and nobody the scan. target is the entry, or another event of the book.
CREATE TABLE soquy.attachment (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    target_id uuid NOT NULL,
    is_entry boolean NOT NULL,
    kind text COLLATE "C" NOT NULL,
    document_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attachment_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT attachment_kind_check
    CHECK (kind IN ('voucher', 'list', 'receipt', 'decision', 'minutes', 'contract', 'statement', 'consent', 'photo', 'other'))
);
CREATE INDEX attachment_target ON soquy.attachment (tenant_id, target_id);
CREATE INDEX attachment_document ON soquy.attachment (tenant_id, document_id);

-- A wrong scan stays where it was attached, and says that it was wrong.
CREATE TABLE soquy.attachment_disowning (
    tenant_id integer NOT NULL,
    attachment_id uuid NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attachment_disowning_pk PRIMARY KEY (tenant_id, attachment_id),
    CONSTRAINT attachment_disowning_event_unique UNIQUE (tenant_id, event_id)
);

ALTER TABLE person ADD CONSTRAINT person_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book (tenant_id, book_id);
ALTER TABLE person_detail ADD CONSTRAINT person_detail_person_fk
FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id);
ALTER TABLE person_detail ADD CONSTRAINT person_detail_key_fk
FOREIGN KEY (tenant_id, key_id) REFERENCES data_key (tenant_id, key_id);
ALTER TABLE guardianship ADD CONSTRAINT guardianship_minor_fk
FOREIGN KEY (tenant_id, minor_id) REFERENCES person (tenant_id, person_id);
ALTER TABLE guardianship ADD CONSTRAINT guardianship_guardian_fk
FOREIGN KEY (tenant_id, guardian_id) REFERENCES person (tenant_id, person_id);
ALTER TABLE consent ADD CONSTRAINT consent_person_fk
FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id);
ALTER TABLE document ADD CONSTRAINT document_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book (tenant_id, book_id);
ALTER TABLE document ADD CONSTRAINT document_key_fk
FOREIGN KEY (tenant_id, key_id) REFERENCES data_key (tenant_id, key_id);
ALTER TABLE soquy.attachment ADD CONSTRAINT attachment_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book (tenant_id, book_id);
ALTER TABLE soquy.attachment_disowning ADD CONSTRAINT attachment_disowning_attachment_fk
FOREIGN KEY (tenant_id, attachment_id) REFERENCES soquy.attachment (tenant_id, event_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['vault.person_opening', 'vault.person_erasure', 'vault.document_sending',
        'vault.document_opening', 'soquy.attachment', 'soquy.attachment_disowning'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change()',
            split_part(name, '.', 2) || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change()',
            split_part(name, '.', 2) || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I', name,
            split_part(name, '.', 2) || '_append_only', split_part(name, '.', 2) || '_no_truncate');
    END LOOP;
    -- These are erased in time, and until then never changed.
    FOREACH name IN ARRAY ARRAY['consent', 'consent_withdrawal', 'document'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change()',
            name || '_no_change', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_no_change');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['vault.person', 'vault.person_detail', 'vault.person_opening', 'vault.guardianship',
        'vault.consent', 'vault.consent_withdrawal', 'vault.person_erasure', 'vault.document', 'vault.document_sending',
        'vault.document_opening', 'soquy.attachment', 'soquy.attachment_disowning'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %s USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            split_part(name, '.', 2) || '_tenant', name);
    END LOOP;
END
$$;

-- Somebody of whom only the year of birth is known may be younger than eighteen until the year has ended in which they
-- turn it, and as old as seven from the year's beginning: whichever protects them more.
CREATE FUNCTION is_minor(p_birth_year smallint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = vault, pg_temp
AS $$ SELECT coalesce(extract(YEAR FROM soquy.today()) <= p_birth_year + 18, false) $$;

CREATE FUNCTION is_asked_too(p_birth_year smallint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = vault, pg_temp
AS $$ SELECT coalesce(extract(YEAR FROM soquy.today()) >= p_birth_year + 7, true) $$;

-- The person's keys, of many at once: those there are, or the candidates.
CREATE FUNCTION use_subject_keys(
    p_tenant_id integer, p_subject_ids uuid [], p_key_ids uuid [], p_wrapped bytea [], p_kek_id text
) RETURNS TABLE (subject_id uuid, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    INSERT INTO data_key (tenant_id, key_id, purpose, year, subject_id, wrapped, kek_id)
    SELECT p_tenant_id, c.key_id, 'value', extract(YEAR FROM soquy.today()), c.subject_id, c.wrapped, p_kek_id
    FROM unnest(p_subject_ids, p_key_ids, p_wrapped) AS c (subject_id, key_id, wrapped)
    JOIN person AS p ON p.tenant_id = p_tenant_id AND p.person_id = c.subject_id
    ON CONFLICT (tenant_id, subject_id) WHERE subject_id IS NOT NULL AND retired_at IS NULL DO NOTHING;
    RETURN QUERY SELECT k.subject_id, k.key_id, k.wrapped, k.kek_id FROM data_key AS k
        WHERE k.tenant_id = p_tenant_id AND k.subject_id = ANY (p_subject_ids) AND k.retired_at IS NULL;
END
$$;

-- Put a person's record right, as far as nobody else did meanwhile; the new version, or nothing.
CREATE FUNCTION change_person(
    p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_version integer, p_kind text, p_name text,
    p_search_key text, p_sort_key text, p_country text, p_birth_year smallint, p_principal_id uuid
) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    UPDATE person SET kind = p_kind, name = p_name, search_key = p_search_key, sort_key = p_sort_key,
        country = p_country, birth_year = p_birth_year, version = version + 1, changed_by = p_principal_id,
        changed_at = now()
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND person_id = p_person_id AND version = p_version AND merged_into IS NULL
    RETURNING version
$$;

-- Seal details of many people anew; nothing sealed takes one away. Their records are the book's.
CREATE FUNCTION put_details(
    p_tenant_id integer, p_book_id bigint, p_person_ids uuid [], p_fields text [], p_sealed bytea [], p_key_ids uuid []
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    put bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    DELETE FROM person_detail AS d
    USING unnest(p_person_ids, p_fields, p_sealed) AS n (person_id, field, sealed)
    JOIN person AS p ON p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.person_id = n.person_id
    WHERE d.tenant_id = p_tenant_id AND d.person_id = n.person_id AND d.field = n.field AND n.sealed IS NULL;
    INSERT INTO person_detail (tenant_id, person_id, field, sealed, key_id)
    SELECT p_tenant_id, n.person_id, n.field, n.sealed, n.key_id
    FROM unnest(p_person_ids, p_fields, p_sealed, p_key_ids) AS n (person_id, field, sealed, key_id)
    JOIN person AS p ON p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.person_id = n.person_id
    JOIN data_key AS k ON k.tenant_id = p_tenant_id AND k.key_id = n.key_id AND k.subject_id = n.person_id
    WHERE n.sealed IS NOT NULL
    ON CONFLICT (tenant_id, person_id, field) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id;
    GET DIAGNOSTICS put = ROW_COUNT;
    RETURN put;
END
$$;

-- The only way to what is sealed of a person; it leaves a record. An inspection has a reason.
CREATE FUNCTION open_person(
    p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_fields text [], p_purpose text, p_reason text,
    p_principal_id uuid
) RETURNS TABLE (field text, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    kept text [] := ARRAY(
        SELECT d.field FROM person_detail AS d JOIN person AS p USING (tenant_id, person_id)
        WHERE d.tenant_id = p_tenant_id AND d.person_id = p_person_id AND p.book_id = p_book_id
            AND d.field = ANY (p_fields) ORDER BY 1);
    opened uuid := gen_random_uuid();
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    IF p_purpose = 'inspection' AND coalesce(p_reason, '') !~ '[^[:space:]]' THEN
        PERFORM soquy.refuse('opening_reason_given_rule', 'an inspection opens nothing without a reason');
    END IF;
    IF cardinality(kept) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO person_opening (tenant_id, opening_id, person_id, fields, purpose, principal_id)
    VALUES (p_tenant_id, opened, p_person_id, kept, p_purpose, p_principal_id);
    INSERT INTO opening_reason (tenant_id, opening_id, reason)
    SELECT p_tenant_id, opened, p_reason WHERE p_reason IS NOT NULL;
    RETURN QUERY SELECT d.field, d.sealed, k.key_id, k.wrapped, k.kek_id
        FROM person_detail AS d JOIN data_key AS k USING (tenant_id, key_id)
        WHERE d.tenant_id = p_tenant_id AND d.person_id = p_person_id AND d.field = ANY (kept) ORDER BY d.field;
END
$$;

-- Two records are one person: the second leads to the first from now on, and so does what led to it. Kept apart again
-- by the next function. Both lock in the order of ids, so that two who merge crosswise wait for each other once.
CREATE FUNCTION merge_people(p_tenant_id integer, p_book_id bigint, p_kept_id uuid, p_merged_id uuid, p_principal_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    found_count bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    SELECT count(*) INTO found_count FROM (
        SELECT FROM person WHERE tenant_id = p_tenant_id AND book_id = p_book_id
            AND person_id IN (p_kept_id, p_merged_id) AND merged_into IS NULL
        ORDER BY person_id FOR UPDATE) AS taken;
    IF found_count <> 2 THEN
        RETURN false;
    END IF;
    UPDATE person SET merged_into = p_kept_id, version = version + 1, changed_by = p_principal_id, changed_at = now()
    WHERE tenant_id = p_tenant_id AND (person_id = p_merged_id OR merged_into = p_merged_id);
    UPDATE person AS kept SET version = kept.version + 1, changed_by = p_principal_id, changed_at = now(),
        birth_year = coalesce(kept.birth_year, merged.birth_year)
    FROM person AS merged
    WHERE kept.tenant_id = p_tenant_id AND kept.person_id = p_kept_id
        AND merged.tenant_id = p_tenant_id AND merged.person_id = p_merged_id;
    RETURN true;
END
$$;

CREATE FUNCTION part_people(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_principal_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    UPDATE person SET merged_into = NULL, version = version + 1, changed_by = p_principal_id, changed_at = now()
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND person_id = p_person_id AND merged_into IS NOT NULL;
    RETURN FOUND;
END
$$;

-- A guardian is grown up and a child is not; both are of the book.
CREATE FUNCTION check_guardianship() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               JOIN person AS m ON m.tenant_id = added.tenant_id AND m.person_id = added.minor_id
               JOIN person AS g ON g.tenant_id = added.tenant_id AND g.person_id = added.guardian_id
               WHERE m.book_id <> g.book_id OR NOT is_minor(m.birth_year) OR is_minor(g.birth_year)
                   OR g.kind <> 'individual') THEN
        PERFORM soquy.refuse('guardianship_age_rule', 'a guardian is a grown-up individual of the book, and who is guarded a minor');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guardianship_age AFTER INSERT ON guardianship
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_guardianship();

CREATE FUNCTION end_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    UPDATE guardianship AS g SET ended_at = now()
    FROM person AS p
    WHERE g.tenant_id = p_tenant_id AND g.tenant_id = soquy.current_tenant() AND g.minor_id = p_minor_id
        AND g.guardian_id = p_guardian_id AND g.ended_at IS NULL
        AND p.tenant_id = g.tenant_id AND p.person_id = g.minor_id AND p.book_id = p_book_id;
    RETURN FOUND;
END
$$;

-- A link that had ended begins again.
CREATE FUNCTION renew_guardianship(
    p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid, p_relation text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    UPDATE guardianship AS g SET ended_at = NULL, relation = p_relation
    FROM person AS p
    WHERE g.tenant_id = p_tenant_id AND g.tenant_id = soquy.current_tenant() AND g.minor_id = p_minor_id
        AND g.guardian_id = p_guardian_id
        AND p.tenant_id = g.tenant_id AND p.person_id = g.minor_id AND p.book_id = p_book_id;
    RETURN FOUND;
END
$$;

-- The records that are one person's.
CREATE FUNCTION records_of(p_tenant_id integer, p_person_id uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT p.person_id FROM person AS p
    JOIN person AS asked ON asked.tenant_id = p.tenant_id AND asked.person_id = p_person_id
    WHERE p.tenant_id = p_tenant_id AND p.tenant_id = soquy.current_tenant()
        AND coalesce(p.merged_into, p.person_id) = coalesce(asked.merged_into, asked.person_id)
$$;

-- A consent comes after its leaf, and is one: of a person of the book, who may give it. A minor's is given by the child
-- (from seven years) and a guardian, and never one to be named in public (Law 91/2025 Art. 24).
CREATE FUNCTION check_consents() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN soquy.book USING (tenant_id, book_id)
               WHERE NOT soquy.leaf_says(added.tenant_id, added.event_id, 'consent.given', book.association_id,
                   added.book_id, '{}')) THEN
        PERFORM soquy.refuse('consent_leaf_given_rule', 'a consent comes after the leaf that commits to it');
    END IF;
    IF EXISTS (SELECT FROM added JOIN person AS p USING (tenant_id, person_id)
               WHERE p.book_id <> added.book_id OR CASE WHEN is_minor(p.birth_year)
                   THEN added.purpose = 'publish_name' OR NOT added.by_subject AND is_asked_too(p.birth_year)
                       OR NOT EXISTS (SELECT FROM guardianship AS g WHERE g.tenant_id = p.tenant_id
                           AND g.minor_id = p.person_id AND g.guardian_id = added.guardian_id AND g.ended_at IS NULL)
                   ELSE added.purpose = 'minor_data' OR NOT added.by_subject OR added.guardian_id IS NOT NULL END) THEN
        PERFORM soquy.refuse('consent_giver_rule', 'this consent is not theirs to give');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_check AFTER INSERT ON consent
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_consents();

CREATE FUNCTION check_consent_withdrawals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN soquy.book USING (tenant_id, book_id)
               LEFT JOIN consent AS c ON c.tenant_id = added.tenant_id AND c.event_id = added.consent_id
                   AND c.book_id = added.book_id
               WHERE c.event_id IS NULL OR NOT soquy.leaf_says(added.tenant_id, added.event_id, 'consent.withdrawn',
                   book.association_id, added.book_id, '{}')) THEN
        PERFORM soquy.refuse('consent_withdrawal_leaf_given_rule', 'a consent is withdrawn after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_withdrawal_check AFTER INSERT ON consent_withdrawal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_consent_withdrawals();

-- A document is attached after the leaf that says to what, and that commits to one document of this kind.
CREATE FUNCTION soquy.check_attachments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN book USING (tenant_id, book_id)
               LEFT JOIN audit_entry AS told ON told.tenant_id = added.tenant_id AND told.event_id = added.event_id
               LEFT JOIN audit_entry AS target ON target.tenant_id = added.tenant_id
                   AND target.event_id = added.target_id AND target.book_id = added.book_id
                   AND (target.type = 'entry') = added.is_entry
               WHERE target.event_id IS NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'document.attached', book.association_id, added.book_id,
                       jsonb_build_object('event', type_id(CASE WHEN added.is_entry THEN 'en' ELSE 'ev' END, added.target_id)))
                   OR jsonb_array_length(leaf_members(told.leaf) -> 'documents') <> 1
                   OR leaf_members(told.leaf) #>> '{documents,0,kind}' <> added.kind) THEN
        PERFORM refuse('attachment_leaf_given_rule', 'a document is attached after the leaf that says to what');
    END IF;
    IF EXISTS (SELECT FROM added
               LEFT JOIN vault.document AS d ON d.tenant_id = added.tenant_id AND d.document_id = added.document_id
                   AND d.book_id = added.book_id
               WHERE d.document_id IS NULL
                   AND (added.document_id IS NOT NULL OR (SELECT held_because FROM log_head ORDER BY log_id DESC LIMIT 1)
                       IS DISTINCT FROM 'recovering')) THEN
        PERFORM refuse('attachment_document_rule', 'what is attached is a document of the book');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER attachment_leaf AFTER INSERT ON soquy.attachment
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_attachments();

CREATE FUNCTION soquy.check_attachment_disownings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN book USING (tenant_id, book_id)
               LEFT JOIN attachment AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.attachment_id
                   AND a.book_id = added.book_id
               WHERE a.event_id IS NULL OR NOT leaf_says(added.tenant_id, added.event_id, 'document.disowned',
                   book.association_id, added.book_id, jsonb_build_object('attached', type_id('ev', added.attachment_id)))) THEN
        PERFORM refuse('attachment_disowning_leaf_given_rule', 'a document is disowned after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER attachment_disowning_leaf AFTER INSERT ON soquy.attachment_disowning
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_attachment_disownings();

ALTER TABLE guardianship ENABLE ALWAYS TRIGGER guardianship_age;
ALTER TABLE consent ENABLE ALWAYS TRIGGER consent_check;
ALTER TABLE consent_withdrawal ENABLE ALWAYS TRIGGER consent_withdrawal_check;
ALTER TABLE soquy.attachment ENABLE ALWAYS TRIGGER attachment_leaf;
ALTER TABLE soquy.attachment_disowning ENABLE ALWAYS TRIGGER attachment_disowning_leaf;

-- The only way to a document's bytes; it leaves a record.
CREATE FUNCTION open_document(
    p_tenant_id integer, p_book_id bigint, p_document_id uuid, p_purpose text, p_principal_id uuid
) RETURNS TABLE (sealed bytea, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    INSERT INTO document_opening (tenant_id, opening_id, document_id, purpose, principal_id)
    SELECT d.tenant_id, gen_random_uuid(), d.document_id, p_purpose, p_principal_id FROM document AS d
    WHERE d.tenant_id = p_tenant_id AND d.book_id = p_book_id AND d.document_id = p_document_id;
    RETURN QUERY SELECT d.sealed, k.key_id, k.wrapped, k.kek_id
        FROM document AS d JOIN data_key AS k USING (tenant_id, key_id)
        WHERE d.tenant_id = p_tenant_id AND d.book_id = p_book_id AND d.document_id = p_document_id;
END
$$;

-- Maintenance. With a person's keys goes all that they sealed, in backups too.
CREATE FUNCTION destroy_subject_keys(p_tenant_id integer, p_subject_ids uuid []) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    destroyed bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    DELETE FROM data_key WHERE tenant_id = p_tenant_id AND subject_id = ANY (p_subject_ids);
    GET DIAGNOSTICS destroyed = ROW_COUNT;
    RETURN destroyed;
END
$$;

-- Wrap many data keys anew, those that still are what the caller unwrapped.
CREATE FUNCTION rewrap_keys(p_tenant_id integer, p_key_ids uuid [], p_were bytea [], p_wrapped bytea [], p_kek_id text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    rewrapped bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE data_key AS k SET wrapped = n.wrapped, kek_id = p_kek_id
    FROM unnest(p_key_ids, p_were, p_wrapped) AS n (key_id, was, wrapped)
    WHERE k.tenant_id = p_tenant_id AND k.key_id = n.key_id AND k.wrapped = n.was;
    GET DIAGNOSTICS rewrapped = ROW_COUNT;
    RETURN rewrapped;
END
$$;

GRANT SELECT ON person, guardianship, consent, consent_withdrawal, soquy.attachment, soquy.attachment_disowning
TO soquy_app;
GRANT INSERT (tenant_id, person_id, book_id, kind, name, search_key, sort_key, country, birth_year, created_by, changed_by)
ON person TO soquy_app;
GRANT SELECT (tenant_id, person_id, field) ON person_detail TO soquy_app;
GRANT INSERT (tenant_id, minor_id, guardian_id, relation, created_by) ON guardianship TO soquy_app;
GRANT INSERT (tenant_id, event_id, book_id, person_id, purpose, by_subject, guardian_id, method, given_on, document_id)
ON consent TO soquy_app;
GRANT INSERT (tenant_id, event_id, book_id, consent_id, method, withdrawn_on) ON consent_withdrawal TO soquy_app;
GRANT SELECT (tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count, name, uploaded_by, created_at),
INSERT (tenant_id, document_id, book_id, sha256, media_type, byte_size, page_count, name, sealed, key_id, uploaded_by)
ON document TO soquy_app;
GRANT SELECT, INSERT (tenant_id, document_id, principal_id) ON document_sending TO soquy_app;
GRANT INSERT (tenant_id, event_id, book_id, target_id, is_entry, kind, document_id) ON soquy.attachment TO soquy_app;
GRANT INSERT (tenant_id, attachment_id, event_id, book_id) ON soquy.attachment_disowning TO soquy_app;
GRANT EXECUTE ON FUNCTION is_minor(smallint), is_asked_too(smallint),
use_subject_keys(integer, uuid [], uuid [], bytea [], text),
change_person(integer, bigint, uuid, integer, text, text, text, text, text, smallint, uuid),
put_details(integer, bigint, uuid [], text [], bytea [], uuid []),
open_person(integer, bigint, uuid, text [], text, text, uuid), merge_people(integer, bigint, uuid, uuid, uuid),
part_people(integer, bigint, uuid, uuid), end_guardianship(integer, bigint, uuid, uuid),
renew_guardianship(integer, bigint, uuid, uuid, text), records_of(integer, uuid),
open_document(integer, bigint, uuid, text, uuid) TO soquy_app;

GRANT SELECT, DELETE ON person, person_detail, guardianship, consent, consent_withdrawal, document TO soquy_vault;
GRANT SELECT ON person_opening, document_sending, document_opening, person_erasure, soquy.attachment, soquy.attachment_disowning
TO soquy_vault;
GRANT INSERT (tenant_id, handle, erasing_event_id) ON person_erasure TO soquy_vault;
GRANT SELECT (tenant_id, book_id, association_id) ON soquy.book TO soquy_vault;
GRANT EXECUTE ON FUNCTION destroy_subject_keys(integer, uuid []), rewrap_keys(integer, uuid [], bytea [], bytea [], text),
records_of(integer, uuid), soquy.type_id(text, uuid) TO soquy_vault;
RESET ROLE;
