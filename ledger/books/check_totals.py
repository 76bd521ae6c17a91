"""Rules of ``soquy check`` on what is kept beside the journal: totals, counters, heads, locks.

Each is one query over all books that finds nothing where all is well; its rows have ``tenant_id``, ``book_id`` and
what differs, as codes and numbers. All is computed again from entries and postings, not from what triggers left.
"""

from typing import Final

TOTAL_RULES: Final = {
    "day_total": """\
        WITH moved AS (
            SELECT tenant_id, book_id, account, fund, entry_on AS total_on,
                sum(greatest(value_minor, 0)) AS debit_minor, sum(greatest(- value_minor, 0)) AS credit_minor,
                coalesce(sum(amount_minor) FILTER (WHERE currency <> 'VND'), 0) AS foreign_minor
            FROM soquy.posting
            GROUP BY tenant_id, book_id, account, fund, entry_on
        ), due AS (
            SELECT tenant_id, book_id, account, fund, total_on, sum(debit_minor) OVER key_days AS debit_minor,
                sum(credit_minor) OVER key_days AS credit_minor, sum(foreign_minor) OVER key_days AS foreign_minor
            FROM moved
            WINDOW key_days AS (PARTITION BY tenant_id, book_id, account, fund ORDER BY total_on)
        )
        SELECT tenant_id, book_id, account, fund, total_on,
            due.debit_minor AS debit_due_minor, kept.debit_to_date_minor AS debit_kept_minor,
            due.credit_minor AS credit_due_minor, kept.credit_to_date_minor AS credit_kept_minor,
            due.foreign_minor AS foreign_due_minor, kept.foreign_to_date_minor AS foreign_kept_minor
        FROM due
        FULL JOIN soquy.day_total AS kept USING (tenant_id, book_id, account, fund, total_on)
        WHERE (due.debit_minor, due.credit_minor, due.foreign_minor)
            IS DISTINCT FROM (kept.debit_to_date_minor, kept.credit_to_date_minor, kept.foreign_to_date_minor)""",
    "balance_key": """\
        SELECT tenant_id, book_id, account, fund, used.seq IS NOT NULL AS is_used, kept.tenant_id IS NOT NULL AS is_kept
        FROM (
            SELECT tenant_id, book_id, account, fund, min(seq) AS seq
            FROM soquy.posting
            GROUP BY tenant_id, book_id, account, fund
        ) AS used
        FULL JOIN soquy.balance_key AS kept USING (tenant_id, book_id, account, fund)
        WHERE used.seq IS NULL OR kept.tenant_id IS NULL""",
    "month_total": """\
        WITH due AS (
            SELECT p.tenant_id, p.book_id, CAST(date_trunc('month', CAST(p.entry_on AS timestamp)) AS date) AS month_on,
                p.account, p.fund, coalesce(p.channel, '') AS channel, coalesce(p.campaign, '') AS campaign,
                coalesce(p.program, '') AS program, sum(greatest(p.value_minor, 0)) AS debit_minor,
                sum(greatest(- p.value_minor, 0)) AS credit_minor, coalesce(sum(p.quantity), 0) AS quantity
            FROM soquy.posting AS p
            JOIN soquy.account AS a USING (tenant_id, book_id, account)
            WHERE a.role = 'fund'
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        )
        SELECT tenant_id, book_id, month_on, account, fund, channel, campaign, program,
            due.debit_minor AS debit_due_minor, kept.debit_minor AS debit_kept_minor,
            due.credit_minor AS credit_due_minor, kept.credit_minor AS credit_kept_minor,
            due.quantity AS quantity_due, kept.quantity AS quantity_kept
        FROM due
        FULL JOIN soquy.month_total AS kept
            USING (tenant_id, book_id, month_on, account, fund, channel, campaign, program)
        WHERE (due.debit_minor, due.credit_minor, due.quantity)
            IS DISTINCT FROM (kept.debit_minor, kept.credit_minor, kept.quantity)""",
    "overdraft": """\
        SELECT DISTINCT ON (day.tenant_id, day.book_id, day.account, day.fund)
            day.tenant_id, day.book_id, day.account, day.fund, day.total_on, day.balance_minor, day.foreign_minor
        FROM (
            SELECT tenant_id, book_id, account, fund, entry_on AS total_on,
                sum(sum(value_minor)) OVER key_days AS balance_minor,
                sum(coalesce(sum(amount_minor) FILTER (WHERE currency <> 'VND'), 0)) OVER key_days AS foreign_minor
            FROM soquy.posting
            GROUP BY tenant_id, book_id, account, fund, entry_on
            WINDOW key_days AS (PARTITION BY tenant_id, book_id, account, fund ORDER BY entry_on)
        ) AS day
        JOIN soquy.account AS a USING (tenant_id, book_id, account)
        WHERE a.role IN ('cash', 'bank') AND (day.balance_minor < 0 OR day.foreign_minor < 0)
            OR a.role = 'fund' AND day.balance_minor > 0
        ORDER BY day.tenant_id, day.book_id, day.account, day.fund, day.total_on""",
    "head_last_seq": """\
        SELECT tenant_id, book_id, head.last_seq, head.posted_seq, run.first_seq, run.max_seq, run.entry_count
        FROM soquy.book_head AS head
        FULL JOIN (
            SELECT tenant_id, book_id, min(seq) AS first_seq, max(seq) AS max_seq, count(*) AS entry_count
            FROM soquy.entry
            GROUP BY tenant_id, book_id
        ) AS run USING (tenant_id, book_id)
        WHERE (coalesce(run.first_seq, 1), coalesce(run.max_seq, 0), coalesce(run.entry_count, 0))
            IS DISTINCT FROM (1, head.last_seq, head.last_seq) OR head.posted_seq <> head.last_seq""",
    "voucher_numbers": """\
        SELECT tenant_id, book_id, voucher_kind, fiscal_year, min(number) AS first_number, max(number) AS max_number,
            count(*) AS voucher_count
        FROM soquy.voucher
        GROUP BY tenant_id, book_id, voucher_kind, fiscal_year
        HAVING min(number) <> 1 OR max(number) <> count(*)""",
    "month_lock_head": """\
        SELECT tenant_id, book_id, head.locked_through, run.locked_through AS locked_through_due
        FROM soquy.book_head AS head
        FULL JOIN (
            SELECT tenant_id, book_id, max(locked_through) AS locked_through
            FROM soquy.month_lock
            GROUP BY tenant_id, book_id
        ) AS run USING (tenant_id, book_id)
        WHERE head.locked_through IS DISTINCT FROM run.locked_through""",
    "account_parent": """\
        SELECT a.tenant_id, a.book_id, a.account, a.is_parent
        FROM soquy.account AS a
        WHERE a.is_parent <> EXISTS (
            SELECT FROM soquy.account AS child
            WHERE child.tenant_id = a.tenant_id AND child.book_id = a.book_id AND child.parent = a.account)""",
    "fund_account": """\
        SELECT f.tenant_id, f.book_id, f.fund, f.kind, f.balance_account, k.account AS balance_account_due
        FROM soquy.fund AS f
        JOIN soquy.book AS b USING (tenant_id, book_id)
        LEFT JOIN soquy.fund_kind AS k ON k.chart = b.chart AND k.fund_kind = f.kind
        WHERE k.account IS DISTINCT FROM f.balance_account OR k.is_restricted IS DISTINCT FROM f.is_restricted""",
    "role_holder": """\
        SELECT tenant_id, book_id, association_id, user_id, due.roles AS roles_due, kept.roles AS roles_kept
        FROM (
            SELECT g.tenant_id, g.association_id, g.user_id,
                array_agg(g.role ORDER BY g.role) FILTER (WHERE r.grant_id IS NULL) AS roles
            FROM soquy.role_grant AS g
            LEFT JOIN soquy.role_revocation AS r USING (tenant_id, grant_id)
            GROUP BY g.tenant_id, g.association_id, g.user_id
        ) AS due
        FULL JOIN soquy.role_holder AS kept USING (tenant_id, association_id, user_id)
        LEFT JOIN soquy.book USING (tenant_id, association_id)
        WHERE coalesce(due.roles, '{}')
            IS DISTINCT FROM ARRAY(SELECT held FROM unnest(kept.roles) AS held ORDER BY held COLLATE "C")""",
    "guards_on": """\
        SELECT CAST(NULL AS integer) AS tenant_id, CAST(NULL AS bigint) AS book_id, due.relation, due.guard,
            t.tgenabled AS is_enabled
        FROM (
            SELECT relation, regexp_replace(relation, '^.*[.]', '') || suffix AS guard
            FROM unnest(ARRAY['entry', 'posting', 'voucher', 'voucher_void', 'month_lock', 'audit_entry',
                'idempotency', 'token_revocation', 'role_grant', 'role_revocation', 'role_exception',
                'role_exception_ending', 'log', 'log_leaf', 'log_tile', 'log_tree', 'log_checkpoint',
                'log_disclosure', 'attachment', 'attachment_disowning', 'vault.opening', 'vault.erasure',
                'vault.person_opening', 'vault.person_erasure', 'vault.document_sending',
                'vault.document_opening']) AS relation
            CROSS JOIN unnest(ARRAY['_append_only', '_no_truncate']) AS suffix
            UNION ALL
            VALUES ('entry', 'entry_check'), ('posting', 'posting_check'), ('audit_entry', 'audit_entry_queue'),
                ('voucher', 'voucher_count'), ('voucher_void', 'voucher_void_check'),
                ('month_lock', 'month_lock_apply'), ('association', 'association_check'), ('book', 'book_furnish'),
                ('account', 'account_check'), ('fund', 'fund_check'),
                ('association', 'association_leaf'), ('book', 'book_leaf'), ('account', 'account_leaf'),
                ('fund', 'fund_leaf'), ('campaign', 'campaign_leaf'), ('program', 'program_leaf'),
                ('voucher_void', 'voucher_void_leaf'), ('month_lock', 'month_lock_leaf'),
                ('api_token', 'api_token_leaf'), ('token_revocation', 'token_revocation_leaf'),
                ('role_grant', 'role_grant_hold'), ('role_revocation', 'role_revocation_hold'),
                ('role_exception', 'role_exception_check'), ('role_exception_ending', 'role_exception_ending_check'),
                ('log_leaf', 'log_leaf_check'), ('log_tree', 'log_tree_check'),
                ('log_checkpoint', 'log_checkpoint_check'), ('log_disclosure', 'log_disclosure_check'),
                ('attachment', 'attachment_leaf'), ('attachment_disowning', 'attachment_disowning_leaf'),
                ('vault.consent', 'consent_check'), ('vault.consent', 'consent_no_change'),
                ('vault.consent_withdrawal', 'consent_withdrawal_check'),
                ('vault.consent_withdrawal', 'consent_withdrawal_no_change'),
                ('vault.guardianship', 'guardianship_age'), ('vault.document', 'document_no_change')
        ) AS due
        LEFT JOIN pg_trigger AS t ON t.tgrelid = CAST(
                CASE WHEN due.relation LIKE 'vault.%' THEN due.relation ELSE 'soquy.' || due.relation END AS regclass)
            AND t.tgname = due.guard
        WHERE t.tgenabled IS DISTINCT FROM 'A'
        UNION
        SELECT NULL, NULL, c.relname, t.tgname, t.tgenabled
        FROM pg_trigger AS t
        JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE c.relnamespace = CAST('soquy' AS regnamespace) AND NOT t.tgisinternal AND t.tgenabled IN ('D', 'R')""",
}
"""Rule → query. ``guards_on`` is about the database: a rule's trigger that is gone or switched off."""
