"""Forget what was begun and left: drafts, lists that nobody posted, files that belong to nothing.

No leaf knows them, so that nothing is said of their going; what was posted is with its entry and kept as that is. Of a
list whose original is no longer kept, what stands beside it goes as well. The database role is ``soquy_vault``.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, text

from ledger.calendar import TIME_ZONE

LEFT_DAYS: Final = 180
"""How long something waits for whoever began it; counted from its last change."""

_DROP_DRAFTS: Final = text("""\
DELETE FROM vault.draft WHERE tenant_id = :tenant_id AND changed_at < :before""")

_DROP_LISTS: Final = text("""\
WITH gone AS (
    DELETE FROM vault.intake AS i
    WHERE i.tenant_id = :tenant_id AND (i.state NOT IN ('posting', 'posted', 'reversed') AND i.changed_at < :before
        OR NOT EXISTS (
            SELECT FROM vault.document AS d WHERE d.tenant_id = i.tenant_id AND d.document_id = i.document_id))
    RETURNING i.intake_id
), pages AS (
    DELETE FROM vault.intake_page AS p USING gone WHERE p.tenant_id = :tenant_id AND p.intake_id = gone.intake_id
), lines AS (
    DELETE FROM vault.intake_line AS l USING gone WHERE l.tenant_id = :tenant_id AND l.intake_id = gone.intake_id
), decisions AS (
    DELETE FROM vault.intake_decision AS d USING gone WHERE d.tenant_id = :tenant_id AND d.intake_id = gone.intake_id
)
DELETE FROM vault.intake_digest AS d USING gone WHERE d.tenant_id = :tenant_id AND d.intake_id = gone.intake_id""")

_DROP_DOCUMENTS: Final = text("""\
DELETE FROM vault.document AS d
WHERE d.tenant_id = :tenant_id AND d.created_at < :before
    AND NOT EXISTS (SELECT FROM soquy.attachment AS a
        WHERE a.tenant_id = d.tenant_id AND a.document_id = d.document_id)
    AND NOT EXISTS (SELECT FROM vault.document_sending AS s
        WHERE s.tenant_id = d.tenant_id AND s.document_id = d.document_id AND s.sent_at >= :before)
    AND NOT EXISTS (
        SELECT FROM vault.intake AS i WHERE i.tenant_id = d.tenant_id AND i.document_id = d.document_id)
    AND NOT EXISTS (
        SELECT FROM vault.consent AS c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.document_id)
    AND NOT EXISTS (
        SELECT FROM vault.draft AS r WHERE r.tenant_id = d.tenant_id
            AND btrim(r.body ->> 'document') = soquy.type_id('dc', d.document_id))""")


def drop_unfinished(conn: Connection, tenant_id: int, *, as_of: date) -> None:
    """Forget what the transaction's tenant began and left for half a year, as of the beginning of a day in Vietnam."""
    before = datetime.combine(as_of - timedelta(days=LEFT_DAYS), time(), TIME_ZONE)
    for statement in (_DROP_DRAFTS, _DROP_LISTS, _DROP_DOCUMENTS):
        conn.execute(statement, {"tenant_id": tenant_id, "before": before})
