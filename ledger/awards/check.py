"""Rules of ``soquy check`` on awards, and the leaves that tell of them (``ledger/books/check_event.py``).

An award without an amount came back from the log after a database was lost; its list is added up no more.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.awards.identity import identity_of
from ledger.awards.listing import amount_text, beneficiary_text
from ledger.awards.model import Beneficiary
from ledger.books.check_event import Payload, Told, spelled
from ledger.books.check_leaf import FETCH_SIZE, data_keys, unsealed
from ledger.books.model import Book
from ledger.people.vault import vault_of

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
    "award_list_awards": """\
        SELECT l.tenant_id, l.book_id, l.list_id, l.award_count, l.total_minor, awards.size,
            awards.total_minor AS awards_minor
        FROM soquy.award_list AS l
        CROSS JOIN LATERAL (
            SELECT count(*) AS size, count(w.amount_minor) AS amount_count, sum(w.amount_minor) AS total_minor,
                bool_and(w.book_id = l.book_id AND w.line_count = l.award_count AND w.recorded_at = l.recorded_at)
                    AS is_home
            FROM soquy.award AS w WHERE w.tenant_id = l.tenant_id AND w.list_id = l.list_id
        ) AS awards
        WHERE awards.size <> l.award_count OR NOT awards.is_home
            OR awards.amount_count = awards.size AND awards.total_minor <> l.total_minor""",
    "award_list_order": """\
        SELECT l.tenant_id, l.book_id, l.list_id, l.version
        FROM soquy.award_list AS l
        LEFT JOIN soquy.award_list AS before ON before.tenant_id = l.tenant_id AND before.round_id = l.round_id
            AND before.version = l.version - 1
        WHERE l.version > 1
            AND soquy.is_award_list_over(before.tenant_id, before.list_id) IS DISTINCT FROM true""",
    "award_list_asked": """\
        SELECT a.tenant_id, a.book_id, a.approval_id, a.amount_minor
        FROM soquy.approval AS a
        LEFT JOIN soquy.award_list AS l ON l.tenant_id = a.tenant_id AND l.list_id = a.subject_id
            AND l.book_id = a.book_id AND l.total_minor = a.amount_minor
        LEFT JOIN soquy.award_decision AS d ON d.tenant_id = l.tenant_id AND d.list_id = l.list_id
        WHERE a.action = 'round' AND d.list_id IS NULL""",
    "award_payment_used": """\
        SELECT p.tenant_id, p.book_id, p.list_id, p.seq
        FROM soquy.award_payment AS p
        LEFT JOIN soquy.entry AS e USING (tenant_id, book_id, seq)
        WHERE e.seq IS NULL OR NOT EXISTS (
            SELECT FROM soquy.approval AS a JOIN soquy.approval_use AS u USING (tenant_id, approval_id)
            WHERE a.tenant_id = p.tenant_id AND a.book_id = p.book_id AND a.subject_id = p.list_id)""",
    "award_sitting_awards": """\
        SELECT s.tenant_id, s.book_id, s.event_id, s.collected_count, s.proxy_count, s.total_minor, came.size,
            came.proxy_count AS proxies, came.total_minor AS came_minor
        FROM soquy.award_sitting AS s
        CROSS JOIN LATERAL (
            SELECT count(*) AS size, count(*) FILTER (WHERE c.is_proxy) AS proxy_count,
                sum(w.amount_minor) AS total_minor, bool_and(w.list_id = s.list_id) AS is_home
            FROM soquy.award_collection AS c
            LEFT JOIN soquy.award AS w USING (tenant_id, award_id)
            WHERE c.tenant_id = s.tenant_id AND c.event_id = s.event_id
        ) AS came
        WHERE came.size > 0 AND (came.size, came.proxy_count, came.total_minor, came.is_home)
            IS DISTINCT FROM (s.collected_count, s.proxy_count, s.total_minor, true)""",
    "award_sitting_total": """\
        SELECT l.tenant_id, l.book_id, l.list_id, l.award_count, l.total_minor, sum(s.collected_count) AS size,
            sum(s.total_minor) AS collected_minor
        FROM soquy.award_list AS l
        JOIN soquy.award_sitting AS s USING (tenant_id, list_id)
        GROUP BY l.tenant_id, l.book_id, l.list_id, l.award_count, l.total_minor
        HAVING sum(s.collected_count) > l.award_count OR sum(s.total_minor) > l.total_minor""",
    "award_collection_sitting": """\
        SELECT c.tenant_id, c.book_id, c.award_id, c.event_id
        FROM soquy.award_collection AS c
        LEFT JOIN soquy.award_sitting AS s USING (tenant_id, event_id)
        WHERE s.book_id IS DISTINCT FROM c.book_id""",
    "award_claim_place": """\
        SELECT c.tenant_id, w.book_id, c.award_id, c.program, c.period, c.ordinal
        FROM vault.award_claim AS c
        LEFT JOIN soquy.award AS w USING (tenant_id, award_id)
        LEFT JOIN soquy.award_list AS l USING (tenant_id, list_id)
        LEFT JOIN soquy.award_round AS r USING (tenant_id, round_id)
        WHERE (r.program, r.period) IS DISTINCT FROM (c.program, c.period)""",
    "award_claim_once": """\
        SELECT c.tenant_id, w.book_id, c.award_id, c.program, c.period, c.ordinal
        FROM vault.award_claim AS c
        LEFT JOIN soquy.award AS w USING (tenant_id, award_id)
        WHERE NOT soquy.is_award_list_over(w.tenant_id, w.list_id) AND EXISTS (SELECT FROM vault.award_claim AS later
            WHERE later.tenant_id = c.tenant_id AND later.program = c.program AND later.period = c.period
                AND later.identity = c.identity AND later.ordinal > c.ordinal)""",
    "beneficiary_award": """\
        SELECT b.tenant_id, b.book_id, b.award_id
        FROM vault.beneficiary AS b
        LEFT JOIN soquy.award AS w USING (tenant_id, award_id)
        LEFT JOIN vault.award_claim AS c USING (tenant_id, award_id)
        WHERE w.book_id IS DISTINCT FROM b.book_id OR c.award_id IS NULL""",
}
"""Name → rows that must not be."""


def _with_ids(payload: Payload) -> Payload:
    """Write the ids of a payload as leaves do, by the names of its members."""
    return {name: spelled(_PREFIXES[name], value) if name in _PREFIXES else value for name, value in payload.items()}


_PREFIXES: Final = {"list": typeid.AWARD_LIST, "round": typeid.ROUND}

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
    "award_list_leaf": Told(
        type="round.listed",
        rows="""\
            SELECT tenant_id, l.list_id AS event_id, book_id, association_id, jsonb_build_object('round', l.round_id,
                'version', l.version, 'awards', l.award_count, 'total_minor', l.total_minor) AS payload
            FROM soquy.award_list AS l
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "award_leaf": Told(
        type="award.listed",
        rows="""\
            SELECT tenant_id, w.award_id AS event_id, book_id, association_id, jsonb_build_object('list', w.list_id,
                'line', w.line, 'of', w.line_count) AS payload
            FROM soquy.award AS w
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "award_decision_leaf": Told(
        type="round.decided",
        rows="""\
            SELECT tenant_id, d.event_id, book_id, association_id, jsonb_build_object('list', d.list_id,
                'decided_on', d.decided_on) AS payload
            FROM soquy.award_decision AS d
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "award_sitting_leaf": Told(
        type="round.collected",
        rows="""\
            SELECT tenant_id, s.event_id, book_id, association_id, jsonb_build_object('list', s.list_id,
                'collected', s.collected_count, 'proxy', s.proxy_count, 'total_minor', s.total_minor) AS payload
            FROM soquy.award_sitting AS s
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
    "award_list_withdrawal_leaf": Told(
        type="round.list_withdrawn",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, association_id, jsonb_build_object('list', x.list_id) AS payload
            FROM soquy.award_list_withdrawal AS x
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_with_ids,
    ),
}
"""Name → the rows that leaves of a type tell of, and how the leaf says it."""

_SEALED: Final = text("""\
SELECT w.tenant_id, w.book_id, k.association_id, w.award_id AS event_id, w.list_id, w.line, w.amount_minor,
    CAST(NULL AS text) AS number, s.field, s.value, encode(s.sealed, 'hex') AS sealed, s.key_id, b.name, b.birth_year,
    b.class_name, b.school, b.reason, b.award_id IS NOT NULL AS is_kept, c.identity
FROM soquy.award AS w
JOIN soquy.book AS k USING (tenant_id, book_id)
JOIN vault.sealed_value AS s ON s.tenant_id = w.tenant_id AND s.event_id = w.award_id
    AND s.field IN ('amount', 'beneficiary')
LEFT JOIN vault.beneficiary AS b ON b.tenant_id = w.tenant_id AND b.award_id = w.award_id
LEFT JOIN vault.award_claim AS c ON c.tenant_id = w.tenant_id AND c.award_id = w.award_id
WHERE w.amount_minor IS NOT NULL
UNION ALL
SELECT d.tenant_id, d.book_id, k.association_id, d.event_id, d.list_id, NULL, NULL, d.number, s.field, s.value,
    encode(s.sealed, 'hex'), s.key_id, NULL, NULL, NULL, NULL, NULL, false, NULL
FROM soquy.award_decision AS d
JOIN soquy.book AS k USING (tenant_id, book_id)
JOIN vault.sealed_value AS s ON s.tenant_id = d.tenant_id AND s.event_id = d.event_id AND s.field = 'number'
WHERE d.number IS NOT NULL""")

AWARD_VALUE_RULES: Final = frozenset({"award_amount", "award_beneficiary", "award_identity", "award_number"})


def award_value_faults(conn: Connection) -> Iterator[tuple[str, int, int | None, dict[str, Any]]]:
    """Yield every award that is not of whom or of how much was sealed, and every decision of another number."""
    keys, key = data_keys(conn), None
    rows = conn.execute(_SEALED, execution_options={"stream_results": True, "yield_per": FETCH_SIZE})
    for row in rows:
        opened = unsealed(keys, row, row.field, row.value, row.sealed, str(row.key_id))
        if opened is None:
            continue  # told by the rule of the vault itself
        broken = []
        if row.field == "amount" and opened.value != amount_text(row.amount_minor):
            broken.append("award_amount")
        if row.field == "number" and opened.value != row.number:
            broken.append("award_number")
        if row.field == "beneficiary" and row.is_kept:
            beneficiary = Beneficiary(
                **{name: getattr(row, name) for name in ("name", "birth_year", "class_name", "school", "reason")}
            )
            book = Book(tenant_id=row.tenant_id, book_id=row.book_id, association_id=row.association_id)
            key = key or vault_of(conn).identity_key(conn)
            if opened.value != beneficiary_text(beneficiary):
                broken.append("award_beneficiary")
            if row.identity != identity_of(key, beneficiary, book):
                broken.append("award_identity")
        place = {"list_id": str(row.list_id), "line": row.line, "event_id": str(row.event_id)}
        for rule in broken:
            yield rule, row.tenant_id, row.book_id, place
