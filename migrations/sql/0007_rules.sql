-- The rules of the books. Functions here run as their owner with a pinned
-- search_path, so the tables they write need no grant to anybody.
--
-- An entry, its postings, its leaf and its voucher are inserted by one statement of
-- several data-modifying CTEs. Statement triggers run when all of it is visible, so
-- each can insist on the others without deferring anything to the commit.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- Take the book and tell what the caller needs to know of it: its head and, of the
-- codes named in the request, those that exist. One round trip for all of it.
-- What is read after the UPDATE is what the previous holder left.
CREATE FUNCTION take_book(
    p_tenant_id integer, p_book_id bigint, p_accounts text [] DEFAULT '{}', p_funds text [] DEFAULT '{}',
    p_more jsonb DEFAULT '{}'
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    head book_head;
    facts jsonb;
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    -- For the rest of the transaction: the statements of posting never profit from knowing their
    -- parameters, but planning them anew each time takes as long as running them.
    PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
    UPDATE book_head SET taken_by = pg_current_xact_id()
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id
    RETURNING * INTO head;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT jsonb_build_object(
        'recorded_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'today', today(), 'last_seq', head.last_seq, 'locked_through', head.locked_through,
        'opened_on', book.opened_on, 'closed_on', association.closed_on,
        'accounts', (SELECT jsonb_object_agg(account, jsonb_build_array(is_parent, role, currency, opened_on, closed_on))
            FROM account WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND account = ANY (p_accounts)),
        'funds', (SELECT jsonb_object_agg(fund, jsonb_build_array(balance_account, opened_on, closed_on))
            FROM fund WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND fund = ANY (p_funds)),
        'voucher_kinds', (SELECT jsonb_object_agg(k.voucher_kind, k.moves) FROM voucher_kind AS k WHERE k.chart = book.chart),
        'counters', (SELECT jsonb_agg(jsonb_build_array(asked.kind, asked.year, (
                SELECT v.number FROM voucher AS v WHERE v.tenant_id = p_tenant_id AND v.book_id = p_book_id
                    AND v.voucher_kind = asked.kind AND v.fiscal_year = asked.year ORDER BY v.number DESC LIMIT 1)))
            FROM (SELECT n ->> 0 AS kind, (n ->> 1)::smallint AS year FROM jsonb_array_elements(p_more -> 'numbers') AS n) AS asked))
    INTO facts
    FROM book JOIN association USING (tenant_id, association_id)
    WHERE book.tenant_id = p_tenant_id AND book.book_id = p_book_id;
    -- What most entries do not name is not asked for.
    IF p_more ?| ARRAY['channels', 'campaigns', 'programs'] THEN
        facts := facts || jsonb_build_object(
            'channels', (SELECT jsonb_agg(channel) FROM channel WHERE p_more -> 'channels' ? channel),
            'campaigns', (SELECT jsonb_object_agg(campaign, jsonb_build_array(opened_on, closed_on))
                FROM campaign WHERE tenant_id = p_tenant_id AND p_more -> 'campaigns' ? campaign),
            'programs', (SELECT jsonb_object_agg(program, jsonb_build_array(opened_on, closed_on))
                FROM program WHERE tenant_id = p_tenant_id AND p_more -> 'programs' ? program));
    END IF;
    IF p_more ? 'currencies' THEN
        facts := facts || jsonb_build_object('currencies', (SELECT jsonb_object_agg(currency, minor_digits)
            FROM currency WHERE p_more -> 'currencies' ? currency));
    END IF;
    IF p_more ? 'vouchers' THEN
        facts := facts || jsonb_build_object('vouchers', (
            SELECT jsonb_agg(jsonb_build_array(v.voucher_kind, v.fiscal_year, v.number, v.issued_on, w.number IS NOT NULL, e.seq))
            FROM jsonb_array_elements(p_more -> 'vouchers') AS asked (key)
            JOIN voucher AS v ON v.tenant_id = p_tenant_id AND v.book_id = p_book_id AND v.voucher_kind = asked.key ->> 0
                AND v.fiscal_year = (asked.key ->> 1)::smallint AND v.number = (asked.key ->> 2)::integer
            LEFT JOIN voucher_void AS w ON w.tenant_id = v.tenant_id AND w.book_id = v.book_id
                AND w.voucher_kind = v.voucher_kind AND w.fiscal_year = v.fiscal_year AND w.number = v.number
            LEFT JOIN entry AS e ON e.tenant_id = v.tenant_id AND e.book_id = v.book_id
                AND e.voucher_kind = v.voucher_kind AND e.fiscal_year = v.fiscal_year AND e.voucher_number = v.number));
    END IF;
    IF p_more ? 'corrects' THEN
        facts := facts || jsonb_build_object('corrected', (
            SELECT jsonb_object_agg(c.seq, jsonb_build_array(c.kind, c.entry_on, c.entry_id, r.seq))
            FROM jsonb_array_elements_text(p_more -> 'corrects') AS asked (seq)
            JOIN entry AS c ON c.tenant_id = p_tenant_id AND c.book_id = p_book_id AND c.seq = asked.seq::bigint
            LEFT JOIN entry AS r ON r.tenant_id = c.tenant_id AND r.book_id = c.book_id
                AND r.corrects_seq = c.seq AND r.kind = 'reversal'));
    END IF;
    IF p_more ? 'key' THEN
        facts := facts || jsonb_build_object('request', (SELECT jsonb_build_array(encode(request_hash, 'hex'), result)
            FROM idempotency WHERE tenant_id = p_tenant_id AND principal_id = (p_more ->> 'principal_id')::uuid
                AND key = p_more ->> 'key'));
    END IF;
    RETURN facts;
END
$$;

-- A parent of the same tenant was there before its child, so the tree has no loops; a
-- parent in another tenant is out of reach of a trigger.
CREATE FUNCTION check_associations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added
               LEFT JOIN association AS parent ON parent.tenant_id = added.parent_tenant_id
                   AND parent.association_id = added.parent_id
               LEFT JOIN added AS twin ON twin.tenant_id = added.parent_tenant_id AND twin.association_id = added.parent_id
               WHERE added.parent_tenant_id = added.tenant_id
                   AND (parent.association_id IS NULL OR twin.association_id IS NOT NULL)) THEN
        PERFORM refuse('association_parent_rule', 'an association''s parent was founded before it');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER association_check AFTER INSERT ON association
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_associations();

