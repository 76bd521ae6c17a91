-- What was given: contributions, pledges, goods, earmarks, receipt blocks and receipts.
--
-- A contribution is one gift by one giver, and always a line of an entry: an entry carries lines 1..n that add up to its
-- one credit of a fund. What was given stands here, who gave it in the vault; of both the contribution's leaf has
-- nothing but commitments, because lists name people and what each of them gave.

-- Nobody reads while migrations run, and the programs that call the functions come with them.
-- squawk-ignore-file adding-not-nullable-field, constraint-missing-not-valid, ban-drop-function

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- A purpose within a fund that givers name: "for the pupils of Lệ Thủy". Its name is public, as a fund's is.
CREATE TABLE earmark (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    earmark text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    CONSTRAINT earmark_pk PRIMARY KEY (tenant_id, book_id, earmark),
    CONSTRAINT earmark_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT earmark_code_format_check CHECK (earmark ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT earmark_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200),
    CONSTRAINT earmark_name_nfc_check CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED),
    CONSTRAINT earmark_closed_order_check CHECK (closed_on >= opened_on)
);

-- contribution_id is the id of its leaf's event. amount_minor is in the currency of the entry's credit; it is NULL only
-- where a lost database was made again from the log, which never had it. has_donor says that the leaf commits to a
-- giver, so that a name that was erased is told from one that was never given. A paper receipt's number is used again only
-- after the entry that used it before was reversed, which paper_use counts.
CREATE TABLE contribution (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line integer NOT NULL,
    line_count integer NOT NULL,
    amount_minor bigint,
    wish text COLLATE "C" NOT NULL,
    has_donor boolean NOT NULL,
    earmark text COLLATE "C",
    pledge_id uuid,
    block_id uuid,
    paper_number integer,
    paper_use smallint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contribution_pk PRIMARY KEY (tenant_id, contribution_id),
    CONSTRAINT contribution_line_unique UNIQUE (tenant_id, book_id, seq, line),
    CONSTRAINT contribution_line_range_check CHECK (line BETWEEN 1 AND line_count AND line_count <= 100000),
    CONSTRAINT contribution_amount_range_check CHECK (amount_minor BETWEEN 1 AND 9007199254740991),
    CONSTRAINT contribution_wish_check CHECK (wish IN ('named', 'anonymous')),
    CONSTRAINT contribution_paper_given_check CHECK (num_nulls(block_id, paper_number, paper_use) IN (0, 3))
);
CREATE INDEX contribution_amount_idx ON contribution (tenant_id, book_id, amount_minor);
CREATE INDEX contribution_pledge_idx ON contribution (tenant_id, pledge_id) WHERE pledge_id IS NOT NULL;
CREATE UNIQUE INDEX contribution_paper_unique ON contribution (tenant_id, block_id, paper_number, paper_use)
WHERE block_id IS NOT NULL;

-- A list as it was handed in: how many lines and how much were declared before it was typed, and where it came from.
CREATE TABLE collection (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line_count integer NOT NULL,
    declared_count integer,
    declared_minor bigint,
    source text COLLATE "C" NOT NULL,
    file_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT collection_pk PRIMARY KEY (tenant_id, book_id, seq),
    CONSTRAINT collection_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT collection_line_count_range_check CHECK (line_count BETWEEN 1 AND 100000),
    CONSTRAINT collection_declared_given_check CHECK (num_nulls(declared_count, declared_minor) IN (0, 2)),
    CONSTRAINT collection_declared_range_check
    CHECK (declared_count BETWEEN 1 AND 100000 AND declared_minor BETWEEN 1 AND 9007199254740991),
    CONSTRAINT collection_source_check CHECK (source IN ('hand', 'drive', 'file')),
    CONSTRAINT collection_file_given_check CHECK ((source = 'file') = (file_id IS NOT NULL))
);
CREATE INDEX collection_file_idx ON collection (tenant_id, file_id) WHERE file_id IS NOT NULL;

