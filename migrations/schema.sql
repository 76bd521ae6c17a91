-- The sum of migrations/sql, written by `python -m migrations.dump`. Do not edit.

CREATE SCHEMA soquy;

ALTER SCHEMA soquy OWNER TO soquy_owner;

CREATE SCHEMA vault;

ALTER SCHEMA vault OWNER TO soquy_owner;

CREATE FUNCTION soquy.add_device(p_secret_hash bytea, p_tag bytea, p_device_id uuid, p_name text, p_device_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    IF NOT password_fits(visit.user_id, p_tag) THEN
        RETURN false;
    END IF;
    IF needs_second_factor(visit.user_id) THEN
        PERFORM refuse('user_device_role_rule', 'a role of this user needs more than a PIN');
    END IF;
    IF (SELECT count(*) FROM user_device WHERE tenant_id = 0 AND user_id = visit.user_id AND ended_at IS NULL) >= 20 THEN
        PERFORM refuse('user_device_count_rule', 'this user has twenty devices');
    END IF;
    INSERT INTO user_device (tenant_id, device_id, user_id, name, secret_hash, salt, time_cost, memory_kib, lanes, verifier)
    VALUES (0, p_device_id, visit.user_id, p_name, p_device_hash, p_salt, p_time_cost, p_memory_kib, p_lanes, p_verifier);
    RETURN true;
END
$$;

ALTER FUNCTION soquy.add_device(p_secret_hash bytea, p_tag bytea, p_device_id uuid, p_name text, p_device_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.apply_month_lock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.apply_month_lock() OWNER TO soquy_owner;

CREATE FUNCTION soquy.approval_state(p_tenant_id integer, p_approval_id uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.approval_state(p_tenant_id integer, p_approval_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.approval_terms(p_tenant_id integer, p_book_id bigint, p_action text, p_amount_minor bigint) RETURNS TABLE(roles text[], is_ordered boolean, days smallint)
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.approval_terms(p_tenant_id integer, p_book_id bigint, p_action text, p_amount_minor bigint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.association_home(p_association_id uuid) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$ SELECT tenant_id FROM association WHERE association_id = p_association_id $$;

ALTER FUNCTION soquy.association_home(p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.authenticate(p_tenant_id integer, p_secret_hash bytea, p_association_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.authenticate(p_tenant_id integer, p_secret_hash bytea, p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.authenticate_session(p_secret_hash bytea, p_association_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := open_session(p_secret_hash);
    person user_profile;
    home record;
    held jsonb;
    places jsonb;
BEGIN
    PERFORM set_config('soquy.tenant_id', '', true);
    IF visit.session_id IS NULL THEN
        RETURN NULL;
    END IF;
    IF is_half(visit) THEN
        RETURN jsonb_build_object('half', true);
    END IF;
    SELECT * INTO person FROM user_profile AS u WHERE u.tenant_id = 0 AND u.user_id = visit.user_id;
    SELECT jsonb_agg(jsonb_build_object('association_id', a.association_id, 'name_vi', a.name_vi, 'name_en', a.name_en,
            'level', a.level, 'roles', h.roles, 'rights', ARRAY(
                SELECT DISTINCT r.right_name FROM role_right AS r JOIN role_kind AS k USING (role)
                WHERE r.role = ANY (h.roles) AND (visit.strength = 2 OR NOT k.needs_second_factor)))
            ORDER BY a.tenant_id, a.founded_on, a.association_id) INTO places
    FROM holdings_of(visit.user_id) AS h JOIN association AS a USING (tenant_id, association_id);
    SELECT b.tenant_id, b.book_id, a.name_vi, a.name_en, a.level INTO home
    FROM book AS b JOIN association AS a USING (tenant_id, association_id)
    WHERE b.association_id = p_association_id;
    SELECT jsonb_agg(jsonb_build_object('role', by_role.role, 'rights', rights, 'below', below,
        'counts', visit.strength = 2 OR NOT by_role.needs_second_factor) ORDER BY by_role.position) INTO held
    FROM (
        SELECT k.role, k.position, k.needs_second_factor, array_agg(r.right_name) AS rights,
            coalesce(array_agg(r.right_name) FILTER (WHERE r.reaches_below), '{}') AS below
        FROM (
            SELECT i.role, i.right_name, i.reaches_below FROM rights_in(visit.user_id, p_association_id) AS i
            UNION
            SELECT own.role, own.right_name, own.reaches_below FROM holdings_of(visit.user_id) AS h
            JOIN role_right AS own ON own.role = ANY (h.roles) WHERE p_association_id IS NULL
        ) AS r JOIN role_kind AS k USING (role)
        GROUP BY k.role, k.position, k.needs_second_factor
    ) AS by_role;
    IF p_association_id IS NULL OR held IS NOT NULL THEN
        PERFORM set_config('soquy.tenant_id', coalesce(home.tenant_id, 0)::text, true);
    END IF;
    RETURN jsonb_build_object(
        'half', false, 'user_id', visit.user_id, 'session_id', visit.session_id, 'name', person.name,
        'language', person.language, 'strength', visit.strength, 'expires_at', visit.ends_at,
        'is_stale', now() > visit.seen_at + make_interval(secs => visit.idle_seconds / 10.0),
        'has_totp', has_totp(visit.user_id), 'tenant_id', coalesce(home.tenant_id, 0), 'book_id', home.book_id,
        'reached', p_association_id IS NULL OR held IS NOT NULL,
        'association', CASE WHEN held IS NOT NULL AND home.book_id IS NOT NULL THEN jsonb_build_object(
            'name_vi', home.name_vi, 'name_en', home.name_en, 'level', home.level) END,
        'roles', coalesce(held, '[]'), 'places', coalesce(places, '[]'));
END
$$;

ALTER FUNCTION soquy.authenticate_session(p_secret_hash bytea, p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.award_list_state(p_tenant_id integer, p_list_id uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.award_list_state(p_tenant_id integer, p_list_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.begin_device_session(p_device_hash bytea, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    device user_device;
BEGIN
    SELECT * INTO device FROM user_device AS d
    WHERE d.tenant_id = 0 AND d.secret_hash = p_device_hash AND d.ended_at IS NULL AND d.tries_left > 0 FOR UPDATE;
    IF NOT FOUND OR needs_second_factor(device.user_id) THEN
        RETURN NULL;
    END IF;
    IF device.verifier <> sha256(p_tag) THEN
        UPDATE user_device SET tries_left = tries_left - 1, ended_at = CASE WHEN tries_left = 1 THEN now() END
        WHERE tenant_id = 0 AND device_id = device.device_id;
        RETURN NULL;
    END IF;
    UPDATE user_device SET tries_left = 5, used_at = now() WHERE tenant_id = 0 AND device_id = device.device_id;
    INSERT INTO user_session (tenant_id, session_id, user_id, device_id, secret_hash, strength, client, idle_seconds, ends_at)
    VALUES (0, p_session_id, device.user_id, device.device_id, p_secret_hash, 1, p_client, p_idle_seconds,
        now() + make_interval(secs => p_seconds));
    RETURN device.user_id;
END
$$;

ALTER FUNCTION soquy.begin_device_session(p_device_hash bytea, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.begin_log(p_origin text) RETURNS smallint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    made smallint;
BEGIN
    LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(log_id) INTO made FROM log;
    IF made IS NULL THEN
        INSERT INTO log (log_id, origin) VALUES (1, p_origin) RETURNING log_id INTO made;
        INSERT INTO log_head (log_id) VALUES (made);
    END IF;
    RETURN made;
END
$$;

ALTER FUNCTION soquy.begin_log(p_origin text) OWNER TO soquy_owner;

CREATE FUNCTION soquy.begin_session(p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_browser_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
BEGIN
    IF NOT password_fits(p_user_id, p_tag) THEN
        RETURN NULL;
    END IF;
    INSERT INTO user_session (tenant_id, session_id, user_id, secret_hash, browser_hash, strength, client, idle_seconds, ends_at)
    VALUES (0, p_session_id, p_user_id, p_secret_hash, p_browser_hash, 1, p_client, p_idle_seconds,
        now() + make_interval(secs => p_seconds));
    RETURN CASE WHEN has_totp(p_user_id) THEN 'half' WHEN needs_second_factor(p_user_id) THEN 'unproved' ELSE 'whole' END;
END
$$;

ALTER FUNCTION soquy.begin_session(p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_browser_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.cancel_job(p_tenant_id integer, p_job_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    UPDATE job SET is_cancelling = true,
        state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
        error_code = NULL, error_fields = NULL,
        finished_at = CASE WHEN state = 'waiting' THEN clock_timestamp() END
    WHERE tenant_id = p_tenant_id AND tenant_id = current_tenant() AND job_id = p_job_id
        AND state IN ('waiting', 'running');
    RETURN FOUND;
END
$$;

ALTER FUNCTION soquy.cancel_job(p_tenant_id integer, p_job_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.change_password(p_secret_hash bytea, p_new_hash bytea, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    IF NOT rehash_password(visit.user_id, p_tag, p_salt, p_time_cost, p_memory_kib, p_lanes, p_verifier) THEN
        RETURN false;
    END IF;
    UPDATE user_password SET set_at = now() WHERE tenant_id = 0 AND user_id = visit.user_id;
    PERFORM turn_out(visit.user_id, visit.session_id);
    UPDATE user_session SET secret_hash = p_new_hash, seen_at = now() WHERE tenant_id = 0 AND session_id = visit.session_id;
    RETURN true;
END
$$;

ALTER FUNCTION soquy.change_password(p_secret_hash bytea, p_new_hash bytea, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_account_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_account_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_accounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_accounts() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_approval_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_approval_decisions() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_approval_policies() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_approval_policies() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_approval_withdrawals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_approval_withdrawals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_approvals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_approvals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_association_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_association_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_associations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_associations() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_attachment_disownings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_attachment_disownings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_attachments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_attachments() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_claims() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_claims() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_collections() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_collections() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_decisions() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_list_withdrawals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_list_withdrawals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_lists() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_lists() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_rounds() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_rounds() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_award_sittings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_award_sittings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_awards() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_awards() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_bank_accounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    fault record;
BEGIN
    SELECT added.account, CASE
        WHEN head.taken_by IS DISTINCT FROM pg_current_xact_id() OR added.version > 1 AND prior.version IS NULL
            THEN 'bank_account_version_rule'
        WHEN a.role <> 'bank' OR a.currency <> 'VND' OR a.is_parent OR a.closed_on IS NOT NULL
            THEN 'bank_account_bank_rule'
        ELSE 'bank_account_leaf_given_rule'
    END AS rule INTO fault
    FROM added
    JOIN book USING (tenant_id, book_id)
    JOIN book_head AS head USING (tenant_id, book_id)
    LEFT JOIN account AS a ON a.tenant_id = added.tenant_id AND a.book_id = added.book_id AND a.account = added.account
    LEFT JOIN bank_account AS prior ON prior.tenant_id = added.tenant_id AND prior.book_id = added.book_id
        AND prior.account = added.account AND prior.version = added.version - 1
    WHERE head.taken_by IS DISTINCT FROM pg_current_xact_id() OR added.version > 1 AND prior.version IS NULL
        OR a.role <> 'bank' OR a.currency <> 'VND' OR a.is_parent OR a.closed_on IS NOT NULL
        OR NOT leaf_says(added.tenant_id, added.event_id, 'bank_account.set', book.association_id, added.book_id,
            jsonb_build_object('account', added.account, 'bank', added.bank_bin, 'number', added.number,
                'version', added.version))
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(fault.rule, format('the bank account shown for %s is not as its leaf and book say', fault.account),
            to_jsonb(fault));
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_bank_accounts() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_beneficiaries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_beneficiaries() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_block_closings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_block_closings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_block_voids() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_block_voids() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_book_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_book_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_campaign_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_campaign_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_collections() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_collections() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_contributions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_contributions() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_contributors() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_contributors() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_donor_corrections() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_donor_corrections() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_earmarks() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_earmarks() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_entries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_entries() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_entry_proposals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_entry_proposals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_fund_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_fund_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_funds() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_funds() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_goods() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_goods() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_goods_handovers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_goods_handovers() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_goods_reversals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_goods_reversals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_goods_undoings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_goods_undoings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_goods_withdrawals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_goods_withdrawals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_intake_postings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_intake_postings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_intake_reversals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_intake_reversals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_list_payments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_list_payments() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_log_checkpoints() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN log_tree AS t USING (log_id, size) WHERE t.size IS NULL)
        OR EXISTS (SELECT FROM added JOIN log_checkpoint AS c ON c.log_id = added.log_id WHERE c.size > added.size) THEN
        PERFORM refuse('log_checkpoint_growth_rule', 'what is published was staged, and is never smaller than before');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_log_checkpoints() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_log_disclosures() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT FROM log_checkpoint AS c
            WHERE c.log_id = added.log_id AND c.size >= added.size)) THEN
        PERFORM refuse('log_disclosure_published_rule', 'leaves are public only as far as a checkpoint');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_log_disclosures() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_log_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    follows boolean;
    fault record;
BEGIN
    SELECT added.book_id, added.book_seq, added.prior_seq INTO fault
    FROM (SELECT a.*, coalesce(lag(a.book_seq) OVER (PARTITION BY a.log_id, a.tenant_id, a.book_id ORDER BY a.leaf_index), (
                SELECT l.book_seq FROM log_leaf AS l WHERE l.log_id = a.log_id AND l.tenant_id = a.tenant_id
                    AND l.book_id = a.book_id AND l.book_seq IS NOT NULL AND l.leaf_index < a.leaf_index
                ORDER BY l.leaf_index DESC LIMIT 1), 0) AS prior_seq
            FROM added AS a WHERE a.book_seq IS NOT NULL) AS added
    WHERE added.book_seq <> added.prior_seq + 1
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse('log_leaf_book_order_rule', 'the entries of a book are numbered in their order', to_jsonb(fault));
    END IF;
    WITH run AS (
        SELECT log_id, min(leaf_index) AS first_index, max(leaf_index) AS last_index, count(*) AS size FROM added GROUP BY 1
    ), moved AS (
        UPDATE log_head AS head SET size = run.last_index + 1
        FROM run
        WHERE head.log_id = run.log_id AND head.size = run.first_index AND run.last_index - run.first_index + 1 = run.size
        RETURNING head.log_id
    )
    SELECT (SELECT count(*) FROM run) = (SELECT count(*) FROM moved) INTO follows;
    IF NOT follows THEN
        PERFORM refuse('log_leaf_gapless_rule', 'leaves are numbered without a gap');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_log_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_log_trees() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN log_head AS head USING (log_id) WHERE added.size > head.size)
        OR EXISTS (SELECT FROM added JOIN log_tree AS t ON t.log_id = added.log_id
            WHERE t.size > added.size OR t.staged_at > added.staged_at) THEN
        PERFORM refuse('log_tree_growth_rule', 'a tree is larger and later than every one before it');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_log_trees() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_month_lock_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_month_lock_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_payees() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_payees() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_pledge_cancellations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_pledge_cancellations() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_pledge_corrections() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_pledge_corrections() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_pledges() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_pledges() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_postings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_postings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_program_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_program_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_program_plans() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_program_plans() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_receipt_blocks() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_receipt_blocks() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_receipt_codes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION soquy.check_receipt_codes() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_revocation_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT leaf_says(added.tenant_id, added.event_id, 'token.revoked', NULL, NULL,
            jsonb_build_object('token', type_id('tk', added.token_id)))) THEN
        PERFORM refuse('token_revocation_leaf_given_rule', 'a token is revoked after the leaf that says so');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_revocation_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_role_exception_endings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM role_exception AS e
    WHERE (e.tenant_id, e.exception_id) IN (SELECT tenant_id, exception_id FROM added)
    ORDER BY e.tenant_id, e.exception_id
    FOR UPDATE;
    IF EXISTS (SELECT FROM added JOIN role_exception AS e USING (tenant_id, exception_id)
               LEFT JOIN book USING (tenant_id, association_id)
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'role.exception_ended', e.association_id, book.book_id,
                   jsonb_build_object('exception', type_id('ev', added.exception_id)))) THEN
        PERFORM refuse('role_exception_ending_leaf_given_rule', 'an exception ends after the leaf that says so');
    END IF;
    IF EXISTS (SELECT FROM added JOIN role_exception AS e USING (tenant_id, exception_id)
               WHERE (added.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date > e.until_on) THEN
        PERFORM refuse('role_exception_ending_over_rule', 'this exception has run out');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_role_exception_endings() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_role_exceptions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN book USING (tenant_id, association_id)
               WHERE NOT leaf_says(added.tenant_id, added.exception_id, 'role.exception_made', added.association_id,
                   book.book_id, jsonb_build_object('roles', jsonb_build_array(added.first_role, added.second_role),
                       'until', added.until_on))) THEN
        PERFORM refuse('role_exception_leaf_given_rule', 'an exception comes after the leaf that says so');
    END IF;
    IF EXISTS (SELECT FROM added
               CROSS JOIN LATERAL (SELECT (added.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS from_on) AS began
               WHERE added.until_on NOT BETWEEN began.from_on AND began.from_on + interval '1 year') THEN
        PERFORM refuse('role_exception_until_rule', 'an exception is for a year at most');
    END IF;
    IF is_recovering() THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM added WHERE NOT EXISTS (
                   SELECT FROM rights_in(added.made_by, added.association_id) AS r WHERE r.right_name = 'member')) THEN
        PERFORM refuse('role_exception_right_rule', 'whoever makes an exception administers the association');
    END IF;
    IF EXISTS (SELECT FROM added JOIN role_holder AS held ON held.tenant_id = added.tenant_id
                   AND held.association_id = added.association_id AND held.user_id = added.made_by
               WHERE held.roles && ARRAY[added.first_role, added.second_role]) THEN
        PERFORM refuse('role_exception_own_rule', 'nobody makes an exception for what they hold themselves');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.check_role_exceptions() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_round_approvals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_round_approvals() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_token_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_token_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_voids() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_voids() OWNER TO soquy_owner;

CREATE FUNCTION soquy.check_voucher_void_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.check_voucher_void_leaves() OWNER TO soquy_owner;

CREATE TABLE soquy.job (
    tenant_id integer NOT NULL,
    job_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    arguments jsonb NOT NULL,
    principal_id uuid NOT NULL,
    actor_role text NOT NULL COLLATE pg_catalog."C",
    actor_prefix text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'waiting'::text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_id uuid,
    attempt_count smallint DEFAULT 0 NOT NULL,
    is_cancelling boolean DEFAULT false NOT NULL,
    done_count bigint DEFAULT 0 NOT NULL,
    total_count bigint,
    result jsonb,
    error_code text COLLATE pg_catalog."C",
    error_fields jsonb,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT job_actor_prefix_check CHECK ((actor_prefix = ANY (ARRAY['tk'::text, 'us'::text]))),
    CONSTRAINT job_actor_role_format_check CHECK ((actor_role ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT job_arguments_size_check CHECK (((jsonb_typeof(arguments) = 'object'::text) AND (length((arguments)::text) <= 4000))),
    CONSTRAINT job_counts_check CHECK (((done_count >= 0) AND (total_count >= 0))),
    CONSTRAINT job_error_code_format_check CHECK ((error_code ~ '^[a-z][a-z0-9_]{0,59}$'::text)),
    CONSTRAINT job_error_fields_size_check CHECK ((length((error_fields)::text) <= 4000)),
    CONSTRAINT job_error_given_check CHECK ((((state = 'failed'::text) = (error_code IS NOT NULL)) OR (state = 'waiting'::text))),
    CONSTRAINT job_finished_given_check CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT job_kind_format_check CHECK ((kind ~ '^[a-z][a-z_]{0,29}\.[a-z][a-z_]{0,29}$'::text)),
    CONSTRAINT job_lease_given_check CHECK (((state = 'running'::text) = (lease_id IS NOT NULL))),
    CONSTRAINT job_result_size_check CHECK (((jsonb_typeof(result) = 'object'::text) AND (length((result)::text) <= 10000))),
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT job_subject_format_check CHECK ((subject ~ '^[A-Za-z0-9_:./-]{1,120}$'::text))
);

ALTER TABLE soquy.job OWNER TO soquy_owner;

CREATE FUNCTION soquy.claim_job(p_tenant_id integer, p_kinds text[], p_lease_id uuid, p_lease_seconds integer, p_attempt_count_max integer) RETURNS SETOF soquy.job
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    taken job;
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    LOOP
        SELECT * INTO taken FROM job
        WHERE tenant_id = p_tenant_id AND state IN ('waiting', 'running') AND due_at <= clock_timestamp()
            AND kind = ANY (p_kinds)
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        IF taken.is_cancelling THEN
            UPDATE job SET state = 'cancelled', lease_id = NULL, error_code = NULL, error_fields = NULL,
                finished_at = clock_timestamp()
            WHERE tenant_id = p_tenant_id AND job_id = taken.job_id;
        ELSIF taken.attempt_count >= p_attempt_count_max THEN
            UPDATE job SET state = 'failed', lease_id = NULL, error_code = 'job_abandoned', error_fields = '{}',
                finished_at = clock_timestamp()
            WHERE tenant_id = p_tenant_id AND job_id = taken.job_id;
        ELSE
            RETURN QUERY UPDATE job SET state = 'running', lease_id = p_lease_id,
                due_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
                attempt_count = attempt_count + 1, error_code = NULL, error_fields = NULL,
                started_at = coalesce(started_at, clock_timestamp())
            WHERE tenant_id = p_tenant_id AND job_id = taken.job_id
            RETURNING *;
            EXIT;
        END IF;
    END LOOP;
END
$$;

ALTER FUNCTION soquy.claim_job(p_tenant_id integer, p_kinds text[], p_lease_id uuid, p_lease_seconds integer, p_attempt_count_max integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date, p_event_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date, p_event_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date, p_event_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date, p_event_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date, p_event_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date, p_event_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.confirm_totp(p_secret_hash bytea, p_new_hash bytea, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    IF visit.strength = 1 AND has_totp(visit.user_id) THEN
        PERFORM refuse('session_strength_rule', 'who has an authenticator uses it before changing it');
    END IF;
    IF NOT EXISTS (SELECT FROM user_totp WHERE tenant_id = 0 AND user_id = visit.user_id AND is_pending) THEN
        RETURN false;
    END IF;
    PERFORM end_other_sessions(p_secret_hash, NULL);
    DELETE FROM user_totp WHERE tenant_id = 0 AND user_id = visit.user_id AND NOT is_pending;
    UPDATE user_totp SET is_pending = false, last_step = p_step WHERE tenant_id = 0 AND user_id = visit.user_id;
    PERFORM raise_session(visit, p_new_hash);
    RETURN true;
END
$$;

ALTER FUNCTION soquy.confirm_totp(p_secret_hash bytea, p_new_hash bytea, p_step bigint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.count_block(p_tenant_id integer, p_block_id uuid, p_from integer) RETURNS TABLE(used_count integer, voided_count integer, last_number integer, is_touched boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.count_block(p_tenant_id integer, p_block_id uuid, p_from integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.count_goods(p_tenant_id integer, p_goods_id uuid) RETURNS TABLE(handed_quantity bigint, handed_minor bigint, is_gone boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.count_goods(p_tenant_id integer, p_goods_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.count_vouchers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.count_vouchers() OWNER TO soquy_owner;

CREATE FUNCTION soquy.current_tenant() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT nullif(current_setting('soquy.tenant_id', true), '')::integer $$;

ALTER FUNCTION soquy.current_tenant() OWNER TO soquy_owner;

CREATE FUNCTION soquy.device_cost(p_device_hash bytea) RETURNS TABLE(name text, salt bytea, time_cost smallint, memory_kib integer, lanes smallint, tries_left smallint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT u.name, d.salt, d.time_cost, d.memory_kib, d.lanes, d.tries_left
    FROM user_device AS d JOIN user_profile AS u USING (tenant_id, user_id)
    WHERE d.tenant_id = 0 AND d.secret_hash = p_device_hash AND d.ended_at IS NULL AND NOT needs_second_factor(d.user_id)
$$;

ALTER FUNCTION soquy.device_cost(p_device_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.devices_of(p_secret_hash bytea) RETURNS TABLE(device_id uuid, name text, made_at timestamp with time zone, used_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT d.device_id, d.name, d.made_at, d.used_at
    FROM whole_session(p_secret_hash) AS mine JOIN user_device AS d ON d.tenant_id = 0 AND d.user_id = mine.user_id
    WHERE d.ended_at IS NULL ORDER BY d.made_at LIMIT 100
$$;

ALTER FUNCTION soquy.devices_of(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.end_device(p_secret_hash bytea, p_device_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    UPDATE user_device SET ended_at = now()
    WHERE tenant_id = 0 AND device_id = p_device_id AND user_id = visit.user_id AND ended_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND user_id = visit.user_id AND device_id = p_device_id AND ended_at IS NULL
        AND session_id <> visit.session_id;
    RETURN true;
END
$$;

ALTER FUNCTION soquy.end_device(p_secret_hash bytea, p_device_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.end_other_sessions(p_secret_hash bytea, p_session_id uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
    ended bigint;
BEGIN
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND user_id = visit.user_id AND ended_at IS NULL AND session_id <> visit.session_id
        AND session_id = coalesce(p_session_id, session_id);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;

ALTER FUNCTION soquy.end_other_sessions(p_secret_hash bytea, p_session_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.end_session(p_secret_hash bytea) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id
    RETURNING user_id
$$;

ALTER FUNCTION soquy.end_session(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.finish_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_result jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    UPDATE job SET state = 'done', lease_id = NULL, result = p_result, done_count = coalesce(total_count, done_count),
        finished_at = clock_timestamp()
    WHERE tenant_id = p_tenant_id AND tenant_id = current_tenant() AND job_id = p_job_id AND lease_id = p_lease_id
        AND state = 'running';
    RETURN FOUND;
END
$$;

ALTER FUNCTION soquy.finish_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_result jsonb) OWNER TO soquy_owner;

CREATE FUNCTION soquy.forget_access() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM access_event WHERE tenant_id = 0 AND recorded_at < now() - interval '90 days';
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    DELETE FROM user_session WHERE tenant_id = 0 AND least(ended_at, ends_at) < now() - interval '90 days';
    DELETE FROM user_device AS d WHERE d.tenant_id = 0 AND d.ended_at < now() - interval '90 days'
        AND NOT EXISTS (SELECT FROM user_session AS s WHERE s.tenant_id = 0 AND s.device_id = d.device_id);
    DELETE FROM invitation_address AS a USING invitation AS i
    WHERE i.tenant_id = a.tenant_id AND i.invitation_id = a.invitation_id AND i.expires_at < now() - interval '90 days';
    RETURN forgotten;
END
$$;

ALTER FUNCTION soquy.forget_access() OWNER TO soquy_owner;

CREATE FUNCTION soquy.forget_jobs(p_days integer, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    forgotten bigint;
BEGIN
    IF p_days < 30 THEN
        PERFORM refuse('job_age_rule', 'jobs are kept for thirty days at least');
    END IF;
    DELETE FROM job WHERE (tenant_id, job_id) IN (
        SELECT tenant_id, job_id FROM job WHERE finished_at < clock_timestamp() - make_interval(days => p_days)
        ORDER BY tenant_id, finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

ALTER FUNCTION soquy.forget_jobs(p_days integer, p_limit integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.found_tenant(p_name text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.found_tenant(p_name text) OWNER TO soquy_owner;

CREATE FUNCTION soquy.furnish_book() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.furnish_book() OWNER TO soquy_owner;

CREATE FUNCTION soquy.give_back_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_code text, p_fields jsonb, p_pause_seconds integer, p_is_counted boolean) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    UPDATE job SET lease_id = NULL,
        state = next.state,
        attempt_count = CASE WHEN p_is_counted THEN attempt_count ELSE attempt_count - 1 END,
        error_code = CASE WHEN next.state <> 'cancelled' THEN p_code END,
        error_fields = CASE WHEN next.state <> 'cancelled' THEN p_fields END,
        due_at = clock_timestamp() + make_interval(secs => coalesce(p_pause_seconds, 0)),
        finished_at = CASE WHEN next.state <> 'waiting' THEN clock_timestamp() END
    FROM (
        SELECT tenant_id, job_id, CASE WHEN is_cancelling THEN 'cancelled' WHEN p_pause_seconds IS NULL THEN 'failed'
            ELSE 'waiting' END AS state
        FROM job WHERE tenant_id = p_tenant_id AND job_id = p_job_id FOR UPDATE
    ) AS next
    WHERE job.tenant_id = p_tenant_id AND job.tenant_id = current_tenant() AND job.job_id = p_job_id
        AND job.lease_id = p_lease_id AND job.state = 'running'
    RETURNING job.state
$$;

ALTER FUNCTION soquy.give_back_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_code text, p_fields jsonb, p_pause_seconds integer, p_is_counted boolean) OWNER TO soquy_owner;

CREATE FUNCTION soquy.grant_roles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    holders bigint;
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN book USING (tenant_id, association_id)
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'role.granted', added.association_id, book.book_id,
                   jsonb_build_object('grant', type_id('gr', added.grant_id), 'role', added.role))) THEN
        PERFORM refuse('role_grant_leaf_given_rule', 'a role is granted after the leaf that says so');
    END IF;
    INSERT INTO role_holder AS held (tenant_id, association_id, user_id, roles)
    SELECT tenant_id, association_id, user_id, array_agg(role ORDER BY role) FROM added GROUP BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT role_holder_pk DO UPDATE SET roles = held.roles || excluded.roles
    WHERE NOT held.roles && excluded.roles;
    GET DIAGNOSTICS holders = ROW_COUNT;
    IF holders <> (SELECT count(DISTINCT (tenant_id, association_id, user_id)) FROM added)
        OR EXISTS (SELECT FROM added GROUP BY tenant_id, association_id, user_id, role HAVING count(*) > 1) THEN
        PERFORM refuse('role_grant_held_rule', 'this user holds the role already');
    END IF;
    PERFORM FROM role_exception AS e
    WHERE (e.tenant_id, e.association_id) IN (SELECT tenant_id, association_id FROM added)
    ORDER BY e.tenant_id, e.exception_id
    FOR SHARE;
    IF EXISTS (SELECT FROM added JOIN role_holder AS held USING (tenant_id, association_id, user_id)
               WHERE added.role <> ALL (roles_that_count(tenant_id, association_id, user_id, held.roles))) THEN
        PERFORM refuse('role_grant_separation_rule', 'the law keeps this role apart from one that this user holds');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.grant_roles() OWNER TO soquy_owner;

CREATE FUNCTION soquy.has_totp(p_user_id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$ SELECT EXISTS (SELECT FROM user_totp WHERE tenant_id = 0 AND user_id = p_user_id AND NOT is_pending) $$;

ALTER FUNCTION soquy.has_totp(p_user_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.hold_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_lease_seconds integer, p_done bigint, p_total bigint) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    UPDATE job SET due_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
        done_count = coalesce(p_done, done_count), total_count = coalesce(p_total, total_count)
    WHERE tenant_id = p_tenant_id AND tenant_id = current_tenant() AND job_id = p_job_id AND lease_id = p_lease_id
        AND state = 'running'
    RETURNING is_cancelling
$$;

ALTER FUNCTION soquy.hold_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_lease_seconds integer, p_done bigint, p_total bigint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.hold_log(p_because text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    UPDATE log_head SET held_because = coalesce(held_because, p_because)
    WHERE log_id = (SELECT max(log_id) FROM log)
$$;

ALTER FUNCTION soquy.hold_log(p_because text) OWNER TO soquy_owner;

CREATE FUNCTION soquy.holdings_of(p_user_id uuid) RETURNS TABLE(tenant_id integer, association_id uuid, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT h.tenant_id, h.association_id, roles_that_count(h.tenant_id, h.association_id, h.user_id, h.roles)
    FROM role_holder AS h
    WHERE h.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM tenant AS t)) AND h.user_id = p_user_id AND cardinality(h.roles) > 0
$$;

ALTER FUNCTION soquy.holdings_of(p_user_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.invitations_of(p_tenant_id integer, p_association_id uuid) RETURNS TABLE(invitation_id uuid, purpose text, role text, email text, created_at timestamp with time zone, expires_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT i.invitation_id, i.purpose, i.role, a.email, i.created_at, i.expires_at
        FROM invitation AS i LEFT JOIN invitation_address AS a USING (tenant_id, invitation_id)
        WHERE i.tenant_id = p_tenant_id AND i.association_id = p_association_id
            AND i.taken_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now()
        ORDER BY i.created_at, i.invitation_id LIMIT 1000;
END
$$;

ALTER FUNCTION soquy.invitations_of(p_tenant_id integer, p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.is_administered(p_association_id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    WITH RECURSIVE above AS (
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, 0 AS depth
        FROM association AS a WHERE a.tenant_id = association_home(p_association_id) AND a.association_id = p_association_id
        UNION ALL
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, above.depth + 1 FROM above
        JOIN association AS a ON a.tenant_id = above.parent_tenant_id AND a.association_id = above.parent_id
        WHERE above.depth < 10
    )
    SELECT EXISTS (
        SELECT FROM above JOIN role_holder AS h USING (tenant_id, association_id) JOIN role_right AS r ON r.role = ANY (h.roles)
        WHERE r.right_name = 'member' AND (above.depth = 0 OR r.reaches_below))
$$;

ALTER FUNCTION soquy.is_administered(p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.is_award_list_over(p_tenant_id integer, p_list_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM award_list_withdrawal AS w WHERE w.tenant_id = p_tenant_id AND w.list_id = p_list_id)
        OR EXISTS (SELECT FROM approval AS a JOIN approval_decision AS d USING (tenant_id, approval_id)
            WHERE a.tenant_id = p_tenant_id AND a.subject_id = p_list_id AND a.action = 'round' AND NOT d.is_granted)
$$;

ALTER FUNCTION soquy.is_award_list_over(p_tenant_id integer, p_list_id uuid) OWNER TO soquy_owner;

CREATE TABLE vault.user_session (
    tenant_id integer NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid,
    browser_hash bytea,
    secret_hash bytea NOT NULL,
    strength smallint NOT NULL,
    code_tries smallint DEFAULT 5 NOT NULL,
    client text NOT NULL,
    idle_seconds integer NOT NULL,
    begun_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT user_session_client_length_check CHECK ((length(client) <= 60)),
    CONSTRAINT user_session_hash_size_check CHECK ((octet_length(secret_hash) = 32)),
    CONSTRAINT user_session_idle_range_check CHECK (((idle_seconds >= 60) AND (idle_seconds <= 86400))),
    CONSTRAINT user_session_strength_check CHECK ((strength = ANY (ARRAY[1, 2]))),
    CONSTRAINT user_session_tries_range_check CHECK (((code_tries >= 0) AND (code_tries <= 5)))
);

ALTER TABLE vault.user_session OWNER TO soquy_owner;

CREATE FUNCTION soquy.is_half(p_visit vault.user_session) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$ SELECT p_visit.strength = 1 AND p_visit.device_id IS NULL AND has_totp(p_visit.user_id) $$;

ALTER FUNCTION soquy.is_half(p_visit vault.user_session) OWNER TO soquy_owner;

CREATE FUNCTION soquy.is_recovering() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$ SELECT coalesce((SELECT held_because = 'recovering' FROM log_head ORDER BY log_id DESC LIMIT 1), false) $$;

ALTER FUNCTION soquy.is_recovering() OWNER TO soquy_owner;

CREATE FUNCTION soquy.job_figures() RETURNS TABLE(waiting bigint, oldest_seconds double precision, failed bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT (SELECT count(*) FROM job WHERE state = 'waiting'),
        (SELECT coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0) FROM job
            WHERE state IN ('waiting', 'running')),
        (SELECT count(*) FROM job WHERE state = 'failed' AND finished_at > clock_timestamp() - interval '1 day')
$$;

ALTER FUNCTION soquy.job_figures() OWNER TO soquy_owner;

CREATE FUNCTION soquy.job_tenants(p_kinds text[]) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT tenant_id FROM job
    WHERE state IN ('waiting', 'running') AND due_at <= clock_timestamp() AND kind = ANY (p_kinds)
    GROUP BY tenant_id ORDER BY min(due_at) LIMIT 100
$$;

ALTER FUNCTION soquy.job_tenants(p_kinds text[]) OWNER TO soquy_owner;

CREATE FUNCTION soquy.leaf_members(leaf bytea) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN convert_from(leaf, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.leaf_members(leaf bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.leaf_says(p_tenant_id integer, p_event_id uuid, p_type text, p_association_id uuid, p_book_id bigint, p_payload jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM audit_entry AS a CROSS JOIN LATERAL leaf_members(a.leaf) AS said
        WHERE a.tenant_id = p_tenant_id AND a.event_id = p_event_id AND a.type = p_type
            AND a.association_id IS NOT DISTINCT FROM p_association_id AND a.book_id IS NOT DISTINCT FROM p_book_id
            AND said ->> 'type' = p_type AND said ->> 'event_id' = type_id('ev', p_event_id)
            AND said ->> 'association' IS NOT DISTINCT FROM type_id('as', p_association_id)
            AND said -> 'payload' = p_payload)
$$;

ALTER FUNCTION soquy.leaf_says(p_tenant_id integer, p_event_id uuid, p_type text, p_association_id uuid, p_book_id bigint, p_payload jsonb) OWNER TO soquy_owner;

CREATE FUNCTION soquy.line_above(p_association_id uuid) RETURNS TABLE(tenant_id integer, association_id uuid, depth integer)
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    WITH RECURSIVE above AS (
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, 0 AS depth
        FROM association AS a WHERE a.tenant_id = association_home(p_association_id) AND a.association_id = p_association_id
        UNION ALL
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, above.depth + 1 FROM above
        JOIN association AS a ON a.tenant_id = above.parent_tenant_id AND a.association_id = above.parent_id
        WHERE above.depth < 10
    )
    SELECT above.tenant_id, above.association_id, above.depth FROM above
$$;

ALTER FUNCTION soquy.line_above(p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.make_posting_partition(p_year integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    name text := 'posting_' || p_year;
BEGIN
    IF p_year NOT BETWEEN 1996 AND 2999 THEN
        PERFORM refuse('posting_partition_year_rule', 'partitions hold the years 1996 to 2999');
    END IF;
    IF to_regclass('soquy.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF posting FOR VALUES FROM (%L) TO (%L)',
        name, make_date(p_year, 1, 1), make_date(p_year + 1, 1, 1));
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        name || '_no_truncate', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER posting_append_only, ENABLE ALWAYS TRIGGER %I',
        name, name || '_no_truncate');
    RETURN true;
END
$$;

ALTER FUNCTION soquy.make_posting_partition(p_year integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.may_renew(p_by uuid, p_user_id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT p_by <> p_user_id AND EXISTS (SELECT FROM holdings_of(p_user_id)) AND NOT EXISTS (
        SELECT FROM holdings_of(p_user_id) AS h WHERE NOT EXISTS (
            SELECT FROM rights_in(p_by, h.association_id) AS r WHERE r.right_name = 'member'))
$$;

ALTER FUNCTION soquy.may_renew(p_by uuid, p_user_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.may_still(p_association_id uuid, p_principal_id uuid, p_prefix text, p_right text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT CASE WHEN p_prefix = 'us' THEN EXISTS (
            SELECT FROM rights_in(p_principal_id, p_association_id) AS r WHERE r.right_name = p_right)
        ELSE NOT EXISTS (
            SELECT FROM api_token AS t LEFT JOIN token_revocation AS r USING (tenant_id, token_id)
            WHERE t.tenant_id = ANY (ARRAY(SELECT 0 UNION SELECT above.tenant_id FROM line_above(p_association_id) AS above))
                AND t.token_id = p_principal_id
                AND (r.token_id IS NOT NULL OR t.expires_at <= now() OR p_right <> ALL (t.rights)))
    END
$$;

ALTER FUNCTION soquy.may_still(p_association_id uuid, p_principal_id uuid, p_prefix text, p_right text) OWNER TO soquy_owner;

CREATE FUNCTION soquy.members_of(p_tenant_id integer, p_association_id uuid) RETURNS TABLE(grant_id uuid, user_id uuid, role text, granted_at timestamp with time zone, counts boolean, name text, email text, has_totp boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT g.grant_id, g.user_id, g.role, g.recorded_at,
            g.role = ANY (roles_that_count(h.tenant_id, h.association_id, h.user_id, h.roles)), u.name, u.email,
            has_totp(g.user_id)
        FROM role_grant AS g JOIN role_kind AS k ON k.role = g.role
        JOIN role_holder AS h ON h.tenant_id = g.tenant_id AND h.association_id = g.association_id AND h.user_id = g.user_id
        LEFT JOIN user_profile AS u ON u.tenant_id = 0 AND u.user_id = g.user_id
        WHERE g.tenant_id = p_tenant_id AND g.association_id = p_association_id AND NOT EXISTS (
            SELECT FROM role_revocation AS r WHERE r.tenant_id = g.tenant_id AND r.grant_id = g.grant_id)
        ORDER BY k.position, g.recorded_at, g.grant_id
        LIMIT 1000;
END
$$;

ALTER FUNCTION soquy.members_of(p_tenant_id integer, p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.needs_second_factor(p_user_id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM holdings_of(p_user_id) AS h JOIN role_kind AS k ON k.role = ANY (h.roles) WHERE k.needs_second_factor)
$$;

ALTER FUNCTION soquy.needs_second_factor(p_user_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.number_leaves(p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    head log_head;
    numbered bigint;
BEGIN
    SELECT * INTO head FROM log_head ORDER BY log_id DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('log_absent', 'no log has begun');
    END IF;
    IF head.held_because IS NOT NULL THEN
        PERFORM refuse('log_held', 'the published log is not the one in this database',
            jsonb_build_object('held_because', head.held_because));
    END IF;
    -- Again: who waited for the row was given it as it is now, but the rest as it was.
    SELECT size INTO head.size FROM log_head WHERE log_id = head.log_id;
    WITH due AS MATERIALIZED (
        SELECT tenant_id, event_id, pending_no FROM audit_pending ORDER BY tenant_id, pending_no LIMIT p_limit
    ), taken AS (
        DELETE FROM audit_pending AS p USING due
        WHERE p.tenant_id = due.tenant_id AND p.event_id = due.event_id
        RETURNING p.tenant_id, p.event_id, p.pending_no
    )
    INSERT INTO log_leaf (log_id, leaf_index, tenant_id, event_id, book_id, book_seq, leaf_hash)
    SELECT head.log_id, head.size + row_number() OVER (ORDER BY taken.tenant_id, taken.pending_no) - 1, a.tenant_id, a.event_id, a.book_id,
        a.book_seq, sha256('\x00'::bytea || a.leaf)
    FROM taken JOIN audit_entry AS a USING (tenant_id, event_id);
    GET DIAGNOSTICS numbered = ROW_COUNT;
    RETURN numbered;
END
$$;

ALTER FUNCTION soquy.number_leaves(p_limit integer) OWNER TO soquy_owner;

CREATE FUNCTION soquy.offer_totp(p_secret_hash bytea, p_sealed bytea, p_key_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    IF visit.strength = 1 AND has_totp(visit.user_id) THEN
        PERFORM refuse('session_strength_rule', 'who has an authenticator uses it before changing it');
    END IF;
    INSERT INTO user_totp (tenant_id, user_id, is_pending, sealed, key_id) VALUES (0, visit.user_id, true, p_sealed, p_key_id)
    ON CONFLICT ON CONSTRAINT user_totp_pk DO UPDATE SET sealed = p_sealed, key_id = p_key_id, made_at = now();
END
$$;

ALTER FUNCTION soquy.offer_totp(p_secret_hash bytea, p_sealed bytea, p_key_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.open_invitation(p_tenant_id integer, p_secret_hash bytea) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    made invitation;
    told jsonb;
BEGIN
    SELECT * INTO made FROM invitation AS i WHERE i.tenant_id = p_tenant_id AND i.secret_hash = p_secret_hash
        AND i.taken_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now();
    SELECT jsonb_build_object('invitation_id', made.invitation_id, 'tenant_id', made.tenant_id, 'book_id', b.book_id,
        'association_id', made.association_id, 'name_vi', a.name_vi, 'name_en', a.name_en, 'purpose', made.purpose,
        'role', made.role, 'invited_by', made.invited_by, 'invited_by_prefix', made.invited_by_prefix,
        'invited_as', made.invited_as, 'email', sent.email, 'user_id', u.user_id, 'expires_at', made.expires_at) INTO told
    FROM association AS a JOIN book AS b USING (tenant_id, association_id)
    JOIN invitation_address AS sent ON sent.tenant_id = made.tenant_id AND sent.invitation_id = made.invitation_id
    LEFT JOIN user_profile AS u ON u.tenant_id = 0 AND u.email_key = sent.email_key
    WHERE a.tenant_id = made.tenant_id AND a.association_id = made.association_id
        AND vouches(made, u.user_id) AND (made.purpose = 'role' OR u.user_id IS NOT NULL);
    PERFORM set_config('soquy.tenant_id', CASE WHEN told IS NULL THEN '' ELSE made.tenant_id::text END, true);
    RETURN told;
END
$$;

ALTER FUNCTION soquy.open_invitation(p_tenant_id integer, p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.open_session(p_secret_hash bytea) RETURNS vault.user_session
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT * FROM user_session
    WHERE tenant_id = 0 AND secret_hash = p_secret_hash AND ended_at IS NULL AND now() < ends_at
        AND now() < seen_at + make_interval(secs => idle_seconds)
$$;

ALTER FUNCTION soquy.open_session(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.own_access(p_secret_hash bytea) RETURNS TABLE(kind text, recorded_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT e.kind, e.recorded_at
    FROM whole_session(p_secret_hash) AS mine JOIN access_event AS e ON e.tenant_id = 0 AND e.user_id = mine.user_id
    ORDER BY e.recorded_at DESC, e.access_id DESC LIMIT 20
$$;

ALTER FUNCTION soquy.own_access(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.own_password_fits(p_secret_hash bytea, p_tag bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$ SELECT password_fits((whole_session(p_secret_hash)).user_id, p_tag) $$;

ALTER FUNCTION soquy.own_password_fits(p_secret_hash bytea, p_tag bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.own_profile(p_secret_hash bytea) RETURNS TABLE(user_id uuid, name text, email text, language text, password_set_at timestamp with time zone, totp_made_at timestamp with time zone, recovery_codes_left bigint, needs_second_factor boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT u.user_id, u.name, u.email, u.language, p.set_at, t.made_at,
        (SELECT count(*) FROM user_recovery AS r WHERE r.tenant_id = 0 AND r.user_id = u.user_id AND r.used_at IS NULL),
        needs_second_factor(u.user_id)
    FROM whole_session(p_secret_hash) AS mine JOIN user_profile AS u ON u.tenant_id = 0 AND u.user_id = mine.user_id
    LEFT JOIN user_password AS p ON p.tenant_id = 0 AND p.user_id = u.user_id
    LEFT JOIN user_totp AS t ON t.tenant_id = 0 AND t.user_id = u.user_id AND NOT t.is_pending
$$;

ALTER FUNCTION soquy.own_profile(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.password_cost(p_email_key text, p_browser_hash bytea) RETURNS TABLE(user_id uuid, salt bytea, time_cost smallint, memory_kib integer, lanes smallint, is_known boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT p.user_id, p.salt, p.time_cost, p.memory_kib, p.lanes, EXISTS (
        SELECT FROM user_session AS s
        WHERE s.tenant_id = 0 AND s.user_id = p.user_id AND s.browser_hash = p_browser_hash)
    FROM user_profile AS u JOIN user_password AS p USING (tenant_id, user_id)
    WHERE u.tenant_id = 0 AND u.email_key = p_email_key
$$;

ALTER FUNCTION soquy.password_cost(p_email_key text, p_browser_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.password_fits(p_user_id uuid, p_tag bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT EXISTS (SELECT FROM user_password WHERE tenant_id = 0 AND user_id = p_user_id AND verifier = sha256(p_tag))
$$;

ALTER FUNCTION soquy.password_fits(p_user_id uuid, p_tag bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.pay_award_list(p_tenant_id integer, p_book_id bigint, p_list_id uuid, p_seq bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    PERFORM use_approval(p_tenant_id, p_book_id, 'round', p_list_id);
    INSERT INTO award_payment (tenant_id, list_id, book_id, seq) VALUES (p_tenant_id, p_list_id, p_book_id, p_seq);
END
$$;

ALTER FUNCTION soquy.pay_award_list(p_tenant_id integer, p_book_id bigint, p_list_id uuid, p_seq bigint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.posted_lines(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_entry_on date) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT jsonb_agg(jsonb_build_array(p.account, p.fund, p.value_minor)
        || CASE WHEN more.members = '{}' THEN '[]'::jsonb ELSE jsonb_build_array(more.members) END ORDER BY p.line)
    FROM posting AS p
    CROSS JOIN LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object('channel', p.channel, 'campaign', p.campaign,
        'program', p.program, 'quantity', p.quantity, 'currency', nullif(p.currency, 'VND'),
        'amount_minor', CASE WHEN p.currency <> 'VND' THEN p.amount_minor END)) AS members) AS more
    WHERE p.tenant_id = p_tenant_id AND p.book_id = p_book_id AND p.seq = p_seq AND p.entry_on = p_entry_on
$$;

ALTER FUNCTION soquy.posted_lines(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_entry_on date) OWNER TO soquy_owner;

CREATE FUNCTION soquy.public_roots() RETURNS TABLE(tenant_id integer, association_id uuid, level text, name_vi text, name_en text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT a.tenant_id, a.association_id, a.level, a.name_vi, a.name_en
    FROM association AS a JOIN book USING (tenant_id, association_id)
    WHERE a.parent_id IS NULL
    ORDER BY a.tenant_id, a.founded_on, a.association_id
    LIMIT 100
$$;

ALTER FUNCTION soquy.public_roots() OWNER TO soquy_owner;

CREATE FUNCTION soquy.queue_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
DECLARE
    fault record;
BEGIN
    SELECT held_because INTO fault FROM log_head ORDER BY log_id DESC LIMIT 1;
    IF fault.held_because IN ('restored', 'behind', 'forked') THEN
        PERFORM refuse('log_held', 'the published log is not the one in this database', to_jsonb(fault));
    END IF;
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
    INSERT INTO audit_pending (tenant_id, event_id) SELECT tenant_id, event_id FROM added ORDER BY book_id, book_seq;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.queue_leaves() OWNER TO soquy_owner;

CREATE FUNCTION soquy.raise_session(p_visit vault.user_session, p_new_hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    UPDATE user_session SET strength = 2, secret_hash = p_new_hash, seen_at = now(), code_tries = 5
    WHERE tenant_id = 0 AND session_id = p_visit.session_id
$$;

ALTER FUNCTION soquy.raise_session(p_visit vault.user_session, p_new_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.refuse(rule text, message text, detail jsonb DEFAULT '{}'::jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = rule, MESSAGE = message, DETAIL = detail::text;
END
$$;

ALTER FUNCTION soquy.refuse(rule text, message text, detail jsonb) OWNER TO soquy_owner;

CREATE FUNCTION soquy.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only',
        MESSAGE = format('%s on %s: rows are only ever added', tg_op, tg_table_name);
END
$$;

ALTER FUNCTION soquy.refuse_change() OWNER TO soquy_owner;

CREATE FUNCTION soquy.refuse_closing(p_tenant_id integer, p_book_id bigint, p_account text, p_fund text, p_closed_on date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.refuse_closing(p_tenant_id integer, p_book_id bigint, p_account text, p_fund text, p_closed_on date) OWNER TO soquy_owner;

CREATE FUNCTION soquy.refuse_contribution_ties(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_line integer, p_pledge_id uuid, p_block_id uuid, p_paper_number integer, p_paper_use smallint) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.refuse_contribution_ties(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_line integer, p_pledge_id uuid, p_block_id uuid, p_paper_number integer, p_paper_use smallint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.refuse_leafless_closing(p_tenant_id integer, p_event_id uuid, p_type text, p_book_id bigint, p_payload jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM book AS b WHERE b.tenant_id = p_tenant_id AND b.book_id = p_book_id
            AND leaf_says(p_tenant_id, p_event_id, p_type, b.association_id, p_book_id, p_payload)) THEN
        PERFORM refuse('closing_leaf_given_rule', 'a closing comes after the leaf that tells of it', p_payload);
    END IF;
END
$$;

ALTER FUNCTION soquy.refuse_leafless_closing(p_tenant_id integer, p_event_id uuid, p_type text, p_book_id bigint, p_payload jsonb) OWNER TO soquy_owner;

CREATE FUNCTION soquy.rehash_password(p_user_id uuid, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    UPDATE user_password
    SET salt = p_salt, time_cost = p_time_cost, memory_kib = p_memory_kib, lanes = p_lanes, verifier = p_verifier
    WHERE tenant_id = 0 AND user_id = p_user_id AND verifier = sha256(p_tag);
    RETURN FOUND;
END
$$;

ALTER FUNCTION soquy.rehash_password(p_user_id uuid, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.renew_password(p_tenant_id integer, p_invitation_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    told jsonb := take_invitation(p_tenant_id, p_invitation_hash);
    of_user uuid := told ->> 'user_id';
BEGIN
    IF told ->> 'purpose' IS DISTINCT FROM 'password' THEN
        PERFORM refuse('invitation_open_rule', 'this link gives no new password');
    END IF;
    PERFORM turn_out(of_user, NULL);
    DELETE FROM user_totp WHERE tenant_id = 0 AND user_id = of_user;
    DELETE FROM user_recovery WHERE tenant_id = 0 AND user_id = of_user;
    INSERT INTO user_password AS p (tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier)
    VALUES (0, of_user, p_salt, p_time_cost, p_memory_kib, p_lanes, p_verifier)
    ON CONFLICT ON CONSTRAINT user_password_pk DO UPDATE SET salt = excluded.salt, time_cost = excluded.time_cost,
        memory_kib = excluded.memory_kib, lanes = excluded.lanes, verifier = excluded.verifier, set_at = now();
    RETURN of_user;
END
$$;

ALTER FUNCTION soquy.renew_password(p_tenant_id integer, p_invitation_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.revoke_roles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM role_holder AS held
    WHERE (held.tenant_id, held.association_id) IN (
        SELECT g.tenant_id, g.association_id FROM added JOIN role_grant AS g USING (tenant_id, grant_id)
        WHERE g.role = 'administrator')
    ORDER BY held.tenant_id, held.association_id, held.user_id
    FOR UPDATE;
    IF EXISTS (SELECT FROM added JOIN role_grant AS g USING (tenant_id, grant_id) LEFT JOIN book USING (tenant_id, association_id)
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'role.revoked', g.association_id, book.book_id,
                   jsonb_build_object('grant', type_id('gr', added.grant_id)))) THEN
        PERFORM refuse('role_revocation_leaf_given_rule', 'a role is taken back after the leaf that says so');
    END IF;
    UPDATE role_holder AS held
    SET roles = ARRAY(SELECT kept.role FROM unnest(held.roles) WITH ORDINALITY AS kept (role, position)
        WHERE kept.role <> ALL (gone.roles) ORDER BY kept.position)
    FROM (SELECT g.tenant_id, g.association_id, g.user_id, array_agg(g.role) AS roles
        FROM added JOIN role_grant AS g USING (tenant_id, grant_id) GROUP BY 1, 2, 3) AS gone
    WHERE held.tenant_id = gone.tenant_id AND held.association_id = gone.association_id AND held.user_id = gone.user_id;
    IF EXISTS (SELECT FROM added JOIN role_grant AS g USING (tenant_id, grant_id)
               WHERE g.role = 'administrator' AND NOT is_administered(g.association_id)) THEN
        PERFORM refuse('role_administrator_kept_rule', 'somebody administers every association, in it or above');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION soquy.revoke_roles() OWNER TO soquy_owner;

CREATE FUNCTION soquy.rights_in(p_user_id uuid, p_association_id uuid) RETURNS TABLE(role text, right_name text, reaches_below boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT DISTINCT r.role, r.right_name, r.reaches_below
    FROM line_above(p_association_id) AS above JOIN role_holder AS h USING (tenant_id, association_id)
    CROSS JOIN LATERAL unnest(roles_that_count(h.tenant_id, h.association_id, h.user_id, h.roles)) AS counting (role)
    JOIN role_right AS r USING (role)
    WHERE h.user_id = p_user_id AND (above.depth = 0 OR r.reaches_below)
$$;

ALTER FUNCTION soquy.rights_in(p_user_id uuid, p_association_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.roles_that_count(p_tenant_id integer, p_association_id uuid, p_user_id uuid, p_roles text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM role_separation WHERE first_role = ANY (p_roles) AND second_role = ANY (p_roles)) THEN
        RETURN p_roles;
    END IF;
    RETURN ARRAY(
        SELECT held.role FROM unnest(p_roles) WITH ORDINALITY AS held (role, position)
        WHERE NOT EXISTS (
            SELECT FROM role_separation AS s
            WHERE held.role IN (s.first_role, s.second_role)
                AND p_roles[:held.position - 1] && ARRAY[s.first_role, s.second_role]
                AND NOT EXISTS (
                    SELECT FROM role_exception AS e
                    WHERE e.tenant_id = p_tenant_id AND e.association_id = p_association_id
                        AND e.first_role = s.first_role AND e.second_role = s.second_role
                        AND e.until_on >= today() AND e.made_by <> p_user_id AND NOT EXISTS (
                            SELECT FROM role_exception_ending AS x
                            WHERE x.tenant_id = e.tenant_id AND x.exception_id = e.exception_id)))
        ORDER BY held.position);
END
$$;

ALTER FUNCTION soquy.roles_that_count(p_tenant_id integer, p_association_id uuid, p_user_id uuid, p_roles text[]) OWNER TO soquy_owner;

CREATE FUNCTION soquy.sessions_of(p_secret_hash bytea) RETURNS TABLE(session_id uuid, client text, begun_at timestamp with time zone, seen_at timestamp with time zone, is_by_pin boolean, is_this boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT s.session_id, s.client, s.begun_at, s.seen_at, s.device_id IS NOT NULL, s.session_id = mine.session_id
    FROM whole_session(p_secret_hash) AS mine JOIN user_session AS s ON s.tenant_id = 0 AND s.user_id = mine.user_id
    WHERE s.ended_at IS NULL AND now() < s.ends_at AND now() < s.seen_at + make_interval(secs => s.idle_seconds)
    ORDER BY s.seen_at DESC LIMIT 100
$$;

ALTER FUNCTION soquy.sessions_of(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.set_profile(p_secret_hash bytea, p_name text, p_language text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    UPDATE user_profile SET name = p_name, language = p_language
    WHERE tenant_id = 0 AND user_id = (whole_session(p_secret_hash)).user_id
$$;

ALTER FUNCTION soquy.set_profile(p_secret_hash bytea, p_name text, p_language text) OWNER TO soquy_owner;

CREATE FUNCTION soquy.set_recovery_codes(p_secret_hash bytea, p_code_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := whole_session(p_secret_hash);
BEGIN
    IF visit.strength = 1 OR cardinality(p_code_hashes) > 20 THEN
        PERFORM refuse('session_strength_rule', 'recovery codes are for who used an authenticator');
    END IF;
    DELETE FROM user_recovery WHERE tenant_id = 0 AND user_id = visit.user_id;
    INSERT INTO user_recovery (tenant_id, user_id, code_hash) SELECT 0, visit.user_id, code FROM unnest(p_code_hashes) AS code;
END
$$;

ALTER FUNCTION soquy.set_recovery_codes(p_secret_hash bytea, p_code_hashes bytea[]) OWNER TO soquy_owner;

CREATE FUNCTION soquy.spend_recovery_code(p_secret_hash bytea, p_new_hash bytea, p_code_hash bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := open_session(p_secret_hash);
BEGIN
    IF NOT EXISTS (SELECT FROM try_code(p_secret_hash, false)) THEN
        RETURN false;
    END IF;
    UPDATE user_recovery SET used_at = now()
    WHERE tenant_id = 0 AND user_id = visit.user_id AND code_hash = p_code_hash AND used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM raise_session(visit, p_new_hash);
    RETURN true;
END
$$;

ALTER FUNCTION soquy.spend_recovery_code(p_secret_hash bytea, p_new_hash bytea, p_code_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := open_session(p_secret_hash);
BEGIN
    UPDATE user_totp SET last_step = p_step
    WHERE tenant_id = 0 AND user_id = visit.user_id AND NOT is_pending AND last_step < p_step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM raise_session(visit, p_new_hash);
    RETURN true;
END
$$;

ALTER FUNCTION soquy.strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) OWNER TO soquy_owner;

CREATE FUNCTION soquy.take_book(p_tenant_id integer, p_book_id bigint, p_accounts text[] DEFAULT '{}'::text[], p_funds text[] DEFAULT '{}'::text[], p_more jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.take_book(p_tenant_id integer, p_book_id bigint, p_accounts text[], p_funds text[], p_more jsonb) OWNER TO soquy_owner;

CREATE FUNCTION soquy.take_invitation(p_tenant_id integer, p_secret_hash bytea) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    told jsonb := open_invitation(p_tenant_id, p_secret_hash);
BEGIN
    UPDATE invitation SET taken_at = now()
    WHERE tenant_id = p_tenant_id AND secret_hash = p_secret_hash AND told IS NOT NULL
        AND taken_at IS NULL AND withdrawn_at IS NULL AND expires_at > now();
    RETURN CASE WHEN FOUND THEN told END;
END
$$;

ALTER FUNCTION soquy.take_invitation(p_tenant_id integer, p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;

ALTER FUNCTION soquy.today() OWNER TO soquy_owner;

CREATE FUNCTION soquy.touch_session(p_secret_hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    UPDATE user_session SET seen_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id
$$;

ALTER FUNCTION soquy.touch_session(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.try_code(p_secret_hash bytea, p_is_pending boolean) RETURNS TABLE(user_id uuid, sealed bytea, last_step bigint, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    visit user_session := open_session(p_secret_hash);
BEGIN
    UPDATE user_session SET code_tries = code_tries - 1
    WHERE tenant_id = 0 AND session_id = visit.session_id AND code_tries > 0;
    IF NOT FOUND THEN
        UPDATE user_session SET ended_at = now() WHERE tenant_id = 0 AND session_id = visit.session_id;
        RETURN;
    END IF;
    RETURN QUERY SELECT t.user_id, t.sealed, t.last_step, k.key_id, k.wrapped, k.kek_id
        FROM user_totp AS t JOIN data_key AS k ON k.tenant_id = 0 AND k.key_id = t.key_id
        WHERE t.tenant_id = 0 AND t.user_id = visit.user_id AND t.is_pending = p_is_pending;
END
$$;

ALTER FUNCTION soquy.try_code(p_secret_hash bytea, p_is_pending boolean) OWNER TO soquy_owner;

CREATE FUNCTION soquy.turn_out(p_user_id uuid, p_session_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND user_id = p_user_id AND ended_at IS NULL AND session_id IS DISTINCT FROM p_session_id;
    UPDATE user_device SET ended_at = now() WHERE tenant_id = 0 AND user_id = p_user_id AND ended_at IS NULL;
$$;

ALTER FUNCTION soquy.turn_out(p_user_id uuid, p_session_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.type_id(prefix text, id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        substring(bits FROM 1 + 5 * place FOR 5)::bit(5)::integer + 1, 1), '' ORDER BY place)
    FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) AS number
    CROSS JOIN generate_series(0, 25) AS place
$$;

ALTER FUNCTION soquy.type_id(prefix text, id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.use_approval(p_tenant_id integer, p_book_id bigint, p_action text, p_subject_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.use_approval(p_tenant_id integer, p_book_id bigint, p_action text, p_subject_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.use_proposals(p_tenant_ids integer[], p_book_ids bigint[], p_seqs bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'soquy', 'pg_temp'
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

ALTER FUNCTION soquy.use_proposals(p_tenant_ids integer[], p_book_ids bigint[], p_seqs bigint[]) OWNER TO soquy_owner;

CREATE FUNCTION soquy.user_names(p_user_ids uuid[]) RETURNS TABLE(user_id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
    SELECT u.user_id, u.name FROM user_profile AS u
    WHERE u.tenant_id = 0 AND u.user_id = ANY (p_user_ids) AND EXISTS (
        SELECT FROM role_holder AS h WHERE h.tenant_id = current_tenant() AND h.user_id = u.user_id)
    LIMIT 1000
$$;

ALTER FUNCTION soquy.user_names(p_user_ids uuid[]) OWNER TO soquy_owner;

CREATE TABLE soquy.invitation (
    tenant_id integer NOT NULL,
    invitation_id uuid NOT NULL,
    association_id uuid NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    secret_hash bytea NOT NULL,
    invited_by uuid,
    invited_by_prefix text COLLATE pg_catalog."C",
    invited_as text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    taken_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    CONSTRAINT invitation_end_check CHECK (((taken_at IS NULL) OR (withdrawn_at IS NULL))),
    CONSTRAINT invitation_expires_range_check CHECK ((expires_at <= (created_at + '8 days'::interval))),
    CONSTRAINT invitation_hash_size_check CHECK ((octet_length(secret_hash) = 32)),
    CONSTRAINT invitation_invited_by_check CHECK (((invited_by_prefix = ANY (ARRAY['us'::text, 'tk'::text])) AND ((invited_by IS NULL) = (invited_by_prefix IS NULL)))),
    CONSTRAINT invitation_purpose_check CHECK (((purpose = ANY (ARRAY['role'::text, 'password'::text])) AND ((purpose = 'role'::text) = (role IS NOT NULL))))
);

ALTER TABLE soquy.invitation OWNER TO soquy_owner;

CREATE FUNCTION soquy.vouches(p_made soquy.invitation, p_user_id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN p_made.invited_by IS NULL THEN true
        WHEN p_made.purpose = 'password' THEN p_made.invited_by_prefix = 'us' AND may_renew(p_made.invited_by, p_user_id)
        WHEN p_made.invited_by_prefix = 'us' THEN EXISTS (
            SELECT FROM rights_in(p_made.invited_by, p_made.association_id) AS r WHERE r.right_name = 'member')
        ELSE EXISTS (
            SELECT FROM api_token AS t WHERE t.tenant_id IN (0, p_made.tenant_id) AND t.token_id = p_made.invited_by
                AND 'member' = ANY (t.rights) AND t.expires_at > now() AND NOT EXISTS (
                    SELECT FROM token_revocation AS r WHERE r.tenant_id = t.tenant_id AND r.token_id = t.token_id))
    END
$$;

ALTER FUNCTION soquy.vouches(p_made soquy.invitation, p_user_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION soquy.whole_session(p_secret_hash bytea) RETURNS vault.user_session
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
    AS $$
DECLARE
    visit user_session := open_session(p_secret_hash);
BEGIN
    IF visit.session_id IS NULL OR is_half(visit) THEN
        PERFORM refuse('session_open_rule', 'nobody is signed in with this secret');
    END IF;
    RETURN visit;
END
$$;

ALTER FUNCTION soquy.whole_session(p_secret_hash bytea) OWNER TO soquy_owner;

CREATE FUNCTION soquy.withdraw_invitation(p_tenant_id integer, p_association_id uuid, p_invitation_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM current_tenant() THEN
        PERFORM refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE invitation SET withdrawn_at = now()
    WHERE tenant_id = p_tenant_id AND association_id = p_association_id AND invitation_id = p_invitation_id
        AND taken_at IS NULL AND withdrawn_at IS NULL;
    RETURN FOUND;
END
$$;

ALTER FUNCTION soquy.withdraw_invitation(p_tenant_id integer, p_association_id uuid, p_invitation_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.change_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_version integer, p_changes jsonb, p_principal_id uuid) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.change_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_version integer, p_changes jsonb, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.change_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_version integer, p_kind text, p_name text, p_search_key text, p_sort_key text, p_country text, p_birth_year smallint, p_principal_id uuid) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    UPDATE person SET kind = p_kind, name = p_name, search_key = p_search_key, sort_key = p_sort_key,
        country = p_country, birth_year = p_birth_year, version = version + 1, changed_by = p_principal_id,
        changed_at = now()
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND person_id = p_person_id AND version = p_version AND merged_into IS NULL
    RETURNING version
$$;

ALTER FUNCTION vault.change_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_version integer, p_kind text, p_name text, p_search_key text, p_sort_key text, p_country text, p_birth_year smallint, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.check_consent_withdrawals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.check_consent_withdrawals() OWNER TO soquy_owner;

CREATE FUNCTION vault.check_consents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.check_consents() OWNER TO soquy_owner;

CREATE FUNCTION vault.check_guardianship() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.check_guardianship() OWNER TO soquy_owner;

CREATE FUNCTION vault.check_intake_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.check_intake_lines() OWNER TO soquy_owner;

CREATE FUNCTION vault.check_intake_pages() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN intake AS i ON i.tenant_id = added.tenant_id AND i.intake_id = added.intake_id
               WHERE i.state IS DISTINCT FROM 'uploaded') THEN
        PERFORM soquy.refuse('intake_page_state_rule', 'pages come while a file is being read');
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION vault.check_intake_pages() OWNER TO soquy_owner;

CREATE FUNCTION vault.check_intake_step() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.check_intake_step() OWNER TO soquy_owner;

CREATE FUNCTION vault.clear_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_with_pages boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.clear_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_with_pages boolean) OWNER TO soquy_owner;

CREATE FUNCTION vault.correct_contributor(p_tenant_id integer, p_book_id bigint, p_contribution_id uuid, p_event_id uuid, p_name text, p_detail text, p_search_key text, p_sort_key text, p_person_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION vault.correct_contributor(p_tenant_id integer, p_book_id bigint, p_contribution_id uuid, p_event_id uuid, p_name text, p_detail text, p_search_key text, p_sort_key text, p_person_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.count_claims_elsewhere(p_program text, p_period text, p_identities bytea[]) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT count(DISTINCT c.identity) FROM award_claim AS c
    JOIN soquy.award AS w ON w.tenant_id = c.tenant_id AND w.award_id = c.award_id
    WHERE c.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t WHERE t.tenant_id <> soquy.current_tenant()))
        AND c.program = p_program AND c.period = p_period AND c.identity = ANY (p_identities)
        AND NOT soquy.is_award_list_over(w.tenant_id, w.list_id)
$$;

ALTER FUNCTION vault.count_claims_elsewhere(p_program text, p_period text, p_identities bytea[]) OWNER TO soquy_owner;

CREATE FUNCTION vault.decide_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_decision_id uuid, p_rows integer[], p_is_left_out boolean, p_reason text, p_principal_id uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.decide_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_decision_id uuid, p_rows integer[], p_is_left_out boolean, p_reason text, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.destroy_request_keys(p_tenant_id integer, p_as_of date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
DECLARE
    destroyed bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    DELETE FROM data_key
    WHERE tenant_id = p_tenant_id AND purpose = 'request' AND make_date(year, 12, 31) + 400 < p_as_of;
    GET DIAGNOSTICS destroyed = ROW_COUNT;
    RETURN destroyed;
END
$$;

ALTER FUNCTION vault.destroy_request_keys(p_tenant_id integer, p_as_of date) OWNER TO soquy_owner;

CREATE FUNCTION vault.destroy_subject_keys(p_tenant_id integer, p_subject_ids uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.destroy_subject_keys(p_tenant_id integer, p_subject_ids uuid[]) OWNER TO soquy_owner;

CREATE FUNCTION vault.end_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.end_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.find_receipt(p_code text) RETURNS TABLE(tenant_id integer, book_id bigint, association_id uuid, contribution_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT c.tenant_id, c.book_id, b.association_id, c.contribution_id
    FROM receipt_code AS r
    JOIN soquy.contribution AS c USING (tenant_id, contribution_id)
    JOIN soquy.book AS b USING (tenant_id, book_id)
    WHERE r.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t)) AND r.code = p_code
    LIMIT 1
$$;

ALTER FUNCTION vault.find_receipt(p_code text) OWNER TO soquy_owner;

CREATE FUNCTION vault.intake_pages(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_pages integer[]) RETURNS TABLE(page integer, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT p.page, p.sealed, k.key_id, k.wrapped, k.kek_id
    FROM intake_page AS p
    JOIN intake AS i ON i.tenant_id = p.tenant_id AND i.intake_id = p.intake_id AND i.book_id = p_book_id
    JOIN data_key AS k ON k.tenant_id = p.tenant_id AND k.key_id = p.key_id
    WHERE p.tenant_id = p_tenant_id AND p.tenant_id = soquy.current_tenant() AND p.intake_id = p_intake_id
        AND p.page = ANY (p_pages)
    ORDER BY p.page
$$;

ALTER FUNCTION vault.intake_pages(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_pages integer[]) OWNER TO soquy_owner;

CREATE FUNCTION vault.is_asked_too(p_birth_year smallint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'vault', 'pg_temp'
    AS $$ SELECT coalesce(extract(YEAR FROM soquy.today()) >= p_birth_year + 7, true) $$;

ALTER FUNCTION vault.is_asked_too(p_birth_year smallint) OWNER TO soquy_owner;

CREATE FUNCTION vault.is_minor(p_birth_year smallint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'vault', 'pg_temp'
    AS $$ SELECT coalesce(extract(YEAR FROM soquy.today()) <= p_birth_year + 18, false) $$;

ALTER FUNCTION vault.is_minor(p_birth_year smallint) OWNER TO soquy_owner;

CREATE FUNCTION vault.keep_through(p_retention text, p_fiscal_year integer, p_as_of date) RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT make_date(p_fiscal_year + max(years), 12, 31) FROM retention_class
    WHERE retention = p_retention AND valid_from <= p_as_of AND (valid_to IS NULL OR p_as_of < valid_to)
$$;

ALTER FUNCTION vault.keep_through(p_retention text, p_fiscal_year integer, p_as_of date) OWNER TO soquy_owner;

CREATE FUNCTION vault.kek_ids() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$ SELECT DISTINCT kek_id FROM data_key ORDER BY 1 LIMIT 10 $$;

ALTER FUNCTION vault.kek_ids() OWNER TO soquy_owner;

CREATE FUNCTION vault.lock_keys() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$ LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE $$;

ALTER FUNCTION vault.lock_keys() OWNER TO soquy_owner;

CREATE FUNCTION vault.mark_intake_twins(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_rows integer[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.mark_intake_twins(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_rows integer[]) OWNER TO soquy_owner;

CREATE FUNCTION vault.merge_people(p_tenant_id integer, p_book_id bigint, p_kept_id uuid, p_merged_id uuid, p_principal_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.merge_people(p_tenant_id integer, p_book_id bigint, p_kept_id uuid, p_merged_id uuid, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.move_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_state text, p_reason text, p_seq bigint, p_by text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.move_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_state text, p_reason text, p_seq bigint, p_by text) OWNER TO soquy_owner;

CREATE FUNCTION vault.open_document(p_tenant_id integer, p_book_id bigint, p_document_id uuid, p_purpose text, p_principal_id uuid) RETURNS TABLE(sealed bytea, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.open_document(p_tenant_id integer, p_book_id bigint, p_document_id uuid, p_purpose text, p_principal_id uuid) OWNER TO soquy_owner;

CREATE TABLE vault.intake (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'uploaded'::text NOT NULL COLLATE pg_catalog."C",
    version integer DEFAULT 1 NOT NULL,
    form text NOT NULL COLLATE pg_catalog."C",
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
    uploaded_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT intake_again_reason_length_check CHECK (((length(again_reason) >= 1) AND (length(again_reason) <= 500))),
    CONSTRAINT intake_facts_given_check CHECK (((state <> ALL (ARRAY['ready'::text, 'posting'::text, 'posted'::text, 'reversed'::text])) OR (facts IS NOT NULL))),
    CONSTRAINT intake_form_check CHECK ((form = ANY (ARRAY['xlsx'::text, 'xls'::text, 'ods'::text, 'csv'::text]))),
    CONSTRAINT intake_json_size_check CHECK (((length((outline)::text) <= 400000) AND (length((mapping)::text) <= 40000) AND (length((facts)::text) <= 8000) AND (length((alike)::text) <= 8000) AND (length((problem)::text) <= 400000))),
    CONSTRAINT intake_kind_check CHECK ((kind = ANY (ARRAY['salary'::text, 'household'::text, 'contribution'::text]))),
    CONSTRAINT intake_mapping_given_check CHECK (((state <> ALL (ARRAY['mapped'::text, 'ready'::text, 'posting'::text, 'posted'::text, 'reversed'::text])) OR (mapping IS NOT NULL))),
    CONSTRAINT intake_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT intake_outline_given_check CHECK (((state = ANY (ARRAY['uploaded'::text, 'unreadable'::text, 'discarded'::text])) OR (outline IS NOT NULL))),
    CONSTRAINT intake_state_check CHECK ((state = ANY (ARRAY['uploaded'::text, 'unreadable'::text, 'read'::text, 'mapped'::text, 'ready'::text, 'posting'::text, 'posted'::text, 'reversed'::text, 'discarded'::text])))
);

ALTER TABLE vault.intake OWNER TO soquy_owner;

CREATE FUNCTION vault.open_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid) RETURNS SETOF vault.intake
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT * FROM intake
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND intake_id = p_intake_id
    FOR NO KEY UPDATE
$$;

ALTER FUNCTION vault.open_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.open_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) RETURNS TABLE(field text, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.open_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.open_values(p_tenant_id integer, p_event_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) RETURNS TABLE(field text, value text, sealed bytea, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.open_values(p_tenant_id integer, p_event_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.paper_key(p_tenant_id integer, p_paper_id uuid) RETURNS TABLE(key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id
        FROM soquy.paper AS p JOIN data_key AS k ON k.tenant_id = p.tenant_id AND k.key_id = p.key_id
        WHERE p.tenant_id = p_tenant_id AND p.paper_id = p_paper_id AND k.purpose = 'value';
END
$$;

ALTER FUNCTION vault.paper_key(p_tenant_id integer, p_paper_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.part_people(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_principal_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    UPDATE person SET merged_into = NULL, version = version + 1, changed_by = p_principal_id, changed_at = now()
    WHERE tenant_id = p_tenant_id AND tenant_id = soquy.current_tenant() AND book_id = p_book_id
        AND person_id = p_person_id AND merged_into IS NOT NULL;
    RETURN FOUND;
END
$$;

ALTER FUNCTION vault.part_people(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.put_details(p_tenant_id integer, p_book_id bigint, p_person_ids uuid[], p_fields text[], p_sealed bytea[], p_key_ids uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.put_details(p_tenant_id integer, p_book_id bigint, p_person_ids uuid[], p_fields text[], p_sealed bytea[], p_key_ids uuid[]) OWNER TO soquy_owner;

CREATE FUNCTION vault.receipt_fields(p_tenant_id integer, p_event_id uuid, p_principal_id uuid) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'soquy', 'vault', 'pg_temp'
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

ALTER FUNCTION vault.receipt_fields(p_tenant_id integer, p_event_id uuid, p_principal_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.records_of(p_tenant_id integer, p_person_id uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
    SELECT p.person_id FROM person AS p
    JOIN person AS asked ON asked.tenant_id = p.tenant_id AND asked.person_id = p_person_id
    WHERE p.tenant_id = p_tenant_id AND p.tenant_id = soquy.current_tenant()
        AND coalesce(p.merged_into, p.person_id) = coalesce(asked.merged_into, asked.person_id)
$$;

ALTER FUNCTION vault.records_of(p_tenant_id integer, p_person_id uuid) OWNER TO soquy_owner;

CREATE FUNCTION vault.renew_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid, p_relation text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.renew_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid, p_relation text) OWNER TO soquy_owner;

CREATE FUNCTION vault.request_keys(p_tenant_id integer) RETURNS TABLE(key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id FROM data_key AS k
        WHERE k.tenant_id = p_tenant_id AND k.purpose = 'request' ORDER BY k.created_at DESC LIMIT 20;
END
$$;

ALTER FUNCTION vault.request_keys(p_tenant_id integer) OWNER TO soquy_owner;

CREATE FUNCTION vault.retire_keys(p_tenant_id integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
DECLARE
    retired bigint;
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE data_key SET retired_at = now()
    WHERE tenant_id = p_tenant_id AND retired_at IS NULL AND purpose <> 'identity';
    GET DIAGNOSTICS retired = ROW_COUNT;
    RETURN retired;
END
$$;

ALTER FUNCTION vault.retire_keys(p_tenant_id integer) OWNER TO soquy_owner;

CREATE FUNCTION vault.rewrap_key(p_tenant_id integer, p_key_id uuid, p_was bytea, p_wrapped bytea, p_kek_id text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    UPDATE data_key SET wrapped = p_wrapped, kek_id = p_kek_id
    WHERE tenant_id = p_tenant_id AND key_id = p_key_id AND wrapped = p_was;
    RETURN FOUND;
END
$$;

ALTER FUNCTION vault.rewrap_key(p_tenant_id integer, p_key_id uuid, p_was bytea, p_wrapped bytea, p_kek_id text) OWNER TO soquy_owner;

CREATE FUNCTION vault.rewrap_keys(p_tenant_id integer, p_key_ids uuid[], p_were bytea[], p_wrapped bytea[], p_kek_id text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.rewrap_keys(p_tenant_id integer, p_key_ids uuid[], p_were bytea[], p_wrapped bytea[], p_kek_id text) OWNER TO soquy_owner;

CREATE FUNCTION vault.save_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_body jsonb, p_line_count integer, p_by text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.save_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_body jsonb, p_line_count integer, p_by text) OWNER TO soquy_owner;

CREATE FUNCTION vault.use_identity_key(p_key_id uuid, p_wrapped bytea, p_kek_id text) RETURNS TABLE(key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.use_identity_key(p_key_id uuid, p_wrapped bytea, p_kek_id text) OWNER TO soquy_owner;

CREATE FUNCTION vault.use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text) RETURNS TABLE(key_id uuid, wrapped bytea, kek_id text, is_settled boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    this_year smallint := extract(YEAR FROM soquy.today());
BEGIN
    IF p_tenant_id IS DISTINCT FROM soquy.current_tenant() THEN
        PERFORM soquy.refuse('tenant_isolation', 'this transaction works in another tenant');
    END IF;
    FOR attempt IN 1..2 LOOP
        RETURN QUERY SELECT k.key_id, k.wrapped, k.kek_id, k.made_in <> pg_current_xact_id()
            FROM data_key AS k
            WHERE k.tenant_id = p_tenant_id AND k.purpose = p_purpose AND k.year = this_year
                AND k.subject_id IS NULL AND k.retired_at IS NULL;
        EXIT WHEN FOUND;
        INSERT INTO data_key (tenant_id, key_id, purpose, year, wrapped, kek_id)
        VALUES (p_tenant_id, p_key_id, p_purpose, this_year, p_wrapped, p_kek_id)
        ON CONFLICT (tenant_id, purpose, year) WHERE subject_id IS NULL AND retired_at IS NULL DO NOTHING;
    END LOOP;
END
$$;

ALTER FUNCTION vault.use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text) OWNER TO soquy_owner;

CREATE FUNCTION vault.use_subject_keys(p_tenant_id integer, p_subject_ids uuid[], p_key_ids uuid[], p_wrapped bytea[], p_kek_id text) RETURNS TABLE(subject_id uuid, key_id uuid, wrapped bytea, kek_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'vault', 'pg_temp'
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

ALTER FUNCTION vault.use_subject_keys(p_tenant_id integer, p_subject_ids uuid[], p_key_ids uuid[], p_wrapped bytea[], p_kek_id text) OWNER TO soquy_owner;

CREATE TABLE soquy.account (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    side text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    currency text DEFAULT 'VND'::text NOT NULL COLLATE pg_catalog."C",
    is_parent boolean DEFAULT false NOT NULL,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    closed_event_id uuid,
    CONSTRAINT account_closed_event_check CHECK (((closed_on IS NULL) = (closed_event_id IS NULL))),
    CONSTRAINT account_closed_order_check CHECK ((closed_on >= opened_on)),
    CONSTRAINT account_code_format_check CHECK ((account ~ '^[0-9]{3,5}[A-Z0-9]{0,8}$'::text)),
    CONSTRAINT account_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)))),
    CONSTRAINT account_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED))),
    CONSTRAINT account_parent_prefix_check CHECK ((starts_with(account, parent) AND (account <> parent))),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['cash'::text, 'bank'::text, 'fund'::text, 'other'::text]))),
    CONSTRAINT account_side_check CHECK ((side = ANY (ARRAY['D'::text, 'C'::text])))
);

ALTER TABLE soquy.account OWNER TO soquy_owner;

CREATE TABLE soquy.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE soquy.api_token (
    tenant_id integer NOT NULL,
    token_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    label text NOT NULL,
    rights text[] NOT NULL,
    association_ids uuid[] NOT NULL,
    reaches_below boolean NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT api_token_hash_size_check CHECK ((octet_length(secret_hash) = 32)),
    CONSTRAINT api_token_label_length_check CHECK (((length(label) >= 1) AND (length(label) <= 100))),
    CONSTRAINT api_token_rights_check CHECK (((cardinality(rights) >= 1) AND (rights <@ ARRAY['read'::text, 'collect'::text, 'people'::text, 'propose'::text, 'approve'::text, 'pay'::text, 'post'::text, 'lock'::text, 'chart'::text, 'found'::text, 'member'::text, 'token'::text, 'inspect'::text]))),
    CONSTRAINT api_token_scope_size_check CHECK ((cardinality(association_ids) <= 1000))
);

ALTER TABLE soquy.api_token OWNER TO soquy_owner;

CREATE TABLE soquy.approval (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    subject_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    roles text[] NOT NULL,
    is_ordered boolean NOT NULL,
    drafted_by uuid,
    expires_on date NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT approval_amount_range_check CHECK (((amount_minor >= 0) AND (amount_minor <= '9007199254740991'::bigint)))
);

ALTER TABLE soquy.approval OWNER TO soquy_owner;

CREATE TABLE soquy.approval_action (
    action text NOT NULL COLLATE pg_catalog."C",
    prefix text NOT NULL COLLATE pg_catalog."C",
    roles text[] NOT NULL,
    is_ordered boolean NOT NULL,
    days smallint NOT NULL,
    floor text[] NOT NULL,
    CONSTRAINT approval_action_floor_check CHECK ((floor <@ roles))
);

ALTER TABLE soquy.approval_action OWNER TO soquy_owner;

CREATE TABLE soquy.approval_decision (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    step smallint NOT NULL,
    book_id bigint NOT NULL,
    is_granted boolean NOT NULL,
    user_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.approval_decision OWNER TO soquy_owner;

CREATE TABLE soquy.approval_policy (
    tenant_id integer NOT NULL,
    policy_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    from_minor bigint NOT NULL,
    roles text[] NOT NULL,
    is_ordered boolean NOT NULL,
    days smallint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT approval_policy_days_range_check CHECK (((days >= 1) AND (days <= 180))),
    CONSTRAINT approval_policy_from_range_check CHECK (((from_minor >= 0) AND (from_minor <= '9007199254740991'::bigint))),
    CONSTRAINT approval_policy_roles_count_check CHECK ((((cardinality(roles) >= 1) AND (cardinality(roles) <= 5)) AND (array_position(roles, NULL::text) IS NULL)))
);

ALTER TABLE soquy.approval_policy OWNER TO soquy_owner;

CREATE TABLE soquy.approval_use (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.approval_use OWNER TO soquy_owner;

CREATE TABLE soquy.approval_withdrawal (
    tenant_id integer NOT NULL,
    approval_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.approval_withdrawal OWNER TO soquy_owner;

CREATE TABLE soquy.association (
    tenant_id integer NOT NULL,
    association_id uuid NOT NULL,
    parent_tenant_id integer,
    parent_id uuid,
    kind text NOT NULL COLLATE pg_catalog."C",
    level text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text,
    unit_code text COLLATE pg_catalog."C",
    founded_on date NOT NULL,
    closed_on date,
    is_sample boolean DEFAULT false NOT NULL,
    event_id uuid NOT NULL,
    closed_event_id uuid,
    CONSTRAINT association_closed_event_check CHECK (((closed_on IS NULL) = (closed_event_id IS NULL))),
    CONSTRAINT association_closed_order_check CHECK ((closed_on >= founded_on)),
    CONSTRAINT association_founded_range_check CHECK (((founded_on >= '1900-01-01'::date) AND (founded_on <= '2999-12-31'::date))),
    CONSTRAINT association_kind_format_check CHECK ((kind ~ '^[a-z][a-z0-9-]{0,39}$'::text)),
    CONSTRAINT association_level_check CHECK ((level = ANY (ARRAY['nation'::text, 'province'::text, 'district'::text, 'commune'::text, 'chapter'::text]))),
    CONSTRAINT association_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)))),
    CONSTRAINT association_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED))),
    CONSTRAINT association_parent_pair_check CHECK (((parent_id IS NULL) = (parent_tenant_id IS NULL))),
    CONSTRAINT association_parent_self_check CHECK ((parent_id <> association_id))
);

ALTER TABLE soquy.association OWNER TO soquy_owner;

CREATE TABLE soquy.attachment (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    target_id uuid NOT NULL,
    is_entry boolean NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    document_id uuid,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attachment_kind_check CHECK ((kind = ANY (ARRAY['voucher'::text, 'list'::text, 'receipt'::text, 'decision'::text, 'minutes'::text, 'contract'::text, 'statement'::text, 'consent'::text, 'photo'::text, 'other'::text])))
);

ALTER TABLE soquy.attachment OWNER TO soquy_owner;

CREATE TABLE soquy.attachment_disowning (
    tenant_id integer NOT NULL,
    attachment_id uuid NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.attachment_disowning OWNER TO soquy_owner;

CREATE TABLE soquy.audit_entry (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    association_id uuid,
    book_id bigint,
    book_seq bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    leaf bytea NOT NULL,
    CONSTRAINT audit_entry_leaf_size_check CHECK (((octet_length(leaf) >= 2) AND (octet_length(leaf) <= 65535))),
    CONSTRAINT audit_entry_seq_given_check CHECK ((((type = 'entry'::text) = (book_seq IS NOT NULL)) AND ((book_seq IS NULL) OR (book_id IS NOT NULL))))
);

ALTER TABLE soquy.audit_entry OWNER TO soquy_owner;

CREATE TABLE soquy.audit_pending (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    pending_no bigint NOT NULL
);

ALTER TABLE soquy.audit_pending OWNER TO soquy_owner;

ALTER TABLE soquy.audit_pending ALTER COLUMN pending_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME soquy.audit_pending_pending_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE soquy.award (
    tenant_id integer NOT NULL,
    award_id uuid NOT NULL,
    book_id bigint NOT NULL,
    list_id uuid NOT NULL,
    line integer NOT NULL,
    line_count integer NOT NULL,
    amount_minor bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT award_amount_range_check CHECK (((amount_minor >= 1) AND (amount_minor <= '9007199254740991'::bigint))),
    CONSTRAINT award_line_range_check CHECK ((((line >= 1) AND (line <= line_count)) AND (line_count <= 10000)))
);

ALTER TABLE soquy.award OWNER TO soquy_owner;

CREATE TABLE soquy.award_collection (
    tenant_id integer NOT NULL,
    award_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    is_proxy boolean NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.award_collection OWNER TO soquy_owner;

CREATE TABLE soquy.award_decision (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    decided_on date NOT NULL,
    number text COLLATE pg_catalog."C",
    year smallint GENERATED ALWAYS AS (EXTRACT(year FROM decided_on)) STORED NOT NULL,
    number_key text GENERATED ALWAYS AS (translate(upper(regexp_replace(number, '[[:space:]]'::text, ''::text, 'g'::text)), 'àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ'::text, 'ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ'::text)) STORED COLLATE pg_catalog."C",
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT award_decision_day_range_check CHECK (((decided_on >= '2000-01-01'::date) AND (decided_on <= '2999-12-31'::date))),
    CONSTRAINT award_decision_number_length_check CHECK (((length(number) >= 1) AND (length(number) <= 60))),
    CONSTRAINT award_decision_number_nfc_check CHECK ((number IS NFC NORMALIZED))
);

ALTER TABLE soquy.award_decision OWNER TO soquy_owner;

CREATE TABLE soquy.award_list (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    round_id uuid NOT NULL,
    version smallint NOT NULL,
    award_count integer NOT NULL,
    total_minor bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT award_list_count_range_check CHECK (((award_count >= 1) AND (award_count <= 10000))),
    CONSTRAINT award_list_total_range_check CHECK (((total_minor >= 1) AND (total_minor <= '9007199254740991'::bigint))),
    CONSTRAINT award_list_version_range_check CHECK (((version >= 1) AND (version <= 1000)))
);

ALTER TABLE soquy.award_list OWNER TO soquy_owner;

CREATE TABLE soquy.award_list_withdrawal (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.award_list_withdrawal OWNER TO soquy_owner;

CREATE TABLE soquy.award_payment (
    tenant_id integer NOT NULL,
    list_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.award_payment OWNER TO soquy_owner;

CREATE TABLE soquy.award_round (
    tenant_id integer NOT NULL,
    round_id uuid NOT NULL,
    book_id bigint NOT NULL,
    program text NOT NULL COLLATE pg_catalog."C",
    year smallint NOT NULL,
    period text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    collect_by date NOT NULL,
    name_vi text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT award_round_name_length_check CHECK (((length(name_vi) >= 1) AND (length(name_vi) <= 200))),
    CONSTRAINT award_round_name_nfc_check CHECK ((name_vi IS NFC NORMALIZED)),
    CONSTRAINT award_round_period_format_check CHECK ((period ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text))
);

ALTER TABLE soquy.award_round OWNER TO soquy_owner;

CREATE TABLE soquy.award_sitting (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    list_id uuid NOT NULL,
    collected_count integer NOT NULL,
    proxy_count integer NOT NULL,
    total_minor bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT award_sitting_count_range_check CHECK ((((collected_count >= 1) AND (collected_count <= 10000)) AND ((proxy_count >= 0) AND (proxy_count <= collected_count)))),
    CONSTRAINT award_sitting_total_range_check CHECK (((total_minor >= 1) AND (total_minor <= '9007199254740991'::bigint)))
);

ALTER TABLE soquy.award_sitting OWNER TO soquy_owner;

CREATE TABLE soquy.balance_key (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE soquy.balance_key OWNER TO soquy_owner;

CREATE TABLE soquy.bank_account (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    bank_bin text COLLATE pg_catalog."C",
    number text COLLATE pg_catalog."C",
    holder text,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT bank_account_bank_bin_format_check CHECK ((bank_bin ~ '^[0-9]{6}$'::text)),
    CONSTRAINT bank_account_given_check CHECK ((num_nulls(bank_bin, number, holder) = ANY (ARRAY[0, 3]))),
    CONSTRAINT bank_account_holder_length_check CHECK (((length(holder) >= 1) AND (length(holder) <= 200))),
    CONSTRAINT bank_account_holder_nfc_check CHECK ((holder IS NFC NORMALIZED)),
    CONSTRAINT bank_account_number_format_check CHECK ((number ~ '^[0-9A-Za-z]{1,19}$'::text)),
    CONSTRAINT bank_account_version_range_check CHECK ((version >= 1))
);

ALTER TABLE soquy.bank_account OWNER TO soquy_owner;

CREATE TABLE soquy.block_closing (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    event_id uuid NOT NULL,
    returned_from integer,
    used_count integer NOT NULL,
    voided_count integer NOT NULL,
    returned_count integer NOT NULL,
    missing_count integer NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.block_closing OWNER TO soquy_owner;

CREATE TABLE soquy.block_void (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    number integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.block_void OWNER TO soquy_owner;

CREATE TABLE soquy.book (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    association_id uuid NOT NULL,
    chart text NOT NULL COLLATE pg_catalog."C",
    currency text DEFAULT 'VND'::text NOT NULL COLLATE pg_catalog."C",
    opened_on date NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT book_currency_check CHECK ((currency = 'VND'::text))
);

ALTER TABLE soquy.book OWNER TO soquy_owner;

ALTER TABLE soquy.book ALTER COLUMN book_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME soquy.book_book_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE soquy.book_head (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    posted_seq bigint DEFAULT 0 NOT NULL,
    locked_through date,
    taken_by xid8,
    CONSTRAINT book_head_last_seq_range_check CHECK ((last_seq >= 0))
)
WITH (fillfactor='40');

ALTER TABLE soquy.book_head OWNER TO soquy_owner;

CREATE TABLE soquy.campaign (
    tenant_id integer NOT NULL,
    campaign text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    CONSTRAINT campaign_closed_order_check CHECK ((closed_on >= opened_on)),
    CONSTRAINT campaign_code_format_check CHECK ((campaign ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text)),
    CONSTRAINT campaign_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)))),
    CONSTRAINT campaign_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED)))
);

ALTER TABLE soquy.campaign OWNER TO soquy_owner;

CREATE TABLE soquy.channel (
    channel text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text NOT NULL
);

ALTER TABLE soquy.channel OWNER TO soquy_owner;

CREATE TABLE soquy.chart (
    chart text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    is_sample boolean NOT NULL,
    CONSTRAINT chart_valid_order_check CHECK (((valid_to IS NULL) OR (valid_to >= valid_from)))
);

ALTER TABLE soquy.chart OWNER TO soquy_owner;

CREATE TABLE soquy.chart_account (
    chart text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    side text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT chart_account_role_check CHECK ((role = ANY (ARRAY['cash'::text, 'bank'::text, 'fund'::text, 'other'::text]))),
    CONSTRAINT chart_account_side_check CHECK ((side = ANY (ARRAY['D'::text, 'C'::text])))
);

ALTER TABLE soquy.chart_account OWNER TO soquy_owner;

CREATE TABLE soquy.collection (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line_count integer NOT NULL,
    declared_count integer,
    declared_minor bigint,
    source text NOT NULL COLLATE pg_catalog."C",
    file_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT collection_declared_given_check CHECK ((num_nulls(declared_count, declared_minor) = ANY (ARRAY[0, 2]))),
    CONSTRAINT collection_declared_range_check CHECK ((((declared_count >= 1) AND (declared_count <= 100000)) AND ((declared_minor >= 1) AND (declared_minor <= '9007199254740991'::bigint)))),
    CONSTRAINT collection_file_given_check CHECK (((source = 'file'::text) = (file_id IS NOT NULL))),
    CONSTRAINT collection_line_count_range_check CHECK (((line_count >= 1) AND (line_count <= 100000))),
    CONSTRAINT collection_source_check CHECK ((source = ANY (ARRAY['hand'::text, 'drive'::text, 'file'::text])))
);

ALTER TABLE soquy.collection OWNER TO soquy_owner;

CREATE TABLE soquy.contribution (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line integer NOT NULL,
    line_count integer NOT NULL,
    amount_minor bigint,
    wish text NOT NULL COLLATE pg_catalog."C",
    has_donor boolean NOT NULL,
    earmark text COLLATE pg_catalog."C",
    pledge_id uuid,
    block_id uuid,
    paper_number integer,
    paper_use smallint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contribution_amount_range_check CHECK (((amount_minor >= 1) AND (amount_minor <= '9007199254740991'::bigint))),
    CONSTRAINT contribution_line_range_check CHECK ((((line >= 1) AND (line <= line_count)) AND (line_count <= 100000))),
    CONSTRAINT contribution_paper_given_check CHECK ((num_nulls(block_id, paper_number, paper_use) = ANY (ARRAY[0, 3]))),
    CONSTRAINT contribution_wish_check CHECK ((wish = ANY (ARRAY['named'::text, 'anonymous'::text])))
);

ALTER TABLE soquy.contribution OWNER TO soquy_owner;

CREATE TABLE soquy.currency (
    currency text NOT NULL COLLATE pg_catalog."C",
    minor_digits smallint NOT NULL,
    CONSTRAINT currency_code_format_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT currency_minor_digits_range_check CHECK (((minor_digits >= 0) AND (minor_digits <= 4)))
);

ALTER TABLE soquy.currency OWNER TO soquy_owner;

CREATE TABLE soquy.day_total (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    total_on date NOT NULL,
    debit_to_date_minor bigint NOT NULL,
    credit_to_date_minor bigint NOT NULL,
    foreign_to_date_minor bigint NOT NULL,
    balance_minor bigint GENERATED ALWAYS AS ((debit_to_date_minor - credit_to_date_minor)) STORED NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE soquy.day_total OWNER TO soquy_owner;

CREATE TABLE soquy.donor_correction (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    contribution_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.donor_correction OWNER TO soquy_owner;

CREATE TABLE soquy.earmark (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    earmark text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    CONSTRAINT earmark_closed_order_check CHECK ((closed_on >= opened_on)),
    CONSTRAINT earmark_code_format_check CHECK ((earmark ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text)),
    CONSTRAINT earmark_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)))),
    CONSTRAINT earmark_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED)))
);

ALTER TABLE soquy.earmark OWNER TO soquy_owner;

CREATE TABLE soquy.entry (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    entry_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    entry_on date NOT NULL,
    line_count smallint NOT NULL,
    voucher_kind text COLLATE pg_catalog."C",
    fiscal_year smallint,
    voucher_number integer,
    rate_currency text COLLATE pg_catalog."C",
    rate numeric(20,8),
    rate_source text COLLATE pg_catalog."C",
    corrects_seq bigint,
    actor_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT entry_corrects_given_check CHECK (((kind = ANY (ARRAY['adjustment'::text, 'reversal'::text])) = (corrects_seq IS NOT NULL))),
    CONSTRAINT entry_corrects_order_check CHECK ((corrects_seq < seq)),
    CONSTRAINT entry_corrects_voucher_check CHECK (((corrects_seq IS NULL) OR (voucher_kind = 'DC'::text))),
    CONSTRAINT entry_kind_check CHECK ((kind = ANY (ARRAY['opening'::text, 'ordinary'::text, 'adjustment'::text, 'reversal'::text]))),
    CONSTRAINT entry_line_count_range_check CHECK (((line_count >= 2) AND (line_count <= 200))),
    CONSTRAINT entry_rate_given_check CHECK ((num_nulls(rate_currency, rate, rate_source) = ANY (ARRAY[0, 3]))),
    CONSTRAINT entry_rate_range_check CHECK ((rate > (0)::numeric)),
    CONSTRAINT entry_rate_source_format_check CHECK ((rate_source ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT entry_voucher_given_check CHECK ((num_nulls(voucher_kind, fiscal_year, voucher_number) =
CASE kind
    WHEN 'opening'::text THEN 3
    ELSE 0
END))
);

ALTER TABLE soquy.entry OWNER TO soquy_owner;

CREATE TABLE soquy.entry_proposal (
    tenant_id integer NOT NULL,
    proposal_id uuid NOT NULL,
    book_id bigint NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    voucher_kind text NOT NULL COLLATE pg_catalog."C",
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    lines jsonb NOT NULL,
    rate jsonb,
    corrects_id uuid,
    list_id uuid,
    amount_minor bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT entry_proposal_corrects_given_check CHECK (((kind = 'adjustment'::text) = (corrects_id IS NOT NULL))),
    CONSTRAINT entry_proposal_kind_check CHECK ((((kind = 'ordinary'::text) AND (action = 'payment'::text)) OR ((kind = 'adjustment'::text) AND (action = 'adjustment'::text)))),
    CONSTRAINT entry_proposal_lines_count_check CHECK (((jsonb_array_length(lines) >= 2) AND (jsonb_array_length(lines) <= 200))),
    CONSTRAINT entry_proposal_list_payment_check CHECK (((list_id IS NULL) OR (action = 'payment'::text)))
);

ALTER TABLE soquy.entry_proposal OWNER TO soquy_owner;

CREATE TABLE soquy.fund (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    fund text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    balance_account text NOT NULL COLLATE pg_catalog."C",
    is_restricted boolean NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    purpose text,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    closed_event_id uuid,
    CONSTRAINT fund_closed_event_check CHECK (((closed_on IS NULL) = (closed_event_id IS NULL))),
    CONSTRAINT fund_closed_order_check CHECK ((closed_on >= opened_on)),
    CONSTRAINT fund_code_format_check CHECK ((fund ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text)),
    CONSTRAINT fund_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)) AND (length(purpose) <= 1000))),
    CONSTRAINT fund_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED) AND (purpose IS NFC NORMALIZED))),
    CONSTRAINT fund_purpose_given_check CHECK (((purpose IS NOT NULL) OR (NOT is_restricted)))
);

ALTER TABLE soquy.fund OWNER TO soquy_owner;

CREATE TABLE soquy.fund_kind (
    chart text NOT NULL COLLATE pg_catalog."C",
    fund_kind text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    is_restricted boolean NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL
);

ALTER TABLE soquy.fund_kind OWNER TO soquy_owner;

CREATE TABLE soquy.goods (
    tenant_id integer NOT NULL,
    goods_id uuid NOT NULL,
    book_id bigint NOT NULL,
    received_on date NOT NULL,
    quantity integer NOT NULL,
    unit text NOT NULL COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    seq bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT goods_quantity_range_check CHECK (((quantity >= 1) AND (quantity <= 10000000))),
    CONSTRAINT goods_unit_check CHECK ((unit = ANY (ARRAY['piece'::text, 'set'::text, 'pair'::text, 'book'::text, 'bag'::text, 'box'::text, 'kilogram'::text, 'litre'::text, 'metre'::text])))
);

ALTER TABLE soquy.goods OWNER TO soquy_owner;

CREATE TABLE soquy.goods_handover (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    goods_id uuid NOT NULL,
    book_id bigint NOT NULL,
    handed_on date NOT NULL,
    quantity integer NOT NULL,
    program text NOT NULL COLLATE pg_catalog."C",
    seq bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT goods_handover_quantity_range_check CHECK (((quantity >= 1) AND (quantity <= 10000000)))
);

ALTER TABLE soquy.goods_handover OWNER TO soquy_owner;

CREATE TABLE soquy.goods_handover_undoing (
    tenant_id integer NOT NULL,
    handover_event_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.goods_handover_undoing OWNER TO soquy_owner;

CREATE TABLE soquy.goods_withdrawal (
    tenant_id integer NOT NULL,
    goods_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.goods_withdrawal OWNER TO soquy_owner;

CREATE TABLE soquy.idempotency (
    tenant_id integer NOT NULL,
    principal_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    request_hash bytea NOT NULL,
    result jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_hash_size_check CHECK ((octet_length(request_hash) = 32)),
    CONSTRAINT idempotency_key_format_check CHECK ((key ~ '^[!-~]{1,100}$'::text)),
    CONSTRAINT idempotency_result_size_check CHECK ((length((result)::text) <= 10000))
);

ALTER TABLE soquy.idempotency OWNER TO soquy_owner;

CREATE TABLE soquy.intake_posting (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    row_count integer NOT NULL,
    total_minor bigint NOT NULL,
    rows integer[],
    left_out_count integer,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT intake_posting_left_out_range_check CHECK (((left_out_count >= 0) AND (left_out_count <= 200000))),
    CONSTRAINT intake_posting_row_count_range_check CHECK (((row_count >= 1) AND (row_count <= 100000))),
    CONSTRAINT intake_posting_rows_count_check CHECK ((cardinality(rows) = row_count)),
    CONSTRAINT intake_posting_total_range_check CHECK (((total_minor >= 1) AND (total_minor <= '9007199254740991'::bigint)))
);

ALTER TABLE soquy.intake_posting OWNER TO soquy_owner;

CREATE TABLE soquy.intake_reversal (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.intake_reversal OWNER TO soquy_owner;

CREATE TABLE soquy.log (
    log_id smallint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT log_origin_format_check CHECK ((origin ~ '^[A-Za-z0-9._:/-]{1,64}$'::text))
);

ALTER TABLE soquy.log OWNER TO soquy_owner;

CREATE TABLE soquy.log_checkpoint (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    published_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    note bytea NOT NULL,
    CONSTRAINT log_checkpoint_note_size_check CHECK (((octet_length(note) >= 1) AND (octet_length(note) <= 100000)))
);

ALTER TABLE soquy.log_checkpoint OWNER TO soquy_owner;

CREATE TABLE soquy.log_disclosure (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    disclosed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE soquy.log_disclosure OWNER TO soquy_owner;

CREATE TABLE soquy.log_head (
    log_id smallint NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    held_because text COLLATE pg_catalog."C",
    CONSTRAINT log_head_held_because_check CHECK ((held_because = ANY (ARRAY['restored'::text, 'behind'::text, 'forked'::text, 'recovering'::text])))
);

ALTER TABLE soquy.log_head OWNER TO soquy_owner;

CREATE TABLE soquy.log_leaf (
    log_id smallint NOT NULL,
    leaf_index bigint NOT NULL,
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint,
    book_seq bigint,
    leaf_hash bytea NOT NULL,
    numbered_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT log_leaf_hash_size_check CHECK ((octet_length(leaf_hash) = 32))
);

ALTER TABLE soquy.log_leaf OWNER TO soquy_owner;

CREATE TABLE soquy.log_tile (
    log_id smallint NOT NULL,
    level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_tile_hash_size_check CHECK ((octet_length(hash) = 32))
);

ALTER TABLE soquy.log_tile OWNER TO soquy_owner;

CREATE TABLE soquy.log_tree (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    staged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT log_tree_root_size_check CHECK ((octet_length(root) = 32))
);

ALTER TABLE soquy.log_tree OWNER TO soquy_owner;

CREATE TABLE soquy.month_lock (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    locked_through date NOT NULL,
    last_seq bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT month_lock_month_end_check CHECK ((locked_through = ((date_trunc('month'::text, (locked_through)::timestamp without time zone) + '1 mon -1 days'::interval))::date))
);

ALTER TABLE soquy.month_lock OWNER TO soquy_owner;

CREATE TABLE soquy.month_total (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    month_on date NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    campaign text NOT NULL COLLATE pg_catalog."C",
    program text NOT NULL COLLATE pg_catalog."C",
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    quantity bigint NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE soquy.month_total OWNER TO soquy_owner;

CREATE TABLE soquy.paper (
    tenant_id integer NOT NULL,
    paper_id uuid NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    first_line integer NOT NULL,
    last_line integer NOT NULL,
    version text NOT NULL COLLATE pg_catalog."C",
    engine text NOT NULL COLLATE pg_catalog."C",
    context jsonb NOT NULL,
    key_id uuid NOT NULL,
    data_digest bytea NOT NULL,
    pdf_digest bytea NOT NULL,
    principal_id uuid NOT NULL,
    actor_role text NOT NULL COLLATE pg_catalog."C",
    issued_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT paper_actor_role_format_check CHECK ((actor_role ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT paper_context_size_check CHECK (((jsonb_typeof(context) = 'object'::text) AND (length((context)::text) <= 8000))),
    CONSTRAINT paper_digest_size_check CHECK (((octet_length(data_digest) = 32) AND (octet_length(pdf_digest) = 32))),
    CONSTRAINT paper_engine_format_check CHECK ((engine ~ '^[a-z]{1,20}-[0-9a-z.]{1,20}$'::text)),
    CONSTRAINT paper_kind_check CHECK ((kind = ANY (ARRAY['voucher'::text, 'list'::text, 'receipt'::text, 'receipts'::text]))),
    CONSTRAINT paper_lines_range_check CHECK ((((first_line >= 1) AND (first_line <= last_line)) AND (last_line <= 100000))),
    CONSTRAINT paper_version_format_check CHECK ((version ~ '^v[0-9]{1,4}$'::text))
);

ALTER TABLE soquy.paper OWNER TO soquy_owner;

CREATE TABLE soquy.pledge (
    tenant_id integer NOT NULL,
    pledge_id uuid NOT NULL,
    book_id bigint NOT NULL,
    pledged_on date NOT NULL,
    due_on date NOT NULL,
    fund text NOT NULL COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    amount_minor bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pledge_amount_range_check CHECK (((amount_minor >= 1) AND (amount_minor <= '9007199254740991'::bigint))),
    CONSTRAINT pledge_due_order_check CHECK ((due_on >= pledged_on))
);

ALTER TABLE soquy.pledge OWNER TO soquy_owner;

CREATE TABLE soquy.pledge_cancellation (
    tenant_id integer NOT NULL,
    pledge_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.pledge_cancellation OWNER TO soquy_owner;

CREATE TABLE soquy.pledge_correction (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    number smallint NOT NULL,
    book_id bigint NOT NULL,
    pledge_id uuid,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pledge_correction_number_range_check CHECK (((number >= 1) AND (number <= 100)))
);

ALTER TABLE soquy.pledge_correction OWNER TO soquy_owner;

CREATE TABLE soquy.posting (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line smallint NOT NULL,
    entry_on date NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    value_minor bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
)
PARTITION BY RANGE (entry_on);

ALTER TABLE soquy.posting OWNER TO soquy_owner;

CREATE TABLE soquy.posting_1996 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_1996 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_1997 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_1997 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_1998 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_1998 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_1999 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_1999 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2000 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2000 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2001 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2001 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2002 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2002 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2003 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2003 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2004 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2004 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2005 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2005 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2006 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2006 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2007 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2007 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2008 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2008 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2009 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2009 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2010 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2010 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2011 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2011 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2012 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2012 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2013 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2013 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2014 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2014 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2015 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2015 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2016 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2016 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2017 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2017 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2018 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2018 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2019 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2019 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2020 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2020 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2021 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2021 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2022 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2022 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2023 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2023 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2024 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2024 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2025 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2025 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2026 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2026 OWNER TO soquy_owner;

CREATE TABLE soquy.posting_2027 (
    tenant_id integer CONSTRAINT posting_tenant_id_not_null NOT NULL,
    book_id bigint CONSTRAINT posting_book_id_not_null NOT NULL,
    seq bigint CONSTRAINT posting_seq_not_null NOT NULL,
    line smallint CONSTRAINT posting_line_not_null NOT NULL,
    entry_on date CONSTRAINT posting_entry_on_not_null NOT NULL,
    account text CONSTRAINT posting_account_not_null NOT NULL COLLATE pg_catalog."C",
    fund text CONSTRAINT posting_fund_not_null NOT NULL COLLATE pg_catalog."C",
    value_minor bigint CONSTRAINT posting_value_minor_not_null NOT NULL,
    amount_minor bigint CONSTRAINT posting_amount_minor_not_null NOT NULL,
    currency text CONSTRAINT posting_currency_not_null NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    campaign text COLLATE pg_catalog."C",
    program text COLLATE pg_catalog."C",
    quantity integer,
    CONSTRAINT posting_amount_range_check CHECK ((((amount_minor >= '-9007199254740991'::bigint) AND (amount_minor <= '9007199254740991'::bigint)) AND (amount_minor <> 0) AND ((amount_minor > 0) = (value_minor > 0)))),
    CONSTRAINT posting_currency_value_check CHECK (((currency <> 'VND'::text) OR (amount_minor = value_minor))),
    CONSTRAINT posting_direction_check CHECK (((channel IS NULL) OR (program IS NULL))),
    CONSTRAINT posting_line_range_check CHECK (((line >= 1) AND (line <= 200))),
    CONSTRAINT posting_quantity_program_check CHECK (((quantity IS NULL) OR (program IS NOT NULL))),
    CONSTRAINT posting_quantity_range_check CHECK (((quantity <> 0) AND ((quantity >= '-10000000'::integer) AND (quantity <= 10000000)))),
    CONSTRAINT posting_value_range_check CHECK ((((value_minor >= '-9007199254740991'::bigint) AND (value_minor <= '9007199254740991'::bigint)) AND (value_minor <> 0)))
);

ALTER TABLE soquy.posting_2027 OWNER TO soquy_owner;

CREATE TABLE soquy.program (
    tenant_id integer NOT NULL,
    program text NOT NULL COLLATE pg_catalog."C",
    unit text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    event_id uuid NOT NULL,
    CONSTRAINT program_closed_order_check CHECK ((closed_on >= opened_on)),
    CONSTRAINT program_code_format_check CHECK ((program ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text)),
    CONSTRAINT program_name_length_check CHECK ((((length(name_vi) >= 1) AND (length(name_vi) <= 200)) AND ((length(name_en) >= 1) AND (length(name_en) <= 200)))),
    CONSTRAINT program_name_nfc_check CHECK (((name_vi IS NFC NORMALIZED) AND (name_en IS NFC NORMALIZED))),
    CONSTRAINT program_unit_check CHECK ((unit = ANY (ARRAY['award'::text, 'school'::text, 'piece'::text])))
);

ALTER TABLE soquy.program OWNER TO soquy_owner;

CREATE TABLE soquy.program_plan (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    program text NOT NULL COLLATE pg_catalog."C",
    year smallint NOT NULL,
    version smallint NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    fund text NOT NULL COLLATE pg_catalog."C",
    budget_minor bigint NOT NULL,
    criteria text,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT program_plan_budget_range_check CHECK (((budget_minor >= 0) AND (budget_minor <= '9007199254740991'::bigint))),
    CONSTRAINT program_plan_category_check CHECK ((category = ANY (ARRAY['scholarship'::text, 'award'::text, 'tet'::text, 'aid'::text, 'equipment'::text, 'training'::text]))),
    CONSTRAINT program_plan_criteria_length_check CHECK (((length(criteria) >= 1) AND (length(criteria) <= 4000))),
    CONSTRAINT program_plan_criteria_nfc_check CHECK ((criteria IS NFC NORMALIZED)),
    CONSTRAINT program_plan_version_range_check CHECK (((version >= 1) AND (version <= 1000))),
    CONSTRAINT program_plan_year_range_check CHECK (((year >= 2000) AND (year <= 2999)))
);

ALTER TABLE soquy.program_plan OWNER TO soquy_owner;

CREATE TABLE soquy.receipt_block (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    book_id bigint NOT NULL,
    series text NOT NULL COLLATE pg_catalog."C",
    first_number integer NOT NULL,
    last_number integer NOT NULL,
    issued_on date NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT receipt_block_numbers_range_check CHECK (((first_number >= 1) AND ((last_number >= first_number) AND (last_number <= LEAST((first_number + 9999), 999999999))))),
    CONSTRAINT receipt_block_series_format_check CHECK ((series ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'::text))
);

ALTER TABLE soquy.receipt_block OWNER TO soquy_owner;

CREATE TABLE soquy.role_exception (
    tenant_id integer NOT NULL,
    exception_id uuid NOT NULL,
    association_id uuid NOT NULL,
    first_role text NOT NULL COLLATE pg_catalog."C",
    second_role text NOT NULL COLLATE pg_catalog."C",
    until_on date NOT NULL,
    made_by uuid,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT role_exception_inspector_check CHECK ((('inspector'::text <> first_role) AND ('inspector'::text <> second_role)))
);

ALTER TABLE soquy.role_exception OWNER TO soquy_owner;

CREATE TABLE soquy.role_exception_ending (
    tenant_id integer NOT NULL,
    exception_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.role_exception_ending OWNER TO soquy_owner;

CREATE TABLE soquy.role_grant (
    tenant_id integer NOT NULL,
    grant_id uuid NOT NULL,
    association_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.role_grant OWNER TO soquy_owner;

CREATE TABLE soquy.role_holder (
    tenant_id integer NOT NULL,
    association_id uuid NOT NULL,
    user_id uuid NOT NULL,
    roles text[] NOT NULL
);

ALTER TABLE soquy.role_holder OWNER TO soquy_owner;

CREATE TABLE soquy.role_kind (
    role text NOT NULL COLLATE pg_catalog."C",
    "position" smallint NOT NULL,
    needs_second_factor boolean NOT NULL
);

ALTER TABLE soquy.role_kind OWNER TO soquy_owner;

CREATE TABLE soquy.role_revocation (
    tenant_id integer NOT NULL,
    grant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.role_revocation OWNER TO soquy_owner;

CREATE TABLE soquy.role_right (
    role text NOT NULL COLLATE pg_catalog."C",
    right_name text NOT NULL COLLATE pg_catalog."C",
    reaches_below boolean NOT NULL,
    CONSTRAINT role_right_name_check CHECK ((right_name = ANY (ARRAY['read'::text, 'collect'::text, 'people'::text, 'propose'::text, 'approve'::text, 'pay'::text, 'post'::text, 'lock'::text, 'chart'::text, 'found'::text, 'member'::text, 'token'::text, 'inspect'::text])))
);

ALTER TABLE soquy.role_right OWNER TO soquy_owner;

CREATE TABLE soquy.role_separation (
    first_role text NOT NULL COLLATE pg_catalog."C",
    second_role text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT role_separation_order_check CHECK ((first_role < second_role))
);

ALTER TABLE soquy.role_separation OWNER TO soquy_owner;

CREATE TABLE soquy.tenant (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT tenant_id_range_check CHECK ((tenant_id >= 0)),
    CONSTRAINT tenant_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE soquy.tenant OWNER TO soquy_owner;

CREATE TABLE soquy.token_revocation (
    tenant_id integer NOT NULL,
    token_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.token_revocation OWNER TO soquy_owner;

CREATE TABLE soquy.voucher (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    voucher_kind text NOT NULL COLLATE pg_catalog."C",
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    issued_on date NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT voucher_fiscal_year_check CHECK (((fiscal_year)::numeric = EXTRACT(year FROM issued_on))),
    CONSTRAINT voucher_number_range_check CHECK ((number >= 1))
);

ALTER TABLE soquy.voucher OWNER TO soquy_owner;

CREATE TABLE soquy.voucher_kind (
    chart text NOT NULL COLLATE pg_catalog."C",
    voucher_kind text NOT NULL COLLATE pg_catalog."C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    moves text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT voucher_kind_moves_check CHECK ((moves = ANY (ARRAY['cash in'::text, 'cash out'::text, 'bank in'::text, 'bank out'::text, 'any'::text])))
);

ALTER TABLE soquy.voucher_kind OWNER TO soquy_owner;

CREATE TABLE soquy.voucher_void (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    voucher_kind text NOT NULL COLLATE pg_catalog."C",
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE soquy.voucher_void OWNER TO soquy_owner;

CREATE TABLE vault.access_event (
    tenant_id integer NOT NULL,
    access_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    user_id uuid,
    address bytea NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT access_event_address_size_check CHECK ((octet_length(address) <= 8)),
    CONSTRAINT access_event_kind_format_check CHECK ((kind ~ '^[a-z][a-z_]{0,39}$'::text))
);

ALTER TABLE vault.access_event OWNER TO soquy_owner;

CREATE TABLE vault.award_claim (
    tenant_id integer NOT NULL,
    program text NOT NULL COLLATE pg_catalog."C",
    period text NOT NULL COLLATE pg_catalog."C",
    identity bytea NOT NULL,
    ordinal smallint NOT NULL,
    award_id uuid NOT NULL,
    CONSTRAINT award_claim_identity_size_check CHECK ((octet_length(identity) = 32)),
    CONSTRAINT award_claim_ordinal_range_check CHECK (((ordinal >= 1) AND (ordinal <= 1000)))
);

ALTER TABLE vault.award_claim OWNER TO soquy_owner;

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
    CONSTRAINT beneficiary_birth_year_check CHECK (((birth_year >= 1900) AND (birth_year <= 2999))),
    CONSTRAINT beneficiary_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT beneficiary_school_given_check CHECK (((class_name IS NULL) = (school IS NULL))),
    CONSTRAINT beneficiary_text_length_check CHECK ((((length(class_name) >= 1) AND (length(class_name) <= 100)) AND ((length(school) >= 1) AND (length(school) <= 200)) AND ((length(reason) >= 1) AND (length(reason) <= 300)))),
    CONSTRAINT beneficiary_text_nfc_check CHECK (((name IS NFC NORMALIZED) AND (class_name IS NFC NORMALIZED) AND (school IS NFC NORMALIZED) AND (reason IS NFC NORMALIZED)))
);

ALTER TABLE vault.beneficiary OWNER TO soquy_owner;

CREATE TABLE vault.block_holder (
    tenant_id integer NOT NULL,
    block_id uuid NOT NULL,
    name text NOT NULL,
    user_id uuid,
    person_id uuid,
    CONSTRAINT block_holder_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT block_holder_name_nfc_check CHECK ((name IS NFC NORMALIZED))
);

ALTER TABLE vault.block_holder OWNER TO soquy_owner;

CREATE TABLE vault.consent (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    person_id uuid NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    by_subject boolean NOT NULL,
    guardian_id uuid,
    method text NOT NULL COLLATE pg_catalog."C",
    given_on date NOT NULL,
    document_id uuid,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT consent_by_check CHECK ((by_subject OR (guardian_id IS NOT NULL))),
    CONSTRAINT consent_method_check CHECK ((method = ANY (ARRAY['paper'::text, 'in_person'::text, 'phone'::text, 'message'::text, 'online'::text]))),
    CONSTRAINT consent_purpose_check CHECK ((purpose = ANY (ARRAY['publish_name'::text, 'contact'::text, 'minor_data'::text])))
);

ALTER TABLE vault.consent OWNER TO soquy_owner;

CREATE TABLE vault.consent_withdrawal (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    consent_id uuid NOT NULL,
    method text NOT NULL COLLATE pg_catalog."C",
    withdrawn_on date NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT consent_withdrawal_method_check CHECK ((method = ANY (ARRAY['paper'::text, 'in_person'::text, 'phone'::text, 'message'::text, 'online'::text])))
);

ALTER TABLE vault.consent_withdrawal OWNER TO soquy_owner;

CREATE TABLE vault.contributor (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint NOT NULL,
    name text NOT NULL,
    detail text,
    search_key text NOT NULL COLLATE pg_catalog."C",
    sort_key text NOT NULL COLLATE pg_catalog."C",
    person_id uuid,
    CONSTRAINT contributor_key_length_check CHECK (((length(search_key) <= 800) AND (length(sort_key) <= 2000))),
    CONSTRAINT contributor_name_length_check CHECK ((((length(name) >= 1) AND (length(name) <= 200)) AND ((length(detail) >= 1) AND (length(detail) <= 300)))),
    CONSTRAINT contributor_name_nfc_check CHECK (((name IS NFC NORMALIZED) AND (detail IS NFC NORMALIZED)))
);

ALTER TABLE vault.contributor OWNER TO soquy_owner;

CREATE TABLE vault.data_key (
    tenant_id integer NOT NULL,
    key_id uuid NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    year smallint NOT NULL,
    subject_id uuid,
    wrapped bytea NOT NULL,
    kek_id text NOT NULL COLLATE pg_catalog."C",
    made_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT data_key_kek_id_format_check CHECK ((kek_id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT data_key_purpose_check CHECK ((purpose = ANY (ARRAY['value'::text, 'request'::text, 'identity'::text]))),
    CONSTRAINT data_key_wrapped_size_check CHECK ((octet_length(wrapped) = 60))
);

ALTER TABLE vault.data_key OWNER TO soquy_owner;

CREATE TABLE vault.document (
    tenant_id integer NOT NULL,
    document_id uuid NOT NULL,
    book_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    media_type text NOT NULL COLLATE pg_catalog."C",
    byte_size integer NOT NULL,
    page_count smallint,
    name text NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_byte_size_check CHECK (((byte_size >= 1) AND (byte_size <= 15728640))),
    CONSTRAINT document_media_type_check CHECK ((media_type = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text, 'image/heic'::text, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'::text, 'application/vnd.ms-excel'::text, 'application/vnd.oasis.opendocument.spreadsheet'::text, 'text/csv'::text]))),
    CONSTRAINT document_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT document_page_count_check CHECK (((page_count >= 1) AND (page_count <= 1000))),
    CONSTRAINT document_sealed_size_check CHECK ((octet_length(sealed) = (byte_size + 28))),
    CONSTRAINT document_sha256_size_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE ONLY vault.document ALTER COLUMN sealed SET STORAGE EXTERNAL;

ALTER TABLE vault.document OWNER TO soquy_owner;

CREATE TABLE vault.document_opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    document_id uuid NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    principal_id uuid,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_opening_purpose_check CHECK ((purpose = ANY (ARRAY['download'::text, 'preview'::text, 'inspection'::text])))
);

ALTER TABLE vault.document_opening OWNER TO soquy_owner;

CREATE TABLE vault.document_sending (
    tenant_id integer NOT NULL,
    document_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    sent_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE vault.document_sending OWNER TO soquy_owner;

CREATE TABLE vault.draft (
    tenant_id integer NOT NULL,
    draft_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'open'::text NOT NULL COLLATE pg_catalog."C",
    version integer DEFAULT 1 NOT NULL,
    body jsonb NOT NULL,
    line_count integer NOT NULL,
    drafted_by text NOT NULL COLLATE pg_catalog."C",
    changed_by text NOT NULL COLLATE pg_catalog."C",
    return_reason text,
    seq bigint,
    drafted_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT draft_body_size_check CHECK (((jsonb_typeof(body) = 'object'::text) AND (length((body)::text) <= 2000000))),
    CONSTRAINT draft_emptied_check CHECK (((state = ANY (ARRAY['open'::text, 'submitted'::text])) OR (body = '{}'::jsonb))),
    CONSTRAINT draft_kind_check CHECK ((kind = ANY (ARRAY['contribution'::text, 'drive'::text]))),
    CONSTRAINT draft_line_count_range_check CHECK (((line_count >= 0) AND (line_count <= 2000))),
    CONSTRAINT draft_posted_given_check CHECK (((state = 'posted'::text) = (seq IS NOT NULL))),
    CONSTRAINT draft_return_reason_length_check CHECK (((length(return_reason) >= 1) AND (length(return_reason) <= 500))),
    CONSTRAINT draft_state_check CHECK ((state = ANY (ARRAY['open'::text, 'submitted'::text, 'posted'::text, 'discarded'::text])))
);

ALTER TABLE vault.draft OWNER TO soquy_owner;

CREATE TABLE vault.erasure (
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    field text NOT NULL COLLATE pg_catalog."C",
    erasing_event_id uuid NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE vault.erasure OWNER TO soquy_owner;

CREATE TABLE vault.guardianship (
    tenant_id integer NOT NULL,
    minor_id uuid NOT NULL,
    guardian_id uuid NOT NULL,
    relation text NOT NULL COLLATE pg_catalog."C",
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT guardianship_other_check CHECK ((minor_id <> guardian_id)),
    CONSTRAINT guardianship_relation_check CHECK ((relation = ANY (ARRAY['parent'::text, 'grandparent'::text, 'sibling'::text, 'relative'::text, 'legal'::text])))
);

ALTER TABLE vault.guardianship OWNER TO soquy_owner;

CREATE TABLE vault.intake_decision (
    tenant_id integer NOT NULL,
    decision_id uuid NOT NULL,
    intake_id uuid NOT NULL,
    is_left_out boolean NOT NULL,
    rows integer[] NOT NULL,
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT intake_decision_reason_length_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
    CONSTRAINT intake_decision_rows_count_check CHECK (((cardinality(rows) >= 1) AND (cardinality(rows) <= 200000)))
);

ALTER TABLE vault.intake_decision OWNER TO soquy_owner;

CREATE TABLE vault.intake_digest (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    book_id bigint NOT NULL,
    digests bytea NOT NULL,
    posted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT intake_digest_size_check CHECK ((((octet_length(digests) >= 8) AND (octet_length(digests) <= 800000)) AND ((octet_length(digests) % 8) = 0)))
);

ALTER TABLE vault.intake_digest OWNER TO soquy_owner;

CREATE TABLE vault.intake_line (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    "row" integer NOT NULL,
    verdict text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    detail text NOT NULL,
    amount_minor bigint,
    paper_number text,
    is_anonymous boolean NOT NULL,
    findings jsonb,
    digest bytea,
    is_twin boolean DEFAULT false NOT NULL,
    is_left_out boolean DEFAULT false NOT NULL,
    CONSTRAINT intake_line_amount_range_check CHECK (((amount_minor >= 1) AND (amount_minor <= '9007199254740991'::bigint))),
    CONSTRAINT intake_line_digest_size_check CHECK ((octet_length(digest) = 8)),
    CONSTRAINT intake_line_gift_check CHECK (((verdict <> ALL (ARRAY['ok'::text, 'warning'::text])) OR (((length(name) >= 1) AND (length(name) <= 200)) AND (amount_minor IS NOT NULL)))),
    CONSTRAINT intake_line_row_range_check CHECK ((("row" >= 1) AND ("row" <= 200000))),
    CONSTRAINT intake_line_text_length_check CHECK (((length(name) <= 200) AND (length(detail) <= 300) AND (length(paper_number) <= 40) AND (length((findings)::text) <= 4000))),
    CONSTRAINT intake_line_verdict_check CHECK ((verdict = ANY (ARRAY['ok'::text, 'warning'::text, 'fault'::text, 'total'::text, 'group'::text, 'footer'::text])))
);

ALTER TABLE vault.intake_line OWNER TO soquy_owner;

CREATE TABLE vault.intake_page (
    tenant_id integer NOT NULL,
    intake_id uuid NOT NULL,
    page integer NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT intake_page_range_check CHECK (((page >= 0) AND (page <= 999))),
    CONSTRAINT intake_page_sealed_size_check CHECK (((octet_length(sealed) >= 29) AND (octet_length(sealed) <= 33554432)))
);
ALTER TABLE ONLY vault.intake_page ALTER COLUMN sealed SET STORAGE EXTERNAL;

ALTER TABLE vault.intake_page OWNER TO soquy_owner;

CREATE TABLE vault.invitation_address (
    tenant_id integer NOT NULL,
    invitation_id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT invitation_address_length_check CHECK ((((length(email) >= 3) AND (length(email) <= 254)) AND ((length(email_key) >= 3) AND (length(email_key) <= 300))))
);

ALTER TABLE vault.invitation_address OWNER TO soquy_owner;

CREATE TABLE vault.opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    event_id uuid NOT NULL,
    field text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    principal_id uuid,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT opening_purpose_check CHECK ((purpose = ANY (ARRAY['inspection'::text, 'receipt'::text, 'denial'::text])))
);

ALTER TABLE vault.opening OWNER TO soquy_owner;

CREATE TABLE vault.opening_reason (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    reason text NOT NULL,
    CONSTRAINT opening_reason_length_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);

ALTER TABLE vault.opening_reason OWNER TO soquy_owner;

CREATE TABLE vault.payee (
    tenant_id integer NOT NULL,
    proposal_id uuid NOT NULL,
    book_id bigint NOT NULL,
    name text NOT NULL,
    person_id uuid,
    CONSTRAINT payee_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT payee_name_nfc_check CHECK ((name IS NFC NORMALIZED))
);

ALTER TABLE vault.payee OWNER TO soquy_owner;

CREATE TABLE vault.person (
    tenant_id integer NOT NULL,
    person_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    search_key text NOT NULL COLLATE pg_catalog."C",
    words text GENERATED ALWAYS AS ((' '::text || search_key)) STORED NOT NULL COLLATE pg_catalog."C",
    sort_key text NOT NULL COLLATE pg_catalog."C",
    country text COLLATE pg_catalog."C",
    birth_year smallint,
    merged_into uuid,
    version integer DEFAULT 1 NOT NULL,
    handle uuid DEFAULT gen_random_uuid() NOT NULL,
    created_by uuid NOT NULL,
    changed_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT person_birth_year_check CHECK (((birth_year IS NULL) OR (((birth_year >= 1900) AND (birth_year <= 2999)) AND (kind = 'individual'::text)))),
    CONSTRAINT person_country_format_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT person_kind_check CHECK ((kind = ANY (ARRAY['individual'::text, 'household'::text, 'business'::text, 'organisation'::text]))),
    CONSTRAINT person_merged_into_check CHECK ((merged_into <> person_id)),
    CONSTRAINT person_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT person_name_nfc_check CHECK ((name IS NFC NORMALIZED)),
    CONSTRAINT person_search_key_size_check CHECK (((octet_length(search_key) >= 1) AND (octet_length(search_key) <= 700))),
    CONSTRAINT person_sort_key_size_check CHECK (((octet_length(sort_key) >= 1) AND (octet_length(sort_key) <= 1500)))
);

ALTER TABLE vault.person OWNER TO soquy_owner;

CREATE TABLE vault.person_detail (
    tenant_id integer NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT person_detail_field_check CHECK ((field = ANY (ARRAY['address'::text, 'phone'::text, 'email'::text, 'tax_number'::text, 'bank_account'::text, 'note'::text]))),
    CONSTRAINT person_detail_sealed_size_check CHECK (((octet_length(sealed) >= 29) AND (octet_length(sealed) <= 8000)))
);

ALTER TABLE vault.person_detail OWNER TO soquy_owner;

CREATE TABLE vault.person_erasure (
    tenant_id integer NOT NULL,
    handle uuid NOT NULL,
    erasing_event_id uuid NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE vault.person_erasure OWNER TO soquy_owner;

CREATE TABLE vault.person_opening (
    tenant_id integer NOT NULL,
    opening_id uuid NOT NULL,
    person_id uuid NOT NULL,
    fields text[] NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    principal_id uuid,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT person_opening_purpose_check CHECK ((purpose = ANY (ARRAY['care'::text, 'inspection'::text])))
);

ALTER TABLE vault.person_opening OWNER TO soquy_owner;

CREATE TABLE vault.receipt_code (
    tenant_id integer NOT NULL,
    contribution_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT receipt_code_format_check CHECK ((code ~ '^[0-9A-HJKMNP-TV-Z]{16}[0-9A-HJKMNP-TV-Z*~$=U]$'::text))
);

ALTER TABLE vault.receipt_code OWNER TO soquy_owner;

CREATE TABLE vault.retention_class (
    retention text NOT NULL COLLATE pg_catalog."C",
    valid_from date NOT NULL,
    valid_to date,
    years smallint NOT NULL,
    is_law boolean NOT NULL,
    source text NOT NULL,
    CONSTRAINT retention_class_range_check CHECK ((valid_to > valid_from)),
    CONSTRAINT retention_class_years_check CHECK (((years >= 0) AND (years <= 100)))
);

ALTER TABLE vault.retention_class OWNER TO soquy_owner;

CREATE TABLE vault.sealed_value (
    tenant_id integer CONSTRAINT sealed_value_tenant_id_not_null1 NOT NULL,
    event_id uuid CONSTRAINT sealed_value_event_id_not_null1 NOT NULL,
    field text CONSTRAINT sealed_value_field_not_null1 NOT NULL COLLATE pg_catalog."C",
    value text,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    retention text NOT NULL COLLATE pg_catalog."C",
    fiscal_year smallint NOT NULL,
    CONSTRAINT sealed_value_field_format_check CHECK ((field ~ '^[a-z][a-z0-9_]{0,39}$'::text)),
    CONSTRAINT sealed_value_length_check CHECK ((length(value) <= 4000)),
    CONSTRAINT sealed_value_sealed_size_check CHECK (((octet_length(sealed) >= 60) AND (octet_length(sealed) <= 20000))),
    CONSTRAINT sealed_value_working_text_check CHECK (((value IS NULL) OR (field = 'description'::text)))
);

ALTER TABLE vault.sealed_value OWNER TO soquy_owner;

CREATE TABLE vault.unsealed_value (
    tenant_id integer CONSTRAINT sealed_value_tenant_id_not_null NOT NULL,
    event_id uuid CONSTRAINT sealed_value_event_id_not_null NOT NULL,
    field text CONSTRAINT sealed_value_field_not_null NOT NULL COLLATE pg_catalog."C",
    value text CONSTRAINT sealed_value_value_not_null NOT NULL,
    salt bytea CONSTRAINT sealed_value_salt_not_null NOT NULL,
    CONSTRAINT unsealed_value_field_format_check CHECK ((field ~ '^[a-z][a-z0-9_.]{0,39}$'::text)),
    CONSTRAINT unsealed_value_length_check CHECK ((length(value) <= 4000)),
    CONSTRAINT unsealed_value_salt_size_check CHECK ((octet_length(salt) = 32))
);

ALTER TABLE vault.unsealed_value OWNER TO soquy_owner;

CREATE TABLE vault.user_device (
    tenant_id integer NOT NULL,
    device_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    salt bytea NOT NULL,
    time_cost smallint NOT NULL,
    memory_kib integer NOT NULL,
    lanes smallint NOT NULL,
    verifier bytea NOT NULL,
    tries_left smallint DEFAULT 5 NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT user_device_cost_check CHECK ((((time_cost >= 1) AND (time_cost <= 100)) AND ((memory_kib >= 8) AND (memory_kib <= 4194304)) AND ((lanes >= 1) AND (lanes <= 64)))),
    CONSTRAINT user_device_hash_size_check CHECK ((octet_length(secret_hash) = 32)),
    CONSTRAINT user_device_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
    CONSTRAINT user_device_salt_size_check CHECK ((octet_length(salt) = 16)),
    CONSTRAINT user_device_tries_range_check CHECK (((tries_left >= 0) AND (tries_left <= 5))),
    CONSTRAINT user_device_verifier_size_check CHECK ((octet_length(verifier) = 32))
);

ALTER TABLE vault.user_device OWNER TO soquy_owner;

CREATE TABLE vault.user_password (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    salt bytea NOT NULL,
    time_cost smallint NOT NULL,
    memory_kib integer NOT NULL,
    lanes smallint NOT NULL,
    verifier bytea NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_password_cost_check CHECK ((((time_cost >= 1) AND (time_cost <= 100)) AND ((memory_kib >= 8) AND (memory_kib <= 4194304)) AND ((lanes >= 1) AND (lanes <= 64)))),
    CONSTRAINT user_password_salt_size_check CHECK ((octet_length(salt) = 16)),
    CONSTRAINT user_password_verifier_size_check CHECK ((octet_length(verifier) = 32))
);

ALTER TABLE vault.user_password OWNER TO soquy_owner;

CREATE TABLE vault.user_profile (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    language text DEFAULT 'vi'::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_profile_email_length_check CHECK ((((length(email) >= 3) AND (length(email) <= 254)) AND ((length(email_key) >= 3) AND (length(email_key) <= 300)))),
    CONSTRAINT user_profile_language_check CHECK ((language = ANY (ARRAY['vi'::text, 'en'::text]))),
    CONSTRAINT user_profile_name_length_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT user_profile_name_nfc_check CHECK (((name IS NFC NORMALIZED) AND (email_key IS NFC NORMALIZED))),
    CONSTRAINT user_profile_tenant_check CHECK ((tenant_id = 0))
);

ALTER TABLE vault.user_profile OWNER TO soquy_owner;

CREATE TABLE vault.user_recovery (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT user_recovery_hash_size_check CHECK ((octet_length(code_hash) = 32))
);

ALTER TABLE vault.user_recovery OWNER TO soquy_owner;

CREATE TABLE vault.user_totp (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    is_pending boolean NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    last_step bigint DEFAULT 0 NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_totp_sealed_size_check CHECK ((octet_length(sealed) = 48))
);

ALTER TABLE vault.user_totp OWNER TO soquy_owner;

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_1996 FOR VALUES FROM ('1996-01-01') TO ('1997-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_1997 FOR VALUES FROM ('1997-01-01') TO ('1998-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_1998 FOR VALUES FROM ('1998-01-01') TO ('1999-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_1999 FOR VALUES FROM ('1999-01-01') TO ('2000-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2000 FOR VALUES FROM ('2000-01-01') TO ('2001-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2001 FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2002 FOR VALUES FROM ('2002-01-01') TO ('2003-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2003 FOR VALUES FROM ('2003-01-01') TO ('2004-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2004 FOR VALUES FROM ('2004-01-01') TO ('2005-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2005 FOR VALUES FROM ('2005-01-01') TO ('2006-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2006 FOR VALUES FROM ('2006-01-01') TO ('2007-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2007 FOR VALUES FROM ('2007-01-01') TO ('2008-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2008 FOR VALUES FROM ('2008-01-01') TO ('2009-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2009 FOR VALUES FROM ('2009-01-01') TO ('2010-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2010 FOR VALUES FROM ('2010-01-01') TO ('2011-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2011 FOR VALUES FROM ('2011-01-01') TO ('2012-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2012 FOR VALUES FROM ('2012-01-01') TO ('2013-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2013 FOR VALUES FROM ('2013-01-01') TO ('2014-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2014 FOR VALUES FROM ('2014-01-01') TO ('2015-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2015 FOR VALUES FROM ('2015-01-01') TO ('2016-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2016 FOR VALUES FROM ('2016-01-01') TO ('2017-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2017 FOR VALUES FROM ('2017-01-01') TO ('2018-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2018 FOR VALUES FROM ('2018-01-01') TO ('2019-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2019 FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2020 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2023 FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

ALTER TABLE ONLY soquy.posting ATTACH PARTITION soquy.posting_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

ALTER TABLE ONLY soquy.account
    ADD CONSTRAINT account_pk PRIMARY KEY (tenant_id, book_id, account);

ALTER TABLE ONLY soquy.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY soquy.api_token
    ADD CONSTRAINT api_token_hash_unique UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY soquy.api_token
    ADD CONSTRAINT api_token_pk PRIMARY KEY (tenant_id, token_id);

ALTER TABLE ONLY soquy.approval_action
    ADD CONSTRAINT approval_action_pk PRIMARY KEY (action);

ALTER TABLE ONLY soquy.approval_decision
    ADD CONSTRAINT approval_decision_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.approval_decision
    ADD CONSTRAINT approval_decision_pk PRIMARY KEY (tenant_id, approval_id, step);

ALTER TABLE ONLY soquy.approval_decision
    ADD CONSTRAINT approval_decision_user_unique UNIQUE (tenant_id, approval_id, user_id);

ALTER TABLE ONLY soquy.approval
    ADD CONSTRAINT approval_pk PRIMARY KEY (tenant_id, approval_id);

ALTER TABLE ONLY soquy.approval_policy
    ADD CONSTRAINT approval_policy_pk PRIMARY KEY (tenant_id, policy_id);

ALTER TABLE ONLY soquy.approval_use
    ADD CONSTRAINT approval_use_pk PRIMARY KEY (tenant_id, approval_id);

ALTER TABLE ONLY soquy.approval_withdrawal
    ADD CONSTRAINT approval_withdrawal_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.approval_withdrawal
    ADD CONSTRAINT approval_withdrawal_pk PRIMARY KEY (tenant_id, approval_id);

ALTER TABLE ONLY soquy.association
    ADD CONSTRAINT association_pk PRIMARY KEY (tenant_id, association_id);

ALTER TABLE ONLY soquy.attachment_disowning
    ADD CONSTRAINT attachment_disowning_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.attachment_disowning
    ADD CONSTRAINT attachment_disowning_pk PRIMARY KEY (tenant_id, attachment_id);

ALTER TABLE ONLY soquy.attachment
    ADD CONSTRAINT attachment_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.audit_entry
    ADD CONSTRAINT audit_entry_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.audit_pending
    ADD CONSTRAINT audit_pending_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.award_collection
    ADD CONSTRAINT award_collection_pk PRIMARY KEY (tenant_id, award_id);

ALTER TABLE ONLY soquy.award_decision
    ADD CONSTRAINT award_decision_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.award_decision
    ADD CONSTRAINT award_decision_number_unique UNIQUE (tenant_id, book_id, year, number_key);

ALTER TABLE ONLY soquy.award_decision
    ADD CONSTRAINT award_decision_pk PRIMARY KEY (tenant_id, list_id);

ALTER TABLE ONLY soquy.award
    ADD CONSTRAINT award_line_unique UNIQUE (tenant_id, list_id, line);

ALTER TABLE ONLY soquy.award_list
    ADD CONSTRAINT award_list_pk PRIMARY KEY (tenant_id, list_id);

ALTER TABLE ONLY soquy.award_list
    ADD CONSTRAINT award_list_version_unique UNIQUE (tenant_id, round_id, version);

ALTER TABLE ONLY soquy.award_list_withdrawal
    ADD CONSTRAINT award_list_withdrawal_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.award_list_withdrawal
    ADD CONSTRAINT award_list_withdrawal_pk PRIMARY KEY (tenant_id, list_id);

ALTER TABLE ONLY soquy.award_payment
    ADD CONSTRAINT award_payment_pk PRIMARY KEY (tenant_id, list_id);

ALTER TABLE ONLY soquy.award
    ADD CONSTRAINT award_pk PRIMARY KEY (tenant_id, award_id);

ALTER TABLE ONLY soquy.award_round
    ADD CONSTRAINT award_round_pk PRIMARY KEY (tenant_id, round_id);

ALTER TABLE ONLY soquy.award_sitting
    ADD CONSTRAINT award_sitting_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.balance_key
    ADD CONSTRAINT balance_key_pk PRIMARY KEY (tenant_id, book_id, account, fund);

ALTER TABLE ONLY soquy.bank_account
    ADD CONSTRAINT bank_account_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.bank_account
    ADD CONSTRAINT bank_account_pk PRIMARY KEY (tenant_id, book_id, account, version);

ALTER TABLE ONLY soquy.block_closing
    ADD CONSTRAINT block_closing_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.block_closing
    ADD CONSTRAINT block_closing_pk PRIMARY KEY (tenant_id, block_id);

ALTER TABLE ONLY soquy.block_void
    ADD CONSTRAINT block_void_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.block_void
    ADD CONSTRAINT block_void_pk PRIMARY KEY (tenant_id, block_id, number);

ALTER TABLE ONLY soquy.book
    ADD CONSTRAINT book_association_unique UNIQUE (tenant_id, association_id);

ALTER TABLE ONLY soquy.book_head
    ADD CONSTRAINT book_head_pk PRIMARY KEY (tenant_id, book_id);

ALTER TABLE ONLY soquy.book
    ADD CONSTRAINT book_pk PRIMARY KEY (tenant_id, book_id);

ALTER TABLE ONLY soquy.campaign
    ADD CONSTRAINT campaign_pk PRIMARY KEY (tenant_id, campaign);

ALTER TABLE ONLY soquy.channel
    ADD CONSTRAINT channel_pk PRIMARY KEY (channel);

ALTER TABLE ONLY soquy.chart_account
    ADD CONSTRAINT chart_account_pk PRIMARY KEY (chart, account);

ALTER TABLE ONLY soquy.chart
    ADD CONSTRAINT chart_pk PRIMARY KEY (chart);

ALTER TABLE ONLY soquy.collection
    ADD CONSTRAINT collection_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.collection
    ADD CONSTRAINT collection_pk PRIMARY KEY (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.contribution
    ADD CONSTRAINT contribution_line_unique UNIQUE (tenant_id, book_id, seq, line);

ALTER TABLE ONLY soquy.contribution
    ADD CONSTRAINT contribution_pk PRIMARY KEY (tenant_id, contribution_id);

ALTER TABLE ONLY soquy.currency
    ADD CONSTRAINT currency_pk PRIMARY KEY (currency);

ALTER TABLE ONLY soquy.day_total
    ADD CONSTRAINT day_total_pk PRIMARY KEY (tenant_id, book_id, account, fund, total_on);

ALTER TABLE ONLY soquy.donor_correction
    ADD CONSTRAINT donor_correction_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.earmark
    ADD CONSTRAINT earmark_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.earmark
    ADD CONSTRAINT earmark_pk PRIMARY KEY (tenant_id, book_id, earmark);

ALTER TABLE ONLY soquy.entry
    ADD CONSTRAINT entry_id_unique UNIQUE (tenant_id, entry_id);

ALTER TABLE ONLY soquy.entry
    ADD CONSTRAINT entry_pk PRIMARY KEY (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_pk PRIMARY KEY (tenant_id, proposal_id);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_voucher_unique UNIQUE (tenant_id, book_id, voucher_kind, fiscal_year, number);

ALTER TABLE ONLY soquy.entry
    ADD CONSTRAINT entry_voucher_unique UNIQUE (tenant_id, book_id, voucher_kind, fiscal_year, voucher_number);

ALTER TABLE ONLY soquy.fund_kind
    ADD CONSTRAINT fund_kind_pk PRIMARY KEY (chart, fund_kind);

ALTER TABLE ONLY soquy.fund
    ADD CONSTRAINT fund_pk PRIMARY KEY (tenant_id, book_id, fund);

ALTER TABLE ONLY soquy.goods
    ADD CONSTRAINT goods_entry_unique UNIQUE (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.goods_handover
    ADD CONSTRAINT goods_handover_entry_unique UNIQUE (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.goods_handover
    ADD CONSTRAINT goods_handover_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY soquy.goods_handover_undoing
    ADD CONSTRAINT goods_handover_undoing_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.goods_handover_undoing
    ADD CONSTRAINT goods_handover_undoing_pk PRIMARY KEY (tenant_id, handover_event_id);

ALTER TABLE ONLY soquy.goods
    ADD CONSTRAINT goods_pk PRIMARY KEY (tenant_id, goods_id);

ALTER TABLE ONLY soquy.goods_withdrawal
    ADD CONSTRAINT goods_withdrawal_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.goods_withdrawal
    ADD CONSTRAINT goods_withdrawal_pk PRIMARY KEY (tenant_id, goods_id);

ALTER TABLE ONLY soquy.idempotency
    ADD CONSTRAINT idempotency_pk PRIMARY KEY (tenant_id, principal_id, key);

ALTER TABLE ONLY soquy.intake_posting
    ADD CONSTRAINT intake_posting_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.intake_posting
    ADD CONSTRAINT intake_posting_pk PRIMARY KEY (tenant_id, intake_id);

ALTER TABLE ONLY soquy.intake_posting
    ADD CONSTRAINT intake_posting_seq_unique UNIQUE (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.intake_reversal
    ADD CONSTRAINT intake_reversal_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.intake_reversal
    ADD CONSTRAINT intake_reversal_pk PRIMARY KEY (tenant_id, intake_id);

ALTER TABLE ONLY soquy.intake_reversal
    ADD CONSTRAINT intake_reversal_seq_unique UNIQUE (tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.invitation
    ADD CONSTRAINT invitation_hash_unique UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY soquy.invitation
    ADD CONSTRAINT invitation_pk PRIMARY KEY (tenant_id, invitation_id);

ALTER TABLE ONLY soquy.job
    ADD CONSTRAINT job_pk PRIMARY KEY (tenant_id, job_id);

ALTER TABLE ONLY soquy.log_checkpoint
    ADD CONSTRAINT log_checkpoint_pk PRIMARY KEY (log_id, size, published_at);

ALTER TABLE ONLY soquy.log_disclosure
    ADD CONSTRAINT log_disclosure_pk PRIMARY KEY (log_id, size);

ALTER TABLE ONLY soquy.log_head
    ADD CONSTRAINT log_head_pk PRIMARY KEY (log_id);

ALTER TABLE ONLY soquy.log_leaf
    ADD CONSTRAINT log_leaf_event_unique UNIQUE (log_id, tenant_id, event_id);

ALTER TABLE ONLY soquy.log_leaf
    ADD CONSTRAINT log_leaf_pk PRIMARY KEY (log_id, leaf_index);

ALTER TABLE ONLY soquy.log
    ADD CONSTRAINT log_origin_unique UNIQUE (origin);

ALTER TABLE ONLY soquy.log
    ADD CONSTRAINT log_pk PRIMARY KEY (log_id);

ALTER TABLE ONLY soquy.log_tile
    ADD CONSTRAINT log_tile_pk PRIMARY KEY (log_id, level, tile_index);

ALTER TABLE ONLY soquy.log_tree
    ADD CONSTRAINT log_tree_pk PRIMARY KEY (log_id, size);

ALTER TABLE ONLY soquy.month_lock
    ADD CONSTRAINT month_lock_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.month_lock
    ADD CONSTRAINT month_lock_pk PRIMARY KEY (tenant_id, book_id, locked_through);

ALTER TABLE ONLY soquy.month_total
    ADD CONSTRAINT month_total_pk PRIMARY KEY (tenant_id, book_id, month_on, account, fund, channel, campaign, program);

ALTER TABLE ONLY soquy.paper
    ADD CONSTRAINT paper_pk PRIMARY KEY (tenant_id, paper_id);

ALTER TABLE ONLY soquy.paper
    ADD CONSTRAINT paper_subject_unique UNIQUE (tenant_id, book_id, seq, kind, first_line);

ALTER TABLE ONLY soquy.pledge_cancellation
    ADD CONSTRAINT pledge_cancellation_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.pledge_cancellation
    ADD CONSTRAINT pledge_cancellation_pk PRIMARY KEY (tenant_id, pledge_id);

ALTER TABLE ONLY soquy.pledge_correction
    ADD CONSTRAINT pledge_correction_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.pledge_correction
    ADD CONSTRAINT pledge_correction_pk PRIMARY KEY (tenant_id, contribution_id, number);

ALTER TABLE ONLY soquy.pledge
    ADD CONSTRAINT pledge_pk PRIMARY KEY (tenant_id, pledge_id);

ALTER TABLE ONLY soquy.posting
    ADD CONSTRAINT posting_pk PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_1996
    ADD CONSTRAINT posting_1996_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_1997
    ADD CONSTRAINT posting_1997_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_1998
    ADD CONSTRAINT posting_1998_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_1999
    ADD CONSTRAINT posting_1999_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2000
    ADD CONSTRAINT posting_2000_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2001
    ADD CONSTRAINT posting_2001_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2002
    ADD CONSTRAINT posting_2002_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2003
    ADD CONSTRAINT posting_2003_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2004
    ADD CONSTRAINT posting_2004_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2005
    ADD CONSTRAINT posting_2005_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2006
    ADD CONSTRAINT posting_2006_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2007
    ADD CONSTRAINT posting_2007_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2008
    ADD CONSTRAINT posting_2008_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2009
    ADD CONSTRAINT posting_2009_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2010
    ADD CONSTRAINT posting_2010_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2011
    ADD CONSTRAINT posting_2011_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2012
    ADD CONSTRAINT posting_2012_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2013
    ADD CONSTRAINT posting_2013_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2014
    ADD CONSTRAINT posting_2014_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2015
    ADD CONSTRAINT posting_2015_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2016
    ADD CONSTRAINT posting_2016_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2017
    ADD CONSTRAINT posting_2017_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2018
    ADD CONSTRAINT posting_2018_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2019
    ADD CONSTRAINT posting_2019_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2020
    ADD CONSTRAINT posting_2020_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2021
    ADD CONSTRAINT posting_2021_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2022
    ADD CONSTRAINT posting_2022_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2023
    ADD CONSTRAINT posting_2023_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2024
    ADD CONSTRAINT posting_2024_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2025
    ADD CONSTRAINT posting_2025_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2026
    ADD CONSTRAINT posting_2026_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.posting_2027
    ADD CONSTRAINT posting_2027_pkey PRIMARY KEY (tenant_id, book_id, seq, line, entry_on);

ALTER TABLE ONLY soquy.program
    ADD CONSTRAINT program_pk PRIMARY KEY (tenant_id, program);

ALTER TABLE ONLY soquy.program_plan
    ADD CONSTRAINT program_plan_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.program_plan
    ADD CONSTRAINT program_plan_pk PRIMARY KEY (tenant_id, book_id, program, year, version);

ALTER TABLE ONLY soquy.receipt_block
    ADD CONSTRAINT receipt_block_pk PRIMARY KEY (tenant_id, block_id);

ALTER TABLE ONLY soquy.role_exception_ending
    ADD CONSTRAINT role_exception_ending_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.role_exception_ending
    ADD CONSTRAINT role_exception_ending_pk PRIMARY KEY (tenant_id, exception_id);

ALTER TABLE ONLY soquy.role_exception
    ADD CONSTRAINT role_exception_pk PRIMARY KEY (tenant_id, exception_id);

ALTER TABLE ONLY soquy.role_grant
    ADD CONSTRAINT role_grant_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.role_grant
    ADD CONSTRAINT role_grant_pk PRIMARY KEY (tenant_id, grant_id);

ALTER TABLE ONLY soquy.role_holder
    ADD CONSTRAINT role_holder_pk PRIMARY KEY (tenant_id, association_id, user_id);

ALTER TABLE ONLY soquy.role_kind
    ADD CONSTRAINT role_kind_pk PRIMARY KEY (role);

ALTER TABLE ONLY soquy.role_kind
    ADD CONSTRAINT role_kind_position_unique UNIQUE ("position");

ALTER TABLE ONLY soquy.role_revocation
    ADD CONSTRAINT role_revocation_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.role_revocation
    ADD CONSTRAINT role_revocation_pk PRIMARY KEY (tenant_id, grant_id);

ALTER TABLE ONLY soquy.role_right
    ADD CONSTRAINT role_right_pk PRIMARY KEY (role, right_name);

ALTER TABLE ONLY soquy.role_separation
    ADD CONSTRAINT role_separation_pk PRIMARY KEY (first_role, second_role);

ALTER TABLE ONLY soquy.tenant
    ADD CONSTRAINT tenant_pk PRIMARY KEY (tenant_id);

ALTER TABLE ONLY soquy.token_revocation
    ADD CONSTRAINT token_revocation_pk PRIMARY KEY (tenant_id, token_id);

ALTER TABLE ONLY soquy.voucher_kind
    ADD CONSTRAINT voucher_kind_pk PRIMARY KEY (chart, voucher_kind);

ALTER TABLE ONLY soquy.voucher
    ADD CONSTRAINT voucher_pk PRIMARY KEY (tenant_id, book_id, voucher_kind, fiscal_year, number);

ALTER TABLE ONLY soquy.voucher_void
    ADD CONSTRAINT voucher_void_event_unique UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY soquy.voucher_void
    ADD CONSTRAINT voucher_void_pk PRIMARY KEY (tenant_id, book_id, voucher_kind, fiscal_year, number);

ALTER TABLE ONLY vault.access_event
    ADD CONSTRAINT access_event_pk PRIMARY KEY (tenant_id, access_id);

ALTER TABLE ONLY vault.award_claim
    ADD CONSTRAINT award_claim_award_unique UNIQUE (tenant_id, award_id);

ALTER TABLE ONLY vault.award_claim
    ADD CONSTRAINT award_claim_pk PRIMARY KEY (tenant_id, program, period, identity, ordinal);

ALTER TABLE ONLY vault.beneficiary
    ADD CONSTRAINT beneficiary_pk PRIMARY KEY (tenant_id, award_id);

ALTER TABLE ONLY vault.block_holder
    ADD CONSTRAINT block_holder_pk PRIMARY KEY (tenant_id, block_id);

ALTER TABLE ONLY vault.consent
    ADD CONSTRAINT consent_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY vault.consent_withdrawal
    ADD CONSTRAINT consent_withdrawal_consent_unique UNIQUE (tenant_id, consent_id);

ALTER TABLE ONLY vault.consent_withdrawal
    ADD CONSTRAINT consent_withdrawal_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY vault.contributor
    ADD CONSTRAINT contributor_pk PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY vault.data_key
    ADD CONSTRAINT data_key_pk PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY vault.document_opening
    ADD CONSTRAINT document_opening_pk PRIMARY KEY (tenant_id, opening_id);

ALTER TABLE ONLY vault.document
    ADD CONSTRAINT document_pk PRIMARY KEY (tenant_id, document_id);

ALTER TABLE ONLY vault.document_sending
    ADD CONSTRAINT document_sending_pk PRIMARY KEY (tenant_id, document_id, principal_id, sent_at);

ALTER TABLE ONLY vault.document
    ADD CONSTRAINT document_sha256_unique UNIQUE (tenant_id, book_id, sha256);

ALTER TABLE ONLY vault.draft
    ADD CONSTRAINT draft_pk PRIMARY KEY (tenant_id, draft_id);

ALTER TABLE ONLY vault.erasure
    ADD CONSTRAINT erasure_pk PRIMARY KEY (tenant_id, event_id, field);

ALTER TABLE ONLY vault.guardianship
    ADD CONSTRAINT guardianship_pk PRIMARY KEY (tenant_id, minor_id, guardian_id);

ALTER TABLE ONLY vault.intake_decision
    ADD CONSTRAINT intake_decision_pk PRIMARY KEY (tenant_id, decision_id);

ALTER TABLE ONLY vault.intake_digest
    ADD CONSTRAINT intake_digest_pk PRIMARY KEY (tenant_id, intake_id);

ALTER TABLE ONLY vault.intake_line
    ADD CONSTRAINT intake_line_pk PRIMARY KEY (tenant_id, intake_id, "row");

ALTER TABLE ONLY vault.intake_page
    ADD CONSTRAINT intake_page_pk PRIMARY KEY (tenant_id, intake_id, page);

ALTER TABLE ONLY vault.intake
    ADD CONSTRAINT intake_pk PRIMARY KEY (tenant_id, intake_id);

ALTER TABLE ONLY vault.invitation_address
    ADD CONSTRAINT invitation_address_pk PRIMARY KEY (tenant_id, invitation_id);

ALTER TABLE ONLY vault.opening
    ADD CONSTRAINT opening_pk PRIMARY KEY (tenant_id, opening_id);

ALTER TABLE ONLY vault.opening_reason
    ADD CONSTRAINT opening_reason_pk PRIMARY KEY (tenant_id, opening_id);

ALTER TABLE ONLY vault.payee
    ADD CONSTRAINT payee_pk PRIMARY KEY (tenant_id, proposal_id);

ALTER TABLE ONLY vault.person_detail
    ADD CONSTRAINT person_detail_pk PRIMARY KEY (tenant_id, person_id, field);

ALTER TABLE ONLY vault.person_erasure
    ADD CONSTRAINT person_erasure_pk PRIMARY KEY (tenant_id, handle);

ALTER TABLE ONLY vault.person_opening
    ADD CONSTRAINT person_opening_pk PRIMARY KEY (tenant_id, opening_id);

ALTER TABLE ONLY vault.person
    ADD CONSTRAINT person_pk PRIMARY KEY (tenant_id, person_id);

ALTER TABLE ONLY vault.receipt_code
    ADD CONSTRAINT receipt_code_code_unique UNIQUE (tenant_id, code);

ALTER TABLE ONLY vault.receipt_code
    ADD CONSTRAINT receipt_code_pk PRIMARY KEY (tenant_id, contribution_id);

ALTER TABLE ONLY vault.retention_class
    ADD CONSTRAINT retention_class_pk PRIMARY KEY (retention, valid_from);

ALTER TABLE ONLY vault.sealed_value
    ADD CONSTRAINT sealed_value_pk PRIMARY KEY (tenant_id, event_id, field);

ALTER TABLE ONLY vault.unsealed_value
    ADD CONSTRAINT unsealed_value_pk PRIMARY KEY (tenant_id, event_id, field);

ALTER TABLE ONLY vault.user_device
    ADD CONSTRAINT user_device_hash_unique UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY vault.user_device
    ADD CONSTRAINT user_device_pk PRIMARY KEY (tenant_id, device_id);

ALTER TABLE ONLY vault.user_password
    ADD CONSTRAINT user_password_pk PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY vault.user_profile
    ADD CONSTRAINT user_profile_email_unique UNIQUE (tenant_id, email_key);

ALTER TABLE ONLY vault.user_profile
    ADD CONSTRAINT user_profile_pk PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY vault.user_recovery
    ADD CONSTRAINT user_recovery_pk PRIMARY KEY (tenant_id, user_id, code_hash);

ALTER TABLE ONLY vault.user_session
    ADD CONSTRAINT user_session_hash_unique UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY vault.user_session
    ADD CONSTRAINT user_session_pk PRIMARY KEY (tenant_id, session_id);

ALTER TABLE ONLY vault.user_totp
    ADD CONSTRAINT user_totp_pk PRIMARY KEY (tenant_id, user_id, is_pending);

CREATE INDEX approval_book_idx ON soquy.approval USING btree (tenant_id, book_id, expires_on);

CREATE INDEX approval_newest_idx ON soquy.approval USING btree (tenant_id, book_id, approval_id);

CREATE INDEX approval_policy_book_idx ON soquy.approval_policy USING btree (tenant_id, book_id, action, from_minor DESC, policy_id DESC);

CREATE INDEX approval_subject_idx ON soquy.approval USING btree (tenant_id, subject_id, approval_id);

CREATE INDEX association_parent_idx ON soquy.association USING btree (tenant_id, parent_id);

CREATE INDEX attachment_document ON soquy.attachment USING btree (tenant_id, document_id);

CREATE INDEX attachment_target ON soquy.attachment USING btree (tenant_id, target_id);

CREATE INDEX audit_pending_order_idx ON soquy.audit_pending USING btree (tenant_id, pending_no);

CREATE INDEX award_collection_event_idx ON soquy.award_collection USING btree (tenant_id, event_id);

CREATE INDEX award_round_book_idx ON soquy.award_round USING btree (tenant_id, book_id, round_id DESC);

CREATE INDEX award_sitting_list_idx ON soquy.award_sitting USING btree (tenant_id, list_id);

CREATE INDEX collection_file_idx ON soquy.collection USING btree (tenant_id, file_id) WHERE (file_id IS NOT NULL);

CREATE INDEX contribution_amount_idx ON soquy.contribution USING btree (tenant_id, book_id, amount_minor);

CREATE UNIQUE INDEX contribution_paper_unique ON soquy.contribution USING btree (tenant_id, block_id, paper_number, paper_use) WHERE (block_id IS NOT NULL);

CREATE INDEX contribution_pledge_idx ON soquy.contribution USING btree (tenant_id, pledge_id) WHERE (pledge_id IS NOT NULL);

CREATE INDEX donor_correction_contribution_idx ON soquy.donor_correction USING btree (tenant_id, contribution_id, recorded_at);

CREATE INDEX entry_corrects_idx ON soquy.entry USING btree (tenant_id, book_id, corrects_seq) WHERE (corrects_seq IS NOT NULL);

CREATE INDEX entry_day_idx ON soquy.entry USING btree (tenant_id, book_id, entry_on, seq);

CREATE INDEX entry_opening_idx ON soquy.entry USING btree (tenant_id, book_id, entry_on) WHERE (kind = 'opening'::text);

CREATE UNIQUE INDEX entry_reversal_unique ON soquy.entry USING btree (tenant_id, book_id, corrects_seq) WHERE (kind = 'reversal'::text);

CREATE INDEX goods_day_idx ON soquy.goods USING btree (tenant_id, book_id, received_on, goods_id);

CREATE INDEX goods_handover_goods_idx ON soquy.goods_handover USING btree (tenant_id, goods_id, recorded_at);

CREATE INDEX invitation_association_idx ON soquy.invitation USING btree (tenant_id, association_id);

CREATE INDEX job_due ON soquy.job USING btree (tenant_id, due_at) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX job_finished ON soquy.job USING btree (tenant_id, finished_at) WHERE (finished_at IS NOT NULL);

CREATE UNIQUE INDEX job_subject_unique ON soquy.job USING btree (tenant_id, kind, subject) WHERE (state <> ALL (ARRAY['failed'::text, 'cancelled'::text]));

CREATE INDEX log_checkpoint_time_idx ON soquy.log_checkpoint USING btree (log_id, published_at);

CREATE INDEX log_leaf_book_idx ON soquy.log_leaf USING btree (log_id, tenant_id, book_id, leaf_index) INCLUDE (book_seq) WHERE (book_seq IS NOT NULL);

CREATE INDEX pledge_correction_pledge_idx ON soquy.pledge_correction USING btree (tenant_id, pledge_id) WHERE (pledge_id IS NOT NULL);

CREATE INDEX pledge_due_idx ON soquy.pledge USING btree (tenant_id, book_id, due_on, pledge_id);

CREATE INDEX posting_account_idx ON ONLY soquy.posting USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_1996_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_1996 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_1997_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_1997 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_1998_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_1998 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_1999_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_1999 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2000_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2000 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2001_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2001 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2002_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2002 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2003_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2003 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2004_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2004 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2005_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2005 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2006_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2006 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2007_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2007 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2008_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2008 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2009_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2009 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2010_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2010 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2011_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2011 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2012_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2012 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2013_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2013 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2014_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2014 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2015_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2015 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2016_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2016 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2017_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2017 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2018_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2018 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2019_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2019 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2020_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2020 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2021_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2021 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2022_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2022 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2023_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2023 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2024_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2024 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2025_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2025 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2026_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2026 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX posting_2027_tenant_id_book_id_account_entry_on_seq_line_fu_idx ON soquy.posting_2027 USING btree (tenant_id, book_id, account, entry_on, seq, line) INCLUDE (fund, value_minor);

CREATE INDEX program_plan_year_idx ON soquy.program_plan USING btree (tenant_id, book_id, year, program, version DESC);

CREATE INDEX receipt_block_series_idx ON soquy.receipt_block USING btree (tenant_id, book_id, series, first_number);

CREATE INDEX role_exception_association_idx ON soquy.role_exception USING btree (tenant_id, association_id, first_role, second_role);

CREATE INDEX role_grant_association_idx ON soquy.role_grant USING btree (tenant_id, association_id);

CREATE INDEX role_holder_user_idx ON soquy.role_holder USING btree (tenant_id, user_id);

CREATE INDEX access_event_age_idx ON vault.access_event USING btree (tenant_id, recorded_at);

CREATE INDEX access_event_user_idx ON vault.access_event USING btree (tenant_id, user_id, recorded_at);

CREATE INDEX award_claim_identity_idx ON vault.award_claim USING btree (tenant_id, identity);

CREATE INDEX beneficiary_person_idx ON vault.beneficiary USING btree (tenant_id, person_id);

CREATE INDEX consent_person ON vault.consent USING btree (tenant_id, person_id, purpose);

CREATE INDEX contributor_person_idx ON vault.contributor USING btree (tenant_id, person_id) WHERE (person_id IS NOT NULL);

CREATE INDEX contributor_search_idx ON vault.contributor USING btree (tenant_id, book_id, search_key) INCLUDE (event_id);

CREATE UNIQUE INDEX data_key_current_unique ON vault.data_key USING btree (tenant_id, purpose, year) WHERE ((subject_id IS NULL) AND (retired_at IS NULL));

CREATE INDEX data_key_subject_idx ON vault.data_key USING btree (tenant_id, subject_id) WHERE (subject_id IS NOT NULL);

CREATE UNIQUE INDEX data_key_subject_unique ON vault.data_key USING btree (tenant_id, subject_id) WHERE ((subject_id IS NOT NULL) AND (retired_at IS NULL));

CREATE INDEX document_opening_document ON vault.document_opening USING btree (tenant_id, document_id, opened_at);

CREATE INDEX document_sending_principal ON vault.document_sending USING btree (tenant_id, principal_id, sent_at);

CREATE INDEX draft_state_idx ON vault.draft USING btree (tenant_id, book_id, state, changed_at);

CREATE INDEX guardianship_guardian ON vault.guardianship USING btree (tenant_id, guardian_id);

CREATE INDEX intake_decision_intake ON vault.intake_decision USING btree (tenant_id, intake_id, decision_id);

CREATE INDEX intake_digest_order ON vault.intake_digest USING btree (tenant_id, book_id, posted_at);

CREATE INDEX intake_document ON vault.intake USING btree (tenant_id, document_id);

CREATE INDEX intake_order ON vault.intake USING btree (tenant_id, book_id, intake_id);

CREATE INDEX opening_event ON vault.opening USING btree (tenant_id, event_id, field);

CREATE INDEX payee_person_idx ON vault.payee USING btree (tenant_id, person_id) WHERE (person_id IS NOT NULL);

CREATE INDEX person_handle ON vault.person USING btree (tenant_id, handle);

CREATE INDEX person_merged ON vault.person USING btree (tenant_id, merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX person_name ON vault.person USING btree (tenant_id, book_id, search_key) WHERE (merged_into IS NULL);

CREATE INDEX person_opening_person ON vault.person_opening USING btree (tenant_id, person_id, opened_at);

CREATE INDEX person_order ON vault.person USING btree (tenant_id, book_id, sort_key, person_id) INCLUDE (words, kind) WHERE (merged_into IS NULL);

CREATE INDEX user_device_user_idx ON vault.user_device USING btree (tenant_id, user_id);

CREATE INDEX user_session_user_idx ON vault.user_session USING btree (tenant_id, user_id);

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_1996_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_1996_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_1997_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_1997_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_1998_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_1998_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_1999_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_1999_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2000_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2000_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2001_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2001_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2002_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2002_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2003_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2003_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2004_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2004_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2005_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2005_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2006_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2006_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2007_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2007_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2008_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2008_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2009_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2009_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2010_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2010_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2011_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2011_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2012_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2012_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2013_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2013_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2014_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2014_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2015_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2015_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2016_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2016_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2017_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2017_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2018_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2018_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2019_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2019_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2020_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2020_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2021_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2021_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2022_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2022_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2023_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2023_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2024_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2024_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2025_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2025_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2026_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2026_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

ALTER INDEX soquy.posting_pk ATTACH PARTITION soquy.posting_2027_pkey;

ALTER INDEX soquy.posting_account_idx ATTACH PARTITION soquy.posting_2027_tenant_id_book_id_account_entry_on_seq_line_fu_idx;

CREATE TRIGGER account_check AFTER INSERT ON soquy.account REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_accounts();

ALTER TABLE soquy.account ENABLE ALWAYS TRIGGER account_check;

CREATE TRIGGER account_leaf AFTER INSERT ON soquy.account REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_account_leaves();

ALTER TABLE soquy.account ENABLE ALWAYS TRIGGER account_leaf;

CREATE TRIGGER api_token_leaf AFTER INSERT ON soquy.api_token REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_token_leaves();

ALTER TABLE soquy.api_token ENABLE ALWAYS TRIGGER api_token_leaf;

CREATE TRIGGER approval_append_only BEFORE DELETE OR UPDATE ON soquy.approval FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_append_only;

CREATE TRIGGER approval_check AFTER INSERT ON soquy.approval REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_approvals();

ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_check;

CREATE TRIGGER approval_decision_append_only BEFORE DELETE OR UPDATE ON soquy.approval_decision FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_decision ENABLE ALWAYS TRIGGER approval_decision_append_only;

CREATE TRIGGER approval_decision_check AFTER INSERT ON soquy.approval_decision REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_approval_decisions();

ALTER TABLE soquy.approval_decision ENABLE ALWAYS TRIGGER approval_decision_check;

CREATE TRIGGER approval_decision_no_truncate BEFORE TRUNCATE ON soquy.approval_decision FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_decision ENABLE ALWAYS TRIGGER approval_decision_no_truncate;

CREATE TRIGGER approval_no_truncate BEFORE TRUNCATE ON soquy.approval FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_no_truncate;

CREATE TRIGGER approval_policy_append_only BEFORE DELETE OR UPDATE ON soquy.approval_policy FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_policy ENABLE ALWAYS TRIGGER approval_policy_append_only;

CREATE TRIGGER approval_policy_check AFTER INSERT ON soquy.approval_policy REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_approval_policies();

ALTER TABLE soquy.approval_policy ENABLE ALWAYS TRIGGER approval_policy_check;

CREATE TRIGGER approval_policy_no_truncate BEFORE TRUNCATE ON soquy.approval_policy FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_policy ENABLE ALWAYS TRIGGER approval_policy_no_truncate;

CREATE TRIGGER approval_round_check AFTER INSERT ON soquy.approval REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_round_approvals();

ALTER TABLE soquy.approval ENABLE ALWAYS TRIGGER approval_round_check;

CREATE TRIGGER approval_use_append_only BEFORE DELETE OR UPDATE ON soquy.approval_use FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_use ENABLE ALWAYS TRIGGER approval_use_append_only;

CREATE TRIGGER approval_use_no_truncate BEFORE TRUNCATE ON soquy.approval_use FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_use ENABLE ALWAYS TRIGGER approval_use_no_truncate;

CREATE TRIGGER approval_withdrawal_append_only BEFORE DELETE OR UPDATE ON soquy.approval_withdrawal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_withdrawal ENABLE ALWAYS TRIGGER approval_withdrawal_append_only;

CREATE TRIGGER approval_withdrawal_check AFTER INSERT ON soquy.approval_withdrawal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_approval_withdrawals();

ALTER TABLE soquy.approval_withdrawal ENABLE ALWAYS TRIGGER approval_withdrawal_check;

CREATE TRIGGER approval_withdrawal_no_truncate BEFORE TRUNCATE ON soquy.approval_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.approval_withdrawal ENABLE ALWAYS TRIGGER approval_withdrawal_no_truncate;

CREATE TRIGGER association_check AFTER INSERT ON soquy.association REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_associations();

ALTER TABLE soquy.association ENABLE ALWAYS TRIGGER association_check;

CREATE TRIGGER association_leaf AFTER INSERT ON soquy.association REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_association_leaves();

ALTER TABLE soquy.association ENABLE ALWAYS TRIGGER association_leaf;

CREATE TRIGGER attachment_append_only BEFORE DELETE OR UPDATE ON soquy.attachment FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.attachment ENABLE ALWAYS TRIGGER attachment_append_only;

CREATE TRIGGER attachment_disowning_append_only BEFORE DELETE OR UPDATE ON soquy.attachment_disowning FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.attachment_disowning ENABLE ALWAYS TRIGGER attachment_disowning_append_only;

CREATE TRIGGER attachment_disowning_leaf AFTER INSERT ON soquy.attachment_disowning REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_attachment_disownings();

ALTER TABLE soquy.attachment_disowning ENABLE ALWAYS TRIGGER attachment_disowning_leaf;

CREATE TRIGGER attachment_disowning_no_truncate BEFORE TRUNCATE ON soquy.attachment_disowning FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.attachment_disowning ENABLE ALWAYS TRIGGER attachment_disowning_no_truncate;

CREATE TRIGGER attachment_leaf AFTER INSERT ON soquy.attachment REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_attachments();

ALTER TABLE soquy.attachment ENABLE ALWAYS TRIGGER attachment_leaf;

CREATE TRIGGER attachment_no_truncate BEFORE TRUNCATE ON soquy.attachment FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.attachment ENABLE ALWAYS TRIGGER attachment_no_truncate;

CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE ON soquy.audit_entry FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only;

CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON soquy.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_truncate;

CREATE TRIGGER audit_entry_queue AFTER INSERT ON soquy.audit_entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.queue_leaves();

ALTER TABLE soquy.audit_entry ENABLE ALWAYS TRIGGER audit_entry_queue;

CREATE TRIGGER award_append_only BEFORE DELETE OR UPDATE ON soquy.award FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award ENABLE ALWAYS TRIGGER award_append_only;

CREATE TRIGGER award_check AFTER INSERT ON soquy.award REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_awards();

ALTER TABLE soquy.award ENABLE ALWAYS TRIGGER award_check;

CREATE TRIGGER award_collection_append_only BEFORE DELETE OR UPDATE ON soquy.award_collection FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_collection ENABLE ALWAYS TRIGGER award_collection_append_only;

CREATE TRIGGER award_collection_check AFTER INSERT ON soquy.award_collection REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_collections();

ALTER TABLE soquy.award_collection ENABLE ALWAYS TRIGGER award_collection_check;

CREATE TRIGGER award_collection_no_truncate BEFORE TRUNCATE ON soquy.award_collection FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_collection ENABLE ALWAYS TRIGGER award_collection_no_truncate;

CREATE TRIGGER award_decision_append_only BEFORE DELETE OR UPDATE ON soquy.award_decision FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_decision ENABLE ALWAYS TRIGGER award_decision_append_only;

CREATE TRIGGER award_decision_check AFTER INSERT ON soquy.award_decision REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_decisions();

ALTER TABLE soquy.award_decision ENABLE ALWAYS TRIGGER award_decision_check;

CREATE TRIGGER award_decision_no_truncate BEFORE TRUNCATE ON soquy.award_decision FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_decision ENABLE ALWAYS TRIGGER award_decision_no_truncate;

CREATE TRIGGER award_list_append_only BEFORE DELETE OR UPDATE ON soquy.award_list FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_list ENABLE ALWAYS TRIGGER award_list_append_only;

CREATE TRIGGER award_list_check AFTER INSERT ON soquy.award_list REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_lists();

ALTER TABLE soquy.award_list ENABLE ALWAYS TRIGGER award_list_check;

CREATE TRIGGER award_list_no_truncate BEFORE TRUNCATE ON soquy.award_list FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_list ENABLE ALWAYS TRIGGER award_list_no_truncate;

CREATE TRIGGER award_list_withdrawal_append_only BEFORE DELETE OR UPDATE ON soquy.award_list_withdrawal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_list_withdrawal ENABLE ALWAYS TRIGGER award_list_withdrawal_append_only;

CREATE TRIGGER award_list_withdrawal_check AFTER INSERT ON soquy.award_list_withdrawal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_list_withdrawals();

ALTER TABLE soquy.award_list_withdrawal ENABLE ALWAYS TRIGGER award_list_withdrawal_check;

CREATE TRIGGER award_list_withdrawal_no_truncate BEFORE TRUNCATE ON soquy.award_list_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_list_withdrawal ENABLE ALWAYS TRIGGER award_list_withdrawal_no_truncate;

CREATE TRIGGER award_no_truncate BEFORE TRUNCATE ON soquy.award FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award ENABLE ALWAYS TRIGGER award_no_truncate;

CREATE TRIGGER award_payment_append_only BEFORE DELETE OR UPDATE ON soquy.award_payment FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_payment ENABLE ALWAYS TRIGGER award_payment_append_only;

CREATE TRIGGER award_payment_no_truncate BEFORE TRUNCATE ON soquy.award_payment FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_payment ENABLE ALWAYS TRIGGER award_payment_no_truncate;

CREATE TRIGGER award_round_append_only BEFORE DELETE OR UPDATE ON soquy.award_round FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_round ENABLE ALWAYS TRIGGER award_round_append_only;

CREATE TRIGGER award_round_check AFTER INSERT ON soquy.award_round REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_rounds();

ALTER TABLE soquy.award_round ENABLE ALWAYS TRIGGER award_round_check;

CREATE TRIGGER award_round_no_truncate BEFORE TRUNCATE ON soquy.award_round FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_round ENABLE ALWAYS TRIGGER award_round_no_truncate;

CREATE TRIGGER award_sitting_append_only BEFORE DELETE OR UPDATE ON soquy.award_sitting FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_sitting ENABLE ALWAYS TRIGGER award_sitting_append_only;

CREATE TRIGGER award_sitting_check AFTER INSERT ON soquy.award_sitting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_sittings();

ALTER TABLE soquy.award_sitting ENABLE ALWAYS TRIGGER award_sitting_check;

CREATE TRIGGER award_sitting_no_truncate BEFORE TRUNCATE ON soquy.award_sitting FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.award_sitting ENABLE ALWAYS TRIGGER award_sitting_no_truncate;

CREATE TRIGGER bank_account_append_only BEFORE DELETE OR UPDATE ON soquy.bank_account FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.bank_account ENABLE ALWAYS TRIGGER bank_account_append_only;

CREATE TRIGGER bank_account_leaf AFTER INSERT ON soquy.bank_account REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_bank_accounts();

ALTER TABLE soquy.bank_account ENABLE ALWAYS TRIGGER bank_account_leaf;

CREATE TRIGGER bank_account_no_truncate BEFORE TRUNCATE ON soquy.bank_account FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.bank_account ENABLE ALWAYS TRIGGER bank_account_no_truncate;

CREATE TRIGGER block_closing_append_only BEFORE DELETE OR UPDATE ON soquy.block_closing FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.block_closing ENABLE ALWAYS TRIGGER block_closing_append_only;

CREATE TRIGGER block_closing_check AFTER INSERT ON soquy.block_closing REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_block_closings();

ALTER TABLE soquy.block_closing ENABLE ALWAYS TRIGGER block_closing_check;

CREATE TRIGGER block_closing_no_truncate BEFORE TRUNCATE ON soquy.block_closing FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.block_closing ENABLE ALWAYS TRIGGER block_closing_no_truncate;

CREATE TRIGGER block_void_append_only BEFORE DELETE OR UPDATE ON soquy.block_void FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.block_void ENABLE ALWAYS TRIGGER block_void_append_only;

CREATE TRIGGER block_void_check AFTER INSERT ON soquy.block_void REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_block_voids();

ALTER TABLE soquy.block_void ENABLE ALWAYS TRIGGER block_void_check;

CREATE TRIGGER block_void_no_truncate BEFORE TRUNCATE ON soquy.block_void FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.block_void ENABLE ALWAYS TRIGGER block_void_no_truncate;

CREATE TRIGGER book_furnish AFTER INSERT ON soquy.book REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.furnish_book();

ALTER TABLE soquy.book ENABLE ALWAYS TRIGGER book_furnish;

CREATE TRIGGER book_leaf AFTER INSERT ON soquy.book REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_book_leaves();

ALTER TABLE soquy.book ENABLE ALWAYS TRIGGER book_leaf;

CREATE TRIGGER campaign_leaf AFTER INSERT ON soquy.campaign REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_campaign_leaves();

ALTER TABLE soquy.campaign ENABLE ALWAYS TRIGGER campaign_leaf;

CREATE TRIGGER collection_append_only BEFORE DELETE OR UPDATE ON soquy.collection FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.collection ENABLE ALWAYS TRIGGER collection_append_only;

CREATE TRIGGER collection_leaf AFTER INSERT ON soquy.collection REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_collections();

ALTER TABLE soquy.collection ENABLE ALWAYS TRIGGER collection_leaf;

CREATE TRIGGER collection_no_truncate BEFORE TRUNCATE ON soquy.collection FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.collection ENABLE ALWAYS TRIGGER collection_no_truncate;

CREATE TRIGGER contribution_append_only BEFORE DELETE OR UPDATE ON soquy.contribution FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.contribution ENABLE ALWAYS TRIGGER contribution_append_only;

CREATE TRIGGER contribution_check AFTER INSERT ON soquy.contribution REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_contributions();

ALTER TABLE soquy.contribution ENABLE ALWAYS TRIGGER contribution_check;

CREATE TRIGGER contribution_no_truncate BEFORE TRUNCATE ON soquy.contribution FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.contribution ENABLE ALWAYS TRIGGER contribution_no_truncate;

CREATE TRIGGER donor_correction_append_only BEFORE DELETE OR UPDATE ON soquy.donor_correction FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.donor_correction ENABLE ALWAYS TRIGGER donor_correction_append_only;

CREATE TRIGGER donor_correction_leaf AFTER INSERT ON soquy.donor_correction REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_donor_corrections();

ALTER TABLE soquy.donor_correction ENABLE ALWAYS TRIGGER donor_correction_leaf;

CREATE TRIGGER donor_correction_no_truncate BEFORE TRUNCATE ON soquy.donor_correction FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.donor_correction ENABLE ALWAYS TRIGGER donor_correction_no_truncate;

CREATE TRIGGER earmark_leaf AFTER INSERT ON soquy.earmark REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_earmarks();

ALTER TABLE soquy.earmark ENABLE ALWAYS TRIGGER earmark_leaf;

CREATE TRIGGER entry_append_only BEFORE DELETE OR UPDATE ON soquy.entry FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.entry ENABLE ALWAYS TRIGGER entry_append_only;

CREATE TRIGGER entry_check AFTER INSERT ON soquy.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_entries();

ALTER TABLE soquy.entry ENABLE ALWAYS TRIGGER entry_check;

CREATE TRIGGER entry_goods_check AFTER INSERT ON soquy.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_goods_reversals();

ALTER TABLE soquy.entry ENABLE ALWAYS TRIGGER entry_goods_check;

CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON soquy.entry FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.entry ENABLE ALWAYS TRIGGER entry_no_truncate;

CREATE TRIGGER entry_proposal_append_only BEFORE DELETE OR UPDATE ON soquy.entry_proposal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.entry_proposal ENABLE ALWAYS TRIGGER entry_proposal_append_only;

CREATE TRIGGER entry_proposal_check AFTER INSERT ON soquy.entry_proposal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_entry_proposals();

ALTER TABLE soquy.entry_proposal ENABLE ALWAYS TRIGGER entry_proposal_check;

CREATE TRIGGER entry_proposal_list_check AFTER INSERT ON soquy.entry_proposal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_list_payments();

ALTER TABLE soquy.entry_proposal ENABLE ALWAYS TRIGGER entry_proposal_list_check;

CREATE TRIGGER entry_proposal_no_truncate BEFORE TRUNCATE ON soquy.entry_proposal FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.entry_proposal ENABLE ALWAYS TRIGGER entry_proposal_no_truncate;

CREATE TRIGGER fund_check AFTER INSERT ON soquy.fund REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_funds();

ALTER TABLE soquy.fund ENABLE ALWAYS TRIGGER fund_check;

CREATE TRIGGER fund_leaf AFTER INSERT ON soquy.fund REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_fund_leaves();

ALTER TABLE soquy.fund ENABLE ALWAYS TRIGGER fund_leaf;

CREATE TRIGGER goods_append_only BEFORE DELETE OR UPDATE ON soquy.goods FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods ENABLE ALWAYS TRIGGER goods_append_only;

CREATE TRIGGER goods_check AFTER INSERT ON soquy.goods REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_goods();

ALTER TABLE soquy.goods ENABLE ALWAYS TRIGGER goods_check;

CREATE TRIGGER goods_handover_append_only BEFORE DELETE OR UPDATE ON soquy.goods_handover FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_handover ENABLE ALWAYS TRIGGER goods_handover_append_only;

CREATE TRIGGER goods_handover_check AFTER INSERT ON soquy.goods_handover REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_goods_handovers();

ALTER TABLE soquy.goods_handover ENABLE ALWAYS TRIGGER goods_handover_check;

CREATE TRIGGER goods_handover_no_truncate BEFORE TRUNCATE ON soquy.goods_handover FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_handover ENABLE ALWAYS TRIGGER goods_handover_no_truncate;

CREATE TRIGGER goods_handover_undoing_append_only BEFORE DELETE OR UPDATE ON soquy.goods_handover_undoing FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_handover_undoing ENABLE ALWAYS TRIGGER goods_handover_undoing_append_only;

CREATE TRIGGER goods_handover_undoing_check AFTER INSERT ON soquy.goods_handover_undoing REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_goods_undoings();

ALTER TABLE soquy.goods_handover_undoing ENABLE ALWAYS TRIGGER goods_handover_undoing_check;

CREATE TRIGGER goods_handover_undoing_no_truncate BEFORE TRUNCATE ON soquy.goods_handover_undoing FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_handover_undoing ENABLE ALWAYS TRIGGER goods_handover_undoing_no_truncate;

CREATE TRIGGER goods_no_truncate BEFORE TRUNCATE ON soquy.goods FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods ENABLE ALWAYS TRIGGER goods_no_truncate;

CREATE TRIGGER goods_withdrawal_append_only BEFORE DELETE OR UPDATE ON soquy.goods_withdrawal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_withdrawal ENABLE ALWAYS TRIGGER goods_withdrawal_append_only;

CREATE TRIGGER goods_withdrawal_check AFTER INSERT ON soquy.goods_withdrawal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_goods_withdrawals();

ALTER TABLE soquy.goods_withdrawal ENABLE ALWAYS TRIGGER goods_withdrawal_check;

CREATE TRIGGER goods_withdrawal_no_truncate BEFORE TRUNCATE ON soquy.goods_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.goods_withdrawal ENABLE ALWAYS TRIGGER goods_withdrawal_no_truncate;

CREATE TRIGGER idempotency_append_only BEFORE DELETE OR UPDATE ON soquy.idempotency FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.idempotency ENABLE ALWAYS TRIGGER idempotency_append_only;

CREATE TRIGGER idempotency_no_truncate BEFORE TRUNCATE ON soquy.idempotency FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.idempotency ENABLE ALWAYS TRIGGER idempotency_no_truncate;

CREATE TRIGGER intake_posting_append_only BEFORE DELETE OR UPDATE ON soquy.intake_posting FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.intake_posting ENABLE ALWAYS TRIGGER intake_posting_append_only;

CREATE TRIGGER intake_posting_check AFTER INSERT ON soquy.intake_posting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_intake_postings();

ALTER TABLE soquy.intake_posting ENABLE ALWAYS TRIGGER intake_posting_check;

CREATE TRIGGER intake_posting_no_truncate BEFORE TRUNCATE ON soquy.intake_posting FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.intake_posting ENABLE ALWAYS TRIGGER intake_posting_no_truncate;

CREATE TRIGGER intake_reversal_append_only BEFORE DELETE OR UPDATE ON soquy.intake_reversal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.intake_reversal ENABLE ALWAYS TRIGGER intake_reversal_append_only;

CREATE TRIGGER intake_reversal_check AFTER INSERT ON soquy.intake_reversal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_intake_reversals();

ALTER TABLE soquy.intake_reversal ENABLE ALWAYS TRIGGER intake_reversal_check;

CREATE TRIGGER intake_reversal_no_truncate BEFORE TRUNCATE ON soquy.intake_reversal FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.intake_reversal ENABLE ALWAYS TRIGGER intake_reversal_no_truncate;

CREATE TRIGGER log_append_only BEFORE DELETE OR UPDATE ON soquy.log FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log ENABLE ALWAYS TRIGGER log_append_only;

CREATE TRIGGER log_checkpoint_append_only BEFORE DELETE OR UPDATE ON soquy.log_checkpoint FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_append_only;

CREATE TRIGGER log_checkpoint_check AFTER INSERT ON soquy.log_checkpoint REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_log_checkpoints();

ALTER TABLE soquy.log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_check;

CREATE TRIGGER log_checkpoint_no_truncate BEFORE TRUNCATE ON soquy.log_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_no_truncate;

CREATE TRIGGER log_disclosure_append_only BEFORE DELETE OR UPDATE ON soquy.log_disclosure FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_disclosure ENABLE ALWAYS TRIGGER log_disclosure_append_only;

CREATE TRIGGER log_disclosure_check AFTER INSERT ON soquy.log_disclosure REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_log_disclosures();

ALTER TABLE soquy.log_disclosure ENABLE ALWAYS TRIGGER log_disclosure_check;

CREATE TRIGGER log_disclosure_no_truncate BEFORE TRUNCATE ON soquy.log_disclosure FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_disclosure ENABLE ALWAYS TRIGGER log_disclosure_no_truncate;

CREATE TRIGGER log_leaf_append_only BEFORE DELETE OR UPDATE ON soquy.log_leaf FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_leaf ENABLE ALWAYS TRIGGER log_leaf_append_only;

CREATE TRIGGER log_leaf_check AFTER INSERT ON soquy.log_leaf REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_log_leaves();

ALTER TABLE soquy.log_leaf ENABLE ALWAYS TRIGGER log_leaf_check;

CREATE TRIGGER log_leaf_no_truncate BEFORE TRUNCATE ON soquy.log_leaf FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_leaf ENABLE ALWAYS TRIGGER log_leaf_no_truncate;

CREATE TRIGGER log_no_truncate BEFORE TRUNCATE ON soquy.log FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log ENABLE ALWAYS TRIGGER log_no_truncate;

CREATE TRIGGER log_tile_append_only BEFORE DELETE OR UPDATE ON soquy.log_tile FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_tile ENABLE ALWAYS TRIGGER log_tile_append_only;

CREATE TRIGGER log_tile_no_truncate BEFORE TRUNCATE ON soquy.log_tile FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_tile ENABLE ALWAYS TRIGGER log_tile_no_truncate;

CREATE TRIGGER log_tree_append_only BEFORE DELETE OR UPDATE ON soquy.log_tree FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_tree ENABLE ALWAYS TRIGGER log_tree_append_only;

CREATE TRIGGER log_tree_check AFTER INSERT ON soquy.log_tree REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_log_trees();

ALTER TABLE soquy.log_tree ENABLE ALWAYS TRIGGER log_tree_check;

CREATE TRIGGER log_tree_no_truncate BEFORE TRUNCATE ON soquy.log_tree FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.log_tree ENABLE ALWAYS TRIGGER log_tree_no_truncate;

CREATE TRIGGER month_lock_append_only BEFORE DELETE OR UPDATE ON soquy.month_lock FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.month_lock ENABLE ALWAYS TRIGGER month_lock_append_only;

CREATE TRIGGER month_lock_apply AFTER INSERT ON soquy.month_lock REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.apply_month_lock();

ALTER TABLE soquy.month_lock ENABLE ALWAYS TRIGGER month_lock_apply;

CREATE TRIGGER month_lock_leaf AFTER INSERT ON soquy.month_lock REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_month_lock_leaves();

ALTER TABLE soquy.month_lock ENABLE ALWAYS TRIGGER month_lock_leaf;

CREATE TRIGGER month_lock_no_truncate BEFORE TRUNCATE ON soquy.month_lock FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.month_lock ENABLE ALWAYS TRIGGER month_lock_no_truncate;

CREATE TRIGGER paper_append_only BEFORE DELETE OR UPDATE ON soquy.paper FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.paper ENABLE ALWAYS TRIGGER paper_append_only;

CREATE TRIGGER paper_no_truncate BEFORE TRUNCATE ON soquy.paper FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.paper ENABLE ALWAYS TRIGGER paper_no_truncate;

CREATE TRIGGER pledge_append_only BEFORE DELETE OR UPDATE ON soquy.pledge FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge ENABLE ALWAYS TRIGGER pledge_append_only;

CREATE TRIGGER pledge_cancellation_append_only BEFORE DELETE OR UPDATE ON soquy.pledge_cancellation FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge_cancellation ENABLE ALWAYS TRIGGER pledge_cancellation_append_only;

CREATE TRIGGER pledge_cancellation_leaf AFTER INSERT ON soquy.pledge_cancellation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_pledge_cancellations();

ALTER TABLE soquy.pledge_cancellation ENABLE ALWAYS TRIGGER pledge_cancellation_leaf;

CREATE TRIGGER pledge_cancellation_no_truncate BEFORE TRUNCATE ON soquy.pledge_cancellation FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge_cancellation ENABLE ALWAYS TRIGGER pledge_cancellation_no_truncate;

CREATE TRIGGER pledge_correction_append_only BEFORE DELETE OR UPDATE ON soquy.pledge_correction FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge_correction ENABLE ALWAYS TRIGGER pledge_correction_append_only;

CREATE TRIGGER pledge_correction_check AFTER INSERT ON soquy.pledge_correction REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_pledge_corrections();

ALTER TABLE soquy.pledge_correction ENABLE ALWAYS TRIGGER pledge_correction_check;

CREATE TRIGGER pledge_correction_no_truncate BEFORE TRUNCATE ON soquy.pledge_correction FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge_correction ENABLE ALWAYS TRIGGER pledge_correction_no_truncate;

CREATE TRIGGER pledge_leaf AFTER INSERT ON soquy.pledge REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_pledges();

ALTER TABLE soquy.pledge ENABLE ALWAYS TRIGGER pledge_leaf;

CREATE TRIGGER pledge_no_truncate BEFORE TRUNCATE ON soquy.pledge FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.pledge ENABLE ALWAYS TRIGGER pledge_no_truncate;

CREATE TRIGGER posting_1996_no_truncate BEFORE TRUNCATE ON soquy.posting_1996 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_1996 ENABLE ALWAYS TRIGGER posting_1996_no_truncate;

CREATE TRIGGER posting_1997_no_truncate BEFORE TRUNCATE ON soquy.posting_1997 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_1997 ENABLE ALWAYS TRIGGER posting_1997_no_truncate;

CREATE TRIGGER posting_1998_no_truncate BEFORE TRUNCATE ON soquy.posting_1998 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_1998 ENABLE ALWAYS TRIGGER posting_1998_no_truncate;

CREATE TRIGGER posting_1999_no_truncate BEFORE TRUNCATE ON soquy.posting_1999 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_1999 ENABLE ALWAYS TRIGGER posting_1999_no_truncate;

CREATE TRIGGER posting_2000_no_truncate BEFORE TRUNCATE ON soquy.posting_2000 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2000 ENABLE ALWAYS TRIGGER posting_2000_no_truncate;

CREATE TRIGGER posting_2001_no_truncate BEFORE TRUNCATE ON soquy.posting_2001 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2001 ENABLE ALWAYS TRIGGER posting_2001_no_truncate;

CREATE TRIGGER posting_2002_no_truncate BEFORE TRUNCATE ON soquy.posting_2002 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2002 ENABLE ALWAYS TRIGGER posting_2002_no_truncate;

CREATE TRIGGER posting_2003_no_truncate BEFORE TRUNCATE ON soquy.posting_2003 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2003 ENABLE ALWAYS TRIGGER posting_2003_no_truncate;

CREATE TRIGGER posting_2004_no_truncate BEFORE TRUNCATE ON soquy.posting_2004 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2004 ENABLE ALWAYS TRIGGER posting_2004_no_truncate;

CREATE TRIGGER posting_2005_no_truncate BEFORE TRUNCATE ON soquy.posting_2005 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2005 ENABLE ALWAYS TRIGGER posting_2005_no_truncate;

CREATE TRIGGER posting_2006_no_truncate BEFORE TRUNCATE ON soquy.posting_2006 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2006 ENABLE ALWAYS TRIGGER posting_2006_no_truncate;

CREATE TRIGGER posting_2007_no_truncate BEFORE TRUNCATE ON soquy.posting_2007 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2007 ENABLE ALWAYS TRIGGER posting_2007_no_truncate;

CREATE TRIGGER posting_2008_no_truncate BEFORE TRUNCATE ON soquy.posting_2008 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2008 ENABLE ALWAYS TRIGGER posting_2008_no_truncate;

CREATE TRIGGER posting_2009_no_truncate BEFORE TRUNCATE ON soquy.posting_2009 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2009 ENABLE ALWAYS TRIGGER posting_2009_no_truncate;

CREATE TRIGGER posting_2010_no_truncate BEFORE TRUNCATE ON soquy.posting_2010 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2010 ENABLE ALWAYS TRIGGER posting_2010_no_truncate;

CREATE TRIGGER posting_2011_no_truncate BEFORE TRUNCATE ON soquy.posting_2011 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2011 ENABLE ALWAYS TRIGGER posting_2011_no_truncate;

CREATE TRIGGER posting_2012_no_truncate BEFORE TRUNCATE ON soquy.posting_2012 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2012 ENABLE ALWAYS TRIGGER posting_2012_no_truncate;

CREATE TRIGGER posting_2013_no_truncate BEFORE TRUNCATE ON soquy.posting_2013 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2013 ENABLE ALWAYS TRIGGER posting_2013_no_truncate;

CREATE TRIGGER posting_2014_no_truncate BEFORE TRUNCATE ON soquy.posting_2014 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2014 ENABLE ALWAYS TRIGGER posting_2014_no_truncate;

CREATE TRIGGER posting_2015_no_truncate BEFORE TRUNCATE ON soquy.posting_2015 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2015 ENABLE ALWAYS TRIGGER posting_2015_no_truncate;

CREATE TRIGGER posting_2016_no_truncate BEFORE TRUNCATE ON soquy.posting_2016 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2016 ENABLE ALWAYS TRIGGER posting_2016_no_truncate;

CREATE TRIGGER posting_2017_no_truncate BEFORE TRUNCATE ON soquy.posting_2017 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2017 ENABLE ALWAYS TRIGGER posting_2017_no_truncate;

CREATE TRIGGER posting_2018_no_truncate BEFORE TRUNCATE ON soquy.posting_2018 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2018 ENABLE ALWAYS TRIGGER posting_2018_no_truncate;

CREATE TRIGGER posting_2019_no_truncate BEFORE TRUNCATE ON soquy.posting_2019 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2019 ENABLE ALWAYS TRIGGER posting_2019_no_truncate;

CREATE TRIGGER posting_2020_no_truncate BEFORE TRUNCATE ON soquy.posting_2020 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2020 ENABLE ALWAYS TRIGGER posting_2020_no_truncate;

CREATE TRIGGER posting_2021_no_truncate BEFORE TRUNCATE ON soquy.posting_2021 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2021 ENABLE ALWAYS TRIGGER posting_2021_no_truncate;

CREATE TRIGGER posting_2022_no_truncate BEFORE TRUNCATE ON soquy.posting_2022 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2022 ENABLE ALWAYS TRIGGER posting_2022_no_truncate;

CREATE TRIGGER posting_2023_no_truncate BEFORE TRUNCATE ON soquy.posting_2023 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2023 ENABLE ALWAYS TRIGGER posting_2023_no_truncate;

CREATE TRIGGER posting_2024_no_truncate BEFORE TRUNCATE ON soquy.posting_2024 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2024 ENABLE ALWAYS TRIGGER posting_2024_no_truncate;

CREATE TRIGGER posting_2025_no_truncate BEFORE TRUNCATE ON soquy.posting_2025 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2025 ENABLE ALWAYS TRIGGER posting_2025_no_truncate;

CREATE TRIGGER posting_2026_no_truncate BEFORE TRUNCATE ON soquy.posting_2026 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2026 ENABLE ALWAYS TRIGGER posting_2026_no_truncate;

CREATE TRIGGER posting_2027_no_truncate BEFORE TRUNCATE ON soquy.posting_2027 FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting_2027 ENABLE ALWAYS TRIGGER posting_2027_no_truncate;

CREATE TRIGGER posting_append_only BEFORE DELETE OR UPDATE ON soquy.posting FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting ENABLE ALWAYS TRIGGER posting_append_only;

CREATE TRIGGER posting_check AFTER INSERT ON soquy.posting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_postings();

ALTER TABLE soquy.posting ENABLE ALWAYS TRIGGER posting_check;

CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON soquy.posting FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.posting ENABLE ALWAYS TRIGGER posting_no_truncate;

CREATE TRIGGER program_leaf AFTER INSERT ON soquy.program REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_program_leaves();

ALTER TABLE soquy.program ENABLE ALWAYS TRIGGER program_leaf;

CREATE TRIGGER program_plan_append_only BEFORE DELETE OR UPDATE ON soquy.program_plan FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.program_plan ENABLE ALWAYS TRIGGER program_plan_append_only;

CREATE TRIGGER program_plan_check AFTER INSERT ON soquy.program_plan REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_program_plans();

ALTER TABLE soquy.program_plan ENABLE ALWAYS TRIGGER program_plan_check;

CREATE TRIGGER program_plan_no_truncate BEFORE TRUNCATE ON soquy.program_plan FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.program_plan ENABLE ALWAYS TRIGGER program_plan_no_truncate;

CREATE TRIGGER receipt_block_append_only BEFORE DELETE OR UPDATE ON soquy.receipt_block FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.receipt_block ENABLE ALWAYS TRIGGER receipt_block_append_only;

CREATE TRIGGER receipt_block_check AFTER INSERT ON soquy.receipt_block REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_receipt_blocks();

ALTER TABLE soquy.receipt_block ENABLE ALWAYS TRIGGER receipt_block_check;

CREATE TRIGGER receipt_block_no_truncate BEFORE TRUNCATE ON soquy.receipt_block FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.receipt_block ENABLE ALWAYS TRIGGER receipt_block_no_truncate;

CREATE TRIGGER role_exception_append_only BEFORE DELETE OR UPDATE ON soquy.role_exception FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_exception ENABLE ALWAYS TRIGGER role_exception_append_only;

CREATE TRIGGER role_exception_check AFTER INSERT ON soquy.role_exception REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_role_exceptions();

ALTER TABLE soquy.role_exception ENABLE ALWAYS TRIGGER role_exception_check;

CREATE TRIGGER role_exception_ending_append_only BEFORE DELETE OR UPDATE ON soquy.role_exception_ending FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_exception_ending ENABLE ALWAYS TRIGGER role_exception_ending_append_only;

CREATE TRIGGER role_exception_ending_check AFTER INSERT ON soquy.role_exception_ending REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_role_exception_endings();

ALTER TABLE soquy.role_exception_ending ENABLE ALWAYS TRIGGER role_exception_ending_check;

CREATE TRIGGER role_exception_ending_no_truncate BEFORE TRUNCATE ON soquy.role_exception_ending FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_exception_ending ENABLE ALWAYS TRIGGER role_exception_ending_no_truncate;

CREATE TRIGGER role_exception_no_truncate BEFORE TRUNCATE ON soquy.role_exception FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_exception ENABLE ALWAYS TRIGGER role_exception_no_truncate;

CREATE TRIGGER role_grant_append_only BEFORE DELETE OR UPDATE ON soquy.role_grant FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_grant ENABLE ALWAYS TRIGGER role_grant_append_only;

CREATE TRIGGER role_grant_hold AFTER INSERT ON soquy.role_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.grant_roles();

ALTER TABLE soquy.role_grant ENABLE ALWAYS TRIGGER role_grant_hold;

CREATE TRIGGER role_grant_no_truncate BEFORE TRUNCATE ON soquy.role_grant FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_grant ENABLE ALWAYS TRIGGER role_grant_no_truncate;

CREATE TRIGGER role_revocation_append_only BEFORE DELETE OR UPDATE ON soquy.role_revocation FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_revocation ENABLE ALWAYS TRIGGER role_revocation_append_only;

CREATE TRIGGER role_revocation_hold AFTER INSERT ON soquy.role_revocation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.revoke_roles();

ALTER TABLE soquy.role_revocation ENABLE ALWAYS TRIGGER role_revocation_hold;

CREATE TRIGGER role_revocation_no_truncate BEFORE TRUNCATE ON soquy.role_revocation FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.role_revocation ENABLE ALWAYS TRIGGER role_revocation_no_truncate;

CREATE TRIGGER token_revocation_append_only BEFORE DELETE OR UPDATE ON soquy.token_revocation FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.token_revocation ENABLE ALWAYS TRIGGER token_revocation_append_only;

CREATE TRIGGER token_revocation_leaf AFTER INSERT ON soquy.token_revocation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_revocation_leaves();

ALTER TABLE soquy.token_revocation ENABLE ALWAYS TRIGGER token_revocation_leaf;

CREATE TRIGGER token_revocation_no_truncate BEFORE TRUNCATE ON soquy.token_revocation FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.token_revocation ENABLE ALWAYS TRIGGER token_revocation_no_truncate;

CREATE TRIGGER voucher_append_only BEFORE DELETE OR UPDATE ON soquy.voucher FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.voucher ENABLE ALWAYS TRIGGER voucher_append_only;

CREATE TRIGGER voucher_count AFTER INSERT ON soquy.voucher REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.count_vouchers();

ALTER TABLE soquy.voucher ENABLE ALWAYS TRIGGER voucher_count;

CREATE TRIGGER voucher_no_truncate BEFORE TRUNCATE ON soquy.voucher FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.voucher ENABLE ALWAYS TRIGGER voucher_no_truncate;

CREATE TRIGGER voucher_void_append_only BEFORE DELETE OR UPDATE ON soquy.voucher_void FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.voucher_void ENABLE ALWAYS TRIGGER voucher_void_append_only;

CREATE TRIGGER voucher_void_check AFTER INSERT ON soquy.voucher_void REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_voids();

ALTER TABLE soquy.voucher_void ENABLE ALWAYS TRIGGER voucher_void_check;

CREATE TRIGGER voucher_void_leaf AFTER INSERT ON soquy.voucher_void REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_voucher_void_leaves();

ALTER TABLE soquy.voucher_void ENABLE ALWAYS TRIGGER voucher_void_leaf;

CREATE TRIGGER voucher_void_no_truncate BEFORE TRUNCATE ON soquy.voucher_void FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE soquy.voucher_void ENABLE ALWAYS TRIGGER voucher_void_no_truncate;

CREATE TRIGGER award_claim_check AFTER INSERT ON vault.award_claim REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_award_claims();

ALTER TABLE vault.award_claim ENABLE ALWAYS TRIGGER award_claim_check;

CREATE TRIGGER beneficiary_check AFTER INSERT ON vault.beneficiary REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_beneficiaries();

ALTER TABLE vault.beneficiary ENABLE ALWAYS TRIGGER beneficiary_check;

CREATE TRIGGER consent_check AFTER INSERT ON vault.consent REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vault.check_consents();

ALTER TABLE vault.consent ENABLE ALWAYS TRIGGER consent_check;

CREATE TRIGGER consent_no_change BEFORE UPDATE ON vault.consent FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.consent ENABLE ALWAYS TRIGGER consent_no_change;

CREATE TRIGGER consent_withdrawal_check AFTER INSERT ON vault.consent_withdrawal REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vault.check_consent_withdrawals();

ALTER TABLE vault.consent_withdrawal ENABLE ALWAYS TRIGGER consent_withdrawal_check;

CREATE TRIGGER consent_withdrawal_no_change BEFORE UPDATE ON vault.consent_withdrawal FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.consent_withdrawal ENABLE ALWAYS TRIGGER consent_withdrawal_no_change;

CREATE TRIGGER contributor_check AFTER INSERT ON vault.contributor REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_contributors();

ALTER TABLE vault.contributor ENABLE ALWAYS TRIGGER contributor_check;

CREATE TRIGGER document_no_change BEFORE UPDATE ON vault.document FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.document ENABLE ALWAYS TRIGGER document_no_change;

CREATE TRIGGER document_opening_append_only BEFORE DELETE OR UPDATE ON vault.document_opening FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.document_opening ENABLE ALWAYS TRIGGER document_opening_append_only;

CREATE TRIGGER document_opening_no_truncate BEFORE TRUNCATE ON vault.document_opening FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.document_opening ENABLE ALWAYS TRIGGER document_opening_no_truncate;

CREATE TRIGGER document_sending_append_only BEFORE DELETE OR UPDATE ON vault.document_sending FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.document_sending ENABLE ALWAYS TRIGGER document_sending_append_only;

CREATE TRIGGER document_sending_no_truncate BEFORE TRUNCATE ON vault.document_sending FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.document_sending ENABLE ALWAYS TRIGGER document_sending_no_truncate;

CREATE TRIGGER erasure_append_only BEFORE DELETE OR UPDATE ON vault.erasure FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.erasure ENABLE ALWAYS TRIGGER erasure_append_only;

CREATE TRIGGER erasure_no_truncate BEFORE TRUNCATE ON vault.erasure FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.erasure ENABLE ALWAYS TRIGGER erasure_no_truncate;

CREATE TRIGGER guardianship_age AFTER INSERT ON vault.guardianship REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vault.check_guardianship();

ALTER TABLE vault.guardianship ENABLE ALWAYS TRIGGER guardianship_age;

CREATE TRIGGER intake_decision_no_change BEFORE UPDATE ON vault.intake_decision FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.intake_decision ENABLE ALWAYS TRIGGER intake_decision_no_change;

CREATE TRIGGER intake_line_state AFTER INSERT ON vault.intake_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vault.check_intake_lines();

ALTER TABLE vault.intake_line ENABLE ALWAYS TRIGGER intake_line_state;

CREATE TRIGGER intake_page_state AFTER INSERT ON vault.intake_page REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vault.check_intake_pages();

ALTER TABLE vault.intake_page ENABLE ALWAYS TRIGGER intake_page_state;

CREATE TRIGGER intake_step BEFORE UPDATE ON vault.intake FOR EACH ROW EXECUTE FUNCTION vault.check_intake_step();

ALTER TABLE vault.intake ENABLE ALWAYS TRIGGER intake_step;

CREATE TRIGGER opening_append_only BEFORE DELETE OR UPDATE ON vault.opening FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.opening ENABLE ALWAYS TRIGGER opening_append_only;

CREATE TRIGGER opening_no_truncate BEFORE TRUNCATE ON vault.opening FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.opening ENABLE ALWAYS TRIGGER opening_no_truncate;

CREATE TRIGGER payee_check AFTER INSERT ON vault.payee REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_payees();

ALTER TABLE vault.payee ENABLE ALWAYS TRIGGER payee_check;

CREATE TRIGGER person_erasure_append_only BEFORE DELETE OR UPDATE ON vault.person_erasure FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.person_erasure ENABLE ALWAYS TRIGGER person_erasure_append_only;

CREATE TRIGGER person_erasure_no_truncate BEFORE TRUNCATE ON vault.person_erasure FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.person_erasure ENABLE ALWAYS TRIGGER person_erasure_no_truncate;

CREATE TRIGGER person_opening_append_only BEFORE DELETE OR UPDATE ON vault.person_opening FOR EACH ROW EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.person_opening ENABLE ALWAYS TRIGGER person_opening_append_only;

CREATE TRIGGER person_opening_no_truncate BEFORE TRUNCATE ON vault.person_opening FOR EACH STATEMENT EXECUTE FUNCTION soquy.refuse_change();

ALTER TABLE vault.person_opening ENABLE ALWAYS TRIGGER person_opening_no_truncate;

CREATE TRIGGER receipt_code_check AFTER INSERT ON vault.receipt_code REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION soquy.check_receipt_codes();

ALTER TABLE vault.receipt_code ENABLE ALWAYS TRIGGER receipt_code_check;

ALTER TABLE ONLY soquy.account
    ADD CONSTRAINT account_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.account
    ADD CONSTRAINT account_currency_fk FOREIGN KEY (currency) REFERENCES soquy.currency(currency);

ALTER TABLE ONLY soquy.account
    ADD CONSTRAINT account_parent_fk FOREIGN KEY (tenant_id, book_id, parent) REFERENCES soquy.account(tenant_id, book_id, account);

ALTER TABLE ONLY soquy.api_token
    ADD CONSTRAINT api_token_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY soquy.approval
    ADD CONSTRAINT approval_action_fk FOREIGN KEY (action) REFERENCES soquy.approval_action(action);

ALTER TABLE ONLY soquy.approval
    ADD CONSTRAINT approval_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.approval_decision
    ADD CONSTRAINT approval_decision_approval_fk FOREIGN KEY (tenant_id, approval_id) REFERENCES soquy.approval(tenant_id, approval_id);

ALTER TABLE ONLY soquy.approval_decision
    ADD CONSTRAINT approval_decision_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.approval_policy
    ADD CONSTRAINT approval_policy_action_fk FOREIGN KEY (action) REFERENCES soquy.approval_action(action);

ALTER TABLE ONLY soquy.approval_policy
    ADD CONSTRAINT approval_policy_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.approval_use
    ADD CONSTRAINT approval_use_approval_fk FOREIGN KEY (tenant_id, approval_id) REFERENCES soquy.approval(tenant_id, approval_id);

ALTER TABLE ONLY soquy.approval_use
    ADD CONSTRAINT approval_use_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.approval_withdrawal
    ADD CONSTRAINT approval_withdrawal_approval_fk FOREIGN KEY (tenant_id, approval_id) REFERENCES soquy.approval(tenant_id, approval_id);

ALTER TABLE ONLY soquy.approval_withdrawal
    ADD CONSTRAINT approval_withdrawal_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.association
    ADD CONSTRAINT association_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY soquy.attachment
    ADD CONSTRAINT attachment_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.attachment_disowning
    ADD CONSTRAINT attachment_disowning_attachment_fk FOREIGN KEY (tenant_id, attachment_id) REFERENCES soquy.attachment(tenant_id, event_id);

ALTER TABLE ONLY soquy.award
    ADD CONSTRAINT award_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_collection
    ADD CONSTRAINT award_collection_award_fk FOREIGN KEY (tenant_id, award_id) REFERENCES soquy.award(tenant_id, award_id);

ALTER TABLE ONLY soquy.award_collection
    ADD CONSTRAINT award_collection_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_decision
    ADD CONSTRAINT award_decision_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_decision
    ADD CONSTRAINT award_decision_list_fk FOREIGN KEY (tenant_id, list_id) REFERENCES soquy.award_list(tenant_id, list_id);

ALTER TABLE ONLY soquy.award_list
    ADD CONSTRAINT award_list_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_list
    ADD CONSTRAINT award_list_round_fk FOREIGN KEY (tenant_id, round_id) REFERENCES soquy.award_round(tenant_id, round_id);

ALTER TABLE ONLY soquy.award_list_withdrawal
    ADD CONSTRAINT award_list_withdrawal_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_list_withdrawal
    ADD CONSTRAINT award_list_withdrawal_list_fk FOREIGN KEY (tenant_id, list_id) REFERENCES soquy.award_list(tenant_id, list_id);

ALTER TABLE ONLY soquy.award_payment
    ADD CONSTRAINT award_payment_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_payment
    ADD CONSTRAINT award_payment_list_fk FOREIGN KEY (tenant_id, list_id) REFERENCES soquy.award_list(tenant_id, list_id);

ALTER TABLE ONLY soquy.award_round
    ADD CONSTRAINT award_round_fund_fk FOREIGN KEY (tenant_id, book_id, fund) REFERENCES soquy.fund(tenant_id, book_id, fund);

ALTER TABLE ONLY soquy.award_sitting
    ADD CONSTRAINT award_sitting_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.award_sitting
    ADD CONSTRAINT award_sitting_list_fk FOREIGN KEY (tenant_id, list_id) REFERENCES soquy.award_list(tenant_id, list_id);

ALTER TABLE ONLY soquy.bank_account
    ADD CONSTRAINT bank_account_account_fk FOREIGN KEY (tenant_id, book_id, account) REFERENCES soquy.account(tenant_id, book_id, account);

ALTER TABLE ONLY soquy.block_closing
    ADD CONSTRAINT block_closing_block_fk FOREIGN KEY (tenant_id, block_id) REFERENCES soquy.receipt_block(tenant_id, block_id);

ALTER TABLE ONLY soquy.block_void
    ADD CONSTRAINT block_void_block_fk FOREIGN KEY (tenant_id, block_id) REFERENCES soquy.receipt_block(tenant_id, block_id);

ALTER TABLE ONLY soquy.book
    ADD CONSTRAINT book_association_fk FOREIGN KEY (tenant_id, association_id) REFERENCES soquy.association(tenant_id, association_id);

ALTER TABLE ONLY soquy.book
    ADD CONSTRAINT book_chart_fk FOREIGN KEY (chart) REFERENCES soquy.chart(chart);

ALTER TABLE ONLY soquy.book_head
    ADD CONSTRAINT book_head_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.campaign
    ADD CONSTRAINT campaign_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY soquy.chart_account
    ADD CONSTRAINT chart_account_chart_fk FOREIGN KEY (chart) REFERENCES soquy.chart(chart);

ALTER TABLE ONLY soquy.chart_account
    ADD CONSTRAINT chart_account_currency_fk FOREIGN KEY (currency) REFERENCES soquy.currency(currency);

ALTER TABLE ONLY soquy.chart_account
    ADD CONSTRAINT chart_account_parent_fk FOREIGN KEY (chart, parent) REFERENCES soquy.chart_account(chart, account);

ALTER TABLE ONLY soquy.collection
    ADD CONSTRAINT collection_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.contribution
    ADD CONSTRAINT contribution_block_fk FOREIGN KEY (tenant_id, block_id) REFERENCES soquy.receipt_block(tenant_id, block_id);

ALTER TABLE ONLY soquy.contribution
    ADD CONSTRAINT contribution_pledge_fk FOREIGN KEY (tenant_id, pledge_id) REFERENCES soquy.pledge(tenant_id, pledge_id);

ALTER TABLE ONLY soquy.donor_correction
    ADD CONSTRAINT donor_correction_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.donor_correction
    ADD CONSTRAINT donor_correction_contribution_fk FOREIGN KEY (tenant_id, contribution_id) REFERENCES soquy.contribution(tenant_id, contribution_id);

ALTER TABLE ONLY soquy.earmark
    ADD CONSTRAINT earmark_fund_fk FOREIGN KEY (tenant_id, book_id, fund) REFERENCES soquy.fund(tenant_id, book_id, fund);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_action_fk FOREIGN KEY (action) REFERENCES soquy.approval_action(action);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_corrects_fk FOREIGN KEY (tenant_id, corrects_id) REFERENCES soquy.entry(tenant_id, entry_id);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_list_fk FOREIGN KEY (tenant_id, list_id) REFERENCES soquy.award_list(tenant_id, list_id);

ALTER TABLE ONLY soquy.entry_proposal
    ADD CONSTRAINT entry_proposal_voucher_fk FOREIGN KEY (tenant_id, book_id, voucher_kind, fiscal_year, number) REFERENCES soquy.voucher(tenant_id, book_id, voucher_kind, fiscal_year, number);

ALTER TABLE ONLY soquy.fund
    ADD CONSTRAINT fund_account_fk FOREIGN KEY (tenant_id, book_id, balance_account) REFERENCES soquy.account(tenant_id, book_id, account);

ALTER TABLE ONLY soquy.fund_kind
    ADD CONSTRAINT fund_kind_account_fk FOREIGN KEY (chart, account) REFERENCES soquy.chart_account(chart, account);

ALTER TABLE ONLY soquy.goods
    ADD CONSTRAINT goods_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.goods_handover
    ADD CONSTRAINT goods_handover_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.goods_handover
    ADD CONSTRAINT goods_handover_goods_fk FOREIGN KEY (tenant_id, goods_id) REFERENCES soquy.goods(tenant_id, goods_id);

ALTER TABLE ONLY soquy.goods_handover
    ADD CONSTRAINT goods_handover_program_fk FOREIGN KEY (tenant_id, program) REFERENCES soquy.program(tenant_id, program);

ALTER TABLE ONLY soquy.goods_handover_undoing
    ADD CONSTRAINT goods_handover_undoing_handover_fk FOREIGN KEY (tenant_id, handover_event_id) REFERENCES soquy.goods_handover(tenant_id, event_id);

ALTER TABLE ONLY soquy.goods_withdrawal
    ADD CONSTRAINT goods_withdrawal_goods_fk FOREIGN KEY (tenant_id, goods_id) REFERENCES soquy.goods(tenant_id, goods_id);

ALTER TABLE ONLY soquy.intake_posting
    ADD CONSTRAINT intake_posting_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.intake_reversal
    ADD CONSTRAINT intake_reversal_posting_fk FOREIGN KEY (tenant_id, intake_id) REFERENCES soquy.intake_posting(tenant_id, intake_id);

ALTER TABLE ONLY soquy.invitation
    ADD CONSTRAINT invitation_association_fk FOREIGN KEY (tenant_id, association_id) REFERENCES soquy.association(tenant_id, association_id);

ALTER TABLE ONLY soquy.invitation
    ADD CONSTRAINT invitation_role_fk FOREIGN KEY (role) REFERENCES soquy.role_kind(role);

ALTER TABLE ONLY soquy.job
    ADD CONSTRAINT job_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.log_head
    ADD CONSTRAINT log_head_log_fk FOREIGN KEY (log_id) REFERENCES soquy.log(log_id);

ALTER TABLE ONLY soquy.month_lock
    ADD CONSTRAINT month_lock_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.paper
    ADD CONSTRAINT paper_entry_fk FOREIGN KEY (tenant_id, book_id, seq) REFERENCES soquy.entry(tenant_id, book_id, seq);

ALTER TABLE ONLY soquy.pledge_cancellation
    ADD CONSTRAINT pledge_cancellation_pledge_fk FOREIGN KEY (tenant_id, pledge_id) REFERENCES soquy.pledge(tenant_id, pledge_id);

ALTER TABLE ONLY soquy.pledge_correction
    ADD CONSTRAINT pledge_correction_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.pledge_correction
    ADD CONSTRAINT pledge_correction_contribution_fk FOREIGN KEY (tenant_id, contribution_id) REFERENCES soquy.contribution(tenant_id, contribution_id);

ALTER TABLE ONLY soquy.pledge_correction
    ADD CONSTRAINT pledge_correction_pledge_fk FOREIGN KEY (tenant_id, pledge_id) REFERENCES soquy.pledge(tenant_id, pledge_id);

ALTER TABLE ONLY soquy.pledge
    ADD CONSTRAINT pledge_currency_fk FOREIGN KEY (currency) REFERENCES soquy.currency(currency);

ALTER TABLE ONLY soquy.pledge
    ADD CONSTRAINT pledge_fund_fk FOREIGN KEY (tenant_id, book_id, fund) REFERENCES soquy.fund(tenant_id, book_id, fund);

ALTER TABLE ONLY soquy.program_plan
    ADD CONSTRAINT program_plan_fund_fk FOREIGN KEY (tenant_id, book_id, fund) REFERENCES soquy.fund(tenant_id, book_id, fund);

ALTER TABLE ONLY soquy.program_plan
    ADD CONSTRAINT program_plan_program_fk FOREIGN KEY (tenant_id, program) REFERENCES soquy.program(tenant_id, program);

ALTER TABLE ONLY soquy.program
    ADD CONSTRAINT program_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY soquy.receipt_block
    ADD CONSTRAINT receipt_block_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY soquy.role_exception
    ADD CONSTRAINT role_exception_association_fk FOREIGN KEY (tenant_id, association_id) REFERENCES soquy.association(tenant_id, association_id);

ALTER TABLE ONLY soquy.role_exception_ending
    ADD CONSTRAINT role_exception_ending_exception_fk FOREIGN KEY (tenant_id, exception_id) REFERENCES soquy.role_exception(tenant_id, exception_id);

ALTER TABLE ONLY soquy.role_exception
    ADD CONSTRAINT role_exception_separation_fk FOREIGN KEY (first_role, second_role) REFERENCES soquy.role_separation(first_role, second_role);

ALTER TABLE ONLY soquy.role_grant
    ADD CONSTRAINT role_grant_association_fk FOREIGN KEY (tenant_id, association_id) REFERENCES soquy.association(tenant_id, association_id);

ALTER TABLE ONLY soquy.role_grant
    ADD CONSTRAINT role_grant_role_fk FOREIGN KEY (role) REFERENCES soquy.role_kind(role);

ALTER TABLE ONLY soquy.role_holder
    ADD CONSTRAINT role_holder_association_fk FOREIGN KEY (tenant_id, association_id) REFERENCES soquy.association(tenant_id, association_id);

ALTER TABLE ONLY soquy.role_revocation
    ADD CONSTRAINT role_revocation_grant_fk FOREIGN KEY (tenant_id, grant_id) REFERENCES soquy.role_grant(tenant_id, grant_id);

ALTER TABLE ONLY soquy.role_right
    ADD CONSTRAINT role_right_role_fk FOREIGN KEY (role) REFERENCES soquy.role_kind(role);

ALTER TABLE ONLY soquy.role_separation
    ADD CONSTRAINT role_separation_first_fk FOREIGN KEY (first_role) REFERENCES soquy.role_kind(role);

ALTER TABLE ONLY soquy.role_separation
    ADD CONSTRAINT role_separation_second_fk FOREIGN KEY (second_role) REFERENCES soquy.role_kind(role);

ALTER TABLE ONLY soquy.token_revocation
    ADD CONSTRAINT token_revocation_token_fk FOREIGN KEY (tenant_id, token_id) REFERENCES soquy.api_token(tenant_id, token_id);

ALTER TABLE ONLY soquy.voucher_kind
    ADD CONSTRAINT voucher_kind_chart_fk FOREIGN KEY (chart) REFERENCES soquy.chart(chart);

ALTER TABLE ONLY soquy.voucher_void
    ADD CONSTRAINT voucher_void_voucher_fk FOREIGN KEY (tenant_id, book_id, voucher_kind, fiscal_year, number) REFERENCES soquy.voucher(tenant_id, book_id, voucher_kind, fiscal_year, number);

ALTER TABLE ONLY vault.beneficiary
    ADD CONSTRAINT beneficiary_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY vault.consent
    ADD CONSTRAINT consent_person_fk FOREIGN KEY (tenant_id, person_id) REFERENCES vault.person(tenant_id, person_id);

ALTER TABLE ONLY vault.data_key
    ADD CONSTRAINT data_key_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY vault.document
    ADD CONSTRAINT document_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY vault.document
    ADD CONSTRAINT document_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key(tenant_id, key_id);

ALTER TABLE ONLY vault.guardianship
    ADD CONSTRAINT guardianship_guardian_fk FOREIGN KEY (tenant_id, guardian_id) REFERENCES vault.person(tenant_id, person_id);

ALTER TABLE ONLY vault.guardianship
    ADD CONSTRAINT guardianship_minor_fk FOREIGN KEY (tenant_id, minor_id) REFERENCES vault.person(tenant_id, person_id);

ALTER TABLE ONLY vault.intake
    ADD CONSTRAINT intake_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY vault.intake_decision
    ADD CONSTRAINT intake_decision_intake_fk FOREIGN KEY (tenant_id, intake_id) REFERENCES vault.intake(tenant_id, intake_id);

ALTER TABLE ONLY vault.intake_digest
    ADD CONSTRAINT intake_digest_intake_fk FOREIGN KEY (tenant_id, intake_id) REFERENCES vault.intake(tenant_id, intake_id);

ALTER TABLE ONLY vault.intake_page
    ADD CONSTRAINT intake_page_intake_fk FOREIGN KEY (tenant_id, intake_id) REFERENCES vault.intake(tenant_id, intake_id);

ALTER TABLE ONLY vault.intake_page
    ADD CONSTRAINT intake_page_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key(tenant_id, key_id);

ALTER TABLE ONLY vault.invitation_address
    ADD CONSTRAINT invitation_address_invitation_fk FOREIGN KEY (tenant_id, invitation_id) REFERENCES soquy.invitation(tenant_id, invitation_id);

ALTER TABLE ONLY vault.payee
    ADD CONSTRAINT payee_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY vault.person
    ADD CONSTRAINT person_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES soquy.book(tenant_id, book_id);

ALTER TABLE ONLY vault.person_detail
    ADD CONSTRAINT person_detail_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key(tenant_id, key_id);

ALTER TABLE ONLY vault.person_detail
    ADD CONSTRAINT person_detail_person_fk FOREIGN KEY (tenant_id, person_id) REFERENCES vault.person(tenant_id, person_id);

ALTER TABLE ONLY vault.user_device
    ADD CONSTRAINT user_device_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile(tenant_id, user_id);

ALTER TABLE ONLY vault.user_password
    ADD CONSTRAINT user_password_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile(tenant_id, user_id);

ALTER TABLE ONLY vault.user_profile
    ADD CONSTRAINT user_profile_tenant_fk FOREIGN KEY (tenant_id) REFERENCES soquy.tenant(tenant_id);

ALTER TABLE ONLY vault.user_recovery
    ADD CONSTRAINT user_recovery_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile(tenant_id, user_id);

ALTER TABLE ONLY vault.user_session
    ADD CONSTRAINT user_session_device_fk FOREIGN KEY (tenant_id, device_id) REFERENCES vault.user_device(tenant_id, device_id);

ALTER TABLE ONLY vault.user_session
    ADD CONSTRAINT user_session_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile(tenant_id, user_id);

ALTER TABLE ONLY vault.user_totp
    ADD CONSTRAINT user_totp_key_fk FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key(tenant_id, key_id);

ALTER TABLE ONLY vault.user_totp
    ADD CONSTRAINT user_totp_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile(tenant_id, user_id);

ALTER TABLE soquy.account ENABLE ROW LEVEL SECURITY;

CREATE POLICY account_tenant ON soquy.account USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.api_token ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_token_tenant ON soquy.api_token USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.approval ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.approval_decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY approval_decision_tenant ON soquy.approval_decision USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.approval_policy ENABLE ROW LEVEL SECURITY;

CREATE POLICY approval_policy_tenant ON soquy.approval_policy USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY approval_tenant ON soquy.approval USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.approval_use ENABLE ROW LEVEL SECURITY;

CREATE POLICY approval_use_tenant ON soquy.approval_use USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.approval_withdrawal ENABLE ROW LEVEL SECURITY;

CREATE POLICY approval_withdrawal_tenant ON soquy.approval_withdrawal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.association ENABLE ROW LEVEL SECURITY;

CREATE POLICY association_tenant ON soquy.association USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.attachment ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.attachment_disowning ENABLE ROW LEVEL SECURITY;

CREATE POLICY attachment_disowning_tenant ON soquy.attachment_disowning USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY attachment_tenant ON soquy.attachment USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.audit_entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_entry_log ON soquy.audit_entry FOR SELECT TO soquy_log USING (true);

CREATE POLICY audit_entry_tenant ON soquy.audit_entry USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.audit_pending ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_pending_log ON soquy.audit_pending FOR SELECT TO soquy_log USING (true);

CREATE POLICY audit_pending_tenant ON soquy.audit_pending USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.award_collection ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_collection_tenant ON soquy.award_collection USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_decision_tenant ON soquy.award_decision USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_list ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_list_tenant ON soquy.award_list USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_list_withdrawal ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_list_withdrawal_tenant ON soquy.award_list_withdrawal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_payment ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_payment_tenant ON soquy.award_payment USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_round ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_round_tenant ON soquy.award_round USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.award_sitting ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_sitting_tenant ON soquy.award_sitting USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY award_tenant ON soquy.award USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.balance_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY balance_key_tenant ON soquy.balance_key USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.bank_account ENABLE ROW LEVEL SECURITY;

CREATE POLICY bank_account_tenant ON soquy.bank_account USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.block_closing ENABLE ROW LEVEL SECURITY;

CREATE POLICY block_closing_tenant ON soquy.block_closing USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.block_void ENABLE ROW LEVEL SECURITY;

CREATE POLICY block_void_tenant ON soquy.block_void USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.book ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.book_head ENABLE ROW LEVEL SECURITY;

CREATE POLICY book_head_tenant ON soquy.book_head USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY book_tenant ON soquy.book USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.campaign ENABLE ROW LEVEL SECURITY;

CREATE POLICY campaign_tenant ON soquy.campaign USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.collection ENABLE ROW LEVEL SECURITY;

CREATE POLICY collection_tenant ON soquy.collection USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.contribution ENABLE ROW LEVEL SECURITY;

CREATE POLICY contribution_tenant ON soquy.contribution USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.day_total ENABLE ROW LEVEL SECURITY;

CREATE POLICY day_total_tenant ON soquy.day_total USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.donor_correction ENABLE ROW LEVEL SECURITY;

CREATE POLICY donor_correction_tenant ON soquy.donor_correction USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.earmark ENABLE ROW LEVEL SECURITY;

CREATE POLICY earmark_tenant ON soquy.earmark USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.entry_proposal ENABLE ROW LEVEL SECURITY;

CREATE POLICY entry_proposal_tenant ON soquy.entry_proposal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY entry_tenant ON soquy.entry USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.fund ENABLE ROW LEVEL SECURITY;

CREATE POLICY fund_tenant ON soquy.fund USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.goods ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.goods_handover ENABLE ROW LEVEL SECURITY;

CREATE POLICY goods_handover_tenant ON soquy.goods_handover USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.goods_handover_undoing ENABLE ROW LEVEL SECURITY;

CREATE POLICY goods_handover_undoing_tenant ON soquy.goods_handover_undoing USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY goods_tenant ON soquy.goods USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.goods_withdrawal ENABLE ROW LEVEL SECURITY;

CREATE POLICY goods_withdrawal_tenant ON soquy.goods_withdrawal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.idempotency ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_tenant ON soquy.idempotency USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.intake_posting ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_posting_tenant ON soquy.intake_posting USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.intake_reversal ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_reversal_tenant ON soquy.intake_reversal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.invitation ENABLE ROW LEVEL SECURITY;

CREATE POLICY invitation_tenant ON soquy.invitation USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.job ENABLE ROW LEVEL SECURITY;

CREATE POLICY job_tenant ON soquy.job USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.month_lock ENABLE ROW LEVEL SECURITY;

CREATE POLICY month_lock_tenant ON soquy.month_lock USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.month_total ENABLE ROW LEVEL SECURITY;

CREATE POLICY month_total_tenant ON soquy.month_total USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.paper ENABLE ROW LEVEL SECURITY;

CREATE POLICY paper_tenant ON soquy.paper USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.pledge ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.pledge_cancellation ENABLE ROW LEVEL SECURITY;

CREATE POLICY pledge_cancellation_tenant ON soquy.pledge_cancellation USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.pledge_correction ENABLE ROW LEVEL SECURITY;

CREATE POLICY pledge_correction_tenant ON soquy.pledge_correction USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY pledge_tenant ON soquy.pledge USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_1996 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_1997 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_1998 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_1999 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2000 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2001 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2002 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2003 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2004 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2005 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2006 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2007 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2008 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2009 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2010 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2011 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2012 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2013 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2014 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2015 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2016 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2017 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2018 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2019 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2020 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2021 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2022 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2023 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2024 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2025 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2026 ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.posting_2027 ENABLE ROW LEVEL SECURITY;

CREATE POLICY posting_tenant ON soquy.posting USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.program ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.program_plan ENABLE ROW LEVEL SECURITY;

CREATE POLICY program_plan_tenant ON soquy.program_plan USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY program_tenant ON soquy.program USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.receipt_block ENABLE ROW LEVEL SECURITY;

CREATE POLICY receipt_block_tenant ON soquy.receipt_block USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.role_exception ENABLE ROW LEVEL SECURITY;

ALTER TABLE soquy.role_exception_ending ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_exception_ending_tenant ON soquy.role_exception_ending USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY role_exception_tenant ON soquy.role_exception USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.role_grant ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_grant_tenant ON soquy.role_grant USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.role_holder ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_holder_tenant ON soquy.role_holder USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.role_revocation ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_revocation_tenant ON soquy.role_revocation USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.token_revocation ENABLE ROW LEVEL SECURITY;

CREATE POLICY token_revocation_tenant ON soquy.token_revocation USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.voucher ENABLE ROW LEVEL SECURITY;

CREATE POLICY voucher_tenant ON soquy.voucher USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE soquy.voucher_void ENABLE ROW LEVEL SECURITY;

CREATE POLICY voucher_void_tenant ON soquy.voucher_void USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.access_event ENABLE ROW LEVEL SECURITY;

CREATE POLICY access_event_tenant ON vault.access_event USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.award_claim ENABLE ROW LEVEL SECURITY;

CREATE POLICY award_claim_tenant ON vault.award_claim USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.beneficiary ENABLE ROW LEVEL SECURITY;

CREATE POLICY beneficiary_tenant ON vault.beneficiary USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.block_holder ENABLE ROW LEVEL SECURITY;

CREATE POLICY block_holder_tenant ON vault.block_holder USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.consent ENABLE ROW LEVEL SECURITY;

CREATE POLICY consent_tenant ON vault.consent USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.consent_withdrawal ENABLE ROW LEVEL SECURITY;

CREATE POLICY consent_withdrawal_tenant ON vault.consent_withdrawal USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.contributor ENABLE ROW LEVEL SECURITY;

CREATE POLICY contributor_tenant ON vault.contributor USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.data_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY data_key_tenant ON vault.data_key USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.document ENABLE ROW LEVEL SECURITY;

ALTER TABLE vault.document_opening ENABLE ROW LEVEL SECURITY;

CREATE POLICY document_opening_tenant ON vault.document_opening USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.document_sending ENABLE ROW LEVEL SECURITY;

CREATE POLICY document_sending_tenant ON vault.document_sending USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY document_tenant ON vault.document USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.draft ENABLE ROW LEVEL SECURITY;

CREATE POLICY draft_tenant ON vault.draft USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.erasure ENABLE ROW LEVEL SECURITY;

CREATE POLICY erasure_tenant ON vault.erasure USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.guardianship ENABLE ROW LEVEL SECURITY;

CREATE POLICY guardianship_tenant ON vault.guardianship USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.intake ENABLE ROW LEVEL SECURITY;

ALTER TABLE vault.intake_decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_decision_tenant ON vault.intake_decision USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.intake_digest ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_digest_tenant ON vault.intake_digest USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.intake_line ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_line_tenant ON vault.intake_line USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.intake_page ENABLE ROW LEVEL SECURITY;

CREATE POLICY intake_page_tenant ON vault.intake_page USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY intake_tenant ON vault.intake USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.invitation_address ENABLE ROW LEVEL SECURITY;

CREATE POLICY invitation_address_tenant ON vault.invitation_address USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.opening ENABLE ROW LEVEL SECURITY;

ALTER TABLE vault.opening_reason ENABLE ROW LEVEL SECURITY;

CREATE POLICY opening_reason_tenant ON vault.opening_reason USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY opening_tenant ON vault.opening USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.payee ENABLE ROW LEVEL SECURITY;

CREATE POLICY payee_tenant ON vault.payee USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.person ENABLE ROW LEVEL SECURITY;

ALTER TABLE vault.person_detail ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_detail_tenant ON vault.person_detail USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.person_erasure ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_erasure_tenant ON vault.person_erasure USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.person_opening ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_opening_tenant ON vault.person_opening USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

CREATE POLICY person_tenant ON vault.person USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.receipt_code ENABLE ROW LEVEL SECURITY;

CREATE POLICY receipt_code_tenant ON vault.receipt_code USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.sealed_value ENABLE ROW LEVEL SECURITY;

CREATE POLICY sealed_value_tenant ON vault.sealed_value USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.unsealed_value ENABLE ROW LEVEL SECURITY;

CREATE POLICY unsealed_value_tenant ON vault.unsealed_value USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_device ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_device_tenant ON vault.user_device USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_password ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_password_tenant ON vault.user_password USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_profile ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_profile_tenant ON vault.user_profile USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_recovery ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_recovery_tenant ON vault.user_recovery USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_session ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_session_tenant ON vault.user_session USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

ALTER TABLE vault.user_totp ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_totp_tenant ON vault.user_totp USING ((tenant_id = (NULLIF(current_setting('soquy.tenant_id'::text, true), ''::text))::integer));

REVOKE USAGE ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA soquy TO soquy_app;
GRANT USAGE ON SCHEMA soquy TO soquy_log;
GRANT USAGE ON SCHEMA soquy TO soquy_vault;

GRANT USAGE ON SCHEMA vault TO soquy_app;
GRANT USAGE ON SCHEMA vault TO soquy_vault;

REVOKE ALL ON FUNCTION soquy.add_device(p_secret_hash bytea, p_tag bytea, p_device_id uuid, p_name text, p_device_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.add_device(p_secret_hash bytea, p_tag bytea, p_device_id uuid, p_name text, p_device_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.apply_month_lock() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.approval_state(p_tenant_id integer, p_approval_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.approval_state(p_tenant_id integer, p_approval_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.approval_terms(p_tenant_id integer, p_book_id bigint, p_action text, p_amount_minor bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.approval_terms(p_tenant_id integer, p_book_id bigint, p_action text, p_amount_minor bigint) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.association_home(p_association_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.association_home(p_association_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.authenticate(p_tenant_id integer, p_secret_hash bytea, p_association_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.authenticate(p_tenant_id integer, p_secret_hash bytea, p_association_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.authenticate_session(p_secret_hash bytea, p_association_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.authenticate_session(p_secret_hash bytea, p_association_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.award_list_state(p_tenant_id integer, p_list_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.award_list_state(p_tenant_id integer, p_list_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.begin_device_session(p_device_hash bytea, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.begin_device_session(p_device_hash bytea, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.begin_log(p_origin text) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.begin_log(p_origin text) TO soquy_log;

REVOKE ALL ON FUNCTION soquy.begin_session(p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_browser_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.begin_session(p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_browser_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.cancel_job(p_tenant_id integer, p_job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.cancel_job(p_tenant_id integer, p_job_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.change_password(p_secret_hash bytea, p_new_hash bytea, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.change_password(p_secret_hash bytea, p_new_hash bytea, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.check_account_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_accounts() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_approval_decisions() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_approval_policies() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_approval_withdrawals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_approvals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_association_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_associations() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_attachment_disownings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_attachments() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_claims() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_collections() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_decisions() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_list_withdrawals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_lists() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_rounds() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_award_sittings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_awards() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_bank_accounts() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_beneficiaries() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_block_closings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_block_voids() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_book_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_campaign_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_collections() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_contributions() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_contributors() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_donor_corrections() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_earmarks() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_entries() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_entry_proposals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_fund_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_funds() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_goods() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_goods_handovers() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_goods_reversals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_goods_undoings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_goods_withdrawals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_intake_postings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_intake_reversals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_list_payments() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_log_checkpoints() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_log_disclosures() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_log_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_log_trees() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_month_lock_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_payees() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_pledge_cancellations() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_pledge_corrections() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_pledges() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_postings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_program_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_program_plans() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_receipt_blocks() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_receipt_codes() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_revocation_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_role_exception_endings() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_role_exceptions() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_round_approvals() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_token_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_voids() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.check_voucher_void_leaves() FROM PUBLIC;

GRANT SELECT ON TABLE soquy.job TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(job_id) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(kind) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(subject) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(arguments) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(principal_id) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(actor_role) ON TABLE soquy.job TO soquy_app;

GRANT INSERT(actor_prefix) ON TABLE soquy.job TO soquy_app;

REVOKE ALL ON FUNCTION soquy.claim_job(p_tenant_id integer, p_kinds text[], p_lease_id uuid, p_lease_seconds integer, p_attempt_count_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.claim_job(p_tenant_id integer, p_kinds text[], p_lease_id uuid, p_lease_seconds integer, p_attempt_count_max integer) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date, p_event_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.close_account(p_tenant_id integer, p_book_id bigint, p_account text, p_closed_on date, p_event_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date, p_event_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.close_association(p_tenant_id integer, p_association_id uuid, p_closed_on date, p_event_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date, p_event_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.close_fund(p_tenant_id integer, p_book_id bigint, p_fund text, p_closed_on date, p_event_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.confirm_totp(p_secret_hash bytea, p_new_hash bytea, p_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.confirm_totp(p_secret_hash bytea, p_new_hash bytea, p_step bigint) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.count_block(p_tenant_id integer, p_block_id uuid, p_from integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.count_block(p_tenant_id integer, p_block_id uuid, p_from integer) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.count_goods(p_tenant_id integer, p_goods_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.count_goods(p_tenant_id integer, p_goods_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.count_vouchers() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.current_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.current_tenant() TO soquy_app;

REVOKE ALL ON FUNCTION soquy.device_cost(p_device_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.device_cost(p_device_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.devices_of(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.devices_of(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.end_device(p_secret_hash bytea, p_device_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.end_device(p_secret_hash bytea, p_device_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.end_other_sessions(p_secret_hash bytea, p_session_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.end_other_sessions(p_secret_hash bytea, p_session_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.end_session(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.end_session(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.finish_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.finish_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_result jsonb) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.forget_access() FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.forget_access() TO soquy_app;

REVOKE ALL ON FUNCTION soquy.forget_jobs(p_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.forget_jobs(p_days integer, p_limit integer) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.found_tenant(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.found_tenant(p_name text) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.furnish_book() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.give_back_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_code text, p_fields jsonb, p_pause_seconds integer, p_is_counted boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.give_back_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_code text, p_fields jsonb, p_pause_seconds integer, p_is_counted boolean) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.grant_roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.has_totp(p_user_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.hold_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_lease_seconds integer, p_done bigint, p_total bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.hold_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_lease_seconds integer, p_done bigint, p_total bigint) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.hold_log(p_because text) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.hold_log(p_because text) TO soquy_log;

REVOKE ALL ON FUNCTION soquy.holdings_of(p_user_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.invitations_of(p_tenant_id integer, p_association_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.invitations_of(p_tenant_id integer, p_association_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.is_administered(p_association_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.is_award_list_over(p_tenant_id integer, p_list_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.is_award_list_over(p_tenant_id integer, p_list_id uuid) TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.user_session TO soquy_vault;

REVOKE ALL ON FUNCTION soquy.is_half(p_visit vault.user_session) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.is_recovering() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.job_figures() FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.job_figures() TO soquy_app;

REVOKE ALL ON FUNCTION soquy.job_tenants(p_kinds text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.job_tenants(p_kinds text[]) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.leaf_members(leaf bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.leaf_says(p_tenant_id integer, p_event_id uuid, p_type text, p_association_id uuid, p_book_id bigint, p_payload jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.line_above(p_association_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.make_posting_partition(p_year integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.may_renew(p_by uuid, p_user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.may_renew(p_by uuid, p_user_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.may_still(p_association_id uuid, p_principal_id uuid, p_prefix text, p_right text) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.may_still(p_association_id uuid, p_principal_id uuid, p_prefix text, p_right text) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.members_of(p_tenant_id integer, p_association_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.members_of(p_tenant_id integer, p_association_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.needs_second_factor(p_user_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.number_leaves(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.number_leaves(p_limit integer) TO soquy_log;

REVOKE ALL ON FUNCTION soquy.offer_totp(p_secret_hash bytea, p_sealed bytea, p_key_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.offer_totp(p_secret_hash bytea, p_sealed bytea, p_key_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.open_invitation(p_tenant_id integer, p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.open_invitation(p_tenant_id integer, p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.open_session(p_secret_hash bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.own_access(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.own_access(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.own_password_fits(p_secret_hash bytea, p_tag bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.own_password_fits(p_secret_hash bytea, p_tag bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.own_profile(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.own_profile(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.password_cost(p_email_key text, p_browser_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.password_cost(p_email_key text, p_browser_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.password_fits(p_user_id uuid, p_tag bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.pay_award_list(p_tenant_id integer, p_book_id bigint, p_list_id uuid, p_seq bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.posted_lines(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_entry_on date) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.public_roots() FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.public_roots() TO soquy_app;

REVOKE ALL ON FUNCTION soquy.queue_leaves() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.raise_session(p_visit vault.user_session, p_new_hash bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.refuse(rule text, message text, detail jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.refuse(rule text, message text, detail jsonb) TO soquy_app;
GRANT ALL ON FUNCTION soquy.refuse(rule text, message text, detail jsonb) TO soquy_log;

REVOKE ALL ON FUNCTION soquy.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.refuse_closing(p_tenant_id integer, p_book_id bigint, p_account text, p_fund text, p_closed_on date) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.refuse_contribution_ties(p_tenant_id integer, p_book_id bigint, p_seq bigint, p_line integer, p_pledge_id uuid, p_block_id uuid, p_paper_number integer, p_paper_use smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.refuse_leafless_closing(p_tenant_id integer, p_event_id uuid, p_type text, p_book_id bigint, p_payload jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.rehash_password(p_user_id uuid, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.rehash_password(p_user_id uuid, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.renew_password(p_tenant_id integer, p_invitation_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.renew_password(p_tenant_id integer, p_invitation_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.revoke_roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.rights_in(p_user_id uuid, p_association_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.roles_that_count(p_tenant_id integer, p_association_id uuid, p_user_id uuid, p_roles text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.roles_that_count(p_tenant_id integer, p_association_id uuid, p_user_id uuid, p_roles text[]) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.sessions_of(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.sessions_of(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.set_profile(p_secret_hash bytea, p_name text, p_language text) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.set_profile(p_secret_hash bytea, p_name text, p_language text) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.set_recovery_codes(p_secret_hash bytea, p_code_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.set_recovery_codes(p_secret_hash bytea, p_code_hashes bytea[]) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.spend_recovery_code(p_secret_hash bytea, p_new_hash bytea, p_code_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.spend_recovery_code(p_secret_hash bytea, p_new_hash bytea, p_code_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.take_book(p_tenant_id integer, p_book_id bigint, p_accounts text[], p_funds text[], p_more jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.take_book(p_tenant_id integer, p_book_id bigint, p_accounts text[], p_funds text[], p_more jsonb) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.take_invitation(p_tenant_id integer, p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.take_invitation(p_tenant_id integer, p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.today() FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.today() TO soquy_app;

REVOKE ALL ON FUNCTION soquy.touch_session(p_secret_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.touch_session(p_secret_hash bytea) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.try_code(p_secret_hash bytea, p_is_pending boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.try_code(p_secret_hash bytea, p_is_pending boolean) TO soquy_app;

REVOKE ALL ON FUNCTION soquy.turn_out(p_user_id uuid, p_session_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.type_id(prefix text, id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.type_id(prefix text, id uuid) TO soquy_vault;

REVOKE ALL ON FUNCTION soquy.use_approval(p_tenant_id integer, p_book_id bigint, p_action text, p_subject_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.use_proposals(p_tenant_ids integer[], p_book_ids bigint[], p_seqs bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.user_names(p_user_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.user_names(p_user_ids uuid[]) TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(invitation_id) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(association_id) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(purpose) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(role) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(secret_hash) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(invited_by) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(invited_by_prefix) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(invited_as) ON TABLE soquy.invitation TO soquy_app;

GRANT INSERT(expires_at) ON TABLE soquy.invitation TO soquy_app;

REVOKE ALL ON FUNCTION soquy.vouches(p_made soquy.invitation, p_user_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.whole_session(p_secret_hash bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION soquy.withdraw_invitation(p_tenant_id integer, p_association_id uuid, p_invitation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION soquy.withdraw_invitation(p_tenant_id integer, p_association_id uuid, p_invitation_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.change_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_version integer, p_changes jsonb, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.change_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_version integer, p_changes jsonb, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.change_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_version integer, p_kind text, p_name text, p_search_key text, p_sort_key text, p_country text, p_birth_year smallint, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.change_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_version integer, p_kind text, p_name text, p_search_key text, p_sort_key text, p_country text, p_birth_year smallint, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.check_consent_withdrawals() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.check_consents() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.check_guardianship() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.check_intake_lines() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.check_intake_pages() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.check_intake_step() FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.clear_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_with_pages boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.clear_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_with_pages boolean) TO soquy_app;

REVOKE ALL ON FUNCTION vault.correct_contributor(p_tenant_id integer, p_book_id bigint, p_contribution_id uuid, p_event_id uuid, p_name text, p_detail text, p_search_key text, p_sort_key text, p_person_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.correct_contributor(p_tenant_id integer, p_book_id bigint, p_contribution_id uuid, p_event_id uuid, p_name text, p_detail text, p_search_key text, p_sort_key text, p_person_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.count_claims_elsewhere(p_program text, p_period text, p_identities bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.count_claims_elsewhere(p_program text, p_period text, p_identities bytea[]) TO soquy_app;

REVOKE ALL ON FUNCTION vault.decide_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_decision_id uuid, p_rows integer[], p_is_left_out boolean, p_reason text, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.decide_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_decision_id uuid, p_rows integer[], p_is_left_out boolean, p_reason text, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.destroy_request_keys(p_tenant_id integer, p_as_of date) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.destroy_request_keys(p_tenant_id integer, p_as_of date) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.destroy_subject_keys(p_tenant_id integer, p_subject_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.destroy_subject_keys(p_tenant_id integer, p_subject_ids uuid[]) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.end_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.end_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.find_receipt(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.find_receipt(p_code text) TO soquy_app;

REVOKE ALL ON FUNCTION vault.intake_pages(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_pages integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.intake_pages(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_pages integer[]) TO soquy_app;

REVOKE ALL ON FUNCTION vault.is_asked_too(p_birth_year smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.is_asked_too(p_birth_year smallint) TO soquy_app;

REVOKE ALL ON FUNCTION vault.is_minor(p_birth_year smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.is_minor(p_birth_year smallint) TO soquy_app;

REVOKE ALL ON FUNCTION vault.keep_through(p_retention text, p_fiscal_year integer, p_as_of date) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.keep_through(p_retention text, p_fiscal_year integer, p_as_of date) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.kek_ids() FROM PUBLIC;
GRANT ALL ON FUNCTION vault.kek_ids() TO soquy_app;
GRANT ALL ON FUNCTION vault.kek_ids() TO soquy_vault;

REVOKE ALL ON FUNCTION vault.lock_keys() FROM PUBLIC;
GRANT ALL ON FUNCTION vault.lock_keys() TO soquy_vault;

REVOKE ALL ON FUNCTION vault.mark_intake_twins(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_rows integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.mark_intake_twins(p_tenant_id integer, p_book_id bigint, p_intake_id uuid, p_rows integer[]) TO soquy_app;

REVOKE ALL ON FUNCTION vault.merge_people(p_tenant_id integer, p_book_id bigint, p_kept_id uuid, p_merged_id uuid, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.merge_people(p_tenant_id integer, p_book_id bigint, p_kept_id uuid, p_merged_id uuid, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.move_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_state text, p_reason text, p_seq bigint, p_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.move_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_state text, p_reason text, p_seq bigint, p_by text) TO soquy_app;

REVOKE ALL ON FUNCTION vault.open_document(p_tenant_id integer, p_book_id bigint, p_document_id uuid, p_purpose text, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.open_document(p_tenant_id integer, p_book_id bigint, p_document_id uuid, p_purpose text, p_principal_id uuid) TO soquy_app;

GRANT SELECT ON TABLE vault.intake TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.intake TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(intake_id) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(kind) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(form) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(name) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(document_id) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(again_reason) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(job_id) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(uploaded_by) ON TABLE vault.intake TO soquy_app;

GRANT INSERT(changed_by) ON TABLE vault.intake TO soquy_app;

REVOKE ALL ON FUNCTION vault.open_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.open_intake(p_tenant_id integer, p_book_id bigint, p_intake_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.open_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.open_person(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.open_values(p_tenant_id integer, p_event_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.open_values(p_tenant_id integer, p_event_id uuid, p_fields text[], p_purpose text, p_reason text, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.paper_key(p_tenant_id integer, p_paper_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.paper_key(p_tenant_id integer, p_paper_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.part_people(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_principal_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.part_people(p_tenant_id integer, p_book_id bigint, p_person_id uuid, p_principal_id uuid) TO soquy_app;

REVOKE ALL ON FUNCTION vault.put_details(p_tenant_id integer, p_book_id bigint, p_person_ids uuid[], p_fields text[], p_sealed bytea[], p_key_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.put_details(p_tenant_id integer, p_book_id bigint, p_person_ids uuid[], p_fields text[], p_sealed bytea[], p_key_ids uuid[]) TO soquy_app;

REVOKE ALL ON FUNCTION vault.receipt_fields(p_tenant_id integer, p_event_id uuid, p_principal_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION vault.records_of(p_tenant_id integer, p_person_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.records_of(p_tenant_id integer, p_person_id uuid) TO soquy_app;
GRANT ALL ON FUNCTION vault.records_of(p_tenant_id integer, p_person_id uuid) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.renew_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid, p_relation text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.renew_guardianship(p_tenant_id integer, p_book_id bigint, p_minor_id uuid, p_guardian_id uuid, p_relation text) TO soquy_app;

REVOKE ALL ON FUNCTION vault.request_keys(p_tenant_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.request_keys(p_tenant_id integer) TO soquy_app;

REVOKE ALL ON FUNCTION vault.retire_keys(p_tenant_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.retire_keys(p_tenant_id integer) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.rewrap_key(p_tenant_id integer, p_key_id uuid, p_was bytea, p_wrapped bytea, p_kek_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.rewrap_key(p_tenant_id integer, p_key_id uuid, p_was bytea, p_wrapped bytea, p_kek_id text) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.rewrap_keys(p_tenant_id integer, p_key_ids uuid[], p_were bytea[], p_wrapped bytea[], p_kek_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.rewrap_keys(p_tenant_id integer, p_key_ids uuid[], p_were bytea[], p_wrapped bytea[], p_kek_id text) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.save_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_body jsonb, p_line_count integer, p_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.save_draft(p_tenant_id integer, p_book_id bigint, p_draft_id uuid, p_version integer, p_body jsonb, p_line_count integer, p_by text) TO soquy_app;

REVOKE ALL ON FUNCTION vault.use_identity_key(p_key_id uuid, p_wrapped bytea, p_kek_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.use_identity_key(p_key_id uuid, p_wrapped bytea, p_kek_id text) TO soquy_app;

REVOKE ALL ON FUNCTION vault.use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text) TO soquy_app;
GRANT ALL ON FUNCTION vault.use_key(p_tenant_id integer, p_purpose text, p_key_id uuid, p_wrapped bytea, p_kek_id text) TO soquy_vault;

REVOKE ALL ON FUNCTION vault.use_subject_keys(p_tenant_id integer, p_subject_ids uuid[], p_key_ids uuid[], p_wrapped bytea[], p_kek_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION vault.use_subject_keys(p_tenant_id integer, p_subject_ids uuid[], p_key_ids uuid[], p_wrapped bytea[], p_kek_id text) TO soquy_app;

GRANT SELECT ON TABLE soquy.account TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(account) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(parent) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(name_vi) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(name_en) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(side) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(role) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(currency) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(opened_on) ON TABLE soquy.account TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.account TO soquy_app;

GRANT SELECT ON TABLE soquy.alembic_version TO soquy_app;

GRANT SELECT ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(token_id) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(secret_hash) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(label) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(rights) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(association_ids) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(reaches_below) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(expires_at) ON TABLE soquy.api_token TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.api_token TO soquy_app;

GRANT SELECT ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(approval_id) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(action) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(subject_id) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(roles) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(is_ordered) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(drafted_by) ON TABLE soquy.approval TO soquy_app;

GRANT INSERT(expires_on) ON TABLE soquy.approval TO soquy_app;

GRANT SELECT ON TABLE soquy.approval_action TO soquy_app;

GRANT SELECT ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(approval_id) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(step) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(is_granted) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(user_id) ON TABLE soquy.approval_decision TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.approval_decision TO soquy_app;

GRANT SELECT ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(policy_id) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(action) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(from_minor) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(roles) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(is_ordered) ON TABLE soquy.approval_policy TO soquy_app;

GRANT INSERT(days) ON TABLE soquy.approval_policy TO soquy_app;

GRANT SELECT ON TABLE soquy.approval_use TO soquy_app;

GRANT SELECT ON TABLE soquy.approval_withdrawal TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.approval_withdrawal TO soquy_app;

GRANT INSERT(approval_id) ON TABLE soquy.approval_withdrawal TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.approval_withdrawal TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.approval_withdrawal TO soquy_app;

GRANT SELECT ON TABLE soquy.association TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(association_id) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(parent_tenant_id) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(parent_id) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(kind) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(level) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(name_vi) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(name_en) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(unit_code) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(founded_on) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(is_sample) ON TABLE soquy.association TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.association TO soquy_app;

GRANT SELECT ON TABLE soquy.attachment TO soquy_app;
GRANT SELECT ON TABLE soquy.attachment TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(target_id) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(is_entry) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(kind) ON TABLE soquy.attachment TO soquy_app;

GRANT INSERT(document_id) ON TABLE soquy.attachment TO soquy_app;

GRANT SELECT ON TABLE soquy.attachment_disowning TO soquy_app;
GRANT SELECT ON TABLE soquy.attachment_disowning TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE soquy.attachment_disowning TO soquy_app;

GRANT INSERT(attachment_id) ON TABLE soquy.attachment_disowning TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.attachment_disowning TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.attachment_disowning TO soquy_app;

GRANT SELECT ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT ON TABLE soquy.audit_entry TO soquy_log;

GRANT INSERT(tenant_id) ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT(tenant_id),INSERT(tenant_id) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(event_id) ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT(event_id),INSERT(event_id) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(type) ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT(type),INSERT(type) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(association_id) ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT(association_id),INSERT(association_id) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(book_id) ON TABLE soquy.audit_entry TO soquy_app;
GRANT SELECT(book_id),INSERT(book_id) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(book_seq) ON TABLE soquy.audit_entry TO soquy_app;
GRANT INSERT(book_seq) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT SELECT(recorded_at) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT INSERT(leaf) ON TABLE soquy.audit_entry TO soquy_app;
GRANT INSERT(leaf) ON TABLE soquy.audit_entry TO soquy_vault;

GRANT SELECT ON TABLE soquy.audit_pending TO soquy_app;
GRANT SELECT ON TABLE soquy.audit_pending TO soquy_log;

GRANT SELECT ON TABLE soquy.award TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(award_id) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(line) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(line_count) ON TABLE soquy.award TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE soquy.award TO soquy_app;

GRANT SELECT ON TABLE soquy.award_collection TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_collection TO soquy_app;

GRANT INSERT(award_id) ON TABLE soquy.award_collection TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_collection TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.award_collection TO soquy_app;

GRANT INSERT(is_proxy) ON TABLE soquy.award_collection TO soquy_app;

GRANT SELECT ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(decided_on) ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.award_decision TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.award_decision TO soquy_app;

GRANT SELECT ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(round_id) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(version) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(award_count) ON TABLE soquy.award_list TO soquy_app;

GRANT INSERT(total_minor) ON TABLE soquy.award_list TO soquy_app;

GRANT SELECT ON TABLE soquy.award_list_withdrawal TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_list_withdrawal TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.award_list_withdrawal TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_list_withdrawal TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.award_list_withdrawal TO soquy_app;

GRANT SELECT ON TABLE soquy.award_payment TO soquy_app;

GRANT SELECT ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(round_id) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(program) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(year) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(period) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(fund) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(collect_by) ON TABLE soquy.award_round TO soquy_app;

GRANT INSERT(name_vi) ON TABLE soquy.award_round TO soquy_app;

GRANT SELECT ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(collected_count) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(proxy_count) ON TABLE soquy.award_sitting TO soquy_app;

GRANT INSERT(total_minor) ON TABLE soquy.award_sitting TO soquy_app;

GRANT SELECT ON TABLE soquy.balance_key TO soquy_app;

GRANT SELECT ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(account) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(version) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(bank_bin) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(holder) ON TABLE soquy.bank_account TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.bank_account TO soquy_app;

GRANT SELECT ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(block_id) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(returned_from) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(used_count) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(voided_count) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(returned_count) ON TABLE soquy.block_closing TO soquy_app;

GRANT INSERT(missing_count) ON TABLE soquy.block_closing TO soquy_app;

GRANT SELECT ON TABLE soquy.block_void TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.block_void TO soquy_app;

GRANT INSERT(block_id) ON TABLE soquy.block_void TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.block_void TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.block_void TO soquy_app;

GRANT SELECT ON TABLE soquy.book TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.book TO soquy_app;
GRANT SELECT(tenant_id) ON TABLE soquy.book TO soquy_vault;

GRANT SELECT(book_id) ON TABLE soquy.book TO soquy_vault;

GRANT INSERT(association_id) ON TABLE soquy.book TO soquy_app;
GRANT SELECT(association_id) ON TABLE soquy.book TO soquy_vault;

GRANT INSERT(chart) ON TABLE soquy.book TO soquy_app;

GRANT INSERT(opened_on) ON TABLE soquy.book TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.book TO soquy_app;

GRANT SELECT ON TABLE soquy.book_head TO soquy_app;

GRANT SELECT,INSERT ON TABLE soquy.campaign TO soquy_app;

GRANT SELECT ON TABLE soquy.channel TO soquy_app;

GRANT SELECT ON TABLE soquy.chart TO soquy_app;

GRANT SELECT ON TABLE soquy.chart_account TO soquy_app;

GRANT SELECT ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(line_count) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(declared_count) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(declared_minor) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(source) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(file_id) ON TABLE soquy.collection TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.collection TO soquy_app;

GRANT SELECT ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(contribution_id) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(line) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(line_count) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(wish) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(has_donor) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(earmark) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(pledge_id) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(block_id) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(paper_number) ON TABLE soquy.contribution TO soquy_app;

GRANT INSERT(paper_use) ON TABLE soquy.contribution TO soquy_app;

GRANT SELECT ON TABLE soquy.currency TO soquy_app;

GRANT SELECT ON TABLE soquy.day_total TO soquy_app;

GRANT SELECT ON TABLE soquy.donor_correction TO soquy_app;

GRANT SELECT ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(earmark) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(fund) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(name_vi) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(name_en) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(opened_on) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(closed_on) ON TABLE soquy.earmark TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.earmark TO soquy_app;

GRANT SELECT ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.entry TO soquy_app;
GRANT SELECT(tenant_id) ON TABLE soquy.entry TO soquy_vault;

GRANT INSERT(book_id) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(entry_id) ON TABLE soquy.entry TO soquy_app;
GRANT SELECT(entry_id) ON TABLE soquy.entry TO soquy_vault;

GRANT INSERT(kind) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(entry_on) ON TABLE soquy.entry TO soquy_app;
GRANT SELECT(entry_on) ON TABLE soquy.entry TO soquy_vault;

GRANT INSERT(line_count) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(voucher_kind) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(fiscal_year) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(voucher_number) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(rate_currency) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(rate) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(rate_source) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(corrects_seq) ON TABLE soquy.entry TO soquy_app;

GRANT INSERT(actor_id) ON TABLE soquy.entry TO soquy_app;

GRANT SELECT ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(proposal_id) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(action) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(kind) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(voucher_kind) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(fiscal_year) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(lines) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(rate) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(corrects_id) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(list_id) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE soquy.entry_proposal TO soquy_app;

GRANT SELECT ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(fund) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(kind) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(balance_account) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(is_restricted) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(name_vi) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(name_en) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(purpose) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(opened_on) ON TABLE soquy.fund TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.fund TO soquy_app;

GRANT SELECT ON TABLE soquy.fund_kind TO soquy_app;

GRANT SELECT ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(goods_id) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(received_on) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(quantity) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(unit) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(campaign) ON TABLE soquy.goods TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.goods TO soquy_app;

GRANT SELECT ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(goods_id) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(handed_on) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(quantity) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(program) ON TABLE soquy.goods_handover TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.goods_handover TO soquy_app;

GRANT SELECT ON TABLE soquy.goods_handover_undoing TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.goods_handover_undoing TO soquy_app;

GRANT INSERT(handover_event_id) ON TABLE soquy.goods_handover_undoing TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.goods_handover_undoing TO soquy_app;

GRANT SELECT ON TABLE soquy.goods_withdrawal TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.goods_withdrawal TO soquy_app;

GRANT INSERT(goods_id) ON TABLE soquy.goods_withdrawal TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.goods_withdrawal TO soquy_app;

GRANT SELECT ON TABLE soquy.idempotency TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.idempotency TO soquy_app;

GRANT INSERT(principal_id) ON TABLE soquy.idempotency TO soquy_app;

GRANT INSERT(key) ON TABLE soquy.idempotency TO soquy_app;

GRANT INSERT(request_hash) ON TABLE soquy.idempotency TO soquy_app;

GRANT INSERT(result) ON TABLE soquy.idempotency TO soquy_app;

GRANT SELECT ON TABLE soquy.intake_posting TO soquy_app;
GRANT SELECT ON TABLE soquy.intake_posting TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(intake_id) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(row_count) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(total_minor) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(rows) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(left_out_count) ON TABLE soquy.intake_posting TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.intake_posting TO soquy_app;

GRANT SELECT ON TABLE soquy.intake_reversal TO soquy_app;
GRANT SELECT ON TABLE soquy.intake_reversal TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE soquy.intake_reversal TO soquy_app;

GRANT INSERT(intake_id) ON TABLE soquy.intake_reversal TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.intake_reversal TO soquy_app;

GRANT INSERT(seq) ON TABLE soquy.intake_reversal TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.intake_reversal TO soquy_app;

GRANT SELECT ON TABLE soquy.log TO soquy_app;
GRANT SELECT ON TABLE soquy.log TO soquy_log;

GRANT SELECT ON TABLE soquy.log_checkpoint TO soquy_app;
GRANT SELECT ON TABLE soquy.log_checkpoint TO soquy_log;

GRANT INSERT(log_id) ON TABLE soquy.log_checkpoint TO soquy_log;

GRANT INSERT(size) ON TABLE soquy.log_checkpoint TO soquy_log;

GRANT INSERT(note) ON TABLE soquy.log_checkpoint TO soquy_log;

GRANT SELECT ON TABLE soquy.log_disclosure TO soquy_app;
GRANT SELECT ON TABLE soquy.log_disclosure TO soquy_log;

GRANT INSERT(log_id) ON TABLE soquy.log_disclosure TO soquy_log;

GRANT INSERT(size) ON TABLE soquy.log_disclosure TO soquy_log;

GRANT SELECT ON TABLE soquy.log_head TO soquy_app;
GRANT SELECT ON TABLE soquy.log_head TO soquy_log;

GRANT SELECT ON TABLE soquy.log_leaf TO soquy_app;
GRANT SELECT ON TABLE soquy.log_leaf TO soquy_log;

GRANT SELECT ON TABLE soquy.log_tile TO soquy_app;
GRANT SELECT ON TABLE soquy.log_tile TO soquy_log;

GRANT INSERT(log_id) ON TABLE soquy.log_tile TO soquy_log;

GRANT INSERT(level) ON TABLE soquy.log_tile TO soquy_log;

GRANT INSERT(tile_index) ON TABLE soquy.log_tile TO soquy_log;

GRANT INSERT(hash) ON TABLE soquy.log_tile TO soquy_log;

GRANT SELECT ON TABLE soquy.log_tree TO soquy_app;
GRANT SELECT ON TABLE soquy.log_tree TO soquy_log;

GRANT INSERT(log_id) ON TABLE soquy.log_tree TO soquy_log;

GRANT INSERT(size) ON TABLE soquy.log_tree TO soquy_log;

GRANT INSERT(root) ON TABLE soquy.log_tree TO soquy_log;

GRANT SELECT ON TABLE soquy.month_lock TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.month_lock TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.month_lock TO soquy_app;

GRANT INSERT(locked_through) ON TABLE soquy.month_lock TO soquy_app;

GRANT INSERT(last_seq) ON TABLE soquy.month_lock TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.month_lock TO soquy_app;

GRANT SELECT ON TABLE soquy.month_total TO soquy_app;

GRANT SELECT(tenant_id),INSERT(tenant_id) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(paper_id),INSERT(paper_id) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(book_id),INSERT(book_id) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(seq),INSERT(seq) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(kind),INSERT(kind) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(first_line),INSERT(first_line) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(last_line),INSERT(last_line) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(version),INSERT(version) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(engine),INSERT(engine) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(context),INSERT(context) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(key_id),INSERT(key_id) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(data_digest),INSERT(data_digest) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(pdf_digest),INSERT(pdf_digest) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(principal_id),INSERT(principal_id) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(actor_role),INSERT(actor_role) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT(issued_at) ON TABLE soquy.paper TO soquy_app;

GRANT SELECT ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(pledge_id) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(pledged_on) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(due_on) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(fund) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(campaign) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(currency) ON TABLE soquy.pledge TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE soquy.pledge TO soquy_app;

GRANT SELECT ON TABLE soquy.pledge_cancellation TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.pledge_cancellation TO soquy_app;

GRANT INSERT(pledge_id) ON TABLE soquy.pledge_cancellation TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.pledge_cancellation TO soquy_app;

GRANT SELECT ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(contribution_id) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(pledge_id) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.pledge_correction TO soquy_app;

GRANT SELECT,INSERT ON TABLE soquy.posting TO soquy_app;

GRANT SELECT,INSERT ON TABLE soquy.program TO soquy_app;

GRANT SELECT ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(program) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(year) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(version) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(category) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(fund) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(budget_minor) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(criteria) ON TABLE soquy.program_plan TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.program_plan TO soquy_app;

GRANT SELECT ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(block_id) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(series) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(first_number) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(last_number) ON TABLE soquy.receipt_block TO soquy_app;

GRANT INSERT(issued_on) ON TABLE soquy.receipt_block TO soquy_app;

GRANT SELECT ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(exception_id) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(association_id) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(first_role) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(second_role) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(until_on) ON TABLE soquy.role_exception TO soquy_app;

GRANT INSERT(made_by) ON TABLE soquy.role_exception TO soquy_app;

GRANT SELECT ON TABLE soquy.role_exception_ending TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.role_exception_ending TO soquy_app;

GRANT INSERT(exception_id) ON TABLE soquy.role_exception_ending TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.role_exception_ending TO soquy_app;

GRANT SELECT ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(grant_id) ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(association_id) ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(user_id) ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(role) ON TABLE soquy.role_grant TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.role_grant TO soquy_app;

GRANT SELECT ON TABLE soquy.role_holder TO soquy_app;
GRANT SELECT ON TABLE soquy.role_holder TO soquy_vault;

GRANT SELECT ON TABLE soquy.role_kind TO soquy_app;

GRANT SELECT ON TABLE soquy.role_revocation TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.role_revocation TO soquy_app;

GRANT INSERT(grant_id) ON TABLE soquy.role_revocation TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.role_revocation TO soquy_app;

GRANT SELECT ON TABLE soquy.role_right TO soquy_app;

GRANT SELECT ON TABLE soquy.role_separation TO soquy_app;

GRANT SELECT ON TABLE soquy.tenant TO soquy_app;
GRANT SELECT ON TABLE soquy.tenant TO soquy_vault;

GRANT SELECT ON TABLE soquy.token_revocation TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.token_revocation TO soquy_app;

GRANT INSERT(token_id) ON TABLE soquy.token_revocation TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.token_revocation TO soquy_app;

GRANT SELECT ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(voucher_kind) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(fiscal_year) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(issued_on) ON TABLE soquy.voucher TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.voucher TO soquy_app;

GRANT SELECT ON TABLE soquy.voucher_kind TO soquy_app;

GRANT SELECT ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(tenant_id) ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(book_id) ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(voucher_kind) ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(fiscal_year) ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(number) ON TABLE soquy.voucher_void TO soquy_app;

GRANT INSERT(event_id) ON TABLE soquy.voucher_void TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.access_event TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.access_event TO soquy_app;

GRANT INSERT(access_id) ON TABLE vault.access_event TO soquy_app;

GRANT INSERT(kind) ON TABLE vault.access_event TO soquy_app;

GRANT INSERT(user_id) ON TABLE vault.access_event TO soquy_app;

GRANT INSERT(address) ON TABLE vault.access_event TO soquy_app;

GRANT SELECT,INSERT ON TABLE vault.award_claim TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.award_claim TO soquy_vault;

GRANT SELECT,INSERT ON TABLE vault.beneficiary TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.beneficiary TO soquy_vault;

GRANT SELECT,INSERT ON TABLE vault.block_holder TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.block_holder TO soquy_vault;

GRANT SELECT ON TABLE vault.consent TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.consent TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(event_id) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(person_id) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(purpose) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(by_subject) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(guardian_id) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(method) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(given_on) ON TABLE vault.consent TO soquy_app;

GRANT INSERT(document_id) ON TABLE vault.consent TO soquy_app;

GRANT SELECT ON TABLE vault.consent_withdrawal TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.consent_withdrawal TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT INSERT(event_id) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT INSERT(consent_id) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT INSERT(method) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT INSERT(withdrawn_on) ON TABLE vault.consent_withdrawal TO soquy_app;

GRANT SELECT,INSERT ON TABLE vault.contributor TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.contributor TO soquy_vault;

GRANT SELECT ON TABLE vault.data_key TO soquy_vault;

GRANT SELECT(tenant_id) ON TABLE vault.data_key TO soquy_app;

GRANT SELECT(key_id) ON TABLE vault.data_key TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.document TO soquy_vault;

GRANT SELECT(tenant_id),INSERT(tenant_id) ON TABLE vault.document TO soquy_app;

GRANT SELECT(document_id),INSERT(document_id) ON TABLE vault.document TO soquy_app;

GRANT SELECT(book_id),INSERT(book_id) ON TABLE vault.document TO soquy_app;

GRANT SELECT(sha256),INSERT(sha256) ON TABLE vault.document TO soquy_app;

GRANT SELECT(media_type),INSERT(media_type) ON TABLE vault.document TO soquy_app;

GRANT SELECT(byte_size),INSERT(byte_size) ON TABLE vault.document TO soquy_app;

GRANT SELECT(page_count),INSERT(page_count) ON TABLE vault.document TO soquy_app;

GRANT SELECT(name),INSERT(name) ON TABLE vault.document TO soquy_app;

GRANT INSERT(sealed) ON TABLE vault.document TO soquy_app;

GRANT INSERT(key_id) ON TABLE vault.document TO soquy_app;

GRANT SELECT(uploaded_by),INSERT(uploaded_by) ON TABLE vault.document TO soquy_app;

GRANT SELECT(created_at) ON TABLE vault.document TO soquy_app;

GRANT SELECT ON TABLE vault.document_opening TO soquy_vault;

GRANT SELECT ON TABLE vault.document_sending TO soquy_app;
GRANT SELECT ON TABLE vault.document_sending TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.document_sending TO soquy_app;

GRANT INSERT(document_id) ON TABLE vault.document_sending TO soquy_app;

GRANT INSERT(principal_id) ON TABLE vault.document_sending TO soquy_app;

GRANT SELECT ON TABLE vault.draft TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.draft TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(draft_id) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(kind) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(body) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(line_count) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(drafted_by) ON TABLE vault.draft TO soquy_app;

GRANT INSERT(changed_by) ON TABLE vault.draft TO soquy_app;

GRANT SELECT ON TABLE vault.erasure TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.erasure TO soquy_vault;

GRANT INSERT(event_id) ON TABLE vault.erasure TO soquy_vault;

GRANT INSERT(field) ON TABLE vault.erasure TO soquy_vault;

GRANT INSERT(erasing_event_id) ON TABLE vault.erasure TO soquy_vault;

GRANT SELECT ON TABLE vault.guardianship TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.guardianship TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.guardianship TO soquy_app;

GRANT INSERT(minor_id) ON TABLE vault.guardianship TO soquy_app;

GRANT INSERT(guardian_id) ON TABLE vault.guardianship TO soquy_app;

GRANT INSERT(relation) ON TABLE vault.guardianship TO soquy_app;

GRANT INSERT(created_by) ON TABLE vault.guardianship TO soquy_app;

GRANT SELECT ON TABLE vault.intake_decision TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.intake_decision TO soquy_vault;

GRANT SELECT ON TABLE vault.intake_digest TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.intake_digest TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.intake_digest TO soquy_app;

GRANT INSERT(intake_id) ON TABLE vault.intake_digest TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.intake_digest TO soquy_app;

GRANT INSERT(digests) ON TABLE vault.intake_digest TO soquy_app;

GRANT SELECT ON TABLE vault.intake_line TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.intake_line TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(intake_id) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT("row") ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(verdict) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(name) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(detail) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(amount_minor) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(paper_number) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(is_anonymous) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(findings) ON TABLE vault.intake_line TO soquy_app;

GRANT INSERT(digest) ON TABLE vault.intake_line TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.intake_page TO soquy_vault;

GRANT SELECT(tenant_id),INSERT(tenant_id) ON TABLE vault.intake_page TO soquy_app;

GRANT SELECT(intake_id),INSERT(intake_id) ON TABLE vault.intake_page TO soquy_app;

GRANT SELECT(page),INSERT(page) ON TABLE vault.intake_page TO soquy_app;

GRANT INSERT(sealed) ON TABLE vault.intake_page TO soquy_app;

GRANT INSERT(key_id) ON TABLE vault.intake_page TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.invitation_address TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.invitation_address TO soquy_app;

GRANT INSERT(invitation_id) ON TABLE vault.invitation_address TO soquy_app;

GRANT INSERT(email) ON TABLE vault.invitation_address TO soquy_app;

GRANT INSERT(email_key) ON TABLE vault.invitation_address TO soquy_app;

GRANT SELECT ON TABLE vault.opening TO soquy_vault;

GRANT SELECT,DELETE ON TABLE vault.opening_reason TO soquy_vault;

GRANT SELECT,INSERT ON TABLE vault.payee TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.payee TO soquy_vault;

GRANT SELECT ON TABLE vault.person TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.person TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.person TO soquy_app;

GRANT INSERT(person_id) ON TABLE vault.person TO soquy_app;

GRANT INSERT(book_id) ON TABLE vault.person TO soquy_app;

GRANT INSERT(kind) ON TABLE vault.person TO soquy_app;

GRANT INSERT(name) ON TABLE vault.person TO soquy_app;

GRANT INSERT(search_key) ON TABLE vault.person TO soquy_app;

GRANT INSERT(sort_key) ON TABLE vault.person TO soquy_app;

GRANT INSERT(country) ON TABLE vault.person TO soquy_app;

GRANT INSERT(birth_year) ON TABLE vault.person TO soquy_app;

GRANT INSERT(created_by) ON TABLE vault.person TO soquy_app;

GRANT INSERT(changed_by) ON TABLE vault.person TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.person_detail TO soquy_vault;

GRANT SELECT(tenant_id) ON TABLE vault.person_detail TO soquy_app;

GRANT SELECT(person_id) ON TABLE vault.person_detail TO soquy_app;

GRANT SELECT(field) ON TABLE vault.person_detail TO soquy_app;

GRANT SELECT ON TABLE vault.person_erasure TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.person_erasure TO soquy_vault;

GRANT INSERT(handle) ON TABLE vault.person_erasure TO soquy_vault;

GRANT INSERT(erasing_event_id) ON TABLE vault.person_erasure TO soquy_vault;

GRANT SELECT ON TABLE vault.person_opening TO soquy_vault;

GRANT SELECT,INSERT ON TABLE vault.receipt_code TO soquy_app;
GRANT SELECT,DELETE ON TABLE vault.receipt_code TO soquy_vault;

GRANT SELECT ON TABLE vault.retention_class TO soquy_vault;

GRANT SELECT,DELETE ON TABLE vault.sealed_value TO soquy_vault;

GRANT SELECT(tenant_id),INSERT(tenant_id) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(tenant_id) ON TABLE vault.sealed_value TO soquy_vault;

GRANT SELECT(event_id),INSERT(event_id) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(event_id) ON TABLE vault.sealed_value TO soquy_vault;

GRANT SELECT(field),INSERT(field) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(field) ON TABLE vault.sealed_value TO soquy_vault;

GRANT SELECT(value),INSERT(value) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(value) ON TABLE vault.sealed_value TO soquy_vault;

GRANT INSERT(sealed) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(sealed) ON TABLE vault.sealed_value TO soquy_vault;

GRANT INSERT(key_id) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(key_id) ON TABLE vault.sealed_value TO soquy_vault;

GRANT INSERT(retention) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(retention) ON TABLE vault.sealed_value TO soquy_vault;

GRANT INSERT(fiscal_year) ON TABLE vault.sealed_value TO soquy_app;
GRANT INSERT(fiscal_year) ON TABLE vault.sealed_value TO soquy_vault;

GRANT SELECT,DELETE,TRUNCATE ON TABLE vault.unsealed_value TO soquy_vault;

GRANT SELECT,DELETE ON TABLE vault.user_device TO soquy_vault;

GRANT SELECT,DELETE ON TABLE vault.user_password TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(user_id) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(salt) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(time_cost) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(memory_kib) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(lanes) ON TABLE vault.user_password TO soquy_app;

GRANT INSERT(verifier) ON TABLE vault.user_password TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.user_profile TO soquy_vault;

GRANT INSERT(tenant_id) ON TABLE vault.user_profile TO soquy_app;

GRANT INSERT(user_id) ON TABLE vault.user_profile TO soquy_app;

GRANT INSERT(email) ON TABLE vault.user_profile TO soquy_app;

GRANT INSERT(email_key) ON TABLE vault.user_profile TO soquy_app;

GRANT INSERT(name) ON TABLE vault.user_profile TO soquy_app;

GRANT INSERT(language) ON TABLE vault.user_profile TO soquy_app;

GRANT SELECT,DELETE ON TABLE vault.user_recovery TO soquy_vault;

GRANT SELECT,DELETE ON TABLE vault.user_totp TO soquy_vault;

ALTER DEFAULT PRIVILEGES FOR ROLE soquy_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
