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

-- Which pledge a gift fulfils, put right after it was recorded, without touching money: the last one counts, and where it
-- names none the gift fulfils none. number counts those of a gift. pledge_id is NULL too where a lost database was made
-- again from the log, which commits to it alone.
CREATE TABLE pledge_correction (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    number smallint NOT NULL,
    book_id bigint NOT NULL,
    pledge_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pledge_correction_pk PRIMARY KEY (tenant_id, contribution_id, number),
    CONSTRAINT pledge_correction_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT pledge_correction_number_range_check CHECK (number BETWEEN 1 AND 100)
);
CREATE INDEX pledge_correction_pledge_idx ON pledge_correction (tenant_id, pledge_id) WHERE pledge_id IS NOT NULL;

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

-- Goods that came: valued, and then a contribution with an entry of its own, or only counted. goods_id is the id of its
-- leaf's event; what they are stands in the vault, as typed text does.
CREATE TABLE goods (
    tenant_id integer NOT NULL,
    goods_id uuid NOT NULL,
    book_id bigint NOT NULL,
    received_on date NOT NULL,
    quantity integer NOT NULL,
    unit text COLLATE "C" NOT NULL,
    campaign text COLLATE "C",
    seq bigint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goods_pk PRIMARY KEY (tenant_id, goods_id),
    CONSTRAINT goods_entry_unique UNIQUE (tenant_id, book_id, seq),
    CONSTRAINT goods_quantity_range_check CHECK (quantity BETWEEN 1 AND 10000000),
    CONSTRAINT goods_unit_check
    CHECK (unit IN ('piece', 'set', 'pair', 'book', 'bag', 'box', 'kilogram', 'litre', 'metre'))
);
CREATE INDEX goods_day_idx ON goods (tenant_id, book_id, received_on, goods_id);

-- A record of counted goods that was a mistake; valued ones are taken back by reversing their entry.
CREATE TABLE goods_withdrawal (
    tenant_id integer NOT NULL,
    goods_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goods_withdrawal_pk PRIMARY KEY (tenant_id, goods_id),
    CONSTRAINT goods_withdrawal_event_unique UNIQUE (tenant_id, event_id)
);

-- Goods that went to whom they were for, wholly or in parts; of valued ones by an entry.
CREATE TABLE goods_handover (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    goods_id uuid NOT NULL,
    book_id bigint NOT NULL,
    handed_on date NOT NULL,
    quantity integer NOT NULL,
    program text COLLATE "C" NOT NULL,
    seq bigint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goods_handover_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT goods_handover_entry_unique UNIQUE (tenant_id, book_id, seq),
    CONSTRAINT goods_handover_quantity_range_check CHECK (quantity BETWEEN 1 AND 10000000)
);
CREATE INDEX goods_handover_goods_idx ON goods_handover (tenant_id, goods_id, recorded_at);

-- A handover of counted goods that did not happen.
CREATE TABLE goods_handover_undoing (
    tenant_id integer NOT NULL,
    handover_event_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goods_handover_undoing_pk PRIMARY KEY (tenant_id, handover_event_id),
    CONSTRAINT goods_handover_undoing_event_unique UNIQUE (tenant_id, event_id)
);

-- A row of no book would drop out of every check that joins the book.
ALTER TABLE collection ADD CONSTRAINT collection_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE donor_correction ADD CONSTRAINT donor_correction_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE pledge_correction ADD CONSTRAINT pledge_correction_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE receipt_block ADD CONSTRAINT receipt_block_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE goods ADD CONSTRAINT goods_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE goods_handover ADD CONSTRAINT goods_handover_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE earmark ADD CONSTRAINT earmark_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);
ALTER TABLE donor_correction ADD CONSTRAINT donor_correction_contribution_fk
FOREIGN KEY (tenant_id, contribution_id) REFERENCES contribution (tenant_id, contribution_id);

ALTER TABLE pledge_correction ADD CONSTRAINT pledge_correction_contribution_fk
FOREIGN KEY (tenant_id, contribution_id) REFERENCES contribution (tenant_id, contribution_id);
ALTER TABLE pledge_correction ADD CONSTRAINT pledge_correction_pledge_fk
FOREIGN KEY (tenant_id, pledge_id) REFERENCES pledge (tenant_id, pledge_id);

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

