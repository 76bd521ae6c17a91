-- Files as objects: what came in, what was read, what a person decided, what came of it.
--
-- Until it is posted, a file is work in progress: names and amounts that nobody has booked yet. All of it is in the
-- vault, changes by the steps of one machine, and goes when it is posted or discarded; what was booked is with the
-- contributions, the original with the documents. What remains as evidence says of a file which entry it became.

-- Nobody reads while migrations run, and the programs that know the new kinds of document come with them.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = vault, pg_temp;

-- Spreadsheets are documents too.
ALTER TABLE document DROP CONSTRAINT document_media_type_check;
ALTER TABLE document ADD CONSTRAINT document_media_type_check CHECK (media_type IN (
    'application/pdf', 'image/jpeg', 'image/png', 'image/heic',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/vnd.ms-excel',
    'application/vnd.oasis.opendocument.spreadsheet', 'text/csv'));

-- A file that came in. outline is what reading found (names of sheets, headers, a proposed layout), mapping what a person
-- made of it, facts what the whole list has in common, alike which earlier files have rows in common with it. problem
-- is why it could not be read, or why posting was refused. version counts its changes, so that nobody overwrites
-- another's unseen.
CREATE TABLE intake (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'uploaded',
    version integer NOT NULL DEFAULT 1,
    form text COLLATE "C" NOT NULL,
    name text NOT NULL,
    document_id uuid NOT NULL,
    again_reason text,
    outline jsonb,
    mapping jsonb,
    facts jsonb,
    alike jsonb,
    problem jsonb,
    job_id uuid,
    uploaded_by uuid NOT NULL,
    changed_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intake_pk PRIMARY KEY (tenant_id, intake_id),
    CONSTRAINT intake_kind_check CHECK (kind IN ('salary', 'household', 'contribution')),
    CONSTRAINT intake_state_check CHECK (state IN (
        'uploaded', 'unreadable', 'read', 'mapped', 'ready', 'posting', 'posted', 'reversed', 'discarded')),
    CONSTRAINT intake_form_check CHECK (form IN ('xlsx', 'xls', 'ods', 'csv')),
    CONSTRAINT intake_name_length_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT intake_again_reason_length_check CHECK (length(again_reason) BETWEEN 1 AND 500),
    CONSTRAINT intake_outline_given_check CHECK (state IN ('uploaded', 'unreadable', 'discarded') OR outline IS NOT NULL),
    CONSTRAINT intake_mapping_given_check
    CHECK (state NOT IN ('mapped', 'ready', 'posting', 'posted', 'reversed') OR mapping IS NOT NULL),
    CONSTRAINT intake_facts_given_check CHECK (state NOT IN ('ready', 'posting', 'posted', 'reversed') OR facts IS NOT NULL),
    CONSTRAINT intake_json_size_check CHECK (length(outline::text) <= 400000 AND length(mapping::text) <= 40000
        AND length(facts::text) <= 8000 AND length(alike::text) <= 8000 AND length(problem::text) <= 400000)
);
CREATE INDEX intake_order ON intake (tenant_id, book_id, intake_id);
CREATE INDEX intake_document ON intake (tenant_id, document_id);

-- The rows as they were read, a thousand a page, sealed: columns that nobody chose may hold anything. AES-256-GCM under
-- a key of the tenant, bound to its place: nonce (12), ciphertext, tag (16).
CREATE TABLE intake_page (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    page integer NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT intake_page_pk PRIMARY KEY (tenant_id, intake_id, page),
    CONSTRAINT intake_page_range_check CHECK (page BETWEEN 0 AND 999),
    CONSTRAINT intake_page_sealed_size_check CHECK (octet_length(sealed) BETWEEN 29 AND 33554432)
);
ALTER TABLE intake_page ALTER COLUMN sealed SET STORAGE EXTERNAL;  -- nothing presses a ciphertext

-- The rows as they were understood; row is the number that a spreadsheet shows beside it.
CREATE TABLE intake_line (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    row integer NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    name text NOT NULL,
    detail text NOT NULL,
    amount_minor bigint,
    paper_number text,
    is_anonymous boolean NOT NULL,
    findings jsonb,
    digest bytea,
    is_twin boolean NOT NULL DEFAULT false,
    is_left_out boolean NOT NULL DEFAULT false,
    CONSTRAINT intake_line_pk PRIMARY KEY (tenant_id, intake_id, row),
    CONSTRAINT intake_line_row_range_check CHECK (row BETWEEN 1 AND 200000),
    CONSTRAINT intake_line_verdict_check CHECK (verdict IN ('ok', 'warning', 'fault', 'total', 'group', 'footer')),
    CONSTRAINT intake_line_gift_check
    CHECK (verdict NOT IN ('ok', 'warning') OR length(name) BETWEEN 1 AND 200 AND amount_minor IS NOT NULL),
    CONSTRAINT intake_line_amount_range_check CHECK (amount_minor BETWEEN 1 AND 9007199254740991),
    CONSTRAINT intake_line_text_length_check
    CHECK (length(name) <= 200 AND length(detail) <= 300 AND length(paper_number) <= 40 AND length(findings::text) <= 4000),
    CONSTRAINT intake_line_digest_size_check CHECK (octet_length(digest) = 8)
);

