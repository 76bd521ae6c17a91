-- Awards: what a program plans to spend in a year, and rounds in which it is given.

-- Nobody reads while migrations run, and the programs that call the functions come with them.
-- squawk-ignore-file adding-not-nullable-field, constraint-missing-not-valid

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

ALTER TABLE program_plan ADD CONSTRAINT program_plan_program_fk
FOREIGN KEY (tenant_id, program) REFERENCES program (tenant_id, program);
ALTER TABLE program_plan ADD CONSTRAINT program_plan_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);
ALTER TABLE award_round ADD CONSTRAINT award_round_fund_fk
FOREIGN KEY (tenant_id, book_id, fund) REFERENCES fund (tenant_id, book_id, fund);

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

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['program_plan', 'award_round'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate', name || '_check');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            name || '_tenant', name);
    END LOOP;
END
$$;

GRANT SELECT ON program_plan, award_round TO soquy_app;
GRANT INSERT (tenant_id, book_id, program, year, version, category, fund, budget_minor, criteria, event_id) ON program_plan
TO soquy_app;
GRANT INSERT (tenant_id, round_id, book_id, program, year, period, fund, collect_by, name_vi) ON award_round TO soquy_app;
RESET ROLE;
