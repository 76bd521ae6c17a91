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
    'propose', 'approve', 'pay', 'post', 'lock', 'chart', 'found', 'member', 'token', 'inspect']);

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
    CONSTRAINT role_right_name_check CHECK (right_name IN ('read', 'collect', 'people', 'propose', 'approve', 'pay',
        'post', 'lock', 'chart', 'found', 'member', 'token', 'inspect'))
);
INSERT INTO role_right (role, right_name, reaches_below) VALUES
('collector', 'collect', false),
('cashier', 'read', true), ('cashier', 'collect', false), ('cashier', 'pay', false),
('accountant', 'read', true), ('accountant', 'collect', false), ('accountant', 'people', false),
('accountant', 'propose', false), ('accountant', 'approve', false),
('chief_accountant', 'read', true), ('chief_accountant', 'collect', false), ('chief_accountant', 'people', false),
('chief_accountant', 'post', false), ('chief_accountant', 'lock', false), ('chief_accountant', 'chart', false),
('chief_accountant', 'propose', false), ('chief_accountant', 'approve', false),
('account_holder', 'read', true), ('account_holder', 'people', false), ('account_holder', 'approve', false),
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

-- Pairs of roles that the law keeps apart, each in the order of their letters. Decree 174/2016 Art. 19: who keeps the
-- books is not who approves or holds the cash. Beyond it: who holds the cash is not who approves it, and who inspects
-- does nothing else, but may keep the list of who signs in.
CREATE TABLE role_separation (
    first_role text COLLATE "C" NOT NULL,
    second_role text COLLATE "C" NOT NULL,
    CONSTRAINT role_separation_pk PRIMARY KEY (first_role, second_role),
    CONSTRAINT role_separation_order_check CHECK (first_role < second_role)
);
INSERT INTO role_separation (first_role, second_role) VALUES
('account_holder', 'accountant'), ('account_holder', 'cashier'), ('account_holder', 'chief_accountant'),
('account_holder', 'inspector'), ('accountant', 'cashier'), ('accountant', 'inspector'), ('cashier', 'chief_accountant'),
('cashier', 'inspector'), ('chief_accountant', 'inspector'), ('collector', 'inspector');

-- Where there are one or two people, an association lets one of them hold such a pair, from the day of the leaf until
-- another, a year later at most. exception_id is the id of its leaf's event. It serves everybody but made_by, who is NULL,
-- so that it serves nobody, where a lost database was made again from the log, which commits to people alone. Who inspects
-- is somebody else everywhere.
CREATE TABLE role_exception (
    tenant_id integer NOT NULL,
    exception_id uuid NOT NULL,
    association_id uuid NOT NULL,
    first_role text COLLATE "C" NOT NULL,
    second_role text COLLATE "C" NOT NULL,
    until_on date NOT NULL,
    made_by uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_exception_pk PRIMARY KEY (tenant_id, exception_id),
    CONSTRAINT role_exception_inspector_check CHECK ('inspector' NOT IN (first_role, second_role))
);
CREATE INDEX role_exception_association_idx ON role_exception (tenant_id, association_id, first_role, second_role);

-- An exception that ended before its day.
CREATE TABLE role_exception_ending (
    tenant_id integer NOT NULL,
    exception_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_exception_ending_pk PRIMARY KEY (tenant_id, exception_id),
    CONSTRAINT role_exception_ending_event_unique UNIQUE (tenant_id, event_id)
);

-- The roles that somebody holds now in one association, in one row and in the order in which they were given, so that
-- duties are kept apart whoever grants what at the same moment. Written by the triggers of grants and revocations alone.
CREATE TABLE role_holder (
    tenant_id integer NOT NULL,
    association_id uuid NOT NULL,
    user_id uuid NOT NULL,
    roles text [] NOT NULL,
    CONSTRAINT role_holder_pk PRIMARY KEY (tenant_id, association_id, user_id)
);
CREATE INDEX role_holder_user_idx ON role_holder (tenant_id, user_id);

