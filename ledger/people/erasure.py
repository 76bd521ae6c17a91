"""Erase sealed values: when the law no longer keeps them, or by a decision where it never did.

A value goes with its salt and with the reasons for which it was opened; what stays is its commitment in the log, which
without a salt is a random number, and a leaf that says what was erased::

    value.erased   {"basis": "retention" or "decision", "values": [[event id, field, …], …]}

What stands beside a value goes with it: with a consent's, its row in the register; with a giver's or a collector's,
the name by which they were found; with a beneficiary's, who they are and the claim that tells them apart; with the
hash of a document, the document, where nothing else that is kept rests on it. One that was disowned is no voucher's,
and is not retained.

Every proof of every leaf holds as before. The database role is ``soquy_vault``; the service's own cannot erase.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical, log
from audit.jcs import Json
from ledger import typeid
from ledger.calendar import TIME_ZONE, fiscal_year
from ledger.errors import LedgerError
from ledger.people import sealing
from ledger.people.opening import REASON_LENGTH_MAX, SealedValueNotFound
from ledger.people.unfinished import drop_unfinished
from ledger.people.vault import vault_of
from ledger.text import clean_text

EVENTS_MAX: Final = 400
"""Events of one leaf, whose ids and fields then fill some 40,000 of its 65,535 bytes."""

LEAVES_MAX: Final = 20
"""Of one batch: each batch looks through the tenant's values once."""

FIELDS_MAX: Final = 100
"""Of one event: as much as one leaf can name."""

_FIND: Final = text("""\
SELECT s.field, c.is_law AND x.event_id IS NULL AS is_law,
    vault.keep_through(s.retention, s.fiscal_year, :as_of) AS keep_through
FROM vault.sealed_value AS s
JOIN (SELECT DISTINCT retention, is_law FROM vault.retention_class) AS c USING (retention)
LEFT JOIN soquy.attachment_disowning AS x
    ON x.tenant_id = s.tenant_id AND x.attachment_id = s.event_id AND starts_with(s.field, 'document_')
WHERE s.tenant_id = :tenant_id AND s.event_id = :event_id AND s.field = ANY (:fields)""")

_EXPIRED: Final = text("""\
WITH due AS (
    SELECT y.retention, y.fiscal_year
    FROM (SELECT DISTINCT retention, fiscal_year FROM vault.sealed_value WHERE tenant_id = :tenant_id) AS y
    WHERE vault.keep_through(y.retention, y.fiscal_year, :as_of) < :as_of
)
SELECT DISTINCT s.event_id
FROM vault.sealed_value AS s JOIN due USING (retention, fiscal_year)
WHERE s.tenant_id = :tenant_id
ORDER BY s.event_id
LIMIT :limit""")

_ERASE: Final = text("""\
WITH gone AS (
    DELETE FROM vault.sealed_value
    WHERE tenant_id = :tenant_id AND event_id = ANY (:event_ids)
        AND (CAST(:fields AS text[]) IS NULL OR field = ANY (:fields))
    RETURNING event_id, field
), reasons AS (
    DELETE FROM vault.opening_reason AS r
    USING vault.opening AS o JOIN gone USING (event_id, field)
    WHERE o.tenant_id = :tenant_id AND r.tenant_id = :tenant_id AND r.opening_id = o.opening_id
), consents AS (
    DELETE FROM vault.consent AS c USING gone
    WHERE c.tenant_id = :tenant_id AND c.event_id = gone.event_id AND gone.field = 'consent'
), withdrawals AS (
    DELETE FROM vault.consent_withdrawal AS w USING gone
    WHERE w.tenant_id = :tenant_id AND w.event_id = gone.event_id AND gone.field = 'withdrawal'
), givers AS (
    DELETE FROM vault.contributor AS c USING gone
    WHERE c.tenant_id = :tenant_id AND c.event_id = gone.event_id AND gone.field = 'donor'
), payees AS (
    DELETE FROM vault.payee AS y USING gone
    WHERE y.tenant_id = :tenant_id AND y.proposal_id = gone.event_id AND gone.field = 'payee'
), holders AS (
    DELETE FROM vault.block_holder AS h USING gone
    WHERE h.tenant_id = :tenant_id AND h.block_id = gone.event_id AND gone.field = 'holder'
), beneficiaries AS (
    DELETE FROM vault.beneficiary AS b USING gone
    WHERE b.tenant_id = :tenant_id AND b.award_id = gone.event_id AND gone.field = 'beneficiary'
), claims AS (
    DELETE FROM vault.award_claim AS c USING gone
    WHERE c.tenant_id = :tenant_id AND c.award_id = gone.event_id AND gone.field = 'beneficiary'
)
SELECT g.event_id, a.type, a.association_id, array_agg(g.field ORDER BY g.field) AS fields
FROM gone AS g JOIN soquy.audit_entry AS a ON a.tenant_id = :tenant_id AND a.event_id = g.event_id
GROUP BY g.event_id, a.type, a.association_id
ORDER BY g.event_id""")

