"""Seal what was kept before there was a vault: values and salts that earlier versions wrote in plain."""

from typing import Final

from sqlalchemy import Connection, text

from audit import columns
from ledger.calendar import TIME_ZONE, fiscal_year
from ledger.people import sealing
from ledger.people.rotation import tenants_of
from ledger.people.vault import vault_of
from ledger.tenancy import set_tenant

BATCH_SIZE: Final = 2_000

_TAKE: Final = text("""\
WITH taken AS (
    DELETE FROM vault.unsealed_value
    WHERE (tenant_id, event_id, field) IN (
        SELECT tenant_id, event_id, field FROM vault.unsealed_value WHERE tenant_id = :tenant_id LIMIT :limit)
    RETURNING event_id, field, value, salt
)
SELECT t.event_id, t.field, t.value, t.salt, a.type, a.recorded_at, e.entry_on
FROM taken AS t
JOIN soquy.audit_entry AS a ON a.tenant_id = :tenant_id AND a.event_id = t.event_id
LEFT JOIN soquy.entry AS e ON e.tenant_id = :tenant_id AND e.entry_id = t.event_id""")

_SEAL: Final = text(sealing.INSERT_SQL)

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('soquy.vault.adopt', 0))")
_IS_EMPTY: Final = text("SELECT NOT EXISTS (SELECT FROM vault.unsealed_value WHERE tenant_id = :tenant_id)")
_CLEAR: Final = text("TRUNCATE vault.unsealed_value")


def adopt(conn: Connection) -> int:
    """Seal everything that is still in plain, of all tenants, in one transaction; return how much it was.

    The connection is ``soquy_vault``'s. Where something was sealed, the emptied table is truncated, so that its file
    holds no plain value either.
    """
    count = 0
    tenants = tenants_of(conn)
    for tenant_id in tenants:
        set_tenant(conn, tenant_id)
        if conn.execute(_IS_EMPTY, {"tenant_id": tenant_id}).scalar_one():
            continue
        if count == 0:
            conn.execute(_LOCK)
        while adopted := _adopt_batch(conn, tenant_id):
            count += adopted
    if count:
        conn.execute(_CLEAR)
    return count


def _adopt_batch(conn: Connection, tenant_id: int) -> int:
    rows = conn.execute(_TAKE, {"tenant_id": tenant_id, "limit": BATCH_SIZE}).all()
    if not rows:
        return 0
    key = vault_of(conn).current_key(conn, tenant_id)
    for retention in (sealing.BOOK, sealing.SLIP, sealing.SERVICE):
        chosen = [row for row in rows if _retention(row.type) == retention]
        if not chosen:
            continue
        values, packed = zip(
            *(sealing.seal(key, row.event_id, row.field, row.value, row.salt) for row in chosen), strict=True
        )
        days = [row.entry_on or row.recorded_at.astimezone(TIME_ZONE).date() for row in chosen]
        sealed, start, size = columns.packed_bytes(packed)
        conn.execute(
            _SEAL,
            {
                "seal_tenant_id": tenant_id,
                "seal_key_id": key.key_id,
                "seal_retention": retention,
                "seal_bytes": sealed,
                "seal_event_id": columns.plain_array(row.event_id for row in chosen),
                "seal_field": columns.text_array(row.field for row in chosen),
                "seal_value": columns.text_array(values),
                "seal_year": columns.plain_array(map(fiscal_year, days)),
                "seal_start": start,
                "seal_size": size,
            },
        )
    return len(rows)


def _retention(type_: str) -> str:
    """Say how long values of an event are kept, as the commands that write them do."""
    if type_.startswith("token."):
        return sealing.SERVICE
    return sealing.SLIP if type_ == "voucher.voided" else sealing.BOOK