-- Who left which rows out, or took them back in, and why.
CREATE TABLE intake_decision (
    tenant_id integer NOT NULL,
    decision_id uuid NOT NULL,
    intake_id uuid NOT NULL,
    is_left_out boolean NOT NULL,
    rows integer [] NOT NULL,
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intake_decision_pk PRIMARY KEY (tenant_id, decision_id),
    CONSTRAINT intake_decision_rows_count_check CHECK (cardinality(rows) BETWEEN 1 AND 200000),
    CONSTRAINT intake_decision_reason_length_check CHECK (length(reason) BETWEEN 1 AND 500)
);
CREATE INDEX intake_decision_intake ON intake_decision (tenant_id, intake_id, decision_id);

-- Of a file that was posted, the digests of its rows in their order as numbers: a later file with the same rows is
-- recognised by them.
CREATE TABLE intake_digest (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    digests bytea NOT NULL,
    posted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intake_digest_pk PRIMARY KEY (tenant_id, intake_id),
    CONSTRAINT intake_digest_size_check CHECK (octet_length(digests) BETWEEN 8 AND 800000 AND octet_length(digests) % 8 = 0)
);
CREATE INDEX intake_digest_order ON intake_digest (tenant_id, book_id, posted_at);

-- Evidence, without anything personal: which entry a file became, from which of its rows, and that it was taken back.
CREATE TABLE soquy.intake_posting (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    row_count integer NOT NULL,
    total_minor bigint NOT NULL,
    rows integer [],
    left_out_count integer,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intake_posting_pk PRIMARY KEY (tenant_id, intake_id),
    CONSTRAINT intake_posting_seq_unique UNIQUE (tenant_id, book_id, seq),
    CONSTRAINT intake_posting_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT intake_posting_row_count_range_check CHECK (row_count BETWEEN 1 AND 100000),
    CONSTRAINT intake_posting_total_range_check CHECK (total_minor BETWEEN 1 AND 9007199254740991),
    CONSTRAINT intake_posting_rows_count_check CHECK (cardinality(rows) = row_count),
    CONSTRAINT intake_posting_left_out_range_check CHECK (left_out_count BETWEEN 0 AND 200000)
);

CREATE TABLE soquy.intake_reversal (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT intake_reversal_pk PRIMARY KEY (tenant_id, intake_id),
    CONSTRAINT intake_reversal_seq_unique UNIQUE (tenant_id, book_id, seq),
    CONSTRAINT intake_reversal_event_unique UNIQUE (tenant_id, event_id)
);

ALTER TABLE intake ADD CONSTRAINT intake_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book (tenant_id, book_id);
ALTER TABLE intake_page ADD CONSTRAINT intake_page_intake_fk
FOREIGN KEY (tenant_id, intake_id) REFERENCES intake (tenant_id, intake_id);
ALTER TABLE intake_page ADD CONSTRAINT intake_page_key_fk
FOREIGN KEY (tenant_id, key_id) REFERENCES data_key (tenant_id, key_id);
ALTER TABLE intake_decision ADD CONSTRAINT intake_decision_intake_fk
FOREIGN KEY (tenant_id, intake_id) REFERENCES intake (tenant_id, intake_id);
ALTER TABLE intake_digest ADD CONSTRAINT intake_digest_intake_fk
FOREIGN KEY (tenant_id, intake_id) REFERENCES intake (tenant_id, intake_id);
ALTER TABLE soquy.intake_posting ADD CONSTRAINT intake_posting_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book (tenant_id, book_id);
ALTER TABLE soquy.intake_reversal ADD CONSTRAINT intake_reversal_posting_fk
FOREIGN KEY (tenant_id, intake_id) REFERENCES soquy.intake_posting (tenant_id, intake_id);

