"""Rules of ``soquy check`` on the journal itself: entries, lines, vouchers, corrections, and that each has its leaf.

As in ``check_totals``, each is one query over all books that finds nothing where all is well.
"""

from typing import Final

JOURNAL_RULES: Final = {
    "lines_complete": """\
        SELECT tenant_id, book_id, seq, e.line_count, drawn.size, drawn.first_line, drawn.last_line
        FROM soquy.entry AS e
        FULL JOIN (
            SELECT tenant_id, book_id, seq, count(*) AS size, min(line) AS first_line, max(line) AS last_line,
                min(entry_on) AS first_on, max(entry_on) AS last_on
            FROM soquy.posting
            GROUP BY tenant_id, book_id, seq
        ) AS drawn USING (tenant_id, book_id, seq)
        WHERE (e.line_count, 1, e.line_count, e.entry_on, e.entry_on)
            IS DISTINCT FROM (drawn.size, drawn.first_line, drawn.last_line, drawn.first_on, drawn.last_on)""",
    "entry_balance": """\
        SELECT tenant_id, book_id, seq, fund, currency, sum(amount_minor) AS amount_minor,
            sum(value_minor) AS value_minor
        FROM soquy.posting
        GROUP BY tenant_id, book_id, seq, fund, currency
        HAVING sum(amount_minor) <> 0 OR sum(value_minor) <> 0""",
    "entry_day": """\
        SELECT e.tenant_id, e.book_id, e.seq, e.entry_on, b.opened_on, a.founded_on, a.closed_on, e.recorded_at
        FROM soquy.entry AS e
        JOIN soquy.book AS b USING (tenant_id, book_id)
        JOIN soquy.association AS a USING (tenant_id, association_id)
        WHERE e.entry_on < b.opened_on OR e.entry_on < a.founded_on OR e.entry_on > a.closed_on
            OR e.entry_on > CAST(e.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)""",
    "entry_locked": """\
        SELECT e.tenant_id, e.book_id, e.seq, e.entry_on, l.locked_through, l.last_seq
        FROM soquy.month_lock AS l
        JOIN soquy.entry AS e ON e.tenant_id = l.tenant_id AND e.book_id = l.book_id
            AND e.entry_on <= l.locked_through AND e.seq > l.last_seq""",
    "posting_account": """\
        SELECT used.*, a.is_parent, a.role, a.opened_on, a.closed_on, f.balance_account
        FROM (
            SELECT tenant_id, book_id, account, fund, currency, min(entry_on) AS first_on, max(entry_on) AS last_on,
                bool_or(channel IS NOT NULL OR campaign IS NOT NULL OR program IS NOT NULL) AS is_classified
            FROM soquy.posting
            GROUP BY tenant_id, book_id, account, fund, currency
        ) AS used
        LEFT JOIN soquy.account AS a USING (tenant_id, book_id, account)
        LEFT JOIN soquy.fund AS f USING (tenant_id, book_id, fund)
        WHERE a.account IS NULL OR f.fund IS NULL OR a.is_parent
            OR used.first_on < a.opened_on OR used.last_on > a.closed_on
            OR used.first_on < f.opened_on OR used.last_on > f.closed_on
            OR a.role = 'fund' AND f.balance_account <> a.account OR a.role <> 'fund' AND used.is_classified
            OR a.role IN ('cash', 'bank') AND used.currency NOT IN (a.currency, 'VND')""",
    "posting_dimension": """\
        SELECT used.*
        FROM (
            SELECT p.tenant_id, p.book_id, p.channel, p.campaign, p.program,
                min(p.entry_on) FILTER (WHERE e.kind <> 'reversal') AS first_on,
                max(p.entry_on) FILTER (WHERE e.kind <> 'reversal') AS last_on
            FROM soquy.posting AS p
            JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
            WHERE p.channel IS NOT NULL OR p.campaign IS NOT NULL OR p.program IS NOT NULL
            GROUP BY p.tenant_id, p.book_id, p.channel, p.campaign, p.program
        ) AS used
        LEFT JOIN soquy.channel AS ch USING (channel)
        LEFT JOIN soquy.campaign AS ca USING (tenant_id, campaign)
        LEFT JOIN soquy.program AS pr USING (tenant_id, program)
        WHERE used.channel IS NOT NULL AND ch.channel IS NULL
            OR used.campaign IS NOT NULL AND ca.campaign IS NULL
            OR used.program IS NOT NULL AND pr.program IS NULL
            OR used.first_on < ca.opened_on OR used.last_on > ca.closed_on
            OR used.first_on < pr.opened_on OR used.last_on > pr.closed_on""",
    "posting_rate": """\
        SELECT p.tenant_id, p.book_id, p.seq, p.line, p.currency, p.amount_minor, p.value_minor, e.rate
        FROM soquy.posting AS p
        LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
        LEFT JOIN soquy.currency AS c ON c.currency = p.currency
        WHERE p.currency <> 'VND' AND (e.rate_currency IS DISTINCT FROM p.currency OR c.currency IS NULL
            OR abs(p.value_minor - p.amount_minor * e.rate / power(10::numeric, c.minor_digits)) >= 1)""",
    "entry_voucher": """\
        SELECT e.tenant_id, e.book_id, e.seq, e.voucher_kind, e.fiscal_year, e.voucher_number, e.entry_on, v.issued_on,
            w.number IS NOT NULL AS is_void
        FROM soquy.entry AS e
        LEFT JOIN soquy.voucher AS v ON v.tenant_id = e.tenant_id AND v.book_id = e.book_id
            AND v.voucher_kind = e.voucher_kind AND v.fiscal_year = e.fiscal_year AND v.number = e.voucher_number
        LEFT JOIN soquy.voucher_void AS w ON w.tenant_id = e.tenant_id AND w.book_id = e.book_id
            AND w.voucher_kind = e.voucher_kind AND w.fiscal_year = e.fiscal_year AND w.number = e.voucher_number
        WHERE (e.voucher_kind IS NULL) <> (e.kind = 'opening')
            OR e.voucher_kind IS NOT NULL AND (v.number IS NULL OR v.issued_on > e.entry_on OR w.number IS NOT NULL)""",
    "correction": """\
        SELECT e.tenant_id, e.book_id, e.seq, e.kind, e.corrects_seq, original.kind AS corrected_kind
        FROM soquy.entry AS e
        LEFT JOIN soquy.entry AS original ON original.tenant_id = e.tenant_id AND original.book_id = e.book_id
            AND original.seq = e.corrects_seq
        WHERE (e.kind IN ('adjustment', 'reversal')) <> (e.corrects_seq IS NOT NULL)
            OR e.corrects_seq IS NOT NULL AND (original.seq IS NULL OR original.seq >= e.seq
                OR original.entry_on > e.entry_on OR e.kind = 'reversal' AND original.kind = 'reversal')""",
    "reversed_once": """\
        SELECT tenant_id, book_id, corrects_seq AS seq, array_agg(seq ORDER BY seq) AS reversed_by
        FROM soquy.entry
        WHERE kind = 'reversal'
        GROUP BY tenant_id, book_id, corrects_seq
        HAVING count(*) > 1""",
    "reversal_mirror": """\
        WITH reversal AS (
            SELECT e.tenant_id, e.book_id, e.seq, e.corrects_seq FROM soquy.entry AS e WHERE e.kind = 'reversal'
        ), mirror AS (
            SELECT r.seq AS reversal_seq, r.corrects_seq, p.*
            FROM reversal AS r
            JOIN soquy.posting AS p USING (tenant_id, book_id, seq)
        ), was AS (
            SELECT r.seq AS reversal_seq, p.*
            FROM reversal AS r
            JOIN soquy.posting AS p ON p.tenant_id = r.tenant_id AND p.book_id = r.book_id AND p.seq = r.corrects_seq
        )
        SELECT tenant_id, book_id, reversal_seq AS seq, line
        FROM mirror
        FULL JOIN was USING (tenant_id, book_id, reversal_seq, line)
        WHERE (mirror.account, mirror.fund, mirror.value_minor, mirror.amount_minor, mirror.currency, mirror.channel,
                mirror.campaign, mirror.program, mirror.quantity)
            IS DISTINCT FROM (was.account, was.fund, - was.value_minor, - was.amount_minor, was.currency, was.channel,
                was.campaign, was.program, - was.quantity)""",
    "entry_leaf": """\
        SELECT coalesce(e.tenant_id, a.tenant_id) AS tenant_id, coalesce(e.book_id, a.book_id) AS book_id,
            e.seq, a.book_seq AS leaf_seq, coalesce(e.entry_id, a.event_id) AS event_id
        FROM soquy.entry AS e
        FULL JOIN (SELECT * FROM soquy.audit_entry WHERE type = 'entry') AS a
            ON a.tenant_id = e.tenant_id AND a.event_id = e.entry_id
        LEFT JOIN soquy.book AS b ON b.tenant_id = e.tenant_id AND b.book_id = e.book_id
        WHERE (e.book_id, e.seq, e.recorded_at, b.association_id)
            IS DISTINCT FROM (a.book_id, a.book_seq, a.recorded_at, a.association_id)""",
    "sealed_leaf": """\
        SELECT s.tenant_id, CAST(NULL AS bigint) AS book_id, s.event_id, s.field
        FROM vault.sealed_value AS s
        LEFT JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
        WHERE a.event_id IS NULL""",
}
"""Rule → query."""
