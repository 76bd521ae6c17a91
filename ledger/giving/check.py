"""Rules of ``soquy check`` on what was given: gifts against their entries, leaves and the values sealed out of them.

As in ``ledger/books``, each query finds nothing where all is well, and each row is met with the leaf that tells of it.
A contribution without an amount came back from the log after a database was lost; its list is checked no further.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.check_event import Payload, Told, spelled
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
        WHERE c.has_donor IS DISTINCT FROM true OR c.book_id <> g.book_id""",
}
"""Rule → query."""


def _of_entry(payload: Payload) -> Payload:
    return {**payload, "entry": spelled(typeid.ENTRY, payload["entry"])}


def _of_list(payload: Payload) -> Payload:
    return {**_of_entry(payload), "file": payload["file"] and spelled(typeid.INTAKE, payload["file"])}


def _of_gift(payload: Payload) -> Payload:
    return {"contribution": spelled(typeid.CONTRIBUTION, payload["contribution"])}


GIVING_EVENT_RULES: Final[Mapping[str, Told]] = {
    "earmark_leaf": Told(
        type="earmark.opened",
        rows="""\
            SELECT tenant_id, k.event_id, book_id, association_id, jsonb_build_object('earmark', k.earmark,
                'fund', k.fund, 'opened_on', k.opened_on, 'closed_on', k.closed_on) AS payload
            FROM soquy.earmark AS k
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "contribution_leaf": Told(
        type="contribution.recorded",
        rows="""\
            SELECT c.tenant_id, c.contribution_id AS event_id, c.book_id, b.association_id, jsonb_build_object(
                'entry', e.entry_id, 'line', c.line, 'of', c.line_count, 'earmark', c.earmark,
                'wish', c.wish, 'paper', CASE WHEN k.series IS NOT NULL THEN jsonb_build_array(k.series, c.paper_number)
                    END) AS payload
            FROM soquy.contribution AS c
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
            LEFT JOIN soquy.receipt_block AS k ON k.tenant_id = c.tenant_id AND k.block_id = c.block_id""",
        spell=_of_entry,
    ),
    "collection_leaf": Told(
        type="collection.recorded",
        rows="""\
            SELECT tenant_id, l.event_id, book_id, b.association_id, jsonb_build_object('entry', e.entry_id,
                'lines', l.line_count, 'declared_lines', l.declared_count, 'declared_minor', l.declared_minor,
                'source', l.source, 'file', l.file_id) AS payload
            FROM soquy.collection AS l
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)""",
        spell=_of_list,
    ),
    "donor_correction_leaf": Told(
        type="contribution.donor_corrected",
        rows="""\
            SELECT tenant_id, d.event_id, book_id, b.association_id,
                jsonb_build_object('contribution', d.contribution_id) AS payload
            FROM soquy.donor_correction AS d
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_of_gift,
    ),
}
"""Rule → rows that have leaves of their own."""

# The name that everybody sees is the last one sealed: the gift's own, or that of its last correction.
_SEALED: Final = text("""\
SELECT c.tenant_id, c.book_id, c.seq, c.line, c.amount_minor, s.event_id, s.field, s.value,
    encode(s.sealed, 'hex') AS sealed, s.key_id, lines.currency, g.name, g.detail, g.event_id IS NOT NULL AS is_named,
    last.event_id AS corrected_id
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


VALUE_RULES: Final = frozenset({"contribution_amount", "contribution_donor"})


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
            yield f"contribution_{row.field}", row.tenant_id, row.book_id, place
