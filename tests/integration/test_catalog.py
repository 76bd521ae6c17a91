"""The schema keeps the rules that let it be distributed by tenant later, and the ones that keep it guarded now.

Each rule is one query over the catalog that returns what breaks it. They were tried on a distributed PostgreSQL
(Citus 13 and 14); here a plain one is asked, so that a table that could not be distributed is found when it is made.
"""

import pytest
import sqlalchemy as sa

REFERENCE = {
    "tenant",
    "currency",
    "chart",
    "chart_account",
    "voucher_kind",
    "fund_kind",
    "channel",
    "retention_class",
    "approval_action",
    "role_kind",
    "role_right",
    "role_separation",
}
"""Small tables that every tenant reads and only migrations write; copied to every node."""

LOG = {"log", "log_head", "log_leaf", "log_tile", "log_tree", "log_checkpoint", "log_disclosure"}
EXEMPT = {"alembic_version", *LOG}
"""Tables of job libraries, and the one log that a deployment has: local to the coordinator."""

HELD_OTHERWISE = {"posting", "contributor"}
"""Their triggers ask for the entry or leaf of all rows at once, and so for the book; a foreign key would for each."""

TENANT_TABLES = """\
WITH t AS (
    SELECT c.* FROM pg_class AS c
    WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname <> ALL (:outside)
), tenant_column AS (
    SELECT a.* FROM pg_attribute AS a WHERE a.attname = 'tenant_id' AND NOT a.attisdropped
), foreign_key AS (
    SELECT k.*, c.relname AS from_name, f.relname AS to_name
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS f ON f.oid = k.confrelid
    WHERE k.contype = 'f' AND k.conparentid = 0 AND k.connamespace = 'soquy'::regnamespace
)
"""

