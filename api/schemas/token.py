"""Tokens as they are asked for and shown; the secret is shown once."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field

from api.auth import RIGHTS, Right
from api.schemas.field import AssociationId, AssociationIdIn, In, Instant, Label, Out, TokenId

ASSOCIATION_COUNT_MAX: Final = 100


class TokenIn(In):
    """A token to be made, with no more reach and no more rights than the one it is asked with."""

    label: Annotated[Label, Field(description="Whose it is, for the list", examples=["Máy của kế toán"])]
    rights: Annotated[
        tuple[Right, ...],
        Field(
            min_length=1,
            max_length=len(RIGHTS),
            strict=False,
            description="What it may do; only rights that the asking token has",
            examples=[["read", "post"]],
        ),
    ]
    associations: Annotated[
        tuple[AssociationIdIn, ...],
        Field(
            max_length=ASSOCIATION_COUNT_MAX,
            strict=False,
            description="Ids of what it reaches; none means everything, which only a token of the server gives",
        ),
    ]
    reaches_below: Annotated[bool, Field(description="Whether it also reaches what is under them")] = False
    expires_at: Annotated[Instant, Field(description="With a time zone; no later than the asking token's own")]


class TokenOut(Out):
    """A token without its secret."""

    id: Annotated[TokenId, Field(validation_alias="token_id")]
    label: str
    rights: list[str]
    associations: Annotated[list[AssociationId], Field(validation_alias="association_ids")]
    reaches_below: bool
    expires_at: datetime
    created_at: datetime
    revoked_at: datetime | None


class TokenMadeOut(TokenOut):
    """A new token. ``token`` is shown this once: a replay of the request has ``null`` there."""

    token: str | None


class TokensOut(Out):
    """The tokens of the storage home that the asking token lives in."""

    rows: list[TokenOut]


TOKEN_EXAMPLE: Final[dict[str, Any]] = {
    "label": "Máy của kế toán",
    "rights": ["read", "post"],
    "associations": ["as_01h455vb4pex5vsknk084sn02q"],
    "expires_at": "2026-12-31T23:59:59+07:00",
}
