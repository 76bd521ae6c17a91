-- Approvals: one mechanism for everything that needs two people.
--
-- An approval asks named roles for their consent to one subject: a row of another room that cannot change while it is
-- asked for. What became of it is never written down; it follows from the decisions and the clock. A row of each step
-- comes with its leaf, and the subject's own trigger calls use_approval() in the transaction that carries it out.

-- Nobody reads while migrations run, and the programs that call the functions come with them.
-- squawk-ignore-file adding-not-nullable-field, ban-drop-constraint, constraint-missing-not-valid

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- What needs approval, and whose where an association decided nothing else. No policy leaves out a role of the floor.
-- A payment: Law 88/2015 Art. 19.3, before it is executed. prefix is that of the subjects' public ids.
CREATE TABLE approval_action (
    action text COLLATE "C" NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    roles text [] NOT NULL,
    is_ordered boolean NOT NULL,
    days smallint NOT NULL,
    floor text [] NOT NULL,
    CONSTRAINT approval_action_pk PRIMARY KEY (action),
    CONSTRAINT approval_action_floor_check CHECK (floor <@ roles)
);
INSERT INTO approval_action (action, prefix, roles, is_ordered, days, floor) VALUES
('payment', 'po', ARRAY['chief_accountant', 'account_holder'], true, 30, ARRAY['chief_accountant', 'account_holder']),
('round', 'al', ARRAY['chief_accountant', 'account_holder'], true, 60, ARRAY['account_holder']),
('release', 'po', ARRAY['chief_accountant', 'account_holder'], true, 30, ARRAY['account_holder']),
('adjustment', 'po', ARRAY['account_holder'], true, 30, ARRAY['account_holder']),
('exception', 'ex', ARRAY['chief_accountant', 'account_holder'], true, 30, ARRAY['account_holder']);