RULES = {
    "every tenant table has tenant_id integer NOT NULL": """\
        SELECT t.relname FROM t LEFT JOIN tenant_column AS a ON a.attrelid = t.oid
        WHERE a.attname IS NULL OR NOT a.attnotnull OR a.atttypid <> 'integer'::regtype OR a.attgenerated <> ''""",
    "every table has a primary key": """\
        SELECT c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)""",
    "every primary key and unique or exclusion index holds tenant_id": """\
        SELECT t.relname, i.indexrelid::regclass::text FROM t JOIN pg_index AS i ON i.indrelid = t.oid
        WHERE (i.indisunique OR i.indisexclusion) AND NOT EXISTS (
            SELECT FROM tenant_column AS a
            WHERE a.attrelid = t.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))""",
    "every index of a tenant table begins with tenant_id": """\
        SELECT t.relname, i.indexrelid::regclass::text FROM t JOIN pg_index AS i ON i.indrelid = t.oid
        JOIN tenant_column AS a ON a.attrelid = t.oid WHERE i.indkey[0] <> a.attnum""",
    "a foreign key between tenant tables pairs tenant_id with tenant_id": """\
        SELECT k.from_name, k.conname FROM foreign_key AS k
        WHERE k.from_name <> ALL (:outside) AND k.to_name <> ALL (:outside) AND NOT EXISTS (
            SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
            JOIN tenant_column AS a ON a.attrelid = k.conrelid AND a.attnum = pair.here
            JOIN tenant_column AS b ON b.attrelid = k.confrelid AND b.attnum = pair.there)""",
    "a row that the application adds to a book names one that exists": """\
        SELECT t.relname FROM t JOIN pg_attribute AS b ON b.attrelid = t.oid AND b.attname = 'book_id'
        WHERE has_table_privilege('soquy_app', t.oid, 'INSERT') AND t.relname <> ALL (:held_otherwise) AND NOT EXISTS (
            SELECT FROM foreign_key AS k, unnest(k.conkey, k.confkey) AS pair (here, there)
            JOIN pg_attribute AS c ON c.attnum = pair.there
            WHERE k.conrelid = t.oid AND pair.here = b.attnum AND c.attrelid = k.confrelid
                AND c.attname = 'book_id')""",
    "no foreign key leads from a reference table to a tenant table": """\
        SELECT k.from_name, k.conname FROM foreign_key AS k
        WHERE k.from_name = ANY (:outside) AND k.to_name <> ALL (:outside)""",
    "no foreign key changes or removes rows of its own": """\
        SELECT k.from_name, k.conname FROM foreign_key AS k WHERE k.confdeltype <> 'a' OR k.confupdtype <> 'a'""",
    "identity columns are bigint, and there is no serial": """\
        SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
            AND (a.attidentity <> '' AND a.atttypid <> 'bigint'::regtype
                OR a.attidentity = '' AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL)""",
    "every tenant table is under row-level security with one policy, on the tenant alone": """\
        SELECT t.relname FROM t LEFT JOIN pg_policies AS p ON p.schemaname = 'soquy' AND p.tablename = t.relname
            AND p.roles <> '{soquy_log}'
        GROUP BY t.relname, t.relrowsecurity
        HAVING NOT t.relrowsecurity OR count(p.policyname) <> 1 OR bool_or(p.cmd <> 'ALL' OR p.with_check IS NOT NULL
            OR p.qual <>
                '(tenant_id = (NULLIF(current_setting(''soquy.tenant_id''::text, true), ''''::text))::integer)')""",
    "only the log's role reads across tenants: leaves, and which of them wait": """\
        SELECT tablename, policyname FROM pg_policies
        WHERE schemaname = 'soquy' AND qual = 'true' AND (
            roles <> '{soquy_log}' OR cmd <> 'SELECT' OR tablename NOT IN ('audit_entry', 'audit_pending'))""",
    "no policy holds a sub-select": """\
        SELECT tablename, policyname FROM pg_policies
        WHERE schemaname = 'soquy' AND coalesce(qual, '') || coalesce(with_check, '') ~* '\\mselect\\M'""",
    "every partition is under row-level security, without a policy": """\
        SELECT c.relname FROM pg_class AS c LEFT JOIN pg_policy AS p ON p.polrelid = c.oid
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relispartition AND c.relkind = 'r'
            AND (NOT c.relrowsecurity OR p.oid IS NOT NULL)""",
    "nobody but the owner has a privilege on a partition": """\
        SELECT c.relname, acl.grantee::regrole::text FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relispartition AND acl.grantee <> c.relowner""",
    "only posting is partitioned, and next year's partition is there": """\
        SELECT c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind = 'p' AND c.relname <> 'posting'
        UNION ALL SELECT 'posting of next year'
        WHERE to_regclass('soquy.posting_' || extract(YEAR FROM soquy.today()) + 1) IS NULL""",
    "reference tables have no triggers": """\
        SELECT c.relname, g.tgname FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND c.relnamespace = 'soquy'::regnamespace AND c.relname = ANY (:outside)
            AND NOT starts_with(c.relname, 'log')""",
    "trigger functions that read or write run as the owner": """\
        SELECT DISTINCT p.proname FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid
        JOIN pg_proc AS p ON p.oid = g.tgfoid
        WHERE NOT g.tgisinternal AND c.relnamespace = 'soquy'::regnamespace AND NOT p.prosecdef
            AND p.proname <> 'refuse_change'""",
    "every function has a pinned search path that ends with pg_temp": """\
        SELECT p.proname FROM pg_proc AS p
        WHERE p.pronamespace = 'soquy'::regnamespace AND NOT EXISTS (
            SELECT FROM unnest(p.proconfig) AS setting WHERE setting ~ '^search_path=.*, pg_temp$')""",
    "no function is executable by everybody": """\
        SELECT p.proname FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
        WHERE p.pronamespace = 'soquy'::regnamespace AND acl.grantee = 0""",
    "nothing in the schema is granted to everybody": """\
        SELECT c.relname FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.relnamespace = 'soquy'::regnamespace AND acl.grantee = 0""",
    "everything is owned by soquy_owner, who cannot log in": """\
        SELECT c.relname FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relname <> ALL (:exempt)
            AND c.relname NOT LIKE 'alembic%' AND (r.rolname <> 'soquy_owner' OR r.rolcanlogin)
        UNION ALL SELECT p.proname FROM pg_proc AS p
        WHERE p.pronamespace = 'soquy'::regnamespace AND p.proowner <> 'soquy_owner'::regrole""",
    "evidence is refused change by triggers that are always enabled": """\
        SELECT name FROM unnest(CAST(:evidence AS text[])) AS name
        WHERE (SELECT count(*) FROM pg_trigger AS g WHERE g.tgrelid = (:schema || '.' || name)::regclass
            AND g.tgfoid = 'soquy.refuse_change'::regproc AND g.tgenabled = 'A') <> 2""",
    "the triggers that check are always enabled": """\
        SELECT c.relname, g.tgname FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND c.relnamespace = 'soquy'::regnamespace AND c.relname = ANY (:evidence)
            AND g.tgenabled <> 'A'""",
    "no inheritance, rules, views or foreign tables": """\
        SELECT c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'soquy'::regnamespace AND (c.relkind IN ('f', 'v', 'm') OR c.relhasrules
            OR EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhparent
                WHERE i.inhrelid = c.oid AND p.relkind = 'r'))""",
    "names leave room for a shard's number: 54 bytes": """\
        SELECT conname FROM pg_constraint
        WHERE connamespace = 'soquy'::regnamespace AND conparentid = 0 AND contype <> 'n' AND octet_length(conname) > 54
        UNION ALL SELECT relname FROM pg_class
        WHERE relnamespace = 'soquy'::regnamespace AND NOT relispartition AND octet_length(relname) > 54""",
    "constraints are named after table and rule": """\
        SELECT c.relname, k.conname FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
        WHERE k.connamespace = 'soquy'::regnamespace AND k.conparentid = 0 AND NOT c.relispartition
            AND c.relname <> ALL (:exempt) AND k.contype IN ('p', 'u', 'f', 'c') AND NOT (
                starts_with(k.conname, c.relname || '_') AND k.conname ~ (
                CASE k.contype WHEN 'p' THEN '_pk$' WHEN 'u' THEN '_unique$' WHEN 'f' THEN '_fk$' ELSE '_check$' END)
            OR k.conname IN ('currency_code_format_check'))""",
    "codes are compared byte by byte": """\
        SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        JOIN pg_index AS i ON i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relname <> ALL (:exempt)
            AND c.relkind IN ('r', 'p') AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation""",
    "money is bigint and instants have a time zone": """\
        SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'soquy'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
            AND (a.attname LIKE '%\\_minor' AND a.atttypid <> 'bigint'::regtype
                OR a.attname LIKE '%\\_at' AND a.atttypid <> 'timestamptz'::regtype
                OR a.attname LIKE '%\\_on' AND a.atttypid <> 'date'::regtype
                OR a.atttypid IN ('real'::regtype, 'double precision'::regtype, 'timestamp'::regtype))""",
    "no role can change a row's tenant": """\
        SELECT t.relname, r.rolname FROM t CROSS JOIN pg_roles AS r
        WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.oid <> t.relowner
            AND NOT pg_has_role(r.oid, t.relowner, 'USAGE') AND has_any_column_privilege(r.oid, t.oid, 'UPDATE')""",
}

