"""Scans of one's own: send one in with the right to collect, and see again what one sent, and nobody else's."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.auth import Access, NeedsIn, Session
from api.idempotency import IdempotencyKey, once, replayed
from api.reply import json_reply
from api.routes.answer import BAD, CONFLICT, NO_SUCH, UNFIT
from api.routes.document import (
    BYTES,
    DRAWN,
    FILE_BODY,
    DocumentIdPath,
    document_uuid,
    opened,
    previewed,
    sending,
)
from api.schemas.document import OwnDocumentOut, OwnDocumentsOut
from api.upload import UploadedFile, takes_file
from ledger import typeid
from ledger.documents.content import check_content
from ledger.documents.inspect_file import BYTE_SIZE_MAX
from ledger.documents.store import (
    Document,
    Purpose,
    Sent,
    documents_sent,
    keep_document,
    open_document,
    sent_document,
)

router = APIRouter(prefix="/v1/associations/{association_id}/own-documents", tags=["documents"])

MAY_COLLECT: Final = NeedsIn("collect")
Collect = Annotated[Access, Depends(MAY_COLLECT)]
File = Annotated[UploadedFile, Depends(takes_file(MAY_COLLECT, size_max=BYTE_SIZE_MAX))]


@router.post(
    "",
    status_code=201,
    summary="Send a scan in",
    response_model=OwnDocumentOut,
    responses={**BAD, **CONFLICT, **UNFIT},
    openapi_extra=FILE_BODY,
)
def post_own_document(access: Collect, key: IdempotencyKey, file: File) -> Response:
    """Keep a scan as `/documents` does. A draft names it as its `document`, and it is attached when that is posted."""
    content = check_content(file.name, file.data)

    def work(session: Session) -> tuple[OwnDocumentOut, bool]:
        def change() -> dict[str, object]:
            kept = keep_document(session.conn, session.book, content, actor=session.actor)
            return {"document": typeid.encode(typeid.DOCUMENT, kept.document_id)}

        result, is_replay = once(session, sending(key, content), change)
        return _told(session, document_uuid(str(result["document"]))), is_replay

    answer, is_replay = access.write(work)
    return json_reply(answer, 201, replayed(is_replay=is_replay))


@router.get("", summary="The scans that one sent", response_model=OwnDocumentsOut, responses={**BAD})
def get_own_documents(access: Collect) -> Response:
    """Return the two hundred documents that the caller sent last, the newest first."""
    rows = access.read(lambda session: documents_sent(session.conn, session.book, session.actor.principal_id))
    return json_reply(OwnDocumentsOut(rows=[OwnDocumentOut.model_validate(row) for row in rows]))


@router.get(
    "/{document_id}", summary="A scan of one's own", response_model=OwnDocumentOut, responses={**BAD, **NO_SUCH}
)
def get_own_document(access: Collect, document_id: DocumentIdPath) -> Response:
    """Return what a document is that the caller sent; one that somebody else sent is not found."""
    uuid = document_uuid(document_id)
    return json_reply(access.read(lambda session: _told(session, uuid)))


@router.get("/{document_id}/content", summary="Its bytes", responses={**BYTES, **BAD, **NO_SUCH})
def get_own_content(access: Collect, document_id: DocumentIdPath) -> Response:
    """Return the file as it was sent. Every call is recorded: who, what and when."""
    return opened(*_open(access, document_id, "download"), is_named=False)


@router.get("/{document_id}/preview", summary="A picture of it", responses={**DRAWN, **BAD, **NO_SUCH, **UNFIT})
def get_own_preview(access: Collect, document_id: DocumentIdPath) -> Response:
    """Return an image drawn anew from the pixels, 1,600 points wide at most. A PDF has none. It is recorded."""
    return previewed(_open(access, document_id, "preview")[1])


def _told(session: Session, document_id: UUID) -> OwnDocumentOut:
    found: Sent = sent_document(session.conn, session.book, document_id, session.actor.principal_id)
    return OwnDocumentOut.model_validate(found)


def _open(access: Access, document_id: str, purpose: Purpose) -> tuple[Document, bytes]:
    uuid = document_uuid(document_id)

    def work(session: Session) -> tuple[Document, bytes]:
        me = session.actor.principal_id
        return open_document(session.conn, session.book, uuid, purpose=purpose, principal_id=me, of=me)

    return access.write(work)