-- Which roles an association asks, from an amount on; the newest of the highest amount reached counts. policy_id is the
-- id of its leaf's event.
CREATE TABLE approval_policy (
    tenant_id integer NOT NULL,
    policy_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    from_minor bigint NOT NULL,
    roles text [] NOT NULL,
    is_ordered boolean NOT NULL,
    days smallint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approval_policy_pk PRIMARY KEY (tenant_id, policy_id),
    CONSTRAINT approval_policy_from_range_check CHECK (from_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT approval_policy_roles_count_check CHECK (cardinality(roles) BETWEEN 1 AND 5 AND array_position(roles, NULL) IS NULL),
    CONSTRAINT approval_policy_days_range_check CHECK (days BETWEEN 1 AND 180)
);
CREATE INDEX approval_policy_book_idx ON approval_policy (tenant_id, book_id, action, from_minor DESC, policy_id DESC);

-- A request. approval_id is the id of its leaf's event; subject_id names what is asked about, once while it lives; roles
-- are those that the policy named when it was asked. drafted_by, and who decided, are NULL only where a lost database was
-- made again from the log, which commits to them alone; such a request is asked anew.
CREATE TABLE approval (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    roles text [] NOT NULL,
    is_ordered boolean NOT NULL,
    drafted_by uuid,
    expires_on date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approval_pk PRIMARY KEY (tenant_id, approval_id),
    CONSTRAINT approval_amount_range_check CHECK (amount_minor BETWEEN 0 AND 9007199254740991)
);
CREATE INDEX approval_subject_idx ON approval (tenant_id, subject_id, approval_id);
CREATE INDEX approval_book_idx ON approval (tenant_id, book_id, expires_on);
CREATE INDEX approval_newest_idx ON approval (tenant_id, book_id, approval_id);

-- One step of an approval: which of its roles, held by whom, said yes or no. A no ends it.
CREATE TABLE approval_decision (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    step smallint NOT NULL,
    book_id bigint NOT NULL,
    is_granted boolean NOT NULL,
    user_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approval_decision_pk PRIMARY KEY (tenant_id, approval_id, step),
    CONSTRAINT approval_decision_user_unique UNIQUE (tenant_id, approval_id, user_id),
    CONSTRAINT approval_decision_event_unique UNIQUE (tenant_id, event_id)
);

-- Whoever asked takes it back: nothing that was said before counts any more.
CREATE TABLE approval_withdrawal (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approval_withdrawal_pk PRIMARY KEY (tenant_id, approval_id),
    CONSTRAINT approval_withdrawal_event_unique UNIQUE (tenant_id, event_id)
);

-- That it was carried out, once; written by use_approval() alone.
CREATE TABLE approval_use (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT approval_use_pk PRIMARY KEY (tenant_id, approval_id)
);

ALTER TABLE approval_policy ADD CONSTRAINT approval_policy_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE approval_policy ADD CONSTRAINT approval_policy_action_fk FOREIGN KEY (action) REFERENCES approval_action (action);
ALTER TABLE approval ADD CONSTRAINT approval_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE approval ADD CONSTRAINT approval_action_fk FOREIGN KEY (action) REFERENCES approval_action (action);
-- A row of no book would drop out of every check that joins the book.
ALTER TABLE approval_decision ADD CONSTRAINT approval_decision_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE approval_withdrawal ADD CONSTRAINT approval_withdrawal_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE approval_use ADD CONSTRAINT approval_use_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE approval_decision ADD CONSTRAINT approval_decision_approval_fk
FOREIGN KEY (tenant_id, approval_id) REFERENCES approval (tenant_id, approval_id);
ALTER TABLE approval_withdrawal ADD CONSTRAINT approval_withdrawal_approval_fk
FOREIGN KEY (tenant_id, approval_id) REFERENCES approval (tenant_id, approval_id);
ALTER TABLE approval_use ADD CONSTRAINT approval_use_approval_fk
FOREIGN KEY (tenant_id, approval_id) REFERENCES approval (tenant_id, approval_id);

-- Whose consent something of this amount needs: of the association's newest policies, that of the highest amount reached.
CREATE FUNCTION approval_terms(p_tenant_id integer, p_book_id bigint, p_action text, p_amount_minor bigint)
RETURNS TABLE (roles text [], is_ordered boolean, days smallint)
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT chosen.roles, chosen.is_ordered, chosen.days
    FROM (
        SELECT p.roles, p.is_ordered, p.days, p.from_minor, p.policy_id FROM approval_policy AS p
        WHERE p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.action = p_action AND p.from_minor <= p_amount_minor
        UNION ALL
        SELECT a.roles, a.is_ordered, a.days, -1, NULL FROM approval_action AS a WHERE a.action = p_action
    ) AS chosen
    ORDER BY chosen.from_minor DESC, chosen.policy_id DESC NULLS LAST LIMIT 1
$$;

-- How a request stands now. A no ends it; consent once complete stays, also beyond the day until which it was asked for.
CREATE FUNCTION approval_state(p_tenant_id integer, p_approval_id uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM approval_use AS u
            WHERE u.tenant_id = a.tenant_id AND u.approval_id = a.approval_id) THEN 'used'
        WHEN EXISTS (SELECT FROM approval_withdrawal AS w
            WHERE w.tenant_id = a.tenant_id AND w.approval_id = a.approval_id) THEN 'withdrawn'
        WHEN said.is_denied THEN 'denied'
        WHEN said.size = cardinality(a.roles) THEN 'approved'
        WHEN a.expires_on < today() THEN 'expired'
        ELSE 'asked'
    END
    FROM approval AS a
    CROSS JOIN LATERAL (
        SELECT count(*) AS size, coalesce(bool_or(NOT d.is_granted), false) AS is_denied FROM approval_decision AS d
        WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
    ) AS said
    WHERE a.tenant_id = p_tenant_id AND a.approval_id = p_approval_id
$$;

CREATE FUNCTION check_approval_policies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.policy_id, 'approval.policy_set', book.association_id, added.book_id,
                       jsonb_build_object('action', added.action, 'from_minor', added.from_minor, 'roles', added.roles,
                           'ordered', added.is_ordered, 'days', added.days))) THEN
        PERFORM refuse('approval_policy_leaf_given_rule', 'a policy comes after its leaf, in a book that was taken');
    END IF;
    IF EXISTS (SELECT FROM added JOIN approval_action AS a USING (action)
               WHERE NOT added.roles @> a.floor
                   OR NOT added.roles <@ ARRAY['accountant', 'chief_accountant', 'account_holder']) THEN
        PERFORM refuse('approval_policy_floor_rule', 'a policy asks roles that approve, and those whom the law asks among them');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER approval_policy_check AFTER INSERT ON approval_policy
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_approval_policies();

