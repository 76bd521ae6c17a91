"""Members of an association, their roles, and invitations; the secret of an invitation is shown once."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas.field import EventId, GrantId, In, InvitationId, Out, UserId, UserIdIn
from ledger.access.role import ROLES, Role

RoleName = Annotated[Role, Field(description=f"One of {', '.join(ROLES)}", examples=["accountant"])]


class RoleIn(In):
    """A role to be given to somebody who holds one in the association already."""

    user: Annotated[UserIdIn, Field(description="The id of a member of the association")]
    role: RoleName


class InvitationIn(In):
    """Somebody to be invited; nobody is sent anything."""

    email: Annotated[str, Field(description="Whom it is for: the address to sign in with", max_length=254)]
    role: RoleName


class HeldOut(Out):
    """A role that somebody holds, by the grant that gave it."""

    id: Annotated[GrantId, Field(validation_alias="grant_id")]
    role: Role
    granted_at: datetime
    counts: Annotated[bool, Field(description="False where the exception is over that joined it with an earlier role")]


class MemberOut(Out):
    """Somebody who signs in to the association. `name` and `email` are null where the person was erased."""

    id: Annotated[UserId, Field(validation_alias="user_id")]
    name: str | None
    email: str | None
    has_authenticator: Annotated[bool, Field(validation_alias="has_totp")]
    roles: list[HeldOut]


class MembersOut(Out):
    """Who holds which role."""

    rows: list[MemberOut]


class InvitationOut(Out):
    """An invitation that waits to be taken."""

    id: Annotated[InvitationId, Field(validation_alias="invitation_id")]
    purpose: Literal["role", "password"]
    role: Role | None
    email: str | None
    created_at: datetime
    expires_at: datetime


class InvitationMadeOut(InvitationOut):
    """A new invitation. `path` is what its link leads to, shown this once: a replay has null there."""

    path: str | None


class InvitationsOut(Out):
    """The invitations that wait."""

    rows: list[InvitationOut]


class RoleTakenOut(Out):
    """What was taken back."""

    id: GrantId


class InvitationWithdrawnOut(Out):
    """What was withdrawn."""

    id: InvitationId


class RoleExceptionOut(Out):
    """Two roles that one person may hold together, from a day until another, both included."""

    id: Annotated[EventId, Field(validation_alias="exception_id")]
    roles: tuple[Role, Role]
    from_on: date
    until_on: date
    ended_on: Annotated[date | None, Field(description="The day on which it ended before its last")]
    is_in_force: bool


class RoleExceptionsOut(Out):
    """The exceptions of an association: those in force first, then the newest; at most 100."""

    rows: list[RoleExceptionOut]


class RoleExceptionEndedOut(Out):
    """What was ended."""

    id: EventId


ROLE_EXAMPLE: Final[dict[str, Any]] = {"user": "us_01h455vb4pex5vsknk084sn04t", "role": "cashier"}
INVITATION_EXAMPLE: Final[dict[str, Any]] = {"email": "ke-toan@mau.invalid", "role": "accountant"}
