-- The public log: leaves numbered without a gap, and the trees made of them.
--
-- One log a deployment; its tables stand outside the tenants, local to where the sequencer
-- works. They hold ids, numbers and hashes: all of it is public. A log whose database was
-- lost to it (a restored backup, a fork) ends, and its successor begins at 0 with a leaf
-- that names the end of the old one; the highest log_id is the one that grows.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'soquy_log') THEN
        CREATE ROLE soquy_log LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database's migration made it at the same moment
END
$$;
GRANT soquy_log TO CURRENT_USER;
GRANT USAGE ON SCHEMA soquy TO soquy_log;

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- Every checkpoint begins with the origin; two logs never share one.
CREATE TABLE log (
    log_id smallint NOT NULL,
    origin text COLLATE "C" NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT log_pk PRIMARY KEY (log_id),
    CONSTRAINT log_origin_unique UNIQUE (origin),
    CONSTRAINT log_origin_format_check CHECK (origin ~ '^[A-Za-z0-9._:/-]{1,64}$')
);

-- While held_because says something, nothing is appended and nothing is numbered: what the
-- world has seen of the log is not what this database holds.
CREATE TABLE log_head (
    log_id smallint NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    held_because text COLLATE "C",
    CONSTRAINT log_head_pk PRIMARY KEY (log_id),
    CONSTRAINT log_head_held_because_check CHECK (held_because IN ('restored', 'behind', 'forked', 'recovering')),
    CONSTRAINT log_head_log_fk FOREIGN KEY (log_id) REFERENCES log (log_id)
);

-- leaf_hash is SHA-256 of 0x00 and the leaf (RFC 6962); the leaf itself stays in audit_entry.
CREATE TABLE log_leaf (
    log_id smallint NOT NULL,
    leaf_index bigint NOT NULL,
    tenant_id integer NOT NULL,
    event_id uuid NOT NULL,
    book_id bigint,
    book_seq bigint,
    leaf_hash bytea NOT NULL,
    numbered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT log_leaf_pk PRIMARY KEY (log_id, leaf_index),
    CONSTRAINT log_leaf_event_unique UNIQUE (log_id, tenant_id, event_id),
    CONSTRAINT log_leaf_hash_size_check CHECK (octet_length(leaf_hash) = 32)
);
-- "As known at K" asks for the last entry of a book below an index.
CREATE INDEX log_leaf_book_idx ON log_leaf (log_id, tenant_id, book_id, leaf_index) INCLUDE (book_seq)
WHERE book_seq IS NOT NULL;

-- The hash above each complete tile of 256 hashes: level 0 stands above leaves.
CREATE TABLE log_tile (
    log_id smallint NOT NULL,
    level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_tile_pk PRIMARY KEY (log_id, level, tile_index),
    CONSTRAINT log_tile_hash_size_check CHECK (octet_length(hash) = 32)
);

-- The one root that a size of a log has: committed before anything is signed, so that no
-- crash and no second publisher can sign another.
CREATE TABLE log_tree (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    staged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT log_tree_pk PRIMARY KEY (log_id, size),
    CONSTRAINT log_tree_root_size_check CHECK (octet_length(root) = 32)
);

-- What was published, as it was signed. The same size comes again with more signatures.
CREATE TABLE log_checkpoint (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    note bytea NOT NULL,
    CONSTRAINT log_checkpoint_pk PRIMARY KEY (log_id, size, published_at),
    CONSTRAINT log_checkpoint_note_size_check CHECK (octet_length(note) BETWEEN 1 AND 100000)
);
CREATE INDEX log_checkpoint_time_idx ON log_checkpoint (log_id, published_at);

-- How far the leaves themselves are public: entry bundles may lag behind the checkpoint.
CREATE TABLE log_disclosure (
    log_id smallint NOT NULL,
    size bigint NOT NULL,
    disclosed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT log_disclosure_pk PRIMARY KEY (log_id, size)
);

-- Leaves of a book are queued while the book is taken, so this order is each book's own.
-- squawk-ignore adding-field-with-default
ALTER TABLE audit_pending ADD COLUMN pending_no bigint GENERATED ALWAYS AS IDENTITY;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX audit_pending_order_idx ON audit_pending (tenant_id, pending_no);