-- A request asks whom the policy of its amount names, about a subject that nobody is asked about already.
CREATE FUNCTION check_approvals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               JOIN approval_action AS a USING (action)
               WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.approval_id, 'approval.asked', book.association_id, added.book_id,
                       jsonb_build_object('action', added.action, 'subject', type_id(a.prefix, added.subject_id),
                           'amount_minor', added.amount_minor, 'roles', added.roles, 'ordered', added.is_ordered,
                           'expires_on', added.expires_on))) THEN
        PERFORM refuse('approval_leaf_given_rule', 'consent is asked for after the leaf that says so, in a book that was taken');
    END IF;
    IF is_recovering() THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM added WHERE drafted_by IS NULL) THEN
        PERFORM refuse('approval_drafter_rule', 'somebody asks');
    END IF;
    IF EXISTS (SELECT FROM added
               CROSS JOIN LATERAL approval_terms(added.tenant_id, added.book_id, added.action, added.amount_minor) AS terms
               WHERE added.roles <> terms.roles OR added.is_ordered <> terms.is_ordered
                   OR added.expires_on NOT BETWEEN today() AND today() + terms.days) THEN
        PERFORM refuse('approval_terms_rule', 'those are asked whom the policy of this action and amount names');
    END IF;
    IF EXISTS (SELECT FROM added JOIN approval AS other ON other.tenant_id = added.tenant_id
                   AND other.subject_id = added.subject_id AND other.approval_id <> added.approval_id
               WHERE approval_state(other.tenant_id, other.approval_id) IN ('asked', 'approved', 'used')) THEN
        PERFORM refuse('approval_subject_rule', 'consent to the same is asked for already, or was given');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER approval_check AFTER INSERT ON approval
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_approvals();

-- I11: whoever decides holds the role that is asked, now and in this association, did not draft it, and decides once.
CREATE FUNCTION check_approval_decisions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    broken text;
BEGIN
    SELECT checked.rule INTO broken
    FROM (
        SELECT CASE
            WHEN a.approval_id IS NULL OR head.taken_by IS DISTINCT FROM pg_current_xact_id()
                OR added.step NOT BETWEEN 1 AND cardinality(a.roles)
                OR NOT leaf_says(added.tenant_id, added.event_id,
                    CASE WHEN added.is_granted THEN 'approval.granted' ELSE 'approval.denied' END, book.association_id,
                    added.book_id, jsonb_build_object('approval', type_id('ap', added.approval_id), 'step', added.step,
                        'role', a.roles[added.step]))
                THEN 'approval_decision_leaf_given_rule'
            WHEN is_recovering() THEN NULL
            WHEN a.drafted_by IS NULL OR added.user_id = a.drafted_by THEN 'approval_decision_drafter_rule'
            WHEN NOT EXISTS (SELECT FROM role_holder AS held WHERE held.tenant_id = added.tenant_id
                AND held.association_id = book.association_id AND held.user_id = added.user_id
                AND a.roles[added.step] = ANY (roles_that_count(held.tenant_id, held.association_id, held.user_id,
                    held.roles))) THEN 'approval_decision_role_rule'
            WHEN a.expires_on < today() THEN 'approval_decision_expired_rule'
            WHEN others.is_denied OR EXISTS (SELECT FROM approval_withdrawal AS w
                WHERE w.tenant_id = a.tenant_id AND w.approval_id = a.approval_id) THEN 'approval_decision_over_rule'
            WHEN a.is_ordered AND others.before_count <> added.step - 1 THEN 'approval_decision_order_rule'
        END AS rule
        FROM added
        LEFT JOIN approval AS a ON a.tenant_id = added.tenant_id AND a.approval_id = added.approval_id
            AND a.book_id = added.book_id
        JOIN book ON book.tenant_id = added.tenant_id AND book.book_id = added.book_id
        JOIN book_head AS head ON head.tenant_id = added.tenant_id AND head.book_id = added.book_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE d.step < added.step) AS before_count,
                coalesce(bool_or(NOT d.is_granted), false) AS is_denied
            FROM approval_decision AS d WHERE d.tenant_id = added.tenant_id AND d.approval_id = added.approval_id
                AND d.event_id <> added.event_id
        ) AS others
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(broken, 'a decision is that of somebody who is asked, while they are asked');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER approval_decision_check AFTER INSERT ON approval_decision
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_approval_decisions();

