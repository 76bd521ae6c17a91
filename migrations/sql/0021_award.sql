-- Awards: what a program plans to spend in a year, rounds in which it is given, lists that a council decides on, and who
-- is on them.
--
-- A list is still from the moment it is laid before the council: whoever wants another one takes it back and lays a new
-- version. Its leaf has how many awards and how much they are together; an award's own has nothing but commitments to
-- who it is for and how much it is, as a contribution's. Who it is for stands in the vault.

-- Nobody reads while migrations run, and the programs that call the functions come with them.
-- squawk-ignore-file adding-not-nullable-field, adding-foreign-key-constraint, constraint-missing-not-valid

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- What a book means to spend on a program in a year (dự toán), and for whom; the newest version counts. criteria is public
-- text, and NULL too where a lost database was made again from the log.
CREATE TABLE program_plan (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    program text COLLATE "C" NOT NULL,
    year smallint NOT NULL,
    version smallint NOT NULL,
    category text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    budget_minor bigint NOT NULL,
    criteria text,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT program_plan_pk PRIMARY KEY (tenant_id, book_id, program, year, version),
    CONSTRAINT program_plan_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT program_plan_year_range_check CHECK (year BETWEEN 2000 AND 2999),
    CONSTRAINT program_plan_version_range_check CHECK (version BETWEEN 1 AND 1000),
    CONSTRAINT program_plan_category_check
    CHECK (category IN ('scholarship', 'award', 'tet', 'aid', 'equipment', 'training')),
    CONSTRAINT program_plan_budget_range_check CHECK (budget_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT program_plan_criteria_length_check CHECK (length(criteria) BETWEEN 1 AND 4000),
    CONSTRAINT program_plan_criteria_nfc_check CHECK (criteria IS NFC NORMALIZED)
);
CREATE INDEX program_plan_year_idx ON program_plan (tenant_id, book_id, year, program, version DESC);

-- A round in which a program gives out of a fund, planned for its year. round_id is the id of its leaf's event. Whoever is
-- given something twice is sought among the rounds of the same program and period, so both are codes.
CREATE TABLE award_round (
    tenant_id integer NOT NULL,
    round_id uuid NOT NULL,
    book_id bigint NOT NULL,
    program text COLLATE "C" NOT NULL,
    year smallint NOT NULL,
    period text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    collect_by date NOT NULL,
    name_vi text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_round_pk PRIMARY KEY (tenant_id, round_id),
    CONSTRAINT award_round_period_format_check CHECK (period ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT award_round_name_length_check CHECK (length(name_vi) BETWEEN 1 AND 200),
    CONSTRAINT award_round_name_nfc_check CHECK (name_vi IS NFC NORMALIZED)
);
CREATE INDEX award_round_book_idx ON award_round (tenant_id, book_id, round_id DESC);

-- A list of a round; the newest version counts. list_id is the id of its leaf's event; the awards come before it.
CREATE TABLE award_list (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    round_id uuid NOT NULL,
    version smallint NOT NULL,
    award_count integer NOT NULL,
    total_minor bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_list_pk PRIMARY KEY (tenant_id, list_id),
    CONSTRAINT award_list_version_unique UNIQUE (tenant_id, round_id, version),
    CONSTRAINT award_list_version_range_check CHECK (version BETWEEN 1 AND 1000),
    CONSTRAINT award_list_count_range_check CHECK (award_count BETWEEN 1 AND 10000),
    CONSTRAINT award_list_total_range_check CHECK (total_minor BETWEEN 1 AND 9007199254740991)
);

-- One award (suất) of a list: award_id is the id of its leaf's event. amount_minor is NULL only where a lost database was
-- made again from the log, which never had it.
CREATE TABLE award (
    tenant_id integer NOT NULL,
    award_id uuid NOT NULL,
    book_id bigint NOT NULL,
    list_id uuid NOT NULL,
    line integer NOT NULL,
    line_count integer NOT NULL,
    amount_minor bigint,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_pk PRIMARY KEY (tenant_id, award_id),
    CONSTRAINT award_line_unique UNIQUE (tenant_id, list_id, line),
    CONSTRAINT award_line_range_check CHECK (line BETWEEN 1 AND line_count AND line_count <= 10000),
    CONSTRAINT award_amount_range_check CHECK (amount_minor BETWEEN 1 AND 9007199254740991)
);

-- The council's decision of a list. Its number is committed to in private, and names one decision of a book and a year,
-- however it is spelled: number_key has it in capitals and without spaces. It is NULL only where a lost database was made
-- again from the log.
CREATE TABLE award_decision (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    decided_on date NOT NULL,
    number text COLLATE "C",
    year smallint NOT NULL GENERATED ALWAYS AS (extract(YEAR FROM decided_on)) STORED,
    number_key text COLLATE "C" GENERATED ALWAYS AS (translate(upper(regexp_replace(number, '[[:space:]]', '', 'g')),
        'àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ',
        'ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ')) STORED,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_decision_pk PRIMARY KEY (tenant_id, list_id),
    CONSTRAINT award_decision_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT award_decision_number_unique UNIQUE (tenant_id, book_id, year, number_key),
    CONSTRAINT award_decision_number_length_check CHECK (length(number) BETWEEN 1 AND 60),
    CONSTRAINT award_decision_number_nfc_check CHECK (number IS NFC NORMALIZED),
    CONSTRAINT award_decision_day_range_check CHECK (decided_on BETWEEN '2000-01-01' AND '2999-12-31')
);

-- A list that was taken back, while nothing of it was paid.
CREATE TABLE award_list_withdrawal (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_list_withdrawal_pk PRIMARY KEY (tenant_id, list_id),
    CONSTRAINT award_list_withdrawal_event_unique UNIQUE (tenant_id, event_id)
);

-- That a list is paid, once, and by which entry; written by pay_award_list() alone.
CREATE TABLE award_payment (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_payment_pk PRIMARY KEY (tenant_id, list_id)
);

-- Who came for what was theirs in one sitting, in numbers; event_id is its leaf. The awards come before it.
CREATE TABLE award_sitting (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    list_id uuid NOT NULL,
    collected_count integer NOT NULL,
    proxy_count integer NOT NULL,
    total_minor bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_sitting_pk PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT award_sitting_count_range_check
    CHECK (collected_count BETWEEN 1 AND 10000 AND proxy_count BETWEEN 0 AND collected_count),
    CONSTRAINT award_sitting_total_range_check CHECK (total_minor BETWEEN 1 AND 9007199254740991)
);
CREATE INDEX award_sitting_list_idx ON award_sitting (tenant_id, list_id);

-- An award that was collected, once: signed for by the beneficiary, or by a proxy. Lost where a lost database was made again
-- from the log, which has the sittings alone.
CREATE TABLE award_collection (
    tenant_id integer NOT NULL,
    award_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    is_proxy boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_collection_pk PRIMARY KEY (tenant_id, award_id)
);
CREATE INDEX award_collection_event_idx ON award_collection (tenant_id, event_id);

-- A row of no book would drop out of every check that joins the book.
ALTER TABLE award_list ADD CONSTRAINT award_list_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award ADD CONSTRAINT award_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_decision ADD CONSTRAINT award_decision_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_list_withdrawal ADD CONSTRAINT award_list_withdrawal_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_payment ADD CONSTRAINT award_payment_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_sitting ADD CONSTRAINT award_sitting_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_collection ADD CONSTRAINT award_collection_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE award_sitting ADD CONSTRAINT award_sitting_list_fk
FOREIGN KEY (tenant_id, list_id) REFERENCES award_list (tenant_id, list_id);
ALTER TABLE award_collection ADD CONSTRAINT award_collection_award_fk
FOREIGN KEY (tenant_id, award_id) REFERENCES award (tenant_id, award_id);
ALTER TABLE program_plan ADD CONSTRAINT program_plan_program_fk
FOREIGN KEY (tenant_id, program) REFERENCES program (tenant_id, program);
ALTER TABLE program_plan ADD CONSTRAINT program_plan_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);
ALTER TABLE award_round ADD CONSTRAINT award_round_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);

