-- Proposed entries: what a voucher says before it is executed, and the consent without which it is not (I11).
--
-- A proposal fixes the lines of the entry that will execute its voucher. Nothing changes them: whoever wants others voids
-- the voucher and proposes anew. The entry says the same, line by line, and uses up the consent that was given to it.

-- Nobody reads while migrations run, and the programs that call the functions come with them.
-- squawk-ignore-file adding-not-nullable-field, constraint-missing-not-valid

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- proposal_id is the id of its leaf's event, and what consent is asked to. lines and rate are as leaves spell them
-- (ledger/books/leaf.py); corrects_id is the entry that an adjustment corrects, list_id the list of awards that a payment
-- pays (0021); amount_minor is the sum of the debits.
CREATE TABLE entry_proposal (
    tenant_id integer NOT NULL,
    proposal_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    voucher_kind text COLLATE "C" NOT NULL,
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    lines jsonb NOT NULL,
    rate jsonb,
    corrects_id uuid,
    list_id uuid,
    amount_minor bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT entry_proposal_pk PRIMARY KEY (tenant_id, proposal_id),
    CONSTRAINT entry_proposal_voucher_unique UNIQUE (tenant_id, book_id, voucher_kind, fiscal_year, number),
    CONSTRAINT entry_proposal_kind_check CHECK ((kind, action) IN (('ordinary', 'payment'), ('adjustment', 'adjustment'))),
    CONSTRAINT entry_proposal_corrects_given_check CHECK ((kind = 'adjustment') = (corrects_id IS NOT NULL)),
    CONSTRAINT entry_proposal_list_payment_check CHECK (list_id IS NULL OR action = 'payment'),
    CONSTRAINT entry_proposal_lines_count_check CHECK (jsonb_array_length(lines) BETWEEN 2 AND 200)
);

-- Who is paid, as it was typed.
CREATE TABLE vault.payee (
    tenant_id integer NOT NULL,
    proposal_id uuid NOT NULL,
    book_id bigint NOT NULL,
    name text NOT NULL,
    person_id uuid,
    CONSTRAINT payee_pk PRIMARY KEY (tenant_id, proposal_id),
    CONSTRAINT payee_name_length_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT payee_name_nfc_check CHECK (name IS NFC NORMALIZED)
);
ALTER TABLE vault.payee ADD CONSTRAINT payee_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
CREATE INDEX payee_person_idx ON vault.payee (tenant_id, person_id) WHERE person_id IS NOT NULL;

ALTER TABLE entry_proposal ADD CONSTRAINT entry_proposal_voucher_fk
FOREIGN KEY (tenant_id, book_id, voucher_kind, fiscal_year, number)
REFERENCES voucher (tenant_id, book_id, voucher_kind, fiscal_year, number);
ALTER TABLE entry_proposal ADD CONSTRAINT entry_proposal_action_fk FOREIGN KEY (action) REFERENCES approval_action (action);
ALTER TABLE entry_proposal ADD CONSTRAINT entry_proposal_corrects_fk
FOREIGN KEY (tenant_id, corrects_id) REFERENCES entry (tenant_id, entry_id);

-- The lines of an entry as leaves and proposals spell them.
CREATE FUNCTION posted_lines(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_entry_on date) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT jsonb_agg(jsonb_build_array(p.account, p.fund, p.value_minor)
        || CASE WHEN more.members = '{}' THEN '[]'::jsonb ELSE jsonb_build_array(more.members) END ORDER BY p.line)
    FROM posting AS p
    CROSS JOIN LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object('channel', p.channel, 'campaign', p.campaign,
        'program', p.program, 'quantity', p.quantity, 'currency', nullif(p.currency, 'VND'),
        'amount_minor', CASE WHEN p.currency <> 'VND' THEN p.amount_minor END)) AS members) AS more
    WHERE p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.seq = p_seq AND p.entry_on = p_entry_on
$$;

-- A proposal comes after its leaf and with a voucher that waits, and asks for as much as its debits say.
CREATE FUNCTION check_entry_proposals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               LEFT JOIN voucher_void AS v USING (tenant_id, book_id, voucher_kind, fiscal_year, number)
               LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id
                   AND e.voucher_kind = added.voucher_kind AND e.fiscal_year = added.fiscal_year
                   AND e.voucher_number = added.number
               LEFT JOIN entry AS c ON c.tenant_id = added.tenant_id AND c.entry_id = added.corrects_id
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR v.event_id IS NOT NULL OR e.seq IS NOT NULL
                   OR c.book_id <> added.book_id
                   OR NOT leaf_says(added.tenant_id, added.proposal_id, 'entry.proposed', book.association_id, added.book_id,
                       jsonb_build_object('corrects', type_id('en', added.corrects_id), 'kind', added.kind,
                           'lines', added.lines, 'list', type_id('al', added.list_id), 'rate', added.rate,
                           'voucher', jsonb_build_array(added.voucher_kind, added.fiscal_year, added.number)))) THEN
        PERFORM refuse('entry_proposal_leaf_given_rule', 'an entry is proposed after its leaf, with a voucher that waits');
    END IF;
    IF EXISTS (SELECT FROM added
               WHERE added.amount_minor <> (SELECT sum(greatest((line ->> 2)::bigint, 0))
                   FROM jsonb_array_elements(added.lines) AS line)) THEN
        PERFORM refuse('entry_proposal_amount_rule', 'consent is asked to the sum of the debits');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_proposal_check AFTER INSERT ON entry_proposal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_entry_proposals();

