"""Drafts: keep what is typed, hand it on, post it once."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.auth import Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, Key
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.giving import Collect, Post, change_once, path_id
from api.schemas.giving import ReceivedOut
from api.schemas.keeping import (
    DRAFT_EXAMPLE,
    DRAFT_MOVE_EXAMPLE,
    DRAFT_RETURN_EXAMPLE,
    DRAFT_SAVING_EXAMPLE,
    DraftDetailOut,
    DraftIn,
    DraftMoveIn,
    DraftOut,
    DraftPostedOut,
    DraftPostingIn,
    DraftReturnIn,
    DraftSavingIn,
    DraftsOut,
)
from ledger import typeid
from ledger.giving.draft import (
    DraftNotFound,
    discard_draft,
    draft_by_id,
    drafts,
    post_draft,
    recall_draft,
    return_draft,
    save_draft,
    start_draft,
    submit_draft,
)

router = APIRouter(prefix="/v1/associations/{association_id}/drafts", tags=["giving"])

DraftPath = Annotated[
    str, Path(description="The draft's id", examples=["dr_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]


def _own(session: Session) -> str | None:
    """Return whose drafts the caller sees: all of them with the right to see people or to post, else their own."""
    return None if session.rights & {"people", "post"} else session.actor.public_id


def _told(session: Session, draft_id: UUID) -> DraftDetailOut:
    return DraftDetailOut.model_validate(draft_by_id(session.conn, session.book, draft_id, of=_own(session)))


@router.get("", summary="The drafts", response_model=DraftsOut, responses={**BAD, **UNFIT})
def get_drafts(access: Collect) -> Response:
    """Return drafts that are open or submitted: one's own, or with the right `people` or `post` everybody's."""

    def work(session: Session) -> DraftsOut:
        rows = drafts(session.conn, session.book, of=_own(session))
        return DraftsOut(rows=[DraftOut.model_validate(row) for row in rows])

    return json_reply(access.read(work))


@router.post(
    "",
    status_code=201,
    summary="Begin a draft",
    response_model=DraftDetailOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftIn, DRAFT_EXAMPLE),
)
def post_draft_begun(access: Collect, key: IdempotencyKey, body: JsonBytes) -> Response:
    """Keep what somebody has typed, word for word, wrong amounts and all; at most 2,000 lines."""
    asked = parse(DraftIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        draft_id = start_draft(
            session.conn, session.book, asked.kind, asked.body, actor=session.actor, of=_own(session)
        )
        return {"draft": typeid.encode(typeid.DRAFT, draft_id)}

    return change_once(
        access,
        key.of(asked),
        change,
        lambda session, made: _told(session, typeid.decode(typeid.DRAFT, made["draft"])),
        status=201,
    )


@router.get("/{draft_id}", summary="One draft", response_model=DraftDetailOut, responses={**BAD, **NO_SUCH})
def get_draft(access: Collect, draft_id: DraftPath) -> Response:
    """Return a draft with all that was typed; it is empty once it was posted or discarded."""
    uuid = path_id(typeid.DRAFT, draft_id, DraftNotFound)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.put(
    "/{draft_id}",
    summary="Save a draft",
    response_model=DraftDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftSavingIn, DRAFT_SAVING_EXAMPLE),
)
def put_draft(access: Collect, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Save what is typed now over the version that was read. If it was changed meanwhile this is refused with its
    version now (`draft_stale`); read it, and nothing is lost on either side.
    """  # noqa: D205 - the first sentences are the API's own text
    asked = parse(DraftSavingIn, body)

    def change(session: Session, uuid: UUID) -> int:
        return save_draft(
            session.conn,
            session.book,
            uuid,
            asked.body,
            version=asked.version,
            actor=session.actor,
            of=_own(session),
        )

    return _moved(access, key, draft_id, asked, change)