ALTER TABLE goods_withdrawal ADD CONSTRAINT goods_withdrawal_goods_fk
FOREIGN KEY (tenant_id, goods_id) REFERENCES goods (tenant_id, goods_id);
ALTER TABLE goods_handover ADD CONSTRAINT goods_handover_goods_fk
FOREIGN KEY (tenant_id, goods_id) REFERENCES goods (tenant_id, goods_id);
ALTER TABLE goods_handover ADD CONSTRAINT goods_handover_program_fk
FOREIGN KEY (tenant_id, program) REFERENCES program (tenant_id, program);
ALTER TABLE goods_handover_undoing ADD CONSTRAINT goods_handover_undoing_handover_fk
FOREIGN KEY (tenant_id, handover_event_id) REFERENCES goods_handover (tenant_id, event_id);

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

-- Who carries a book of paper receipts.
CREATE TABLE vault.block_holder (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    name text NOT NULL,
    user_id uuid,
    person_id uuid,
    CONSTRAINT block_holder_pk PRIMARY KEY (tenant_id, block_id),
    CONSTRAINT block_holder_name_length_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT block_holder_name_nfc_check CHECK (name IS NFC NORMALIZED)
);

-- What somebody has typed and not posted. body is the form as it was typed, wrong amounts and all, so that nothing is lost;
-- version counts its savings, and a saving that began from another version is refused. A draft that was posted or
-- discarded keeps no body: what was given is in the book then, and what was not is nobody's business.
CREATE TABLE vault.draft (
    tenant_id integer NOT NULL,
    draft_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'open',
    version integer NOT NULL DEFAULT 1,
    body jsonb NOT NULL,
    line_count integer NOT NULL,
    drafted_by text COLLATE "C" NOT NULL,
    changed_by text COLLATE "C" NOT NULL,
    return_reason text,
    seq bigint,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT draft_pk PRIMARY KEY (tenant_id, draft_id),
    CONSTRAINT draft_kind_check CHECK (kind IN ('contribution', 'drive')),
    CONSTRAINT draft_state_check CHECK (state IN ('open', 'submitted', 'posted', 'discarded')),
    CONSTRAINT draft_body_size_check CHECK (jsonb_typeof(body) = 'object' AND length(body::text) <= 2000000),
    CONSTRAINT draft_line_count_range_check CHECK (line_count BETWEEN 0 AND 2000),
    CONSTRAINT draft_return_reason_length_check CHECK (length(return_reason) BETWEEN 1 AND 500),
    CONSTRAINT draft_posted_given_check CHECK ((state = 'posted') = (seq IS NOT NULL)),
    CONSTRAINT draft_emptied_check CHECK (state IN ('open', 'submitted') OR body = '{}'::jsonb)
);
CREATE INDEX draft_state_idx ON vault.draft (tenant_id, book_id, state, changed_at);

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
-- OFFSET 0 keeps what is worked out once from being worked out wherever it is looked at: without it a leaf was parsed six
-- times and an entry's id spelled for every gift, and a list of 100,000 took eight seconds longer.
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
                JOIN entry USING (tenant_id, book_id, seq) JOIN book USING (tenant_id, book_id)
                OFFSET 0) AS e
            JOIN added USING (tenant_id, book_id, seq)
            LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.contribution_id
            LEFT JOIN receipt_block AS k ON k.tenant_id = added.tenant_id AND k.block_id = added.block_id
            LEFT JOIN vault.contributor AS c ON c.tenant_id = added.tenant_id AND c.event_id = added.contribution_id
            LEFT JOIN vault.receipt_code AS r ON r.tenant_id = added.tenant_id
                AND r.contribution_id = added.contribution_id
            OFFSET 0
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
               LEFT JOIN pledge AS p ON p.tenant_id = added.tenant_id AND p.pledge_id = added.event_id
               LEFT JOIN goods AS g ON g.tenant_id = added.tenant_id AND g.goods_id = added.event_id
               WHERE a.book_id IS DISTINCT FROM added.book_id OR a.recorded_at <> now()
                   OR a.type NOT IN ('contribution.recorded', 'pledge.recorded', 'goods.received')
                   OR c.contribution_id IS NOT NULL OR p.pledge_id IS NOT NULL OR g.goods_id IS NOT NULL) THEN
        PERFORM refuse('contributor_first_rule', 'a giver''s name comes after the leaf of the gift and before its row');
    END IF;
    -- An id of another register would tie a giver's papers to whom others keep, and to that person's erasure.
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN person AS p ON p.tenant_id = added.tenant_id AND p.person_id = added.person_id
                   AND p.book_id = added.book_id
               WHERE added.person_id IS NOT NULL AND p.person_id IS NULL) THEN
        PERFORM refuse('contributor_person_rule', 'a giver who is a person of the register is one of the same book');
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

