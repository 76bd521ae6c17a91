"""Rules of ``soquy check`` on what was given: gifts against their entries, leaves and the values sealed out of them.

As in ``ledger/books``, each query finds nothing where all is well; rows are met with their leaves in ``check_event``. A
contribution without an amount came back from the log after a database was lost; its list is checked no further.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.books.check_leaf import FETCH_SIZE, data_keys, unsealed
from ledger.giving.record import amount_text, donor_text

GIVING_RULES: Final[Mapping[str, str]] = {
    "contribution_sum": """\
        SELECT tenant_id, book_id, seq, gifts.size, gifts.last_line, gifts.amount_minor,
            - credit.amount_minor AS credit_minor, credit.line_count
        FROM (
            SELECT tenant_id, book_id, seq, count(*) AS size, min(line) AS first_line, max(line) AS last_line,
                sum(amount_minor) AS amount_minor
            FROM soquy.contribution
            GROUP BY tenant_id, book_id, seq
            HAVING count(*) = count(amount_minor)
        ) AS gifts
        LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
        LEFT JOIN LATERAL (
            SELECT count(*) AS line_count, count(p.channel) AS channel_count, sum(p.amount_minor) AS amount_minor
            FROM soquy.posting AS p
            JOIN soquy.account AS a USING (tenant_id, book_id, account)
            WHERE p.tenant_id = e.tenant_id AND p.book_id = e.book_id AND p.seq = e.seq AND p.entry_on = e.entry_on
                AND a.role = 'fund'
        ) AS credit ON true
        WHERE (gifts.first_line, gifts.last_line, gifts.amount_minor, credit.line_count, credit.channel_count, e.kind)
            IS DISTINCT FROM (1, gifts.size, - credit.amount_minor, 1, 1, 'ordinary')""",
    "contribution_list": """\
        SELECT c.tenant_id, c.book_id, c.seq, max(c.line_count) AS line_count
        FROM soquy.contribution AS c
        LEFT JOIN soquy.collection AS l USING (tenant_id, book_id, seq)
        WHERE c.line_count > 1 AND c.amount_minor IS NOT NULL AND l.line_count IS DISTINCT FROM c.line_count
        GROUP BY c.tenant_id, c.book_id, c.seq""",
    "contribution_entry": """\
        SELECT c.tenant_id, c.book_id, c.seq, c.line, c.recorded_at, e.recorded_at AS entry_recorded_at
        FROM soquy.contribution AS c
        LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
        WHERE e.recorded_at IS DISTINCT FROM c.recorded_at""",
    "collection_lines": """\
        SELECT l.tenant_id, l.book_id, l.seq, l.line_count, gifts.size
        FROM soquy.collection AS l
        LEFT JOIN (
            SELECT tenant_id, book_id, seq, count(*) AS size, bool_and(amount_minor IS NOT NULL) AS is_known
            FROM soquy.contribution
            GROUP BY tenant_id, book_id, seq
        ) AS gifts USING (tenant_id, book_id, seq)
        WHERE l.line_count IS DISTINCT FROM gifts.size AND gifts.is_known IS NOT FALSE""",
    "contributor_gift": """\
        SELECT g.tenant_id, g.book_id, g.event_id
        FROM vault.contributor AS g
        LEFT JOIN soquy.contribution AS c ON c.tenant_id = g.tenant_id AND c.contribution_id = g.event_id
            AND c.has_donor
        LEFT JOIN soquy.pledge AS p ON p.tenant_id = g.tenant_id AND p.pledge_id = g.event_id
        LEFT JOIN soquy.goods AS o ON o.tenant_id = g.tenant_id AND o.goods_id = g.event_id AND o.seq IS NULL
        WHERE coalesce(c.book_id, p.book_id, o.book_id) IS DISTINCT FROM g.book_id""",
    "contribution_paper": """\
        SELECT c.tenant_id, c.book_id, k.series, c.paper_number AS number, count(*) FILTER (WHERE r.seq IS NULL) AS used
        FROM soquy.contribution AS c
        LEFT JOIN soquy.receipt_block AS k USING (tenant_id, block_id)
        LEFT JOIN soquy.block_void AS v ON v.tenant_id = c.tenant_id AND v.block_id = c.block_id
            AND v.number = c.paper_number
        LEFT JOIN soquy.entry AS r ON r.tenant_id = c.tenant_id AND r.book_id = c.book_id AND r.corrects_seq = c.seq
            AND r.kind = 'reversal'
        WHERE c.block_id IS NOT NULL
        GROUP BY c.tenant_id, c.book_id, k.series, c.paper_number, k.book_id, k.first_number, k.last_number, v.number
        HAVING k.book_id IS DISTINCT FROM c.book_id OR c.paper_number NOT BETWEEN k.first_number AND k.last_number
            OR count(*) FILTER (WHERE r.seq IS NULL) > CASE WHEN v.number IS NULL THEN 1 ELSE 0 END""",
    "contribution_pledge": """\
        SELECT c.tenant_id, c.book_id, c.seq, c.line, c.pledge_id
        FROM soquy.contribution AS c
        LEFT JOIN soquy.pledge AS p USING (tenant_id, pledge_id)
        WHERE c.pledge_id IS NOT NULL AND p.book_id IS DISTINCT FROM c.book_id""",
    "pledge_correction": """\
        SELECT x.tenant_id, x.book_id, x.contribution_id, x.number, x.pledge_id
        FROM soquy.pledge_correction AS x
        LEFT JOIN soquy.contribution AS c USING (tenant_id, contribution_id)
        LEFT JOIN soquy.pledge AS p ON p.tenant_id = x.tenant_id AND p.pledge_id = x.pledge_id
        WHERE c.book_id IS DISTINCT FROM x.book_id OR x.pledge_id IS NOT NULL AND p.book_id IS DISTINCT FROM x.book_id
            OR x.number > 1 AND NOT EXISTS (SELECT FROM soquy.pledge_correction AS before
                WHERE before.tenant_id = x.tenant_id AND before.contribution_id = x.contribution_id
                    AND before.number = x.number - 1)""",
    "block_numbers": """\
        SELECT k.tenant_id, k.book_id, k.series, k.first_number, k.last_number, c.used_count, c.voided_count
        FROM soquy.receipt_block AS k
        LEFT JOIN soquy.block_closing AS x USING (tenant_id, block_id)
        CROSS JOIN LATERAL soquy.count_block(k.tenant_id, k.block_id, x.returned_from) AS c
        WHERE (x.used_count, x.voided_count) IS DISTINCT FROM (c.used_count, c.voided_count) AND x.block_id IS NOT NULL
            OR c.is_touched
            OR EXISTS (SELECT FROM soquy.receipt_block AS o WHERE o.tenant_id = k.tenant_id AND o.book_id = k.book_id
                AND o.series = k.series AND o.block_id <> k.block_id AND o.first_number BETWEEN k.first_number
                    AND k.last_number)""",
    "goods_quantity": """\
        SELECT g.tenant_id, g.book_id, g.goods_id, g.quantity, c.handed_quantity
        FROM soquy.goods AS g
        CROSS JOIN LATERAL soquy.count_goods(g.tenant_id, g.goods_id) AS c
        WHERE c.handed_quantity > CASE WHEN c.is_gone THEN 0 ELSE g.quantity END""",
    "goods_value": """\
        SELECT g.tenant_id, g.book_id, g.goods_id, p.value_minor, c.handed_minor
        FROM soquy.goods AS g
        CROSS JOIN LATERAL soquy.count_goods(g.tenant_id, g.goods_id) AS c
        LEFT JOIN soquy.posting AS p ON p.tenant_id = g.tenant_id AND p.book_id = g.book_id AND p.seq = g.seq
            AND p.entry_on = g.received_on AND p.value_minor > 0
        WHERE g.seq IS NOT NULL AND (p.value_minor IS NULL OR c.handed_minor > p.value_minor
            OR c.handed_quantity = g.quantity AND c.handed_minor <> p.value_minor)""",
    "draft_gifts": """\
        SELECT d.tenant_id, d.book_id, d.draft_id, d.seq
        FROM vault.draft AS d
        WHERE d.state = 'posted' AND NOT EXISTS (SELECT FROM soquy.contribution AS c
            WHERE c.tenant_id = d.tenant_id AND c.book_id = d.book_id AND c.seq = d.seq)""",
}
"""Rule → query."""


# The name that everybody sees is the last one sealed: the gift's own, or that of its last correction.
_SEALED: Final = text("""\
SELECT 'pledge' AS kind, p.tenant_id, p.book_id, NULL AS seq, NULL AS line, p.amount_minor, s.event_id, s.field,
    s.value, encode(s.sealed, 'hex') AS sealed, s.key_id, p.currency, g.name, g.detail,
    g.event_id IS NOT NULL AS is_named