-- A new book gets its head and its own copy of the regime's chart.
CREATE FUNCTION furnish_book() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    INSERT INTO book_head (tenant_id, book_id, taken_by)
    SELECT tenant_id, book_id, pg_current_xact_id() FROM added;
    INSERT INTO account (tenant_id, book_id, account, parent, name_vi, name_en, side, role, currency, is_parent, opened_on)
    SELECT added.tenant_id, added.book_id, c.account, c.parent, c.name_vi, c.name_en, c.side, c.role, c.currency,
        EXISTS (SELECT FROM chart_account AS child WHERE child.chart = c.chart AND child.parent = c.account),
        added.opened_on
    FROM added JOIN chart_account AS c USING (chart);
    RETURN NULL;
END
$$;
CREATE TRIGGER book_furnish AFTER INSERT ON book
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION furnish_book();

-- An account that gets a child turns into a heading, so it must never have been posted to.
-- The role follows the number, as the regime's own accounts do: 111 is cash, 112 bank.
CREATE FUNCTION check_accounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF EXISTS (SELECT FROM added JOIN book_head USING (tenant_id, book_id)
               WHERE book_head.taken_by IS DISTINCT FROM pg_current_xact_id()) THEN
        PERFORM refuse('book_taken', 'a change of accounts takes the book first');
    END IF;
    SELECT added.account, added.parent INTO fault
    FROM added JOIN book USING (tenant_id, book_id)
    LEFT JOIN chart_account AS c ON c.chart = book.chart AND c.account = added.account
    WHERE added.role <> coalesce(c.role, CASE WHEN starts_with(added.account, '111') THEN 'cash'
        WHEN starts_with(added.account, '112') THEN 'bank' ELSE 'other' END)
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('account_role_rule', format('account %s has another role than its number says', fault.account),
            jsonb_build_object('account', fault.account));
    END IF;
    SELECT added.account, added.parent INTO fault
    FROM added JOIN balance_key AS used
        ON used.tenant_id = added.tenant_id AND used.book_id = added.book_id AND used.account = added.parent
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('account_parent_unused', format('account %s has postings and cannot become a heading', fault.parent),
            jsonb_build_object('account', fault.account, 'parent', fault.parent));
    END IF;
    IF EXISTS (SELECT FROM added JOIN account AS parent ON parent.tenant_id = added.tenant_id
               AND parent.book_id = added.book_id AND parent.account = added.parent
               JOIN book ON book.tenant_id = added.tenant_id AND book.book_id = added.book_id
               WHERE parent.role = 'fund' OR EXISTS (SELECT FROM chart_account AS kin
                       WHERE kin.chart = book.chart AND kin.parent = added.parent AND kin.role = 'fund')
                   AND NOT EXISTS (SELECT FROM chart_account AS own
                       WHERE own.chart = book.chart AND own.account = added.account)) THEN
        PERFORM refuse('account_parent_fund_rule', 'the balance accounts of funds are the chart''s own');
    END IF;
    UPDATE account AS parent SET is_parent = true
    FROM added
    WHERE parent.tenant_id = added.tenant_id AND parent.book_id = added.book_id
        AND parent.account = added.parent AND NOT parent.is_parent;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_check AFTER INSERT ON account
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_accounts();