-- The leaf says of which gift, and commits to the pledge where there is one. A gift that was taken back fulfils nothing.
CREATE FUNCTION check_pledge_corrections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    recovering boolean := is_recovering();
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN contribution AS c ON c.tenant_id = added.tenant_id
                   AND c.contribution_id = added.contribution_id AND c.book_id = added.book_id
               LEFT JOIN audit_entry AS told ON told.tenant_id = added.tenant_id AND told.event_id = added.event_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR c.contribution_id IS NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'contribution.pledge_corrected',
                       book.association_id, added.book_id,
                       jsonb_build_object('contribution', type_id('ct', added.contribution_id)))
                   OR NOT recovering AND (leaf_members(told.leaf) -> 'private' ? 'pledge')
                       IS DISTINCT FROM (added.pledge_id IS NOT NULL)) THEN
        PERFORM refuse('pledge_correction_leaf_given_rule', 'what a gift fulfils is put right after the leaf of it');
    END IF;
    IF EXISTS (SELECT FROM added WHERE added.number <> (SELECT count(*) FROM pledge_correction AS x
                   WHERE x.tenant_id = added.tenant_id AND x.contribution_id = added.contribution_id)) THEN
        PERFORM refuse('pledge_correction_number_rule', 'corrections of a gift are numbered 1, 2, 3 …');
    END IF;
    IF NOT recovering AND EXISTS (
        SELECT FROM added JOIN contribution AS c USING (tenant_id, contribution_id)
        JOIN entry AS r ON r.tenant_id = c.tenant_id AND r.book_id = c.book_id AND r.corrects_seq = c.seq
            AND r.kind = 'reversal') THEN
        PERFORM refuse('pledge_correction_gift_rule', 'a gift that was taken back fulfils no pledge');
    END IF;
    PERFORM refuse_contribution_ties(c.tenant_id, c.book_id, c.seq, c.line, added.pledge_id, NULL, NULL, NULL)
    FROM added JOIN contribution AS c USING (tenant_id, contribution_id)
    WHERE NOT recovering AND added.pledge_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER pledge_correction_check AFTER INSERT ON pledge_correction
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_pledge_corrections();

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
    IF p_person_id IS NOT NULL AND NOT EXISTS (SELECT FROM person AS p
               WHERE p.tenant_id = p_tenant_id AND p.person_id = p_person_id AND p.book_id = p_book_id) THEN
        PERFORM refuse('contributor_person_rule', 'a giver who is a person of the register is one of the same book');
    END IF;
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

-- A pledge comes with its leaf, which commits to how much and by whom, and with the name in the vault.
CREATE FUNCTION check_pledges() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.pledge_id
               CROSS JOIN LATERAL leaf_members(a.leaf) AS said
               WHERE (said -> 'private' ?& ARRAY['amount', 'donor']) IS NOT TRUE
                   OR NOT leaf_says(added.tenant_id, added.pledge_id, 'pledge.recorded', book.association_id, added.book_id,
                       jsonb_build_object('pledged_on', added.pledged_on, 'due_on', added.due_on, 'fund', added.fund,
                           'campaign', added.campaign))) THEN
        PERFORM refuse('pledge_leaf_given_rule', 'a pledge comes after the leaf that tells of it');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added
               LEFT JOIN vault.contributor AS c ON c.tenant_id = added.tenant_id AND c.event_id = added.pledge_id
                   AND c.book_id = added.book_id
               WHERE c.event_id IS NULL OR added.amount_minor IS NULL) THEN
        PERFORM refuse('pledge_vault_rule', 'a pledge has an amount, and somebody who made it');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER pledge_leaf AFTER INSERT ON pledge
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_pledges();

