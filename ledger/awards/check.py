"""Rules of ``soquy check`` on awards, and the leaves that tell of them (``ledger/books/check_event.py``)."""

from collections.abc import Mapping
from typing import Final

from ledger.books.check_event import Told

AWARD_RULES: Final[Mapping[str, str]] = {
    "program_plan_versions": """\
        SELECT p.tenant_id, p.book_id, p.program, p.year, p.version
        FROM soquy.program_plan AS p
        WHERE p.version > 1 AND NOT EXISTS (SELECT FROM soquy.program_plan AS before
            WHERE before.tenant_id = p.tenant_id AND before.book_id = p.book_id AND before.program = p.program
                AND before.year = p.year AND before.version = p.version - 1)""",
    "award_round_planned": """\
        SELECT r.tenant_id, r.book_id, r.round_id, r.program, r.year
        FROM soquy.award_round AS r
        WHERE NOT EXISTS (SELECT FROM soquy.program_plan AS p
            WHERE p.tenant_id = r.tenant_id AND p.book_id = r.book_id AND p.program = r.program AND p.year = r.year)""",
}
"""Name → rows that must not be."""

AWARD_EVENT_RULES: Final[Mapping[str, Told]] = {
    "program_plan_leaf": Told(
        type="program.planned",
        rows="""\
            SELECT tenant_id, p.event_id, book_id, association_id, jsonb_build_object('program', p.program,
                'year', p.year, 'version', p.version, 'category', p.category, 'fund', p.fund,
                'budget_minor', p.budget_minor) AS payload
            FROM soquy.program_plan AS p
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "award_round_leaf": Told(
        type="round.opened",
        rows="""\
            SELECT tenant_id, r.round_id AS event_id, book_id, association_id, jsonb_build_object('program', r.program,
                'year', r.year, 'period', r.period, 'fund', r.fund, 'collect_by', r.collect_by) AS payload
            FROM soquy.award_round AS r
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
}
"""Name → the rows that leaves of a type tell of, and how the leaf says it."""
