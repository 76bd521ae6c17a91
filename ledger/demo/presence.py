"""Tell a demo's books from real ones, so that no page shows a sample as a fact."""

from sqlalchemy import Connection, text

from ledger.demo.provinces import TENANTS


def demo_place(conn: Connection, tenant_id: int) -> str | None:
    """Return the place whose demo a tenant holds, as published figures name it; ``None`` for real books."""
    name = conn.execute(
        text("SELECT name FROM soquy.tenant WHERE tenant_id = :tenant_id"), {"tenant_id": tenant_id}
    ).scalar_one_or_none()
    return TENANTS.get(name or "")