ALTER TABLE award_list ADD CONSTRAINT award_list_round_fk
FOREIGN KEY (tenant_id, round_id) REFERENCES award_round (tenant_id, round_id);
ALTER TABLE award_decision ADD CONSTRAINT award_decision_list_fk
FOREIGN KEY (tenant_id, list_id) REFERENCES award_list (tenant_id, list_id);
ALTER TABLE award_list_withdrawal ADD CONSTRAINT award_list_withdrawal_list_fk
FOREIGN KEY (tenant_id, list_id) REFERENCES award_list (tenant_id, list_id);
ALTER TABLE award_payment ADD CONSTRAINT award_payment_list_fk
FOREIGN KEY (tenant_id, list_id) REFERENCES award_list (tenant_id, list_id);

-- Who an award is for, as the list has them.
CREATE TABLE vault.beneficiary (
    tenant_id integer NOT NULL,
    award_id uuid NOT NULL,
    book_id bigint NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    birth_year smallint,
    class_name text,
    school text,
    reason text,
    CONSTRAINT beneficiary_pk PRIMARY KEY (tenant_id, award_id),
    CONSTRAINT beneficiary_name_length_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT beneficiary_text_length_check CHECK (length(class_name) BETWEEN 1 AND 100
        AND length(school) BETWEEN 1 AND 200 AND length(reason) BETWEEN 1 AND 300),
    CONSTRAINT beneficiary_text_nfc_check CHECK (name IS NFC NORMALIZED AND class_name IS NFC NORMALIZED
        AND school IS NFC NORMALIZED AND reason IS NFC NORMALIZED),
    CONSTRAINT beneficiary_birth_year_check CHECK (birth_year BETWEEN 1900 AND 2999),
    CONSTRAINT beneficiary_school_given_check CHECK ((class_name IS NULL) = (school IS NULL))
);
ALTER TABLE vault.beneficiary ADD CONSTRAINT beneficiary_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
CREATE INDEX beneficiary_person_idx ON vault.beneficiary (tenant_id, person_id);