-- A giver's name put right without touching money; the contributor's row in the vault has the name of the last one.
CREATE TABLE donor_correction (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    contribution_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT donor_correction_pk PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX donor_correction_contribution_idx ON donor_correction (tenant_id, contribution_id, recorded_at);

-- A promise, which is no money: nothing is posted before something comes. pledge_id is the id of its leaf's event.
CREATE TABLE pledge (
    tenant_id integer NOT NULL,
    pledge_id uuid NOT NULL,
    book_id bigint NOT NULL,
    pledged_on date NOT NULL,
    due_on date NOT NULL,
    fund text COLLATE "C" NOT NULL,
    campaign text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount_minor bigint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_pk PRIMARY KEY (tenant_id, pledge_id),
    CONSTRAINT pledge_amount_range_check CHECK (amount_minor BETWEEN 1 AND 9007199254740991),
    CONSTRAINT pledge_due_order_check CHECK (due_on >= pledged_on)
);
CREATE INDEX pledge_due_idx ON pledge (tenant_id, book_id, due_on, pledge_id);

-- What has not come of a pledge is not waited for any more.
CREATE TABLE pledge_cancellation (
    tenant_id integer NOT NULL,
    pledge_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_cancellation_pk PRIMARY KEY (tenant_id, pledge_id),
    CONSTRAINT pledge_cancellation_event_unique UNIQUE (tenant_id, event_id)
);

-- A book of paper receipts, numbered by its printer, that somebody collects with. block_id is the id of its leaf's event.
CREATE TABLE receipt_block (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    book_id bigint NOT NULL,
    series text COLLATE "C" NOT NULL,
    first_number integer NOT NULL,
    last_number integer NOT NULL,
    issued_on date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receipt_block_pk PRIMARY KEY (tenant_id, block_id),
    CONSTRAINT receipt_block_series_format_check CHECK (series ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT receipt_block_numbers_range_check
    CHECK (first_number >= 1 AND last_number BETWEEN first_number AND least(first_number + 9999, 999999999))
);
CREATE INDEX receipt_block_series_idx ON receipt_block (tenant_id, book_id, series, first_number);

CREATE TABLE block_void (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    number integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT block_void_pk PRIMARY KEY (tenant_id, block_id, number),
    CONSTRAINT block_void_event_unique UNIQUE (tenant_id, event_id)
);

-- A block handed back: from returned_from on its slips are there and blank; what before it is neither used nor void is
-- missing.
CREATE TABLE block_closing (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    event_id uuid NOT NULL,
    returned_from integer,
    used_count integer NOT NULL,
    voided_count integer NOT NULL,
    returned_count integer NOT NULL,
    missing_count integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT block_closing_pk PRIMARY KEY (tenant_id, block_id),
    CONSTRAINT block_closing_event_unique UNIQUE (tenant_id, event_id)
);

ALTER TABLE earmark ADD CONSTRAINT earmark_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);
ALTER TABLE donor_correction ADD CONSTRAINT donor_correction_contribution_fk
FOREIGN KEY (tenant_id, contribution_id) REFERENCES contribution (tenant_id, contribution_id);

ALTER TABLE contribution ADD CONSTRAINT contribution_pledge_fk
FOREIGN KEY (tenant_id, pledge_id) REFERENCES pledge (tenant_id, pledge_id);
ALTER TABLE contribution ADD CONSTRAINT contribution_block_fk
FOREIGN KEY (tenant_id, block_id) REFERENCES receipt_block (tenant_id, block_id);
ALTER TABLE pledge ADD CONSTRAINT pledge_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);
ALTER TABLE pledge ADD CONSTRAINT pledge_currency_fk FOREIGN KEY (currency) REFERENCES currency (currency);
ALTER TABLE pledge_cancellation ADD CONSTRAINT pledge_cancellation_pledge_fk
FOREIGN KEY (tenant_id, pledge_id) REFERENCES pledge (tenant_id, pledge_id);
ALTER TABLE block_void ADD CONSTRAINT block_void_block_fk
FOREIGN KEY (tenant_id, block_id) REFERENCES receipt_block (tenant_id, block_id);
ALTER TABLE block_closing ADD CONSTRAINT block_closing_block_fk
FOREIGN KEY (tenant_id, block_id) REFERENCES receipt_block (tenant_id, block_id);

-- Who gave, promised or brought something: the name as it was typed, what it is found by, and what it is ordered by.
-- event_id is the contribution, the pledge or the goods.
CREATE TABLE vault.contributor (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    name text NOT NULL,
    detail text,
    search_key text COLLATE "C" NOT NULL,
    sort_key text COLLATE "C" NOT NULL,
    person_id uuid,
    CONSTRAINT contributor_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT contributor_name_length_check CHECK (length(name) BETWEEN 1 AND 200 AND length(detail) BETWEEN 1 AND 300),
    CONSTRAINT contributor_name_nfc_check CHECK (name IS NFC NORMALIZED AND detail IS NFC NORMALIZED),
    CONSTRAINT contributor_key_length_check CHECK (length(search_key) <= 800 AND length(sort_key) <= 2000)
);
CREATE INDEX contributor_search_idx ON vault.contributor (tenant_id, book_id, search_key) INCLUDE (event_id);
CREATE INDEX contributor_person_idx ON vault.contributor (tenant_id, person_id) WHERE person_id IS NOT NULL;

