"""Rules of ``soquy check`` on rows that commands made, and the leaves that tell of them.

The database refuses a row without its leaf (``migrations/sql/0011_leaves.sql``); it cannot refuse a leaf without its
row, nor what a superuser changes later. So each row that names an event is met with the leaves of its type, from both
sides: a row whose leaf is missing, a leaf whose row is missing, and two that say different things.

The payload that a row should have is put together here once more, apart from the commands and the triggers. Entries,
which have their own way, are in ``check_leaf``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical
from audit.jcs import CanonicalError
from ledger import typeid

FETCH_SIZE: Final = 500

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A kind of row: the type of its leaf, and a query of the rows with the payload that each should have.

    The query gives ``tenant_id, event_id, book_id, association_id, payload``; ``spell`` writes the payload's ids as
    leaves do.
    """

    type: str
    rows: str
    spell: Callable[[Payload], Payload] = dict


def _founded(payload: Payload) -> Payload:
    return {**payload, "parent": payload["parent"] and spelled(typeid.ASSOCIATION, payload["parent"])}


def _token_created(payload: Payload) -> Payload:
    return {
        **_token_revoked(payload),
        "rights": sorted(payload["rights"]),
        "associations": [spelled(typeid.ASSOCIATION, each) for each in payload["associations"]],
        "expires_at": datetime.fromisoformat(payload["expires_at"]).astimezone(UTC).isoformat(),
    }


def _token_revoked(payload: Payload) -> Payload:
    return {**payload, "token": spelled(typeid.TOKEN, payload["token"])}


def _exception_ended(payload: Payload) -> Payload:
    return {"exception": spelled(typeid.EVENT, payload["exception"])}


def _granted(payload: Payload) -> Payload:
    return {**payload, "grant": spelled(typeid.GRANT, payload["grant"])}


def _attached(payload: Payload) -> Payload:
    prefix = typeid.ENTRY if payload["is_entry"] else typeid.EVENT
    return {"event": spelled(prefix, payload["target"])}


def _disowned(payload: Payload) -> Payload:
    return {"attached": spelled(typeid.EVENT, payload["attached"])}


def spelled(prefix: str, value: str) -> str:
    """Write a uuid as leaves do."""
    return typeid.encode(prefix, UUID(value))


