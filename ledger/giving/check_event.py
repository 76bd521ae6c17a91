"""Rules of ``soquy check`` on what was given, and the leaves that tell of it (``ledger/books/check_event.py``)."""

from collections.abc import Mapping
from typing import Final

from ledger import typeid
from ledger.books.check_event import Payload, Told, spelled


def _with_ids(payload: Payload) -> Payload:
    """Write the ids of a payload as leaves do, by the names of its members."""
    return {
        name: spelled(_PREFIXES[name], value) if name in _PREFIXES and value is not None else value
        for name, value in payload.items()
    }


_PREFIXES: Final = {
    "block": typeid.BLOCK,
    "contribution": typeid.CONTRIBUTION,
    "entry": typeid.ENTRY,
    "file": typeid.INTAKE,
    "goods": typeid.GOODS,
    "handover": typeid.EVENT,
    "pledge": typeid.PLEDGE,
}


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
        spell=_with_ids,
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
        spell=_with_ids,
    ),
    "donor_correction_leaf": Told(
        type="contribution.donor_corrected",
        rows="""\
            SELECT tenant_id, d.event_id, book_id, b.association_id,
                jsonb_build_object('contribution', d.contribution_id) AS payload
            FROM soquy.donor_correction AS d
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "pledge_correction_leaf": Told(
        type="contribution.pledge_corrected",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, b.association_id,
                jsonb_build_object('contribution', x.contribution_id) AS payload
            FROM soquy.pledge_correction AS x
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "pledge_leaf": Told(
        type="pledge.recorded",
        rows="""\
            SELECT tenant_id, p.pledge_id AS event_id, book_id, b.association_id, jsonb_build_object(
                'pledged_on', p.pledged_on, 'due_on', p.due_on, 'fund', p.fund, 'campaign', p.campaign) AS payload
            FROM soquy.pledge AS p
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "pledge_cancellation_leaf": Told(
        type="pledge.cancelled",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, b.association_id,
                jsonb_build_object('pledge', x.pledge_id) AS payload
            FROM soquy.pledge_cancellation AS x
            JOIN soquy.pledge AS p USING (tenant_id, pledge_id)
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "receipt_block_leaf": Told(
        type="block.issued",
        rows="""\
            SELECT tenant_id, k.block_id AS event_id, book_id, b.association_id, jsonb_build_object('series', k.series,
                'first', k.first_number, 'last', k.last_number, 'issued_on', k.issued_on) AS payload
            FROM soquy.receipt_block AS k
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "block_void_leaf": Told(
        type="block.number_voided",
        rows="""\
            SELECT tenant_id, v.event_id, book_id, b.association_id,
                jsonb_build_object('block', v.block_id, 'number', v.number) AS payload
            FROM soquy.block_void AS v
            JOIN soquy.receipt_block AS k USING (tenant_id, block_id)
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "block_closing_leaf": Told(
        type="block.closed",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, b.association_id, jsonb_build_object('block', x.block_id,
                'returned_from', x.returned_from, 'used', x.used_count, 'voided', x.voided_count,
                'returned', x.returned_count, 'missing', x.missing_count) AS payload
            FROM soquy.block_closing AS x
            JOIN soquy.receipt_block AS k USING (tenant_id, block_id)
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "goods_leaf": Told(
        type="goods.received",
        rows="""\
            SELECT tenant_id, g.goods_id AS event_id, book_id, b.association_id, jsonb_build_object('entry', e.entry_id,
                'received_on', g.received_on, 'quantity', g.quantity, 'unit', g.unit, 'campaign', g.campaign) AS payload
            FROM soquy.goods AS g
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)""",
        spell=_with_ids,
    ),
    "goods_withdrawal_leaf": Told(
        type="goods.withdrawn",
        rows="""\
            SELECT tenant_id, w.event_id, book_id, b.association_id, jsonb_build_object('goods', w.goods_id) AS payload
            FROM soquy.goods_withdrawal AS w
            JOIN soquy.goods AS g USING (tenant_id, goods_id)
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "goods_handover_leaf": Told(
        type="goods.handed_over",
        rows="""\
            SELECT tenant_id, h.event_id, book_id, b.association_id, jsonb_build_object('goods', h.goods_id,
                'entry', e.entry_id, 'quantity', h.quantity, 'handed_on', h.handed_on, 'program', h.program) AS payload
            FROM soquy.goods_handover AS h
            JOIN soquy.book AS b USING (tenant_id, book_id)
            LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)""",
        spell=_with_ids,
    ),
    "goods_handover_undoing_leaf": Told(
        type="goods.handover_undone",
        rows="""\
            SELECT u.tenant_id, u.event_id, h.book_id, b.association_id,
                jsonb_build_object('handover', u.handover_event_id) AS payload
            FROM soquy.goods_handover_undoing AS u
            JOIN soquy.goods_handover AS h ON h.tenant_id = u.tenant_id AND h.event_id = u.handover_event_id
            JOIN soquy.book AS b ON b.tenant_id = h.tenant_id AND b.book_id = h.book_id""",
        spell=_with_ids,
    ),
}
"""Rule → rows that have leaves of their own."""
