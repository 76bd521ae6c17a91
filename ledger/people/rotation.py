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
SELECT key_id, wrapped, kek_id FROM vault.data_key WHERE tenant_id = :tenant_id ORDER BY key_id""")
_LOCK: Final = text("SELECT vault.lock_keys()")
_REWRAP: Final = text("SELECT vault.rewrap_key(:tenant_id, :key_id, :was, :wrapped, :kek_id)")
_RETIRE: Final = text("SELECT vault.retire_keys(:tenant_id)")


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
        for row in conn.execute(_KEYS, {"tenant_id": tenant_id}).all():
            secret = old.unwrap(tenant_id, row.key_id, row.wrapped, row.kek_id)
            wrapped = new.wrap(tenant_id, row.key_id, secret)
            asked = {"tenant_id": tenant_id, "key_id": row.key_id, "was": row.wrapped}
            count += conn.execute(_REWRAP, {**asked, "wrapped": wrapped, "kek_id": new.id}).scalar_one()
    return count


def retire_data_keys(conn: Connection) -> int:
    """Let every tenant's next value be sealed by a new key; return how many keys were retired."""
    count = 0
    for tenant_id in tenants_of(conn):
        set_tenant(conn, tenant_id)
        count += conn.execute(_RETIRE, {"tenant_id": tenant_id}).scalar_one()
    return count