-- The machine. From one state to the next, one step a change; what was decided stands still from posting on, and a file
-- is posted or reversed only where the evidence says so.
CREATE FUNCTION check_intake_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF new.version <> old.version + 1 OR new.state <> old.state AND (old.state || ' ' || new.state) NOT IN (
        'uploaded read', 'uploaded unreadable', 'uploaded discarded', 'unreadable uploaded', 'unreadable discarded',
        'read mapped', 'read uploaded', 'read discarded', 'mapped ready', 'mapped uploaded', 'mapped discarded',
        'ready mapped', 'ready uploaded', 'ready discarded', 'ready posting', 'posting ready', 'posting posted',
        'posted reversed') THEN
        PERFORM soquy.refuse('intake_step_rule', format('a file goes from %s to %s by no step', old.state, new.state));
    END IF;
    IF old.state IN ('posting', 'posted', 'reversed', 'discarded')
        AND (new.outline, new.mapping, new.facts) IS DISTINCT FROM (old.outline, old.mapping, old.facts) THEN
        PERFORM soquy.refuse('intake_settled_rule', 'what was decided about a file stands still from its posting on');
    END IF;
    IF new.state = 'posted' AND NOT EXISTS (SELECT FROM soquy.intake_posting AS p
            WHERE p.tenant_id = new.tenant_id AND p.intake_id = new.intake_id AND p.book_id = new.book_id)
        OR new.state = 'reversed' AND NOT EXISTS (SELECT FROM soquy.intake_reversal AS r
            WHERE r.tenant_id = new.tenant_id AND r.intake_id = new.intake_id AND r.book_id = new.book_id) THEN
        PERFORM soquy.refuse('intake_evidence_rule', 'a file is posted or reversed by its entry and its leaf');
    END IF;
    new.changed_at := now();
    RETURN new;
END
$$;
CREATE TRIGGER intake_step BEFORE UPDATE ON intake FOR EACH ROW EXECUTE FUNCTION check_intake_step();

-- A file to be changed: whoever else wants to change it waits.
CREATE FUNCTION open_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid) RETURNS SETOF intake
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT * FROM intake
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND intake_id = p_intake_id
    FOR NO KEY UPDATE
$$;

-- One step of a file that is of this version: what p_changes names, and nothing else. Returns the new version.
CREATE FUNCTION change_intake(
    p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_version integer, p_changes jsonb, p_principal_id uuid
) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    UPDATE intake SET version = version + 1, changed_by = p_principal_id,
        state = coalesce(p_changes ->> 'state', state),
        job_id = CASE WHEN p_changes ? 'job_id' THEN (p_changes ->> 'job_id')::uuid ELSE job_id END,
        outline = CASE WHEN p_changes ? 'outline' THEN nullif(p_changes -> 'outline', 'null') ELSE outline END,
        mapping = CASE WHEN p_changes ? 'mapping' THEN nullif(p_changes -> 'mapping', 'null') ELSE mapping END,
        facts = CASE WHEN p_changes ? 'facts' THEN nullif(p_changes -> 'facts', 'null') ELSE facts END,
        alike = CASE WHEN p_changes ? 'alike' THEN nullif(p_changes -> 'alike', 'null') ELSE alike END,
        problem = CASE WHEN p_changes ? 'problem' THEN nullif(p_changes -> 'problem', 'null') ELSE problem END
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND intake_id = p_intake_id AND version = p_version
    RETURNING version
$$;

-- Pages come while a file is being read, lines while it is being mapped.
CREATE FUNCTION check_intake_pages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN intake AS i ON i.tenant_id = added.tenant_id AND i.intake_id = added.intake_id
               WHERE i.state IS DISTINCT FROM 'uploaded') THEN
        PERFORM soquy.refuse('intake_page_state_rule', 'pages come while a file is being read');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER intake_page_state AFTER INSERT ON intake_page
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_intake_pages();

CREATE FUNCTION check_intake_lines() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT tenant_id, intake_id FROM added) AS named
               LEFT JOIN intake AS i USING (tenant_id, intake_id)
               WHERE i.state IS NULL OR i.state NOT IN ('read', 'mapped', 'ready')) THEN
        PERFORM soquy.refuse('intake_line_state_rule', 'lines come while a file is being mapped');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER intake_line_state AFTER INSERT ON intake_line
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_intake_lines();

