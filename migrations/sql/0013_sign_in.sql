-- Who signs in, what they may do where, and what they did: users, roles, sessions, invitations.
--
-- Users are the deployment's (tenant 0): one person may keep the books of several associations. What they may do is the
-- association's: a role is granted there, by a row that names its leaf, and taken back by another. What is theirs alone
-- (name, e-mail, how they prove who they are) stands in the vault, where it can be erased.
--
-- The service never reads a password's hash, a secret of an authenticator or the hash of a session: it hands over what
-- somebody typed, worked up so that it gives nothing away, and functions compare.

-- Nobody reads while migrations run, and the program that knows the new rights comes with them.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- Rights that came with roles; a token may have them as well.
ALTER TABLE api_token DROP CONSTRAINT api_token_rights_check,
ADD CONSTRAINT api_token_rights_check CHECK (cardinality(rights) >= 1 AND rights <@ ARRAY['read', 'collect', 'people',
    'post', 'lock', 'chart', 'found', 'member', 'token', 'inspect']);

-- Roles of an association, as the field knows them. Who approves, administers or inspects proves it twice: by what they
-- know and by what they hold. position orders a person's roles: the first that has the right asked for is who acted.
CREATE TABLE role_kind (
    role text COLLATE "C" NOT NULL,
    position smallint NOT NULL,
    needs_second_factor boolean NOT NULL,
    CONSTRAINT role_kind_pk PRIMARY KEY (role),
    CONSTRAINT role_kind_position_unique UNIQUE (position)
);
INSERT INTO role_kind (role, position, needs_second_factor) VALUES
('chief_accountant', 1, true),
('accountant', 2, false),
('cashier', 3, false),
('collector', 4, false),
('account_holder', 5, true),
('inspector', 6, true),
('administrator', 7, true);

-- What a role may do in its association and, where it reaches below, in every one under it.
CREATE TABLE role_right (
    role text COLLATE "C" NOT NULL,
    right_name text COLLATE "C" NOT NULL,
    reaches_below boolean NOT NULL,
    CONSTRAINT role_right_pk PRIMARY KEY (role, right_name),
    CONSTRAINT role_right_name_check CHECK (right_name IN ('read', 'collect', 'people', 'post', 'lock', 'chart', 'found',
        'member', 'token', 'inspect'))
);
INSERT INTO role_right (role, right_name, reaches_below) VALUES
('collector', 'collect', false),
('cashier', 'read', true), ('cashier', 'collect', false),
('accountant', 'read', true), ('accountant', 'collect', false), ('accountant', 'people', false),
('chief_accountant', 'read', true), ('chief_accountant', 'collect', false), ('chief_accountant', 'people', false),
('chief_accountant', 'post', false), ('chief_accountant', 'lock', false), ('chief_accountant', 'chart', false),
('account_holder', 'read', true), ('account_holder', 'people', false),
('inspector', 'read', true), ('inspector', 'inspect', true),
('administrator', 'read', true), ('administrator', 'member', true), ('administrator', 'chart', false),
('administrator', 'found', true), ('administrator', 'token', false);
ALTER TABLE role_right ADD CONSTRAINT role_right_role_fk FOREIGN KEY (role) REFERENCES role_kind (role);

-- A role given to a user, whose id is the deployment's; who that is, the vault knows.
CREATE TABLE role_grant (
    tenant_id integer NOT NULL,
    grant_id uuid NOT NULL,
    association_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_grant_pk PRIMARY KEY (tenant_id, grant_id),
    CONSTRAINT role_grant_event_unique UNIQUE (tenant_id, event_id)
);
CREATE INDEX role_grant_association_idx ON role_grant (tenant_id, association_id);

CREATE TABLE role_revocation (
    tenant_id integer NOT NULL,
    grant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_revocation_pk PRIMARY KEY (tenant_id, grant_id),
    CONSTRAINT role_revocation_event_unique UNIQUE (tenant_id, event_id)
);

-- The roles that somebody holds now in one association, in one row: so that duties which the law keeps apart are kept
-- apart by a CHECK, whoever grants what at the same moment. Written by the triggers of grants and revocations alone.
CREATE TABLE role_holder (
    tenant_id integer NOT NULL,
    association_id uuid NOT NULL,
    user_id uuid NOT NULL,
    roles text [] NOT NULL,
    CONSTRAINT role_holder_pk PRIMARY KEY (tenant_id, association_id, user_id),
    -- Decree 174/2016 Art. 19: who keeps the books is not who approves, holds the cash or inspects, and who holds the
    -- cash is not who approves it. Who inspects does nothing else, but may keep the list of who signs in.
    CONSTRAINT role_holder_separation_check CHECK (
        NOT (roles && ARRAY['accountant', 'chief_accountant'] AND roles && ARRAY['account_holder', 'cashier', 'inspector'])
        AND NOT roles @> ARRAY['account_holder', 'cashier']
        AND NOT ('inspector' = ANY (roles) AND roles && ARRAY['account_holder', 'cashier', 'collector'])
    )
);
CREATE INDEX role_holder_user_idx ON role_holder (tenant_id, user_id);

