"""Rules of ``soquy check`` on people and documents: what the register keeps beside what leaves commit to.

Rows stream; every seal is opened, by the owner, and that reading is not recorded. The bytes of documents are not read:
each is held against its hash whenever somebody opens it.
"""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from audit import canonical, jcs
from audit.jcs import CanonicalError, Json
from ledger import typeid
from ledger.people.detail import unseal_detail
from ledger.people.order import search_key, sort_key
from ledger.people.sealing import SealBroken, unseal
from ledger.people.vault import vault_of

FETCH_SIZE: Final = 500

_STREAM: Final = {"stream_results": True, "yield_per": FETCH_SIZE}

_SEALED: Final = "s.value, s.sealed, k.key_id, k.wrapped, k.kek_id"

_CONSENTS: Final = text(f"""\
SELECT c.tenant_id, c.book_id, c.event_id, 'consent' AS field, {_SEALED}, c.by_subject, c.given_on, c.guardian_id,
    c.method, c.person_id, c.purpose, CAST(NULL AS uuid) AS consent_id, CAST(NULL AS date) AS withdrawn_on
FROM vault.consent AS c
JOIN vault.sealed_value AS s ON s.tenant_id = c.tenant_id AND s.event_id = c.event_id AND s.field = 'consent'
JOIN vault.data_key AS k ON k.tenant_id = s.tenant_id AND k.key_id = s.key_id
UNION ALL
SELECT w.tenant_id, w.book_id, w.event_id, 'withdrawal', {_SEALED}, NULL, NULL, NULL, w.method, NULL, NULL,
    w.consent_id, w.withdrawn_on
FROM vault.consent_withdrawal AS w
JOIN vault.sealed_value AS s ON s.tenant_id = w.tenant_id AND s.event_id = w.event_id AND s.field = 'withdrawal'
JOIN vault.data_key AS k ON k.tenant_id = s.tenant_id AND k.key_id = s.key_id""")  # noqa: S608 - composed of constants

_ATTACHMENTS: Final = text(f"""\
SELECT t.tenant_id, t.book_id, t.event_id, t.kind, encode(d.sha256, 'hex') AS sha256, 'document_0' AS field, {_SEALED},
    a.leaf
FROM soquy.attachment AS t
JOIN soquy.audit_entry AS a ON a.tenant_id = t.tenant_id AND a.event_id = t.event_id
LEFT JOIN vault.document AS d ON d.tenant_id = t.tenant_id AND d.document_id = t.document_id
LEFT JOIN vault.sealed_value AS s ON s.tenant_id = t.tenant_id AND s.event_id = t.event_id AND s.field = 'document_0'
LEFT JOIN vault.data_key AS k ON k.tenant_id = s.tenant_id AND k.key_id = s.key_id""")  # noqa: S608 - composed of constants

_PEOPLE: Final = text("SELECT tenant_id, book_id, person_id, name, search_key, sort_key FROM vault.person")

_DETAILS: Final = text("""\
SELECT d.tenant_id, p.book_id, d.person_id, d.field, d.sealed, k.key_id, k.wrapped, k.kek_id, k.subject_id
FROM vault.person_detail AS d
JOIN vault.person AS p ON p.tenant_id = d.tenant_id AND p.person_id = d.person_id
JOIN vault.data_key AS k ON k.tenant_id = d.tenant_id AND k.key_id = d.key_id""")

Found = tuple[str, int, int | None, dict[str, Any]]


def people_faults(conn: Connection) -> Iterator[Found]:
    """Yield rule, tenant, book and what differs, as ids and names of fields."""
    yield from _consent_faults(conn)
    yield from _attachment_faults(conn)
    yield from _person_faults(conn)


def _consent_faults(conn: Connection) -> Iterator[Found]:
    """Yield consents that were recorded in other words than their leaf commits to."""
    for row in conn.execute(_CONSENTS, execution_options=_STREAM):
        due: dict[str, Json] = {
            "by_subject": row.by_subject,
            "given_on": str(row.given_on),
            "guardian": _spelled(typeid.PERSON, row.guardian_id),
            "method": row.method,
            "person": _spelled(typeid.PERSON, row.person_id),
            "purpose": row.purpose,
        }
        if row.consent_id is not None:
            consent = typeid.encode(typeid.EVENT, row.consent_id)
            due = {"consent": consent, "method": row.method, "withdrawn_on": str(row.withdrawn_on)}
        if _opened(conn, row) != jcs.write(due):
            yield "consent_content", row.tenant_id, row.book_id, {"event_id": str(row.event_id), "field": row.field}


def _attachment_faults(conn: Connection) -> Iterator[Found]:
    """Yield attachments of another kind than their leaf says, or of another document than it commits to."""
    for row in conn.execute(_ATTACHMENTS, execution_options=_STREAM):
        try:
            kinds = [document.kind for document in canonical.decode(row.leaf).documents]
        except CanonicalError:
            continue  # told by another rule
        differing = [] if kinds == [row.kind] else ["kind"]
        if row.sha256 is not None and (row.sealed is None or _opened(conn, row) != row.sha256):
            differing.append("document")
        if differing:
            yield "attachment_content", row.tenant_id, row.book_id, {"event_id": str(row.event_id), "fields": differing}


def _person_faults(conn: Connection) -> Iterator[Found]:
    """Yield people who are not found or ordered by their name, and details that do not open."""
    for row in conn.execute(_PEOPLE, execution_options=_STREAM):
        keys = {"search_key": search_key(row.name), "sort_key": sort_key(row.name)}
        differing = [field for field, due in keys.items() if getattr(row, field) != due]
        if differing:
            fields = {"person_id": str(row.person_id), "fields": differing}
            yield "person_keys", row.tenant_id, row.book_id, fields
    vault = vault_of(conn)
    for row in conn.execute(_DETAILS, execution_options=_STREAM):
        try:
            key = vault.subject_key(row.tenant_id, row.key_id, row.wrapped, row.kek_id)
            unseal_detail(key, row.person_id, row.field, row.sealed)
            is_theirs = row.subject_id == row.person_id
        except SealBroken:
            is_theirs = False
        if not is_theirs:
            fields = {"person_id": str(row.person_id), "fields": [row.field]}
            yield "person_detail_opens", row.tenant_id, row.book_id, fields


def _opened(conn: Connection, row: Row[Any]) -> str | None:
    try:
        key = vault_of(conn).data_key(row.tenant_id, row.key_id, row.wrapped, row.kek_id)
        return unseal(key, row.event_id, row.field, row.value, row.sealed).value
    except SealBroken:
        return None


def _spelled(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else typeid.encode(prefix, value)