-- Forget what was read of a file, or only what was understood: before it is read or mapped anew, and when it is over.
CREATE FUNCTION clear_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_with_pages boolean)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    cleared bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() OR NOT EXISTS (
        SELECT FROM intake WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND intake_id = p_intake_id) THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant, or with another book');
    END IF;
    IF EXISTS (SELECT FROM intake WHERE tenant_id = p_tenant_id AND intake_id = p_intake_id AND state = 'posting') THEN
        PERFORM soquy.refuse('intake_settled_rule', 'what is being posted is not forgotten');
    END IF;
    DELETE FROM intake_line WHERE tenant_id = p_tenant_id AND intake_id = p_intake_id;
    GET DIAGNOSTICS cleared = ROW_COUNT;
    IF p_with_pages THEN
        DELETE FROM intake_page WHERE tenant_id = p_tenant_id AND intake_id = p_intake_id;
    END IF;
    RETURN cleared;
END
$$;

-- Lines with the same name, detail and amount. Which they are the program has counted: to join fresh rows with themselves
-- by a digest, without statistics, took the square of their number (measured).
CREATE FUNCTION mark_intake_twins(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_rows integer [])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    marked bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() OR NOT EXISTS (
        SELECT FROM intake WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND intake_id = p_intake_id
            AND state IN ('read', 'mapped', 'ready')) THEN
        PERFORM soquy.refuse('intake_line_state_rule', 'lines come while a file is being mapped');
    END IF;
    UPDATE intake_line SET is_twin = true
    WHERE tenant_id = p_tenant_id AND intake_id = p_intake_id AND row = ANY (p_rows);
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END
$$;

