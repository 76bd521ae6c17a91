"""Change keys: wrap every data key by a new key-encryption key, or let new values be sealed by new data keys.

The first is for a key-encryption key that may have been seen: afterwards the old one unwraps nothing in this database,
though it still does in older backups. The second is for a data key: what it sealed stays sealed by it.
"""

from typing import Final

from sqlalchemy import Connection, text

from ledger.people.kek import Kek
from ledger.tenancy import set_tenant

_TENANTS: Final = text("SELECT tenant_id FROM soquy.tenant ORDER BY tenant_id")
_KEYS: Final = text("""\
SELECT key_id, wrapped, kek_id FROM vault.data_key
WHERE tenant_id = :tenant_id AND (CAST(:after AS uuid) IS NULL OR key_id > :after)
ORDER BY key_id LIMIT :limit""")
_LOCK: Final = text("SELECT vault.lock_keys()")
_REWRAP: Final = text("""\
SELECT vault.rewrap_keys(:tenant_id, CAST(:key_ids AS uuid[]), CAST(:were AS bytea[]), CAST(:wrapped AS bytea[]),
    :kek_id)""")
_RETIRE: Final = text("SELECT vault.retire_keys(:tenant_id)")

BATCH_SIZE: Final = 5_000
"""Every person has a key of their own; a province has some hundred thousand."""


def tenants_of(conn: Connection) -> list[int]:
    """Return every tenant, the deployment's own among them."""
    return list(conn.execute(_TENANTS).scalars())


def rotate_kek(conn: Connection, old: Kek, new: Kek) -> int:
    """Wrap the data keys of all tenants by another key, all or none; return how many.

    Services that run go on with the keys they remember, and need the new key when they ask for another.

    Raises:
        VaultKeyWrong: ``old`` does not unwrap one of them.
    """
    conn.execute(_LOCK)
    count = 0
    for tenant_id in tenants_of(conn):
        set_tenant(conn, tenant_id)
        after = None
        while rows := conn.execute(_KEYS, {"tenant_id": tenant_id, "after": after, "limit": BATCH_SIZE}).all():
            secrets = [old.unwrap(tenant_id, row.key_id, row.wrapped, row.kek_id) for row in rows]
            asked = {
                "tenant_id": tenant_id,
                "key_ids": [row.key_id for row in rows],
                "were": [row.wrapped for row in rows],
                "wrapped": [new.wrap(tenant_id, row.key_id, secret) for row, secret in zip(rows, secrets, strict=True)],
                "kek_id": new.id,
            }
            count += conn.execute(_REWRAP, asked).scalar_one()
            after = rows[-1].key_id
    return count


def retire_data_keys(conn: Connection) -> int:
    """Let every tenant's next value be sealed by a new key; return how many keys were retired."""
    count = 0
    for tenant_id in tenants_of(conn):
        set_tenant(conn, tenant_id)
        count += conn.execute(_RETIRE, {"tenant_id": tenant_id}).scalar_one()
    return count
