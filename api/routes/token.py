"""Make, list and revoke API tokens."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api import tokens
from api.auth import Access, Needs, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, once, replayed
from api.problems import Refusal
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.token import TOKEN_EXAMPLE, TokenIn, TokenMadeOut, TokenOut, TokensOut
from ledger import typeid
from ledger.associations.reach import reached, tenants
from ledger.errors import AssociationNotFound, IdMalformed
from ledger.tenancy import DEPLOYMENT, set_tenant

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])

Token = Annotated[Access, Depends(Needs("token"))]
TokenIdPath = Annotated[str, Path(max_length=40, examples=["tk_01h455vb4pex5vsknk084sn02q"])]


@router.get("", summary="Tokens", response_model=TokensOut, responses={**BAD, **UNFIT})
def get_tokens(access: Token) -> Response:
    """List the tokens with no more rights and reach than this one, revoked and expired ones too; never a secret."""
    found = access.read(lambda session: list(_visible(session)))
    return json_reply(TokensOut(rows=[TokenOut.model_validate(row) for _, row in found]))


def _visible(session: Session, token_id: UUID | None = None) -> Iterator[tuple[int, tokens.TokenRow]]:
    """Yield tokens within the caller's reach, with the tenant each lives in, where the transaction then works."""
    is_deployment = session.is_server
    reach = set(session.association_ids)
    if session.reaches_below and not is_deployment:
        reach |= {each.association_id for each in reached(session.conn, session.association_ids, reaches_below=True)}
    for tenant_id in [DEPLOYMENT, *tenants(session.conn)] if is_deployment else [session.token_tenant_id]:
        set_tenant(session.conn, tenant_id)
        for row in tokens.list_tokens(session.conn, tenant_id, token_id):
            is_within = reach.issuperset(row.association_ids) and (session.reaches_below or not row.reaches_below)
            if is_deployment or (is_within and session.rights.issuperset(row.rights)):
                yield tenant_id, row


@router.post(
    "",
    status_code=201,
    summary="Make a token",
    response_model=TokenMadeOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(TokenIn, TOKEN_EXAMPLE),
)
def post_token(access: Token, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Make a token with no more rights and no more reach than the one asking. Its text is in this answer alone."""
    asked = parse(TokenIn, body)
    secrets: list[str] = []

    def make(session: Session) -> dict[str, object]:
        association_ids = [typeid.decode(typeid.ASSOCIATION, each) for each in asked.associations]
        tenant_id = _home_for(access, session, association_ids, asked)
        made = tokens.create_token(
            session.conn,
            tenant_id=tenant_id,
            label=asked.label,
            rights=asked.rights,
            association_ids=association_ids,
            reaches_below=asked.reaches_below,
            expires_at=asked.expires_at,
            actor=session.actor,
        )
        secrets[:] = [made.secret]
        return {"tenant_id": tenant_id, "token_id": str(made.token_id)}

    def work(session: Session) -> tuple[TokenMadeOut, bool]:
        result, is_replay = once(session, key.of(asked), lambda: make(session))
        set_tenant(session.conn, result["tenant_id"])
        (row,) = tokens.list_tokens(session.conn, result["tenant_id"], UUID(result["token_id"]))
        shown = TokenOut.model_validate(row).model_dump()
        secret = None if is_replay else secrets[0]
        return TokenMadeOut.model_construct(**shown, token=secret), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, {"Cache-Control": "no-store", **replayed(is_replay=is_replay)})


def _home_for(access: Access, session: Session, association_ids: list[UUID], asked: TokenIn) -> int:
    """Return the tenant that a new token belongs in.

    Raises:
        Refusal: it would have more rights, more reach or more time than may be given.
        AssociationNotFound: an association out of reach.
    """
    for right in asked.rights:
        if right not in session.rights:
            raise Refusal("token_right_refused", right=right)
    latest = min(tokens.expiry_after(tokens.DAYS_MAX), session.expires_at)
    if not datetime.now(UTC) < asked.expires_at <= latest:
        raise Refusal("token_expiry_refused", days_max=tokens.DAYS_MAX)
    if not association_ids:
        if not session.is_server:
            raise Refusal("token_scope_refused")
        return DEPLOYMENT
    may_reach_below = session.reaches_below or session.is_server
    if asked.reaches_below and not may_reach_below:
        raise Refusal("token_scope_refused")
    homes = set()
    for association_id in association_ids:
        try:
            homes.add(access.again(session.conn, association_id).tenant_id)
        except AssociationNotFound:
            raise Refusal("token_scope_refused") from None
    if len(homes) > 1:
        raise Refusal("token_scope_refused")
    return homes.pop()


@router.delete(
    "/{token_id}",
    summary="Revoke a token",
    response_model=TokenOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
)
def delete_token(access: Token, key: IdempotencyKey, token_id: TokenIdPath) -> Response:
    """Revoke a token with no more rights and reach than this one, at once and for good."""
    try:
        uuid = typeid.decode(typeid.TOKEN, token_id)
    except IdMalformed:
        raise Refusal("token_not_found") from None

    def revoke(session: Session) -> dict[str, object]:
        tenant_id = next((home for home, _ in _visible(session, uuid)), None)
        if tenant_id is None or not tokens.revoke_token(session.conn, tenant_id, uuid, actor=session.actor):
            raise Refusal("token_not_found")
        return {}

    def work(session: Session) -> tuple[TokenOut, bool]:
        _, is_replay = once(session, key.of(), lambda: revoke(session))
        _, row = next(_visible(session, uuid))
        return TokenOut.model_validate(row), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 200, replayed(is_replay=is_replay))