-- I6: a fund's balance account is the one its kind names.
CREATE FUNCTION check_funds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN book USING (tenant_id, book_id)
               LEFT JOIN fund_kind AS k ON k.chart = book.chart AND k.fund_kind = added.kind
               WHERE k.account IS DISTINCT FROM added.balance_account OR k.is_restricted <> added.is_restricted) THEN
        PERFORM refuse('fund_kind_account_rule', 'the kind of a fund fixes its balance account and restriction');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER fund_check AFTER INSERT ON fund
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_funds();

-- I4: locks only move forward, and never past a month that has not ended.
CREATE FUNCTION apply_month_lock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    moved integer;
BEGIN
    IF EXISTS (SELECT FROM added WHERE locked_through >= today()) THEN
        PERFORM refuse('month_lock_ended_rule', 'a month is locked only after it has ended');
    END IF;
    UPDATE book_head AS head SET locked_through = added.locked_through
    FROM added JOIN book USING (tenant_id, book_id)
    WHERE head.tenant_id = added.tenant_id AND head.book_id = added.book_id
        AND head.taken_by = pg_current_xact_id() AND head.last_seq = added.last_seq
        AND added.locked_through >= book.opened_on
        AND (head.locked_through IS NULL OR head.locked_through < added.locked_through);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> (SELECT count(*) FROM added) THEN
        PERFORM refuse('month_lock_forward_rule', 'the month is locked already, or the book was not taken');
    END IF;
    IF EXISTS (SELECT FROM added LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id
               AND a.event_id = added.event_id AND a.book_id = added.book_id AND a.type = 'month.locked'
               WHERE a.event_id IS NULL) THEN
        PERFORM refuse('month_lock_leaf_given_rule', 'the lock of a month comes with its leaf');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER month_lock_apply AFTER INSERT ON month_lock
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION apply_month_lock();

-- I7: the numbers of a book, kind and year follow each other without a gap. A run of new
-- numbers starts at 1 or right after one that was there, and holds none twice; the key says
-- that no other has them.
CREATE FUNCTION count_vouchers() RETURNS trigger
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
    IF EXISTS (SELECT FROM (SELECT tenant_id, book_id, min(issued_on) AS first_on, max(issued_on) AS last_on
                   FROM added GROUP BY 1, 2) AS run
               JOIN book USING (tenant_id, book_id) JOIN book_head AS head USING (tenant_id, book_id)
               JOIN association USING (tenant_id, association_id)
               WHERE run.first_on < book.opened_on OR run.first_on <= head.locked_through OR run.last_on > today()
                   OR association.closed_on IS NOT NULL) THEN
        PERFORM refuse('voucher_issued_on_rule', 'a voucher is issued on an open day of its book');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER voucher_count AFTER INSERT ON voucher
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_vouchers();

