"""Invite people: a link that is good once, for seven days, to take a role or to choose a new password.

The link carries ``<tenant>_<43 characters>``, 32 random bytes after the place where to look; only its SHA-256 is kept,
and nobody is sent anything: who invites copies the link and hands it on. A role is granted when it is taken, by the
authority of who invited, who must still have it then. Whom it is for is kept in the vault.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal, Self
from uuid import UUID

from sqlalchemy import Connection, text

from ledger import typeid
from ledger.access.commands import grant_role
from ledger.access.role import Role
from ledger.access.user import clean_email, email_key
from ledger.books.model import Actor, Book
from ledger.errors import LedgerError

DAYS: Final = 7
SERVER_ROLE: Final = "server"

Purpose = Literal["role", "password"]

_match_link: Final = re.compile(r"(0|[1-9][0-9]{0,8})_[A-Za-z0-9_-]{43}").fullmatch

_INSERT: Final = text("""\
INSERT INTO soquy.invitation (tenant_id, invitation_id, association_id, purpose, role, secret_hash, invited_by,
    invited_by_prefix, invited_as, expires_at)
VALUES (:tenant_id, :invitation_id, :association_id, :purpose, :role, :secret_hash, :invited_by, :invited_by_prefix,
    :invited_as, :expires_at)""")
_ADDRESS: Final = text("""\
INSERT INTO vault.invitation_address (tenant_id, invitation_id, email, email_key)
VALUES (:tenant_id, :invitation_id, :email, :email_key)""")
_OPEN: Final = text("SELECT soquy.open_invitation(:tenant_id, :secret_hash)")
_TAKE: Final = text("SELECT soquy.take_invitation(:tenant_id, :secret_hash)")
_WITHDRAW: Final = text("SELECT soquy.withdraw_invitation(:tenant_id, :association_id, :invitation_id)")
_LIST: Final = text("SELECT * FROM soquy.invitations_of(:tenant_id, :association_id)")
_MAY_RENEW: Final = text("SELECT soquy.may_renew(:invited_by, :user_id)")


class InvitationOver(LedgerError):
    """The link is not good: used, withdrawn, too old, or by somebody who may no longer invite. Which, is not said."""

    code = "invitation_over"


class InvitationNotFound(LedgerError):
    """No such invitation of this association waits to be taken."""

    code = "invitation_not_found"


class RenewalRefused(LedgerError):
    """Only who administers everything that a person does may give them a new password."""

    code = "renewal_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link carries: where to look for the invitation, and the hash to look for."""

    tenant_id: int
    secret_hash: bytes

    @classmethod
    def parse(cls, secret: str) -> Self:
        """Read the secret of a link.

        Raises:
            InvitationOver: it has not the form of one.
        """
        found = _match_link(secret)
        if found is None:
            raise InvitationOver
        return cls(tenant_id=int(found[1]), secret_hash=sha256(secret.encode()).digest())

    @property
    def parameters(self) -> dict[str, object]:
        """Return what the database's functions ask for."""
        return {"tenant_id": self.tenant_id, "secret_hash": self.secret_hash}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """An invitation that was made; ``secret`` is in the link and nowhere else."""

    invitation_id: UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that can be taken; ``user_id`` is who has its address already."""

    invitation_id: UUID
    book: Book
    name_vi: str
    name_en: str | None
    purpose: Purpose
    role: Role | None
    email: str
    user_id: UUID | None
    expires_at: datetime
    invited_by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """An invitation in the list of its association."""

    invitation_id: UUID
    purpose: Purpose
    role: Role | None
    email: str | None
    created_at: datetime
    expires_at: datetime


def invite(conn: Connection, book: Book, *, email: str, role: Role, actor: Actor | None) -> NewInvitation:
    """Invite an address to a role in the association of a book; ``actor`` is ``None`` where the server itself does.

    Whether somebody has the address already is not looked at: who invites is not told.

    Raises:
        TextRefused: no address.
    """
    return _invite(conn, book, email=email, purpose="role", role=role, actor=actor)


def invite_to_new_password(
    conn: Connection, book: Book, *, user_id: UUID, email: str, actor: Actor | None
) -> NewInvitation:
    """Let a user choose a new password, and begin anew with authenticator and devices.

    Raises:
        RenewalRefused: the user does something that ``actor`` does not administer, or is ``actor``.
    """
    if actor is not None:
        asked = {"invited_by": actor.principal_id, "user_id": user_id}
        if actor.prefix != typeid.USER or not conn.execute(_MAY_RENEW, asked).scalar_one():
            raise RenewalRefused
    return _invite(conn, book, email=email, purpose="password", role=None, actor=actor)


def _invite(
    conn: Connection, book: Book, *, email: str, purpose: Purpose, role: Role | None, actor: Actor | None
) -> NewInvitation:
    email = clean_email(email)
    invitation_id = typeid.new_id()
    secret = f"{book.tenant_id}_{secrets.token_urlsafe(32)}"
    key = {"tenant_id": book.tenant_id, "invitation_id": invitation_id}
    row = {
        **key,
        "association_id": book.association_id,
        "purpose": purpose,
        "role": role,
        "secret_hash": sha256(secret.encode()).digest(),
        "invited_by": None if actor is None else actor.principal_id,
        "invited_by_prefix": None if actor is None else actor.prefix,
        "invited_as": SERVER_ROLE if actor is None else actor.role,
        "expires_at": datetime.now(UTC) + timedelta(days=DAYS),
    }
    conn.execute(_INSERT, row)
    conn.execute(_ADDRESS, {**key, "email": email, "email_key": email_key(email)})
    return NewInvitation(invitation_id=invitation_id, secret=secret)


def open_invitation(conn: Connection, link: Link) -> Invitation:
    """Return what a link invites to; the transaction goes on in its tenant.

    Raises:
        InvitationOver: it is not good, or not any more.
    """
    return _invitation(conn.execute(_OPEN, link.parameters).scalar_one())


def take_role(conn: Connection, link: Link, user_id: UUID) -> Invitation:
    """Take the role that a link invites to, as the user who has its address; the transaction goes on in its tenant.

    Raises:
        InvitationOver: it is not good, or not any more, or for somebody else.
        DutiesSeparated, RoleHeld: with what the user holds there already.
    """
    found = _invitation(conn.execute(_TAKE, link.parameters).scalar_one())
    if found.role is None or found.user_id != user_id:
        raise InvitationOver
    grant_role(conn, found.book, user_id, found.role, actor=found.invited_by)
    return found


def withdraw(conn: Connection, book: Book, invitation_id: UUID) -> None:
    """Withdraw an invitation that nobody took.

    Raises:
        InvitationNotFound: there is none of this id, or not any more.
    """
    key = {"tenant_id": book.tenant_id, "association_id": book.association_id, "invitation_id": invitation_id}
    if not conn.execute(_WITHDRAW, key).scalar_one():
        raise InvitationNotFound


def list_invitations(conn: Connection, book: Book) -> Sequence[InvitationRow]:
    """Return the invitations of an association that can still be taken, the oldest first."""
    rows = conn.execute(_LIST, {"tenant_id": book.tenant_id, "association_id": book.association_id})
    return [InvitationRow(**row) for row in rows.mappings()]


def _invitation(told: Mapping[str, Any] | None) -> Invitation:
    if told is None:
        raise InvitationOver
    # What the server itself invites to has nobody's id on its leaf but the server's own.
    invited_by = Actor(principal_id=UUID(int=0), role=SERVER_ROLE)
    if told["invited_by"] is not None:
        invited_by = Actor(
            principal_id=UUID(told["invited_by"]), role=told["invited_as"], prefix=told["invited_by_prefix"]
        )
    return Invitation(
        invitation_id=UUID(told["invitation_id"]),
        book=Book(tenant_id=told["tenant_id"], book_id=told["book_id"], association_id=UUID(told["association_id"])),
        name_vi=told["name_vi"],
        name_en=told["name_en"],
        purpose=told["purpose"],
        role=told["role"],
        email=told["email"],
        user_id=None if told["user_id"] is None else UUID(told["user_id"]),
        expires_at=datetime.fromisoformat(told["expires_at"]),
        invited_by=invited_by,
    )
