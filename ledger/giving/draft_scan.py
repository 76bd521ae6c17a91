"""The scan that a draft names: looked for when it is named and when it is posted, and attached to what it became."""

from uuid import UUID

from sqlalchemy import Connection

from ledger import typeid
from ledger.books.model import Actor, Book
from ledger.documents.attachment import attach_document
from ledger.documents.store import DocumentNotFound, document_by_id
from ledger.errors import Fault, IdMalformed
from ledger.giving.draft_body import Body, Scan
from ledger.giving.errors import DraftRefused


def check_naming(conn: Connection, book: Book, body: Body, kept: Body, *, only: Actor | None) -> None:
    """See that a document that a body names anew is the book's and, with ``only``, that this principal sent it in.

    Raises:
        DocumentNotFound: it is none that they may name.
    """
    named = body.get("document")
    if not isinstance(named, str) or named == kept.get("document"):
        return
    try:
        document_id = typeid.decode(typeid.DOCUMENT, named.strip())
    except IdMalformed:
        return  # it is kept as it was typed, like all of a draft, and found to be none when the draft is looked at
    document_by_id(conn, book, document_id, of=None if only is None else only.principal_id)


def check_scan(conn: Connection, book: Book, scan: Scan | None) -> None:
    """See that a draft's scan is still there.

    Raises:
        DraftRefused: it was erased meanwhile.
    """
    if scan is None:
        return
    try:
        document_by_id(conn, book, scan.document_id)
    except DocumentNotFound as gone:
        raise DraftRefused([Fault(code=gone.code, field="document")]) from gone


def attach_scan(conn: Connection, book: Book, scan: Scan | None, entry_id: UUID, *, actor: Actor) -> None:
    """Attach a scan to the entry that was posted with it."""
    if scan is not None:
        attach_document(conn, book, scan.document_id, target_id=entry_id, kind=scan.kind, actor=actor)