-- One award of a program and a period for one beneficiary, in all of a tenant. identity is a keyed hash of who they are
-- (ledger/awards/identity.py): a dump of the database tries out no guess. A second claim has the next ordinal, and comes
-- only where all before it are of lists that are over.
CREATE TABLE vault.award_claim (
    tenant_id integer NOT NULL,
    program text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    identity bytea NOT NULL,
    ordinal smallint NOT NULL,
    award_id uuid NOT NULL,
    CONSTRAINT award_claim_pk PRIMARY KEY (tenant_id, program, period, identity, ordinal),
    CONSTRAINT award_claim_award_unique UNIQUE (tenant_id, award_id),
    CONSTRAINT award_claim_identity_size_check CHECK (octet_length(identity) = 32),
    CONSTRAINT award_claim_ordinal_range_check CHECK (ordinal BETWEEN 1 AND 1000)
);
CREATE INDEX award_claim_identity_idx ON vault.award_claim (tenant_id, identity);

CREATE FUNCTION check_program_plans() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'program.planned', book.association_id, added.book_id,
                       jsonb_build_object('program', added.program, 'year', added.year, 'version', added.version,
                           'category', added.category, 'fund', added.fund, 'budget_minor', added.budget_minor))) THEN
        PERFORM refuse('program_plan_leaf_given_rule', 'a plan comes after its leaf, in a book that was taken');
    END IF;
    IF EXISTS (SELECT FROM added
               WHERE added.version > 1 AND NOT EXISTS (SELECT FROM program_plan AS p
                   WHERE p.tenant_id = added.tenant_id AND p.book_id = added.book_id AND p.program = added.program
                       AND p.year = added.year AND p.version = added.version - 1)) THEN
        PERFORM refuse('program_plan_version_rule', 'versions of a plan follow one another');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER program_plan_check AFTER INSERT ON program_plan
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_program_plans();

-- A round is one of a program that the book has planned.
CREATE FUNCTION check_award_rounds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.round_id, 'round.opened', book.association_id, added.book_id,
                       jsonb_build_object('program', added.program, 'year', added.year, 'period', added.period,
                           'fund', added.fund, 'collect_by', added.collect_by))) THEN
        PERFORM refuse('award_round_leaf_given_rule', 'a round comes after its leaf, in a book that was taken');
    END IF;
    IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT FROM program_plan AS p
               WHERE p.tenant_id = added.tenant_id AND p.book_id = added.book_id AND p.program = added.program
                   AND p.year = added.year)) THEN
        PERFORM refuse('award_round_planned_rule', 'a round is one of a program that is planned for its year');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_round_check AFTER INSERT ON award_round
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_rounds();

-- A list is over when it was taken back, or when somebody who was asked said no to it; neither is ever undone.
CREATE FUNCTION is_award_list_over(p_tenant_id integer, p_list_id uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM award_list_withdrawal AS w WHERE w.tenant_id = p_tenant_id AND w.list_id = p_list_id)
        OR EXISTS (SELECT FROM approval AS a JOIN approval_decision AS d USING (tenant_id, approval_id)
            WHERE a.tenant_id = p_tenant_id AND a.subject_id = p_list_id AND a.action = 'round' AND NOT d.is_granted)
$$;

