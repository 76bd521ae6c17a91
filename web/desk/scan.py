"""A scan beside what else a form says: kept as soon as it is sent, so that nobody chooses it twice.

The file goes into the vault under an id, which travels in the form from page to page like everything that was typed.
What is wrong with the file is told at its field, with all that is wrong elsewhere; a form that is refused for something
else has the scan already. A form without a script, and one whose session ended, lose no more than the browser does: a
file that did not arrive is to be chosen again, and the page says so.
"""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from api.auth import Session
from ledger import typeid
from ledger.documents.attachment import attach_document
from ledger.documents.content import check_content
from ledger.documents.inspect_file import BYTE_SIZE_MAX
from ledger.documents.kind import KINDS, OTHER
from ledger.documents.store import Document, DocumentNotFound, document_by_id, keep_document
from ledger.errors import IdMalformed, LedgerError
from web.access import Visit
from web.form import Form, FormFault, FormRefused
from web.reading import Reading
from web.site import desk_path
from web.translation import Message, _, _n

FILE: Final = "scan"
KEPT: Final = "document"
KIND: Final = "document_kind"
DROP: Final = "scan_drop"
"""The fields of a form: the file, what it is kept as, which paper it is, and that it shall go."""

ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/jpeg,image/png,image/heic"
FORMATS: Final = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan as a page tells of it: what it is, and where it may be looked at; nowhere for who did not send it."""

    document: Document
    path: str | None

    @property
    def said(self) -> Message:
        """What it is, as far as whoever reads may know."""
        if self.path is None:
            return _("Bản quét do người khác gửi")
        form = FORMATS.get(self.document.media_type, "")
        size = (self.document.byte_size + 1023) // 1024
        if self.document.page_count == 1:
            return _("%(form)s, %(size)s kB", form=form, size=size)
        return _n("%(form)s, %(num)s trang, %(size)s kB", self.document.page_count, form=form, size=size)


def may_see_all(session: Session) -> bool:
    """Tell whether somebody sees the book's documents, or those alone that they sent."""
    return "people" in session.rights


def take_scan(visit: Visit, form: Form) -> Form:
    """Keep the scan that a form brings; return the form with its id in the file's place, and any fault at its field."""
    values = {name: value for name, value in form.values.items() if name != DROP}
    if form.uploads.get(FILE):
        try:
            kept = _keep(visit, form)
        except FormRefused as error:
            return replace(form, values=values, uploads={}).refused(error)
        except LedgerError as error:
            fault = FormFault(name=FILE, code=error.code, fields=error.fields)
            return replace(form, values=values, uploads={}).refused(FormRefused([fault]))
        values[KEPT] = (typeid.encode(typeid.DOCUMENT, kept.document_id),)
    elif form.value(DROP):
        values.pop(KEPT, None)
    return replace(form, values=values, uploads={})


def _keep(visit: Visit, form: Form) -> Document:
    with Reading(form) as read:
        upload = read.upload(FILE, size_max=BYTE_SIZE_MAX)
    if upload is None:
        raise AssertionError
    content = check_content(upload.name, upload.file.read(BYTE_SIZE_MAX + 1))
    return visit.write(lambda session: keep_document(session.conn, session.book, content, actor=session.actor))


def scan_named(session: Session, named: str | None) -> Scan | None:
    """Return the scan of an id, as far as it is there."""
    if not named:
        return None
    try:
        document_id = typeid.decode(typeid.DOCUMENT, named)
        found = document_by_id(session.conn, session.book, document_id)
    except (IdMalformed, DocumentNotFound):
        return None
    where = "documents" if may_see_all(session) else "own-documents"
    try:
        _named(session, document_id)
    except DocumentNotFound:
        return Scan(document=found, path=None)
    return Scan(document=found, path=desk_path(session.book.association_id, where, named, "file"))


def attach_named(session: Session, form: Form, entry_id: UUID) -> None:
    """Attach the scan that a form names to the entry that was posted with it.

    Raises:
        FormRefused, DocumentNotFound: it names none that is there for whoever posts.
    """
    with Reading(form) as read:
        document_id = read.optional_typeid(KEPT, typeid.DOCUMENT)
        kind = OTHER if read.is_blank(KIND) else read.choice(KIND, KINDS)
    if document_id is not None:
        kept = _named(session, document_id)
        attach_document(
            session.conn, session.book, kept.document_id, target_id=entry_id, kind=kind, actor=session.actor
        )


def _named(session: Session, document_id: UUID) -> Document:
    only = None if may_see_all(session) else session.actor.principal_id
    return document_by_id(session.conn, session.book, document_id, of=only)