-- I7: only a voucher that was not executed is voided, with a leaf of its own.
CREATE FUNCTION check_voids() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.voucher_kind, added.number, added.fiscal_year INTO fault
    FROM added
    JOIN book_head AS head USING (tenant_id, book_id)
    LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.book_id = added.book_id
        AND e.voucher_kind = added.voucher_kind AND e.fiscal_year = added.fiscal_year AND e.voucher_number = added.number
    LEFT JOIN audit_entry AS a ON a.tenant_id = added.tenant_id AND a.event_id = added.event_id
        AND a.book_id = added.book_id AND a.type = 'voucher.voided'
    WHERE e.seq IS NOT NULL OR a.event_id IS NULL OR head.taken_by IS DISTINCT FROM pg_current_xact_id()
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('voucher_void_unexecuted_rule', format('voucher %s %s/%s was executed, or its voiding has no leaf',
            fault.voucher_kind, fault.number, fault.fiscal_year), to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER voucher_void_check AFTER INSERT ON voucher_void
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_voids();

-- I1, I3, I4, I7, I9, I10 as far as the entry's own row shows them.
CREATE FUNCTION check_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    follows boolean;
    posted boolean;
    fault record;
BEGIN
    WITH run AS (
        SELECT tenant_id, book_id, min(seq) AS first_seq, max(seq) AS last_seq, count(*) AS size FROM added GROUP BY 1, 2
    ), moved AS (
        UPDATE book_head AS head SET last_seq = run.last_seq
        FROM run
        WHERE head.tenant_id = run.tenant_id AND head.book_id = run.book_id AND head.last_seq = run.first_seq - 1
            AND run.last_seq - run.first_seq + 1 = run.size AND head.taken_by = pg_current_xact_id()
        RETURNING head.last_seq = head.posted_seq AS is_posted
    )
    SELECT (SELECT count(*) FROM run) = (SELECT count(*) FROM moved), (SELECT bool_and(is_posted) FROM moved)
    INTO follows, posted;
    IF NOT follows THEN
        PERFORM refuse('entry_seq_gapless_rule', 'entries follow each other without a gap, in a book that was taken');
    ELSIF NOT posted THEN
        -- Their trigger has run by now: a statement's own postings are inserted last and checked first.
        PERFORM refuse('entry_postings_given_rule', 'an entry comes with its postings, in one statement');
    END IF;

    -- What holds for all entries of a book is asked once a book, at the first and the last day.
    SELECT checked.* INTO fault
    FROM (
        SELECT run.seq, CASE
            WHEN run.first_on < greatest(book.opened_on, association.founded_on) THEN 'entry_on_opened_rule'
            WHEN association.closed_on IS NOT NULL THEN 'entry_on_closed_rule'
            WHEN run.first_on <= head.locked_through THEN 'entry_on_locked_rule'
            WHEN run.last_on > today() THEN 'entry_on_future_rule'
            WHEN run.opening_on <> book.opened_on THEN 'entry_on_opening_rule'
            WHEN run.opening_seq IS NOT NULL AND EXISTS (SELECT FROM entry AS earlier
                WHERE earlier.tenant_id = run.tenant_id AND earlier.book_id = run.book_id
                    AND earlier.seq < run.opening_seq AND earlier.kind <> 'opening') THEN 'entry_opening_first_rule'
        END AS rule
        FROM (SELECT tenant_id, book_id, min(seq) AS seq, min(entry_on) AS first_on, max(entry_on) AS last_on,
                max(entry_on) FILTER (WHERE kind = 'opening') AS opening_on,
                max(seq) FILTER (WHERE kind = 'opening') AS opening_seq
            FROM added GROUP BY 1, 2) AS run
        JOIN book USING (tenant_id, book_id)
        JOIN association USING (tenant_id, association_id)
        JOIN book_head AS head ON head.tenant_id = run.tenant_id AND head.book_id = run.book_id
        UNION ALL
        SELECT e.seq, CASE
            WHEN a.event_id IS NULL THEN 'entry_leaf_given_rule'
            WHEN e.voucher_kind IS NOT NULL AND (v.number IS NULL OR v.issued_on > e.entry_on) THEN 'entry_voucher_issued_rule'
        END
        FROM added AS e
        LEFT JOIN audit_entry AS a ON a.tenant_id = e.tenant_id AND a.event_id = e.entry_id
            AND a.book_id = e.book_id AND a.book_seq = e.seq  -- only a leaf of type entry has a seq
        LEFT JOIN voucher AS v ON v.tenant_id = e.tenant_id AND v.book_id = e.book_id
            AND v.voucher_kind = e.voucher_kind AND v.fiscal_year = e.fiscal_year AND v.number = e.voucher_number
        UNION ALL
        SELECT e.seq, 'entry_voucher_void_rule'
        FROM added AS e JOIN voucher_void AS w ON w.tenant_id = e.tenant_id AND w.book_id = e.book_id
            AND w.voucher_kind = e.voucher_kind AND w.fiscal_year = e.fiscal_year AND w.number = e.voucher_number
    ) AS checked
    WHERE checked.rule IS NOT NULL
    ORDER BY checked.seq LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('entry %s breaks %s', fault.seq, fault.rule),
            jsonb_build_object('seq', fault.seq));
    END IF;

    IF EXISTS (SELECT FROM added WHERE corrects_seq IS NOT NULL) THEN
        SELECT e.seq, e.corrects_seq INTO fault
        FROM added AS e LEFT JOIN entry AS original
            ON original.tenant_id = e.tenant_id AND original.book_id = e.book_id AND original.seq = e.corrects_seq
        WHERE e.corrects_seq IS NOT NULL AND (
            original.seq IS NULL OR original.entry_on > e.entry_on
            OR e.kind = 'reversal' AND (original.kind = 'reversal' OR original.line_count <> e.line_count OR EXISTS (
                SELECT FROM posting AS was LEFT JOIN posting AS mirror
                    ON mirror.tenant_id = e.tenant_id AND mirror.book_id = e.book_id AND mirror.seq = e.seq
                    AND mirror.line = was.line AND mirror.entry_on = e.entry_on
                    AND mirror.account = was.account AND mirror.fund = was.fund
                    AND mirror.value_minor = - was.value_minor AND mirror.amount_minor = - was.amount_minor
                    AND mirror.currency = was.currency AND mirror.channel IS NOT DISTINCT FROM was.channel
                    AND mirror.campaign IS NOT DISTINCT FROM was.campaign
                    AND mirror.program IS NOT DISTINCT FROM was.program
                    AND mirror.quantity IS NOT DISTINCT FROM - was.quantity
                WHERE was.tenant_id = original.tenant_id AND was.book_id = original.book_id
                    AND was.seq = original.seq AND was.entry_on = original.entry_on AND mirror.line IS NULL)))
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse('entry_corrects_mirror_rule',
                format('entry %s does not properly correct entry %s', fault.seq, fault.corrects_seq), to_jsonb(fault));
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_check AFTER INSERT ON entry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_entries();

