"""Rules of ``soquy check`` on the numbered log, and on what was never given a leaf because another leaf implies it.

As in ``check_totals``, each is one query over everything that finds nothing where all is well.
"""

from typing import Final

LOG_RULES: Final = {
    "pending_leaf": """\
        SELECT p.tenant_id, CAST(NULL AS bigint) AS book_id, p.event_id
        FROM soquy.audit_pending AS p
        LEFT JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
        WHERE a.event_id IS NULL""",
    # A leaf waits for its number or has it: the log has every one, once.
    "leaf_pending": """\
        SELECT a.tenant_id, a.book_id, a.event_id, a.type, p.event_id IS NOT NULL AS is_pending,
            n.event_id IS NOT NULL AS is_numbered
        FROM soquy.audit_entry AS a
        LEFT JOIN soquy.audit_pending AS p USING (tenant_id, event_id)
        LEFT JOIN (SELECT DISTINCT tenant_id, event_id FROM soquy.log_leaf) AS n USING (tenant_id, event_id)
        WHERE (p.event_id IS NULL) = (n.event_id IS NULL)""",
    "log_leaf": """\
        SELECT n.tenant_id, n.book_id, n.log_id, n.leaf_index, n.event_id, n.book_seq, a.book_seq AS leaf_seq,
            n.leaf_hash = sha256('\\x00' || a.leaf) AS is_hash
        FROM soquy.log_leaf AS n
        LEFT JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
        WHERE a.event_id IS NULL OR (n.book_id, n.book_seq) IS DISTINCT FROM (a.book_id, a.book_seq)
            OR n.leaf_hash <> sha256('\\x00' || a.leaf)""",
    "log_numbers": """\
        SELECT CAST(NULL AS integer) AS tenant_id, CAST(NULL AS bigint) AS book_id, log_id, head.size,
            run.first_index, run.last_index, run.leaf_count
        FROM (
            SELECT log_id, min(leaf_index) AS first_index, max(leaf_index) AS last_index, count(*) AS leaf_count
            FROM soquy.log_leaf
            GROUP BY log_id
        ) AS run
        FULL JOIN soquy.log_head AS head USING (log_id)
        WHERE (coalesce(run.first_index, 0), coalesce(run.last_index, -1), coalesce(run.leaf_count, 0))
            IS DISTINCT FROM (0, head.size - 1, head.size)""",
    "log_order": """\
        SELECT tenant_id, book_id, log_id, leaf_index, book_seq, prior_seq
        FROM (
            SELECT log_id, leaf_index, tenant_id, book_id, book_seq,
                lag(book_seq) OVER (PARTITION BY log_id, tenant_id, book_id ORDER BY leaf_index) AS prior_seq
            FROM soquy.log_leaf
            WHERE book_seq IS NOT NULL
        ) AS numbered
        WHERE book_seq <> coalesce(prior_seq, 0) + 1""",
    # Issued with its entry: the entry's leaf is the voucher's too.
    "voucher_entry": """\
        SELECT v.tenant_id, v.book_id, v.voucher_kind, v.fiscal_year, v.number, v.issued_on, e.seq, e.entry_on
        FROM soquy.voucher AS v
        JOIN soquy.entry AS e ON e.tenant_id = v.tenant_id AND e.entry_id = v.event_id
        WHERE (v.book_id, v.voucher_kind, v.fiscal_year, v.number, v.issued_on)
            IS DISTINCT FROM (e.book_id, e.voucher_kind, e.fiscal_year, e.voucher_number, e.entry_on)""",
    # Come with its book: the founding's leaf names the chart, and the chart is public.
    "account_chart": """\
        SELECT tenant_id, book_id, account, a.parent, due.parent AS parent_due, a.side, due.side AS side_due,
            a.role, due.role AS role_due, a.currency, due.currency AS currency_due, a.opened_on
        FROM (
            SELECT b.tenant_id, b.book_id, b.opened_on, c.*
            FROM soquy.book AS b
            JOIN soquy.chart_account AS c USING (chart)
        ) AS due
        FULL JOIN (
            SELECT a.* FROM soquy.account AS a JOIN soquy.book AS b USING (tenant_id, book_id, event_id)
        ) AS a USING (tenant_id, book_id, account)
        WHERE (a.account IS NULL) OR (a.parent, a.side, a.role, a.currency, a.opened_on)
            IS DISTINCT FROM (due.parent, due.side, due.role, due.currency, due.opened_on)
        UNION ALL
        SELECT a.tenant_id, a.book_id, a.account, a.parent, a.parent, a.side, heading.side, a.role, kind.role,
            a.currency, a.currency, a.opened_on
        FROM soquy.account AS a
        JOIN soquy.book AS b USING (tenant_id, book_id)
        LEFT JOIN soquy.account AS heading ON heading.tenant_id = a.tenant_id AND heading.book_id = a.book_id
            AND heading.account = a.parent
        CROSS JOIN LATERAL (SELECT CASE WHEN starts_with(a.account, '111') THEN 'cash'
            WHEN starts_with(a.account, '112') THEN 'bank' ELSE 'other' END AS role) AS kind
        WHERE a.event_id <> b.event_id AND (a.side, a.role) IS DISTINCT FROM (heading.side, kind.role)""",
}
"""Rule → query."""
