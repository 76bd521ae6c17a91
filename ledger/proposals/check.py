"""Rules of ``soquy check`` on proposals, what was done without consent, and the leaves that tell of them."""

from collections.abc import Mapping
from typing import Final

from ledger import typeid
from ledger.books.check_event import Payload, Told, spelled

PROPOSAL_RULES: Final[Mapping[str, str]] = {
    "entry_consent": """\
        SELECT e.tenant_id, e.book_id, e.seq
        FROM soquy.entry AS e
        JOIN soquy.book AS b USING (tenant_id, book_id)
        LEFT JOIN soquy.voucher_kind AS k ON k.chart = b.chart AND k.voucher_kind = e.voucher_kind
        LEFT JOIN (
            SELECT p.tenant_id, p.book_id, p.seq, sum(p.value_minor) AS money_minor
            FROM soquy.posting AS p
            JOIN soquy.account AS a USING (tenant_id, book_id, account)
            WHERE a.role IN ('cash', 'bank')
            GROUP BY p.tenant_id, p.book_id, p.seq
        ) AS moved USING (tenant_id, book_id, seq)
        LEFT JOIN soquy.entry_proposal AS r ON r.tenant_id = e.tenant_id AND r.book_id = e.book_id
            AND r.voucher_kind = e.voucher_kind AND r.fiscal_year = e.fiscal_year AND r.number = e.voucher_number
            AND r.kind = e.kind
        LEFT JOIN soquy.approval AS a ON a.tenant_id = r.tenant_id AND a.subject_id = r.proposal_id
            AND a.action = r.action AND a.amount_minor = r.amount_minor
        LEFT JOIN soquy.approval_use AS u ON u.tenant_id = a.tenant_id AND u.approval_id = a.approval_id
        WHERE e.kind = 'adjustment'
            OR e.kind = 'ordinary' AND (moved.money_minor < 0 OR k.moves IN ('cash out', 'bank out'))
        GROUP BY e.tenant_id, e.book_id, e.seq
        HAVING count(u.approval_id) <> 1""",
    "entry_as_proposed": """\
        SELECT e.tenant_id, e.book_id, e.seq
        FROM soquy.entry_proposal AS r
        JOIN soquy.entry AS e ON e.tenant_id = r.tenant_id AND e.book_id = r.book_id AND e.voucher_kind = r.voucher_kind
            AND e.fiscal_year = r.fiscal_year AND e.voucher_number = r.number
        LEFT JOIN soquy.entry AS c ON c.tenant_id = r.tenant_id AND c.entry_id = r.corrects_id
        WHERE r.lines IS DISTINCT FROM soquy.posted_lines(e.tenant_id, e.book_id, e.seq, e.entry_on)
            OR c.seq IS DISTINCT FROM e.corrects_seq
            OR (r.rate ->> 0, (r.rate ->> 1)::numeric) IS DISTINCT FROM (e.rate_currency, e.rate)""",
    "proposal_amount": """\
        SELECT r.tenant_id, r.book_id, r.proposal_id
        FROM soquy.entry_proposal AS r
        WHERE r.amount_minor <> (
            SELECT sum(greatest((line ->> 2)::bigint, 0)) FROM jsonb_array_elements(r.lines) AS line)""",
    "payee_proposal": """\
        SELECT y.tenant_id, y.book_id, y.proposal_id
        FROM vault.payee AS y
        LEFT JOIN soquy.entry_proposal AS r USING (tenant_id, proposal_id)
        WHERE r.book_id IS DISTINCT FROM y.book_id""",
}
"""Name → rows that must not be: money that left without consent, an entry that is not what was agreed to."""


def _proposed(payload: Payload) -> Payload:
    return {
        **payload,
        "corrects": payload["corrects"] and spelled(typeid.ENTRY, payload["corrects"]),
        "list": payload["list"] and spelled(typeid.AWARD_LIST, payload["list"]),
    }


PROPOSAL_EVENT_RULES: Final[Mapping[str, Told]] = {
    "proposal_leaf": Told(
        type="entry.proposed",
        rows="""\
            SELECT tenant_id, r.proposal_id AS event_id, book_id, association_id, jsonb_build_object(
                'corrects', r.corrects_id, 'kind', r.kind, 'lines', r.lines, 'list', r.list_id, 'rate', r.rate,
                'voucher', jsonb_build_array(r.voucher_kind, r.fiscal_year, r.number)) AS payload
            FROM soquy.entry_proposal AS r
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_proposed,
    ),
}
"""Name → the rows that leaves of a type tell of, and how the leaf says it."""
