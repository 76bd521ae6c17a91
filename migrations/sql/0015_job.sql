-- Long work that goes on after its request, with progress: a queue in every tenant.
--
-- A job is inserted by the transaction that wants it done, so that it exists exactly if the rest of that transaction
-- does. A worker takes it for the length of a lease and extends the lease while it works; a worker that was killed lets
-- the lease end, and the next takes the job again. Whoever holds a lease no longer can neither report nor finish.
--
-- The service adds jobs and reads them; every other change goes through the functions below.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- arguments and result hold ids, codes and counts, never what somebody typed. due_at is when a waiting job may be taken,
-- and when a running one's lease ends. Of a kind and a subject there is one job, unless it failed or was cancelled.
CREATE TABLE job (
    tenant_id integer NOT NULL,
    job_id uuid NOT NULL,
    book_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    arguments jsonb NOT NULL,
    principal_id uuid NOT NULL,
    actor_role text COLLATE "C" NOT NULL,
    actor_prefix text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'waiting',
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_id uuid,
    attempt_count smallint NOT NULL DEFAULT 0,
    is_cancelling boolean NOT NULL DEFAULT false,
    done_count bigint NOT NULL DEFAULT 0,
    total_count bigint,
    result jsonb,
    error_code text COLLATE "C",
    error_fields jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT job_pk PRIMARY KEY (tenant_id, job_id),
    CONSTRAINT job_kind_format_check CHECK (kind ~ '^[a-z][a-z_]{0,29}\.[a-z][a-z_]{0,29}$'),
    CONSTRAINT job_subject_format_check CHECK (subject ~ '^[A-Za-z0-9_:./-]{1,120}$'),
    CONSTRAINT job_arguments_size_check CHECK (jsonb_typeof(arguments) = 'object' AND length(arguments::text) <= 4000),
    CONSTRAINT job_actor_role_format_check CHECK (actor_role ~ '^[a-z][a-z_]{0,39}$'),
    CONSTRAINT job_actor_prefix_check CHECK (actor_prefix IN ('tk', 'us')),
    CONSTRAINT job_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT job_lease_given_check CHECK ((state = 'running') = (lease_id IS NOT NULL)),
    CONSTRAINT job_finished_given_check CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT job_error_given_check CHECK ((state = 'failed') = (error_code IS NOT NULL) OR state = 'waiting'),
    CONSTRAINT job_error_code_format_check CHECK (error_code ~ '^[a-z][a-z0-9_]{0,59}$'),
    CONSTRAINT job_error_fields_size_check CHECK (length(error_fields::text) <= 4000),
    CONSTRAINT job_result_size_check CHECK (jsonb_typeof(result) = 'object' AND length(result::text) <= 10000),
    CONSTRAINT job_counts_check CHECK (done_count >= 0 AND total_count >= 0)
);
CREATE UNIQUE INDEX job_subject_unique ON job (tenant_id, kind, subject) WHERE state NOT IN ('failed', 'cancelled');
CREATE INDEX job_due ON job (tenant_id, due_at) WHERE state IN ('waiting', 'running');
CREATE INDEX job_finished ON job (tenant_id, finished_at) WHERE finished_at IS NOT NULL;

ALTER TABLE job ADD CONSTRAINT job_book_fk FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);

ALTER TABLE job ENABLE ROW LEVEL SECURITY;
CREATE POLICY job_tenant ON job USING (tenant_id = nullif(current_setting('soquy.tenant_id', true), '')::integer);

-- Where there is something to take: the tenant that has waited longest first. Workers take turns at tenants by it.
CREATE FUNCTION job_tenants(p_kinds text []) RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT tenant_id FROM job
    WHERE state IN ('waiting', 'running') AND due_at <= clock_timestamp() AND kind = ANY (p_kinds)
    GROUP BY tenant_id ORDER BY min(due_at) LIMIT 100
$$;

-- Take the job of this tenant that is due longest, for the length of a lease. One that was taken too often, by workers
-- that all were gone before they could say why, is given up.
CREATE FUNCTION claim_job(
    p_tenant_id integer, p_kinds text [], p_lease_id uuid, p_lease_seconds integer, p_attempt_count_max integer
) RETURNS SETOF job
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Still at work: extend the lease and, where counts are given, tell how far. Returns whether the job is to be left off,
-- and nothing to whoever has lost it.
CREATE FUNCTION hold_job(
    p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_lease_seconds integer, p_done bigint, p_total bigint
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    UPDATE job SET due_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
        done_count = coalesce(p_done, done_count), total_count = coalesce(p_total, total_count)
    WHERE tenant_id = p_tenant_id AND tenant_id = current_tenant() AND job_id = p_job_id AND lease_id = p_lease_id
        AND state = 'running'
    RETURNING is_cancelling
$$;

-- May whoever asked for a job still have it done? Rights are asked again at every step that writes, because a job may wait
-- for long: a role may be taken back meanwhile, a token end. A principal that is neither is the server's own.
CREATE FUNCTION may_still(p_association_id uuid, p_principal_id uuid, p_prefix text, p_right text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Done. In the transaction of the work itself, so that work and end are kept together or not at all; false, and the
-- transaction must not commit, where another has taken the job over.
CREATE FUNCTION finish_job(p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_result jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
BEGIN
    UPDATE job SET state = 'done', lease_id = NULL, result = p_result, done_count = coalesce(total_count, done_count),
        finished_at = clock_timestamp()
    WHERE tenant_id = p_tenant_id AND tenant_id = current_tenant() AND job_id = p_job_id AND lease_id = p_lease_id
        AND state = 'running';
    RETURN FOUND;
END
$$;

-- Not done: again after a pause, or never where there is none. A job that was to be left off is cancelled. p_is_counted
-- is false where the worker itself had to leave.
CREATE FUNCTION give_back_job(
    p_tenant_id integer, p_job_id uuid, p_lease_id uuid, p_code text, p_fields jsonb, p_pause_seconds integer,
    p_is_counted boolean
) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- Leave a job off: at once where nobody works at it, else when its worker next looks. Returns whether there was one.
CREATE FUNCTION cancel_job(p_tenant_id integer, p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

-- What operators watch: how many wait, for how long the oldest has been due, how many failed in the last day.
CREATE FUNCTION job_figures() RETURNS TABLE (waiting bigint, oldest_seconds double precision, failed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT (SELECT count(*) FROM job WHERE state = 'waiting'),
        (SELECT coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0) FROM job
            WHERE state IN ('waiting', 'running')),
        (SELECT count(*) FROM job WHERE state = 'failed' AND finished_at > clock_timestamp() - interval '1 day')
$$;

-- Jobs that ended long ago say nothing any more that the books do not.
CREATE FUNCTION forget_jobs(p_days integer, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = soquy, pg_temp
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

GRANT SELECT ON job TO soquy_app;
GRANT INSERT (tenant_id, job_id, book_id, kind, subject, arguments, principal_id, actor_role, actor_prefix) ON job
TO soquy_app;
GRANT EXECUTE ON FUNCTION may_still(uuid, uuid, text, text), job_tenants(text []), claim_job(integer, text [], uuid, integer, integer),
hold_job(integer, uuid, uuid, integer, bigint, bigint), finish_job(integer, uuid, uuid, jsonb),
give_back_job(integer, uuid, uuid, text, jsonb, integer, boolean), cancel_job(integer, uuid), job_figures(),
forget_jobs(integer, integer) TO soquy_app;
RESET ROLE;