-- I1, I3, I5, I6 over the lines, then the totals. Each check groups first and joins
-- after, so its cost follows the number of accounts used, not of lines.
CREATE FUNCTION check_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    follows boolean;
    fault record;
    shortfalls jsonb;
    consented record;
BEGIN
    -- That the book was taken is asked here too, and first: a statement inside the entry's own statement
    -- could otherwise read balances, and take the book afterwards.
    WITH run AS (
        SELECT tenant_id, book_id, min(seq) AS first_seq, max(seq) AS last_seq, count(DISTINCT seq) AS size
        FROM added GROUP BY 1, 2
    ), moved AS (
        UPDATE book_head AS head SET posted_seq = run.last_seq
        FROM run
        WHERE head.tenant_id = run.tenant_id AND head.book_id = run.book_id AND head.posted_seq = run.first_seq - 1
            AND run.last_seq - run.first_seq + 1 = run.size AND head.taken_by = pg_current_xact_id()
        RETURNING head.book_id
    )
    SELECT (SELECT count(*) FROM run) = (SELECT count(*) FROM moved) INTO follows;
    IF NOT follows THEN
        PERFORM refuse('posting_seq_gapless_rule', 'postings come with the next entries, in a book that was taken');
    END IF;

    SELECT checked.* INTO fault
    FROM (
        SELECT drawn.seq, drawn.fund, drawn.currency, CASE
            WHEN e.seq IS NULL OR drawn.size <> e.line_count OR drawn.first_line <> 1 OR drawn.last_line <> drawn.size
                OR drawn.first_on <> e.entry_on OR drawn.last_on <> e.entry_on THEN 'posting_lines_complete_rule'
            WHEN NOT drawn.is_balanced THEN 'posting_balance_rule'
        END AS rule
        FROM (SELECT part.tenant_id, part.book_id, part.seq, sum(part.size) AS size, min(part.first_line) AS first_line,
                max(part.last_line) AS last_line, min(part.first_on) AS first_on, max(part.last_on) AS last_on,
                bool_and(part.is_balanced) AS is_balanced,
                min(part.fund) FILTER (WHERE NOT part.is_balanced) AS fund,
                min(part.currency) FILTER (WHERE NOT part.is_balanced) AS currency
            FROM (SELECT tenant_id, book_id, seq, fund, currency, count(*) AS size, min(line) AS first_line,
                    max(line) AS last_line, min(entry_on) AS first_on, max(entry_on) AS last_on,
                    sum(amount_minor) = 0 AND sum(value_minor) = 0 AS is_balanced
                FROM added GROUP BY 1, 2, 3, 4, 5) AS part
            GROUP BY 1, 2, 3) AS drawn
        LEFT JOIN entry AS e USING (tenant_id, book_id, seq)
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('entry %s breaks %s', fault.seq, fault.rule), to_jsonb(fault));
    END IF;

    SELECT checked.* INTO fault
    FROM (
        SELECT used.*, CASE
            WHEN a.account IS NULL THEN 'posting_account_known_rule'
            WHEN a.is_parent THEN 'posting_account_parent_rule'
            WHEN used.first_on < a.opened_on OR a.closed_on IS NOT NULL THEN 'posting_account_open_rule'
            WHEN f.fund IS NULL THEN 'posting_fund_known_rule'
            WHEN used.first_on < f.opened_on OR f.closed_on IS NOT NULL THEN 'posting_fund_open_rule'
            WHEN a.role = 'fund' AND f.balance_account <> a.account THEN 'posting_fund_account_rule'
            WHEN a.role <> 'fund' AND num_nonnulls(used.channel, used.campaign, used.program) > 0
                THEN 'posting_dimension_fund_rule'
            WHEN a.role IN ('cash', 'bank') AND used.currency NOT IN (a.currency, 'VND') THEN 'posting_account_currency_rule'
            -- A mistake is reversed on the day it is found, and campaigns are over by then.
            WHEN (used.channel IS NOT NULL AND ch.channel IS NULL
                OR used.campaign IS NOT NULL
                    AND (ca.campaign IS NULL OR used.first_on < ca.opened_on OR used.last_on > ca.closed_on)
                OR used.program IS NOT NULL
                    AND (pr.program IS NULL OR used.first_on < pr.opened_on OR used.last_on > pr.closed_on))
                AND EXISTS (SELECT FROM added AS p JOIN entry AS e USING (tenant_id, book_id, seq)
                    WHERE e.kind <> 'reversal' AND p.channel IS NOT DISTINCT FROM used.channel
                        AND p.campaign IS NOT DISTINCT FROM used.campaign AND p.program IS NOT DISTINCT FROM used.program)
                THEN 'posting_dimension_open_rule'
        END AS rule
        FROM (SELECT tenant_id, book_id, account, fund, currency, channel, campaign, program,
                min(entry_on) AS first_on, max(entry_on) AS last_on
            FROM added GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) AS used
        LEFT JOIN account AS a USING (tenant_id, book_id, account)
        LEFT JOIN fund AS f USING (tenant_id, book_id, fund)
        LEFT JOIN channel AS ch USING (channel)
        LEFT JOIN campaign AS ca USING (tenant_id, campaign)
        LEFT JOIN program AS pr USING (tenant_id, program)
    ) AS checked
    WHERE checked.rule IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('account %s, fund %s: %s', fault.account, fault.fund, fault.rule), to_jsonb(fault));
    END IF;

    -- A foreign line is worth its amount times the entry's one rate, to the đồng either way.
    IF EXISTS (SELECT FROM added WHERE currency <> 'VND') THEN
        SELECT p.seq, p.line, p.currency INTO fault
        FROM added AS p JOIN entry AS e USING (tenant_id, book_id, seq) LEFT JOIN currency AS c ON c.currency = p.currency
        WHERE p.currency <> 'VND' AND (e.rate_currency IS DISTINCT FROM p.currency OR c.currency IS NULL
            OR abs(p.value_minor - p.amount_minor * e.rate / power(10::numeric, c.minor_digits)) >= 1)
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse('posting_rate_rule',
                format('line %s of entry %s is not worth its %s at the rate of the entry', fault.line, fault.seq, fault.currency),
                to_jsonb(fault));
        END IF;
    END IF;

    -- Days with movement get a row carried from the last one before; days between and after are moved.
    WITH delta AS (
        SELECT tenant_id, book_id, account, fund, entry_on AS total_on,
            sum(greatest(value_minor, 0)) AS debit_minor, sum(greatest(- value_minor, 0)) AS credit_minor,
            coalesce(sum(amount_minor) FILTER (WHERE currency <> 'VND'), 0) AS foreign_minor
        FROM added GROUP BY 1, 2, 3, 4, 5
    ), running AS (
        SELECT tenant_id, book_id, account, fund, total_on, lead(total_on) OVER key_days AS until_on,
            sum(debit_minor) OVER key_days AS debit_minor, sum(credit_minor) OVER key_days AS credit_minor,
            sum(foreign_minor) OVER key_days AS foreign_minor
        FROM delta WINDOW key_days AS (PARTITION BY tenant_id, book_id, account, fund ORDER BY total_on)
    ), based AS (
        SELECT running.*, prior.debit_to_date_minor, prior.credit_to_date_minor, prior.foreign_to_date_minor
        FROM running LEFT JOIN LATERAL (
            SELECT t.debit_to_date_minor, t.credit_to_date_minor, t.foreign_to_date_minor FROM day_total AS t
            WHERE t.tenant_id = running.tenant_id AND t.book_id = running.book_id AND t.account = running.account
                AND t.fund = running.fund AND t.total_on <= running.total_on
            ORDER BY t.total_on DESC LIMIT 1) AS prior ON true
    ), keyed AS (
        INSERT INTO balance_key (tenant_id, book_id, account, fund)
        SELECT DISTINCT tenant_id, book_id, account, fund FROM based WHERE debit_to_date_minor IS NULL
        ON CONFLICT ON CONSTRAINT balance_key_pk DO NOTHING
    ), written AS (
        INSERT INTO day_total AS t
            (tenant_id, book_id, account, fund, total_on, debit_to_date_minor, credit_to_date_minor, foreign_to_date_minor)
        SELECT tenant_id, book_id, account, fund, total_on, coalesce(debit_to_date_minor, 0) + debit_minor,
            coalesce(credit_to_date_minor, 0) + credit_minor, coalesce(foreign_to_date_minor, 0) + foreign_minor
        FROM based
        ON CONFLICT ON CONSTRAINT day_total_pk DO UPDATE SET debit_to_date_minor = excluded.debit_to_date_minor,
            credit_to_date_minor = excluded.credit_to_date_minor, foreign_to_date_minor = excluded.foreign_to_date_minor
        RETURNING t.*
    ), moved AS (
        UPDATE day_total AS t SET debit_to_date_minor = t.debit_to_date_minor + running.debit_minor,
            credit_to_date_minor = t.credit_to_date_minor + running.credit_minor,
            foreign_to_date_minor = t.foreign_to_date_minor + running.foreign_minor
        FROM running
        WHERE t.tenant_id = running.tenant_id AND t.book_id = running.book_id AND t.account = running.account
            AND t.fund = running.fund AND t.total_on > running.total_on
            AND (running.until_on IS NULL OR t.total_on < running.until_on)
        RETURNING t.*
    ), short AS (
        -- I5: no cash, no bank, no fund below nothing at the end of any day, fund by fund; foreign
        -- money not in its own currency either.
        SELECT DISTINCT ON (day.book_id, day.account, day.fund) day.account, day.fund, day.total_on,
            CASE WHEN a.role = 'fund' THEN - day.balance_minor
                WHEN day.balance_minor < 0 THEN day.balance_minor ELSE day.foreign_to_date_minor END AS balance_minor,
            CASE WHEN a.role <> 'fund' AND day.balance_minor >= 0 THEN a.currency ELSE 'VND' END AS currency
        FROM (SELECT * FROM written UNION ALL SELECT * FROM moved) AS day
        JOIN account AS a USING (tenant_id, book_id, account)
        WHERE a.role IN ('cash', 'bank') AND (day.balance_minor < 0 OR day.foreign_to_date_minor < 0)
            OR a.role = 'fund' AND day.balance_minor > 0
        ORDER BY day.book_id, day.account, day.fund, day.total_on LIMIT 100
    )
    SELECT jsonb_agg(to_jsonb(short)) INTO shortfalls FROM short;
    IF shortfalls IS NOT NULL THEN
        PERFORM refuse('day_total_overdraft_rule', 'cash, bank and funds never fall below nothing at the end of a day', shortfalls);
    END IF;

    INSERT INTO month_total AS t
        (tenant_id, book_id, month_on, account, fund, channel, campaign, program, debit_minor, credit_minor, quantity)
    SELECT p.tenant_id, p.book_id, date_trunc('month', p.entry_on::timestamp)::date, p.account, p.fund,
        coalesce(p.channel, ''), coalesce(p.campaign, ''), coalesce(p.program, ''),
        coalesce(sum(p.value_minor) FILTER (WHERE p.value_minor > 0), 0),
        - coalesce(sum(p.value_minor) FILTER (WHERE p.value_minor < 0), 0), coalesce(sum(p.quantity), 0)
    FROM added AS p JOIN account AS a USING (tenant_id, book_id, account)
    WHERE a.role = 'fund'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT ON CONSTRAINT month_total_pk DO UPDATE SET debit_minor = t.debit_minor + excluded.debit_minor,
        credit_minor = t.credit_minor + excluded.credit_minor, quantity = t.quantity + excluded.quantity;

    -- I11: what takes money out, what moves it under a voucher of payment, and what adjusts an entry needs consent (0020).
    SELECT array_agg(e.tenant_id) AS tenant_ids, array_agg(e.book_id) AS book_ids, array_agg(e.seq) AS seqs INTO consented
    FROM (SELECT p.tenant_id, p.book_id, p.seq, sum(p.value_minor) FILTER (WHERE a.role IN ('cash', 'bank')) AS money_minor
        FROM added AS p JOIN account AS a USING (tenant_id, book_id, account) GROUP BY 1, 2, 3) AS moved
    JOIN entry AS e USING (tenant_id, book_id, seq)
    JOIN book USING (tenant_id, book_id)
    LEFT JOIN voucher_kind AS k ON k.chart = book.chart AND k.voucher_kind = e.voucher_kind
    WHERE e.kind = 'adjustment'
        OR e.kind = 'ordinary' AND (moved.money_minor < 0 OR k.moves IN ('cash out', 'bank out'));
    IF consented.seqs IS NOT NULL THEN
        PERFORM use_proposals(consented.tenant_ids, consented.book_ids, consented.seqs);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER posting_check AFTER INSERT ON posting
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_postings();