CREATE FUNCTION check_pledge_cancellations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN pledge AS p USING (tenant_id, pledge_id) JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'pledge.cancelled', book.association_id, p.book_id,
                       jsonb_build_object('pledge', type_id('pl', added.pledge_id)))) THEN
        PERFORM refuse('pledge_cancellation_leaf_given_rule', 'a pledge is cancelled after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER pledge_cancellation_leaf AFTER INSERT ON pledge_cancellation
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_pledge_cancellations();

-- Two blocks of one series have no number in common, so a slip is of one block.
CREATE FUNCTION check_receipt_blocks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.block_id
               CROSS JOIN LATERAL leaf_members(a.leaf) AS said
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR (said -> 'private' ? 'holder') IS NOT TRUE
                   OR NOT leaf_says(added.tenant_id, added.block_id, 'block.issued', book.association_id, added.book_id,
                       jsonb_build_object('series', added.series, 'first', added.first_number, 'last', added.last_number,
                           'issued_on', added.issued_on))) THEN
        PERFORM refuse('receipt_block_leaf_given_rule', 'a block is issued after the leaf that says so');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added LEFT JOIN vault.block_holder AS h USING (tenant_id, block_id)
               WHERE h.block_id IS NULL) THEN
        PERFORM refuse('receipt_block_vault_rule', 'somebody carries a block');
    END IF;
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               JOIN vault.block_holder AS h ON h.tenant_id = added.tenant_id AND h.block_id = added.block_id
               LEFT JOIN role_holder AS held ON held.tenant_id = book.tenant_id
                   AND held.association_id = book.association_id AND held.user_id = h.user_id
               LEFT JOIN vault.person AS p ON p.tenant_id = h.tenant_id AND p.person_id = h.person_id
                   AND p.book_id = added.book_id
               WHERE h.user_id IS NOT NULL AND coalesce(cardinality(held.roles), 0) = 0
                   OR h.person_id IS NOT NULL AND p.person_id IS NULL) THEN
        PERFORM refuse('receipt_block_holder_rule', 'who carries a block is a member or a person of its association');
    END IF;
    SELECT added.series, other.first_number, other.last_number INTO fault
    FROM added JOIN receipt_block AS other ON other.tenant_id = added.tenant_id AND other.book_id = added.book_id
        AND other.series = added.series AND other.block_id <> added.block_id
        AND other.first_number <= added.last_number AND added.first_number <= other.last_number
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('receipt_block_overlap_rule', 'a number of this series is of another block', to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER receipt_block_check AFTER INSERT ON receipt_block
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_receipt_blocks();

-- What stands for a gift that nobody took back is not void, and a block that was handed back is done.
CREATE FUNCTION check_block_voids() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF EXISTS (SELECT FROM added JOIN receipt_block AS k USING (tenant_id, block_id) JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'block.number_voided', book.association_id, k.book_id,
                       jsonb_build_object('block', type_id('bl', added.block_id), 'number', added.number))) THEN
        PERFORM refuse('block_void_leaf_given_rule', 'a number is voided after the leaf that says so');
    END IF;
    SELECT added.number INTO fault
    FROM added JOIN receipt_block AS k USING (tenant_id, block_id)
    LEFT JOIN block_closing AS c USING (tenant_id, block_id)
    WHERE added.number NOT BETWEEN k.first_number AND k.last_number OR c.event_id IS NOT NULL
        OR EXISTS (SELECT FROM contribution AS g WHERE g.tenant_id = added.tenant_id AND g.block_id = added.block_id
            AND g.paper_number = added.number AND NOT EXISTS (SELECT FROM entry AS r WHERE r.tenant_id = g.tenant_id
                AND r.book_id = g.book_id AND r.corrects_seq = g.seq AND r.kind = 'reversal'))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('block_void_number_rule', 'a number that is voided is of an open block, and stands for nothing',
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER block_void_check AFTER INSERT ON block_void
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_block_voids();

-- How a block's numbers stand: used, void, and how many of either from a number on.
CREATE FUNCTION count_block(p_tenant_id integer, p_block_id uuid, p_from integer)
RETURNS TABLE (used_count integer, voided_count integer, last_number integer, is_touched boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    WITH numbered AS (
        SELECT v.number, true AS is_void FROM block_void AS v WHERE v.tenant_id = p_tenant_id AND v.block_id = p_block_id
        UNION ALL
        SELECT DISTINCT g.paper_number, false FROM contribution AS g
        WHERE g.tenant_id = p_tenant_id AND g.block_id = p_block_id
            AND NOT EXISTS (SELECT FROM block_void AS v WHERE v.tenant_id = p_tenant_id AND v.block_id = p_block_id
                AND v.number = g.paper_number)
    )
    SELECT count(*) FILTER (WHERE NOT n.is_void)::integer, count(*) FILTER (WHERE n.is_void)::integer, k.last_number,
        coalesce(bool_or(n.number >= p_from), false)
    FROM receipt_block AS k LEFT JOIN numbered AS n ON true
    WHERE k.tenant_id = p_tenant_id AND k.block_id = p_block_id
    GROUP BY k.last_number
$$;

CREATE FUNCTION check_block_closings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN receipt_block AS k USING (tenant_id, block_id) JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               CROSS JOIN LATERAL count_block(added.tenant_id, added.block_id, added.returned_from) AS c
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR NOT is_recovering() AND (
                       c.is_touched OR added.returned_from NOT BETWEEN k.first_number AND k.last_number
                       OR (added.used_count, added.voided_count, added.returned_count, added.missing_count) IS DISTINCT FROM
                           (c.used_count, c.voided_count, coalesce(k.last_number - added.returned_from + 1, 0),
                               k.last_number - k.first_number + 1 - c.used_count - c.voided_count
                                   - coalesce(k.last_number - added.returned_from + 1, 0)))
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'block.closed', book.association_id, k.book_id,
                       jsonb_build_object('block', type_id('bl', added.block_id), 'returned_from', added.returned_from,
                           'used', added.used_count, 'voided', added.voided_count, 'returned', added.returned_count,
                           'missing', added.missing_count))) THEN
        PERFORM refuse('block_closing_count_rule', 'a block is closed with the count of its numbers, which its leaf tells');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER block_closing_check AFTER INSERT ON block_closing
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_block_closings();

