-- Every row that a command makes or closes names the leaf that tells of it, and is refused
-- where that leaf is missing, is another's, or says something else.
--
-- A command writes its leaf first and its row after it; the statement trigger of the row's table
-- then finds the leaf. So the database enforces row → leaf. That a leaf has its row cannot be
-- asked when the leaf is inserted; `soquy check` asks it, and holds the content of both against
-- each other again, because a superuser can change either. Entries alone come with their leaf in
-- one statement and are enforced both ways (0007).

-- Nobody reads while migrations run, and the programs that call the closings come with them.
-- squawk-ignore-file adding-not-nullable-field, constraint-missing-not-valid, ban-drop-function

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- Ids as leaves spell them (TypeID 0.3): two zero bits and the 128 of the uuid, five a character.
CREATE FUNCTION type_id(prefix text, id uuid) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        substring(bits FROM 1 + 5 * place FOR 5)::bit(5)::integer + 1, 1), '' ORDER BY place)
    FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) AS number
    CROSS JOIN generate_series(0, 25) AS place
$$;

-- A leaf's members; NULL where the bytes are no JSON, which the application could have written.
CREATE FUNCTION leaf_members(leaf bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN convert_from(leaf, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- Does this leaf of this type exist, of this association and book, and say exactly this?
CREATE FUNCTION leaf_says(
    p_tenant_id integer, p_event_id uuid, p_type text, p_association_id uuid, p_book_id bigint, p_payload jsonb
) RETURNS boolean
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM audit_entry AS a CROSS JOIN LATERAL leaf_members(a.leaf) AS said
        WHERE a.tenant_id = p_tenant_id AND a.event_id = p_event_id AND a.type = p_type
            AND a.association_id IS NOT DISTINCT FROM p_association_id AND a.book_id IS NOT DISTINCT FROM p_book_id
            AND said ->> 'type' = p_type AND said ->> 'event_id' = type_id('ev', p_event_id)
            AND said ->> 'association' IS NOT DISTINCT FROM type_id('as', p_association_id)
            AND said -> 'payload' = p_payload)
$$;

-- The columns, and what they are in databases that were there before.
ALTER TABLE association ADD COLUMN event_id uuid, ADD COLUMN closed_event_id uuid;
ALTER TABLE book ADD COLUMN event_id uuid;
ALTER TABLE account ADD COLUMN event_id uuid, ADD COLUMN closed_event_id uuid;
ALTER TABLE fund ADD COLUMN event_id uuid, ADD COLUMN closed_event_id uuid;
ALTER TABLE campaign ADD COLUMN event_id uuid;
ALTER TABLE program ADD COLUMN event_id uuid;
ALTER TABLE voucher ADD COLUMN event_id uuid;
ALTER TABLE api_token ADD COLUMN event_id uuid;

-- Fill them: the leaves were written from the first day, only their ids were not kept.
UPDATE association AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'association.founded' AND a.tenant_id = made.tenant_id AND a.association_id = made.association_id;
UPDATE association AS made SET closed_event_id = a.event_id FROM audit_entry AS a
WHERE made.closed_on IS NOT NULL AND a.type = 'association.closed' AND a.tenant_id = made.tenant_id
    AND a.association_id = made.association_id;
UPDATE book AS made SET event_id = a.event_id FROM association AS a
WHERE a.tenant_id = made.tenant_id AND a.association_id = made.association_id;
-- An account that no leaf opened came with its book.
UPDATE account AS made SET event_id = b.event_id FROM book AS b
WHERE b.tenant_id = made.tenant_id AND b.book_id = made.book_id;
UPDATE account AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'account.opened' AND a.tenant_id = made.tenant_id AND a.book_id = made.book_id
    AND leaf_members(a.leaf) #>> '{payload,account}' = made.account;
UPDATE account AS made SET closed_event_id = a.event_id FROM audit_entry AS a
WHERE made.closed_on IS NOT NULL AND a.type = 'account.closed' AND a.tenant_id = made.tenant_id AND a.book_id = made.book_id
    AND leaf_members(a.leaf) #>> '{payload,account}' = made.account;
UPDATE fund AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'fund.opened' AND a.tenant_id = made.tenant_id AND a.book_id = made.book_id
    AND leaf_members(a.leaf) #>> '{payload,fund}' = made.fund;
UPDATE fund AS made SET closed_event_id = a.event_id FROM audit_entry AS a
WHERE made.closed_on IS NOT NULL AND a.type = 'fund.closed' AND a.tenant_id = made.tenant_id AND a.book_id = made.book_id
    AND leaf_members(a.leaf) #>> '{payload,fund}' = made.fund;
UPDATE campaign AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'campaign.opened' AND a.tenant_id = made.tenant_id
    AND leaf_members(a.leaf) #>> '{payload,campaign}' = made.campaign;
UPDATE program AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'program.opened' AND a.tenant_id = made.tenant_id
    AND leaf_members(a.leaf) #>> '{payload,program}' = made.program;
UPDATE api_token AS made SET event_id = a.event_id FROM audit_entry AS a
WHERE a.type = 'token.created' AND a.tenant_id = made.tenant_id
    AND leaf_members(a.leaf) #>> '{payload,token}' = type_id('tk', made.token_id);

-- A voucher issued apart has a leaf of its own; any other was issued with the entry that names it.
-- Rows of this table are never changed: but for this once, in the migration's transaction.
ALTER TABLE voucher DISABLE TRIGGER voucher_append_only;
UPDATE voucher AS made SET event_id = e.entry_id FROM entry AS e
WHERE e.tenant_id = made.tenant_id AND e.book_id = made.book_id AND e.voucher_kind = made.voucher_kind
    AND e.fiscal_year = made.fiscal_year AND e.voucher_number = made.number;
UPDATE voucher AS made SET event_id = issued.event_id
FROM (SELECT a.tenant_id, a.book_id, a.event_id, leaf_members(a.leaf) #> '{payload,voucher}' AS key
    FROM audit_entry AS a WHERE a.type = 'voucher.issued') AS issued
WHERE issued.tenant_id = made.tenant_id AND issued.book_id = made.book_id
    AND issued.key = jsonb_build_array(made.voucher_kind, made.fiscal_year, made.number);
ALTER TABLE voucher ENABLE ALWAYS TRIGGER voucher_append_only;

-- Filled.
ALTER TABLE association ALTER COLUMN event_id SET NOT NULL,
ADD CONSTRAINT association_closed_event_check CHECK ((closed_on IS NULL) = (closed_event_id IS NULL));
ALTER TABLE book ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE account ALTER COLUMN event_id SET NOT NULL,
ADD CONSTRAINT account_closed_event_check CHECK ((closed_on IS NULL) = (closed_event_id IS NULL));
ALTER TABLE fund ALTER COLUMN event_id SET NOT NULL,
ADD CONSTRAINT fund_closed_event_check CHECK ((closed_on IS NULL) = (closed_event_id IS NULL));
ALTER TABLE campaign ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE program ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE voucher ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE api_token ALTER COLUMN event_id SET NOT NULL;

-- Accounts that come with a book name its founding.
CREATE OR REPLACE FUNCTION furnish_book() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    INSERT INTO book_head (tenant_id, book_id, taken_by)
    SELECT tenant_id, book_id, pg_current_xact_id() FROM added;
    INSERT INTO account (tenant_id, book_id, account, parent, name_vi, name_en, side, role, currency, is_parent, opened_on,
        event_id)
    SELECT added.tenant_id, added.book_id, c.account, c.parent, c.name_vi, c.name_en, c.side, c.role, c.currency,
        EXISTS (SELECT FROM chart_account AS child WHERE child.chart = c.chart AND child.parent = c.account),
        added.opened_on, added.event_id
    FROM added JOIN chart_account AS c USING (chart);
    RETURN NULL;
END
$$;

-- The founding's leaf comes before the book and names none. A payload is compared whole: each of
-- these rows is rare, and what a leaf leaves out is lost to whoever has the public log alone.
CREATE FUNCTION check_association_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    -- Chart and opening day are the book's; its own trigger compares them.
    IF EXISTS (SELECT FROM added LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.event_id
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'association.founded', added.association_id, NULL,
                   jsonb_build_object('kind', added.kind, 'level', added.level, 'parent', type_id('as', added.parent_id),
                       'unit_code', added.unit_code, 'founded_on', added.founded_on, 'is_sample', added.is_sample,
                       'books_open_on', leaf_members(a.leaf) #> '{payload,books_open_on}',
                       'chart', leaf_members(a.leaf) #> '{payload,chart}'))) THEN
        PERFORM refuse('association_leaf_given_rule', 'an association comes after the leaf of its founding');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER association_leaf AFTER INSERT ON association
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_association_leaves();

CREATE FUNCTION check_book_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               LEFT JOIN association AS a ON a.tenant_id = added.tenant_id AND a.association_id = added.association_id
                   AND a.event_id = added.event_id
               LEFT JOIN audit_entry AS leaf ON leaf.tenant_id = a.tenant_id AND leaf.event_id = a.event_id
               WHERE leaf_members(leaf.leaf) #>> '{payload,chart}' IS DISTINCT FROM added.chart
                   OR leaf_members(leaf.leaf) #>> '{payload,books_open_on}' IS DISTINCT FROM added.opened_on::text) THEN
        PERFORM refuse('book_leaf_given_rule', 'a book is the one that the founding of its association tells of');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER book_leaf AFTER INSERT ON book
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_book_leaves();

-- An account comes with its book, exactly as the chart has it, or with a leaf of its own.
CREATE FUNCTION check_account_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.account INTO fault
    FROM added JOIN book USING (tenant_id, book_id)
    LEFT JOIN chart_account AS c ON c.chart = book.chart AND c.account = added.account AND book.event_id = added.event_id
        AND book.opened_on = added.opened_on AND c.parent IS NOT DISTINCT FROM added.parent AND c.side = added.side
        AND c.role = added.role AND c.currency = added.currency
    WHERE c.account IS NULL AND NOT leaf_says(added.tenant_id, added.event_id, 'account.opened', book.association_id,
        added.book_id, jsonb_build_object('account', added.account, 'parent', added.parent, 'currency', added.currency,
            'opened_on', added.opened_on))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('account_leaf_given_rule', format('account %s comes after the leaf of its opening', fault.account),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_leaf AFTER INSERT ON account
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_account_leaves();

CREATE FUNCTION check_fund_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.fund INTO fault
    FROM added JOIN book USING (tenant_id, book_id)
    WHERE NOT leaf_says(added.tenant_id, added.event_id, 'fund.opened', book.association_id, added.book_id,
        jsonb_build_object('fund', added.fund, 'kind', added.kind, 'account', added.balance_account,
            'opened_on', added.opened_on))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('fund_leaf_given_rule', format('fund %s comes after the leaf of its opening', fault.fund),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER fund_leaf AFTER INSERT ON fund
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_fund_leaves();

-- Campaigns and programs are a tenant's; the leaf is of the book that opened them.
CREATE FUNCTION check_campaign_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.campaign INTO fault
    FROM added LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.event_id
    WHERE a.book_id IS NULL OR NOT leaf_says(added.tenant_id, added.event_id, 'campaign.opened', a.association_id, a.book_id,
        jsonb_build_object('campaign', added.campaign, 'opened_on', added.opened_on, 'closed_on', added.closed_on))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('campaign_leaf_given_rule', format('campaign %s comes after the leaf of its opening', fault.campaign),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER campaign_leaf AFTER INSERT ON campaign
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_campaign_leaves();

CREATE FUNCTION check_program_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.program INTO fault
    FROM added LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.event_id
    WHERE a.book_id IS NULL OR NOT leaf_says(added.tenant_id, added.event_id, 'program.opened', a.association_id, a.book_id,
        jsonb_build_object('program', added.program, 'unit', added.unit, 'opened_on', added.opened_on,
            'closed_on', added.closed_on))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('program_leaf_given_rule', format('program %s comes after the leaf of its opening', fault.program),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER program_leaf AFTER INSERT ON program
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_program_leaves();

-- The void and the lock have a leaf of their type by 0007; here, one that says the same as they.
CREATE FUNCTION check_voucher_void_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.voucher_kind, added.number, added.fiscal_year INTO fault
    FROM added JOIN book USING (tenant_id, book_id)
    WHERE NOT leaf_says(added.tenant_id, added.event_id, 'voucher.voided', book.association_id, added.book_id,
        jsonb_build_object('voucher', jsonb_build_array(added.voucher_kind, added.fiscal_year, added.number)))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('voucher_void_leaf_given_rule', format('the leaf of voiding %s %s/%s names another voucher',
            fault.voucher_kind, fault.number, fault.fiscal_year), to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER voucher_void_leaf AFTER INSERT ON voucher_void
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_voucher_void_leaves();

CREATE FUNCTION check_month_lock_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'month.locked', book.association_id, added.book_id,
                   jsonb_build_object('locked_through', added.locked_through, 'last_seq', added.last_seq))) THEN
        PERFORM refuse('month_lock_leaf_given_rule', 'the leaf of a lock says which day and which last entry it is for');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER month_lock_leaf AFTER INSERT ON month_lock
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_month_lock_leaves();

-- A token's leaf is of no association: it may reach several. An instant is spelled with its
-- fraction only where it has one.
CREATE FUNCTION check_token_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT leaf_says(added.tenant_id, added.event_id, 'token.created', NULL, NULL,
            jsonb_build_object('token', type_id('tk', added.token_id),
                'rights', (SELECT jsonb_agg(named ORDER BY named COLLATE "C") FROM unnest(added.rights) AS named),
                'associations', (SELECT coalesce(jsonb_agg(type_id('as', named.id) ORDER BY named.place), '[]')
                    FROM unnest(added.association_ids) WITH ORDINALITY AS named (id, place)),
                'reaches_below', added.reaches_below,
                'expires_at', to_char(added.expires_at AT TIME ZONE 'UTC', CASE
                    WHEN added.expires_at = date_trunc('second', added.expires_at) THEN 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'
                    ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"' END)))) THEN
        PERFORM refuse('api_token_leaf_given_rule', 'a token comes after the leaf of its making');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER api_token_leaf AFTER INSERT ON api_token
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_token_leaves();

CREATE FUNCTION check_revocation_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT leaf_says(added.tenant_id, added.event_id, 'token.revoked', NULL, NULL,
            jsonb_build_object('token', type_id('tk', added.token_id)))) THEN
        PERFORM refuse('token_revocation_leaf_given_rule', 'a token is revoked after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER token_revocation_leaf AFTER INSERT ON token_revocation
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_revocation_leaves();

-- A voucher issued with its entry names the entry's event, which by check_entries has its leaf:
-- one look at a key, since this is the path of every posting. Only one issued apart costs more.
CREATE OR REPLACE FUNCTION count_vouchers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT run.voucher_kind, run.fiscal_year, run.first_number INTO fault
    FROM (SELECT tenant_id, book_id, voucher_kind, fiscal_year, min(number) AS first_number,
            max(number) AS last_number, count(*) AS size
        FROM added GROUP BY 1, 2, 3, 4) AS run
    LEFT JOIN book USING (tenant_id, book_id)
    LEFT JOIN book_head AS head USING (tenant_id, book_id)
    LEFT JOIN voucher_kind AS k ON k.chart = book.chart AND k.voucher_kind = run.voucher_kind
    LEFT JOIN voucher AS prior ON prior.tenant_id = run.tenant_id AND prior.book_id = run.book_id
        AND prior.voucher_kind = run.voucher_kind AND prior.fiscal_year = run.fiscal_year
        AND prior.number = run.first_number - 1
    WHERE k.voucher_kind IS NULL OR run.first_number > 1 AND prior.number IS NULL
        OR run.last_number - run.first_number + 1 <> run.size
        OR head.taken_by IS DISTINCT FROM pg_current_xact_id()
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('voucher_number_gapless_rule', format('voucher %s %s/%s does not follow the last one issued',
            fault.voucher_kind, fault.first_number, fault.fiscal_year), to_jsonb(fault));
    END IF;
    -- One query for both: a query more is felt in every posting.
    SELECT checked.is_open_day INTO fault
    FROM (
        SELECT false AS is_open_day
        FROM (SELECT tenant_id, book_id, min(issued_on) AS first_on, max(issued_on) AS last_on FROM added GROUP BY 1, 2) AS run
        JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
        JOIN association USING (tenant_id, association_id)
        WHERE run.first_on < book.opened_on OR run.first_on <= head.locked_through OR run.last_on > today()
            OR association.closed_on IS NOT NULL
        UNION ALL
        SELECT true
        FROM added LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id
            AND e.voucher_kind = added.voucher_kind AND e.fiscal_year = added.fiscal_year
            AND e.voucher_number = added.number AND e.entry_id = added.event_id AND e.entry_on = added.issued_on
        WHERE e.seq IS NULL
    ) AS checked
    ORDER BY checked.is_open_day LIMIT 1;
    IF FOUND THEN
        IF NOT fault.is_open_day THEN
            PERFORM refuse('voucher_issued_on_rule', 'a voucher is issued on an open day of its book');
        END IF;
        SELECT added.voucher_kind, added.number, added.fiscal_year INTO fault
        FROM added JOIN book USING (tenant_id, book_id)
        WHERE NOT leaf_says(added.tenant_id, added.event_id, 'voucher.issued', book.association_id, added.book_id,
                jsonb_build_object('voucher', jsonb_build_array(added.voucher_kind, added.fiscal_year, added.number),
                    'issued_on', added.issued_on))
            AND NOT EXISTS (SELECT FROM entry AS e WHERE e.tenant_id = added.tenant_id AND e.book_id = added.book_id
                AND e.voucher_kind = added.voucher_kind AND e.fiscal_year = added.fiscal_year
                AND e.voucher_number = added.number AND e.entry_id = added.event_id AND e.entry_on = added.issued_on)
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse('voucher_leaf_given_rule', format('voucher %s %s/%s has neither an entry nor a leaf of its own',
                fault.voucher_kind, fault.number, fault.fiscal_year), to_jsonb(fault));
        END IF;
    END IF;
    RETURN NULL;
END
$$;

ALTER TABLE association ENABLE ALWAYS TRIGGER association_leaf;
ALTER TABLE book ENABLE ALWAYS TRIGGER book_leaf;
ALTER TABLE account ENABLE ALWAYS TRIGGER account_leaf;
ALTER TABLE fund ENABLE ALWAYS TRIGGER fund_leaf;
ALTER TABLE campaign ENABLE ALWAYS TRIGGER campaign_leaf;
ALTER TABLE program ENABLE ALWAYS TRIGGER program_leaf;
ALTER TABLE voucher_void ENABLE ALWAYS TRIGGER voucher_void_leaf;
ALTER TABLE month_lock ENABLE ALWAYS TRIGGER month_lock_leaf;
ALTER TABLE api_token ENABLE ALWAYS TRIGGER api_token_leaf;
ALTER TABLE token_revocation ENABLE ALWAYS TRIGGER token_revocation_leaf;

-- Closings take the leaf too, and keep its id beside the day.
DROP FUNCTION close_account(integer, bigint, text, date);
DROP FUNCTION close_fund(integer, bigint, text, date);
DROP FUNCTION close_association(integer, uuid, date);

CREATE FUNCTION refuse_leafless_closing(
    p_tenant_id integer, p_event_id uuid, p_type text, p_book_id bigint, p_payload jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM book AS b WHERE b.tenant_id = p_tenant_id AND b.book_id = p_book_id
            AND leaf_says(p_tenant_id, p_event_id, p_type, b.association_id, p_book_id, p_payload)) THEN
        PERFORM refuse('closing_leaf_given_rule', 'a closing comes after the leaf that tells of it', p_payload);
    END IF;
END
$$;

CREATE FUNCTION close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date, p_event_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    PERFORM take_book(p_tenant_id, p_book_id);
    PERFORM refuse_closing(p_tenant_id, p_book_id, p_account, NULL, p_closed_on);
    PERFORM refuse_leafless_closing(p_tenant_id, p_event_id, 'account.closed', p_book_id,
        jsonb_build_object('account', p_account, 'closed_on', p_closed_on));
    UPDATE account SET closed_on = p_closed_on, closed_event_id = p_event_id
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND account = p_account AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date, p_event_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    PERFORM take_book(p_tenant_id, p_book_id);
    PERFORM refuse_closing(p_tenant_id, p_book_id, NULL, p_fund, p_closed_on);
    PERFORM refuse_leafless_closing(p_tenant_id, p_event_id, 'fund.closed', p_book_id,
        jsonb_build_object('fund', p_fund, 'closed_on', p_closed_on));
    UPDATE fund SET closed_on = p_closed_on, closed_event_id = p_event_id
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND fund = p_fund AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date, p_event_id uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    held bigint;
BEGIN
    SELECT book_id INTO held FROM book WHERE tenant_id = p_tenant_id AND association_id = p_association_id;
    PERFORM take_book(p_tenant_id, held);
    PERFORM refuse_closing(p_tenant_id, held, NULL, NULL, p_closed_on);
    PERFORM refuse_leafless_closing(p_tenant_id, p_event_id, 'association.closed', held,
        jsonb_build_object('closed_on', p_closed_on));
    UPDATE association SET closed_on = p_closed_on, closed_event_id = p_event_id
    WHERE tenant_id = p_tenant_id AND association_id = p_association_id AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

GRANT INSERT (event_id) ON association, book, account, fund, voucher, api_token TO soquy_app;
GRANT EXECUTE ON FUNCTION close_account(integer, bigint, text, date, uuid), close_fund(integer, bigint, text, date, uuid),
close_association(integer, uuid, date, uuid) TO soquy_app;
RESET ROLE;
