"""Say which tenant a transaction works in; row-level security shows it nothing else.

Always ``SET LOCAL`` (the third argument of ``set_config``): a session's setting would leak to the next user of a
pooled connection.
"""

from typing import Final

from sqlalchemy import Connection, text

DEPLOYMENT: Final = 0
"""The tenant of the deployment's own tokens, in which no association lives."""

_SET: Final = text("SELECT set_config('soquy.tenant_id', CAST(CAST(:tenant_id AS integer) AS text), true)")


def set_tenant(conn: Connection, tenant_id: int) -> None:
    """Work in this tenant until the transaction ends."""
    conn.execute(_SET, {"tenant_id": tenant_id})
