"""Tell a demo's books from real ones, so that no page shows a sample as a fact."""

from typing import Final

from sqlalchemy import Connection, text

from ledger.demo.office import ACTOR
from ledger.demo.provinces import TENANTS

# A name alone proves nothing: a real tree may be called like a demo. Only the demo's builder posts as its principal.
_NAME: Final = text("""\
SELECT t.name FROM soquy.tenant AS t
WHERE t.tenant_id = :tenant_id AND EXISTS (
    SELECT 1 FROM soquy.idempotency AS i
    WHERE i.tenant_id = t.tenant_id AND i.principal_id = :principal_id
)
""")


def demo_place(conn: Connection, tenant_id: int) -> str | None:
    """Return the place whose demo a tenant holds, as published figures name it; ``None`` for real books.

    The transaction works in that tenant.
    """
    parameters = {"tenant_id": tenant_id, "principal_id": ACTOR.principal_id}
    name = conn.execute(_NAME, parameters).scalar_one_or_none()
    return TENANTS.get(name or "")
