"""Scans: send one in, look at it, attach it to what it belongs to."""

from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Access, NeedsIn, Session
from api.body import JsonBytes, parse, takes
from api.idempotency import IdempotencyKey, Key, once, replayed
from api.problems import Refusal
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.schemas.document import (
    ATTACHMENT_EXAMPLE,
    DISOWNING_EXAMPLE,
    AttachedOut,
    AttachmentIn,
    AttachmentOut,
    AttachmentsOut,
    DisowningIn,
    DocumentOut,
)
from api.upload import UploadedFile, takes_file
from ledger import typeid
from ledger.books.model import Request
from ledger.documents.attachment import (
    AttachmentNotFound,
    EventNotFound,
    attach_document,
    attachments_of,
    disown_attachment,
)
from ledger.documents.content import Content, check_content, make_preview
from ledger.documents.inspect_file import BYTE_SIZE_MAX
from ledger.documents.store import (
    Document,
    DocumentNotFound,
    Purpose,
    document_by_id,
    keep_document,
    open_document,
)
from ledger.errors import IdMalformed

router = APIRouter(prefix="/v1/associations/{association_id}", tags=["documents"])

MAY_KEEP: Final = NeedsIn("people")
Keep = Annotated[Access, Depends(MAY_KEEP)]
Inspect = Annotated[Access, Depends(NeedsIn("inspect"))]
File = Annotated[UploadedFile, Depends(takes_file(MAY_KEEP, size_max=BYTE_SIZE_MAX))]
DocumentIdPath = Annotated[
    str, Path(description="The document's id", examples=["dc_01h9hsy4k1fz8tq3v2w5n7c9ar"], max_length=40)
]
MEDIA_TYPES: Final = ("application/pdf", "image/jpeg", "image/png", "image/heic")
_ALL: Final = {**BAD, **NO_SUCH, **CONFLICT, **UNFIT}
_BINARY: Final = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES}
FILE_BODY: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": _BINARY}}
BYTES: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "Its bytes", "content": _BINARY}}
DRAWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A JPEG", "content": {"image/jpeg": _BINARY["image/jpeg"]}}
}

ENDINGS: Final = dict(zip(MEDIA_TYPES, (".pdf", ".jpg", ".png", ".heic"), strict=True))

SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Nothing in a document may run, load or be framed, whatever it is."""


@router.post(
    "/documents",
    status_code=201,
    summary="Keep a scan",
    response_model=DocumentOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=FILE_BODY,
)
def post_document(access: Keep, key: IdempotencyKey, file: File) -> Response:
    """Keep a PDF, JPEG, PNG or HEIC of 15 MiB at most, encrypted, once by its hash. It is taken for what its content
    is, and refused where it is locked, damaged, or has scripts or other files in it. It waits to be attached.
    """  # noqa: D205 - the first sentences are the API's own text
    content = check_content(file.name, file.data)

    def work(session: Session) -> tuple[DocumentOut, bool]:
        def change() -> dict[str, object]:
            kept = keep_document(session.conn, session.book, content, actor=session.actor)
            return {"document": typeid.encode(typeid.DOCUMENT, kept.document_id)}

        result, is_replay = once(session, sending(key, content), change)
        return _told(session, document_uuid(str(result["document"]))), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.get(
    "/documents/{document_id}", summary="One document", response_model=DocumentOut, responses={**BAD, **NO_SUCH}
)
def get_document(access: Keep, document_id: DocumentIdPath) -> Response:
    """Return what a document is, without its bytes."""
    uuid = document_uuid(document_id)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.get("/documents/{document_id}/content", summary="A document's bytes", responses={**BYTES, **BAD, **NO_SUCH})
def get_content(access: Keep, document_id: DocumentIdPath) -> Response:
    """Return the file as it was sent. Every call is recorded: who, what and when."""
    return opened(*_open(access, document_id, "download"))


@router.get(
    "/documents/{document_id}/preview",
    summary="A picture of a document",
    responses={**DRAWN, **BAD, **NO_SUCH, **UNFIT},
)
def get_preview(access: Keep, document_id: DocumentIdPath) -> Response:
    """Return an image drawn anew from the pixels, 1,600 points wide at most. A PDF has none. It is recorded."""
    return previewed(_open(access, document_id, "preview")[1])


@router.get(
    "/documents/{document_id}/inspection",
    summary="A document's bytes, for an inspection",
    responses={**BYTES, **BAD, **NO_SUCH},
)
def get_inspection(access: Inspect, document_id: DocumentIdPath) -> Response:
    """Return the file as it was sent, to an inspector. Recorded as all looks are."""
    return opened(*_open(access, document_id, "inspection"))


@router.post(
    "/documents/{document_id}/attachments",
    status_code=201,
    summary="Attach a document",
    response_model=AttachedOut,
    responses=_ALL,
    openapi_extra=takes(AttachmentIn, ATTACHMENT_EXAMPLE),
)
def post_attachment(access: Keep, key: IdempotencyKey, document_id: DocumentIdPath, body: JsonBytes) -> Response:
    """Attach a document to an entry or another event of the book, for good: a leaf commits to its hash. One that is
    wrong is disowned, not taken off.
    """  # noqa: D205 - the first sentences are the API's own text
    uuid = document_uuid(document_id)
    asked = parse(AttachmentIn, body)
    if (asked.entry is None) == (asked.event is None):
        raise Refusal("attachment_target_choice")
    target_id = _target(typeid.ENTRY, asked.entry) if asked.entry is not None else _target(typeid.EVENT, asked.event)

    def work(session: Session) -> tuple[AttachedOut, bool]:
        def change() -> dict[str, object]:
            event_id = attach_document(
                session.conn, session.book, uuid, target_id=target_id, kind=asked.kind, actor=session.actor
            )
            return {"event": typeid.encode(typeid.EVENT, event_id)}

        result, is_replay = once(session, key.of(asked), change)
        return AttachedOut.model_validate(result), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.get("/attachments", summary="What is attached", response_model=AttachmentsOut, responses={**BAD, **NO_SUCH})
def get_attachments(
    access: Keep,
    entry: Annotated[str | None, Query(max_length=40, description="Of this entry")] = None,
    event: Annotated[str | None, Query(max_length=40, description="… or of this event")] = None,
) -> Response:
    """Return what is attached to an entry or another event, the wrong ones too."""

    def work(session: Session) -> AttachmentsOut:
        if (entry is None) == (event is None):
            raise Refusal("attachment_target_choice")
        target_id = _target(typeid.ENTRY, entry) if entry is not None else _target(typeid.EVENT, event)
        found = attachments_of(session.conn, session.book, [target_id])
        return AttachmentsOut(rows=[AttachmentOut.told(each) for each in found])

    return json_reply(access.read(work))


@router.post(
    "/attachments/{event_id}/disowning",
    status_code=201,
    summary="Say that a document was attached by mistake",
    response_model=AttachedOut,
    responses=_ALL,
    openapi_extra=takes(DisowningIn, DISOWNING_EXAMPLE),
)
def post_disowning(
    access: Keep,
    key: IdempotencyKey,
    event_id: Annotated[str, Path(description="The event that attached it", max_length=40)],
    body: JsonBytes,
) -> Response:
    """Mark an attachment as wrong, for a reason that is sealed. It stays; its document may then be erased."""
    asked = parse(DisowningIn, body)
    try:
        attachment_id = typeid.decode(typeid.EVENT, event_id)
    except IdMalformed:
        raise AttachmentNotFound from None

    def work(session: Session) -> tuple[AttachedOut, bool]:
        def change() -> dict[str, object]:
            made = disown_attachment(
                session.conn, session.book, attachment_id, reason=asked.reason, actor=session.actor
            )
            return {"event": typeid.encode(typeid.EVENT, made)}

        result, is_replay = once(session, key.of(asked), change)
        return AttachedOut.model_validate(result), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


def _told(session: Session, document_id: UUID) -> DocumentOut:
    return DocumentOut.told(document_by_id(session.conn, session.book, document_id))


def _open(access: Access, document_id: str, purpose: Purpose) -> tuple[Document, bytes]:
    uuid = document_uuid(document_id)
    return access.write(
        lambda session: open_document(
            session.conn, session.book, uuid, purpose=purpose, principal_id=session.actor.principal_id
        )
    )


def sending(key: Key, content: Content) -> Request:
    """Return what makes the same file, sent twice, one request."""
    said = f"{key.method}\n{key.path}\n{content.name}\n{content.sha256.hex()}"
    return Request(key=key.value, hash=sha256(said.encode()).digest())


def opened(document: Document, data: bytes, *, is_named: bool = True) -> Response:
    """Answer with a file to be saved: it is never shown in place, and nothing in it runs.

    Without its name where that may be what somebody else called the same bytes.
    """
    named = typeid.encode(typeid.DOCUMENT, document.document_id) + ENDINGS.get(document.media_type, "")
    name = quote(document.name if is_named else named, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=document.media_type, headers=headers)


def previewed(data: bytes) -> Response:
    """Answer with an image that was drawn anew, to be shown in a page of ours."""
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": SANDBOX, "Cache-Control": "no-store"}
    return Response(make_preview(data), media_type="image/jpeg", headers=headers)


def document_uuid(document_id: str) -> UUID:
    """Return the id that a path names.

    Raises:
        DocumentNotFound: it is none.
    """
    try:
        return typeid.decode(typeid.DOCUMENT, document_id)
    except IdMalformed:
        raise DocumentNotFound(document=typeid.shown(document_id)) from None


def _target(prefix: str, value: str | None) -> UUID:
    try:
        return typeid.decode(prefix, value or "")
    except IdMalformed:
        raise EventNotFound from None
