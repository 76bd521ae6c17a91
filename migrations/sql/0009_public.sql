-- What the public pages ask before they know a tenant: which trees there are.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- The associations at the top of a tree that keep books. Their names and levels are
-- public; like association_home, it looks across tenants and gives no figures away.
CREATE FUNCTION public_roots()
RETURNS TABLE (tenant_id integer, association_id uuid, level text, name_vi text, name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = soquy, pg_temp
AS $$
    SELECT a.tenant_id, a.association_id, a.level, a.name_vi, a.name_en
    FROM association AS a JOIN book USING (tenant_id, association_id)
    WHERE a.parent_id IS NULL
    ORDER BY a.tenant_id, a.founded_on, a.association_id
    LIMIT 100
$$;
GRANT EXECUTE ON FUNCTION public_roots() TO soquy_app;
RESET ROLE;
