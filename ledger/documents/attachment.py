"""Attach documents to what happened in a book, for good: each by a leaf that commits to the document's hash.

A document is never taken off again. One that was attached by mistake is disowned, by a leaf that says so and seals why:
it stays where it is, marked as wrong, and may be erased, since it is no voucher's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from audit.columns import plain_array
from ledger import typeid
from ledger.books.event import record_event
from ledger.books.model import Actor, Book
from ledger.books.tables import insert_row
from ledger.documents.kind import KINDS
from ledger.documents.store import document_by_id
from ledger.errors import FieldRefused, LedgerError, RuleRefused
from ledger.text import clean_text

REASON_LENGTH_MAX: Final = 500

_TARGET: Final = text("""\
SELECT type = 'entry' FROM soquy.audit_entry
WHERE tenant_id = :tenant_id AND book_id = :book_id AND event_id = :target_id""")

_SAME: Final = text("""\
SELECT a.event_id FROM soquy.attachment AS a
LEFT JOIN soquy.attachment_disowning AS x ON x.tenant_id = a.tenant_id AND x.attachment_id = a.event_id
WHERE a.tenant_id = :tenant_id AND a.target_id = :target_id AND a.document_id = :document_id AND a.kind = :kind
    AND x.event_id IS NULL
ORDER BY a.event_id LIMIT 1""")

_LIST: Final = text("""\
SELECT a.event_id, a.target_id, a.is_entry, a.kind, a.document_id, a.recorded_at, d.name, d.media_type, d.byte_size,
    d.page_count, x.event_id IS NOT NULL AS is_disowned
FROM soquy.attachment AS a
LEFT JOIN soquy.attachment_disowning AS x ON x.tenant_id = a.tenant_id AND x.attachment_id = a.event_id
LEFT JOIN vault.document AS d ON d.tenant_id = a.tenant_id AND d.document_id = a.document_id
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.target_id = ANY (CAST(:target_ids AS uuid[]))
ORDER BY a.target_id, a.event_id
LIMIT 1000""")

_OWNED: Final = text("""\
SELECT x.event_id IS NOT NULL FROM soquy.attachment AS a
LEFT JOIN soquy.attachment_disowning AS x ON x.tenant_id = a.tenant_id AND x.attachment_id = a.event_id
WHERE a.tenant_id = :tenant_id AND a.book_id = :book_id AND a.event_id = :attachment_id""")


class EventNotFound(LedgerError):
    """Nothing of this id happened in the book."""

    code = "event_not_found"


class AttachmentNotFound(LedgerError):
    """The book has no such attachment."""

    code = "attachment_not_found"


class AttachmentDisowned(LedgerError):
    """It was disowned before."""

    code = "attachment_disowned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document where it is attached; what it is called is ``None`` when it was erased, or lost with a database."""

    event_id: UUID
    target_id: UUID
    is_entry: bool
    kind: str
    document_id: UUID | None
    recorded_at: datetime
    is_disowned: bool
    name: str | None
    media_type: str | None
    byte_size: int | None
    page_count: int | None


def attach_document(
    conn: Connection, book: Book, document_id: UUID, *, target_id: UUID, kind: str, actor: Actor
) -> UUID:
    """Attach a document to an entry or another event of the book; return the id of the attaching event.

    The same document attached to the same again, as the same kind, is the attachment there was.

    Raises:
        DocumentNotFound: the book has no such document.
        EventNotFound: nothing of this id happened in the book.
        FieldRefused: another kind.
    """
    if kind not in KINDS:
        raise FieldRefused(field="kind", rule="attachment_kind_check")
    document = document_by_id(conn, book, document_id)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "target_id": target_id}
    is_entry = conn.execute(_TARGET, place).scalar()
    if is_entry is None:
        raise EventNotFound
    known: UUID | None = conn.execute(_SAME, {**place, "document_id": document_id, "kind": kind}).scalar()
    if known is not None:
        return known
    target = typeid.encode(typeid.ENTRY if is_entry else typeid.EVENT, target_id)
    documents = [(kind, document.sha256.hex())]
    event_id = record_event(conn, book, "document.attached", {"event": target}, actor=actor, documents=documents)
    row = {**place, "event_id": event_id, "is_entry": is_entry, "kind": kind, "document_id": document_id}
    insert_row(conn, "attachment", row)
    return event_id


def disown_attachment(conn: Connection, book: Book, attachment_id: UUID, *, reason: str, actor: Actor) -> UUID:
    """Say that a document was attached by mistake; why is sealed. Return the id of the event.

    Raises:
        AttachmentNotFound: the book has none of this id.
        AttachmentDisowned: it was disowned before.
        TextRefused: there is no reason.
    """
    reason = clean_text(reason, field="reason", length_max=REASON_LENGTH_MAX)
    place = {"tenant_id": book.tenant_id, "book_id": book.book_id, "attachment_id": attachment_id}
    is_disowned = conn.execute(_OWNED, place).scalar()
    if is_disowned is None:
        raise AttachmentNotFound
    if is_disowned:
        raise AttachmentDisowned
    payload = {"attached": typeid.encode(typeid.EVENT, attachment_id)}
    event_id = record_event(conn, book, "document.disowned", payload, actor=actor, private={"reason": reason})
    try:
        insert_row(conn, "attachment_disowning", {**place, "event_id": event_id})
    except RuleRefused as refused:
        if refused.fields.get("rule") != "attachment_disowning_pk":
            raise
        raise AttachmentDisowned from refused
    return event_id


def attachments_of(conn: Connection, book: Book, target_ids: Collection[UUID]) -> list[Attachment]:
    """Return what is attached to entries and other events of a book, the wrong ones too."""
    asked = {"tenant_id": book.tenant_id, "book_id": book.book_id, "target_ids": plain_array(target_ids)}
    return [Attachment(**row) for row in conn.execute(_LIST, asked).mappings()]