FROM soquy.pledge AS p
JOIN vault.sealed_value AS s ON s.tenant_id = p.tenant_id AND s.event_id = p.pledge_id
    AND s.field IN ('amount', 'donor')
LEFT JOIN vault.contributor AS g ON g.tenant_id = p.tenant_id AND g.event_id = p.pledge_id
WHERE p.amount_minor IS NOT NULL
UNION ALL
SELECT 'contribution', c.tenant_id, c.book_id, c.seq, c.line, c.amount_minor, s.event_id, s.field, s.value,
    encode(s.sealed, 'hex'), s.key_id, lines.currency, g.name, g.detail, g.event_id IS NOT NULL
FROM soquy.contribution AS c
JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
LEFT JOIN LATERAL (
    SELECT d.event_id FROM soquy.donor_correction AS d
    WHERE d.tenant_id = c.tenant_id AND d.contribution_id = c.contribution_id
    ORDER BY d.recorded_at DESC, d.event_id DESC LIMIT 1
) AS last ON true
JOIN vault.sealed_value AS s ON s.tenant_id = c.tenant_id AND (
    s.event_id = c.contribution_id AND s.field = 'amount'
    OR s.event_id = coalesce(last.event_id, c.contribution_id) AND s.field = 'donor')
CROSS JOIN LATERAL (
    SELECT max(p.currency) AS currency FROM soquy.posting AS p
    WHERE p.tenant_id = c.tenant_id AND p.book_id = c.book_id AND p.seq = c.seq AND p.entry_on = e.entry_on
        AND p.channel IS NOT NULL
) AS lines
LEFT JOIN vault.contributor AS g ON g.tenant_id = c.tenant_id AND g.event_id = c.contribution_id
WHERE c.amount_minor IS NOT NULL
""")


VALUE_RULES: Final = frozenset({"contribution_amount", "contribution_donor", "pledge_amount", "pledge_donor"})


def gift_value_faults(conn: Connection) -> Iterator[tuple[str, int, int | None, dict[str, Any]]]:
    """Yield every gift whose amount or giver is not what was sealed when it was recorded, or put right since."""
    keys = data_keys(conn)
    rows = conn.execute(_SEALED, execution_options={"stream_results": True, "yield_per": FETCH_SIZE})
    for row in rows:
        opened = unsealed(keys, row, row.field, row.value, row.sealed, str(row.key_id))
        if opened is None:
            continue  # told by the rule of the vault itself
        if row.field == "amount":
            due = amount_text(row.amount_minor, row.currency)
        elif row.is_named:
            due = donor_text(row.name, row.detail)
        else:
            continue
        if opened.value != due:
            place = {"seq": row.seq, "line": row.line, "event_id": str(UUID(str(row.event_id)))}
            yield f"{row.kind}_{row.field}", row.tenant_id, row.book_id, place