-- Leave rows out, or take them back in; which they are is written down in the same call. Returns how many changed.
CREATE FUNCTION decide_intake(
    p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_decision_id uuid, p_rows integer [], p_is_left_out boolean,
    p_reason text, p_principal_id uuid
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    changed integer [];
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() OR NOT EXISTS (
        SELECT FROM intake WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND intake_id = p_intake_id
            AND state IN ('mapped', 'ready')) THEN
        PERFORM soquy.refuse('intake_settled_rule', 'rows are decided about while a file is mapped and not posted');
    END IF;
    WITH changing AS (
        UPDATE intake_line SET is_left_out = p_is_left_out
        WHERE tenant_id = p_tenant_id AND intake_id = p_intake_id AND row = ANY (p_rows)
            AND verdict IN ('ok', 'warning', 'fault') AND is_left_out <> p_is_left_out
        RETURNING row
    ) SELECT array_agg(row ORDER BY row) INTO changed FROM changing;
    IF changed IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO intake_decision (tenant_id, decision_id, intake_id, is_left_out, rows, reason, decided_by)
    VALUES (p_tenant_id, p_decision_id, p_intake_id, p_is_left_out, changed, p_reason, p_principal_id);
    RETURN cardinality(changed);
END
$$;

-- The only way to the rows as they were read, some pages at a time, with the key that opens each.
CREATE FUNCTION intake_pages(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_pages integer [])
RETURNS TABLE (page integer, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT p.page, p.sealed, k.key_id, k.wrapped, k.kek_id
    FROM intake_page AS p
    JOIN intake AS i ON i.tenant_id = p.tenant_id AND i.intake_id = p.intake_id AND i.book_id = p_book_id
    JOIN data_key AS k ON k.tenant_id = p.tenant_id AND k.key_id = p.key_id
    WHERE p.tenant_id = p_tenant_id AND p.tenant_id = soquy.current_tenant() AND p.intake_id = p_intake_id
        AND p.page = ANY (p_pages)
    ORDER BY p.page
$$;

-- A file became an entry: in the entry's own transaction, while it was being posted, every one of its gifts a
-- contribution of the entry's list, and its leaf says so and commits to its bytes.
CREATE FUNCTION soquy.check_intake_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN book USING (tenant_id, book_id)
        LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
            AND e.kind = 'ordinary'
        LEFT JOIN audit_entry AS told ON told.tenant_id = added.tenant_id AND told.event_id = added.event_id
        WHERE e.seq IS NULL
            OR NOT leaf_says(added.tenant_id, added.event_id, 'intake.posted', book.association_id, added.book_id,
                jsonb_build_object('entry', type_id('en', e.entry_id), 'file', type_id('in', added.intake_id),
                    'rows', added.row_count, 'total', added.total_minor))
            OR leaf_members(told.leaf) #>> '{documents,0,kind}' IS DISTINCT FROM 'list'
    ) THEN
        PERFORM refuse('intake_posting_leaf_given_rule', 'a file is posted with the leaf that names its entry');
    END IF;
    IF NOT is_recovering() AND EXISTS (
        SELECT FROM added
        LEFT JOIN intake AS i ON i.tenant_id = added.tenant_id AND i.intake_id = added.intake_id
            AND i.book_id = added.book_id AND i.state = 'posting'
        LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
            AND e.recorded_at = added.recorded_at
        LEFT JOIN collection AS c ON c.tenant_id = added.tenant_id AND c.book_id = added.book_id
            AND c.seq = added.seq AND c.file_id = added.intake_id
        CROSS JOIN LATERAL (SELECT count(*) AS size, sum(g.amount_minor) AS amount_minor FROM contribution AS g
            WHERE g.tenant_id = added.tenant_id AND g.book_id = added.book_id AND g.seq = added.seq) AS given
        WHERE i.intake_id IS NULL OR e.seq IS NULL OR c.seq IS NULL OR added.rows IS NULL
            OR given.size <> added.row_count OR given.amount_minor <> added.total_minor
    ) THEN
        PERFORM refuse('intake_posting_list_rule', 'what a file became is the list of its rows, and nothing else');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER intake_posting_check AFTER INSERT ON soquy.intake_posting
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_intake_postings();

CREATE FUNCTION soquy.check_intake_reversals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN book USING (tenant_id, book_id)
        LEFT JOIN intake_posting AS p ON p.tenant_id = added.tenant_id AND p.intake_id = added.intake_id
            AND p.book_id = added.book_id
        LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
            AND e.kind = 'reversal' AND e.corrects_seq = p.seq
        WHERE e.seq IS NULL
            OR NOT leaf_says(added.tenant_id, added.event_id, 'intake.reversed', book.association_id, added.book_id,
                jsonb_build_object('entry', type_id('en', e.entry_id), 'file', type_id('in', added.intake_id)))
    ) THEN
        PERFORM refuse('intake_reversal_leaf_given_rule', 'a file is taken back with the leaf that names the reversal');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER intake_reversal_check AFTER INSERT ON soquy.intake_reversal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_intake_reversals();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['intake_posting', 'intake_reversal'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON soquy.%I FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON soquy.%I FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE soquy.%I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate', name || '_check');
    END LOOP;
    -- Decisions are erased in time, and until then never changed.
    CREATE TRIGGER intake_decision_no_change BEFORE UPDATE ON intake_decision
    FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();
    ALTER TABLE intake_decision ENABLE ALWAYS TRIGGER intake_decision_no_change;
    FOREACH name IN ARRAY ARRAY['vault.intake', 'vault.intake_page', 'vault.intake_line', 'vault.intake_decision',
        'vault.intake_digest', 'soquy.intake_posting', 'soquy.intake_reversal'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %s USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            split_part(name, '.', 2) || '_tenant', name);
    END LOOP;
END
$$;
ALTER TABLE intake ENABLE ALWAYS TRIGGER intake_step;
ALTER TABLE intake_page ENABLE ALWAYS TRIGGER intake_page_state;
ALTER TABLE intake_line ENABLE ALWAYS TRIGGER intake_line_state;

-- The service adds and reads; it changes the state and what a person decided, and forgets through the functions above.
GRANT SELECT (tenant_id, intake_id, page) ON intake_page TO soquy_app;
GRANT SELECT ON intake, intake_line, intake_decision, intake_digest, soquy.intake_posting,
soquy.intake_reversal TO soquy_app;
GRANT INSERT (tenant_id, intake_id, book_id, kind, form, name, document_id, again_reason, job_id, uploaded_by, changed_by)
ON intake TO soquy_app;
GRANT INSERT (tenant_id, intake_id, page, sealed, key_id) ON intake_page TO soquy_app;
GRANT INSERT (tenant_id, intake_id, row, verdict, name, detail, amount_minor, paper_number, is_anonymous, findings, digest)
ON intake_line TO soquy_app;
GRANT INSERT (tenant_id, intake_id, book_id, digests) ON intake_digest TO soquy_app;
GRANT INSERT (tenant_id, intake_id, book_id, seq, row_count, total_minor, rows, left_out_count, event_id)
ON soquy.intake_posting TO soquy_app;
GRANT INSERT (tenant_id, intake_id, book_id, seq, event_id) ON soquy.intake_reversal TO soquy_app;
GRANT EXECUTE ON FUNCTION open_intake(integer, bigint, uuid),
change_intake(integer, bigint, uuid, integer, jsonb, uuid), clear_intake(integer, bigint, uuid, boolean),
intake_pages(integer, bigint, uuid, integer []), mark_intake_twins(integer, bigint, uuid, integer []),
decide_intake(integer, bigint, uuid, uuid, integer [], boolean, text, uuid) TO soquy_app;

GRANT SELECT, DELETE ON intake, intake_page, intake_line, intake_decision, intake_digest TO soquy_vault;
GRANT SELECT ON soquy.intake_posting, soquy.intake_reversal TO soquy_vault;
RESET ROLE;