-- What stands on a giver's receipt, and tells whoever holds it no more than that receipt.
CREATE TABLE vault.receipt_code (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    CONSTRAINT receipt_code_pk PRIMARY KEY (tenant_id, contribution_id),
    CONSTRAINT receipt_code_code_unique UNIQUE (tenant_id, code),
    CONSTRAINT receipt_code_format_check CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{16}[0-9A-HJKMNP-TV-Z*~$=U]$')
);

-- A log whose lost rows are made again has no names, no codes and no amounts of lists to give back.
CREATE FUNCTION is_recovering() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$ SELECT coalesce((SELECT held_because = 'recovering' FROM log_head ORDER BY log_id DESC LIMIT 1), false) $$;

CREATE FUNCTION check_earmarks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.earmark INTO fault
    FROM added JOIN book USING (tenant_id, book_id)
    WHERE NOT leaf_says(added.tenant_id, added.event_id, 'earmark.opened', book.association_id, added.book_id,
        jsonb_build_object('earmark', added.earmark, 'fund', added.fund, 'opened_on', added.opened_on,
            'closed_on', added.closed_on))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('earmark_leaf_given_rule', format('earmark %s comes after the leaf of its opening', fault.earmark),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER earmark_leaf AFTER INSERT ON earmark
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_earmarks();

-- A pledge that is fulfilled is open, of the same book and in the same currency; a paper number is one that the block
-- holds, not void, and used before only by what was reversed.
CREATE FUNCTION refuse_contribution_ties(
    p_tenant_id integer, p_book_id bigint, p_seq bigint, p_line integer, p_pledge_id uuid, p_block_id uuid,
    p_paper_number integer, p_paper_use smallint
) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    place jsonb := jsonb_build_object('seq', p_seq, 'line', p_line);
BEGIN
    IF p_pledge_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM pledge AS g
        WHERE g.tenant_id = p_tenant_id AND g.pledge_id = p_pledge_id AND g.book_id = p_book_id
            AND NOT EXISTS (SELECT FROM pledge_cancellation AS c WHERE c.tenant_id = p_tenant_id AND c.pledge_id = p_pledge_id)
            AND EXISTS (SELECT FROM posting AS p JOIN entry AS e USING (tenant_id, book_id, seq, entry_on)
                WHERE p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.seq = p_seq AND p.channel IS NOT NULL
                    AND p.currency = g.currency)) THEN
        PERFORM refuse('contribution_pledge_rule', 'what fulfils a pledge is of its book and currency, while it is open', place);
    END IF;
    IF p_block_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM receipt_block AS k
        WHERE k.tenant_id = p_tenant_id AND k.block_id = p_block_id AND k.book_id = p_book_id
            AND p_paper_number BETWEEN k.first_number AND k.last_number
            AND NOT EXISTS (SELECT FROM block_closing AS c WHERE c.tenant_id = p_tenant_id AND c.block_id = p_block_id)
            AND NOT EXISTS (SELECT FROM block_void AS v WHERE v.tenant_id = p_tenant_id AND v.block_id = p_block_id
                AND v.number = p_paper_number)
            AND (SELECT count(*) FROM contribution AS c WHERE c.tenant_id = p_tenant_id AND c.block_id = p_block_id
                AND c.paper_number = p_paper_number AND c.paper_use < p_paper_use) = p_paper_use - 1
            AND NOT EXISTS (SELECT FROM contribution AS c
                WHERE c.tenant_id = p_tenant_id AND c.block_id = p_block_id AND c.paper_number = p_paper_number
                    AND c.paper_use < p_paper_use AND NOT EXISTS (
                        SELECT FROM entry AS r WHERE r.tenant_id = p_tenant_id AND r.book_id = p_book_id
                            AND r.corrects_seq = c.seq AND r.kind = 'reversal'))) THEN
        PERFORM refuse('contribution_paper_rule', 'a paper number is of an open block, not void, and used once', place);
    END IF;
END
$$;

-- Contributions of an entry come in the transaction that posts it, all of them in one statement, after their leaves and
-- after what the vault keeps of them; so none is ever added, and none is missing.
CREATE FUNCTION check_contributions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    recovering boolean := is_recovering();
    fault record;