-- Valued goods are what their own entry brought into 152 or 153; counted ones have no entry.
CREATE FUNCTION check_goods() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.goods_id
               CROSS JOIN LATERAL leaf_members(a.leaf) AS said
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR (said -> 'private' ? 'description') IS NOT TRUE OR (added.seq IS NOT NULL) <> (e.seq IS NOT NULL)
                   OR NOT leaf_says(added.tenant_id, added.goods_id, 'goods.received', book.association_id, added.book_id,
                       jsonb_build_object('received_on', added.received_on, 'quantity', added.quantity, 'unit', added.unit,
                           'campaign', added.campaign, 'entry', type_id('en', e.entry_id)))) THEN
        PERFORM refuse('goods_leaf_given_rule', 'goods come after the leaf that tells of them');
    END IF;
    IF EXISTS (SELECT FROM added JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id
                   AND e.seq = added.seq
               WHERE e.recorded_at <> added.recorded_at OR e.entry_on <> added.received_on
                   OR NOT EXISTS (SELECT FROM contribution AS c WHERE c.tenant_id = e.tenant_id AND c.book_id = e.book_id
                       AND c.seq = e.seq AND c.line_count = 1)
                   OR NOT EXISTS (SELECT FROM posting AS p WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id
                       AND p.seq = e.seq AND p.entry_on = e.entry_on AND p.account ~ '^15[23]'
                       AND p.value_minor >= added.quantity)) THEN
        PERFORM refuse('goods_entry_rule', 'valued goods are one gift, at least a đồng each, and come with its entry');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added
               JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.goods_id
               CROSS JOIN LATERAL leaf_members(a.leaf) AS said
               LEFT JOIN vault.contributor AS c ON c.tenant_id = added.tenant_id AND c.event_id = added.goods_id
               WHERE (said -> 'private' ? 'donor') <> (c.event_id IS NOT NULL)
                   OR added.seq IS NOT NULL AND c.event_id IS NOT NULL) THEN
        PERFORM refuse('goods_vault_rule', 'counted goods have the giver that their leaf commits to, valued ones a contribution');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER goods_check AFTER INSERT ON goods
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_goods();

