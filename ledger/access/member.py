"""Who holds which role in an association."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.access.role import Role
from ledger.books.model import Book
from ledger.errors import LedgerError

_MEMBERS: Final = text("SELECT * FROM soquy.members_of(:tenant_id, :association_id)")
_NAMES: Final = text("SELECT user_id, name FROM soquy.user_names(:user_ids)")


class MemberNotFound(LedgerError):
    """Nobody of this id holds a role in the association."""

    code = "member_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that somebody holds, by a grant; ``counts`` no longer where an exception that it rested on is over."""

    grant_id: UUID
    role: Role
    granted_at: datetime
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who holds roles; ``name`` and ``email`` are ``None`` where the person was erased."""

    user_id: UUID
    name: str | None
    email: str | None
    has_totp: bool
    roles: tuple[Held, ...]


def list_members(conn: Connection, book: Book) -> Sequence[Member]:
    """Return who holds roles in the association of a book, in the order of their first role."""
    rows = conn.execute(_MEMBERS, {"tenant_id": book.tenant_id, "association_id": book.association_id}).all()
    held: dict[UUID, list[Held]] = {}
    for row in rows:
        held.setdefault(row.user_id, []).append(
            Held(grant_id=row.grant_id, role=row.role, granted_at=row.granted_at, counts=row.counts)
        )
    people = {row.user_id: row for row in reversed(rows)}
    return [
        Member(
            user_id=user_id,
            name=people[user_id].name,
            email=people[user_id].email,
            has_totp=people[user_id].has_totp,
            roles=tuple(roles),
        )
        for user_id, roles in held.items()
    ]


def find_member(conn: Connection, book: Book, user_id: UUID) -> Member:
    """Return somebody who holds a role in the association of a book.

    Raises:
        MemberNotFound: nobody of this id does.
    """
    found = next((each for each in list_members(conn, book) if each.user_id == user_id), None)
    if found is None:
        raise MemberNotFound
    return found


def user_names(conn: Connection, user_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return the names of users who hold or held a role in the transaction's tenant; of others, nothing."""
    rows = conn.execute(_NAMES, {"user_ids": list(user_ids)})
    return {row.user_id: row.name for row in rows}


def names_seen(conn: Connection, rights: Collection[str], user_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return names of colleagues to somebody with rights to see people or members; to others, none."""
    return user_names(conn, set(user_ids)) if not frozenset(rights).isdisjoint({"people", "member"}) else {}
