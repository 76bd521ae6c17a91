"""Do again what the leaves of the public log say of people: erase what was erased, and leave consents at that."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit import canonical
from audit.canonical import Leaf
from ledger import typeid
from ledger.books.replay_maker import Maker, nothing
from ledger.people.loss import erase_again
from ledger.people.person_erasure import erase_people_again
from ledger.tenancy import set_tenant

ERASURES: Final = frozenset({"person.erased", "value.erased"})
"""Events whose leaves say that something of people was erased."""

_HOME: Final = text("SELECT tenant_id FROM soquy.book WHERE association_id = :association_id")
_EVENT: Final = text("""\
SELECT a.tenant_id FROM soquy.audit_entry AS a
WHERE a.tenant_id = ANY (ARRAY(SELECT t.tenant_id FROM soquy.tenant AS t)) AND a.event_id = :event_id""")


def replay_erasures(conn: Connection, leaves: Iterable[bytes]) -> int:
    """Erase again what these leaves of the log say was erased, in tenants that are there; return how many values went.

    Only ``value.erased`` and ``person.erased`` are looked at, so this may run before anything else is recovered.
    """
    count = 0
    for data in leaves:
        if b'"type":"value.erased"' in data or b'"type":"person.erased"' in data:
            leaf = canonical.decode(data)
            tenant_id = tenant_of_values(conn, leaf) if leaf.type == "value.erased" else _tenant_of_people(conn, leaf)
            if tenant_id is not None:
                set_tenant(conn, tenant_id)
                count += replay_erasure(conn, leaf, typeid.decode(typeid.EVENT, leaf.event_id), tenant_id)
    return count


def replay_erasure(conn: Connection, leaf: Leaf, event_id: UUID, tenant_id: int) -> int:
    """Erase again what one leaf says was erased; return how many values went."""
    payload: Mapping[str, Any] = leaf.payload
    if leaf.type == "person.erased":
        return erase_people_again(conn, tenant_id, event_id, payload["people"])
    return erase_again(conn, tenant_id, event_id, _erased_values(payload["values"]))


def tenant_of_values(conn: Connection, leaf: Leaf) -> int | None:
    """Return where the first of the values was that a leaf says were erased, if that is there."""
    payload: Mapping[str, Any] = leaf.payload
    first_id = _erased_values(payload["values"])[0][0]
    found: int | None = conn.execute(_EVENT, {"event_id": first_id}).scalar()
    return found


def _tenant_of_people(conn: Connection, leaf: Leaf) -> int | None:
    association_id = typeid.decode(typeid.ASSOCIATION, str(leaf.association))
    found: int | None = conn.execute(_HOME, {"association_id": association_id}).scalar()
    return found


def _erased_values(values: Iterable[list[str]]) -> list[tuple[UUID, list[str]]]:
    """Return event and fields of everything that the leaf of an erasure names."""
    return [(typeid.decode(event_id.partition("_")[0], event_id), fields) for event_id, *fields in values]


PEOPLE_MAKERS: Final[Mapping[str, Maker]] = {"consent.given": nothing, "consent.withdrawn": nothing}