# After the values: a document stays while a leaf's commitment to it is kept, or while nobody has said what it is for.
_DROP_DOCUMENTS: Final = text("""\
DELETE FROM vault.document AS d
WHERE d.tenant_id = :tenant_id AND d.document_id IN (
        SELECT a.document_id FROM soquy.attachment AS a
        WHERE a.tenant_id = :tenant_id AND a.event_id = ANY (:event_ids)
        UNION ALL
        SELECT CAST(document_id AS uuid) FROM unnest(CAST(:document_ids AS uuid[])) AS document_id)
    AND NOT EXISTS (
        SELECT FROM soquy.attachment AS a
        JOIN vault.sealed_value AS s ON s.tenant_id = a.tenant_id AND s.event_id = a.event_id AND s.field = 'document_0'
        WHERE a.tenant_id = d.tenant_id AND a.document_id = d.document_id)
    AND NOT EXISTS (
        SELECT FROM vault.consent AS c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.document_id)""")

_CONSENT_SCANS: Final = text("""\
SELECT document_id FROM vault.consent
WHERE tenant_id = :tenant_id AND event_id = ANY (:event_ids) AND document_id IS NOT NULL""")

_JOURNAL: Final = text("""\
INSERT INTO vault.erasure (tenant_id, event_id, field, erasing_event_id)
SELECT :tenant_id, v.event_id, v.field, CAST(:erasing_event_id AS uuid)
FROM unnest(CAST(:event_ids AS uuid[]), CAST(:fields AS text[])) AS v (event_id, field)""")

_DESTROY: Final = text("SELECT vault.destroy_request_keys(:tenant_id, :as_of)")
_SEAL: Final = text(sealing.INSERT_SQL)


class ValueRetained(LedgerError):
    """The law keeps it still; carries the field and the last day."""

    code = "value_retained"