ALTER TABLE role_grant ADD CONSTRAINT role_grant_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE role_grant ADD CONSTRAINT role_grant_role_fk FOREIGN KEY (role) REFERENCES role_kind (role);
ALTER TABLE role_revocation ADD CONSTRAINT role_revocation_grant_fk
FOREIGN KEY (tenant_id, grant_id) REFERENCES role_grant (tenant_id, grant_id);
ALTER TABLE role_holder ADD CONSTRAINT role_holder_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);

-- A grant comes after its leaf, of a role that is not held already, and is held from then on.
CREATE FUNCTION grant_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
    RETURN NULL;
END
$$;
CREATE TRIGGER role_grant_hold AFTER INSERT ON role_grant
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION grant_roles();

CREATE FUNCTION revoke_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN role_grant AS g USING (tenant_id, grant_id) LEFT JOIN book USING (tenant_id, association_id)
               WHERE NOT leaf_says(added.tenant_id, added.event_id, 'role.revoked', g.association_id, book.book_id,
                   jsonb_build_object('grant', type_id('gr', added.grant_id)))) THEN
        PERFORM refuse('role_revocation_leaf_given_rule', 'a role is taken back after the leaf that says so');
    END IF;
    UPDATE role_holder AS held
    SET roles = ARRAY(SELECT role FROM unnest(held.roles) AS role WHERE role <> ALL (gone.roles) ORDER BY role)
    FROM (SELECT g.tenant_id, g.association_id, g.user_id, array_agg(g.role) AS roles
        FROM added JOIN role_grant AS g USING (tenant_id, grant_id) GROUP BY 1, 2, 3) AS gone
    WHERE held.tenant_id = gone.tenant_id AND held.association_id = gone.association_id AND held.user_id = gone.user_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER role_revocation_hold AFTER INSERT ON role_revocation
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION revoke_roles();

-- What is a person's own. email_key finds it: lower case, NFC.
CREATE TABLE vault.user_profile (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    language text COLLATE "C" NOT NULL DEFAULT 'vi',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_profile_pk PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT user_profile_email_unique UNIQUE (tenant_id, email_key),
    CONSTRAINT user_profile_tenant_check CHECK (tenant_id = 0),
    CONSTRAINT user_profile_email_length_check CHECK (length(email) BETWEEN 3 AND 254 AND length(email_key) BETWEEN 3 AND 300),
    CONSTRAINT user_profile_name_length_check CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT user_profile_name_nfc_check CHECK (name IS NFC NORMALIZED AND email_key IS NFC NORMALIZED),
    CONSTRAINT user_profile_language_check CHECK (language IN ('vi', 'en'))
);

-- verifier is the SHA-256 of what argon2id makes of the password: reading it signs nobody in.
CREATE TABLE vault.user_password (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    salt bytea NOT NULL,
    time_cost smallint NOT NULL,
    memory_kib integer NOT NULL,
    lanes smallint NOT NULL,
    verifier bytea NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_password_pk PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT user_password_salt_size_check CHECK (octet_length(salt) = 16),
    CONSTRAINT user_password_verifier_size_check CHECK (octet_length(verifier) = 32),
    CONSTRAINT user_password_cost_check
    CHECK (time_cost BETWEEN 1 AND 100 AND memory_kib BETWEEN 8 AND 4194304 AND lanes BETWEEN 1 AND 64)
);

-- The secret of an authenticator (RFC 6238), sealed under a data key; last_step is the last code that was used, so that
-- one is good once. Until it was tried it counts for nothing.
CREATE TABLE vault.user_totp (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    last_step bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    CONSTRAINT user_totp_pk PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT user_totp_sealed_size_check CHECK (octet_length(sealed) BETWEEN 44 AND 100)
);