-- I9: a leaf of type "entry" has its entry; every leaf waits to be numbered.
CREATE FUNCTION queue_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.event_id INTO fault
    FROM added
    LEFT JOIN book AS b ON b.tenant_id = added.tenant_id AND b.book_id = added.book_id
        AND b.association_id = added.association_id
    LEFT JOIN entry AS e ON e.tenant_id = added.tenant_id AND e.entry_id = added.event_id
        AND e.book_id = added.book_id AND e.seq = added.book_seq
    WHERE added.book_id IS NOT NULL AND b.book_id IS NULL OR added.type = 'entry' AND e.seq IS NULL
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('audit_entry_journal_rule', 'a leaf names its book''s association, and comes with its entry',
            to_jsonb(fault));
    END IF;
    INSERT INTO audit_pending (tenant_id, event_id) SELECT tenant_id, event_id FROM added;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_entry_queue AFTER INSERT ON audit_entry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION queue_leaves();

-- I3: an account, a fund or an association is closed on a day on which nothing is left
-- in it and after which nothing was posted. The row's own closing day is all that changes.
CREATE FUNCTION close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    PERFORM take_book(p_tenant_id, p_book_id);
    PERFORM refuse_closing(p_tenant_id, p_book_id, p_account, NULL, p_closed_on);
    UPDATE account SET closed_on = p_closed_on
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND account = p_account AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    PERFORM take_book(p_tenant_id, p_book_id);
    PERFORM refuse_closing(p_tenant_id, p_book_id, NULL, p_fund, p_closed_on);
    UPDATE fund SET closed_on = p_closed_on
    WHERE tenant_id = p_tenant_id AND book_id = p_book_id AND fund = p_fund AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    held bigint;