-- How a list stands now; never written down, as of approvals.
CREATE FUNCTION award_list_state(p_tenant_id integer, p_list_id uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM award_list_withdrawal AS w WHERE w.tenant_id = p_tenant_id AND w.list_id = p_list_id)
            THEN 'withdrawn'
        WHEN asked.state = 'used' THEN 'paid'
        WHEN asked.state IN ('asked', 'approved', 'denied') THEN asked.state
        WHEN EXISTS (SELECT FROM award_decision AS d WHERE d.tenant_id = p_tenant_id AND d.list_id = p_list_id)
            THEN 'decided'
        ELSE 'listed'
    END
    FROM (SELECT (
        SELECT approval_state(a.tenant_id, a.approval_id) FROM approval AS a
        WHERE a.tenant_id = p_tenant_id AND a.subject_id = p_list_id AND a.action = 'round'
        ORDER BY a.approval_id DESC LIMIT 1) AS state) AS asked
$$;

-- The deployment's key of identities: the one there is, or the candidate.
CREATE FUNCTION vault.use_identity_key(p_key_id uuid, p_wrapped bytea, p_kek_id text)
RETURNS TABLE (key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    FOR attempt IN 1..2 LOOP
        RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id FROM data_key AS k
            WHERE k.tenant_id = 0 AND k.purpose = 'identity' AND k.retired_at IS NULL;
        EXIT WHEN FOUND;
        INSERT INTO data_key (tenant_id, key_id, purpose, year, wrapped, kek_id)
        VALUES (0, p_key_id, 'identity', 0, p_wrapped, p_kek_id)
        ON CONFLICT (tenant_id, purpose, year) WHERE subject_id IS NULL AND retired_at IS NULL DO NOTHING;
    END LOOP;
END
$$;

-- How many of these people are given the same in other places this period: a number, and nothing of whom, where or what.
CREATE FUNCTION vault.count_claims_elsewhere(p_program text, p_period text, p_identities bytea [])
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT count(DISTINCT c.identity) FROM award_claim AS c
    JOIN soquy.award AS w ON w.tenant_id = c.tenant_id AND w.award_id = c.award_id
    WHERE c.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t WHERE t.tenant_id <> soquy.current_tenant()))
        AND c.program = p_program AND c.period = p_period AND c.identity = ANY (p_identities)
        AND NOT soquy.is_award_list_over(w.tenant_id, w.list_id)
$$;

-- Who an award is for comes after its leaf and before its row, and is never given to one that is there: who was erased
-- stays so. A backup's vault is restored by the owner, when the awards are there.
CREATE FUNCTION check_beneficiaries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.award_id
               LEFT JOIN award AS w ON w.tenant_id = added.tenant_id AND w.award_id = added.award_id
               WHERE a.type IS DISTINCT FROM 'award.listed' OR a.book_id IS DISTINCT FROM added.book_id
                   OR a.recorded_at <> now() OR w.award_id IS NOT NULL) THEN
        PERFORM refuse('beneficiary_first_rule', 'who an award is for comes after its leaf and before its row');
    END IF;
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN person AS p ON p.tenant_id = added.tenant_id AND p.person_id = added.person_id
                   AND p.book_id = added.book_id
               WHERE p.person_id IS NULL) THEN
        PERFORM refuse('beneficiary_person_rule', 'who an award is for is a person of the book''s register');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER beneficiary_check AFTER INSERT ON vault.beneficiary
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_beneficiaries();

-- Two who claim the same at once meet at the primary key; whoever comes later, here.
CREATE FUNCTION check_award_claims() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF current_setting('role') = 'soquy_owner' THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM added
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.award_id
               LEFT JOIN award AS w ON w.tenant_id = added.tenant_id AND w.award_id = added.award_id
               WHERE a.type IS DISTINCT FROM 'award.listed' OR a.recorded_at <> now() OR w.award_id IS NOT NULL) THEN
        PERFORM refuse('award_claim_first_rule', 'a claim comes after the leaf of its award and before its row');
    END IF;
    IF EXISTS (SELECT FROM added WHERE added.ordinal > 1 AND NOT EXISTS (SELECT FROM award_claim AS before
                   WHERE before.tenant_id = added.tenant_id AND before.program = added.program
                       AND before.period = added.period AND before.identity = added.identity
                       AND before.ordinal = added.ordinal - 1))
        OR EXISTS (SELECT FROM added
                   JOIN award_claim AS other ON other.tenant_id = added.tenant_id AND other.program = added.program
                       AND other.period = added.period AND other.identity = added.identity
                       AND other.ordinal <> added.ordinal
                   LEFT JOIN award AS w ON w.tenant_id = other.tenant_id AND w.award_id = other.award_id
                   WHERE other.ordinal > added.ordinal OR w.award_id IS NULL
                       OR NOT is_award_list_over(w.tenant_id, w.list_id)) THEN
        PERFORM refuse('award_claim_once_rule', 'one award of a program and a period for one beneficiary');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_claim_check AFTER INSERT ON vault.award_claim
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_claims();