EVENT_RULES: Final[Mapping[str, Told]] = {
    "association_leaf": Told(
        type="association.founded",
        rows="""\
            SELECT tenant_id, a.event_id, book_id, association_id, jsonb_build_object(
                'kind', a.kind, 'level', a.level, 'parent', a.parent_id, 'unit_code', a.unit_code,
                'founded_on', a.founded_on, 'books_open_on', CASE WHEN b.event_id = a.event_id THEN b.opened_on END,
                'chart', b.chart, 'is_sample', a.is_sample) AS payload
            FROM soquy.association AS a
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)""",
        spell=_founded,
    ),
    "association_closed_leaf": Told(
        type="association.closed",
        rows="""\
            SELECT tenant_id, closed_event_id AS event_id, book_id, association_id,
                jsonb_build_object('closed_on', closed_on) AS payload
            FROM soquy.association AS a
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)
            WHERE closed_on IS NOT NULL OR closed_event_id IS NOT NULL""",
    ),
    "account_leaf": Told(
        type="account.opened",
        rows="""\
            SELECT tenant_id, a.event_id, book_id, b.association_id, jsonb_build_object('account', a.account,
                'parent', a.parent, 'currency', a.currency, 'opened_on', a.opened_on) AS payload
            FROM soquy.account AS a
            JOIN soquy.book AS b USING (tenant_id, book_id)
            WHERE a.event_id IS DISTINCT FROM b.event_id""",
    ),
    "account_closed_leaf": Told(
        type="account.closed",
        rows="""\
            SELECT tenant_id, closed_event_id AS event_id, book_id, association_id,
                jsonb_build_object('account', account, 'closed_on', closed_on) AS payload
            FROM soquy.account
            JOIN soquy.book USING (tenant_id, book_id)
            WHERE closed_on IS NOT NULL OR closed_event_id IS NOT NULL""",
    ),
    "fund_leaf": Told(
        type="fund.opened",
        rows="""\
            SELECT tenant_id, f.event_id, book_id, association_id, jsonb_build_object('fund', f.fund, 'kind', f.kind,
                'account', f.balance_account, 'opened_on', f.opened_on) AS payload
            FROM soquy.fund AS f
            JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "fund_closed_leaf": Told(
        type="fund.closed",
        rows="""\
            SELECT tenant_id, closed_event_id AS event_id, book_id, association_id,
                jsonb_build_object('fund', fund, 'closed_on', closed_on) AS payload
            FROM soquy.fund
            JOIN soquy.book USING (tenant_id, book_id)
            WHERE closed_on IS NOT NULL OR closed_event_id IS NOT NULL""",
    ),
    "bank_account_leaf": Told(
        type="bank_account.set",
        rows="""\
            SELECT tenant_id, s.event_id, book_id, b.association_id, jsonb_build_object('account', s.account,
                'bank', s.bank_bin, 'number', s.number, 'version', s.version) AS payload
            FROM soquy.bank_account AS s
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "campaign_leaf": Told(
        type="campaign.opened",
        rows="""\
            SELECT tenant_id, event_id, CAST(NULL AS bigint) AS book_id, CAST(NULL AS uuid) AS association_id,
                jsonb_build_object('campaign', campaign, 'opened_on', opened_on, 'closed_on', closed_on) AS payload
            FROM soquy.campaign""",
    ),
    "program_leaf": Told(
        type="program.opened",
        rows="""\
            SELECT tenant_id, event_id, CAST(NULL AS bigint) AS book_id, CAST(NULL AS uuid) AS association_id,
                jsonb_build_object('program', program, 'unit', unit, 'opened_on', opened_on, 'closed_on', closed_on)
                AS payload
            FROM soquy.program""",
    ),
    "voucher_leaf": Told(
        type="voucher.issued",
        rows="""\
            SELECT tenant_id, v.event_id, book_id, association_id, jsonb_build_object(
                'voucher', jsonb_build_array(v.voucher_kind, v.fiscal_year, v.number), 'issued_on', v.issued_on)
                AS payload
            FROM soquy.voucher AS v
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)
            WHERE NOT EXISTS (
                SELECT FROM soquy.entry AS e WHERE e.tenant_id = v.tenant_id AND e.entry_id = v.event_id)""",
    ),
    "voucher_void_leaf": Told(
        type="voucher.voided",
        rows="""\
            SELECT tenant_id, w.event_id, book_id, association_id, jsonb_build_object(
                'voucher', jsonb_build_array(w.voucher_kind, w.fiscal_year, w.number)) AS payload
            FROM soquy.voucher_void AS w
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "month_lock_leaf": Told(
        type="month.locked",
        rows="""\
            SELECT tenant_id, l.event_id, book_id, association_id, jsonb_build_object(
                'locked_through', l.locked_through, 'last_seq', l.last_seq) AS payload
            FROM soquy.month_lock AS l
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)""",
    ),
    "role_grant_leaf": Told(
        type="role.granted",
        rows="""\
            SELECT tenant_id, g.event_id, book_id, association_id,
                jsonb_build_object('grant', g.grant_id, 'role', g.role) AS payload
            FROM soquy.role_grant AS g
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)""",
        spell=_granted,
    ),
    "role_revocation_leaf": Told(
        type="role.revoked",
        rows="""\
            SELECT tenant_id, r.event_id, book_id, association_id, jsonb_build_object('grant', r.grant_id) AS payload
            FROM soquy.role_revocation AS r
            LEFT JOIN soquy.role_grant AS g USING (tenant_id, grant_id)
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)""",
        spell=_granted,
    ),
    "role_exception_leaf": Told(
        type="role.exception_made",
        rows="""\
            SELECT tenant_id, e.exception_id AS event_id, book_id, association_id, jsonb_build_object(
                'roles', jsonb_build_array(e.first_role, e.second_role), 'until', e.until_on) AS payload
            FROM soquy.role_exception AS e
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)""",
    ),
    "role_exception_ending_leaf": Told(
        type="role.exception_ended",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, association_id,
                jsonb_build_object('exception', x.exception_id) AS payload
            FROM soquy.role_exception_ending AS x
            LEFT JOIN soquy.role_exception AS e USING (tenant_id, exception_id)
            LEFT JOIN soquy.book AS b USING (tenant_id, association_id)""",
        spell=_exception_ended,
    ),
    "api_token_leaf": Told(
        type="token.created",
        rows="""\
            SELECT tenant_id, event_id, CAST(NULL AS bigint) AS book_id, CAST(NULL AS uuid) AS association_id,
                jsonb_build_object('token', token_id, 'rights', rights, 'associations', association_ids,
                    'reaches_below', reaches_below, 'expires_at', expires_at) AS payload
            FROM soquy.api_token""",
        spell=_token_created,
    ),
    "token_revocation_leaf": Told(
        type="token.revoked",
        rows="""\
            SELECT tenant_id, event_id, CAST(NULL AS bigint) AS book_id, CAST(NULL AS uuid) AS association_id,
                jsonb_build_object('token', token_id) AS payload
            FROM soquy.token_revocation""",
        spell=_token_revoked,
    ),
    # A consent's row is erased with what its leaf commits to; the journal of erasures then stands in its place.
    "consent_leaf": Told(
        type="consent.given",
        rows="""\
            SELECT tenant_id, c.event_id, book_id, association_id, CAST('{}' AS jsonb) AS payload
            FROM vault.consent AS c
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)
            UNION ALL
            SELECT a.tenant_id, a.event_id, a.book_id, a.association_id, CAST('{}' AS jsonb)
            FROM vault.erasure AS x
            JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
            WHERE x.field = 'consent' AND a.type = 'consent.given'""",
    ),
    "consent_withdrawal_leaf": Told(
        type="consent.withdrawn",
        rows="""\
            SELECT tenant_id, w.event_id, book_id, association_id, CAST('{}' AS jsonb) AS payload
            FROM vault.consent_withdrawal AS w
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)
            UNION ALL
            SELECT a.tenant_id, a.event_id, a.book_id, a.association_id, CAST('{}' AS jsonb)
            FROM vault.erasure AS x
            JOIN soquy.audit_entry AS a USING (tenant_id, event_id)
            WHERE x.field = 'withdrawal' AND a.type = 'consent.withdrawn'""",
    ),
    "attachment_leaf": Told(
        type="document.attached",
        rows="""\
            SELECT tenant_id, t.event_id, book_id, association_id, jsonb_build_object(
                'target', t.target_id, 'is_entry', t.is_entry) AS payload
            FROM soquy.attachment AS t
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_attached,
    ),
    "attachment_disowning_leaf": Told(
        type="document.disowned",
        rows="""\
            SELECT tenant_id, x.event_id, book_id, association_id, jsonb_build_object('attached', x.attachment_id)
                AS payload
            FROM soquy.attachment_disowning AS x
            LEFT JOIN soquy.book AS b USING (tenant_id, book_id)""",
        spell=_disowned,
    ),
}
"""Rule → rows that have leaves of their own."""

# A campaign's leaf is of whichever book opened it, a founding's of an association that had no book yet.
_MEETING: Final = """\
SELECT tenant_id, coalesce(made.book_id, a.book_id) AS book_id, event_id, made.payload, a.leaf,
    made.tenant_id IS NOT NULL AS is_made, a.tenant_id IS NOT NULL AS is_told,
    (made.association_id IS NULL OR made.association_id IS NOT DISTINCT FROM a.association_id)
        AND (made.book_id IS NULL OR made.book_id IS NOT DISTINCT FROM a.book_id
            OR a.type = 'association.founded' AND a.book_id IS NULL) AS is_home
FROM ({rows}) AS made
FULL JOIN (SELECT * FROM soquy.audit_entry WHERE type = :type) AS a USING (tenant_id, event_id)"""


def event_faults(conn: Connection, rules: Mapping[str, Told]) -> Iterator[tuple[str, int, int | None, dict[str, Any]]]:
    """Yield rule, tenant, book and what differs, for every row and every leaf that has not its match."""
    for rule, told in rules.items():
        meeting = text(_MEETING.format(rows=told.rows))
        options = {"stream_results": True, "yield_per": FETCH_SIZE}
        rows = conn.execute(meeting, {"type": told.type}, execution_options=options)
        for row in rows:
            event: dict[str, Any] = {"event_id": row.event_id and str(row.event_id), "type": told.type}
            if not (row.is_made and row.is_told):
                missing = "leaf" if row.is_made else "row"
                yield rule, row.tenant_id, row.book_id, {**event, "missing": missing, **(row.payload or {})}
            elif differing := _differing(told, row.payload, row.leaf):
                yield rule, row.tenant_id, row.book_id, {**event, "fields": differing}
            elif not row.is_home:
                yield rule, row.tenant_id, row.book_id, {**event, "fields": ["association"]}


def _differing(told: Told, due: Payload, leaf: bytes) -> list[str]:
    """Name the members of the payload that differ; a leaf that is none is told by another rule."""
    try:
        said = canonical.decode(leaf).payload
    except CanonicalError:
        return []
    spelled = told.spell(due)
    return sorted(name for name in spelled.keys() | said.keys() if spelled.get(name, ...) != said.get(name, ...))