-- A sign-in, until it ends. strength: 1 by what somebody knows, 2 by what they hold as well; roles that need the second
-- count only there.
CREATE TABLE vault.user_session (
    tenant_id integer NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    strength smallint NOT NULL,
    client text NOT NULL,
    idle_seconds integer NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT user_session_pk PRIMARY KEY (tenant_id, session_id),
    CONSTRAINT user_session_hash_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT user_session_hash_size_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT user_session_strength_check CHECK (strength IN (1, 2)),
    CONSTRAINT user_session_client_length_check CHECK (length(client) <= 60),
    CONSTRAINT user_session_idle_range_check CHECK (idle_seconds BETWEEN 60 AND 86400)
);
CREATE INDEX user_session_user_idx ON vault.user_session (tenant_id, user_id);

ALTER TABLE vault.user_profile ADD CONSTRAINT user_profile_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE vault.user_password ADD CONSTRAINT user_password_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_totp ADD CONSTRAINT user_totp_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_totp ADD CONSTRAINT user_totp_key_fk
FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key (tenant_id, key_id);
ALTER TABLE vault.user_session ADD CONSTRAINT user_session_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['role_grant', 'role_revocation'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            name, name || '_append_only', name || '_no_truncate', name || '_hold');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['soquy.role_grant', 'soquy.role_revocation', 'soquy.role_holder', 'vault.user_profile',
        'vault.user_password', 'vault.user_totp', 'vault.user_session'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %s USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            split_part(name, '.', 2) || '_tenant', name);
    END LOOP;
END
$$;