-- Awards of a list come all in one statement, after the leaf of the list and their own, and after what the vault keeps of
-- them; so none is ever added, and none is missing.
CREATE FUNCTION check_awards() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    recovering boolean := is_recovering();
    fault record;
BEGIN
    SELECT checked.list_id, checked.rule INTO fault
    FROM (
        SELECT run.list_id, CASE
            WHEN head.taken_by IS DISTINCT FROM pg_current_xact_id() OR r.round_id IS NULL THEN 'award_list_told_rule'
            WHEN recovering THEN NULL
            WHEN told.recorded_at <> now() OR run.first_line <> 1 OR run.last_line <> run.size
                OR run.line_count <> run.size OR run.last_count <> run.size OR run.amount_count <> run.size
                OR told.said #> '{payload,awards}' <> to_jsonb(run.size)
                OR told.said #> '{payload,total_minor}' <> to_jsonb(run.total_minor) THEN 'award_lines_complete_rule'
        END AS rule
        FROM (SELECT tenant_id, book_id, list_id, count(*) AS size, min(line) AS first_line, max(line) AS last_line,
                min(line_count) AS line_count, max(line_count) AS last_count, sum(amount_minor) AS total_minor,
                count(amount_minor) AS amount_count
            FROM added GROUP BY 1, 2, 3) AS run
        LEFT JOIN book_head AS head ON head.tenant_id = run.tenant_id AND head.book_id = run.book_id
        LEFT JOIN LATERAL (SELECT a.recorded_at, leaf_members(a.leaf) AS said FROM audit_entry AS a
            WHERE a.tenant_id = run.tenant_id AND a.event_id = run.list_id AND a.type = 'round.listed'
                AND a.book_id = run.book_id) AS told ON true
        LEFT JOIN award_round AS r ON r.tenant_id = run.tenant_id AND r.book_id = run.book_id
            AND type_id('rd', r.round_id) = told.said #>> '{payload,round}'
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, 'awards come with the list that tells of them, all of them at once');
    END IF;

    SELECT checked.line, checked.rule INTO fault
    FROM (
        SELECT told.line, CASE
            WHEN NOT told.is_home OR told.said ->> 'type' IS DISTINCT FROM 'award.listed'
                OR told.said ->> 'event_id' IS DISTINCT FROM type_id('ev', told.award_id)
                OR told.said ->> 'association' IS DISTINCT FROM told.association
                OR told.said -> 'payload' IS DISTINCT FROM jsonb_build_object('list', told.list, 'line', told.line,
                    'of', told.line_count)
                OR (told.said -> 'private' ?& ARRAY['amount', 'beneficiary']) IS NOT TRUE
                THEN 'award_leaf_given_rule'
            WHEN recovering THEN NULL
            WHEN NOT told.is_kept OR NOT told.is_claimed THEN 'award_vault_rule'
            WHEN told.category IN ('scholarship', 'award') AND told.school IS NULL THEN 'award_school_rule'
        END AS rule
        FROM (
            SELECT added.*, run.list, run.association, run.category, leaf_members(a.leaf) AS said, b.school,
                (a.type, a.book_id, a.association_id, a.recorded_at) IS NOT DISTINCT FROM
                    ('award.listed', added.book_id, run.association_id, added.recorded_at) AS is_home,
                b.book_id IS NOT DISTINCT FROM added.book_id AS is_kept,
                (c.program, c.period) IS NOT DISTINCT FROM (run.program, run.period) AS is_claimed
            FROM (SELECT lists.*, type_id('al', lists.list_id) AS list, type_id('as', book.association_id) AS association,
                    book.association_id, r.program, r.period, plan.category
                FROM (SELECT DISTINCT tenant_id, book_id, list_id FROM added) AS lists
                JOIN book USING (tenant_id, book_id)
                JOIN audit_entry AS told ON told.tenant_id = lists.tenant_id AND told.event_id = lists.list_id
                JOIN award_round AS r ON r.tenant_id = lists.tenant_id AND r.book_id = lists.book_id
                    AND type_id('rd', r.round_id) = leaf_members(told.leaf) #>> '{payload,round}'
                CROSS JOIN LATERAL (SELECT p.category FROM program_plan AS p
                    WHERE p.tenant_id = r.tenant_id AND p.book_id = r.book_id AND p.program = r.program AND p.year = r.year
                    ORDER BY p.version DESC LIMIT 1) AS plan
                OFFSET 0) AS run
            JOIN added USING (tenant_id, book_id, list_id)
            LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.award_id
            LEFT JOIN vault.beneficiary AS b ON b.tenant_id = added.tenant_id AND b.award_id = added.award_id
            LEFT JOIN vault.award_claim AS c ON c.tenant_id = added.tenant_id AND c.award_id = added.award_id
            OFFSET 0
        ) AS told
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('award %s has not what it must have', fault.line), to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_check AFTER INSERT ON award
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_awards();

-- A list's own row comes last, when its awards are there, and when the versions before it are over.
CREATE FUNCTION check_award_lists() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    broken text;
BEGIN
    SELECT checked.rule INTO broken
    FROM (
        SELECT CASE
            WHEN r.round_id IS NULL OR head.taken_by IS DISTINCT FROM pg_current_xact_id()
                OR NOT leaf_says(added.tenant_id, added.list_id, 'round.listed', book.association_id, added.book_id,
                    jsonb_build_object('round', type_id('rd', added.round_id), 'version', added.version,
                        'awards', added.award_count, 'total_minor', added.total_minor)) THEN 'award_list_leaf_given_rule'
            WHEN added.version > 1 AND NOT EXISTS (SELECT FROM award_list AS before
                WHERE before.tenant_id = added.tenant_id AND before.round_id = added.round_id
                    AND before.version = added.version - 1) THEN 'award_list_version_rule'
            WHEN is_recovering() THEN NULL
            WHEN EXISTS (SELECT FROM award_list AS other
                WHERE other.tenant_id = added.tenant_id AND other.round_id = added.round_id
                    AND other.list_id <> added.list_id
                    AND NOT is_award_list_over(other.tenant_id, other.list_id)) THEN 'award_list_alone_rule'
            WHEN added.award_count <> awards.size OR added.total_minor IS DISTINCT FROM awards.total_minor
                THEN 'award_list_awards_rule'
        END AS rule
        FROM added
        JOIN book USING (tenant_id, book_id)
        JOIN book_head AS head USING (tenant_id, book_id)
        LEFT JOIN award_round AS r ON r.tenant_id = added.tenant_id AND r.round_id = added.round_id
            AND r.book_id = added.book_id
        CROSS JOIN LATERAL (SELECT count(*) AS size, sum(w.amount_minor) AS total_minor FROM award AS w
            WHERE w.tenant_id = added.tenant_id AND w.list_id = added.list_id) AS awards
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(broken, 'a list is laid once its awards are there, and the version before it is over');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_list_check AFTER INSERT ON award_list
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_lists();

CREATE FUNCTION check_award_decisions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN award_list AS l ON l.tenant_id = added.tenant_id AND l.list_id = added.list_id
                   AND l.book_id = added.book_id
               LEFT JOIN audit_entry AS told ON told.tenant_id = added.tenant_id AND told.event_id = added.event_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR l.list_id IS NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'round.decided', book.association_id, added.book_id,
                       jsonb_build_object('list', type_id('al', added.list_id), 'decided_on', added.decided_on))
                   OR (leaf_members(told.leaf) -> 'private' ? 'number') IS NOT TRUE) THEN
        PERFORM refuse('award_decision_leaf_given_rule', 'a decision comes after its leaf, and is of a list of the book');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added WHERE added.number IS NULL OR added.number_key = ''
               OR added.decided_on > today() OR is_award_list_over(added.tenant_id, added.list_id)) THEN
        PERFORM refuse('award_decision_list_rule', 'a decision has a number and a day that has come, and is of a list that is not over');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_decision_check AFTER INSERT ON award_decision
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_decisions();