BEGIN
    SELECT checked.seq, checked.rule INTO fault
    FROM (
        SELECT run.seq, CASE
            WHEN e.seq IS NULL OR e.kind <> 'ordinary' OR e.recorded_at <> run.first_at OR e.recorded_at <> run.last_at
                OR head.taken_by IS DISTINCT FROM pg_current_xact_id() THEN 'contribution_entry_rule'
            WHEN recovering THEN NULL
            WHEN run.first_line <> 1 OR run.last_line <> run.size OR run.line_count <> run.size
                OR run.last_count <> run.size THEN 'contribution_lines_complete_rule'
            WHEN credit.line_count IS DISTINCT FROM 1 OR credit.channel_count IS DISTINCT FROM 1
                OR credit.amount_minor IS DISTINCT FROM run.amount_minor OR run.amount_count <> run.size
                THEN 'contribution_sum_rule'
            WHEN run.earmark_count > 0 AND (run.earmark_count <> run.size OR run.earmark <> run.last_earmark OR NOT EXISTS (
                SELECT FROM earmark AS k WHERE k.tenant_id = run.tenant_id AND k.book_id = run.book_id
                    AND k.earmark = run.earmark AND k.fund = credit.fund AND k.opened_on <= e.entry_on
                    AND (k.closed_on IS NULL OR e.entry_on <= k.closed_on))) THEN 'contribution_earmark_rule'
        END AS rule
        FROM (SELECT tenant_id, book_id, seq, count(*) AS size, min(line) AS first_line, max(line) AS last_line,
                min(line_count) AS line_count, max(line_count) AS last_count,
                sum(amount_minor) AS amount_minor, count(amount_minor) AS amount_count, count(earmark) AS earmark_count,
                min(earmark) AS earmark, max(earmark) AS last_earmark, min(recorded_at) AS first_at,
                max(recorded_at) AS last_at
            FROM added GROUP BY 1, 2, 3) AS run
        LEFT JOIN book_head AS head ON head.tenant_id = run.tenant_id AND head.book_id = run.book_id
        LEFT JOIN entry AS e ON e.tenant_id = run.tenant_id AND e.book_id = run.book_id AND e.seq = run.seq
        LEFT JOIN LATERAL (
            SELECT count(*) AS line_count, count(p.channel) AS channel_count, min(p.fund) AS fund,
                - sum(p.amount_minor) AS amount_minor
            FROM posting AS p JOIN account AS a USING (tenant_id, book_id, account)
            WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq AND p.entry_on = e.entry_on
                AND a.role = 'fund') AS credit ON true
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('contributions of entry %s break %s', fault.seq, fault.rule),
            jsonb_build_object('seq', fault.seq));
    END IF;

    PERFORM refuse_contribution_ties(added.tenant_id, added.book_id, added.seq, added.line, added.pledge_id,
        added.block_id, added.paper_number, added.paper_use)
    FROM added WHERE NOT recovering AND (added.pledge_id IS NOT NULL OR added.block_id IS NOT NULL);

    SELECT checked.seq, checked.line, checked.rule INTO fault
    FROM (
        SELECT told.seq, told.line, CASE
            WHEN NOT told.is_home OR told.said ->> 'type' IS DISTINCT FROM 'contribution.recorded'
                OR told.said ->> 'event_id' IS DISTINCT FROM type_id('ev', told.contribution_id)
                OR told.said ->> 'association' IS DISTINCT FROM told.association
                OR told.said -> 'payload' IS DISTINCT FROM jsonb_build_object('entry', told.entry, 'line', told.line,
                    'of', told.line_count, 'earmark', told.earmark, 'wish', told.wish,
                    'paper', CASE WHEN told.series IS NOT NULL THEN jsonb_build_array(told.series, told.paper_number) END)
                OR (told.said -> 'private' ? 'amount') IS NOT TRUE
                OR (told.said -> 'private' ? 'donor') <> told.has_donor
                THEN 'contribution_leaf_given_rule'
            WHEN recovering THEN NULL
            WHEN (told.said -> 'private' ? 'pledge') <> (told.pledge_id IS NOT NULL) OR NOT told.has_code
                OR told.has_contributor <> told.has_donor THEN 'contribution_vault_rule'
        END AS rule
        FROM (
            SELECT added.*, e.entry, e.association, leaf_members(a.leaf) AS said, k.series,
                (a.type, a.book_id, a.association_id, a.recorded_at) IS NOT DISTINCT FROM
                    ('contribution.recorded', added.book_id, e.association_id, added.recorded_at) AS is_home,
                c.book_id IS NOT DISTINCT FROM added.book_id AS has_contributor, r.code IS NOT NULL AS has_code
            FROM (SELECT run.*, type_id('en', entry.entry_id) AS entry, type_id('as', book.association_id) AS association,
                    book.association_id
                FROM (SELECT DISTINCT tenant_id, book_id, seq FROM added) AS run
                JOIN entry USING (tenant_id, book_id, seq) JOIN book USING (tenant_id, book_id)) AS e
            JOIN added USING (tenant_id, book_id, seq)
            LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.contribution_id
            LEFT JOIN receipt_block AS k ON k.tenant_id = added.tenant_id AND k.block_id = added.block_id
            LEFT JOIN vault.contributor AS c ON c.tenant_id = added.tenant_id AND c.event_id = added.contribution_id
            LEFT JOIN vault.receipt_code AS r ON r.tenant_id = added.tenant_id
                AND r.contribution_id = added.contribution_id
        ) AS told
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('contribution %s of entry %s has not what it must have', fault.line, fault.seq),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER contribution_check AFTER INSERT ON contribution
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_contributions();

-- A list's own row comes last, when its lines are there.
CREATE FUNCTION check_collections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.seq INTO fault
    FROM added
    JOIN book USING (tenant_id, book_id)
    LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
        AND e.recorded_at = added.recorded_at
    WHERE e.seq IS NULL OR NOT leaf_says(added.tenant_id, added.event_id, 'collection.recorded', book.association_id,
            added.book_id, jsonb_build_object('entry', type_id('en', e.entry_id), 'lines', added.line_count,
                'declared_lines', added.declared_count, 'declared_minor', added.declared_minor, 'source', added.source,
                'file', type_id('in', added.file_id)))
        OR NOT is_recovering() AND added.line_count <> (SELECT count(*) FROM contribution AS c
            WHERE c.tenant_id = added.tenant_id AND c.book_id = added.book_id AND c.seq = added.seq)
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('collection_leaf_given_rule', format('the list of entry %s is not as its leaf says', fault.seq),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER collection_leaf AFTER INSERT ON collection
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_collections();

-- What the vault keeps of a gift comes before its row, and is never given to one that is there: what was erased stays so.
-- A backup's vault is restored by the owner, when the gifts are there.
CREATE FUNCTION check_contributors() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.event_id
               LEFT JOIN contribution AS c ON c.tenant_id = added.tenant_id AND c.contribution_id = added.event_id
               WHERE a.book_id IS DISTINCT FROM added.book_id OR a.recorded_at <> now()
                   OR a.type NOT IN ('contribution.recorded', 'pledge.recorded', 'goods.received')
                   OR c.contribution_id IS NOT NULL) THEN
        PERFORM refuse('contributor_first_rule', 'a giver''s name comes after the leaf of the gift and before its row');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER contributor_check AFTER INSERT ON vault.contributor
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_contributors();

CREATE FUNCTION check_receipt_codes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.contribution_id
               LEFT JOIN contribution AS c ON c.tenant_id = added.tenant_id
                   AND c.contribution_id = added.contribution_id
               WHERE a.type IS DISTINCT FROM 'contribution.recorded' OR a.recorded_at <> now()
                   OR c.contribution_id IS NOT NULL) THEN
        PERFORM refuse('receipt_code_first_rule', 'a receipt''s code comes after the leaf of the gift and before its row');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER receipt_code_check AFTER INSERT ON vault.receipt_code
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_receipt_codes();

