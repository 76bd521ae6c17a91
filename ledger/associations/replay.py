"""Found an association again from its leaf: its code, or its id, stands in for the name that is lost."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.canonical import Leaf
from ledger import typeid
from ledger.associations.commands import found_tenant
from ledger.books.model import Book
from ledger.books.tables import insert_row
from ledger.tenancy import DEPLOYMENT, set_tenant

_OPEN_BOOK: Final = text("""\
INSERT INTO soquy.book (tenant_id, association_id, chart, opened_on, event_id)
VALUES (:tenant_id, :association_id, :chart, :opened_on, :event_id) RETURNING book_id""")


def open_home(conn: Connection, leaf: Leaf, parent: Book | None) -> int:
    """Return the tenant of an association, a new one at the top of a tree; the transaction goes on there."""
    tenant_id = None if parent is None else parent.tenant_id
    if tenant_id is None:
        set_tenant(conn, DEPLOYMENT)
        tenant_id = found_tenant(conn, _name(leaf))
    set_tenant(conn, tenant_id)
    return tenant_id


def found_again(conn: Connection, leaf: Leaf, event_id: UUID, tenant_id: int, parent: Book | None) -> Book:
    """Enter the association and open its book, in the transaction's tenant, where the leaf is already."""
    association_id = typeid.decode(typeid.ASSOCIATION, str(leaf.association))
    payload: dict[str, Any] = dict(leaf.payload)
    key = {"tenant_id": tenant_id, "association_id": association_id, "event_id": event_id}
    row = {
        **key,
        "parent_tenant_id": None if parent is None else parent.tenant_id,
        "parent_id": None if parent is None else parent.association_id,
        "name_vi": _name(leaf),
        **{column: payload[column] for column in ("kind", "level", "unit_code", "founded_on", "is_sample")},
    }
    insert_row(conn, "association", row)
    opened = {**key, "chart": payload["chart"], "opened_on": payload["books_open_on"]}
    book_id = conn.execute(_OPEN_BOOK, opened).scalar_one()
    return Book(tenant_id=tenant_id, book_id=book_id, association_id=association_id)


def _name(leaf: Leaf) -> str:
    return str(leaf.payload["unit_code"] or leaf.association)