ALTER TABLE role_grant ADD CONSTRAINT role_grant_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE role_grant ADD CONSTRAINT role_grant_role_fk FOREIGN KEY (role) REFERENCES role_kind (role);
ALTER TABLE role_revocation ADD CONSTRAINT role_revocation_grant_fk
FOREIGN KEY (tenant_id, grant_id) REFERENCES role_grant (tenant_id, grant_id);
ALTER TABLE role_holder ADD CONSTRAINT role_holder_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE role_separation ADD CONSTRAINT role_separation_first_fk FOREIGN KEY (first_role) REFERENCES role_kind (role);
ALTER TABLE role_separation ADD CONSTRAINT role_separation_second_fk FOREIGN KEY (second_role) REFERENCES role_kind (role);
ALTER TABLE role_exception ADD CONSTRAINT role_exception_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE role_exception ADD CONSTRAINT role_exception_separation_fk
FOREIGN KEY (first_role, second_role) REFERENCES role_separation (first_role, second_role);
ALTER TABLE role_exception_ending ADD CONSTRAINT role_exception_ending_exception_fk
FOREIGN KEY (tenant_id, exception_id) REFERENCES role_exception (tenant_id, exception_id);

-- Of the roles that somebody holds, in the order in which they were given, those that count today: where two are kept
-- apart and no exception in force joins them, the later one does not. Every request asks; hardly anybody holds such two.
CREATE FUNCTION roles_that_count(p_tenant_id integer, p_association_id uuid, p_user_id uuid, p_roles text []) RETURNS text []
LANGUAGE plpgsql STABLE SET search_path = soquy, pg_temp
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

-- A grant comes after its leaf, of a role that is not held already, and is held and counts from then on. Exceptions of
-- the association stand still until it is decided, so that none ends meanwhile.
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
CREATE TRIGGER role_grant_hold AFTER INSERT ON role_grant
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION grant_roles();