-- I9: a leaf of type "entry" has its entry; every leaf waits to be numbered.
CREATE OR REPLACE FUNCTION queue_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Numbers run 0, 1, 2 … in each log, and the entries of a book follow each other in them: so
-- who reads a book's numbers out of the log knows that none is missing between two.
CREATE FUNCTION check_log_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
CREATE TRIGGER log_leaf_check AFTER INSERT ON log_leaf
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_log_leaves();

-- Trees only grow, and never beyond what is numbered; what is published was staged, and
-- nothing smaller is published after it.
CREATE FUNCTION check_log_trees() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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
CREATE TRIGGER log_tree_check AFTER INSERT ON log_tree
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_log_trees();

CREATE FUNCTION check_log_checkpoints() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN log_tree AS t USING (log_id, size) WHERE t.size IS NULL)
        OR EXISTS (SELECT FROM added JOIN log_checkpoint AS c ON c.log_id = added.log_id WHERE c.size > added.size) THEN
        PERFORM refuse('log_checkpoint_growth_rule', 'what is published was staged, and is never smaller than before');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_checkpoint_check AFTER INSERT ON log_checkpoint
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_log_checkpoints();

-- Leaves become public only as far as a checkpoint does.
CREATE FUNCTION check_log_disclosures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT FROM log_checkpoint AS c
            WHERE c.log_id = added.log_id AND c.size >= added.size)) THEN
        PERFORM refuse('log_disclosure_published_rule', 'leaves are public only as far as a checkpoint');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_disclosure_check AFTER INSERT ON log_disclosure
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_log_disclosures();

-- Begin the first log; where there is one, it stays.
CREATE FUNCTION begin_log(p_origin text) RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Number what waits, tenant by tenant in the order in which it was queued; return how many. The head's row
-- makes sequencers take turns. What is not yet committed is not seen and comes later: rows
-- are taken from a queue, never from "after the last id", which would lose late commits.
CREATE FUNCTION number_leaves(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Stop everything when the world has seen another log than this one. Only restoring and
-- recovering, by the owner, lets go again.
CREATE FUNCTION hold_log(p_because text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    UPDATE log_head SET held_because = coalesce(held_because, p_because)
    WHERE log_id = (SELECT max(log_id) FROM log)
$$;

-- I2 for the log.
DO $$
DECLARE
    evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY['log', 'log_leaf', 'log_tile', 'log_tree', 'log_checkpoint',
        'log_disclosure'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
            evidence || '_append_only', evidence);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            evidence || '_no_truncate', evidence);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I',
            evidence, evidence || '_append_only', evidence || '_no_truncate');
    END LOOP;
END
$$;
ALTER TABLE log_leaf ENABLE ALWAYS TRIGGER log_leaf_check;
ALTER TABLE log_tree ENABLE ALWAYS TRIGGER log_tree_check;
ALTER TABLE log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_check;
ALTER TABLE log_disclosure ENABLE ALWAYS TRIGGER log_disclosure_check;

-- The sequencer reads every tenant's leaves, and nothing else of the books.
CREATE POLICY audit_entry_log ON audit_entry FOR SELECT TO soquy_log USING (true);
CREATE POLICY audit_pending_log ON audit_pending FOR SELECT TO soquy_log USING (true);
GRANT SELECT ON log, log_head, log_leaf, log_tile, log_tree, log_checkpoint, log_disclosure TO soquy_app, soquy_log;
GRANT SELECT ON audit_entry, audit_pending TO soquy_log;
GRANT INSERT (log_id, level, tile_index, hash) ON log_tile TO soquy_log;
GRANT INSERT (log_id, size, root) ON log_tree TO soquy_log;
GRANT INSERT (log_id, size, note) ON log_checkpoint TO soquy_log;
GRANT INSERT (log_id, size) ON log_disclosure TO soquy_log;
GRANT EXECUTE ON FUNCTION begin_log(text), number_leaves(integer), hold_log(text), refuse(text, text, jsonb) TO soquy_log;
RESET ROLE;

ALTER ROLE soquy_log SET search_path = soquy, pg_temp;