BEGIN
    SELECT book_id INTO held FROM book WHERE tenant_id = p_tenant_id AND association_id = p_association_id;
    PERFORM take_book(p_tenant_id, held);
    PERFORM refuse_closing(p_tenant_id, held, NULL, NULL, p_closed_on);
    UPDATE association SET closed_on = p_closed_on
    WHERE tenant_id = p_tenant_id AND association_id = p_association_id AND closed_on IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION refuse_closing(p_tenant_id integer, p_book_id bigint, p_account text, p_fund text, p_closed_on date)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    SELECT k.account, k.fund, latest.total_on, latest.balance_minor, latest.foreign_to_date_minor INTO fault
    FROM balance_key AS k JOIN account AS a USING (tenant_id, book_id, account) CROSS JOIN LATERAL (
        SELECT t.total_on, t.balance_minor, t.foreign_to_date_minor FROM day_total AS t
        WHERE t.tenant_id = k.tenant_id AND t.book_id = k.book_id AND t.account = k.account AND t.fund = k.fund
        ORDER BY t.total_on DESC LIMIT 1) AS latest
    WHERE k.tenant_id = p_tenant_id AND k.book_id = p_book_id
        AND (p_account IS NULL OR k.account = p_account) AND (p_fund IS NULL OR k.fund = p_fund)
        AND (latest.balance_minor <> 0 OR latest.total_on > p_closed_on
            OR a.role IN ('cash', 'bank') AND latest.foreign_to_date_minor <> 0)
    ORDER BY k.account, k.fund LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('closing_empty_rule', 'something is left in it, or was posted after the closing day', to_jsonb(fault));
    END IF;
