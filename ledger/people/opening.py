"""Open sealed values: for an inspection, with a reason, for a receipt of somebody entitled to it, or a denial's reason.

The ciphertext comes from one function of the database, which writes down who opened what in the same call, so that this
program opens nothing without a record. A limit: who speaks SQL as the service's own role could roll the record back.
"""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, text

from ledger.books.tables import raise_refusal
from ledger.errors import LedgerError
from ledger.people.sealing import Opened, unseal
from ledger.people.vault import vault_of
from ledger.text import clean_text

REASON_LENGTH_MAX: Final = 500

_OPEN: Final = text("""\
SELECT field, value, sealed, key_id, wrapped, kek_id
FROM vault.open_values(:tenant_id, :event_id, CAST(:fields AS text[]), :purpose, :reason, :principal_id)""")


_POSTED: Final = text("""\
SELECT EXISTS (
    SELECT FROM soquy.entry
    WHERE tenant_id = :tenant_id AND entry_id = :event_id AND actor_id = :principal_id
)""")


class SealedValueNotFound(LedgerError):
    """The vault has no such value: it never had, or it was erased."""

    code = "sealed_value_not_found"


def open_for_inspection(
    conn: Connection, tenant_id: int, event_id: UUID, fields: Sequence[str], *, reason: str, principal_id: UUID | None
) -> list[Opened]:
    """Open values of an event for a reason, which is kept as long as they are.

    ``principal_id`` is ``None`` where it is done on the server itself.

    Raises:
        TextRefused: there is no reason.
        SealedValueNotFound: none of the fields is kept.
        SealBroken: a row was tampered with.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    opened = _open(conn, tenant_id, event_id, fields, purpose="inspection", reason=reason, principal_id=principal_id)
    if not opened:
        raise SealedValueNotFound
    return opened


def open_for_receipt(conn: Connection, tenant_id: int, event_id: UUID, *, principal_id: UUID) -> list[Opened]:
    """Open what a receipt of an entry carries, as far as it is kept: its text and, to who posted it, the actor.

    Whether the caller may read the entry is the caller's to have checked.

    Raises:
        SealBroken: a row was tampered with.
    """
    asked = {"tenant_id": tenant_id, "event_id": event_id, "principal_id": principal_id}
    fields = ["description", "actor"] if conn.execute(_POSTED, asked).scalar_one() else ["description"]
    return _open(conn, tenant_id, event_id, fields, purpose="receipt", reason=None, principal_id=principal_id)


def open_for_giver(
    conn: Connection, tenant_id: int, event_id: UUID, fields: Sequence[str], *, principal_id: UUID | None
) -> list[Opened]:
    """Open what the receipt of a gift carries, as far as it is kept; ``None`` is whoever holds its code.

    That the caller may have it is the caller's to have checked.

    Raises:
        RuleRefused: the event is no gift, or the fields are not a receipt's.
        SealBroken: a row was tampered with.
    """
    return _open(conn, tenant_id, event_id, fields, purpose="receipt", reason=None, principal_id=principal_id)


def open_denial(conn: Connection, tenant_id: int, event_id: UUID, *, principal_id: UUID) -> str | None:
    """Open why somebody's consent was denied; ``None`` where that was erased.

    Whether the caller may read the request is the caller's to have checked.

    Raises:
        RuleRefused: the event is no denial.
        SealBroken: the row was tampered with.
    """
    opened = _open(conn, tenant_id, event_id, ["reason"], purpose="denial", reason=None, principal_id=principal_id)
    return opened[0].value if opened else None


def _open(
    conn: Connection,
    tenant_id: int,
    event_id: UUID,
    fields: Sequence[str],
    *,
    purpose: Literal["inspection", "receipt", "denial"],
    reason: str | None,
    principal_id: UUID | None,
) -> list[Opened]:
    vault = vault_of(conn)
    asked = {"tenant_id": tenant_id, "event_id": event_id, "fields": list(fields), "purpose": purpose}
    try:
        rows = conn.execute(_OPEN, {**asked, "reason": reason, "principal_id": principal_id}).all()
    except sqlalchemy.exc.DatabaseError as error:
        raise_refusal(error)
    return [
        unseal(
            vault.data_key(tenant_id, row.key_id, row.wrapped, row.kek_id), event_id, row.field, row.value, row.sealed
        )
        for row in rows
    ]
