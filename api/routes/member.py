"""Members of an association: who holds which role, invitations, roles given and taken back, exceptions ended.

An exception is recorded at the desk alone, by a person: nobody records one for themselves, and of a token nobody knows
whose it is (ADR 17).
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.member import (
    INVITATION_EXAMPLE,
    ROLE_EXAMPLE,
    HeldOut,
    InvitationIn,
    InvitationMadeOut,
    InvitationOut,
    InvitationsOut,
    InvitationWithdrawnOut,
    MemberOut,
    MembersOut,
    RoleExceptionEndedOut,
    RoleExceptionOut,
    RoleExceptionsOut,
    RoleIn,
    RoleTakenOut,
)
from ledger import typeid
from ledger.access.commands import GrantNotFound, grant_role, revoke_role
from ledger.access.exception import ExceptionNotFound, end_exception, list_exceptions
from ledger.access.invitation import InvitationNotFound, InvitationRow, invite, list_invitations, withdraw
from ledger.access.member import find_member, list_members
from ledger.errors import IdMalformed

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["members"])

Members = Annotated[Access, Depends(NeedsIn("member"))]
GrantIdPath = Annotated[str, Path(max_length=40, examples=["gr_01h455vb4pex5vsknk084sn05w"])]
ExceptionIdPath = Annotated[str, Path(max_length=40, examples=["ev_01h455vb4pex5vsknk084sn07z"])]
InvitationIdPath = Annotated[str, Path(max_length=40, examples=["iv_01h455vb4pex5vsknk084sn06y"])]


@router.get("/members", summary="Members", response_model=MembersOut, responses={**BAD, **UNFIT})
def get_members(access: Members) -> Response:
    """List who holds which role in the association itself; roles held above reach down without standing here."""
    found = access.read(lambda session: list_members(session.conn, session.book))
    return json_reply(MembersOut(rows=[MemberOut.model_validate(each) for each in found]))


@router.post(
    "/roles",
    status_code=201,
    summary="Give a role",
    response_model=HeldOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(RoleIn, ROLE_EXAMPLE),
)
def post_role(access: Members, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Give a member another role. Duties that the law keeps apart are refused; whoever is new is invited instead."""
    asked = parse(RoleIn, body)
    user_id = typeid.decode(typeid.USER, asked.user)

    def give(session: Session) -> dict[str, object]:
        find_member(session.conn, session.book, user_id)
        grant_id = grant_role(session.conn, session.book, user_id, asked.role, actor=session.actor)
        (held,) = (each for each in find_member(session.conn, session.book, user_id).roles if each.grant_id == grant_id)
        return {"grant_id": str(grant_id), "granted_at": held.granted_at.isoformat()}

    made, is_replay = access.write(lambda session: once(session, key.of(asked), lambda: give(session)))
    answer = HeldOut.model_validate({**made, "grant_id": UUID(made["grant_id"]), "role": asked.role, "counts": True})
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.delete(
    "/roles/{grant_id}",
    summary="Take a role back",
    response_model=RoleTakenOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
)
def delete_role(access: Members, key: IdempotencyKey, grant_id: GrantIdPath) -> Response:
    """Take a role back, at once: what its holder asks for next is refused. It may be given anew."""
    try:
        uuid = typeid.decode(typeid.GRANT, grant_id)
    except IdMalformed:
        raise GrantNotFound from None

    def take(session: Session) -> dict[str, object]:
        revoke_role(session.conn, session.book, uuid, actor=session.actor)
        return {}

    _, is_replay = access.write(lambda session: once(session, key.of(), lambda: take(session)))
    return json_reply(RoleTakenOut(id=grant_id), 200, replayed(is_replay=is_replay))


@router.get("/role-exceptions", summary="Exceptions", response_model=RoleExceptionsOut, responses={**BAD, **UNFIT})
def get_role_exceptions(access: Members) -> Response:
    """List which roles one person may hold together here, now and before. They are recorded at the desk."""
    found = access.read(lambda session: list_exceptions(session.conn, session.book))
    return json_reply(RoleExceptionsOut(rows=[RoleExceptionOut.model_validate(each) for each in found]))


@router.delete(
    "/role-exceptions/{event_id}",
    summary="End an exception",
    response_model=RoleExceptionEndedOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
)
def delete_role_exception(access: Members, key: IdempotencyKey, event_id: ExceptionIdPath) -> Response:
    """End an exception, at once: of two roles that somebody held by it, the one given later no longer counts."""
    try:
        uuid = typeid.decode(typeid.EVENT, event_id)
    except IdMalformed:
        raise ExceptionNotFound from None

    def end(session: Session) -> dict[str, object]:
        end_exception(session.conn, session.book, uuid, actor=session.actor)
        return {}

    _, is_replay = access.write(lambda session: once(session, key.of(), lambda: end(session)))
    return json_reply(RoleExceptionEndedOut(id=event_id), 200, replayed(is_replay=is_replay))


@router.get("/invitations", summary="Invitations", response_model=InvitationsOut, responses={**BAD, **UNFIT})
def get_invitations(access: Members) -> Response:
    """List the invitations that nobody took yet; never their links."""
    found = access.read(lambda session: list_invitations(session.conn, session.book))
    return json_reply(InvitationsOut(rows=[InvitationOut.model_validate(each) for each in found]))


@router.post(
    "/invitations",
    status_code=201,
    summary="Invite somebody",
    response_model=InvitationMadeOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(InvitationIn, INVITATION_EXAMPLE),
)
def post_invitation(access: Members, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Invite an address to a role. Its link is in this answer alone, good once, for seven days; no mail is sent."""
    asked = parse(InvitationIn, body)
    secrets: list[str] = []

    def make(session: Session) -> dict[str, object]:
        made = invite(session.conn, session.book, email=asked.email, role=asked.role, actor=session.actor)
        secrets[:] = [made.secret]
        return {"invitation_id": str(made.invitation_id)}

    def work(session: Session) -> tuple[InvitationRow | None, bool]:
        result, is_replay = once(session, key.of(asked), lambda: make(session))
        waiting = list_invitations(session.conn, session.book)
        found = next((each for each in waiting if str(each.invitation_id) == result["invitation_id"]), None)
        return found, is_replay

    found, is_replay = access.write(work)
    if found is None:
        raise InvitationNotFound
    path = None if is_replay else f"/invitation/{secrets[0]}"
    shown = InvitationOut.model_validate(found).model_dump()
    answer = InvitationMadeOut.model_construct(**shown, path=path)
    return json_reply(answer, 201, {"Cache-Control": "no-store", **replayed(is_replay=is_replay)})


@router.delete(
    "/invitations/{invitation_id}",
    summary="Withdraw an invitation",
    response_model=InvitationWithdrawnOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
)
def delete_invitation(access: Members, key: IdempotencyKey, invitation_id: InvitationIdPath) -> Response:
    """Withdraw an invitation that nobody took: its link opens nothing any more."""
    try:
        uuid = typeid.decode(typeid.INVITATION, invitation_id)
    except IdMalformed:
        raise InvitationNotFound from None

    def take(session: Session) -> dict[str, object]:
        withdraw(session.conn, session.book, uuid)
        return {}

    _, is_replay = access.write(lambda session: once(session, key.of(), lambda: take(session)))
    return json_reply(InvitationWithdrawnOut(id=invitation_id), 200, replayed(is_replay=is_replay))
