"""Erase a person by decision: their records, their consents, and the keys that sealed what is theirs.

With them go the names in plain that gifts, pledges and goods of theirs were found by, and what lists of awards had of
them. What a booked voucher commits to stays sealed with its leaf until the law's time is over
(``ledger/people/erasure.py``), opened only for an inspection that is recorded. Two leaves tell of it, the second of
which a restored backup is held against, so that whoever was erased stays erased::

    value.erased     what was sealed with the person's consents
    person.erased    {"basis": "decision", "people": [handle, …]}, one handle for each record that was this person

A handle was drawn by chance when the record was made, and stands in no other leaf. The database role is
``soquy_vault``; the service's own cannot erase.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.jcs import Json
from ledger import typeid
from ledger.people.erasure import erase_decided, record_erasure
from ledger.people.opening import REASON_LENGTH_MAX
from ledger.people.register import PersonNotFound
from ledger.text import clean_text

_RECORDS: Final = text("""\
SELECT p.person_id, p.handle, b.association_id
FROM vault.records_of(:tenant_id, :person_id) AS r (person_id)
JOIN vault.person AS p ON p.tenant_id = :tenant_id AND p.person_id = r.person_id
JOIN soquy.book AS b ON b.tenant_id = p.tenant_id AND b.book_id = p.book_id
ORDER BY p.person_id""")

_CONSENTS: Final = text("""\
SELECT c.event_id FROM vault.consent AS c
WHERE c.tenant_id = :tenant_id AND c.person_id = ANY (:person_ids)
UNION ALL
SELECT w.event_id FROM vault.consent AS c
JOIN vault.consent_withdrawal AS w ON w.tenant_id = c.tenant_id AND w.consent_id = c.event_id
WHERE c.tenant_id = :tenant_id AND c.person_id = ANY (:person_ids)
ORDER BY 1""")

_ERASE: Final = (
    text("""\
        DELETE FROM vault.consent_withdrawal AS w USING vault.consent AS c
        WHERE w.tenant_id = :tenant_id AND c.tenant_id = w.tenant_id AND c.event_id = w.consent_id
            AND c.person_id = ANY (:person_ids)"""),
    text("DELETE FROM vault.consent WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
    text("""\
        DELETE FROM vault.guardianship
        WHERE tenant_id = :tenant_id AND (minor_id = ANY (:person_ids) OR guardian_id = ANY (:person_ids))"""),
    text("""\
        DELETE FROM vault.opening_reason AS r USING vault.person_opening AS o
        WHERE r.tenant_id = :tenant_id AND o.tenant_id = r.tenant_id AND o.opening_id = r.opening_id
            AND o.person_id = ANY (:person_ids)"""),
    text("""\
        DELETE FROM vault.award_claim AS c USING vault.beneficiary AS b
        WHERE c.tenant_id = :tenant_id AND b.tenant_id = c.tenant_id AND b.award_id = c.award_id
            AND b.person_id = ANY (:person_ids)"""),
    text("DELETE FROM vault.beneficiary WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
    text("DELETE FROM vault.contributor WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
    text("DELETE FROM vault.payee WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
    text("DELETE FROM vault.person_detail WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
    text("DELETE FROM vault.person WHERE tenant_id = :tenant_id AND person_id = ANY (:person_ids)"),
)
"""Everything of theirs, what refers to a record before the record."""

_DESTROY: Final = text("SELECT vault.destroy_subject_keys(:tenant_id, CAST(:person_ids AS uuid[]))")
_JOURNAL: Final = text("""\
INSERT INTO vault.person_erasure (tenant_id, handle, erasing_event_id)
SELECT :tenant_id, handle, :erasing_event_id FROM unnest(CAST(:handles AS uuid[])) AS handle
ON CONFLICT (tenant_id, handle) DO NOTHING""")
_BY_HANDLE: Final = text("""\
SELECT tenant_id, person_id FROM vault.person
WHERE tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t)) AND handle = ANY (CAST(:handles AS uuid[]))""")


def erase_person(conn: Connection, tenant_id: int, person_id: UUID, *, reason: str) -> int:
    """Erase a person with all records that are theirs, in the transaction's tenant; return how many records it were.

    Raises:
        PersonNotFound: the tenant has no such person.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    records = conn.execute(_RECORDS, {"tenant_id": tenant_id, "person_id": person_id}).all()
    if not records:
        raise PersonNotFound(person=typeid.encode(typeid.PERSON, person_id))
    person_ids = [row.person_id for row in records]
    consents = conn.execute(_CONSENTS, {"tenant_id": tenant_id, "person_ids": person_ids}).scalars().all()
    if consents:
        erase_decided(conn, tenant_id, consents, ["consent", "withdrawal", "document_0"], reason)
    _erase_rows(conn, tenant_id, person_ids)
    handles: list[Json] = sorted(row.handle.hex for row in records)
    payload: dict[str, Json] = {"basis": "decision", "people": handles}
    association_id = records[0].association_id
    erasing_id = record_erasure(conn, tenant_id, association_id, "person.erased", payload, reason=reason)
    _record_handles(conn, tenant_id, erasing_id, handles)
    return len(records)


def erase_people_again(conn: Connection, tenant_id: int, erasing_event_id: UUID, handles: Sequence[str]) -> int:
    """Erase, as the owner, whom an erasure of the log names; return how many records were there."""
    rows = [row for row in conn.execute(_BY_HANDLE, {"handles": list(handles)}) if row.tenant_id == tenant_id]
    if rows:
        _erase_rows(conn, tenant_id, [row.person_id for row in rows])
    _record_handles(conn, tenant_id, erasing_event_id, handles)
    return len(rows)


def _erase_rows(conn: Connection, tenant_id: int, person_ids: Sequence[UUID]) -> None:
    asked = {"tenant_id": tenant_id, "person_ids": list(person_ids)}
    for statement in _ERASE:
        conn.execute(statement, asked)
    conn.execute(_DESTROY, asked)


def _record_handles(conn: Connection, tenant_id: int, erasing_event_id: UUID, handles: Sequence[Json]) -> None:
    asked = {"tenant_id": tenant_id, "erasing_event_id": erasing_event_id, "handles": list(handles)}
    conn.execute(_JOURNAL, asked)