def _moved(
    access: Collect,
    key: Key,
    draft_id: str,
    asked: DraftMoveIn | DraftSavingIn,
    change: Callable[[Session, UUID], int],
) -> Response:
    uuid = path_id(typeid.DRAFT, draft_id, DraftNotFound)
    return change_once(
        access,
        key.of(asked),
        lambda session: {"version": change(session, uuid)},
        lambda session, _: _told(session, uuid),
    )


@router.post(
    "/{draft_id}/submission",
    summary="Submit a draft",
    response_model=DraftDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftMoveIn, DRAFT_MOVE_EXAMPLE),
)
def post_submission(access: Collect, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Hand a draft to whoever may post it, if it could be posted: every fault comes back with its line."""
    asked = parse(DraftMoveIn, body)

    def change(session: Session, uuid: UUID) -> int:
        return submit_draft(
            session.conn, session.book, uuid, version=asked.version, actor=session.actor, of=_own(session)
        )

    return _moved(access, key, draft_id, asked, change)


@router.post(
    "/{draft_id}/return",
    summary="Return a draft",
    response_model=DraftDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftReturnIn, DRAFT_RETURN_EXAMPLE),
)
def post_return(access: Post, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Give a submitted draft back to who drafted it, with a reason."""
    asked = parse(DraftReturnIn, body)

    def change(session: Session, uuid: UUID) -> int:
        return return_draft(
            session.conn, session.book, uuid, version=asked.version, reason=asked.reason, actor=session.actor
        )

    return _moved(access, key, draft_id, asked, change)


@router.post(
    "/{draft_id}/recall",
    summary="Take a draft back",
    response_model=DraftDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftMoveIn, DRAFT_MOVE_EXAMPLE),
)
def post_recall(access: Collect, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Open a draft again that the caller drafted and submitted, as long as it is not posted."""
    asked = parse(DraftMoveIn, body)

    def change(session: Session, uuid: UUID) -> int:
        return recall_draft(session.conn, session.book, uuid, version=asked.version, actor=session.actor)

    return _moved(access, key, draft_id, asked, change)


@router.post(
    "/{draft_id}/discard",
    summary="Discard a draft",
    response_model=DraftDetailOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftMoveIn, DRAFT_MOVE_EXAMPLE),
)
def post_discard(access: Collect, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Throw a draft away, with all that was typed."""
    asked = parse(DraftMoveIn, body)

    def change(session: Session, uuid: UUID) -> int:
        return discard_draft(
            session.conn, session.book, uuid, version=asked.version, actor=session.actor, of=_own(session)
        )

    return _moved(access, key, draft_id, asked, change)


@router.post(
    "/{draft_id}/posting",
    status_code=201,
    summary="Post a draft",
    response_model=DraftPostedOut,
    responses={**BAD, **NO_SUCH, **CONFLICT, **UNFIT},
    openapi_extra=takes(DraftPostingIn, DRAFT_MOVE_EXAMPLE),
)
def post_posting(access: Post, key: IdempotencyKey, draft_id: DraftPath, body: JsonBytes) -> Response:
    """Record what a draft says and end it, in one step and once: one that was posted answers with what it became."""
    uuid = path_id(typeid.DRAFT, draft_id, DraftNotFound)
    asked = parse(DraftPostingIn, body)

    def change(session: Session) -> Mapping[str, Any]:
        _post(session)
        return {}

    def _post(session: Session) -> ReceivedOut:
        received = post_draft(
            session.conn,
            session.book,
            uuid,
            version=asked.version,
            difference_reason=asked.difference_reason,
            actor=session.actor,
        )
        return ReceivedOut.of(received)

    def answer(session: Session, _: Mapping[str, Any]) -> DraftPostedOut:
        draft = DraftOut.model_validate(draft_by_id(session.conn, session.book, uuid))
        return DraftPostedOut(draft=draft, received=_post(session))

    return change_once(access, key.of(asked), change, answer, status=201)