END
$$;

-- A tenant is made when its first association is founded, by a holder of a token of tenant 0.
CREATE FUNCTION found_tenant(p_name text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    IF current_tenant() IS DISTINCT FROM 0 THEN
        PERFORM refuse('tenant_isolation', 'only the deployment itself founds a tenant');
    END IF;
    LOCK TABLE tenant IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO tenant (tenant_id, name) SELECT max(tenant_id) + 1, p_name FROM tenant RETURNING tenant_id INTO made;
    RETURN made;
END
$$;

-- Which books a person may see is asked before the tenant is known, so these two
-- look across tenants; they give ids away, never contents.
CREATE FUNCTION association_home(p_association_id uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$ SELECT tenant_id FROM association WHERE association_id = p_association_id $$;

-- Who holds this token, may they do this to that association? Sets the tenant for the
-- rest of the transaction where they may, so a refused request can read nothing.
CREATE FUNCTION authenticate(p_tenant_id integer, p_secret_hash bytea, p_association_id uuid DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
DECLARE
    token api_token;
    home record;
    reached boolean := p_association_id IS NULL;
BEGIN
    SELECT * INTO token FROM api_token AS t WHERE t.tenant_id = p_tenant_id AND t.secret_hash = p_secret_hash;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT b.tenant_id, b.book_id INTO home FROM book AS b WHERE b.association_id = p_association_id;
    IF p_association_id IS NOT NULL AND home.book_id IS NOT NULL THEN
        reached := token.tenant_id = 0 OR p_association_id = ANY (token.association_ids) OR token.reaches_below AND EXISTS (
            WITH RECURSIVE above AS (
                SELECT a.association_id, a.parent_tenant_id, a.parent_id, 1 AS depth FROM association AS a
                WHERE a.tenant_id = home.tenant_id AND a.association_id = p_association_id
                UNION ALL
                SELECT a.association_id, a.parent_tenant_id, a.parent_id, above.depth + 1 FROM above
                JOIN association AS a ON a.tenant_id = above.parent_tenant_id AND a.association_id = above.parent_id
                WHERE above.depth < 10
            )
            SELECT FROM above WHERE above.association_id = ANY (token.association_ids));
    END IF;
    reached := reached AND token.expires_at > now() AND NOT EXISTS (
        SELECT FROM token_revocation AS r WHERE r.tenant_id = token.tenant_id AND r.token_id = token.token_id);
    PERFORM set_config('soquy.tenant_id', CASE WHEN reached THEN coalesce(home.tenant_id, token.tenant_id)::text ELSE '' END, true);
    RETURN jsonb_build_object(
        'token_id', token.token_id, 'tenant_id', coalesce(home.tenant_id, token.tenant_id), 'book_id', home.book_id,
        'token_tenant_id', token.tenant_id, 'rights', token.rights, 'reached', reached,
        'association_ids', token.association_ids, 'reaches_below', token.reaches_below,
        'expires_at', token.expires_at, 'expired', token.expires_at <= now(),
        'revoked', EXISTS (SELECT FROM token_revocation AS r WHERE r.tenant_id = token.tenant_id AND r.token_id = token.token_id));
END
$$;
RESET ROLE;