def erase(
    conn: Connection, tenant_id: int, event_id: UUID, fields: Sequence[str], *, reason: str, as_of: date
) -> list[str]:
    """Erase values of an event by decision, in the transaction's tenant; return the fields that are gone.

    The reason is sealed, and the leaf commits to it.

    Raises:
        SealedValueNotFound: none of them is kept.
        ValueRetained: the law keeps one of them beyond ``as_of``.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    asked = {"tenant_id": tenant_id, "event_id": event_id, "fields": list(fields)[:FIELDS_MAX], "as_of": as_of}
    found = conn.execute(_FIND, asked).all()
    if not found:
        raise SealedValueNotFound
    for row in found:
        if row.is_law and (row.keep_through is None or as_of <= row.keep_through):
            raise ValueRetained(field=row.field, keep_through=row.keep_through and str(row.keep_through))
    kept = [row.field for row in found]
    _erase(conn, tenant_id, [event_id], kept, basis="decision", reason=reason)
    return kept


def erase_expired(conn: Connection, tenant_id: int, *, as_of: date) -> int:
    """Erase one batch of what the transaction's tenant keeps no longer; return of how many events, 0 at the end.

    The keys that salted the requests of years long gone go as well, and what was begun and left.
    """
    conn.execute(_DESTROY, {"tenant_id": tenant_id, "as_of": as_of})
    drop_unfinished(conn, tenant_id, as_of=as_of)
    found = (
        conn.execute(_EXPIRED, {"tenant_id": tenant_id, "as_of": as_of, "limit": EVENTS_MAX * LEAVES_MAX})
        .scalars()
        .all()
    )
    for start in range(0, len(found), EVENTS_MAX):
        _erase(conn, tenant_id, found[start : start + EVENTS_MAX], None, basis="retention", reason=None)
    return len(found)


def _erase(
    conn: Connection,
    tenant_id: int,
    event_ids: Sequence[UUID],
    fields: Sequence[str] | None,
    *,
    basis: Literal["decision", "retention"],
    reason: str | None,
) -> None:
    asked = {"tenant_id": tenant_id, "event_ids": list(event_ids), "fields": fields and list(fields)}
    document_ids = list(conn.execute(_CONSENT_SCANS, asked).scalars())
    erased = conn.execute(_ERASE, asked).all()
    conn.execute(_DROP_DOCUMENTS, {**asked, "document_ids": document_ids})
    for association_id in sorted({row.association_id for row in erased}, key=str):
        rows = [row for row in erased if row.association_id == association_id]
        values: list[Json] = [[_public_id(row.type, row.event_id), *row.fields] for row in rows]
        payload: dict[str, Json] = {"basis": basis, "values": values}
        erasing_id = record_erasure(conn, tenant_id, association_id, "value.erased", payload, reason=reason)
        pairs = [(row.event_id, field) for row in rows for field in row.fields]
        journal = {"event_ids": [each for each, _ in pairs], "fields": [field for _, field in pairs]}
        conn.execute(_JOURNAL, {"tenant_id": tenant_id, "erasing_event_id": erasing_id, **journal})


def _public_id(type_: str, event_id: UUID) -> str:
    return typeid.encode(typeid.ENTRY if type_ == "entry" else typeid.EVENT, event_id)


def erase_decided(
    conn: Connection, tenant_id: int, event_ids: Sequence[UUID], fields: Sequence[str], reason: str
) -> None:
    """Erase values of many events that no law retains, by one decision."""
    for start in range(0, len(event_ids), EVENTS_MAX):
        _erase(conn, tenant_id, event_ids[start : start + EVENTS_MAX], fields, basis="decision", reason=reason)


def record_erasure(
    conn: Connection,
    tenant_id: int,
    association_id: UUID | None,
    type_: str,
    payload: Mapping[str, Json],
    *,
    reason: str | None,
) -> UUID:
    """Append the leaf of an erasure; nobody's name stands on it, since it is done on the server."""
    event_id = typeid.new_id()
    public_id = typeid.encode(typeid.EVENT, event_id)
    recorded_at = log.recording_time(conn)
    private = {}
    if reason is not None:
        year = fiscal_year(recorded_at.astimezone(TIME_ZONE).date())
        key = vault_of(conn).current_key(conn, tenant_id)
        values = sealing.Sealing(key, retention=sealing.SERVICE, count=1)
        private["reason"] = values.commit(event_id, public_id, "reason", reason, fiscal_year=year)
        conn.execute(_SEAL, values.parameters())
    leaf = canonical.Leaf(
        type=type_,
        event_id=public_id,
        association=None if association_id is None else typeid.encode(typeid.ASSOCIATION, association_id),
        recorded_at=recorded_at,
        actor=canonical.LeafActor(role="server", commitment=None),
        payload=dict(payload),
        private=private,
    )
    record = log.Record(event_id=event_id, type=type_, association_id=association_id, leaf=canonical.encode(leaf))
    log.append(conn, tenant_id, [record])
    return event_id