-- What the vault keeps comes after the leaf and before the row, and is never given to one that is there.
CREATE FUNCTION check_payees() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF current_setting('role') <> 'soquy_owner' AND EXISTS (SELECT FROM added
               LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.proposal_id
               LEFT JOIN entry_proposal AS p ON p.tenant_id = added.tenant_id AND p.proposal_id = added.proposal_id
               LEFT JOIN person AS known ON known.tenant_id = added.tenant_id AND known.person_id = added.person_id
                   AND known.book_id = added.book_id
               WHERE a.book_id IS DISTINCT FROM added.book_id OR a.recorded_at <> now()
                   OR a.type <> 'entry.proposed' OR p.proposal_id IS NOT NULL
                   OR added.person_id IS NOT NULL AND known.person_id IS NULL) THEN
        PERFORM refuse('payee_first_rule', 'who is paid comes after the leaf of the proposal and before its row');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER payee_check AFTER INSERT ON vault.payee
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_payees();

-- I11: these entries were proposed as they are, and approved; the consent is used. For the trigger of postings (0007).
CREATE FUNCTION use_proposals(p_tenant_ids integer [], p_book_ids bigint [], p_seqs bigint []) RETURNS void
LANGUAGE plpgsql SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT checked.rule, checked.voucher INTO fault
    FROM (
        SELECT e.seq, jsonb_build_array(e.voucher_kind, e.fiscal_year, e.voucher_number) AS voucher, CASE
            WHEN p.proposal_id IS NULL THEN 'entry_proposed_rule'
            WHEN p.kind <> e.kind OR corrected.seq IS DISTINCT FROM e.corrects_seq
                OR (p.rate ->> 0, (p.rate ->> 1)::numeric, p.rate ->> 2) IS DISTINCT FROM (e.rate_currency, e.rate, e.rate_source)
                OR p.lines IS DISTINCT FROM posted_lines(e.tenant_id, e.book_id, e.seq, e.entry_on)
                THEN 'entry_as_proposed_rule'
            WHEN NOT EXISTS (SELECT FROM approval AS a
                WHERE a.tenant_id = p.tenant_id AND a.book_id = p.book_id AND a.subject_id = p.proposal_id
                    AND a.action = p.action AND a.amount_minor = p.amount_minor
                    AND approval_state(a.tenant_id, a.approval_id) = 'approved')
                THEN 'entry_approved_rule'
            WHEN p.list_id IS NOT NULL AND award_list_state(p.tenant_id, p.list_id) <> 'approved' THEN 'entry_list_rule'
        END AS rule
        FROM unnest(p_tenant_ids, p_book_ids, p_seqs) AS asked (tenant_id, book_id, seq)
        JOIN entry AS e USING (tenant_id, book_id, seq)
        LEFT JOIN entry_proposal AS p ON p.tenant_id = e.tenant_id AND p.book_id = e.book_id
            AND p.voucher_kind = e.voucher_kind AND p.fiscal_year = e.fiscal_year AND p.number = e.voucher_number
        LEFT JOIN entry AS corrected ON corrected.tenant_id = p.tenant_id AND corrected.entry_id = p.corrects_id
    ) AS checked
    WHERE checked.rule IS NOT NULL ORDER BY checked.seq LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, 'what takes money out, and what adjusts an entry, is done as it was proposed and approved',
            jsonb_build_object('voucher', fault.voucher));
    END IF;
    INSERT INTO approval_use (tenant_id, approval_id, book_id)
    SELECT a.tenant_id, a.approval_id, a.book_id
    FROM unnest(p_tenant_ids, p_book_ids, p_seqs) AS asked (tenant_id, book_id, seq)
    JOIN entry AS e USING (tenant_id, book_id, seq)
    JOIN entry_proposal AS p ON p.tenant_id = e.tenant_id AND p.book_id = e.book_id
        AND p.voucher_kind = e.voucher_kind AND p.fiscal_year = e.fiscal_year AND p.number = e.voucher_number
    JOIN approval AS a ON a.tenant_id = p.tenant_id AND a.book_id = p.book_id AND a.subject_id = p.proposal_id
    WHERE approval_state(a.tenant_id, a.approval_id) = 'approved';
    PERFORM pay_award_list(p.tenant_id, p.book_id, p.list_id, e.seq)
    FROM unnest(p_tenant_ids, p_book_ids, p_seqs) AS asked (tenant_id, book_id, seq)
    JOIN entry AS e USING (tenant_id, book_id, seq)
    JOIN entry_proposal AS p ON p.tenant_id = e.tenant_id AND p.book_id = e.book_id
        AND p.voucher_kind = e.voucher_kind AND p.fiscal_year = e.fiscal_year AND p.number = e.voucher_number
    WHERE p.list_id IS NOT NULL;
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    CREATE TRIGGER entry_proposal_append_only BEFORE UPDATE OR DELETE ON entry_proposal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER entry_proposal_no_truncate BEFORE TRUNCATE ON entry_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    FOREACH name IN ARRAY ARRAY['append_only', 'no_truncate', 'check'] LOOP
        EXECUTE format('ALTER TABLE entry_proposal ENABLE ALWAYS TRIGGER %I', 'entry_proposal_' || name);
    END LOOP;
    ALTER TABLE vault.payee ENABLE ALWAYS TRIGGER payee_check;
    FOREACH name IN ARRAY ARRAY['soquy.entry_proposal', 'vault.payee'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %s USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            split_part(name, '.', 2) || '_tenant', name);
    END LOOP;
END
$$;

GRANT SELECT ON entry_proposal TO soquy_app;
GRANT INSERT (tenant_id, proposal_id, book_id, action, kind, voucher_kind, fiscal_year, number, lines, rate, corrects_id,
    list_id, amount_minor) ON entry_proposal TO soquy_app;
GRANT SELECT, INSERT ON vault.payee TO soquy_app;
GRANT SELECT, DELETE ON vault.payee TO soquy_vault;
RESET ROLE;