-- Does anybody keep the members of this association, by a role held in it or above?
CREATE FUNCTION is_administered(p_association_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Who holds roles beside a revoked administrator stands still until it is decided: two who revoke each other at the same
-- moment come one after the other, and the second is refused.
CREATE FUNCTION revoke_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
CREATE TRIGGER role_revocation_hold AFTER INSERT ON role_revocation
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION revoke_roles();

-- An exception comes after its leaf, for a year at most, by somebody who administers the association and holds neither
-- role there: nobody excepts themselves.
CREATE FUNCTION check_role_exceptions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
CREATE TRIGGER role_exception_check AFTER INSERT ON role_exception
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_role_exceptions();

-- An ending waits for the grants that rest on the exception, and comes before its last day is over.
CREATE FUNCTION check_role_exception_endings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
CREATE TRIGGER role_exception_ending_check AFTER INSERT ON role_exception_ending
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_role_exception_endings();

-- Invitations: a link that is good once, for seven days, to take a role or to choose a new password. invited_by is who
-- vouches for it when it is taken up: a user or a token who must still be allowed to, or nobody where the server made it.
CREATE TABLE invitation (
    tenant_id integer NOT NULL,
    invitation_id uuid NOT NULL,
    association_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    role text COLLATE "C",
    secret_hash bytea NOT NULL,
    invited_by uuid,
    invited_by_prefix text COLLATE "C",
    invited_as text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    taken_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT invitation_pk PRIMARY KEY (tenant_id, invitation_id),
    CONSTRAINT invitation_hash_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT invitation_hash_size_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT invitation_purpose_check CHECK (purpose IN ('role', 'password') AND (purpose = 'role') = (role IS NOT NULL)),
    CONSTRAINT invitation_invited_by_check CHECK (invited_by_prefix IN ('us', 'tk')
        AND (invited_by IS NULL) = (invited_by_prefix IS NULL)),
    CONSTRAINT invitation_expires_range_check CHECK (expires_at <= created_at + interval '8 days'),
    CONSTRAINT invitation_end_check CHECK (taken_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX invitation_association_idx ON invitation (tenant_id, association_id);

-- Whom it is for.
CREATE TABLE vault.invitation_address (
    tenant_id integer NOT NULL,
    invitation_id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    CONSTRAINT invitation_address_pk PRIMARY KEY (tenant_id, invitation_id),
    CONSTRAINT invitation_address_length_check
    CHECK (length(email) BETWEEN 3 AND 254 AND length(email_key) BETWEEN 3 AND 300)
);

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
-- one is good once. A pending one counts for nothing until a code of it was used, and then takes the other's place.
CREATE TABLE vault.user_totp (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    is_pending boolean NOT NULL,
    sealed bytea NOT NULL,
    key_id uuid NOT NULL,
    last_step bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_totp_pk PRIMARY KEY (tenant_id, user_id, is_pending),
    CONSTRAINT user_totp_sealed_size_check CHECK (octet_length(sealed) = 48)
);

-- Codes of 80 random bits that stand in for a lost authenticator, each once.
CREATE TABLE vault.user_recovery (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    CONSTRAINT user_recovery_pk PRIMARY KEY (tenant_id, user_id, code_hash),
    CONSTRAINT user_recovery_hash_size_check CHECK (octet_length(code_hash) = 32)
);

-- A browser that somebody has remembered and opens with a PIN. argon2id is told the PIN together with the browser's own
-- secret, of which only the hash is here: a million PINs cannot be tried against this table. Few tries, then it is over.
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
    tries_left smallint NOT NULL DEFAULT 5,
    made_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT user_device_pk PRIMARY KEY (tenant_id, device_id),
    CONSTRAINT user_device_hash_unique UNIQUE (tenant_id, secret_hash),
    CONSTRAINT user_device_hash_size_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT user_device_salt_size_check CHECK (octet_length(salt) = 16),
    CONSTRAINT user_device_verifier_size_check CHECK (octet_length(verifier) = 32),
    CONSTRAINT user_device_cost_check
    CHECK (time_cost BETWEEN 1 AND 100 AND memory_kib BETWEEN 8 AND 4194304 AND lanes BETWEEN 1 AND 64),
    CONSTRAINT user_device_name_length_check CHECK (length(name) BETWEEN 1 AND 60),
    CONSTRAINT user_device_tries_range_check CHECK (tries_left BETWEEN 0 AND 5)
);
CREATE INDEX user_device_user_idx ON vault.user_device (tenant_id, user_id);

-- A sign-in, until it ends. strength: 1 by what somebody knows, 2 by what they hold as well; roles that need the second
-- count only there. device_id: begun by the PIN of that device. browser_hash: of a secret that the browser keeps beyond
-- the session, so that one in which somebody signed in before is not slowed down by strangers who guess elsewhere.
CREATE TABLE vault.user_session (
    tenant_id integer NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid,
    browser_hash bytea,
    secret_hash bytea NOT NULL,
    strength smallint NOT NULL,
    code_tries smallint NOT NULL DEFAULT 5,
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
    CONSTRAINT user_session_tries_range_check CHECK (code_tries BETWEEN 0 AND 5),
    CONSTRAINT user_session_client_length_check CHECK (length(client) <= 60),
    CONSTRAINT user_session_idle_range_check CHECK (idle_seconds BETWEEN 60 AND 86400)
);
CREATE INDEX user_session_user_idx ON vault.user_session (tenant_id, user_id);

-- Who signed in and who was refused: ids and codes, no name, and of the address a keyed hash that tells only whether two
-- are alike. It never becomes a leaf: how staff work is nobody's business, and strangers must not write into the log.
CREATE TABLE vault.access_event (
    tenant_id integer NOT NULL,
    access_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    user_id uuid,
    address bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT access_event_pk PRIMARY KEY (tenant_id, access_id),
    CONSTRAINT access_event_kind_format_check CHECK (kind ~ '^[a-z][a-z_]{0,39}$'),
    CONSTRAINT access_event_address_size_check CHECK (octet_length(address) <= 8)
);
CREATE INDEX access_event_user_idx ON vault.access_event (tenant_id, user_id, recorded_at);
CREATE INDEX access_event_age_idx ON vault.access_event (tenant_id, recorded_at);

ALTER TABLE invitation ADD CONSTRAINT invitation_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE invitation ADD CONSTRAINT invitation_role_fk FOREIGN KEY (role) REFERENCES role_kind (role);
ALTER TABLE vault.invitation_address ADD CONSTRAINT invitation_address_invitation_fk
FOREIGN KEY (tenant_id, invitation_id) REFERENCES invitation (tenant_id, invitation_id);
ALTER TABLE vault.user_profile ADD CONSTRAINT user_profile_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE vault.user_password ADD CONSTRAINT user_password_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_totp ADD CONSTRAINT user_totp_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_totp ADD CONSTRAINT user_totp_key_fk
FOREIGN KEY (tenant_id, key_id) REFERENCES vault.data_key (tenant_id, key_id);
ALTER TABLE vault.user_recovery ADD CONSTRAINT user_recovery_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_device ADD CONSTRAINT user_device_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_session ADD CONSTRAINT user_session_user_fk
FOREIGN KEY (tenant_id, user_id) REFERENCES vault.user_profile (tenant_id, user_id);
ALTER TABLE vault.user_session ADD CONSTRAINT user_session_device_fk
FOREIGN KEY (tenant_id, device_id) REFERENCES vault.user_device (tenant_id, device_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['role_grant', 'role_revocation', 'role_exception', 'role_exception_ending'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            name || '_no_truncate', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I', name, name || '_append_only',
            name || '_no_truncate');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['soquy.role_grant', 'soquy.role_revocation', 'soquy.role_exception',
        'soquy.role_exception_ending', 'soquy.role_holder', 'soquy.invitation',
        'vault.invitation_address', 'vault.user_profile', 'vault.user_password', 'vault.user_totp', 'vault.user_recovery',
        'vault.user_device', 'vault.user_session', 'vault.access_event'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %s USING (tenant_id = nullif(current_setting(''soquy.tenant_id'', true), '''')::integer)',
            split_part(name, '.', 2) || '_tenant', name);
    END LOOP;
END
$$;

ALTER TABLE role_grant ENABLE ALWAYS TRIGGER role_grant_hold;
ALTER TABLE role_revocation ENABLE ALWAYS TRIGGER role_revocation_hold;
ALTER TABLE role_exception ENABLE ALWAYS TRIGGER role_exception_check;
ALTER TABLE role_exception_ending ENABLE ALWAYS TRIGGER role_exception_ending_check;

-- An association and those above it, to the top of its tree, whichever tenants they are in.
CREATE FUNCTION line_above(p_association_id uuid) RETURNS TABLE (tenant_id integer, association_id uuid, depth integer)
LANGUAGE sql STABLE SET search_path = soquy, pg_temp
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

-- What a user may do in an association, by roles held there and by those held above that reach below.
CREATE FUNCTION rights_in(p_user_id uuid, p_association_id uuid)
RETURNS TABLE (role text, right_name text, reaches_below boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT DISTINCT r.role, r.right_name, r.reaches_below
    FROM line_above(p_association_id) AS above JOIN role_holder AS h USING (tenant_id, association_id)
    CROSS JOIN LATERAL unnest(roles_that_count(h.tenant_id, h.association_id, h.user_id, h.roles)) AS counting (role)
    JOIN role_right AS r USING (role)
    WHERE h.user_id = p_user_id AND (above.depth = 0 OR r.reaches_below)
$$;

-- Where a user holds roles now, in all tenants, and which of them count.
CREATE FUNCTION holdings_of(p_user_id uuid) RETURNS TABLE (tenant_id integer, association_id uuid, roles text [])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT h.tenant_id, h.association_id, roles_that_count(h.tenant_id, h.association_id, h.user_id, h.roles)
    FROM role_holder AS h
    WHERE h.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM tenant AS t)) AND h.user_id = p_user_id AND cardinality(h.roles) > 0
$$;

-- Does any role of this user need the second proof? Then no PIN is enough.
CREATE FUNCTION needs_second_factor(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM holdings_of(p_user_id) AS h JOIN role_kind AS k ON k.role = ANY (h.roles) WHERE k.needs_second_factor)
$$;

-- Who signs in to an association of the transaction's tenant, and by which grant.
CREATE FUNCTION members_of(p_tenant_id integer, p_association_id uuid)
RETURNS TABLE (grant_id uuid, user_id uuid, role text, granted_at timestamptz, counts boolean, name text, email text,
    has_totp boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Names of users who hold or held a role in the transaction's tenant; of nobody else.
CREATE FUNCTION user_names(p_user_ids uuid []) RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT u.user_id, u.name FROM user_profile AS u
    WHERE u.tenant_id = 0 AND u.user_id = ANY (p_user_ids) AND EXISTS (
        SELECT FROM role_holder AS h WHERE h.tenant_id = current_tenant() AND h.user_id = u.user_id)
    LIMIT 1000
$$;

-- The session of a secret, if it is not over. For the functions below alone.
CREATE FUNCTION open_session(p_secret_hash bytea) RETURNS vault.user_session
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT * FROM user_session
    WHERE tenant_id = 0 AND secret_hash = p_secret_hash AND ended_at IS NULL AND now() < ends_at
        AND now() < seen_at + make_interval(secs => idle_seconds)
$$;

CREATE FUNCTION has_totp(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$ SELECT EXISTS (SELECT FROM user_totp WHERE tenant_id = 0 AND user_id = p_user_id AND NOT is_pending) $$;

-- Half a sign-in: the password was right, and the code of the user's authenticator is still to come.
CREATE FUNCTION is_half(p_visit vault.user_session) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$ SELECT p_visit.strength = 1 AND p_visit.device_id IS NULL AND has_totp(p_visit.user_id) $$;

-- The session of a secret, whole: what changes a user's own things asks for it.
CREATE FUNCTION whole_session(p_secret_hash bytea) RETURNS vault.user_session
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- What hashing a password of this address needs, and whether its user signed in with this browser before; no row where
-- nobody has it or chose a password yet.
CREATE FUNCTION password_cost(p_email_key text, p_browser_hash bytea)
RETURNS TABLE (user_id uuid, salt bytea, time_cost smallint, memory_kib integer, lanes smallint, is_known boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT p.user_id, p.salt, p.time_cost, p.memory_kib, p.lanes, EXISTS (
        SELECT FROM user_session AS s
        WHERE s.tenant_id = 0 AND s.user_id = p.user_id AND s.browser_hash = p_browser_hash)
    FROM user_profile AS u JOIN user_password AS p USING (tenant_id, user_id)
    WHERE u.tenant_id = 0 AND u.email_key = p_email_key
$$;

-- Does argon2id make this of the right password?
CREATE FUNCTION password_fits(p_user_id uuid, p_tag bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM user_password WHERE tenant_id = 0 AND user_id = p_user_id AND verifier = sha256(p_tag))
$$;

-- Begin a session for whoever knows the password: 'whole', 'half' where a code is to come, 'unproved' where a role needs
-- one and there is no authenticator yet; NULL where it is another.
CREATE FUNCTION begin_session(
    p_user_id uuid, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_browser_hash bytea, p_client text,
    p_idle_seconds integer, p_seconds integer
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Remember that a session is in use, so that it does not end of idleness.
CREATE FUNCTION touch_session(p_secret_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    UPDATE user_session SET seen_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id
$$;

CREATE FUNCTION end_session(p_secret_hash bytea) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND session_id = (open_session(p_secret_hash)).session_id
    RETURNING user_id
$$;

-- The user's sessions that are not over.
CREATE FUNCTION sessions_of(p_secret_hash bytea)
RETURNS TABLE (session_id uuid, client text, begun_at timestamptz, seen_at timestamptz, is_by_pin boolean, is_this boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT s.session_id, s.client, s.begun_at, s.seen_at, s.device_id IS NOT NULL, s.session_id = mine.session_id
    FROM whole_session(p_secret_hash) AS mine JOIN user_session AS s ON s.tenant_id = 0 AND s.user_id = mine.user_id
    WHERE s.ended_at IS NULL AND now() < s.ends_at AND now() < s.seen_at + make_interval(secs => s.idle_seconds)
    ORDER BY s.seen_at DESC LIMIT 100
$$;

-- End one other session of the user, or all the others.
CREATE FUNCTION end_other_sessions(p_secret_hash bytea, p_session_id uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- The sealed secret against which a code is tried, with one try of the session used up: after five wrong codes the
-- session is over, and the password is asked for again.
CREATE FUNCTION try_code(p_secret_hash bytea, p_is_pending boolean)
RETURNS TABLE (user_id uuid, sealed bytea, last_step bigint, key_id uuid, wrapped bytea, kek_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- A session of the second strength has another secret: whoever knew the old one has nothing. For those below alone.
CREATE FUNCTION raise_session(p_visit vault.user_session, p_new_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    UPDATE user_session SET strength = 2, secret_hash = p_new_hash, seen_at = now(), code_tries = 5
    WHERE tenant_id = 0 AND session_id = p_visit.session_id
$$;

-- Raise a session by a code that was never used. That the code is right was seen by the caller, who alone can open the
-- authenticator's secret.
CREATE FUNCTION strengthen_session(p_secret_hash bytea, p_new_hash bytea, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Raise a session by a recovery code, which is gone then; one try of the session is used up as by a code.
CREATE FUNCTION spend_recovery_code(p_secret_hash bytea, p_new_hash bytea, p_code_hash bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Keep a new authenticator's secret until a code of it is used. Whoever has one already has to have used it.
CREATE FUNCTION offer_totp(p_secret_hash bytea, p_sealed bytea, p_key_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Put the new authenticator in the place of the old, by its first code; everybody else who is signed in as this user is
-- so no longer.
CREATE FUNCTION confirm_totp(p_secret_hash bytea, p_new_hash bytea, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Replace all recovery codes.
CREATE FUNCTION set_recovery_codes(p_secret_hash bytea, p_code_hashes bytea []) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Hash a password anew at today's cost, for whoever just proved to know it.
CREATE FUNCTION rehash_password(
    p_user_id uuid, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer, p_verifier bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
BEGIN
    UPDATE user_password
    SET salt = p_salt, time_cost = p_time_cost, memory_kib = p_memory_kib, lanes = p_lanes, verifier = p_verifier
    WHERE tenant_id = 0 AND user_id = p_user_id AND verifier = sha256(p_tag);
    RETURN FOUND;
END
$$;

-- End everything by which somebody else might be in: sessions but this one, devices. For those below alone.
CREATE FUNCTION turn_out(p_user_id uuid, p_session_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, pg_temp
AS $$
    UPDATE user_session SET ended_at = now()
    WHERE tenant_id = 0 AND user_id = p_user_id AND ended_at IS NULL AND session_id IS DISTINCT FROM p_session_id;
    UPDATE user_device SET ended_at = now() WHERE tenant_id = 0 AND user_id = p_user_id AND ended_at IS NULL;
$$;

-- Change one's password, knowing the old one: all other sessions and all devices are over, this session's secret is new.
CREATE FUNCTION change_password(
    p_secret_hash bytea, p_new_hash bytea, p_tag bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer,
    p_lanes integer, p_verifier bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Is this the password of whoever is signed in?
CREATE FUNCTION own_password_fits(p_secret_hash bytea, p_tag bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$ SELECT password_fits((whole_session(p_secret_hash)).user_id, p_tag) $$;

-- Remember a browser, for whoever knows the password and needs no second proof.
CREATE FUNCTION add_device(
    p_secret_hash bytea, p_tag bytea, p_device_id uuid, p_name text, p_device_hash bytea, p_salt bytea, p_time_cost integer,
    p_memory_kib integer, p_lanes integer, p_verifier bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Whose device it is, and what hashing its PIN needs.
CREATE FUNCTION device_cost(p_device_hash bytea)
RETURNS TABLE (name text, salt bytea, time_cost smallint, memory_kib integer, lanes smallint, tries_left smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT u.name, d.salt, d.time_cost, d.memory_kib, d.lanes, d.tries_left
    FROM user_device AS d JOIN user_profile AS u USING (tenant_id, user_id)
    WHERE d.tenant_id = 0 AND d.secret_hash = p_device_hash AND d.ended_at IS NULL AND NOT needs_second_factor(d.user_id)
$$;

-- Begin a session by the PIN of a device; NULL where it is another. A wrong one uses up a try, the last one the device.
CREATE FUNCTION begin_device_session(
    p_device_hash bytea, p_tag bytea, p_session_id uuid, p_secret_hash bytea, p_client text, p_idle_seconds integer,
    p_seconds integer
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

CREATE FUNCTION devices_of(p_secret_hash bytea)
RETURNS TABLE (device_id uuid, name text, made_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT d.device_id, d.name, d.made_at, d.used_at
    FROM whole_session(p_secret_hash) AS mine JOIN user_device AS d ON d.tenant_id = 0 AND d.user_id = mine.user_id
    WHERE d.ended_at IS NULL ORDER BY d.made_at LIMIT 100
$$;

-- Forget a device, and end what was begun by its PIN.
CREATE FUNCTION end_device(p_secret_hash bytea, p_device_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- What the account's page shows of whoever is signed in.
CREATE FUNCTION own_profile(p_secret_hash bytea)
RETURNS TABLE (user_id uuid, name text, email text, language text, password_set_at timestamptz, totp_made_at timestamptz,
    recovery_codes_left bigint, needs_second_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT u.user_id, u.name, u.email, u.language, p.set_at, t.made_at,
        (SELECT count(*) FROM user_recovery AS r WHERE r.tenant_id = 0 AND r.user_id = u.user_id AND r.used_at IS NULL),
        needs_second_factor(u.user_id)
    FROM whole_session(p_secret_hash) AS mine JOIN user_profile AS u ON u.tenant_id = 0 AND u.user_id = mine.user_id
    LEFT JOIN user_password AS p ON p.tenant_id = 0 AND p.user_id = u.user_id
    LEFT JOIN user_totp AS t ON t.tenant_id = 0 AND t.user_id = u.user_id AND NOT t.is_pending
$$;

CREATE FUNCTION set_profile(p_secret_hash bytea, p_name text, p_language text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    UPDATE user_profile SET name = p_name, language = p_language
    WHERE tenant_id = 0 AND user_id = (whole_session(p_secret_hash)).user_id
$$;

-- What happened to whoever is signed in, lately.
CREATE FUNCTION own_access(p_secret_hash bytea) RETURNS TABLE (kind text, recorded_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
AS $$
    SELECT e.kind, e.recorded_at
    FROM whole_session(p_secret_hash) AS mine JOIN access_event AS e ON e.tenant_id = 0 AND e.user_id = mine.user_id
    ORDER BY e.recorded_at DESC, e.access_id DESC LIMIT 20
$$;

-- Forget what is over for 90 days: sign-ins, sessions, devices, addresses of links.
CREATE FUNCTION forget_access() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- May one user give another a new password? Only where they administer everything that the other does.
CREATE FUNCTION may_renew(p_by uuid, p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT p_by <> p_user_id AND EXISTS (SELECT FROM holdings_of(p_user_id)) AND NOT EXISTS (
        SELECT FROM holdings_of(p_user_id) AS h WHERE NOT EXISTS (
            SELECT FROM rights_in(p_by, h.association_id) AS r WHERE r.right_name = 'member'))
$$;

-- May whoever invited still do so? A user by their roles, a token while it is good, the server always. A token gives no
-- new password.
CREATE FUNCTION vouches(p_made invitation, p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- The invitation of a link, if it is still good: for whom, where, as what, and who has the address already. The
-- transaction goes on in its tenant.
CREATE FUNCTION open_invitation(p_tenant_id integer, p_secret_hash bytea) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Use an invitation up, once; whoever comes second waits, and finds it used.
CREATE FUNCTION take_invitation(p_tenant_id integer, p_secret_hash bytea) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Choose a new password by a link that is for it, and use the link up: sessions, devices, authenticator and recovery
-- codes are over, since who asked for the link had lost one of them, and others may have found it.
CREATE FUNCTION renew_password(
    p_tenant_id integer, p_invitation_hash bytea, p_salt bytea, p_time_cost integer, p_memory_kib integer, p_lanes integer,
    p_verifier bytea
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

CREATE FUNCTION withdraw_invitation(p_tenant_id integer, p_association_id uuid, p_invitation_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- The invitations of an association that can still be taken up.
CREATE FUNCTION invitations_of(p_tenant_id integer, p_association_id uuid)
RETURNS TABLE (invitation_id uuid, purpose text, role text, email text, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = soquy, vault, pg_temp
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

-- Who is this session's, and what may they do in that association? Like authenticate, it sets the tenant for the rest of
-- the transaction where they may do anything there, so a refused request can read nothing.
--
-- roles: of each role that reaches there, its rights, which of them reach below, and whether it counts now. places: where
-- the user holds roles of their own. half: a code is to come, and nothing counts before.
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

-- The service reads who holds which role, adds grants and invitations, and calls; of people's own things it may add what
-- a new user comes with.
GRANT SELECT ON role_kind, role_right, role_separation, role_grant, role_revocation, role_exception, role_exception_ending,
role_holder TO soquy_app;
GRANT INSERT (tenant_id, grant_id, association_id, user_id, role, event_id) ON role_grant TO soquy_app;
GRANT INSERT (tenant_id, grant_id, event_id) ON role_revocation TO soquy_app;
GRANT INSERT (tenant_id, exception_id, association_id, first_role, second_role, until_on, made_by) ON role_exception TO soquy_app;
GRANT INSERT (tenant_id, exception_id, event_id) ON role_exception_ending TO soquy_app;
GRANT INSERT (tenant_id, invitation_id, association_id, purpose, role, secret_hash, invited_by, invited_by_prefix, invited_as,
expires_at) ON invitation TO soquy_app;
GRANT INSERT (tenant_id, invitation_id, email, email_key) ON vault.invitation_address TO soquy_app;
GRANT INSERT (tenant_id, user_id, email, email_key, name, language) ON vault.user_profile TO soquy_app;
GRANT INSERT (tenant_id, user_id, salt, time_cost, memory_kib, lanes, verifier) ON vault.user_password TO soquy_app;
GRANT INSERT (tenant_id, access_id, kind, user_id, address) ON vault.access_event TO soquy_app;
GRANT EXECUTE ON FUNCTION roles_that_count(integer, uuid, uuid, text []), members_of(integer, uuid), user_names(uuid []), password_cost(text, bytea),
begin_session(uuid, bytea, uuid, bytea, bytea, text, integer, integer), touch_session(bytea), end_session(bytea), sessions_of(bytea),
end_other_sessions(bytea, uuid), try_code(bytea, boolean), strengthen_session(bytea, bytea, bigint),
spend_recovery_code(bytea, bytea, bytea), offer_totp(bytea, bytea, uuid), confirm_totp(bytea, bytea, bigint),
set_recovery_codes(bytea, bytea []), rehash_password(uuid, bytea, bytea, integer, integer, integer, bytea),
change_password(bytea, bytea, bytea, bytea, integer, integer, integer, bytea), own_password_fits(bytea, bytea),
add_device(bytea, bytea, uuid, text, bytea, bytea, integer, integer, integer, bytea), device_cost(bytea),
begin_device_session(bytea, bytea, uuid, bytea, text, integer, integer), devices_of(bytea), end_device(bytea, uuid),
own_profile(bytea), set_profile(bytea, text, text), own_access(bytea), forget_access(), may_renew(uuid, uuid),
open_invitation(integer, bytea), take_invitation(integer, bytea),
renew_password(integer, bytea, bytea, integer, integer, integer, bytea), withdraw_invitation(integer, uuid, uuid),
invitations_of(integer, uuid), authenticate_session(bytea, uuid) TO soquy_app;

-- Maintenance erases a person who leaves.
GRANT SELECT, DELETE ON vault.user_profile, vault.user_password, vault.user_totp, vault.user_recovery, vault.user_device,
vault.user_session, vault.access_event, vault.invitation_address TO soquy_vault;
GRANT SELECT ON role_holder TO soquy_vault;
RESET ROLE;