-- Consent that is asked for, or was given, is taken back first; so what was paid is never taken back.
CREATE FUNCTION check_award_list_withdrawals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN award_list AS l ON l.tenant_id = added.tenant_id AND l.list_id = added.list_id
                   AND l.book_id = added.book_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR l.list_id IS NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'round.list_withdrawn', book.association_id,
                       added.book_id, jsonb_build_object('list', type_id('al', added.list_id)))) THEN
        PERFORM refuse('award_list_withdrawal_leaf_given_rule', 'a list is taken back after the leaf that says so');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added JOIN approval AS a ON a.tenant_id = added.tenant_id
                   AND a.subject_id = added.list_id AND a.action = 'round'
               WHERE approval_state(a.tenant_id, a.approval_id) IN ('asked', 'approved', 'used')) THEN
        PERFORM refuse('award_list_withdrawal_asked_rule', 'a list is taken back when nobody is asked about it any more');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_list_withdrawal_check AFTER INSERT ON award_list_withdrawal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_list_withdrawals();

-- Consent to a round is consent to a list that the council decided on, to all of it, and while it is not over.
CREATE FUNCTION check_round_approvals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF NOT is_recovering() AND EXISTS (SELECT FROM added
               LEFT JOIN award_list AS l ON l.tenant_id = added.tenant_id AND l.list_id = added.subject_id
                   AND l.book_id = added.book_id AND l.total_minor = added.amount_minor
               LEFT JOIN award_decision AS d ON d.tenant_id = l.tenant_id AND d.list_id = l.list_id
               WHERE added.action = 'round'
                   AND (d.list_id IS NULL OR is_award_list_over(added.tenant_id, added.subject_id))) THEN
        PERFORM refuse('approval_round_rule', 'consent is asked for to a list that the council decided on');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER approval_round_check AFTER INSERT ON approval
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_round_approvals();
ALTER TABLE approval ENABLE ALWAYS TRIGGER approval_round_check;

