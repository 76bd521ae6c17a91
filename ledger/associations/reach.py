"""Which associations a set of starting points reaches, tree by tree."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.associations.queries import SUBTREE_DEPTH_MAX, Association, list_subtree
from ledger.tenancy import DEPLOYMENT, set_tenant

_TENANTS: Final = text(
    "SELECT tenant_id FROM soquy.tenant WHERE tenant_id <> :deployment ORDER BY tenant_id LIMIT 1000"
)

_ROOTS: Final = text("""\
SELECT association_id
FROM soquy.association
WHERE tenant_id = :tenant_id AND parent_tenant_id IS DISTINCT FROM tenant_id
ORDER BY association_id
LIMIT 1000""")

_HOME: Final = text("SELECT soquy.association_home(:association_id)")


def tenants(conn: Connection) -> list[int]:
    """Return every storage home of the deployment."""
    return list(conn.execute(_TENANTS, {"deployment": DEPLOYMENT}).scalars())


def home_of(conn: Connection, association_id: UUID) -> int | None:
    """Return the storage home of an association, whichever tenant the transaction works in."""
    home = conn.execute(_HOME, {"association_id": association_id}).scalar()
    return None if home is None else int(home)


def everything(conn: Connection) -> list[Association]:
    """Return every association of the deployment; the transaction is left in the last tenant looked at."""
    found: list[Association] = []
    for tenant_id in tenants(conn):
        set_tenant(conn, tenant_id)
        for root_id in conn.execute(_ROOTS, {"tenant_id": tenant_id}).scalars():
            found.extend(list_subtree(conn, root_id))
    return found


def reached(conn: Connection, roots: Iterable[UUID], *, reaches_below: bool) -> list[Association]:
    """Return associations and, where asked, all below them in their tenants, each once."""
    found: dict[UUID, Association] = {}
    for root_id in roots:
        home = home_of(conn, root_id)
        if home is None:
            continue
        set_tenant(conn, home)
        for each in list_subtree(conn, root_id, depth_max=SUBTREE_DEPTH_MAX if reaches_below else 0):
            found.setdefault(each.association_id, each)
    return list(found.values())
