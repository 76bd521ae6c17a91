"""Rules of ``soquy check`` on files: what each became, against its entry, its list and its leaf."""

from collections.abc import Mapping
from typing import Final

from ledger import typeid
from ledger.books.check_event import Payload, Told, spelled

INTAKE_RULES: Final[Mapping[str, str]] = {
    "intake_posting_list": """\
        SELECT p.tenant_id, p.book_id, p.seq, p.row_count, p.total_minor, gifts.size, gifts.amount_minor, c.line_count
        FROM soquy.intake_posting AS p
        LEFT JOIN soquy.collection AS c ON c.tenant_id = p.tenant_id AND c.book_id = p.book_id AND c.seq = p.seq
            AND c.file_id = p.intake_id
        LEFT JOIN (
            SELECT tenant_id, book_id, seq, count(*) AS size, sum(amount_minor) AS amount_minor,
                bool_and(amount_minor IS NOT NULL) AS is_known
            FROM soquy.contribution
            GROUP BY tenant_id, book_id, seq
        ) AS gifts ON gifts.tenant_id = p.tenant_id AND gifts.book_id = p.book_id AND gifts.seq = p.seq
        WHERE gifts.is_known IS NOT FALSE
            AND (gifts.size, gifts.amount_minor, c.line_count)
                IS DISTINCT FROM (p.row_count, p.total_minor, p.row_count)""",
    "intake_reversal_entry": """\
        SELECT r.tenant_id, r.book_id, r.seq, p.seq AS posting_seq, e.corrects_seq
        FROM soquy.intake_reversal AS r
        LEFT JOIN soquy.intake_posting AS p ON p.tenant_id = r.tenant_id AND p.intake_id = r.intake_id
        LEFT JOIN soquy.entry AS e ON e.tenant_id = r.tenant_id AND e.book_id = r.book_id AND e.seq = r.seq
            AND e.kind = 'reversal'
        WHERE e.corrects_seq IS DISTINCT FROM p.seq OR p.book_id <> r.book_id""",
}
"""Rule → query."""


def _of_file(payload: Payload) -> Payload:
    return {
        **payload,
        "entry": payload["entry"] and spelled(typeid.ENTRY, payload["entry"]),
        "file": spelled(typeid.INTAKE, payload["file"]),
    }


INTAKE_EVENT_RULES: Final[Mapping[str, Told]] = {
    "intake_posting_leaf": Told(
        type="intake.posted",
        rows="""\
            SELECT tenant_id, p.event_id, book_id, b.association_id, jsonb_build_object(
                'entry', e.entry_id, 'file', p.intake_id, 'rows', p.row_count, 'total', p.total_minor) AS payload
            FROM soquy.intake_posting AS p
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)""",
        spell=_of_file,
    ),
    "intake_reversal_leaf": Told(
        type="intake.reversed",
        rows="""\
            SELECT tenant_id, r.event_id, book_id, b.association_id, jsonb_build_object(
                'entry', e.entry_id, 'file', r.intake_id) AS payload
            FROM soquy.intake_reversal AS r
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)""",
        spell=_of_file,
    ),
}
"""Rule → rows that have leaves of their own."""