EVIDENCE = {
    "soquy": [
        "entry",
        "posting",
        "voucher",
        "voucher_void",
        "month_lock",
        "audit_entry",
        "idempotency",
        "token_revocation",
        "contribution",
        "collection",
        "donor_correction",
        "pledge_correction",
        "pledge",
        "pledge_cancellation",
        "receipt_block",
        "block_void",
        "block_closing",
        "goods",
        "goods_withdrawal",
        "goods_handover",
        "goods_handover_undoing",
        "approval_policy",
        "approval",
        "approval_decision",
        "approval_withdrawal",
        "approval_use",
        "entry_proposal",
        "program_plan",
        "award_round",
        "award_list",
        "award",
        "award_decision",
        "award_list_withdrawal",
        "award_payment",
        "award_sitting",
        "award_collection",
        "role_grant",
        "role_revocation",
        "role_exception",
        "role_exception_ending",
        "bank_account",
        "paper",
        "attachment",
        "attachment_disowning",
        "log",
        "log_leaf",
        "log_tile",
        "log_tree",
        "log_checkpoint",
        "log_disclosure",
        "intake_posting",
        "intake_reversal",
    ],
    "vault": ["opening", "erasure", "person_opening", "person_erasure", "document_sending", "document_opening"],
}


@pytest.mark.parametrize("schema", EVIDENCE)
@pytest.mark.parametrize("rule", RULES)
def test_the_schema_keeps_the_rule(connection: sa.Connection, schema: str, rule: str) -> None:
    """The catalog holds nothing that breaks the rule; what does is named."""
    parameters = {
        "schema": schema,
        "outside": sorted(REFERENCE | EXEMPT),
        "exempt": sorted(EXEMPT),
        "held_otherwise": sorted(HELD_OTHERWISE),
        "evidence": EVIDENCE[schema],
    }
    query = sa.text((TENANT_TABLES + RULES[rule]).replace("= 'soquy'", f"= '{schema}'"))
    broken = connection.execute(query, {name: parameters[name] for name in query.compile().params})
    assert [tuple(row) for row in broken] == []


def test_the_reference_tables_are_there(connection: sa.Connection) -> None:
    """A reference table that is renamed does not fall out of the rules unseen."""
    rows = connection.execute(
        sa.text("SELECT relname FROM pg_class WHERE relnamespace IN ('soquy'::regnamespace, 'vault'::regnamespace)")
    )
    assert set(rows.scalars()) >= REFERENCE | EXEMPT
