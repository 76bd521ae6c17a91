"""The scans that somebody sent in: they may open them again, and nobody else's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from api.auth import Session
from api.routes.document import document_uuid, opened, previewed
from ledger.documents.store import Document, Purpose, documents_sent, open_document
from web.access import NeedsPageIn, Visit
from web.desk.scan import FORMATS
from web.language import Spoken
from web.site import desk_path, render

MayCollect = Annotated[Visit, Depends(NeedsPageIn("collect"))]
IdPath = Annotated[str, Path(max_length=40)]


def make_router() -> APIRouter:
    """Return the routes of one's own scans."""
    router = APIRouter(prefix="/desk/{association_id}/own-documents", include_in_schema=False)

    @router.get("")
    def sent(visit: MayCollect, language: Spoken) -> Response:
        found = visit.read(lambda session: documents_sent(session.conn, session.book, session.actor.principal_id))
        here = desk_path(visit.place.association_id, "own-documents")
        return render("desk/own_document.html", language, here, visit=visit, rows=found, formats=FORMATS)

    @router.get("/{document_id}/file")
    def file(visit: MayCollect, document_id: IdPath) -> Response:
        return opened(*_open(visit, document_id, "download"), is_named=False)

    @router.get("/{document_id}/preview.jpg")
    def preview(visit: MayCollect, document_id: IdPath) -> Response:
        return previewed(_open(visit, document_id, "preview")[1])

    return router


def _open(visit: Visit, document_id: str, purpose: Purpose) -> tuple[Document, bytes]:
    uuid = document_uuid(document_id)

    def work(session: Session) -> tuple[Document, bytes]:
        me = session.actor.principal_id
        return open_document(session.conn, session.book, uuid, purpose=purpose, principal_id=me, of=me)

    return visit.write(work)