CREATE FUNCTION check_approval_withdrawals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               LEFT JOIN approval AS a ON a.tenant_id = added.tenant_id AND a.approval_id = added.approval_id
                   AND a.book_id = added.book_id
               JOIN book ON book.tenant_id = added.tenant_id AND book.book_id = added.book_id
               JOIN book_head AS head ON head.tenant_id = added.tenant_id AND head.book_id = added.book_id
               WHERE a.approval_id IS NULL OR head.taken_by IS DISTINCT FROM pg_current_xact_id()
                   OR NOT leaf_says(added.tenant_id, added.event_id, 'approval.withdrawn', book.association_id, added.book_id,
                       jsonb_build_object('approval', type_id('ap', added.approval_id)))) THEN
        PERFORM refuse('approval_withdrawal_leaf_given_rule', 'a request is taken back after the leaf that says so');
    END IF;
    IF NOT is_recovering() AND EXISTS (SELECT FROM added
               JOIN approval_use AS u ON u.tenant_id = added.tenant_id AND u.approval_id = added.approval_id) THEN
        PERFORM refuse('approval_withdrawal_used_rule', 'what was carried out is not taken back');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER approval_withdrawal_check AFTER INSERT ON approval_withdrawal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_approval_withdrawals();

-- Use the consent to a subject, which is used once: for the trigger of what may not be done without it.
CREATE FUNCTION use_approval(p_tenant_id integer, p_book_id bigint, p_action text, p_subject_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = soquy, pg_temp
AS $$
DECLARE
    found_id uuid;
BEGIN
    SELECT a.approval_id INTO found_id FROM approval AS a
    WHERE a.tenant_id = p_tenant_id AND a.book_id = p_book_id AND a.action = p_action AND a.subject_id = p_subject_id
        AND approval_state(a.tenant_id, a.approval_id) = 'approved'
    ORDER BY a.approval_id DESC LIMIT 1;
    IF NOT FOUND THEN
        PERFORM refuse('approval_given_rule', 'it is done with the consent of those who are asked, and once');
    END IF;
    INSERT INTO approval_use (tenant_id, approval_id, book_id) VALUES (p_tenant_id, found_id, p_book_id);
END
$$;

-- Why it was denied opens to whoever asked, and to those who see people; that they opened it is written down.
ALTER TABLE vault.opening DROP CONSTRAINT opening_purpose_check,
ADD CONSTRAINT opening_purpose_check CHECK (purpose IN ('inspection', 'receipt', 'denial'));

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
    IF p_purpose = 'denial' AND (p_fields <> ARRAY['reason'] OR NOT EXISTS (
        SELECT FROM soquy.approval_decision AS d
        WHERE d.tenant_id = p_tenant_id AND d.event_id = p_event_id AND NOT d.is_granted)) THEN
        PERFORM soquy.refuse('opening_denial_rule', 'of a denial its reason is opened');
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

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['approval_policy', 'approval', 'approval_decision', 'approval_withdrawal', 'approval_use'] LOOP
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
    FOREACH name IN ARRAY ARRAY['approval_policy', 'approval', 'approval_decision', 'approval_withdrawal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_check');
    END LOOP;
END
$$;

GRANT SELECT ON approval_action, approval_policy, approval, approval_decision, approval_withdrawal, approval_use TO soquy_app;
GRANT INSERT (tenant_id, policy_id, book_id, action, from_minor, roles, is_ordered, days) ON approval_policy TO soquy_app;
GRANT INSERT (tenant_id, approval_id, book_id, action, subject_id, amount_minor, roles, is_ordered, drafted_by, expires_on)
ON approval TO soquy_app;
GRANT INSERT (tenant_id, approval_id, step, book_id, is_granted, user_id, event_id) ON approval_decision TO soquy_app;
GRANT INSERT (tenant_id, approval_id, book_id, event_id) ON approval_withdrawal TO soquy_app;
GRANT EXECUTE ON FUNCTION approval_terms(integer, bigint, text, bigint), approval_state(integer, uuid) TO soquy_app;
RESET ROLE;