-- Record that an entry pays a list, which uses the consent to it; for the trigger of what pays, as use_approval is.
CREATE FUNCTION pay_award_list(p_tenant_id integer, p_book_id bigint, p_list_id uuid, p_seq bigint) RETURNS void
LANGUAGE plpgsql SET search_path = soquy, pg_temp
AS $$
BEGIN
    PERFORM use_approval(p_tenant_id, p_book_id, 'round', p_list_id);
    INSERT INTO award_payment (tenant_id, list_id, book_id, seq) VALUES (p_tenant_id, p_list_id, p_book_id, p_seq);
END
$$;

-- What pays a list pays all of it and nothing else, from the fund and for the program of its round, once it is approved.
CREATE FUNCTION check_list_payments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               LEFT JOIN award_list AS l ON l.tenant_id = added.tenant_id AND l.list_id = added.list_id
                   AND l.book_id = added.book_id
               LEFT JOIN award_round AS r ON r.tenant_id = l.tenant_id AND r.round_id = l.round_id
               CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE line ->> 1 IS DISTINCT FROM r.fund) AS foreign_count,
                       sum((line ->> 2)::bigint) FILTER (WHERE line #>> '{3,program}' = r.program) AS spent_minor,
                       sum((line #>> '{3,quantity}')::bigint) FILTER (WHERE line #>> '{3,program}' = r.program) AS awards
                   FROM jsonb_array_elements(added.lines) AS line) AS said
               WHERE added.list_id IS NOT NULL AND (r.round_id IS NULL OR said.foreign_count > 0
                   OR said.spent_minor IS DISTINCT FROM l.total_minor OR said.awards IS DISTINCT FROM l.award_count
                   OR added.amount_minor <> l.total_minor
                   OR award_list_state(l.tenant_id, l.list_id) <> 'approved')) THEN
        PERFORM refuse('entry_proposal_list_rule', 'what pays a list pays all of it, as it was approved');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_proposal_list_check AFTER INSERT ON entry_proposal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_list_payments();
ALTER TABLE entry_proposal ENABLE ALWAYS TRIGGER entry_proposal_list_check;
ALTER TABLE entry_proposal ADD CONSTRAINT entry_proposal_list_fk
FOREIGN KEY (tenant_id, list_id) REFERENCES award_list (tenant_id, list_id);

-- Awards of one sitting come in one statement, after the leaf that says of which list, how many and how much; only what is
-- paid is there to be collected.
CREATE FUNCTION check_award_collections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT added.tenant_id, added.book_id, added.event_id, count(*) AS size,
                       count(*) FILTER (WHERE added.is_proxy) AS proxy_count, sum(w.amount_minor) AS total_minor,
                       count(DISTINCT w.list_id) AS list_count, min(type_id('al', w.list_id)) AS list
                   FROM added
                   LEFT JOIN award AS w ON w.tenant_id = added.tenant_id AND w.award_id = added.award_id
                       AND w.book_id = added.book_id
                   GROUP BY 1, 2, 3) AS run
               JOIN book USING (tenant_id, book_id)
               JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN audit_entry AS told ON told.tenant_id = run.tenant_id AND told.event_id = run.event_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR told.recorded_at IS DISTINCT FROM now()
                   OR run.list_count <> 1
                   OR NOT leaf_says(run.tenant_id, run.event_id, 'round.collected', book.association_id, run.book_id,
                       jsonb_build_object('list', run.list, 'collected', run.size, 'proxy', run.proxy_count,
                           'total_minor', run.total_minor))) THEN
        PERFORM refuse('award_collection_leaf_given_rule', 'awards are collected with the leaf that tells of them, all at once');
    END IF;
    IF EXISTS (SELECT FROM added JOIN award AS w ON w.tenant_id = added.tenant_id AND w.award_id = added.award_id
               WHERE NOT EXISTS (SELECT FROM award_payment AS p
                   WHERE p.tenant_id = w.tenant_id AND p.list_id = w.list_id)) THEN
        PERFORM refuse('award_collection_paid_rule', 'what is collected was paid');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_collection_check AFTER INSERT ON award_collection
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_collections();