CREATE FUNCTION check_donor_corrections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               LEFT JOIN contribution AS c ON c.tenant_id = added.tenant_id
                   AND c.contribution_id = added.contribution_id AND c.book_id = added.book_id
               WHERE c.contribution_id IS NULL OR NOT leaf_says(added.tenant_id, added.event_id,
                   'contribution.donor_corrected', book.association_id, added.book_id,
                   jsonb_build_object('contribution', type_id('ct', added.contribution_id)))) THEN
        PERFORM refuse('donor_correction_leaf_given_rule', 'a name is put right after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER donor_correction_leaf AFTER INSERT ON donor_correction
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_donor_corrections();

-- Put a giver's name right: the row that the leaf tells of, and the name that everybody sees from now on. What was
-- sealed with the gift stays sealed. False where there is no name: it was never given, or it was erased.
CREATE FUNCTION vault.correct_contributor(
    p_tenant_id integer, p_book_id bigint, p_contribution_id uuid, p_event_id uuid, p_name text, p_detail text,
    p_search_key text, p_sort_key text, p_person_id uuid
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    INSERT INTO donor_correction (tenant_id, event_id, book_id, contribution_id)
    VALUES (p_tenant_id, p_event_id, p_book_id, p_contribution_id);
    UPDATE contributor SET name = p_name, detail = p_detail, search_key = p_search_key, sort_key = p_sort_key,
        person_id = p_person_id
    WHERE tenant_id = p_tenant_id AND event_id = p_contribution_id;
    RETURN FOUND;
END
$$;

-- Where the receipt of a code is: asked before the tenant is known, by anybody who holds the code; it gives ids away.
CREATE FUNCTION vault.find_receipt(p_code text)
RETURNS TABLE (tenant_id integer, book_id bigint, association_id uuid, contribution_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT c.tenant_id, c.book_id, b.association_id, c.contribution_id
    FROM receipt_code AS r
    JOIN soquy.contribution AS c USING (tenant_id, contribution_id)
    JOIN soquy.book AS b USING (tenant_id, book_id)
    WHERE r.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t)) AND r.code = p_code
    LIMIT 1
$$;

-- What a receipt of an event may open: of an entry its text and, to who posted it, their own name on it; of a
-- contribution what was given and by whom.
CREATE FUNCTION vault.receipt_fields(p_tenant_id integer, p_event_id uuid, p_principal_id uuid) RETURNS text []
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM contribution WHERE tenant_id = p_tenant_id AND contribution_id = p_event_id)
            THEN ARRAY['amount', 'donor']
        WHEN EXISTS (SELECT FROM donor_correction WHERE tenant_id = p_tenant_id AND event_id = p_event_id)
            THEN ARRAY['donor']
        WHEN EXISTS (SELECT FROM entry
                WHERE tenant_id = p_tenant_id AND entry_id = p_event_id AND actor_id = p_principal_id)
            THEN ARRAY['description', 'actor']
        ELSE ARRAY['description']
    END
