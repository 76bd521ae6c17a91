"""A person's own account: what it shows, and how a password is chosen, changed and renewed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from api.sign_in.password import NewPassword, choose_first
from api.sign_in.session import make_secret
from api.visit import SignedIn
from ledger.access.invitation import Invitation, InvitationOver, Link, open_invitation, take_role
from ledger.access.user import NAME_LENGTH_MAX, create_user
from ledger.text import clean_text

_PROFILE: Final = text("SELECT * FROM soquy.own_profile(:secret_hash)")
_SET_PROFILE: Final = text("SELECT soquy.set_profile(:secret_hash, :name, :language)")
_FITS: Final = text("SELECT soquy.own_password_fits(:secret_hash, :tag)")
_CHANGE: Final = text("""\
SELECT soquy.change_password(:secret_hash, :new_hash, :tag, :salt, :time_cost, :memory_kib, :lanes, :verifier)""")
_RENEW: Final = text("""\
SELECT soquy.renew_password(:tenant_id, :secret_hash, :salt, :time_cost, :memory_kib, :lanes, :verifier)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person's account shows them."""

    user_id: UUID
    name: str
    email: str
    language: Literal["vi", "en"]
    password_set_at: datetime | None
    totp_made_at: datetime | None
    recovery_codes_left: int
    needs_second_factor: bool


def own_profile(conn: Connection, caller: SignedIn) -> Profile:
    """Return the account of whoever is signed in."""
    return Profile(**conn.execute(_PROFILE, {"secret_hash": caller.secret_hash}).mappings().one())


def set_profile(conn: Connection, caller: SignedIn, *, name: str, language: Literal["vi", "en"]) -> None:
    """Change what a person is called, and the language they are spoken to.

    Raises:
        TextRefused: the name.
    """
    name = clean_text(name, field="name", length_max=NAME_LENGTH_MAX)
    conn.execute(_SET_PROFILE, {"secret_hash": caller.secret_hash, "name": name, "language": language})


def own_password_fits(conn: Connection, caller: SignedIn, tag: bytes) -> bool:
    """Tell whether this is the password of whoever is signed in."""
    return bool(conn.execute(_FITS, {"secret_hash": caller.secret_hash, "tag": tag}).scalar_one())


def change_password(conn: Connection, caller: SignedIn, old_tag: bytes, chosen: NewPassword) -> str | None:
    """Change the password; return the session's new secret, or ``None`` where the old password is another.

    All other sessions and all remembered devices are over.
    """
    secret, new_hash = make_secret()
    asked = {"secret_hash": caller.secret_hash, "new_hash": new_hash, "tag": old_tag, **chosen.parameters()}
    return secret if conn.execute(_CHANGE, asked).scalar_one() else None


def join(conn: Connection, link: Link, *, name: str, language: Literal["vi", "en"], chosen: NewPassword) -> UUID:
    """Take a role as somebody new: make the user of the invitation's address, with the password chosen.

    Raises:
        InvitationOver: the link is not good any more.
        EmailTaken: somebody has the address by now.
        TextRefused: the name.
    """
    found = open_invitation(conn, link)
    user_id = create_user(conn, email=found.email, name=name, language=language)
    choose_first(conn, user_id, chosen)
    take_role(conn, link, user_id)
    return user_id


def renew_password(conn: Connection, link: Link, chosen: NewPassword) -> UUID:
    """Choose a new password by a link that is for it; return whose it is.

    Raises:
        InvitationOver: the link is not good any more, or for something else.
    """
    found: Invitation = open_invitation(conn, link)
    if found.purpose != "password":
        raise InvitationOver
    renewed: UUID = conn.execute(_RENEW, {**link.parameters, **chosen.parameters()}).scalar_one()
    return renewed