-- All sittings together are never more than the list: also where it is not known any more who came.
CREATE FUNCTION check_award_sittings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN award_list AS l ON l.tenant_id = added.tenant_id AND l.list_id = added.list_id
                   AND l.book_id = added.book_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR l.list_id IS NULL
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'round.collected', book.association_id, added.book_id,
                       jsonb_build_object('list', type_id('al', added.list_id), 'collected', added.collected_count,
                           'proxy', added.proxy_count, 'total_minor', added.total_minor))
                   OR NOT is_recovering() AND NOT EXISTS (SELECT FROM award_collection AS c
                       WHERE c.tenant_id = added.tenant_id AND c.event_id = added.event_id)) THEN
        PERFORM refuse('award_sitting_leaf_given_rule', 'a sitting comes after its leaf and the awards that were collected');
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT tenant_id, list_id FROM added) AS touched
               JOIN award_list AS l USING (tenant_id, list_id)
               CROSS JOIN LATERAL (
                   SELECT sum(s.collected_count) AS size, sum(s.total_minor) AS total_minor FROM award_sitting AS s
                   WHERE s.tenant_id = l.tenant_id AND s.list_id = l.list_id
               ) AS collected
               WHERE collected.size > l.award_count OR collected.total_minor > l.total_minor
                   OR (collected.size = l.award_count) <> (collected.total_minor = l.total_minor)) THEN
        PERFORM refuse('award_sitting_total_rule', 'no more is collected than stands on the list');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER award_sitting_check AFTER INSERT ON award_sitting
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_award_sittings();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['program_plan', 'award_round', 'award_list', 'award', 'award_decision',
        'award_list_withdrawal', 'award_payment', 'award_sitting', 'award_collection'] LOOP
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
    FOREACH name IN ARRAY ARRAY['program_plan', 'award_round', 'award_list', 'award', 'award_decision',
        'award_list_withdrawal', 'award_sitting', 'award_collection'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_check');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['beneficiary', 'award_claim'] LOOP
        EXECUTE format('ALTER TABLE vault.%I ENABLE ALWAYS TRIGGER %I', name, name || '_check');
        EXECUTE format('ALTER TABLE vault.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON vault.%I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
END
$$;

GRANT SELECT ON program_plan, award_round, award_list, award, award_decision, award_list_withdrawal, award_payment, award_sitting,
award_collection TO soquy_app;
GRANT INSERT (tenant_id, book_id, program, year, version, category, fund, budget_minor, criteria, event_id) ON program_plan
TO soquy_app;
GRANT INSERT (tenant_id, round_id, book_id, program, year, period, fund, collect_by, name_vi) ON award_round TO soquy_app;
GRANT INSERT (tenant_id, list_id, book_id, round_id, version, award_count, total_minor) ON award_list TO soquy_app;
GRANT INSERT (tenant_id, award_id, book_id, list_id, line, line_count, amount_minor) ON award TO soquy_app;
GRANT INSERT (tenant_id, list_id, book_id, decided_on, number, event_id) ON award_decision TO soquy_app;
GRANT INSERT (tenant_id, list_id, book_id, event_id) ON award_list_withdrawal TO soquy_app;
GRANT INSERT (tenant_id, event_id, book_id, list_id, collected_count, proxy_count, total_minor) ON award_sitting TO soquy_app;
GRANT INSERT (tenant_id, award_id, book_id, event_id, is_proxy) ON award_collection TO soquy_app;
GRANT SELECT, INSERT ON vault.beneficiary, vault.award_claim TO soquy_app;
GRANT SELECT, DELETE ON vault.beneficiary, vault.award_claim TO soquy_vault;
GRANT EXECUTE ON FUNCTION is_award_list_over(integer, uuid), award_list_state(integer, uuid),
vault.use_identity_key(uuid, bytea, text), vault.count_claims_elsewhere(text, text, bytea []) TO soquy_app;
RESET ROLE;
