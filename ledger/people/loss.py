"""Private values that a restored database must not have, and those that it has no more.

An erasure that came after a backup is done again on what the backup brought back. What a leaf commits to and no row
holds any more — it was only in the database that was lost, or in a part of the backup that has expired — goes into the
same journal as what was erased, under the leaf ``log.recovered`` that says how much it was. So ``soquy check`` still
tells a value that was lost from one that somebody took away.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

_ERASE: Final = text("""\
WITH named AS MATERIALIZED (
    SELECT v.event_id, v.field
    FROM unnest(CAST(:event_ids AS uuid[]), CAST(:fields AS text[])) AS v (event_id, field)
), gone AS (
    DELETE FROM vault.sealed_value AS s USING named
    WHERE s.tenant_id = :tenant_id AND s.event_id = named.event_id AND s.field = named.field
    RETURNING s.event_id
), plain AS (
    DELETE FROM vault.unsealed_value AS s USING named
    WHERE s.tenant_id = :tenant_id AND s.event_id = named.event_id AND s.field = named.field
), reasons AS (
    DELETE FROM vault.opening_reason AS r USING vault.opening AS o JOIN named USING (event_id, field)
    WHERE o.tenant_id = :tenant_id AND r.tenant_id = :tenant_id AND r.opening_id = o.opening_id
), consents AS (
    DELETE FROM vault.consent AS c USING named
    WHERE c.tenant_id = :tenant_id AND c.event_id = named.event_id AND named.field = 'consent'
), withdrawals AS (
    DELETE FROM vault.consent_withdrawal AS w USING named
    WHERE w.tenant_id = :tenant_id AND w.event_id = named.event_id AND named.field = 'withdrawal'
), givers AS (
    DELETE FROM vault.contributor AS c USING named
    WHERE c.tenant_id = :tenant_id AND c.event_id = named.event_id AND named.field = 'donor'
), holders AS (
    DELETE FROM vault.block_holder AS h USING named
    WHERE h.tenant_id = :tenant_id AND h.block_id = named.event_id AND named.field = 'holder'
), payees AS (
    DELETE FROM vault.payee AS p USING named
    WHERE p.tenant_id = :tenant_id AND p.proposal_id = named.event_id AND named.field = 'payee'
), beneficiaries AS (
    DELETE FROM vault.beneficiary AS b USING named
    WHERE b.tenant_id = :tenant_id AND b.award_id = named.event_id AND named.field = 'beneficiary'
), claims AS (
    DELETE FROM vault.award_claim AS c USING named
    WHERE c.tenant_id = :tenant_id AND c.award_id = named.event_id AND named.field = 'beneficiary'
), journal AS (
    INSERT INTO vault.erasure (tenant_id, event_id, field, erasing_event_id)
    SELECT :tenant_id, named.event_id, named.field, CAST(:erasing_event_id AS uuid) FROM named
    ON CONFLICT ON CONSTRAINT erasure_pk DO NOTHING
)
SELECT count(*) FROM gone""")

_LOSE: Final = text("""\
INSERT INTO vault.erasure (tenant_id, event_id, field, erasing_event_id)
SELECT a.tenant_id, a.event_id, committed.field, CAST(:event_id AS uuid)
FROM soquy.audit_entry AS a
CROSS JOIN LATERAL soquy.leaf_members(a.leaf) AS said
CROSS JOIN LATERAL (
    SELECT jsonb_object_keys(said -> 'private') AS field
    UNION ALL SELECT 'actor' WHERE said #>> '{actor,commitment}' IS NOT NULL
    UNION ALL SELECT 'document_' || place
    FROM generate_series(0, jsonb_array_length(said -> 'documents') - 1) AS place
) AS committed
WHERE NOT EXISTS (SELECT FROM vault.sealed_value AS s
        WHERE s.tenant_id = a.tenant_id AND s.event_id = a.event_id AND s.field = committed.field)
    AND NOT EXISTS (SELECT FROM vault.unsealed_value AS s
        WHERE s.tenant_id = a.tenant_id AND s.event_id = a.event_id AND s.field = committed.field)
    AND NOT EXISTS (SELECT FROM vault.erasure AS x
        WHERE x.tenant_id = a.tenant_id AND x.event_id = a.event_id AND x.field = committed.field)""")


# In a statement of its own, which sees what the one above has taken away.
_DROP: Final = text("""\
DELETE FROM vault.document AS d
USING soquy.attachment AS a
WHERE a.tenant_id = :tenant_id AND a.event_id = ANY (CAST(:event_ids AS uuid[])) AND d.tenant_id = a.tenant_id
    AND d.document_id = a.document_id
    AND NOT EXISTS (
        SELECT FROM soquy.attachment AS o
        JOIN vault.sealed_value AS s ON s.tenant_id = o.tenant_id AND s.event_id = o.event_id AND s.field = 'document_0'
        WHERE o.tenant_id = d.tenant_id AND o.document_id = d.document_id)
    AND NOT EXISTS (
        SELECT FROM vault.consent AS c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.document_id)""")


def erase_again(
    conn: Connection, tenant_id: int, erasing_event_id: UUID, values: Sequence[tuple[UUID, Sequence[str]]]
) -> int:
    """Erase, as the owner, what an erasure of the log names; return how many values were there."""
    pairs = [(event_id, field) for event_id, fields in values for field in fields]
    asked = {"tenant_id": tenant_id, "erasing_event_id": erasing_event_id}
    columns = {"event_ids": [event_id for event_id, _ in pairs], "fields": [field for _, field in pairs]}
    count = int(conn.execute(_ERASE, {**asked, **columns}).scalar_one())
    conn.execute(_DROP, {"tenant_id": tenant_id, "event_ids": columns["event_ids"]})
    return count


def record_lost(conn: Connection, event_id: UUID) -> int:
    """Enter every value that leaves commit to and nothing holds, as lost by this event; return how many there are."""
    return conn.execute(_LOSE, {"event_id": event_id}).rowcount