-- What of goods is handed over and was not taken back: how many, and for how much. Whether they are there at all.
CREATE FUNCTION count_goods(p_tenant_id integer, p_goods_id uuid)
RETURNS TABLE (handed_quantity bigint, handed_minor bigint, is_gone boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT coalesce(sum(h.quantity), 0), coalesce(sum(h.value_minor), 0)::bigint,
        EXISTS (SELECT FROM goods_withdrawal AS w WHERE w.tenant_id = p_tenant_id AND w.goods_id = p_goods_id)
        OR EXISTS (SELECT FROM goods AS g JOIN entry AS r ON r.tenant_id = g.tenant_id AND r.book_id = g.book_id
            AND r.corrects_seq = g.seq AND r.kind = 'reversal' WHERE g.tenant_id = p_tenant_id AND g.goods_id = p_goods_id)
    FROM (
        SELECT o.quantity, (SELECT sum(p.value_minor) FROM posting AS p
            WHERE p.tenant_id = o.tenant_id AND p.book_id = o.book_id AND p.seq = o.seq AND p.entry_on = o.handed_on
                AND p.value_minor > 0) AS value_minor
        FROM goods_handover AS o
        WHERE o.tenant_id = p_tenant_id AND o.goods_id = p_goods_id
            AND NOT EXISTS (SELECT FROM goods_handover_undoing AS u
                WHERE u.tenant_id = o.tenant_id AND u.handover_event_id = o.event_id)
            AND NOT EXISTS (SELECT FROM entry AS r WHERE r.tenant_id = o.tenant_id AND r.book_id = o.book_id
                AND r.corrects_seq = o.seq AND r.kind = 'reversal')
    ) AS h
$$;

CREATE FUNCTION check_goods_withdrawals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN goods AS g USING (tenant_id, goods_id) JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               CROSS JOIN LATERAL count_goods(added.tenant_id, added.goods_id) AS c
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR g.seq IS NOT NULL OR c.handed_quantity > 0
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'goods.withdrawn', book.association_id, g.book_id,
                       jsonb_build_object('goods', type_id('gd', added.goods_id)))) THEN
        PERFORM refuse('goods_withdrawal_rule', 'counted goods are withdrawn while none is handed over, after the leaf of it');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER goods_withdrawal_check AFTER INSERT ON goods_withdrawal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_goods_withdrawals();