$$;

CREATE OR REPLACE FUNCTION vault.open_values(
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
    IF p_purpose = 'receipt' AND NOT p_fields <@ receipt_fields(p_tenant_id, p_event_id, p_principal_id) THEN
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

-- I2: what was given stays as it was recorded. Names are not evidence, and can be erased.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['contribution', 'collection', 'donor_correction', 'pledge', 'pledge_cancellation',
        'receipt_block', 'block_void', 'block_closing'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['earmark', 'contribution', 'collection', 'donor_correction', 'pledge',
        'pledge_cancellation', 'receipt_block', 'block_void', 'block_closing'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['contributor', 'receipt_code'] LOOP
        EXECUTE format('ALTER TABLE vault.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON vault.%I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
END
$$;
ALTER TABLE earmark ENABLE ALWAYS TRIGGER earmark_leaf;
ALTER TABLE contribution ENABLE ALWAYS TRIGGER contribution_check;
ALTER TABLE collection ENABLE ALWAYS TRIGGER collection_leaf;
ALTER TABLE donor_correction ENABLE ALWAYS TRIGGER donor_correction_leaf;
ALTER TABLE vault.contributor ENABLE ALWAYS TRIGGER contributor_check;
ALTER TABLE vault.receipt_code ENABLE ALWAYS TRIGGER receipt_code_check;

GRANT SELECT ON earmark, contribution, collection, donor_correction, pledge, pledge_cancellation, receipt_block, block_void,
block_closing TO soquy_app;
GRANT INSERT (tenant_id, book_id, earmark, fund, name_vi, name_en, opened_on, closed_on, event_id) ON earmark TO soquy_app;
GRANT INSERT (tenant_id, contribution_id, book_id, seq, line, line_count, amount_minor, wish, has_donor, earmark, pledge_id, block_id,
paper_number, paper_use) ON contribution TO soquy_app;
GRANT INSERT (tenant_id, book_id, seq, line_count, declared_count, declared_minor, source, file_id, event_id) ON collection
TO soquy_app;
GRANT SELECT, INSERT ON vault.contributor, vault.receipt_code TO soquy_app;
GRANT SELECT, DELETE ON vault.contributor, vault.receipt_code TO soquy_vault;
GRANT EXECUTE ON FUNCTION vault.find_receipt(text),
vault.correct_contributor(integer, bigint, uuid, uuid, text, text, text, text, uuid) TO soquy_app;
RESET ROLE;
