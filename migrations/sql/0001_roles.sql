-- Two roles from the start. soquy_owner owns every object and runs the checked
-- functions; nobody logs in as it. soquy_app is what the service connects as: it
-- may read, add to the journal, and call functions; it can change nothing.
-- Roles belong to the cluster, so another database of it may have made them.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'soquy_owner') THEN
        CREATE ROLE soquy_owner NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'soquy_app') THEN
        CREATE ROLE soquy_app LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database's migration made them at the same moment
END
$$;

-- The one who migrates must be able to act as the owner, and the service to become the app.
GRANT soquy_owner TO CURRENT_USER;
GRANT soquy_app TO CURRENT_USER;

-- PUBLIC keeps nothing: what a role may do is only what these files grant.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA soquy OWNER TO soquy_owner;
GRANT USAGE ON SCHEMA soquy TO soquy_app;

SET LOCAL ROLE soquy_owner;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
RESET ROLE;