-- What hashing a password of this user needs; no row where nobody has this address or chose a password yet.
CREATE FUNCTION password_cost(p_email_key text)
RETURNS TABLE (user_id uuid, salt bytea, time_cost smallint, memory_kib integer, lanes smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT p.user_id, p.salt, p.time_cost, p.memory_kib, p.lanes
    FROM user_profile AS u JOIN user_password AS p USING (tenant_id, user_id)
    WHERE u.tenant_id = 0 AND u.email_key = p_email_key
$$;

-- Does argon2id make this of the right password?
CREATE FUNCTION password_fits(p_user_id uuid, p_tag bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM user_password WHERE tenant_id = 0 AND user_id = p_user_id AND verifier = sha256(p_tag))
$$;

-- Begin a session for whoever knows the password; false where it is another.
CREATE FUNCTION begin_session(
    p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer, p_seconds integer
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    IF NOT password_fits(p_user_id, p_tag) THEN
        RETURN false;
    END IF;
    INSERT INTO user_session (tenant_id, session_id, user_id, secret_hash, strength, client, idle_seconds, ends_at)
    VALUES (0, p_session_id, p_user_id, p_secret_hash, 1, p_client, p_idle_seconds, now() + make_interval(secs => p_seconds));
    RETURN true;
END
$$;

-- The session of a secret, if it is not over.
CREATE FUNCTION open_session(p_secret_hash bytea) RETURNS vault.user_session
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT * FROM user_session
    WHERE tenant_id = 0 AND secret_hash = p_secret_hash AND ended_at IS NULL AND now() < ends_at
        AND now() < seen_at + make_interval(secs => idle_seconds)
$$;

-- Remember that a session is in use, so that it does not end of idleness.
CREATE FUNCTION touch_session(p_secret_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    UPDATE user_session SET seen_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id
$$;

CREATE FUNCTION end_session(p_secret_hash bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
BEGIN
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id;
    RETURN FOUND;
END
$$;

-- Raise a session to the second strength by a code that was never used, and give it another secret: whoever knew the
-- old one has nothing. The code was checked by the caller, who alone can open the authenticator's secret.
CREATE FUNCTION strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
DECLARE
    visit user_session := open_session(p_secret_hash);
BEGIN
    UPDATE user_totp SET last_step = p_step, confirmed_at = coalesce(confirmed_at, now())
    WHERE tenant_id = 0 AND user_id = visit.user_id AND last_step < p_step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE user_session SET strength = 2, secret_hash = p_new_hash, seen_at = now()
    WHERE tenant_id = 0 AND session_id = visit.session_id;
    RETURN true;
END
$$;

-- Who is this session's, and what may they do in that association? Like authenticate, it sets the tenant for the rest of
-- the transaction where they may do anything there, so a refused request can read nothing.
--
-- roles: of each role that counts there, its rights, and which of them reach below. withheld: rights that would come with
-- the second proof. places: where the user holds roles of their own.
CREATE FUNCTION authenticate_session(p_secret_hash bytea, p_association_id uuid DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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
    SELECT * INTO person FROM user_profile AS u WHERE u.tenant_id = 0 AND u.user_id = visit.user_id;
    SELECT jsonb_agg(jsonb_build_object('association_id', a.association_id, 'name_vi', a.name_vi, 'name_en', a.name_en,
            'level', a.level, 'roles', h.roles, 'rights', ARRAY(
                SELECT DISTINCT r.right_name FROM role_right AS r JOIN role_kind AS k USING (role)
                WHERE r.role = ANY (h.roles) AND visit.strength >= CASE WHEN k.needs_second_factor THEN 2 ELSE 1 END))
            ORDER BY a.tenant_id, a.founded_on, a.association_id) INTO places
    FROM role_holder AS h JOIN association AS a USING (tenant_id, association_id)
    WHERE h.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM tenant AS t)) AND h.user_id = visit.user_id
        AND cardinality(h.roles) > 0;
    SELECT b.tenant_id, b.book_id, a.name_vi, a.name_en, a.level INTO home
    FROM book AS b JOIN association AS a USING (tenant_id, association_id)
    WHERE b.association_id = p_association_id;
    WITH RECURSIVE above AS (
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, 0 AS depth FROM association AS a
        WHERE a.tenant_id = home.tenant_id AND a.association_id = p_association_id
        UNION ALL
        SELECT a.tenant_id, a.association_id, a.parent_tenant_id, a.parent_id, above.depth + 1 FROM above
        JOIN association AS a ON a.tenant_id = above.parent_tenant_id AND a.association_id = above.parent_id
        WHERE above.depth < 10
    ), holding AS (
        SELECT h.roles, above.depth FROM above JOIN role_holder AS h USING (tenant_id, association_id)
        WHERE h.user_id = visit.user_id
        UNION ALL
        SELECT ARRAY(SELECT jsonb_array_elements_text(place.value -> 'roles')), 0
        FROM jsonb_array_elements(places) AS place WHERE p_association_id IS NULL
    )
    SELECT jsonb_agg(jsonb_build_object('role', role, 'rights', rights, 'below', below, 'counts', counts) ORDER BY position)
    INTO held
    FROM (
        SELECT k.role, k.position, visit.strength >= CASE WHEN k.needs_second_factor THEN 2 ELSE 1 END AS counts,
            array_agg(DISTINCT r.right_name) AS rights,
            coalesce(array_agg(DISTINCT r.right_name) FILTER (WHERE r.reaches_below), '{}') AS below
        FROM holding JOIN role_kind AS k ON k.role = ANY (holding.roles) JOIN role_right AS r USING (role)
        WHERE holding.depth = 0 OR r.reaches_below
        GROUP BY k.role, k.position, k.needs_second_factor
    ) AS role;
    IF p_association_id IS NULL OR held IS NOT NULL THEN
        PERFORM set_config('soquy.tenant_id', coalesce(home.tenant_id, 0)::text, true);
    END IF;
    RETURN jsonb_build_object(
        'user_id', visit.user_id, 'session_id', visit.session_id, 'name', person.name, 'language', person.language,
        'strength', visit.strength, 'expires_at', visit.ends_at,
        'is_stale', now() > visit.seen_at + make_interval(secs => visit.idle_seconds / 10.0),
        'has_totp', EXISTS (SELECT FROM user_totp AS t
            WHERE t.tenant_id = 0 AND t.user_id = visit.user_id AND t.confirmed_at IS NOT NULL),
        'tenant_id', coalesce(home.tenant_id, 0), 'book_id', home.book_id, 'reached', p_association_id IS NULL OR held IS NOT NULL,
        'association', CASE WHEN held IS NOT NULL AND home.book_id IS NOT NULL THEN jsonb_build_object(
            'name_vi', home.name_vi, 'name_en', home.name_en, 'level', home.level) END,
        'roles', coalesce(held, '[]'), 'places', coalesce(places, '[]'));
END
$$;

GRANT SELECT ON role_kind, role_right, role_grant, role_revocation, role_holder TO soquy_app;
GRANT INSERT (tenant_id, grant_id, association_id, user_id, role, event_id) ON role_grant TO soquy_app;
GRANT INSERT (tenant_id, grant_id, event_id) ON role_revocation TO soquy_app;
GRANT INSERT (tenant_id, user_id, email, email_key, name, language) ON vault.user_profile TO soquy_app;
GRANT INSERT (tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier) ON vault.user_password TO soquy_app;
GRANT INSERT (tenant_id, user_id, sealed, key_id) ON vault.user_totp TO soquy_app;
GRANT EXECUTE ON FUNCTION password_cost(text), password_fits(uuid, bytea),
begin_session(uuid, bytea, uuid, bytea, text, integer, integer), touch_session(bytea), end_session(bytea),
strengthen_session(bytea, bytea, bigint), authenticate_session(bytea, uuid) TO soquy_app;
GRANT SELECT, DELETE ON vault.user_profile, vault.user_password, vault.user_totp, vault.user_session TO soquy_vault;
RESET ROLE;