-- Never more than is there; of valued goods, exactly the share of what is left of their value, so that the last part takes
-- the rest to the đồng.
CREATE FUNCTION check_goods_handovers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF EXISTS (SELECT FROM added JOIN goods AS g USING (tenant_id, goods_id)
               JOIN book ON book.tenant_id = added.tenant_id AND book.book_id = added.book_id
               JOIN book_head AS head ON head.tenant_id = added.tenant_id AND head.book_id = added.book_id
               LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR g.book_id <> added.book_id
                   OR (added.seq IS NOT NULL) <> (e.seq IS NOT NULL)
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'goods.handed_over', book.association_id, added.book_id,
                       jsonb_build_object('goods', type_id('gd', added.goods_id), 'quantity', added.quantity,
                           'handed_on', added.handed_on, 'program', added.program, 'entry', type_id('en', e.entry_id)))) THEN
        PERFORM refuse('goods_handover_leaf_given_rule', 'goods are handed over after the leaf that says so');
    END IF;
    SELECT checked.* INTO fault
    FROM (
        SELECT added.quantity, g.quantity - (c.handed_quantity - added.quantity) AS there, CASE
            WHEN c.is_gone OR c.handed_quantity > g.quantity OR added.handed_on < g.received_on
                OR (SELECT count(*) FROM added AS twin WHERE twin.tenant_id = added.tenant_id
                    AND twin.goods_id = added.goods_id) > 1 THEN 'goods_handover_quantity_rule'
            WHEN (g.seq IS NULL) <> (added.seq IS NULL) OR e.recorded_at <> added.recorded_at OR e.entry_on <> added.handed_on
                OR e.kind <> 'ordinary' THEN 'goods_handover_entry_rule'
            WHEN added.seq IS NOT NULL AND NOT EXISTS (
                SELECT FROM posting AS came
                JOIN posting AS went ON went.tenant_id = e.tenant_id AND went.book_id = e.book_id AND went.seq = e.seq
                    AND went.entry_on = e.entry_on AND went.account = came.account AND went.fund = came.fund
                JOIN posting AS used ON used.tenant_id = e.tenant_id AND used.book_id = e.book_id AND used.seq = e.seq
                    AND used.entry_on = e.entry_on AND used.program = added.program AND used.value_minor = - went.value_minor
                WHERE came.tenant_id = g.tenant_id AND came.book_id = g.book_id AND came.seq = g.seq
                    AND came.entry_on = g.received_on AND came.value_minor > 0 AND e.line_count = 2
                    AND - went.value_minor = (came.value_minor - (c.handed_minor + went.value_minor)) * added.quantity
                        / (g.quantity - (c.handed_quantity - added.quantity))) THEN 'goods_handover_value_rule'
        END AS rule
        FROM added JOIN goods AS g USING (tenant_id, goods_id)
        LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id AND e.seq = added.seq
        CROSS JOIN LATERAL count_goods(added.tenant_id, added.goods_id) AS c
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('%s of goods of which %s are there', fault.quantity, fault.there),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER goods_handover_check AFTER INSERT ON goods_handover
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_goods_handovers();

CREATE FUNCTION check_goods_undoings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               JOIN goods_handover AS h ON h.tenant_id = added.tenant_id AND h.event_id = added.handover_event_id
               JOIN book ON book.tenant_id = h.tenant_id AND book.book_id = h.book_id
               JOIN book_head AS head ON head.tenant_id = h.tenant_id AND head.book_id = h.book_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR h.seq IS NOT NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'goods.handover_undone', book.association_id, h.book_id,
                       jsonb_build_object('handover', type_id('ev', added.handover_event_id)))) THEN
        PERFORM refuse('goods_handover_undoing_rule', 'a handover of counted goods is undone after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER goods_handover_undoing_check AFTER INSERT ON goods_handover_undoing
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_goods_undoings();

-- Goods of which some are with those they were for can't be taken back: whoever reverses their entry is told.
CREATE FUNCTION check_goods_reversals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF EXISTS (SELECT FROM added WHERE kind = 'reversal') THEN
        SELECT added.seq, added.corrects_seq INTO fault
        FROM added JOIN goods AS g ON g.tenant_id = added.tenant_id AND g.book_id = added.book_id AND g.seq = added.corrects_seq
        CROSS JOIN LATERAL count_goods(g.tenant_id, g.goods_id) AS c
        WHERE added.kind = 'reversal' AND c.handed_quantity > 0
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse('goods_reversal_rule', 'goods of which some were handed over are not taken back', to_jsonb(fault));
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_goods_check AFTER INSERT ON entry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_goods_reversals();

-- Drafts are changed by these alone: each from the version that its caller saw, or not at all. They return the new version.
CREATE FUNCTION vault.save_draft(
    p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_body jsonb, p_line_count integer, p_by text
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    saved integer;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE draft SET body = p_body, line_count = p_line_count, version = version + 1, changed_by = p_by, changed_at = now()
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND draft_id = p_draft_id AND version = p_version
        AND state = 'open'
    RETURNING version INTO saved;
    RETURN saved;
END
$$;

CREATE FUNCTION vault.move_draft(
    p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_state text, p_reason text, p_seq bigint,
    p_by text
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
DECLARE
    moved integer;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE draft SET state = p_state, return_reason = CASE WHEN p_state = 'submitted' THEN NULL ELSE coalesce(p_reason,
            return_reason) END,
        body = CASE WHEN p_state IN ('posted', 'discarded') THEN '{}'::jsonb ELSE body END, seq = p_seq, version = version + 1,
        changed_by = p_by, changed_at = now()
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND draft_id = p_draft_id AND version = p_version
        AND (state, p_state) IN (('open', 'submitted'), ('open', 'discarded'), ('open', 'posted'), ('submitted', 'open'),
            ('submitted', 'posted'), ('submitted', 'discarded'))
        AND (p_state <> 'posted' OR EXISTS (SELECT FROM soquy.contribution AS c
            WHERE c.tenant_id = p_tenant_id AND c.book_id = p_book_id AND c.seq = p_seq AND c.recorded_at = now()))
    RETURNING version INTO moved;
    RETURN moved;
END
$$;

-- I2: what was given stays as it was recorded. Names are not evidence, and can be erased.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['contribution', 'collection', 'donor_correction', 'pledge_correction', 'pledge',
        'pledge_cancellation', 'receipt_block', 'block_void', 'block_closing', 'goods', 'goods_withdrawal', 'goods_handover',
        'goods_handover_undoing'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['earmark', 'contribution', 'collection', 'donor_correction', 'pledge_correction', 'pledge',
        'pledge_cancellation', 'receipt_block', 'block_void', 'block_closing', 'goods', 'goods_withdrawal',
        'goods_handover', 'goods_handover_undoing'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['contributor', 'receipt_code', 'block_holder', 'draft'] LOOP
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
ALTER TABLE pledge_correction ENABLE ALWAYS TRIGGER pledge_correction_check;
ALTER TABLE pledge ENABLE ALWAYS TRIGGER pledge_leaf;
ALTER TABLE pledge_cancellation ENABLE ALWAYS TRIGGER pledge_cancellation_leaf;
ALTER TABLE receipt_block ENABLE ALWAYS TRIGGER receipt_block_check;
ALTER TABLE block_void ENABLE ALWAYS TRIGGER block_void_check;
ALTER TABLE block_closing ENABLE ALWAYS TRIGGER block_closing_check;
ALTER TABLE goods ENABLE ALWAYS TRIGGER goods_check;
ALTER TABLE goods_withdrawal ENABLE ALWAYS TRIGGER goods_withdrawal_check;
ALTER TABLE goods_handover ENABLE ALWAYS TRIGGER goods_handover_check;
ALTER TABLE goods_handover_undoing ENABLE ALWAYS TRIGGER goods_handover_undoing_check;
ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_goods_check;
ALTER TABLE vault.contributor ENABLE ALWAYS TRIGGER contributor_check;
ALTER TABLE vault.receipt_code ENABLE ALWAYS TRIGGER receipt_code_check;

GRANT SELECT ON earmark, contribution, collection, donor_correction, pledge_correction, pledge, pledge_cancellation,
receipt_block, block_void, block_closing, goods, goods_withdrawal, goods_handover, goods_handover_undoing TO soquy_app;
GRANT INSERT (tenant_id, book_id, earmark, fund, name_vi, name_en, opened_on, closed_on, event_id) ON earmark TO soquy_app;
GRANT INSERT (tenant_id, contribution_id, book_id, seq, line, line_count, amount_minor, wish, has_donor, earmark, pledge_id, block_id,
paper_number, paper_use) ON contribution TO soquy_app;
GRANT INSERT (tenant_id, book_id, seq, line_count, declared_count, declared_minor, source, file_id, event_id) ON collection
TO soquy_app;
GRANT INSERT (tenant_id, contribution_id, number, book_id, pledge_id, event_id) ON pledge_correction TO soquy_app;
GRANT INSERT (tenant_id, pledge_id, book_id, pledged_on, due_on, fund, campaign, currency, amount_minor) ON pledge TO soquy_app;
GRANT INSERT (tenant_id, pledge_id, event_id) ON pledge_cancellation TO soquy_app;
GRANT INSERT (tenant_id, block_id, book_id, series, first_number, last_number, issued_on) ON receipt_block TO soquy_app;
GRANT INSERT (tenant_id, block_id, number, event_id) ON block_void TO soquy_app;
GRANT INSERT (tenant_id, block_id, event_id, returned_from, used_count, voided_count, returned_count, missing_count)
ON block_closing TO soquy_app;
GRANT INSERT (tenant_id, goods_id, book_id, received_on, quantity, unit, campaign, seq) ON goods TO soquy_app;
GRANT INSERT (tenant_id, goods_id, event_id) ON goods_withdrawal TO soquy_app;
GRANT INSERT (tenant_id, event_id, goods_id, book_id, handed_on, quantity, program, seq) ON goods_handover TO soquy_app;
GRANT INSERT (tenant_id, handover_event_id, event_id) ON goods_handover_undoing TO soquy_app;
GRANT SELECT, INSERT ON vault.contributor, vault.receipt_code, vault.block_holder TO soquy_app;
GRANT SELECT, INSERT (tenant_id, draft_id, book_id, kind, body, line_count, drafted_by, changed_by) ON vault.draft TO soquy_app;
GRANT SELECT, DELETE ON vault.contributor, vault.receipt_code, vault.block_holder, vault.draft TO soquy_vault;
GRANT EXECUTE ON FUNCTION vault.find_receipt(text), count_block(integer, uuid, integer), count_goods(integer, uuid),
vault.correct_contributor(integer, bigint, uuid, uuid, text, text, text, text, uuid),
vault.save_draft(integer, bigint, uuid, integer, jsonb, integer, text),
vault.move_draft(integer, bigint, uuid, integer, text, text, bigint, text) TO soquy_app;
RESET ROLE;
