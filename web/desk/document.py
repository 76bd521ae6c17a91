"""Scans of an entry's papers: send them in, look at them, and say which were attached by mistake."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from api.auth import Session
from api.idempotency import once
from api.routes.document import document_uuid, opened, previewed
from ledger import typeid
from ledger.documents.attachment import (
    REASON_LENGTH_MAX,
    Attachment,
    attach_document,
    attachments_of,
    disown_attachment,
)
from ledger.documents.content import Content, check_content
from ledger.documents.inspect_file import BYTE_SIZE_MAX
from ledger.documents.kind import KINDS
from ledger.documents.store import Document, Purpose, keep_document, open_document
from ledger.errors import LedgerError
from ledger.money import AMOUNT_MAX
from ledger.reports.entry import EntryDetail, entry_by_seq
from web.access import NeedsPageIn, Visit
from web.desk.scan import ACCEPTED
from web.form import Form, FormFault, FormRefused
from web.form_body import FormBody
from web.language import Spoken
from web.reading import Reading
from web.site import desk_path, render
from web.translation import Language, Message, _

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422

MayKeep = Annotated[Visit, Depends(NeedsPageIn("people"))]
MayInspect = Annotated[Visit, Depends(NeedsPageIn("inspect"))]
Seq = Annotated[int, Path(ge=1, le=AMOUNT_MAX)]
IdPath = Annotated[str, Path(max_length=40)]

NAMES: Final[Mapping[str, Message]] = {
    "voucher": _("Chứng từ có chữ ký"),
    "list": _("Bảng kê"),
    "receipt": _("Giấy biên nhận"),
    "decision": _("Quyết định"),
    "minutes": _("Biên bản"),
    "contract": _("Hợp đồng, thỏa thuận"),
    "statement": _("Sao kê ngân hàng"),
    "consent": _("Giấy đồng ý"),
    "photo": _("Ảnh chụp"),
    "other": _("Giấy tờ khác"),
}

DONE: Final = {
    "attached": _("Đã đính kèm tài liệu."),
    "disowned": _("Đã đánh dấu là đính nhầm."),
}


def make_router() -> APIRouter:
    """Return the routes of an association's documents."""
    router = APIRouter(prefix="/desk/{association_id}", include_in_schema=False)

    @router.get("/entries/{seq}/documents")
    def documents(visit: MayKeep, seq: Seq, language: Spoken, done: str | None = None) -> Response:
        return _page(visit, language, seq, Form.showing({"kind": "voucher"}), news=DONE.get(done or ""))

    @router.post("/entries/{seq}/documents")
    def attached(visit: MayKeep, seq: Seq, form: FormBody, language: Spoken) -> Response:
        return _attach(visit, language, seq, form)

    @router.post("/entries/{seq}/documents/disown")
    def disowned(visit: MayKeep, seq: Seq, form: FormBody, language: Spoken) -> Response:
        return _disown(visit, language, seq, form)

    @router.get("/documents/{document_id}/file")
    def file(visit: MayKeep, document_id: IdPath) -> Response:
        return opened(*_open(visit, document_id, "download"))

    @router.get("/documents/{document_id}/inspection")
    def inspected(visit: MayInspect, document_id: IdPath) -> Response:
        return opened(*_open(visit, document_id, "inspection"))

    @router.get("/documents/{document_id}/preview.jpg")
    def preview(visit: MayKeep, document_id: IdPath) -> Response:
        return previewed(_open(visit, document_id, "preview")[1])

    return router


def _page(
    visit: Visit, language: Language, seq: int, form: Form, *, what: str = "attach", news: Message | None = None
) -> Response:
    def look(session: Session) -> tuple[EntryDetail, list[Attachment]]:
        detail = entry_by_seq(session.conn, session.book, seq)
        return detail, attachments_of(session.conn, session.book, [detail.entry_id])

    detail, found = visit.read(look)
    return render(
        "desk/document.html",
        language,
        _path(visit, seq),
        status=UNPROCESSABLE if form.faults else 200,
        visit=visit,
        place=visit.place,
        detail=detail,
        found=found,
        form=form,
        what=what,
        news=news,
        names=NAMES,
        accepted=ACCEPTED,
    )


def _content(form: Form) -> Content:
    """Look at the file that was sent.

    Raises:
        FormRefused: none was, or it is too large.
        DocumentRefused: it is none that is taken.
    """
    with Reading(form) as read:
        upload = read.upload("file", size_max=BYTE_SIZE_MAX)
    if upload is None:
        raise AssertionError
    return check_content(upload.name, upload.file.read(BYTE_SIZE_MAX + 1))


def _attach(visit: Visit, language: Language, seq: int, form: Form) -> Response:
    try:
        with Reading(form) as read:
            kind = read.choice("kind", KINDS)
        content = _content(form)
        asked = form.request(f"attach {seq} {content.sha256.hex()}")

        def change(session: Session) -> dict[str, object]:
            detail = entry_by_seq(session.conn, session.book, seq)
            kept = keep_document(session.conn, session.book, content, actor=session.actor)
            event_id = attach_document(
                session.conn,
                session.book,
                kept.document_id,
                target_id=detail.entry_id,
                kind=kind,
                actor=session.actor,
            )
            return {"event": typeid.encode(typeid.EVENT, event_id)}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, seq, _refused(form, error))
    return RedirectResponse(f"{_path(visit, seq)}?done=attached", SEE_OTHER)


def _refused(form: Form, error: FormRefused | LedgerError) -> Form:
    """Show what is wrong with a file at the field that it was chosen in."""
    if isinstance(error, FormRefused):
        return form.refused(error)
    return form.refused(FormRefused([FormFault(name="file", code=error.code, fields=error.fields)]))


def _disown(visit: Visit, language: Language, seq: int, form: Form) -> Response:
    try:
        with Reading(form) as read:
            attachment_id = read.typeid("attachment", typeid.EVENT)
            reason = read.text("reason", length_max=REASON_LENGTH_MAX)
        asked = form.request(f"disown {seq}")

        def change(session: Session) -> dict[str, object]:
            made = disown_attachment(session.conn, session.book, attachment_id, reason=reason, actor=session.actor)
            return {"event": typeid.encode(typeid.EVENT, made)}

        visit.write(lambda session: once(session, asked, lambda: change(session)))
    except (FormRefused, LedgerError) as error:
        return _page(visit, language, seq, form.refused(error), what="disown")
    return RedirectResponse(f"{_path(visit, seq)}?done=disowned", SEE_OTHER)


def _open(visit: Visit, document_id: str, purpose: Purpose) -> tuple[Document, bytes]:
    uuid: UUID = document_uuid(document_id)
    return visit.write(
        lambda session: open_document(
            session.conn, session.book, uuid, purpose=purpose, principal_id=session.actor.principal_id
        )
    )


def _path(visit: Visit, seq: int) -> str:
    return desk_path(visit.place.association_id, "entries", seq, "documents")
